//! What happened about needs: what is in flight, what was refused, when the patient was last seen.

use answerable_care::{Contact, Instant, NeedKind, Refusal, Rule, Wait};

use crate::chart::Chart;
use crate::claims::{About, OfNeed, finished_at, task_links};
use crate::facts::{Facts, Task, took_place};
use crate::needs::Needs;
use crate::record::Status;

/// What happened about one need.
#[derive(Debug)]
pub(crate) struct Events {
    pub(crate) waits: Vec<Wait>,
    pub(crate) refusals: Vec<Refusal>,
    pub(crate) contact: Contact,
}

/// What happened about each need of a chart, in order.
pub(crate) fn gather(chart: &mut Chart, facts: &Facts, needs: &Needs, claims: &[OfNeed]) -> Vec<Events> {
    let none = || Events { waits: Vec::new(), refusals: Vec::new(), contact: Contact::Never };
    let mut all: Vec<Events> = needs.list.iter().map(|_| none()).collect();
    contacts(chart, facts, needs, &mut all);
    referrals(chart, facts, needs, claims, &mut all);
    tasks(chart, facts, needs, &mut all);
    all
}

/// The last finished encounter about each need that began by as-of.
fn contacts(chart: &Chart, facts: &Facts, needs: &Needs, all: &mut [Events]) {
    let about = About::new(facts);
    let as_of = chart.world.moments.moment.as_of;
    for encounter in &facts.encounters {
        let Some(end) = finished_at(encounter).filter(|_| encounter.period.interval.start <= as_of) else { continue };
        for need in about.needs(chart, facts, needs, encounter) {
            if let Some(events) = all.get_mut(need) {
                events.contact = match events.contact {
                    Contact::Last(last) => Contact::Last(last.max(end)),
                    Contact::Never => Contact::Last(end),
                };
            }
        }
    }
}

/// A referral waits while nothing that ends C6 has begun, and no encounter based on it.
fn referrals(chart: &mut Chart, facts: &Facts, needs: &Needs, claims: &[OfNeed], all: &mut [Events]) {
    let as_of = chart.world.moments.moment.as_of;
    let begun = facts
        .encounters
        .iter()
        .filter(|encounter| took_place(encounter.status) && encounter.period.interval.start <= as_of);
    let mut seen: Vec<usize> = begun.flat_map(|encounter| needs.of_all(&encounter.based_on)).collect();
    seen.sort_unstable();
    for request in &facts.requests {
        let Some(need) = needs.of(request.node) else { continue };
        let is_taken = claims.get(need).is_some_and(|of_need| of_need.taken.is_some());
        if is_taken || seen.binary_search(&need).is_ok() {
            continue;
        }
        let wait = Wait {
            since: request.authored.map(|when| when.first),
            requester: request.requester.map(|who| who.holder),
            evidence: chart.evidence(request.node),
            rule: Rule::N2,
        };
        if let Some(events) = all.get_mut(need) {
            events.waits.push(wait);
        }
    }
}

/// When something was last done with a Task.
fn time(task: &Task) -> Option<Instant> {
    task.last_modified.or(task.authored).map(|when| when.first)
}

/// Tasks that wait for an answer, and those that were refused and that no later one took up.
fn tasks(chart: &mut Chart, facts: &Facts, needs: &Needs, all: &mut [Events]) {
    let as_of = chart.world.moments.moment.as_of;
    let mut about: Vec<Vec<&Task>> = needs.list.iter().map(|_| Vec::new()).collect();
    for task in &facts.tasks {
        let authored = task.authored.map(|when| when.first);
        // A Task that starts after as-of is unknown, and so to the findings is one whose time is.
        if authored.is_some_and(|start| start > as_of) || time(task).is_some_and(|time| time > as_of) {
            continue;
        }
        let links = task_links(chart, facts, needs, task);
        let mut of_task = links.direct;
        if links.is_on_open_referral {
            // It counts for the referral alone.
            of_task.retain(|&need| needs.list.get(need).is_some_and(|need| need.kind == NeedKind::Referral));
        } else {
            let known = links.by_referral.into_iter().filter(|&(_, start)| start <= as_of);
            of_task.extend(known.map(|(need, _)| need));
        }
        of_task.sort_unstable();
        of_task.dedup();
        for need in of_task {
            if let Some(list) = about.get_mut(need) {
                list.push(task);
            }
        }
    }
    for (tasks, events) in about.iter().zip(all) {
        let is_alive = |task: &&&Task| {
            matches!(
                task.status,
                Status::Requested | Status::Received | Status::Accepted | Status::InProgress | Status::Completed
            )
        };
        let last_alive = tasks.iter().filter(is_alive).map(|task| time(task).unwrap_or(Instant::MIN)).max();
        for task in tasks {
            let requester = task.requester.map(|who| who.holder);
            match task.status {
                Status::Requested | Status::Received => events.waits.push(Wait {
                    since: task.authored.or(task.last_modified).map(|when| when.first),
                    requester,
                    evidence: chart.evidence(task.node),
                    rule: Rule::C1,
                }),
                Status::Rejected | Status::Failed | Status::Cancelled => {
                    let at = time(task);
                    if last_alive.is_none_or(|last| last <= at.unwrap_or(Instant::MIN)) {
                        events.refusals.push(Refusal { at, requester, evidence: chart.evidence(task.node) });
                    }
                }
                _ => {}
            }
        }
    }
}
