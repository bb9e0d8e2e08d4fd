//! Judging: home by home, several at once.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

use answerable_fhir::{ChartCounts, Sheet, Type, World, judge};
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::entry::{self, Head};
use super::home::{At, hashes, noted, write_hash};
use super::people::People;
use super::ranges::Ranges;
use super::route::lost;
use super::{Collector, EngineError, Job, Newest, Reading, Stores, count, each_partition, each_partition_with, newest};
use crate::input::Meter;
use crate::spill::{Partitions, Writer};

/// Everything that judging reads, beside what is set aside.
pub(super) struct Judging<'j> {
    pub(super) world: &'j World<'j>,
    pub(super) job: &'j Job<'j>,
    pub(super) meter: &'j Meter,
    pub(super) stores: &'j Stores,
    pub(super) people: &'j People,
    pub(super) lost: Option<&'j Partitions>,
    pub(super) ranges: &'j Ranges,
    /// What collectors write of persons, by range.
    pub(super) rows: &'j Partitions,
}

/// What a worker has of its own.
struct Worker<C> {
    collector: C,
    away: Writer,
    rows: Writer,
    written: Vec<u8>,
    tally: Tally,
}

/// What a worker counted.
#[derive(Default)]
struct Tally {
    counts: ChartCounts,
    persons: u64,
    inactive: u64,
    /// Resources and duplicates, by type.
    by_type: [(u64, u64); Type::ALL.len()],
}

impl Judging<'_> {
    /// Judges everyone; gives the collectors back.
    pub(super) fn run<C: Collector>(
        &self,
        reading: &mut Reading,
        make: &(impl Fn() -> C + Sync),
    ) -> Result<Vec<C>, EngineError> {
        let (stores, threads) = (self.stores, self.job.threads);
        let away = stores.store.partitions(stores.names.count());
        let done: Mutex<Vec<(C, Tally)>> = Mutex::default();
        each_partition_with(
            threads,
            stores.records.count(),
            || Worker {
                collector: make(),
                away: Writer::new(&away),
                rows: Writer::new(self.rows),
                written: Vec::new(),
                tally: Tally::default(),
            },
            |worker, home| self.home(home, worker),
            |worker| {
                worker.away.finish()?;
                worker.rows.finish()?;
                done.lock().unwrap_or_else(PoisonError::into_inner).push((worker.collector, worker.tally));
                Ok(())
            },
        )?;
        let mut collectors = Vec::new();
        for (collector, tally) in done.into_inner().unwrap_or_else(PoisonError::into_inner) {
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
            for (kind, (resources, duplicates)) in Type::ALL.into_iter().zip(tally.by_type) {
                count(&mut reading.types, kind, resources, duplicates);
            }
        }
        let found = each_partition(threads, away.count(), |partition| elsewhere(&stores.names, &away, partition))?;
        for (dangling, cross) in found {
            reading.dangling += dangling;
            reading.cross_patient += cross;
        }
        Ok(collectors)
    }

    /// Judges those who are at home here.
    fn home<C: Collector>(&self, home: usize, worker: &mut Worker<C>) -> Result<(), EngineError> {
        if self.meter.is_cancelled() {
            return Err(EngineError::Cancelled);
        }
        let (stores, people, sources) = (self.stores, self.people, self.world.sources);
        let homes = stores.records.count();
        let patients = stores.patients.take(home)?;
        let records = stores.records.take(home)?;
        let moved = stores.moved.take(home)?;

        let mut sitting = Sitting::default();
        for entry in patients.iter().flat_map(|chunk| entry::entries(chunk)) {
            let (head, body) = entry.head()?;
            let name = head.named();
            if people.elsewhere(name, home, homes).is_none() {
                sitting.seat(people.printed(sources, name), Of { head, body, is_replaced: people.is_replaced(name) });
            }
        }
        let Newest { winners, duplicates } = newest(&records, &lost(self.lost, home)?)?;
        for ((_, of_type), more) in worker.tally.by_type.iter_mut().zip(duplicates) {
            *of_type += more;
        }
        for (_, head, body) in winners {
            if let Some((of_type, _)) = worker.tally.by_type.get_mut(head.kind as usize) {
                *of_type += 1;
            }
            if let Some(patient) = head.patient()
                && people.elsewhere(patient, home, homes).is_none()
            {
                sitting.seat(people.printed(sources, patient), Of { head, body, is_replaced: false });
            }
        }
        for (person, is_replaced, entry) in moved.iter().flat_map(|chunk| entry::entries_of_persons(chunk)) {
            let (head, body) = entry.head()?;
            sitting.seat(Cow::Borrowed(person), Of { head, body, is_replaced });
        }
        self.judge(sitting, worker)
    }

    fn judge<C: Collector>(&self, sitting: Sitting, worker: &mut Worker<C>) -> Result<(), EngineError> {
        let Sitting { persons, .. } = sitting;
        for (person, mut all) in persons {
            // The order in which workers happened to read must not show.
            all.sort_unstable_by_key(|of| of.head.named());
            let mut sheets: Vec<Sheet> = Vec::with_capacity(all.len());
            for Of { head, body, is_replaced } in all {
                sheets.push(Sheet { source: head.source, record: entry::record(&head, body)?, is_replaced });
            }
            let judgement = judge(self.world, &person, &sheets);
            for &hash in &judgement.away {
                write_hash(&mut worker.away, hash)?;
            }
            worker.tally.persons += 1;
            worker.tally.inactive += u64::from(judgement.shown.is_inactive);
            worker.tally.counts.add(&judgement.counts);
            worker.written.clear();
            worker.collector.person(&judgement, &mut worker.written);
            if !worker.written.is_empty() {
                super::rows::set_aside(&mut worker.rows, self.ranges, &person, &worker.written)?;
            }
        }
        Ok(())
    }
}

