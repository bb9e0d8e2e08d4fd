//! Commands -> events in the log, with all that depends on them, in one transaction.
//!
//! The writer has no thread, clock or file of its own: whoever runs it gives it the database, the commands and what the
//! clock reads. It keeps the directory, and the patients that were asked for lately, as they are at the head of the log;
//! what another program has appended since is read first, so a command is always decided on all there is.

use std::collections::BTreeMap;

use answerable_care::Instant;
use answerable_care::ledger::command::Command;
use answerable_care::ledger::decide::decide;
use answerable_care::ledger::event::{Change, Event, Recorded, Stream};
use answerable_care::ledger::id::{Id, PatientId};
use answerable_care::ledger::reach::{Reach, reach};
use answerable_care::ledger::refusal::Refusal;
use answerable_care::ledger::state::State;

use crate::chain::{self, Hash, START};
use crate::error::StoreError;
use crate::rows::Rows;
use crate::storage::{Answered, Batch, DIRECTORY, Entry, Filter, Head, Read, Storage, Transaction};
use crate::tables::{Cell, INVOLVED, KNOWN, WAIT};
use crate::wire::{self, Answer};

/// How many patients are kept at hand; past that all are let go and read again when they are asked for.
const PATIENTS_MAX: usize = 20_000;

/// How many entries are read at a time.
const ENTRIES_MAX: usize = 10_000;

/// How often commands are decided anew because another program wrote first.
const TRIES_MAX: u32 = 100;

/// A command as it came, and what the clock read then.
#[derive(Clone, Debug)]
pub struct Request {
    /// One JSON object.
    pub line: String,
    /// When it came, in microseconds since 1970; of a replay, what the line itself says.
    pub reading: Reading,
}

/// Where the instant at which a command is recorded comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The clock.
    Clock(Instant),
    /// The command's own `recorded`.
    Replay,
}

/// Decides commands and appends what follows from them.
#[derive(Debug, Default)]
pub struct Writer {
    state: State,
    /// Where the streams of the directory and of the patients at hand end.
    tips: BTreeMap<String, Tip>,
    head: Head,
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

impl Writer {
    /// Answers commands, in order, when all that follows from them is durable.
    ///
    /// # Errors
    ///
    /// If the database can't be used: then nothing is known about any of the commands, and this writer knows nothing
    /// any more; a new one reads what is there.
    pub fn answer(&mut self, storage: &mut dyn Storage, requests: &[Request]) -> Result<Vec<Answer>, StoreError> {
        let mut tries = 0;
        loop {
            match self.attempt(storage, requests) {
                Err(error) if error.is_conflict() && tries < TRIES_MAX => tries += 1,
                Err(error) => {
                    *self = Writer::default();
                    return Err(error);
                }
                answers => return answers,
            }
            *self = Writer::default();
        }
    }

    fn attempt(&mut self, storage: &mut dyn Storage, requests: &[Request]) -> Result<Vec<Answer>, StoreError> {
        let mut transaction = storage.write()?;
        self.catch_up(transaction.as_mut())?;
        let mut batch = Batch::default();
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests {
            answers.push(self.one(transaction.as_mut(), &mut batch, request)?);
        }
        if !batch.entries.is_empty() {
            self.rows_of_touched(&mut batch);
            transaction.put(&batch)?;
            transaction.commit()?;
        }
        if self.state.patients.len() > PATIENTS_MAX {
            self.let_go();
        }
        Ok(answers)
    }
}
