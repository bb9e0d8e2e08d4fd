//! Input: the files, folders and standard input that are read, as lines and documents of JSON.
//!
//! Words: an *input* is what the user named; a *file* is what was found there; a *block* is the part of a file that
//! one worker reads at a time; a *line* is a value of NDJSON, a *document* a file that is one value. What is read goes
//! to the [`Sink`] of the worker that read it, in no fixed order: a [`Place`] says where it stood.
//!
//! [`Input::parse`] → [`list()`] → [`scan()`]: nothing here knows what the JSON says.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

mod block;
mod list;
mod meter;
mod scan;
mod sniff;
mod stream;
#[cfg(test)]
mod tests;
mod worker;

pub(crate) use list::{File, Listing, list};
pub use meter::Meter;
pub(crate) use scan::scan;

/// What the user named: `PATH`, or `NAME=PATH` for a source of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Input {
    /// The source's name; inputs without one are one source.
    pub(crate) source: Option<String>,
    /// Where it is.
    pub(crate) path: InputPath,
}

/// Where an input is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InputPath {
    /// `-`.
    StandardInput,
    /// A file, a folder, or what can be read like a file.
    Path(PathBuf),
}

impl Input {
    /// Reads an argument. A name is ASCII letters, digits, `-` and `_`; anything else before the first `=` makes the
    /// whole a path, so that a path which holds `=` itself can be written `./a=b`.
    pub(crate) fn parse(argument: &OsStr) -> Input {
        let bytes = argument.as_bytes();
        let parts = memchr::memchr(b'=', bytes).and_then(|at| bytes.split_at_checked(at));
        let (source, path) = match parts {
            Some((name, rest)) if is_name(name) => {
                (Some(String::from_utf8_lossy(name).into_owned()), rest.strip_prefix(b"=").unwrap_or_default())
            }
            _ => (None, bytes),
        };
        let path = match path {
            b"-" => InputPath::StandardInput,
            path => InputPath::Path(OsString::from_vec(path.to_vec()).into()),
        };
        Input { source, path }
    }
}

fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Where a line or document stands. Ordered as one who read everything from first to last would meet them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    /// Index in [`Listing::files`].
    pub(crate) file: u32,
    /// The block of the file, from 0.
    pub(crate) block: u32,
    /// The line of the block, from 0, blank ones counted. What reading came to makes it a line of the file.
    pub(crate) line: u32,
}

/// What takes in what is read: one for each worker, so that it needs no locks.
pub(crate) trait Sink: Send {
    /// A line of NDJSON that isn't blank, without the white space around it; whether it is JSON, nobody has looked.
    fn line(&mut self, place: Place, text: &[u8]);
    /// A file that is one document, whole; whether it is JSON, nobody has looked.
    fn document(&mut self, place: Place, text: &[u8]);
}

/// Something that could not be read. The run goes on, and ends with exit status 3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The file or folder, as people are shown it.
    pub(crate) path: String,
    /// The line of the file, from 1, where it is one line.
    pub(crate) line: Option<u64>,
    /// What is wrong and what to do, to be read after the path: `is UTF-16; convert it to UTF-8`.
    pub(crate) what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(to, "`{}` line {line}: {}", self.path, self.what),
            None => write!(to, "`{}` {}", self.path, self.what),
        }
    }
}

/// An error of the system in our words, to be read after a path.
fn cannot_be_read(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => "is not there; check the path".into(),
        ErrorKind::PermissionDenied => "may not be read by this user; change its permissions or leave it out".into(),
        _ => format!("can't be read: {}; check it and run again", error.to_string().to_lowercase()),
    }
}
