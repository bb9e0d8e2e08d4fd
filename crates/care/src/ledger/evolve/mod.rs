//! The fold: an event goes into the state. What `decide` refuses, this asserts: an event that would break what must
//! always be true stops the writer, and the state is then no longer to be written from.

mod directory;
mod patient;

use super::event::{Recorded, Stream};
use super::invariants;
use super::state::{Stamp, State};

/// An event that can't have happened: the log, or the code that wrote it, is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// What it breaks: I1 to I14, or `log` where it names what was never there.
    pub rule: &'static str,
    /// How.
    pub how: String,
}

impl Broken {
    pub(crate) fn new(rule: &'static str, how: impl Into<String>) -> Broken {
        Broken { rule, how: how.into() }
    }

    fn unknown(id: impl std::fmt::Display) -> Broken {
        Broken::new("log", format!("`{id}` was never there"))
    }
}

impl std::fmt::Display for Broken {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}: {}", self.rule, self.how)
    }
}

impl std::error::Error for Broken {}

impl State {
    /// Takes an event in.
    ///
    /// # Errors
    /// Where it breaks what must always be true.
    pub fn evolve(&mut self, recorded: &Recorded) -> Result<(), Broken> {
        let stamp = Stamp { at: recorded.change.at, recorded: recorded.recorded };
        match &recorded.change.stream {
            Stream::Directory => self.directory.evolve(&recorded.change.event, stamp)?,
            Stream::Patient(id) => {
                self.evolve_patient(id, &recorded.change.event, stamp)?;
                let record = self.patients.get(id).ok_or_else(|| Broken::unknown(id))?;
                invariants::of_record(record, stamp.recorded)?;
                for brought in recorded.change.event.brings() {
                    self.places.insert(brought, id.clone());
                }
            }
        }
        self.last_recorded = Some(self.recorded(stamp.recorded));
        Ok(())
    }
}
