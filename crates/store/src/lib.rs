//! The ledger kept: the log of events and the tables beside it, on SQLite and PostgreSQL ([`storage`]); who appends to
//! it, and only they ([`writer`]); and how commands, answers and events are written as JSON ([`wire`]).

pub mod chain;
mod copy;
mod error;
mod known;
mod ledger;
mod open;
pub mod postgres;
mod rows;
pub mod service;
pub mod sqlite;
mod steps;
pub mod storage;
pub mod tables;
pub mod view;
pub mod wire;
pub mod writer;

pub use error::StoreError;
pub use ledger::{Ledger, Verified};
pub use open::{is_url, open};

pub use answerable_care::Instant;
pub use answerable_care::ledger::id::{PatientId, RoleId};
pub use answerable_care::ledger::story::moment;
pub use answerable_care::ledger::who::Answerable;
pub use wire::say;
