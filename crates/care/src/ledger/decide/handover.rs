//! The handover: offers, and what becomes of them. Who offers is answerable until a named role has accepted (I2).

use super::checks::{Two, two_sided};
use super::draft::Draft;
use crate::ledger::command::handover::{
    Accept, AgreeCounter, BulkItem, Counter, Decline, LateHandover, Offer as Asked, OfferMany, Recall, To,
};
use crate::ledger::event::Basis;
use crate::ledger::event::handover::{
    BulkOffered, LateHandoverProposed, NotOffered, OfferAccepted, OfferCountered, OfferDeclined, OfferMade,
    OfferRecalled, OfferSplit,
};
use crate::ledger::event::rest::{DisputeJoined, DisputeKind, DisputeRaised};
use crate::ledger::field::Field;
use crate::ledger::fields::{Any, Within};
use crate::ledger::id::{BulkId, DisputeId, DutyId, Id, Mention, OfferId, OrganisationId, PatientId, RoleId};
use crate::ledger::planted::planted;
use crate::ledger::refusal::Refusal;
use crate::ledger::state::{Offer, OfferState};
use crate::time::Instant;

pub(super) fn offer(draft: &mut Draft<'_>, ask: &Asked) -> Result<(), Refusal> {
    of_one_patient(draft, &ask.patient, &ask.duties)?;
    may_offer(draft, &ask.duties, &ask.to, ask.until)?;
    let made = OfferMade {
        offer: ask.offer.0.clone(),
        patient: ask.patient.clone(),
        duties: ask.duties.clone(),
        to: ask.to.clone(),
        due: due(draft, &ask.reply_within),
        actions: ask.actions.clone(),
        until: ask.until,
        from: draft.asker()?.clone(),
        severity: ask.severity,
        summary: ask.summary.clone(),
        contingency: ask.contingency.clone(),
    };
    draft.happens_to(&ask.patient, made);
    Ok(())
}

/// A deadline runs from when the event that sets it is recorded.
fn due(draft: &Draft<'_>, within: &Within) -> Instant {
    draft.recorded + within.length()
}

fn of_one_patient(draft: &Draft<'_>, patient: &PatientId, duties: &[DutyId]) -> Result<(), Refusal> {
    for duty in duties {
        if draft.duty(duty)?.0 != patient {
            return Err(Refusal::NotOnePatient);
        }
    }
    Ok(())
}

/// Whether the asker may offer these duties of one patient.
fn may_offer(draft: &Draft<'_>, duties: &[DutyId], to: &To, until: Option<Instant>) -> Result<(), Refusal> {
    let asker = draft.asker()?;
    draft.free(duties, place_of(draft, to)?, asker, None)?;
    match to {
        To::Role(role) if role == asker => return Err(Refusal::SelfOffer),
        To::Role(role) => draft.able_of(role, duties)?,
        To::Service(_) => draft.open(place_of(draft, to)?)?,
    }
    may_be_until(draft, duties, until)
}

/// The organisation of a role or a service.
fn place_of<'a>(draft: &Draft<'a>, to: &To) -> Result<&'a OrganisationId, Refusal> {
    let directory = draft.directory();
    let place = match to {
        To::Role(role) => directory.home(role),
        To::Service(service) => directory.services.get(service),
    };
    place.ok_or(Refusal::Unknown)
}

/// Whether an end is still to come, and what is offered isn't itself to be given back.
fn may_be_until(draft: &Draft<'_>, duties: &[DutyId], until: Option<Instant>) -> Result<(), Refusal> {
    if until.is_some_and(|until| until <= draft.recorded || until <= draft.at) {
        return Err(Refusal::BadPeriod);
    }
    for duty in duties {
        if draft.duty(duty)?.1.held().is_some_and(|(holding, _)| holding.until.is_some()) {
            return Err(Refusal::BadPeriod);
        }
    }
    Ok(())
}

/// An offer, with whose it is.
fn find<'d>(draft: &'d Draft<'_>, id: &OfferId) -> Result<(PatientId, &'d Offer), Refusal> {
    let patient = draft.place(id.clone())?;
    draft.record(patient)?.offers.get(id).map(|offer| (patient.clone(), offer)).ok_or(Refusal::Unknown)
}

