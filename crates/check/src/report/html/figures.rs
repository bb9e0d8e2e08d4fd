//! Counts, each with the list of its cases: nobody is averaged away.

use std::collections::BTreeMap;

use answerable_care::{Severity, Verdict};

use super::people::{Cards, CaseShown};
use super::words::{self, number};
use crate::report::cases::{Case, Pile, clip};
use crate::report::summary::{OrganizationCounts, Summary};

/// How many organisations, and how many boundaries, the page has.
pub(super) const PLACES_MAX: usize = 100;

/// How many cases all organisations of the page together list, and all boundaries: what a browser opens at once.
const CASES_OF_PLACES_MAX: usize = 6_000;

/// A count that opens into its cases.
#[derive(Debug)]
pub(super) struct Figure {
    /// The verdict or the finding.
    pub(super) word: &'static str,
    pub(super) severity: &'static str,
    pub(super) count: String,
    /// What the word says.
    pub(super) words: &'static str,
    pub(super) cases: Vec<CaseShown>,
    /// How many more there are.
    pub(super) left_out: Option<String>,
}

impl Figure {
    fn new(word: &'static str, severity: Option<Severity>, count: u64, cases: &[&Case], cards: &Cards) -> Figure {
        let cases: Vec<CaseShown> = cases.iter().map(|case| CaseShown::new(case, cards)).collect();
        let left_out = count.saturating_sub(cases.len() as u64);
        Figure {
            word,
            severity: words::severity(severity),
            count: number(count),
            words: words::finding(word),
            cases,
            left_out: (left_out > 0).then(|| number(left_out)),
        }
    }
}

/// A piece of a bar that shows shares.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) word: &'static str,
    pub(super) at: f64,
    pub(super) width: f64,
    /// Empty where there is no room for it.
    pub(super) label: String,
}

/// The pieces of a bar, by verdict.
pub(super) fn bar(counts: [u64; 7], write: fn(u64) -> String) -> Vec<Piece> {
    let total = counts.iter().sum::<u64>().max(1) as f64;
    let mut before = 0;
    let mut pieces = Vec::new();
    for (verdict, count) in Verdict::ALL.into_iter().zip(counts) {
        let (at, width) = (before as f64 / total * 100.0, count as f64 / total * 100.0);
        before += count;
        if count > 0 {
            let word = verdict.as_str();
            let label = if width >= 12.0 { format!("{word} {}", write(count)) } else { String::new() };
            let places = |value: f64| (value * 100.0).round() / 100.0;
            pieces.push(Piece { word, at: places(at), width: places(width), label });
        }
    }
    pieces
}

/// Open duties by verdict.
pub(super) fn verdicts(summary: &Summary, cards: &Cards) -> Vec<Figure> {
    let all = Verdict::ALL.into_iter().zip(summary.verdicts).zip(&summary.cases.verdicts);
    all.map(|((verdict, count), pile)| Figure {
        words: words::verdict(verdict).0,
        ..Figure::new(verdict.as_str(), verdict.severity(), count, &pile.sorted(), cards)
    })
    .collect()
}

/// Findings of one heading.
#[derive(Debug)]
pub(super) struct Findings {
    pub(super) heading: &'static str,
    pub(super) count: String,
    pub(super) figures: Vec<Figure>,
}

/// The order of findings, the worst first, by heading: 2-check's *worst first*.
pub(super) const BY_HEADING: [(&str, &[(&str, Severity)]); 3] = [
    (
        "Fell through",
        &[
            ("cliff-edge", Severity::Error),
            ("orphaned", Severity::Error),
            ("in-flight", Severity::Error),
            ("lapsed", Severity::Error),
            ("contested", Severity::Error),
            ("ageing-out", Severity::Error),
        ],
    ),
    (
        "Nobody is recorded",
        &[("unheld", Severity::Error), ("unnamed", Severity::Warning), ("leaderless", Severity::Warning)],
    ),
    (
        "To watch",
        &[
            ("in-flight", Severity::Warning),
            ("expiring", Severity::Warning),
            ("ageing-out", Severity::Warning),
            ("stranger", Severity::Warning),
            ("silent", Severity::Warning),
            ("assumed", Severity::Note),
            ("voiceless", Severity::Note),
        ],
    ),
];

/// Findings by heading and word.
pub(super) fn findings(summary: &Summary, cards: &Cards) -> Vec<Findings> {
    let count = |figure: &(&'static str, Severity)| summary.findings.get(figure).copied().unwrap_or_default();
    let figure = |figure: &(&'static str, Severity)| {
        let cases = summary.cases.findings.get(figure).map(Pile::sorted).unwrap_or_default();
        Figure::new(figure.0, Some(figure.1), count(figure), &cases, cards)
    };
    BY_HEADING
        .iter()
        .map(|(heading, kinds)| Findings {
            heading,
            count: number(kinds.iter().map(count).sum()),
            figures: kinds.iter().map(figure).collect(),
        })
        .collect()
}

/// An organisation.
#[derive(Debug)]
pub(super) struct Organization {
    pub(super) name: String,
    pub(super) duties: String,
    pub(super) fell: String,
    pub(super) bar: Vec<Piece>,
    /// Those that aren't nought.
    pub(super) figures: Vec<Figure>,
}

/// A boundary between two organisations.
#[derive(Debug)]
pub(super) struct Boundary {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) figure: Figure,
}

