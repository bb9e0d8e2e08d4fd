//! What goes in comes out, wherever it was meanwhile, and nothing stays behind.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use super::*;
use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::thread;

/// Takes everything out, as records of eight bytes.
fn numbers(partitions: &Partitions) -> BTreeMap<usize, Vec<u64>> {
    let mut all = BTreeMap::new();
    for partition in 0..partitions.count() {
        let length = partitions.bytes(partition);
        let chunks = partitions.take(partition).unwrap();
        assert_eq!(length, chunks.iter().map(|chunk| chunk.len() as u64).sum::<u64>(), "bytes of {partition}");
        assert_eq!(partitions.bytes(partition), 0);
        let records = chunks.iter().flat_map(|chunk| chunk.as_chunks::<8>().0);
        let mut records: Vec<u64> = records.map(|record| u64::from_le_bytes(*record)).collect();
        records.sort_unstable();
        all.insert(partition, records);
    }
    all
}

fn entries(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn what_goes_in_comes_out_whatever_the_budget() {
    const PARTITIONS: usize = 13;
    const WORKERS: u64 = 3;
    const RECORDS: u64 = 20_000;
    for (budget, spills) in [(0, true), (1, true), (100_000, true), (800_000, false), (1 << 30, false)] {
        let parent = tempfile::tempdir().unwrap();
        let store = Store::new(budget, Some(parent.path().into()));
        let partitions = store.partitions(PARTITIONS);
        thread::scope(|scope| {
            for worker in 0..WORKERS {
                let mut writer = Writer::new(&partitions);
                scope.spawn(move || {
                    for record in (worker..RECORDS).step_by(WORKERS as usize) {
                        // Skewed: half of all is in partition 0.
                        let partition = if record % 2 == 0 { 0 } else { record as usize % PARTITIONS };
                        writer.record(partition, |buffer| buffer.extend(record.to_le_bytes())).unwrap();
                    }
                    writer.finish().unwrap();
                });
            }
        });
        assert_eq!(store.spilled_bytes() > 0, spills, "budget {budget}");
        assert!(store.held_bytes() <= budget, "budget {budget} holds {}", store.held_bytes());

        let mut expected: BTreeMap<usize, Vec<u64>> = (0..PARTITIONS).map(|partition| (partition, vec![])).collect();
        for record in 0..RECORDS {
            let partition = if record % 2 == 0 { 0 } else { record as usize % PARTITIONS };
            expected.entry(partition).or_default().push(record);
        }
        assert_eq!(numbers(&partitions), expected, "budget {budget}");
        assert!(numbers(&partitions).values().all(Vec::is_empty), "what was taken is gone");
        assert_eq!(store.held_bytes(), 0);
        drop((store, partitions));
        assert_eq!(entries(parent.path()), 0, "budget {budget} leaves files");
    }
}

#[test]
fn the_largest_go_first_and_only_as_many_as_must() {
    let parent = tempfile::tempdir().unwrap();
    let store = Store::new(10_000, Some(parent.path().into()));
    let (small, large) = (store.partitions(2), store.partitions(1));
    small.push(0, vec![0; 1_000]).unwrap();
    small.push(1, vec![1; 2_000]).unwrap();
    large.push(0, vec![2; 6_000]).unwrap();
    assert_eq!(store.spilled_bytes(), 0);
    small.push(0, vec![3; 1_500]).unwrap();
    assert_eq!((store.spilled_bytes(), store.held_bytes()), (6_000, 4_500));
    assert_eq!(large.take(0).unwrap(), [vec![2; 6_000]]);
    assert_eq!(small.take(0).unwrap(), [vec![0; 1_000], vec![3; 1_500]]);
}

#[test]
fn partitions_that_are_dropped_leave_the_budget_and_the_disk() {
    let parent = tempfile::tempdir().unwrap();
    let store = Store::new(1_000, Some(parent.path().into()));
    let partitions = store.partitions(2);
    partitions.push(0, vec![0; 2_000]).unwrap();
    partitions.push(1, vec![0; 500]).unwrap();
    let folder = fs::read_dir(parent.path()).unwrap().next().unwrap().unwrap().path();
    assert!(folder.file_name().unwrap().to_str().unwrap().starts_with(FOLDER_PREFIX));
    assert_eq!((entries(&folder), store.held_bytes()), (1, 500));
    drop(partitions);
    assert_eq!((entries(&folder), store.held_bytes()), (0, 0));
}

#[test]
fn what_is_reserved_counts_and_too_much_of_it_is_said() {
    let parent = tempfile::tempdir().unwrap();
    let store = Store::new(3 << 20, Some(parent.path().into()));
    let partitions = store.partitions(1);
    partitions.push(0, vec![0; 2 << 20]).unwrap();
    store.reserve(2 << 20).unwrap();
    assert_eq!((store.spilled_bytes(), store.held_bytes()), (2 << 20, 2 << 20), "it makes room");
    let error = store.reserve((1 << 20) + 1).unwrap_err();
    assert!(matches!(error, SpillError::TooSmall { needed, budget } if needed == (3 << 20) + 1 && budget == 3 << 20));
    assert_eq!(
        error.to_string(),
        "what must stay in memory needs 4 MiB so far, and 3 MiB are allowed; allow more with --memory"
    );
    store.release(2 << 20);
    store.reserve(3 << 20).unwrap();
}

#[test]
fn a_full_disk_is_said_and_loses_nothing() {
    let parent = tempfile::tempdir().unwrap();
    let store = Store::new(0, Some(parent.path().into()));
    let partitions = store.partitions(2);
    partitions.push(0, vec![1; 10]).unwrap();
    let folder = fs::read_dir(parent.path()).unwrap().next().unwrap().unwrap().path();
    // The next file to be written is where every write meets a full disk.
    symlink("/dev/full", folder.join("0-1")).unwrap();
    let error = partitions.push(1, vec![2; 10]).unwrap_err().to_string();
    assert!(error.starts_with("no space is left for the temporary file `/") && error.contains("/0-1`"), "{error}");
    assert!(error.ends_with("; free space, or name another folder with --temp or TMPDIR"), "{error}");
    assert_eq!(partitions.take(1).unwrap(), [vec![2; 10]], "it stays in memory");
    assert_eq!(partitions.take(0).unwrap(), [vec![1; 10]]);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let store = Store::new(0, Some("/nowhere/at/all".into()));
    let error = store.partitions(1).push(0, vec![0]).unwrap_err().to_string();
    assert!(error.contains("`/nowhere/at/all`"), "{error}");
}

#[test]
fn a_file_that_lost_records_is_an_error() {
    let parent = tempfile::tempdir().unwrap();
    let store = Store::new(0, Some(parent.path().into()));
    let partitions = store.partitions(1);
    partitions.push(0, vec![1; 100]).unwrap();
    let folder = fs::read_dir(parent.path()).unwrap().next().unwrap().unwrap().path();
    OpenOptions::new().write(true).open(folder.join("0-0")).unwrap().set_len(99).unwrap();
    assert!(partitions.take(0).is_err());
}

#[test]
fn removing_leaves_nothing_and_stops_whoever_writes() {
    let parent = tempfile::tempdir().unwrap();
    let store = Store::new(1_000, Some(parent.path().into()));
    let partitions = store.partitions(4);
    thread::scope(|scope| {
        for worker in 0..2_u8 {
            let partitions = &partitions;
            scope.spawn(move || {
                let error = (0..).find_map(|n| partitions.push(n % 4, vec![worker; 700]).err()).unwrap();
                assert!(matches!(error, SpillError::Removed), "{error}");
            });
        }
        while store.spilled_bytes() < 100_000 {
            thread::yield_now();
        }
        store.remove();
        assert_eq!(entries(parent.path()), 0);
    });
    assert_eq!(entries(parent.path()), 0);
}
