//! The summary for people: what stands where.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

use std::fmt::Write;

use answerable_check::{Calendar, Check, Format, Meter, Names, Output, Paper, RowKind, Settings};

/// The summary of what these lines say, as of 2 March 2026.
fn text(lines: &str, width: usize) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.ndjson");
    std::fs::write(&path, lines).unwrap();
    let mut check = Check::new(Settings::default(), Calendar::utc());
    check.as_of = check.calendar.read("2026-03-02").unwrap().first;
    check.inputs = vec![path.into()];
    let output = Output {
        format: Format::Text,
        rows: RowKind::Findings,
        names: Names::Without,
        paper: Paper { width },
        timezone: "UTC".to_owned(),
    };
    let mut bytes = Vec::new();
    check.report(&output, &Meter::default(), |_| {}, &mut bytes).unwrap();
    plain(&String::from_utf8(bytes).unwrap())
}

/// Without colours.
fn plain(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    parts.for_each(|part| plain.push_str(part.split_once('m').unwrap().1));
    plain
}

/// A referral of each of so many patients, that nobody took for two months.
fn waiting(patients: usize) -> String {
    let mut lines = String::new();
    for number in 0..patients {
        writeln!(
            lines,
            r#"{{"resourceType":"ServiceRequest","id":"r{number}","status":"active","intent":"order","subject":{{"reference":"Patient/p{number}"}},"authoredOn":"2026-01-01","performerType":{{"text":"clinic"}},"requester":{{"reference":"Practitioner/d"}}}}"#,
        )
        .unwrap();
    }
    lines
}

/// A plan of each of so many patients, that nobody is recorded for.
fn unheld(patients: usize) -> String {
    let mut lines = String::new();
    for number in 0..patients {
        writeln!(
            lines,
            r#"{{"resourceType":"CarePlan","id":"c{number}","status":"active","intent":"plan","subject":{{"reference":"Patient/q{number}"}},"period":{{"start":"2026-01-01"}}}}"#,
        )
        .unwrap();
    }
    lines
}

#[test]
fn at_most_twenty_patients_and_the_rest_counted() {
    for (patients, rest) in [(20, None), (21, Some("And 1 more person:")), (50, Some("And 30 more people:"))] {
        let text = text(&waiting(patients), 100);
        let (_, fell) = text.split_once("FELL THROUGH").unwrap();
        let (fell, _) = fell.split_once("NOBODY IS RECORDED").unwrap();
        assert_eq!(fell.matches("This referral was sent on 1 January 2026, 60 days ago").count(), 20);
        assert!(fell.starts_with(&format!("  {patients} people, worst first")), "{fell}");
        match rest {
            None => assert!(!fell.contains("And "), "{fell}"),
            Some(rest) => assert!(fell.contains(rest), "{fell}"),
        }
    }
}

#[test]
fn fell_and_blank_are_never_added_up() {
    let text = text(&format!("{}{}", waiting(3), unheld(4)), 100);
    assert!(
        text.contains("3 of 7 people with open needs fell through. For 4 of 7 open needs nobody is recorded."),
        "{text}"
    );
    assert!(
        text.contains("FELL THROUGH  3 people, worst first") && text.contains("NOBODY IS RECORDED  4 people"),
        "{text}"
    );
    let (_, fell) = text.split_once("FELL THROUGH").unwrap();
    let (fell, blank) = fell.split_once("NOBODY IS RECORDED").unwrap();
    assert!(!fell.contains("Patient/q") && !fell.contains("unheld"), "{fell}");
    let (blank, _) = blank.split_once("TO WATCH").unwrap();
    assert!(blank.contains("4  unheld") && !blank.contains("in-flight"), "{blank}");
}

#[test]
fn types_not_read_are_said() {
    let text = text(&unheld(1), 100);
    let (_, read) = text.split_once("WHAT WAS READ").unwrap();
    assert!(
        read.contains(
            "Not one was read of Patient, Practitioner, PractitionerRole, Organization, Condition, CareTeam,"
        ),
        "{read}"
    );
}

#[test]
fn that_nobody_fell_is_said_with_care() {
    let text = text(&unheld(1), 100);
    assert!(text.contains("None of 1 person with an open need fell through, as far as these records tell."), "{text}");
}

#[test]
fn lines_fit_the_paper() {
    for width in [40, 60, 100] {
        let text = text(&format!("{}{}", waiting(3), unheld(4)), width);
        let (people, _) = text.split_once("WHAT WAS READ").unwrap();
        let longest = people.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(longest <= width, "{longest} letters on {width}:\n{people}");
    }
}
