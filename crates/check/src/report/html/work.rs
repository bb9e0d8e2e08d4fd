//! The page for work: it names people, and every figure opens.

use askama::Template;

use answerable_care::{Heading, Verdict};

use super::about::{Listed, MethodShown, ReadingReport};
use super::figures::{self, Boundary, Figure, Findings, Organization, Piece, Places};
use super::people::{CardShown, Cards, CaseShown, DecisionShown, People};
use super::words::{self, number};
use crate::error::Error;
use crate::report::cases::clip;
use crate::report::marks::Earlier;
use crate::report::method::Method;
use crate::run::{Check, Outcome};

/// The page for work.
#[derive(Debug, Template)]
#[template(path = "work.html")]
pub(super) struct Work {
    headline: Headline,
    is_compared: bool,
    changes: [String; 2],
    fell: People,
    blank: People,
    watch: People,
    bar: Vec<Piece>,
    verdicts: Vec<Figure>,
    findings: Vec<Findings>,
    organizations: Places<Organization>,
    boundaries: Places<Boundary>,
    cards: Vec<CardShown>,
    cards_left_out: Option<String>,
    decided: Decided,
    resolved: Listed<Resolved>,
    resolved_count: String,
    reading: ReadingReport,
    method: MethodShown,
    events: Vec<(&'static str, &'static str)>,
    meanings: Vec<(&'static str, &'static str, &'static str)>,
}

/// The figures that matter.
#[derive(Debug)]
struct Headline {
    fell: String,
    is_one_fell: bool,
    fell_decided: Option<String>,
    blank: String,
    is_one_blank: bool,
    persons: String,
    persons_with_needs: String,
    needs: String,
    malformed: Option<String>,
    clashes: Option<String>,
}

/// What people decided.
#[derive(Debug)]
struct Decided {
    count: String,
    cases: Vec<CaseShown>,
    left_out: Option<String>,
    /// Decisions that ran out, by the id of their finding.
    expired: Vec<(String, DecisionShown)>,
    /// Decisions about findings that this run doesn't have.
    idle: Vec<(String, DecisionShown)>,
    /// Whether any of the three is there.
    is_any: bool,
}

/// A finding that only the earlier run had.
#[derive(Debug)]
struct Resolved {
    patient: String,
    need: String,
    word: String,
    message: String,
    id: String,
}

impl Work {
    pub(super) fn new(check: &Check, outcome: &Outcome, method: &Method) -> Result<Work, Error> {
        let (summary, calendar) = (&outcome.summary, &check.calendar);
        let shown = outcome.cards.get(..outcome.cards.len().min(super::CARDS_MAX)).unwrap_or_default();
        let cards = &Cards::new(shown);
        let people = |heading| People::under(heading, summary, cards);
        let ranked: u64 = summary.persons_by_heading.iter().sum();
        let left_out = ranked.saturating_sub(shown.len() as u64);
        let (resolved, resolved_count) = resolved(check)?;
        Ok(Work {
            headline: headline(outcome),
            is_compared: check.marks.has_earlier(),
            changes: summary.changes.map(number),
            fell: people(Heading::Fell),
            blank: people(Heading::Blank),
            watch: people(Heading::Watch),
            bar: figures::bar(summary.verdicts, number),
            verdicts: figures::verdicts(summary, cards),
            findings: figures::findings(summary, cards),
            organizations: figures::organizations(summary, cards),
            boundaries: figures::boundaries(summary, cards),
            cards: shown
                .iter()
                .enumerate()
                .map(|(index, card)| CardShown::new(index + 1, card, cards, check.as_of, calendar))
                .collect(),
            cards_left_out: (left_out > 0).then(|| number(left_out)),
            decided: decided(check, outcome, cards),
            resolved,
            resolved_count: number(resolved_count),
            reading: ReadingReport::new(&outcome.reading),
            method: MethodShown::new(method, calendar),
            events: words::EVENTS.map(|word| (word, words::finding(word))).to_vec(),
            meanings: Verdict::ALL
                .map(|verdict| {
                    let (says, does_not_mean) = words::verdict(verdict);
                    (verdict.as_str(), says, does_not_mean)
                })
                .to_vec(),
        })
    }
}

fn headline(outcome: &Outcome) -> Headline {
    let (summary, reading) = (&outcome.summary, &outcome.reading);
    let [fell_undecided, ..] = summary.persons_by_heading;
    let fell_decided = summary.persons_fell.saturating_sub(fell_undecided);
    let clashes = reading.clashes.len() as u64;
    Headline {
        fell: number(summary.persons_fell),
        is_one_fell: summary.persons_fell == 1,
        fell_decided: (fell_decided > 0).then(|| number(fell_decided)),
        blank: number(summary.needs_blank),
        is_one_blank: summary.needs_blank == 1,
        persons: words::counted(summary.persons, "person", "people"),
        persons_with_needs: number(summary.persons_with_needs),
        needs: words::counted(summary.needs, "open need", "open needs"),
        malformed: (reading.malformed_count > 0).then(|| number(reading.malformed_count)),
        clashes: (clashes > 0).then(|| number(clashes)),
    }
}

fn decided(check: &Check, outcome: &Outcome, cards: &Cards) -> Decided {
    let summary = &outcome.summary;
    let count: u64 = summary.decided.iter().sum();
    let cases: Vec<CaseShown> = summary.cases.decided.sorted().iter().map(|case| CaseShown::new(case, cards)).collect();
    let left_out = count.saturating_sub(cases.len() as u64);
    let expired: Vec<_> =
        check.marks.expired.iter().map(|(id, decision)| (id.clone(), DecisionShown::new(decision))).collect();
    let idle = check.marks.idle_decisions();
    let idle: Vec<_> = idle.into_iter().map(|(id, decision)| (id, DecisionShown::new(decision))).collect();
    Decided {
        is_any: count > 0 || !expired.is_empty() || !idle.is_empty(),
        count: words::counted(count, "finding", "findings"),
        cases,
        left_out: (left_out > 0).then(|| number(left_out)),
        expired,
        idle,
    }
}

/// How many findings only the earlier run had, and the first of them. They are read one by one, so all are gone
/// through and few are kept.
fn resolved(check: &Check) -> Result<(Listed<Resolved>, u64), Error> {
    let count = check.marks.resolved_count();
    let mut rows = Vec::new();
    check.marks.resolved(&mut |earlier: &Earlier| {
        if rows.len() < super::about::LISTED_MAX {
            rows.push(Resolved {
                patient: clip(earlier.patient_name.as_deref().unwrap_or(&earlier.patient)),
                need: clip(earlier.need_name.as_deref().or(earlier.need.as_deref()).unwrap_or_default()),
                word: clip(&earlier.finding),
                message: clip(&earlier.message),
                id: format!("{:016x}", earlier.id),
            });
        }
        Ok(())
    })?;
    Ok((Listed::new(rows.into_iter(), count), count))
}
