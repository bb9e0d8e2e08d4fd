//! The engine: everything is read once, partitioned by person, then judged a person at a time.
//!
//! ```text
//! scan      text -> records, each where its person is at home   (gather, home)
//! register  practitioners, roles, organisations, linked         (stays in memory)
//! people    which patients are one person                       (people)
//! route     those few records that are at home elsewhere        (route)
//! judge     a person's records -> what is written of them       (judge)
//! rows      what was written, in order of persons               (rows, ranges)
//! ```
//!
//! What is set aside stays in memory as long as that lasts, and goes to temporary files beyond.

mod entry;
mod gather;
mod home;
mod judge;
mod people;
mod ranges;
mod route;
mod rows;

use std::fmt;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use answerable_fhir::{
    Calendar, IdentifierKey, Matches, Moments, PersonJudgement, Reader, Register, RegisterBuilder, Settings,
    SourceIndex, Sources, Type, World, is_json,
};
use foldhash::fast::FixedState;
use hashbrown::{HashSet, HashTable};

use crate::input::{File, Listing, Meter, Problem, scan};
use crate::spill::{Partitions, SpillError, Store};
use entry::{Entry, Head};
use gather::{Counts, Gatherer, Sample};
use judge::Judging;
use people::Patients;
use ranges::Ranges;
use route::{Lost, Routes, contested};

/// Partitions at the least: so many that one of a million resources stays in the processor's cache.
const PARTITIONS_MIN: usize = 128;

/// Partitions at the most: more would be read and written in pieces too small for disks.
const PARTITIONS_MAX: usize = 2048;

/// How many partitions what is set aside has room for.
const PARTITIONS_HELD: u64 = 8;

/// How much room there is for each partition at least, or what is being gathered of each would leave none.
const PARTITION_BYTES_MIN: u64 = 128 << 10;

/// Of how many bytes of input one is set aside, about.
const SET_ASIDE_OF: u64 = 3;

/// How many bytes a compressed one becomes, about.
const DECOMPRESSED: u64 = 12;

/// Why a run stopped.
#[derive(Debug)]
pub(crate) enum EngineError {
    /// Memory or temporary files.
    Spill(SpillError),
    /// Threads could not be started, or results not be written.
    Io(std::io::Error),
    /// A mistake of ours.
    Internal(&'static str),
    /// Somebody asked it to stop.
    Cancelled,
}

impl From<SpillError> for EngineError {
    fn from(error: SpillError) -> EngineError {
        EngineError::Spill(error)
    }
}

impl From<std::io::Error> for EngineError {
    fn from(error: std::io::Error) -> EngineError {
        EngineError::Io(error)
    }
}

impl fmt::Display for EngineError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EngineError::Spill(error) => error.fmt(to),
            EngineError::Io(error) => error.fmt(to),
            EngineError::Internal(what) => write!(to, "{what}; this is a mistake in answerable: please report it"),
            EngineError::Cancelled => write!(to, "stopped before it was done; run it again"),
        }
    }
}

/// What a run needs.
#[derive(Debug)]
pub(crate) struct Job<'j> {
    pub(crate) listing: &'j Listing,
    pub(crate) settings: &'j Settings,
    pub(crate) calendar: Calendar,
    pub(crate) as_of: answerable_care::Instant,
    pub(crate) threads: usize,
    pub(crate) memory_bytes: u64,
    pub(crate) temp: Option<PathBuf>,
}

/// Takes in judgements: one for each worker. What it writes comes out in order of persons.
pub(crate) trait Collector: Send {
    /// A person was judged.
    fn person(&mut self, judgement: &PersonJudgement, bytes: &mut Vec<u8>);
}

/// Malformed text: which file and line, which resource, what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// The resource, as far as it can be told.
    pub resource: String,
    /// What is wrong, and what was done.
    pub what: String,
}

