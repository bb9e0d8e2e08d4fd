//! What must always be true (I1 to I14), a function each. `evolve` asserts with those of a record; a writer that has
//! taken in all of a command's events asks [`after_command`]; the tests ask [`of_state`] after every step.
//!
//! I4 (an answer is given once) and I11 (replaying gives the same) are properties of the fold itself: [`State::evolve`]
//! refuses the first, the tests show the second.

use std::collections::BTreeSet;

use super::command::handover::To;
use super::event::handover::AnswerabilityMoved;
use super::event::{Basis, Event, Recorded, Stream};
use super::evolve::Broken;
use super::id::{DutyId, PatientId, RoleId};
use super::state::{Duty, Entry, Occupancy, OfferState, Patient, State};
use crate::time::Instant;

type Holds = Result<(), Broken>;

fn must(holds: bool, rule: &'static str, how: impl FnOnce() -> String) -> Holds {
    if holds { Ok(()) } else { Err(Broken::new(rule, how())) }
}

/// What must be true of a record after each event.
///
/// # Errors
/// The first that isn't.
pub fn of_record(record: &Patient, recorded: Instant) -> Holds {
    i1(record)?;
    i2(record)?;
    i3(record, recorded)?;
    i8(record)?;
    i14(record)
}

/// What must be true of everything that is loaded, after each command.
///
/// # Errors
/// The first that isn't.
pub fn of_state(state: &State) -> Holds {
    let recorded = state.last_recorded.unwrap_or(Instant::MIN);
    for record in state.patients.values() {
        of_record(record, recorded)?;
    }
    i6(state)
}

/// What must be true of what a command did, once all its events are taken in.
///
/// # Errors
/// The first that isn't.
pub fn after_command(state: &State, events: &[Recorded]) -> Holds {
    for event in events {
        i7(state, event)?;
        i13(state, event)?;
    }
    if events.iter().any(|event| matches!(event.change.event, Event::RoleEnded(_))) {
        return i6(state);
    }
    // No other record has changed.
    let touched: BTreeSet<&PatientId> = events
        .iter()
        .filter_map(|event| match &event.change.stream {
            Stream::Patient(patient) => Some(patient),
            Stream::Directory => None,
        })
        .collect();
    let records = touched.into_iter().filter_map(|patient| state.patients.get(patient));
    for record in records {
        i6_of_record(state, record)?;
    }
    i6_of_roots(state)
}

/// I1: every open duty of an open need has exactly one holder at every instant. A duty's changes follow each other in
/// both times, each either holds or closes it, and nothing is open in a closed need.
///
/// # Errors
/// Where it isn't so.
pub fn i1(record: &Patient) -> Holds {
    for (id, duty) in &record.duties {
        for pair in duty.entries.windows(2) {
            if let [first, second] = pair {
                let is_in_order = first.stamp.at <= second.stamp.at && first.stamp.recorded <= second.stamp.recorded;
                must(is_in_order, "I1", || format!("`{id}` changes before the change before"))?;
                let is_closed_twice = first.what == Occupancy::Closed && second.what == Occupancy::Closed;
                must(!is_closed_twice, "I1", || format!("`{id}` is closed twice"))?;
            }
        }
        let is_opened = duty.entries.first().is_some_and(|first| first.what != Occupancy::Closed);
        must(is_opened, "I1", || format!("`{id}` was never held"))?;
        let need = record.needs.get(&duty.need);
        let is_astray = duty.held().is_some() && need.is_none_or(|need| need.closed.is_some());
        must(!is_astray, "I1", || format!("`{id}` is open in a need that is not"))?;
    }
    Ok(())
}

