//! Commands of the directory: organisations, services, practitioners, roles, leads, patients and proxies.

use super::command;
use crate::ledger::fields::{Age, Date, OrNull, Text};
use crate::ledger::id::{New, OrganisationId, PatientId, PractitionerId, ProxyId, RoleId, ServiceId};
use crate::time::Instant;

command! {
    /// Registers an organisation, below its parent; one without a parent is a root.
    RegisterOrganisation = "register_organisation" by [System Role]
    refuses [OrganisationClosed NotLead] gives [OrganisationRegistered]
    { organisation: New<OrganisationId>, name: Text, parent: Option<OrganisationId>, until_age: Option<Age> }
}

command! {
    /// Registers a service of an organisation, to which duties can be offered.
    RegisterService = "register_service" by [System Role]
    refuses [OrganisationClosed NotLead] gives [ServiceRegistered]
    { service: New<ServiceId>, name: Text, organisation: OrganisationId }
}

command! {
    /// Registers a practitioner.
    RegisterPractitioner = "register_practitioner" by [System Role]
    refuses [] gives [PractitionerRegistered]
    { practitioner: New<PractitionerId>, name: Text }
}

command! {
    /// Registers a practitioner's role at an organisation, with its scope (kinds of duties; `*` is any) and period.
    RegisterRole = "register_role" by [System Role]
    refuses [OrganisationClosed NotLead BadPeriod] gives [RoleRegistered]
    {
        role: New<RoleId>,
        practitioner: PractitionerId,
        organisation: OrganisationId,
        profession: Text,
        scope: Vec<Text>,
        start: Instant,
        end: Option<Instant>,
    }
}

command! {
    /// Sets a role's scope: narrower at once, wider by the role and a lead.
    SetScope = "set_scope" by [Role System]
    refuses [RoleEnded NotLead HoldsDuties AlreadyProposed] gives [ScopeSet ScopeProposed]
    { role: RoleId, scope: Vec<Text> }
}

command! {
    /// Sets a role's end: sooner at once, later by the role and a lead.
    SetPeriod = "set_period" by [Role System]
    refuses [RoleEnded NotLead BadPeriod RootNeedsLead AlreadyProposed] gives [PeriodSet PeriodProposed]
    { role: RoleId, end: OrNull<Instant> }
}

command! {
    /// Makes a role the lead of an organisation, by a lead and the role: accepting it is accepting I6.
    SetLead = "set_lead" by [System Role]
    refuses [
        OrganisationClosed RoleEnded RoleNotInPeriod NotInOrganisation RootNeedsLead NotLead AlreadyProposed
    ]
    gives [LeadProposed LeadSet]
    { organisation: OrganisationId, role: RoleId }
}

command! {
    /// Ends a role: what it holds goes to its organisation's lead.
    EndRole = "end_role" by [System Role] may be late
    refuses [RoleEnded NotLead RootNeedsLead BadPeriod]
    gives [RoleEnded OfferLapsed AnswerabilityMoved ContributionEnded OfferTakenOver LeadVacant]
    { role: RoleId }
}

command! {
    /// Closes an organisation where nobody works and below which none is open.
    CloseOrganisation = "close_organisation" by [System Role]
    refuses [OrganisationClosed NotLead HasRoles HasOrganisations] gives [OrganisationClosed OfferLapsed]
    { organisation: OrganisationId }
}

command! {
    /// Registers a patient.
    RegisterPatient = "register_patient" by [System Role]
    refuses [] gives [PatientRegistered]
    { patient: New<PatientId>, birth_date: Date }
}

command! {
    /// Records who may speak for a patient, and on what basis; recorded again, the later basis stands.
    RecordProxy = "record_proxy" by [Role Patient]
    refuses [BasisMayNot] gives [ProxyRecorded]
    { patient: PatientId, proxy: New<ProxyId>, name: Text, basis: Text }
}

command! {
    /// Ends a proxy.
    EndProxy = "end_proxy" by [Role Patient Proxy]
    refuses [] gives [ProxyEnded]
    { patient: PatientId, proxy: ProxyId }
}
