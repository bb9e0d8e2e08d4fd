//! The summary: counts, and the worst patients in full, gathered while persons are judged.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;

use answerable_care::{Basis, Evidence, Heading, Instant, Kind, NeedKind, Severity, Verdict};
use answerable_fhir::{Calendar, JudgedNeed, PersonShown};

use super::cases::{Case, Cases, Figure, Key, Lists, Who, clip};
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
    /// Whether the cases behind figures are kept.
    pub(crate) lists: Lists,
}

impl Frame<'_> {
    /// What people decided about a finding. Where they decided nothing, its id isn't made.
    fn decision(&self, view: View, found: Found) -> Option<&Decision> {
        if self.marks.has_decisions() { self.marks.decision(id(view, found)) } else { None }
    }
}

/// How many findings a patient in full has at most.
const CARD_FINDINGS_MAX: usize = 100;

/// How many needs a patient in full has at most: what a picture can show.
const CARD_NEEDS_MAX: usize = 40;

/// How many duties a need of theirs has at most.
const CARD_DUTIES_MAX: usize = 20;

/// How many segments a timeline of theirs has at most, the latest.
const CARD_SEGMENTS_MAX: usize = 60;

/// Counts, and the worst patients in full.
#[derive(Debug, Default)]
pub struct Summary {
    /// Persons in the records.
    pub persons: u64,
    /// Persons with a need that is open.
    pub persons_with_needs: u64,
    /// Persons by their worst finding that nobody decided about: fell, blank, watch.
    pub persons_by_heading: [u64; 3],
    /// Persons with a finding under *fell*, decided about or not.
    pub persons_fell: u64,
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
    /// The cases behind the figures, where they are wanted.
    pub(crate) cases: Cases,
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
    /// Their findings, the worst first, those that people decided about last.
    pub findings: Vec<CardFinding>,
    /// How many findings there is no room for here.
    pub findings_left_out: usize,
    /// Their needs: those with findings first, then those that are open, then by name.
    pub needs: Vec<CardNeed>,
    /// How many needs there is no room for here.
    pub needs_left_out: usize,
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
    /// When it opened.
    pub start: Option<Instant>,
    /// When it closed, where it did or will.
    pub end: Option<Instant>,
    /// Whether it is open as of the instant of judgement.
    pub is_open: bool,
    /// Its duties: *overall*, then by name.
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
        let findings = view.findings();
        let undecided = |found: &&Found| frame.decision(view, **found).is_none();
        let rank = View::rank(findings.iter().filter(undecided).map(|found| found.finding));
        let of = Of { view, rank, who: OnceCell::new() };
        let is_open = |need: &&JudgedNeed| need.open.holds(frame.as_of);
        let mut has_needs = false;
        for need in view.judgement.needs.iter().filter(is_open) {
            has_needs = true;
            self.need(&of, need, frame);
        }
        self.persons_with_needs += u64::from(has_needs);
        self.persons_fell += u64::from(findings.iter().any(|found| found.finding.heading() == Heading::Fell));
        for found in &findings {
            self.finding(&of, *found, frame);
        }
        let Some(rank) = rank else { return };
        let heading = rank.heading() as usize;
        if let Some(count) = self.persons_by_heading.get_mut(heading) {
            *count += 1;
        }
        if frame.lists != Lists::None {
            let worst =
                findings.iter().filter(undecided).min_by_key(|found| (found.finding.rank(), found.finding.since));
            let key = Key::new(Some(rank), &view.judgement.person, None, None, "");
            worst.into_iter().for_each(|worst| {
                self.cases.add(&[Figure::Heading(heading)], &key, || {
                    let further = findings.iter().filter(undecided).count() - 1;
                    Case { further, ..of_finding(&of, *worst, frame) }
                });
            });
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

    /// Takes an open need in.
    fn need<'v>(&mut self, of: &Of<'v>, need: &'v JudgedNeed, frame: &Frame) {
        self.needs += 1;
        let is_blank = |finding: &answerable_care::Finding| finding.heading() == Heading::Blank;
        self.needs_blank += u64::from(need.judgement.findings.iter().any(is_blank));
        for (duty, name) in need.judgement.duties.iter().zip(&need.duties) {
            let Some(now) = &duty.timeline.now else { continue };
            let place = now.verdict as usize;
            if let Some(count) = self.verdicts.get_mut(place) {
                *count += 1;
            }
            let organizations = organizations(of.view, &now.holders);
            for organization in &organizations {
                self.count_of(organization, |counts| {
                    counts.verdicts.get_mut(place).into_iter().for_each(|count| *count += 1);
                });
            }
            if frame.lists != Lists::Kept {
                continue;
            }
            let of_organization = |&name: &&'v str| Figure::Duty(name, now.verdict);
            let figures = std::iter::once(Figure::Verdict(place)).chain(organizations.iter().map(of_organization));
            let key = Key::new(of.rank, &of.view.judgement.person, Some(&need.name), Some(name), now.verdict.as_str());
            self.cases.add(&figures.collect::<Vec<_>>(), &key, || {
                let case = key.case(of.who(), need.title.as_deref(), &standing(of.view, now, frame));
                Case { severity: now.verdict.severity(), ..case }
            });
        }
    }