/// I2: the holder changes only by an acceptance, given then or beforehand and named in the event. So no open duty
/// changes hands by being asked for or adopted, and what is lent names who gave it.
///
/// # Errors
/// Where it isn't so.
pub fn i2(record: &Patient) -> Holds {
    for (id, duty) in &record.duties {
        for pair in duty.entries.windows(2) {
            if let [first, second] = pair
                && let (Occupancy::Held(before), Occupancy::Held(after)) = (&first.what, &second.what)
            {
                let is_accepted = !matches!(after.basis, Basis::Asked | Basis::Adopted);
                must(is_accepted, "I2", || format!("`{id}` changes hands without an acceptance"))?;
                let giver = after.until.as_ref().map(|until| &until.giver);
                must(giver.is_none_or(|giver| *giver == before.holder), "I2", || format!("`{id}` is lent by another"))?;
            }
        }
    }
    Ok(())
}

/// I3: a duty is in at most one open offer at a time, and whoever holds it is the one who offers.
///
/// # Errors
/// Where it isn't so.
pub fn i3(record: &Patient, recorded: Instant) -> Holds {
    let mut offered: BTreeSet<&DutyId> = BTreeSet::new();
    for (id, offer) in record.offers.iter().filter(|(_, offer)| offer.is_open(recorded)) {
        for duty in &offer.duties {
            must(offered.insert(duty), "I3", || format!("`{duty}` is in two open offers, one `{id}`"))?;
            let is_held = record.duties.get(duty).is_some_and(|duty| duty.held().is_some());
            must(is_held, "I3", || format!("`{duty}` is offered in `{id}`, and is not open"))?;
        }
    }
    Ok(())
}

/// I5, I9: an event of a patient other than those that open, move or close a duty leaves its holder as it was.
///
/// # Errors
/// Where it doesn't.
pub fn i5_i9(before: &Patient, after: &Patient, event: &Event) -> Holds {
    let may_change = matches!(event, Event::DutyOpened(_) | Event::AnswerabilityMoved(_) | Event::DutyClosed(_));
    let holders = |record: &Patient| -> Vec<Option<RoleId>> {
        record.duties.values().map(|duty| duty.holder().cloned()).collect()
    };
    let is_same = may_change || holders(before) == holders(after);
    must(is_same, "I5", || format!("{} changes a holder", event.kind().as_str()))
}

/// I6: a role has ended only when it holds nothing, helps with nothing and is offered nothing; a root's lead has
/// neither ended nor an end.
///
/// # Errors
/// Where it isn't so.
pub fn i6(state: &State) -> Holds {
    for record in state.patients.values() {
        i6_of_record(state, record)?;
    }
    i6_of_roots(state)
}

fn i6_of_record(state: &State, record: &Patient) -> Holds {
    let recorded = state.last_recorded.unwrap_or(Instant::MIN);
    let has_ended = |role| state.directory.roles.get(role).is_none_or(|role| role.ended.is_some());
    for (id, _, holding) in record.held() {
        must(!has_ended(&holding.holder), "I6", || format!("`{id}` is held by a role that has ended"))?;
    }
    for (id, offer) in record.offers.iter().filter(|(_, offer)| offer.is_open(recorded)) {
        let is_to_ended = matches!(&offer.to, To::Role(role) if has_ended(role));
        must(!is_to_ended, "I6", || format!("`{id}` would go to a role that has ended"))?;
        for duty in &offer.duties {
            let is_own = record.duties.get(duty).is_some_and(|duty| duty.is_held_by(&offer.offerer));
            must(is_own, "I6", || format!("`{id}` does not follow `{duty}` to its holder"))?;
        }
    }
    for (id, help) in record.contributions.iter().filter(|(_, help)| help.ended.is_none()) {
        must(!has_ended(&help.role), "I6", || format!("`{id}` is by a role that has ended"))?;
    }
    Ok(())
}

fn i6_of_roots(state: &State) -> Holds {
    for (id, root) in state.directory.organisations.iter().filter(|(_, one)| one.parent.is_none()) {
        let lead = root.lead.as_ref().and_then(|lead| state.directory.roles.get(lead));
        let is_to_last = lead.is_none_or(|lead| lead.ended.is_none() && lead.end.is_none());
        must(is_to_last, "I6", || format!("the lead of the root `{id}` ends"))?;
    }
    Ok(())
}

