//! Random histories, as lines of the stories' language: what breaks something is told as a story.

use answerable_care::ledger::command::handover::To;
use answerable_care::ledger::id::RoleId;
use answerable_care::ledger::state::{Duty, Offer, OfferState, Patient, State};
use proptest::prelude::*;

use crate::language::Telling;

/// A line in the making: what kind, and which of the things that there are when its turn comes.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    verb: u8,
    picks: [u8; 4],
}

pub(crate) fn histories() -> impl Strategy<Value = Vec<Step>> {
    let step = (any::<u8>(), any::<[u8; 4]>()).prop_map(|(verb, picks)| Step { verb, picks });
    proptest::collection::vec(step, 1..120)
}

/// Picks one of these, if there is any.
fn pick<T: Clone>(from: &[T], by: u8) -> Option<T> {
    if from.is_empty() { None } else { from.get(usize::from(by) % from.len()).cloned() }
}

fn duties(state: &State) -> Vec<(String, String, Duty)> {
    let of = |(patient, record): (&_, &Patient)| -> Vec<(String, String, Duty)> {
        let name = |id: &_| format!("{id}");
        record.duties.iter().map(|(id, duty)| (format!("{patient}"), name(id), duty.clone())).collect()
    };
    state.patients.iter().flat_map(|(patient, record)| of((patient, record))).collect()
}

fn offers_of(state: &State, is: impl Fn(&Offer) -> bool + Copy) -> Vec<(String, Offer)> {
    let of = |record: &Patient| -> Vec<(String, Offer)> {
        record.offers.iter().filter(|(_, offer)| is(offer)).map(|(id, offer)| (id.to_string(), offer.clone())).collect()
    };
    state.patients.values().flat_map(of).collect()
}

/// Who would answer an offer.
fn addressee(state: &State, offer: &Offer, by: u8) -> Option<RoleId> {
    match (&offer.counters, &offer.to) {
        (Some(_), _) => Some(offer.offerer.clone()),
        (None, To::Role(role)) => Some(role.clone()),
        (None, To::Service(service)) => {
            let home = state.directory.services.get(service)?;
            let there = state.directory.roles.iter().filter(|(_, role)| role.organisation == *home);
            pick(&there.map(|(id, _)| id.clone()).collect::<Vec<_>>(), by)
        }
    }
}

