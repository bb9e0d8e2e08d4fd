//! The core of Answerable: who is answerable for what.
//!
//! Two halves. What records say is judged here: claims and periods go in; timelines, verdicts and findings come out.
//! And how answerability is held and moved is decided in [`ledger`]: a state, a command and the time go in; events or a
//! refusal come out. Nothing here reads a clock, a file, a socket, the environment or a random source, and nothing here
//! knows FHIR or time zones: instants and windows are given by the caller. (The ledger counts birthdays, in UTC.)
//!
//! The words are those of `docs/concepts/responsibility.md`; the rules (C1…C9, verdicts, findings)
//! are those of `docs/reference/rules.md`, and a rule's number stands in the comment of the code
//! that implements it.
//!
//! ```
//! use answerable_care::{Basis, Claim, Interval, Instant, Holder, Rule, Tally, Verdict};
//!
//! // Dr Okoro (0) leads from day 0 to day 10; Dr Hale (1) is registered throughout.
//! let claims = [
//!     Claim::new(Rule::C3, Basis::Lead, Holder(0), Interval::new(Instant::DAY * 0, Instant::DAY * 10)),
//!     Claim::new(Rule::C7, Basis::Registered, Holder(1), Interval::ALWAYS),
//! ];
//! let tally = Tally::new(&claims);
//! let open = Interval::new(Instant::DAY * 0, Instant::MAX);
//! let timeline = tally.timeline(open, Instant::DAY * 20);
//! assert_eq!(timeline.segments[0].verdict, Verdict::Held);
//! assert_eq!(timeline.segments[1].verdict, Verdict::Assumed);
//! assert_eq!(timeline.now.unwrap().holders, [Holder(1)]);
//! ```

mod claim;
mod directory;
mod finding;
mod judge;
pub mod ledger;
mod need;
mod time;
mod timeline;
mod verdict;

pub use claim::{Basis, Claim, EndWritten, Evidence, Holder, Knowledge, Place, Rule, Scope, Setting};
pub use directory::{Directory, Organization, OrganizationId, Practitioner, PractitionerId, Role, RoleId};
pub use finding::{Finding, Heading, Kind, Severity};
pub use judge::{DutyJudgement, NeedJudgement, judge};
pub use need::{Contact, Duty, Moment, Need, NeedKind, Patient, Refusal, Wait};
pub use time::{Instant, Interval};
pub use timeline::{Segment, Standing, Tally, Timeline};
pub use verdict::Verdict;
