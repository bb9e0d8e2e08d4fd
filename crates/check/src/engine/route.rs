//! What leads elsewhere: records that were read into two homes, those whose subject is no plain name of a patient,
//! and those of patients who are one with another. Everything else is at home already.

use answerable_fhir::{Matches, Name, NameRef, Reference, Said, Sources, Target, Type};
use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use serde::{Deserialize, Serialize};

use super::entry::{self, Entry, Head, Order};
use super::home::{At, hashes, home_of, note, noted, partition_of};
use super::people::{People, wanted_of};
use super::{EngineError, Newest, Read, Stores, each_partition, each_partition_with, newest};
use crate::spill::{Partitions, Writer};

/// Records that another of the same name stands for, which was read into another home: by where they were read.
pub(super) type Lost = HashSet<Order, FixedState>;

/// A record that was read into more than one home.
#[derive(Debug, Serialize, Deserialize)]
struct Rival<'e> {
    source: u16,
    name: &'e str,
    last_updated: i64,
    order: Order,
    /// Which partition it is in: of the homes, then of the others.
    partition: u32,
}

/// Finds the names that are in more than one home, and sets aside which of their records count for nothing: by
/// partition of the homes, and behind those of the others. None if there are none, as nearly always.
pub(super) fn contested(stores: &Stores, threads: usize) -> Result<Option<Partitions>, EngineError> {
    let count = stores.records.count();
    let wanted = stores.store.partitions(2 * count);
    let any = each_partition(threads, count, |partition| {
        let chunks = stores.names.take(partition)?;
        let known = chunks.iter().map(Vec::len).sum::<usize>() / size_of::<u64>();
        let mut places: HashMap<u64, At, FixedState> = HashMap::with_capacity_and_hasher(known, FixedState::default());
        let mut contested: HashSet<u64, FixedState> = HashSet::default();
        for (hash, at) in noted(&chunks) {
            if *places.entry(hash).or_insert(at) != at {
                contested.insert(hash);
            }
        }
        if !contested.is_empty() {
            let mut writer = Writer::new(&wanted);
            for (hash, at) in noted(&chunks).filter(|(hash, _)| contested.contains(hash)) {
                let partition = match at {
                    At::Home(home) => home as usize,
                    _ => count + partition_of(hash, count),
                };
                writer.record(partition, |buffer| buffer.extend_from_slice(&hash.to_le_bytes()))?;
            }
            writer.finish()?;
            // Who wins is noted again.
            let mut names = Writer::new(&stores.names);
            for (hash, at) in noted(&chunks).filter(|(hash, _)| !contested.contains(hash)) {
                note(&mut names, hash, at)?;
            }
            names.finish()?;
            return Ok(true);
        }
        chunks.into_iter().try_for_each(|chunk| stores.names.push(partition, chunk))?;
        Ok(false)
    })?;
    if !any.contains(&true) {
        return Ok(None);
    }
    let rivals = stores.store.partitions(count);
    each_partition_with(
        threads,
        2 * count,
        || Writer::new(&rivals),
        |to, partition| {
            let hashes: HashSet<u64, FixedState> = hashes(&wanted.take(partition)?).collect();
            if hashes.is_empty() {
                return Ok(());
            }
            let (from, own) =
                if partition < count { (&stores.records, partition) } else { (&stores.others, partition - count) };
            let chunks = from.take(own)?;
            let entries = chunks.iter().flat_map(|chunk| entry::entries(chunk));
            for entry in entries.filter(|entry| hashes.contains(&entry.hash)) {
                let (head, _) = entry.head()?;
                let Head { source, name, last_updated, order, .. } = head;
                let rival = Rival { source, name, last_updated, order, partition: partition as u32 };
                let mut result = Ok(());
                to.record(partition_of(entry.hash, count), |buffer| result = entry::append(buffer, &rival))?;
                result.map_err(|_| EngineError::Internal("a name could not be set aside"))?;
            }
            chunks.into_iter().try_for_each(|chunk| Ok(from.push(own, chunk)?))
        },
        |to| Ok(to.finish()?),
    )?;
    let lost = stores.store.partitions(2 * count);
    each_partition_with(
        threads,
        count,
        || (Writer::new(&lost), Writer::new(&stores.names)),
        |(lost, names), partition| settle(&rivals.take(partition)?, count, lost, names),
        |(lost, names)| {
            lost.finish()?;
            Ok(names.finish()?)
        },
    )?;
    Ok(Some(lost))
}

/// Of the records of each name the newest counts.
fn settle(chunks: &[Vec<u8>], homes: usize, lost: &mut Writer, names: &mut Writer) -> Result<(), EngineError> {
    let mut rivals: Vec<Rival> = Vec::new();
    for chunk in chunks {
        let mut rest = chunk.as_slice();
        while !rest.is_empty() {
            let (rival, after) = postcard::take_from_bytes(rest)
                .map_err(|_| EngineError::Internal("a name that was set aside can't be read"))?;
            rest = after;
            rivals.push(rival);
        }
    }
    rivals.sort_unstable_by_key(|rival| (rival.source, rival.name, rival.last_updated, rival.order));
    for of_name in rivals.chunk_by(|one, other| (one.source, one.name) == (other.source, other.name)) {
        let Some((newest, older)) = of_name.split_last() else { continue };
        let hash = NameRef { source: newest.source, name: newest.name }.hash64();
        let is_at_home = (newest.partition as usize) < homes;
        note(names, hash, if is_at_home { At::Home(newest.partition) } else { At::Others })?;
        for rival in older {
            let mut result = Ok(());
            lost.record(rival.partition as usize, |buffer| result = entry::append(buffer, &rival.order))?;
            result.map_err(|_| EngineError::Internal("a name could not be set aside"))?;
        }
    }
    Ok(())
}

