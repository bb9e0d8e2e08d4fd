//! What a command has given so far: its events, and the records as these leave them. The directory is read as it was
//! when the command came.

use std::collections::BTreeMap;

use crate::ledger::command::Command;
use crate::ledger::event::contributor::ContributionEnded;
use crate::ledger::event::handover::{AnswerabilityMoved, OfferTakenOver};
use crate::ledger::event::{Basis, Change, Event, Stream};
use crate::ledger::fields::True;
use crate::ledger::id::{ContributionId, DutyId, Id, OrganisationId, PatientId, RoleId};
use crate::ledger::planted::planted;
use crate::ledger::refusal::Refusal;
use crate::ledger::state::{Contribution, Directory, Duty, Patient, Stamp, State, duty};
use crate::time::Instant;

/// On what terms a duty moves.
struct Terms {
    basis: Basis,
    until: Option<Instant>,
    late: Option<True>,
}

/// A command in the course of being decided.
pub(super) struct Draft<'a> {
    pub(super) state: &'a State,
    pub(super) command: &'a Command,
    /// When it takes effect.
    pub(super) at: Instant,
    /// When it is recorded.
    pub(super) recorded: Instant,
    touched: BTreeMap<PatientId, Patient>,
    changes: Vec<Change>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(state: &'a State, command: &'a Command, recorded: Instant) -> Draft<'a> {
        Draft { state, command, at: command.at, recorded, touched: BTreeMap::new(), changes: Vec::new() }
    }

    pub(super) fn into_changes(self) -> Vec<Change> {
        self.changes
    }

    /// Whether it has given no event yet.
    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    pub(super) fn directory(&self) -> &'a Directory {
        &self.state.directory
    }

    /// The role that asks.
    pub(super) fn asker(&self) -> Result<&'a RoleId, Refusal> {
        self.command.by.role().ok_or(Refusal::AskerMayNot)
    }

    /// The asker's organisation.
    pub(super) fn home_of_asker(&self) -> Result<&'a OrganisationId, Refusal> {
        self.directory().home(self.asker()?).ok_or(Refusal::Unknown)
    }

    /// A patient's record as it stands.
    pub(super) fn record(&self, patient: &PatientId) -> Result<&Patient, Refusal> {
        self.touched.get(patient).or_else(|| self.state.patients.get(patient)).ok_or(Refusal::Unknown)
    }

    /// Every patient's record as it stands.
    pub(super) fn records(&self) -> impl Iterator<Item = (&PatientId, &Patient)> {
        self.state.patients.iter().map(|(id, record)| (id, self.touched.get(id).unwrap_or(record)))
    }

    /// In whose record something is.
    pub(super) fn place(&self, id: impl Into<Id>) -> Result<&'a PatientId, Refusal> {
        self.state.place(&id.into()).ok_or(Refusal::Unknown)
    }

    /// A duty, with whose it is.
    pub(super) fn duty(&self, id: &DutyId) -> Result<(&'a PatientId, &Duty), Refusal> {
        let patient = self.place(id.clone())?;
        self.record(patient)?.duties.get(id).map(|duty| (patient, duty)).ok_or(Refusal::Unknown)
    }

    /// Gives an event of the directory.
    pub(super) fn happens(&mut self, event: impl Into<Event>) {
        self.happens_at(self.at, event);
    }

    /// Gives an event of the directory that took effect at another instant than the command.
    pub(super) fn happens_at(&mut self, at: Instant, event: impl Into<Event>) {
        self.changes.push(Change { stream: Stream::Directory, at, event: event.into() });
    }

    /// Gives an event of a patient.
    pub(super) fn happens_to(&mut self, patient: &PatientId, event: impl Into<Event>) {
        self.happens_to_at(patient, self.at, event);
    }

    /// Gives an event of a patient that took effect at another instant than the command.
    pub(super) fn happens_to_at(&mut self, patient: &PatientId, at: Instant, event: impl Into<Event>) {
        let event = event.into();
        if !self.touched.contains_key(patient)
            && let Some(record) = self.state.patients.get(patient)
        {
            self.touched.insert(patient.clone(), record.clone());
        }
        let stamp = Stamp { at, recorded: self.recorded };
        if let Some(record) = self.touched.get_mut(patient) {
            // What this breaks, the state's own `evolve` finds and stops at.
            let _ = record.evolve(&event, stamp, &self.state.limits);
        }
        self.changes.push(Change { stream: Stream::Patient(patient.clone()), at, event });
    }

    /// Moves duties in byte order.
    pub(super) fn move_all(&mut self, duties: &[DutyId], to: &RoleId, basis: Basis, until: Option<Instant>) {
        for duty in duty::in_byte_order(duties) {
            self.moves(&duty, to, self.at, Terms { basis, until, late: None });
        }
    }

    /// Moves a duty, by a rule that its new holder has accepted beforehand.
    pub(super) fn move_one(&mut self, duty: &DutyId, to: &RoleId, basis: Basis, at: Instant) {
        self.moves(duty, to, at, Terms { basis, until: None, late: None });
    }

    /// Moves a duty as of when both sides say that it was handed over.
    pub(super) fn move_late(&mut self, duty: &DutyId, to: &RoleId) {
        self.moves(duty, to, self.at, Terms { basis: Basis::Accepted, until: None, late: Some(True) });
    }

    /// *A move*: at an instant, or where the holding began if later. Straight after it: its contributions end; its
    /// open offer has the new holder as offerer.
    fn moves(&mut self, id: &DutyId, to: &RoleId, at: Instant, terms: Terms) {
        let Ok((patient, duty)) = self.duty(id) else { return };
        let Some((holding, since)) = duty.held() else { return };
        let at = if planted!("moves-before-the-holding") { at } else { at.max(since.at) };
        let at = if planted!("moves-when-recorded") { self.recorded } else { at };
        let moved = AnswerabilityMoved {
            patient: patient.clone(),
            need: duty.need.clone(),
            duty: id.clone(),
            basis: terms.basis,
            from: holding.holder.clone(),
            to: to.clone(),
            until: terms.until,
            late: terms.late,
        };
        self.happens_to_at(patient, at, moved);
        let Ok(record) = self.record(patient) else { return };
        let is_help = |(help_id, help): (&ContributionId, &Contribution)| {
            (help.duty == *id && help.ended.is_none() && !planted!("help-outlives-the-holding"))
                .then(|| help_id.clone())
        };
        let help: Vec<ContributionId> = record.contributions.iter().filter_map(is_help).collect();
        let open = record.duties.get(id).and_then(|duty| record.open_offer_of(duty, self.recorded));
        let taken_over = open
            .filter(|(_, offer)| offer.offerer != *to && !planted!("offers-stay-behind"))
            .map(|(offer, _)| offer.clone());
        for contribution in help {
            self.happens_to_at(patient, at, ContributionEnded { contribution });
        }
        if let Some(offer) = taken_over {
            self.happens_to_at(patient, at, OfferTakenOver { offer, by: to.clone() });
        }
    }
}
