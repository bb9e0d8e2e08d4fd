//! Limits and bans on source: lengths, HTML in strings, what was left lying, exceptions without a reason.

use std::collections::BTreeMap;

use crate::lexer::{Kind, parts};
use crate::{Complaint, File, files, none, only};

/// Past this a file is two ideas.
const LINES_MAX: usize = 600;

/// As rustfmt has it; it leaves strings and comments alone.
const COLUMNS_MAX: usize = 120;

/// What is unfinished, was left from looking for a bug, or switches a test off.
const LEFT_LYING: [&str; 7] = ["todo!", "unimplemented!", "dbg!", "FIXME", "TODO", "XXX", "#[ignore]"];

/// Elements of a page: their tags belong in templates.
const ELEMENTS: [&str; 22] = [
    "a", "body", "button", "details", "div", "dl", "form", "h1", "h2", "h3", "head", "html", "li", "main", "ol", "p",
    "section", "span", "style", "svg", "table", "ul",
];

fn lengths(file: &File) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let lines = file.text.lines().count();
    if lines > LINES_MAX {
        complaints.push(format!("{}: {lines} lines; past {LINES_MAX} it is two ideas", file.path));
    }
    let data = if file.is_test() { columns_of_strings(&file.text) } else { BTreeMap::new() };
    for (number, line) in (1..).zip(file.text.lines()) {
        let columns = line.chars().count() - data.get(&number).copied().unwrap_or(0);
        // An address can't be broken, nor the row of a table.
        let is_whole = line.contains("https://") || line.contains("//! |") || line.contains("/// |");
        if columns > COLUMNS_MAX && !is_whole {
            complaints.push(format!("{}:{number}: {columns} columns; {COLUMNS_MAX} at most", file.path));
        }
    }
    complaints
}

/// How much of each line is in strings: in tests these are data, a line of NDJSON each.
fn columns_of_strings(text: &str) -> BTreeMap<usize, usize> {
    let mut columns = BTreeMap::new();
    for part in parts(text).iter().filter(|part| part.kind == Kind::Text) {
        for (number, line) in (part.line..).zip(part.text.lines()) {
            *columns.entry(number).or_default() += line.chars().count();
        }
    }
    columns
}

fn pages(file: &File) -> Vec<Complaint> {
    let strings = parts(&file.text).into_iter().filter(|part| part.kind == Kind::Text);
    let is_tag = |text: &str| {
        text.match_indices('<').any(|(at, _)| {
            let rest = text.get(at + 1..).unwrap_or("").trim_start_matches('/');
            let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            ELEMENTS.contains(&name) && after.starts_with([' ', '>', '/', '\\', '\n'])
        })
    };
    strings
        .filter(|part| is_tag(part.text))
        .map(|part| format!("{}:{}: HTML in a string; it belongs in a template", file.path, part.line))
        .collect()
}

fn left_lying(file: &File) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for part in parts(&file.text).iter().filter(|part| part.kind != Kind::Text) {
        for (number, line) in part.text.lines().enumerate() {
            for word in LEFT_LYING.iter().filter(|word| line.contains(**word)) {
                complaints.push(format!("{}:{}: `{word}` was left lying", file.path, part.line + number));
            }
        }
    }
    complaints
}

/// Folders of somebody's machine, put together here so that this file has none.
fn machines(file: &File) -> Vec<Complaint> {
    let folders = [["/ho", "me/"], ["/ro", "ot/"], ["/Us", "ers/"], ["/wo", "rk/"], [":\\Us", "ers\\"]];
    let mut complaints = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        for folder in folders.map(|folder| folder.concat()) {
            let is_path = line.match_indices(&folder).any(|(at, _)| {
                let before = line.get(..at).unwrap_or("");
                !before.ends_with(|letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '}' | '>' | '-'))
            });
            if is_path {
                complaints.push(format!("{}:{}: `{folder}` is a path of a machine", file.path, number + 1));
            }
        }
    }
    complaints
}

