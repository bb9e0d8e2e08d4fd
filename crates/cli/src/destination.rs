//! Where output goes: standard output, or a file that is written whole or not at all.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anstream::{AutoStream, StripStream};
use tempfile::NamedTempFile;

use crate::interrupt;

/// Whoever may make files here may read it, as the user's mask says: as if the file had been made in the plain way.
const MODE: u32 = 0o666;

/// Where something is written.
#[derive(Debug)]
pub(crate) struct Destination {
    shown: String,
    to: To,
}

#[derive(Debug)]
enum To {
    StandardOutput,
    /// Beside its target, whose place it takes at the end.
    Beside {
        file: NamedTempFile,
        target: PathBuf,
    },
    /// A pipe, a device: what is written there can't be taken back.
    Device(File),
}

/// Whether colours stay in what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colours {
    /// On a terminal, unless the environment says otherwise.
    OnTerminal,
    /// It has none, or they are data.
    AsTheyAre,
}

/// Why something wasn't written.
#[derive(Debug)]
pub(crate) enum Wrong<E> {
    /// It couldn't be written there; in words.
    Written(String),
    /// Whoever read it went away.
    Closed,
    /// It couldn't be made.
    Other(E),
}

/// Remembers what went wrong, so that it can be told from what goes wrong elsewhere.
struct Watched<'w> {
    to: Box<dyn Write + 'w>,
    failed: Option<io::Error>,
}

impl Watched<'_> {
    fn watch<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result
            && error.kind() != io::ErrorKind::Interrupted
        {
            let same = || io::Error::new(error.kind(), error.to_string());
            self.failed = Some(error.raw_os_error().map_or_else(same, io::Error::from_raw_os_error));
        }
        result
    }
}

impl Write for Watched<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes);
        self.watch(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.to.flush();
        self.watch(flushed)
    }
}

impl Destination {
    /// A file, or standard output if there is none.
    pub(crate) fn open(path: Option<&Path>) -> Result<Destination, String> {
        let Some(path) = path else {
            return Ok(Destination { shown: "standard output".to_owned(), to: To::StandardOutput });
        };
        let shown = format!("`{}`", path.display());
        let to = beside(path).map_err(|error| cannot(&shown, &error))?;
        Ok(Destination { shown, to })
    }

    /// The file it will be, if it will be one.
    pub(crate) fn target(&self) -> Option<&Path> {
        match &self.to {
            To::Beside { target, .. } => Some(target),
            To::StandardOutput | To::Device(_) => None,
        }
    }

    /// Gives what it writes to `with`. What goes wrong in writing is told by this destination's name.
    pub(crate) fn write<T, E>(
        &mut self,
        colours: Colours,
        with: impl FnOnce(&mut dyn Write) -> Result<T, E>,
    ) -> Result<T, Wrong<E>> {
        let raw: Box<dyn Write + '_> = match (&mut self.to, colours) {
            (To::StandardOutput, Colours::OnTerminal) => Box::new(AutoStream::auto(io::stdout().lock())),
            (To::StandardOutput, Colours::AsTheyAre) => Box::new(io::stdout().lock()),
            (To::Beside { file, .. }, Colours::OnTerminal) => Box::new(StripStream::new(file.as_file_mut())),
            (To::Beside { file, .. }, Colours::AsTheyAre) => Box::new(file),
            (To::Device(file), Colours::OnTerminal) => Box::new(StripStream::new(file)),
            (To::Device(file), Colours::AsTheyAre) => Box::new(file),
        };
        let mut watched = Watched { to: raw, failed: None };
        let result = with(&mut watched);
        match (result, watched.failed) {
            (Ok(value), _) => Ok(value),
            (Err(_), Some(error)) if error.kind() == io::ErrorKind::BrokenPipe => Err(Wrong::Closed),
            (Err(_), Some(error)) => Err(Wrong::Written(cannot(&self.shown, &error))),
            (Err(error), None) => Err(Wrong::Other(error)),
        }
    }

    /// Puts a file in its place.
    pub(crate) fn keep(self) -> Result<(), String> {
        let Destination { shown, to } = self;
        let result = match to {
            To::StandardOutput => io::stdout().flush(),
            To::Device(mut file) => file.flush(),
            To::Beside { file, target } => {
                let path = file.path().to_owned();
                let kept = file.as_file().sync_all().and_then(|()| file.persist(&target).map_err(io::Error::from));
                interrupt::forget(&path);
                kept.map(drop)
            }
        };
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result.map_err(|error| cannot(&shown, &error)),
        }
    }
}

fn beside(path: &Path) -> io::Result<To> {
    // A link keeps leading where it leads.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if let Ok(metadata) = target.metadata() {
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if !metadata.is_file() {
            return Ok(To::Device(OpenOptions::new().write(true).open(&target)?));
        }
    }
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = interrupt::remove_file(|| {
        // The dot keeps it out of a run that reads this folder.
        let file = tempfile::Builder::new()
            .prefix(".answerable-")
            .permissions(Permissions::from_mode(MODE))
            .tempfile_in(folder)?;
        Ok((file.path().to_owned(), file))
    })?;
    Ok(To::Beside { file, target })
}

/// What went wrong, and what to do.
fn cannot(shown: &str, error: &io::Error) -> String {
    let why = match error.kind() {
        io::ErrorKind::StorageFull => "the disk is full; make room and run again".to_owned(),
        io::ErrorKind::NotFound => "its folder isn't there; make it first".to_owned(),
        io::ErrorKind::PermissionDenied => "you may not write there; choose another place".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder; name a file".to_owned(),
        _ => error.to_string().to_lowercase(),
    };
    format!("{shown} can't be written: {why}")
}