/// The line that a step is, in a story that has come so far.
pub(crate) fn line(telling: &Telling, step: &Step, number: usize) -> Option<String> {
    let state = &telling.world.state;
    let [a, b, c, d] = step.picks;
    let roles: Vec<RoleId> = state.directory.roles.keys().cloned().collect();
    let role = pick(&roles, a)?;
    let other = pick(&roles, b)?;
    let services: Vec<_> = state.directory.services.keys().map(ToString::to_string).collect();
    let duties = duties(state);
    let offers = offers_of(state, |offer| offer.state == OfferState::Open);
    let patient = pick(&["amy", "ben", "eve"], c)?;
    let open: Vec<_> = duties.iter().filter(|(_, _, duty)| duty.held().is_some()).cloned().collect();
    // Mostly something that can be done is asked for.
    let duty = pick(if d % 16 == 0 { &duties } else { &open }, c);
    let holder = |duty: &Duty| duty.last_holder().cloned();
    // Mostly the one who may ask does; now and then anybody.
    let asker = |may: Option<RoleId>| if d % 8 == 0 { role.clone() } else { may.unwrap_or_else(|| role.clone()) };
    let offer = pick(&offers, c);
    let text = match step.verb % 55 {
        0..=4 if number.is_multiple_of(3) => {
            format!("open n{number} of {patient}: n{number}-monitor adopted by {role}")
        }
        0..=4 => format!("open n{number} of {patient}: n{number}-decide n{number}-monitor by {role}"),
        5 => format!("add n{number}-plan to {} by {role}", duty?.2.need),
        6..=11 => {
            let (patient, id, duty) = duty?;
            let from = holder(&duty);
            let mut all: Vec<&String> = duties
                .iter()
                .filter(|(of, _, other)| {
                    *of == patient && d % 2 == 0 && holder(other) == from && other.held().is_some()
                })
                .map(|(_, id, _)| id)
                .collect();
            if !all.contains(&&id) {
                all.push(&id);
            }
            let all: Vec<&str> = all.into_iter().map(String::as_str).collect();
            let until = if d % 5 == 0 { "until 30 hours" } else { "" };
            let to = if d % 7 == 0 { format!("service {}", pick(&services, b)?) } else { other.to_string() };
            let by = asker(from);
            let actions = if d % 6 == 0 { "actions 1" } else { "" };
            format!("offer o{number} of {patient}: {} to {to} within 2 days {until} {actions} by {by}", all.join(" "))
        }
        12..=16 => {
            let (id, offer) = offer?;
            let part = if d % 3 == 0 { format!("part: {}", offer.duties.first()?) } else { String::new() };
            let reads = if d % 4 == 0 { 0 } else { offer.actions.len() };
            format!("accept {id} reads {reads} {part} by {}", asker(addressee(state, &offer, b)))
        }
        17 => format!("decline {} by {}", offer.as_ref()?.0, asker(addressee(state, &offer.as_ref()?.1, b))),
        18 | 19 => {
            let (id, offer) = offer?;
            let by = asker(addressee(state, &offer, b));
            format!("counter {id} with c{number}: {} within 1 days by {by}", offer.duties.last()?)
        }
        20 | 21 => format!("agree {} by {}", offer.as_ref()?.0, asker(addressee(state, &offer.as_ref()?.1, b))),
        22 => {
            // Now and then one that was settled.
            let (id, offer) = if b % 4 == 0 { pick(&offers_of(state, |_| true), c)? } else { offer? };
            format!("recall {id} by {}", asker(Some(offer.offerer)))
        }
        23 | 24 | 40 => {
            let waiting: Vec<_> = open.iter().filter(|(_, _, duty)| duty.proposed_late.is_some()).cloned().collect();
            let (_, id, duty) = pick(&waiting, c).or(duty)?;
            let pending = duty.proposed_late.as_ref();
            let from = duty.entries.first().and_then(|_| duty.last_holder().cloned())?;
            match pending {
                Some(pending) => {
                    let (from, to) = &pending.what;
                    let by = if pending.side == *from { to } else { from };
                    format!("late {id} from {from} to {to} by {by} at {} minutes ago because x", d % 90)
                }
                None => format!("late {id} from {from} to {other} by {from} at {d} minutes ago because x"),
            }
        }
        25 if d % 3 == 0 => {
            format!("end {role} by {} at {b} minutes ago", pick(&["khan", "patel", "chair", "system"], c)?)
        }
        25 => format!("end {role} by {role}"),
        26 => format!("scope {role}: {} by {role}", pick(&["monitor", "decide monitor", "*"], b)?),
        27 if d % 4 == 0 => format!("period {role} ends {} hours by {role}", b % 60 + 1),
        27 => format!("period {role} never by {}", if d % 2 == 0 { "patel".to_owned() } else { role.to_string() }),
        28 => {
            let organisation = pick(&["surgery", "hospital", "icb", "childrens", "city"], c)?;
            format!("lead {organisation}: {role} by {}", if d % 2 == 0 { role.to_string() } else { "chair".to_owned() })
        }
        29 if d % 4 > 1 => return None,
        29 => format!("discharge {patient} from hospital overriding by {}", if d % 2 == 0 { "khan" } else { "chair" }),
        30 => format!("close {} by {}", duty.as_ref()?.1, asker(holder(&duty.as_ref()?.2))),
        31 => format!("finish {} by {}", duty.as_ref()?.2.need, asker(holder(&duty.as_ref()?.2))),
        32 => format!("reopen {} by {role}", duty?.2.need),
        33 => format!(
            "delegate h{number}: {} to {other} for 1 days by {}",
            duty.as_ref()?.1,
            asker(holder(&duty.as_ref()?.2))
        ),
        34 => format!("advice h{number}: {} to {other} by {}", duty.as_ref()?.1, asker(holder(&duty.as_ref()?.2))),
        35 => format!("tell {} of {} by {role}", duty.as_ref()?.0, duty.as_ref()?.1),
        36 => {
            let from = holder(&duty.as_ref()?.2);
            let second = pick(&duties, d)?.1;
            let first = duty?.1;
            let second = if second == first { String::new() } else { format!("{second}>{role}") };
            format!("many b{number}: {first}>{other} {second} within 1 days by {}", asker(from))
        }
        37 => format!(
            "register role r{number} of dr-ada at {} for * ends {} hours",
            pick(&["surgery", "city", "adult"], c)?,
            u16::from(b) + 1
        ),
        38 | 39 => format!("+{} hours", b % 20 + 1),
        41 | 42 => format!("+{} days", b % 9 + 1),
        43..=47 => {
            let (id, offer) = offer?;
            format!("accept {id} reads {} by {}", offer.actions.len(), addressee(state, &offer, b)?)
        }
        48 => format!("reopen {} by {other}", duties.iter().find(|(_, _, duty)| duty.held().is_none())?.2.need),
        49 => format!(
            "late {} from {} to {other} by {other} at 1 minutes ago",
            duty.as_ref()?.1,
            holder(&duty.as_ref()?.2)?
        ),
        50 => format!("register organisation x{number} below surgery by chair"),
        51 | 52 => {
            let below = state.directory.organisations.keys().filter(|id| id.as_str().starts_with('x'));
            let desk = pick(&below.cloned().collect::<Vec<_>>(), c)?;
            let is_open_there = state.directory.services.values().any(|organisation| *organisation == desk);
            if is_open_there && d % 2 == 0 {
                format!("shut {desk} by patel")
            } else {
                format!("register service y{number} at {desk} by patel")
            }
        }
        _ => "tick confirmed".to_owned(),
    };
    Some(text)
}
