//! Which crate may use which, and why each outside crate is there.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use crate::{Complaint, File, files, has_word, none, only};

/// The arrows: what each crate may use of ours. A new crate gets its line here and in ARCHITECTURE.md.
const ARROWS: [(&str, &[&str]); 5] = [
    ("answerable-care", &[]),
    ("answerable-store", &["answerable-care"]),
    ("answerable-fhir", &["answerable-care"]),
    ("answerable-check", &["answerable-care", "answerable-fhir"]),
    ("answerable", &["answerable-check", "answerable-store"]),
];

/// No part of the product: may use all of it, and nothing may use it.
const TASKS: &str = "xtask";

/// A crate as its Cargo.toml has it.
#[derive(Debug)]
struct Crate {
    name: String,
    folder: String,
    manifest: Table,
}

/// What it is built with, or only tested with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum For {
    Building,
    Testing,
}

impl Crate {
    fn read(file: &File) -> Option<Crate> {
        let manifest: Table = file.text.parse().unwrap();
        let name = manifest.get("package")?.get("name")?.as_str()?.to_owned();
        Some(Crate { name, folder: file.path.trim_end_matches("Cargo.toml").to_owned(), manifest })
    }

    /// Names of the crates that it depends on directly, whatever it calls them, of any target.
    fn dependencies(&self, wanted: For) -> Vec<String> {
        let mut tables = vec![&self.manifest];
        let targets = self.manifest.get("target").and_then(Value::as_table);
        tables.extend(targets.into_iter().flatten().filter_map(|(_, target)| target.as_table()));
        let keys: &[&str] = match wanted {
            For::Building => &["dependencies", "build-dependencies"],
            For::Testing => &["dev-dependencies"],
        };
        let lists = tables.iter().flat_map(|table| keys.iter().filter_map(|key| table.get(*key)?.as_table()));
        let named = |(key, value): (&String, &Value)| {
            value.get("package").and_then(Value::as_str).map_or_else(|| key.clone(), str::to_owned)
        };
        lists.flatten().map(named).collect()
    }
}

fn crates(files: &[File]) -> Vec<Crate> {
    files.iter().filter(|file| file.path.ends_with("Cargo.toml")).filter_map(Crate::read).collect()
}

/// What a crate may use in its tests: whatever it is built on.
fn below(name: &str) -> BTreeSet<&'static str> {
    let own = ARROWS.iter().find(|(of, _)| *of == name).map_or(&[][..], |(_, uses)| uses);
    own.iter().flat_map(|uses| below(uses)).chain(own.iter().copied()).collect()
}

fn wrong_arrows(crates: &[Crate]) -> Vec<Complaint> {
    let ours: BTreeSet<&str> = crates.iter().map(|one| one.name.as_str()).collect();
    let mut complaints = Vec::new();
    for one in crates.iter().filter(|one| one.name != TASKS) {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == one.name) else {
            complaints.push(format!("{} has no line in ARROWS", one.name));
            continue;
        };
        let built = one.dependencies(For::Building);
        for other in built.iter().filter(|other| ours.contains(other.as_str())) {
            if !allowed.contains(&other.as_str()) {
                complaints.push(format!("{} -> {other} is no arrow of the house", one.name));
            }
        }
        for other in one.dependencies(For::Testing).iter().filter(|other| ours.contains(other.as_str())) {
            if !below(&one.name).contains(other.as_str()) {
                complaints.push(format!("{} -> {other} is no arrow of the house, in tests either", one.name));
            }
        }
        if one.name == "answerable-care" && !built.is_empty() {
            complaints.push(format!("answerable-care depends on {}; it depends on nothing", built.join(", ")));
        }
    }
    complaints
}

fn lints_not_taken(crates: &[Crate]) -> Vec<Complaint> {
    let takes = |one: &Crate| one.manifest.get("lints")?.get("workspace")?.as_bool();
    let lax = crates.iter().filter(|one| takes(one) != Some(true));
    lax.map(|one| format!("{} doesn't take the lints of the workspace", one.name)).collect()
}

/// The crates of the first column, with their reasons.
fn listed(page: &str) -> BTreeMap<&str, &str> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    rows.filter_map(|(name, rest)| Some((name, rest.strip_suffix(" |")?.trim()))).collect()
}

