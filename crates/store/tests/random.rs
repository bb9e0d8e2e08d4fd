//! Random histories: a database answers each command as the core does in memory, however commands come together, and
//! whoever opens it anew; and in the end its log, its tables and the state say the same. `CASES=1000` tells more of
//! them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, dead_code, reason = "tests panic to fail")]

mod common;
#[path = "../../care/tests/ledger/language.rs"]
mod language;
#[path = "../../care/tests/ledger/random.rs"]
mod random;
#[path = "../../care/tests/ledger/referee.rs"]
mod referee;
#[path = "../../care/tests/ledger/words.rs"]
mod words;
#[path = "../../care/tests/ledger/world.rs"]
mod world;

use answerable_care::Instant;
use answerable_care::ledger::who::who;
use answerable_store::writer::{Reading, Request};
use answerable_store::{Ledger, wire};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use common::{Place, on_each};
use language::Telling;
use random::{Step, histories, line};

/// Tells a history in memory: its commands as lines, and the answers.
fn told(steps: &[Step]) -> (Telling, Vec<(String, String)>) {
    let mut telling = Telling::of_the_ward();
    for (number, step) in steps.iter().enumerate() {
        let Some(line) = line(&telling, step, number) else { continue };
        let confirmed = line.ends_with("days").then(|| "tick confirmed".to_owned());
        for line in std::iter::once(line).chain(confirmed) {
            // What comes of it is compared below.
            let _ = telling.line(&line);
        }
    }
    let asked = telling.world.asked.iter().map(|(command, reading, outcome)| {
        let id = command.id.as_str();
        let answer = match outcome {
            Ok(changes) => wire::done(id, changes, false),
            Err(refusal) => wire::refused(id, *refusal),
        };
        let mut command = command.clone();
        command.recorded = Some(*reading);
        (wire::command_line(&command), answer)
    });
    let asked = asked.collect();
    (telling, asked)
}

/// Asks a ledger the same, so many commands at a time; it is opened anew between them now and then.
fn same(place: &Place, steps: &[Step], together: usize, anew: usize) -> Result<(), TestCaseError> {
    place.empty();
    let (telling, asked) = told(steps);
    let mut ledger = Ledger::new(place.open()).unwrap();
    for (number, some) in asked.chunks(together).enumerate() {
        if number % anew == anew - 1 {
            ledger = Ledger::new(place.open()).unwrap();
        }
        let request = |(line, _): &(String, String)| Request { line: line.clone(), reading: Reading::Replay };
        let answers = ledger.answer(&some.iter().map(request).collect::<Vec<Request>>()).unwrap();
        for ((line, expected), answer) in some.iter().zip(&answers) {
            prop_assert_eq!(answer, expected, "{}", line);
        }
        prop_assert_eq!(answers.len(), some.len());
    }
    let verified = ledger.verify().unwrap_or_else(|error| panic!("{error}"));
    prop_assert_eq!(verified.events, telling.world.log.len() as u64);
    let (at, known_at, rows) = ledger.who(None, None, None).unwrap();
    prop_assert_eq!(&rows, &who(&telling.world.state, at, known_at));
    for patient in telling.world.state.patients.keys() {
        let alone = ledger.who(Some(patient), Some(at), Some(Instant::MAX)).unwrap().2;
        prop_assert!(alone.iter().all(|row| rows.contains(row)), "{}", patient);
    }
    Ok(())
}

#[test]
fn a_database_answers_as_the_core_does() {
    on_each(|place| {
        let usual = if matches!(place, Place::Sqlite { .. }) { 40 } else { 8 };
        let cases = std::env::var("CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(usual);
        let config = Config { cases, failure_persistence: None, max_shrink_iters: 300, ..Config::default() };
        let together = (histories(), 1..30_usize, 2..9_usize);
        let tested =
            TestRunner::new(config).run(&together, |(steps, together, anew)| same(place, &steps, together, anew));
        tested.unwrap_or_else(|error| panic!("{}: {error}", place.name()));
    });
}
