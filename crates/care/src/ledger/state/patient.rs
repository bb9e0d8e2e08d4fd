//! A patient's record: needs, duties, offers, contributions, disputes, and who may speak for them.

use std::collections::{BTreeMap, BTreeSet};

use super::directory::Directory;
use super::duty::{Duty, Holding, Stamp};
use crate::ledger::command::handover::To;
use crate::ledger::event::contributor::Help;
use crate::ledger::fields::{Age, Date, Text};
use crate::ledger::id::{ContributionId, DisputeId, DutyId, NeedId, OfferId, ProxyId, RoleId, ServiceId};
use crate::time::Instant;

/// Who may speak for a patient: what was recorded of it, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Proxy {
    /// From when on, and on what basis; none from when it ended.
    pub entries: Vec<(Instant, Option<Text>)>,
}

impl Proxy {
    /// Whether it may speak at an instant for a patient born on this day: under 13 on any basis; from 13 agreed,
    /// granted or legal; from 16 granted or legal.
    #[must_use]
    pub fn is_valid(&self, birth: Date, at: Instant) -> bool {
        let entry = self.entries.iter().rev().find(|(from, _)| *from <= at);
        let Some(basis) = entry.and_then(|(_, basis)| basis.as_ref()) else { return false };
        match basis.as_str() {
            "granted" | "legal" => true,
            "agreed" => at < birth.birthday(16),
            _ => at < birth.birthday(13),
        }
    }
}

/// A need.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Need {
    /// Its title.
    pub title: Text,
    /// What records it came from.
    pub sources: Vec<Text>,
    /// When it was opened, or opened again.
    pub opened: Instant,
    /// When it was closed, while it is.
    pub closed: Option<Instant>,
    /// The duties that closed with it when it last did.
    pub closed_with: BTreeSet<DutyId>,
}

/// What became of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OfferState {
    /// It waits for an answer.
    Open,
    /// It was accepted.
    Accepted,
    /// It was declined.
    Declined,
    /// It was answered by another.
    Countered,
    /// It was taken back.
    Recalled,
    /// Nobody answered in time.
    Expired,
    /// It ended with what it was about.
    Lapsed,
}

/// An offer, or a counter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Offer {
    /// The duties offered.
    pub duties: Vec<DutyId>,
    /// Who holds them and offers: of a counter, who is to agree.
    pub offerer: RoleId,
    /// To whom; of a counter, the role that countered.
    pub to: To,
    /// The offer that it answers, of a counter.
    pub counters: Option<OfferId>,
    /// When the answer is due.
    pub due: Instant,
    /// Until when the duties would be held.
    pub until: Option<Instant>,
    /// What is to be done, for the receiver to read back.
    pub actions: Vec<Text>,
    /// When it was made.
    pub made: Stamp,
    /// From when on it can be accepted: when it was made, and of a rest, when the whole was.
    pub offered: Instant,
    /// What became of it.
    pub state: OfferState,
    /// When that was.
    pub ended: Option<Stamp>,
    /// What was accepted of it.
    pub accepted: Vec<DutyId>,
    /// What was not, as an offer of its own (I8).
    pub rest: Option<OfferId>,
}

impl Offer {
    /// Whether some of it was accepted, and not all.
    #[must_use]
    pub fn is_partly_accepted(&self) -> bool {
        !self.accepted.is_empty() && self.accepted.len() < self.duties.len()
    }

    /// What has become of it by now: from its due instant it is expired, ticked or not.
    #[must_use]
    pub fn state(&self, recorded: Instant) -> OfferState {
        let is_due = self.state == OfferState::Open && recorded >= self.due;
        if is_due { OfferState::Expired } else { self.state }
    }

    /// Whether it waits for an answer.
    #[must_use]
    pub fn is_open(&self, recorded: Instant) -> bool {
        self.state(recorded) == OfferState::Open
    }

    /// Whether it waits for any role of a service.
    #[must_use]
    pub fn waits_for(&self, service: &ServiceId) -> bool {
        self.state == OfferState::Open && matches!(&self.to, To::Service(to) if to == service)
    }

    /// Whether its duties would go to a role: it is offered to it, or that role has countered.
    #[must_use]
    pub fn would_go_to(&self, role: &RoleId) -> bool {
        matches!(&self.to, To::Role(to) if to == role)
    }
}

