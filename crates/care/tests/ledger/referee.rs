//! The referee: what a command may have done, said from outside the core, so that a mistake in `decide`, in `evolve`
//! and in what `evolve` asserts is found all the same. It sees the ledger before and after, never how one became the
//! other. Stories, random histories and the model are all judged by it.

use answerable_care::Instant;
use answerable_care::ledger::command::handover::To;
use answerable_care::ledger::command::{Ask, Command};
use answerable_care::ledger::event::rest::About;
use answerable_care::ledger::event::{Basis, Change, Event};
use answerable_care::ledger::id::{DutyId, OfferId, OrganisationId, RoleId};
use answerable_care::ledger::refusal::Refusal;
use answerable_care::ledger::state::{Directory, Duty, Entry, Holding, Occupancy, Offer, OfferState, Patient, State};

/// What is judged: a command, or a step of one, and what came of it.
pub(crate) struct Play<'a> {
    pub(crate) before: &'a State,
    pub(crate) command: &'a Command,
    pub(crate) recorded: Instant,
    pub(crate) outcome: Result<&'a [Change], Refusal>,
    pub(crate) after: &'a State,
}

/// Which invariant was broken, and how.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Foul {
    pub(crate) rule: &'static str,
    pub(crate) how: String,
}

type Fair = Result<(), Foul>;

fn must(holds: bool, rule: &'static str, how: impl FnOnce() -> String) -> Fair {
    if holds { Ok(()) } else { Err(Foul { rule, how: how() }) }
}

/// Whether it is within what must always be true.
pub(crate) fn judge(play: &Play<'_>) -> Fair {
    if let Err(refusal) = play.outcome {
        return refused(play, refusal);
    }
    for (patient, record) in &play.after.patients {
        let Some(before) = play.before.patients.get(patient) else { continue };
        for (id, duty) in &record.duties {
            duty_changes(play, before, id, duty)?;
            help_ends(before, record, id, duty)?;
        }
        for (id, offer) in &record.offers {
            match before.offers.get(id) {
                Some(was) => offer_changes(play, record, id, was, offer)?,
                None => offer_begins(play, record, id, offer)?,
            }
        }
        offers_are_apart(record, play.recorded)?;
    }
    is_done_by_the_clock(play)?;
    leavers_leave_nothing(play.after, play.recorded)
}

/// I4: a refusal says what is so; what is open can be recalled.
fn refused(play: &Play<'_>, refusal: Refusal) -> Fair {
    let id = match &play.command.ask {
        Ask::Accept(ask) => &ask.offer,
        Ask::Decline(ask) => &ask.offer,
        Ask::Counter(ask) => &ask.offer,
        Ask::Recall(ask) => &ask.offer,
        Ask::AgreeCounter(ask) => &ask.counter,
        _ => return Ok(()),
    };
    let Some(offer) = play.before.patients.values().find_map(|record| record.offers.get(id)) else { return Ok(()) };
    let said = match refusal {
        Refusal::OfferAccepted => OfferState::Accepted,
        Refusal::OfferDeclined => OfferState::Declined,
        Refusal::OfferCountered => OfferState::Countered,
        Refusal::OfferRecalled => OfferState::Recalled,
        Refusal::OfferExpired => OfferState::Expired,
        Refusal::OfferLapsed => OfferState::Lapsed,
        Refusal::NotOfferer => return must(!is_own(play, offer), "I4", || format!("`{id}` can't be recalled")),
        _ => return Ok(()),
    };
    must(standing(offer, play.recorded) == said, "I4", || format!("`{id}` is refused as {refusal}, and is not"))
}

/// What has become of an offer: from its due instant it is expired, ticked or not.
fn standing(offer: &Offer, recorded: Instant) -> OfferState {
    if offer.state == OfferState::Open && offer.due <= recorded { OfferState::Expired } else { offer.state }
}

fn is_open(offer: &Offer, recorded: Instant) -> bool {
    standing(offer, recorded) == OfferState::Open
}

/// Who may recall an offer: who made it, of a counter who countered.
fn is_own(play: &Play<'_>, offer: &Offer) -> bool {
    let own = match (&offer.counters, &offer.to) {
        (Some(_), To::Role(countered)) => countered,
        _ => &offer.offerer,
    };
    play.command.by.role() == Some(own)
}

