//! Whatever comes in as a command or an event: it is read, or it is said what is wrong with it; nothing panics, and
//! what is read is written as it was meant.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, dead_code, reason = "tests panic to fail")]

mod common;

use answerable_care::ledger::event::{Change, Stream};
use answerable_store::Ledger;
use answerable_store::wire;
use answerable_store::writer::{Reading, Request};
use proptest::prelude::*;
use serde_json::Value;

use common::Place;
use common::story::{lines, names};

/// All commands of the stories, as lines.
fn commands() -> Vec<String> {
    let told = names().into_iter().flat_map(|name| lines(&name));
    told.filter(|line| line["do"].is_object()).map(|line| line["do"].to_string()).collect()
}

/// What is written over a place of a line.
fn scraps() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<char>().prop_map(String::from),
        prop::sample::select(vec![
            "",
            "\"",
            "{",
            "}",
            "[",
            "]",
            "null",
            "true",
            "-1",
            "1e999",
            "9223372036854775808",
            "\\u0000",
            "\\ud800",
            ",",
            ":",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:60Z",
            "P3660D",
            "PT1H",
            "amy",
            "/",
            " ",
        ])
        .prop_map(str::to_owned),
    ]
}

/// Events of every type, as the log keeps them.
fn events() -> Vec<String> {
    include_str!("corpus/events.ndjson").lines().map(str::to_owned).collect()
}

/// One of these lines with scraps written over places of it.
fn spoilt(lines: Vec<String>) -> impl Strategy<Value = String> {
    let places = prop::collection::vec((any::<prop::sample::Index>(), 0..6_usize, scraps()), 0..4);
    (prop::sample::select(lines), places).prop_map(|(line, places)| {
        let mut letters: Vec<char> = line.chars().collect();
        for (place, length, scrap) in places {
            let from = place.index(letters.len() + 1);
            let to = (from + length).min(letters.len());
            letters.splice(from..to, scrap.chars());
        }
        letters.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_command_is_read_as_it_is_written_or_refused_in_words(line in spoilt(commands())) {
        match wire::command(&line) {
            Ok(command) => prop_assert_eq!(wire::command(&wire::command_line(&command)), Ok(command)),
            Err(unreadable) => {
                let answer: Value = serde_json::from_str(&wire::malformed(&unreadable)).unwrap();
                prop_assert_eq!(&answer["refusal"], "malformed");
                prop_assert!(!answer["message"].as_str().unwrap().is_empty());
            }
        }
    }

    #[test]
    fn an_event_is_read_or_it_is_said_what_is_wrong(body in spoilt(events())) {
        match wire::read_body(&body) {
            Ok((at, event)) => {
                let written = wire::body(&Change { stream: Stream::Directory, at, event: event.clone() });
                prop_assert_eq!(wire::read_body(&written), Ok((at, event)));
            }
            Err(malformed) => prop_assert!(!malformed.to_string().is_empty()),
        }
    }
}

/// A ledger answers whatever comes, each line once, and is whole afterwards.
#[test]
fn a_ledger_answers_whatever_comes_and_stays_whole() {
    let place = Place::sqlite();
    let mut ledger = Ledger::new(place.open()).unwrap();
    let ward = lines("_ward").into_iter().filter(|line| line["do"].is_object()).map(|line| line["do"].to_string());
    let request = |line: String| Request { line, reading: Reading::Replay };
    ledger.answer(&ward.map(request).collect::<Vec<Request>>()).unwrap();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut count = 0;
    for _ in 0..60 {
        let tree = prop::collection::vec(spoilt(commands()), 1..40).new_tree(&mut runner).unwrap();
        let some: Vec<String> = proptest::strategy::ValueTree::current(&tree);
        let answers = ledger.answer(&some.iter().cloned().map(request).collect::<Vec<Request>>()).unwrap();
        assert_eq!(answers.len(), some.len());
        count += answers.iter().filter(|answer| wire::is_done(answer)).count();
    }
    println!("{count} were done");
    assert!(count > 50, "only {count} were done: spoilt too much to show anything");
    ledger.verify().unwrap();
}
