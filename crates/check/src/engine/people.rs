//! Patients: which records are of one person. Duplicates go, the replaced are read as another, those who share an
//! identifier are linked.

use std::borrow::Cow;

use answerable_fhir::{Body, IdentifierKey, Matches, Name, NameRef, SourceIndex, Sources, Target, Unions};
use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use serde::{Deserialize, Serialize};

use super::entry::{self, Head};
use super::home::{home_of, partition_of};
use super::route::Lost;
use super::{EngineError, Newest, Stores, each_partition, newest};
use crate::spill::{Partitions, Writer};

/// Memory that a link takes, about.
const LINK_BYTES: u64 = 200;

/// What is known of persons: only those who aren't simply the one patient that a subject names.
#[derive(Debug, Default)]
pub(super) struct People {
    /// The person's printed name, where it isn't the patient's own.
    persons: HashMap<Name, Box<str>, FixedState>,
    /// Patients that are read as another.
    replaced: HashSet<Name, FixedState>,
    /// Patient records beyond the first of each person.
    pub(super) linked: u64,
    /// Chains that were not linked because birth dates differ: the names in each.
    pub(super) clashes: Vec<Vec<String>>,
    /// Patients read as another.
    pub(super) merged: u64,
    /// Links that led into a circle, ignored.
    pub(super) circles: u64,
    /// References of links that lead nowhere.
    pub(super) dangling: u64,
}

impl People {
    /// The printed name of the person whom a patient is.
    pub(super) fn person(&self, sources: &Sources, patient: NameRef) -> String {
        let mut person = String::new();
        self.write_person(sources, patient, &mut person);
        person
    }

    /// Appends that name.
    pub(super) fn write_person(&self, sources: &Sources, patient: NameRef, to: &mut String) {
        match self.persons.get(&patient) {
            Some(person) => to.push_str(person),
            None => {
                to.push_str(sources.prefix(patient.source));
                to.push_str(patient.name);
            }
        }
    }

    /// The same, copied only where it must be.
    pub(super) fn printed<'p>(&'p self, sources: &Sources, patient: NameRef<'p>) -> Cow<'p, str> {
        match self.persons.get(&patient) {
            Some(person) => Cow::Borrowed(person),
            None if sources.prefix(patient.source).is_empty() => Cow::Borrowed(patient.name),
            None => Cow::Owned(sources.print(patient)),
        }
    }

    /// The person whom a patient is, if that one is at home elsewhere.
    pub(super) fn elsewhere(&self, patient: NameRef, home: usize, homes: usize) -> Option<&str> {
        if self.persons.is_empty() {
            return None;
        }
        self.persons.get(&patient).map(|person| &**person).filter(|person| home_of(person, homes) != home)
    }

    /// The homes that someone leaves for another.
    pub(super) fn left(&self, sources: &Sources, homes: usize) -> HashSet<usize, FixedState> {
        let own = self.persons.iter().map(|(name, person)| (home_of(&sources.print(name.borrow()), homes), person));
        own.filter(|(own, person)| home_of(person, homes) != *own).map(|(own, _)| own).collect()
    }

    pub(super) fn is_replaced(&self, patient: NameRef) -> bool {
        self.replaced.contains(&patient)
    }
}

/// A number that may link, of one patient.
#[derive(Serialize, Deserialize)]
struct Key<'k> {
    key: IdentifierKey,
    source: SourceIndex,
    name: &'k str,
    birth_date: Option<&'k str>,
}

/// What the first pass over the patients finds.
#[derive(Default)]
struct Pass {
    replaced_by: Vec<(Name, Vec<Pointer>)>,
    matches: Vec<((SourceIndex, IdentifierKey), Name)>,
    resources: u64,
    duplicates: u64,
}

/// Where a link of type replaced-by points.
enum Pointer {
    Named(Name),
    Having(SourceIndex, Vec<IdentifierKey>),
}

/// What the passes over the patients come to.
pub(super) struct Patients {
    pub(super) people: People,
    pub(super) resources: u64,
    pub(super) duplicates: u64,
}

/// Finds who is who. Afterwards the patients stand in `stores.patients` again, each once.
pub(super) fn find(
    stores: &Stores,
    sources: &Sources,
    wanted: &HashSet<(SourceIndex, IdentifierKey), FixedState>,
    matches: &mut Matches,
    threads: usize,
) -> Result<Patients, EngineError> {
    let count = stores.patients.count();
    let keys = stores.store.partitions(count);
    let passes = each_partition(threads, count, |partition| first_pass(stores, &keys, wanted, partition))?;
    let (mut resources, mut duplicates) = (0, 0);
    let mut replaced_by: Vec<(Name, Vec<Pointer>)> = Vec::new();
    let mut having: Vec<((SourceIndex, IdentifierKey), Name)> = Vec::new();
    for pass in passes {
        resources += pass.resources;
        duplicates += pass.duplicates;
        replaced_by.extend(pass.replaced_by);
        having.extend(pass.matches);
    }
    let mut people = People::default();
    replaced_by.sort_by(|one, other| one.0.borrow().cmp(&other.0.borrow()));
    let replacing = replacing(stores, &mut people, &replaced_by, &having, threads)?;
    link(stores, sources, &keys, &mut people, &replacing, threads)?;
    // A replaced patient is found by no identifier.
    for (key, name) in having {
        if !people.replaced.contains(&name) {
            add_match(matches, key, name, &people, sources);
        }
    }
    Ok(Patients { people, resources, duplicates })
}

