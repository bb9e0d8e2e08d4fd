//! The program, run as a person would from the root of the repository.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

/// What the example is run with.
pub(crate) const RIVERSIDE: [&str; 7] = [
    "check",
    "--config",
    "examples/riverside/check.toml",
    "--as-of",
    "2026-03-02T09:00:00Z",
    "--timezone",
    "Europe/London",
];

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The program, in the root of the repository, in an environment that says nothing of terminals.
pub(crate) fn answerable() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_answerable"));
    command.current_dir(root()).env_remove("COLUMNS").env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command
}

pub(crate) fn riverside() -> Command {
    let mut command = answerable();
    command.args(RIVERSIDE);
    command
}

/// What it came to.
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn ran(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Rows of ndjson.
pub(crate) fn rows(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A file of one plan that nobody holds: one error (unheld) and one note (voiceless).
pub(crate) const PLAN: &str = concat!(
    r#"{"resourceType":"CarePlan","id":"plan","status":"active","intent":"plan","#,
    r#""subject":{"reference":"Patient/amy"},"period":{"start":"2026-01-01"}}"#,
    "\n"
);

/// A line that is malformed.
pub(crate) const MALFORMED: &str = "{\"resourceType\":\"Condition\",\"id\":\"x\",\"subject\":{\"reference\":\"Patient/amy\"},\"onsetDateTime\":\"2023-02-30\"}\n";

pub(crate) fn file(folder: &tempfile::TempDir, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// The names of files in a folder, those that begin with a dot too.
pub(crate) fn names(folder: &tempfile::TempDir) -> Vec<String> {
    let mut names: Vec<String> =
        folder.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
