//! What the disk itself can do.

use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use super::Result;
use super::load::{Lasted, again};

const BLOCK: [u8; 4096] = [7; 4096];

/// A file that has its size already: so many blocks, written again and again.
const BLOCKS: usize = 1_024;

/// Appends, each durable before the next.
pub(super) fn growing(path: &Path, turn: Duration) -> Result<Lasted> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    again(turn, |_| {
        file.write_all(&BLOCK)?;
        Ok(file.sync_data()?)
    })
}

/// Writes into a file that doesn't grow.
pub(super) fn preallocated(path: &Path, turn: Duration) -> Result<Lasted> {
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(path)?;
    for _ in 0..BLOCKS {
        file.write_all(&BLOCK)?;
    }
    file.sync_all()?;
    again(turn, |number| {
        file.seek(SeekFrom::Start(((number % BLOCKS) * BLOCK.len()) as u64))?;
        file.write_all(&BLOCK)?;
        Ok(file.sync_data()?)
    })
}
