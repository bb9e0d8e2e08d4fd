//! A ledger: a database, who writes to it, and what can be asked of it.

use std::collections::{BTreeMap, BTreeSet};

use answerable_care::Instant;
use answerable_care::ledger::id::PatientId;
use answerable_care::ledger::state::State;
use answerable_care::ledger::who::{self, Answerable};

use crate::chain::{self, Hash, START};
use crate::error::StoreError;
use crate::known::{ENTRIES_MAX, Known, broken_chain, known_rows, named, recorded};
use crate::rows::Rows;
use crate::storage::{Batch, Entry, Filter, Read, Storage, Transaction};
use crate::tables::{KNOWN, Row, TABLES, Table};
use crate::writer::{Request, Writer};

/// How many rows are written at a time when the tables are made again.
const ROWS_MAX: usize = 50_000;

/// A ledger.
pub struct Ledger {
    storage: Box<dyn Storage + Send>,
    writer: Writer,
}

/// What was verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many events.
    pub events: u64,
    /// How many streams.
    pub streams: u64,
    /// The last hash of each stream together: equal for equal ledgers.
    pub hash: Hash,
}

impl Ledger {
    /// Takes a database, and ends what was begun in it and cut off.
    ///
    /// # Errors
    ///
    /// If the database can't be used, or what it holds can't be.
    pub fn new(storage: Box<dyn Storage + Send>) -> Result<Ledger, StoreError> {
        let mut ledger = Ledger { storage, writer: Writer::default() };
        ledger.writer.resume(ledger.storage.as_mut())?;
        Ok(ledger)
    }

    /// Answers commands: see [`Writer::answer`].
    ///
    /// # Errors
    ///
    /// As [`Writer::answer`].
    pub fn answer(&mut self, requests: &[Request]) -> Result<Vec<String>, StoreError> {
        self.writer.answer(self.storage.as_mut(), requests)
    }

    /// The database.
    pub fn storage(&mut self) -> &mut dyn Storage {
        self.storage.as_mut()
    }

    /// Who is answerable for the open duties of a patient, or of all, at an instant, as known at another; with both
    /// instants. Left out they are the last that was recorded, and all that is known.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub fn who(
        &mut self,
        patient: Option<&PatientId>,
        at: Option<Instant>,
        known_at: Option<Instant>,
    ) -> Result<(Instant, Instant, Vec<Answerable>), StoreError> {
        let mut read = self.storage.read()?;
        let last = Instant(read.head()?.recorded.unwrap_or_default());
        let (at, known_at) = (at.unwrap_or(last), known_at.unwrap_or(last));
        let answerable = match patient {
            Some(patient) => {
                let mut known = Known::default();
                known.catch_up(read.as_mut())?;
                known.load_patient(read.as_mut(), patient.as_str())?;
                who::who(&known.state, at, known_at)
            }
            None => who::who(&whole(read.as_mut())?.state, at, known_at),
        };
        Ok((at, known_at, answerable))
    }

    /// Makes the tables again from the log.
    ///
    /// # Errors
    ///
    /// If the database can't be used, or the log isn't what was written.
    pub fn rebuild(&mut self) -> Result<Verified, StoreError> {
        let mut transaction = self.storage.write()?;
        let verified = rebuild(transaction.as_mut())?;
        transaction.commit()?;
        Ok(verified)
    }

    /// Checks that the log is what was written, that nothing in it breaks what must always be true, and that the tables
    /// say what the log says.
    ///
    /// # Errors
    ///
    /// [`StoreError::is_corrupt`] with the first fault.
    pub fn verify(&mut self) -> Result<Verified, StoreError> {
        let mut read = self.storage.read()?;
        let whole = whole(read.as_mut())?;
        let mut expected: BTreeMap<&str, BTreeSet<Row>> = BTreeMap::new();
        for (table, row) in whole.all_rows() {
            expected.entry(table.name).or_default().insert(row);
        }
        for table in TABLES {
            let rows: BTreeSet<Row> = read.rows(table, Filter::All)?.into_iter().collect();
            if expected.remove(table.name).unwrap_or_default() != rows {
                let message = format!("the table {} doesn't say what the log says; rebuild it", table.name);
                return Err(StoreError::corrupt(message));
            }
        }
        Ok(whole.verified)
    }
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ledger").field("writer", &self.writer).finish_non_exhaustive()
    }
}

/// Makes the tables again.
pub(crate) fn rebuild(transaction: &mut dyn Transaction) -> Result<Verified, StoreError> {
    let whole = whole(transaction)?;
    transaction.clear_tables()?;
    let mut batch = Batch::default();
    for row in whole.all_rows() {
        batch.inserted.push(row);
        if batch.inserted.len() == ROWS_MAX {
            transaction.put(&std::mem::take(&mut batch))?;
        }
    }
    transaction.put(&batch)?;
    Ok(whole.verified)
}

/// All that the log says.
pub(crate) struct Whole {
    pub(crate) state: State,
    known: Vec<Row>,
    pub(crate) verified: Verified,
}

impl Whole {
    fn all_rows(&self) -> impl Iterator<Item = (&'static Table, Row)> {
        let known = self.known.iter().map(|row| (&KNOWN, row.clone()));
        known.chain(self.state.patients.keys().flat_map(|patient| Rows::of(&self.state, patient).into_rows()))
    }
}

/// Folds the log, and checks every stream's chain on the way.
pub(crate) fn whole<R: Read + ?Sized>(read: &mut R) -> Result<Whole, StoreError> {
    let mut whole = Whole { state: State::default(), known: Vec::new(), verified: Verified::default() };
    let mut tips: BTreeMap<String, (u64, Hash)> = BTreeMap::new();
    let mut position = 0;
    loop {
        let entries = read.log(position, ENTRIES_MAX)?;
        for entry in &entries {
            if entry.position != position + 1 {
                return Err(StoreError::corrupt(format!("event {} of the log is gone; restore a copy", position + 1)));
            }
            position = entry.position;
            follow(&mut tips, entry)?;
            let recorded = recorded(entry)?;
            whole.known.extend(known_rows(&whole.state, &recorded.change));
            whole.state.evolve(&recorded).map_err(|broken| {
                let stream = named(&entry.patient);
                StoreError::corrupt(format!("event {} of {stream} can't be: {broken}", entry.version))
            })?;
        }
        if entries.len() < ENTRIES_MAX {
            break;
        }
    }
    let of_tip =
        |(stream, (version, hash)): (&String, &(u64, Hash))| format!("{stream} {version} {}\n", chain::hex(hash));
    let hash = chain::of(tips.iter().map(of_tip).collect::<String>().as_bytes());
    whole.verified = Verified { events: position, streams: tips.len() as u64, hash };
    Ok(whole)
}

fn follow(tips: &mut BTreeMap<String, (u64, Hash)>, entry: &Entry) -> Result<(), StoreError> {
    let (version, hash) = tips.entry(entry.patient.clone()).or_insert((0, START));
    if entry.version != *version + 1 || entry.hash != chain::link(hash, entry) {
        return Err(broken_chain(entry));
    }
    (*version, *hash) = (entry.version, entry.hash);
    Ok(())
}
