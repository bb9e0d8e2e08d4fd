//! What holds of every judgement, whatever the claims: `records` draws them, `oracle` has the rules a second time.
//!
//! A failure prints its smallest example and a seed; `CARE_SEED='cc …' cargo test -p answerable-care` tries that
//! seed first. `PROPTEST_CASES=100000` tries more. No file is kept: what was found becomes a case in `cases`.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test stops at what it didn't expect")]

mod oracle;
mod records;

use std::collections::BTreeSet;

use answerable_care::{
    Basis, Claim, Contact, EndWritten, Finding, Holder, Instant, Interval, Kind, Knowledge, NeedJudgement, Patient,
    Refusal, Scope, Setting, Timeline, Verdict, Wait, judge,
};
use oracle::{Said, cut, ends, fell, is_open, said};
use proptest::prelude::*;
use proptest::test_runner::{FailurePersistence, PersistedSeed};
use records::{BASES, BEFORE, FIRST, Records, claim, records};

type Entry = (Verdict, Option<Basis>, BTreeSet<Holder>);

/// What a timeline says of an instant before as-of.
fn on(timeline: &Timeline, at: Instant) -> Option<Entry> {
    let mut on = timeline.segments.iter().filter(|segment| segment.interval.start <= at && at < segment.interval.end);
    let segment = on.next()?;
    assert!(on.next().is_none(), "two intervals hold one instant");
    assert!(segment.holders.is_sorted_by(|a, b| a < b), "holders are sorted, each once");
    Some((segment.verdict, segment.basis, segment.holders.iter().copied().collect()))
}

/// The verdict at as-of.
fn now(timeline: &Timeline) -> Option<Entry> {
    let standing = timeline.now.as_ref()?;
    Some((standing.verdict, standing.basis, standing.holders.iter().copied().collect()))
}

fn entry(said: Said) -> Entry {
    (said.verdict, said.basis, said.holders)
}

/// All that anyone sees of a judgement.
fn seen(judgement: &NeedJudgement) -> impl PartialEq + std::fmt::Debug + use<> {
    let duties: Vec<_> = judgement
        .duties
        .iter()
        .map(|duty| (duty.timeline.clone(), duty.rules.clone(), duty.evidence.clone()))
        .collect();
    (duties, judgement.findings.clone())
}

/// The same without what expires, which alone looks beyond as-of.
fn seen_of_the_known(mut judgement: NeedJudgement) -> impl PartialEq + std::fmt::Debug {
    judgement.findings.retain(|finding| finding.kind != Kind::Expiring);
    seen(&judgement)
}

fn finding(judgement: &NeedJudgement, kind: Kind, duty: usize) -> Option<&Finding> {
    let mut found = judgement.findings.iter().filter(|finding| finding.kind == kind && finding.duty == Some(duty));
    let first = found.next();
    assert!(found.next().is_none(), "one finding of a kind for a duty");
    first
}

/// Two thousand of each take a second or two; the environment may ask for more.
fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig { cases: default.cases.max(2048), failure_persistence: Some(Box::new(Say)), ..default }
}

