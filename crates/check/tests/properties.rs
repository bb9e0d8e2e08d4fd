//! What must hold whatever the records are: how they are written, cut up, packed or read changes not a byte of the
//! rows. The records are the naive judge's random ones; a failure names its seed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

mod common;
mod naive;

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};

use answerable_check::{Check, Settings};
use naive::random::{Records, records};
use serde_json::{Value, json};

const SEEDS: u64 = 150;

/// One file for each source, a resource a line.
fn write_lines(folder: &Path, sources: &[(Option<String>, Vec<Value>)]) -> Vec<OsString> {
    let lines = |values: &[Value]| values.iter().map(|value| format!("{value}\n")).collect::<String>();
    write_files(folder, sources, |values| vec![("all.ndjson".to_owned(), lines(values).into_bytes())])
}

/// Whatever files `pack` makes of each source.
fn write_files(
    folder: &Path,
    sources: &[(Option<String>, Vec<Value>)],
    pack: impl Fn(&[Value]) -> Vec<(String, Vec<u8>)>,
) -> Vec<OsString> {
    let mut inputs = Vec::new();
    for (index, (name, values)) in sources.iter().enumerate() {
        let place: PathBuf = folder.join(index.to_string());
        std::fs::create_dir_all(&place).unwrap();
        for (file, bytes) in pack(values) {
            std::fs::write(place.join(file), bytes).unwrap();
        }
        let path = place.display();
        inputs.push(name.as_ref().map_or_else(|| path.to_string().into(), |name| format!("{name}={path}").into()));
    }
    inputs
}

fn check_of(records: &Records, inputs: Vec<OsString>) -> Check {
    let mut check = common::check(inputs, &records.as_of, &records.tz, Settings::default());
    check.threads = 1;
    check
}

/// All rows as text.
fn rows(check: &Check) -> String {
    let document = check.rows().unwrap();
    format!("{}\n{}\n{}", document["findings"], document["verdicts"], document["timeline"])
}

/// For many seeds: the rows of the records as they come, and of a variant of them, are the same.
fn same(what: &str, variant: impl Fn(&Records, &Path) -> Option<String>) {
    let mut tried = 0;
    for seed in 0..SEEDS {
        let records = records(seed);
        let folder = tempfile::tempdir().unwrap();
        let expected = rows(&check_of(&records, write_lines(&folder.path().join("plain"), &records.sources)));
        if let Some(found) = variant(&records, &folder.path().join("variant")) {
            tried += 1;
            assert_eq!(expected, found, "seed {seed}: {what}");
        }
    }
    assert!(tried > SEEDS / 3, "{what}: only {tried} seeds could be tried");
}

#[test]
fn the_number_of_threads_changes_nothing() {
    same("threads", |records, folder| {
        let mut check = check_of(records, write_lines(folder, &records.sources));
        check.threads = 3;
        Some(rows(&check))
    });
}

#[test]
fn the_memory_bound_changes_nothing() {
    same("memory", |records, folder| {
        let mut check = check_of(records, write_lines(folder, &records.sources));
        // Nearly everything goes to temporary files.
        check.memory_bytes = 120_000;
        Some(rows(&check))
    });
}

#[test]
fn the_order_of_input_changes_nothing() {
    same("order", |records, folder| {
        let mut turned = records.sources.clone();
        turned.iter_mut().for_each(|(_, values)| values.reverse());
        turned.reverse();
        let check = check_of(records, write_lines(folder, &turned));
        // Of duplicates the one read later counts, so there order matters.
        let document = check.rows().unwrap();
        (document["report"]["duplicates"] == 0).then(|| rows(&check))
    });
}

#[test]
fn how_files_are_cut_changes_nothing() {
    same("splitting", |records, folder| {
        let pack = |values: &[Value]| {
            let of = |(index, value): (usize, &Value)| (format!("{index:05}.json"), format!("{value:#}").into_bytes());
            values.iter().enumerate().map(of).collect()
        };
        Some(rows(&check_of(records, write_files(folder, &records.sources, pack))))
    });
}

#[test]
fn compression_changes_nothing() {
    same("compression", |records, folder| {
        let pack = |values: &[Value]| {
            let (one, other) = values.split_at(values.len() / 2);
            let text = |values: &[Value]| values.iter().map(|value| format!("{value}\r\n")).collect::<String>();
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            gzip.write_all(text(one).as_bytes()).unwrap();
            let zstd = zstd::encode_all(text(other).as_bytes(), 1).unwrap();
            vec![("a.ndjson.gz".to_owned(), gzip.finish().unwrap()), ("b.ndjson.zst".to_owned(), zstd)]
        };
        Some(rows(&check_of(records, write_files(folder, &records.sources, pack))))
    });
}

#[test]
fn a_bundle_changes_nothing() {
    same("Bundle", |records, folder| {
        let is_resource = |value: &Value| value["resourceType"].as_str().is_some_and(|kind| kind != "Bundle");
        if !records.sources.iter().flat_map(|(_, values)| values).all(is_resource) {
            return None;
        }
        let pack = |values: &[Value]| {
            let entries: Vec<Value> = values.iter().map(|value| json!({"resource": value})).collect();
            let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": entries});
            vec![("bundle.json".to_owned(), bundle.to_string().into_bytes())]
        };
        Some(rows(&check_of(records, write_files(folder, &records.sources, pack))))
    });
}

