//! Reads a page of the conformance cases and compares what it says with what the naive judge says.

use super::{Row, Rows, judge};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub struct Page {
    pub fields: BTreeMap<String, String>,
    /// By heading: the header and the rows of its table.
    pub tables: BTreeMap<String, (Vec<String>, Vec<Vec<String>>)>,
}

pub fn read(path: &Path) -> Page {
    let text = std::fs::read_to_string(path).unwrap();
    let mut page = Page { fields: BTreeMap::new(), tables: BTreeMap::new() };
    let mut heading = String::new();
    for line in text.lines() {
        if let Some(h) = line.strip_prefix("## ") {
            heading = h.trim().to_string();
            page.tables.insert(heading.clone(), (vec![], vec![]));
        } else if let Some((key, value)) = line.strip_prefix("- ").and_then(|l| l.split_once(": ")) {
            page.fields.insert(key.to_string(), value.trim().to_string());
        } else if line.starts_with('|') && !line.starts_with("|-") {
            let cells = cells(line);
            let (header, rows) = page.tables.get_mut(&heading).unwrap();
            if header.is_empty() {
                *header = cells;
            } else {
                rows.push(cells);
            }
        }
    }
    page
}

/// The cells of a line of a table; `\|` is a bar.
fn cells(line: &str) -> Vec<String> {
    let line = line.trim().trim_start_matches('|').replace("\\|", "\u{1}");
    let line = line.strip_suffix('|').unwrap_or(&line);
    line.split('|').map(|c| c.trim().replace('\u{1}', "|")).collect()
}

impl Page {
    pub fn judge(&self, folder: &Path) -> Rows {
        let inputs: Vec<(Option<String>, PathBuf)> = self.fields["input"]
            .split_whitespace()
            .map(|i| match i.split_once('=') {
                Some((name, path)) => (Some(name.to_string()), folder.join(path)),
                None => (None, folder.join(i)),
            })
            .collect();
        let config = self.fields.get("config").map(|c| folder.join(c));
        let zone = self.fields.get("time zone").map_or("UTC", |z| z);
        judge(&inputs, &self.fields["as of"], zone, config.as_deref())
    }

    /// What differs; nothing if the page is met.
    pub fn differences(&self, rows: &Rows) -> Vec<String> {
        let mut out = vec![];
        out.extend(self.compare("verdicts", &rows.verdicts));
        if self.tables.contains_key("timeline") {
            out.extend(self.compare("timeline", &rows.timeline));
        }
        if self.tables.contains_key("findings") {
            let kinds = self.fields["findings compared"].as_str();
            let wanted: Vec<&str> = kinds.split_whitespace().collect();
            let found = rows
                .findings
                .iter()
                .filter(|f| kinds == "all" || wanted.iter().any(|w| w.trim_end_matches(',') == f["finding"]));
            out.extend(self.compare("findings", &found.cloned().collect::<Vec<Row>>()));
        }
        if let Some(report) = self.fields.get("report") {
            for part in report.split(", ") {
                let (key, number) = part.split_once(' ').unwrap();
                let found = rows.report.get(key).copied();
                if found != number.parse().ok() {
                    out.push(format!("report: {key} is {found:?}, not {number}"));
                }
            }
        }
        out
    }

    /// Row by row, in any order.
    fn compare(&self, table: &str, rows: &[Row]) -> Vec<String> {
        let (header, expected) = &self.tables[table];
        let mut expected: Vec<String> = expected.iter().map(|r| shown_cells(header, r)).collect();
        let mut found: Vec<String> = rows.iter().map(|r| shown_row(header, r)).collect();
        expected.sort();
        found.sort();
        let missing = expected.iter().filter(|e| !found.contains(e)).map(|e| format!("{table}: missing {e}"));
        let extra = found.iter().filter(|f| !expected.contains(f)).map(|f| format!("{table}: extra {f}"));
        let mut out: Vec<String> = missing.chain(extra).collect();
        if out.is_empty() && expected.len() != found.len() {
            out.push(format!("{table}: {} rows, not {}", found.len(), expected.len()));
        }
        out
    }
}

const LISTS: [&str; 3] = ["holders", "rules", "evidence"];
const INSTANTS: [&str; 4] = ["since", "until", "start", "end"];

/// `-` is null or an empty list, several are parted by spaces, or by `;` where one has a space; a date
/// alone is midnight in UTC. A patient column is left out where it is Patient/p.
fn shown_cells(header: &[String], cells: &[String]) -> String {
    let mut out = BTreeMap::new();
    out.insert("patient".to_string(), "Patient/p".to_string());
    for (column, cell) in header.iter().zip(cells) {
        let shown = match cell.as_str() {
            "-" => String::new(),
            c if INSTANTS.contains(&column.as_str()) && c.len() == 10 => format!("{c}T00:00:00Z"),
            c if LISTS.contains(&column.as_str()) && c.contains(';') => {
                c.split(';').map(str::trim).collect::<Vec<_>>().join(" ")
            }
            c => c.to_string(),
        };
        out.insert(column.clone(), shown);
    }
    format!("{out:?}")
}

fn shown_row(header: &[String], row: &Row) -> String {
    let mut out = BTreeMap::new();
    for (column, value) in row {
        if column != "patient" && !header.contains(column) {
            continue;
        }
        let shown = match value {
            Value::Null => String::new(),
            Value::String(s) => s.clone(),
            Value::Array(list) => list.iter().filter_map(|v| v.as_str()).collect::<Vec<_>>().join(" "),
            v => v.to_string(),
        };
        out.insert(column.clone(), shown);
    }
    format!("{out:?}")
}

/// Every page of a folder: its name and what differs.
pub fn folder(folder: &Path) -> Vec<(String, Vec<String>)> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|n| n.ends_with(".md") && n.starts_with(|c: char| c.is_ascii_digit()))
        .collect();
    names.sort();
    names
        .into_iter()
        .map(|name| {
            let page = read(&folder.join(&name));
            let differences = page.differences(&page.judge(folder));
            (name, differences)
        })
        .collect()
}
