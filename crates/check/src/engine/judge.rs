//! Judging: range by range of persons, several at once, written in order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use answerable_fhir::{ChartCounts, Sheet, World, judge};
use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};

use super::entry::{self, Entry};
use super::gather::partition_of;
use super::{Collector, EngineError, Job, Reading, each_partition};
use crate::input::Meter;
use crate::spill::{Partitions, Writer};

/// Ranges that may wait to be written, for each worker.
const AHEAD_MAX: usize = 2;

/// What has been judged and not written yet.
struct Done {
    ranges: BTreeMap<usize, Vec<u8>>,
    written: usize,
    error: Option<EngineError>,
}

struct Shared {
    next: AtomicUsize,
    stop: AtomicBool,
    done: Mutex<Done>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Done> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fail(&self, error: EngineError) {
        self.stop.store(true, Ordering::Relaxed);
        self.lock().error.get_or_insert(error);
        self.changed.notify_all();
    }
}

#[expect(clippy::too_many_arguments, reason = "the one place where everything comes together")]
pub(super) fn run<C: Collector>(
    world: &World,
    job: &Job,
    meter: &Meter,
    persons: &Partitions,
    ranges: usize,
    names: &Partitions,
    reading: &mut Reading,
    make: &(impl Fn() -> C + Sync),
    write: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
) -> Result<Vec<C>, EngineError> {
    let done = Done { ranges: BTreeMap::new(), written: 0, error: None };
    let shared = Shared {
        next: AtomicUsize::new(0),
        stop: AtomicBool::new(false),
        done: Mutex::new(done),
        changed: Condvar::new(),
    };
    let away = persons.like(names.count());
    let (shared, away_ref) = (&shared, &away);
    let workers = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..job.threads.max(1))
            .map(|_| {
                let collector = make();
                scope.spawn(move || worker(world, shared, persons, ranges, away_ref, job.threads, collector))
            })
            .collect();
        let result = write_in_order(shared, ranges, meter, write);
        if let Err(error) = result {
            shared.fail(error);
        }
        workers.into_iter().filter_map(|worker| worker.join().ok().flatten()).collect::<Vec<_>>()
    });
    if let Some(error) = shared.lock().error.take() {
        return Err(error);
    }
    let mut collectors = Vec::new();
    for (collector, tally) in workers {
        collectors.push(collector);
        let counts = tally.counts;
        reading.dangling += counts.dangling;
        reading.cross_patient += counts.cross_patient;
        reading.undated += counts.undated;
        reading.closed_unknown += counts.closed_unknown;
        reading.open_at_death += counts.open_at_death;
        reading.participants_left_out += counts.participants_left_out;
        reading.persons += tally.persons;
        reading.inactive_persons += tally.inactive;
    }
    for (dangling, cross) in each_partition(job.threads, names.count(), |partition| elsewhere(names, &away, partition))?
    {
        reading.dangling += dangling;
        reading.cross_patient += cross;
    }
    Ok(collectors)
}

fn write_in_order(
    shared: &Shared,
    ranges: usize,
    meter: &Meter,
    write: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
) -> Result<(), EngineError> {
    for range in 0..ranges {
        let bytes = {
            let mut done = shared.lock();
            loop {
                if done.error.is_some() {
                    return Ok(());
                }
                if meter.is_cancelled() {
                    return Err(EngineError::Cancelled);
                }
                if let Some(bytes) = done.ranges.remove(&range) {
                    done.written = range + 1;
                    break bytes;
                }
                done = shared.changed.wait(done).unwrap_or_else(PoisonError::into_inner);
            }
        };
        shared.changed.notify_all();
        write(&bytes)?;
    }
    Ok(())
}

/// What a worker counted.
#[derive(Default)]
struct Tally {
    counts: ChartCounts,
    persons: u64,
    inactive: u64,
}

