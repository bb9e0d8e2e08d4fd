//! Commands that touch a role, or an organisation, and its patients: done in steps that can be cut off anywhere.
//!
//! First a mark says that the command has begun, and which roles are closing: they accept nothing more. Then each patient
//! in a transaction of their own; then the directory's events, with the answer, and the mark goes. A ledger spread by
//! patient needs no other transaction. Whoever finds a mark goes on from it: what is left to do is worked out from what
//! is there, so a step that was done is not done again, and two programs may do it at once.

use std::collections::BTreeSet;

use answerable_care::Instant;
use answerable_care::ledger::command::Command;
use answerable_care::ledger::decide::{decide, rest_of_command};
use answerable_care::ledger::event::{Change, Event, Stream};
use answerable_care::ledger::id::{CommandId, PatientId};
use answerable_care::ledger::reach::reach;

use crate::chain;
use crate::error::StoreError;
use crate::known::Known;
use crate::storage::{Answered, Batch, DIRECTORY, Step, Storage, Transaction};
use crate::wire;

/// Whether what a command gives is done in steps: a role ends or an organisation closes, and patients are touched.
pub(crate) fn are_needed(changes: &[Change]) -> bool {
    let ends = |change: &Change| matches!(change.event, Event::RoleEnded(_) | Event::OrganisationClosed(_));
    let is_of_patient = |change: &Change| change.stream != Stream::Directory;
    changes.iter().any(ends) && changes.iter().any(is_of_patient)
}

/// Does a command in steps, from its first.
///
/// # Errors
///
/// [`StoreError::is_conflict`] if another program came between: the command is to be decided anew.
pub(crate) fn run(
    known: &mut Known,
    storage: &mut dyn Storage,
    command: &Command,
    reading: Instant,
) -> Result<(), StoreError> {
    let begun = {
        let mut transaction = storage.write()?;
        known.catch_up(transaction.as_mut())?;
        begin(known, transaction, command, reading)?
    };
    // Another's that is in the way is brought to its end, and then this one is decided anew.
    go_on(known, storage, &begun)
}

/// Marks a command as begun, if it is still to be done; else which one has to be ended first.
fn begin(
    known: &mut Known,
    mut transaction: Box<dyn Transaction + '_>,
    command: &Command,
    reading: Instant,
) -> Result<Step, StoreError> {
    let recorded = known.state.recorded(reading);
    let reach = reach(command, &known.state.directory, recorded);
    known.load(transaction.as_mut(), &reach)?;
    let Ok(changes) = decide(&known.state, command, reading) else { return Err(StoreError::overtaken()) };
    let step = Step {
        command: command.id.as_str().to_owned(),
        line: wire::command_line(command),
        recorded: recorded.0,
        roles: changes.iter().filter_map(closing).collect::<Vec<&str>>().join(" "),
        plan: changes.iter().map(|change| format!("{}\t{}", stream(change), wire::body(change))).collect::<Vec<_>>(),
    };
    let is_in_the_way =
        |other: &Step| other.command == step.command || other.roles().any(|role| step.roles().any(|own| own == role));
    if let Some(other) = transaction.steps()?.into_iter().find(is_in_the_way) {
        return Ok(other);
    }
    transaction.put(&Batch { begun: vec![step.clone()], ..Batch::default() })?;
    transaction.commit()?;
    Ok(step)
}

/// Goes on with a command that was begun, to its end.
///
/// # Errors
///
/// [`StoreError::is_conflict`] if another program wrote first: go on again.
pub(crate) fn go_on(known: &mut Known, storage: &mut dyn Storage, step: &Step) -> Result<(), StoreError> {
    let wrong = |_| StoreError::corrupt(format!("the command `{}` that was begun can't be read", step.command));
    let command = wire::command(&step.line).map_err(wrong)?;
    let mut left: Vec<String> = step.patients().into_iter().map(str::to_owned).collect();
    let mut done: BTreeSet<String> = BTreeSet::new();
    loop {
        for patient in &left {
            let mut transaction = storage.write()?;
            known.catch_up(transaction.as_mut())?;
            if !is_begun(transaction.as_mut(), step)? {
                return Ok(());
            }
            known.load_patient(transaction.as_mut(), patient)?;
            let mut batch = Batch::default();
            append(known, &mut batch, &command, step, Some(patient))?;
            if !batch.entries.is_empty() {
                known.rows(&mut batch);
                transaction.put(&batch)?;
                transaction.commit()?;
            }
        }
        done.extend(left);
        let mut transaction = storage.write()?;
        known.catch_up(transaction.as_mut())?;
        if !is_begun(transaction.as_mut(), step)? {
            return Ok(());
        }
        // Somebody may have been added meanwhile: an offer to a service of an organisation that closes.
        let recorded = known.state.recorded(Instant(step.recorded));
        let reach = reach(&command, &known.state.directory, recorded);
        known.load(transaction.as_mut(), &reach)?;
        let rest = known.as_begun(step, |state| rest_of_command(state, &command, recorded));
        left = rest.iter().map(stream).filter(|stream| *stream != DIRECTORY).map(str::to_owned).collect();
        left.dedup();
        if left.is_empty() {
            return finish(known, transaction, &command, step, &done);
        }
    }
}

