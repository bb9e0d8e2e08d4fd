//! Claims over time -> the maximal intervals with one verdict, one basis and one deciding set of holders.
//!
//! Every claim falls, at an instant that it holds, into one *class*: valid by a basis, or lapsed by a
//! basis. The classes stand in the order in which the verdict rules ask for them, so the verdict at an
//! instant is that of the first class that has a holder. A sweep over the starts, lapses and ends
//! keeps the count of holders in each class.

use crate::claim::{Basis, Claim, Holder, Scope};
use crate::time::{Instant, Interval};
use crate::verdict::Verdict;

/// A place in the order in which verdict rules 1 and 2 ask: 0 is a valid named claim of the duty's own (C3a);
/// then valid claims by basis, the strongest first, organisation last; then lapsed ones in the same order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Class(u8);

const BASES: u8 = Basis::ALL.len() as u8;
const CLASSES: usize = 1 + 2 * Basis::ALL.len();
/// No class has a holder.
const NOBODY: Class = Class(CLASSES as u8);

impl Class {
    const OWN: Class = Class(0);

    fn valid(claim: &Claim) -> Class {
        if claim.scope == Scope::Duty && claim.is_named() { Class::OWN } else { Class(1 + claim.basis as u8) }
    }

    fn lapsed(claim: &Claim) -> Class {
        Class(1 + BASES + claim.basis as u8)
    }

    fn of(claim: &Claim, at: Instant) -> Option<Class> {
        if claim.valid().holds(at) {
            Some(Class::valid(claim))
        } else if claim.lapsed().holds(at) {
            Some(Class::lapsed(claim))
        } else {
            None
        }
    }

    fn basis(self) -> Option<Basis> {
        if self == NOBODY {
            None
        } else if self == Class::OWN {
            Some(Basis::Lead)
        } else {
            Basis::ALL.get(usize::from((self.0 - 1) % BASES)).copied()
        }
    }

    fn verdict(self, holders: usize) -> Verdict {
        match self.basis() {
            None => Verdict::Unheld,
            Some(_) if self.0 > BASES => Verdict::Lapsed,
            Some(Basis::Organisation) => Verdict::Unnamed,
            Some(basis) => match (basis.decides_held(), holders) {
                (true, 1) => Verdict::Held,
                (true, _) => Verdict::Contested,
                (false, 1) => Verdict::Assumed,
                (false, _) => Verdict::Leaderless,
            },
        }
    }
}

/// A maximal interval with one verdict, one basis and one deciding set of holders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// When; the first starts where the duty does.
    pub interval: Interval,
    /// What the claims add up to.
    pub verdict: Verdict,
    /// The basis that decides; none for unheld.
    pub basis: Option<Basis>,
    /// Who decides it, sorted.
    pub holders: Vec<Holder>,
    /// Whether a valid named claim of basis member or stronger is among them.
    pub(crate) is_with_member_or_stronger: bool,
}

/// The verdict at the instant of judgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What the claims add up to.
    pub verdict: Verdict,
    /// The basis that decides; none for unheld.
    pub basis: Option<Basis>,
    /// Who decides it, sorted.
    pub holders: Vec<Holder>,
    /// The start of the interval that it stands in; [`Instant::MIN`] where that isn't known.
    pub since: Instant,
}

/// What claims on a duty add up to over time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// From the duty's start to the earlier of its end and the instant of judgement.
    pub segments: Vec<Segment>,
    /// The verdict at the instant of judgement, where the duty is open then.
    pub now: Option<Standing>,
}

/// Claims on one duty, sorted for sweeping.
#[derive(Clone, Debug)]
pub struct Tally {
    /// Class and holder of each slot, sorted: a class's holders stand side by side.
    slots: Vec<(Class, Holder)>,
    /// When a slot gains (or loses) a claim, sorted by instant.
    changes: Vec<(Instant, bool, u32)>,
}

