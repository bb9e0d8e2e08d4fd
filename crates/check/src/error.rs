//! The one error of this crate, with what a caller needs to tell: the exit status.

use std::fmt;

use crate::engine::EngineError;

/// Why a check could not be done. The message says what to do.
#[derive(Debug)]
pub struct Error {
    message: String,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The caller asked for what can't be, or there is nothing to read.
    Usage,
    /// It was stopped on request.
    Cancelled,
    /// Whoever reads the output went away.
    ClosedPipe,
    /// The machine: memory, disk, files.
    Machine,
}

impl Error {
    pub(crate) fn usage(message: impl Into<String>) -> Error {
        Error { message: message.into(), kind: Kind::Usage }
    }

    pub(crate) fn machine(message: impl Into<String>) -> Error {
        Error { message: message.into(), kind: Kind::Machine }
    }

    /// Whether the caller asked for what can't be, or there is nothing to read: exit status 2.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        self.kind == Kind::Usage
    }

    /// Whether it was stopped on request.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.kind == Kind::Cancelled
    }

    /// Whether whoever reads the output went away: no reason to complain.
    #[must_use]
    pub fn is_closed_pipe(&self) -> bool {
        self.kind == Kind::ClosedPipe
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl From<EngineError> for Error {
    fn from(error: EngineError) -> Error {
        let kind = match &error {
            EngineError::Cancelled => Kind::Cancelled,
            EngineError::Io(io) if io.kind() == std::io::ErrorKind::BrokenPipe => Kind::ClosedPipe,
            _ => Kind::Machine,
        };
        Error { message: error.to_string(), kind }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Error {
        EngineError::Io(error).into()
    }
}
