//! The stories of `conformance/ledger`: each line through the wire, decided and taken in, answered as it must be.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at what it didn't expect"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use answerable_care::Instant;
use answerable_care::ledger::decide::decide;
use answerable_care::ledger::event::{Change, Recorded};
use answerable_care::ledger::refusal::Refusal;
use answerable_care::ledger::state::State;
use answerable_care::ledger::who::who;
use answerable_store::wire;
use serde_json::{Value, json};

/// Stories that ask for a command that there is not yet: they are told up to it. Once there is, the line goes.
const NOT_YET: [(&str, &str); 10] = [
    ("23-shared-care", "propose_agreement"),
    ("25-the-gp-in-an-agreement-leaves", "propose_agreement"),
    ("27-transition-to-its-end", "plan_transition"),
    ("29-a-plan-is-only-for-its-parties", "plan_transition"),
    ("31-pathway-stages-have-holders", "define_pathway"),
    ("33-proxies-by-age", "say_preference"),
    ("35-a-dispute-has-a-holder-meanwhile", "raise_dispute"),
    ("39-merge-with-two-holders", "merge_records"),
    ("47-an-agreement-that-was-forgotten", "plan_transition"),
    ("49-a-plan-made-while-papers-wait", "propose_agreement"),
];

/// A ledger in memory: a state, and what was answered under which id.
#[derive(Default)]
struct Ledger {
    state: State,
    done: BTreeMap<String, (Vec<u8>, Vec<Change>)>,
}

impl Ledger {
    /// Does a command, and answers it as `answerable ledger do` does.
    fn answer(&mut self, line: &str) -> Value {
        let command = match wire::command(line) {
            Ok(command) => command,
            Err(unreadable) => return serde_json::from_str(&wire::malformed(&unreadable)).unwrap(),
        };
        let id = command.id.to_string();
        let answer = match self.done.get(&id) {
            Some((content, changes)) if *content == command.content_bytes() => wire::done(&id, changes, true),
            Some(_) => wire::refused(&id, Refusal::IdReused),
            None => match decide(&self.state, &command, command.recorded.unwrap()) {
                Ok(changes) => {
                    let recorded = self.state.recorded(command.recorded.unwrap());
                    for change in &changes {
                        let (kind, version, fields) = wire::stored(&change.event);
                        assert_eq!(wire::restored(kind, version, &fields).unwrap(), change.event);
                        let command = command.id.clone();
                        self.state.evolve(&Recorded { change: change.clone(), recorded, command }).unwrap();
                    }
                    let answer = wire::done(&id, &changes, false);
                    self.done.insert(id, (command.content_bytes(), changes));
                    answer
                }
                Err(refusal) => wire::refused(&id, refusal),
            },
        };
        serde_json::from_str(&answer).unwrap()
    }

    fn who(&self, at: &str, known_at: Option<&str>) -> BTreeMap<String, String> {
        let instant = |text: &str| {
            let value = answerable_care::ledger::field::Value::Text(text.to_owned());
            <Instant as answerable_care::ledger::field::Field>::read(&value).unwrap()
        };
        let rows = who(&self.state, instant(at), known_at.map_or(Instant::MAX, instant));
        rows.into_iter().map(|row| (row.duty.to_string(), row.holder.to_string())).collect()
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../conformance/ledger")
}

fn lines(name: &str) -> Vec<Value> {
    let text = fs::read_to_string(folder().join(format!("{name}.ndjson"))).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What is expected is there, in order; an event named by a word is any of its fields.
fn differs(expected: &Value, answer: &Value) -> Option<String> {
    let mut expected = expected.clone();
    let events = expected.as_object_mut().unwrap().remove("events");
    for (name, value) in expected.as_object().unwrap() {
        if &answer[name] != value {
            return Some(format!("{name} is {} and not {value}", answer[name]));
        }
    }
    let events = events?;
    let (events, given) =
        (events.as_array().unwrap().clone(), answer["events"].as_array().cloned().unwrap_or_default());
    if events.len() != given.len() {
        return Some(format!("{} events and not {}", given.len(), events.len()));
    }
    events.iter().zip(&given).find_map(|(event, given)| {
        let fields = if event.is_string() { json!({ "event": event }) } else { event.clone() };
        let wrong = fields.as_object().unwrap().iter().find(|(name, value)| &given[name.as_str()] != *value);
        wrong.map(|(name, value)| format!("{name} is {} and not {value} in {given}", given[name]))
    })
}

/// How far a story was told.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    /// To its end.
    Whole,
    /// Up to a command that there is not yet.
    UpTo(String),
}

/// Tells a story; an error says what goes wrong.
fn tell(ledger: &mut Ledger, name: &str) -> Result<Told, String> {
    for (number, line) in lines(name).iter().enumerate() {
        if let Some(given) = line["given"].as_str() {
            tell(ledger, &format!("_{given}"))?;
        } else if line["do"].is_object() {
            let command = &line["do"];
            let of = command["type"].as_str().unwrap();
            let answer = ledger.answer(&command.to_string());
            let message = answer["message"].as_str().unwrap_or_default();
            if NOT_YET.contains(&(name, of)) && message.contains(&format!("`{of}` is no command of the ledger")) {
                return Ok(Told::UpTo(of.to_owned()));
            }
            if let Some(how) = differs(&line["expect"], &answer) {
                return Err(format!("{name} line {}: {how}\n  {command}\n  {answer}", number + 1));
            }
        } else if let Some(asked) = line["who"].as_object() {
            let expected: BTreeMap<String, String> = serde_json::from_value(line["expect"].clone()).unwrap();
            let got = ledger.who(asked["at"].as_str().unwrap(), asked.get("known_at").map(|at| at.as_str().unwrap()));
            if got != expected {
                return Err(format!("{name} line {}: {got:?}\n  and not {expected:?}", number + 1));
            }
        }
    }
    Ok(Told::Whole)
}

#[test]
fn every_story_is_told_as_it_must_be() {
    let mut names: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .filter_map(|entry| Some(entry.unwrap().file_name().to_str()?.strip_suffix(".ndjson")?.to_owned()))
        .collect();
    names.sort();
    assert!(names.len() > 20, "only {} stories", names.len());
    let mut failures: Vec<String> = Vec::new();
    for name in &names {
        let not_yet = NOT_YET.iter().find(|(story, _)| story == name).map(|(_, command)| *command);
        match (tell(&mut Ledger::default(), name), not_yet) {
            (Ok(Told::Whole), None) | (Ok(Told::UpTo(_)), Some(_)) => (),
            (Err(failure), _) => failures.push(failure),
            (Ok(told), not_yet) => failures.push(format!("{name}: told {told:?}, listed as not yet: {not_yet:?}")),
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}
