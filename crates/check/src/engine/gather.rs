//! Text -> entries: each worker reads what it is given and sets the records aside by name.

use std::collections::BinaryHeap;

use answerable_fhir::{Found, IdentifierKey, Reader, Record, Reference, SourceIndex, Sources, Type};
use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};

use super::entry::{self, Head, order};
use super::home::{At, hash_of_person, note, partition_of};
use super::{EngineError, PARTITIONS_MAX, Stores};
use crate::input::{Listing, Place, Sink};
use crate::spill::Writer;

/// Malformed resources that are kept to be listed; beyond, they are only counted.
const MALFORMED_LISTED_MAX: usize = 1000;

/// Distinct types beyond those that the rules read that are counted by name.
const UNUSED_TYPES_MAX: usize = 500;

/// Persons' names that are kept to cut the ranges by which patients are judged.
const SAMPLE_MAX: usize = 8 * PARTITIONS_MAX;

/// A malformed resource: where it stands, what it is, what is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Malformed {
    pub(super) place: Place,
    /// Byte of the line or document.
    pub(super) offset: u64,
    /// Lines of a document before it.
    pub(super) lines: u64,
    pub(super) name: String,
    pub(super) what: String,
}

/// What a worker found, beside the records.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) unused: HashMap<String, u64, FixedState>,
    pub(super) passed_over: u64,
    pub(super) malformed_by_type: HashMap<String, u64, FixedState>,
    pub(super) malformed: u64,
    pub(super) listed: BinaryHeap<Malformed>,
    /// The newest `meta.lastUpdated` of each source.
    pub(super) newest: HashMap<SourceIndex, i64, FixedState>,
    /// What conditional and logical references ask for.
    pub(super) wanted: HashSet<(SourceIndex, IdentifierKey), FixedState>,
}

/// A worker's sink.
pub(super) struct Gatherer<'g> {
    reader: Reader<'g>,
    listing: &'g Listing,
    sources: &'g Sources,
    register: Writer,
    patients: Writer,
    records: Writer,
    others: Writer,
    names: Writer,
    pub(super) counts: Counts,
    pub(super) sample: Sample,
    pub(super) error: Option<EngineError>,
    /// The name of the record at hand, in memory that is used again.
    name: String,
    /// The keys of its identifiers, likewise.
    identifiers: Vec<u8>,
    /// The printed name of the person whom it is about, likewise.
    person: String,
}

impl<'g> Gatherer<'g> {
    pub(super) fn new(reader: Reader<'g>, listing: &'g Listing, sources: &'g Sources, stores: &Stores) -> Gatherer<'g> {
        Gatherer {
            reader,
            listing,
            sources,
            register: Writer::new(&stores.register),
            patients: Writer::new(&stores.patients),
            records: Writer::new(&stores.records),
            others: Writer::new(&stores.others),
            names: Writer::new(&stores.names),
            counts: Counts::default(),
            sample: Sample::default(),
            error: None,
            name: String::new(),
            identifiers: Vec::new(),
            person: String::new(),
        }
    }

    /// Hands over what is left.
    pub(super) fn finish(self) -> Result<(Counts, Sample), EngineError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        self.register.finish()?;
        self.patients.finish()?;
        self.records.finish()?;
        self.others.finish()?;
        self.names.finish()?;
        Ok((self.counts, self.sample))
    }

