//! Tasks of the repository that are no part of the product. `cargo xtask help` lists them.
//!
//! Without cargo features this is all there is to compile; `bench` and `fuzz` run xtask again with theirs.

#[cfg(feature = "bench")]
mod bench;
#[cfg(any(feature = "bench", feature = "fuzz"))]
mod chance;
#[cfg(feature = "fuzz")]
mod fuzz;
mod house;
mod setup;
mod test;
mod validate;

use std::error::Error;
use std::process::ExitCode;

use house::House;

const HELP: &str = "\
cargo xtask test                 everything that a change must pass; does its own set-up
cargo xtask setup                only the set-up: a browser, node and Python packages, PostgreSQL, cargo-deny
cargo xtask tidy                 the house's own rules: arrows, links, limits, reasons
cargo xtask bench check [...]    measure; writes docs/reference/benchmarks.md
cargo xtask bench ledger [...]   the same of the ledger; writes docs/reference/benchmarks-ledger.md
cargo xtask fuzz [SECONDS]       throw bad input at the readers, on every core for so long (60)
cargo xtask fuzz help            more about that
cargo xtask validate [FILE...]   the FHIR that check writes, by HAPI's validator; takes Java and Maven";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let house = House::find()?;
    let (task, rest) = match arguments.split_first() {
        Some((task, rest)) => (task.as_str(), rest),
        None => ("help", arguments),
    };
    match (task, rest) {
        ("test", []) => test::run(&house),
        ("setup", []) => setup::run(&house).map(drop),
        ("tidy", []) => house.cargo(&["test", "--package", "xtask", "--test", "tidy"]).run(),
        ("bench", rest) => bench(&house, rest),
        ("fuzz", rest) => fuzz(&house, rest),
        ("validate", files) => validate::run(files),
        ("help" | "--help" | "-h", _) => {
            println!("{HELP}");
            Ok(())
        }
        _ => Err(format!("`{}` is no task; these are:\n{HELP}", arguments.join(" ")).into()),
    }
}

#[cfg(feature = "bench")]
fn bench(_: &House, arguments: &[String]) -> Result<(), Box<dyn Error>> {
    bench::run(arguments)
}

/// Only what is optimised is worth measuring.
#[cfg(not(feature = "bench"))]
fn bench(house: &House, arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let again = house.cargo(&["run", "--quiet", "--release", "--package", "xtask", "--features", "bench"]);
    again.with(&["--", "bench"]).with(arguments).run()
}

#[cfg(feature = "fuzz")]
fn fuzz(house: &House, arguments: &[String]) -> Result<(), Box<dyn Error>> {
    fuzz::run(house, arguments)
}

/// Optimised as far as it keeps the checks of overflow and the assertions of the development profile.
#[cfg(not(feature = "fuzz"))]
fn fuzz(house: &House, arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let again = house.cargo(&["run", "--quiet", "--config", "profile.dev.opt-level=2"]);
    again.with(&["--package", "xtask", "--features", "fuzz", "--", "fuzz"]).with(arguments).run()
}