/// Which records of a partition count for nothing. They are left where they are: whoever comes later asks too.
pub(super) fn lost(lost: Option<&Partitions>, partition: usize) -> Result<Lost, EngineError> {
    let mut all = Lost::default();
    let Some(lost) = lost else { return Ok(all) };
    for chunk in lost.take(partition)? {
        let mut rest = chunk.as_slice();
        while !rest.is_empty() {
            let (order, after) = postcard::take_from_bytes(rest)
                .map_err(|_| EngineError::Internal("a name that was set aside can't be read"))?;
            rest = after;
            all.insert(order);
        }
        lost.push(partition, chunk)?;
    }
    Ok(all)
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
    pub(super) lost: Option<&'r Partitions>,
}

impl Routes<'_> {
    /// Routes all; says what was counted.
    pub(super) fn run(&self) -> Result<Vec<Routed>, EngineError> {
        let count = self.stores.records.count();
        let left = self.people.left(self.read.sources, count);
        each_partition_with(
            self.read.threads,
            count,
            || To { moved: Writer::new(&self.stores.moved), names: Writer::new(&self.stores.names) },
            |to, partition| {
                let mut routed = Routed::default();
                let leaves = left.contains(&partition);
                if leaves {
                    self.patients(partition, to)?;
                }
                if leaves || !self.read.wanted.is_empty() {
                    self.records(partition, leaves, to, &mut routed)?;
                }
                self.others(partition, to, &mut routed)?;
                Ok(routed)
            },
            |to| {
                to.moved.finish()?;
                Ok(to.names.finish()?)
            },
        )
    }

    /// Copies the patients who are at home elsewhere to there; they stay, and are passed over here.
    fn patients(&self, home: usize, to: &mut To) -> Result<(), EngineError> {
        let chunks = self.stores.patients.take(home)?;
        for entry in chunks.iter().flat_map(|chunk| entry::entries(chunk)) {
            let name = entry.head()?.0.named();
            if let Some(person) = self.people.elsewhere(name, home, to.moved.count()) {
                to.record(person, self.people.is_replaced(name), &entry)?;
            }
        }
        chunks.into_iter().try_for_each(|chunk| Ok(self.stores.patients.push(home, chunk)?))
    }

    /// The same of their records; and finds those that have an identifier that is asked for.
    fn records(&self, home: usize, leaves: bool, to: &mut To, routed: &mut Routed) -> Result<(), EngineError> {
        let chunks = self.stores.records.take(home)?;
        let Newest { winners, .. } = newest(&chunks, &lost(self.lost, home)?)?;
        for (entry, head, _) in &winners {
            routed.having.extend(wanted_of(&self.read.wanted, head));
            if leaves
                && let Some(patient) = head.patient()
                && let Some(person) = self.people.elsewhere(patient, home, to.moved.count())
            {
                to.record(person, false, entry)?;
            }
        }
        drop(winners);
        chunks.into_iter().try_for_each(|chunk| Ok(self.stores.records.push(home, chunk)?))
    }

    /// Brings home the records whose subject is no plain name.
    fn others(&self, partition: usize, to: &mut To, routed: &mut Routed) -> Result<(), EngineError> {
        let chunks = self.stores.others.take(partition)?;
        let lost = lost(self.lost, self.stores.records.count() + partition)?;
        let Newest { winners, duplicates } = newest(&chunks, &lost)?;
        let mut resources = [0_u64; Type::ALL.len()];
        let mut person = String::new();
        for (entry, head, _) in &winners {
            if let Some(count) = resources.get_mut(head.kind as usize) {
                *count += 1;
            }
            routed.having.extend(wanted_of(&self.read.wanted, head));
            person.clear();
            if head.subject.as_ref().is_some_and(|subject| self.person(head, subject, &mut person)) {
                note(&mut to.names, entry.hash, At::Somebody)?;
                to.record(&person, false, entry)?;
            } else {
                note(&mut to.names, entry.hash, At::Nobody)?;
                routed.no_subject += 1;
            }
        }
        let counts = resources.into_iter().zip(duplicates);
        let all = Type::ALL.into_iter().zip(counts);
        routed.by_type = all.map(|(kind, (resources, duplicates))| (kind, resources, duplicates)).collect();
        Ok(())
    }

    /// Whom a record is about; says whether that is a patient.
    fn person(&self, head: &Head, subject: &Reference, person: &mut String) -> bool {
        if !matches!(subject.type_told(), Said::Nothing | Said::Used(Type::Patient)) {
            return false;
        }
        let sources: &Sources = self.read.sources;
        if let Target::Named(_, name) = subject.target {
            self.people.write_person(sources, NameRef { source: head.source, name }, person);
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
    moved: Writer,
    names: Writer,
}

impl To {
    fn record(&mut self, person: &str, is_replaced: bool, entry: &Entry) -> Result<(), EngineError> {
        let home = home_of(person, self.moved.count());
        let write = |buffer: &mut Vec<u8>| entry::write_of_person(buffer, person, is_replaced, entry.bytes);
        Ok(self.moved.record(home, write)?)
    }
}
