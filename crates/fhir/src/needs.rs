//! Needs: what someone must be answerable for (N1, N1a, N2, N3, N4), and which resource names which need.

use answerable_care::{Instant, Interval, NeedKind};
use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};

use crate::chart::Chart;
use crate::facts::{Condition, Facts};
use crate::links::Unions;
use crate::record::{Death, Status};
use crate::settings::CodingKey;

/// A need of a chart.
#[derive(Debug)]
pub(crate) struct Need {
    pub(crate) kind: NeedKind,
    /// The resource that names it.
    pub(crate) node: u32,
    /// Other conditions that are one with it (N1a), by start, then name.
    pub(crate) one_with: Vec<u32>,
    pub(crate) open: Interval,
}

/// The needs of a chart.
#[derive(Debug, Default)]
pub(crate) struct Needs {
    pub(crate) list: Vec<Need>,
    /// Which need a resource is: for a condition the need that it is one with others.
    of_node: HashMap<u32, u32, FixedState>,
    /// Which needs have a coding.
    of_coding: HashMap<CodingKey, Vec<u32>, FixedState>,
}

impl Needs {
    /// The need that a resource is.
    pub(crate) fn of(&self, node: u32) -> Option<usize> {
        self.of_node.get(&node).map(|&need| need as usize)
    }

    /// The needs that resources are, each once.
    pub(crate) fn of_all(&self, nodes: &[u32]) -> Vec<usize> {
        let mut needs: Vec<usize> = nodes.iter().filter_map(|&node| self.of(node)).collect();
        needs.sort_unstable();
        needs.dedup();
        needs
    }

    /// The needs that have a coding.
    pub(crate) fn with_coding(&self, coding: CodingKey) -> impl Iterator<Item = usize> {
        self.of_coding.get(&coding).into_iter().flatten().map(|&need| need as usize)
    }

    /// Finds the needs of a chart. Those that never open are counted where the rules say so, and left out.
    pub(crate) fn find(chart: &mut Chart, facts: &Facts) -> Needs {
        let mut needs = Needs::default();
        let life = Life::of(chart);
        let is_condition_need = needs.conditions(chart, facts, &life);
        for request in &facts.requests {
            // N2
            let is_open = matches!(request.status, Status::Active | Status::OnHold);
            if request.is_referral && is_open && !chart.is_contained(request.node) {
                let start = request.authored.map_or(Instant::MIN, |when| when.first);
                needs.add(chart, &life, NeedKind::Referral, request.node, Interval::new(start, Instant::MAX));
            }
        }
        for plan in &facts.plans {
            // N3
            let addresses_need = plan.addresses.iter().any(|node| is_condition_need.contains(node));
            if !addresses_need && is_plan_status(plan.status, plan.period.interval) && !chart.is_contained(plan.node) {
                needs.add(chart, &life, NeedKind::Plan, plan.node, plan.period.interval);
            }
        }
        for episode in &facts.episodes {
            // N4
            let lists_need = episode.diagnoses.iter().any(|node| is_condition_need.contains(node));
            let is_open = is_episode_status(episode.status, episode.period.interval);
            if !lists_need && is_open && !chart.is_contained(episode.node) {
                needs.add(chart, &life, NeedKind::Episode, episode.node, episode.period.interval);
            }
        }
        needs
    }

    /// Adds a need, unless it starts after as-of, at or after death, or never opens.
    fn add(&mut self, chart: &mut Chart, life: &Life, kind: NeedKind, node: u32, period: Interval) {
        if period.start > chart.world.moments.moment.as_of {
            return;
        }
        if life.is_over_at_unknown_time {
            return;
        }
        let open = Interval::new(period.start, period.end.min(life.ends));
        if open.is_empty() {
            return;
        }
        chart.counts.undated += u64::from(open.start == Instant::MIN);
        chart.counts.open_at_death += u64::from(life.ends != Instant::MAX && period.end > life.ends);
        self.of_node.insert(node, self.list.len() as u32);
        self.list.push(Need { kind, node, one_with: Vec::new(), open });
    }

    /// N1 and N1a. Says which conditions are needs, those that never open included.
    fn conditions(&mut self, chart: &mut Chart, facts: &Facts, life: &Life) -> HashSet<u32, FixedState> {
        let as_of = chart.world.moments.moment.as_of;
        let named = named_conditions(chart, facts);
        let mut is_need = HashSet::default();
        // What starts after as-of is unknown; what is wrong is no part of a need.
        let known: Vec<&Condition> = facts
            .conditions
            .iter()
            .filter(|condition| {
                !condition.record.is_wrong && condition.open.start <= as_of && !chart.is_contained(condition.node)
            })
            .collect();
        let mut open: Vec<OpenCondition> = Vec::with_capacity(known.len());
        for condition in known {
            let record = condition.record;
            let lived = Interval::new(condition.open.start, condition.open.end.min(life.ends));
            let length_end = lived.end.min(as_of);
            let is_long = lived.start == Instant::MIN
                || length_end - lived.start.max(Instant(i64::MIN / 2)) > chart.world.moments.continuing_after;
            let is_continuing = record.is_listed
                || named.contains(&condition.node)
                || (record.is_active && is_long && !lived.is_empty());
            let is_n1 = is_continuing && !record.is_no_need;
            if is_n1 {
                is_need.insert(condition.node);
            }
            // Closed at an unknown time: never open, and counted.
            if record.is_closed && condition.open.end == Instant::MAX {
                chart.counts.closed_unknown += u64::from(is_n1);
            } else if !lived.is_empty() && !life.is_over_at_unknown_time {
                open.push(OpenCondition { condition, lived, is_n1 });
            }
        }
        self.unite(chart, &mut open, life);
        // What is one need with others is a need too.
        is_need.extend(self.of_node.keys());
        is_need
    }

