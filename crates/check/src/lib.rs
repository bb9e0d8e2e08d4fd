//! The population engine: reads exports, partitions them by patient, judges, and reports who is answerable for what.

mod config;
mod engine;
mod error;
mod input;
mod report;
mod run;
mod spill;

pub use config::{Config, DEFAULT_CONFIG};
pub use engine::{Malformed, Reading, TypeCounts};
pub use error::Error;
pub use input::Meter;
pub use report::marks::{Change, Decision, Marks, State};
pub use report::method::{Method, MethodInput};
pub use report::rows::{Names, RowKind, SCHEMA_VERSION};
pub use report::summary::{
    Card, CardDuty, CardFinding, CardNeed, CardSegment, OrganizationCounts, Summary,
};
pub use answerable_fhir::{Calendar, Settings};
pub use run::{Check, Encode, MEMORY_BYTES, Nothing, Outcome};
pub use spill::Store;
