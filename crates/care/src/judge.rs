//! One need: its duties' timelines and verdicts, and all that someone should look at.

use crate::claim::{Basis, Claim, Evidence, Holder, Knowledge, Rule, Scope, Setting, cut_at_handover, give_way};
use crate::finding::{Finding, Kind, Severity};
use crate::need::{Contact, Duty, Moment, Need, NeedKind, Patient};
use crate::time::{Instant, Interval};
use crate::timeline::{Standing, Tally, Timeline, deciding};
use crate::verdict::Verdict;

/// What was found about one duty.
#[derive(Clone, Debug)]
pub struct DutyJudgement {
    /// Its timeline, over each interval that it is open.
    pub timeline: Timeline,
    /// The rules of the claims that decide the verdict, sorted.
    pub rules: Vec<Rule>,
    /// The resources of the claims that decide the verdict.
    pub evidence: Vec<Evidence>,
    /// The claims that count for the verdict, cut on handover days: what an explanation needs.
    pub claims: Vec<Claim>,
}

/// What was found about one need.
#[derive(Clone, Debug)]
pub struct NeedJudgement {
    /// Of each duty, in order.
    pub duties: Vec<DutyJudgement>,
    /// What someone should look at.
    pub findings: Vec<Finding>,
}

/// Judges a need as of an instant. Needs that start after it are the caller's to leave out.
///
/// # Example
///
/// ```
/// use answerable_care::*;
///
/// let as_of = Instant::DAY * 1000;
/// let moment = Moment {
///     as_of,
///     accept_within_from: as_of - Instant::DAY * 14,
///     accept_by_from: as_of - Instant::DAY * 42,
///     look_back_from: as_of - Instant::DAY * 365,
///     stranger_from: as_of - Instant::DAY * 90,
///     horizon_to: as_of + Instant::DAY * 90,
///     review_from: as_of - Instant::DAY * 365,
/// };
/// let open = Interval::new(Instant::DAY * 10, Instant::MAX);
/// let need = Need {
///     kind: NeedKind::Condition,
///     open,
///     duties: vec![Duty { open: vec![open], claims: vec![] }],
///     claims: vec![Claim::new(
///         Rule::C3,
///         Basis::Lead,
///         Holder(7),
///         Interval::new(Instant::DAY * 20, Instant::DAY * 900),
///     )],
///     waits: vec![],
///     refusals: vec![],
///     contact: Contact::Never,
///     evidence: Evidence(0),
/// };
/// let judgement = judge(&need, &Patient::default(), &moment);
/// let kinds: Vec<_> = judgement.findings.iter().map(|finding| finding.kind.as_str()).collect();
/// assert_eq!(kinds, ["unheld", "cliff-edge"]);
/// ```
#[must_use]
pub fn judge(need: &Need, patient: &Patient, moment: &Moment) -> NeedJudgement {
    let mut findings = Vec::new();
    let mut duties = Vec::with_capacity(need.duties.len());
    for (index, duty) in need.duties.iter().enumerate() {
        let judged = judge_duty(need, duty, moment);
        if let Some(now) = &judged.timeline.now {
            findings.extend(verdict(&judged, now).map(|finding| of_duty(index, finding)));
            findings.extend(cliff_edge(need, duty, &judged, moment).map(|finding| of_duty(index, finding)));
            findings.extend(expiring(need, duty, &judged, now, moment).map(|finding| of_duty(index, finding)));
        }
        duties.push(judged);
    }
    if need.open.holds(moment.as_of) {
        if let Some(overall) = duties.first() {
            findings.extend(stranger(overall, need, patient, moment));
            findings.extend(ageing_out(overall, patient, moment));
        }
        findings.extend(in_flight(need, moment));
        findings.extend(orphaned(need));
        findings.extend(silent(need, patient, moment));
    }
    NeedJudgement { duties, findings }
}

fn of_duty(index: usize, finding: Finding) -> Finding {
    Finding { duty: Some(index), ..finding }
}

fn judge_duty(need: &Need, duty: &Duty, moment: &Moment) -> DutyJudgement {
    let claims = standing(need, duty, |claim| claim.knowledge == Knowledge::Known);
    let timeline = over(&duty.open, &Tally::new(&claims), moment.as_of);
    let (mut rules, mut evidence) = (Vec::new(), Vec::new());
    if timeline.now.is_some() {
        (rules, evidence) = shown_by(deciding(&claims, moment.as_of));
    }
    DutyJudgement { timeline, rules, evidence, claims }
}

/// The claims that count for a duty, of those that `counts`, cut on handover days: what doesn't count cuts nothing.
fn standing(need: &Need, duty: &Duty, counts: impl Fn(&Claim) -> bool) -> Vec<Claim> {
    let mut claims: Vec<Claim> =
        need.claims.iter().chain(&duty.claims).filter(|claim| counts(claim)).copied().collect();
    cut_at_handover(&mut claims);
    give_way(&mut claims);
    claims
}

