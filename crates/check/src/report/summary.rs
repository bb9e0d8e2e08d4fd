//! The summary: counts, and the worst patients in full, gathered while persons are judged.

use std::collections::{BTreeMap, BinaryHeap};

use answerable_care::{Basis, Evidence, Heading, Instant, Kind, NeedKind, Severity, Verdict};
use answerable_fhir::{Calendar, JudgedNeed, PersonShown};

use super::marks::{Change, Decision, Marks};
use super::sentence::{self, Naming};
use super::view::{Found, Rank, View, finding_id};

/// What a summary needs to know.
#[derive(Clone, Debug)]
pub(crate) struct Frame<'f> {
    pub(crate) as_of: Instant,
    pub(crate) calendar: &'f Calendar,
    pub(crate) marks: &'f Marks,
    /// How many of the worst patients are kept in full.
    pub(crate) cards_max: usize,
}

/// Counts, and the worst patients in full.
#[derive(Debug, Default)]
pub struct Summary {
    /// Persons in the records.
    pub persons: u64,
    /// Persons with a need that is open.
    pub persons_with_needs: u64,
    /// Persons by their worst finding: fell, blank, watch.
    pub persons_by_heading: [u64; 3],
    /// Open needs.
    pub needs: u64,
    /// Open needs for which nobody is recorded (a finding under *blank*).
    pub needs_blank: u64,
    /// Open duties by verdict, in the order of [`Verdict::ALL`].
    pub verdicts: [u64; 7],
    /// Findings by word and severity.
    pub findings: BTreeMap<(&'static str, Severity), u64>,
    /// Findings by severity: error, warning, note.
    pub severities: [u64; 3],
    /// Findings that people decided about, by state: accepted, working.
    pub decided: [u64; 2],
    /// Findings that an earlier run had not, and had.
    pub changes: [u64; 2],
    /// By organisation: open duties by verdict, of the organisations of those who decide; and findings under *fell*.
    pub organizations: BTreeMap<String, OrganizationCounts>,
    /// By boundary: the organisation of the sender or last holder, and of the receiver; findings under *fell* there.
    pub boundaries: BTreeMap<(String, String), u64>,
    /// The worst patients, in full; the worst last.
    cards: BinaryHeap<Card>,
}

/// Counts of one organisation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrganizationCounts {
    /// Open duties by verdict, in the order of [`Verdict::ALL`].
    pub verdicts: [u64; 7],
    /// Findings under *fell* that name someone there.
    pub fell: u64,
}

/// A patient in full.
#[derive(Clone, Debug)]
pub struct Card {
    rank: Rank,
    /// As rows print them.
    pub name: String,
    /// What people are shown.
    pub shown: PersonShown,
    /// Their findings, the worst first.
    pub findings: Vec<CardFinding>,
    /// Their needs, by name.
    pub needs: Vec<CardNeed>,
}

/// A finding in full.
#[derive(Clone, Debug)]
pub struct CardFinding {
    /// Its id.
    pub id: u64,
    /// The need's name, none of a finding of a patient.
    pub need: Option<String>,
    /// The need in words.
    pub need_title: Option<String>,
    /// The duty, none of a finding of a need or a patient.
    pub duty: Option<String>,
    /// What kind.
    pub kind: Kind,
    /// How bad.
    pub severity: Severity,
    /// Its place in the order of findings, 0 the worst.
    pub rank: u8,
    /// Fell, blank or watch.
    pub heading: Heading,
    /// What, since when, whom to ask.
    pub sentence: String,
    /// Since when.
    pub since: Option<Instant>,
    /// Until when, of expiring.
    pub until: Option<Instant>,
    /// Whom it names, as people call them.
    pub holders: Vec<String>,
    /// The resources that show it.
    pub evidence: Vec<String>,
    /// Whether an earlier run had it.
    pub change: Option<Change>,
    /// What people decided about it.
    pub decision: Option<Decision>,
}

/// A need in full.
#[derive(Clone, Debug)]
pub struct CardNeed {
    /// As rows print it.
    pub name: String,
    /// In words.
    pub title: Option<String>,
    /// Which rule makes it one.
    pub kind: NeedKind,
    /// When it is open.
    pub start: Option<Instant>,
    /// Whether it is open as of the instant of judgement.
    pub is_open: bool,
    /// Its duties, by name.
    pub duties: Vec<CardDuty>,
}

/// A duty in full.
#[derive(Clone, Debug)]
pub struct CardDuty {
    /// Its name.
    pub name: String,
    /// Its timeline.
    pub segments: Vec<CardSegment>,
    /// Its verdict now, where it is open.
    pub now: Option<CardSegment>,
}