/// Who may answer an offer: to whom it is, any role at or below its service; of a counter, who made the first offer.
fn may_answer(play: &Play<'_>, offer: &Offer) -> bool {
    let Some(asker) = play.command.by.role() else { return false };
    let directory = &play.before.directory;
    match (&offer.counters, &offer.to) {
        (Some(_), _) => *asker == offer.offerer,
        (None, To::Role(role)) => role == asker,
        (None, To::Service(service)) => {
            let home = directory.roles.get(asker).map(|role| &role.organisation);
            let place = directory.services.get(service);
            home.zip(place).is_some_and(|(home, place)| upward(directory, home).contains(&place))
        }
    }
}

fn upward<'a>(directory: &'a Directory, organisation: &'a OrganisationId) -> Vec<&'a OrganisationId> {
    let parent = |id: &&'a OrganisationId| directory.organisations.get(*id).and_then(|one| one.parent.as_ref());
    std::iter::successors(Some(organisation), parent).collect()
}

/// I13: in period when it takes effect and now, not ended nor about to, and with the kind in scope.
fn is_able(play: &Play<'_>, role: &RoleId, duty: &Duty, at: Instant) -> bool {
    play.before.directory.roles.get(role).is_some_and(|role| {
        let is_before = |instant: Instant| role.start <= instant && role.end.is_none_or(|end| instant < end);
        let has_kind = role.scope.iter().any(|kind| kind.as_str() == "*" || *kind == duty.kind);
        role.ended.is_none() && !role.is_closing && is_before(at) && is_before(play.recorded) && has_kind
    })
}

/// I6: the nearest lead at or above an organisation who is there; reckoned without one who leaves.
fn nearest_lead<'a>(play: &'a Play<'_>, home: &OrganisationId, leaver: Option<&RoleId>) -> Option<&'a RoleId> {
    let directory = &play.before.directory;
    let home = directory.organisations.get_key_value(home)?.0;
    upward(directory, home).into_iter().find_map(|id| {
        let one = directory.organisations.get(id).filter(|one| !one.is_closed)?;
        let lead = one.lead.as_ref().filter(|lead| Some(*lead) != leaver)?;
        let role = directory.roles.get(lead)?;
        let is_there = role.start <= play.recorded && role.end.is_none_or(|end| play.recorded < end);
        (role.ended.is_none() && !role.is_closing && is_there).then_some(lead)
    })
}

/// I1, I2, I14: what was known of a duty stays known; each new holder follows the one before, by an acceptance.
fn duty_changes(play: &Play<'_>, before: &Patient, id: &DutyId, duty: &Duty) -> Fair {
    let none = Vec::new();
    let known = before.duties.get(id).map_or(&none, |duty| &duty.entries);
    must(duty.entries.starts_with(known), "I1", || format!("the past of `{id}` is another"))?;
    let mut moves = 0;
    for (index, entry) in duty.entries.iter().enumerate().skip(known.len()) {
        must(entry.stamp.recorded == play.recorded, "I1", || format!("`{id}` changes at another time"))?;
        let last = index.checked_sub(1).and_then(|last| duty.entries.get(last));
        match (last.map(|last| (&last.what, last)), &entry.what) {
            (Some((Occupancy::Held(from), last)), Occupancy::Held(to)) => {
                moves += 1;
                let is_after = last.stamp.at <= entry.stamp.at;
                must(is_after, "I1", || format!("`{id}` has two holders, or none, for a time"))?;
                holder_changes(play, before, id, duty, (from, last), (to, entry))?;
            }
            (Some((Occupancy::Held(from), _)), Occupancy::Closed) => {
                let may = matches!(play.command.ask, Ask::CloseDuty(_) | Ask::CloseNeed(_));
                let is_holder = play.command.by.role() == Some(&from.holder);
                must(may && is_holder, "I1", || format!("`{id}` is closed by one who does not hold it"))?;
            }
            (_, Occupancy::Held(_)) => {
                let may = matches!(play.command.ask, Ask::OpenNeed(_) | Ask::AddDuty(_) | Ask::ReopenNeed(_));
                must(may, "I1", || format!("`{id}` opens by itself"))?;
            }
            (_, Occupancy::Closed) => return must(false, "I1", || format!("`{id}` is closed, and is not open")),
        }
    }
    let told_before = before.duties.get(id).map_or(0, |duty| duty.untold.len());
    must(duty.untold.len() == told_before + moves, "I14", || format!("nobody is to tell of `{id}`"))
}

