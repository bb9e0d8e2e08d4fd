//! Every event that was ever written must always be read: one of each type in each version, as the log kept it.
//!
//! `UPDATE_CORPUS=1` adds what is missing; what is there is never changed.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, dead_code, reason = "tests panic to fail")]

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

use std::collections::BTreeMap;
use std::path::PathBuf;

use answerable_care::ledger::event::{Change, Kind, Stream};
use answerable_store::wire;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use language::Telling;

type Corpus = BTreeMap<(String, u64), String>;

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/events.ndjson")
}

fn key(body: &str) -> (String, u64) {
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    (body["event"].as_str().unwrap().to_owned(), body["v"].as_u64().unwrap())
}

/// Adds the types that aren't there, from the stories of the core's tests and from random ones.
fn add_missing(corpus: &mut Corpus) {
    let mut add = |telling: &Telling| {
        for event in &telling.world.log {
            let body = wire::body(&event.change);
            corpus.entry(key(&body)).or_insert(body);
        }
    };
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../care/tests/ledger/cases");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for story in files.iter().flat_map(|file| {
        let text = std::fs::read_to_string(file).unwrap();
        text.split("\n\n").map(str::to_owned).collect::<Vec<String>>()
    }) {
        let mut telling = Telling::of_the_ward();
        for line in story.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            let _ = telling.line(line);
        }
        add(&telling);
    }
    let mut runner = TestRunner::deterministic();
    for _ in 0..500 {
        let steps = random::histories().new_tree(&mut runner).unwrap().current();
        let mut telling = Telling::of_the_ward();
        for (number, step) in steps.iter().enumerate() {
            if let Some(line) = random::line(&telling, step, number) {
                let _ = telling.line(&line);
            }
        }
        add(&telling);
    }
}

#[test]
fn every_event_of_every_version_is_read_and_written_the_same() {
    let text = std::fs::read_to_string(file()).unwrap_or_default();
    let mut corpus: Corpus = text.lines().map(|line| (key(line), line.to_owned())).collect();
    assert_eq!(corpus.len(), text.lines().count(), "a type and version stands twice");
    if std::env::var_os("UPDATE_CORPUS").is_some() {
        add_missing(&mut corpus);
        std::fs::create_dir_all(file().parent().unwrap()).unwrap();
        std::fs::write(file(), corpus.values().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    }
    for line in corpus.values() {
        let (at, event) = wire::read_body(line).unwrap_or_else(|wrong| panic!("{wrong}: {line}"));
        if key(line).1 == u64::from(event.kind().version()) {
            assert_eq!(wire::body(&Change { stream: Stream::Directory, at, event }), *line);
        }
    }
    let missing: Vec<&str> = Kind::ALL
        .iter()
        .filter(|kind| !corpus.contains_key(&(kind.as_str().to_owned(), u64::from(kind.version()))))
        .map(|kind| kind.as_str())
        .collect();
    assert!(missing.is_empty(), "not in the corpus: {}; UPDATE_CORPUS=1 adds them", missing.join(", "));
}

#[test]
fn an_event_of_another_type_or_version_stops_the_reader() {
    for (body, why) in [
        (r#"{"event":"offer_forgotten","v":1,"at":"2026-01-05T07:00:00Z"}"#, "no event of this version"),
        (r#"{"event":"clock_read","v":2,"at":"2026-01-05T07:00:00Z"}"#, "is of version 2"),
        (r#"{"event":"role_ended","v":1,"at":"2026-01-05T07:00:00Z"}"#, "role"),
        (r#"{"event":"role_ended","v":1,"at":"2026-01-05T07:00:00Z","role":"a","more":1}"#, "more"),
        (r#"{"v":1,"event":"clock_read","at":"2026-01-05T07:00:00Z"}"#, "event"),
    ] {
        let wrong = wire::read_body(body).unwrap_err().to_string();
        assert!(wrong.contains(why), "{body}: {wrong}");
    }
}