/// What reading came to: the reading report.
#[derive(Debug, Default)]
pub struct Reading {
    /// Of each type that the rules read: resources, duplicates, malformed.
    pub types: Vec<(Type, TypeCounts)>,
    /// Of each other type: resources.
    pub unused: Vec<(String, u64)>,
    /// Malformed text of which the type isn't known.
    pub malformed_unknown: u64,
    /// The first malformed ones, in order of reading.
    pub malformed: Vec<Malformed>,
    /// How many were malformed, files and lines that can't be read included.
    pub malformed_count: u64,
    /// Files that aren't JSON, entries that delete, JSON without a resourceType.
    pub passed_over: u64,
    /// CareTeams, Encounters and Tasks without a subject, and resources whose subject isn't a patient.
    pub no_subject: u64,
    /// References that lead nowhere.
    pub dangling: u64,
    /// Links between resources of two patients, ignored.
    pub cross_patient: u64,
    /// Records of patients, practitioners and organisations that are one with another.
    pub linked: u64,
    /// Chains of patients not linked, because birth dates differ.
    pub clashes: Vec<Vec<String>>,
    /// Patients read as another (replaced-by).
    pub merged: u64,
    /// Links of patients that led into a circle.
    pub circles: u64,
    /// Needs whose start isn't known.
    pub undated: u64,
    /// Needs that closed at an unknown time.
    pub closed_unknown: u64,
    /// Needs that were open when the patient died.
    pub open_at_death: u64,
    /// Participants whose period ends before it starts.
    pub participants_left_out: u64,
    /// Persons judged.
    pub persons: u64,
    /// Patients whose records are not active.
    pub inactive_persons: u64,
    /// The newest `meta.lastUpdated` of each source, in microseconds.
    pub newest: Vec<(SourceIndex, i64)>,
    /// Bytes read.
    pub bytes: u64,
    /// Bytes that went to temporary files.
    pub spilled: u64,
}

/// Counts of one type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TypeCounts {
    /// Resources, each once.
    pub resources: u64,
    /// Resources that another of the same name stands for.
    pub duplicates: u64,
    /// Resources left out.
    pub malformed: u64,
}

/// What is set aside between reading and routing.
pub(crate) struct Stores {
    pub(crate) store: Store,
    /// Practitioners, roles and organisations, by name.
    register: Partitions,
    /// Patients, by home.
    patients: Partitions,
    /// Records of which the subject is a patient's plain name, by that patient's home.
    records: Partitions,
    /// The other records, by name.
    others: Partitions,
    /// What turned out to be at home elsewhere than where it was read to, by home.
    moved: Partitions,
    /// Where each record of patients is, by name: the hash of that.
    names: Partitions,
}

/// What reading found.
struct Read<'r> {
    sources: &'r Sources,
    wanted: HashSet<(SourceIndex, IdentifierKey), FixedState>,
    threads: usize,
}

