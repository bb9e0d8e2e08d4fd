//! What people decided about findings: read strictly, kept to its date, never out of the counts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

mod riverside;

use std::path::PathBuf;

use answerable_check::{Format, Marks, Names, RowKind};
use riverside::{AS_OF, check, findings, london, marked, text, write};
use tempfile::TempDir;

const ID: &str = "3f0c9a52d1b84e67";

fn file(folder: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn toml(finding: &str, state: &str, until: &str) -> String {
    format!(
        "[[decision]]\nfinding = \"{finding}\"\nstate = \"{state}\"\nwhy = \"because\"\nby = \"Ngozi\"\nuntil = {until}\n"
    )
}

#[test]
fn a_decided_finding_stays_in_rows_and_counts() {
    let folder = tempfile::tempdir().unwrap();
    let before = findings(&check(AS_OF));
    let (first, second) = (text(&before[0], "id"), text(&before[5], "id"));
    let all = toml(first, "working", "2026-03-23")
        + &toml(second, "accepted", "2026-03-02")
        + &toml(ID, "working", "2026-04-01");
    let all = all + &toml("00000000000000aa", "accepted", "2026-03-01");
    let csv = format!(
        "finding,state,why,by,until\r\n{first},working,because,Ngozi,2026-03-23\r\n{second},accepted,because,Ngozi,2026-03-02\r\n\
         {ID},working,because,Ngozi,2026-04-01\r\n00000000000000aa,accepted,because,Ngozi,2026-03-01\r\n"
    );
    for path in [file(&folder, "decisions.toml", &all), file(&folder, "DECISIONS.CSV", &csv)] {
        let check = marked(AS_OF, None, Some(&path));
        let rows = findings(&check);
        let decided: Vec<[&str; 5]> = rows
            .iter()
            .filter(|row| !row["state"].is_null())
            .map(|row| ["id", "state", "why", "by", "decided_until"].map(|column| text(row, column)))
            .collect();
        assert_eq!(
            decided,
            [
                [first, "working", "because", "Ngozi", "2026-03-23"],
                [second, "accepted", "because", "Ngozi", "2026-03-02"]
            ]
        );
        let bare = rows.iter().cloned().map(|mut row| {
            ["state", "why", "by", "decided_until"].iter().for_each(|column| drop(row.remove(*column)));
            row
        });
        assert_eq!(bare.collect::<Vec<_>>(), before);
        let (_, outcome) = write(&check, Format::Csv, RowKind::Findings, Names::Without);
        assert_eq!(outcome.summary.decided, [1, 1]);
        assert_eq!(outcome.summary.severities.iter().sum::<u64>(), before.len() as u64);
        let idle: Vec<String> = check.marks.idle_decisions().into_iter().map(|(id, _)| id).collect();
        assert_eq!(idle, [ID]);
        let expired: Vec<&str> = check.marks.expired.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(expired, ["00000000000000aa"]);
    }
}

#[test]
fn a_decision_holds_to_the_end_of_its_day_where_the_people_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "decisions.toml", &toml(ID, "working", "2026-07-01"));
    for (as_of, expired) in [
        ("2026-06-30T09:00:00Z", 0),
        ("2026-07-01T22:59:59.999999Z", 0),
        // British summer time: the day ends an hour before that of UTC.
        ("2026-07-01T23:00:00Z", 1),
        ("2026-08-01T09:00:00Z", 1),
    ] {
        let as_of = london().read(as_of).unwrap().first;
        let marks = Marks::load(None, Some(&path), as_of, &london()).unwrap();
        assert_eq!((marks.expired.len(), marks.idle_decisions().len()), (expired, 1 - expired), "{as_of:?}");
    }
}

#[test]
fn what_is_no_decision_is_refused_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let good = toml(ID, "working", "2026-04-06");
    let header = "finding,state,why,by,until\n";
    let row = format!("{ID},working,because,Ngozi,2026-04-06\n");
    for (name, content, said) in [
        ("a.toml", good.replace(ID, "3f0c"), "line 2: `finding` is `3f0c`; a finding is named by its id"),
        ("a.toml", good.replace(ID, "+f0c9a52d1b84e67"), "line 2: `finding` is"),
        ("a.toml", good.replace("working", "done"), "line 3: `state` is `done`; it is `accepted` or `working`"),
        ("a.toml", good.replace("because", " "), "line 4: `why` is empty; say why it was decided"),
        ("a.toml", good.replace("Ngozi", ""), "line 5: `by` is empty; say who decided"),
        ("a.toml", good.replace("2026-04-06", "\"2026-02-30\""), "line 6: `until` is `2026-02-30`; it is the last day"),
        ("a.toml", good.replace("2026-04-06", "\"2026-04\""), "line 6: `until` is `2026-04`"),
        ("a.toml", good.replace("2026-04-06", "2026-04-06T09:00:00Z"), "line 6: `until` is `2026-04-06T09:00:00Z`"),
        ("a.toml", good.replace("until = 2026-04-06", ""), "line 1: missing field `until`"),
        ("a.toml", good.clone() + "note = \"x\"\n", "line 7: unknown field `note`"),
        ("a.toml", good.replace("[[decision]]", "[[decisions]]"), "line 1: unknown field `decisions`"),
        (
            "a.toml",
            good.clone() + "\n" + &good,
            "line 9: there is a decision about finding `3f0c9a52d1b84e67` on line 2 already",
        ),
        ("a.toml", good.replace("until = ", "until : "), "line 6: "),
        ("a.csv", row.clone(), "line 1: the first line must be `finding,state,why,by,until`"),
        ("a.csv", "finding,state,why,by,until,note\n".to_owned(), "line 1: the first line has more than"),
        ("a.csv", format!("{header}{}", row.replace("because", "a, b")), "line 2: it has 6 fields, not 5"),
        ("a.csv", format!("{header}{row}\n{row}"), "line 4: there is a decision about finding"),
        ("a.csv", format!("{header}{}", row.replace("2026-04-06", "06/04/2026")), "line 2: `until` is `06/04/2026`"),
        ("a.csv", format!("{header}{}", row.replace(ID, "3.01E+15")), "import it as text into a spreadsheet"),
        ("a.csv", format!("{header}{}", row.replace("because", "")), "line 2: `why` is empty"),
        ("a.txt", good.clone(), "is no file of decisions by its name; call it .toml or .csv"),
    ] {
        let path = file(&folder, name, &content);
        let error = Marks::load(None, Some(&path), london().read(AS_OF).unwrap().first, &london()).unwrap_err();
        assert!(error.is_usage() && error.to_string().contains(said), "{content}\n{error}");
    }
    // An empty file is no decision, and a date in quotes is one.
    for text in ["", "# nothing yet\n", &good.replace("2026-04-06", "\"2026-04-06\"")] {
        let path = file(&folder, "a.toml", text);
        assert!(Marks::load(None, Some(&path), london().read(AS_OF).unwrap().first, &london()).is_ok(), "{text}");
    }
}
