//! What a program knows of the log: the directory whole, and the patients that were asked for lately, as they are at
//! its head.

use std::collections::{BTreeMap, BTreeSet};

use answerable_care::Instant;
use answerable_care::ledger::event::{Change, Recorded, Stream};
use answerable_care::ledger::evolve::Broken;
use answerable_care::ledger::id::{CommandId, Id, PatientId};
use answerable_care::ledger::invariants;
use answerable_care::ledger::reach::Reach;
use answerable_care::ledger::state::State;

use crate::chain::{self, Hash, START};
use crate::error::StoreError;
use crate::rows::Rows;
use crate::storage::{Batch, DIRECTORY, Entry, Filter, Head, Read};
use crate::tables::{Cell, INVOLVED, KNOWN, OFFER, Row, WAIT};
use crate::wire;

/// How many patients are kept at hand; past that all are let go, and read again when they are asked for.
const PATIENTS_MAX: usize = 20_000;

/// How many entries are read at a time.
pub(crate) const ENTRIES_MAX: usize = 10_000;

/// A part of the ledger's state, with where its streams end.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) state: State,
    tips: BTreeMap<String, Tip>,
    head: Head,
    /// Whose rows are to be written when the batch is.
    changed: BTreeSet<String>,
    is_begun: bool,
}

/// Where a stream ends.
#[derive(Clone, Debug)]
struct Tip {
    version: u64,
    hash: Hash,
    /// As they stand in the tables.
    rows: Rows,
}

impl Default for Tip {
    fn default() -> Tip {
        Tip { version: 0, hash: START, rows: Rows::default() }
    }
}

impl Known {
    /// Reads what was appended since, and which roles are closing.
    pub(crate) fn catch_up(&mut self, read: &mut dyn Read) -> Result<(), StoreError> {
        if !self.is_begun {
            self.take_in_stream(read, DIRECTORY)?;
            self.is_begun = true;
        }
        let head = read.head()?;
        if head != self.head {
            while self.head.position != 0 && self.head.position < head.position {
                let entries = read.log(self.head.position, ENTRIES_MAX)?;
                let Some(last) = entries.last() else { break };
                self.head.position = last.position;
                self.follow(&entries)?;
            }
            self.head = head;
        }
        self.state.last_recorded = head.recorded.map(Instant);
        let steps = read.steps()?;
        for (id, role) in &mut self.state.directory.roles {
            role.is_closing = steps.iter().any(|step| step.roles().any(|closing| closing == id.as_str()));
        }
        if self.state.patients.len() > PATIENTS_MAX {
            self.let_go();
        }
        Ok(())
    }

    /// Takes in what others appended: the directory's events; patients at hand are let go.
    fn follow(&mut self, entries: &[Entry]) -> Result<(), StoreError> {
        for entry in entries {
            if entry.patient != DIRECTORY {
                self.forget(&entry.patient);
            } else if entry.version > self.tip(DIRECTORY).version {
                self.take_in(entry)?;
            }
        }
        Ok(())
    }

    /// Loads the patients that a command reaches.
    pub(crate) fn load(&mut self, read: &mut dyn Read, reach: &Reach) -> Result<(), StoreError> {
        let mut patients: BTreeSet<String> = BTreeSet::new();
        for id in &reach.ids {
            match id {
                Id::Patient(patient) => {
                    patients.insert(patient.as_str().to_owned());
                }
                id if self.state.knows(id) || !is_of_patients(id) => {}
                id => {
                    let (kind, id) = id.parts();
                    let rows = read.rows(&KNOWN, Filter::Both("kind", kind, "id", id))?;
                    patients.extend(column(&rows, 2));
                }
            }
        }
        for role in &reach.roles {
            patients.extend(column(&read.rows(&INVOLVED, Filter::Is("role", role.as_str()))?, 0));
        }
        for service in &reach.services {
            patients.extend(column(&read.rows(&OFFER, Filter::Is("to_service", service.as_str()))?, 0));
        }
        if let Some(due) = reach.due_by {
            patients.extend(column(&read.rows(&WAIT, Filter::AtMost("due", due.0))?, 0));
        }
        patients.iter().try_for_each(|patient| self.load_patient(read, patient))
    }

    /// Loads a patient, if there is one by that id and they aren't at hand.
    pub(crate) fn load_patient(&mut self, read: &mut dyn Read, patient: &str) -> Result<(), StoreError> {
        if self.tips.contains_key(patient) {
            return Ok(());
        }
        self.take_in_stream(read, patient)?;
        if let (Ok(id), Some(tip)) = (PatientId::new(patient), self.tips.get_mut(patient)) {
            tip.rows = Rows::of(&self.state, &id);
        }
        Ok(())
    }

    fn take_in_stream(&mut self, read: &mut dyn Read, stream: &str) -> Result<(), StoreError> {
        let last = self.state.last_recorded;
        for entry in &read.stream(stream)? {
            self.take_in(entry)?;
        }
        // What a stream that was read later says of the clock is old.
        self.state.last_recorded = last.max(self.state.last_recorded);
        Ok(())
    }

    /// Takes an entry of the log in, and checks that it follows from the one before it in its stream.
    fn take_in(&mut self, entry: &Entry) -> Result<(), StoreError> {
        let tip = self.tips.entry(entry.patient.clone()).or_default();
        if entry.version != tip.version + 1 || entry.hash != chain::link(&tip.hash, entry) {
            return Err(broken_chain(entry));
        }
        (tip.version, tip.hash) = (entry.version, entry.hash);
        let recorded = recorded(entry)?;
        self.state.evolve(&recorded).map_err(|broken| {
            StoreError::corrupt(format!("event {} of {} can't be: {broken}", entry.version, named(&entry.patient)))
        })
    }

