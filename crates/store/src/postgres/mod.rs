//! The ledger on a server: PostgreSQL 15 or newer.
//!
//! Several programs may write at once. Whoever writes holds the row that says how far the log goes, so what they decide
//! on is all there is; the constraints of the tables stand behind that, at every isolation level.

mod transaction;

use postgres::{Client, IsolationLevel, NoTls};

use crate::error::StoreError;
use crate::storage::{Read, Storage, Transaction};

use transaction::{Sql, failed};

/// The oldest server that the tests run on.
const VERSION_MIN: i32 = 150_000;

/// The version of the schema that this program writes.
const SCHEMA_VERSION: &str = "1";

/// What a server must be set to for an answer to be durable, and what it may be.
const SETTINGS: [(&str, &[&str]); 3] = [
    ("fsync", &["on"]),
    ("full_page_writes", &["on"]),
    ("synchronous_commit", &["on", "remote_apply", "remote_write"]),
];

/// Makes a schema: who comes second waits, and finds it made. The number is this program's own.
const LOCK_SCHEMA: &str = "SELECT pg_advisory_xact_lock(7021802860149272948)";

/// A ledger on a server.
pub struct Postgres {
    client: Client,
    options: Options,
}

/// How transactions run.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The isolation level of those that write.
    pub isolation: IsolationLevel,
    /// Whether who writes waits for others who do. Without, the constraints alone keep two writers apart, and one of
    /// them is told to ask again.
    pub turns: Turns,
}

/// Whether who writes waits for others who do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turns {
    /// They do.
    Taken,
    /// They don't: for tests of the constraints.
    NotTaken,
}

impl Default for Options {
    fn default() -> Options {
        Options { isolation: IsolationLevel::ReadCommitted, turns: Turns::Taken }
    }
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Postgres {
    /// Connects to a database by its URL; `is_made` says whether to make the tables if there are none.
    ///
    /// # Errors
    ///
    /// If there is no such server, if it is too old or may lose what it said was durable, or if its database is another
    /// program's.
    pub fn connect(url: &str, options: Options, is_made: bool) -> Result<Postgres, StoreError> {
        let mut client =
            Client::connect(url, NoTls).map_err(|error| StoreError::failed("can't reach the database", error))?;
        let version: String = setting(&mut client, "server_version_num")?;
        if version.parse::<i32>().is_ok_and(|version| version < VERSION_MIN) {
            return Err(StoreError::unfit(format!("PostgreSQL {version} is too old; 15 or newer is needed")));
        }
        for (name, allowed) in SETTINGS {
            let is = setting(&mut client, name)?;
            if !allowed.contains(&is.as_str()) {
                let message = format!("the server's {name} is `{is}`: what was answered could be lost; set it to `on`");
                return Err(StoreError::unfit(message));
            }
        }
        make(&mut client, is_made)?;
        Ok(Postgres { client, options })
    }
}

impl Storage for Postgres {
    fn read(&mut self) -> Result<Box<dyn Read + '_>, StoreError> {
        let builder = self.client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
        Ok(Box::new(Sql { transaction: builder.start().map_err(failed)? }))
    }

    fn write(&mut self) -> Result<Box<dyn Transaction + '_>, StoreError> {
        let builder = self.client.build_transaction().isolation_level(self.options.isolation);
        let mut transaction = builder.start().map_err(failed)?;
        if self.options.turns == Turns::Taken {
            transaction.execute("SELECT FROM head FOR UPDATE", &[]).map_err(failed)?;
        }
        Ok(Box::new(Sql { transaction }))
    }
}

fn setting(client: &mut Client, name: &str) -> Result<String, StoreError> {
    let row = client.query_one("SELECT current_setting($1)", &[&name]).map_err(failed)?;
    row.try_get(0).map_err(failed)
}

fn make(client: &mut Client, is_made: bool) -> Result<(), StoreError> {
    let mut transaction = client.transaction().map_err(failed)?;
    transaction.execute(LOCK_SCHEMA, &[]).map_err(failed)?;
    let count = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()";
    let tables: i64 = transaction.query_one(count, &[]).and_then(|row| row.try_get(0)).map_err(failed)?;
    if tables == 0 && is_made {
        transaction.batch_execute(include_str!("schema.sql")).map_err(failed)?;
        return transaction.commit().map_err(failed);
    }
    if tables == 0 {
        return Err(StoreError::unfit("the database has no ledger; make one with `ledger init`"));
    }
    let ours = "SELECT to_regclass('meta') IS NOT NULL AND to_regclass('event') IS NOT NULL";
    let is_ours: bool = transaction.query_one(ours, &[]).and_then(|row| row.try_get(0)).map_err(failed)?;
    if !is_ours {
        return Err(StoreError::unfit("the database is another program's; name an empty one"));
    }
    let version = "SELECT value FROM meta WHERE name = 'schema'";
    let version: String = transaction.query_one(version, &[]).and_then(|row| row.try_get(0)).map_err(failed)?;
    if version != SCHEMA_VERSION {
        let message = format!("the database's schema is of version {version} and this program's of {SCHEMA_VERSION}");
        return Err(StoreError::unfit(message));
    }
    transaction.commit().map_err(failed)
}