proptest! {
    #![proptest_config(config())]

    /// The sweep says of every instant what the rules say of it by themselves.
    #[test]
    fn the_rules_agree_at_every_instant(records in records()) {
        let judgement = records.judge();
        for (judged, (open, claims)) in judgement.duties.iter().zip(records.duties()) {
            let claims = cut(&claims);
            for at in (BEFORE..records.as_of.0).map(Instant) {
                let expected = is_open(&open, at).then(|| entry(said(&claims, at)));
                prop_assert_eq!(on(&judged.timeline, at), expected, "at {:?}", at);
            }
            let expected = is_open(&open, records.as_of).then(|| said(&claims, records.as_of));
            prop_assert_eq!(now(&judged.timeline), expected.clone().map(entry), "at as-of");
            let expected = expected.map(|said| (Vec::from_iter(said.rules), Vec::from_iter(said.evidence)));
            prop_assert_eq!((judged.rules.clone(), judged.evidence.clone()), expected.unwrap_or_default());
        }
    }

    /// Judged as of any instant, the verdict is what a later judgement's timeline says of that instant.
    #[test]
    fn the_verdict_at_an_instant_is_the_timelines(records in records()) {
        let judgement = records.judge();
        for at in (BEFORE..records.as_of.0).map(Instant) {
            let then = records.with(|records| records.as_of = at).judge();
            for (then, later) in then.duties.iter().zip(&judgement.duties) {
                prop_assert_eq!(now(&then.timeline), on(&later.timeline, at), "at {:?}", at);
            }
        }
    }

    /// The intervals tile the time that the duty is open, up to as-of; those that touch differ; and the verdict
    /// stands since the last of them began, or since as-of.
    #[test]
    fn intervals_tile_and_neighbours_differ(records in records()) {
        let judgement = records.judge();
        for (judged, (open, _)) in judgement.duties.iter().zip(records.duties()) {
            let mut segments = judged.timeline.segments.iter().peekable();
            for interval in open {
                let end = interval.end.min(records.as_of);
                let mut at = interval.start;
                let mut last = None;
                while at < end {
                    let segment = segments.next();
                    prop_assert!(segment.is_some_and(|segment| segment.interval.start == at), "a gap at {:?}", at);
                    let segment = segment.unwrap();
                    prop_assert!(!segment.interval.is_empty());
                    let entry = (segment.verdict, segment.basis, &segment.holders);
                    prop_assert_ne!(last, Some(entry), "the same again at {:?}", at);
                    last = Some(entry);
                    at = segment.interval.end;
                }
                prop_assert!(at == end || interval.start >= end, "past the end");
                if interval.holds(records.as_of) {
                    let standing = judged.timeline.now.as_ref().unwrap();
                    let same = last == Some((standing.verdict, standing.basis, &standing.holders));
                    let began = judged.timeline.segments.last().map(|segment| segment.interval.start);
                    prop_assert_eq!(Some(standing.since), if same { began } else { Some(records.as_of) });
                }
            }
            prop_assert!(segments.next().is_none(), "an interval when it isn't open");
        }
    }

    /// Adding a weaker named claim, valid or not, never changes who decides.
    #[test]
    fn a_weaker_claim_never_decides(records in records(), extra in claim(BASES, Scope::Need)) {
        let before = records.judge();
        let after = records.with(|records| records.claims.push(extra)).judge();
        for (before, after) in before.duties.iter().zip(&after.duties) {
            for at in (BEFORE..records.as_of.0).map(Instant) {
                let decided = on(&before.timeline, at);
                let is_stronger = decided.as_ref().is_some_and(|(verdict, basis, _)| {
                    verdict.is_by_persons() && basis.is_some_and(|basis| basis < extra.basis)
                });
                if is_stronger {
                    prop_assert_eq!(on(&after.timeline, at), decided, "at {:?}", at);
                }
            }
        }
    }

    /// The order in which claims were read changes nothing.
    #[test]
    fn order_changes_nothing(
        (records, claims, own) in records().prop_flat_map(|records| {
            let (claims, own) = (Just(records.claims.clone()), Just(records.own.clone()));
            (Just(records), claims.prop_shuffle(), own.prop_shuffle())
        })
    ) {
        let shuffled = records.with(|records| (records.claims, records.own) = (claims, own));
        prop_assert_eq!(seen(&shuffled.judge()), seen(&records.judge()));
    }

    /// A claim that is read twice, or that holds no instant, changes nothing.
    #[test]
    fn twins_and_empty_claims_change_nothing(records in records(), empty in claim(BASES, Scope::Need)) {
        let start = if empty.interval.start == Instant::MIN { Instant(FIRST) } else { empty.interval.start };
        let empty = Claim { interval: Interval::new(start, start), ..empty };
        let more = records.with(|records| {
            records.claims.extend(records.claims.clone());
            records.own.extend(records.own.clone());
            records.claims.push(empty);
        });
        prop_assert_eq!(seen(&more.judge()), seen(&records.judge()));
    }

    /// To leave (lapse) is, for whoever is valid, to end then: the verdicts by persons and organisations that stand
    /// are the same if each claim is ended where it lapses, and lapsed ones become unheld.
    #[test]
    fn to_lapse_is_to_end(records in records()) {
        let end = |claims: &mut Vec<Claim>| {
            for claim in claims {
                claim.interval.end = claim.interval.end.min(claim.lapses);
                claim.lapses = Instant::MAX;
            }
        };
        let ended = records.with(|records| {
            end(&mut records.claims);
            end(&mut records.own);
        });
        for (lapsing, ending) in records.judge().duties.iter().zip(&ended.judge().duties) {
            for at in (BEFORE..records.as_of.0).map(Instant) {
                let expected = on(&lapsing.timeline, at).map(|entry| match entry {
                    (Verdict::Lapsed, ..) => (Verdict::Unheld, None, BTreeSet::new()),
                    entry => entry,
                });
                prop_assert_eq!(on(&ending.timeline, at), expected, "at {:?}", at);
            }
        }
    }

    /// Later by so much, everything: the results are later by as much, and otherwise the same.
    #[test]
    fn only_distances_matter(records in records(), later in -1_000_000_i64..1_000_000) {
        let move_on = |at: Instant| at + Instant(later);
        let between = |interval: Interval| Interval::new(move_on(interval.start), move_on(interval.end));
        let shift = |claim: &Claim| Claim {
            interval: between(claim.interval),
            lapses: move_on(claim.lapses),
            end_written: match claim.end_written {
                EndWritten::AsDay(day) => EndWritten::AsDay(move_on(day)),
                EndWritten::Otherwise => EndWritten::Otherwise,
            },
            ..*claim
        };
        let shifted = Records {
            open: between(records.open),
            open_second: records.open_second.iter().copied().map(between).collect(),
            claims: records.claims.iter().map(shift).collect(),
            own: records.own.iter().map(shift).collect(),
            waits: records.waits.iter().map(|wait| Wait { since: wait.since.map(move_on), ..*wait }).collect(),
            refusals: records.refusals.iter().map(|it| Refusal { at: it.at.map(move_on), ..*it }).collect(),
            contact: match records.contact {
                Contact::Last(end) => Contact::Last(move_on(end)),
                Contact::Never => Contact::Never,
            },
            patient: Patient {
                turns_14: records.patient.turns_14.map(move_on),
                turns_17_and_a_half: records.patient.turns_17_and_a_half.map(move_on),
                ..records.patient.clone()
            },
            as_of: move_on(records.as_of),
            windows: records.windows,
        };
        let mut expected = records.judge();
        for duty in &mut expected.duties {
            for segment in &mut duty.timeline.segments {
                segment.interval = between(segment.interval);
            }
            if let Some(now) = &mut duty.timeline.now {
                now.since = move_on(now.since);
            }
        }
        for finding in &mut expected.findings {
            finding.since = finding.since.map(move_on);
            finding.until = finding.until.map(move_on);
        }
        prop_assert_eq!(seen(&shifted.judge()), seen(&expected));
    }

    /// Cliff-edge, asked instant by instant. Stays end as instants here, so that no visit cuts one on its last day:
    /// see the next.
    #[test]
    fn cliffs_are_where_the_rule_says(records in records()) {
        let records = records.with(|records| {
            for claim in records.claims.iter_mut().filter(|claim| claim.basis == Basis::Attending) {
                claim.end_written = EndWritten::Otherwise;
            }
        });
        let judgement = records.judge();
        for (index, (open, claims)) in records.duties().into_iter().enumerate() {
            let found = finding(&judgement, Kind::CliffEdge, index);
            let actual = found.map(|found| (found.since.unwrap(), found.holders.iter().copied().collect()));
            prop_assert_eq!(actual, fell(&open, &claims, &records.moment()), "of duty {}", index);
        }
    }

    /// Of cliffs it is as if visits had never been.
    #[test]
    fn visits_change_no_cliff(records in records()) {
        // Many stays and visits: handovers between them are rare else.
        let records = records.with(|records| {
            for claim in records.claims.iter_mut().filter(|claim| claim.basis <= Basis::Member) {
                let is_visit = claim.evidence.0.is_multiple_of(2);
                claim.basis = Basis::Attending;
                claim.setting = if is_visit { Setting::Visit } else { Setting::Lasting };
            }
        });
        let without = records.with(|records| records.claims.retain(|claim| claim.setting == Setting::Lasting));
        let (with, without) = (records.judge(), without.judge());
        for duty in 0..2 {
            prop_assert_eq!(finding(&with, Kind::CliffEdge, duty), finding(&without, Kind::CliffEdge, duty));
        }
    }

    /// What begins after as-of changes nothing but what expires.
    #[test]
    fn what_begins_later_is_not_known(records in records()) {
        let is_known = |claim: &Claim| claim.interval.start <= records.as_of;
        let without = records.with(|records| {
            records.claims.retain(is_known);
            records.own.retain(is_known);
        });
        prop_assert_eq!(seen_of_the_known(records.judge()), seen_of_the_known(without.judge()));
    }

    /// Nor does what began, but wasn't known of yet.
    #[test]
    fn what_is_known_later_is_not_known(records in records(), later in claim(BASES, Scope::Need)) {
        let later = Claim { knowledge: Knowledge::Foreseen, ..later };
        let mut need = records.need();
        need.claims.push(later);
        let with = judge(&need, &records.patient, &records.moment());
        prop_assert_eq!(seen_of_the_known(with), seen_of_the_known(records.judge()));
    }

    /// Expiring, asked instant by instant, with the claims that begin after as-of.
    #[test]
    fn what_expires_is_what_the_rule_says(records in records()) {
        let judgement = records.judge();
        for (index, (open, claims)) in records.duties().into_iter().enumerate() {
            let found = finding(&judgement, Kind::Expiring, index);
            let actual = found.map(|found| (found.until.unwrap(), found.holders.iter().copied().collect()));
            prop_assert_eq!(actual, ends(&open, &claims, &records.moment()), "of duty {}", index);
        }
    }

    /// Nothing is found of what isn't open, and every open duty that isn't held is found.
    #[test]
    fn findings_are_of_what_is_open(records in records()) {
        let judgement = records.judge();
        for (index, (open, _)) in records.duties().into_iter().enumerate() {
            let is_open = is_open(&open, records.as_of);
            let verdicts = Verdict::ALL.into_iter().filter_map(|it| finding(&judgement, Kind::Verdict(it), index));
            let verdicts: Vec<_> = verdicts.map(|found| found.kind).collect();
            let now = judgement.duties.get(index).and_then(|duty| duty.timeline.now.as_ref());
            let expected = now.map(|now| Kind::Verdict(now.verdict)).filter(|&it| it != Kind::Verdict(Verdict::Held));
            prop_assert_eq!(verdicts, Vec::from_iter(expected));
            prop_assert!(is_open || judgement.findings.iter().all(|found| found.duty != Some(index)));
        }
        let is_need_open = is_open(&[records.open], records.as_of);
        prop_assert!(is_need_open || judgement.findings.iter().all(|found| found.duty.is_some()));
        prop_assert!(judgement.findings.iter().all(|found| found.holders.is_sorted_by(|a, b| a < b)));
    }
}

