//! Facts -> claims: who is answerable for what, on what basis (C1…C9).

mod encounters;
mod plans;
mod referrals;
mod teams;

use answerable_care::{Basis, Claim, EndWritten, Instant, Interval, Knowledge, Place, Rule, Scope, Setting};

use crate::chart::{Candidate, Chart};
use crate::date::Stretch;
use crate::facts::Facts;
use crate::needs::{Need, Needs};

pub(crate) use encounters::{About, finished_at};
pub(crate) use referrals::task_links;

/// The claims on a need, and on each duty that a plan adds to it.
#[derive(Debug, Default)]
pub(crate) struct OfNeed {
    pub(crate) claims: Vec<Claim>,
    /// Name, when it is open, and the claims on it alone; by name.
    pub(crate) duties: Vec<DutyFacts>,
    /// When the first that ends C6 begins, by as-of.
    pub(crate) taken: Option<Instant>,
}

/// A duty that plans add.
#[derive(Debug)]
pub(crate) struct DutyFacts {
    pub(crate) name: String,
    pub(crate) open: Vec<Interval>,
    pub(crate) claims: Vec<Claim>,
}

/// What a claim is made of, before it is known who makes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ground {
    pub(crate) rule: Rule,
    pub(crate) basis: Basis,
    pub(crate) stretch: Stretch,
    /// The latest start of the resources that it hangs on: after as-of it is foreseen.
    pub(crate) known_from: Instant,
    /// The resource that shows it.
    pub(crate) node: u32,
    pub(crate) setting: Setting,
    pub(crate) place: Place,
}

impl Ground {
    pub(crate) fn new(rule: Rule, basis: Basis, stretch: Stretch, node: u32) -> Ground {
        Ground { rule, basis, stretch, known_from: Instant::MIN, node, setting: Setting::Lasting, place: Place::Alone }
    }

    /// The claim of a candidate on this ground: C9 if it names nobody. One with an empty interval is none.
    pub(crate) fn claim(self, chart: &mut Chart, who: Candidate, scope: Scope) -> Option<Claim> {
        let evidence = chart.evidence(self.node);
        self.claim_shown_by(chart, who, scope, evidence)
    }

    pub(crate) fn claim_shown_by(
        self,
        chart: &Chart,
        who: Candidate,
        scope: Scope,
        evidence: answerable_care::Evidence,
    ) -> Option<Claim> {
        let interval = self.stretch.interval;
        if interval.is_empty() {
            return None;
        }
        let (rule, basis) = if who.is_named { (self.rule, self.basis) } else { (Rule::C9, Basis::Organisation) };
        let as_of = chart.world.moments.moment.as_of;
        let is_foreseen = interval.start > as_of;
        // One that began through a link that starts after as-of is unknown to all.
        if self.known_from > as_of && !is_foreseen {
            return None;
        }
        Some(Claim {
            rule,
            basis,
            holder: who.holder,
            interval,
            end_written: self.stretch.end_written,
            lapses: who.lapses,
            scope,
            setting: self.setting,
            knowledge: if is_foreseen { Knowledge::Foreseen } else { Knowledge::Known },
            place: self.place,
            evidence,
            childrens_services: who.childrens_services,
        })
    }
}

/// The instants in both; the end that binds says how it was written.
pub(crate) fn both(one: Stretch, other: Stretch) -> Stretch {
    let end_written = match one.interval.end.cmp(&other.interval.end) {
        std::cmp::Ordering::Less => one.end_written,
        std::cmp::Ordering::Greater => other.end_written,
        std::cmp::Ordering::Equal if one.end_written == EndWritten::Otherwise => other.end_written,
        std::cmp::Ordering::Equal => one.end_written,
    };
    Stretch { interval: one.interval.and(other.interval), end_written }
}

/// The claims on each need of a chart, in order.
pub(crate) fn make(chart: &mut Chart, facts: &Facts, needs: &Needs) -> Vec<OfNeed> {
    let mut all: Vec<OfNeed> = needs.list.iter().map(|_| OfNeed::default()).collect();
    referrals::tasks(chart, facts, needs, &mut all);
    referrals::care_managers(chart, facts, needs, &mut all);
    referrals::senders(chart, facts, needs, &mut all);
    teams::members(chart, facts, needs, &mut all);
    teams::registered(chart, facts, needs, &mut all);
    plans::authors(chart, facts, needs, &mut all);
    plans::duties(chart, facts, needs, &mut all);
    encounters::attending_and_last_seen(chart, facts, needs, &mut all);
    registered_practitioners(chart, facts, needs, &mut all);
    all
}

/// C7: the general practitioners, for every need but referrals. Shown by the person.
fn registered_practitioners(chart: &mut Chart, facts: &Facts, needs: &Needs, all: &mut [OfNeed]) {
    if facts.general_practitioners.is_empty() {
        return;
    }
    let evidence = chart.person_evidence();
    let ground = Ground::new(Rule::C7, Basis::Registered, crate::body::always(), 0);
    for (Need { kind, .. }, of_need) in needs.list.iter().zip(all) {
        if *kind != answerable_care::NeedKind::Referral {
            for &who in &facts.general_practitioners {
                of_need.claims.extend(ground.claim_shown_by(chart, who, Scope::Need, evidence));
            }
        }
    }
}

/// Adds a claim on each of some needs.
pub(crate) fn add_to(chart: &mut Chart, all: &mut [OfNeed], needs: &[usize], ground: Ground, who: Candidate) {
    if let Some(claim) = ground.claim(chart, who, Scope::Need) {
        for &need in needs {
            if let Some(of_need) = all.get_mut(need) {
                of_need.claims.push(claim);
            }
        }
    }
}
