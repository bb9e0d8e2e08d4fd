//! The findings of an earlier run, kept until this one is over.
//!
//! An earlier run may have had as many findings as this one, so memory keeps of each its id alone; the rest waits in
//! a temporary file.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use serde::{Deserialize, Serialize};

use super::formats::{Refused, Row, Wrong, read};
use super::{RESOLVED, id_text};
use crate::error::Error;

/// A finding of the earlier run, as its row was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// Its id.
    pub id: u64,
    /// The patient's name, as rows print it; so are the others.
    pub patient: String,
    /// The need's name, none of a finding of a patient.
    pub need: Option<String>,
    /// The duty, none of a finding of a need or a patient.
    pub duty: Option<String>,
    /// The word of its kind.
    pub finding: String,
    /// The word of its severity.
    pub severity: String,
    /// Whom it named.
    pub holders: Vec<String>,
    /// Since when, in microseconds since 1970 began.
    pub since_micros: Option<i64>,
    /// Until when, in microseconds since 1970 began.
    pub until_micros: Option<i64>,
    /// The rules it came by.
    pub rules: Vec<String>,
    /// The resources that showed it.
    pub evidence: Vec<String>,
    /// What, since when, whom to ask.
    pub message: String,
    /// The word of what was decided about it, in a run with decisions; so are the next three.
    pub state: Option<String>,
    /// Why.
    pub why: Option<String>,
    /// Who decided.
    pub by: Option<String>,
    /// The last day it held, as written.
    pub decided_until: Option<String>,
    /// What people call the patient, in a run with names; so are the next two.
    pub patient_name: Option<String>,
    /// The need in words.
    pub need_name: Option<String>,
    /// What people call those it named.
    pub holder_names: Vec<String>,
}

/// What an earlier run found, and which of it this run has too.
#[derive(Debug)]
pub(super) struct EarlierRun {
    /// Places in the file, by id.
    places: HashMap<u64, u32, FixedState>,
    /// By place: whether this run has it.
    is_seen: Vec<AtomicBool>,
    /// Each row as its length and postcard's bytes.
    rows: Mutex<File>,
    /// Whether they are in the order of rows.
    is_sorted: bool,
}

impl EarlierRun {
    pub(super) fn read(path: &Path) -> Result<EarlierRun, Error> {
        let mut writer =
            Writer::new().map_err(|error| Error::machine(format!("can't make a temporary file: {error}")))?;
        read(path, &mut |row| writer.take(row)).map_err(|wrong| {
            let shown = path.display();
            match wrong {
                Wrong::Unreadable(error) => Error::usage(format!("can't read the earlier run `{shown}`: {error}")),
                Wrong::Temporary(error) => Error::machine(format!("can't write a temporary file: {error}")),
                Wrong::At(place, what) => Error::usage(format!("the earlier run `{shown}`, {place}: {what}")),
                Wrong::Whole(what) => Error::usage(format!("the earlier run `{shown}`: {what}")),
            }
        })?;
        writer.finish().map_err(|error| Error::machine(format!("can't write a temporary file: {error}")))
    }

    /// Whether the earlier run had a finding, which is noted.
    pub(super) fn see(&self, id: u64) -> bool {
        let place = self.places.get(&id).and_then(|&place| self.is_seen.get(place as usize));
        place.inspect(|is_seen| is_seen.store(true, Ordering::Relaxed)).is_some()
    }

    pub(super) fn resolved_count(&self) -> u64 {
        self.is_seen.iter().filter(|is_seen| !is_seen.load(Ordering::Relaxed)).count() as u64
    }

    /// Those that weren't seen, in the order of rows.
    pub(super) fn resolved(&self, each: &mut dyn FnMut(&Earlier) -> Result<(), Error>) -> Result<(), Error> {
        let mut file = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(0))?;
        let mut reader = BufReader::new(&*file);
        let mut unsorted = Vec::new();
        for is_seen in &self.is_seen {
            let mut length = [0; 4];
            reader.read_exact(&mut length)?;
            let length = u32::from_le_bytes(length);
            if is_seen.load(Ordering::Relaxed) {
                reader.seek_relative(length.into())?;
                continue;
            }
            let mut row = vec![0; length as usize];
            reader.read_exact(&mut row)?;
            let row: Earlier = postcard::from_bytes(&row)
                .map_err(|error| Error::machine(format!("a temporary file can't be read back: {error}")))?;
            if self.is_sorted {
                each(&row)?;
            } else {
                unsorted.push(row);
            }
        }
        unsorted.sort_by(|one, other| one.key().cmp(&other.key()));
        unsorted.iter().try_for_each(each)
    }
}

impl Earlier {
    /// What rows are in the order of.
    fn key(&self) -> (&str, Option<&str>, Option<&str>, &str) {
        (&self.patient, self.need.as_deref(), self.duty.as_deref(), &self.finding)
    }
}

struct Writer {
    run: EarlierRun,
    file: BufWriter<File>,
    last: Option<Earlier>,
}

impl Writer {
    fn new() -> io::Result<Writer> {
        let file = tempfile::tempfile()?;
        let run = EarlierRun {
            places: HashMap::default(),
            is_seen: Vec::new(),
            rows: Mutex::new(file.try_clone()?),
            is_sorted: true,
        };
        Ok(Writer { run, file: BufWriter::new(file), last: None })
    }

    fn take(&mut self, row: Row) -> Result<(), Refused> {
        // What it lists as resolved was found by the run before it.
        if row.change.as_deref() == Some(RESOLVED) {
            return Ok(());
        }
        let row = row.read().map_err(Refused::Row)?;
        let place = u32::try_from(self.run.is_seen.len());
        let place = place.map_err(|_| Refused::Row("there are more findings than can be compared".to_owned()))?;
        match self.run.places.entry(row.id) {
            Entry::Vacant(vacant) => vacant.insert(place),
            Entry::Occupied(occupied) => {
                let first = occupied.get() + 1;
                let id = id_text(row.id);
                let what = format!("finding `{id}` is the {first}. of this file already; give the rows of one run");
                return Err(Refused::Row(what));
            }
        };
        self.run.is_seen.push(AtomicBool::new(false));
        let mut write = || -> io::Result<()> {
            let bytes = postcard::to_stdvec(&row).map_err(io::Error::other)?;
            let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
            self.file.write_all(&length.to_le_bytes())?;
            self.file.write_all(&bytes)
        };
        write().map_err(Refused::Temporary)?;
        self.run.is_sorted &= self.last.as_ref().is_none_or(|last| last.key() < row.key());
        self.last = Some(row);
        Ok(())
    }

    fn finish(self) -> io::Result<EarlierRun> {
        self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(self.run)
    }
}
