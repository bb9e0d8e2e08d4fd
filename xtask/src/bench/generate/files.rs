//! Files as a bulk export writes them: by type, several of each type where there is much of it.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

/// The types that are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Patient,
    Practitioner,
    PractitionerRole,
    Organization,
    Condition,
    CarePlan,
    CareTeam,
    EpisodeOfCare,
    Encounter,
    ServiceRequest,
    Task,
    Goal,
    /// One that check doesn't use.
    Observation,
}

const KINDS: usize = Kind::Observation as usize + 1;

impl fmt::Display for Kind {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, to)
    }
}

/// A file is full when it has more bytes than this: servers cut their exports too, and it keeps readers from being
/// tuned to one large file.
const FILE_BYTES: u64 = 128 << 20;

/// What takes in resources: files, or a counter.
pub(super) trait Sink {
    /// Takes in a resource that a source exports.
    fn put(&mut self, source: usize, kind: Kind, resource: &str) -> io::Result<()>;
}

/// Counts only: to know how large a patient is.
#[derive(Debug, Default)]
pub(super) struct Counter {
    pub(super) bytes: u64,
}

impl Sink for Counter {
    fn put(&mut self, _: usize, _: Kind, resource: &str) -> io::Result<()> {
        self.bytes += resource.len() as u64 + 1;
        Ok(())
    }
}

/// Folders, one for each source.
#[derive(Debug)]
pub(super) struct Files {
    folders: Vec<PathBuf>,
    open: Vec<Option<Open>>,
    pub(super) bytes: u64,
    pub(super) resources: u64,
}

#[derive(Debug)]
struct Open {
    file: BufWriter<File>,
    number: u32,
    bytes: u64,
}

impl Files {
    /// Writes into folders, which are made anew.
    pub(super) fn create(folders: Vec<PathBuf>) -> io::Result<Files> {
        for folder in &folders {
            if folder.exists() {
                fs::remove_dir_all(folder)?;
            }
            fs::create_dir_all(folder)?;
        }
        let open = (0..folders.len() * KINDS).map(|_| None).collect();
        Ok(Files { folders, open, bytes: 0, resources: 0 })
    }

    /// Closes all files.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.open.iter_mut().flatten().try_for_each(|open| open.file.flush())
    }
}

impl Sink for Files {
    fn put(&mut self, source: usize, kind: Kind, resource: &str) -> io::Result<()> {
        let slot = self.open.get_mut(source * KINDS + kind as usize);
        let (Some(slot), Some(folder)) = (slot, self.folders.get(source)) else {
            return Err(io::Error::other("there is no such source"));
        };
        if slot.as_ref().is_none_or(|open| open.bytes > FILE_BYTES) {
            let number = slot.as_ref().map_or(0, |open| open.number + 1);
            if let Some(full) = slot {
                full.file.flush()?;
            }
            let file = File::create(folder.join(format!("{kind}.{number:03}.ndjson")))?;
            *slot = Some(Open { file: BufWriter::with_capacity(1 << 18, file), number, bytes: 0 });
        }
        if let Some(open) = slot {
            open.file.write_all(resource.as_bytes())?;
            open.file.write_all(b"\n")?;
            open.bytes += resource.len() as u64 + 1;
        }
        self.bytes += resource.len() as u64 + 1;
        self.resources += 1;
        Ok(())
    }
}
