//! Reading and writing the ledger's tables within a transaction of SQLite.

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, ErrorCode, OptionalExtension, ToSql, TransactionBehavior, params};

use crate::error::StoreError;
use crate::storage::{Answered, Batch, Entry, Filter, Head, Read, Step, Transaction};
use crate::tables::{Cell, Row, TABLES, Table};

/// A transaction.
#[derive(Debug)]
pub(super) struct Sql<'s> {
    transaction: rusqlite::Transaction<'s>,
}

impl<'s> Sql<'s> {
    pub(super) fn begin(connection: &'s mut Connection, behavior: TransactionBehavior) -> Result<Sql<'s>, StoreError> {
        Ok(Sql { transaction: connection.transaction_with_behavior(behavior).map_err(failed)? })
    }

    fn entries(&self, sql: &str, by: impl rusqlite::Params) -> Result<Vec<Entry>, StoreError> {
        let mut statement = self.transaction.prepare_cached(sql).map_err(failed)?;
        let rows = statement.query_map(by, |row| {
            Ok(Entry {
                position: row.get(0)?,
                patient: row.get(1)?,
                version: row.get(2)?,
                recorded: row.get(3)?,
                command: row.get(4)?,
                place: row.get(5)?,
                body: row.get(6)?,
                hash: row.get(7)?,
            })
        });
        rows.and_then(Iterator::collect).map_err(failed)
    }

    fn answers(&self, sql: &str, by: impl rusqlite::Params) -> Result<Vec<Answered>, StoreError> {
        let mut statement = self.transaction.prepare_cached(sql).map_err(failed)?;
        let rows = statement.query_map(by, |row| {
            let (command, content, recorded, answer) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            Ok(Answered { command, content, recorded, answer })
        });
        rows.and_then(Iterator::collect).map_err(failed)
    }

    fn run(&self, sql: &str, by: impl rusqlite::Params) -> Result<(), StoreError> {
        self.transaction.prepare_cached(sql).and_then(|mut statement| statement.execute(by)).map_err(failed)?;
        Ok(())
    }
}

impl Read for Sql<'_> {
    fn head(&mut self) -> Result<Head, StoreError> {
        let sql = "SELECT position, recorded FROM event ORDER BY position DESC LIMIT 1";
        let mut statement = self.transaction.prepare_cached(sql).map_err(failed)?;
        let head = statement.query_row([], |row| Ok(Head { position: row.get(0)?, recorded: row.get(1)? }));
        Ok(head.optional().map_err(failed)?.unwrap_or_default())
    }

    fn log(&mut self, after: u64, entries_max: usize) -> Result<Vec<Entry>, StoreError> {
        let sql = "SELECT position, patient, version, recorded, command, place, body, hash FROM event \
                   WHERE position > ?1 ORDER BY position LIMIT ?2";
        self.entries(sql, params![after, entries_max as u64])
    }

    fn stream(&mut self, patient: &str) -> Result<Vec<Entry>, StoreError> {
        let sql = "SELECT position, patient, version, recorded, command, place, body, hash FROM event \
                   WHERE patient = ?1 ORDER BY version";
        self.entries(sql, [patient])
    }

    fn answered(&mut self, command: &str) -> Result<Option<Answered>, StoreError> {
        let sql = "SELECT command, content, recorded, answer FROM answered WHERE command = ?1";
        Ok(self.answers(sql, [command])?.pop())
    }

    fn all_answered(&mut self) -> Result<Vec<Answered>, StoreError> {
        self.answers("SELECT command, content, recorded, answer FROM answered ORDER BY command", [])
    }

    fn rows(&mut self, table: &'static Table, filter: Filter) -> Result<Vec<Row>, StoreError> {
        let key = table.columns.get(..table.key).unwrap_or_default().join(", ");
        let condition = match filter {
            Filter::All => String::new(),
            Filter::Is(column, _) => format!("WHERE {column} = ?1"),
            Filter::Both(one, _, other, _) => format!("WHERE {one} = ?1 AND {other} = ?2"),
            Filter::AtMost(column, _) => format!("WHERE {column} <= ?1"),
        };
        let sql = format!("SELECT {} FROM {} {condition} ORDER BY {key}", table.columns.join(", "), table.name);
        let mut statement = self.transaction.prepare_cached(&sql).map_err(failed)?;
        let read = |row: &rusqlite::Row| (0..table.columns.len()).map(|index| row.get::<_, Cell>(index)).collect();
        let rows = match filter {
            Filter::All => statement.query_map([], read),
            Filter::Is(_, text) => statement.query_map([text], read),
            Filter::Both(_, one, _, other) => statement.query_map([one, other], read),
            Filter::AtMost(_, number) => statement.query_map([number], read),
        };
        rows.and_then(Iterator::collect).map_err(failed)
    }

