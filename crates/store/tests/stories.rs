//! The stories of `conformance/ledger`: each line answered as it must be, in memory and on both kinds of database.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at what it didn't expect"
)]

mod common;

use std::collections::BTreeMap;

use answerable_care::Instant;
use answerable_care::ledger::decide::decide;
use answerable_care::ledger::event::{Change, Recorded};
use answerable_care::ledger::field::Field;
use answerable_care::ledger::refusal::Refusal;
use answerable_care::ledger::state::State;
use answerable_care::ledger::who::{Answerable, who};
use answerable_store::writer::{Reading, Request};
use answerable_store::{Ledger, wire};
use serde_json::Value;

use common::on_each;
use common::story::{Answers, Told, names, tell};

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
struct InMemory {
    state: State,
    done: BTreeMap<String, (Vec<u8>, Vec<Change>)>,
}

impl Answers for InMemory {
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
                        let read = wire::read_body(&wire::body(change)).unwrap();
                        assert_eq!(read, (change.at, change.event.clone()));
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

    fn who(&mut self, at: &str, known_at: Option<&str>) -> BTreeMap<String, String> {
        by_duty(who(&self.state, instant(at), known_at.map_or(Instant::MAX, instant)))
    }
}

impl Answers for Ledger {
    fn answer(&mut self, line: &str) -> Value {
        self.answer_all(&[line.to_owned()]).pop().unwrap()
    }

    fn answer_all(&mut self, lines: &[String]) -> Vec<Value> {
        let request = |line: &String| Request { line: line.clone(), reading: Reading::Replay };
        let answers = Ledger::answer(self, &lines.iter().map(request).collect::<Vec<Request>>()).unwrap();
        assert_eq!(answers.len(), lines.len());
        answers.iter().map(|answer| serde_json::from_str(answer).unwrap()).collect()
    }

    fn who(&mut self, at: &str, known_at: Option<&str>) -> BTreeMap<String, String> {
        by_duty(Ledger::who(self, None, Some(instant(at)), known_at.map(instant)).unwrap().2)
    }
}

fn instant(text: &str) -> Instant {
    Instant::read(&answerable_care::ledger::field::Value::Text(text.to_owned())).unwrap()
}

fn by_duty(rows: Vec<Answerable>) -> BTreeMap<String, String> {
    rows.into_iter().map(|row| (row.duty.to_string(), row.holder.to_string())).collect()
}

/// Tells each story to a new ledger.
fn tell_each<L: Answers>(mut new: impl FnMut() -> L, mut then: impl FnMut(&str, L)) {
    let mut failures: Vec<String> = Vec::new();
    for name in names() {
        let not_yet = NOT_YET.iter().find(|(story, _)| *story == name).map(|(_, command)| *command);
        let mut ledger = new();
        match (tell(&mut ledger, &name, not_yet), not_yet) {
            (Ok(Told::Whole), None) => (),
            (Ok(Told::UpTo(command)), Some(expected)) if command == expected => (),
            (Err(failure), _) => failures.push(failure),
            (Ok(told), not_yet) => failures.push(format!("{name}: told {told:?}, listed as not yet: {not_yet:?}")),
        }
        then(&name, ledger);
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn every_story_is_told_in_memory_as_it_must_be() {
    tell_each(InMemory::default, |_, _| ());
}

#[test]
fn every_story_is_told_on_each_database_as_it_must_be() {
    on_each(|place| {
        let new = || {
            place.empty();
            Ledger::new(place.open()).unwrap()
        };
        tell_each(new, |name, mut ledger| {
            let verified = ledger.verify().unwrap_or_else(|error| panic!("{name} on {}: {error}", place.name()));
            assert_eq!(ledger.rebuild().unwrap(), verified, "{name}");
            assert_eq!(ledger.verify().unwrap(), verified, "{name}");
            // Another program finds the same.
            assert_eq!(Ledger::new(place.open()).unwrap().verify().unwrap(), verified, "{name}");
        });
    });
}