fn unexplained(crates: &[Crate], page: &str) -> Vec<Complaint> {
    let ours: BTreeSet<&str> = crates.iter().map(|one| one.name.as_str()).collect();
    let all = crates.iter().flat_map(|one| {
        let mut names = one.dependencies(For::Building);
        names.extend(one.dependencies(For::Testing));
        names
    });
    let used: BTreeSet<String> = all.filter(|name| !ours.contains(name.as_str())).collect();
    let listed = listed(page);
    let missing = used.iter().filter(|name| listed.get(name.as_str()).is_none_or(|reason| reason.len() < 10));
    let missing = missing.map(|name| format!("`{name}` has no reason in docs/reference/dependencies.md"));
    let gone = listed.keys().filter(|name| !used.contains(**name));
    missing.chain(gone.map(|name| format!("`{name}` is listed, but nothing depends on it"))).collect()
}

/// Dependencies that the crate's code never names.
fn unused(crates: &[Crate], files: &[File]) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for one in crates {
        let code: Vec<&str> = files
            .iter()
            .filter(|file| file.is_rust() && file.path.starts_with(&one.folder))
            .map(|file| file.text.as_str())
            .collect();
        let names = [one.dependencies(For::Building), one.dependencies(For::Testing)].concat();
        for name in names {
            if !code.iter().any(|text| has_word(text, &name.replace('-', "_"))) {
                complaints.push(format!("{} depends on `{name}`, and never names it", one.name));
            }
        }
    }
    complaints
}

#[test]
fn arrows_point_inwards() {
    none(&wrong_arrows(&crates(&files())));
}

#[test]
fn lints_are_those_of_the_workspace() {
    none(&lints_not_taken(&crates(&files())));
}

#[test]
fn every_dependency_has_its_reason() {
    let files = files();
    let page = files.iter().find(|file| file.path == "docs/reference/dependencies.md").unwrap();
    none(&unexplained(&crates(&files), &page.text));
}

#[test]
fn every_dependency_is_used() {
    let files = files();
    none(&unused(&crates(&files), &files));
}

#[cfg(test)]
fn bad() -> Vec<File> {
    vec![
        File::new(
            "crates/care/Cargo.toml",
            "[package]\nname = \"answerable-care\"\n[target.'cfg(unix)'.dependencies]\nlibc = \"1\"\n",
        ),
        File::new(
            "crates/fhir/Cargo.toml",
            concat!(
                "[package]\nname = \"answerable-fhir\"\n[lints]\nworkspace = true\n",
                "[dependencies]\nanswerable-care.workspace = true\n",
                "[dev-dependencies]\nrun = { package = \"answerable-check\", path = \"../check\" }\nserde_json = \"1\"\n"
            ),
        ),
        File::new(
            "crates/check/Cargo.toml",
            concat!(
                "[package]\nname = \"answerable-check\"\nlints.workspace = true\n[lints]\nworkspace = true\n",
                "[build-dependencies]\nxtask = { path = \"../../xtask\" }\n"
            ),
        ),
        File::new("crates/new/Cargo.toml", "[package]\nname = \"new\"\n[lints]\nworkspace = true\n"),
        File::new("xtask/Cargo.toml", "[package]\nname = \"xtask\"\n[lints]\nworkspace = true\n"),
        File::new("crates/fhir/src/lib.rs", "use serde_json::Value;\nuse answerable_care::Claim;\n"),
    ]
}

#[test]
fn wrong_arrows_are_noticed() {
    let crates = crates(&bad());
    only(
        &wrong_arrows(&crates),
        &[
            "care depends on libc",
            "fhir -> answerable-check is no arrow of the house, in tests",
            "check -> xtask",
            "new has",
        ],
    );
    only(&lints_not_taken(&crates), &["answerable-care"]);
}

#[test]
fn unexplained_and_unused_dependencies_are_noticed() {
    let files = bad();
    let crates = crates(&files);
    let page =
        "| crate | why |\n|---|---|\n| `libc` | ? |\n| `gone` | it was needed once |\n| `serde_json` | reads JSON |\n";
    only(&unexplained(&crates, page), &["`libc` has no reason", "`gone` is listed"]);
    only(&unused(&crates, &files), &["`libc`", "`answerable-check`", "`xtask`"]);
}
