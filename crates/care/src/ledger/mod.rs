//! The ledger: how answerability is held and moved.
//!
//! State is a fold of events. A [`command::Command`] is decided against a [`state::State`] at the instant that the
//! store's clock reads ([`decide::decide`]): out come the events that it gives, or the [`refusal::Refusal`] that stops
//! it. [`state::State::evolve`] takes an event in, and asserts that nothing of what must always be true
//! ([`invariants`], I1 to I14) broke. Nothing here reads a clock, a file or a socket.
//!
//! Two times run through everything: when a thing took effect (`at`) and when it was known (`recorded`). So
//! [`who`] can say who was answerable at one instant as it was known at another.
//!
//! A store keeps the directory whole, and loads of the patients those that a command reaches ([`reach::reach`]): into a
//! [`state::State::of_directory`] it takes in their streams, sets when the last event of the whole ledger was recorded,
//! decides, and appends what comes out, by stream ([`event::by_stream`]). That a command's id was done before, and with
//! the same content ([`command::Command::content_bytes`]), is the store's to know.
//!
//! ```
//! use answerable_care::ledger::command::Command;
//! use answerable_care::ledger::decide::decide;
//! use answerable_care::ledger::event::Recorded;
//! use answerable_care::ledger::field::Value;
//! use answerable_care::ledger::state::State;
//!
//! let text = |name: &str, text: &str| (name.to_owned(), Value::Text(text.to_owned()));
//! let command = Command::read(&Value::Map(vec![
//!     text("type", "register_organisation"),
//!     text("id", "1"),
//!     ("by".to_owned(), Value::Map(vec![text("system", "records")])),
//!     text("at", "2026-01-05T09:00:00Z"),
//!     text("organisation", "hospital"),
//!     text("name", "Riverside Hospital"),
//! ]))?;
//!
//! let mut state = State::default();
//! let reading = command.at;
//! let changes = decide(&state, &command, reading).map_err(|refusal| refusal.message())?;
//! for change in changes {
//!     state.evolve(&Recorded { change, recorded: reading, command: command.id.clone() })?;
//! }
//! assert_eq!(state.directory.organisations.len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod calendar;
pub mod command;
pub mod decide;
pub mod event;
pub mod evolve;
pub mod field;
pub mod fields;
pub mod id;
pub mod invariants;
pub mod planted;
pub mod reach;
pub mod refusal;
pub mod state;
pub mod story;
pub mod who;
