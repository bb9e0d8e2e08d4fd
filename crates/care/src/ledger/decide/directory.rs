//! Organisations, services, practitioners, roles, leads, patients and proxies.

use super::checks::{Sides, Two};
use super::draft::Draft;
use crate::ledger::command::AskerKind;
use crate::ledger::command::directory::{
    EndProxy, RecordProxy, RegisterOrganisation, RegisterPatient, RegisterPractitioner, RegisterRole, RegisterService,
    SetLead, SetPeriod, SetScope,
};
use crate::ledger::event::directory::{
    LeadProposed, LeadSet, OrganisationRegistered, PatientRegistered, PeriodProposed, PeriodSet,
    PractitionerRegistered, ProxyEnded, ProxyRecorded, RoleRegistered, ScopeProposed, ScopeSet, ServiceRegistered,
};
use crate::ledger::id::RoleId;
use crate::ledger::refusal::Refusal;
use crate::ledger::state::Role;
use crate::time::Instant;

pub(super) fn register_organisation(draft: &mut Draft<'_>, ask: &RegisterOrganisation) -> Result<(), Refusal> {
    match &ask.parent {
        Some(parent) => {
            draft.open(parent)?;
            draft.leads_or_system(parent)?;
        }
        None if draft.command.by.kind() == AskerKind::System => (),
        None => return Err(Refusal::NotLead),
    }
    draft.happens(OrganisationRegistered {
        organisation: ask.organisation.0.clone(),
        name: ask.name.clone(),
        parent: ask.parent.clone(),
        until_age: ask.until_age,
    });
    Ok(())
}

pub(super) fn register_service(draft: &mut Draft<'_>, ask: &RegisterService) -> Result<(), Refusal> {
    draft.open(&ask.organisation)?;
    draft.leads_or_system(&ask.organisation)?;
    draft.happens(ServiceRegistered {
        service: ask.service.0.clone(),
        name: ask.name.clone(),
        organisation: ask.organisation.clone(),
    });
    Ok(())
}

pub(super) fn register_practitioner(draft: &mut Draft<'_>, ask: &RegisterPractitioner) -> Result<(), Refusal> {
    draft.happens(PractitionerRegistered { practitioner: ask.practitioner.0.clone(), name: ask.name.clone() });
    Ok(())
}

pub(super) fn register_role(draft: &mut Draft<'_>, ask: &RegisterRole) -> Result<(), Refusal> {
    draft.open(&ask.organisation)?;
    draft.leads_or_system(&ask.organisation)?;
    if ask.end.is_some_and(|end| end <= ask.start) {
        return Err(Refusal::BadPeriod);
    }
    draft.happens(RoleRegistered {
        role: ask.role.0.clone(),
        practitioner: ask.practitioner.clone(),
        organisation: ask.organisation.clone(),
        profession: ask.profession.clone(),
        scope: ask.scope.clone(),
        start: ask.start,
        end: ask.end,
    });
    Ok(())
}

/// On which sides the asker stands of a change to a role: the role itself; who leads its organisation, or a system
/// where the role leads a root.
fn sides(draft: &Draft<'_>, id: &RoleId, role: &Role) -> Sides {
    match draft.command.by.role() {
        Some(asker) => Sides { is_lead: draft.directory().leads(asker, &role.organisation), is_role: asker == id },
        None => Sides { is_lead: draft.directory().leads_a_root(id), is_role: false },
    }
}

fn not_ended<'a>(draft: &Draft<'a>, id: &RoleId) -> Result<&'a Role, Refusal> {
    let role = draft.directory().roles.get(id).ok_or(Refusal::Unknown)?;
    if role.ended.is_some() { Err(Refusal::RoleEnded) } else { Ok(role) }
}

