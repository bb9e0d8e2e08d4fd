//! Care plans: their authors (C3b), and the duties that their activities are, with who performs them (C3a).

use std::collections::BTreeMap;

use answerable_care::{Basis, Interval, Rule, Scope};

use super::{DutyFacts, Ground, OfNeed, add_to};
use crate::chart::Chart;
use crate::facts::{Facts, Plan};
use crate::needs::{Needs, is_plan_status};
use crate::record::Status;

/// The needs that a plan addresses, and itself if it is one.
fn of_plan(needs: &Needs, plan: &Plan) -> Vec<usize> {
    let mut of_plan = needs.of_all(&plan.addresses);
    of_plan.extend(needs.of(plan.node));
    of_plan
}

/// C3b
pub(super) fn authors(chart: &mut Chart, facts: &Facts, needs: &Needs, all: &mut [OfNeed]) {
    for plan in facts.plans.iter().filter(|plan| is_plan_status(plan.status, plan.period.interval)) {
        if let Some(author) = plan.author {
            let ground = Ground::new(Rule::C3b, Basis::Author, plan.period, plan.node);
            add_to(chart, all, &of_plan(needs, plan), ground, author);
        }
    }
}

/// Duties, and C3a. Activities of one name are one duty; it is open while both the need and a plan's period are.
pub(super) fn duties(chart: &mut Chart, facts: &Facts, needs: &Needs, all: &mut [OfNeed]) {
    let as_of = chart.world.moments.moment.as_of;
    let mut by_need: BTreeMap<(usize, &str), DutyFacts> = BTreeMap::new();
    for plan in facts.plans.iter().filter(|plan| matches!(plan.status, Status::Active | Status::OnHold)) {
        if plan.activities.is_empty() {
            continue;
        }
        let ground = Ground::new(Rule::C3a, Basis::Lead, plan.period, plan.node);
        for need in of_plan(needs, plan) {
            let Some(open) = needs.list.get(need).map(|need| need.open) else { continue };
            for (name, performers) in &plan.activities {
                let duty = by_need.entry((need, name)).or_insert_with(|| DutyFacts {
                    name: (*name).to_owned(),
                    open: Vec::new(),
                    claims: Vec::new(),
                });
                if plan.period.interval.start <= as_of {
                    duty.open.push(open.and(plan.period.interval));
                }
                for &who in performers {
                    duty.claims.extend(ground.claim(chart, who, Scope::Duty));
                }
            }
        }
    }
    for ((need, _), mut duty) in by_need {
        duty.open = apart(duty.open);
        if let Some(of_need) = all.get_mut(need)
            && !duty.open.is_empty()
        {
            of_need.duties.push(duty);
        }
    }
}

/// The same instants as intervals that stand apart, in order.
fn apart(mut intervals: Vec<Interval>) -> Vec<Interval> {
    intervals.retain(|interval| !interval.is_empty());
    intervals.sort_unstable();
    let mut apart: Vec<Interval> = Vec::with_capacity(intervals.len());
    for interval in intervals {
        match apart.last_mut() {
            Some(last) if interval.start <= last.end => last.end = last.end.max(interval.end),
            _ => apart.push(interval),
        }
    }
    apart
}
