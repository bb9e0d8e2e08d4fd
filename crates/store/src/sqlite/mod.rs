//! The ledger in a file: SQLite.
//!
//! One connection writes, in WAL mode with a sync at each commit; others read as of the moment they began and never
//! wait for it. What the file must be opened with is set, read back and asserted: a setting that didn't take would only
//! be noticed after a loss of power.

mod transaction;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::error::StoreError;
use crate::storage::{Read, Storage, Transaction};

use transaction::Sql;

/// The first version without a fault that could corrupt a database in WAL mode: <https://sqlite.org/wal.html#walresetbug>.
const VERSION_MIN: i32 = 3_051_003;

/// Marks a file as ours: `Answ` in ASCII. See <https://sqlite.org/pragma.html#pragma_application_id>.
const APPLICATION_ID: i32 = 0x416e_7377;

/// The version of the schema that this program writes.
const SCHEMA_VERSION: i32 = 1;

/// How long a writer waits for another process that writes.
const WAIT: Duration = Duration::from_secs(30);

/// Statements that are kept ready.
const STATEMENTS_MAX: usize = 64;

/// What is set when a file is opened, and what it must then read.
const SETTINGS: [(&str, &str, &str); 6] = [
    ("journal_mode", "wal", "wal"),
    ("synchronous", "full", "2"),
    ("foreign_keys", "on", "1"),
    ("cell_size_check", "on", "1"),
    ("trusted_schema", "off", "0"),
    // A checkpoint of about 4 MiB at a time: larger ones make single commands wait.
    ("wal_autocheckpoint", "1000", "1000"),
];

/// The kinds of use of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It must be there.
    Read,
    /// It must be there.
    Write,
    /// It is made if it isn't there.
    Create,
}

/// A ledger in a file.
#[derive(Debug)]
pub struct Sqlite {
    connection: Connection,
    path: PathBuf,
}

impl Sqlite {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// If it can't be opened, is no ledger, is one of a later version, or doesn't take the settings.
    pub fn open(path: &Path, access: Access) -> Result<Sqlite, StoreError> {
        Sqlite::open_through(path, access, None)
    }

    /// As [`Sqlite::open`], through another file system of SQLite's, by its name: for tests.
    ///
    /// # Errors
    ///
    /// As [`Sqlite::open`].
    pub fn open_through(path: &Path, access: Access, vfs: Option<&str>) -> Result<Sqlite, StoreError> {
        assert_version(rusqlite::version_number())?;
        let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX
            | match access {
                // A reader of a file in WAL mode writes its index of the log.
                Access::Read | Access::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
                Access::Create => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
            };
        let opened = match vfs {
            Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs),
            None => Connection::open_with_flags(path, flags),
        };
        let cannot = |error| StoreError::failed(format!("can't open `{}`", path.display()), error);
        let mut connection = opened.map_err(cannot)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        connection.busy_timeout(WAIT).map_err(cannot)?;
        for (name, value, expected) in SETTINGS {
            let set = |row: &rusqlite::Row| row.get::<_, rusqlite::types::Value>(0);
            // Some answer with what they are now, some with nothing.
            let _ = connection.pragma_update_and_check(None, name, value, set);
            let is: String = connection
                .pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0).map(as_text))
                .map_err(|error| unreadable(path, error))?;
            if is != expected {
                let message = format!("`{}`: {name} is `{is}` and must be `{expected}`", path.display());
                return Err(StoreError::unfit(message));
            }
        }
        migrate(&mut connection, path, access)?;
        if access == Access::Read {
            connection.pragma_update(None, "query_only", "on").map_err(cannot)?;
        }
        Ok(Sqlite { connection, path: path.to_owned() })
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Copies the ledger as of one moment into a new file, while others write.
    ///
    /// # Errors
    ///
    /// If the copy can't be written whole; or if there is a file already.
    pub fn backup(&self, to: &Path) -> Result<(), StoreError> {
        if to.exists() {
            return Err(StoreError::unfit(format!("`{}` is there already; name another file", to.display())));
        }
        let cannot = |error| StoreError::failed(format!("can't write the copy `{}`", to.display()), error);
        let target = to.to_str().ok_or_else(|| StoreError::unfit("name the copy in UTF-8"))?;
        // It writes the copy alone, and SQLite can't tell.
        let query_only: bool =
            self.connection.pragma_query_value(None, "query_only", |row| row.get(0)).map_err(cannot)?;
        self.connection.pragma_update(None, "query_only", "off").map_err(cannot)?;
        let copied = self.connection.execute("VACUUM INTO ?1", [target]).map_err(cannot);
        self.connection.pragma_update(None, "query_only", query_only).map_err(cannot)?;
        copied?;
        let file = std::fs::File::open(to).map_err(|error| StoreError::failed("can't sync the copy", error))?;
        file.sync_all().map_err(|error| StoreError::failed("can't sync the copy", error))
    }

    /// Asks SQLite whether its file is whole, and its constraints kept.
    ///
    /// # Errors
    ///
    /// [`StoreError::is_corrupt`] with the first fault.
    pub fn check_file(&self) -> Result<(), StoreError> {
        let first: String = self
            .connection
            .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
            .map_err(|error| unreadable(&self.path, error))?;
        if first != "ok" {
            return Err(StoreError::corrupt(format!("`{}`: {first}", self.path.display())));
        }
        let wrong = self.connection.query_row("PRAGMA foreign_key_check", [], |row| row.get::<_, String>(0));
        match wrong {
            Err(rusqlite::Error::QueryReturnedNoRows) => Ok(()),
            Ok(table) => {
                let message = format!("`{}`: a row of {table} refers to one that isn't there", self.path.display());
                Err(StoreError::corrupt(message))
            }
            Err(error) => Err(unreadable(&self.path, error)),
        }
    }
}