/// A maximal interval with one verdict.
#[derive(Clone, Debug)]
pub struct CardSegment {
    /// None if it isn't known.
    pub start: Option<Instant>,
    /// None for what is now.
    pub end: Option<Instant>,
    /// What the claims add up to.
    pub verdict: Verdict,
    /// The basis that decides.
    pub basis: Option<Basis>,
    /// Who decides, as people call them.
    pub holders: Vec<String>,
    /// The resources that show it, of what is now.
    pub evidence: Vec<String>,
}

impl PartialEq for Card {
    fn eq(&self, other: &Card) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Card {}

impl PartialOrd for Card {
    fn partial_cmp(&self, other: &Card) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Card {
    /// Worst first: the least card is the worst.
    fn cmp(&self, other: &Card) -> std::cmp::Ordering {
        (self.rank, &self.name).cmp(&(other.rank, &other.name))
    }
}

impl Card {
    /// Fell, blank or watch: by the worst finding that nobody decided about.
    #[must_use]
    pub fn heading(&self) -> Heading {
        self.rank.heading()
    }
}

impl Summary {
    /// Takes a person in.
    pub(crate) fn person(&mut self, view: View, frame: &Frame) {
        self.persons += 1;
        let is_open = |need: &&JudgedNeed| need.open.holds(frame.as_of);
        let open_needs = view.judgement.needs.iter().filter(is_open);
        let mut has_needs = false;
        for need in open_needs {
            has_needs = true;
            self.needs += 1;
            let is_blank = |finding: &answerable_care::Finding| finding.heading() == Heading::Blank;
            self.needs_blank += u64::from(need.judgement.findings.iter().any(is_blank));
            for now in need.judgement.duties.iter().filter_map(|duty| duty.timeline.now.as_ref()) {
                let place = now.verdict as usize;
                if let Some(count) = self.verdicts.get_mut(place) {
                    *count += 1;
                }
                for organization in organizations(view, &now.holders) {
                    let counts = self.organizations.entry(organization).or_default();
                    if let Some(count) = counts.verdicts.get_mut(place) {
                        *count += 1;
                    }
                }
            }
        }
        self.persons_with_needs += u64::from(has_needs);
        let findings = view.findings();
        for found in &findings {
            self.finding(view, *found, frame);
        }
        let undecided = |found: &Found| frame.marks.decision(id(view, *found)).is_none();
        let Some(rank) = View::rank(findings.iter().filter(|found| undecided(found)).map(|found| found.finding)) else {
            return;
        };
        if let Some(count) = self.persons_by_heading.get_mut(rank.heading() as usize) {
            *count += 1;
        }
        let is_full = self.cards.len() >= frame.cards_max;
        let is_worse = |least: &Card| (rank, &view.judgement.person) < (least.rank, &least.name);
        if frame.cards_max > 0 && (!is_full || self.cards.peek().is_some_and(is_worse)) {
            self.cards.push(card(view, rank, &findings, frame));
            if is_full {
                self.cards.pop();
            }
        }
    }

    fn finding(&mut self, view: View, found: Found, frame: &Frame) {
        let finding = found.finding;
        *self.findings.entry((finding.kind.as_str(), finding.severity)).or_default() += 1;
        if let Some(count) = self.severities.get_mut(finding.severity as usize) {
            *count += 1;
        }
        let id = id(view, found);
        if let Some(decision) = frame.marks.decision(id)
            && let Some(count) = self.decided.get_mut(decision.state as usize)
        {
            *count += 1;
        }
        if let Some(change) = frame.marks.change(id)
            && let Some(count) = self.changes.get_mut(change as usize)
        {
            *count += 1;
        }
        if finding.heading() == Heading::Fell {
            let from = organizations(view, &finding.holders);
            for organization in &from {
                self.organizations.entry(organization.clone()).or_default().fell += 1;
            }
            for boundary in boundaries(view, found, from) {
                *self.boundaries.entry(boundary).or_default() += 1;
            }
        }
    }

