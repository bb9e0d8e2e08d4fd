//! What a database must do for the ledger, whichever it is.
//!
//! A database keeps the log (one stream of events for each patient, one for the directory), the answers that were given,
//! and tables for worklists. What goes into them is worked out elsewhere ([`crate::writer`]): this is where it is kept,
//! all or none, and durable before [`Transaction::commit`] answers.

use crate::chain::Hash;
use crate::error::StoreError;
use crate::tables::{Row, Table};

/// The stream of the directory, among those of patients: no patient's id is empty.
pub const DIRECTORY: &str = "";

/// An event as the log keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Whose stream it is of: a patient's id, or [`DIRECTORY`].
    pub patient: String,
    /// Its place in its stream, from 1.
    pub version: u64,
    /// Its place in the whole log, from 1, without gaps.
    pub position: u64,
    /// When it was recorded, in microseconds since 1970.
    pub recorded: i64,
    /// The id of the command that made it.
    pub command: String,
    /// Its place among the events of its command, from 0.
    pub place: u32,
    /// The event, with its version, as JSON.
    pub body: String,
    /// Of this entry and all before it in its stream: see [`crate::chain`].
    pub hash: Hash,
}

/// A command that was done, and what was answered: asked again, it is answered again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The command's id.
    pub command: String,
    /// Of what it asked.
    pub content: Hash,
    /// When, in microseconds since 1970.
    pub recorded: i64,
    /// The events of the answer, as JSON.
    pub answer: String,
}

/// A command over several streams that has begun and hasn't ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The command's id.
    pub command: String,
    /// The command as it was asked.
    pub line: String,
    /// When it began, in microseconds since 1970.
    pub recorded: i64,
    /// The roles that are closing, with a space between.
    pub roles: String,
    /// The events that it was to give, in the order of its answer: each a stream, a tab and a body.
    pub plan: Vec<String>,
}

/// How far the log goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The last position; 0 of an empty log.
    pub position: u64,
    /// When the last event was recorded.
    pub recorded: Option<i64>,
}

/// Which rows of a table.
#[derive(Clone, Copy, Debug)]
pub enum Filter<'f> {
    /// All.
    All,
    /// Those with a text in a column.
    Is(&'static str, &'f str),
    /// Those with two texts in two columns.
    Both(&'static str, &'f str, &'static str, &'f str),
    /// Those with a number of at most that in a column.
    AtMost(&'static str, i64),
}

/// What can be read, as of one moment.
pub trait Read {
    /// How far the log goes.
    ///
    /// # Errors
    ///
    /// If the database can't be read; so have all others here.
    fn head(&mut self) -> Result<Head, StoreError>;

    /// At most so many entries after a position, in order.
    ///
    /// # Errors
    ///
    /// As [`Read::head`].
    fn log(&mut self, after: u64, entries_max: usize) -> Result<Vec<Entry>, StoreError>;

    /// A stream's entries, in order.
    ///
    /// # Errors
    ///
    /// As [`Read::head`].
    fn stream(&mut self, patient: &str) -> Result<Vec<Entry>, StoreError>;

    /// What was answered to a command.
    ///
    /// # Errors
    ///
    /// As [`Read::head`].
    fn answered(&mut self, command: &str) -> Result<Option<Answered>, StoreError>;

    /// All answers, in the order of their commands' ids.
    ///
    /// # Errors
    ///
    /// As [`Read::head`].
    fn all_answered(&mut self) -> Result<Vec<Answered>, StoreError>;

    /// Rows of a table, in the order of its key.
    ///
    /// # Errors
    ///
    /// As [`Read::head`].
    fn rows(&mut self, table: &'static Table, filter: Filter) -> Result<Vec<Row>, StoreError>;

    /// What has begun and hasn't ended, in the order of commands' ids.
    ///
    /// # Errors
    ///
    /// As [`Read::head`].
    fn steps(&mut self) -> Result<Vec<Step>, StoreError>;
}

/// What is written together.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// New entries of the log, in order of position.
    pub entries: Vec<Entry>,
    /// New answers.
    pub answered: Vec<Answered>,
    /// Rows that go; before those that come.
    pub removed: Vec<(&'static Table, Row)>,
    /// Rows that come.
    pub inserted: Vec<(&'static Table, Row)>,
    /// What begins.
    pub begun: Vec<Step>,
    /// The ids of commands that have ended.
    pub ended: Vec<String>,
}

/// A transaction that sees nothing of others, and of which others see nothing before it is committed.
pub trait Transaction: Read {
    /// Writes.
    ///
    /// # Errors
    ///
    /// [`StoreError::is_conflict`] if another has written the same place of a stream or of the log.
    fn put(&mut self, batch: &Batch) -> Result<(), StoreError>;

    /// Empties the tables, but for the log, the answers and what has begun.
    ///
    /// # Errors
    ///
    /// If the database can't be written.
    fn clear_tables(&mut self) -> Result<(), StoreError>;

    /// Makes all of it durable.
    ///
    /// # Errors
    ///
    /// [`StoreError::is_conflict`] if nothing was written since another came first. Any other error leaves open whether
    /// it was: nothing may be written any more by who got it.
    fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// A database.
pub trait Storage {
    /// Begins a transaction that reads.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    fn read(&mut self) -> Result<Box<dyn Read + '_>, StoreError>;

    /// Begins a transaction that writes; it waits for another that writes.
    ///
    /// # Errors
    ///
    /// If the database can't be written.
    fn write(&mut self) -> Result<Box<dyn Transaction + '_>, StoreError>;
}