/// I2, by basis: who accepted, then or beforehand; and that it is their turn.
fn holder_changes(
    play: &Play<'_>,
    before: &Patient,
    id: &DutyId,
    duty: &Duty,
    (from, last): (&Holding, &Entry),
    (to, entry): (&Holding, &Entry),
) -> Fair {
    let Command { ask, by, at, .. } = play.command;
    let (at, asker) = (*at, by.role());
    let foul = |how: &str| Foul { rule: "I2", how: format!("`{id}` goes from {} to {} {how}", from.holder, to.holder) };
    let fair = |holds: bool, how: &str| if holds { Ok(()) } else { Err(foul(how)) };
    let home = |role: &RoleId| play.before.directory.roles.get(role).map(|role| role.organisation.clone());
    let able = || {
        must(is_able(play, &to.holder, duty, at), "I13", || format!("{} can't hold `{id}`", to.holder))?;
        fair(entry.stamp.at == at.max(last.stamp.at), "at another instant than it should")
    };
    match (to.basis, ask) {
        (Basis::Accepted, Ask::Accept(ask)) => {
            let offer = before.offers.get(&ask.offer).ok_or_else(|| foul("without an offer"))?;
            fair(offer.counters.is_none() && may_answer(play, offer), "by one whom it was not offered to")?;
            fair(asker == Some(&to.holder), "and another accepted")?;
            fair(ask.duties.as_ref().is_none_or(|part| part.contains(id)), "and was not accepted")?;
            by_offer(play, offer, (id, from), (to, at)).map_err(foul)?;
            able()
        }
        (Basis::Accepted, Ask::AgreeCounter(ask)) => {
            let counter = before.offers.get(&ask.counter).ok_or_else(|| foul("without a counter"))?;
            fair(counter.counters.is_some() && asker == Some(&counter.offerer), "by one who did not offer it")?;
            fair(counter.would_go_to(&to.holder), "who did not counter")?;
            by_offer(play, counter, (id, from), (to, at)).map_err(foul)?;
            able()
        }
        (Basis::Accepted, Ask::LateHandover(ask)) => {
            fair(ask.from == from.holder && ask.to == to.holder, "and was not named")?;
            let other = if asker == Some(&ask.from) { &ask.to } else { &ask.from };
            let pending = before.duties.get(id).and_then(|duty| duty.proposed_late.as_ref());
            let has_asked = pending.is_some_and(|one| one.side == *other && one.what.1 == ask.to);
            fair(has_asked || ask.from == ask.to, "and only one side says so")?;
            able()
        }
        (Basis::StandingRule, Ask::EndRole(_) | Ask::Tick(_)) => {
            let roles = &play.after.directory.roles;
            let is_leaving =
                |role: &RoleId| roles.get(role).is_some_and(|role| role.ended.is_some() || role.is_closing);
            let giver = from.until.as_ref().filter(|until| until.at <= play.recorded).map(|until| &until.giver);
            let lead_of = |role, leaver| home(role).and_then(|home| nearest_lead(play, &home, leaver));
            let by_leaving = is_leaving(&from.holder) && lead_of(&from.holder, Some(&from.holder)) == Some(&to.holder);
            let by_return = giver.is_some_and(|giver| lead_of(giver, None) == Some(&to.holder));
            must(by_leaving || by_return, "I6", || foul("by a rule that isn't").how)
        }
        (Basis::Returned, Ask::Tick(_)) => {
            let due = from.until.as_ref().filter(|until| until.at <= play.recorded && until.giver == to.holder);
            fair(due.is_some(), "who did not lend it, or not until now")?;
            able()
        }
        (Basis::Override, Ask::Discharge(ask)) => {
            fair(ask.r#override.is_some() && asker == Some(&to.holder), "without a signature")
        }
        _ => Err(foul("without an acceptance")),
    }
}

/// Whether an offer that is still open says so: this duty, from its holder, on these terms.
fn by_offer(
    play: &Play<'_>,
    offer: &Offer,
    (id, from): (&DutyId, &Holding),
    (to, at): (&Holding, Instant),
) -> Result<(), &'static str> {
    let fair = |holds: bool, how: &'static str| if holds { Ok(()) } else { Err(how) };
    fair(is_open(offer, play.recorded), "by an offer that isn't open")?;
    fair(offer.duties.contains(id), "by an offer of others")?;
    fair(offer.offerer == from.holder, "by an offer of one who does not hold it")?;
    fair(offer.offered <= at, "before it was offered")?;
    let until = to.until.as_ref().map(|until| (until.at, &until.giver));
    fair(until == offer.until.map(|at| (at, &from.holder)), "until another date than was offered")
}

