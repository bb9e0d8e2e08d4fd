//! The part of FHIR R4 that Answerable understands.

mod body;
mod chart;
mod claims;
mod date;
mod events;
mod facts;
mod issue;
mod json;
mod judge;
mod links;
mod moments;
mod name;
mod needs;
mod read;
mod record;
mod reference;
mod register;
mod release;
mod settings;
mod shape;

pub use chart::{ChartCounts, HolderShown, Matches, Sheet, World};
pub use date::{Calendar, DateError, Stretch, When, Written};
pub use issue::{Issue, IssueChange, IssueDecision, issues_start};
pub use judge::{JudgedNeed, PersonJudgement, PersonShown, judge};
pub use links::{Unions, link};
pub use moments::Moments;
pub use name::{Name, NameRef, SourceIndex, Sources};
pub use read::{DEPTH_MAX, Found, Reader, STACK_BYTES, Unused, is_json, is_parsed};
pub use record::{Body, Death, Record, Status};
pub use reference::{IdentifierKey, Reference, Said, Target, Type};
pub use register::{Entity, Register, RegisterBuilder, Shown};
pub use settings::{CodeSet, CodingKey, Equivalents, Settings};
