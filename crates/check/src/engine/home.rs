//! Homes: the partition in which a person's records meet, by the name that is printed of them. Nearly every record
//! goes there as it is read, since its subject is a patient's plain name and that patient nobody else. Names tell who
//! else has what.

use answerable_fhir::NameRef;

use super::EngineError;
use crate::spill::{SpillError, Writer};

/// Which of so many partitions something of that hash is in.
pub(super) fn partition_of(hash: u64, count: usize) -> usize {
    (hash >> 32) as usize % count
}

/// The hash of a person's printed name, which leads home.
pub(super) fn hash_of_person(person: &str) -> u64 {
    NameRef { source: 0, name: person }.hash64()
}

/// The home of a person among so many.
pub(super) fn home_of(person: &str, count: usize) -> usize {
    partition_of(hash_of_person(person), count)
}

/// Where the record of a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// At the home of a patient.
    Home(u32),
    /// With those whose subject is no plain name of a patient: of whom it is, isn't known yet.
    Others,
    /// It turned out to be of nobody.
    Nobody,
    /// It turned out to be of a patient.
    Somebody,
}

impl At {
    fn to_number(self) -> u32 {
        match self {
            At::Home(home) => home,
            At::Others => u32::MAX,
            At::Nobody => u32::MAX - 1,
            At::Somebody => u32::MAX - 2,
        }
    }

    fn from_number(number: u32) -> At {
        [At::Others, At::Nobody, At::Somebody]
            .into_iter()
            .find(|at| at.to_number() == number)
            .unwrap_or(At::Home(number))
    }
}

/// Bytes of a name that is noted.
const NAME_BYTES: usize = 12;

/// Notes where the record of a name is, by the hash of that.
pub(super) fn note(names: &mut Writer, hash: u64, at: At) -> Result<(), SpillError> {
    let mut bytes = [0; NAME_BYTES];
    let (of_hash, of_place) = bytes.split_at_mut(size_of::<u64>());
    of_hash.copy_from_slice(&hash.to_le_bytes());
    of_place.copy_from_slice(&at.to_number().to_le_bytes());
    let partition = partition_of(hash, names.count());
    names.record(partition, |buffer| buffer.extend_from_slice(&bytes))
}

/// The names that were noted in a partition: the hash of each, and where its record is.
pub(super) fn noted(chunks: &[Vec<u8>]) -> impl Iterator<Item = (u64, At)> {
    let all = chunks.iter().flat_map(|chunk| chunk.as_chunks::<NAME_BYTES>().0.iter());
    all.filter_map(|bytes| {
        let (hash, place) = bytes.split_first_chunk()?;
        let (place, _) = place.split_first_chunk()?;
        Some((u64::from_le_bytes(*hash), At::from_number(u32::from_le_bytes(*place))))
    })
}

/// A hash alone, set aside by itself.
pub(super) fn write_hash(to: &mut Writer, hash: u64) -> Result<(), EngineError> {
    let partition = partition_of(hash, to.count());
    Ok(to.record(partition, |buffer| buffer.extend_from_slice(&hash.to_le_bytes()))?)
}

/// The hashes in chunks.
pub(super) fn hashes(chunks: &[Vec<u8>]) -> impl Iterator<Item = u64> {
    chunks.iter().flat_map(|chunk| chunk.as_chunks().0.iter()).map(|&bytes| u64::from_le_bytes(bytes))
}