/// I9: help with a duty ends when it changes hands.
fn help_ends(before: &Patient, after: &Patient, id: &DutyId, duty: &Duty) -> Fair {
    let has_moved = before.duties.get(id).is_some_and(|was| was.untold.len() < duty.untold.len());
    let mut left = after.contributions.iter().filter(|(_, help)| help.duty == *id && help.ended.is_none());
    let first = left.next();
    must(!has_moved || first.is_none(), "I9", || format!("help with `{id}` goes on under another holder"))
}

/// I4, I5, I8: an offer is settled once, by one who may, while it is open; and what becomes of it is what they said.
fn offer_changes(play: &Play<'_>, after: &Patient, id: &OfferId, was: &Offer, is: &Offer) -> Fair {
    let fair = |holds: bool, rule, how: &str| must(holds, rule, || format!("`{id}` {how}"));
    if was.state != OfferState::Open {
        return fair(was == is, "I4", "changes after it was settled");
    }
    let terms = |offer: &Offer| (offer.duties.clone(), offer.to.clone(), offer.due, offer.until, offer.offered);
    fair(terms(was) == terms(is), "I4", "changes its terms")?;
    let in_time = is_open(was, play.recorded);
    match (is.state, &play.command.ask) {
        (OfferState::Open, Ask::Tick(_)) if !in_time => fair(false, "settled", "is due, and stays open"),
        (OfferState::Open, _) => Ok(()),
        (OfferState::Accepted, Ask::Accept(ask)) if ask.offer == *id => {
            fair(in_time, "I4", "is accepted too late")?;
            fair(ask.read_back.0.len() == was.actions.len(), "I2", "is accepted unread")?;
            let named = ask.duties.as_ref().unwrap_or(&was.duties);
            accepted(play, after, id, is, (named, play.command.by.role()))
        }
        (OfferState::Accepted, Ask::AgreeCounter(ask)) if ask.counter == *id => {
            let To::Role(to) = &was.to else { return fair(false, "I2", "is no counter") };
            fair(in_time, "I4", "is agreed to too late")?;
            accepted(play, after, id, is, (&was.duties, Some(to)))
        }
        (OfferState::Declined, Ask::Decline(_)) => fair(in_time && may_answer(play, was), "I4", "can't be declined"),
        (OfferState::Recalled, Ask::Recall(_)) => fair(in_time && is_own(play, was), "I4", "can't be recalled"),
        (OfferState::Countered, Ask::Counter(ask)) => {
            let counter = after.offers.get(&ask.counter.0);
            let is_there = counter.is_some_and(|counter| is_open(counter, play.recorded));
            fair(in_time && may_answer(play, was) && is_there, "I4", "can't be countered")
        }
        (OfferState::Expired, Ask::Tick(_)) => {
            let about = About::Offer(id.clone());
            let is_heard = |change: &Change| matches!(&change.event, Event::Escalated(heard) if heard.about == about);
            fair(!in_time, "I4", "expires before it is due")?;
            fair(play.outcome.is_ok_and(|all| all.iter().any(is_heard)), "settled", "expires unheard")
        }
        (OfferState::Lapsed, Ask::EndRole(_) | Ask::Tick(_) | Ask::CloseOrganisation(_)) => Ok(()),
        _ => fair(false, "I4", "is settled by nobody's answer"),
    }
}

