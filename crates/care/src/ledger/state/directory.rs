//! Organisations in their trees, each with its lead; services; practitioners and their roles.

use std::collections::{BTreeMap, BTreeSet};

use crate::ledger::event::directory::Side;
use crate::ledger::fields::{Age, Text};
use crate::ledger::id::{BulkId, Id, OrganisationId, PractitionerId, RoleId, ServiceId};
use crate::ledger::planted::planted;
use crate::time::Instant;

/// What one side of two has proposed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Proposal<S, T> {
    /// Who proposed.
    pub side: S,
    /// What.
    pub what: T,
}

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Organisation {
    /// Its name.
    pub name: Text,
    /// The one above it; a root has none.
    pub parent: Option<OrganisationId>,
    /// Until what age it cares, if it says so.
    pub until_age: Option<Age>,
    /// Whether it was closed.
    pub is_closed: bool,
    /// Who leads it.
    pub lead: Option<RoleId>,
    /// A lead proposed by one side.
    pub proposed_lead: Option<Proposal<Side, RoleId>>,
}

/// A named practitioner in a role at an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Role {
    /// Who is in it.
    pub practitioner: PractitionerId,
    /// Where.
    pub organisation: OrganisationId,
    /// As what.
    pub profession: Text,
    /// Kinds of duties that it may hold; `*` is any.
    pub scope: Vec<Text>,
    /// When it begins.
    pub start: Instant,
    /// When it is to end, if that is known.
    pub end: Option<Instant>,
    /// When it ended, once it has (I6).
    pub ended: Option<Instant>,
    /// Whether its end is under way: a mark of the store, while the role's patients are handed on one by one. From
    /// then on it accepts nothing, as one that has ended.
    pub is_closing: bool,
    /// A wider scope proposed by one side.
    pub proposed_scope: Option<Proposal<Side, Vec<Text>>>,
    /// A later end proposed by one side.
    pub proposed_end: Option<Proposal<Side, Option<Instant>>>,
}

impl Role {
    /// Whether its period, as it stands, holds an instant.
    #[must_use]
    pub fn is_in_period(&self, at: Instant) -> bool {
        let is_before = |end: Option<Instant>| end.is_none_or(|end| at < end);
        self.start <= at && is_before(self.end) && is_before(self.ended)
    }

    /// Whether it can act or accept now: in its period, not ended, not about to be.
    #[must_use]
    pub fn is_present(&self, recorded: Instant) -> bool {
        if planted!("ended-roles-accept") && self.ended.is_some() {
            return true;
        }
        let is_closing = self.is_closing && !planted!("closing-roles-accept");
        self.ended.is_none() && !is_closing && self.is_in_period(recorded)
    }

    /// Whether its scope has a kind of duty.
    #[must_use]
    pub fn has_in_scope(&self, kind: &Text) -> bool {
        self.scope.iter().any(|in_scope| in_scope.as_str() == "*" || in_scope == kind)
    }
}

/// Who works where, and who leads what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Directory {
    /// Organisations, by id.
    pub organisations: BTreeMap<OrganisationId, Organisation>,
    /// Services, by id, each with its organisation.
    pub services: BTreeMap<ServiceId, OrganisationId>,
    /// Practitioners, by id, with their names.
    pub practitioners: BTreeMap<PractitionerId, Text>,
    /// Roles, by id.
    pub roles: BTreeMap<RoleId, Role>,
    /// Offers made together.
    pub bulks: BTreeSet<BulkId>,
}

impl Directory {
    /// Whether something is in the directory.
    #[must_use]
    pub fn knows(&self, id: &Id) -> bool {
        match id {
            Id::Organisation(id) => self.organisations.contains_key(id),
            Id::Service(id) => self.services.contains_key(id),
            Id::Practitioner(id) => self.practitioners.contains_key(id),
            Id::Role(id) => self.roles.contains_key(id),
            Id::Bulk(id) => self.bulks.contains(id),
            _ => false,
        }
    }

