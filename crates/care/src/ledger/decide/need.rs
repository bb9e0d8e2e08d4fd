//! Needs and their duties.

use super::draft::Draft;
use crate::ledger::command::need::{AddDuty, CloseDuty, CloseNeed, CorrectNeed, Discharge, OpenNeed, ReopenNeed};
use crate::ledger::event::Basis;
use crate::ledger::event::need::{
    ClosedBy, DutyClosed, DutyOpened, NeedClosed, NeedCorrected, NeedOpened, NeedReopened, PatientDischarged,
};
use crate::ledger::id::{DutyId, NeedId, PatientId};
use crate::ledger::refusal::Refusal;
use crate::ledger::state::Need;

pub(super) fn open_need(draft: &mut Draft<'_>, ask: &OpenNeed) -> Result<(), Refusal> {
    let asker = draft.asker()?;
    let is_adopted = ask.adopted.is_some();
    let is_wrong = if is_adopted {
        !draft.directory().leads_any(asker)
    } else {
        ask.duties.iter().any(|duty| duty.accepted.is_some())
    };
    if is_wrong {
        return Err(Refusal::NotLead);
    }
    // A caretaker needs no scope (I6a): who adopts is able of no duty.
    let kinds = ask.duties.iter().filter(|_| !is_adopted).map(|duty| &duty.kind);
    draft.able(asker, kinds)?;
    for duty in &ask.duties {
        if let Some(accepted) = &duty.accepted {
            draft.able(&accepted.role, [&duty.kind])?;
        }
    }
    draft.happens_to(
        &ask.patient,
        NeedOpened {
            patient: ask.patient.clone(),
            need: ask.need.0.clone(),
            title: ask.title.clone(),
            sources: ask.sources.clone(),
        },
    );
    for duty in &ask.duties {
        let (holder, basis, evidence) = match &duty.accepted {
            Some(accepted) => (&accepted.role, Basis::Accepted, Some(accepted.evidence.clone())),
            None if is_adopted => (asker, Basis::Adopted, None),
            None => (asker, Basis::Asked, None),
        };
        draft.happens_to(
            &ask.patient,
            DutyOpened {
                patient: ask.patient.clone(),
                need: ask.need.0.clone(),
                duty: duty.duty.0.clone(),
                kind: duty.kind.clone(),
                holder: holder.clone(),
                basis,
                evidence,
            },
        );
    }
    Ok(())
}

/// A need, with whose it is.
fn need<'d>(draft: &'d Draft<'_>, id: &NeedId) -> Result<(PatientId, &'d Need), Refusal> {
    let patient = draft.place(id.clone())?;
    draft.record(patient)?.needs.get(id).map(|need| (patient.clone(), need)).ok_or(Refusal::Unknown)
}

/// An open need's patient.
fn open<'d>(draft: &'d Draft<'_>, id: &NeedId) -> Result<(PatientId, &'d Need), Refusal> {
    let (patient, need) = need(draft, id)?;
    if need.closed.is_some() { Err(Refusal::NeedClosed) } else { Ok((patient, need)) }
}

pub(super) fn add_duty(draft: &mut Draft<'_>, ask: &AddDuty) -> Result<(), Refusal> {
    let asker = draft.asker()?;
    let (patient, need) = open(draft, &ask.need)?;
    draft.able(asker, [&ask.kind])?;
    if draft.at < need.opened {
        return Err(Refusal::OutOfOrder);
    }
    draft.happens_to(
        &patient,
        DutyOpened {
            patient: patient.clone(),
            need: ask.need.clone(),
            duty: ask.duty.0.clone(),
            kind: ask.kind.clone(),
            holder: asker.clone(),
            basis: Basis::Asked,
            evidence: None,
        },
    );
    Ok(())
}

pub(super) fn close_duty(draft: &mut Draft<'_>, ask: &CloseDuty) -> Result<(), Refusal> {
    let asker = draft.asker()?;
    let duties = std::slice::from_ref(&ask.duty);
    draft.all_open(duties)?;
    let (patient, duty) = draft.duty(&ask.duty)?;
    if !duty.is_held_by(asker) {
        return Err(Refusal::NotHolder);
    }
    draft.settled(duties)?;
    let is_last = draft.record(patient)?.duties_of(&duty.need).filter(|(_, other)| other.held().is_some()).count() == 1;
    if is_last {
        return Err(Refusal::LastDuty);
    }
    draft.in_order(duties)?;
    let words = Some(ask.words.clone());
    draft.happens_to(patient, DutyClosed { duty: ask.duty.clone(), by: ClosedBy::Holder, words });
    Ok(())
}

