//! The population engine.

mod engine;
mod input;
mod spill;
