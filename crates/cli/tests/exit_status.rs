//! Exit statuses, and which goes before which.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

mod common;

use common::{MALFORMED, PLAN, answerable, file, ran, riverside};

#[test]
fn each_status_has_its_cause() {
    let folder = tempfile::tempdir().unwrap();
    let plan = file(&folder, "plan.ndjson", PLAN);
    let both = file(&folder, "both.ndjson", format!("{PLAN}{MALFORMED}"));
    let nothing = tempfile::tempdir().unwrap();
    let wrong = file(&folder, "wrong.toml", "colour = 1\n");
    let (plan, both, wrong) = (plan.to_str().unwrap(), both.to_str().unwrap(), wrong.to_str().unwrap());
    let nothing = nothing.path().to_str().unwrap();
    let cases: [(&[&str], i32); 19] = [
        (&[plan], 0),
        (&[plan, "--deny", "error"], 1),
        (&[plan, "--deny", "warning"], 1),
        (&[plan, "--deny", "note"], 1),
        (&[], 2),
        (&[nothing], 2),
        (&[plan, "--config", wrong], 2),
        (&[plan, "--config", "is-not-there.toml"], 2),
        (&[plan, "--as-of", "2023-02-30"], 2),
        (&[plan, "--timezone", "Europe/Lodnon"], 2),
        (&[plan, "--no-such-option"], 2),
        (&[plan, "--memory", "apples"], 2),
        (&[plan, "--threads", "0"], 2),
        (&[plan, "--concept-map", plan], 2),
        (&[plan, "--since", plan], 2),
        (&[both], 3),
        (&["is-not-there.ndjson"], 3),
        // 3 goes before 1, 2 before 3.
        (&[both, "--deny", "note"], 3),
        (&[both, "--deny", "note", "--config", wrong], 2),
    ];
    for (arguments, expected) in cases {
        let ran = ran(answerable().arg("check").args(arguments));
        assert_eq!(ran.status, expected, "{arguments:?}: {}", ran.err);
        if expected == 2 {
            assert!(ran.err.starts_with("error: ") && ran.out.is_empty(), "{arguments:?}: {}", ran.err);
        }
    }
}

#[test]
fn deny_looks_at_its_severity_and_worse() {
    // Florence alone: leaderless (warning) and voiceless (note).
    let folder = tempfile::tempdir().unwrap();
    let team = concat!(
        r#"{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/f"},"onsetDateTime":"2026-01-10","#,
        r#""category":[{"coding":[{"code":"problem-list-item"}]}],"clinicalStatus":{"coding":[{"code":"active"}]}}"#,
        "\n",
        r#"{"resourceType":"CareTeam","id":"t","status":"active","subject":{"reference":"Patient/f"},"#,
        r#""reasonReference":[{"reference":"Condition/c"}],"participant":[{"member":{"reference":"Practitioner/a"}},"#,
        r#"{"member":{"reference":"Practitioner/b"}}]}"#,
        "\n",
    );
    let path = file(&folder, "team.ndjson", team);
    for (severity, expected) in [("error", 0), ("warning", 1), ("note", 1)] {
        let ran = ran(answerable().arg("check").arg(&path).args(["--as-of", "2026-03-02", "--deny", severity]));
        assert_eq!(ran.status, expected, "{severity}: {}", ran.out);
    }
}

#[test]
fn a_decision_does_not_change_the_status() {
    let folder = tempfile::tempdir().unwrap();
    let id = "7c18e9f148c28869";
    let decisions = format!("finding,state,why,by,until\n{id},accepted,seen,N. Adeyemi,2026-12-31\n");
    let decisions = file(&folder, "decisions.csv", decisions);
    assert_eq!(ran(riverside().args(["--deny", "error", "--decisions"]).arg(decisions)).status, 1);
}

#[test]
fn unread_input_exits_3() {
    let folder = tempfile::tempdir().unwrap();
    let both = file(&folder, "both.ndjson", format!("{PLAN}{MALFORMED}"));
    let ran = ran(answerable().args(["check", "--format", "csv", "--quiet"]).arg(&both));
    assert_eq!(ran.status, 3);
    assert!(ran.err.contains("both.ndjson` line 2: Condition/x: "), "{}", ran.err);
    assert!(ran.out.contains("CarePlan/plan"), "what could be read is judged");
}