/// I2, I8: who accepts holds what they accepted; the rest stays open, on the same terms and with the same due.
fn accepted(
    play: &Play<'_>,
    after: &Patient,
    id: &OfferId,
    offer: &Offer,
    (named, to): (&[DutyId], Option<&RoleId>),
) -> Fair {
    let holder = |duty: &DutyId| after.duties.get(duty).and_then(|duty| duty.holder());
    must(named.iter().all(|duty| holder(duty) == to), "I2", || format!("`{id}` is accepted, and the holder stays"))?;
    let left: Vec<&DutyId> = offer.duties.iter().filter(|duty| !named.contains(duty)).collect();
    let rest = offer.rest.as_ref().and_then(|rest| after.offers.get(rest));
    let is_whole = match rest {
        None => left.is_empty(),
        Some(rest) => {
            let terms = |offer: &Offer| (offer.offerer.clone(), offer.to.clone(), offer.due, offer.until);
            rest.duties.iter().collect::<Vec<_>>() == left
                && terms(rest) == terms(offer)
                && rest.actions == offer.actions
                && is_open(rest, play.recorded)
        }
    };
    must(is_whole && offer.accepted == named, "I8", || format!("the parts of `{id}` are not the whole"))
}

/// I2, I13: only who holds a duty offers it, to one who could hold it.
fn offer_begins(play: &Play<'_>, after: &Patient, id: &OfferId, offer: &Offer) -> Fair {
    let fair = |holds: bool, rule, how: &str| must(holds, rule, || format!("`{id}` {how}"));
    let asker = play.command.by.role();
    match &play.command.ask {
        Ask::Offer(_) | Ask::OfferMany(_) => fair(asker == Some(&offer.offerer), "I3", "is by another")?,
        Ask::Counter(ask) => {
            let to = asker.is_some_and(|asker| offer.would_go_to(asker));
            fair(to && offer.counters.as_ref() == Some(&ask.offer), "I3", "counters another")?;
        }
        Ask::Accept(_) => return Ok(()),
        _ => fair(false, "I3", "begins by itself")?,
    }
    for duty in offer.duties.iter().filter_map(|duty| after.duties.get(duty)) {
        let To::Role(to) = &offer.to else { continue };
        fair(is_able(play, to, duty, play.command.at), "I13", "is to one who can't hold it")?;
    }
    Ok(())
}

/// I3, I6: a duty is in one open offer at most, and that is its holder's.
fn offers_are_apart(record: &Patient, recorded: Instant) -> Fair {
    for (id, duty) in &record.duties {
        let open: Vec<(&OfferId, &Offer)> =
            record.offers.iter().filter(|(_, offer)| is_open(offer, recorded) && offer.duties.contains(id)).collect();
        must(open.len() <= 1, "I3", || format!("`{id}` is in two open offers"))?;
        for (offer, of) in open {
            let is_holders = duty.is_held_by(&of.offerer);
            must(is_holders, "I3", || format!("`{offer}` offers `{id}`, which {} does not hold", of.offerer))?;
        }
    }
    Ok(())
}

/// What was lent until now is not held any more when the clock has ticked.
fn is_done_by_the_clock(play: &Play<'_>) -> Fair {
    if !matches!(play.command.ask, Ask::Tick(_)) {
        return Ok(());
    }
    for (id, _, holding) in play.after.patients.values().flat_map(Patient::held) {
        let is_over = holding.until.as_ref().is_some_and(|until| until.at <= play.recorded);
        must(!is_over, "settled", || format!("`{id}` was lent, and stays"))?;
    }
    Ok(())
}

/// I6: a role that has ended holds nothing, is offered nothing, helps with nothing and leads nothing.
fn leavers_leave_nothing(after: &State, recorded: Instant) -> Fair {
    let has_left = |id: &RoleId| after.directory.roles.get(id).is_none_or(|role| role.ended.is_some());
    for record in after.patients.values() {
        for (id, _, holding) in record.held() {
            must(!has_left(&holding.holder), "I6", || format!("{} has left, and holds `{id}`", holding.holder))?;
        }
        for (id, offer) in record.offers.iter().filter(|(_, offer)| is_open(offer, recorded)) {
            let is_to_leaver = matches!(&offer.to, To::Role(role) if has_left(role));
            must(!is_to_leaver, "I6", || format!("`{id}` is to one who has left"))?;
        }
        let mut help = record.contributions.iter().filter(|(_, help)| help.ended.is_none());
        let left = help.find(|(_, help)| has_left(&help.role));
        must(left.is_none(), "I6", || format!("{left:?} is by one who has left"))?;
    }
    for (id, one) in &after.directory.organisations {
        must(!one.lead.as_ref().is_some_and(has_left), "I6", || format!("the lead of `{id}` has left"))?;
    }
    Ok(())
}
