//! The product against the naive judge on random small records: the same rows and the same counts.
//!
//! `SEEDS=20000 cargo test --test second_opinion` judges more of them; a failure names its seed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

mod common;
mod naive;

use std::io::Write;

use serde_json::Value;

/// Counts of the reading report that both know.
const COUNTS: [(&str, &str); 14] = [
    ("resources", "resources"),
    ("duplicates", "duplicates"),
    ("malformed", "malformed"),
    ("passed_over", "passed_over"),
    ("no_subject", "no_subject"),
    ("dangling", "dangling"),
    ("undated", "undated"),
    ("closed_unknown", "closed_unknown"),
    ("linked", "linked"),
    ("clashes", "clashes"),
    ("merged", "merged"),
    ("crossed", "cross_patient"),
    ("circles", "merge_circles"),
    ("participants", "participants_left_out"),
];

fn of_values(sources: &[(Option<String>, Vec<Value>)], as_of: &str, zone: &str) -> naive::Rows {
    let folder = tempfile::tempdir().unwrap();
    let mut inputs = Vec::new();
    for (index, (name, values)) in sources.iter().enumerate() {
        let path = folder.path().join(format!("{index}.ndjson"));
        let mut file = std::fs::File::create(&path).unwrap();
        values.iter().for_each(|value| writeln!(file, "{value}").unwrap());
        inputs.push(match name {
            Some(name) => format!("{name}={}", path.display()).into(),
            None => path.into_os_string(),
        });
    }
    let mut check = common::check(inputs, as_of, zone, answerable_check::Settings::default());
    check.threads = 1;
    common::rows(&check.rows().unwrap())
}

#[test]
fn both_say_the_same() {
    let seeds: u64 = std::env::var("SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(1500);
    let first: u64 = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0);
    let mut different = 0;
    for seed in first..first + seeds {
        let records = naive::random::records(seed);
        let expected = naive::judge_values(&records.sources, &records.as_of, &records.tz, None);
        let found = of_values(&records.sources, &records.as_of, &records.tz);
        let mut differences = Vec::new();
        for (kind, expected, found) in [
            ("verdicts", &expected.verdicts, &found.verdicts),
            ("timeline", &expected.timeline, &found.timeline),
            ("findings", &expected.findings, &found.findings),
        ] {
            let text = |row: &naive::Row| Value::Object(row.clone()).to_string();
            for row in expected.iter().filter(|row| !found.contains(row)) {
                differences.push(format!("{kind} lacks {}", text(row)));
            }
            for row in found.iter().filter(|row| !expected.contains(row)) {
                differences.push(format!("{kind} has   {}", text(row)));
            }
            if differences.is_empty() && expected != found {
                differences.push(format!("{kind} are in another order"));
            }
        }
        for (naive, count) in COUNTS {
            let (expected, found) = (expected.report[naive], found.report[count]);
            if expected != found {
                differences.push(format!("{count} is {found}, not {expected}"));
            }
        }
        if !differences.is_empty() {
            different += 1;
            if different <= 8 {
                println!("seed {seed}, as of {} {}:\n  {}", records.as_of, records.tz, differences.join("\n  "));
            }
        }
    }
    assert_eq!(different, 0, "of {seeds} records, from seed {first}");
}

/// Prints the records of `SEED` and what could not be read of them: `cargo test one_seed -- --ignored --nocapture`.
#[test]
#[ignore = "a tool to look at one seed"]
fn one_seed() {
    let seed: u64 = std::env::var("SEED").unwrap().parse().unwrap();
    let records = naive::random::records(seed);
    for (name, values) in &records.sources {
        println!("source {name:?}");
        values.iter().for_each(|value| println!("{value}"));
    }
    let folder = tempfile::tempdir().unwrap();
    let mut inputs: Vec<std::ffi::OsString> = Vec::new();
    for (index, (name, values)) in records.sources.iter().enumerate() {
        let path = folder.path().join(format!("{index}.ndjson"));
        std::fs::write(&path, values.iter().map(|value| format!("{value}\n")).collect::<String>()).unwrap();
        inputs.push(name.as_ref().map_or(path.clone().into(), |name| format!("{name}={}", path.display()).into()));
    }
    let check = common::check(inputs, &records.as_of, &records.tz, answerable_check::Settings::default());
    println!("{:#}", check.rows().unwrap()["report"]);
}

/// The two agree on real and synthetic records of others, where those lie beside the checkout.
#[test]
fn both_say_the_same_of_sample_data() {
    let beside = || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let data = std::env::var_os("ANSWERABLE_DATA").map_or_else(beside, std::path::PathBuf::from);
    if !data.is_dir() {
        assert!(std::env::var_os("ANSWERABLE_REQUIRE_DATA").is_none(), "there is no sample data at {}", data.display());
        println!("skipped: there is no sample data at {}", data.display());
        return;
    }
    for (folder, as_of) in [
        ("chronic-care/ckd", "2021-01-01"),
        ("chronic-care/mae", "2021-01-01"),
        ("chronic-care/veterans", "2021-01-01"),
        ("r4-examples", "2016-01-01"),
        ("synthea-children/bundles-collection", "2025-06-01"),
    ] {
        let path = data.join(folder);
        let expected = naive::judge(&[(None, path.clone())], as_of, "UTC", None);
        let check = common::check(vec![path.into()], as_of, "UTC", answerable_check::Settings::default());
        let found = common::rows(&check.rows().unwrap());
        assert_eq!(expected.verdicts, found.verdicts, "{folder}");
        assert_eq!(expected.findings, found.findings, "{folder}");
        assert_eq!(expected.timeline, found.timeline, "{folder}");
        for (naive, count) in COUNTS {
            // The naive judge counts references of resources that are passed over; the product doesn't read these.
            let is_comparable = count != "dangling" || found.report["no_subject"] == 0;
            assert!(!is_comparable || expected.report[naive] == found.report[count], "{folder}: {count}");
        }
    }
}
