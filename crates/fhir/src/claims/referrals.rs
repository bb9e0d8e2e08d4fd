//! Referrals and Tasks: who accepted (C1), who manages an episode (C2), and who sent what nobody took yet (C6).

use answerable_care::{Basis, EndWritten, Instant, Interval, Rule};

use super::{Ground, OfNeed, add_to};
use crate::chart::{Candidate, Chart};
use crate::date::{Stretch, When};
use crate::facts::{Episode, Facts, Task, end_of};
use crate::needs::Needs;
use crate::record::Status;

/// What a Task is about.
pub(crate) struct TaskLinks {
    /// The needs that it names.
    pub(crate) direct: Vec<usize>,
    /// The needs that a referral which it names is for, and when that referral starts.
    pub(crate) by_referral: Vec<(usize, Instant)>,
    /// Whether a referral that it names is an open need.
    pub(crate) is_on_open_referral: bool,
}

/// C1's links: focus or basedOn is the need, or is a referral whose reasonReference is the need.
pub(crate) fn task_links(chart: &Chart, facts: &Facts, needs: &Needs, task: &Task) -> TaskLinks {
    let as_of = chart.world.moments.moment.as_of;
    let mut links =
        TaskLinks { direct: needs.of_all(&task.about), by_referral: Vec::new(), is_on_open_referral: false };
    for &node in &task.about {
        let Some(request) = facts.request_of(node) else { continue };
        if request.is_referral && request.status != Status::EnteredInError {
            let start = request.authored.map_or(Instant::MIN, |when| when.first);
            links.by_referral.extend(needs.of_all(&request.reasons).into_iter().map(|need| (need, start)));
            let open = needs.of(node).and_then(|need| needs.list.get(need)).map(|need| need.open);
            links.is_on_open_referral |= open.is_some_and(|open| open.holds(as_of));
        }
    }
    links
}

/// C1, and C9 of Tasks that are requested of organisations.
pub(super) fn tasks(chart: &mut Chart, facts: &Facts, needs: &Needs, all: &mut [OfNeed]) {
    for task in &facts.tasks {
        let Some(span) = span(task) else { continue };
        let links = task_links(chart, facts, needs, task);
        let authored = task.authored.map_or(Instant::MIN, |when| when.first);
        let direct = links.direct.iter().map(|&need| (need, Instant::MIN));
        let mut about: Vec<(usize, Instant)> = direct.chain(links.by_referral).collect();
        about.sort_unstable();
        about.dedup_by_key(|&mut (need, _)| need);
        for (need, start) in about {
            let known_from = authored.max(start);
            if span.takes
                && begins_by(chart, span.start.max(known_from))
                && let Some(of_need) = all.get_mut(need)
            {
                of_need.taken = Some(of_need.taken.map_or(span.start, |first| first.min(span.start)));
            }
            if let (Some(owner), Some((end, end_written))) = (task.owner, span.end) {
                let stretch = Stretch { interval: Interval::new(span.start, end), end_written };
                let ground = Ground { known_from, ..Ground::new(Rule::C1, Basis::Accepted, stretch, task.node) };
                add_to(chart, all, &[need], ground, owner);
            }
        }
    }
}

/// Whether an instant is known to the verdicts.
pub(crate) fn begins_by(chart: &Chart, instant: Instant) -> bool {
    instant <= chart.world.moments.moment.as_of
}

/// The interval of a Task's claim.
struct TaskSpan {
    start: Instant,
    /// None of a completed Task that doesn't say when: it makes no claim.
    end: Option<(Instant, EndWritten)>,
    /// Whether its start ends C6.
    takes: bool,
}

fn span(task: &Task) -> Option<TaskSpan> {
    let is_named = task.owner.is_some_and(|owner| owner.is_named);
    let first = |when: When| when.first;
    let authored = task.authored.map(first);
    let modified = task.last_modified.map(first);
    let own_end = task.execution_end.map(end_of);
    let no_end = (Instant::MAX, EndWritten::Otherwise);
    let (start, end, takes) = match task.status {
        Status::Accepted => (modified.or(authored), Some(own_end.unwrap_or(no_end)), true),
        Status::InProgress => (authored.or(modified), Some(own_end.unwrap_or(no_end)), true),
        Status::Completed => (authored.or(modified), own_end.or(task.last_modified.map(end_of)), true),
        // C9: requested of an organisation.
        Status::Requested | Status::Received if !is_named => {
            let start = authored.unwrap_or(Instant::MIN);
            return Some(TaskSpan { start, end: Some(own_end.unwrap_or(no_end)), takes: false });
        }
        _ => return None,
    };
    let start = task.execution_start.map(first).or(start).unwrap_or(Instant::MIN);
    // A claim with an empty interval is none; a completed Task counts though it makes no claim.
    let is_empty = end.is_some_and(|(end, _)| end <= start);
    Some(TaskSpan { start, end, takes: task.status == Status::Completed || (takes && is_named && !is_empty) })
}

/// C2, and C9 of the managing organisation.
pub(super) fn care_managers(chart: &mut Chart, facts: &Facts, needs: &Needs, all: &mut [OfNeed]) {
    for episode in facts.episodes.iter().filter(|episode| claims(episode)) {
        let mut about = needs.of_all(&episode.diagnoses);
        about.extend(needs.of(episode.node));
        let referrals = needs.of_all(&episode.referrals);
        about.extend(&referrals);
        about.sort_unstable();
        about.dedup();
        let ground = Ground::new(Rule::C2, Basis::Lead, episode.period, episode.node);
        if let Some(manager) = episode.care_manager {
            add_to(chart, all, &about, ground, manager);
            let start = episode.period.interval.start;
            if manager.is_named && begins_by(chart, start) && !episode.period.interval.is_empty() {
                for need in about.iter().copied() {
                    if let Some(of_need) = all.get_mut(need) {
                        of_need.taken = Some(of_need.taken.map_or(start, |first| first.min(start)));
                    }
                }
            }
        }
        if let Some(organisation) = episode.managing_organization {
            add_to(chart, all, &about, ground, Candidate { is_named: false, ..organisation });
        }
    }
}

/// Active, onhold, or finished with an end.
fn claims(episode: &Episode) -> bool {
    crate::needs::is_episode_status(episode.status, episode.period.interval)
}

/// C6: who sent a referral, until the first named C1 or C2 claim on it begins.
pub(super) fn senders(chart: &mut Chart, facts: &Facts, needs: &Needs, all: &mut [OfNeed]) {
    for request in &facts.requests {
        let (Some(need), Some(requester)) = (needs.of(request.node), request.requester) else { continue };
        let taken = all.get(need).and_then(|of_need| of_need.taken).unwrap_or(Instant::MAX);
        let (start, end) = match request.authored {
            Some(when) => {
                let window = chart.world.moments.contact_window_months;
                (when.first, chart.world.calendar.months_after(when.first, window))
            }
            None => (Instant::MIN, Instant::MAX),
        };
        let interval = Interval::new(start, end.min(taken));
        let stretch = Stretch { interval, end_written: EndWritten::Otherwise };
        let ground = Ground::new(Rule::C6, Basis::Sender, stretch, request.node);
        add_to(chart, all, &[need], ground, requester);
    }
}
