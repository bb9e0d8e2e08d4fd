//! Findings as DetectedIssue.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests panic to fail")]

use answerable_care::{Instant, Severity};
use answerable_fhir::{Calendar, Issue, IssueChange, IssueDecision, issues_start};
use serde_json::{Value, json};

fn issue() -> Issue<'static> {
    Issue {
        id: 0x3f0c_9a52_d1b8_4e67,
        finding: "expiring",
        severity: Some(Severity::Warning),
        patient: "adults/Patient/88",
        need: Some("adults/Condition/7"),
        message: "What Dr \"Okoro\" answers for ends on 1 April 2026.",
        since: Some(instant("2025-01-31T09:00:00.5Z")),
        until: Some(instant("2026-04-01")),
        evidence: vec!["adults/CarePlan/3#team", "adults/CareTeam/2"],
        change: IssueChange::Still,
        decision: Some(IssueDecision {
            state: "working",
            why: "her successor starts",
            by: "Ngozi",
            until: "2026-04-06",
        }),
        version: "0.1.0",
    }
}

fn instant(text: &str) -> Instant {
    Calendar::utc().read(text).unwrap().first
}

fn entry(issue: &Issue) -> Value {
    let mut bytes = Vec::new();
    issue.write_entry(&mut bytes);
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn an_issue_says_all_of_a_finding() {
    let logical = |kind: &str, name: &str| json!({"type": kind, "identifier": identifier(name)});
    assert_eq!(
        entry(&issue()),
        json!({
            "fullUrl": "urn:uuid:3f0c9a52-d1b8-84e6-8700-616e73776572",
            "resource": {
                "resourceType": "DetectedIssue",
                "id": "3f0c9a52d1b84e67",
                "meta": {"tag": [
                    {"system": "https://answerable.example/fhir/CodeSystem/change", "code": "still"},
                    {"system": "https://answerable.example/fhir/CodeSystem/decision", "code": "working"},
                ]},
                "contained": [{
                    "resourceType": "Device",
                    "id": "check",
                    "deviceName": [{"name": "answerable check", "type": "model-name"}],
                    "version": [{"value": "0.1.0"}],
                }],
                "identifier": [{"system": "https://answerable.example/fhir/id/finding", "value": "3f0c9a52d1b84e67"}],
                "status": "final",
                "code": {
                    "coding": [{"system": "https://answerable.example/fhir/CodeSystem/finding", "code": "expiring"}],
                    "text": "expiring",
                },
                "severity": "moderate",
                "patient": logical("Patient", "adults/Patient/88"),
                "identifiedPeriod": {"start": "2025-01-31T09:00:00.5Z", "end": "2026-04-01T00:00:00Z"},
                "author": {"reference": "#check"},
                "implicated": [logical("Condition", "adults/Condition/7")],
                "evidence": [{"detail": [
                    logical("Condition", "adults/Condition/7"),
                    {"identifier": identifier("adults/CarePlan/3#team")},
                    logical("CareTeam", "adults/CareTeam/2"),
                ]}],
                "detail": "What Dr \"Okoro\" answers for ends on 1 April 2026.",
                "mitigation": [{
                    "action": {
                        "coding": [{"system": "https://answerable.example/fhir/CodeSystem/decision", "code": "working"}],
                        "text": "working until 2026-04-06: her successor starts",
                    },
                    "author": {"display": "Ngozi"},
                }],
            },
        })
    );
}

fn identifier(name: &str) -> Value {
    json!({"system": "https://answerable.example/fhir/id/name", "value": name})
}

#[test]
fn what_there_is_none_of_is_left_out() {
    let bare = Issue {
        severity: None,
        need: None,
        message: " ",
        since: Some(Instant::MIN),
        until: None,
        evidence: Vec::new(),
        change: IssueChange::Unknown,
        decision: None,
        ..issue()
    };
    let entry = entry(&bare);
    let keys: Vec<&String> = entry["resource"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["author", "code", "contained", "id", "identifier", "patient", "resourceType", "status"]);
}

#[test]
fn a_name_becomes_a_reference_that_fhir_allows() {
    let long = format!("Patient/{}", "a".repeat(64));
    let longer = format!("Patient/{}", "a".repeat(65));
    // A literal reference; a logical one of a type; one of no type.
    for (name, literal, kind) in [
        ("Patient/88", true, ""),
        ("Patient/8.8-a", true, ""),
        (&long, true, ""),
        (&longer, false, "Patient"),
        ("adults/Patient/88", false, "Patient"),
        ("Patient/Patient/88", false, "Patient"),
        ("Patient/8_8", false, "Patient"),
        ("Patient/", false, "Patient"),
        ("CarePlan/3#team", false, ""),
        ("Dr Okoro", false, ""),
        ("https://fhir.nhs.uk/Id/nhs-number|9434765919", false, ""),
        ("Observation/1", false, ""),
    ] {
        let reference = entry(&Issue { patient: name, ..issue() })["resource"]["patient"].clone();
        let expected = match (literal, kind) {
            (true, _) => json!({"reference": name}),
            (false, "") => json!({"identifier": identifier(name)}),
            (false, kind) => json!({"type": kind, "identifier": identifier(name)}),
        };
        assert_eq!(reference, expected, "{name}");
    }
}

#[test]
fn the_need_is_among_the_evidence_once() {
    let evidence = |need, evidence| {
        let entry = entry(&Issue { need, evidence, ..issue() });
        let detail = entry["resource"]["evidence"][0]["detail"].as_array().cloned().unwrap_or_default();
        detail.iter().map(|one| one["reference"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(evidence(Some("Condition/7"), vec!["Task/1"]), ["Condition/7", "Task/1"]);
    assert_eq!(evidence(Some("Condition/7"), vec!["CareTeam/1", "Condition/7"]), ["CareTeam/1", "Condition/7"]);
    assert_eq!(evidence(None, vec!["Patient/1"]), ["Patient/1"]);
}

#[test]
fn years_that_fhir_does_not_know_are_left_out() {
    let start = |since: &str| {
        entry(&Issue { since: Some(instant(since)), until: None, ..issue() })["resource"]["identifiedPeriod"].clone()
    };
    assert_eq!(start("0001-01-01T00:00:00Z"), json!({"start": "0001-01-01T00:00:00Z"}));
    assert_eq!(start("0001-01-01T00:00:00+01:00"), Value::Null);
    assert_eq!(start("9999-12-30T00:00:00Z"), json!({"start": "9999-12-30T00:00:00Z"}));
}

#[test]
fn severities_are_fhirs() {
    for (severity, code) in [(Severity::Error, "high"), (Severity::Warning, "moderate"), (Severity::Note, "low")] {
        assert_eq!(entry(&Issue { severity: Some(severity), ..issue() })["resource"]["severity"], code);
    }
}

#[test]
fn what_was_resolved_is_cancelled() {
    for (change, status, code) in [
        (IssueChange::Unknown, "final", json!(null)),
        (IssueChange::New, "final", json!("new")),
        (IssueChange::Still, "final", json!("still")),
        (IssueChange::Resolved, "cancelled", json!("resolved")),
    ] {
        let entry = entry(&Issue { change, decision: None, ..issue() });
        assert_eq!(entry["resource"]["status"], status);
        assert_eq!(entry["resource"]["meta"]["tag"][0]["code"], code);
    }
}

#[test]
fn a_bundle_begins_with_what_it_is_of() {
    let start = issues_start("1.0", instant("2026-03-02T09:00:00Z"));
    let bundle: Value = serde_json::from_str(&format!("{start}}}")).unwrap();
    assert_eq!(
        bundle,
        json!({
            "resourceType": "Bundle",
            "meta": {"tag": [
                {"system": "https://answerable.example/fhir/schema", "code": "1.0"},
                {"system": "https://answerable.example/fhir/as-of", "code": "2026-03-02T09:00:00Z"},
            ]},
            "type": "collection",
        })
    );
}