/// The first of a list, and how many more there are.
#[derive(Debug)]
pub(super) struct Places<T> {
    pub(super) places: Vec<T>,
    pub(super) left_out: Option<String>,
}

impl<T> Places<T> {
    pub(super) fn new(places: Vec<T>, count: usize) -> Places<T> {
        let left_out = count.saturating_sub(places.len()) as u64;
        Places { places, left_out: (left_out > 0).then(|| number(left_out)) }
    }
}

/// Organisations, the one that most fell from first; then by how much isn't held there.
pub(super) fn worst_organizations(
    organizations: &BTreeMap<String, OrganizationCounts>,
) -> Vec<(&String, &OrganizationCounts)> {
    let mut all: Vec<_> = organizations.iter().collect();
    all.sort_by_key(|(_, counts)| {
        let [held, others @ ..] = counts.verdicts;
        std::cmp::Reverse((counts.fell, others.iter().sum::<u64>(), held))
    });
    all.truncate(PLACES_MAX);
    all
}

/// Boundaries, the one with the most cases first.
pub(super) fn worst_boundaries(boundaries: &BTreeMap<(String, String), u64>) -> Vec<(&(String, String), u64)> {
    let mut all: Vec<_> = boundaries.iter().map(|(boundary, count)| (boundary, *count)).collect();
    all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    all.truncate(PLACES_MAX);
    all
}

/// How many cases each of so many figures lists, so that all together are no more than a page can take.
fn cases_each(counts: impl Iterator<Item = usize> + Clone) -> usize {
    let mut cases_max = crate::report::cases::CASES_MAX;
    while cases_max > 0 && counts.clone().map(|count| count.min(cases_max)).sum::<usize>() > CASES_OF_PLACES_MAX {
        cases_max /= 2;
    }
    cases_max
}

/// An organisation with the cases of its figures: fell, and by verdict, the worst first.
struct WithCases<'s> {
    name: &'s str,
    counts: &'s OrganizationCounts,
    fell: Vec<&'s Case>,
    verdicts: Vec<(Verdict, Vec<&'s Case>)>,
}

impl<'s> WithCases<'s> {
    fn new(summary: &'s Summary, name: &'s str, counts: &'s OrganizationCounts) -> WithCases<'s> {
        let of_verdict = |verdict: Verdict| (verdict, summary.cases.duties.sorted(name, &verdict));
        WithCases {
            name,
            counts,
            fell: summary.cases.fell_from.sorted(name, &()),
            verdicts: Verdict::ALL.into_iter().rev().map(of_verdict).collect(),
        }
    }

    fn case_counts(&self) -> impl Iterator<Item = usize> + Clone {
        std::iter::once(self.fell.len()).chain(self.verdicts.iter().map(|(_, cases)| cases.len()))
    }

    fn shown(&self, cases_max: usize, cards: &Cards) -> Organization {
        let first = |cases: &[&'s Case]| cases.iter().take(cases_max).copied().collect::<Vec<_>>();
        let of_verdict = |(verdict, cases): &(Verdict, Vec<&'s Case>)| {
            let count = self.counts.verdicts.get(*verdict as usize).copied().unwrap_or_default();
            (verdict.as_str(), count, first(cases))
        };
        let fell = ("fell through", self.counts.fell, first(&self.fell));
        let all = std::iter::once(fell).chain(self.verdicts.iter().map(of_verdict)).filter(|(_, count, _)| *count > 0);
        Organization {
            name: clip(self.name),
            duties: words::counted(self.counts.verdicts.iter().sum(), "duty", "duties"),
            fell: words::counted(self.counts.fell, "finding of fell through", "findings of fell through"),
            bar: bar(self.counts.verdicts, number),
            figures: all.map(|(word, count, cases)| Figure::new(word, None, count, &cases, cards)).collect(),
        }
    }
}

/// By organisation.
pub(super) fn organizations(summary: &Summary, cards: &Cards) -> Places<Organization> {
    let worst = worst_organizations(&summary.organizations).into_iter();
    let all: Vec<WithCases> = worst.map(|(name, counts)| WithCases::new(summary, name, counts)).collect();
    let cases_max = cases_each(all.iter().flat_map(WithCases::case_counts));
    Places::new(all.iter().map(|place| place.shown(cases_max, cards)).collect(), summary.organizations.len())
}

/// By boundary.
pub(super) fn boundaries(summary: &Summary, cards: &Cards) -> Places<Boundary> {
    let with = |(boundary, count): (&(String, String), u64)| {
        let cases = summary.cases.boundaries.sorted(&boundary.0, boundary.1.as_str());
        (boundary.clone(), count, cases)
    };
    let all: Vec<_> = worst_boundaries(&summary.boundaries).into_iter().map(with).collect();
    let cases_max = cases_each(all.iter().map(|(_, _, cases)| cases.len()));
    let boundary = |((from, to), count, cases): &((String, String), u64, Vec<&Case>)| Boundary {
        from: clip(from),
        to: clip(to),
        figure: Figure::new(
            "fell through",
            None,
            *count,
            cases.get(..cases.len().min(cases_max)).unwrap_or_default(),
            cards,
        ),
    };
    Places::new(all.iter().map(boundary).collect(), summary.boundaries.len())
}