/// A duty may be open more than once: each interval has its own segments.
fn over(open: &[Interval], tally: &Tally, as_of: Instant) -> Timeline {
    if let &[only] = open {
        return tally.timeline(only, as_of);
    }
    let mut whole = Timeline::default();
    for &interval in open {
        let part = tally.timeline(interval, as_of);
        whole.segments.extend(part.segments);
        whole.now = part.now.or(whole.now);
    }
    whole
}

/// The rules and the evidence of some claims, each once.
fn shown_by<'a>(claims: impl Iterator<Item = &'a Claim>) -> (Vec<Rule>, Vec<Evidence>) {
    let (mut rules, mut evidence): (Vec<Rule>, Vec<Evidence>) =
        claims.map(|claim| (claim.rule, claim.evidence)).unzip();
    rules.sort_unstable();
    rules.dedup();
    evidence.sort_unstable();
    evidence.dedup();
    (rules, evidence)
}

fn sorted(mut holders: Vec<Holder>) -> Vec<Holder> {
    holders.sort_unstable();
    holders.dedup();
    holders
}

/// Every open duty that isn't held.
fn verdict(judged: &DutyJudgement, now: &Standing) -> Option<Finding> {
    Some(Finding {
        kind: Kind::Verdict(now.verdict),
        severity: now.verdict.severity()?,
        duty: None,
        holders: now.holders.clone(),
        since: now.since.known(),
        until: None,
        rules: judged.rules.clone(),
        evidence: judged.evidence.clone(),
    })
}

/// As of now no valid named claim is of basis member or stronger; within the look-back one was, up to
/// `since`, and the verdict was held or assumed. Visits are judged as if they had not been.
fn cliff_edge(need: &Need, duty: &Duty, judged: &DutyJudgement, moment: &Moment) -> Option<Finding> {
    let has_visits = judged.claims.iter().any(|claim| claim.setting == Setting::Visit);
    let lasting = |claim: &Claim| claim.knowledge == Knowledge::Known && claim.setting == Setting::Lasting;
    let without_visits;
    let claims = if has_visits {
        without_visits = standing(need, duty, lasting);
        &without_visits
    } else {
        &judged.claims
    };
    let strong = || claims.iter().filter(|claim| claim.is_named() && claim.basis <= Basis::Member).map(Claim::valid);
    let is_named_now = strong().any(|valid| valid.holds(moment.as_of));
    let was_recently = strong().any(|valid| valid.start <= moment.as_of && valid.end >= moment.look_back_from);
    if is_named_now || !was_recently {
        return None;
    }
    let timeline = over(&duty.open, &Tally::new(claims), moment.as_of);
    let fell = timeline.segments.iter().rev().find(|segment| {
        segment.is_with_member_or_stronger && matches!(segment.verdict, Verdict::Held | Verdict::Assumed)
    })?;
    let since = fell.interval.end;
    if since < moment.look_back_from {
        return None;
    }
    let just_before = Instant(since.0.saturating_sub(1));
    let (rules, evidence) = shown_by(deciding(claims, just_before));
    Some(Finding {
        kind: Kind::CliffEdge,
        severity: Severity::Error,
        duty: None,
        holders: fell.holders.clone(),
        since: since.known(),
        until: None,
        rules,
        evidence,
    })
}

/// Every valid named claim that the duty is judged by, of basis accepted, lead or member, ends or lapses
/// within the horizon, and none that begins by then goes on. This alone knows claims that start after as-of.
fn expiring(need: &Need, duty: &Duty, judged: &DutyJudgement, now: &Standing, moment: &Moment) -> Option<Finding> {
    let has_foreseen = need.claims.iter().chain(&duty.claims).any(|claim| claim.knowledge == Knowledge::Foreseen);
    let with_foreseen;
    let claims = if has_foreseen {
        with_foreseen = standing(need, duty, |_| true);
        &with_foreseen
    } else {
        &judged.claims
    };
    let counts = |claim: &&Claim| matches!(claim.basis, Basis::Accepted | Basis::Lead | Basis::Member);
    let is_valid = |claim: &&Claim| claim.knowledge == Knowledge::Known && claim.valid().holds(moment.as_of);
    let has_own = claims.iter().filter(is_valid).any(|claim| claim.is_named() && claim.scope == Scope::Duty);
    let judged_by = |claim: &&Claim| !has_own || claim.scope == Scope::Duty;
    let valid: Vec<&Claim> = claims.iter().filter(counts).filter(is_valid).filter(judged_by).collect();
    let until = valid.iter().map(|claim| claim.valid().end).max()?;
    let goes_on =
        |claim: &Claim| claim.interval.start <= until && claim.valid().end > until && !claim.valid().is_empty();
    let is_open_then = need.open.holds(until) && duty.open.iter().any(|open| open.holds(until));
    if until > moment.horizon_to || claims.iter().filter(counts).any(goes_on) || !is_open_then {
        return None;
    }
    let last = || valid.iter().filter(|claim| claim.valid().end == until).copied();
    let (rules, evidence) = shown_by(last());
    Some(Finding {
        kind: Kind::Expiring,
        severity: Severity::Warning,
        duty: None,
        holders: sorted(last().map(|claim| claim.holder).collect()),
        since: now.since.known(),
        until: until.known(),
        rules,
        evidence,
    })
}