/// Makes `Type/id` an absolute URL of a version.
fn absolute(value: &mut Value) {
    match value {
        Value::Object(fields) => fields.iter_mut().for_each(|(name, value)| match value {
            Value::String(text) if name == "reference" => {
                let is_plain = text.split('/').count() == 2 && !text.contains(['#', '?', ':']);
                if is_plain {
                    *text = format!("https://fhir.example/base/r4/{text}/_history/3");
                }
            }
            _ => absolute(value),
        }),
        Value::Array(items) => items.iter_mut().for_each(absolute),
        _ => {}
    }
}

#[test]
fn the_form_of_references_changes_nothing() {
    same("references", |records, folder| {
        let mut sources = records.sources.clone();
        sources.iter_mut().flat_map(|(_, values)| values).for_each(absolute);
        Some(rows(&check_of(records, write_lines(folder, &sources))))
    });
}

#[test]
fn an_unrelated_patient_changes_nothing_for_the_others() {
    same("another patient", |records, folder| {
        let mut sources = records.sources.clone();
        sources[0].1.extend([
            json!({"resourceType": "Patient", "id": "unrelated"}),
            json!({"resourceType": "CarePlan", "id": "unrelated", "status": "active", "intent": "plan",
                "subject": {"reference": "Patient/unrelated"}, "period": {"start": "2010-01-01"}}),
        ]);
        let check = check_of(records, write_lines(folder, &sources));
        let mut document = check.rows().unwrap();
        let mut texts = Vec::new();
        for kind in ["findings", "verdicts", "timeline"] {
            let list = document[kind].as_array_mut().unwrap();
            let before = list.len();
            list.retain(|row| !row["patient"].as_str().unwrap().ends_with("Patient/unrelated"));
            assert!(list.len() < before, "the unrelated patient has rows of their own");
            texts.push(document[kind].to_string());
        }
        Some(texts.join("\n"))
    });
}

/// 400 years are 146,097 days, after which the calendar is the same again, months and all.
fn later(value: &mut Value) {
    match value {
        Value::Object(fields) => fields.iter_mut().for_each(|(name, value)| match value {
            Value::String(text) if name != "id" && name != "value" && name != "reference" => {
                let year =
                    text.get(..4).and_then(|year| year.parse::<u32>().ok()).filter(|year| (1900..2100).contains(year));
                let is_date = text.len() == 4 || text.as_bytes().get(4) == Some(&b'-');
                if let Some(year) = year.filter(|_| is_date) {
                    text.replace_range(..4, &(year + 400).to_string());
                }
            }
            _ => later(value),
        }),
        Value::Array(items) => items.iter_mut().for_each(later),
        _ => {}
    }
}

#[test]
fn shifting_all_dates_shifts_the_rows_alike() {
    let mut tried = 0;
    for seed in 0..SEEDS {
        let mut records = records(seed);
        if records.tz != "UTC" {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let expected = check_of(&records, write_lines(&folder.path().join("plain"), &records.sources)).rows().unwrap();
        records.sources.iter_mut().flat_map(|(_, values)| values).for_each(later);
        let mut as_of = json!({"as": records.as_of});
        later(&mut as_of);
        records.as_of = as_of["as"].as_str().unwrap().to_owned();
        let found = check_of(&records, write_lines(&folder.path().join("later"), &records.sources)).rows().unwrap();
        for kind in ["findings", "verdicts", "timeline"] {
            let mut expected = expected[kind].clone();
            later(&mut expected);
            let without_message = |rows: &Value| {
                let mut rows = rows.clone();
                rows.as_array_mut().unwrap().iter_mut().for_each(|row| {
                    row.as_object_mut().unwrap().remove("message");
                });
                rows
            };
            assert_eq!(without_message(&expected), without_message(&found[kind]), "seed {seed}: {kind}");
        }
        tried += 1;
    }
    assert!(tried > SEEDS / 4);
}

/// Of each duty: its segments stand side by side, neighbours differ, and the verdict now is the last one's unless it
/// changed at that very instant.
#[test]
fn timelines_tile_and_agree_with_verdicts() {
    for seed in 0..SEEDS {
        let records = records(seed);
        let folder = tempfile::tempdir().unwrap();
        let document = check_of(&records, write_lines(folder.path(), &records.sources)).rows().unwrap();
        let timeline = document["timeline"].as_array().unwrap();
        let key = |row: &Value| (row["patient"].clone(), row["need"].clone(), row["duty"].clone());
        let state = |row: &Value| (row["verdict"].clone(), row["basis"].clone(), row["holders"].clone());
        for pair in timeline.windows(2).filter(|pair| key(&pair[0]) == key(&pair[1])) {
            let touches = pair[0]["end"] == pair[1]["start"];
            assert!(pair[0]["end"].as_str() <= pair[1]["start"].as_str(), "seed {seed}: {pair:?}");
            assert!(!touches || state(&pair[0]) != state(&pair[1]), "seed {seed}: {pair:?}");
        }
        for verdict in document["verdicts"].as_array().unwrap() {
            let last = timeline.iter().rfind(|row| key(row) == key(verdict));
            if let Some(last) = last.filter(|last| last["start"] == verdict["since"]) {
                assert_eq!(state(last), state(verdict), "seed {seed}");
            }
        }
    }
}