    /// Counts something of an organisation.
    fn count_of(&mut self, name: &str, count: impl FnOnce(&mut OrganizationCounts)) {
        // A name is only made for an organisation that isn't known yet.
        match self.organizations.get_mut(name) {
            Some(counts) => count(counts),
            None => count(self.organizations.entry(name.to_owned()).or_default()),
        }
    }

    fn finding(&mut self, of: &Of, found: Found, frame: &Frame) {
        let (view, finding) = (of.view, found.finding);
        *self.findings.entry((finding.kind.as_str(), finding.severity)).or_default() += 1;
        if let Some(count) = self.severities.get_mut(finding.severity as usize) {
            *count += 1;
        }
        let decision = frame.decision(view, found);
        if let Some(decision) = decision
            && let Some(count) = self.decided.get_mut(decision.state as usize)
        {
            *count += 1;
        }
        if frame.marks.has_earlier()
            && let Some(change) = frame.marks.change(id(view, found))
            && let Some(count) = self.changes.get_mut(change as usize)
        {
            *count += 1;
        }
        let (from, pairs) = if finding.heading() == Heading::Fell {
            let from = organizations(view, &finding.holders);
            let pairs = boundaries(view, found, &from);
            (from, pairs)
        } else {
            (Vec::new(), Vec::new())
        };
        for organization in &from {
            self.count_of(organization, |counts| counts.fell += 1);
        }
        for (from, to) in &pairs {
            *self.boundaries.entry(((*from).to_owned(), (*to).to_owned())).or_default() += 1;
        }
        let mut figures: Vec<Figure> = decision.map(|_| Figure::Decided).into_iter().collect();
        if frame.lists == Lists::Kept {
            figures.push(Figure::Finding(finding.kind.as_str(), finding.severity));
            figures.extend(from.iter().map(|name| Figure::FellFrom(name)));
            figures.extend(pairs.iter().map(|(from, to)| Figure::Boundary(from, to)));
        }
        if frame.lists != Lists::None && !figures.is_empty() {
            self.cases.add(&figures, &key(of, found), || of_finding(of, found, frame));
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
        self.persons_fell += other.persons_fell;
        self.cases.merge(other.cases);
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

/// What the figures of one person need.
struct Of<'v> {
    view: View<'v>,
    rank: Option<Rank>,
    who: OnceCell<Arc<Who>>,
}

impl Of<'_> {
    /// The person, made when the first of their cases is.
    fn who(&self) -> Arc<Who> {
        let judgement = self.view.judgement;
        Arc::clone(self.who.get_or_init(|| {
            let shown = &judgement.shown;
            let shown = PersonShown {
                name: shown.name.as_deref().map(clip),
                birth_date: shown.birth_date.as_deref().map(clip),
                nhs_number: shown.nhs_number.as_deref().map(clip),
                is_inactive: shown.is_inactive,
                records: Vec::new(),
            };
            Arc::new(Who { name: judgement.person.clone(), shown })
        }))
    }
}

fn key<'v>(of: &Of<'v>, found: Found<'v>) -> Key<'v> {
    let need = found.need.map(|need| need.name.as_str());
    Key::new(of.rank, &of.view.judgement.person, need, found.duty, found.finding.kind.as_str())
}

fn of_finding(of: &Of, found: Found, frame: &Frame) -> Case {
    let sentence = sentence::message(of.view, found, frame.as_of, frame.calendar, Naming::People);
    let title = found.need.and_then(|need| need.title.as_deref());
    let id = id(of.view, found);
    Case {
        severity: Some(found.finding.severity),
        id: Some(id),
        change: frame.marks.change(id),
        decision: frame.marks.decision(id).cloned(),
        ..key(of, found).case(of.who(), title, &sentence)
    }
}

/// Who decides a verdict, and since when.
fn standing(view: View, now: &answerable_care::Standing, frame: &Frame) -> String {
    let people: Vec<String> = view.shown_holders(&now.holders).into_iter().map(sentence::person).collect();
    let people = if people.is_empty() { "nobody".to_owned() } else { sentence::join(&people) };
    match now.since.known() {
        Some(since) => format!("{people}, since {}.", sentence::date(frame.calendar, since)),
        None => format!("{people}."),
    }
}

fn id(view: View, found: Found) -> u64 {
    finding_id(&view.judgement.person, found.need_name(), found.duty, found.finding.kind)
}

/// The organisations of holders, each once.
fn organizations<'v>(view: View<'v>, holders: &[answerable_care::Holder]) -> Vec<&'v str> {
    let mut all: Vec<&str> =
        holders.iter().filter_map(|&holder| view.holder(holder)?.organization.as_deref()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// From the organisations of the sender or last holder, to those of the receiver: to whom a referral is addressed, else
/// who decides now.
fn boundaries<'v>(view: View<'v>, found: Found, from: &[&'v str]) -> Vec<(&'v str, &'v str)> {
    let Some(need) = found.need else { return Vec::new() };
    let mut to = organizations(view, &need.receivers);
    if to.is_empty() {
        let duty = found.finding.duty.unwrap_or_default();
        let now = need.judgement.duties.get(duty).and_then(|duty| duty.timeline.now.as_ref());
        to = now.map(|now| organizations(view, &now.holders)).unwrap_or_default();
    }
    let pairs = from.iter().flat_map(|&from| to.iter().map(move |&to| (from, to)));
    pairs.filter(|(from, to)| from != to).collect()
}

fn card(view: View, rank: Rank, findings: &[Found], frame: &Frame) -> Card {
    let mut of_card: Vec<CardFinding> = findings.iter().map(|&found| card_finding(view, found, frame)).collect();
    of_card.sort_by_key(|finding| (finding.decision.is_some(), finding.rank, finding.since));
    let findings_left_out = of_card.len().saturating_sub(CARD_FINDINGS_MAX);
    of_card.truncate(CARD_FINDINGS_MAX);
    let mut needs: Vec<&JudgedNeed> = view.judgement.needs.iter().collect();
    // Stable: by name where nothing else tells.
    needs.sort_by_key(|need| {
        let worst = need.judgement.findings.iter().map(answerable_care::Finding::rank).min();
        (worst.is_none(), worst, !need.open.holds(frame.as_of))
    });
    let needs_left_out = needs.len().saturating_sub(CARD_NEEDS_MAX);
    needs.truncate(CARD_NEEDS_MAX);
    Card {
        rank,
        name: view.judgement.person.clone(),
        shown: view.judgement.shown.clone(),
        findings: of_card,
        findings_left_out,
        needs: needs.into_iter().map(|need| card_need(view, need, frame)).collect(),
        needs_left_out,
    }
}

fn people(view: View, holders: &[answerable_care::Holder]) -> Vec<String> {
    view.shown_holders(holders).into_iter().map(sentence::person).collect()
}

fn strings(view: View, evidence: &[Evidence]) -> Vec<String> {
    view.evidence(evidence).into_iter().map(str::to_owned).collect()
}

fn card_finding(view: View, found: Found, frame: &Frame) -> CardFinding {
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
        holders: people(view, &finding.holders),
        evidence: strings(view, &finding.evidence),
        change: frame.marks.change(id),
        decision: frame.marks.decision(id).cloned(),
    }
}