fn reasons(file: &File) -> Vec<Complaint> {
    // Strings are parts of their own, and their text isn't looked at: only that `reason =` stands there.
    let all = parts(&file.text);
    let code: String = all
        .iter()
        .map(|part| match part.kind {
            Kind::Code => part.text.to_owned(),
            Kind::Comment | Kind::Text => "\n".repeat(part.text.matches('\n').count()),
        })
        .collect();
    let mut complaints = Vec::new();
    for opening in ["#[expect(", "#[allow(", "#![expect(", "#![allow("] {
        for (at, _) in code.match_indices(opening) {
            let rest = code.get(at..).unwrap_or("");
            let attribute = rest.split(")]").next().unwrap_or(rest);
            if !attribute.contains("reason =") {
                let line = code.get(..at).unwrap_or("").matches('\n').count() + 1;
                complaints.push(format!("{}:{line}: `{opening}…` gives no reason", file.path));
            }
        }
    }
    complaints
}

fn of_each(choose: impl Fn(&File) -> bool, check: impl Fn(&File) -> Vec<Complaint>) -> Vec<Complaint> {
    files().iter().filter(|file| choose(file)).flat_map(check).collect()
}

#[test]
fn files_and_lines_have_a_limit() {
    none(&of_each(File::is_rust, lengths));
    only(&lengths(&File::new("long.rs", &"a\n".repeat(601))), &["601 lines"]);
    only(&lengths(&File::new("wide.rs", &format!("a\n{}\n", "é".repeat(121)))), &["wide.rs:2: 121 columns"]);
    let data = format!("a(\"{}\");\n", "b".repeat(200));
    only(&lengths(&File::new("crates/a/src/lib.rs", &data)), &["lib.rs:1: 206 columns"]);
    none(&lengths(&File::new("crates/a/tests/b.rs", &data)));
    none(&lengths(&File::new("right.rs", &format!("{}\n", "é".repeat(120)).repeat(600))));
}

#[test]
fn pages_are_in_templates() {
    none(&of_each(File::is_product, pages));
    let bad = "fn a() -> &str {\n    \"<div class=\\\"b\\\">\"\n}\nfn c() { d(\"</table>\") }\n";
    only(&pages(&File::new("a.rs", bad)), &["a.rs:2", "a.rs:4"]);
    none(&pages(&File::new("a.rs", "/// <div>\nlet a = \"a <b and c> d, <https://a>\"; let b: Vec<p> = c;")));
}

#[test]
fn nothing_is_left_lying() {
    let is_rust_elsewhere = |file: &File| file.is_rust() && !file.path.starts_with("xtask/tests/tidy/");
    none(&of_each(is_rust_elsewhere, left_lying));
    let bad = "fn a() {\n    todo!()\n}\n// FIXME: later\n#[ignore]\nfn b() { dbg!(\"todo!\") }\n";
    only(&left_lying(&File::new("a.rs", bad)), &["a.rs:2: `todo!`", "a.rs:4: `FIXME`", "a.rs:5", "a.rs:6: `dbg!`"]);
}

#[test]
fn no_path_is_of_a_machine() {
    none(&of_each(|_| true, machines));
    let bad = ["see /ho", "me/ada/notes\n`/wo", "rk/main`\nhttps://example.org/ho", "me/\n../ho", "me/\n"].concat();
    only(&machines(&File::new("a.md", &bad)), &["a.md:1", "a.md:2"]);
}

#[test]
fn exceptions_have_reasons() {
    none(&of_each(File::is_rust, reasons));
    let bad = concat!(
        "#[expect(clippy::panic)]\nfn a() {}\n#[allow(\n    dead_code,\n    reason = \"because\"\n)]\nfn b() {}\n",
        "// #[allow(x)]\n#![allow(unused, clippy::unwrap_used)]\n"
    );
    only(&reasons(&File::new("a.rs", bad)), &["a.rs:1: `#[expect", "a.rs:9: `#![allow"]);
}
