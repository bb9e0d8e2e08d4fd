//! A ledger in memory, with its log: commands go in, and everything that must hold is asked after each, of the
//! core's own invariants and of the [`referee`].

use answerable_care::Instant;
use answerable_care::ledger::command::Command;
use answerable_care::ledger::decide::decide;
use answerable_care::ledger::event::{Change, Event, Recorded, Stream};
use answerable_care::ledger::invariants;
use answerable_care::ledger::refusal::Refusal;
use answerable_care::ledger::state::State;

use crate::referee::{self, Play};

/// A state, and the log that it is a fold of.
#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    pub(crate) state: State,
    pub(crate) log: Vec<Recorded>,
    /// Everything that was asked, what the clock read, and what came of it.
    pub(crate) asked: Vec<(Command, Instant, Result<Vec<Change>, Refusal>)>,
}

impl World {
    /// Does a command: what it gives is taken in, and breaks nothing.
    pub(crate) fn ask(&mut self, command: &Command, reading: Instant) -> Result<Vec<Change>, Refusal> {
        let recorded = self.state.recorded(reading);
        let outcome = decide(&self.state, command, reading);
        let before = self.state.clone();
        let line = command.ask.line();
        match &outcome {
            Err(refusal) => {
                let is_common = Refusal::ALL.iter().position(|one| one == refusal) <= of_every_command();
                assert!(is_common || line.refusals.contains(refusal), "{} may not refuse {refusal}", line.of);
            }
            Ok(changes) => {
                let first = self.log.len();
                for change in changes {
                    let kind = change.event.kind();
                    assert!(line.events.contains(&kind), "{} may not give {}", line.of, kind.as_str());
                    self.take(change, recorded, command);
                }
                invariants::of_state(&self.state).unwrap();
                invariants::after_command(&self.state, &self.log[first..]).unwrap();
            }
        }
        let given = outcome.as_ref().map(Vec::as_slice).map_err(|refusal| *refusal);
        referee::judge(&Play { before: &before, command, recorded, outcome: given, after: &self.state }).unwrap();
        self.asked.push((command.clone(), reading, outcome.clone()));
        outcome
    }

    fn take(&mut self, change: &Change, recorded: Instant, command: &Command) {
        let fields = change.event.write();
        assert_eq!(
            Event::read(change.event.kind(), &fields).as_ref(),
            Ok(&change.event),
            "an event is read as written"
        );
        let before = self.record_of(change);
        let event = Recorded { change: change.clone(), recorded, command: command.id.clone() };
        self.state.evolve(&event).unwrap_or_else(|broken| panic!("{broken}: {event:?}"));
        if let (Some(before), Some(after)) = (before, self.record_of(change)) {
            invariants::i5_i9(&before, &after, &change.event).unwrap();
        }
        self.log.push(event);
    }

    fn record_of(&self, change: &Change) -> Option<answerable_care::ledger::state::Patient> {
        let Stream::Patient(patient) = &change.stream else { return None };
        self.state.patients.get(patient).cloned()
    }
}

/// The last of the refusals of every command, which stand first.
fn of_every_command() -> Option<usize> {
    Refusal::ALL.iter().position(|one| *one == Refusal::AlreadyExists)
}
