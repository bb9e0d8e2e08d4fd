//! Where a ledger is: a file, or the URL of a database.

use std::path::Path;

use crate::error::StoreError;
use crate::ledger::Ledger;
use crate::postgres::{Options, Postgres};
use crate::sqlite::{Access, Sqlite};
use crate::storage::Storage;

/// Opens the database at a place: `postgres://…` or `postgresql://…`, else a file of SQLite's.
///
/// # Errors
///
/// If there is none, and it may not be made; or if it can't be used.
pub fn open(place: &str, access: Access) -> Result<Box<dyn Storage + Send>, StoreError> {
    Ok(if is_url(place) {
        Box::new(Postgres::connect(place, Options::default(), access == Access::Create)?)
    } else {
        Box::new(Sqlite::open(Path::new(place), access)?)
    })
}

/// Whether a place is a server's and not a file.
#[must_use]
pub fn is_url(place: &str) -> bool {
    place.starts_with("postgres://") || place.starts_with("postgresql://")
}

impl Ledger {
    /// Opens the ledger at a place: see [`open`].
    ///
    /// # Errors
    ///
    /// As [`open`]; and if what was begun and cut off can't be ended.
    pub fn open(place: &str, access: Access) -> Result<Ledger, StoreError> {
        Ledger::new(open(place, access)?)
    }
}
