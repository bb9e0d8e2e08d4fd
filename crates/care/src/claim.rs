//! A claim: this holder, for this duty, over this interval, on this basis.

use crate::time::{Instant, Interval};

/// How strong the evidence is; the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Basis {
    /// A named person accepted (C1).
    Accepted,
    /// Recorded as the one in charge (C2, C3, C3a).
    Lead,
    /// In charge of an encounter under way (C4).
    Attending,
    /// On the team, not in charge of it (C5).
    Member,
    /// Wrote the plan (C3b).
    Author,
    /// Sent the referral, and nobody took it yet (C6).
    Sender,
    /// On the register (C7, C7a).
    Registered,
    /// The last who saw the patient about it (C8).
    LastSeen,
    /// Not a person (C9).
    Organisation,
}

impl Basis {
    /// All of them, the strongest first.
    pub const ALL: [Basis; 9] = [
        Basis::Accepted,
        Basis::Lead,
        Basis::Attending,
        Basis::Member,
        Basis::Author,
        Basis::Sender,
        Basis::Registered,
        Basis::LastSeen,
        Basis::Organisation,
    ];

    /// The word that rows carry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Basis::Accepted => "accepted",
            Basis::Lead => "lead",
            Basis::Attending => "attending",
            Basis::Member => "member",
            Basis::Author => "author",
            Basis::Sender => "sender",
            Basis::Registered => "registered",
            Basis::LastSeen => "last-seen",
            Basis::Organisation => "organisation",
        }
    }

    /// Whether one person on this basis is *held* and several *contested* (verdict rule 2); on a
    /// weaker one it is *assumed* and *leaderless*.
    #[must_use]
    pub fn decides_held(self) -> bool {
        self <= Basis::Attending
    }
}

/// The rule that a claim or a finding came by; in the order in which rows list them (as bytes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the numbers of docs/reference/rules.md are their documentation")]
pub enum Rule {
    C1,
    C2,
    C3,
    C3a,
    C3b,
    C4,
    C5,
    C6,
    C7,
    C7a,
    C8,
    C9,
    N1,
    N2,
}

impl Rule {
    /// The number that rows carry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Rule::C1 => "C1",
            Rule::C2 => "C2",
            Rule::C3 => "C3",
            Rule::C3a => "C3a",
            Rule::C3b => "C3b",
            Rule::C4 => "C4",
            Rule::C5 => "C5",
            Rule::C6 => "C6",
            Rule::C7 => "C7",
            Rule::C7a => "C7a",
            Rule::C8 => "C8",
            Rule::C9 => "C9",
            Rule::N1 => "N1",
            Rule::N2 => "N2",
        }
    }
}

/// A person (or, for an organisation claim, what stands in for one). Equal holders are one person;
/// the caller keeps their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Holder(pub u32);

/// A resource that shows something. The caller keeps their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Evidence(pub u32);

/// Whether a claim is on the whole need or on one duty of it alone (C3a).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// On the need, and so on each of its duties.
    Need,
    /// On the duty that it is given with, alone.
    Duty,
}

/// Where an attending claim was made: a visit ends within hours and its end is no cliff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// Not attending, or attending a stay (IMP, ACUTE, NONAC or OBSENC).
    Lasting,
    /// Attending an encounter of another class.
    Visit,
}

/// How a claim's end was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndWritten {
    /// As an instant, a month, a year, or not at all.
    Otherwise,
    /// As a day, which begins at this instant.
    AsDay(Instant),
}

/// Whether the verdicts know a claim as of the instant of judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knowledge {
    /// It and what links it began by then.
    Known,
    /// It or what links it starts later: only *expiring* looks at it.
    Foreseen,
}

/// A claim's place among those of one team (C7a): while one in an answerable role holds, those alone count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In no team that this matters for.
    Alone,
    /// In an answerable role of this team.
    Leads(u32),
    /// In another role of this team: doesn't count while one who leads it holds, lapsed or not.
    Yields(u32),
}

