//! Run over run: what is new, what is still there, what was resolved; and ids, which all of it hangs on.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

mod riverside;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use answerable_check::{Calendar, Format, Instant, Marks, Names, RowKind};
use riverside::{AS_OF, Row, check, findings, lines, marked, text, write};
use tempfile::TempDir;

/// Half a year before, so that much differs.
const EARLIER: &str = "2025-09-01T09:00:00Z";

const FORMATS: [Format; 4] = [Format::Ndjson, Format::Csv, Format::Parquet, Format::Json];

fn file(folder: &TempDir, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn ids(rows: &[Row]) -> BTreeSet<&str> {
    rows.iter().map(|row| text(row, "id")).collect()
}

fn key(row: &Row) -> [&str; 4] {
    ["patient", "need", "duty", "finding"].map(|column| text(row, column))
}

#[test]
fn every_format_of_an_earlier_run_gives_the_same_marks() {
    let folder = tempfile::tempdir().unwrap();
    let (then, now) = (findings(&check(EARLIER)), findings(&check(AS_OF)));
    let (then_ids, now_ids) = (ids(&then), ids(&now));
    assert!(then_ids.intersection(&now_ids).count() > 5, "a test of nothing");
    assert!(then_ids.difference(&now_ids).count() > 5, "a test of nothing");
    for format in FORMATS {
        let (bytes, _) = write(&check(EARLIER), format, RowKind::Findings, Names::Without);
        let check = marked(AS_OF, Some(&file(&folder, "earlier", bytes)), None);
        let (bytes, outcome) = write(&check, Format::Ndjson, RowKind::Findings, Names::Without);
        let rows = lines(&bytes);
        let (current, resolved) = rows.split_at(now.len());
        for (row, unmarked) in current.iter().zip(&now) {
            let change = if then_ids.contains(text(row, "id")) { "still" } else { "new" };
            let mut expected = unmarked.clone();
            expected.insert("change".to_owned(), change.into());
            assert_eq!(row, &expected, "{format:?}");
        }
        let expected = then.iter().filter(|row| !now_ids.contains(text(row, "id"))).map(|row| {
            let mut row = row.clone();
            row.insert("change".to_owned(), "resolved".into());
            row
        });
        assert_eq!(resolved, expected.collect::<Vec<_>>(), "{format:?}");
        assert_eq!(check.marks.resolved_count(), resolved.len() as u64);
        let still = then_ids.intersection(&now_ids).count() as u64;
        assert_eq!(outcome.summary.changes, [now.len() as u64 - still, still]);
    }
}

#[test]
fn every_format_writes_the_resolved_last() {
    let folder = tempfile::tempdir().unwrap();
    let (bytes, _) = write(&check(EARLIER), Format::Ndjson, RowKind::Findings, Names::With);
    let earlier = file(&folder, "earlier.ndjson", bytes);
    let run = |format, rows| write(&marked(AS_OF, Some(&earlier), None), format, rows, Names::With).0;
    let rows = lines(&run(Format::Ndjson, RowKind::Findings));
    let count = rows.iter().filter(|row| text(row, "change") == "resolved").count();
    assert!(count > 5 && rows[rows.len() - count..].iter().all(|row| text(row, "change") == "resolved"));
    assert!(rows[rows.len() - count..].iter().any(|row| !text(row, "patient_name").is_empty()));

    let document: serde_json::Value = serde_json::from_slice(&run(Format::Json, RowKind::Verdicts)).unwrap();
    let listed: Vec<Row> = ["findings", "resolved"]
        .iter()
        .flat_map(|key| document[key].as_array().unwrap())
        .map(|row| row.as_object().unwrap().clone())
        .collect();
    assert_eq!(listed, rows);

    let csv = String::from_utf8(run(Format::Csv, RowKind::Findings)).unwrap();
    assert_eq!(csv.lines().rev().take_while(|line| line.contains(",resolved,")).count(), count);

    // Rows of another kind have nothing that could be resolved.
    let verdicts = |check| write(&check, Format::Ndjson, RowKind::Verdicts, Names::Without).0;
    assert_eq!(verdicts(marked(AS_OF, Some(&earlier), None)), verdicts(check(AS_OF)));
}

#[test]
fn the_resolved_are_of_one_run_only() {
    let folder = tempfile::tempdir().unwrap();
    let run = |as_of: &str, earlier: Option<PathBuf>| {
        let (bytes, _) =
            write(&marked(as_of, earlier.as_deref(), None), Format::Csv, RowKind::Findings, Names::Without);
        file(&folder, "run.csv", bytes)
    };
    let second = run(AS_OF, Some(run(EARLIER, None)));
    assert!(std::fs::read_to_string(&second).unwrap().contains(",resolved"));
    let third = marked(AS_OF, Some(&second), None);
    assert!(findings(&third).iter().all(|row| text(row, "change") == "still"));
    assert_eq!(third.marks.resolved_count(), 0);
}

#[test]
fn rows_without_ids_or_in_another_order_will_do() {
    let folder = tempfile::tempdir().unwrap();
    let (bytes, _) = write(&check(EARLIER), Format::Ndjson, RowKind::Findings, Names::Without);
    let expected = findings(&marked(AS_OF, Some(&file(&folder, "whole", &bytes)), None));
    let mut rows = lines(&bytes);
    rows.reverse();
    let rows = rows.into_iter().map(|mut row| {
        assert!(row.remove("id").is_some());
        format!("{}\r\n\n", serde_json::Value::Object(row))
    });
    let other = file(&folder, "other", format!("\u{feff}\n{}", rows.collect::<String>()));
    assert_eq!(findings(&marked(AS_OF, Some(&other), None)), expected);
}

#[test]
fn a_document_on_one_line_or_many_is_told_from_rows() {
    let folder = tempfile::tempdir().unwrap();
    let (bytes, _) = write(&check(EARLIER), Format::Json, RowKind::Findings, Names::Without);
    let expected = findings(&marked(AS_OF, Some(&file(&folder, "as-written", &bytes)), None));
    let document: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    for text in [document.to_string(), serde_json::to_string_pretty(&document).unwrap()] {
        assert_eq!(findings(&marked(AS_OF, Some(&file(&folder, "again", text)), None)), expected);
    }
}

#[test]
fn an_earlier_run_may_have_found_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for nothing in ["", "\n", "patient,need,duty,finding\n", r#"{"schema": "1.0", "findings": []}"#] {
        let check = marked(AS_OF, Some(&file(&folder, "nothing", nothing)), None);
        assert!(findings(&check).iter().all(|row| text(row, "change") == "new"), "{nothing}");
    }
}