/// Help with a duty (I9).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Contribution {
    /// Of what.
    pub duty: DutyId,
    /// By whom.
    pub role: RoleId,
    /// How.
    pub kind: Help,
    /// From when.
    pub start: Option<Instant>,
    /// Until when.
    pub end: Option<Instant>,
    /// When it ended, once it has.
    pub ended: Option<Stamp>,
}

/// A disagreement about who is answerable.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Dispute {
    /// For which duty.
    pub duty: DutyId,
    /// Between whom.
    pub parties: BTreeSet<RoleId>,
    /// When it was raised.
    pub raised: Stamp,
    /// When it was resolved, once it is.
    pub resolved: Option<Stamp>,
    /// Whether somebody up the line has heard that it isn't.
    pub is_escalated: bool,
}

/// A patient's record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Patient {
    /// Born on.
    pub birth: Date,
    /// Who may speak for them.
    pub proxies: BTreeMap<ProxyId, Proxy>,
    /// Needs, by id.
    pub needs: BTreeMap<NeedId, Need>,
    /// Duties, by id.
    pub duties: BTreeMap<DutyId, Duty>,
    /// Offers and counters, by id.
    pub offers: BTreeMap<OfferId, Offer>,
    /// Help, by id.
    pub contributions: BTreeMap<ContributionId, Contribution>,
    /// Disputes, by id.
    pub disputes: BTreeMap<DisputeId, Dispute>,
    /// The ages at which an alarm has rung.
    pub alarms: BTreeSet<Age>,
}

impl Patient {
    /// A record with nothing in it but a birthday.
    #[must_use]
    pub fn born(birth: Date) -> Patient {
        Patient {
            birth,
            proxies: BTreeMap::new(),
            needs: BTreeMap::new(),
            duties: BTreeMap::new(),
            offers: BTreeMap::new(),
            contributions: BTreeMap::new(),
            disputes: BTreeMap::new(),
            alarms: BTreeSet::new(),
        }
    }

    /// The duties of a need, in byte order.
    pub fn duties_of<'a>(&'a self, need: &'a NeedId) -> impl Iterator<Item = (&'a DutyId, &'a Duty)> {
        self.duties.iter().filter(move |(_, duty)| duty.need == *need)
    }

    /// The open duties with their holdings, in byte order.
    pub fn held(&self) -> impl Iterator<Item = (&DutyId, &Duty, &Holding)> {
        self.duties.iter().filter_map(|(id, duty)| duty.held().map(|(holding, _)| (id, duty, holding)))
    }

    /// The open offer that a duty is in (I3).
    #[must_use]
    pub fn open_offer_of(&self, duty: &Duty, recorded: Instant) -> Option<(&OfferId, &Offer)> {
        let (id, offer) = duty.offer.as_ref().and_then(|offer| self.offers.get_key_value(offer))?;
        offer.is_open(recorded).then_some((id, offer))
    }

    /// The dispute about a duty that isn't resolved.
    #[must_use]
    pub fn open_dispute_of(&self, duty: &DutyId) -> Option<&DisputeId> {
        self.disputes.iter().find(|(_, dispute)| dispute.duty == *duty && dispute.resolved.is_none()).map(|(id, _)| id)
    }

    /// Whether a role holds a duty here, has an open offer or counter, or helps: what ending it reaches.
    #[must_use]
    pub fn concerns(&self, role: &RoleId) -> bool {
        self.held().any(|(_, _, holding)| holding.holder == *role)
            || self.offers.values().any(|offer| offer.state == OfferState::Open && offer.would_go_to(role))
            || self.contributions.values().any(|help| help.ended.is_none() && help.role == *role)
    }

    /// The ages at which an alarm is to ring, and who holds the duties that it is about: where a young person is cared
    /// for until an age, the fourteenth birthday and that age.
    #[must_use]
    pub fn alarm_ages(&self, directory: &Directory) -> BTreeMap<Age, BTreeSet<RoleId>> {
        const FOURTEENTH: Age = Age(14);
        let mut ages: BTreeMap<Age, BTreeSet<RoleId>> = BTreeMap::new();
        for (_, _, holding) in self.held() {
            let home = directory.home(&holding.holder);
            if let Some(until) = home.and_then(|home| directory.until_age(home)) {
                ages.entry(FOURTEENTH).or_default().insert(holding.holder.clone());
                ages.entry(until).or_default().insert(holding.holder.clone());
            }
        }
        ages
    }
}