pub(super) fn close_need(draft: &mut Draft<'_>, ask: &CloseNeed) -> Result<(), Refusal> {
    let asker = draft.asker()?;
    let (patient, _) = open(draft, &ask.need)?;
    let record = draft.record(&patient)?;
    let open = || record.duties_of(&ask.need).filter(|(_, duty)| duty.held().is_some());
    if open().any(|(_, duty)| !duty.is_held_by(asker)) {
        return Err(Refusal::WouldStrand);
    }
    let duties: Vec<DutyId> = open().map(|(id, _)| id.clone()).collect();
    draft.settled(&duties)?;
    draft.in_order(&duties)?;
    for duty in duties {
        draft.happens_to(&patient, DutyClosed { duty, by: ClosedBy::Need, words: None });
    }
    let words = Some(ask.words.clone());
    draft.happens_to(&patient, NeedClosed { need: ask.need.clone(), by: ClosedBy::Holder, words });
    Ok(())
}

pub(super) fn reopen_need(draft: &mut Draft<'_>, ask: &ReopenNeed) -> Result<(), Refusal> {
    let asker = draft.asker()?;
    let (patient, need) = need(draft, &ask.need)?;
    let closed = need.closed.ok_or(Refusal::NeedOpen)?;
    let duties: Vec<DutyId> = need.closed_with.iter().cloned().collect();
    draft.able_of(asker, &duties)?;
    if draft.at < closed {
        return Err(Refusal::OutOfOrder);
    }
    draft.happens_to(&patient, NeedReopened { need: ask.need.clone(), words: ask.words.clone() });
    for id in duties {
        let kind = draft.duty(&id)?.1.kind.clone();
        draft.happens_to(
            &patient,
            DutyOpened {
                patient: patient.clone(),
                need: ask.need.clone(),
                duty: id,
                kind,
                holder: asker.clone(),
                basis: Basis::Asked,
                evidence: None,
            },
        );
    }
    Ok(())
}

pub(super) fn correct_need(draft: &mut Draft<'_>, ask: &CorrectNeed) -> Result<(), Refusal> {
    let asker = draft.asker()?;
    let (patient, _) = open(draft, &ask.need)?;
    if !draft.record(&patient)?.duties_of(&ask.need).any(|(_, duty)| duty.is_held_by(asker)) {
        return Err(Refusal::NotHolder);
    }
    let (title, words) = (ask.title.clone(), ask.words.clone());
    draft.happens_to(&patient, NeedCorrected { need: ask.need.clone(), title, words });
    Ok(())
}

/// I7: refused while anyone there holds a duty, unless its lead signs; then the lead holds these.
pub(super) fn discharge(draft: &mut Draft<'_>, ask: &Discharge) -> Result<(), Refusal> {
    let asker = draft.asker()?;
    let directory = draft.directory();
    let is_there = |home| directory.is_at_or_below(home, &ask.organisation);
    let lead = directory.organisations.get(&ask.organisation).and_then(|one| one.lead.as_ref());
    if lead != Some(asker) && !is_there(draft.home_of_asker()?) {
        return Err(Refusal::NotInOrganisation);
    }
    let held = draft.record(&ask.patient)?.held();
    let there = held.filter(|(_, _, holding)| directory.home(&holding.holder).is_some_and(is_there));
    let there: Vec<(DutyId, bool)> = there.map(|(id, _, one)| (id.clone(), one.holder == *asker)).collect();
    match &ask.r#override {
        None if !there.is_empty() => return Err(Refusal::WouldStrand),
        Some(_) if lead != Some(asker) => return Err(Refusal::NotLead),
        _ => (),
    }
    let moving: Vec<DutyId> = there.into_iter().filter(|(_, is_own)| !is_own).map(|(id, _)| id).collect();
    draft.move_all(&moving, asker, Basis::Override, None);
    draft.happens_to(
        &ask.patient,
        PatientDischarged {
            patient: ask.patient.clone(),
            organisation: ask.organisation.clone(),
            r#override: ask.r#override.as_ref().map(|signed| signed.statement.clone()),
        },
    );
    Ok(())
}
