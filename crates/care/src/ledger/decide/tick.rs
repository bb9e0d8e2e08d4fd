//! What the clock does: everything that is due by now, in the page's order, each by id.

use std::collections::BTreeSet;

use super::draft::Draft;
use super::leaving;
use crate::ledger::command::handover::To;
use crate::ledger::command::rest::Tick;
use crate::ledger::event::Basis;
use crate::ledger::event::contributor::ContributionEnded;
use crate::ledger::event::handover::{Lapse, OfferExpired, OfferLapsed, ReturnLapsed};
use crate::ledger::event::rest::{About, ClockRead, Escalated, TransitionAlarm, Why};
use crate::ledger::fields::{Age, Any};
use crate::ledger::id::{DutyId, OrganisationId, PatientId, RoleId};
use crate::ledger::planted::planted;
use crate::ledger::refusal::Refusal;
use crate::ledger::state::{Contribution, Dispute, Duty, Holding, Offer, OfferState, Patient};

pub(super) fn tick(draft: &mut Draft<'_>, ask: &Tick) -> Result<(), Refusal> {
    expire_offers(draft);
    return_what_was_lent(draft)?;
    end_contributions(draft);
    end_roles(draft);
    escalate_untold(draft);
    escalate_unplaced(draft);
    escalate_unresolved(draft);
    ring_alarms(draft);
    let last = draft.state.last_recorded;
    let is_long_since = last.is_none_or(|last| last + draft.state.limits.clock_read <= draft.recorded);
    if ask.confirmed.is_some() || (draft.is_empty() && is_long_since) {
        draft.happens(ClockRead { confirmed: ask.confirmed });
    }
    Ok(())
}

/// Things of all records of which this is so, by id.
fn due<I: Ord>(draft: &Draft<'_>, of: impl Fn(&Patient) -> Vec<I>) -> Vec<(I, PatientId)> {
    let mut all: Vec<(I, PatientId)> = Vec::new();
    for (patient, record) in draft.records() {
        all.extend(of(record).into_iter().map(|id| (id, patient.clone())));
    }
    all.sort_unstable();
    all
}

/// (1) The silent side's lead hears; who offered still holds (I5).
fn expire_offers(draft: &mut Draft<'_>) {
    let recorded = draft.recorded;
    let expired = due(draft, |record| {
        let is_due = |offer: &Offer| {
            offer.state == OfferState::Open && offer.due <= recorded && !planted!("offers-never-expire")
        };
        record.offers.iter().filter(|(_, offer)| is_due(offer)).map(|(id, _)| id.clone()).collect()
    });
    for (id, patient) in expired {
        let Ok(Some(offer)) = draft.record(&patient).map(|record| record.offers.get(&id)) else { continue };
        let directory = draft.directory();
        let home_of_offerer = directory.home(&offer.offerer);
        let silent = match (&offer.counters, &offer.to) {
            (Some(_), _) => home_of_offerer,
            (None, To::Role(role)) => directory.home(role),
            (None, To::Service(service)) => directory.services.get(service),
        };
        let lead = |home: Option<&OrganisationId>| home.and_then(|home| directory.lead(home, recorded, None));
        // A service may stand in a tree without a lead: then the offerer's own hears.
        let hears = lead(silent).or_else(|| lead(home_of_offerer)).cloned();
        if planted!("silence-moves")
            && let Some(to) = &hears
        {
            draft.move_all(&offer.duties.clone(), to, Basis::Accepted, None);
        }
        draft.happens_to(&patient, OfferExpired { offer: id.clone() });
        if let Some(to) = hears.filter(|_| !planted!("silence-is-unheard")) {
            draft.happens_to(&patient, Escalated { about: About::Offer(id), why: Why::Silence, to });
        }
    }
}

/// (3) What was held until a date goes back to who lent it, or to their lead.
fn return_what_was_lent(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let recorded = draft.recorded;
    let lent = due(draft, |record| {
        let is_over = |(id, _, holding): (&DutyId, &Duty, &Holding)| {
            let is_over = holding.until.as_ref().is_some_and(|until| until.at <= recorded);
            (is_over && !planted!("lent-for-good")).then(|| id.clone())
        };
        record.held().filter_map(is_over).collect()
    });
    for (id, patient) in lent {
        let record = draft.record(&patient)?;
        let Some(duty) = record.duties.get(&id) else { continue };
        let Some(giver) = duty.held().and_then(|(holding, _)| holding.until.clone()).map(|until| until.giver) else {
            continue;
        };
        let open = record.open_offer_of(duty, recorded).map(|(offer, _)| offer.clone());
        if let Some(offer) = open {
            // Nothing that is lent can be offered: only what settles a dispute can wait here.
            draft.happens_to(&patient, OfferLapsed { offer, why: Lapse::Returned });
        }
        if draft.able_of(&giver, std::slice::from_ref(&id)).is_ok() {
            draft.move_one(&id, &giver, Basis::Returned, draft.at);
            continue;
        }
        let directory = draft.directory();
        let lead = directory.home(&giver).and_then(|home| directory.lead(home, recorded, None));
        if let Some(lead) = lead {
            draft.move_one(&id, lead, Basis::StandingRule, draft.at);
            draft.happens_to(&patient, ReturnLapsed { duty: id });
        }
    }
    Ok(())
}

