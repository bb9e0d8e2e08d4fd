//! Entries by name -> entries by person: duplicates go, subjects are followed, and each person's records come together.

use answerable_fhir::{Matches, Name, NameRef, Reference, Said, Sources, Target, Type};

use super::entry::{self, Head};
use super::gather::{Sample, partition_of};
use super::people::{People, wanted_of};
use super::{EngineError, Newest, Read, Stores, each_partition_with, newest};
use crate::spill::{Partitions, Writer};

/// Persons of the sample for each range: with fewer, the ranges would be uneven.
const SAMPLED_PER_RANGE: usize = 8;

/// How persons are cut into ranges, by name as bytes.
#[derive(Debug)]
pub(super) struct Ranges {
    /// Where each range but the first begins.
    begins: Vec<String>,
    /// What all of those begin with: `Patient/`, usually.
    shared: usize,
    /// The eight bytes behind that of each, as a number: telling most persons' ranges takes a look at these alone.
    heads: Vec<u64>,
}

impl Ranges {
    /// As many ranges as are wanted, or as the sample has persons enough for.
    pub(super) fn new(wanted: usize, sample: &Sample, people: &People, sources: &Sources) -> Ranges {
        let mut names: Vec<String> = sample.names().map(|name| people.person(sources, name)).collect();
        names.sort_unstable();
        names.dedup();
        let count = (names.len() / SAMPLED_PER_RANGE).clamp(1, wanted);
        let begins: Vec<String> =
            (1..count).filter_map(|range| names.get(range * names.len() / count).cloned()).collect();
        let shared = match (begins.first(), begins.last()) {
            // They are in order, so that what the first and the last share, all do.
            (Some(first), Some(last)) => {
                first.bytes().zip(last.bytes()).take_while(|(one, other)| one == other).count()
            }
            _ => 0,
        };
        let heads = begins.iter().map(|begin| head_of(begin.as_bytes().get(shared..).unwrap_or_default())).collect();
        Ranges { begins, shared, heads }
    }

    pub(super) fn count(&self) -> usize {
        self.begins.len() + 1
    }

    /// How many ranges begin with a person before this one or with this one.
    fn of(&self, person: &str) -> usize {
        let shared = self.begins.first().and_then(|begin| begin.as_bytes().get(..self.shared)).unwrap_or_default();
        let Some(rest) = person.as_bytes().strip_prefix(shared) else {
            return self.begins.partition_point(|begin| begin.as_str() <= person);
        };
        let head = head_of(rest);
        let before = self.heads.partition_point(|other| *other < head);
        let alike = self.heads.iter().zip(&self.begins).skip(before).take_while(|(other, _)| **other == head);
        before + alike.filter(|(_, begin)| begin.as_str() <= person).count()
    }
}

/// The first eight bytes as a number, in the order of the bytes.
fn head_of(bytes: &[u8]) -> u64 {
    let mut head = [0; 8];
    head.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    u64::from_be_bytes(head)
}

/// What is counted while routing, by type.
#[derive(Debug, Default)]
pub(super) struct Routed {
    pub(super) by_type: Vec<(Type, u64, u64)>,
    pub(super) no_subject: u64,
    pub(super) having: Vec<((u16, answerable_fhir::IdentifierKey), Name)>,
}

/// Everything that routing reads.
pub(super) struct Routes<'r> {
    pub(super) read: &'r Read<'r>,
    pub(super) stores: &'r Stores,
    pub(super) people: &'r People,
    pub(super) matches: &'r Matches,
    pub(super) ranges: &'r Ranges,
    pub(super) persons: &'r Partitions,
    /// Hashes of the names of all resources of patients, to tell dangling references from those to other patients.
    pub(super) names: &'r Partitions,
}

impl Routes<'_> {
    /// Routes all; says what was counted.
    pub(super) fn run(&self) -> Result<Vec<Routed>, EngineError> {
        each_partition_with(
            self.read.threads,
            self.stores.others.count(),
            || To { persons: Writer::new(self.persons), names: Writer::new(self.names) },
            |to, partition| {
                self.patients(partition, to)?;
                self.others(partition, to)
            },
            |to| {
                to.persons.finish()?;
                Ok(to.names.finish()?)
            },
        )
    }

    fn patients(&self, partition: usize, to: &mut To) -> Result<(), EngineError> {
        let chunks = self.stores.patients.take(partition)?;
        let mut person = String::new();
        for entry in chunks.iter().flat_map(|chunk| entry::entries(chunk)) {
            let name = entry.head()?.0.named();
            person.clear();
            self.people.write_person(self.read.sources, name, &mut person);
            to.name(entry.hash, true)?;
            let range = self.ranges.of(&person);
            let is_replaced = self.people.is_replaced(name);
            to.persons.record(range, |buffer| entry::write_of_person(buffer, &person, is_replaced, entry.bytes))?;
        }
        Ok(())
    }

    fn others(&self, partition: usize, to: &mut To) -> Result<Routed, EngineError> {
        let chunks = self.stores.others.take(partition)?;
        let Newest { winners, duplicates } = newest(&chunks)?;
        let mut routed = Routed::default();
        let mut resources = [0_u64; Type::ALL.len()];
        let mut person = String::new();
        for (entry, head, _) in &winners {
            if let Some(count) = resources.get_mut(head.kind as usize) {
                *count += 1;
            }
            routed.having.extend(wanted_of(&self.read.wanted, head));
            person.clear();
            if head.subject.as_ref().is_some_and(|subject| self.person(head, subject, &mut person)) {
                let range = self.ranges.of(&person);
                to.name(entry.hash, true)?;
                to.persons.record(range, |buffer| entry::write_of_person(buffer, &person, false, entry.bytes))?;
            } else {
                to.name(entry.hash, false)?;
                routed.no_subject += 1;
            }
        }
        let counts = resources.into_iter().zip(duplicates);
        let all = Type::ALL.into_iter().zip(counts);
        routed.by_type = all.map(|(kind, (resources, duplicates))| (kind, resources, duplicates)).collect();
        Ok(routed)
    }

    /// Whom a record is about; says whether that is a patient.
    fn person(&self, head: &Head, subject: &Reference, person: &mut String) -> bool {
        if !matches!(subject.type_told(), Said::Nothing | Said::Used(Type::Patient)) {
            return false;
        }
        let sources = self.read.sources;
        if let Target::Named(_, name) = subject.target {
            let patient = NameRef { source: head.source, name };
            // The usual case: a patient who is nobody else.
            self.people.write_person(sources, patient, person);
            return true;
        }
        let keys = [subject.target_key(), subject.identifier_key()];
        let found =
            keys.into_iter().flatten().find_map(|key| match self.matches.get(&(head.source, key))?.as_slice() {
                [only] => Some(only),
                _ => None,
            });
        match (found, subject.as_written()) {
            (Some(patient), _) => self.people.write_person(sources, patient.borrow(), person),
            (None, Some(text)) => {
                person.push_str(sources.prefix(head.source));
                if matches!(subject.target, Target::Contained(_)) {
                    person.push_str(head.name);
                }
                person.push_str(&text);
            }
            (None, None) => return false,
        }
        true
    }
}

/// Where a worker writes.
struct To {
    persons: Writer,
    names: Writer,
}

impl To {
    /// The lowest bit says whether it is of a patient.
    fn name(&mut self, hash: u64, is_of_patient: bool) -> Result<(), EngineError> {
        let hash = (hash & !1) | u64::from(is_of_patient);
        let partition = partition_of(hash, self.names.count());
        Ok(self.names.record(partition, |buffer| buffer.extend_from_slice(&hash.to_le_bytes()))?)
    }
}