/// This holder, for a duty, over this interval, on this basis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The rule it came by (C1…C9).
    pub rule: Rule,
    /// How strong it is.
    pub basis: Basis,
    /// Who is claimed to be answerable.
    pub holder: Holder,
    /// When.
    pub interval: Interval,
    /// How its end was written.
    pub end_written: EndWritten,
    /// From when on it is lapsed; [`Instant::MAX`] if never.
    pub lapses: Instant,
    /// On the need or on one duty alone.
    pub scope: Scope,
    /// Where, for an attending claim.
    pub setting: Setting,
    /// Whether the verdicts know it.
    pub knowledge: Knowledge,
    /// Its place among those of one team.
    pub place: Place,
    /// The resource that shows it.
    pub evidence: Evidence,
    /// Whether its holder is in children's services.
    pub childrens_services: bool,
}

impl Claim {
    /// A claim on a need, known, never lapsed, its end not written as a day.
    #[must_use]
    pub fn new(rule: Rule, basis: Basis, holder: Holder, interval: Interval) -> Claim {
        Claim {
            rule,
            basis,
            holder,
            interval,
            end_written: EndWritten::Otherwise,
            lapses: Instant::MAX,
            scope: Scope::Need,
            setting: Setting::Lasting,
            knowledge: Knowledge::Known,
            place: Place::Alone,
            evidence: Evidence(0),
            childrens_services: false,
        }
    }

    /// Whether its holder is a person.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.basis != Basis::Organisation
    }

    /// When it is valid: held and not lapsed.
    #[must_use]
    pub fn valid(&self) -> Interval {
        Interval::new(self.interval.start, self.interval.end.min(self.lapses))
    }

    /// When it is lapsed.
    #[must_use]
    pub fn lapsed(&self) -> Interval {
        Interval::new(self.interval.start.max(self.lapses), self.interval.end)
    }
}

/// Cuts claims on one duty at the start of a successor's (the rule of the handover day): a claim whose
/// end was written as a day ends at the start of another person's named claim of the same basis, not
/// lapsed at its start, that starts on that day and later than it does. All are judged before any is cut.
pub(crate) fn cut_at_handover(claims: &mut [Claim]) {
    let mut starts: Vec<(Basis, Instant, Holder)> = Vec::new();
    if claims.iter().any(|claim| claim.end_written != EndWritten::Otherwise) {
        starts = claims
            .iter()
            .filter(|claim| claim.is_named() && claim.interval.start < claim.lapses && !claim.interval.is_empty())
            .map(|claim| (claim.basis, claim.interval.start, claim.holder))
            .collect();
        starts.sort_unstable();
    }
    for claim in claims {
        let EndWritten::AsDay(day) = claim.end_written else { continue };
        let from = starts.partition_point(|&(basis, start, _)| {
            (basis, start) < (claim.basis, day) || (basis == claim.basis && start <= claim.interval.start)
        });
        let successor = starts
            .get(from..)
            .unwrap_or_default()
            .iter()
            .take_while(|&&(basis, start, _)| basis == claim.basis && start < claim.interval.end)
            .find(|&&(_, _, holder)| holder != claim.holder);
        if let Some(&(_, start, _)) = successor {
            claim.interval.end = start;
        }
    }
}

/// Takes from claims that yield (C7a) the time in which one who leads the same team holds; a claim may fall apart.
pub(crate) fn give_way(claims: &mut Vec<Claim>) {
    let leading: Vec<(u32, Interval)> = claims
        .iter()
        .filter_map(|claim| match claim.place {
            Place::Leads(team) => Some((team, claim.interval)),
            Place::Alone | Place::Yields(_) => None,
        })
        .collect();
    if leading.is_empty() {
        return;
    }
    for claim in std::mem::take(claims) {
        let mut parts = vec![claim.interval];
        if let Place::Yields(team) = claim.place {
            for &(_, led) in leading.iter().filter(|&&(of, _)| of == team) {
                parts = parts.into_iter().flat_map(|part| without(part, led)).collect();
            }
        }
        claims.extend(parts.into_iter().map(|interval| Claim { interval, ..claim }));
    }
}

/// What is left of an interval before and after another.
fn without(interval: Interval, other: Interval) -> impl Iterator<Item = Interval> {
    let before = Interval::new(interval.start, interval.end.min(other.start));
    let after = Interval::new(interval.start.max(other.end), interval.end);
    [before, after].into_iter().filter(|part| !part.is_empty())
}
