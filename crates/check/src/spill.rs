//! Partitions in memory that overflow to temporary files, so that memory stays bounded however much is partitioned.
//!
//! Records are bytes. Workers append them to partitions through a [`Writer`] each; when all that is held exceeds the
//! budget of the [`Store`], the largest partitions go to files. Later [`Partitions::take`] gives back what one
//! partition holds, from wherever it is. That is the first half of a grace hash join (Kitsuregawa et al. 1983).
//!
//! The files hold patients' records: only this user can open the folder, and it goes when the store does.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tempfile::TempDir;

/// What a worker gathers of one partition before the others see it, at the most: enough that locks cost nothing beside
/// the copying.
const CHUNK_BYTES_MAX: usize = 16 << 10;

/// The same at the least, of a small budget and many partitions.
const CHUNK_BYTES_MIN: usize = 4 << 10;

/// How many times all chunks that one worker gathers are in the budget.
const WORKERS_HELD: u64 = 64;

/// A chunk is handed over when less than this is left of it, so that hardly any record makes it grow.
const CHUNK_ROOM_BYTES: usize = 1 << 10;

/// What is written to a file at a time.
const WRITE_BYTES: usize = 256 << 10;

/// What temporary folders are called: what a killed run left behind can be told and deleted.
pub(crate) const FOLDER_PREFIX: &str = "answerable-";

/// The budget that everything partitioned in one run shares. Cloning gives another handle on it.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    budget: u64,
    /// Where the temporary folder is made.
    parent: PathBuf,
    /// Made when first something spills.
    folder: Mutex<Option<TempDir>>,
    removed: AtomicBool,
    /// Bytes of chunks in memory.
    held: AtomicU64,
    /// Bytes that others said they need.
    reserved: AtomicU64,
    spilled: AtomicU64,
    /// Whose chunks may be spilled. Held while spilling, so that those who push faster than the disk writes wait.
    all: Mutex<Vec<Weak<Parts>>>,
    next_name: AtomicUsize,
}

/// Why records could not be kept or given back.
#[derive(Debug)]
pub(crate) enum SpillError {
    /// A temporary file or folder could not be made, written or read.
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// What must stay in memory is more than the budget.
    TooSmall {
        /// Bytes that were asked for so far; the whole run may need more.
        needed: u64,
        /// Bytes that there are.
        budget: u64,
    },
    /// [`Store::remove`] came before.
    Removed,
}

impl Store {
    /// A store that keeps `budget_bytes` in memory, and makes a folder in `folder` (else in that of the system, which
    /// `TMPDIR` names) for what is more.
    pub(crate) fn new(budget_bytes: u64, folder: Option<PathBuf>) -> Store {
        let inner = Inner {
            budget: budget_bytes,
            parent: folder.unwrap_or_else(std::env::temp_dir),
            folder: Mutex::default(),
            removed: AtomicBool::default(),
            held: AtomicU64::default(),
            reserved: AtomicU64::default(),
            spilled: AtomicU64::default(),
            all: Mutex::default(),
            next_name: AtomicUsize::default(),
        };
        Store { inner: Arc::new(inner) }
    }

    /// `count` empty partitions.
    pub(crate) fn partitions(&self, count: usize) -> Partitions {
        let chunk = self.inner.budget / WORKERS_HELD / count.max(1) as u64;
        let chunk = usize::try_from(chunk).unwrap_or(CHUNK_BYTES_MAX);
        let parts = Parts {
            chunk_bytes: chunk.clamp(CHUNK_BYTES_MIN, CHUNK_BYTES_MAX),
            name: self.inner.next_name.fetch_add(1, Ordering::Relaxed),
            parts: (0..count).map(|_| Part::default()).collect(),
            store: Arc::clone(&self.inner),
        };
        let parts = Arc::new(parts);
        let mut all = lock(&self.inner.all);
        all.retain(|parts| parts.strong_count() > 0);
        all.push(Arc::downgrade(&parts));
        drop(all);
        Partitions { parts }
    }