/// The need began over 90 days ago, and a person who decides its verdict took part in no encounter with the patient.
fn stranger(overall: &DutyJudgement, need: &Need, patient: &Patient, moment: &Moment) -> Option<Finding> {
    let now = overall.timeline.now.as_ref()?;
    if !patient.has_encounters || need.open.start >= moment.stranger_from || !now.verdict.is_by_persons() {
        return None;
    }
    let strangers: Vec<Holder> =
        now.holders.iter().filter(|holder| patient.met.binary_search(holder).is_err()).copied().collect();
    if strangers.is_empty() {
        return None;
    }
    Some(Finding {
        kind: Kind::Stranger,
        severity: Severity::Warning,
        duty: None,
        holders: strangers,
        since: now.since.known(),
        until: None,
        rules: overall.rules.clone(),
        evidence: overall.evidence.clone(),
    })
}

/// From the 14th birthday on, a deciding holder is in children's services and no transition plan has begun.
fn ageing_out(overall: &DutyJudgement, patient: &Patient, moment: &Moment) -> Option<Finding> {
    let turns_14 = patient.turns_14.filter(|&birthday| birthday <= moment.as_of)?;
    overall.timeline.now.as_ref()?;
    if patient.has_transition_plan {
        return None;
    }
    let holders: Vec<Holder> = deciding(&overall.claims, moment.as_of)
        .filter(|claim| claim.childrens_services)
        .map(|claim| claim.holder)
        .collect();
    if holders.is_empty() {
        return None;
    }
    let grown = patient.turns_17_and_a_half.is_some_and(|date| date <= moment.as_of);
    Some(Finding {
        kind: Kind::AgeingOut,
        severity: if grown { Severity::Error } else { Severity::Warning },
        duty: None,
        holders: sorted(holders),
        since: Some(turns_14),
        until: None,
        rules: overall.rules.clone(),
        evidence: overall.evidence.clone(),
    })
}

/// A referral that nobody took, or Tasks that nobody answered; the earliest decides, undated ones only if
/// there is no other.
fn in_flight(need: &Need, moment: &Moment) -> Option<Finding> {
    need.waits.first()?;
    let earliest = need.waits.iter().filter_map(|wait| wait.since).min();
    let severity = match earliest {
        Some(since) if since <= moment.accept_by_from => Severity::Error,
        Some(since) if since <= moment.accept_within_from => Severity::Warning,
        Some(_) => return None,
        None => Severity::Warning,
    };
    let is_old = |since: Option<Instant>| since.is_none_or(|since| since <= moment.accept_within_from);
    let old = || need.waits.iter().filter(|wait| is_old(wait.since));
    let mut rules: Vec<Rule> = old().map(|wait| wait.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    Some(Finding {
        kind: Kind::InFlight,
        severity,
        duty: None,
        holders: sorted(need.waits.iter().filter_map(|wait| wait.requester).collect()),
        since: earliest,
        until: None,
        rules,
        evidence: old().map(|wait| wait.evidence).collect(),
    })
}

/// Tasks that were refused, and that no later one took up.
fn orphaned(need: &Need) -> Option<Finding> {
    need.refusals.first()?;
    let is_undated = need.refusals.iter().any(|refusal| refusal.at.is_none());
    Some(Finding {
        kind: Kind::Orphaned,
        severity: Severity::Error,
        duty: None,
        holders: sorted(need.refusals.iter().filter_map(|refusal| refusal.requester).collect()),
        since: need.refusals.iter().filter_map(|refusal| refusal.at).min().filter(|_| !is_undated),
        until: None,
        rules: vec![Rule::C1],
        evidence: need.refusals.iter().map(|refusal| refusal.evidence).collect(),
    })
}

/// A condition that is older than the review interval, and nobody saw the patient about it within it.
fn silent(need: &Need, patient: &Patient, moment: &Moment) -> Option<Finding> {
    if need.kind != NeedKind::Condition || !patient.has_encounters || need.open.start >= moment.review_from {
        return None;
    }
    let since = match need.contact {
        Contact::Last(end) if end >= moment.review_from => return None,
        Contact::Last(end) => end,
        Contact::Never => need.open.start,
    };
    Some(Finding {
        kind: Kind::Silent,
        severity: Severity::Warning,
        duty: None,
        holders: Vec::new(),
        since: since.known(),
        until: None,
        rules: vec![Rule::N1],
        evidence: vec![need.evidence],
    })
}
