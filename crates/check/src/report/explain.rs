//! Why check says what it says of one patient: each need, its claims, which of them decide, and why the others don't.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use answerable_care::{Basis, Claim, DutyJudgement, EndWritten, Instant, NeedKind, Rule, Scope, Standing, Verdict};
use answerable_fhir::{Calendar, JudgedNeed, PersonJudgement};

use super::sentence::{self, Naming, capital, clean, count, date, join, message};
use super::text::{Paper, moment, person_shown};
use super::view::View;
use crate::error::Error;
use crate::run::{Check, Encode};

/// How many names that are like the one asked for an error lists.
const NEAR_MAX: usize = 5;

/// Names that differ in more letters aren't alike.
const DISTANCE_MAX: usize = 3;

/// How many claims of a duty are told one by one: a patient may have a hundred thousand encounters.
const CLAIMS_MAX: usize = 50;

/// How many intervals of a timeline are told.
const SEGMENTS_MAX: usize = 20;

/// Writes one person and looks for names like theirs.
#[derive(Debug)]
pub(crate) struct Explain<'e> {
    check: &'e Check,
    patient: String,
    width: usize,
    is_found: AtomicBool,
    near: Mutex<BTreeSet<(usize, String)>>,
}

impl<'e> Explain<'e> {
    pub(crate) fn new(check: &'e Check, patient: &str, paper: Paper) -> Explain<'e> {
        Explain {
            check,
            patient: patient.to_owned(),
            width: paper.width.max(40),
            is_found: AtomicBool::default(),
            near: Mutex::default(),
        }
    }

    /// An error if nobody had that name.
    pub(crate) fn found(&self) -> Result<(), Error> {
        if self.is_found.load(Ordering::Relaxed) {
            return Ok(());
        }
        let near = self.near.lock().unwrap_or_else(PoisonError::into_inner);
        let names: Vec<String> = near.iter().map(|(_, name)| format!("`{}`", clean(name))).collect();
        let like = match names.as_slice() {
            [] => "name a patient as the rows do, such as `Patient/88` or `adults/Patient/88`".to_owned(),
            [one] => format!("did you mean {one}?"),
            names => format!("did you mean one of {}?", join(names)),
        };
        Err(Error::usage(format!("no patient is called `{}`; {like}", clean(&self.patient))))
    }

    /// How little a name is like the one asked for; none if it isn't.
    fn distance(&self, name: &str) -> Option<usize> {
        let asked = self.patient.as_str();
        let is_end = |whole: &str, end: &str| whole.strip_suffix(end).is_some_and(|start| start.ends_with('/'));
        if is_end(name, asked) || is_end(asked, name) {
            return Some(0);
        }
        // Letters of long names are compared only where they are about as many.
        if name.len().abs_diff(asked.len()) > DISTANCE_MAX {
            return None;
        }
        let distance = strsim::levenshtein(&name.to_lowercase(), &asked.to_lowercase());
        (distance <= DISTANCE_MAX).then_some(1 + distance)
    }

    fn is_like(&self, name: &str) {
        let Some(distance) = self.distance(name) else { return };
        let mut near = self.near.lock().unwrap_or_else(PoisonError::into_inner);
        near.insert((distance, name.to_owned()));
        if near.len() > NEAR_MAX {
            near.pop_last();
        }
    }
}

impl Encode for Explain<'_> {
    fn person(&self, judgement: &PersonJudgement, bytes: &mut Vec<u8>) {
        let records = &judgement.shown.records;
        if judgement.person != self.patient && !records.contains(&self.patient) {
            self.is_like(&judgement.person);
            records.iter().for_each(|name| self.is_like(name));
            return;
        }
        self.is_found.store(true, Ordering::Relaxed);
        let mut page = Page {
            text: String::new(),
            width: self.width,
            view: View::new(judgement),
            as_of: self.check.as_of,
            calendar: &self.check.calendar,
        };
        page.person();
        bytes.extend_from_slice(page.text.as_bytes());
    }
}