/// The directory's events, and the answer.
fn finish(
    known: &mut Known,
    mut transaction: Box<dyn Transaction + '_>,
    command: &Command,
    step: &Step,
    patients: &BTreeSet<String>,
) -> Result<(), StoreError> {
    let mut batch = Batch { ended: vec![step.command.clone()], ..Batch::default() };
    append(known, &mut batch, command, step, None)?;
    let mut entries = batch.entries.clone();
    for patient in patients {
        let of_it = transaction.stream(patient)?.into_iter().filter(|entry| entry.command == step.command);
        entries.extend(of_it);
    }
    // Those of one place are of a patient whom somebody else changed meanwhile.
    entries.sort_by(|one, other| {
        (one.place, &one.patient, one.version).cmp(&(other.place, &other.patient, other.version))
    });
    let bodies: Vec<&str> = entries.iter().map(|entry| entry.body.as_str()).collect();
    batch.answered.push(Answered {
        command: step.command.clone(),
        content: chain::of(&command.content_bytes()),
        recorded: step.recorded,
        answer: wire::events_of(&bodies).map_err(|_| StoreError::corrupt("an event can't be read"))?,
    });
    transaction.put(&batch)?;
    transaction.commit()
}

fn is_begun(transaction: &mut dyn Transaction, step: &Step) -> Result<bool, StoreError> {
    Ok(transaction.steps()?.iter().any(|begun| begun.command == step.command))
}

/// What is left to do for one patient, or for the directory.
fn append(
    known: &mut Known,
    batch: &mut Batch,
    command: &Command,
    step: &Step,
    patient: Option<&str>,
) -> Result<(), StoreError> {
    let recorded = known.state.recorded(Instant(step.recorded));
    let changes = known.alone_with(patient, step, |state| rest_of_command(state, command, recorded));
    let own = patient.unwrap_or(DIRECTORY);
    let is_own = |change: &&Change| stream(change) == own;
    let places: Vec<(usize, Change)> =
        changes.iter().filter(is_own).map(|change| (step.place(change), change.clone())).collect();
    let id = CommandId::new(&step.command)
        .map_err(|_| StoreError::corrupt(format!("`{}` is no id of a command", step.command)))?;
    known.append(batch, &id, recorded, places.iter().map(|(place, change)| (*place, change)))
}

impl Step {
    /// The roles that are closing.
    pub(crate) fn roles(&self) -> impl Iterator<Item = &str> {
        self.roles.split(' ').filter(|role| !role.is_empty())
    }

    /// The patients of the plan, each once, in its order.
    fn patients(&self) -> Vec<&str> {
        let mut patients: Vec<&str> = Vec::new();
        for patient in self.plan.iter().filter_map(|line| line.split_once('\t')).map(|(patient, _)| patient) {
            if patient != DIRECTORY && !patients.contains(&patient) {
                patients.push(patient);
            }
        }
        patients
    }

    /// The place of a change in the plan; after all others if it isn't planned.
    fn place(&self, change: &Change) -> usize {
        let line = format!("{}\t{}", stream(change), wire::body(change));
        self.plan.iter().position(|planned| *planned == line).unwrap_or(self.plan.len())
    }
}

fn stream(change: &Change) -> &str {
    match &change.stream {
        Stream::Patient(patient) => patient.as_str(),
        Stream::Directory => DIRECTORY,
    }
}

/// The role that ends by it.
fn closing(change: &Change) -> Option<&str> {
    if let Event::RoleEnded(event) = &change.event { Some(event.role.as_str()) } else { None }
}

impl Known {
    /// Looks at a state with one patient alone, or none, in which the roles of a step may still do what ends them.
    fn alone_with<T>(
        &mut self,
        patient: Option<&str>,
        step: &Step,
        look: impl FnOnce(&answerable_care::ledger::state::State) -> T,
    ) -> T {
        let mut all = std::mem::take(&mut self.state.patients);
        let one = patient.and_then(|patient| PatientId::new(patient).ok()).and_then(|id| all.remove_entry(&id));
        self.state.patients.extend(one);
        let seen = self.as_begun(step, look);
        all.append(&mut self.state.patients);
        self.state.patients = all;
        seen
    }

    /// Looks at a state in which the roles of a step may still do what ends them.
    fn as_begun<T>(&mut self, step: &Step, look: impl FnOnce(&answerable_care::ledger::state::State) -> T) -> T {
        self.close(step, false);
        let seen = look(&self.state);
        self.close(step, true);
        seen
    }

    fn close(&mut self, step: &Step, is_closing: bool) {
        for (id, role) in &mut self.state.directory.roles {
            if step.roles().any(|closing| closing == id.as_str()) {
                role.is_closing = is_closing;
            }
        }
    }
}
