//! How the figures came about: what a report needs to be believed.

use std::path::PathBuf;

use answerable_care::Instant;
use answerable_fhir::Calendar;
use serde_json::{Value, json};

/// How the figures came about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Method {
    /// The program's version.
    pub version: String,
    /// The instant of judgement.
    pub as_of: Instant,
    /// The time zone, as it was named.
    pub timezone: String,
    /// The configuration file, if any, and the lines of it that differ from the default.
    pub configuration: Vec<String>,
    /// What was read: path, bytes, SHA-256 where it was computed.
    pub inputs: Vec<MethodInput>,
    /// Each source's newest record.
    pub newest: Vec<(String, Instant)>,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodInput {
    /// Where it was.
    pub path: PathBuf,
    /// In bytes.
    pub size: u64,
    /// In hexadecimal digits, where it can be read again.
    pub sha256: Option<String>,
}

impl Method {
    pub(crate) fn json(&self) -> Value {
        let inputs: Vec<Value> = self
            .inputs
            .iter()
            .map(|input| json!({"path": input.path.to_string_lossy(), "bytes": input.size, "sha256": input.sha256}))
            .collect();
        let newest: Vec<Value> = self
            .newest
            .iter()
            .map(|(source, instant)| json!({"source": source, "newest": Calendar::write(*instant)}))
            .collect();
        json!({
            "program": "answerable check",
            "version": self.version,
            "as_of": Calendar::write(self.as_of),
            "timezone": self.timezone,
            "configuration": self.configuration,
            "sources": newest,
            "inputs": inputs,
        })
    }
}
