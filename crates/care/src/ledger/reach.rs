//! What a command reaches: which records must be loaded to decide it as the whole ledger would.

use std::collections::BTreeSet;

use super::command::{Ask, Command};
use super::decide::{one_of, rest_of};
use super::field::Field;
use super::fields::Age;
use super::id::{Id, Mention, RoleId, ServiceId};
use super::state::{Directory, Limits, OfferState, Patient};
use crate::time::Instant;

/// What a command reaches beside the directory, which is always whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Ids that it names or gives: the record that each is in, if any has it.
    pub ids: BTreeSet<Id>,
    /// Roles: every record with a duty, an open offer or help of theirs ([`Patient::concerns`]).
    pub roles: BTreeSet<RoleId>,
    /// Services: every record with an open offer to them.
    pub services: BTreeSet<ServiceId>,
    /// Every record in which something is due by then ([`Patient::next_due`]).
    pub due_by: Option<Instant>,
}

/// What a command reaches, when recorded at an instant.
#[must_use]
pub fn reach(command: &Command, directory: &Directory, recorded: Instant) -> Reach {
    let mut reach = Reach { ids: command.ids().into_iter().collect(), ..Reach::default() };
    match &command.ask {
        Ask::EndRole(ask) => {
            reach.roles.insert(ask.role.clone());
        }
        Ask::SetScope(ask) => {
            reach.roles.insert(ask.role.clone());
        }
        Ask::CloseOrganisation(ask) => {
            let own = directory.services.iter().filter(|(_, organisation)| **organisation == ask.organisation);
            reach.services.extend(own.map(|(service, _)| service.clone()));
        }
        Ask::Accept(ask) => {
            reach.ids.insert(rest_of(&ask.offer).into());
        }
        Ask::OfferMany(ask) => {
            for item in &ask.offers.0 {
                let mut named = Vec::new();
                item.mention(&mut named);
                reach.ids.extend(named.into_iter().map(Mention::into_id));
                reach.ids.insert(one_of(&ask.bulk.0, &item.duty).into());
            }
        }
        Ask::Tick(_) => {
            reach.due_by = Some(recorded);
            let is_over = |end: Option<Instant>| end.is_some_and(|end| end <= recorded);
            let ending = directory.roles.iter().filter(|(_, role)| role.ended.is_none() && is_over(role.end));
            reach.roles.extend(ending.map(|(id, _)| id.clone()));
        }
        _ => (),
    }
    reach
}

impl Patient {
    /// Whether a record is within a reach, beside what its ids say.
    #[must_use]
    pub fn is_reached(&self, reach: &Reach, directory: &Directory, limits: &Limits) -> bool {
        let offers_to = |service: &ServiceId| self.offers.values().any(|offer| offer.waits_for(service));
        reach.roles.iter().any(|role| self.concerns(role))
            || reach.services.iter().any(offers_to)
            || reach.due_by.is_some_and(|by| self.next_due(directory, limits).is_some_and(|due| due <= by))
    }

    /// The instant from which a tick has something to do with this record; none if it never has. It changes only
    /// when the record does: what it reads of the directory is fixed when an organisation or a role is registered.
    #[must_use]
    pub fn next_due(&self, directory: &Directory, limits: &Limits) -> Option<Instant> {
        let offers = self.offers.values().filter(|offer| offer.state == OfferState::Open).map(|offer| offer.due);
        let lent = self.held().filter_map(|(_, _, holding)| holding.until.as_ref().map(|until| until.at));
        let help = self.contributions.values().filter(|help| help.ended.is_none()).filter_map(|help| help.end);
        let waits = self.duties.values().flat_map(|duty| &duty.untold);
        let untold = waits.filter(|wait| wait.done.is_none() && !wait.is_escalated);
        let untold = untold.map(|wait| wait.since.recorded + limits.untold);
        let unplaced = self.duties.values().filter(|duty| !duty.is_escalated).filter_map(|duty| {
            let (holding, since) = duty.held()?;
            holding.basis.is_caretaking().then(|| since.recorded + limits.unplaced)
        });
        let open = self.disputes.values().filter(|dispute| dispute.resolved.is_none() && !dispute.is_escalated);
        let unresolved = open.map(|dispute| dispute.raised.recorded + limits.unresolved);
        let birthdays = self.alarms_to_ring(directory).map(|(_, at)| at);
        offers.chain(lent).chain(help).chain(untold).chain(unplaced).chain(unresolved).chain(birthdays).min()
    }

    /// The ages at which an alarm has yet to ring, and when.
    pub fn alarms_to_ring(&self, directory: &Directory) -> impl Iterator<Item = (Age, Instant)> {
        let ages = self.alarm_ages(directory).into_keys().filter(|age| !self.alarms.contains(age));
        ages.map(|age| (age, self.birth.birthday(age.0)))
    }
}
