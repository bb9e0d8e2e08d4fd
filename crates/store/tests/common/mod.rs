//! Both kinds of database, each test with one of its own.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "each test uses some of it, and panics to fail"
)]

mod server;
pub mod story;
pub mod ward;

use std::path::PathBuf;
use std::sync::Arc;

use answerable_store::StoreError;
use answerable_store::postgres::{Options, Postgres};
use answerable_store::sqlite::{Access, Sqlite};
use answerable_store::storage::Storage;

pub use server::Server;

/// An empty place for a ledger.
pub enum Place {
    Sqlite { folder: tempfile::TempDir },
    Postgres { server: Arc<Server>, url: String },
}

impl Place {
    pub fn sqlite() -> Place {
        Place::Sqlite { folder: tempfile::tempdir().unwrap() }
    }

    /// None where there is no PostgreSQL, unless it is asked for.
    pub fn postgres() -> Option<Place> {
        let server = Server::shared()?;
        let url = server.new_database();
        Some(Place::Postgres { server, url })
    }

    pub fn name(&self) -> &'static str {
        match self {
            Place::Sqlite { .. } => "SQLite",
            Place::Postgres { .. } => "PostgreSQL",
        }
    }

    pub fn file(&self) -> PathBuf {
        match self {
            Place::Sqlite { folder } => folder.path().join("ledger.db"),
            Place::Postgres { .. } => panic!("PostgreSQL is no file"),
        }
    }

    pub fn open(&self) -> Box<dyn Storage + Send> {
        self.try_open().unwrap()
    }

    pub fn try_open(&self) -> Result<Box<dyn Storage + Send>, StoreError> {
        Ok(match self {
            Place::Sqlite { .. } => Box::new(Sqlite::open(&self.file(), Access::Create)?),
            Place::Postgres { url, .. } => Box::new(Postgres::connect(url, Options::default(), true)?),
        })
    }

    /// Takes all away that was kept here.
    pub fn empty(&self) {
        match self {
            Place::Sqlite { folder } => {
                for entry in std::fs::read_dir(folder.path()).unwrap() {
                    std::fs::remove_file(entry.unwrap().path()).unwrap();
                }
            }
            Place::Postgres { url, .. } => {
                let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
                client.batch_execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public").unwrap();
            }
        }
    }

    /// Runs what somebody does who goes past the program.
    pub fn run(&self, sql: &str) -> Result<(), String> {
        match self {
            Place::Sqlite { .. } => {
                let connection = rusqlite::Connection::open(self.file()).unwrap();
                connection.pragma_update(None, "foreign_keys", "on").unwrap();
                connection.execute_batch(&format!("BEGIN; {sql}; COMMIT")).map_err(|error| error.to_string())
            }
            Place::Postgres { url, .. } => {
                let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
                client.batch_execute(&format!("BEGIN; {sql}; COMMIT")).map_err(|error| match error.as_db_error() {
                    Some(error) => error.message().to_owned(),
                    None => error.to_string(),
                })
            }
        }
    }
}

/// Runs a test on both kinds.
pub fn on_each(test: impl Fn(&Place)) {
    for place in [Some(Place::sqlite()), Place::postgres()].into_iter().flatten() {
        println!("on {}", place.name());
        test(&place);
    }
}
