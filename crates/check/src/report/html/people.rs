//! Patients, worst first: in a sentence, as a case of a figure, and in full.

use std::collections::HashMap;

use answerable_care::{Heading, Instant};
use answerable_fhir::{Calendar, PersonShown};

use super::picture::Picture;
use super::words::{self, number};
use crate::report::cases::{Case, Pile, clip};
use crate::report::marks::Decision;
use crate::report::sentence;
use crate::report::summary::{Card, CardFinding, Summary};
use crate::report::text::FELL_MAX;

/// How many resources of evidence a finding names.
const EVIDENCE_MAX: usize = 12;

/// Which patients the page shows in full, by name, and where.
#[derive(Debug)]
pub(super) struct Cards<'c>(HashMap<&'c str, usize>);

impl<'c> Cards<'c> {
    pub(super) fn new(cards: &'c [Card]) -> Cards<'c> {
        Cards(cards.iter().enumerate().map(|(index, card)| (card.name.as_str(), index + 1)).collect())
    }
}

/// A patient as people know them.
#[derive(Debug)]
pub(super) struct Person {
    /// Their name, else that of their record.
    pub(super) name: String,
    /// As rows print it.
    pub(super) record: String,
    pub(super) birth_date: Option<String>,
    pub(super) nhs_number: Option<String>,
    pub(super) is_inactive: bool,
    /// The number of their card, where the page has it.
    pub(super) card: Option<usize>,
}

impl Person {
    fn new(record: &str, shown: &PersonShown, cards: &Cards) -> Person {
        Person {
            name: clip(shown.name.as_deref().unwrap_or(record)),
            record: clip(record),
            birth_date: shown.birth_date.as_deref().map(|date| clip(&sentence::written_date(date))),
            nhs_number: shown.nhs_number.as_deref().map(|number| clip(&sentence::nhs_number(number))),
            is_inactive: shown.is_inactive,
            card: cards.0.get(record).copied(),
        }
    }
}

/// What was decided.
#[derive(Debug)]
pub(super) struct DecisionShown {
    pub(super) state: &'static str,
    pub(super) why: String,
    pub(super) by: String,
    pub(super) until: String,
}

impl DecisionShown {
    pub(super) fn new(decision: &Decision) -> DecisionShown {
        DecisionShown {
            state: decision.state.as_str(),
            why: clip(&decision.why),
            by: clip(&decision.by),
            until: clip(&sentence::written_date(&decision.until)),
        }
    }
}

/// A case of a figure.
#[derive(Debug)]
pub(super) struct CaseShown {
    pub(super) person: Person,
    pub(super) need: Option<String>,
    /// None of *overall*.
    pub(super) duty: Option<String>,
    pub(super) word: &'static str,
    pub(super) severity: &'static str,
    pub(super) sentence: String,
    pub(super) id: Option<String>,
    /// How many more findings the patient has.
    pub(super) further: Option<String>,
    pub(super) change: Option<&'static str>,
    pub(super) decision: Option<DecisionShown>,
}

impl CaseShown {
    pub(super) fn new(case: &Case, cards: &Cards) -> CaseShown {
        CaseShown {
            person: Person::new(&case.who.name, &case.who.shown, cards),
            need: case.need_title.clone().or_else(|| case.need.clone()),
            duty: case.duty.clone().filter(|duty| duty != "overall"),
            word: case.word,
            severity: words::severity(case.severity),
            sentence: case.sentence.clone(),
            id: case.id.map(|id| format!("{id:016x}")),
            further: (case.further > 0).then(|| words::counted(case.further as u64, "more finding", "more findings")),
            change: case.change.map(crate::report::marks::Change::as_str),
            decision: case.decision.as_ref().map(DecisionShown::new),
        }
    }
}

/// The patients under a heading.
#[derive(Debug)]
pub(super) struct People {
    pub(super) count: String,
    pub(super) is_one: bool,
    /// What one person can work through first.
    pub(super) first: Vec<CaseShown>,
    pub(super) more: Vec<CaseShown>,
    pub(super) left_out: Option<String>,
}

impl People {
    pub(super) fn under(heading: Heading, summary: &Summary, cards: &Cards) -> People {
        let place = heading as usize;
        let count = summary.persons_by_heading.get(place).copied().unwrap_or_default();
        let cases = summary.cases.headings.get(place).map(Pile::sorted).unwrap_or_default();
        let mut first: Vec<CaseShown> = cases.iter().map(|case| CaseShown::new(case, cards)).collect();
        let more = first.split_off(first.len().min(FELL_MAX));
        let left_out = count.saturating_sub((first.len() + more.len()) as u64);
        People {
            count: number(count),
            is_one: count == 1,
            first,
            more,
            left_out: (left_out > 0).then(|| number(left_out)),
        }
    }
}

/// A patient in full.
#[derive(Debug)]
pub(super) struct CardShown {
    pub(super) number: usize,
    pub(super) person: Person,
    pub(super) findings: Vec<FindingShown>,
    pub(super) findings_left_out: Option<String>,
    pub(super) picture: Picture,
}

/// A finding in full.
#[derive(Debug)]
pub(super) struct FindingShown {
    pub(super) word: &'static str,
    pub(super) severity: &'static str,
    pub(super) need: Option<String>,
    pub(super) sentence: String,
    pub(super) id: String,
    pub(super) evidence: String,
    pub(super) change: Option<&'static str>,
    pub(super) decision: Option<DecisionShown>,
}

impl CardShown {
    pub(super) fn new(number: usize, card: &Card, cards: &Cards, as_of: Instant, calendar: &Calendar) -> CardShown {
        CardShown {
            number,
            person: Person::new(&card.name, &card.shown, cards),
            findings: card.findings.iter().map(finding).collect(),
            findings_left_out: (card.findings_left_out > 0).then(|| words::number(card.findings_left_out as u64)),
            picture: Picture::new(card, as_of, calendar),
        }
    }
}

fn finding(finding: &CardFinding) -> FindingShown {
    let further = finding.evidence.len().saturating_sub(EVIDENCE_MAX);
    let mut evidence = finding.evidence.iter().take(EVIDENCE_MAX).map(|name| clip(name)).collect::<Vec<_>>().join(", ");
    if further > 0 {
        evidence = format!("{evidence} and {} more", number(further as u64));
    }
    FindingShown {
        word: finding.kind.as_str(),
        severity: finding.severity.as_str(),
        need: finding.need_title.as_deref().or(finding.need.as_deref()).map(clip),
        sentence: clip(&finding.sentence),
        id: format!("{:016x}", finding.id),
        evidence,
        change: finding.change.map(crate::report::marks::Change::as_str),
        decision: finding.decision.as_ref().map(DecisionShown::new),
    }
}
