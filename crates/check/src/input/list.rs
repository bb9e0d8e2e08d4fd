//! What there is to read: inputs walked into files, in an order that doesn't depend on the file system.

use super::{Input, InputPath, Problem, cannot_be_read};
use std::fs::{self, Metadata};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Folders within folders: deeper than anyone's export, and shallow enough for the stack of the thread that walks.
const FOLDER_DEPTH_MAX: usize = 128;

/// Sources on one command line: what fits in [`File::source`], beyond what a shell passes on.
const SOURCES_MAX: usize = u16::MAX as usize;

/// Files in one run: what fits in [`super::Place::file`].
const FILES_MAX: usize = u32::MAX as usize;

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// The names of the sources, in the order in which they were first named; inputs without a name are one source.
    pub(crate) sources: Vec<Option<String>>,
    /// The files: inputs in the order given, within one by path as bytes. One that is reached twice is there twice.
    pub(crate) files: Vec<File>,
    /// Files and folders that could not be looked at.
    pub(crate) problems: Vec<Problem>,
    /// Pipes, sockets and devices in walked folders: passed over, since waiting for one could take for ever.
    pub(crate) passed_over: u64,
    /// Links (or mounts) to a folder that was being walked: passed over; what they hold is read where it stands.
    pub(crate) circles: u64,
}

/// Something to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct File {
    /// Index in [`Listing::sources`].
    pub(crate) source: u16,
    /// Where it is; `-` for standard input.
    pub(crate) path: PathBuf,
    /// Whether the user named it; else it was found in a folder, where what isn't JSON is passed over.
    pub(crate) named_by_user: bool,
    /// In bytes, as it was listed; 0 for what isn't a regular file.
    pub(crate) size: u64,
    pub(super) kind: Kind,
}

/// How a file is opened and read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Has a size, and can be read from anywhere.
    Regular,
    /// A pipe or device (`<(zcat export.gz)` is one), or a file that says it has no bytes, as those of /proc do.
    Stream,
    /// Standard input.
    StandardInput,
}

impl File {
    /// The path for people: a name that isn't UTF-8 has replacement characters.
    pub(crate) fn shown(&self) -> String {
        match self.kind {
            Kind::StandardInput => "standard input".into(),
            Kind::Regular | Kind::Stream => self.path.display().to_string(),
        }
    }
}

/// Finds the files of `inputs`. Reads no file.
pub(crate) fn list(inputs: &[Input]) -> Listing {
    let mut listing = Listing::default();
    for input in inputs {
        if let Some(source) = listing.source(input) {
            listing.add(source, &input.path);
        }
    }
    listing
}

impl Listing {
    fn source(&mut self, input: &Input) -> Option<u16> {
        let known = self.sources.iter().position(|name| *name == input.source);
        let index = known.unwrap_or(self.sources.len());
        if index >= SOURCES_MAX {
            let path = input.source.clone().unwrap_or_default();
            self.problem(path, format!("is one source too many; check {SOURCES_MAX} at most in one run"));
            return None;
        }
        if known.is_none() {
            self.sources.push(input.source.clone());
        }
        u16::try_from(index).ok()
    }

    fn add(&mut self, source: u16, path: &InputPath) {
        let path = match path {
            InputPath::StandardInput => return self.add_standard_input(source),
            InputPath::Path(path) if path.as_os_str().is_empty() => {
                let name = self.sources.get(usize::from(source)).cloned().flatten().unwrap_or_default();
                return self.problem(format!("{name}="), "has no path; write NAME=PATH".into());
            }
            InputPath::Path(path) => path,
        };
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) => return self.problem(path.display().to_string(), cannot_be_read(&error)),
        };
        if metadata.is_dir() {
            let mut walk = Walk { source, listing: self, found: Vec::new(), above: Vec::new() };
            walk.folder(path, &metadata);
            let mut found = walk.found;
            found.sort_by(|a, b| a.path.as_os_str().as_bytes().cmp(b.path.as_os_str().as_bytes()));
            let room = FILES_MAX - self.files.len();
            if found.len() > room {
                self.problem(path.display().to_string(), format!("has too many files; check {FILES_MAX} at most"));
                found.truncate(room);
            }
            self.files.append(&mut found);
        } else {
            self.files.push(File { named_by_user: true, ..file(source, path.clone(), &metadata) });
        }
    }

    fn add_standard_input(&mut self, source: u16) {
        if self.files.iter().any(|file| file.kind == Kind::StandardInput) {
            return self.problem("standard input".into(), "can be read once; name `-` once".into());
        }
        self.files.push(File { source, path: "-".into(), named_by_user: true, size: 0, kind: Kind::StandardInput });
    }

    fn problem(&mut self, path: String, what: String) {
        self.problems.push(Problem { path, line: None, what });
    }
}

/// A walk through the folders of one input.
struct Walk<'a> {
    source: u16,
    listing: &'a mut Listing,
    found: Vec<File>,
    /// Device and inode of the folders that the walk is in, which tells them apart whatever they are called.
    above: Vec<(u64, u64)>,
}

impl Walk<'_> {
    fn folder(&mut self, path: &Path, metadata: &Metadata) {
        let identity = (metadata.dev(), metadata.ino());
        if self.above.contains(&identity) {
            self.listing.circles += 1;
            return;
        }
        if self.above.len() >= FOLDER_DEPTH_MAX {
            let what = format!("is more than {FOLDER_DEPTH_MAX} folders deep; name it as an input of its own");
            return self.problem(path, what);
        }
        let mut names = match self.names(path) {
            Ok(names) => names,
            Err(error) => return self.problem(path, cannot_be_read(&error)),
        };
        // Only so that problems come in a fixed order: the files are sorted once they are all there.
        names.sort();
        self.above.push(identity);
        for path in names {
            self.entry(path);
        }
        self.above.pop();
    }

    /// The paths in a folder whose names don't begin with a dot.
    fn names(&mut self, path: &Path) -> std::io::Result<Vec<PathBuf>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(path)? {
            match entry {
                Ok(entry) if entry.file_name().as_bytes().starts_with(b".") => {}
                Ok(entry) => names.push(entry.path()),
                // The rest of a folder that can't be listed to its end is lost, but not what was listed.
                Err(error) => self.problem(path, cannot_be_read(&error)),
            }
        }
        Ok(names)
    }

    fn entry(&mut self, path: PathBuf) {
        match fs::metadata(&path) {
            Err(error) => self.problem(&path, cannot_be_read(&error)),
            Ok(metadata) if metadata.is_dir() => self.folder(&path, &metadata),
            Ok(metadata) if metadata.is_file() => self.found.push(file(self.source, path, &metadata)),
            Ok(_) => self.listing.passed_over += 1,
        }
    }

    fn problem(&mut self, path: &Path, what: String) {
        self.listing.problem(path.display().to_string(), what);
    }
}

fn file(source: u16, path: PathBuf, metadata: &Metadata) -> File {
    let size = if metadata.is_file() { metadata.len() } else { 0 };
    let kind = if size > 0 { Kind::Regular } else { Kind::Stream };
    File { source, path, named_by_user: false, size, kind }
}
