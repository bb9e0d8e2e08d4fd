//! A person's records -> needs, claims and events -> what the core says of them.

use answerable_care as care;
use answerable_care::{Finding, Instant, Kind, NeedJudgement, NeedKind, Severity};

use crate::chart::{Chart, ChartCounts, HolderShown, Sheet, World};
use crate::claims::{self, OfNeed};
use crate::events;
use crate::facts::Facts;
use crate::needs::Needs;
use crate::record::{Body, Status};

/// What was found about a person.
#[derive(Debug)]
pub struct PersonJudgement {
    /// The person's name as it is printed.
    pub person: String,
    /// What people are shown.
    pub shown: PersonShown,
    /// Their needs, by name.
    pub needs: Vec<JudgedNeed>,
    /// Findings about the person, not about a need.
    pub findings: Vec<Finding>,
    /// By [`care::Holder`].
    pub holders: Vec<HolderShown>,
    /// By [`care::Evidence`]: names as they are printed.
    pub evidence: Vec<String>,
    /// What was passed over.
    pub counts: ChartCounts,
    /// Hashes of the names that references led to and this chart doesn't have: see [`NameRef::hash64`], but that the
    /// lowest bit says whether the reference is a link, and not the name of a holder.
    ///
    /// [`NameRef::hash64`]: crate::NameRef::hash64
    pub away: Vec<u64>,
}

/// What people are shown of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonShown {
    /// Their name.
    pub name: Option<String>,
    /// Their date of birth as written.
    pub birth_date: Option<String>,
    /// Their NHS number as written.
    pub nhs_number: Option<String>,
    /// Every record of them has `active` false.
    pub is_inactive: bool,
    /// The names of all their Patient resources as they are printed, those aside that were replaced by another.
    pub records: Vec<String>,
}

/// A need and what was found about it.
#[derive(Debug)]
pub struct JudgedNeed {
    /// Its name as it is printed.
    pub name: String,
    /// The rule that makes it one: N1, N2, N3 or N4.
    pub kind: NeedKind,
    /// The other conditions that are one need with it (N1a), as they are printed.
    pub one_with: Vec<String>,
    /// In words.
    pub title: Option<String>,
    /// The names of its duties; the first is `overall`.
    pub duties: Vec<String>,
    /// When it is open.
    pub open: care::Interval,
    /// To whom it is addressed, for a referral.
    pub receivers: Vec<care::Holder>,
    /// What the core says.
    pub judgement: NeedJudgement,
}

/// Judges a person: all their records of all sources, as of the world's instant.
#[must_use]
pub fn judge<'c>(world: &'c World<'c>, person: &'c str, sheets: &'c [Sheet<'c>]) -> PersonJudgement {
    let mut chart = Chart::new(world, person, sheets);
    let facts = Facts::gather(&mut chart);
    let needs = Needs::find(&mut chart, &facts);
    let claims = claims::make(&mut chart, &facts, &needs);
    let events = events::gather(&mut chart, &facts, &needs, &claims);
    let patient = patient(&chart, &facts);
    let moment = &world.moments.moment;

    let mut judged = Vec::with_capacity(needs.list.len());
    for ((need, of_need), events) in needs.list.iter().zip(claims).zip(events) {
        let OfNeed { claims, duties, .. } = of_need;
        let overall = care::Duty { open: vec![need.open], claims: Vec::new() };
        let mut names = vec!["overall".to_owned()];
        let mut all = vec![overall];
        for duty in duties {
            names.push(duty.name);
            all.push(care::Duty { open: duty.open, claims: duty.claims });
        }
        let to_judge = care::Need {
            kind: need.kind,
            open: need.open,
            duties: all,
            claims,
            waits: events.waits,
            refusals: events.refusals,
            contact: events.contact,
            evidence: chart.evidence(need.node),
        };
        let receivers = facts.request_of(need.node).map(|request| &request.performers);
        judged.push(JudgedNeed {
            name: chart.print(need.node),
            kind: need.kind,
            one_with: need.one_with.iter().map(|&node| chart.print(node)).collect(),
            title: chart.title(need.node),
            duties: names,
            open: need.open,
            receivers: receivers.into_iter().flatten().map(|who| who.holder).collect(),
            judgement: care::judge(&to_judge, &patient, moment),
        });
    }
    let is_open = |need: &JudgedNeed| need.open.holds(moment.as_of);
    let mut findings = Vec::new();
    if judged.iter().any(is_open) && !has_voice(&chart, &facts, &needs) {
        findings.push(voiceless(chart.person_evidence()));
    }
    judged.sort_by(|one, other| one.name.cmp(&other.name));
    PersonJudgement {
        person: person.to_owned(),
        shown: shown(&chart),
        needs: judged,
        findings,
        holders: chart.all_shown(),
        evidence: chart.evidence,
        counts: chart.counts,
        away: chart.away,
    }
}

