//! The state: a fold of the log. It may be partial: the directory whole, and of the patients those that a command
//! reaches (see [`super::reach`]).

pub mod directory;
pub mod duty;
pub mod patient;

use std::collections::BTreeMap;

use super::id::{Id, PatientId};
use crate::time::Instant;
pub use directory::{Directory, Organisation, Proposal, Role};
pub use duty::{Duty, Entry, Holding, Occupancy, Stamp, Until, Wait};
pub use patient::{Contribution, Dispute, Need, Offer, OfferState, Patient, Proxy};

/// Everything that is known, or as much of it as was loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    /// Organisations, practitioners, roles.
    pub directory: Directory,
    /// Patients, by id.
    pub patients: BTreeMap<PatientId, Patient>,
    /// In whose record a need, a duty, an offer, a contribution or a dispute is.
    pub(crate) places: BTreeMap<Id, PatientId>,
    /// When the last event was recorded, of all the ledger: a store that loads a part sets it.
    pub last_recorded: Option<Instant>,
    /// How long things may take.
    pub limits: Limits,
}

/// The limits that are configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    /// How far past the last thing recorded the clock is believed.
    pub clock_ahead: Instant,
    /// How far past the clock an effective instant may be: the clocks' doubt.
    pub in_future: Instant,
    /// How long after it took effect a thing is late.
    pub late: Instant,
    /// How long a change of holder may stay untold.
    pub untold: Instant,
    /// How long a caretaker may take to place a duty.
    pub unplaced: Instant,
    /// How long a dispute may stay open.
    pub unresolved: Instant,
    /// After how long without anything recorded the clock records that it was read.
    pub clock_read: Instant,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            clock_ahead: Instant::DAY,
            in_future: Instant(5 * 60_000_000),
            late: Instant::HOUR * 24,
            untold: Instant::DAY * 7,
            unplaced: Instant::DAY * 14,
            unresolved: Instant::DAY * 14,
            clock_read: Instant::HOUR * 12,
        }
    }
}

impl State {
    /// A state with no patient in it: a store takes in the streams of those that a command reaches, then sets
    /// [`State::last_recorded`] to that of the whole ledger.
    #[must_use]
    pub fn of_directory(directory: Directory) -> State {
        State { directory, ..State::default() }
    }

    /// When a command is recorded whose clock reads this: a clock that goes back counts as the last.
    #[must_use]
    pub fn recorded(&self, reading: Instant) -> Instant {
        self.last_recorded.map_or(reading, |last| last.max(reading))
    }

    /// In whose record something is.
    #[must_use]
    pub fn place(&self, id: &Id) -> Option<&PatientId> {
        match id {
            Id::Patient(patient) => self.patients.get_key_value(patient).map(|(known, _)| known),
            _ => self.places.get(id),
        }
    }

    /// Lets a patient's record go; it may be taken in again from its first event.
    pub fn forget(&mut self, patient: &PatientId) {
        let Some(record) = self.patients.remove(patient) else { return };
        let needs = record.needs.into_keys().map(Id::from);
        let duties = record.duties.into_keys().map(Id::from);
        let offers = record.offers.into_keys().map(Id::from);
        let help = record.contributions.into_keys().map(Id::from);
        let disputes = record.disputes.into_keys().map(Id::from);
        for id in needs.chain(duties).chain(offers).chain(help).chain(disputes) {
            self.places.remove(&id);
        }
    }

    /// Lets all patients' records go.
    pub fn forget_patients(&mut self) {
        self.patients.clear();
        self.places.clear();
    }

    /// Whether something is in the ledger.
    #[must_use]
    pub fn knows(&self, id: &Id) -> bool {
        self.directory.knows(id) || self.place(id).is_some()
    }
}
