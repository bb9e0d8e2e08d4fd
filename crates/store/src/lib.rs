//! The ledger kept. So far: how commands, answers and events are written as JSON ([`wire`]).

pub mod wire;
