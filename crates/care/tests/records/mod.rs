//! Records to judge, drawn at random: one need of a patient on a short line of time.
//!
//! Some thirty ticks with days of four, so that starts, ends, lapses and handover days meet often, and every instant
//! can be asked.

use answerable_care::{
    Basis, Claim, Contact, Duty, EndWritten, Evidence, Holder, Instant, Interval, Knowledge, Moment, Need,
    NeedJudgement, NeedKind, Patient, Refusal, Rule, Scope, Setting, Wait, judge,
};
use proptest::prelude::*;

pub(crate) const FIRST: i64 = 0;
pub(crate) const LAST: i64 = 32;
pub(crate) const DAY: i64 = 4;
/// An instant before every other but [`Instant::MIN`].
pub(crate) const BEFORE: i64 = FIRST - 1;

fn tick() -> impl Strategy<Value = Instant> {
    (FIRST..=LAST).prop_map(Instant)
}

fn start() -> impl Strategy<Value = Instant> {
    prop_oneof![1 => Just(Instant::MIN), 6 => tick()]
}

fn end() -> impl Strategy<Value = (Instant, EndWritten)> {
    prop_oneof![
        1 => Just((Instant::MAX, EndWritten::Otherwise)),
        2 => tick().prop_map(|end| (end, EndWritten::Otherwise)),
        3 => (FIRST / DAY..LAST / DAY)
            .prop_map(|day| (Instant((day + 1) * DAY), EndWritten::AsDay(Instant(day * DAY)))),
    ]
}

fn lapses() -> impl Strategy<Value = Instant> {
    prop_oneof![4 => Just(Instant::MAX), 1 => Just(Instant::MIN), 3 => tick()]
}

/// One need with two duties, and everything that `judge` asks about it. Claims are known from when they begin:
/// which of them are foreseen follows from as-of.
#[derive(Clone, Debug)]
pub(crate) struct Records {
    pub(crate) open: Interval,
    /// Of the second duty; within the need, sorted, apart.
    pub(crate) open_second: Vec<Interval>,
    pub(crate) claims: Vec<Claim>,
    pub(crate) own: Vec<Claim>,
    pub(crate) waits: Vec<Wait>,
    pub(crate) refusals: Vec<Refusal>,
    pub(crate) contact: Contact,
    pub(crate) patient: Patient,
    pub(crate) as_of: Instant,
    /// The windows, in ticks: in the order of [`Moment`].
    pub(crate) windows: [i64; 6],
}

pub(crate) fn claim(bases: &'static [Basis], scope: Scope) -> impl Strategy<Value = Claim> {
    let basis = prop::sample::select(bases);
    (basis, 0..4_u32, start(), end(), lapses(), any::<(bool, bool)>(), 0..20_u32).prop_map(
        move |(basis, holder, start, (end, end_written), lapses, (visit, childrens_services), evidence)| Claim {
            end_written,
            lapses,
            scope,
            childrens_services,
            setting: if visit && basis == Basis::Attending { Setting::Visit } else { Setting::Lasting },
            evidence: Evidence(evidence),
            ..Claim::new(
                rule(basis, scope),
                basis,
                // Organisations are no persons.
                Holder(if basis == Basis::Organisation { 10 + holder } else { holder }),
                Interval::new(start, end),
            )
        },
    )
}

fn rule(basis: Basis, scope: Scope) -> Rule {
    match (basis, scope) {
        (Basis::Lead, Scope::Duty) => Rule::C3a,
        (Basis::Accepted, _) => Rule::C1,
        (Basis::Lead, Scope::Need) => Rule::C3,
        (Basis::Attending, _) => Rule::C4,
        (Basis::Member, _) => Rule::C5,
        (Basis::Author, _) => Rule::C3b,
        (Basis::Sender, _) => Rule::C6,
        (Basis::Registered, _) => Rule::C7,
        (Basis::LastSeen, _) => Rule::C8,
        (Basis::Organisation, _) => Rule::C9,
    }
}

/// The bases, those more often that findings and handover days are about.
pub(crate) const BASES: &[Basis] = &[
    Basis::Accepted,
    Basis::Accepted,
    Basis::Lead,
    Basis::Lead,
    Basis::Lead,
    Basis::Attending,
    Basis::Attending,
    Basis::Member,
    Basis::Member,
    Basis::Author,
    Basis::Sender,
    Basis::Registered,
    Basis::LastSeen,
    Basis::Organisation,
    Basis::Organisation,
];

/// The claims of a duty's own: an activity's performers.
const OWN: &[Basis] = &[Basis::Lead, Basis::Lead, Basis::Organisation];

fn claims(bases: &'static [Basis], scope: Scope, most: usize) -> impl Strategy<Value = Vec<Claim>> {
    prop::collection::vec(claim(bases, scope), 0..=most)
}

/// One whose end is written as a day, and one of the same basis who begins on it or just beside it.
fn handover(bases: &'static [Basis], scope: Scope) -> impl Strategy<Value = Vec<Claim>> {
    let beside = -1..=DAY;
    (claim(bases, scope), claim(bases, scope), FIRST / DAY..LAST / DAY, beside).prop_map(|(from, to, day, begins)| {
        let (day, next) = (Instant(day * DAY), Instant((day + 1) * DAY));
        let from =
            Claim { interval: Interval::new(from.interval.start, next), end_written: EndWritten::AsDay(day), ..from };
        let start = day + Instant(begins);
        let to = Claim {
            rule: from.rule,
            basis: from.basis,
            setting: if from.basis == Basis::Attending { to.setting } else { Setting::Lasting },
            holder: Holder(if from.basis == Basis::Organisation { 10 } else { 0 } + to.holder.0 % 10),
            interval: Interval::new(start, to.interval.end),
            ..to
        };
        vec![from, to]
    })
}