/// I7: after a discharge nobody at or below the organisation holds a duty of the patient; overridden, but its lead.
///
/// # Errors
/// Where somebody does.
pub fn i7(state: &State, event: &Recorded) -> Holds {
    let Event::PatientDischarged(discharged) = &event.change.event else { return Ok(()) };
    let Some(record) = state.patients.get(&discharged.patient) else { return Ok(()) };
    let lead = state.directory.organisations.get(&discharged.organisation).and_then(|one| one.lead.as_ref());
    for (id, _, holding) in record.held() {
        let home = state.directory.home(&holding.holder);
        let is_there = home.is_some_and(|home| state.directory.is_at_or_below(home, &discharged.organisation));
        let is_signed_for = discharged.r#override.is_some() && Some(&holding.holder) == lead;
        must(!is_there || is_signed_for, "I7", || format!("`{id}` is left behind by a discharge"))?;
    }
    Ok(())
}

/// I8: accepting part of an offer splits it: what is accepted and what is not add up to what was offered.
///
/// # Errors
/// Where it doesn't.
pub fn i8(record: &Patient) -> Holds {
    for (id, offer) in record.offers.iter().filter(|(_, offer)| offer.state == OfferState::Accepted) {
        let rest = offer.rest.as_ref().and_then(|rest| record.offers.get(rest));
        let mut parts: Vec<&DutyId> =
            offer.accepted.iter().chain(rest.into_iter().flat_map(|rest| &rest.duties)).collect();
        let mut whole: Vec<&DutyId> = offer.duties.iter().collect();
        parts.sort_unstable();
        whole.sort_unstable();
        let is_being_split = offer.rest.is_none() && offer.is_partly_accepted();
        must(is_being_split || parts == whole, "I8", || format!("`{id}` is accepted in parts that are not the whole"))?;
    }
    Ok(())
}

/// I13: nobody becomes answerable outside their role's period or scope, caretakers aside (I6a).
///
/// # Errors
/// Where somebody does.
pub fn i13(state: &State, event: &Recorded) -> Holds {
    let (duty, holder, basis) = match &event.change.event {
        Event::DutyOpened(opened) => (&opened.duty, &opened.holder, opened.basis),
        Event::AnswerabilityMoved(moved) => (&moved.duty, &moved.to, moved.basis),
        _ => return Ok(()),
    };
    let role = state.directory.roles.get(holder);
    let patient = state.place(&duty.clone().into()).and_then(|patient| state.patients.get(patient));
    let duty_known = patient.and_then(|record| record.duties.get(duty));
    let (Some(role), Some(known)) = (role, duty_known) else {
        return Err(Broken::new("I13", format!("`{duty}` or `{holder}` is unknown")));
    };
    if basis.is_caretaking() {
        return Ok(());
    }
    let is_in_period = role.is_present(event.recorded) && role.is_in_period(event.change.at);
    must(is_in_period, "I13", || format!("`{holder}` is not in period, and takes `{duty}`"))?;
    must(role.has_in_scope(&known.kind), "I13", || format!("`{duty}` is out of the scope of `{holder}`"))
}

/// I14: every change of holder leaves the patient to be told, until somebody records that they were.
///
/// # Errors
/// Where it doesn't.
pub fn i14(record: &Patient) -> Holds {
    for (id, duty) in &record.duties {
        must(changes_of_holder(duty) == duty.untold.len(), "I14", || {
            format!("a change of `{id}` is nobody's to tell")
        })?;
    }
    Ok(())
}

fn changes_of_holder(duty: &Duty) -> usize {
    let is_move = |pair: &&[Entry]| pair.iter().all(|entry| entry.what != Occupancy::Closed);
    duty.entries.windows(2).filter(is_move).count()
}

/// I2 of an event: it moves the duty from who holds it.
pub(crate) fn i2_of(duty: &Duty, event: &AnswerabilityMoved) -> Holds {
    must(duty.is_held_by(&event.from), "I2", || format!("`{}` moves from one who does not hold it", event.duty))
}
