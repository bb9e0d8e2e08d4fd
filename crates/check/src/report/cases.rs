//! The cases behind each figure, so that a figure opens back into people: of each the worst, up to a limit.
//!
//! Gathered while persons are judged, and only where a page for work is wanted. What is kept is the same whatever the
//! number of threads: of each figure the first cases in one order, and where there are many organisations or
//! boundaries, as many of each as there is [`Room`] for.

use std::borrow::Borrow;
use std::cell::LazyCell;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;

use answerable_care::{Severity, Verdict};
use answerable_fhir::PersonShown;
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::marks::{Change, Decision};
use super::sentence::clean;
use super::view::Rank;

/// How many cases are kept of one figure: more than anyone works through from a page.
pub(crate) const CASES_MAX: usize = 200;

/// How much figures keep together of which nobody knows beforehand how many there are. Where it would be more, each
/// keeps half as many cases, and half again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Room {
    /// Of one figure.
    cases_max: usize,
    /// Of all: some tens of megabytes at most.
    shelf_max: usize,
}

/// People who fell through: by organisation, by boundary.
const FELL_ROOM: Room = Room { cases_max: CASES_MAX, shelf_max: 60_000 };

/// Duties by organisation and verdict. Every duty is one, so this is where time would go: what is kept is made, and
/// what is made is soon thrown away for a worse case.
const DUTIES_ROOM: Room = Room { cases_max: 50, shelf_max: 20_000 };

/// How many of the decisions in force are listed: they are written by hand.
const DECIDED_MAX: usize = 1_000;

/// Longer text is cut: a name of a megabyte must not be kept, nor shown.
const TEXT_LETTERS_MAX: usize = 600;

/// Whether the cases behind figures are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lists {
    /// They aren't: only counts.
    #[default]
    None,
    /// Those of patients by heading, and what was decided: what text shows.
    People,
    /// All of them: what a page for work shows.
    Kept,
}

/// A patient of cases.
#[derive(Debug)]
pub(crate) struct Who {
    /// As rows print them.
    pub(crate) name: String,
    pub(crate) shown: PersonShown,
}

/// One case of a figure: a finding, or a duty and its verdict.
#[derive(Debug)]
pub(crate) struct Case {
    /// Where the patient stands among all; none without a finding.
    pub(crate) rank: Option<Rank>,
    pub(crate) who: Arc<Who>,
    /// The need's name, none of a finding of a patient.
    pub(crate) need: Option<String>,
    /// The need in words.
    pub(crate) need_title: Option<String>,
    /// The duty, none of a finding of a need or a patient.
    pub(crate) duty: Option<String>,
    /// The finding or the verdict.
    pub(crate) word: &'static str,
    pub(crate) severity: Option<Severity>,
    pub(crate) sentence: String,
    /// The finding's id, none of a verdict.
    pub(crate) id: Option<u64>,
    /// How many more findings the patient has, where the case stands for the patient.
    pub(crate) further: usize,
    pub(crate) change: Option<Change>,
    pub(crate) decision: Option<Decision>,
}

/// What puts cases in order: the worst patients first, then as rows are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key<'k> {
    is_without_rank: bool,
    rank: Option<Rank>,
    patient: &'k str,
    need: Option<&'k str>,
    duty: Option<&'k str>,
    word: &'static str,
}

impl<'k> Key<'k> {
    pub(crate) fn new(
        rank: Option<Rank>,
        patient: &'k str,
        need: Option<&'k str>,
        duty: Option<&'k str>,
        word: &'static str,
    ) -> Key<'k> {
        Key { is_without_rank: rank.is_none(), rank, patient, need, duty, word }
    }

    /// The case, with all that people are shown.
    pub(crate) fn case(self, who: Arc<Who>, need_title: Option<&str>, sentence: &str) -> Case {
        Case {
            rank: self.rank,
            who,
            need: self.need.map(clip),
            need_title: need_title.map(clip),
            duty: self.duty.map(clip),
            word: self.word,
            severity: None,
            sentence: clip(sentence),
            id: None,
            further: 0,
            change: None,
            decision: None,
        }
    }
}

impl Case {
    fn key(&self) -> Key<'_> {
        Key::new(self.rank, &self.who.name, self.need.as_deref(), self.duty.as_deref(), self.word)
    }
}

