//! The whole ledger as lines of JSON, and back: to the same bytes.
//!
//! The first line says what it is; then one line for each event in the order of the log, one for each answer in the order
//! of the commands' ids, and one for each command that was begun and not ended.

use std::io::{BufRead, Write};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::chain::{self, Hash};
use crate::error::StoreError;
use crate::known::ENTRIES_MAX;
use crate::ledger::{Ledger, Verified};
use crate::storage::{Answered, Batch, Entry, Step, Storage};

/// The version of the lines.
const FORMAT: u32 = 1;

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Line<'l> {
    /// The first.
    Ledger { format: u32 },
    /// Of the log.
    Event {
        position: u64,
        patient: String,
        version: u64,
        recorded: i64,
        command: String,
        place: u32,
        #[serde(borrow)]
        body: &'l RawValue,
        hash: String,
    },
    /// What was answered.
    Answered {
        command: String,
        content: String,
        recorded: i64,
        #[serde(borrow)]
        events: &'l RawValue,
    },
    /// What was begun.
    Step { command: String, line: String, recorded: i64, roles: String, plan: Vec<String> },
}

impl Ledger {
    /// Writes the whole ledger as of one moment.
    ///
    /// # Errors
    ///
    /// If it can't be read, or the lines can't be written.
    pub fn export(&mut self, to: &mut dyn Write) -> Result<(), StoreError> {
        let mut read = self.storage().read()?;
        write(to, &Line::Ledger { format: FORMAT })?;
        let mut position = 0;
        loop {
            let entries = read.log(position, ENTRIES_MAX)?;
            for entry in &entries {
                position = entry.position;
                write(
                    to,
                    &Line::Event {
                        position,
                        patient: entry.patient.clone(),
                        version: entry.version,
                        recorded: entry.recorded,
                        command: entry.command.clone(),
                        place: entry.place,
                        body: raw(&entry.body)?,
                        hash: chain::hex(&entry.hash),
                    },
                )?;
            }
            if entries.len() < ENTRIES_MAX {
                break;
            }
        }
        for answered in read.all_answered()? {
            let Answered { command, content, recorded, answer } = answered;
            write(to, &Line::Answered { command, content: chain::hex(&content), recorded, events: raw(&answer)? })?;
        }
        for step in read.steps()? {
            let Step { command, line, recorded, roles, plan } = step;
            write(to, &Line::Step { command, line, recorded, roles, plan })?;
        }
        to.flush().map_err(unwritten)
    }

    /// Takes a whole ledger into an empty database: all or nothing.
    ///
    /// # Errors
    ///
    /// If there is something in it already, if a line isn't what [`Ledger::export`] writes, or if the log isn't what was
    /// written once.
    pub fn import(mut storage: Box<dyn Storage + Send>, from: &mut dyn BufRead) -> Result<Verified, StoreError> {
        {
            let mut transaction = storage.write()?;
            if transaction.head()?.position > 0 {
                return Err(StoreError::unfit("the ledger isn't empty; name a new one"));
            }
            let mut number = 0;
            let mut line = String::new();
            let mut batch = Batch::default();
            loop {
                line.clear();
                let read =
                    from.read_line(&mut line).map_err(|error| StoreError::failed("can't read the lines", error))?;
                if read == 0 {
                    break;
                }
                number += 1;
                take_in(&line, number, &mut batch)?;
                if batch.entries.len() + batch.answered.len() >= ENTRIES_MAX {
                    transaction.put(&std::mem::take(&mut batch))?;
                }
            }
            if number == 0 {
                return Err(StoreError::unfit("there are no lines; a ledger's export has at least one"));
            }
            transaction.put(&batch)?;
            crate::ledger::rebuild(transaction.as_mut())?;
            transaction.commit()?;
        }
        Ledger::new(storage)?.verify()
    }
}

fn take_in(line: &str, number: u64, batch: &mut Batch) -> Result<(), StoreError> {
    let wrong = |why: String| StoreError::unfit(format!("line {number} is no line of a ledger's export: {why}"));
    let line: Line = serde_json::from_str(line).map_err(|error| wrong(error.to_string()))?;
    match line {
        Line::Ledger { format } if number == 1 && format == FORMAT => {}
        Line::Ledger { format } => return Err(wrong(format!("format {format}"))),
        _ if number == 1 => return Err(wrong("the first should say `ledger`".to_owned())),
        Line::Event { position, patient, version, recorded, command, place, body, hash } => {
            let hash = unhex(&hash).ok_or_else(|| wrong("`hash` should be 64 hexadecimal digits".to_owned()))?;
            let body = body.get().to_owned();
            batch.entries.push(Entry { patient, version, position, recorded, command, place, body, hash });
        }
        Line::Answered { command, content, recorded, events } => {
            let content =
                unhex(&content).ok_or_else(|| wrong("`content` should be 64 hexadecimal digits".to_owned()))?;
            batch.answered.push(Answered { command, content, recorded, answer: events.get().to_owned() });
        }
        Line::Step { command, line, recorded, roles, plan } => {
            batch.begun.push(Step { command, line, recorded, roles, plan });
        }
    }
    Ok(())
}

fn write(to: &mut dyn Write, line: &Line) -> Result<(), StoreError> {
    let mut text = serde_json::to_string(line).map_err(|error| StoreError::failed("can't write a line", error))?;
    text.push('\n');
    to.write_all(text.as_bytes()).map_err(unwritten)
}

fn unwritten(error: std::io::Error) -> StoreError {
    StoreError::failed("can't write the lines", error)
}

fn raw(text: &str) -> Result<&RawValue, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::corrupt("an event of the log is no JSON"))
}

fn unhex(text: &str) -> Option<Hash> {
    let mut hash = Hash::default();
    if text.len() != 2 * hash.len() || !text.is_ascii() {
        return None;
    }
    for (place, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(hash)
}