    /// Counts `bytes` that something else must keep in memory; partitions then have less.
    ///
    /// # Errors
    ///
    /// All that is reserved exceeds the budget; or making room failed. In both cases it is not reserved.
    pub(crate) fn reserve(&self, bytes: u64) -> Result<(), SpillError> {
        let needed = self.inner.reserved.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        let budget = self.inner.budget;
        let result =
            if needed > budget { Err(SpillError::TooSmall { needed, budget }) } else { self.inner.make_room() };
        if result.is_err() {
            self.release(bytes);
        }
        result
    }

    /// Takes back what [`reserve`](Self::reserve) counted.
    pub(crate) fn release(&self, bytes: u64) {
        self.inner.reserved.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Bytes in memory: of partitions and reserved.
    #[cfg(test)]
    pub(crate) fn held_bytes(&self) -> u64 {
        self.inner.held.load(Ordering::Relaxed).saturating_add(self.inner.reserved.load(Ordering::Relaxed))
    }

    /// Bytes that were written to temporary files so far.
    pub(crate) fn spilled_bytes(&self) -> u64 {
        self.inner.spilled.load(Ordering::Relaxed)
    }

    /// Removes the temporary folder now, for a process that is about to end without dropping what it has. Whoever
    /// pushes or takes afterwards and needs it gets `SpillError::Removed`.
    pub fn remove(&self) {
        self.inner.removed.store(true, Ordering::SeqCst);
        // Spilling looks at `removed` once a chunk, so that this waits for a moment only, and then nobody is writing.
        let _nobody_spills = lock(&self.inner.all);
        drop(lock(&self.inner.folder).take());
    }
}

/// Partitions of records. Cloning gives another handle on them.
#[derive(Clone, Debug)]
pub(crate) struct Partitions {
    parts: Arc<Parts>,
}

#[derive(Debug)]
struct Parts {
    name: usize,
    parts: Vec<Part>,
    /// How much a writer gathers of each.
    chunk_bytes: usize,
    store: Arc<Inner>,
}

/// Where both locks are wanted, that of the file comes first.
#[derive(Debug, Default)]
struct Part {
    chunks: Mutex<Vec<Vec<u8>>>,
    /// Bytes of the chunks, as they are counted in the budget.
    held: AtomicU64,
    /// Bytes in the file; there is one if that isn't 0. What lies beyond was written in vain.
    file: Mutex<u64>,
    /// Bytes of all its records.
    bytes: AtomicU64,
}

impl Partitions {
    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.parts.parts.len()
    }

    /// Adds whole records to a partition, and makes room if that exceeds the budget.
    ///
    /// # Errors
    ///
    /// Room could not be made. The records are there all the same.
    pub(crate) fn push(&self, partition: usize, chunk: Vec<u8>) -> Result<(), SpillError> {
        if chunk.is_empty() {
            return Ok(());
        }
        let part = self.part(partition);
        let held = chunk.capacity() as u64;
        part.bytes.fetch_add(chunk.len() as u64, Ordering::Relaxed);
        {
            let mut chunks = lock(&part.chunks);
            chunks.push(chunk);
            part.held.fetch_add(held, Ordering::Relaxed);
            self.parts.store.held.fetch_add(held, Ordering::Relaxed);
        }
        self.parts.store.make_room()
    }

    /// Adds what a [`Writer`] has gathered, and counted as one chunk until now.
    fn push_gathered(&self, partition: usize, chunk: Vec<u8>) -> Result<(), SpillError> {
        self.parts.store.held.fetch_sub(self.parts.chunk_bytes as u64, Ordering::Relaxed);
        self.push(partition, chunk)
    }

    /// Takes all records out of a partition: what was in its file first, then the chunks in memory, in no fixed order.
    /// They no longer count towards the budget: reserve them, or keep them few.
    ///
    /// # Errors
    ///
    /// The file can't be read; the partition stays as it was.
    pub(crate) fn take(&self, partition: usize) -> Result<Vec<Vec<u8>>, SpillError> {
        let part = self.part(partition);
        let mut length = lock(&part.file);
        let mut all = Vec::new();
        if *length > 0 {
            let path = self.parts.store.path(self.parts.name, partition)?;
            all.push(read(&path, *length).map_err(|error| SpillError::File { path: path.clone(), error })?);
            // It goes with its folder at the latest.
            let _ = fs::remove_file(&path);
            *length = 0;
        }
        let mut chunks = std::mem::take(&mut *lock(&part.chunks));
        self.parts.store.forget(part, &chunks);
        all.append(&mut chunks);
        let bytes = all.iter().map(|chunk| chunk.len() as u64).sum();
        part.bytes.fetch_sub(bytes, Ordering::Relaxed);
        Ok(all)
    }

