//! Sample records of others, beside the checkout, where they are.
//!
//! ANSWERABLE_DATA names their folder, if it is another; with ANSWERABLE_REQUIRE_DATA=1 it is an error that they aren't.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

mod common;

use std::collections::BTreeMap;
use std::path::PathBuf;

use common::{answerable, ran, root, rows};

fn data() -> Option<PathBuf> {
    let path = std::env::var_os("ANSWERABLE_DATA").map_or_else(|| root().join("../shared/data"), PathBuf::from);
    if path.is_dir() {
        return Some(path);
    }
    assert!(std::env::var("ANSWERABLE_REQUIRE_DATA").as_deref() != Ok("1"), "there is no {}", path.display());
    eprintln!("skipped: the sample records aren't at {}", path.display());
    None
}

/// The verdicts of a folder, and the exit status.
fn verdicts(folder: &str, as_of: &str) -> Option<(Vec<serde_json::Value>, i32)> {
    let path = data()?.join(folder);
    let ran = ran(answerable().args(["check", "--as-of", as_of, "--format", "ndjson", "--rows", "verdicts"]).arg(path));
    Some((rows(&ran.out), ran.status))
}

/// `held 2, lapsed 1`.
fn counted(rows: &[serde_json::Value]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    rows.iter().for_each(|row| *counts.entry(row["verdict"].as_str().unwrap()).or_default() += 1);
    counts.iter().map(|(verdict, count)| format!("{verdict} {count}")).collect::<Vec<_>>().join(", ")
}

/// Of one patient: need, verdict, basis, since.
fn of_patient<'r>(rows: &'r [serde_json::Value], patient: &str) -> Vec<[&'r str; 4]> {
    let rows = rows.iter().filter(|row| row["patient"] == patient);
    rows.map(|row| ["need", "verdict", "basis", "since"].map(|column| row[column].as_str().unwrap_or("-"))).collect()
}

#[test]
fn every_folder_is_read() {
    for (folder, as_of, status, expected) in [
        ("bulk-10-patients", "2024-08-01", 0, "assumed 5, unheld 38"),
        ("synthea-children", "2025-06-01", 0, "assumed 23, unheld 24"),
        ("r4-examples", "2021-01-01", 0, "held 2, lapsed 2, leaderless 1, unheld 11, unnamed 1"),
        ("chronic-care", "2021-01-01", 0, "assumed 16, leaderless 3, unheld 6, unnamed 10"),
    ] {
        let Some((rows, ran)) = verdicts(folder, as_of) else { return };
        assert_eq!(ran, status, "{folder}");
        assert_eq!(counted(&rows), expected, "{folder}");
    }
}

/// By hand: the four Synthea folders hold eleven or so active conditions of this patient. Three are in `not_needs`
/// (medication review due, higher education, full-time employment). Two are left, both older than 90 days:
///
/// - prediabetes, since 2023-09-18; an active plan addresses it, whose active team has one clinician with a role that
///   answers for nothing (223366009): member (C5), one person, so assumed, from the start of the team;
/// - stress, found at a check-up on 2022-09-12; no plan, no team, no registered practitioner; the one encounter about
///   it (`Condition.encounter`) ended at 08:01:48, and 24 months later its last-seen (C8) was over: unheld.
#[test]
fn synthea_a_team_and_a_contact_long_past() {
    let Some((rows, _)) = verdicts("synthea-children", "2025-06-01") else { return };
    assert_eq!(
        of_patient(&rows, "Patient/a17906be-1ef7-4b8c-4378-5b41f7a0a62c"),
        [
            ["Condition/23e9404e-a24c-ead7-23fd-6f4d0f09702b", "assumed", "member", "2023-09-18T07:24:24Z"],
            ["Condition/9db46e29-9cb3-ee63-6238-2cd158e83f12", "unheld", "-", "2024-09-12T08:01:48Z"],
        ]
    );
}

/// By hand: seven conditions on her problem list or health concerns. One (suicidal ideations) begins on 2021-04-15,
/// after the instant of judgement. No encounter, team, plan, episode or general practitioner is hers, so nobody is
/// recorded for the six others, each unheld since its onset; weight has neither onset nor recordedDate (its
/// `assertedDate` is no element of R4), so nobody knows since when.
#[test]
fn chronic_care_nobody_at_all() {
    let Some((rows, _)) = verdicts("chronic-care", "2021-01-01") else { return };
    assert_eq!(
        of_patient(&rows, "Patient/va-pat-meghan"),
        [
            ["Condition/va-cond-meghan-back-pain", "unheld", "-", "2012-08-02T00:00:00Z"],
            ["Condition/va-cond-meghan-depression", "unheld", "-", "2018-06-02T00:00:00Z"],
            ["Condition/va-cond-meghan-ptsd", "unheld", "-", "2014-12-01T00:00:00Z"],
            ["Condition/va-cond-meghan-seizure", "unheld", "-", "2015-06-02T00:00:00Z"],
            ["Condition/va-cond-meghan-tbi", "unheld", "-", "2012-08-02T00:00:00Z"],
            ["Condition/va-cond-meghan-weight", "unheld", "-", "-"],
        ]
    );
}

/// By hand: two requests. The chest CT has no performer, no performerType and no category, so it is no referral. The
/// other asks for a nurse (performerType): a referral (N2), undated, so its sender (C6) has no limit of time; but the
/// one post of Dr Careful, who sent it, ended on 2012-03-31: lapsed from the day after.
#[test]
fn r4_examples_a_sender_who_left() {
    let Some((rows, _)) = verdicts("r4-examples", "2021-01-01") else { return };
    let expected = [["ServiceRequest/subrequest", "lapsed", "sender", "2012-04-01T00:00:00Z"]];
    assert_eq!(of_patient(&rows, "Patient/dicom"), expected);
}

#[test]
fn everything_is_read_as_one_population_too() {
    let Some(path) = data() else { return };
    let ran = ran(answerable().args(["check", "--as-of", "2025-06-01", "--format", "csv"]).arg(path));
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(ran.err.starts_with("read ") && !ran.err.contains("left out"), "{}", ran.err);
}
