//! The rules once more, as they are worded in `docs/reference/rules.md` and with no thought of speed: what holds at
//! one instant, asked instant by instant.

use std::collections::BTreeSet;

use answerable_care::{
    Basis, Claim, EndWritten, Evidence, Holder, Instant, Interval, Moment, Rule, Scope, Setting, Verdict,
};

use crate::records::{BEFORE, DAY};

/// What the claims add up to at an instant.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    pub(crate) verdict: Verdict,
    pub(crate) basis: Option<Basis>,
    pub(crate) holders: BTreeSet<Holder>,
    pub(crate) rules: BTreeSet<Rule>,
    pub(crate) evidence: BTreeSet<Evidence>,
}

fn holds(claim: &Claim, at: Instant) -> bool {
    claim.interval.start <= at && at < claim.interval.end
}

fn is_valid(claim: &Claim, at: Instant) -> bool {
    holds(claim, at) && at < claim.lapses
}

fn is_named(claim: &Claim) -> bool {
    claim.basis != Basis::Organisation
}

/// A claim whose end was written as a day is cut at the start of another person's named claim of the same basis,
/// not lapsed at its start, that starts on that day and later than it does.
pub(crate) fn cut(claims: &[Claim]) -> Vec<Claim> {
    let cut_one = |claim: &Claim| {
        let EndWritten::AsDay(day) = claim.end_written else { return *claim };
        let cuts = |other: &&Claim| {
            let start = other.interval.start;
            is_named(other)
                && other.holder != claim.holder
                && other.basis == claim.basis
                && is_valid(other, start)
                && day <= start
                && start < Instant(day.0 + DAY)
                && start > claim.interval.start
        };
        let starts = claims.iter().filter(cuts).map(|other| other.interval.start);
        let end = starts.chain([claim.interval.end]).min().unwrap();
        Claim { interval: Interval::new(claim.interval.start, end), ..*claim }
    };
    claims.iter().map(cut_one).collect()
}

/// The verdict at an instant, of claims that have been cut.
pub(crate) fn said(claims: &[Claim], at: Instant) -> Said {
    let valid: Vec<&Claim> = claims.iter().filter(|claim| is_valid(claim, at)).collect();
    let lapsed: Vec<&Claim> = claims.iter().filter(|claim| holds(claim, at) && !is_valid(claim, at)).collect();
    let is_own = |claim: &&Claim| is_named(claim) && claim.scope == Scope::Duty;
    let has_own = valid.iter().copied().any(|claim| is_own(&claim));
    let named: Vec<&Claim> =
        valid.iter().copied().filter(|claim| is_named(claim) && (!has_own || is_own(claim))).collect();

    let strongest = |claims: &[&Claim]| claims.iter().map(|claim| claim.basis).min();
    let of = |claims: &[&Claim], verdict: fn(Basis, usize) -> Verdict| {
        let basis = strongest(claims).unwrap();
        let deciding: Vec<&&Claim> = claims.iter().filter(|claim| claim.basis == basis).collect();
        let holders: BTreeSet<Holder> = deciding.iter().map(|claim| claim.holder).collect();
        Said {
            verdict: verdict(basis, holders.len()),
            basis: Some(basis),
            holders,
            rules: deciding.iter().map(|claim| claim.rule).collect(),
            evidence: deciding.iter().map(|claim| claim.evidence).collect(),
        }
    };
    if !named.is_empty() {
        of(&named, |basis, holders| match (basis, holders) {
            (Basis::Accepted | Basis::Lead | Basis::Attending, 1) => Verdict::Held,
            (Basis::Accepted | Basis::Lead | Basis::Attending, _) => Verdict::Contested,
            (_, 1) => Verdict::Assumed,
            (_, _) => Verdict::Leaderless,
        })
    } else if !valid.is_empty() {
        of(&valid, |_, _| Verdict::Unnamed)
    } else if !lapsed.is_empty() {
        of(&lapsed, |_, _| Verdict::Lapsed)
    } else {
        Said {
            verdict: Verdict::Unheld,
            basis: None,
            holders: BTreeSet::new(),
            rules: BTreeSet::new(),
            evidence: BTreeSet::new(),
        }
    }
}

pub(crate) fn is_open(open: &[Interval], at: Instant) -> bool {
    open.iter().any(|interval| interval.start <= at && at < interval.end)
}

/// Someone is there: a valid named claim of basis member or stronger.
fn is_somebody_there(claims: &[Claim], at: Instant) -> bool {
    claims.iter().any(|claim| is_valid(claim, at) && claim.basis <= Basis::Member)
}

/// Cliff-edge: since when, and who held it just before.
pub(crate) fn fell(open: &[Interval], claims: &[Claim], moment: &Moment) -> Option<(Instant, BTreeSet<Holder>)> {
    let lasting: Vec<Claim> = claims.iter().filter(|claim| claim.setting == Setting::Lasting).copied().collect();
    let claims = cut(&lasting);
    if !is_open(open, moment.as_of) || is_somebody_there(&claims, moment.as_of) {
        return None;
    }
    let was_held = |at: Instant| {
        is_open(open, at)
            && is_somebody_there(&claims, at)
            && matches!(said(&claims, at).verdict, Verdict::Held | Verdict::Assumed)
    };
    let last = (BEFORE..moment.as_of.0).rev().map(Instant).find(|&at| was_held(at))?;
    let since = Instant(last.0 + 1);
    (since >= moment.look_back_from).then(|| (since, said(&claims, last).holders))
}

/// Expiring: until when, and whose claims end last.
pub(crate) fn ends(open: &[Interval], claims: &[Claim], moment: &Moment) -> Option<(Instant, BTreeSet<Holder>)> {
    let claims = cut(claims);
    let stands = |claim: &Claim| matches!(claim.basis, Basis::Accepted | Basis::Lead | Basis::Member);
    let until_of = |claim: &Claim| claim.interval.end.min(claim.lapses);
    let is_valid_now = |claim: &&Claim| is_valid(claim, moment.as_of) && is_named(claim);
    let has_own = claims.iter().filter(is_valid_now).any(|claim| claim.scope == Scope::Duty);
    let judged_by = |claim: &&Claim| !has_own || claim.scope == Scope::Duty;
    let now: Vec<&Claim> = claims.iter().filter(is_valid_now).filter(judged_by).filter(|claim| stands(claim)).collect();
    let until = now.iter().map(|claim| until_of(claim)).max()?;
    let goes_on = |claim: &&Claim| stands(claim) && claim.interval.start <= until && until_of(claim) > until;
    let is_expiring = is_open(open, moment.as_of)
        && until <= moment.horizon_to
        && is_open(open, until)
        && !claims.iter().any(|claim| goes_on(&claim));
    let last = now.iter().filter(|claim| until_of(claim) == until).map(|claim| claim.holder);
    is_expiring.then(|| (until, last.collect()))
}