/// Whether the asker may answer an offer: the role it is to, any role at or below its service; of a counter, the
/// offerer.
fn is_addressee(draft: &Draft<'_>, offer: &Offer) -> Result<(), Refusal> {
    let asker = draft.asker()?;
    let is = match (&offer.counters, &offer.to) {
        (Some(_), _) => *asker == offer.offerer,
        (None, To::Role(role)) => asker == role,
        (None, to @ To::Service(_)) => draft.directory().is_at_or_below(draft.home_of_asker()?, place_of(draft, to)?),
    };
    if is || planted!("anyone-answers") { Ok(()) } else { Err(Refusal::NotAddressee) }
}

/// *offer-STATE*: whether it is still open.
fn still_open(draft: &Draft<'_>, offer: &Offer) -> Result<(), Refusal> {
    match offer.state(draft.recorded) {
        _ if planted!("answered-after-expiry") && offer.state == OfferState::Open => Ok(()),
        OfferState::Open => Ok(()),
        OfferState::Accepted => Err(Refusal::OfferAccepted),
        OfferState::Declined => Err(Refusal::OfferDeclined),
        OfferState::Countered => Err(Refusal::OfferCountered),
        OfferState::Recalled => Err(Refusal::OfferRecalled),
        OfferState::Expired => Err(Refusal::OfferExpired),
        OfferState::Lapsed => Err(Refusal::OfferLapsed),
    }
}

/// Whether each action has been read back.
fn read_back<T>(offer: &Offer, read_back: &[T]) -> Result<(), Refusal> {
    let is_read = read_back.len() == offer.actions.len() || planted!("accepted-unread");
    if is_read { Ok(()) } else { Err(Refusal::ReadBackIncomplete) }
}

/// Whether a role can become answerable for what it accepted: able, not bound, and no earlier than it can.
fn may_move(draft: &Draft<'_>, to: &RoleId, duties: &[DutyId], offered: Instant) -> Result<(), Refusal> {
    draft.able_of(to, duties)?;
    draft.bound(duties, draft.directory().home(to).ok_or(Refusal::Unknown)?)?;
    draft.in_order(duties)?;
    if draft.at < offered { Err(Refusal::OutOfOrder) } else { Ok(()) }
}

/// I8: what is accepted moves, the rest stays open as an offer of its own.
pub(super) fn accept(draft: &mut Draft<'_>, ask: &Accept) -> Result<(), Refusal> {
    let asker = draft.asker()?;
    let (patient, offer) = find(draft, &ask.offer)?;
    is_addressee(draft, offer)?;
    still_open(draft, offer)?;
    if offer.counters.is_some() {
        return Err(Refusal::IsCounter);
    }
    let accepted = ask.duties.as_ref().unwrap_or(&offer.duties);
    if accepted.iter().any(|duty| !offer.duties.contains(duty)) {
        return Err(Refusal::NotInOffer);
    }
    read_back(offer, &ask.read_back.0)?;
    may_move(draft, asker, accepted, offer.offered)?;
    let rest: Vec<DutyId> = offer.duties.iter().filter(|duty| !accepted.contains(duty)).cloned().collect();
    if !rest.is_empty() && draft.state.knows(&rest_of(&ask.offer).into()) {
        return Err(Refusal::AlreadyExists);
    }
    let (accepted, until) = (accepted.clone(), offer.until);
    let moving = if planted!("part-moves-the-whole") { offer.duties.clone() } else { accepted.clone() };
    draft.happens_to(
        &patient,
        OfferAccepted {
            offer: ask.offer.clone(),
            role: asker.clone(),
            duties: accepted,
            read_back: (!ask.read_back.0.is_empty()).then(|| ask.read_back.0.clone()),
        },
    );
    if !rest.is_empty() && !planted!("rest-is-dropped") {
        draft.happens_to(&patient, OfferSplit { offer: ask.offer.clone(), rest: rest_of(&ask.offer), duties: rest });
    }
    draft.move_all(&moving, asker, Basis::Accepted, until);
    Ok(())
}

