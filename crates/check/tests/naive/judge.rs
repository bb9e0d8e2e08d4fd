//! Day cuts, and the verdict on a duty at an instant, at every instant where anything can change.

use super::claims::{BASES, Claim, ORGANISATION};
use super::dates::{BEFORE_ALL, End, Instant};
use super::needs::{Duty, Need};
use super::world::{Known, World};
use std::collections::BTreeSet;

#[derive(Clone)]
pub struct Verdict {
    pub word: &'static str,
    pub basis: Option<usize>,
    pub holders: BTreeSet<String>,
    /// The claims that decide.
    pub claims: Vec<Claim>,
}

impl Verdict {
    /// One verdict, one basis and one deciding set of holders.
    fn same(&self, other: &Verdict) -> bool {
        (self.word, self.basis, &self.holders) == (other.word, other.basis, &other.holders)
    }

    pub fn severity(&self) -> Option<&'static str> {
        match self.word {
            "unheld" | "lapsed" | "contested" => Some("error"),
            "leaderless" | "unnamed" => Some("warning"),
            "assumed" => Some("note"),
            _ => None,
        }
    }
}

pub fn basis_name(basis: usize) -> &'static str {
    BASES[basis]
}

pub fn rules(claims: &[Claim]) -> BTreeSet<String> {
    claims.iter().map(|c| c.rule.to_string()).collect()
}

pub fn evidence(claims: &[Claim]) -> BTreeSet<String> {
    claims.iter().map(|c| c.evidence.clone()).collect()
}

pub fn persons(claims: &[Claim]) -> BTreeSet<String> {
    claims.iter().map(|c| c.holder.person.clone()).collect()
}

/// A stretch from an instant to the next (or to as-of); None while the duty isn't open.
pub struct Stretch {
    pub from: Instant,
    pub verdict: Option<Verdict>,
}

/// A duty of a need with the claims on it.
pub struct Case<'a> {
    pub world: &'a World,
    pub need: &'a Need,
    pub duty: &'a Duty,
    /// Uncut: those that start by as-of.
    pub claims: Vec<Claim>,
    /// Uncut: those that start after it, which expiring alone knows.
    pub later: Vec<Claim>,
    /// The first, cut.
    pub cut: Vec<Claim>,
}

