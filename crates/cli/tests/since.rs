//! One Monday and the next: what is new, what is still there, what was resolved.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

mod common;

use std::collections::BTreeSet;

use common::{answerable, file, ran, rows};
use serde_json::Value;

/// A plan without anybody, and one that a person wrote.
const MONDAYS: [&str; 2] = [
    concat!(
        r#"{"resourceType":"CarePlan","id":"stays","status":"active","intent":"plan","period":{"start":"2026-01-01"},"#,
        r#""subject":{"reference":"Patient/amy"}}"#,
        "\n",
        r#"{"resourceType":"CarePlan","id":"ends","status":"active","intent":"plan","period":{"start":"2026-01-01"},"#,
        r#""subject":{"reference":"Patient/amy"}}"#,
        "\n",
    ),
    concat!(
        r#"{"resourceType":"CarePlan","id":"stays","status":"active","intent":"plan","period":{"start":"2025-06-01"},"#,
        r#""title":"Renamed, earlier begun","subject":{"reference":"Patient/amy"}}"#,
        "\n",
        r#"{"resourceType":"CarePlan","id":"begins","status":"active","intent":"plan","period":{"start":"2026-01-03"},"#,
        r#""subject":{"reference":"Patient/amy"}}"#,
        "\n",
    ),
];

fn run(folder: &tempfile::TempDir, monday: usize, arguments: &[&str]) -> Vec<Value> {
    let export = file(folder, &format!("monday{monday}.ndjson"), MONDAYS[monday]);
    let as_of = ["2026-02-02", "2026-02-09"][monday];
    let mut command = answerable();
    command.args(["check", "--as-of", as_of, "--format", "ndjson"]).args(arguments).arg(export);
    let ran = ran(&mut command);
    assert_eq!(ran.status, 0, "{}", ran.err);
    rows(&ran.out)
}

#[test]
fn new_still_and_resolved() {
    let folder = tempfile::tempdir().unwrap();
    let earlier = folder.path().join("earlier.rows");
    run(&folder, 0, &["--output", earlier.to_str().unwrap()]);
    let now = run(&folder, 1, &["--since", earlier.to_str().unwrap()]);
    let told: Vec<[&str; 3]> =
        now.iter().map(|row| ["need", "finding", "change"].map(|column| row[column].as_str().unwrap_or("-"))).collect();
    assert_eq!(
        told,
        [
            ["-", "voiceless", "still"],
            ["CarePlan/begins", "unheld", "new"],
            ["CarePlan/stays", "unheld", "still"],
            ["CarePlan/ends", "unheld", "resolved"],
        ]
    );
}

#[test]
fn an_id_survives_all_but_its_patient_need_duty_and_kind() {
    let folder = tempfile::tempdir().unwrap();
    let id = |rows: &[Value], need: &str| {
        rows.iter().find(|row| row["need"] == need).unwrap_or_else(|| panic!("{need}"))["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    // Another title, another since, another message, another run.
    let (then, now) = (run(&folder, 0, &[]), run(&folder, 1, &[]));
    assert_ne!(then[2]["message"], now[2]["message"]);
    assert_eq!(id(&then, "CarePlan/stays"), id(&now, "CarePlan/stays"));
    let all: BTreeSet<String> = then.iter().chain(&now).map(|row| row["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(all.len(), 4, "each of its own: of the patient, and of three plans");
}