#[test]
fn what_is_no_earlier_run_is_refused_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let row = r#"{"patient":"Patient/a","need":"Condition/b","duty":"overall","finding":"unheld"}"#;
    for (content, said) in [
        ("some words\n", "line 1: it has no columns patient, need, duty and finding"),
        ("patient,need,duty,verdict\nPatient/a,,,held\n", "line 1: it has no columns"),
        ("patient,need,duty,finding\nPatient/a,,\n", "line 2: it has 3 fields, not 4"),
        (
            "patient,need,duty,finding\nPatient/a,,,voiceless\nPatient/b,,,voyceless\n",
            "line 3: `finding` is `voyceless`",
        ),
        (r#"{"resourceType":"Patient","id":"a"}"#, "line 1: it has no `patient` or no `finding`"),
        (
            r#"{"patient":"Patient/a","need":"Condition/b","duty":"overall","verdict":"held"}"#,
            "no `patient` or no `finding`",
        ),
        (&format!("{row}\n{{\"patient\": 3}}\n"), "line 2: it is no row of findings: invalid type"),
        (&format!("{row}\n\n{row}\n"), "line 3: finding `"),
        (&format!("{row}\n{}", &row[..30]), "line 2: it is no row of findings: EOF"),
        (&row.replace('}', r#","id":"3f0c"}"#), "line 1: `id` is `3f0c`"),
        (&row.replace('}', r#","since":"yesterday"}"#), "line 1: `since`: `yesterday` is no date"),
        ("{\"schema\":\"1.0\",\n\"verdicts\":[]}", "it has no `findings`"),
        ("{\"schema\":\"2.3\",\n\"findings\":[]}", "its rows are of schema 2.3, and this program compares those of 1."),
        ("{\n\"findings\":[{\"patient\": \"Patient/a\"}]}", "1. of `findings`: it has no `patient` or no `finding`"),
        ("{\n\"findings\":\n 7}", "line 3: it is no row of findings: invalid type"),
        ("PAR1 and then nothing of the kind", "it can't be read as Parquet"),
    ] {
        let path = file(&folder, "earlier", content);
        let error = Marks::load(Some(&path), None, Instant(0), &Calendar::utc()).unwrap_err();
        assert!(error.is_usage() && error.to_string().contains(said), "{content}\n{error}");
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    }
    let error = Marks::load(Some(&folder.path().join("none")), None, Instant(0), &Calendar::utc()).unwrap_err();
    assert!(error.is_usage() && error.to_string().starts_with("can't read the earlier run"), "{error}");
}

/// The id of a finding by its definition: FNV-1a over patient, need, duty and finding, each ended by 0xff, or 0xfe
/// alone
/// where there is none.
fn id(row: &Row) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for column in ["patient", "need", "duty", "finding"] {
        let part = row[column].as_str();
        for byte in part.unwrap_or_default().bytes().chain([if part.is_some() { 0xff } else { 0xfe }]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}

#[test]
fn ids_are_of_patient_need_duty_and_finding_and_of_nothing_else() {
    let mut seen: BTreeMap<String, [String; 4]> = BTreeMap::new();
    for (index, as_of) in
        ["2023-05-01", "2024-11-30", "2025-09-01", "2026-01-15", AS_OF, "2027-06-01"].iter().enumerate()
    {
        let mut check = check(as_of);
        check.threads = 1 + index % 3;
        check.memory_bytes = 64 << 20;
        for row in findings(&check) {
            assert_eq!(text(&row, "id"), id(&row));
            let key = key(&row).map(str::to_owned);
            let first = seen.entry(id(&row)).or_insert_with(|| key.clone());
            assert_eq!(*first, key, "two findings have one id");
        }
    }
    assert!(seen.len() > 50, "a test of nothing");
}

/// People have ids in files that they keep. If this fails, the major version of the schema is to be raised.
#[test]
fn ids_never_change() {
    let row = serde_json::json!({"patient": "adults/Patient/88", "need": "adults/Condition/7", "duty": null, "finding": "in-flight"});
    assert_eq!(id(row.as_object().unwrap()), "399682947ce69579");
}
