//! The ledger: how answerability is held and moved.
//!
//! State is a fold of events. A [`command::Command`] is decided against a [`state::State`] at the instant that the
//! store's clock reads ([`decide::decide`]): out come the events that it gives, or the [`refusal::Refusal`] that stops
//! it. [`state::State::evolve`] takes an event in, and asserts that nothing of what must always be true
//! ([`invariants`], I1 to I14) broke. Nothing here reads a clock, a file or a socket.
//!
//! Two times run through everything: when a thing took effect (`at`) and when it was known (`recorded`). So
//! [`who`] can say who was answerable at one instant as it was known at another.

pub mod calendar;
pub mod command;
pub mod decide;
pub mod event;
pub mod evolve;
pub mod field;
pub mod fields;
pub mod id;
pub mod invariants;
pub mod reach;
pub mod refusal;
pub mod state;
pub mod story;
pub mod who;