/// Adds a resource that has a wanted identifier; of one person one is enough.
fn add_match(matches: &mut Matches, key: (SourceIndex, IdentifierKey), name: Name, people: &People, sources: &Sources) {
    let person = people.person(sources, name.borrow());
    let known = matches.entry(key).or_default();
    if !known.iter().any(|other| people.person(sources, other.borrow()) == person) {
        known.push(name);
    }
}

/// Leaves each patient once in a partition, and notes what links and what replaces.
fn first_pass(
    stores: &Stores,
    keys: &Partitions,
    wanted: &HashSet<(SourceIndex, IdentifierKey), FixedState>,
    partition: usize,
) -> Result<Pass, EngineError> {
    let chunks = stores.patients.take(partition)?;
    let Newest { winners, .. } = newest(&chunks, &Lost::default())?;
    let read: usize = chunks.iter().map(|chunk| entry::entries(chunk).count()).sum();
    let resources = winners.len() as u64;
    let mut pass = Pass { resources, duplicates: read as u64 - resources, ..Pass::default() };
    let mut writer = Writer::new(keys);
    let mut kept = Vec::with_capacity(winners.iter().map(|(entry, _, _)| entry.bytes.len()).sum());
    for (entry, head, body) in winners {
        let record = entry::record(&head, body)?;
        kept.extend_from_slice(entry.bytes);
        pass.matches.extend(wanted_of(wanted, &head));
        let Body::Patient(patient) = &record.body else { continue };
        if !patient.replaced_by.is_empty() {
            let pointers = patient.replaced_by.iter().filter_map(|other| pointer(&head, other)).collect();
            pass.replaced_by.push((head.named().to_owned(), pointers));
        }
        for &key in &patient.linking {
            let key = Key { key, source: head.source, name: head.name, birth_date: patient.birth_date };
            let hash = NameRef { source: 0, name: &format!("{:?}", key.key) }.hash64();
            let mut result = Ok(());
            let own = partition_of(hash, keys.count());
            writer.record(own, |buffer| result = entry::append(buffer, &key))?;
            result.map_err(|_| EngineError::Internal("a link could not be set aside"))?;
        }
    }
    writer.finish()?;
    stores.patients.push(partition, kept)?;
    Ok(pass)
}

/// Those of an entry's identifiers that some reference asks for.
pub(super) fn wanted_of(
    wanted: &HashSet<(SourceIndex, IdentifierKey), FixedState>,
    head: &Head,
) -> Vec<((SourceIndex, IdentifierKey), Name)> {
    if wanted.is_empty() {
        return Vec::new();
    }
    let keys = head.identifiers().chain(head.urn.map(IdentifierKey::of_urn));
    let keys = keys.map(|key| (head.source, key)).filter(|key| wanted.contains(key));
    keys.map(|key| (key, head.named().to_owned())).collect()
}

fn pointer(head: &Head, other: &answerable_fhir::Reference) -> Option<Pointer> {
    if let Target::Named(_, name) = other.target {
        return Some(Pointer::Named(NameRef { source: head.source, name }.to_owned()));
    }
    let keys: Vec<IdentifierKey> = [other.target_key(), other.identifier_key()].into_iter().flatten().collect();
    (!keys.is_empty()).then_some(Pointer::Having(head.source, keys))
}

/// Which patient is read as which: the first link that resolves; one that leads into a circle is ignored.
fn replacing(
    stores: &Stores,
    people: &mut People,
    replaced_by: &[(Name, Vec<Pointer>)],
    having: &[((SourceIndex, IdentifierKey), Name)],
    threads: usize,
) -> Result<HashMap<Name, Name, FixedState>, EngineError> {
    let mut replacing: HashMap<Name, Name, FixedState> = HashMap::default();
    if replaced_by.is_empty() {
        return Ok(replacing);
    }
    stores.store.reserve(LINK_BYTES * replaced_by.len() as u64)?;
    let pointed: HashSet<NameRef, FixedState> = replaced_by
        .iter()
        .flat_map(|(_, pointers)| pointers)
        .filter_map(|pointer| match pointer {
            Pointer::Named(name) => Some(name.borrow()),
            Pointer::Having(..) => None,
        })
        .collect();
    let found = each_partition(threads, stores.patients.count(), |partition| {
        let chunks = stores.patients.take(partition)?;
        let mut found: Vec<Name> = Vec::new();
        for entry in chunks.iter().flat_map(|chunk| entry::entries(chunk)) {
            let name = entry.head()?.0.named();
            if pointed.contains(&name) {
                found.push(name.to_owned());
            }
        }
        for chunk in chunks {
            stores.patients.push(partition, chunk)?;
        }
        Ok(found)
    })?;
    let found: HashSet<Name, FixedState> = found.into_iter().flatten().collect();
    for (name, pointers) in replaced_by {
        let mut target = None;
        for pointer in pointers {
            let resolved = match pointer {
                Pointer::Named(other) => found.get(other).cloned(),
                Pointer::Having(source, keys) => keys.iter().find_map(|&key| {
                    let mut those = having.iter().filter(|(of, _)| *of == (*source, key)).map(|(_, name)| name);
                    let only = those.next()?;
                    those.all(|other| other == only).then(|| only.clone())
                }),
            };
            people.dangling += u64::from(resolved.is_none());
            target = target.or(resolved);
        }
        if let Some(target) = target {
            replacing.insert(name.clone(), target);
        }
    }
    let circular: Vec<Name> = replacing.keys().filter(|name| leads_to_circle(&replacing, name)).cloned().collect();
    for name in circular {
        replacing.remove(&name);
        people.circles += 1;
    }
    people.merged = replacing.len() as u64;
    people.replaced.extend(replacing.keys().cloned());
    Ok(replacing)
}

