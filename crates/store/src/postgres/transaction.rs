//! Reading and writing the ledger's tables within a transaction of PostgreSQL: one statement for all rows of a table.

use postgres::error::SqlState;
use postgres::types::ToSql;

use crate::error::StoreError;
use crate::storage::{Answered, Batch, Entry, Filter, Head, Read, Step, Transaction};
use crate::tables::{Cell, Row, TABLES, Table};

/// A transaction.
pub(super) struct Sql<'s> {
    pub(super) transaction: postgres::Transaction<'s>,
}

type Params<'p> = &'p [&'p (dyn ToSql + Sync)];

const ENTRY: &str = "SELECT position, patient, version, recorded, command, place, body, hash FROM event";

impl Sql<'_> {
    fn query(&mut self, sql: &str, by: Params) -> Result<Vec<postgres::Row>, StoreError> {
        self.transaction.query(sql, by).map_err(failed)
    }

    fn run(&mut self, sql: &str, by: Params) -> Result<u64, StoreError> {
        self.transaction.execute(sql, by).map_err(failed)
    }

    fn entries(&mut self, sql: &str, by: Params) -> Result<Vec<Entry>, StoreError> {
        self.query(sql, by)?.iter().map(entry).collect()
    }

    fn answers(&mut self, sql: &str, by: Params) -> Result<Vec<Answered>, StoreError> {
        let read = |row: &postgres::Row| {
            Ok(Answered {
                command: get(row, 0)?,
                content: hash(&get::<Vec<u8>>(row, 1)?)?,
                recorded: get(row, 2)?,
                answer: get(row, 3)?,
            })
        };
        self.query(sql, by)?.iter().map(read).collect()
    }

    /// Runs a statement that takes the columns of rows as arrays.
    fn run_with(&mut self, sql: &str, columns: &[&str], rows: &[&Row]) -> Result<(), StoreError> {
        let arrays: Vec<Column> =
            columns.iter().enumerate().map(|(place, column)| Column::of(column, place, rows)).collect();
        let by: Vec<&(dyn ToSql + Sync)> = arrays.iter().map(Column::as_sql).collect();
        self.run(sql, &by)?;
        Ok(())
    }
}

impl Read for Sql<'_> {
    fn head(&mut self) -> Result<Head, StoreError> {
        let rows = self.query("SELECT position, recorded FROM head", &[])?;
        let row = rows.first().ok_or_else(|| StoreError::corrupt("the database has lost how far the log goes"))?;
        Ok(Head { position: get::<i64>(row, 0)?.cast_unsigned(), recorded: get(row, 1)? })
    }

    fn log(&mut self, after: u64, entries_max: usize) -> Result<Vec<Entry>, StoreError> {
        let sql = format!("{ENTRY} WHERE position > $1 ORDER BY position LIMIT $2");
        self.entries(&sql, &[&after.cast_signed(), &(entries_max as i64)])
    }

    fn stream(&mut self, patient: &str) -> Result<Vec<Entry>, StoreError> {
        self.entries(&format!("{ENTRY} WHERE patient = $1 ORDER BY version"), &[&patient])
    }

    fn answered(&mut self, command: &str) -> Result<Option<Answered>, StoreError> {
        let sql = "SELECT command, content, recorded, answer FROM answered WHERE command = $1";
        Ok(self.answers(sql, &[&command])?.pop())
    }

    fn all_answered(&mut self) -> Result<Vec<Answered>, StoreError> {
        self.answers("SELECT command, content, recorded, answer FROM answered ORDER BY command", &[])
    }

    fn rows(&mut self, table: &'static Table, filter: Filter) -> Result<Vec<Row>, StoreError> {
        let condition = match filter {
            Filter::All => String::new(),
            Filter::Is(column, _) => format!("WHERE {column} = $1"),
            Filter::Both(one, _, other, _) => format!("WHERE {one} = $1 AND {other} = $2"),
            Filter::AtMost(column, _) => format!("WHERE {column} <= $1"),
        };
        let key = table.key_columns().join(", ");
        let sql = format!("SELECT {} FROM {} {condition} ORDER BY {key}", table.columns.join(", "), table.name);
        let rows = match filter {
            Filter::All => self.query(&sql, &[]),
            Filter::Is(_, text) => self.query(&sql, &[&text]),
            Filter::Both(_, one, _, other) => self.query(&sql, &[&one, &other]),
            Filter::AtMost(_, number) => self.query(&sql, &[&number]),
        };
        let read = |row: &postgres::Row| -> Result<Row, StoreError> {
            let columns = table.columns.iter().enumerate();
            columns
                .map(|(place, column)| {
                    Ok(if Table::is_number(column) {
                        get::<Option<i64>>(row, place)?.into()
                    } else {
                        get::<Option<&str>>(row, place)?.into()
                    })
                })
                .collect()
        };
        rows?.iter().map(read).collect()
    }

    fn steps(&mut self) -> Result<Vec<Step>, StoreError> {
        let rows = self.query("SELECT command, line, recorded, roles, plan FROM step ORDER BY command", &[])?;
        let read = |row: &postgres::Row| {
            let plan = get::<&str>(row, 4)?.lines().map(str::to_owned).collect();
            Ok(Step { command: get(row, 0)?, line: get(row, 1)?, recorded: get(row, 2)?, roles: get(row, 3)?, plan })
        };
        rows.iter().map(read).collect()
    }
}