fn worker<C: Collector>(
    world: &World,
    shared: &Shared,
    persons: &Partitions,
    ranges: usize,
    away: &Partitions,
    threads: usize,
    mut collector: C,
) -> Option<(C, Tally)> {
    let mut tally = Tally::default();
    let mut away = Writer::new(away);
    loop {
        let range = shared.next.fetch_add(1, Ordering::Relaxed);
        if range >= ranges || shared.stop.load(Ordering::Relaxed) {
            break;
        }
        {
            let mut done = shared.lock();
            while done.written + AHEAD_MAX * threads.max(1) <= range && !shared.stop.load(Ordering::Relaxed) {
                done = shared.changed.wait(done).unwrap_or_else(PoisonError::into_inner);
            }
        }
        let mut bytes = Vec::new();
        match judge_range(world, persons, range, &mut away, &mut tally, &mut collector, &mut bytes) {
            Ok(()) => {
                shared.lock().ranges.insert(range, bytes);
                shared.changed.notify_all();
            }
            Err(error) => {
                shared.fail(error);
                return None;
            }
        }
    }
    if let Err(error) = away.finish() {
        shared.fail(error.into());
    }
    Some((collector, tally))
}

/// One person's entries.
type Group<'e> = Vec<(bool, Entry<'e>)>;

fn judge_range<C: Collector>(
    world: &World,
    persons: &Partitions,
    range: usize,
    away: &mut Writer,
    tally: &mut Tally,
    collector: &mut C,
    bytes: &mut Vec<u8>,
) -> Result<(), EngineError> {
    let chunks = persons.take(range)?;
    let mut numbers: HashMap<&str, usize, FixedState> = HashMap::default();
    let mut groups: Vec<(&str, Group)> = Vec::new();
    for (person, is_replaced, entry) in chunks.iter().flat_map(|chunk| entry::entries_of_persons(chunk)) {
        let number = *numbers.entry(person).or_insert_with(|| {
            groups.push((person, Vec::new()));
            groups.len() - 1
        });
        if let Some((_, group)) = groups.get_mut(number) {
            group.push((is_replaced, entry));
        }
    }
    groups.sort_unstable_by_key(|(person, _)| *person);
    let mut sheets: Vec<Sheet> = Vec::new();
    for (person, group) in &groups {
        sheets.clear();
        for &(is_replaced, entry) in group {
            let (head, body) = entry.head()?;
            sheets.push(Sheet { source: head.source, record: entry::record(&head, body)?, is_replaced });
        }
        // The order in which workers happened to read must not show.
        sheets.sort_unstable_by(|one, other| (one.source, one.record.name).cmp(&(other.source, other.record.name)));
        let judgement = judge(world, person, &sheets);
        for hash in &judgement.away {
            away.record(partition_of(*hash, away.count()), |buffer| buffer.extend_from_slice(&hash.to_le_bytes()))?;
        }
        tally.persons += 1;
        tally.inactive += u64::from(judgement.shown.is_inactive);
        tally.counts.add(&judgement.counts);
        collector.person(&judgement, bytes);
    }
    Ok(())
}

/// Of the names that charts didn't have: those that nobody has dangle; a link to another patient's is counted too.
fn elsewhere(names: &Partitions, away: &Partitions, partition: usize) -> Result<(u64, u64), EngineError> {
    let wanted = away.take(partition)?;
    if wanted.is_empty() {
        return Ok((0, 0));
    }
    let hashes = |chunks: &[Vec<u8>]| -> Vec<u64> {
        let words = chunks.iter().flat_map(|chunk| chunk.as_chunks::<8>().0.iter());
        words.map(|word| u64::from_le_bytes(*word)).collect()
    };
    let known: HashSet<u64, FixedState> = hashes(&names.take(partition)?).into_iter().collect();
    let (mut dangling, mut cross) = (0, 0);
    for hash in hashes(&wanted) {
        let (of_patient, of_nobody) = (known.contains(&(hash | 1)), known.contains(&(hash & !1)));
        let is_link = hash & 1 == 1;
        cross += u64::from(is_link && of_patient);
        dangling += u64::from(!of_patient && !of_nobody);
    }
    Ok((dangling, cross))
}
