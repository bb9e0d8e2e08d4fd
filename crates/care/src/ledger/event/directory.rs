//! Events of the directory.

use super::event;
use crate::ledger::field::codes;
use crate::ledger::fields::{Age, Date, Text};
use crate::ledger::id::{OrganisationId, PatientId, PractitionerId, ProxyId, RoleId, ServiceId};
use crate::time::Instant;

codes! {
    /// Which of two sides proposed.
    Side { Lead = "lead", Role = "role" }
}

event! {
    /// An organisation was registered.
    OrganisationRegistered = "organisation_registered" 1
    { organisation: OrganisationId, name: Text, parent: Option<OrganisationId>, until_age: Option<Age> }
}

event! {
    /// A service was registered.
    ServiceRegistered = "service_registered" 1 { service: ServiceId, name: Text, organisation: OrganisationId }
}

event! {
    /// A practitioner was registered.
    PractitionerRegistered = "practitioner_registered" 1 { practitioner: PractitionerId, name: Text }
}

event! {
    /// A role was registered.
    RoleRegistered = "role_registered" 1
    {
        role: RoleId,
        practitioner: PractitionerId,
        organisation: OrganisationId,
        profession: Text,
        scope: Vec<Text>,
        start: Instant,
        end: Option<Instant>,
    }
}

event! {
    /// One side proposed a wider scope.
    ScopeProposed = "scope_proposed" 1 { role: RoleId, scope: Vec<Text>, side: Side }
}

event! {
    /// A role has this scope now.
    ScopeSet = "scope_set" 1 { role: RoleId, scope: Vec<Text> }
}

event! {
    /// One side proposed a later end.
    PeriodProposed = "period_proposed" 1 { role: RoleId, end: Option<Instant>, side: Side }
}

event! {
    /// A role has this end now.
    PeriodSet = "period_set" 1 { role: RoleId, end: Option<Instant> }
}

event! {
    /// One side proposed a lead.
    LeadProposed = "lead_proposed" 1 { organisation: OrganisationId, role: RoleId, side: Side }
}

event! {
    /// A role leads an organisation, and has accepted what nobody below it holds (I6).
    LeadSet = "lead_set" 1 { organisation: OrganisationId, role: RoleId }
}

event! {
    /// The lead of an organisation has ended; the next up leads meanwhile.
    LeadVacant = "lead_vacant" 1 { organisation: OrganisationId, to: Option<RoleId> }
}

event! {
    /// A role has ended (I6).
    RoleEnded = "role_ended" 1 { role: RoleId }
}

event! {
    /// An organisation was closed.
    OrganisationClosed = "organisation_closed" 1 { organisation: OrganisationId }
}

event! {
    /// A patient was registered.
    PatientRegistered = "patient_registered" 1 { patient: PatientId, birth_date: Date }
}

event! {
    /// Somebody may speak for a patient, on this basis.
    ProxyRecorded = "proxy_recorded" 1 { patient: PatientId, proxy: ProxyId, name: Text, basis: Text }
}

event! {
    /// Somebody may no longer speak for a patient.
    ProxyEnded = "proxy_ended" 1 { patient: PatientId, proxy: ProxyId }
}
