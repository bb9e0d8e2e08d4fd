//! The page for a board: from counts alone, so that no person can be recognised.
//!
//! No field here is made from a card or a case. Of what people wrote only the names of organisations and of sources
//! are in it: a boundary is between two organisations, and a board can't mend it without their names. Those with few
//! duties are put together, so that no name stands for one clinician.

use askama::Template;

use answerable_care::Verdict;

use super::about::{Counts, MethodShown};
use super::figures::{BY_HEADING, Piece, bar};
use super::words::{self, drawn, rounded, veiled};
use crate::report::cases::clip;
use crate::report::method::Method;
use crate::report::summary::Summary;
use crate::run::{Check, Outcome};

/// An organisation has a line of its own from so many open duties, a boundary from so many findings: what is shown as
/// a number and not as `*`.
const OWN_LINE_MIN: u64 = 8;

/// How many lines a table has.
const LINES_MAX: usize = 100;

/// The page for a board.
#[derive(Debug, Template)]
#[template(path = "board.html")]
pub(super) struct Board {
    fell: String,
    blank: String,
    persons: String,
    persons_with_needs: String,
    needs: String,
    by_heading: [String; 3],
    is_compared: bool,
    changes: [String; 2],
    resolved: String,
    is_decided: bool,
    decided: [String; 2],
    bar: Vec<Piece>,
    verdicts: Vec<(&'static str, String, &'static str)>,
    findings: Vec<(&'static str, Vec<Line>)>,
    organizations: Vec<Organization>,
    boundaries: Vec<Boundary>,
    counts: Counts,
    malformed: Option<String>,
    settings_changed: usize,
    method: MethodShown,
    meanings: Vec<(&'static str, &'static str, &'static str)>,
}

/// A finding.
#[derive(Debug)]
struct Line {
    word: &'static str,
    severity: &'static str,
    count: String,
    words: &'static str,
}

/// An organisation, or all small ones.
#[derive(Debug)]
struct Organization {
    /// None of the small ones.
    name: Option<String>,
    duties: String,
    fell: String,
    verdicts: Vec<(&'static str, String)>,
    bar: Vec<Piece>,
}

/// A boundary, or all small ones.
#[derive(Debug)]
struct Boundary {
    /// From and to; none of the small ones.
    names: Option<(String, String)>,
    count: String,
}

impl Board {
    pub(super) fn new(check: &Check, outcome: &Outcome, method: &Method) -> Board {
        let (summary, reading) = (&outcome.summary, &outcome.reading);
        let line = |&(word, severity): &(&'static str, answerable_care::Severity)| Line {
            word,
            severity: severity.as_str(),
            count: veiled(summary.findings.get(&(word, severity)).copied().unwrap_or_default()),
            words: words::finding(word),
        };
        let verdicts = Verdict::ALL.into_iter().zip(summary.verdicts);
        Board {
            fell: veiled(summary.persons_fell),
            blank: veiled(summary.needs_blank),
            persons: veiled(summary.persons),
            persons_with_needs: veiled(summary.persons_with_needs),
            needs: veiled(summary.needs),
            by_heading: summary.persons_by_heading.map(veiled),
            is_compared: check.marks.has_earlier(),
            changes: summary.changes.map(veiled),
            resolved: veiled(check.marks.resolved_count()),
            is_decided: summary.decided.iter().any(|count| *count > 0),
            decided: summary.decided.map(veiled),
            bar: bar(summary.verdicts.map(drawn), veiled),
            verdicts: verdicts
                .map(|(verdict, count)| (verdict.as_str(), veiled(count), words::verdict(verdict).0))
                .collect(),
            findings: BY_HEADING.iter().map(|(heading, kinds)| (*heading, kinds.iter().map(line).collect())).collect(),
            organizations: organizations(summary),
            boundaries: boundaries(summary),
            counts: Counts::new(reading, veiled),
            malformed: (reading.malformed_count > 0).then(|| veiled(reading.malformed_count)),
            settings_changed: method.configuration.len(),
            method: MethodShown::new(method, &check.calendar).without_paths(),
            meanings: Verdict::ALL
                .map(|verdict| {
                    let (says, does_not_mean) = words::verdict(verdict);
                    (verdict.as_str(), says, does_not_mean)
                })
                .to_vec(),
        }
    }
}

/// By how many fell, as they are shown: an order by the true counts would tell more than they do.
fn organizations(summary: &Summary) -> Vec<Organization> {
    let duties = |verdicts: &[u64; 7]| verdicts.iter().sum::<u64>();
    let is_large = |verdicts: &[u64; 7]| duties(verdicts) >= OWN_LINE_MIN;
    let all = summary.organizations.iter();
    let mut large: Vec<_> = all.clone().filter(|(_, counts)| is_large(&counts.verdicts)).collect();
    large.sort_by_key(|(_, counts)| std::cmp::Reverse((rounded(counts.fell), rounded(duties(&counts.verdicts)))));
    let beyond = large.split_off(large.len().min(LINES_MAX));
    let mut rest = crate::report::summary::OrganizationCounts::default();
    let mut has_rest = false;
    for (_, counts) in all.filter(|(_, counts)| !is_large(&counts.verdicts)).chain(beyond) {
        has_rest = true;
        rest.fell += counts.fell;
        rest.verdicts.iter_mut().zip(counts.verdicts).for_each(|(to, from)| *to += from);
    }
    let organization = |name: Option<String>, counts: &crate::report::summary::OrganizationCounts| Organization {
        name,
        duties: veiled(duties(&counts.verdicts)),
        fell: veiled(counts.fell),
        verdicts: Verdict::ALL
            .into_iter()
            .zip(counts.verdicts)
            .filter(|(_, count)| *count > 0)
            .map(|(verdict, count)| (verdict.as_str(), veiled(count)))
            .collect(),
        bar: bar(counts.verdicts.map(drawn), veiled),
    };
    let mut lines: Vec<Organization> =
        large.into_iter().map(|(name, counts)| organization(Some(clip(name)), counts)).collect();
    if has_rest {
        lines.push(organization(None, &rest));
    }
    lines
}

fn boundaries(summary: &Summary) -> Vec<Boundary> {
    let mut large: Vec<_> = summary.boundaries.iter().filter(|(_, count)| **count >= OWN_LINE_MIN).collect();
    large.sort_by_key(|(_, count)| std::cmp::Reverse(rounded(**count)));
    large.truncate(LINES_MAX);
    let rest = summary.boundaries.values().sum::<u64>() - large.iter().map(|(_, count)| **count).sum::<u64>();
    let mut lines: Vec<Boundary> = large
        .into_iter()
        .map(|((from, to), count)| Boundary { names: Some((clip(from), clip(to))), count: veiled(*count) })
        .collect();
    if rest > 0 {
        lines.push(Boundary { names: None, count: veiled(rest) });
    }
    lines
}
