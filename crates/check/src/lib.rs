//! The population engine: reads exports, partitions them by patient, judges, and reports who is answerable for what.

mod concept_map;
mod config;
mod engine;
mod error;
mod input;
mod report;
mod run;
mod spill;

pub use answerable_care::{Instant, Severity};
pub use answerable_fhir::{Calendar, Settings};
pub use concept_map::read_concept_map;
pub use config::{Config, DEFAULT_CONFIG};
pub use engine::{Malformed, Reading, TypeCounts};
pub use error::Error;
pub use input::Meter;
pub use report::html::{self, Reader};
pub use report::marks::{Change, Decision, Earlier, Marks, State};
pub use report::method::{Hashes, Method, MethodInput};
pub use report::output::{Format, Output};
pub use report::reading;
pub use report::rows::{Names, RowKind, SCHEMA_VERSION};
pub use report::summary::{Card, CardDuty, CardFinding, CardNeed, CardSegment, OrganizationCounts, Summary};
pub use report::text::{FELL_MAX, Paper};
pub use run::{Check, Encode, MEMORY_BYTES, Nothing, Outcome};
pub use spill::Store;