/// Runs a job: `write` gets what collectors wrote, in order of persons. Collectors are given back.
pub(crate) fn run<C: Collector>(
    job: &Job,
    meter: &Meter,
    on_store: impl FnOnce(&Store),
    make: impl Fn() -> C + Sync,
    write: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
) -> Result<(Vec<C>, Reading), EngineError> {
    let kept = kept_bytes(job.memory_bytes, job.threads);
    let store = Store::new(kept, job.temp.clone());
    on_store(&store);
    let count_of = partition_count(job.listing, kept);
    let partitions = || store.partitions(count_of);
    let stores = Stores {
        register: partitions(),
        patients: partitions(),
        records: partitions(),
        others: partitions(),
        moved: partitions(),
        names: partitions(),
        store: store.clone(),
    };
    let sources = Sources::new(&job.listing.sources);
    let mut reading = Reading::default();

    let (counts, sample) = scanned(job, meter, &sources, &stores, &mut reading)?;
    let read = Read { sources: &sources, wanted: counts.wanted.clone(), threads: job.threads };
    let register = register(&stores, &read, &mut reading)?;
    let mut matches = Matches::default();
    let Patients { people, resources, duplicates } =
        people::find(&stores, &sources, &read.wanted, &mut matches, job.threads)?;
    count(&mut reading.types, Type::Patient, resources, duplicates);
    let lost = contested(&stores, job.threads)?;
    let (people, lost) = (&people, lost.as_ref());
    for routed in (Routes { read: &read, stores: &stores, people, matches: &matches, lost }).run()? {
        reading.no_subject += routed.no_subject;
        for (kind, resources, duplicates) in routed.by_type {
            count(&mut reading.types, kind, resources, duplicates);
        }
        for (key, name) in routed.having {
            matches.entry(key).or_default().push(name);
        }
    }
    reading.linked = people.linked + register.linked.0 + register.linked.1;
    (reading.merged, reading.circles) = (people.merged, people.circles);
    reading.clashes.clone_from(&people.clashes);
    reading.dangling = people.dangling + register.dangling;

    let world = World {
        settings: job.settings,
        calendar: job.calendar.clone(),
        sources: &sources,
        register: &register,
        matches: &matches,
        moments: Moments::new(job.as_of, &job.settings.windows, &job.calendar),
    };
    let ranges = Ranges::new(2 * count_of, sample);
    let rows = stores.store.partitions(ranges.count());
    let judging = Judging { world: &world, job, meter, stores: &stores, people, lost, ranges: &ranges, rows: &rows };
    let collectors = judging.run(&mut reading, &make)?;
    reading.counts(job, counts);
    rows::write_in_order(&rows, meter, write)?;
    reading.spilled = stores.store.spilled_bytes();
    Ok((collectors, reading))
}

/// What the program takes before it reads anything.
const PROGRAM_BYTES: u64 = 8 << 20;

/// What a thread takes beside what is set aside: blocks of files, the partition that it has taken, what it judges.
const THREAD_BYTES: u64 = 24 << 20;

/// How much of the memory that is allowed what is set aside may take: two fifths of what the rest leaves, since what
/// was dropped is given back to the system only after a second.
fn kept_bytes(allowed: u64, threads: usize) -> u64 {
    let rest = PROGRAM_BYTES + THREAD_BYTES * threads as u64;
    (allowed.saturating_sub(rest) / 5 * 2).max(allowed / 8)
}

/// How many partitions: so many that one is small beside the memory, however much is read.
fn partition_count(listing: &Listing, kept: u64) -> usize {
    let is_compressed = |file: &File| {
        let extension = file.path.extension().and_then(|extension| extension.to_str());
        matches!(extension, Some("gz" | "zst" | "zstd"))
    };
    let bytes_of = |file: &File| if is_compressed(file) { file.size.saturating_mul(DECOMPRESSED) } else { file.size };
    let bytes = listing.files.iter().map(bytes_of).fold(0, u64::saturating_add);
    let wanted = (bytes / SET_ASIDE_OF).saturating_mul(PARTITIONS_HELD) / kept.max(1);
    let wanted = usize::try_from(wanted.min(kept / PARTITION_BYTES_MIN)).unwrap_or(usize::MAX);
    wanted.clamp(PARTITIONS_MIN, PARTITIONS_MAX)
}

/// Reads everything.
fn scanned(
    job: &Job,
    meter: &Meter,
    sources: &Sources,
    stores: &Stores,
    reading: &mut Reading,
) -> Result<(Counts, Sample), EngineError> {
    let make = |_| Gatherer::new(Reader::new(job.settings, job.calendar.clone()), job.listing, sources, stores);
    let (sinks, scanned) = scan(job.listing, job.threads, make, is_json, meter)?;
    if meter.is_cancelled() {
        return Err(EngineError::Cancelled);
    }
    let (mut counts, mut sample) = (Counts::default(), Sample::default());
    for sink in sinks {
        let (of_sink, sampled) = sink.finish()?;
        counts.merge(of_sink);
        sample.merge(sampled);
    }
    reading.bytes = scanned.bytes;
    reading.passed_over = scanned.passed_over + job.listing.passed_over;
    let listed = std::mem::take(&mut counts.listed).into_sorted_vec();
    reading.malformed = listed
        .into_iter()
        .map(|malformed| Malformed {
            file: job
                .listing
                .files
                .get(malformed.place.file as usize)
                .map(crate::input::File::shown)
                .unwrap_or_default(),
            line: scanned.line_number(malformed.place) + malformed.lines,
            resource: malformed.name,
            what: malformed.what,
        })
        .collect();
    reading.problems(&job.listing.problems);
    reading.problems(&scanned.problems);
    Ok((counts, sample))
}