    fn text(&mut self, place: Place, text: &[u8]) {
        let source = self.listing.files.get(place.file as usize).map_or(0, |file| file.source);
        let Gatherer { reader, sources, register, patients, records, others, names, .. } = self;
        let Gatherer { counts, sample, error, name, identifiers, person, .. } = self;
        reader.read(text, &mut |found| match found {
            Found::Record { kind, id, subject, record, last_updated, urn, offset } => {
                name.clear();
                name.push_str(kind.as_str());
                name.push('/');
                name.push_str(id);
                let order = order(place, offset);
                let subject = subject.map(Reference::without_idle_display);
                identifiers.clear();
                record.identifiers.iter().for_each(|key| identifiers.extend_from_slice(&key.to_bytes()));
                let head = Head { source, kind, name: name.as_str(), last_updated, order, urn, subject, identifiers };
                let hash = head.named().hash64();
                let newest = counts.newest.entry(source).or_insert(i64::MIN);
                *newest = (*newest).max(last_updated);
                want(&mut counts.wanted, source, subject.as_ref(), record);
                let patient =
                    if kind == Type::Patient { Some(name.as_str()) } else { head.patient().map(|of| of.name) };
                // Where it goes, the hash that says in which partition, and where it is then.
                let (writer, by) = match patient {
                    _ if kind.is_directory() => (&mut *register, hash),
                    Some(patient) => {
                        let prefix = sources.prefix(source);
                        let printed = if prefix.is_empty() {
                            patient
                        } else {
                            person.clear();
                            person.push_str(prefix);
                            person.push_str(patient);
                            person.as_str()
                        };
                        let by = hash_of_person(printed);
                        sample.take(by, printed);
                        (if kind == Type::Patient { &mut *patients } else { &mut *records }, by)
                    }
                    None => (&mut *others, hash),
                };
                let partition = partition_of(by, writer.count());
                let noted = if kind.is_directory() {
                    Ok(())
                } else {
                    note(names, hash, if patient.is_some() { At::Home(partition as u32) } else { At::Others })
                };
                let mut result = Ok(());
                let spilled = writer.record(partition, |buffer| result = entry::write(buffer, hash, &head, record));
                if let Err(failed) = result.and(spilled.and(noted).map_err(EngineError::from)) {
                    error.get_or_insert(failed);
                }
            }
            Found::Unused(kind) => {
                if let Some(count) = counts.unused.get_mut(kind) {
                    *count += 1;
                } else {
                    let kind = if counts.unused.len() < UNUSED_TYPES_MAX { kind } else { "(others)" };
                    *counts.unused.entry(kind.to_owned()).or_default() += 1;
                }
            }
            Found::PassedOver => counts.passed_over += 1,
            Found::Malformed { name, what, offset } => {
                let lines = memchr::memchr_iter(b'\n', text.get(..offset).unwrap_or_default()).count() as u64;
                counts.malformed(Malformed { place, offset: offset as u64, lines, name, what });
            }
        });
    }
}

impl Counts {
    fn malformed(&mut self, malformed: Malformed) {
        let kind = malformed.name.split('/').next().filter(|kind| Type::named(kind).is_some()).unwrap_or("(unknown)");
        *self.malformed_by_type.entry(kind.to_owned()).or_default() += 1;
        self.malformed += 1;
        self.listed.push(malformed);
        if self.listed.len() > MALFORMED_LISTED_MAX {
            // The first ones in order of reading are kept, whichever worker read them.
            self.listed.pop();
        }
    }

    pub(super) fn merge(&mut self, other: Counts) {
        for (kind, count) in other.unused {
            *self.unused.entry(kind).or_default() += count;
        }
        for (kind, count) in other.malformed_by_type {
            *self.malformed_by_type.entry(kind).or_default() += count;
        }
        for (source, newest) in other.newest {
            let known = self.newest.entry(source).or_insert(i64::MIN);
            *known = (*known).max(newest);
        }
        self.passed_over += other.passed_over;
        self.malformed += other.malformed;
        self.wanted.extend(other.wanted);
        self.listed.extend(other.listed);
        while self.listed.len() > MALFORMED_LISTED_MAX {
            self.listed.pop();
        }
    }
}

impl Sink for Gatherer<'_> {
    fn line(&mut self, place: Place, text: &[u8]) {
        self.text(place, text);
    }

    fn document(&mut self, place: Place, text: &[u8]) {
        self.text(place, text);
    }
}

/// Notes the identifiers that references of a record ask for and that the register can't know.
fn want(
    wanted: &mut HashSet<(SourceIndex, IdentifierKey), FixedState>,
    source: SourceIndex,
    subject: Option<&Reference>,
    record: &Record,
) {
    let mut visit = |reference: &Reference| {
        let told = reference.type_told();
        let is_of_register = matches!(told, answerable_fhir::Said::Used(kind) if kind.is_directory());
        if !is_of_register && !told.is_unread() {
            wanted.extend(reference.target_key().map(|key| (source, key)));
            wanted.extend(reference.identifier_key().map(|key| (source, key)));
        }
    };
    subject.into_iter().for_each(&mut visit);
    record.references(&mut visit);
    record.contained.iter().for_each(|inner| inner.references(&mut visit));
}

/// A sample of persons, the same whoever took it: those whose hashes are lowest.
#[derive(Debug, Default)]
pub(super) struct Sample {
    hashes: HashSet<u64, FixedState>,
    persons: BinaryHeap<(u64, String)>,
}

impl Sample {
    /// Takes a person by the hash of their printed name.
    pub(super) fn take(&mut self, hash: u64, person: &str) {
        let is_full = self.persons.len() >= SAMPLE_MAX;
        if is_full && self.persons.peek().is_some_and(|highest| highest.0 <= hash) || !self.hashes.insert(hash) {
            return;
        }
        self.persons.push((hash, person.to_owned()));
        if is_full && let Some((highest, _)) = self.persons.pop() {
            self.hashes.remove(&highest);
        }
    }

    pub(super) fn merge(&mut self, other: Sample) {
        for (hash, person) in other.persons {
            self.take(hash, &person);
        }
    }

    pub(super) fn into_names(self) -> Vec<String> {
        self.persons.into_iter().map(|(_, person)| person).collect()
    }
}