impl Transaction for Sql<'_> {
    fn put(&mut self, batch: &Batch) -> Result<(), StoreError> {
        self.put_entries(&batch.entries)?;
        for one in &batch.answered {
            let sql = "INSERT INTO answered (command, content, recorded, answer) VALUES ($1, $2, $3, $4)";
            self.run(sql, &[&one.command, &one.content.as_slice(), &one.recorded, &one.answer])?;
        }
        for step in &batch.begun {
            let sql = "INSERT INTO step (command, line, recorded, roles, plan) VALUES ($1, $2, $3, $4, $5)";
            self.run(sql, &[&step.command, &step.line, &step.recorded, &step.roles, &step.plan.join("\n")])?;
        }
        if !batch.ended.is_empty() {
            self.run("DELETE FROM step WHERE command = ANY ($1)", &[&batch.ended])?;
        }
        for table in TABLES {
            let removed: Vec<&Row> = of(table, &batch.removed);
            if !removed.is_empty() {
                self.run_with(&delete_sql(table), table.key_columns(), &removed)?;
            }
        }
        for table in TABLES {
            let inserted: Vec<&Row> = of(table, &batch.inserted);
            if !inserted.is_empty() {
                self.run_with(&insert_sql(table), table.columns, &inserted)?;
            }
        }
        Ok(())
    }

    fn clear_tables(&mut self) -> Result<(), StoreError> {
        TABLES.iter().rev().try_for_each(|table| self.run(&format!("DELETE FROM {}", table.name), &[]).map(drop))
    }

    fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.transaction.commit().map_err(failed)
    }
}

impl Sql<'_> {
    fn put_entries(&mut self, entries: &[Entry]) -> Result<(), StoreError> {
        let Some(last) = entries.last() else { return Ok(()) };
        let numbers = |get: fn(&Entry) -> i64| entries.iter().map(get).collect::<Vec<i64>>();
        let texts = |get: fn(&Entry) -> &str| entries.iter().map(get).collect::<Vec<&str>>();
        let hashes: Vec<&[u8]> = entries.iter().map(|entry| entry.hash.as_slice()).collect();
        let sql = "INSERT INTO event (position, patient, version, recorded, command, place, body, hash) SELECT * FROM \
                   unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::text[], \
                   $8::bytea[])";
        self.run(
            sql,
            &[
                &numbers(|entry| entry.position.cast_signed()),
                &texts(|entry| &entry.patient),
                &numbers(|entry| entry.version.cast_signed()),
                &numbers(|entry| entry.recorded),
                &texts(|entry| &entry.command),
                &numbers(|entry| i64::from(entry.place)),
                &texts(|entry| &entry.body),
                &hashes,
            ],
        )?;
        let sql = "UPDATE head SET position = $1, recorded = $2";
        self.run(sql, &[&last.position.cast_signed(), &last.recorded])?;
        Ok(())
    }
}

