//! Where the ledger is kept.

pub mod chain;
mod error;
pub mod postgres;
pub mod sqlite;
pub mod storage;
pub mod tables;

pub use error::StoreError;
