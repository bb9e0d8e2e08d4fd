//! The handover protocol, explored.

mod forget;
mod properties;
mod protocol;
pub(crate) mod runs;
