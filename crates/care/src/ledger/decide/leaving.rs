//! A role ends (I6), an organisation closes.

use super::draft::Draft;
use crate::ledger::command::directory::{CloseOrganisation, EndRole};
use crate::ledger::command::handover::To;
use crate::ledger::event::Basis;
use crate::ledger::event::contributor::ContributionEnded;
use crate::ledger::event::directory::{LeadVacant, OrganisationClosed, RoleEnded};
use crate::ledger::event::handover::{Lapse, OfferLapsed};
use crate::ledger::id::{ContributionId, DutyId, OfferId, OrganisationId, PatientId, RoleId};
use crate::ledger::planted::planted;
use crate::ledger::refusal::Refusal;
use crate::ledger::state::{Offer, Patient};
use crate::time::Instant;

pub(super) fn end_role(draft: &mut Draft<'_>, ask: &EndRole) -> Result<(), Refusal> {
    let role = draft.directory().roles.get(&ask.role).ok_or(Refusal::Unknown)?;
    if role.ended.is_some() {
        return Err(Refusal::RoleEnded);
    }
    if draft.command.by.role() != Some(&ask.role) {
        draft.leads_or_system(&role.organisation)?;
    }
    if draft.directory().leads_a_root(&ask.role) {
        return Err(Refusal::RootNeedsLead);
    }
    if draft.at < role.start {
        return Err(Refusal::BadPeriod);
    }
    end(draft, &ask.role, draft.at);
    Ok(())
}

/// I6, asked for or due: offers to the role lapse, its duties go to its organisation's lead (reckoned without it), its
/// help ends, and where it led the next up leads.
pub(super) fn end(draft: &mut Draft<'_>, role: &RoleId, at: Instant) {
    draft.happens_at(at, RoleEnded { role: role.clone() });
    lapse(draft, at, Lapse::RoleEnded, |offer| offer.would_go_to(role) && !planted!("offers-to-leavers-stay"));
    let directory = draft.directory();
    let leaver = if planted!("leavers-follow-themselves") { None } else { Some(role) };
    let lead = directory.home(role).and_then(|home| directory.lead(home, draft.recorded, leaver));
    if let Some(lead) = lead {
        for duty in held_by(draft, role).into_iter().skip(usize::from(planted!("leavers-keep-a-duty"))) {
            draft.move_one(&duty, lead, Basis::StandingRule, at);
        }
    }
    for (contribution, patient) in help_by(draft, role) {
        draft.happens_to_at(&patient, at, ContributionEnded { contribution });
    }
    for (organisation, one) in &directory.organisations {
        if one.lead.as_ref() == Some(role) && !planted!("leavers-go-on-leading") {
            let to = directory.lead(organisation, draft.recorded, Some(role)).cloned();
            draft.happens_at(at, LeadVacant { organisation: organisation.clone(), to });
        }
    }
}

/// Open offers of which this is so lapse, by id.
fn lapse(draft: &mut Draft<'_>, at: Instant, why: Lapse, ends: impl Fn(&Offer) -> bool) {
    let mut ending: Vec<(OfferId, PatientId)> = Vec::new();
    for (patient, record) in draft.records() {
        let open = record.offers.iter().filter(|(_, offer)| offer.is_open(draft.recorded) && ends(offer));
        ending.extend(open.map(|(id, _)| (id.clone(), patient.clone())));
    }
    ending.sort_unstable();
    for (offer, patient) in ending {
        draft.happens_to_at(&patient, at, OfferLapsed { offer, why });
    }
}

/// The duties that a role holds, of any patient, in byte order.
fn held_by(draft: &Draft<'_>, role: &RoleId) -> Vec<DutyId> {
    let of = |record: &Patient| -> Vec<DutyId> {
        record.held().filter(|(_, _, holding)| holding.holder == *role).map(|(id, _, _)| id.clone()).collect()
    };
    let mut duties: Vec<DutyId> = draft.records().flat_map(|(_, record)| of(record)).collect();
    duties.sort_unstable();
    duties
}

/// The help that a role gives, to any patient, by id.
fn help_by(draft: &Draft<'_>, role: &RoleId) -> Vec<(ContributionId, PatientId)> {
    let mut help: Vec<(ContributionId, PatientId)> = Vec::new();
    for (patient, record) in draft.records() {
        let own = record.contributions.iter().filter(|(_, help)| help.ended.is_none() && help.role == *role);
        help.extend(own.map(|(id, _)| (id.clone(), patient.clone())));
    }
    help.sort_unstable();
    help
}

pub(super) fn close_organisation(draft: &mut Draft<'_>, ask: &CloseOrganisation) -> Result<(), Refusal> {
    draft.open(&ask.organisation)?;
    draft.leads_or_system(&ask.organisation)?;
    let directory = draft.directory();
    if directory.roles.values().any(|role| role.organisation == ask.organisation && role.ended.is_none()) {
        return Err(Refusal::HasRoles);
    }
    let below = |parent: &Option<OrganisationId>| parent.as_ref() == Some(&ask.organisation);
    if directory.organisations.values().any(|one| below(&one.parent) && !one.is_closed) {
        return Err(Refusal::HasOrganisations);
    }
    close(draft, &ask.organisation);
    Ok(())
}

/// Open offers to its services lapse.
pub(super) fn close(draft: &mut Draft<'_>, organisation: &OrganisationId) {
    let directory = draft.directory();
    draft.happens(OrganisationClosed { organisation: organisation.clone() });
    let is_service = |to: &To| matches!(to, To::Service(id) if directory.services.get(id) == Some(organisation));
    lapse(draft, draft.at, Lapse::OrganisationClosed, |offer| is_service(&offer.to));
}