/// (4) Help past its end.
fn end_contributions(draft: &mut Draft<'_>) {
    let recorded = draft.recorded;
    let over = due(draft, |record| {
        let is_over = |help: &Contribution| help.ended.is_none() && help.end.is_some_and(|end| end <= recorded);
        record.contributions.iter().filter(|(_, help)| is_over(help)).map(|(id, _)| id.clone()).collect()
    });
    for (contribution, patient) in over {
        draft.happens_to(&patient, ContributionEnded { contribution });
    }
}

/// (5) Roles past their end, as of that end.
fn end_roles(draft: &mut Draft<'_>) {
    for (id, role) in &draft.directory().roles {
        if let (None, Some(end)) = (role.ended, role.end)
            && end <= draft.recorded
        {
            leaving::end(draft, id, end);
        }
    }
}

/// (6) A change of holder of which nobody has told the patient (I14), once for each: the lead hears.
fn escalate_untold(draft: &mut Draft<'_>) {
    let (recorded, limit) = (draft.recorded, draft.state.limits.untold);
    let waiting = due(draft, |record| {
        let is_due = |duty: &Duty| {
            let mut waits = duty.untold.iter().filter(|wait| wait.done.is_none() && !wait.is_escalated);
            waits.any(|wait| wait.since.recorded + limit <= recorded)
        };
        record.duties.iter().filter(|(_, duty)| is_due(duty)).map(|(id, _)| id.clone()).collect()
    });
    for (id, patient) in waiting {
        let directory = draft.directory();
        let holder = draft.duty(&id).ok().and_then(|(_, duty)| duty.last_holder().cloned());
        let home = holder.as_ref().and_then(|holder| directory.home(holder));
        if let Some(to) = home.and_then(|home| directory.lead(home, recorded, None)).cloned() {
            draft.happens_to(&patient, Escalated { about: About::Duty(id), why: Why::NotTold, to });
        }
    }
}

/// (6) A caretaker who has not placed a duty in time (I6a): the next lead up hears, else the caretaker again.
fn escalate_unplaced(draft: &mut Draft<'_>) {
    let (recorded, limit) = (draft.recorded, draft.state.limits.unplaced);
    let waiting = due(draft, |record| {
        let is_due = |duty: &Duty| {
            !duty.is_escalated
                && duty
                    .held()
                    .is_some_and(|(holding, since)| holding.basis.is_caretaking() && since.recorded + limit <= recorded)
        };
        record.duties.iter().filter(|(_, duty)| is_due(duty)).map(|(id, _)| id.clone()).collect()
    });
    for (id, patient) in waiting {
        let caretaker = draft.duty(&id).ok().and_then(|(_, duty)| duty.holder().cloned());
        let Some(caretaker) = caretaker else { continue };
        let to = draft.directory().next_lead_up(&caretaker, recorded).cloned().unwrap_or(caretaker);
        draft.happens_to(&patient, Escalated { about: About::Duty(id), why: Why::NotPlaced, to });
    }
}

/// (6) A dispute that stays open: the next up from who is to decide it hears, else who is.
fn escalate_unresolved(draft: &mut Draft<'_>) {
    let (recorded, limit) = (draft.recorded, draft.state.limits.unresolved);
    let waiting = due(draft, |record| {
        let is_due = |dispute: &Dispute| {
            dispute.resolved.is_none() && !dispute.is_escalated && dispute.raised.recorded + limit <= recorded
        };
        record.disputes.iter().filter(|(_, dispute)| is_due(dispute)).map(|(id, _)| id.clone()).collect()
    });
    for (id, patient) in waiting {
        let Ok(Some(dispute)) = draft.record(&patient).map(|record| record.disputes.get(&id)) else { continue };
        let holder = draft.duty(&dispute.duty).ok().and_then(|(_, duty)| duty.last_holder());
        let directory = draft.directory();
        let decides = holder.and_then(|holder| directory.adjudicator(&dispute.parties, holder, recorded));
        let hears = decides.map(|decides| directory.next_lead_up(decides, recorded).unwrap_or(decides).clone());
        if let Some(to) = hears {
            draft.happens_to(&patient, Escalated { about: About::Dispute(id), why: Why::NotResolved, to });
        }
    }
}

/// (7) A young person has reached an age at which care changes hands, where they are cared for until an age. It rings
/// once an age, and moves nothing.
fn ring_alarms(draft: &mut Draft<'_>) {
    let mut ringing: Vec<(PatientId, Age, BTreeSet<RoleId>)> = Vec::new();
    for (patient, record) in draft.records() {
        for (age, to) in record.alarm_ages(draft.directory()) {
            if !record.alarms.contains(&age) && record.birth.birthday(age.0) <= draft.recorded {
                ringing.push((patient.clone(), age, to));
            }
        }
    }
    for (patient, age, to) in ringing {
        let to = Any(to.into_iter().collect());
        draft.happens_to(&patient, TransitionAlarm { patient: patient.clone(), age, to });
    }
}