fn leads_to_circle(replacing: &HashMap<Name, Name, FixedState>, name: &Name) -> bool {
    let mut at = name;
    for _ in 0..=replacing.len() {
        match replacing.get(at) {
            Some(next) => at = next,
            None => return false,
        }
    }
    true
}

/// Links those who share a number, in any chain, unless their birth dates differ; and notes who everyone is.
fn link(
    stores: &Stores,
    sources: &Sources,
    keys: &Partitions,
    people: &mut People,
    replacing: &HashMap<Name, Name, FixedState>,
    threads: usize,
) -> Result<(), EngineError> {
    let shared = each_partition(threads, keys.count(), |partition| shared_keys(keys, replacing, partition))?;
    let mut members: Vec<(Name, Option<Box<str>>)> = Vec::new();
    let mut numbers: HashMap<Name, u32, FixedState> = HashMap::default();
    let mut edges = Vec::new();
    for group in shared.into_iter().flatten() {
        let mut first = None;
        for (name, birth_date) in group {
            let number = *numbers.entry(name.clone()).or_insert_with(|| {
                members.push((name, birth_date));
                members.len() as u32 - 1
            });
            edges.push((*first.get_or_insert(number), number));
        }
    }
    stores.store.reserve(LINK_BYTES * members.len() as u64)?;
    let mut unions = Unions::new(members.len());
    for (one, other) in edges {
        unions.unite(one, other);
    }
    let mut chains: HashMap<u32, Vec<u32>, FixedState> = HashMap::default();
    for number in 0..members.len() as u32 {
        chains.entry(unions.of(number)).or_default().push(number);
    }
    let mut clashes = Vec::new();
    for chain in chains.into_values() {
        let of_chain: Vec<&(Name, Option<Box<str>>)> =
            chain.iter().filter_map(|&number| members.get(number as usize)).collect();
        let mut printed: Vec<String> = of_chain.iter().map(|(name, _)| sources.print(name.borrow())).collect();
        printed.sort_unstable();
        let mut dates: Vec<&str> = of_chain.iter().filter_map(|(_, date)| date.as_deref()).collect();
        dates.sort_unstable();
        dates.dedup();
        if dates.len() > 1 {
            clashes.push(printed);
            continue;
        }
        people.linked += chain.len() as u64 - 1;
        let Some(person) = printed.first() else { continue };
        for (name, _) in of_chain {
            people.persons.insert(name.clone(), person.as_str().into());
        }
    }
    clashes.sort_unstable();
    people.clashes = clashes;
    for name in replacing.keys() {
        let mut last = name;
        while let Some(next) = replacing.get(last) {
            last = next;
        }
        let person = people.person(sources, last.borrow());
        people.persons.insert(name.clone(), person.into());
    }
    Ok(())
}

type Group = Vec<(Name, Option<Box<str>>)>;

/// The patients who share a number, by number; a replaced one's number is unread.
fn shared_keys(
    keys: &Partitions,
    replacing: &HashMap<Name, Name, FixedState>,
    partition: usize,
) -> Result<Vec<Group>, EngineError> {
    let chunks = keys.take(partition)?;
    let mut all: Vec<Key> = Vec::new();
    for chunk in &chunks {
        let mut rest = chunk.as_slice();
        while !rest.is_empty() {
            let (key, after) = postcard::take_from_bytes::<Key>(rest)
                .map_err(|_| EngineError::Internal("a link that was set aside can't be read"))?;
            rest = after;
            if !replacing.contains_key(&NameRef { source: key.source, name: key.name }) {
                all.push(key);
            }
        }
    }
    all.sort_unstable_by_key(|key| (key.key, key.source, key.name));
    all.dedup_by_key(|key| (key.key, key.source, key.name));
    let shared = all.chunk_by(|one, other| one.key == other.key).filter(|group| group.len() > 1);
    let group = |group: &[Key]| {
        let member =
            |key: &Key| (NameRef { source: key.source, name: key.name }.to_owned(), key.birth_date.map(Into::into));
        group.iter().map(member).collect()
    };
    Ok(shared.map(group).collect())
}