/// The rows of a table.
fn of<'b>(table: &Table, rows: &'b [(&'static Table, Row)]) -> Vec<&'b Row> {
    rows.iter().filter(|(of, _)| *of == table).map(|(_, row)| row).collect()
}

/// `unnest($1::text[], $2::bigint[])`.
fn unnest(columns: &[&str]) -> String {
    let kind = |column: &str| if Table::is_number(column) { "bigint" } else { "text" };
    let places = columns.iter().enumerate();
    let arrays: Vec<String> = places.map(|(place, column)| format!("${}::{}[]", place + 1, kind(column))).collect();
    format!("unnest({})", arrays.join(", "))
}

fn insert_sql(table: &Table) -> String {
    let columns = table.columns.join(", ");
    format!("INSERT INTO {} ({columns}) SELECT * FROM {}", table.name, unnest(table.columns))
}

fn delete_sql(table: &Table) -> String {
    let (name, key) = (table.name, table.key_columns());
    let conditions: Vec<String> = key.iter().map(|column| format!("{name}.{column} = gone.{column}")).collect();
    let (arrays, columns, conditions) = (unnest(key), key.join(", "), conditions.join(" AND "));
    format!("DELETE FROM {name} USING {arrays} AS gone ({columns}) WHERE {conditions}")
}

/// A column of several rows.
enum Column<'c> {
    Numbers(Vec<Option<i64>>),
    Texts(Vec<Option<&'c str>>),
}

impl<'c> Column<'c> {
    fn of(column: &str, place: usize, rows: &[&'c Row]) -> Column<'c> {
        let cells = rows.iter().map(|row| row.get(place));
        if Table::is_number(column) {
            Column::Numbers(cells.map(|cell| cell.and_then(Cell::int)).collect())
        } else {
            Column::Texts(cells.map(|cell| cell.and_then(Cell::text)).collect())
        }
    }

    fn as_sql(&self) -> &(dyn ToSql + Sync) {
        match self {
            Column::Numbers(numbers) => numbers,
            Column::Texts(texts) => texts,
        }
    }
}

fn entry(row: &postgres::Row) -> Result<Entry, StoreError> {
    let place = u32::try_from(get::<i64>(row, 5)?).map_err(|_| StoreError::corrupt("an event has no place"))?;
    Ok(Entry {
        position: get::<i64>(row, 0)?.cast_unsigned(),
        patient: get(row, 1)?,
        version: get::<i64>(row, 2)?.cast_unsigned(),
        recorded: get(row, 3)?,
        command: get(row, 4)?,
        place,
        body: get(row, 6)?,
        hash: hash(&get::<Vec<u8>>(row, 7)?)?,
    })
}

fn hash(bytes: &[u8]) -> Result<crate::chain::Hash, StoreError> {
    bytes.try_into().map_err(|_| StoreError::corrupt("a hash in the database isn't 32 bytes long"))
}

fn get<'r, T: postgres::types::FromSql<'r>>(row: &'r postgres::Row, place: usize) -> Result<T, StoreError> {
    row.try_get(place).map_err(failed)
}

/// What two who write at once do to each other may be tried again: the loser has written nothing.
pub(super) fn failed(error: postgres::Error) -> StoreError {
    let again = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::UNIQUE_VIOLATION,
        SqlState::EXCLUSION_VIOLATION,
        SqlState::FOREIGN_KEY_VIOLATION,
    ];
    match error.code() {
        Some(code) if again.contains(code) => StoreError::conflict(error),
        _ => StoreError::failed("the database can't be used", error),
    }
}
