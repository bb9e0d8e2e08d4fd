//! Reading: inputs, lines or one document, Bundles, ids, malformed resources, duplicates.

use super::config::Config;
use super::dates;
use super::shape;
use jiff::tz::TimeZone;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

pub type Report = BTreeMap<String, u64>;

pub fn count(report: &mut Report, key: &str) {
    *report.entry(key.to_string()).or_insert(0) += 1;
}

/// A resource of a type used, as it was read.
#[derive(Clone)]
pub struct Item {
    pub source: Option<String>,
    pub kind: String,
    pub id: String,
    pub value: Value,
    /// Which Bundle it came in: its references to a fullUrl are looked up there first.
    pub bundle: Option<usize>,
}

/// Where a fullUrl of a Bundle leads. Of a type not used too.
#[derive(Clone)]
pub struct FullUrl {
    pub source: Option<String>,
    pub bundle: usize,
    pub url: String,
    pub kind: String,
    pub id: String,
}

pub struct Reader<'a> {
    pub tz: &'a TimeZone,
    pub items: Vec<Item>,
    pub full_urls: Vec<FullUrl>,
    pub report: Report,
    bundles: usize,
}

impl<'a> Reader<'a> {
    pub fn new(tz: &'a TimeZone) -> Reader<'a> {
        let mut report = Report::new();
        for key in [
            "resources",
            "duplicates",
            "malformed",
            "passed_over",
            "dangling",
            "undated",
            "no_subject",
            "closed_unknown",
            "linked",
            "clashes",
            "merged",
            "circles",
            "participants",
            "crossed",
        ] {
            report.insert(key.into(), 0);
        }
        Reader { tz, items: vec![], full_urls: vec![], report, bundles: 0 }
    }

    /// Files and folders. A folder is walked in order of path as bytes; names beginning with a dot are
    /// skipped.
    pub fn inputs(&mut self, inputs: &[(Option<String>, PathBuf)], config: &Config) {
        let configured = config.sources.iter().map(|(n, p)| (Some(n.clone()), p.clone()));
        for (source, path) in inputs.iter().cloned().chain(configured) {
            if path.is_dir() {
                let mut files = vec![];
                walk(&path, &mut files);
                files.sort_by_key(|p| p.as_os_str().as_encoded_bytes().to_vec());
                for file in files {
                    self.file(&source, &file, true);
                }
            } else {
                self.file(&source, &path, false);
            }
        }
    }

    fn file(&mut self, source: &Option<String>, path: &Path, in_folder: bool) {
        let text = unpack(std::fs::read(path).unwrap());
        // In a folder a file that doesn't look like JSON is passed over; named, it is malformed.
        let looks = text.lines().filter(|l| !l.trim().is_empty()).take(2);
        if !looks.map(|l| l.trim_start()).any(|l| l.starts_with('{') || l.starts_with('[')) {
            return count(&mut self.report, if in_folder { "passed_over" } else { "malformed" });
        }
        self.text(source, &text);
    }

    /// Lines if the first line that isn't blank is a whole JSON object or array, or if the second is and
    /// the whole isn't one JSON value; else one document.
    pub fn text(&mut self, source: &Option<String>, text: &str) {
        let text = text.trim_start_matches('\u{feff}');
        let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
        let is_whole = |l: Option<&&str>| {
            l.is_some_and(|l| serde_json::from_str::<Value>(l).is_ok_and(|v| v.is_object() || v.is_array()))
        };
        let one: Result<Value, _> = serde_json::from_str(text);
        if is_whole(lines.first()) || (is_whole(lines.get(1)) && one.is_err()) {
            for line in lines {
                match serde_json::from_str(line) {
                    Ok(v) => self.value(source, v),
                    Err(_) => count(&mut self.report, "malformed"),
                }
            }
        } else {
            match one {
                Ok(v) => self.value(source, v),
                Err(_) => count(&mut self.report, "malformed"),
            }
        }
    }

    /// A resource, a Bundle, or an array (read as a Bundle without fullUrls).
    pub fn value(&mut self, source: &Option<String>, v: Value) {
        match shape::without_nulls(v) {
            Value::Array(list) => list.into_iter().for_each(|v| self.value(source, v)),
            v if v["resourceType"] == "Bundle" => self.bundle(source, &v),
            v => self.resource(source, v, None, None),
        }
    }

    fn bundle(&mut self, source: &Option<String>, bundle: &Value) {
        self.bundles += 1;
        let number = self.bundles;
        for entry in shape::all(bundle, "entry[]") {
            // Entries with method DELETE are passed over.
            if entry["request"]["method"] == "DELETE" || !entry["resource"].is_object() {
                continue;
            }
            if entry["resource"]["resourceType"] == "Bundle" {
                self.bundle(source, &entry["resource"]);
                continue;
            }
            let mut v = entry["resource"].clone();
            // One that has no id takes it from its fullUrl, else from the url of a PUT.
            if v["id"].is_null() {
                let last = |u: &'_ str| -> Option<String> {
                    u.split("/_history/").next()?.rsplit('/').next().map(str::to_string)
                };
                let from_url = entry["fullUrl"].as_str().and_then(|u| match u.strip_prefix("urn:uuid:") {
                    Some(uuid) => Some(uuid.to_string()),
                    None if u.contains("://") => last(u),
                    None => None,
                });
                let put = entry["request"]["method"] == "PUT";
                let from_put = entry["request"]["url"].as_str().filter(|_| put).and_then(last);
                if let Some(id) = from_url.or(from_put) {
                    v["id"] = id.into();
                }
            }
            self.resource(source, v, Some(number), entry["fullUrl"].as_str());
        }
    }

