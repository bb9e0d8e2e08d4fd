//! Commands -> events in the log, with all that depends on them, in one transaction.
//!
//! The writer has no thread, clock or file of its own: whoever runs it gives it the database, the commands and what the
//! clock reads. It keeps the directory, and the patients that were asked for lately, as they are at the head of the log;
//! what another program has appended since is read first, so a command is always decided on all there is.

use answerable_care::Instant;
use answerable_care::ledger::command::Command;
use answerable_care::ledger::decide::decide;
use answerable_care::ledger::reach::reach;
use answerable_care::ledger::refusal::Refusal;

use crate::chain;
use crate::error::StoreError;
use crate::known::Known;
use crate::steps;
use crate::storage::{Answered, Batch, Storage, Transaction};
use crate::wire;

/// How often commands are decided anew because another program wrote first.
const TRIES_MAX: u32 = 1_000;

/// A command as it came, and what the clock read then.
#[derive(Clone, Debug)]
pub struct Request {
    /// One JSON object.
    pub line: String,
    /// Where the instant at which it is recorded comes from.
    pub reading: Reading,
}

/// Where the instant at which a command is recorded comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The clock.
    Clock(Instant),
    /// The command's own `recorded`: tests and imports.
    Replay,
}

/// Decides commands and appends what follows from them.
#[derive(Debug, Default)]
pub struct Writer {
    known: Known,
}

/// What becomes of a command.
enum Outcome {
    /// It is answered, and what it wrote is in the batch.
    Answered(String),
    /// It ends a role or closes an organisation: it is done in steps of its own, when what came before is durable.
    InSteps(Box<Command>, Instant),
}

impl Writer {
    /// Ends what was begun and cut off: to be called before any command.
    ///
    /// # Errors
    ///
    /// As [`Writer::answer`].
    pub fn resume(&mut self, storage: &mut dyn Storage) -> Result<(), StoreError> {
        let begun = storage.read()?.steps()?;
        for step in begun {
            self.again_where_in_conflict(|known| steps::go_on(known, storage, &step))?;
        }
        Ok(())
    }

    /// Answers commands, each with a line, in order, when all that follows from them is durable.
    ///
    /// # Errors
    ///
    /// If the database can't be used: then nothing is known about those of the commands that weren't answered before,
    /// and nothing may be written any more by this program.
    pub fn answer(&mut self, storage: &mut dyn Storage, requests: &[Request]) -> Result<Vec<String>, StoreError> {
        let mut answers = Vec::with_capacity(requests.len());
        while let Some(rest) = requests.get(answers.len()..).filter(|rest| !rest.is_empty()) {
            let (mut some, in_steps) = self.again_where_in_conflict(|known| attempt(known, storage, rest))?;
            answers.append(&mut some);
            if let Some((command, reading)) = in_steps {
                answers.extend(self.in_steps(storage, &command, reading)?);
            }
        }
        Ok(answers)
    }

    /// Does a command in steps; no answer if another program wrote in between: then it is to be decided anew.
    fn in_steps(
        &mut self,
        storage: &mut dyn Storage,
        command: &Command,
        reading: Instant,
    ) -> Result<Option<String>, StoreError> {
        match steps::run(&mut self.known, storage, command, reading) {
            Err(error) if error.is_conflict() => self.known = Known::default(),
            done => done?,
        }
        let answered = storage.read()?.answered(command.id.as_str())?;
        Ok(answered.map(|answered| wire::done_with(&answered.command, &answered.answer, false)))
    }

    /// What another program's write has made void is tried again on what is there now.
    fn again_where_in_conflict<T>(
        &mut self,
        mut attempt: impl FnMut(&mut Known) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut tries = 0;
        loop {
            match attempt(&mut self.known) {
                Err(error) => {
                    // What was taken in isn't in the log.
                    self.known = Known::default();
                    tries += 1;
                    if !error.is_conflict() || tries > TRIES_MAX {
                        return Err(error);
                    }
                }
                done => return done,
            }
        }
    }
}

type InSteps = Option<(Box<Command>, Instant)>;

/// Answers commands up to one that is done in steps.
fn attempt(
    known: &mut Known,
    storage: &mut dyn Storage,
    requests: &[Request],
) -> Result<(Vec<String>, InSteps), StoreError> {
    let mut transaction = storage.write()?;
    known.catch_up(transaction.as_mut())?;
    let (mut batch, mut answers, mut in_steps) = (Batch::default(), Vec::with_capacity(requests.len()), None);
    for request in requests {
        match one(known, transaction.as_mut(), &mut batch, request)? {
            Outcome::Answered(answer) => answers.push(answer),
            Outcome::InSteps(command, reading) => {
                in_steps = Some((command, reading));
                break;
            }
        }
    }
    if !batch.answered.is_empty() {
        known.rows(&mut batch);
        transaction.put(&batch)?;
        transaction.commit()?;
    }
    Ok((answers, in_steps))
}

fn one(
    known: &mut Known,
    transaction: &mut dyn Transaction,
    batch: &mut Batch,
    request: &Request,
) -> Result<Outcome, StoreError> {
    let command = match wire::command(&request.line) {
        Ok(command) => command,
        Err(unreadable) => return Ok(Outcome::Answered(wire::malformed(&unreadable))),
    };
    let reading = match (request.reading, command.recorded) {
        (Reading::Clock(reading), _) => reading,
        (Reading::Replay, Some(recorded)) => recorded,
        (Reading::Replay, None) => return Ok(Outcome::Answered(wire::not_recorded(&command))),
    };
    let id = command.id.as_str();
    let content = chain::of(&command.content_bytes());
    let before = match batch.answered.iter().find(|one| one.command == id) {
        Some(before) => Some(before.clone()),
        None => transaction.answered(id)?,
    };
    if let Some(before) = before {
        let is_same = before.content == content;
        let answer =
            if is_same { wire::done_with(id, &before.answer, true) } else { wire::refused(id, Refusal::IdReused) };
        return Ok(Outcome::Answered(answer));
    }
    let recorded = known.state.recorded(reading);
    let reach = reach(&command, &known.state.directory, recorded);
    known.load(transaction, &reach)?;
    match decide(&known.state, &command, reading) {
        Err(refusal) => Ok(Outcome::Answered(wire::refused(id, refusal))),
        Ok(changes) if steps::are_needed(&changes) => Ok(Outcome::InSteps(Box::new(command), reading)),
        Ok(changes) => {
            known.append(batch, &command.id, recorded, changes.iter().enumerate())?;
            batch.answered.push(Answered {
                command: id.to_owned(),
                content,
                recorded: recorded.0,
                answer: wire::events(&changes),
            });
            Ok(Outcome::Answered(wire::done(id, &changes, false)))
        }
    }
}