impl Storage for Sqlite {
    fn read(&mut self) -> Result<Box<dyn Read + '_>, StoreError> {
        Ok(Box::new(Sql::begin(&mut self.connection, TransactionBehavior::Deferred)?))
    }

    fn write(&mut self) -> Result<Box<dyn Transaction + '_>, StoreError> {
        Ok(Box::new(Sql::begin(&mut self.connection, TransactionBehavior::Immediate)?))
    }
}

/// Refuses a library that may corrupt what it keeps.
fn assert_version(version: i32) -> Result<(), StoreError> {
    if version < VERSION_MIN {
        return Err(StoreError::unfit(format!(
            "SQLite {version} can corrupt a database; {VERSION_MIN} or newer is needed"
        )));
    }
    Ok(())
}

/// Brings a file to this program's schema, from nothing or from an earlier version.
fn migrate(connection: &mut Connection, path: &Path, access: Access) -> Result<(), StoreError> {
    let unreadable = |error| unreadable(path, error);
    let pragma = |connection: &Connection, name: &str| -> Result<i32, rusqlite::Error> {
        connection.pragma_query_value(None, name, |row| row.get(0))
    };
    let is_ours = |connection: &Connection| -> Result<Option<i32>, rusqlite::Error> {
        let (application, version) = (pragma(connection, "application_id")?, pragma(connection, "user_version")?);
        Ok((application == APPLICATION_ID).then_some(version))
    };
    match is_ours(connection).map_err(unreadable)? {
        Some(SCHEMA_VERSION) => return Ok(()),
        Some(version) if version > SCHEMA_VERSION => {
            let message = format!("`{}` is of a later version ({version}); use a newer program", path.display());
            return Err(StoreError::unfit(message));
        }
        Some(version) => {
            // There is no earlier version yet that a ledger could have.
            return Err(StoreError::unfit(format!("`{}` is of version {version}, which never was", path.display())));
        }
        None => {}
    }
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(unreadable)?;
    if tables > 0 {
        // Another process may have made it since.
        return match is_ours(connection).map_err(unreadable)? {
            Some(SCHEMA_VERSION) => Ok(()),
            _ => Err(StoreError::unfit(format!("`{}` is another program's database", path.display()))),
        };
    }
    if access != Access::Create {
        return Err(StoreError::unfit(format!("`{}` is no ledger; make one with `ledger init`", path.display())));
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(unreadable)?;
    if is_ours(&transaction).map_err(unreadable)?.is_none() {
        transaction.execute_batch(include_str!("schema.sql")).map_err(unreadable)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(unreadable)?;
        transaction.pragma_update(None, "user_version", SCHEMA_VERSION).map_err(unreadable)?;
    }
    transaction.commit().map_err(unreadable)
}

fn unreadable(path: &Path, error: rusqlite::Error) -> StoreError {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    match error.sqlite_error_code() {
        Some(DatabaseCorrupt) => StoreError::corrupt(format!("`{}` is damaged: {error}", path.display())),
        Some(NotADatabase) => StoreError::unfit(format!("`{}` is no ledger: {error}", path.display())),
        _ => StoreError::failed(format!("can't use `{}`", path.display()), error),
    }
}

fn as_text(value: rusqlite::types::Value) -> String {
    match value {
        rusqlite::types::Value::Integer(number) => number.to_string(),
        rusqlite::types::Value::Text(text) => text,
        other => format!("{other:?}"),
    }
}