    fn tip(&mut self, stream: &str) -> &mut Tip {
        self.tips.entry(stream.to_owned()).or_default()
    }

    /// Takes changes in, and puts them into a batch at the end of their streams; each comes with its place among the
    /// events of the command.
    pub(crate) fn append<'c>(
        &mut self,
        batch: &mut Batch,
        command: &CommandId,
        recorded: Instant,
        changes: impl Iterator<Item = (usize, &'c Change)>,
    ) -> Result<(), StoreError> {
        let mut events = Vec::new();
        for (place, change) in changes {
            let patient = match &change.stream {
                Stream::Patient(patient) => patient.as_str(),
                Stream::Directory => DIRECTORY,
            };
            let event = Recorded { change: change.clone(), recorded, command: command.clone() };
            batch.inserted.extend(known_rows(&self.state, change).map(|row| (&KNOWN, row)));
            self.state.evolve(&event).map_err(|broken| would_break(command, &broken))?;
            events.push(event);
            self.head.position += 1;
            self.head.recorded = Some(recorded.0);
            let position = self.head.position;
            let tip = self.tip(patient);
            let mut entry = Entry {
                patient: patient.to_owned(),
                version: tip.version + 1,
                position,
                recorded: recorded.0,
                command: command.as_str().to_owned(),
                place: place as u32,
                body: wire::body(change),
                hash: START,
            };
            entry.hash = chain::link(&tip.hash, &entry);
            (tip.version, tip.hash) = (entry.version, entry.hash);
            batch.entries.push(entry);
            if patient != DIRECTORY {
                self.changed.insert(patient.to_owned());
            }
        }
        invariants::after_command(&self.state, &events).map_err(|broken| would_break(command, &broken))
    }

    /// Puts into a batch how the rows of those change who did.
    pub(crate) fn rows(&mut self, batch: &mut Batch) {
        for patient in std::mem::take(&mut self.changed) {
            let (Ok(id), Some(tip)) = (PatientId::new(&patient), self.tips.get_mut(&patient)) else { continue };
            let rows = Rows::of(&self.state, &id);
            rows.replace(&tip.rows, batch);
            tip.rows = rows;
        }
    }

    fn forget(&mut self, patient: &str) {
        self.tips.remove(patient);
        if let Ok(id) = PatientId::new(patient) {
            self.state.forget(&id);
        }
    }

    fn let_go(&mut self) {
        let directory = self.tips.remove(DIRECTORY);
        self.tips = directory.map(|tip| (DIRECTORY.to_owned(), tip)).into_iter().collect();
        self.state.forget_patients();
    }
}

/// The rows that say whose each id is that an event of a patient brings into a state; a duty that is opened again was
/// there before.
pub(crate) fn known_rows(state: &State, change: &Change) -> impl Iterator<Item = Row> {
    let patient: Option<Cell> = match &change.stream {
        Stream::Patient(patient) => Some(patient.as_str().into()),
        Stream::Directory => None,
    };
    let ids = change.event.brings();
    patient.into_iter().flat_map(move |patient| {
        let row = |id: &Id| {
            let (kind, id) = id.parts();
            vec![kind.into(), id.into(), patient.clone()]
        };
        ids.iter().filter(|id| is_of_patients(id) && !state.knows(id)).map(row).collect::<Vec<Row>>()
    })
}

/// Whether a thing with such an id is in a patient's stream, and is found by it: patients are their own.
fn is_of_patients(id: &Id) -> bool {
    !matches!(
        id,
        Id::Organisation(_)
            | Id::Service(_)
            | Id::Practitioner(_)
            | Id::Role(_)
            | Id::Patient(_)
            | Id::Proxy(_)
            | Id::Bulk(_)
    )
}

fn column(rows: &[Row], place: usize) -> impl Iterator<Item = String> {
    rows.iter().filter_map(move |row| row.get(place).and_then(Cell::text).map(str::to_owned))
}

/// An entry as the core knows it.
pub(crate) fn recorded(entry: &Entry) -> Result<Recorded, StoreError> {
    let wrong = |malformed| {
        StoreError::corrupt(format!("event {} of {} can't be read: {malformed}", entry.version, named(&entry.patient)))
    };
    let stream = match entry.patient.as_str() {
        DIRECTORY => Stream::Directory,
        patient => Stream::Patient(PatientId::new(patient).map_err(wrong)?),
    };
    let (at, event) = wire::read_body(&entry.body).map_err(wrong)?;
    let command = CommandId::new(&entry.command).map_err(wrong)?;
    Ok(Recorded { change: Change { stream, at, event }, recorded: Instant(entry.recorded), command })
}

/// A fault of this program: nothing of the command is written.
fn would_break(command: &CommandId, broken: &Broken) -> StoreError {
    StoreError::corrupt(format!("`{command}` would break what must always be true: {broken}"))
}

pub(crate) fn broken_chain(entry: &Entry) -> StoreError {
    StoreError::corrupt(format!(
        "event {} of {} isn't what was written, or one before it is gone; restore a copy",
        entry.version,
        named(&entry.patient)
    ))
}

/// A stream, for people.
pub(crate) fn named(stream: &str) -> String {
    if stream == DIRECTORY { "the directory".to_owned() } else { format!("patient `{stream}`") }
}
