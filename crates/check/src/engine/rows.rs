//! What collectors wrote of persons, set aside by range and given out in order.

use super::EngineError;
use super::ranges::Ranges;
use crate::input::Meter;
use crate::spill::{Partitions, Writer};

const LENGTH_BYTES: usize = 4;

/// Sets aside what was written of a person.
pub(super) fn set_aside(to: &mut Writer, ranges: &Ranges, person: &str, written: &[u8]) -> Result<(), EngineError> {
    let too_long = |_| EngineError::Internal("what is written of a single person is larger than 4 GiB");
    let (of_name, of_rows) =
        (u32::try_from(person.len()).map_err(too_long)?, u32::try_from(written.len()).map_err(too_long)?);
    to.record(ranges.of(person), |buffer| {
        buffer.extend_from_slice(&of_name.to_le_bytes());
        buffer.extend_from_slice(&of_rows.to_le_bytes());
        buffer.extend_from_slice(person.as_bytes());
        buffer.extend_from_slice(written);
    })?;
    Ok(())
}

/// Writes all in order of persons' names as bytes, a range at a time.
pub(super) fn write_in_order(
    rows: &Partitions,
    meter: &Meter,
    write: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
) -> Result<(), EngineError> {
    let mut bytes = Vec::new();
    for range in 0..rows.count() {
        if meter.is_cancelled() {
            return Err(EngineError::Cancelled);
        }
        let chunks = rows.take(range)?;
        let mut persons: Vec<(&[u8], &[u8])> = chunks.iter().flat_map(|chunk| persons(chunk)).collect();
        persons.sort_unstable_by_key(|(person, _)| *person);
        bytes.clear();
        persons.iter().for_each(|(_, written)| bytes.extend_from_slice(written));
        write(&bytes)?;
    }
    Ok(())
}

/// What [`set_aside`] left: the name of each person, and what was written of them.
fn persons(mut buffer: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        let (of_name, rest) = buffer.split_first_chunk::<LENGTH_BYTES>()?;
        let (of_rows, rest) = rest.split_first_chunk::<LENGTH_BYTES>()?;
        let (person, rest) = rest.split_at_checked(u32::from_le_bytes(*of_name) as usize)?;
        let (written, rest) = rest.split_at_checked(u32::from_le_bytes(*of_rows) as usize)?;
        buffer = rest;
        Some((person, written))
    })
}
