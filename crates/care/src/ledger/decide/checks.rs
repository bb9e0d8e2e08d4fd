//! The words of the page that many refusals share: *able*, *bound*, *free*, *settled*, and what needs two sides.

use super::draft::Draft;
use crate::ledger::command::AskerKind;
use crate::ledger::event::directory::Side;
use crate::ledger::fields::Text;
use crate::ledger::id::{DutyId, OfferId, OrganisationId, RoleId};
use crate::ledger::planted::planted;
use crate::ledger::refusal::Refusal;
use crate::ledger::state::{Duty, Proposal, Role};

impl Draft<'_> {
    /// Whether a role is in its period, both when this takes effect and now.
    pub(super) fn in_period(&self, role: &RoleId) -> Result<(), Refusal> {
        let is_in_period = |role: &Role| role.is_in_period(self.at) && role.is_present(self.recorded);
        let role = self.directory().roles.get(role).ok_or(Refusal::Unknown)?;
        if is_in_period(role) { Ok(()) } else { Err(Refusal::RoleNotInPeriod) }
    }

    /// Whether a role's scope has these kinds of duties.
    pub(super) fn in_scope<'k>(&self, role: &RoleId, kinds: impl IntoIterator<Item = &'k Text>) -> Result<(), Refusal> {
        let role = self.directory().roles.get(role).ok_or(Refusal::Unknown)?;
        let has_all = kinds.into_iter().all(|kind| role.has_in_scope(kind));
        if has_all || planted!("scope-is-not-asked") { Ok(()) } else { Err(Refusal::OutOfScope) }
    }

    /// *able(role, duties)*, of duties of these kinds (I13).
    pub(super) fn able<'k>(&self, role: &RoleId, kinds: impl IntoIterator<Item = &'k Text>) -> Result<(), Refusal> {
        self.in_period(role)?;
        let home = self.directory().home(role).ok_or(Refusal::Unknown)?;
        if !self.directory().has_lead_at_root(home) {
            return Err(Refusal::NoLead);
        }
        self.in_scope(role, kinds)
    }

    /// *able(role, duties)* of duties that are there.
    pub(super) fn able_of(&self, role: &RoleId, duties: &[DutyId]) -> Result<(), Refusal> {
        let kinds = duties.iter().map(|duty| self.duty(duty).map(|(_, duty)| &duty.kind));
        self.able(role, kinds.collect::<Result<Vec<&Text>, Refusal>>()?)
    }

    /// *bound(duties, o)*: whether an agreement or a transition keeps the duties from an organisation. There are
    /// neither yet.
    pub(super) fn bound(&self, _duties: &[DutyId], _organisation: &OrganisationId) -> Result<(), Refusal> {
        Ok(())
    }

    /// *free(duties, o)*: open, held by this role, in no open offer but the one that is being answered, not bound,
    /// and held since before this takes effect.
    pub(super) fn free(
        &self,
        duties: &[DutyId],
        organisation: &OrganisationId,
        holder: &RoleId,
        answered: Option<&OfferId>,
    ) -> Result<(), Refusal> {
        self.all_open(duties)?;
        self.each(duties, Refusal::NotHolder, |duty| duty.is_held_by(holder) || planted!("others-duties-are-offered"))?;
        self.not_in_offer(duties, answered)?;
        self.bound(duties, organisation)?;
        self.in_order(duties)
    }

    /// *settled(duties)*: in no offer and no agreement.
    pub(super) fn settled(&self, duties: &[DutyId]) -> Result<(), Refusal> {
        self.not_in_offer(duties, None)
    }

    pub(super) fn all_open(&self, duties: &[DutyId]) -> Result<(), Refusal> {
        self.each(duties, Refusal::DutyClosed, |duty| duty.held().is_some())
    }

    /// Whether this takes effect no earlier than the present holdings.
    pub(super) fn in_order(&self, duties: &[DutyId]) -> Result<(), Refusal> {
        self.each(duties, Refusal::OutOfOrder, |duty| duty.held().is_none_or(|(_, since)| since.at <= self.at))
    }

    /// I3: in no open offer but the one that is being answered.
    pub(super) fn not_in_offer(&self, duties: &[DutyId], answered: Option<&OfferId>) -> Result<(), Refusal> {
        for id in duties {
            let (patient, duty) = self.duty(id)?;
            let open = self.record(patient)?.open_offer_of(duty, self.recorded);
            if open.is_some_and(|(offer, _)| Some(offer) != answered) && !planted!("two-open-offers") {
                return Err(Refusal::DutyInOffer);
            }
        }
        Ok(())
    }

    fn each(&self, duties: &[DutyId], refusal: Refusal, holds: impl Fn(&Duty) -> bool) -> Result<(), Refusal> {
        for id in duties {
            if !holds(self.duty(id)?.1) {
                return Err(refusal);
            }
        }
        Ok(())
    }

    /// Whether an organisation is open.
    pub(super) fn open(&self, organisation: &OrganisationId) -> Result<(), Refusal> {
        let is_closed = self.directory().organisations.get(organisation).ok_or(Refusal::Unknown)?.is_closed;
        if is_closed { Err(Refusal::OrganisationClosed) } else { Ok(()) }
    }

    /// Whether the asker, where it is a role, leads an organisation: *leads(o)*. A system may always.
    pub(super) fn leads_or_system(&self, organisation: &OrganisationId) -> Result<(), Refusal> {
        let may = match self.command.by.role() {
            Some(role) => self.directory().leads(role, organisation),
            None => self.command.by.kind() == AskerKind::System,
        };
        if may { Ok(()) } else { Err(Refusal::NotLead) }
    }
}

/// On which of two sides an asker stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sides {
    /// A lead's side.
    pub(super) is_lead: bool,
    /// The role's own.
    pub(super) is_role: bool,
}

/// What becomes of a command that needs two sides.
pub(super) enum Two<S> {
    /// Both have asked for it.
    Agreed,
    /// This side has; the other is waited for.
    Proposed(S),
}

impl Sides {
    /// *(2)*: whether both sides have asked for the same now.
    pub(super) fn ask<T: PartialEq>(self, pending: Option<&Proposal<Side, T>>, what: &T) -> Result<Two<Side>, Refusal> {
        let side = match (self.is_lead, self.is_role) {
            (true, true) => return Ok(Two::Agreed),
            (true, false) => Side::Lead,
            (false, true) => Side::Role,
            (false, false) => return Err(Refusal::NotLead),
        };
        two_sided(pending, side, what)
    }
}

/// *(2)* for one side: agreed if the other has proposed the same; already-proposed if this one has.
pub(super) fn two_sided<S: PartialEq, T: PartialEq>(
    pending: Option<&Proposal<S, T>>,
    side: S,
    what: &T,
) -> Result<Two<S>, Refusal> {
    match pending.filter(|pending| pending.what == *what) {
        Some(pending) if pending.side == side => Err(Refusal::AlreadyProposed),
        Some(_) => Ok(Two::Agreed),
        None => Ok(Two::Proposed(side)),
    }
}
