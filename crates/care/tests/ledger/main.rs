//! The ledger as tables and as properties.
//!
//! The stories of `cases` are told in a language that a nurse can read: a paragraph is a story, its lines of `#` say
//! why, each other line is somebody asking for something, and what must come of it stands after `->`.
//!
//! ```text
//! # Dr Okoro stays answerable until Dr Hale accepts.
//! open    asthma of amy: amy-decide amy-prescribe  by okoro  -> okoro holds amy-decide amy-prescribe
//! offer   o1 of amy: amy-prescribe to hale within 14 days  by okoro
//! +15 days
//! accept  o1  by hale                                        -> refused offer-expired
//! ```
//!
//! The people and places are in `ward.txt`: a board above a hospital (with a children's ward and an adult clinic) and
//! a surgery, and a surgery in another city. A duty is of the kind that its name ends with. A minute passes before
//! each line; `+15 days` lets more pass. See `language.rs` for the words of each line.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at what it didn't expect"
)]

mod canaries;
mod language;
mod model;
mod partial;
#[cfg(feature = "planted")]
mod planted;
mod properties;
mod random;
mod referee;
mod reference;
mod tables;
mod words;
mod world;