    fn resource(&mut self, source: &Option<String>, v: Value, bundle: Option<usize>, url: Option<&str>) {
        let Some(kind) = v["resourceType"].as_str().map(str::to_string) else {
            return count(&mut self.report, "passed_over");
        };
        let id = v["id"].as_str().unwrap_or_default().to_string();
        if shape::is_used(&kind) && !shape::is_well_formed(&v, false, self.tz) {
            return count(&mut self.report, "malformed");
        }
        if let (Some(bundle), Some(url)) = (bundle, url) {
            self.full_urls.push(FullUrl {
                source: source.clone(),
                bundle,
                url: url.to_string(),
                kind: kind.clone(),
                id: id.clone(),
            });
        }
        if shape::is_used(&kind) {
            let mut value = v;
            self.leave_out_participants(&kind, &mut value);
            self.items.push(Item { source: source.clone(), kind, id, value, bundle });
        }
    }

    /// A participant whose period ends before it starts is left out alone.
    fn leave_out_participants(&mut self, kind: &str, v: &mut Value) {
        let tz = self.tz;
        let mut left_out = 0;
        let mut clean = |v: &mut Value| {
            if let Some(list) = v["participant"].as_array_mut() {
                let before = list.len();
                list.retain(|p| !shape::ends_before_start(&p["period"], tz));
                left_out += before - list.len();
            }
        };
        if kind == "CareTeam" || kind == "Encounter" {
            clean(v);
        }
        if let Some(contained) = v.get_mut("contained").and_then(Value::as_array_mut) {
            for c in contained {
                if c["resourceType"] == "CareTeam" || c["resourceType"] == "Encounter" {
                    clean(c);
                }
            }
        }
        (0..left_out).for_each(|_| count(&mut self.report, "participants"));
    }

    /// The same resource twice: the later meta.lastUpdated wins (none is earliest), else the later read.
    pub fn without_duplicates(&mut self) -> Vec<Item> {
        let mut kept: Vec<Item> = vec![];
        for item in std::mem::take(&mut self.items) {
            let same = |k: &Item| (&k.source, &k.kind, &k.id) == (&item.source, &item.kind, &item.id);
            let Some(old) = kept.iter().position(same) else {
                kept.push(item);
                continue;
            };
            count(&mut self.report, "duplicates");
            let updated = |i: &Item| {
                shape::text(&i.value, "meta.lastUpdated").and_then(|t| dates::parse(t, self.tz)).map(|w| w.first)
            };
            if updated(&item) >= updated(&kept[old]) {
                kept[old] = item;
            }
        }
        *self.report.get_mut("resources").unwrap() = kept.len() as u64;
        kept
    }
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        if entry.path().is_dir() {
            walk(&entry.path(), files);
        } else {
            files.push(entry.path());
        }
    }
}

/// Plain, gzip or zstd, told from the first bytes.
fn unpack(bytes: Vec<u8>) -> String {
    let mut out = vec![];
    if bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_end(&mut out).unwrap();
    } else if bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        out = zstd::decode_all(&bytes[..]).unwrap();
    } else {
        out = bytes;
    }
    String::from_utf8(out).unwrap()
}