    /// Adds what another worker gathered.
    pub(crate) fn merge(&mut self, other: Summary, cards_max: usize) {
        fn add<const COUNT: usize>(to: &mut [u64; COUNT], from: [u64; COUNT]) {
            to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
        }
        self.persons += other.persons;
        self.persons_with_needs += other.persons_with_needs;
        self.needs += other.needs;
        self.needs_blank += other.needs_blank;
        add(&mut self.persons_by_heading, other.persons_by_heading);
        add(&mut self.verdicts, other.verdicts);
        add(&mut self.severities, other.severities);
        add(&mut self.decided, other.decided);
        add(&mut self.changes, other.changes);
        for (key, count) in other.findings {
            *self.findings.entry(key).or_default() += count;
        }
        for (name, counts) in other.organizations {
            let known = self.organizations.entry(name).or_default();
            add(&mut known.verdicts, counts.verdicts);
            known.fell += counts.fell;
        }
        for (boundary, count) in other.boundaries {
            *self.boundaries.entry(boundary).or_default() += count;
        }
        self.cards.extend(other.cards);
        while self.cards.len() > cards_max {
            self.cards.pop();
        }
    }

    /// The worst patients, worst first.
    #[must_use]
    pub fn into_cards(mut self) -> (Summary, Vec<Card>) {
        let cards = std::mem::take(&mut self.cards).into_sorted_vec();
        (self, cards)
    }
}

fn id(view: View, found: Found) -> u64 {
    finding_id(&view.judgement.person, found.need_name(), found.duty, found.finding.kind)
}

/// The organisations of holders, each once.
fn organizations(view: View, holders: &[answerable_care::Holder]) -> Vec<String> {
    let mut all: Vec<String> =
        holders.iter().filter_map(|&holder| view.holder(holder)?.organization.clone()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// From the organisations of the sender or last holder, to those of the receiver: to whom a referral is addressed, else
/// who decides now.
fn boundaries(view: View, found: Found, from: Vec<String>) -> Vec<(String, String)> {
    let Some(need) = found.need else { return Vec::new() };
    let mut to = organizations(view, &need.receivers);
    if to.is_empty() {
        let duty = found.finding.duty.unwrap_or_default();
        let now = need.judgement.duties.get(duty).and_then(|duty| duty.timeline.now.as_ref());
        to = now.map(|now| organizations(view, &now.holders)).unwrap_or_default();
    }
    let pairs = from.iter().flat_map(|from| to.iter().map(move |to| (from.clone(), to.clone())));
    pairs.filter(|(from, to)| from != to).collect()
}

fn card(view: View, rank: Rank, findings: &[Found], frame: &Frame) -> Card {
    let people = |holders: &[answerable_care::Holder]| -> Vec<String> {
        view.shown_holders(holders).into_iter().map(sentence::person).collect()
    };
    let strings = |evidence: &[Evidence]| view.evidence(evidence).into_iter().map(str::to_owned).collect();
    let mut of_card: Vec<CardFinding> = findings
        .iter()
        .map(|&found| {
            let finding = found.finding;
            let id = id(view, found);
            CardFinding {
                id,
                need: found.need_name().map(str::to_owned),
                need_title: found.need.and_then(|need| need.title.clone()),
                duty: found.duty.map(str::to_owned),
                kind: finding.kind,
                severity: finding.severity,
                rank: finding.rank(),
                heading: finding.heading(),
                sentence: sentence::message(view, found, frame.as_of, frame.calendar, Naming::People),
                since: finding.since,
                until: finding.until,
                holders: people(&finding.holders),
                evidence: strings(&finding.evidence),
                change: frame.marks.change(id),
                decision: frame.marks.decision(id).cloned(),
            }
        })
        .collect();
    of_card.sort_by_key(|finding| (finding.decision.is_some(), finding.rank, finding.since));
    let needs = view.judgement.needs.iter().map(|need| CardNeed {
        name: need.name.clone(),
        title: need.title.clone(),
        kind: need.kind,
        start: need.open.start.known(),
        is_open: need.open.holds(frame.as_of),
        duties: View::duties(need)
            .into_iter()
            .filter_map(|place| {
                let (name, duty) = (need.duties.get(place)?, need.judgement.duties.get(place)?);
                let segments = duty.timeline.segments.iter().map(|segment| CardSegment {
                    start: segment.interval.start.known(),
                    end: segment.interval.end.known(),
                    verdict: segment.verdict,
                    basis: segment.basis,
                    holders: people(&segment.holders),
                    evidence: Vec::new(),
                });
                let now = duty.timeline.now.as_ref().map(|now| CardSegment {
                    start: now.since.known(),
                    end: None,
                    verdict: now.verdict,
                    basis: now.basis,
                    holders: people(&now.holders),
                    evidence: strings(&duty.evidence),
                });
                Some(CardDuty { name: name.clone(), segments: segments.collect(), now })
            })
            .collect(),
    });
    Card {
        rank,
        name: view.judgement.person.clone(),
        shown: view.judgement.shown.clone(),
        findings: of_card,
        needs: needs.collect(),
    }
}