/// What the rest of an offer is called.
pub(crate) fn rest_of(offer: &OfferId) -> OfferId {
    OfferId::derive(offer.as_str(), "rest")
}

/// What one of many offers is called.
pub(crate) fn one_of(bulk: &BulkId, duty: &DutyId) -> OfferId {
    OfferId::derive(bulk.as_str(), duty.as_str())
}

pub(super) fn decline(draft: &mut Draft<'_>, ask: &Decline) -> Result<(), Refusal> {
    let (patient, offer) = find(draft, &ask.offer)?;
    is_addressee(draft, offer)?;
    still_open(draft, offer)?;
    let declined = OfferDeclined {
        offer: ask.offer.clone(),
        role: draft.asker()?.clone(),
        code: ask.code,
        words: ask.words.clone(),
    };
    if planted!("decline-moves") {
        draft.move_all(&offer.duties.clone(), draft.asker()?, Basis::Accepted, None);
    }
    draft.happens_to(&patient, declined);
    Ok(())
}

/// Countering is accepting beforehand.
pub(super) fn counter(draft: &mut Draft<'_>, ask: &Counter) -> Result<(), Refusal> {
    let asker = draft.asker()?;
    let (patient, offer) = find(draft, &ask.offer)?;
    is_addressee(draft, offer)?;
    still_open(draft, offer)?;
    if offer.counters.is_some() {
        return Err(Refusal::IsCounter);
    }
    of_one_patient(draft, &patient, &ask.duties)?;
    draft.free(&ask.duties, draft.home_of_asker()?, &offer.offerer, Some(&ask.offer))?;
    read_back(offer, &ask.read_back.0)?;
    draft.able_of(asker, &ask.duties)?;
    may_be_until(draft, &ask.duties, ask.until)?;
    let countered = OfferCountered {
        offer: ask.offer.clone(),
        counter: ask.counter.0.clone(),
        role: asker.clone(),
        duties: ask.duties.clone(),
        due: due(draft, &ask.reply_within),
        until: ask.until,
        words: ask.words.clone(),
    };
    draft.happens_to(&patient, countered);
    if planted!("counter-moves") {
        draft.move_all(&ask.duties, asker, Basis::Accepted, ask.until);
    }
    Ok(())
}

pub(super) fn agree_counter(draft: &mut Draft<'_>, ask: &AgreeCounter) -> Result<(), Refusal> {
    let asker = draft.asker()?;
    let (patient, counter) = find(draft, &ask.counter)?;
    let (Some(_), To::Role(to)) = (&counter.counters, &counter.to) else { return Err(Refusal::NotACounter) };
    is_addressee(draft, counter)?;
    still_open(draft, counter)?;
    may_move(draft, to, &counter.duties, counter.offered)?;
    let to = if planted!("agreeing-takes-it-oneself") { asker } else { to };
    let (to, duties, until) = (to.clone(), counter.duties.clone(), counter.until);
    draft.happens_to(
        &patient,
        OfferAccepted { offer: ask.counter.clone(), role: asker.clone(), duties: duties.clone(), read_back: None },
    );
    draft.move_all(&duties, &to, Basis::Accepted, until);
    Ok(())
}

/// I4: only while it is open.
pub(super) fn recall(draft: &mut Draft<'_>, ask: &Recall) -> Result<(), Refusal> {
    let asker = draft.asker()?;
    let (patient, offer) = find(draft, &ask.offer)?;
    let is_own = match (&offer.counters, &offer.to) {
        (Some(_), To::Role(countered)) => countered == asker,
        _ => offer.offerer == *asker,
    };
    if !is_own && !planted!("anyone-recalls") {
        return Err(Refusal::NotOfferer);
    }
    if !planted!("recalled-after-acceptance") {
        still_open(draft, offer)?;
    }
    draft.happens_to(&patient, OfferRecalled { offer: ask.offer.clone() });
    Ok(())
}

