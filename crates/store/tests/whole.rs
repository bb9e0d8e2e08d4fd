//! The whole ledger: copied to the same bytes, and found out where somebody changed it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests panic to fail")]

mod common;

use answerable_store::Ledger;
use answerable_store::writer::{Reading, Request};
use serde_json::json;

use common::ward::{command, offer, patient, role, ward};
use common::{Place, on_each};

/// A ledger with a little of everything, a role's end among it.
fn told(place: &Place) -> Ledger {
    let mut lines = ward();
    for id in ["amy", "ben"] {
        lines.extend(patient(id, "okoro"));
    }
    lines.push(offer("amy", "okoro", &json!({"role": "hale"}), 3));
    lines.push(offer("ben", "okoro", &json!({"service": "clinic"}), 4));
    lines.push(command("accept", &role("hale"), 5, "accept", json!({"offer": "o-amy", "read_back": []})));
    lines.push(command("leaves", &role("okoro"), 6, "end_role", json!({"role": "okoro"})));
    let mut ledger = Ledger::new(place.open()).unwrap();
    let requests: Vec<Request> = lines.into_iter().map(|line| Request { line, reading: Reading::Replay }).collect();
    for answer in ledger.answer(&requests).unwrap() {
        assert!(answer.contains("\"ok\":true"), "{answer}");
    }
    ledger
}

fn exported(ledger: &mut Ledger) -> String {
    let mut bytes = Vec::new();
    ledger.export(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_ledger_is_copied_to_the_same_bytes_on_either_kind_of_database() {
    on_each(|place| {
        let mut ledger = told(place);
        let (lines, verified) = (exported(&mut ledger), ledger.verify().unwrap());
        for other in [Some(Place::sqlite()), Place::postgres()].into_iter().flatten() {
            assert_eq!(Ledger::import(other.open(), &mut lines.as_bytes()).unwrap(), verified);
            let mut copy = Ledger::new(other.open()).unwrap();
            assert_eq!(exported(&mut copy), lines, "{} to {}", place.name(), other.name());
            let again = Ledger::import(other.open(), &mut lines.as_bytes()).unwrap_err();
            assert!(again.to_string().contains("isn't empty"), "{again}");
        }
    });
}

#[test]
fn a_copy_that_was_cut_off_or_changed_is_not_taken_in() {
    let lines = exported(&mut told(&Place::sqlite()));
    let all: Vec<&str> = lines.lines().collect();
    let refused = |text: &str, why: &str| {
        let place = Place::sqlite();
        let error = Ledger::import(place.open(), &mut text.as_bytes()).unwrap_err();
        assert!(error.to_string().contains(why), "{why}: {error}");
        assert_eq!(place.open().read().unwrap().head().unwrap().position, 0, "{why}");
    };
    for count in 0..all.len() {
        refused(&all[..count].iter().map(|line| format!("{line}\n")).collect::<String>(), "cut off");
    }
    refused(&lines.replacen("Asthma", "Eczema", 1), "isn't what was written");
    refused(&lines.replacen("\"ledger\":{\"format\":1}", "\"ledger\":{\"format\":2}", 1), "format 2");
    refused(&lines.lines().skip(1).map(|line| format!("{line}\n")).collect::<String>(), "the first should say");
    refused("{}\n", "line 1");
    refused("not JSON\n", "line 1");
    refused("", "cut off");
    let without: String =
        all.iter().filter(|line| !line.contains("\"position\":9,")).map(|l| format!("{l}\n")).collect();
    refused(&without, "lines were written before it");
}

#[test]
fn whatever_somebody_changes_in_the_database_is_found() {
    let last = "(SELECT position FROM (SELECT max(position) AS position FROM event) AS newest)";
    let changes = [
        "UPDATE event SET body = replace(body, 'Asthma', 'Eczema')".to_owned(),
        "UPDATE event SET recorded = recorded + 1 WHERE position = 5".to_owned(),
        "UPDATE event SET command = 'other' WHERE position = 5".to_owned(),
        "DELETE FROM event WHERE position = 5".to_owned(),
        "DELETE FROM event WHERE patient = 'ben'".to_owned(),
        format!("DELETE FROM event WHERE position = {last}"),
        "UPDATE answered SET answer = '[]' WHERE command = 'accept'".to_owned(),
        "DELETE FROM answered WHERE command = 'accept'".to_owned(),
        "DELETE FROM known WHERE id = 'o-amy'".to_owned(),
        "DELETE FROM untold".to_owned(),
        "DELETE FROM involved WHERE patient = 'amy'".to_owned(),
        "UPDATE wait SET due = due + 1".to_owned(),
        "DELETE FROM offered; DELETE FROM offer".to_owned(),
    ];
    on_each(|place| {
        for change in &changes {
            place.empty();
            drop(told(place));
            Ledger::new(place.open()).unwrap().verify().unwrap();
            place.run(change).unwrap_or_else(|error| panic!("{}: {change}: {error}", place.name()));
            let found = Ledger::new(place.open()).and_then(|mut ledger| ledger.verify());
            let error = found.err().unwrap_or_else(|| panic!("{}: nobody noticed {change}", place.name()));
            assert!(error.is_corrupt(), "{}: {change}: {error}", place.name());
        }
    });
}