/// A record of a person, before it is read.
struct Of<'e> {
    head: Head<'e>,
    body: &'e [u8],
    is_replaced: bool,
}

/// The persons of a home, and the records of each.
#[derive(Default)]
struct Sitting<'e> {
    numbers: HashMap<Cow<'e, str>, usize, FixedState>,
    persons: Vec<(Cow<'e, str>, Vec<Of<'e>>)>,
}

impl<'e> Sitting<'e> {
    fn seat(&mut self, person: Cow<'e, str>, of: Of<'e>) {
        let number = match self.numbers.get(&person) {
            Some(&number) => number,
            None => {
                self.numbers.insert(person.clone(), self.persons.len());
                self.persons.push((person, Vec::new()));
                self.persons.len() - 1
            }
        };
        if let Some((_, all)) = self.persons.get_mut(number) {
            all.push(of);
        }
    }
}

/// Of the names that charts didn't have: those that nobody has dangle; a link to another patient's is counted too.
fn elsewhere(names: &Partitions, away: &Partitions, partition: usize) -> Result<(u64, u64), EngineError> {
    let wanted = away.take(partition)?;
    if wanted.is_empty() {
        return Ok((0, 0));
    }
    let is_link = |hash: u64| hash & 1 == 1;
    let mut known: HashMap<u64, (bool, bool), FixedState> =
        hashes(&wanted).map(|hash| (hash & !1, (false, false))).collect();
    for (hash, at) in noted(&names.take(partition)?) {
        if let Some((of_patient, of_nobody)) = known.get_mut(&(hash & !1)) {
            *of_patient |= matches!(at, At::Home(_) | At::Somebody);
            *of_nobody |= at == At::Nobody;
        }
    }
    let (mut dangling, mut cross) = (0, 0);
    for hash in hashes(&wanted) {
        let (of_patient, of_nobody) = known.get(&(hash & !1)).copied().unwrap_or_default();
        cross += u64::from(is_link(hash) && of_patient);
        dangling += u64::from(!of_patient && !of_nobody);
    }
    Ok((dangling, cross))
}