/// Each is an offer of its own: what refuses one doesn't refuse the others.
pub(super) fn offer_many(draft: &mut Draft<'_>, ask: &OfferMany) -> Result<(), Refusal> {
    let (mut made, mut refused) = (Vec::new(), Vec::new());
    for item in &ask.offers.0 {
        match offer_one(draft, ask, item) {
            Ok(offer) => made.push(offer),
            Err(refusal) => refused.push(NotOffered { duty: item.duty.clone(), refusal }),
        }
    }
    if made.is_empty() {
        return Err(Refusal::NothingOffered);
    }
    draft.happens(BulkOffered { bulk: ask.bulk.0.clone(), made: Any(made), refused: Any(refused) });
    Ok(())
}

fn offer_one(draft: &mut Draft<'_>, ask: &OfferMany, item: &BulkItem) -> Result<OfferId, Refusal> {
    let mut named = Vec::new();
    Field::mention(item, &mut named);
    let is_there = |mention: &Mention| matches!(mention, Mention::Known(id) if draft.state.knows(id));
    if !named.iter().all(is_there) {
        return Err(Refusal::Unknown);
    }
    let offer = one_of(&ask.bulk.0, &item.duty);
    if draft.state.knows(&Id::Offer(offer.clone())) {
        return Err(Refusal::AlreadyExists);
    }
    let duties = vec![item.duty.clone()];
    may_offer(draft, &duties, &item.to, ask.until)?;
    let patient = draft.duty(&item.duty)?.0;
    let made = OfferMade {
        offer: offer.clone(),
        patient: patient.clone(),
        duties,
        to: item.to.clone(),
        due: due(draft, &ask.reply_within),
        actions: item.actions.clone(),
        until: ask.until,
        from: draft.asker()?.clone(),
        severity: item.severity,
        summary: item.summary.clone(),
        contingency: item.contingency.clone(),
    };
    draft.happens_to(patient, made);
    Ok(offer)
}

/// Both sides say that the duty changed hands then. If the holder changed since, what was recorded first stands (I10).
pub(super) fn late_handover(draft: &mut Draft<'_>, ask: &LateHandover) -> Result<(), Refusal> {
    let asker = draft.asker()?;
    if *asker != ask.from && *asker != ask.to {
        return Err(Refusal::NotParty);
    }
    let duties = std::slice::from_ref(&ask.duty);
    draft.all_open(duties)?;
    let (patient, duty) = draft.duty(&ask.duty)?;
    let held_then = duty.held_at(draft.at, Instant::MAX);
    if held_then.is_none_or(|(holding, _)| holding.holder != ask.from) {
        return Err(Refusal::NotThenHolder);
    }
    draft.not_in_offer(duties, None)?;
    draft.bound(duties, draft.directory().home(&ask.to).ok_or(Refusal::Unknown)?)?;
    draft.able_of(&ask.to, duties)?;
    let what = (ask.from.clone(), ask.to.clone());
    // One asker who is both sides needs no other.
    let answer =
        if ask.from == ask.to { Two::Agreed } else { two_sided(duty.proposed_late.as_ref(), asker.clone(), &what)? };
    let has_changed_since = duty.held().is_some_and(|(_, since)| since.at > draft.at);
    match answer {
        Two::Proposed(side) => {
            let (from, to) = what;
            draft.happens_to(patient, LateHandoverProposed { duty: ask.duty.clone(), to, side, from });
        }
        Two::Agreed if has_changed_since => clash(draft, ask)?,
        Two::Agreed => draft.move_late(&ask.duty, &ask.to),
    }
    Ok(())
}

/// I10: no second holder in silence.
fn clash(draft: &mut Draft<'_>, ask: &LateHandover) -> Result<(), Refusal> {
    let (patient, duty) = draft.duty(&ask.duty)?;
    let mut parties = vec![ask.from.clone(), ask.to.clone()];
    parties.extend(duty.holder().cloned());
    parties.sort_unstable();
    parties.dedup();
    let open = draft.record(patient)?.open_dispute_of(&ask.duty).cloned();
    if let Some(dispute) = open {
        draft.happens_to(patient, DisputeJoined { dispute, parties });
    } else {
        let dispute = DisputeId::of_clash(&draft.command.id, &ask.duty);
        let kind = DisputeKind::Clash;
        draft.happens_to(patient, DisputeRaised { dispute, duty: ask.duty.clone(), kind, parties });
    }
    Ok(())
}
