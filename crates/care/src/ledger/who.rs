//! Who is answerable: at an instant, as known at another.

use super::event::Basis;
use super::fields::Text;
use super::id::{DisputeId, DutyId, NeedId, OfferId, OrganisationId, PatientId, PractitionerId, RoleId};
use super::state::{Dispute, Offer, Patient, State};
use crate::time::Instant;

/// Who is answerable for a duty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answerable {
    /// Whose duty it is.
    pub patient: PatientId,
    /// Of which need.
    pub need: NeedId,
    /// Which.
    pub duty: DutyId,
    /// Of what kind.
    pub kind: Text,
    /// The role that is answerable.
    pub holder: RoleId,
    /// Who is in that role.
    pub practitioner: PractitionerId,
    /// Where.
    pub organisation: OrganisationId,
    /// Since when.
    pub since: Instant,
    /// How they came to be.
    pub basis: Basis,
    /// The open offer that the duty is in.
    pub offer: Option<OfferId>,
    /// The open dispute about it.
    pub dispute: Option<DisputeId>,
    /// Whether the patient has been told of every change.
    pub is_told: bool,
}

/// The duties open at an instant, as known at another, by patient, need and duty.
#[must_use]
pub fn who(state: &State, at: Instant, known_at: Instant) -> Vec<Answerable> {
    state.patients.iter().flat_map(|(id, record)| who_of(state, id, record, at, known_at)).collect()
}

/// The same of one patient.
#[must_use]
pub fn who_of(state: &State, id: &PatientId, record: &Patient, at: Instant, known_at: Instant) -> Vec<Answerable> {
    let mut rows: Vec<Answerable> = Vec::new();
    for (duty_id, duty) in &record.duties {
        let Some((holding, since)) = duty.held_at(at, known_at) else { continue };
        let Some(role) = state.directory.roles.get(&holding.holder) else { continue };
        rows.push(Answerable {
            patient: id.clone(),
            need: duty.need.clone(),
            duty: duty_id.clone(),
            kind: duty.kind.clone(),
            holder: holding.holder.clone(),
            practitioner: role.practitioner.clone(),
            organisation: role.organisation.clone(),
            since: since.at,
            basis: holding.basis,
            offer: offer(record, duty_id, at, known_at),
            dispute: dispute(record, duty_id, at, known_at),
            is_told: duty
                .untold
                .iter()
                .all(|wait| !wait.since.is_by(at, known_at) || wait.done.is_some_and(|done| done.is_by(at, known_at))),
        });
    }
    rows.sort_by(|a, b| (&a.need, &a.duty).cmp(&(&b.need, &b.duty)));
    rows
}

fn offer(record: &Patient, duty: &DutyId, at: Instant, known_at: Instant) -> Option<OfferId> {
    let is_open = |offer: &Offer| {
        offer.made.is_by(at, known_at)
            && at < offer.due
            && !offer.ended.is_some_and(|ended| ended.is_by(at, known_at))
            && offer.duties.contains(duty)
    };
    record.offers.iter().find(|(_, offer)| is_open(offer)).map(|(id, _)| id.clone())
}

fn dispute(record: &Patient, duty: &DutyId, at: Instant, known_at: Instant) -> Option<DisputeId> {
    let is_open = |dispute: &Dispute| {
        dispute.duty == *duty
            && dispute.raised.is_by(at, known_at)
            && !dispute.resolved.is_some_and(|resolved| resolved.is_by(at, known_at))
    };
    record.disputes.iter().find(|(_, dispute)| is_open(dispute)).map(|(id, _)| id.clone())
}