fn patient(chart: &Chart, facts: &Facts) -> care::Patient {
    let as_of = chart.world.moments.moment.as_of;
    let ages = chart.patients().find_map(|patient| patient.comes_of_age);
    care::Patient {
        turns_14: ages.map(|(at_14, _)| Instant(at_14)),
        turns_17_and_a_half: ages.map(|(_, at_17)| Instant(at_17)),
        has_encounters: facts.has_encounters,
        met: facts.met.clone(),
        has_transition_plan: facts.plans.iter().any(|plan| {
            plan.is_transition
                && plan.status != Status::EnteredInError
                && plan.period.interval.start <= as_of
                && !chart.is_contained(plan.node)
        }),
    }
}

/// Whether a goal in the patient's or a relative's own words addresses an open need, or is a goal of a plan that
/// addresses one or is one.
fn has_voice(chart: &Chart, facts: &Facts, needs: &Needs) -> bool {
    let as_of = chart.world.moments.moment.as_of;
    let is_open = |nodes: &[u32]| {
        let of_nodes = needs.of_all(nodes);
        of_nodes.into_iter().filter_map(|need| needs.list.get(need)).any(|need| need.open.holds(as_of))
    };
    let of_plans: Vec<u32> = facts
        .plans
        .iter()
        .filter(|plan| plan.status != Status::EnteredInError && plan.period.interval.start <= as_of)
        .filter(|plan| is_open(&plan.addresses) || is_open(&[plan.node]))
        .flat_map(|plan| plan.goals.iter().copied())
        .collect();
    facts
        .goals
        .iter()
        .filter(|goal| goal.is_own_voice && !goal.is_in_error && goal.start <= as_of)
        .any(|goal| is_open(&goal.addresses) || of_plans.contains(&goal.node))
}

fn voiceless(evidence: care::Evidence) -> Finding {
    Finding {
        kind: Kind::Voiceless,
        severity: Severity::Note,
        duty: None,
        holders: Vec::new(),
        since: None,
        until: None,
        rules: Vec::new(),
        evidence: vec![evidence],
    }
}

/// Of several records of one person, what the one with the lowest name has, else another's.
fn shown(chart: &Chart) -> PersonShown {
    let own = (0..).zip(&chart.nodes).filter(|(_, node)| node.container.is_none() && !node.is_replaced);
    let mut records: Vec<_> = own
        .filter_map(|(index, node)| match &node.record.body {
            Body::Patient(patient) => Some((chart.print(index), patient)),
            _ => None,
        })
        .collect();
    records.sort_by(|one, other| one.0.cmp(&other.0));
    let first =
        |get: fn(&crate::record::Patient) -> Option<String>| records.iter().find_map(|(_, patient)| get(patient));
    PersonShown {
        name: first(|patient| patient.person_name.map(str::to_owned)),
        birth_date: first(|patient| patient.birth_date.map(str::to_owned)),
        nhs_number: first(|patient| patient.nhs_number.map(str::to_owned)),
        is_inactive: !records.is_empty() && records.iter().all(|(_, patient)| !patient.is_active),
        records: records.into_iter().map(|(name, _)| name).collect(),
    }
}
