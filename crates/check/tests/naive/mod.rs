//! A second opinion on the rules of check: brute force, obvious, and written from the words of the rules
//! alone. It shares no code with the product. Small inputs only.
//!
//! Every question is asked of the JSON again each time it comes up; nothing is remembered but names.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

pub mod claims;
pub mod config;
pub mod dates;
pub mod encounters;
pub mod findings;
pub mod holders;
pub mod judge;
pub mod link;
pub mod needs;
pub mod pages;
pub mod random;
mod random_care;
mod random_teams;
pub mod read;
pub mod refs;
pub mod rows;
pub mod shape;
pub mod world;

use config::Config;
use jiff::tz::TimeZone;
use read::Reader;
pub use rows::{Row, Rows};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Judges files and folders, each with the name of its source if it has one.
pub fn judge(inputs: &[(Option<String>, PathBuf)], as_of: &str, tz: &str, config: Option<&Path>) -> Rows {
    let config = config.map_or(Config::default(), Config::read);
    let zone = TimeZone::get(tz).unwrap();
    let mut reader = Reader::new(&zone);
    reader.inputs(inputs, &config);
    finish(reader, as_of, config)
}

/// Judges resources (Bundles and arrays too) that are in memory.
pub fn judge_values(sources: &[(Option<String>, Vec<Value>)], as_of: &str, tz: &str, config: Option<&Path>) -> Rows {
    let config = config.map_or(Config::default(), Config::read);
    let zone = TimeZone::get(tz).unwrap();
    let mut reader = Reader::new(&zone);
    for (source, values) in sources {
        values.iter().for_each(|v| reader.value(source, v.clone()));
    }
    finish(reader, as_of, config)
}

fn finish(mut reader: Reader, as_of: &str, config: Config) -> Rows {
    let as_of = dates::parse(as_of, reader.tz).expect("as-of is a date").first;
    let items = reader.without_duplicates();
    let tz = reader.tz.clone();
    rows::rows(world::World::new(items, reader.full_urls, reader.report, config, as_of, tz))
}