impl<'a> Case<'a> {
    pub fn new(world: &'a World, need: &'a Need, duty: &'a Duty) -> Case<'a> {
        // Claims on a need count for each of its duties, those of an activity for its own alone.
        let mine = |c: &Claim| c.duty.is_none() || c.duty.as_deref() == Some(duty.name.as_str());
        let by_as_of = |c: &Claim| c.interval.start.is_none_or(|s| s <= world.as_of);
        let known = world.claims(need, Known::ByAsOf).into_iter();
        let claims: Vec<Claim> = known.filter(mine).filter(by_as_of).collect();
        let all = world.claims(need, Known::All).into_iter();
        let later: Vec<Claim> = all.filter(mine).filter(|c| !by_as_of(c)).collect();
        let cut = cut(world, &claims);
        Case { world, need, duty, claims, later, cut }
    }

    pub fn verdict(&self, t: Instant) -> Option<Verdict> {
        self.duty.is_open(t).then(|| judge(self.world, &self.cut, t))
    }

    /// From before everything to as-of, in the smallest steps, with the given claims (already cut).
    pub fn stretches(&self, claims: &[Claim]) -> Vec<Stretch> {
        let mut instants = self.world.lapses();
        for interval in claims.iter().map(|c| &c.interval).chain(&self.duty.open) {
            instants.extend(interval.start);
            instants.extend(interval.end.map(|e| e.at));
        }
        instants.extend([BEFORE_ALL, self.world.as_of]);
        instants.retain(|t| *t <= self.world.as_of);
        instants.sort();
        instants.dedup();
        let judged = |t: Instant| self.duty.is_open(t).then(|| judge(self.world, claims, t));
        instants.into_iter().map(|from| Stretch { from, verdict: judged(from) }).collect()
    }

    /// The maximal intervals: stretches with the same verdict next to each other are one.
    pub fn timeline(&self) -> Vec<Stretch> {
        let mut all: Vec<Stretch> = vec![];
        for next in self.stretches(&self.cut) {
            let same = match (all.last().map(|s| &s.verdict), &next.verdict) {
                (Some(Some(a)), Some(b)) => a.same(b),
                (Some(None), None) => true,
                _ => false,
            };
            if !same {
                all.push(next);
            }
        }
        all
    }

    /// The start of the interval of the verdict as of as-of; None if it is before everything.
    pub fn since(&self) -> Option<Instant> {
        self.timeline().last().map(|s| s.from).filter(|t| *t != BEFORE_ALL)
    }
}

/// A claim whose end was written as a day is cut at the start of another person's named claim of the same
/// basis on that duty, not lapsed at its start, that starts on that day and later than it does; all judged
/// before any is cut.
pub fn cut(world: &World, claims: &[Claim]) -> Vec<Claim> {
    let mut out = vec![];
    for claim in claims {
        let mut claim = claim.clone();
        if let Some(End { at: end, day: Some(day) }) = claim.interval.end {
            let start = claim.interval.start;
            let cuts = claims
                .iter()
                .filter(|o| o.holder.named && o.basis == claim.basis && o.holder.person != claim.holder.person)
                .filter_map(|o| o.interval.start.map(|s| (o, s)))
                .filter(|(_, s)| day <= *s && *s < end && start.is_none_or(|mine| mine < *s))
                .filter(|(o, s)| !world.lapsed(&o.holder, *s));
            if let Some(at) = cuts.map(|(_, s)| s).min() {
                claim.interval.end = Some(End { at, day: None });
            }
        }
        out.push(claim);
    }
    out
}

/// The claims that a duty is judged by at an instant, those lapsed among them.
pub fn judged_by(world: &World, claims: &[Claim], t: Instant) -> Vec<Claim> {
    let mut held: Vec<Claim> = claims.iter().filter(|c| c.interval.holds(t)).cloned().collect();
    // C7a: at an instant that the claim of one in answerable_roles holds, those alone.
    let led: BTreeSet<usize> =
        held.iter().filter_map(|c| c.team).filter(|(_, answerable)| *answerable).map(|(team, _)| team).collect();
    held.retain(|c| c.team.is_none_or(|(team, answerable)| answerable || !led.contains(&team)));
    // A duty that has a valid named claim of its own is judged by its own claims alone.
    let own = held.iter().any(|c| c.duty.is_some() && c.holder.named && !world.lapsed(&c.holder, t));
    if own {
        held.retain(|c| c.duty.is_some());
    }
    held
}

pub fn judge(world: &World, claims: &[Claim], t: Instant) -> Verdict {
    let held = judged_by(world, claims, t);
    let (lapsed, valid): (Vec<Claim>, Vec<Claim>) = held.into_iter().partition(|c| world.lapsed(&c.holder, t));
    let strongest = |claims: &[Claim]| claims.iter().map(|c| c.basis).min();
    let verdict = |word, claims: Vec<Claim>, basis: usize| {
        let claims: Vec<Claim> = claims.into_iter().filter(|c| c.basis == basis).collect();
        Verdict { word, basis: Some(basis), holders: persons(&claims), claims }
    };
    match (strongest(&valid), strongest(&lapsed)) {
        // 2. A valid named claim: the strongest basis present.
        (Some(basis), _) if basis < ORGANISATION => {
            let mut found = verdict("", valid, basis);
            let answers = ["accepted", "lead", "attending"].contains(&BASES[basis]);
            found.word = match (answers, found.holders.len()) {
                (true, 1) => "held",
                (true, _) => "contested",
                (false, 1) => "assumed",
                (false, _) => "leaderless",
            };
            found
        }
        // 1. None: unnamed, else lapsed, else unheld.
        (Some(_), _) => verdict("unnamed", valid, ORGANISATION),
        (None, Some(basis)) => verdict("lapsed", lapsed, basis),
        (None, None) => Verdict { word: "unheld", basis: None, holders: BTreeSet::new(), claims: vec![] },
    }
}
