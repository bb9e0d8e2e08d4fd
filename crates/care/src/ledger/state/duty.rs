//! A duty and who held it when: as things were, and as they were known.

use super::directory::Proposal;
use crate::ledger::event::Basis;
use crate::ledger::fields::Text;
use crate::ledger::id::{DutyId, NeedId, OfferId, RoleId};
use crate::time::Instant;

/// When a thing took effect, and when it was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// When it took effect.
    pub at: Instant,
    /// When it was recorded.
    pub recorded: Instant,
}

impl Stamp {
    /// Whether it had taken effect by `at`, as known at `known_at`.
    #[must_use]
    pub fn is_by(self, at: Instant, known_at: Instant) -> bool {
        self.at <= at && self.recorded <= known_at
    }
}

/// Until when a duty is held, and to whom it goes back.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Until {
    /// When it goes back.
    pub at: Instant,
    /// To whom.
    pub giver: RoleId,
}

/// Who holds a duty, and how they came to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Holding {
    /// The one answerable: always exactly one (I1).
    pub holder: RoleId,
    /// How they came to be.
    pub basis: Basis,
    /// Until when, where it is lent.
    pub until: Option<Until>,
}

/// What became of a duty.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Occupancy {
    /// It was held, from then on.
    Held(Holding),
    /// It was closed.
    Closed,
}

/// A change of a duty, in the order in which changes were recorded. Each takes effect at or after the one before, so
/// what was known at any time is a beginning of the list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    /// When.
    pub stamp: Stamp,
    /// What became of it.
    pub what: Occupancy,
}

/// Something that waits to be done, until it is; whoever is up the line hears of it once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Wait {
    /// Since when.
    pub since: Stamp,
    /// When it was done.
    pub done: Option<Stamp>,
    /// Whether somebody up the line has heard.
    pub is_escalated: bool,
}

/// A duty.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Duty {
    /// The need that it is of.
    pub need: NeedId,
    /// Its kind.
    pub kind: Text,
    /// What became of it, in order; the first opens it.
    pub entries: Vec<Entry>,
    /// The last offer that it was in, open or not (I3).
    pub offer: Option<OfferId>,
    /// The changes of holder of which the patient is to be told (I14).
    pub untold: Vec<Wait>,
    /// Whether somebody up the line has heard that its caretaker has not placed it.
    pub is_escalated: bool,
    /// A late handover that one side has proposed: from whom, and to whom.
    pub proposed_late: Option<Proposal<RoleId, (RoleId, RoleId)>>,
}

impl Duty {
    /// The present holding, with when it began; none if the duty is closed.
    #[must_use]
    pub fn held(&self) -> Option<(&Holding, Stamp)> {
        self.entries.last().and_then(Entry::held)
    }

    /// Who holds it now.
    #[must_use]
    pub fn holder(&self) -> Option<&RoleId> {
        self.held().map(|(holding, _)| &holding.holder)
    }

    /// Who held it last, whether or not it is open.
    #[must_use]
    pub fn last_holder(&self) -> Option<&RoleId> {
        self.entries.iter().rev().find_map(Entry::held).map(|(holding, _)| &holding.holder)
    }

    /// Whether this role holds it now.
    #[must_use]
    pub fn is_held_by(&self, role: &RoleId) -> bool {
        self.holder() == Some(role)
    }

    /// Who held it at an instant, as known at another; none where it was not open.
    #[must_use]
    pub fn held_at(&self, at: Instant, known_at: Instant) -> Option<(&Holding, Stamp)> {
        self.entries.iter().rev().find(|entry| entry.stamp.is_by(at, known_at)).and_then(Entry::held)
    }
}

impl Entry {
    fn held(&self) -> Option<(&Holding, Stamp)> {
        match &self.what {
            Occupancy::Held(holding) => Some((holding, self.stamp)),
            Occupancy::Closed => None,
        }
    }
}

/// Ids of duties in byte order: the order in which they move.
pub(crate) fn in_byte_order<'a>(duties: impl IntoIterator<Item = &'a DutyId>) -> Vec<DutyId> {
    let mut duties: Vec<DutyId> = duties.into_iter().cloned().collect();
    duties.sort_unstable();
    duties
}
