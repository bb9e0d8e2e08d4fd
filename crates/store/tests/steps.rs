//! Commands that are done in steps: cut off anywhere they go on from there, and the end is the same.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests panic to fail")]

mod common;

use std::cell::Cell;
use std::rc::Rc;

use answerable_store::storage::{Answered, Batch, Entry, Filter, Head, Read, Step, Storage, Transaction};
use answerable_store::tables::{Row, Table};
use answerable_store::writer::{Reading, Request, Writer};
use answerable_store::{Ledger, StoreError};
use serde_json::{Value, json};

use common::ward::{command, offer, patient, role, ward};
use common::{Place, on_each};

/// A database whose power fails when it is to commit for the nth time: before the commit, or right after.
struct Failing {
    storage: Box<dyn Storage + Send>,
    left: Rc<Cell<u32>>,
    is_done: bool,
}

struct FailingTransaction<'s> {
    transaction: Box<dyn Transaction + 's>,
    left: Rc<Cell<u32>>,
    is_done: bool,
}

impl Storage for Failing {
    fn read(&mut self) -> Result<Box<dyn Read + '_>, StoreError> {
        self.storage.read()
    }

    fn write(&mut self) -> Result<Box<dyn Transaction + '_>, StoreError> {
        let transaction = self.storage.write()?;
        Ok(Box::new(FailingTransaction { transaction, left: Rc::clone(&self.left), is_done: self.is_done }))
    }
}

impl Read for FailingTransaction<'_> {
    fn head(&mut self) -> Result<Head, StoreError> {
        self.transaction.head()
    }
    fn log(&mut self, after: u64, entries_max: usize) -> Result<Vec<Entry>, StoreError> {
        self.transaction.log(after, entries_max)
    }
    fn stream(&mut self, patient: &str) -> Result<Vec<Entry>, StoreError> {
        self.transaction.stream(patient)
    }
    fn answered(&mut self, command: &str) -> Result<Option<Answered>, StoreError> {
        self.transaction.answered(command)
    }
    fn all_answered(&mut self) -> Result<Vec<Answered>, StoreError> {
        self.transaction.all_answered()
    }
    fn rows(&mut self, table: &'static Table, filter: Filter) -> Result<Vec<Row>, StoreError> {
        self.transaction.rows(table, filter)
    }
    fn steps(&mut self) -> Result<Vec<Step>, StoreError> {
        self.transaction.steps()
    }
}

impl Transaction for FailingTransaction<'_> {
    fn put(&mut self, batch: &Batch) -> Result<(), StoreError> {
        self.transaction.put(batch)
    }
    fn clear_tables(&mut self) -> Result<(), StoreError> {
        self.transaction.clear_tables()
    }
    fn commit(self: Box<Self>) -> Result<(), StoreError> {
        match self.left.get() {
            0 => {}
            1 => {
                self.left.set(0);
                if self.is_done {
                    self.transaction.commit()?;
                }
                return Err(StoreError::lost("the power failed"));
            }
            left => self.left.set(left - 1),
        }
        self.transaction.commit()
    }
}

fn request(line: &str) -> Request {
    Request { line: line.to_owned(), reading: Reading::Replay }
}

/// A leaver with patients: duties held, an offer made, one received, help given.
fn before() -> Vec<String> {
    let mut lines = ward();
    for id in ["amy", "ben", "cat"] {
        lines.extend(patient(id, "okoro"));
    }
    lines.extend(patient("dan", "silva"));
    lines.push(offer("amy", "okoro", &json!({"role": "hale"}), 3));
    lines.push(offer("dan", "silva", &json!({"role": "okoro"}), 4));
    lines.push(offer("ben", "okoro", &json!({"service": "clinic"}), 5));
    let help = json!({"contribution": "help", "duty": "dan-decide", "to": {"role": "okoro"}, "words": "see him?"});
    lines.push(command("advice", &role("silva"), 6, "ask_advice", help));
    lines
}

fn told(place: &Place, lines: &[String]) {
    let mut ledger = Ledger::new(place.open()).unwrap();
    for answer in ledger.answer(&lines.iter().map(|line| request(line)).collect::<Vec<Request>>()).unwrap() {
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["ok"], true, "{answer}");
    }
}