impl Reading {
    /// Files and lines that can't be read count as malformed.
    fn problems(&mut self, problems: &[Problem]) {
        self.malformed_count += problems.len() as u64;
        self.malformed_unknown += problems.len() as u64;
        self.malformed.extend(problems.iter().map(|problem| Malformed {
            file: problem.path.clone(),
            line: problem.line.unwrap_or_default(),
            resource: String::new(),
            what: problem.what.clone(),
        }));
    }

    fn counts(&mut self, job: &Job, counts: Counts) {
        self.passed_over += counts.passed_over;
        self.malformed_count += counts.malformed;
        for (kind, malformed) in counts.malformed_by_type {
            match Type::named(&kind) {
                Some(kind) => type_counts(&mut self.types, kind).malformed += malformed,
                None => self.malformed_unknown += malformed,
            }
        }
        self.unused = counts.unused.into_iter().collect();
        self.unused.sort_unstable();
        self.newest =
            counts.newest.into_iter().filter(|(source, _)| usize::from(*source) < job.listing.sources.len()).collect();
        self.newest.sort_unstable();
        self.types.sort_unstable_by_key(|(kind, _)| *kind);
    }

    /// Resources read, of the types that the rules read, each once.
    #[must_use]
    pub fn resources(&self) -> u64 {
        self.types.iter().map(|(_, counts)| counts.resources).sum()
    }

    /// Resources that another of the same name stands for.
    #[must_use]
    pub fn duplicates(&self) -> u64 {
        self.types.iter().map(|(_, counts)| counts.duplicates).sum()
    }
}

fn type_counts(types: &mut Vec<(Type, TypeCounts)>, kind: Type) -> &mut TypeCounts {
    let index = types.iter().position(|(known, _)| *known == kind).unwrap_or_else(|| {
        types.push((kind, TypeCounts::default()));
        types.len() - 1
    });
    #[expect(clippy::indexing_slicing, reason = "the index was found or made just now")]
    &mut types[index].1
}

fn count(types: &mut Vec<(Type, TypeCounts)>, kind: Type, resources: u64, duplicates: u64) {
    if resources + duplicates > 0 {
        let counts = type_counts(types, kind);
        counts.resources += resources;
        counts.duplicates += duplicates;
    }
}

/// Practitioners, roles and organisations, each once, linked.
fn register(stores: &Stores, read: &Read, reading: &mut Reading) -> Result<Register, EngineError> {
    let mut builder = RegisterBuilder::default();
    let mut all = Vec::new();
    for partition in 0..stores.register.count() {
        let chunks = stores.register.take(partition)?;
        stores.store.reserve(chunks.iter().map(|chunk| chunk.len() as u64).sum())?;
        all.extend(chunks);
    }
    let Newest { mut winners, duplicates } = newest(&all, &Lost::default())?;
    winners.sort_unstable_by_key(|(_, head, _)| head.named());
    let mut reserved = 0;
    for (_, head, body) in winners {
        let mut record = entry::record(&head, body)?;
        record.identifiers.extend(head.identifiers());
        builder.add(head.source, read.sources, &record, head.urn);
        count(&mut reading.types, head.kind, 1, 0);
        if builder.bytes() > reserved + (1 << 20) {
            stores.store.reserve(builder.bytes() - reserved)?;
            reserved = builder.bytes();
        }
    }
    for (kind, duplicates) in Type::ALL.into_iter().zip(duplicates) {
        count(&mut reading.types, kind, 0, duplicates);
    }
    stores.store.release(all.iter().map(|chunk| chunk.len() as u64).sum());
    Ok(builder.finish(read.sources))
}

