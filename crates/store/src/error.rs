//! What goes wrong with a store.

use std::fmt;

/// Why a store could not do what it was asked.
#[derive(Debug)]
pub struct StoreError {
    kind: Kind,
    message: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Another wrote first: ask again.
    Conflict,
    /// What is kept isn't what was written.
    Corrupt,
    /// The disk, the connection, the server.
    Failed,
    /// It isn't what was asked for: another schema, another program's database, a wrong address.
    Unfit,
}

impl StoreError {
    /// Whether another wrote first: nothing was written, and what was decided may not hold any more.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.kind == Kind::Conflict
    }

    /// Whether what is kept isn't what was written.
    #[must_use]
    pub fn is_corrupt(&self) -> bool {
        self.kind == Kind::Corrupt
    }

    /// Whether it is no store of ours, or one of another version.
    #[must_use]
    pub fn is_unfit(&self) -> bool {
        self.kind == Kind::Unfit
    }

    /// One after which it isn't known what was written: the disk, the connection or the server failed.
    #[must_use]
    pub fn lost(message: impl Into<String>) -> StoreError {
        StoreError { kind: Kind::Failed, message: message.into(), source: None }
    }

    pub(crate) fn conflict(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
        let message = "somebody else has written at the same time; ask again".to_owned();
        StoreError { kind: Kind::Conflict, message, source: Some(source.into()) }
    }

    /// What was decided doesn't hold any more.
    pub(crate) fn overtaken() -> StoreError {
        let message = "somebody else has changed what it is about; ask again".to_owned();
        StoreError { kind: Kind::Conflict, message, source: None }
    }

    pub(crate) fn corrupt(message: impl Into<String>) -> StoreError {
        StoreError { kind: Kind::Corrupt, message: message.into(), source: None }
    }

    pub(crate) fn unfit(message: impl Into<String>) -> StoreError {
        StoreError { kind: Kind::Unfit, message: message.into(), source: None }
    }

    pub(crate) fn failed(
        message: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> StoreError {
        StoreError { kind: Kind::Failed, message: message.into(), source: Some(source.into()) }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(source) = &self.source {
            write!(f, ": {source}")?;
        }
        Ok(())
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| -> &(dyn std::error::Error + 'static) { source.as_ref() })
    }
}
