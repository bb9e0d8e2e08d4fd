//! Every rule's number stands where it is implemented and where it is tested, so that a search finds both.

use std::collections::BTreeSet;

use crate::lexer::{Kind, parts};
use crate::{Complaint, File, files, has_word, none, only};

/// The numbers that docs/reference/rules.md defines: in headings, and in the second column of its table of claims.
fn defined(rules: &str) -> BTreeSet<String> {
    let headings = rules.lines().filter_map(|line| line.strip_prefix("### ")?.split(' ').next());
    let rows = rules.lines().filter_map(|line| line.strip_prefix('|')?.split('|').nth(1).map(str::trim));
    headings.chain(rows).filter(|word| is_number(word)).map(str::to_owned).collect()
}

/// A letter, a digit, and perhaps a small letter.
fn is_number(word: &str) -> bool {
    match *word.as_bytes() {
        [letter, digit] => matches!(letter, b'N' | b'C') && digit.is_ascii_digit(),
        [letter, digit, small] => matches!(letter, b'N' | b'C') && digit.is_ascii_digit() && small.is_ascii_lowercase(),
        _ => false,
    }
}

/// In code a number counts where a comment says it; in tests anywhere.
fn uncited(numbers: &BTreeSet<String>, files: &[File]) -> Vec<Complaint> {
    let mut comments = String::new();
    for file in files.iter().filter(|file| file.is_product()) {
        for part in parts(&file.text).iter().filter(|part| part.kind == Kind::Comment) {
            comments.push_str(part.text);
            comments.push('\n');
        }
    }
    let tests: Vec<&str> = files.iter().filter(|file| file.is_test()).map(|file| file.text.as_str()).collect();
    let mut complaints = Vec::new();
    for number in numbers {
        if !has_word(&comments, number) {
            complaints.push(format!("{number} stands in no comment of crates/*/src"));
        }
        if !tests.iter().any(|test| has_word(test, number)) {
            complaints.push(format!("{number} stands in no test"));
        }
    }
    complaints
}

#[test]
fn every_rule_is_cited_in_code_and_in_a_test() {
    let files = files();
    let rules = files.iter().find(|file| file.path == "docs/reference/rules.md").unwrap();
    let numbers = defined(&rules.text);
    let known =
        ["N1", "N1a", "N2", "N3", "N4", "C1", "C2", "C3", "C3a", "C3b", "C4", "C5", "C6", "C7", "C7a", "C8", "C9"];
    assert_eq!(numbers, known.map(str::to_owned).into(), "the rules of docs/reference/rules.md");
    none(&uncited(&numbers, &files));
}

#[test]
fn a_rule_that_is_cited_nowhere_is_noticed() {
    let rules = "### N1 A condition\n\nN9 is none.\n\n| basis | rule | from |\n|---|---|---|\n| lead | C3a | plan |\n";
    let numbers = defined(rules);
    assert_eq!(numbers, ["C3a", "N1"].map(str::to_owned).into());
    let code = |text| File::new("crates/care/src/a.rs", text);
    let test = |text| File::new("crates/care/tests/a.rs", text);
    none(&uncited(&numbers, &[code("// N1, C3a\n"), test("\"C3a\" \"N1\"")]));
    only(
        &uncited(&numbers, &[code("// N1, C3\nlet a = C3a;\n"), test("C3a")]),
        &["C3a stands in no comment", "N1 stands in no test"],
    );
}
