//! A record that was read twice counts as it was last updated, whomever it was about before: its older self may have
//! been set aside with another patient, or with what has no plain subject.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

use std::fmt::Write;

use answerable_check::{Calendar, Check, Settings};
use serde_json::{Value, json};

/// So many that two of them are hardly ever at home together.
const PATIENTS: usize = 40;

fn patient(number: usize) -> Value {
    json!({"resourceType": "Patient", "id": format!("p{number}"), "birthDate": "1980-01-01",
        "identifier": [{"system": "https://records.example/mrn", "value": format!("m{number}")}]})
}

/// A plan as it was on a day of January.
fn plan(number: usize, subject: &Value, day: usize) -> Value {
    json!({"resourceType": "CarePlan", "id": format!("plan{number}"), "status": "active", "intent": "plan",
        "meta": {"lastUpdated": format!("2026-01-{day:02}T00:00:00Z")},
        "subject": subject, "period": {"start": "2025-06-01"}})
}

fn rows(resources: &[Value]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export.ndjson");
    let mut text = String::new();
    resources.iter().for_each(|resource| writeln!(text, "{resource}").unwrap());
    std::fs::write(&file, text).unwrap();
    let mut check = Check::new(Settings::default(), Calendar::utc());
    check.as_of = Calendar::utc().read("2026-03-02").unwrap().first;
    check.inputs = vec![file.into()];
    check.rows().unwrap()
}

#[test]
fn the_newest_of_a_name_counts_whomever_the_others_are_about() {
    let plain = |number: usize| json!({"reference": format!("Patient/p{}", number % PATIENTS)});
    let by_number = |number: usize| {
        json!({"type": "Patient", "identifier":
            {"system": "https://records.example/mrn", "value": format!("m{}", number % PATIENTS)}})
    };
    let of_nobody = json!({"reference": "Location/ward"});
    let patients: Vec<Value> = (0..PATIENTS).map(patient).collect();
    // What was said of a plan before, and what is said last.
    type Makes<'m> = Box<dyn Fn(usize) -> Value + 'm>;
    let cases: [(&str, Makes, Makes); 5] = [
        ("another patient", Box::new(|number| plain(number + 7)), Box::new(plain)),
        ("the same", Box::new(plain), Box::new(plain)),
        ("another by number", Box::new(|number| by_number(number + 7)), Box::new(plain)),
        ("now by number", Box::new(|number| plain(number + 7)), Box::new(by_number)),
        ("now of nobody", Box::new(plain), Box::new(move |_| of_nobody.clone())),
    ];
    for (name, before, last) in cases {
        let alone: Vec<Value> =
            patients.iter().cloned().chain((0..PATIENTS).map(|number| plan(number, &last(number), 20))).collect();
        let both: Vec<Value> = patients
            .iter()
            .cloned()
            .chain((0..PATIENTS).flat_map(|number| {
                let (older, newer) = (plan(number, &before(number), 10), plan(number, &last(number), 20));
                // Which of them is read first must not matter.
                if number % 2 == 0 { [older, newer] } else { [newer, older] }
            }))
            .collect();
        let (alone, both) = (rows(&alone), rows(&both));
        for part in ["findings", "verdicts", "timeline"] {
            assert_eq!(both[part], alone[part], "{name}: {part}");
        }
        let duplicates = |rows: &Value| rows["report"]["duplicates"].as_u64().unwrap();
        assert_eq!((duplicates(&alone), duplicates(&both)), (0, PATIENTS as u64), "{name}");
        let needs = if name == "now of nobody" { 0 } else { PATIENTS };
        assert_eq!(alone["verdicts"].as_array().unwrap().len(), needs, "{name}");
    }
}