pub(super) fn set_scope(draft: &mut Draft<'_>, ask: &SetScope) -> Result<(), Refusal> {
    let role = not_ended(draft, &ask.role)?;
    let sides = sides(draft, &ask.role, role);
    if !sides.is_lead && !sides.is_role {
        return Err(Refusal::NotLead);
    }
    let narrowed = Role { scope: ask.scope.clone(), ..role.clone() };
    let is_left_out = draft.records().any(|(_, record)| {
        record.held().any(|(_, duty, holding)| {
            holding.holder == ask.role && !holding.basis.is_caretaking() && !narrowed.has_in_scope(&duty.kind)
        })
    });
    if is_left_out {
        return Err(Refusal::HoldsDuties);
    }
    let set = ScopeSet { role: ask.role.clone(), scope: ask.scope.clone() };
    if ask.scope.iter().all(|kind| role.has_in_scope(kind)) {
        draft.happens(set);
        return Ok(());
    }
    match sides.ask(role.proposed_scope.as_ref(), &ask.scope)? {
        Two::Agreed => draft.happens(set),
        Two::Proposed(side) => {
            draft.happens(ScopeProposed { role: ask.role.clone(), scope: ask.scope.clone(), side });
        }
    }
    Ok(())
}

pub(super) fn set_period(draft: &mut Draft<'_>, ask: &SetPeriod) -> Result<(), Refusal> {
    let role = not_ended(draft, &ask.role)?;
    let sides = sides(draft, &ask.role, role);
    if !sides.is_lead && !sides.is_role {
        return Err(Refusal::NotLead);
    }
    let end = ask.end.0;
    if end.is_some_and(|end| end <= draft.recorded) {
        return Err(Refusal::BadPeriod);
    }
    if end.is_some() && draft.directory().leads_a_root(&ask.role) {
        return Err(Refusal::RootNeedsLead);
    }
    let never = |end: Option<Instant>| end.unwrap_or(Instant::MAX);
    if never(end) <= never(role.end) {
        draft.happens(PeriodSet { role: ask.role.clone(), end });
        return Ok(());
    }
    match sides.ask(role.proposed_end.as_ref(), &end)? {
        Two::Agreed => draft.happens(PeriodSet { role: ask.role.clone(), end }),
        Two::Proposed(side) => draft.happens(PeriodProposed { role: ask.role.clone(), end, side }),
    }
    Ok(())
}

pub(super) fn set_lead(draft: &mut Draft<'_>, ask: &SetLead) -> Result<(), Refusal> {
    draft.open(&ask.organisation)?;
    let role = not_ended(draft, &ask.role)?;
    draft.in_period(&ask.role)?;
    if !draft.directory().is_at_or_below(&role.organisation, &ask.organisation) {
        return Err(Refusal::NotInOrganisation);
    }
    let organisation = draft.directory().organisations.get(&ask.organisation).ok_or(Refusal::Unknown)?;
    if organisation.parent.is_none() && role.end.is_some() {
        return Err(Refusal::RootNeedsLead);
    }
    let sides = match draft.command.by.role() {
        Some(asker) => {
            Sides { is_lead: draft.directory().leads(asker, &ask.organisation), is_role: *asker == ask.role }
        }
        None => Sides { is_lead: true, is_role: false },
    };
    let (organisation_id, role_id) = (ask.organisation.clone(), ask.role.clone());
    match sides.ask(organisation.proposed_lead.as_ref(), &ask.role)? {
        Two::Agreed => draft.happens(LeadSet { organisation: organisation_id, role: role_id }),
        Two::Proposed(side) => draft.happens(LeadProposed { organisation: organisation_id, role: role_id, side }),
    }
    Ok(())
}

pub(super) fn register_patient(draft: &mut Draft<'_>, ask: &RegisterPatient) -> Result<(), Refusal> {
    let patient = ask.patient.0.clone();
    draft.happens_to(&ask.patient.0, PatientRegistered { patient, birth_date: ask.birth_date });
    Ok(())
}

pub(super) fn record_proxy(draft: &mut Draft<'_>, ask: &RecordProxy) -> Result<(), Refusal> {
    let allowed: &[&str] = match draft.command.by.kind() {
        AskerKind::Role => &["parental", "agreed", "legal"],
        _ => &["granted", "agreed"],
    };
    if !allowed.contains(&ask.basis.as_str()) {
        return Err(Refusal::BasisMayNot);
    }
    draft.happens_to(
        &ask.patient,
        ProxyRecorded {
            patient: ask.patient.clone(),
            proxy: ask.proxy.0.clone(),
            name: ask.name.clone(),
            basis: ask.basis.clone(),
        },
    );
    Ok(())
}

pub(super) fn end_proxy(draft: &mut Draft<'_>, ask: &EndProxy) -> Result<(), Refusal> {
    draft.happens_to(&ask.patient, ProxyEnded { patient: ask.patient.clone(), proxy: ask.proxy.clone() });
    Ok(())
}