    /// Bytes of the records of a partition, in memory and in its file.
    #[cfg(test)]
    pub(crate) fn bytes(&self, partition: usize) -> u64 {
        self.part(partition).bytes.load(Ordering::Relaxed)
    }

    #[expect(clippy::indexing_slicing, reason = "a partition that isn't there is a mistake in our code, not in input")]
    fn part(&self, partition: usize) -> &Part {
        &self.parts.parts[partition]
    }
}

/// What one worker writes to partitions: records gathered into chunks. [`finish`](Self::finish) hands over the last.
#[derive(Debug)]
#[must_use]
pub(crate) struct Writer {
    partitions: Partitions,
    chunks: Vec<Vec<u8>>,
}

impl Writer {
    /// A writer to `partitions`, which holds a chunk of each. That counts in the budget, but can't be spilled: others'
    /// is instead.
    pub(crate) fn new(partitions: &Partitions) -> Writer {
        Writer { partitions: partitions.clone(), chunks: vec![Vec::new(); partitions.count()] }
    }

    /// How many partitions there are.
    pub(crate) fn count(&self) -> usize {
        self.chunks.len()
    }

    /// Appends one record to a partition: what `write` adds to the buffer, which holds others already.
    ///
    /// # Errors
    ///
    /// As [`Partitions::push`].
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "a partition that isn't there is a mistake in our code, not in input")]
    pub(crate) fn record(&mut self, partition: usize, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), SpillError> {
        let chunk_bytes = self.partitions.parts.chunk_bytes;
        let chunk = &mut self.chunks[partition];
        if chunk.capacity() == 0 {
            chunk.reserve_exact(chunk_bytes);
            self.partitions.parts.store.held.fetch_add(chunk_bytes as u64, Ordering::Relaxed);
        }
        write(chunk);
        if chunk.len() > chunk_bytes - CHUNK_ROOM_BYTES {
            let chunk = std::mem::take(chunk);
            return self.partitions.push_gathered(partition, chunk);
        }
        Ok(())
    }

    /// Hands over what is left.
    ///
    /// # Errors
    ///
    /// As [`Partitions::push`].
    pub(crate) fn finish(self) -> Result<(), SpillError> {
        for (partition, mut chunk) in self.chunks.into_iter().enumerate().filter(|(_, chunk)| chunk.capacity() > 0) {
            chunk.shrink_to_fit();
            self.partitions.push_gathered(partition, chunk)?;
        }
        Ok(())
    }
}

impl Inner {
    /// Spills the largest partitions if more is held than there may be, until half of that is free, so that each time
    /// much is written of few.
    fn make_room(&self) -> Result<(), SpillError> {
        let room = || self.budget.saturating_sub(self.reserved.load(Ordering::Relaxed));
        if self.held.load(Ordering::Relaxed) <= room() {
            return Ok(());
        }
        let all = lock(&self.all);
        if self.held.load(Ordering::Relaxed) <= room() {
            return Ok(());
        }
        let parts: Vec<Arc<Parts>> = all.iter().filter_map(Weak::upgrade).collect();
        while self.held.load(Ordering::Relaxed) > room() / 2 {
            let candidates =
                parts.iter().flat_map(|parts| parts.parts.iter().enumerate().map(move |part| (parts, part)));
            let largest = candidates.max_by_key(|(_, (_, part))| part.held.load(Ordering::Relaxed));
            match largest {
                Some((parts, (number, part))) if part.held.load(Ordering::Relaxed) > 0 => {
                    self.spill(parts.name, number, part)?;
                }
                _ => break,
            }
        }
        Ok(())
    }