    /// An organisation and those above it, nearest first.
    pub fn upward(
        &self,
        organisation: &OrganisationId,
    ) -> impl Iterator<Item = (&OrganisationId, &Organisation)> + use<'_> {
        std::iter::successors(self.entry(organisation), |(_, one)| self.entry(one.parent.as_ref()?))
    }

    fn entry<'a>(&'a self, organisation: &OrganisationId) -> Option<(&'a OrganisationId, &'a Organisation)> {
        self.organisations.get_key_value(organisation)
    }

    /// Whether an organisation is another, or below it.
    #[must_use]
    pub fn is_at_or_below(&self, organisation: &OrganisationId, above: &OrganisationId) -> bool {
        self.upward(organisation).any(|(id, _)| id == above)
    }

    /// Where a role is.
    #[must_use]
    pub fn home(&self, role: &RoleId) -> Option<&OrganisationId> {
        self.roles.get(role).map(|role| &role.organisation)
    }

    /// Whether a role is lead of an organisation or of one above it: *leads(o)*.
    #[must_use]
    pub fn leads(&self, role: &RoleId, organisation: &OrganisationId) -> bool {
        self.upward(organisation).any(|(_, one)| one.lead.as_ref() == Some(role))
    }

    /// Whether a role leads any organisation.
    #[must_use]
    pub fn leads_any(&self, role: &RoleId) -> bool {
        self.organisations.values().any(|one| one.lead.as_ref() == Some(role))
    }

    /// Whether a role leads an organisation at the top of a tree.
    #[must_use]
    pub fn leads_a_root(&self, role: &RoleId) -> bool {
        self.organisations.values().any(|one| one.parent.is_none() && one.lead.as_ref() == Some(role))
    }

    /// The nearest lead at or above an organisation who is in period, of one not closed: *lead(o)*; reckoned without
    /// a role that is ending.
    #[must_use]
    pub fn lead(&self, organisation: &OrganisationId, recorded: Instant, without: Option<&RoleId>) -> Option<&RoleId> {
        self.upward(organisation).find_map(|(_, one)| {
            let lead = one.lead.as_ref().filter(|lead| !one.is_closed && Some(*lead) != without)?;
            self.roles.get(lead).filter(|role| role.is_present(recorded)).map(|_| lead)
        })
    }

    /// The next lead up from a role that leads: the nearest in period above what it leads, else none.
    #[must_use]
    pub fn next_lead_up(&self, role: &RoleId, recorded: Instant) -> Option<&RoleId> {
        let home = self.home(role)?;
        let led = self.upward(home).find(|(_, one)| one.lead.as_ref() == Some(role));
        let from = match led {
            Some((_, one)) => one.parent.as_ref()?,
            None => home,
        };
        self.lead(from, recorded, Some(role))
    }

    /// Who decides a dispute: the lead of the lowest organisation common to the parties, else of the holder's root; one
    /// who is a party gives way upward, unless none is left.
    #[must_use]
    pub fn adjudicator(&self, parties: &BTreeSet<RoleId>, holder: &RoleId, recorded: Instant) -> Option<&RoleId> {
        let homes: Vec<&OrganisationId> = parties.iter().filter_map(|party| self.home(party)).collect();
        let is_common = |above: &OrganisationId| homes.iter().all(|home| self.is_at_or_below(home, above));
        let common = homes.first().and_then(|home| self.upward(home).find(|(id, _)| is_common(id)));
        let (lowest, _) = common.or_else(|| self.upward(self.home(holder)?).last())?;
        let leads = self.upward(lowest).filter_map(|(id, _)| self.lead(id, recorded, None));
        leads.into_iter().find(|lead| !parties.contains(*lead)).or_else(|| self.lead(lowest, recorded, None))
    }

    /// Whether the root of an organisation's tree has a lead.
    #[must_use]
    pub fn has_lead_at_root(&self, organisation: &OrganisationId) -> bool {
        self.upward(organisation).last().is_some_and(|(_, root)| root.lead.is_some())
    }

    /// Until what age is cared at an organisation: the nearest at or above it that says.
    #[must_use]
    pub fn until_age(&self, organisation: &OrganisationId) -> Option<Age> {
        self.upward(organisation).find_map(|(_, one)| one.until_age)
    }
}