impl PartialEq for Case {
    fn eq(&self, other: &Case) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Case {}

impl PartialOrd for Case {
    fn partial_cmp(&self, other: &Case) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Case {
    fn cmp(&self, other: &Case) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

/// Text for people, cut where it is too long.
pub(crate) fn clip(text: &str) -> String {
    match text.char_indices().nth(TEXT_LETTERS_MAX) {
        Some((end, _)) => format!("{}…", clean(text.get(..end).unwrap_or_default())),
        None => clean(text),
    }
}

/// The first cases of a figure.
#[derive(Debug, Default)]
pub(crate) struct Pile(BinaryHeap<Arc<Case>>);

impl Pile {
    /// Whether a case would be among the first so many.
    fn takes(&self, key: &Key, cases_max: usize) -> bool {
        self.0.len() < cases_max || (cases_max > 0 && self.0.peek().is_some_and(|last| *key < last.key()))
    }

    fn cut(&mut self, cases_max: usize) {
        while self.0.len() > cases_max {
            self.0.pop();
        }
    }

    fn add(&mut self, key: &Key, cases_max: usize, make: &mut dyn FnMut() -> Arc<Case>) {
        if self.0.len() < cases_max {
            self.0.push(make());
        } else if self.takes(key, cases_max)
            && let Some(mut last) = self.0.peek_mut()
        {
            *last = make();
        }
    }

    fn merge(&mut self, other: Pile, cases_max: usize) {
        self.0.extend(other.0);
        self.cut(cases_max);
    }

    /// The cases in order, the worst first.
    pub(crate) fn sorted(&self) -> Vec<&Case> {
        let mut cases: Vec<&Case> = self.0.iter().map(AsRef::as_ref).collect();
        cases.sort_unstable();
        cases
    }
}

/// Figures of which nobody knows beforehand how many there are, by the name of an organisation and something else: they
/// share what may be kept.
#[derive(Debug)]
pub(crate) struct Shelf<K> {
    piles: HashMap<String, BTreeMap<K, Pile>, FixedState>,
    kept: usize,
    room: Room,
}

impl<K: Ord> Shelf<K> {
    fn new(room: Room) -> Shelf<K> {
        Shelf { piles: HashMap::default(), kept: 0, room }
    }

    fn add<Q>(&mut self, name: &str, figure: &Q, key: &Key, make: &mut dyn FnMut() -> Arc<Case>)
    where
        K: Borrow<Q>,
        Q: Ord + ToOwned<Owned = K> + ?Sized,
    {
        if self.room.cases_max == 0 {
            return;
        }
        let piles = self.piles.entry_ref(name).or_default();
        let pile = match piles.get_mut(figure) {
            Some(pile) => pile,
            None => piles.entry(figure.to_owned()).or_default(),
        };
        let before = pile.0.len();
        pile.add(key, self.room.cases_max, make);
        self.kept += pile.0.len() - before;
        self.halve();
    }

    /// That the limit depends on the counts alone, and not on when they came, keeps threads from showing: a worker
    /// never has more than the whole, so it never halves more often than the whole.
    fn halve(&mut self) {
        while self.kept > self.room.shelf_max {
            self.room.cases_max /= 2;
            self.cut();
        }
    }

    fn cut(&mut self) {
        let cases_max = self.room.cases_max;
        self.piles.values_mut().flat_map(BTreeMap::values_mut).for_each(|pile| pile.cut(cases_max));
        self.kept = self.piles.values().flat_map(BTreeMap::values).map(|pile| pile.0.len()).sum();
    }

    fn merge(&mut self, other: Shelf<K>) {
        self.room.cases_max = self.room.cases_max.min(other.room.cases_max);
        for (name, piles) in other.piles {
            let known = self.piles.entry(name).or_default();
            for (figure, pile) in piles {
                known.entry(figure).or_default().merge(pile, self.room.cases_max);
            }
        }
        self.cut();
        self.halve();
    }

    /// The cases of a figure, the worst first.
    pub(crate) fn sorted<Q>(&self, name: &str, figure: &Q) -> Vec<&Case>
    where
        K: Borrow<Q>,
        Q: Ord + ?Sized,
    {
        self.piles.get(name).and_then(|piles| piles.get(figure)).map(Pile::sorted).unwrap_or_default()
    }
}

/// Which figure a case belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Figure<'f> {
    /// Patients by their worst finding.
    Heading(usize),
    /// Open duties by verdict.
    Verdict(usize),
    /// Findings by word and severity.
    Finding(&'static str, Severity),
    /// Findings that people decided about.
    Decided,
    /// Findings under *fell*, by an organisation of those they name.
    FellFrom(&'f str),
    /// Open duties, by an organisation of those who decide and by verdict.
    Duty(&'f str, Verdict),
    /// Findings under *fell*, by the organisation they come from and the one they were to go to.
    Boundary(&'f str, &'f str),
}

/// All cases that are kept.
#[derive(Debug)]
pub(crate) struct Cases {
    pub(crate) headings: [Pile; 3],
    pub(crate) verdicts: [Pile; 7],
    pub(crate) findings: BTreeMap<(&'static str, Severity), Pile>,
    pub(crate) decided: Pile,
    pub(crate) fell_from: Shelf<()>,
    pub(crate) duties: Shelf<Verdict>,
    pub(crate) boundaries: Shelf<String>,
}

impl Default for Cases {
    fn default() -> Cases {
        Cases {
            headings: Default::default(),
            verdicts: Default::default(),
            findings: BTreeMap::new(),
            decided: Pile::default(),
            fell_from: Shelf::new(FELL_ROOM),
            duties: Shelf::new(DUTIES_ROOM),
            boundaries: Shelf::new(FELL_ROOM),
        }
    }
}

impl Cases {
    /// Adds a case to figures; it is only made if one of them takes it.
    pub(crate) fn add(&mut self, figures: &[Figure], key: &Key, make: impl FnOnce() -> Case) {
        let case = LazyCell::new(|| Arc::new(make()));
        let make = &mut || Arc::clone(&case);
        for figure in figures {
            match figure {
                Figure::Heading(place) => {
                    self.headings.get_mut(*place).into_iter().for_each(|pile| pile.add(key, CASES_MAX, make));
                }
                Figure::Verdict(place) => {
                    self.verdicts.get_mut(*place).into_iter().for_each(|pile| pile.add(key, CASES_MAX, make));
                }
                Figure::Finding(word, severity) => {
                    self.findings.entry((word, *severity)).or_default().add(key, CASES_MAX, make);
                }
                Figure::Decided => self.decided.add(key, DECIDED_MAX, make),
                Figure::FellFrom(name) => self.fell_from.add(name, &(), key, make),
                Figure::Duty(name, verdict) => self.duties.add(name, verdict, key, make),
                Figure::Boundary(from, to) => self.boundaries.add(from, *to, key, make),
            }
        }
    }

    /// Adds what another worker kept.
    pub(crate) fn merge(&mut self, other: Cases) {
        self.headings.iter_mut().zip(other.headings).for_each(|(to, from)| to.merge(from, CASES_MAX));
        self.verdicts.iter_mut().zip(other.verdicts).for_each(|(to, from)| to.merge(from, CASES_MAX));
        for (figure, pile) in other.findings {
            self.findings.entry(figure).or_default().merge(pile, CASES_MAX);
        }
        self.decided.merge(other.decided, DECIDED_MAX);
        self.fell_from.merge(other.fell_from);
        self.duties.merge(other.duties);
        self.boundaries.merge(other.boundaries);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::indexing_slicing, reason = "a test that fails should panic")]
    use super::*;

    fn add(shelf: &mut Shelf<u32>, figure: u32, patient: u32) {
        let name = format!("Patient/{patient:05}");
        let key = Key::new(None, &name, None, None, "held");
        let who = Arc::new(Who { name: name.clone(), shown: PersonShown::default() });
        shelf.add(&format!("Organization {}", figure % 7), &figure, &key, &mut || {
            Arc::new(key.case(Arc::clone(&who), None, ""))
        });
    }

    fn shelf(shelf_max: usize) -> Shelf<u32> {
        Shelf::new(Room { cases_max: CASES_MAX, shelf_max })
    }

    fn names(shelf: &Shelf<u32>) -> Vec<(u32, Vec<String>)> {
        let names = |pile: &Pile| pile.sorted().iter().map(|case| case.who.name.clone()).collect();
        let mut all: Vec<_> = shelf.piles.values().flatten().map(|(figure, pile)| (*figure, names(pile))).collect();
        all.sort();
        all
    }

    #[test]
    fn threads_do_not_show() {
        // 30 figures of up to 60 cases share 500: that leaves each 12 of them.
        let cases: Vec<(u32, u32)> =
            (0..30).flat_map(|figure| (0..figure * 2).map(move |case| (figure, case))).collect();
        let mut alone = shelf(500);
        cases.iter().rev().for_each(|&(figure, case)| add(&mut alone, figure, case));
        assert_eq!(alone.room.cases_max, 12);
        for workers in [2, 3, 7] {
            let mut shelves: Vec<_> = (0..workers).map(|_| shelf(500)).collect();
            for (index, &(figure, case)) in cases.iter().enumerate() {
                add(&mut shelves[index * index % workers], figure, case);
            }
            let mut together = shelf(500);
            shelves.into_iter().for_each(|shelf| together.merge(shelf));
            assert_eq!(
                (together.room.cases_max, names(&together)),
                (alone.room.cases_max, names(&alone)),
                "{workers} workers"
            );
        }
    }

    #[test]
    fn what_is_kept_has_a_bound() {
        let mut shelf = shelf(100);
        (0..500).for_each(|figure| add(&mut shelf, figure, figure));
        assert!(shelf.kept <= 100);
        assert_eq!(shelf.kept, names(&shelf).iter().map(|(_, cases)| cases.len()).sum::<usize>());
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(clip("Zoë"), "Zoë");
        assert_eq!(clip(&"é".repeat(1_000_000)).chars().count(), TEXT_LETTERS_MAX + 1);
    }
}
