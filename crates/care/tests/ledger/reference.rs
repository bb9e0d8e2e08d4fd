//! `docs/reference/commands.md` says what the code declares: fields, who may ask, refusals in order, events.
//!
//! Its tables are made here. `UPDATE_REFERENCE=1 cargo test -p answerable-care --test ledger` writes them anew.

use std::fmt::Write as _;
use std::path::PathBuf;

use answerable_care::ledger::command::{AskerKind, Line, lines};
use answerable_care::ledger::event::Kind;
use answerable_care::ledger::field::{Described, Shape};
use answerable_care::ledger::refusal::Refusal;

const INTRODUCTION: &str = include_str!("reference-begins.txt");

/// Sections, each with the command that it begins with.
const SECTIONS: [(&str, &str); 5] = [
    ("Directory", "register_organisation"),
    ("Need", "open_need"),
    ("Handover", "offer"),
    ("Contributors", "delegate"),
    ("Telling, and the clock", "tell_patient"),
];

/// The refusals that every command may meet, which stand before its own.
fn of_every_command() -> Vec<Refusal> {
    let last = Refusal::ALL.iter().position(|one| *one == Refusal::AlreadyExists).unwrap();
    Refusal::ALL[..=last].to_vec()
}

fn shape(of: &Shape) -> String {
    match of {
        Shape::Id { of, is_new: false } => format!("{of} id"),
        Shape::Id { of, is_new: true } => format!("new {of} id"),
        Shape::Text => "text".to_owned(),
        Shape::Instant => "instant".to_owned(),
        Shape::Date => "date".to_owned(),
        Shape::Within => "length".to_owned(),
        Shape::Whole(first, last) => format!("{first} to {last}"),
        Shape::True => "true".to_owned(),
        Shape::Code(words) => words.join(", "),
        Shape::List { of, may_be_empty: true } => format!("[{}], may be empty", shape(of)),
        Shape::List { of, may_be_empty: false } => format!("[{}]", shape(of)),
        Shape::Record(fields) => format!("{{{}}}", fields.iter().map(described).collect::<Vec<_>>().join("; ")),
        Shape::Either(shapes) => shapes.iter().map(shape).collect::<Vec<_>>().join(" or "),
        Shape::Optional(of) => shape(of),
        Shape::OrNull(of) => format!("{} or null", shape(of)),
    }
}

fn described(field: &Described) -> String {
    let mark = if matches!(field.shape, Shape::Optional(_)) { "?" } else { "" };
    format!("`{}`{mark} {}", field.name, shape(&field.shape))
}

fn who(line: &Line) -> String {
    let kinds: Vec<&str> = line.who.iter().map(|kind: &AskerKind| kind.as_str()).collect();
    let late = if line.may_be_late { "; may be late" } else { "" };
    format!("{}{late}", kinds.join(", "))
}

fn codes<T: Copy>(of: &[T], word: impl Fn(T) -> &'static str) -> String {
    let words: Vec<String> = of.iter().map(|one| format!("`{}`", word(*one))).collect();
    if words.is_empty() { "none".to_owned() } else { words.join(" · ") }
}

/// The page, as the code has it.
fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    page.push_str("\n## Refusals of every command, in this order, before its own\n\n| refusal | what is wrong; what to do next |\n|---|---|\n");
    let common = of_every_command();
    for refusal in &common {
        let _ = writeln!(page, "| `{refusal}` | {} |", refusal.message());
    }
    for line in lines() {
        if let Some((section, _)) = SECTIONS.iter().find(|(_, first)| *first == line.of) {
            let _ = writeln!(page, "\n## {section}");
        }
        let _ = write!(page, "\n### {}\n\n{}\n\n", line.of, line.says);
        for field in &line.fields {
            let _ = writeln!(page, "- {}", described(field));
        }
        let _ =
            writeln!(page, "\nAsked by {}. Its own refusals: {}.", who(&line), codes(line.refusals, Refusal::as_str));
        let _ = writeln!(page, "Events: {}.", codes(line.events, Kind::as_str));
    }
    page.push_str("\n## Other refusals\n\n| refusal | what is wrong; what to do next |\n|---|---|\n");
    for refusal in Refusal::ALL.iter().filter(|refusal| !common.contains(refusal)) {
        let _ = writeln!(page, "| `{refusal}` | {} |", refusal.message());
    }
    page.push_str("\n## Events\n\nBeside `event` and `at`. A null is left out.\n\n| event | what happened | fields |\n|---|---|---|\n");
    for kind in Kind::ALL {
        let fields: Vec<String> = kind.fields().iter().map(described).collect();
        let _ = writeln!(page, "| `{}` | {} | {} |", kind.as_str(), kind.says(), fields.join("; "));
    }
    page
}

#[test]
fn the_reference_of_commands_says_what_the_code_declares() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/commands.md");
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = written.lines().zip(page().lines().map(str::to_owned)).find(|(is, must)| is != must);
    assert!(written == page(), "docs/reference/commands.md is not what the code declares: {differs:?}");
}

#[test]
fn every_refusal_is_of_a_command() {
    let common = of_every_command();
    let of_commands: Vec<Refusal> = lines().iter().flat_map(|line| line.refusals.to_vec()).collect();
    for refusal in Refusal::ALL {
        assert!(common.contains(refusal) || of_commands.contains(refusal), "no command is refused {refusal}");
    }
    let given: Vec<Kind> = lines().iter().flat_map(|line| line.events.to_vec()).collect();
    for kind in Kind::ALL {
        assert!(given.contains(kind), "no command gives {}", kind.as_str());
    }
}