/// Handovers and others.
fn with_handovers(bases: &'static [Basis], scope: Scope, most: usize) -> impl Strategy<Value = Vec<Claim>> {
    (prop::collection::vec(handover(bases, scope), 0..=1), claims(bases, scope, most))
        .prop_map(|(handovers, claims)| handovers.into_iter().flatten().chain(claims).collect())
}

fn opens() -> impl Strategy<Value = (Interval, Vec<Interval>)> {
    let need = (start(), prop_oneof![6 => Just(Instant::MAX), 1 => tick()]);
    (need, prop::collection::btree_set(FIRST..=LAST, 0..=5)).prop_map(|((start, end), cuts)| {
        let open = Interval::new(start, end);
        let cuts: Vec<i64> = cuts.into_iter().collect();
        let part = |pair: &[i64]| {
            let end = pair.get(1).map_or(Instant::MAX, |&end| Instant(end));
            Interval::new(pair.first().map_or(Instant::MIN, |&start| Instant(start)), end).and(open)
        };
        (open, cuts.chunks(2).map(part).filter(|interval| !interval.is_empty()).collect())
    })
}

prop_compose! {
    fn happened()(
        waits in prop::collection::vec((prop::option::of(tick()), prop::option::of(0..4_u32), any::<bool>()), 0..3),
        refusals in prop::collection::vec((prop::option::of(tick()), prop::option::of(0..4_u32)), 0..3),
        contact in prop::option::of(tick()),
        has_encounters in any::<bool>(),
        met in prop::collection::btree_set(0..4_u32, 0..3),
        (turns_14, has_transition_plan) in (prop::option::of(tick()), prop::bool::weighted(0.2)),
    ) -> (Vec<Wait>, Vec<Refusal>, Contact, Patient) {
        let wait = |(index, (since, asked, is_task)): (usize, (Option<Instant>, Option<u32>, bool))| Wait {
            since,
            requester: asked.map(Holder),
            evidence: Evidence(100 + index as u32),
            rule: if is_task { Rule::C1 } else { Rule::N2 },
        };
        let refusal = |(index, (at, asked)): (usize, (Option<Instant>, Option<u32>))| Refusal {
            at,
            requester: asked.map(Holder),
            evidence: Evidence(200 + index as u32),
        };
        let patient = Patient {
            turns_14,
            turns_17_and_a_half: turns_14.map(|at| at + Instant(3)),
            has_encounters,
            met: met.into_iter().map(Holder).collect(),
            has_transition_plan,
        };
        (
            waits.into_iter().enumerate().map(wait).collect(),
            refusals.into_iter().enumerate().map(refusal).collect(),
            contact.map_or(Contact::Never, Contact::Last),
            patient,
        )
    }
}

prop_compose! {
    pub(crate) fn records()(
        (open, open_second) in opens(),
        claims in with_handovers(BASES, Scope::Need, 4),
        own in with_handovers(OWN, Scope::Duty, 2),
        (waits, refusals, contact, patient) in happened(),
        as_of in prop_oneof![1 => tick(), 2 => (LAST / 2..=LAST).prop_map(Instant)],
        windows in prop::array::uniform6(0..LAST / 2),
    ) -> Records {
        Records { open, open_second, claims, own, waits, refusals, contact, patient, as_of, windows }
    }
}

impl Records {
    pub(crate) fn moment(&self) -> Moment {
        let [within, by, back, stranger, horizon, review] = self.windows.map(Instant);
        Moment {
            as_of: self.as_of,
            accept_within_from: self.as_of - within,
            accept_by_from: self.as_of - within - by,
            look_back_from: self.as_of - back,
            stranger_from: self.as_of - stranger,
            horizon_to: self.as_of + horizon,
            review_from: self.as_of - review,
        }
    }

    /// As `judge` takes it.
    pub(crate) fn need(&self) -> Need {
        let known = |claims: &[Claim]| -> Vec<Claim> {
            let knowledge = |start: Instant| if start > self.as_of { Knowledge::Foreseen } else { Knowledge::Known };
            claims.iter().map(|claim| Claim { knowledge: knowledge(claim.interval.start), ..*claim }).collect()
        };
        Need {
            kind: NeedKind::Condition,
            open: self.open,
            duties: vec![
                Duty { open: vec![self.open], claims: Vec::new() },
                Duty { open: self.open_second.clone(), claims: known(&self.own) },
            ],
            claims: known(&self.claims),
            waits: self.waits.clone(),
            refusals: self.refusals.clone(),
            contact: self.contact,
            evidence: Evidence(99),
        }
    }

    /// A judgement of it.
    pub(crate) fn judge(&self) -> NeedJudgement {
        judge(&self.need(), &self.patient, &self.moment())
    }

    /// Of each duty, when it is open and the claims that count for it.
    pub(crate) fn duties(&self) -> [(Vec<Interval>, Vec<Claim>); 2] {
        let both = self.claims.iter().chain(&self.own).copied().collect();
        [(vec![self.open], self.claims.clone()), (self.open_second.clone(), both)]
    }

    pub(crate) fn with(&self, change: impl FnOnce(&mut Records)) -> Records {
        let mut records = self.clone();
        change(&mut records);
        records
    }
}