struct Page<'p> {
    text: String,
    width: usize,
    view: View<'p>,
    as_of: Instant,
    calendar: &'p Calendar,
}

/// How a claim stands as of the instant of judgement, in the order in which they are told.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// Its holder decides the verdict.
    Decides,
    /// As that, though lapsed: nothing else counts.
    DecidesLapsed(String),
    /// It is valid, but something stronger counts.
    Outranked(String),
    /// Its holder has left, or their role ended.
    Lapsed(String),
    /// It isn't held any more, or not yet.
    Elsewhen(String),
}

impl Page<'_> {
    fn person(&mut self) {
        let judgement = self.view.judgement;
        self.line(0, &person_shown(&judgement.shown, &judgement.person));
        self.line(0, &clean(&judgement.person));
        let others: Vec<String> =
            judgement.shown.records.iter().filter(|name| **name != judgement.person).map(|name| clean(name)).collect();
        if !others.is_empty() {
            self.line(0, &format!("also recorded as {}", join(&others)));
        }
        self.line(0, &format!("Judged as of {}.", moment(self.calendar, self.as_of)));
        let open = judgement.needs.iter().filter(|need| need.open.holds(self.as_of)).count();
        self.line(
            0,
            &format!(
                "{}, of which {} open.",
                count(judgement.needs.len() as u64, "need", "needs"),
                match open {
                    0 => "none is".to_owned(),
                    1 => "1 is".to_owned(),
                    open => format!("{open} are"),
                }
            ),
        );
        for need in &judgement.needs {
            self.need(need);
        }
        self.text.push('\n');
        self.findings(None);
    }

    fn need(&mut self, need: &JudgedNeed) {
        self.text.push('\n');
        let (rule, what) = match need.kind {
            NeedKind::Condition => ("N1", "a continuing condition"),
            NeedKind::Referral => ("N2", "a referral"),
            NeedKind::Plan => ("N3", "a care plan of its own"),
            NeedKind::Episode => ("N4", "an episode of care of its own"),
        };
        let title = need.title.as_deref().map_or_else(|| capital(what), clean);
        self.line(0, &format!("{title}  {}", clean(&need.name)));
        let is_open = need.open.holds(self.as_of);
        let open = match (is_open, need.open.start.known(), need.open.end.known()) {
            _ if need.open.is_empty() => "never open".to_owned(),
            (true, Some(start), _) => format!("open since {}", date(self.calendar, start)),
            (true, None, _) => "open, since when isn't recorded".to_owned(),
            (false, start, Some(end)) => format!("{}closed {}", self.from(start), self.ended(end)),
            (false, _, None) => "not open yet".to_owned(),
        };
        self.line(2, &format!("{rule}: {what}, {open}."));
        self.one_with(need);
        // Overall first: the others build on it.
        for place in 0..need.duties.len() {
            let (Some(name), Some(duty)) = (need.duties.get(place), need.judgement.duties.get(place)) else { continue };
            self.duty(name, duty);
        }
        self.findings(Some(need));
    }

    /// N1a: what else is this need.
    fn one_with(&mut self, need: &JudgedNeed) {
        let why = match need.one_with.len() {
            0 => return,
            1 => "they share a coding while both are open",
            _ => "each shares a coding with another of them while both are open",
        };
        let mut names: Vec<String> = need.one_with.iter().take(CLAIMS_MAX).map(|name| clean(name)).collect();
        match need.one_with.len() - names.len() {
            0 => {}
            rest => names.push(format!("{rest} more")),
        }
        self.line(2, &format!("N1a: one need with {}, since {why}.", join(&names)));
    }

    fn from(&self, start: Option<Instant>) -> String {
        start.map_or_else(String::new, |start| format!("open from {}, ", date(self.calendar, start)))
    }

    /// `on 3 May 2025`, of what ended then.
    fn ended(&self, end: Instant) -> String {
        format!("on {}", date(self.calendar, end - Instant(1)))
    }

    fn duty(&mut self, name: &str, duty: &DutyJudgement) {
        match &duty.timeline.now {
            None => self.line(2, &format!("{}: not open.", clean(name))),
            Some(now) => {
                let sentence = self.verdict(now, duty);
                self.line(2, &format!("{}: {sentence}", clean(name)));
                self.claims(duty, now);
            }
        }
        self.timeline(duty);
    }

    fn verdict(&self, now: &Standing, duty: &DutyJudgement) -> String {
        let since =
            now.since.known().map_or_else(String::new, |since| format!(" since {}", date(self.calendar, since)));
        let who = self.people(&now.holders);
        let word = now.verdict.as_str();
        let rules: Vec<&str> = duty.rules.iter().map(|rule| rule.as_str()).collect();
        let by = if rules.is_empty() { String::new() } else { format!(" ({})", rules.join(", ")) };
        let why = match now.verdict {
            Verdict::Held => format!("{who} is the one person recorded as answering for it"),
            Verdict::Assumed => format!("{who} is likely to answer for it, and nothing says so outright"),
            Verdict::Leaderless => format!("{who} are recorded, and none of them leads"),
            Verdict::Contested => format!("{who} are each recorded as in charge"),
            Verdict::Unnamed => format!("{who}: an organisation is recorded, and no person"),
            Verdict::Lapsed => format!("Whoever was recorded has left: {who}"),
            Verdict::Unheld => "There is no claim that counts".to_owned(),
        };
        format!("{word}{since}{by}. {why}.")
    }

    fn claims(&mut self, duty: &DutyJudgement, now: &Standing) {
        let has_own = self.has_own(duty);
        let claims: Vec<&Claim> = duty.claims.iter().filter(|claim| !claim.interval.is_empty()).collect();
        if claims.is_empty() {
            return self.line(4, "There is no claim.");
        }
        let (own, of_need): (Vec<&Claim>, Vec<&Claim>) =
            claims.into_iter().partition(|claim| claim.scope == Scope::Duty);
        if !has_own && own.is_empty() {
            return self.listed(of_need, duty, now);
        }
        self.listed(own, duty, now);
        if has_own && !of_need.is_empty() {
            let number = count(
                of_need.len() as u64,
                "claim on the need as a whole doesn't",
                "claims on the need as a whole don't",
            );
            self.line(
                4,
                &format!(
                    "The {number} count here: the plan names somebody for this very duty, so that alone counts (C3a)."
                ),
            );
        } else {
            self.listed(of_need, duty, now);
        }
    }

    fn listed(&mut self, claims: Vec<&Claim>, duty: &DutyJudgement, now: &Standing) {
        let mut claims: Vec<(Place, &Claim)> =
            claims.into_iter().map(|claim| (self.place(claim, duty, now), claim)).collect();
        let latest = |claim: &Claim| std::cmp::Reverse((claim.interval.end, claim.interval.start));
        claims.sort_by_key(|(place, claim)| (place.rank(), claim.basis, latest(claim), claim.holder));
        let rest = claims.len().saturating_sub(CLAIMS_MAX);
        for (place, claim) in claims.into_iter().take(CLAIMS_MAX) {
            let why = match place {
                Place::Decides => "This decides".to_owned(),
                Place::DecidesLapsed(why) => format!("This decides, though lapsed: {why}"),
                Place::Outranked(why) => format!("Outranked: {why}"),
                Place::Lapsed(why) => format!("Lapsed: {why}"),
                Place::Elsewhen(why) => why,
            };
            self.line(4, &format!("{} {}: {}. {why}.", claim.rule.as_str(), claim.basis.as_str(), self.claim(claim)));
        }
        if rest > 0 {
            self.line(4, &format!("And {}.", count(rest as u64, "more claim", "more claims")));
        }
    }

    /// Whether a valid named claim is on this very duty (C3a).
    fn has_own(&self, duty: &DutyJudgement) -> bool {
        duty.claims.iter().any(|claim| is_own(claim) && claim.valid().holds(self.as_of))
    }

    /// Who, on what basis, from when to when.
    fn claim(&self, claim: &Claim) -> String {
        let names: Vec<String> = self
            .view
            .shown_holders(&[claim.holder])
            .into_iter()
            .map(|shown| match &shown.title {
                Some(title) if *title != shown.name => clean(&format!("{title} [{}]", shown.name)),
                _ => clean(&shown.name),
            })
            .collect();
        let does = match claim.rule {
            Rule::C1 => "accepted it",
            Rule::C2 => "manages the episode of care",
            Rule::C3 => "leads the care team",
            Rule::C3a => "is named for this duty in the plan",
            Rule::C3b => "wrote the plan",
            Rule::C4 => "attends the patient",
            Rule::C5 => "is on the care team",
            Rule::C6 => "sent the referral",
            Rule::C7 => "is registered as the patient's practitioner",
            Rule::C7a => "is on the patient's own team",
            Rule::C8 => "saw the patient last",
            Rule::C9 | Rule::N1 | Rule::N2 => "is recorded, and is no person",
        };
        let start = claim.interval.start.known().map(|start| format!("from {}", date(self.calendar, start)));
        let end = claim.interval.end.known().map(|end| format!("until {}", self.end(claim, end)));
        let when = match (start, end) {
            (None, None) => "always".to_owned(),
            (start, end) => start.into_iter().chain(end).collect::<Vec<_>>().join(" "),
        };
        let evidence = clean(&self.view.evidence(&[claim.evidence]).join(" "));
        format!("{} {does} ({evidence}), {when}", join(&names))
    }

    fn end(&self, claim: &Claim, end: Instant) -> String {
        let day = date(self.calendar, end - Instant(1));
        match claim.end_written {
            EndWritten::AsDay(_) => day,
            EndWritten::Otherwise => moment_or_day(self.calendar, end, day),
        }
    }

    fn place(&self, claim: &Claim, duty: &DutyJudgement, now: &Standing) -> Place {
        let is_valid = claim.valid().holds(self.as_of);
        let is_lapsed = !is_valid && claim.lapsed().holds(self.as_of);
        if !is_valid && !is_lapsed {
            let why = if claim.interval.start > self.as_of { "It begins later" } else { "It has ended" };
            return Place::Elsewhen(why.to_owned());
        }
        if is_lapsed {
            let why = match claim.lapses.known() {
                Some(lapses) => format!("their role ended {}", self.ended(lapses)),
                None => "the person, the role or the organisation is no longer active".to_owned(),
            };
            let is_deciding = now.verdict == Verdict::Lapsed && now.basis == Some(claim.basis);
            return if is_deciding { Place::DecidesLapsed(why) } else { Place::Lapsed(why) };
        }
        if self.has_own(duty) {
            if is_own(claim) {
                return Place::Decides;
            }
            return Place::Outranked(
                "the plan names somebody for this very duty (C3a), so that alone counts".to_owned(),
            );
        }
        match now.basis {
            Some(basis) if basis == claim.basis => Place::Decides,
            _ if claim.basis == Basis::Organisation => {
                Place::Outranked("an organisation counts only where no person does".to_owned())
            }
            Some(basis) => Place::Outranked(format!("{} counts before {}", basis.as_str(), claim.basis.as_str())),
            None => Place::Elsewhen("It doesn't count".to_owned()),
        }
    }

    fn timeline(&mut self, duty: &DutyJudgement) {
        let segments = &duty.timeline.segments;
        if segments.len() <= 1 && duty.timeline.now.is_some() {
            return;
        }
        let skipped = segments.len().saturating_sub(SEGMENTS_MAX);
        if !segments.is_empty() {
            self.line(4, "Over time:");
        }
        if skipped > 0 {
            self.line(6, &format!("({})", count(skipped as u64, "earlier interval", "earlier intervals")));
        }
        for segment in segments.iter().skip(skipped) {
            let (start, end) = (segment.interval.start.known(), segment.interval.end.known());
            let day = |instant: Instant| date(self.calendar, instant);
            // Within one day, the time tells them apart.
            let is_of_one_day = start.zip(end).is_some_and(|(start, end)| day(start) == day(end - Instant(1)));
            let start = match start {
                None => "the beginning".to_owned(),
                Some(start) if is_of_one_day => moment(self.calendar, start),
                Some(start) => day(start),
            };
            let end = match end {
                None => "now".to_owned(),
                Some(end) if end == self.as_of => "now".to_owned(),
                Some(end) if is_of_one_day => moment(self.calendar, end),
                Some(end) => day(end - Instant(1)),
            };
            let basis = segment.basis.map_or_else(String::new, |basis| format!(", {}", basis.as_str()));
            let who =
                if segment.holders.is_empty() { String::new() } else { format!(": {}", self.people(&segment.holders)) };
            self.line(6, &format!("{start} to {end}: {}{basis}{who}", segment.verdict.as_str()));
        }
    }

    /// The findings of a need, or of the patient.
    fn findings(&mut self, need: Option<&JudgedNeed>) {
        let of_need = |found: &super::view::Found| found.need_name() == need.map(|need| need.name.as_str());
        let mut findings: Vec<_> = self.view.findings().into_iter().filter(of_need).collect();
        findings.sort_by_key(|found| found.finding.rank());
        if findings.is_empty() {
            let of = if need.is_some() { 2 } else { 0 };
            let what = if need.is_some() { "No finding." } else { "No finding about the patient as a whole." };
            return self.line(of, what);
        }
        self.line(
            if need.is_some() { 2 } else { 0 },
            if need.is_some() { "Findings:" } else { "About the patient as a whole:" },
        );
        for found in findings {
            let finding = found.finding;
            let rules: Vec<&str> = finding.rules.iter().map(|rule| rule.as_str()).collect();
            let rules = if rules.is_empty() { String::new() } else { format!(", {}", rules.join(", ")) };
            let sentence = message(self.view, found, self.as_of, self.calendar, Naming::People);
            let evidence = clean(&self.view.evidence(&finding.evidence).join(" "));
            let (kind, severity) = (finding.kind.as_str(), finding.severity.as_str());
            self.line(4, format!("{kind} ({severity}{rules}): {sentence} {evidence}").trim_end());
        }
    }

    fn people(&self, holders: &[answerable_care::Holder]) -> String {
        let people: Vec<String> = self
            .view
            .shown_holders(holders)
            .into_iter()
            .map(|shown| {
                let person = sentence::person(shown);
                let name = if person == shown.name { String::new() } else { format!(" [{}]", shown.name) };
                clean(&format!("{person}{name}"))
            })
            .collect();
        join(&people)
    }

    fn line(&mut self, indent: usize, text: &str) {
        let (first, others) = (" ".repeat(indent), " ".repeat(indent + 2));
        let options = textwrap::Options::new(self.width)
            .initial_indent(&first)
            .subsequent_indent(&others)
            .break_words(false)
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        for line in textwrap::wrap(text, options) {
            let _ = writeln!(self.text, "{line}");
        }
    }
}

/// A named claim on one duty alone.
fn is_own(claim: &Claim) -> bool {
    claim.is_named() && claim.scope == Scope::Duty
}

impl Place {
    fn rank(&self) -> u8 {
        match self {
            Place::Decides | Place::DecidesLapsed(_) => 0,
            Place::Outranked(_) => 1,
            Place::Lapsed(_) => 2,
            Place::Elsewhen(_) => 3,
        }
    }
}

/// An end with its time, but for midnight, which people take for the day before.
fn moment_or_day(calendar: &Calendar, end: Instant, day: String) -> String {
    if sentence::midnight(calendar, end) == Some(end) { day } else { moment(calendar, end) }
}