fn card_need(view: View, need: &JudgedNeed, frame: &Frame) -> CardNeed {
    let duty = |place: usize| {
        let (name, duty) = (need.duties.get(place)?, need.judgement.duties.get(place)?);
        let segments = &duty.timeline.segments;
        let latest = segments.iter().skip(segments.len().saturating_sub(CARD_SEGMENTS_MAX));
        let segments = latest.map(|segment| CardSegment {
            start: segment.interval.start.known(),
            end: segment.interval.end.known(),
            verdict: segment.verdict,
            basis: segment.basis,
            holders: people(view, &segment.holders),
            evidence: Vec::new(),
        });
        let now = duty.timeline.now.as_ref().map(|now| CardSegment {
            start: now.since.known(),
            end: None,
            verdict: now.verdict,
            basis: now.basis,
            holders: people(view, &now.holders),
            evidence: strings(view, &duty.evidence),
        });
        Some(CardDuty { name: name.clone(), segments: segments.collect(), now })
    };
    // The first is *overall*.
    let overall_first = std::iter::once(0).chain(View::duties(need).into_iter().filter(|place| *place > 0));
    CardNeed {
        name: need.name.clone(),
        title: need.title.clone(),
        kind: need.kind,
        start: need.open.start.known(),
        end: need.open.end.known(),
        is_open: need.open.holds(frame.as_of),
        duties: overall_first.filter_map(duty).take(CARD_DUTIES_MAX).collect(),
    }
}