    fn steps(&mut self) -> Result<Vec<Step>, StoreError> {
        let sql = "SELECT command, line, recorded, roles, plan FROM step ORDER BY command";
        let mut statement = self.transaction.prepare_cached(sql).map_err(failed)?;
        let rows = statement.query_map([], |row| {
            let plan: String = row.get(4)?;
            let plan = plan.lines().map(str::to_owned).collect();
            Ok(Step { command: row.get(0)?, line: row.get(1)?, recorded: row.get(2)?, roles: row.get(3)?, plan })
        });
        rows.and_then(Iterator::collect).map_err(failed)
    }
}

impl Transaction for Sql<'_> {
    fn put(&mut self, batch: &Batch) -> Result<(), StoreError> {
        for entry in &batch.entries {
            let sql = "INSERT INTO event (position, patient, version, recorded, command, place, body, hash) \
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
            let Entry { patient, version, position, recorded, command, place, body, hash } = entry;
            self.run(sql, params![position, patient, version, recorded, command, place, body, hash])?;
        }
        for one in &batch.answered {
            let sql = "INSERT INTO answered (command, content, recorded, answer) VALUES (?1, ?2, ?3, ?4)";
            self.run(sql, params![one.command, one.content, one.recorded, one.answer])?;
        }
        for step in &batch.begun {
            let sql = "INSERT INTO step (command, line, recorded, roles, plan) VALUES (?1, ?2, ?3, ?4, ?5)";
            self.run(sql, params![step.command, step.line, step.recorded, step.roles, step.plan.join("\n")])?;
        }
        for command in &batch.ended {
            self.run("DELETE FROM step WHERE command = ?1", [command])?;
        }
        for (table, row) in &batch.removed {
            let (sql, key) = (delete_sql(table), row.get(..table.key).unwrap_or_default());
            self.run(&sql, rusqlite::params_from_iter(key))?;
        }
        for (table, row) in &batch.inserted {
            self.run(&insert_sql(table), rusqlite::params_from_iter(row))?;
        }
        Ok(())
    }

    fn clear_tables(&mut self) -> Result<(), StoreError> {
        TABLES.iter().rev().try_for_each(|table| self.run(&format!("DELETE FROM {}", table.name), []))
    }

    fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.transaction.commit().map_err(failed)
    }
}

fn insert_sql(table: &Table) -> String {
    let places: Vec<String> = (1..=table.columns.len()).map(|place| format!("?{place}")).collect();
    format!("INSERT INTO {} ({}) VALUES ({})", table.name, table.columns.join(", "), places.join(", "))
}

fn delete_sql(table: &Table) -> String {
    let key = table.columns.iter().take(table.key).enumerate();
    let conditions: Vec<String> = key.map(|(place, column)| format!("{column} = ?{}", place + 1)).collect();
    format!("DELETE FROM {} WHERE {}", table.name, conditions.join(" AND "))
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Cell::Null => ToSqlOutput::Owned(Value::Null),
            Cell::Int(int) => ToSqlOutput::Owned(Value::Integer(*int)),
            Cell::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        })
    }
}

impl rusqlite::types::FromSql for Cell {
    fn column_result(value: ValueRef<'_>) -> rusqlite::types::FromSqlResult<Cell> {
        match value {
            ValueRef::Null => Ok(Cell::Null),
            ValueRef::Integer(int) => Ok(Cell::Int(int)),
            ValueRef::Text(_) => value.as_str().map(Cell::from),
            _ => Err(rusqlite::types::FromSqlError::InvalidType),
        }
    }
}

/// Of what SQLite refuses, another's write is all that may be tried again. A broken constraint is none: who writes has
/// seen all that is there, so it is this program that is wrong.
fn failed(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy) => StoreError::conflict(error),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StoreError::corrupt(format!("the database is damaged: {error}"))
        }
        _ => StoreError::failed("the database can't be used", error),
    }
}
