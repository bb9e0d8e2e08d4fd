//! Everything that a change must pass, by one command.

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use crate::house::House;
use crate::setup::{self, CHROMIUM, NODE_MODULES, POSTGRES, PYTHON, Tools};

/// Where sample data are, to the tests; they are no part of the repository.
const DATA: &str = "ANSWERABLE_DATA";

/// Set where tests on sample data may not be skipped.
const REQUIRE_DATA: &str = "ANSWERABLE_REQUIRE_DATA";

/// Sets up, then runs every check even if one fails; the tests come last, so that theirs are the closing lines.
pub(crate) fn run(house: &House) -> Result<(), Box<dyn Error>> {
    let tools = timed("set-up", || setup::run(house))?;
    let data = data(house)?;
    let failed: Vec<&str> = [
        ("rustfmt", format(house)),
        ("clippy", clippy(house)),
        ("documentation", documentation(house)),
        ("cargo deny", deny(house, &tools)),
        ("tests", tests(house, &tools, data)),
    ]
    .into_iter()
    .filter_map(|(name, result)| result.is_err().then_some(name))
    .collect();
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", ")).into()) }
}

/// Says what comes, and what became of it.
fn timed<T>(name: &str, step: impl FnOnce() -> Result<T, Box<dyn Error>>) -> Result<T, Box<dyn Error>> {
    println!("\n== {name}");
    let began = Instant::now();
    let result = step();
    match &result {
        Ok(_) => println!("-- {name}: done in {:.0?}", began.elapsed()),
        Err(error) => println!("-- {name}: {error}"),
    }
    result
}

/// The folder of sample data: what [`DATA`] says, else the one beside the checkout.
fn data(house: &House) -> Result<Option<PathBuf>, Box<dyn Error>> {
    let beside = || house.root.parent().map(|parent| parent.join("shared/data"));
    let data = match env::var_os(DATA) {
        Some(data) => Some(env::current_dir()?.join(data)),
        None => beside().filter(|data| data.is_dir()),
    };
    match &data {
        Some(data) if data.is_dir() => {}
        Some(data) => return Err(format!("`{}` of {DATA} is no folder", data.display()).into()),
        None if env::var_os(REQUIRE_DATA).is_some_and(|value| value != "0") => {
            return Err(format!("no sample data beside the checkout, which {REQUIRE_DATA} asks for").into());
        }
        None => println!("skipped: tests on sample data; {DATA} can say where some are"),
    }
    Ok(data)
}

fn format(house: &House) -> Result<(), Box<dyn Error>> {
    timed("rustfmt", || house.cargo(&["fmt", "--all", "--check"]).run())
}

fn clippy(house: &House) -> Result<(), Box<dyn Error>> {
    let clippy = ["clippy", "--quiet", "--workspace", "--all-targets", "--all-features", "--", "--deny", "warnings"];
    timed("clippy", || house.cargo(&clippy).run())
}

/// The documentation of the code has no dead links either.
fn documentation(house: &House) -> Result<(), Box<dyn Error>> {
    let doc = ["doc", "--quiet", "--workspace", "--all-features", "--no-deps", "--document-private-items"];
    let lints = "--deny warnings --allow rustdoc::private_intra_doc_links";
    timed("documentation", || house.cargo(&doc).env("RUSTDOCFLAGS", lints).run())
}

fn deny(house: &House, tools: &Tools) -> Result<(), Box<dyn Error>> {
    timed("cargo deny", || {
        let Some(deny) = &tools.deny else {
            println!("skipped: cargo-deny isn't here");
            return Ok(());
        };
        let check = || house.command(deny).with(&["--all-features", "check", "--hide-inclusion-graph"]);
        check().with(&["licenses", "bans", "sources"]).run()?;
        if setup::fetches_advisories(house, deny) {
            check().with(&["--disable-fetch", "advisories"]).run()
        } else {
            println!("skipped: advisories; their database can't be fetched from here");
            Ok(())
        }
    })
}

fn tests(house: &House, tools: &Tools, data: Option<PathBuf>) -> Result<(), Box<dyn Error>> {
    println!("\n== tests");
    let mut run = house.cargo(&["test", "--workspace", "--all-features", "--no-fail-fast"]);
    for (name, value) in [
        (DATA, &data),
        (CHROMIUM, &tools.chromium),
        (NODE_MODULES, &tools.node_modules),
        (PYTHON, &tools.python),
        (POSTGRES, &tools.postgres),
    ] {
        if let Some(value) = value {
            run = run.env(name, value);
        }
    }
    run.run()
}
