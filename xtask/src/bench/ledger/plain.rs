//! What plain inserts cost: one row, one transaction.

use std::path::Path;
use std::time::Duration;

use super::Result;
use super::load::{Lasted, again};

/// About as long as an event.
const BODY: &str = "x";

/// SQLite as the ledger sets it: WAL, and a sync each time.
pub(super) fn sqlite(path: &Path, turn: Duration) -> Result<Lasted> {
    let connection = rusqlite::Connection::open(path)?;
    for (name, value) in [("journal_mode", "wal"), ("synchronous", "full")] {
        connection
            .pragma_update_and_check(None, name, value, |_| Ok(()))
            .or_else(|_| connection.pragma_update(None, name, value))?;
    }
    connection.execute_batch("CREATE TABLE event (position INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT")?;
    let body = BODY.repeat(400);
    again(turn, |_| {
        connection.prepare_cached("INSERT INTO event (body) VALUES (?1)")?.execute([&body])?;
        Ok(())
    })
}

/// PostgreSQL, one client.
pub(super) fn postgres(url: &str, turn: Duration) -> Result<Lasted> {
    empty(url)?;
    let mut client = postgres::Client::connect(url, postgres::NoTls)?;
    client.batch_execute("CREATE TABLE event (position bigserial PRIMARY KEY, body text NOT NULL)")?;
    let statement = client.prepare("INSERT INTO event (body) VALUES ($1)")?;
    let body = BODY.repeat(400);
    again(turn, |_| {
        client.execute(&statement, &[&body])?;
        Ok(())
    })
}

/// Takes away all that is in a database.
pub(super) fn empty(url: &str) -> Result<()> {
    let mut client = postgres::Client::connect(url, postgres::NoTls)?;
    Ok(client.batch_execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")?)
}
