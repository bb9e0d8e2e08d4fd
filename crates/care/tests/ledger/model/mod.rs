//! The handover protocol, explored to the end: every order in which what may happen can happen, within bounds.
//!
//! **Who is there.** Three clinicians (okoro and webb of a ward, hale, who leads a surgery) below a board whose lead
//! takes what a leaver leaves; one or two patients with two duties. Each may send what `runs.rs` lists for the model,
//! in the words of the stories, once and at any reading of the clock up to the last but three, whatever the others do
//! and whatever they have heard: so no answer is sent back, for nobody would act on it otherwise than they may anyway.
//!
//! **The network** loses messages, repeats them, delivers them in any order and at any later reading. One reading later
//! (20 hours) is in time, two are too late.
//!
//! **Writers** decide and append at once. Beside them a slow one decides, and appends later or crashes before; where
//! others wrote meanwhile, it decides anew, as the store makes it. A role's end is steps, as in the store: the role is
//! marked as closing; each patient's duties move in a transaction; then the role has ended. Anything may happen between
//! two steps, a step may be decided and lost, and none has its time: that is how they are cut off and resumed.
//!
//! **The clock** ticks at each reading and goes on.
//!
//! What is driven is `decide`, `rest_of_command` and `State::evolve` themselves; what came of each is judged by the
//! fold's own assertions, by [`invariants`](answerable_care::ledger::invariants), and by the [`crate::referee`], who
//! knows the core from outside only. `docs/reference/model.md` has the bounds with the counts of states, which a test
//! compares, and says what isn't here.

mod forget;
mod properties;
mod protocol;
pub(crate) mod runs;
