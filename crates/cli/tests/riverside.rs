//! The worked example: check says of it what its README says, in words and in rows.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::read_to_string;

use common::{ran, riverside, root, rows};

const MAP: [&str; 2] = ["--concept-map", "examples/riverside/icd10-to-snomed.json"];

/// A column of expected rows ends where ours go on: at `evidence`.
fn same_rows(expected: &str, columns: usize, arguments: &[&str]) {
    let ran = ran(riverside().args(["--format", "csv"]).args(arguments));
    assert_eq!(ran.status, 0, "{}", ran.err);
    let expected = read_to_string(root().join("examples/riverside").join(expected)).unwrap();
    let cut = |line: &str| line.split(',').take(columns).collect::<Vec<_>>().join(",");
    let ours: Vec<String> = ran.out.lines().map(cut).collect();
    let theirs: Vec<String> = expected.lines().map(cut).collect();
    assert_eq!(ours, theirs);
}

#[test]
fn the_rows_are_those_worked_out_by_hand() {
    same_rows("expected.csv", 10, &[]);
    same_rows("expected-verdicts.csv", 10, &["--rows", "verdicts"]);
}

#[test]
fn with_the_map_of_codes_too() {
    same_rows("expected-with-map.csv", 10, &MAP);
    same_rows("expected-verdicts-with-map.csv", 10, &[&["--rows", "verdicts"][..], &MAP[..]].concat());
}

fn readme() -> String {
    read_to_string(root().join("examples/riverside/README.md")).unwrap()
}

/// Cells of a table's rows that begin with `| ` and what `is_row` takes.
fn table(text: &str, is_row: impl Fn(&str) -> bool) -> Vec<Vec<String>> {
    let lines = text.lines().filter(|line| line.starts_with("| ") && is_row(line));
    lines.map(|line| line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()).collect()
}