/// Answers a command by a ledger that is cut off at its nth commit; whether it was cut off.
fn cut_off(place: &Place, line: &str, commit: u32, is_done: bool) -> bool {
    let left = Rc::new(Cell::new(commit));
    let mut storage = Failing { storage: place.open(), left: Rc::clone(&left), is_done };
    let answers = Writer::default().answer(&mut storage, &[request(line)]);
    assert_eq!(answers.is_err(), left.get() == 0, "{answers:?}");
    answers.is_err()
}

#[test]
fn a_role_ends_in_steps_that_can_be_cut_off_anywhere() {
    let leaves = command("leaves", &role("okoro"), 10, "end_role", json!({"role": "okoro"}));
    let expected = {
        let place = Place::sqlite();
        told(&place, &before());
        let mut ledger = Ledger::new(place.open()).unwrap();
        (ledger.answer(&[request(&leaves)]).unwrap(), ledger.verify().unwrap().events)
    };
    let answer: Value = serde_json::from_str(&expected.0[0]).unwrap();
    let events: Vec<&str> = answer["events"].as_array().unwrap().iter().map(|e| e["event"].as_str().unwrap()).collect();
    let moved = "answerability_moved";
    let whole = ["role_ended", "offer_lapsed", moved, "offer_taken_over", moved, "offer_taken_over", moved];
    assert_eq!(events[..7], whole);
    assert_eq!(events[7..], ["contribution_ended"]);
    on_each(|place| {
        for is_done in [false, true] {
            let mut commits = 0;
            loop {
                commits += 1;
                place.empty();
                told(place, &before());
                if !cut_off(place, &leaves, commits, is_done) {
                    break;
                }
                let what = format!("{}, commit {commits}, durable: {is_done}", place.name());
                // Whoever opens it goes on; asked again it answers what it would have.
                let mut ledger = Ledger::new(place.open()).unwrap();
                let again = ledger.answer(&[request(&leaves)]).unwrap();
                let repeated: Value = serde_json::from_str(&again[0]).unwrap();
                assert_eq!(repeated["events"], answer["events"], "{what}");
                let verified = ledger.verify().unwrap_or_else(|error| panic!("{what}: {error}"));
                assert_eq!(verified.events, expected.1, "{what}");
            }
            // The mark, four patients, the end.
            assert_eq!(commits, 7, "{}", place.name());
        }
    });
}

#[test]
fn a_role_that_is_closing_accepts_nothing_more() {
    on_each(|place| {
        let leaves = command("leaves", &role("okoro"), 10, "end_role", json!({"role": "okoro"}));
        told(place, &before());
        assert!(cut_off(place, &leaves, 2, false));
        let accept = json!({"offer": "o-dan", "read_back": []});
        let accept = command("accept", &role("okoro"), 11, "accept", accept);
        // Without going on first: another program that was open meanwhile.
        let answers = Writer::default().answer(place.open().as_mut(), &[request(&accept)]).unwrap();
        let answer: Value = serde_json::from_str(&answers[0]).unwrap();
        assert_eq!((&answer["ok"], &answer["refusal"]), (&json!(false), &json!("role-not-in-period")), "{answer}");
    });
}

#[test]
fn an_organisation_closes_in_steps() {
    on_each(|place| {
        let mut lines = before();
        lines.push(command("a", &role("hale"), 7, "end_role", json!({"role": "hale"})));
        lines.push(command("b", &role("patel"), 8, "end_role", json!({"role": "patel"})));
        told(place, &lines);
        let close = json!({"organisation": "surgery"});
        let close = command("close", &json!({"system": "records"}), 9, "close_organisation", close);
        assert!(cut_off(place, &close, 2, false));
        let mut ledger = Ledger::new(place.open()).unwrap();
        let answer: Value = serde_json::from_str(&ledger.answer(&[request(&close)]).unwrap()[0]).unwrap();
        let events: Vec<&str> =
            answer["events"].as_array().unwrap().iter().map(|event| event["event"].as_str().unwrap()).collect();
        assert_eq!((answer["repeated"].as_bool(), events), (Some(true), vec!["organisation_closed", "offer_lapsed"]));
        ledger.verify().unwrap();
    });
}
