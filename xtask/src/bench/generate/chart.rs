//! A patient's chart while it is written: who they are, the chance of their courses, and where resources go.

use std::io;

use super::directory::{Clinician, Field, Naming};
use super::files::{Kind, Sink};
use super::json::{DAY, reference};
use super::terms::{FAMILY, GIVEN, Term};
use super::{AS_OF, Population, id};
use crate::chance::Chance;

pub(super) struct Chart<'c> {
    pub(super) population: &'c Population,
    pub(super) number: u64,
    pub(super) chance: Chance,
    pub(super) given: &'static str,
    pub(super) family: &'static str,
    pub(super) born: i64,
    pub(super) died: Option<i64>,
    /// Which sources have something of the patient.
    pub(super) known_to: Vec<bool>,
    counts: [u64; Kind::Observation as usize + 1],
    out: &'c mut dyn Sink,
}

/// A need of the patient: a Condition.
#[derive(Clone, Debug)]
pub(super) struct Need {
    pub(super) source: usize,
    pub(super) id: String,
    pub(super) term: Term,
    pub(super) start: i64,
}

impl<'c> Chart<'c> {
    pub(super) fn new(population: &'c Population, number: u64, out: &'c mut dyn Sink) -> Chart<'c> {
        let mut chance = Chance::of(population.seed, number);
        let years = if chance.percent(40) { chance.between(0, 20) } else { chance.between(20, 95) };
        let born = AS_OF - years * 365 * DAY - chance.between(1, 365) * DAY;
        let died = chance.percent(3).then(|| AS_OF - chance.between(10, 1_500) * DAY).filter(|died| *died > born);
        let (given, family) = (chance.pick(&GIVEN), chance.pick(&FAMILY));
        let known_to = vec![false; population.sources];
        Chart { population, number, chance, given, family, born, died, known_to, counts: Default::default(), out }
    }

    /// An id for a resource that is yet to be written.
    pub(super) fn new_id(&mut self, source: usize, kind: Kind) -> String {
        let mut nth = 0;
        if let Some(count) = self.counts.get_mut(kind as usize) {
            *count += 1;
            nth = *count;
        }
        // Above the numbers of the directory's own, which share the space of ids by kind.
        id(kind, source, self.number | 1 << 32, nth)
    }

    pub(super) fn put(&mut self, source: usize, kind: Kind, resource: &str) -> io::Result<()> {
        if let Some(known) = self.known_to.get_mut(source) {
            *known = true;
        }
        self.out.put(source, kind, resource)
    }

    pub(super) fn patient_id(&self, source: usize) -> String {
        id(Kind::Patient, source, self.number, 0)
    }

    /// The reference of a resource to the patient.
    pub(super) fn subject(&self, source: usize) -> String {
        reference(Kind::Patient, &self.patient_id(source), Some(&format!("{} {}", self.given, self.family)))
    }

    /// The latest instant of which the records tell.
    pub(super) fn latest(&self) -> i64 {
        self.died.unwrap_or(AS_OF)
    }

    /// An instant between days before the latest, the nearer one first, and not before birth.
    pub(super) fn days_ago(&mut self, least: i64, most: i64) -> i64 {
        let second = self.chance.between(0, DAY - 1);
        (self.latest() - self.chance.between(least, most) * DAY - second).max(self.born)
    }

    /// Whose field the patient is: of those who care for children, or for adults.
    pub(super) fn field(&mut self) -> Field {
        let age_days = (AS_OF - self.born) / DAY;
        // Some stay with those who care for children longer than they should.
        let of_children = age_days < 16 * 365 || age_days < 20 * 365 && self.chance.percent(50);
        if of_children { Field::Children } else { Field::Adults }
    }

    pub(super) fn consultant(&mut self) -> &'c Clinician {
        let field = self.field();
        self.population.directory.clinician(field, &mut self.chance)
    }

    pub(super) fn any_source(&mut self) -> usize {
        self.chance.number_below(self.population.sources as u64) as usize
    }

    /// The source that surgeries are: the last, or the only one.
    pub(super) fn surgery_source(&self) -> usize {
        self.population.sources - 1
    }

    /// A reference to a clinician in one of the ways that servers write.
    pub(super) fn naming(&mut self, who: &Clinician, source: usize) -> String {
        let naming = match self.chance.number_below(100) {
            0..=69 => Naming::Practitioner,
            70..=95 => Naming::Role,
            _ => Naming::Logical,
        };
        who.reference(source, naming)
    }
}
