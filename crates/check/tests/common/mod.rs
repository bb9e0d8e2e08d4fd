//! What the tests of check share.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use answerable_check::{Calendar, Check, Config, Settings};
use serde_json::{Map, Value};

use crate::naive::Rows;
use crate::naive::pages::Page;

/// The folder of the hand-written cases.
pub fn conformance() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/check")
}

/// The names of the pages in a folder, in order.
pub fn pages(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = entries.filter(|name| name.ends_with(".md") && name != "README.md").collect();
    names.sort();
    names
}

/// A check of inputs (`NAME=path` or path) as of an instant.
pub fn check(inputs: Vec<OsString>, as_of: &str, zone: &str, settings: Settings) -> Check {
    let calendar = Calendar::new(zone).unwrap();
    let as_of = calendar.read(as_of).unwrap().first;
    let mut check = Check::new(settings, calendar);
    check.as_of = as_of;
    check.inputs = inputs;
    check
}

/// The check that a page asks for.
pub fn check_of_page(page: &Page, folder: &Path) -> Check {
    let inputs = page.fields["input"].split_whitespace().map(|input| match input.split_once('=') {
        Some((name, path)) => format!("{name}={}", folder.join(path).display()).into(),
        None => folder.join(input).into_os_string(),
    });
    let config = page.fields.get("config").map(|path| Config::read(&folder.join(path)).unwrap());
    let zone = page.fields.get("time zone").map_or("UTC", String::as_str);
    check(inputs.collect(), &page.fields["as of"], zone, config.unwrap_or_default().settings)
}

/// What the product says of a page.
pub fn of_page(page: &Page, folder: &Path) -> Rows {
    rows(&check_of_page(page, folder).rows().unwrap())
}

/// Rows as the naive judge gives them.
pub fn rows(document: &Value) -> Rows {
    let list = |key: &str, without: &[&str]| -> Vec<Map<String, Value>> {
        let rows = document[key].as_array().unwrap().iter().map(|row| row.as_object().unwrap().clone());
        rows.map(|mut row| {
            without.iter().for_each(|column| {
                row.remove(*column);
            });
            row
        })
        .collect()
    };
    let report = document["report"].as_object().unwrap();
    Rows {
        verdicts: list("verdicts", &[]),
        timeline: list("timeline", &[]),
        findings: list("findings", &["message", "id"]),
        report: report.iter().filter_map(|(key, value)| Some((key.clone(), value.as_u64()?))).collect(),
    }
}