/// What an entry takes, about.
const ENTRY_BYTES: usize = 256;

type Winner<'e> = (Entry<'e>, Head<'e>, &'e [u8]);

/// Of each name the entry that counts.
struct Newest<'e> {
    winners: Vec<Winner<'e>>,
    /// How many others there were, by type.
    duplicates: [u64; Type::ALL.len()],
}

/// The newest record of each name, those aside that are lost.
fn newest<'e>(chunks: &'e [Vec<u8>], lost: &Lost) -> Result<Newest<'e>, EngineError> {
    let about = chunks.iter().map(Vec::len).sum::<usize>() / ENTRY_BYTES;
    let mut winners: Vec<Winner> = Vec::with_capacity(about);
    let mut known: HashTable<usize> = HashTable::with_capacity(about);
    let mut duplicates = [0; Type::ALL.len()];
    for entry in chunks.iter().flat_map(|chunk| entry::entries(chunk)) {
        let (head, body) = entry.head()?;
        if !lost.is_empty() && lost.contains(&head.order) {
            if let Some(count) = duplicates.get_mut(head.kind as usize) {
                *count += 1;
            }
            continue;
        }
        let hash_of = |index: &usize| winners.get(*index).map_or(0, |(entry, _, _): &Winner| entry.hash);
        let is_same = |index: &usize| winners.get(*index).is_some_and(|(_, other, _)| other.named() == head.named());
        match known.entry(entry.hash, is_same, hash_of) {
            hashbrown::hash_table::Entry::Vacant(vacant) => {
                vacant.insert(winners.len());
                winners.push((entry, head, body));
            }
            hashbrown::hash_table::Entry::Occupied(occupied) => {
                if let Some(count) = duplicates.get_mut(head.kind as usize) {
                    *count += 1;
                }
                if let Some(winner) = winners.get_mut(*occupied.get())
                    && head.is_newer_than(&winner.1)
                {
                    *winner = (entry, head, body);
                }
            }
        }
    }
    Ok(Newest { winners, duplicates })
}

/// Does something with each of so many partitions, on several threads; gives back what came of each, in order.
fn each_partition<T: Send>(
    threads: usize,
    count: usize,
    work: impl Fn(usize) -> Result<T, EngineError> + Sync,
) -> Result<Vec<T>, EngineError> {
    each_partition_with(threads, count, || (), |(), partition| work(partition), |()| Ok(()))
}

/// The same, where each thread has something of its own that it begins with `make` and ends with `finish`.
fn each_partition_with<Own, T: Send>(
    threads: usize,
    count: usize,
    make: impl Fn() -> Own + Sync,
    work: impl Fn(&mut Own, usize) -> Result<T, EngineError> + Sync,
    finish: impl Fn(Own) -> Result<(), EngineError> + Sync,
) -> Result<Vec<T>, EngineError> {
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let done: Mutex<Vec<(usize, Result<T, EngineError>)>> = Mutex::new(Vec::with_capacity(count));
    let (make, work, finish, next, failed, done_ref) = (&make, &work, &finish, &next, &failed, &done);
    let finished = std::thread::scope(|scope| {
        let of_thread = move || {
            let mut own = make();
            loop {
                let partition = next.fetch_add(1, Ordering::Relaxed);
                if partition >= count || failed.load(Ordering::Relaxed) {
                    return finish(own);
                }
                let result = work(&mut own, partition);
                failed.fetch_or(result.is_err(), Ordering::Relaxed);
                done_ref.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((partition, result));
            }
        };
        let threads: Vec<_> = (0..threads.clamp(1, count.max(1))).map(|_| scope.spawn(of_thread)).collect();
        let joined = threads.into_iter().map(|thread| match thread.join() {
            Ok(finished) => finished,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        joined.collect::<Result<Vec<()>, EngineError>>()
    });
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_unstable_by_key(|(partition, _)| *partition);
    let results = done.into_iter().map(|(_, result)| result).collect();
    finished.and(results)
}