fn in_backticks(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The words in bold.
fn bold(text: &str) -> Vec<String> {
    text.split("**").skip(1).step_by(2).map(str::to_owned).collect()
}

/// The patients of the README by their numbers: the names of their records.
fn patients() -> BTreeMap<String, Vec<String>> {
    let rows = table(&readme(), |line| {
        line.contains("Patient/") && line.chars().nth(2).is_some_and(|letter| letter.is_ascii_digit())
    });
    assert_eq!(rows.len(), 20);
    rows.into_iter().map(|cells| (cells[0].clone(), in_backticks(&cells[4]))).collect()
}

#[test]
fn every_story_is_found() {
    let findings = rows(&ran(riverside().args(["--format", "ndjson"])).out);
    let (readme, patients) = (readme(), patients());
    let stories: Vec<&str> = readme.split("\n### ").skip(1).collect();
    let mut told = 0;
    for story in stories {
        let Some((number, _)) = story.split_once(". ") else { continue };
        let Some(records) = patients.get(number) else { continue };
        let said =
            story.lines().find(|line| line.starts_with("- Findings") || line.starts_with("- Verdicts and findings"));
        let words: BTreeSet<String> =
            bold(said.unwrap_or_else(|| panic!("story {number} says no findings"))).into_iter().collect();
        let found: BTreeSet<String> = findings
            .iter()
            .filter(|row| records.iter().any(|record| row["patient"] == record.as_str()))
            .map(|row| row["finding"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(found, words, "story {number}");
        told += 1;
    }
    assert_eq!(told, 20);
}

#[test]
fn the_table_of_all_findings_is_right() {
    let readme = readme();
    let (_, after) = readme.split_once("## All the findings").unwrap();
    let told = table(after, |line| line.contains("Patient/"));
    let or_null = |cell: &str| if cell == "–" { String::new() } else { cell.to_owned() };
    let found = rows(&ran(riverside().args(["--format", "ndjson"])).out);
    assert_eq!(found.len(), told.len());
    for (row, cells) in found.iter().zip(told) {
        let text = |column: &str| row[column].as_str().unwrap_or_default().to_owned();
        let holders: Vec<&str> = row["holders"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        assert_eq!(vec![text("patient")], in_backticks(&cells[0]));
        assert_eq!(text("need"), or_null(cells[1].trim_matches('`')));
        for (column, cell) in [("duty", 2), ("finding", 3), ("severity", 4), ("since", 6), ("until", 7)] {
            assert_eq!(text(column), or_null(&cells[cell]), "{column} of {row}");
        }
        assert_eq!(holders, in_backticks(&cells[5]));
    }
}

#[test]
fn the_worst_come_first() {
    let ran = ran(&mut riverside());
    let people: Vec<&str> = ran
        .out
        .lines()
        .skip_while(|line| !line.starts_with("FELL THROUGH"))
        .filter_map(|line| line.get(..4)?.trim().parse::<u8>().ok().and(line.get(4..)))
        .map(|line| line.split(' ').next().unwrap())
        .take(7)
        .collect();
    assert_eq!(people, ["Posy", "Cosmo", "Barnaby", "Ravi", "Solomon", "Marisol", "Kezia"]);
    for figure in ["FELL THROUGH  7 people", "NOBODY IS RECORDED  3 people", "TO WATCH  5 people"] {
        assert!(ran.out.contains(figure), "{figure}");
    }
}

#[test]
fn the_reading_report_says_what_the_readme_says() {
    let document: serde_json::Value = serde_json::from_str(&ran(riverside().args(["--format", "json"])).out).unwrap();
    let report = &document["report"];
    for (key, expected) in [
        ("persons", 20),
        ("duplicates", 1),
        ("dangling", 1),
        ("linked", 21),
        ("clashes", 0),
        ("merged", 1),
        ("open_at_death", 1),
        ("malformed", 0),
    ] {
        assert_eq!(report[key], expected, "{key}");
    }
    assert_eq!(report["types"]["Patient"]["resources"], 36);
    let unused: Vec<&String> = report["unused"].as_object().unwrap().keys().collect();
    assert_eq!(unused, ["Observation", "RelatedPerson"]);
}

#[test]
fn the_method_says_how_the_figures_came_about() {
    let document: serde_json::Value =
        serde_json::from_str(&ran(riverside().args(MAP).args(["--format", "json"])).out).unwrap();
    let method = &document["method"];
    assert_eq!(method["as_of"], "2026-03-02T09:00:00Z");
    assert_eq!(method["timezone"], "Europe/London");
    assert!(method["configuration"][1].as_str().unwrap().contains("icd10-to-snomed.json"));
    let sources: Vec<&str> =
        method["sources"].as_array().unwrap().iter().map(|one| one["source"].as_str().unwrap()).collect();
    assert_eq!(sources, ["adults", "childrens", "surgery"]);
    for input in method["inputs"].as_array().unwrap() {
        assert_eq!(input["sha256"].as_str().map(str::len), Some(64), "{input}");
    }
}

#[test]
fn text_is_as_it_was_reviewed() {
    insta::assert_snapshot!("text", ran(&mut riverside()).out);
}

#[test]
fn text_with_marks_is_as_it_was_reviewed() {
    let folder = tempfile::tempdir().unwrap();
    let earlier = folder.path().join("earlier.ndjson");
    let mut before = common::answerable();
    before.args(["check", "--config", "examples/riverside/check.toml", "--timezone", "Europe/London"]);
    before.args(["--as-of", "2026-02-02T09:00:00Z", "--format", "ndjson", "--with-names", "--output"]).arg(&earlier);
    assert_eq!(ran(&mut before).status, 0);
    let decisions = common::file(
        &folder,
        "decisions.toml",
        concat!(
            "[[decision]]\nfinding = \"7c18e9f148c28869\"\nstate = \"working\"\n",
            "why = \"Dr Hale-Sample has asked for a first appointment\"\nby = \"Ngozi Adeyemi\"\nuntil = 2026-04-06\n",
            "[[decision]]\nfinding = \"f9ae1abd270de34b\"\nstate = \"accepted\"\n",
            "why = \"a locum covers\"\nby = \"Ngozi Adeyemi\"\nuntil = 2026-02-20\n",
            "[[decision]]\nfinding = \"0123456789abcdef\"\nstate = \"accepted\"\n",
            "why = \"moved away\"\nby = \"Ngozi Adeyemi\"\nuntil = 2026-05-01\n",
        ),
    );
    let ran = ran(riverside().arg("--since").arg(&earlier).arg("--decisions").arg(&decisions));
    assert_eq!(ran.status, 0, "{}", ran.err);
    let (before_reading, _) = ran.out.split_once("WHAT WAS READ").unwrap();
    insta::assert_snapshot!("text_with_marks", before_reading);
}

/// Every claim that decides a verdict is in the explanation of its patient, as one that decides.
#[test]
fn explain_names_the_claims_that_decided() {
    let verdicts = rows(&ran(riverside().args(["--format", "ndjson", "--rows", "verdicts"])).out);
    assert!(verdicts.len() > 20);
    for row in verdicts {
        let explained = ran(riverside().args(["--explain", row["patient"].as_str().unwrap()])).out;
        // Sentences run over lines; each claim begins one with its rule.
        let text = explained.split_whitespace().collect::<Vec<_>>().join(" ");
        for (rule, evidence) in row["rules"].as_array().unwrap().iter().zip(row["evidence"].as_array().unwrap()) {
            let (rule, evidence) = (rule.as_str().unwrap(), evidence.as_str().unwrap());
            let decides = text.split(&format!(" {rule} ")).skip(1).any(|claim| {
                let end = claim.find("This decides").unwrap_or(0);
                claim[..end].contains(evidence)
            });
            assert!(decides, "{rule} by {evidence} of {row}:\n{explained}");
        }
    }
}