/// A canary: were the rules above or the drawing of records blind, their agreement would say nothing. Every verdict,
/// cut, cliff and expiry is drawn often enough to be asked.
#[test]
fn records_are_rich_enough() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let (mut verdicts, mut cliffs, mut expiries, mut cuts) = (BTreeSet::new(), 0, 0, 0);
    for _ in 0..1000 {
        let records = records().new_tree(&mut runner).unwrap().current();
        let judgement = records.judge();
        verdicts.extend(judgement.duties.iter().flat_map(|duty| &duty.timeline.segments).map(|it| it.verdict));
        cliffs += judgement.findings.iter().filter(|found| found.kind == Kind::CliffEdge).count();
        expiries += judgement.findings.iter().filter(|found| found.kind == Kind::Expiring).count();
        cuts += usize::from(cut(&records.claims) != records.claims);
    }
    assert_eq!(verdicts, BTreeSet::from(Verdict::ALL));
    assert!(cliffs > 50 && expiries > 50 && cuts > 50, "{cliffs} cliffs, {expiries} expiries, {cuts} cuts");
}

/// Says the seed of a failure, and keeps no file.
#[derive(Debug)]
struct Say;

impl FailurePersistence for Say {
    fn load_persisted_failures2(&self, _: Option<&'static str>) -> Vec<PersistedSeed> {
        let seed = std::env::var("CARE_SEED").ok();
        seed.map(|seed| seed.parse().unwrap()).into_iter().collect()
    }

    fn save_persisted_failure2(&mut self, _: Option<&'static str>, seed: PersistedSeed, _: &dyn std::fmt::Debug) {
        eprintln!("to try this one first: CARE_SEED='{seed}'");
    }

    fn box_clone(&self) -> Box<dyn FailurePersistence> {
        Box::new(Say)
    }

    fn eq(&self, other: &dyn FailurePersistence) -> bool {
        other.as_any().is::<Say>()
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}