    fn spill(&self, name: usize, number: usize, part: &Part) -> Result<(), SpillError> {
        let mut length = lock(&part.file);
        let chunks = std::mem::take(&mut *lock(&part.chunks));
        let result = self
            .path(name, number)
            .and_then(|path| self.write(&path, *length, &chunks).map_err(|error| SpillError::File { path, error }));
        match result {
            Ok(written) => {
                *length += written;
                self.spilled.fetch_add(written, Ordering::Relaxed);
                self.forget(part, &chunks);
                Ok(())
            }
            // What was written lies beyond the length of the file, and nobody reads it.
            Err(error) => {
                lock(&part.chunks).extend(chunks);
                if self.removed.load(Ordering::SeqCst) { Err(SpillError::Removed) } else { Err(error) }
            }
        }
    }

    fn write(&self, path: &Path, offset: u64, chunks: &[Vec<u8>]) -> io::Result<u64> {
        // Opened each time: a file for each of a thousand partitions would be more than a process may have open.
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
        let mut writer = BufWriter::with_capacity(WRITE_BYTES, file);
        writer.seek(SeekFrom::Start(offset))?;
        let mut written = 0;
        for chunk in chunks {
            if self.removed.load(Ordering::SeqCst) {
                return Err(io::ErrorKind::Interrupted.into());
            }
            writer.write_all(chunk)?;
            written += chunk.len() as u64;
        }
        writer.flush()?;
        Ok(written)
    }

    /// Chunks of a partition that are no longer held.
    fn forget(&self, part: &Part, chunks: &[Vec<u8>]) {
        let held = chunks.iter().map(|chunk| chunk.capacity() as u64).sum();
        part.held.fetch_sub(held, Ordering::Relaxed);
        self.held.fetch_sub(held, Ordering::Relaxed);
    }

    /// Where a partition's file is or would be.
    fn path(&self, name: usize, number: usize) -> Result<PathBuf, SpillError> {
        let mut folder = lock(&self.folder);
        if self.removed.load(Ordering::SeqCst) {
            return Err(SpillError::Removed);
        }
        let folder = match &mut *folder {
            Some(folder) => folder,
            none => {
                let made = tempfile::Builder::new().prefix(FOLDER_PREFIX).tempdir_in(&self.parent);
                none.insert(made.map_err(|error| SpillError::File { path: self.parent.clone(), error })?)
            }
        };
        Ok(folder.path().join(format!("{name}-{number}")))
    }
}

impl Drop for Parts {
    /// What nobody took is given up.
    fn drop(&mut self) {
        for (number, part) in self.parts.iter().enumerate() {
            self.store.held.fetch_sub(part.held.load(Ordering::Relaxed), Ordering::Relaxed);
            if *lock(&part.file) > 0
                && let Ok(path) = self.store.path(self.name, number)
            {
                let _ = fs::remove_file(path);
            }
        }
    }
}

fn read(path: &Path, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(length).map_err(|_| io::ErrorKind::OutOfMemory)?);
    fs::File::open(path)?.take(length).read_to_end(&mut bytes)?;
    // Records that vanish without a word would be patients who vanish.
    if (bytes.len() as u64) < length { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(bytes) }
}

/// No code that can panic runs under these locks, so that a poisoned one holds what it should.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Display for SpillError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MIB: u64 = 1 << 20;
        match self {
            SpillError::File { path, error } => {
                let path = path.display();
                match error.kind() {
                    io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                        write!(to, "no space is left for the temporary file `{path}`; ")?;
                        write!(to, "free space, or name another folder with --temp or TMPDIR")
                    }
                    _ => {
                        let error = error.to_string().to_lowercase();
                        write!(to, "the temporary file or folder `{path}` can't be used: {error}; ")?;
                        write!(to, "name another folder with --temp or TMPDIR")
                    }
                }
            }
            SpillError::TooSmall { needed, budget } => {
                let (needed, budget) = (needed.div_ceil(MIB), budget / MIB);
                write!(to, "what must stay in memory needs {needed} MiB so far, and {budget} MiB are allowed; ")?;
                write!(to, "allow more with --memory")
            }
            SpillError::Removed => write!(to, "stopped before it was done; run it again"),
        }
    }
}

impl std::error::Error for SpillError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            SpillError::File { error, .. } => Some(error),
            SpillError::TooSmall { .. } | SpillError::Removed => None,
        }
    }
}

#[cfg(test)]
mod tests;
