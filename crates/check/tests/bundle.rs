//! Findings as a FHIR Bundle, of the example and of every conformance page. `cargo xtask validate` gives what this
//! leaves in the target folder to a validator.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

mod common;
mod naive;
mod riverside;

use std::collections::BTreeSet;
use std::path::PathBuf;

use answerable_check::{Check, Format, Names, RowKind};
use riverside::{AS_OF, findings, marked, text, write};
use serde_json::Value;

/// Writes a check's findings as a Bundle into the folder of Bundles, and gives it.
fn bundle(name: &str, check: &Check) -> Value {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bundles");
    std::fs::create_dir_all(&folder).unwrap();
    let (bytes, _) = write(check, Format::Fhir, RowKind::Findings, Names::Without);
    std::fs::write(folder.join(format!("{name}.json")), &bytes).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn entries(bundle: &Value) -> Vec<&Value> {
    bundle["entry"].as_array().into_iter().flatten().collect()
}

/// Each entry has what the row of its finding has.
fn is_of(bundle: &Value, check: &Check) {
    let rows = findings(check);
    let entries = entries(bundle);
    assert_eq!(entries.len(), rows.len());
    assert_eq!(bundle["type"], "collection");
    let urls: BTreeSet<&str> = entries.iter().map(|entry| entry["fullUrl"].as_str().unwrap()).collect();
    assert_eq!(urls.len(), entries.len(), "two entries have one URL");
    for (entry, row) in entries.iter().zip(&rows) {
        let issue = &entry["resource"];
        let severity = match text(row, "severity") {
            "error" => "high",
            "warning" => "moderate",
            _ => "low",
        };
        assert_eq!(issue["id"], row["id"]);
        assert_eq!(issue["severity"], severity);
        assert_eq!(issue["code"]["coding"][0]["code"], row["finding"]);
        assert_eq!(issue["detail"], row["message"]);
        assert_eq!(name(&issue["patient"]), &row["patient"]);
        assert_eq!(name(&issue["implicated"][0]), &row["need"]);
        assert_eq!(issue["identifiedPeriod"]["start"], row["since"]);
        assert_eq!(issue["identifiedPeriod"]["end"], row["until"]);
        let evidence = issue["evidence"][0]["detail"].as_array().unwrap();
        let evidence: BTreeSet<&str> = evidence.iter().map(|one| name(one).as_str().unwrap()).collect();
        let of_row = row["evidence"].as_array().unwrap().iter().chain([&row["need"]]);
        assert_eq!(evidence, of_row.filter_map(Value::as_str).collect());
    }
}

/// The name that a reference has in rows.
fn name(reference: &Value) -> &Value {
    if reference["reference"].is_null() { &reference["identifier"]["value"] } else { &reference["reference"] }
}

#[test]
fn the_example_as_a_bundle() {
    let check = riverside::check(AS_OF);
    let bundle = bundle("riverside", &check);
    assert!(entries(&bundle).len() > 20, "a test of nothing");
    is_of(&bundle, &check);
}

#[test]
fn every_conformance_page_as_a_bundle() {
    let conformance = common::conformance();
    for name in common::pages(&conformance) {
        let page = naive::pages::read(&conformance.join(&name));
        let check = common::check_of_page(&page, &conformance);
        is_of(&bundle(name.trim_end_matches(".md"), &check), &check);
    }
}

#[test]
fn marks_are_tags_and_decisions_mitigate() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (earlier, _) = write(&riverside::check("2025-09-01"), Format::Ndjson, RowKind::Findings, Names::Without);
    std::fs::write(path("earlier.ndjson"), earlier).unwrap();
    let id = riverside::findings(&riverside::check(AS_OF))[0]["id"].as_str().unwrap().to_owned();
    let decisions = format!("finding,state,why,by,until\n{id},working,\"phoned, & waits\",Ngozi,2026-04-06\n");
    std::fs::write(path("decisions.csv"), decisions).unwrap();
    let check = marked(AS_OF, Some(&path("earlier.ndjson")), Some(&path("decisions.csv")));
    let bundle = bundle("riverside-marked", &check);
    let changes = |wanted: &str| {
        let has = |entry: &&&Value| entry["resource"]["meta"]["tag"][0]["code"] == wanted;
        entries(&bundle).iter().filter(has).map(|entry| entry["resource"]["status"].clone()).collect::<Vec<_>>()
    };
    let (new, still, resolved) = (changes("new"), changes("still"), changes("resolved"));
    assert!(!new.is_empty() && !still.is_empty() && !resolved.is_empty(), "a test of nothing");
    assert_eq!(new.len() + still.len() + resolved.len(), entries(&bundle).len());
    assert!(new.iter().chain(&still).all(|status| status == "final"));
    assert!(resolved.iter().all(|status| status == "cancelled"));
    assert_eq!(check.marks.resolved_count(), resolved.len() as u64);
    let all = entries(&bundle);
    let decided: Vec<_> = all.iter().filter(|entry| !entry["resource"]["mitigation"].is_null()).collect();
    assert_eq!(decided.len(), 1);
    let mitigation = &decided[0]["resource"]["mitigation"][0];
    assert_eq!(decided[0]["resource"]["id"], id);
    assert_eq!(mitigation["action"]["text"], "working until 2026-04-06: phoned, & waits");
    assert_eq!(mitigation["author"]["display"], "Ngozi");
}