    /// N1a: conditions that share a coding and whose open periods overlap or touch, in any chain, are one need.
    fn unite(&mut self, chart: &mut Chart, open: &mut [OpenCondition], life: &Life) {
        open.sort_by_cached_key(|one| (one.lived.start, chart.print(one.condition.node)));
        let mut unions = Unions::new(open.len());
        let mut latest: HashMap<CodingKey, (u32, Instant), FixedState> = HashMap::default();
        for (index, one) in open.iter().enumerate() {
            for coding in &one.condition.record.codings {
                let (last, end) = latest.entry(*coding).or_insert((index as u32, one.lived.end));
                // In order of start: whatever starts by the latest end so far is of the same run.
                if one.lived.start <= *end {
                    unions.unite(*last, index as u32);
                    *end = (*end).max(one.lived.end);
                } else {
                    (*last, *end) = (index as u32, one.lived.end);
                }
            }
        }
        let mut members: HashMap<u32, Vec<usize>, FixedState> = HashMap::default();
        for index in 0..open.len() {
            members.entry(unions.of(index as u32)).or_default().push(index);
        }
        for root in 0..open.len() as u32 {
            let Some(group) = members.remove(&root) else { continue };
            let of_group = || group.iter().filter_map(|&index| open.get(index));
            // Sorted by start, then name: the first under N1 names it.
            let Some(naming) = of_group().find(|one| one.is_n1) else { continue };
            let start = of_group().map(|one| one.lived.start).min().unwrap_or(naming.lived.start);
            let end = of_group().map(|one| one.lived.end).max().unwrap_or(naming.lived.end);
            let need = self.list.len() as u32;
            let node = naming.condition.node;
            chart.counts.undated += u64::from(start == Instant::MIN);
            let outlives = of_group().any(|one| one.condition.open.end > life.ends);
            chart.counts.open_at_death += u64::from(life.ends != Instant::MAX && outlives);
            let one_with = of_group().map(|one| one.condition.node).filter(|&other| other != node).collect();
            self.list.push(Need { kind: NeedKind::Condition, node, one_with, open: Interval::new(start, end) });
            for one in of_group() {
                self.of_node.insert(one.condition.node, need);
                for coding in &one.condition.record.codings {
                    let needs = self.of_coding.entry(*coding).or_default();
                    if needs.last() != Some(&need) {
                        needs.push(need);
                    }
                }
            }
        }
    }
}

struct OpenCondition<'f, 'c> {
    condition: &'f Condition<'c>,
    lived: Interval,
    is_n1: bool,
}

/// When a patient died, as far as their records say: deceased if any of them is, at the earliest date if any has one.
struct Life {
    ends: Instant,
    is_over_at_unknown_time: bool,
}

impl Life {
    fn of(chart: &Chart) -> Life {
        let (mut ends, mut is_over) = (Instant::MAX, false);
        for patient in chart.patients() {
            match patient.death {
                Death::No => {}
                Death::AtUnknownTime => is_over = true,
                Death::By(end) => ends = ends.min(Instant(end)),
            }
        }
        Life { ends, is_over_at_unknown_time: is_over && ends == Instant::MAX }
    }
}

/// The conditions that a team's, plan's, episode's, goal's or request's resource names, in any status but
/// entered-in-error, begun by as-of.
fn named_conditions(chart: &Chart, facts: &Facts) -> HashSet<u32, FixedState> {
    let as_of = chart.world.moments.moment.as_of;
    let mut named = HashSet::default();
    let mut name = |status: Status, start: Instant, nodes: &[u32]| {
        if status != Status::EnteredInError && start <= as_of {
            named.extend(nodes.iter().copied());
        }
    };
    facts.teams.iter().for_each(|team| name(team.status, team.period.interval.start, &team.reasons));
    facts.plans.iter().for_each(|plan| name(plan.status, plan.period.interval.start, &plan.addresses));
    facts.episodes.iter().for_each(|episode| name(episode.status, episode.period.interval.start, &episode.diagnoses));
    for goal in facts.goals.iter().filter(|goal| !goal.is_in_error) {
        name(Status::Other, goal.start, &goal.addresses);
    }
    for request in &facts.requests {
        name(request.status, request.authored.map_or(Instant::MIN, |when| when.first), &request.reasons);
    }
    named
}

/// A plan in a status of N3: active, on-hold, or over with an end.
pub(crate) fn is_plan_status(status: Status, period: Interval) -> bool {
    match status {
        Status::Active | Status::OnHold => true,
        Status::Completed | Status::Revoked => period.end != Instant::MAX,
        _ => false,
    }
}

/// An episode in a status of N4: active, onhold, or finished with an end.
pub(crate) fn is_episode_status(status: Status, period: Interval) -> bool {
    match status {
        Status::Active | Status::Onhold => true,
        Status::Finished => period.end != Instant::MAX,
        _ => false,
    }
}