impl Tally {
    /// Takes the claims that count for the duty. What is only foreseen must have been left out.
    #[must_use]
    pub fn new<'a>(claims: impl IntoIterator<Item = &'a Claim> + Clone) -> Tally {
        let parts = |claim: &Claim| {
            [(Class::valid(claim), claim.valid()), (Class::lapsed(claim), claim.lapsed())]
                .map(|(class, interval)| (class, claim.holder, interval))
        };
        let mut slots: Vec<(Class, Holder)> = Vec::new();
        for (class, holder, interval) in claims.clone().into_iter().flat_map(parts) {
            if !interval.is_empty() {
                slots.push((class, holder));
            }
        }
        slots.sort_unstable();
        slots.dedup();
        let mut changes = Vec::with_capacity(2 * slots.len());
        for (class, holder, interval) in claims.into_iter().flat_map(parts) {
            let Ok(slot) = slots.binary_search(&(class, holder)) else { continue };
            if !interval.is_empty() {
                changes.push((interval.start, true, slot as u32));
                if interval.end != Instant::MAX {
                    changes.push((interval.end, false, slot as u32));
                }
            }
        }
        changes.sort_unstable();
        Tally { slots, changes }
    }

    /// The intervals of `open` up to `as_of`, and the verdict at `as_of` if it is in `open`.
    #[must_use]
    pub fn timeline(&self, open: Interval, as_of: Instant) -> Timeline {
        let mut timeline = Timeline::default();
        if open.is_empty() || open.start > as_of {
            return timeline;
        }
        let until = open.end.min(as_of);
        let mut counts = Counts::new(self.slots.len());
        let mut changes = self.changes.iter().peekable();
        let mut state = State { class: NOBODY, holders: Vec::new() };
        let mut since = open.start;
        let mut at = open.start;
        loop {
            let mut touched = at == open.start;
            while let Some(&(_, gained, slot)) = changes.next_if(|change| change.0 <= at) {
                touched |= counts.change(&self.slots, slot, gained);
            }
            if touched {
                let next = counts.state(&self.slots);
                if next != state {
                    let before = std::mem::replace(&mut state, next);
                    if at > open.start {
                        timeline.segments.push(before.into_segment(Interval::new(since, at)));
                        since = at;
                    }
                }
            }
            match changes.peek() {
                Some(change) if change.0 < until || (change.0 == as_of && open.holds(as_of)) => at = change.0,
                _ => break,
            }
        }
        if open.holds(as_of) {
            timeline.now = Some(state.standing(since));
        }
        if since < until {
            timeline.segments.push(state.into_segment(Interval::new(since, until)));
        }
        timeline
    }
}

/// Which of the claims decide at an instant: those of the first class that has any.
pub(crate) fn deciding(claims: &[Claim], at: Instant) -> impl Iterator<Item = &Claim> {
    let class = claims.iter().filter_map(|claim| Class::of(claim, at)).min();
    claims.iter().filter(move |claim| class.is_some() && Class::of(claim, at) == class)
}

struct State {
    class: Class,
    holders: Vec<Holder>,
}

impl PartialEq for State {
    fn eq(&self, other: &State) -> bool {
        // A duty's own lead and a need's lead look the same from outside.
        self.class.basis() == other.class.basis()
            && self.class.verdict(self.holders.len()) == other.class.verdict(other.holders.len())
            && self.holders == other.holders
    }
}

impl State {
    fn into_segment(self, interval: Interval) -> Segment {
        Segment {
            interval,
            verdict: self.class.verdict(self.holders.len()),
            basis: self.class.basis(),
            is_with_member_or_stronger: self.class <= Class(1 + Basis::Member as u8),
            holders: self.holders,
        }
    }

    fn standing(&self, since: Instant) -> Standing {
        Standing {
            verdict: self.class.verdict(self.holders.len()),
            basis: self.class.basis(),
            holders: self.holders.clone(),
            since,
        }
    }
}

/// How many claims each slot has now, and how many holders each class.
struct Counts {
    claims: Vec<u32>,
    holders: [u32; CLASSES],
}

impl Counts {
    fn new(slots: usize) -> Counts {
        Counts { claims: vec![0; slots], holders: [0; CLASSES] }
    }

    /// Whether a holder came or went.
    fn change(&mut self, slots: &[(Class, Holder)], slot: u32, gained: bool) -> bool {
        let index = slot as usize;
        let (Some(claims), Some((class, _))) = (self.claims.get_mut(index), slots.get(index)) else {
            return false;
        };
        let Some(holders) = self.holders.get_mut(usize::from(class.0)) else { return false };
        if gained {
            *claims += 1;
            *holders += u32::from(*claims == 1);
            *claims == 1
        } else {
            *claims -= 1;
            *holders -= u32::from(*claims == 0);
            *claims == 0
        }
    }

    fn state(&self, slots: &[(Class, Holder)]) -> State {
        let Some(first) = self.holders.iter().position(|&holders| holders > 0) else {
            return State { class: NOBODY, holders: Vec::new() };
        };
        let class = Class(first as u8);
        let from = slots.partition_point(|slot| slot.0 < class);
        let holders = slots
            .iter()
            .zip(&self.claims)
            .skip(from)
            .take_while(|((of, _), _)| *of == class)
            .filter(|(_, claims)| **claims > 0)
            .map(|((_, holder), _)| *holder)
            .collect();
        State { class, holders }
    }
}
