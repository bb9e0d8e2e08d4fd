//! What was found about a person, as rows and pages need it: names instead of numbers, in the order of rows.

use answerable_care::{Evidence, Finding, Heading, Holder, Instant, Kind, Rule, Severity, Verdict};
use answerable_fhir::{HolderShown, JudgedNeed, PersonJudgement};

/// A person's findings in the order of rows, and names for numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'v> {
    pub(crate) judgement: &'v PersonJudgement,
}

/// A finding with what it is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found<'v> {
    pub(crate) need: Option<&'v JudgedNeed>,
    pub(crate) duty: Option<&'v str>,
    pub(crate) finding: &'v Finding,
}

impl Found<'_> {
    /// The need's name, none of a finding of a patient.
    pub(crate) fn need_name(&self) -> Option<&str> {
        self.need.map(|need| need.name.as_str())
    }
}

impl<'v> View<'v> {
    pub(crate) fn new(judgement: &'v PersonJudgement) -> View<'v> {
        View { judgement }
    }

    /// All findings: by need, duty, finding, as bytes, none first.
    pub(crate) fn findings(&self) -> Vec<Found<'v>> {
        let of_person = self.judgement.findings.iter().map(|finding| Found { need: None, duty: None, finding });
        let of_needs = self.judgement.needs.iter().flat_map(|need| {
            need.judgement.findings.iter().map(move |finding| Found {
                need: Some(need),
                duty: finding.duty.and_then(|duty| need.duties.get(duty)).map(String::as_str),
                finding,
            })
        });
        let mut findings: Vec<Found> = of_person.chain(of_needs).collect();
        findings.sort_by(|one, other| {
            let key = |found: &Found<'v>| {
                (found.need.map(|need| need.name.as_str()), found.duty, found.finding.kind.as_str())
            };
            key(one).cmp(&key(other))
        });
        findings
    }

    /// The places of a need's duties, in order of their names.
    pub(crate) fn duties(need: &JudgedNeed) -> Vec<usize> {
        let mut order: Vec<usize> = (0..need.duties.len()).collect();
        order.sort_by_key(|&duty| need.duties.get(duty));
        order
    }

    pub(crate) fn holder(&self, holder: Holder) -> Option<&'v HolderShown> {
        self.judgement.holders.get(holder.0 as usize)
    }

    /// Sorted names of holders.
    pub(crate) fn holders(&self, holders: &[Holder]) -> Vec<&'v str> {
        let mut names: Vec<&str> =
            holders.iter().filter_map(|&holder| self.holder(holder)).map(|shown| shown.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Holders in order of their names.
    pub(crate) fn shown_holders(&self, holders: &[Holder]) -> Vec<&'v HolderShown> {
        let mut shown: Vec<&HolderShown> = holders.iter().filter_map(|&holder| self.holder(holder)).collect();
        shown.sort_by(|one, other| one.name.cmp(&other.name));
        shown
    }

    /// Sorted names of evidence.
    pub(crate) fn evidence(&self, evidence: &[Evidence]) -> Vec<&'v str> {
        let names = evidence.iter().filter_map(|evidence| self.judgement.evidence.get(evidence.0 as usize));
        let mut names: Vec<&str> = names.map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Where a person with these findings stands among all, worst first; none without any.
    pub(crate) fn rank<'f>(findings: impl Iterator<Item = &'f Finding> + Clone) -> Option<Rank> {
        let worst = findings.clone().map(Finding::rank).min()?;
        let count = |heading: Heading| findings.clone().filter(|finding| finding.heading() == heading).count();
        Some(Rank {
            worst,
            fell: std::cmp::Reverse(count(Heading::Fell)),
            blank: std::cmp::Reverse(count(Heading::Blank)),
            since: findings.filter(|finding| finding.rank() == worst).map(|finding| finding.since).min().flatten(),
        })
    }
}

/// Worst first: the worst finding, how many *fell*, how many are *blank*, the earliest since of the worst (none first).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    pub(crate) worst: u8,
    fell: std::cmp::Reverse<usize>,
    blank: std::cmp::Reverse<usize>,
    since: Option<Instant>,
}

impl Rank {
    pub(crate) fn heading(&self) -> Heading {
        match self.worst {
            0..=5 => Heading::Fell,
            6..=8 => Heading::Blank,
            _ => Heading::Watch,
        }
    }
}

/// Names of rules.
pub(crate) fn rules(rules: &[Rule]) -> Vec<&'static str> {
    rules.iter().map(|rule| rule.as_str()).collect()
}

/// The id of a finding: of its patient, need, duty and kind, the same from run to run. FNV-1a of 64 bits
/// (<http://www.isthe.com/chongo/tech/comp/fnv/>): known, short, and not going to change under us.
pub(crate) fn finding_id(patient: &str, need: Option<&str>, duty: Option<&str>, kind: Kind) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut take = |part: Option<&str>| {
        // A part that isn't there differs from an empty one.
        let bytes =
            part.map_or(&[][..], str::as_bytes).iter().chain(if part.is_some() { &[0xff][..] } else { &[0xfe] });
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    take(Some(patient));
    take(need);
    take(duty);
    take(Some(kind.as_str()));
    hash
}

/// A severity's and a verdict's word, where there is one.
pub(crate) fn word(severity: Option<Severity>) -> Option<&'static str> {
    severity.map(Severity::as_str)
}

/// The severity of a verdict.
pub(crate) fn severity(verdict: Verdict) -> Option<&'static str> {
    word(verdict.severity())
}
