//! The arms: each makes its input, runs check and its peers in turn, and says what must hold.

mod compressed;
mod duckdb;
mod growth;
mod limit;
mod memory;
mod shapes;
mod unused;

use std::path::{Path, PathBuf};
use std::process::Command;

use super::generate::{AS_OF_TEXT, Generated, Plan, Shape, Size, generate};
use super::report::Section;
use super::{Bench, Result};

/// An arm by its name.
pub(super) struct Arm {
    pub(super) name: &'static str,
    pub(super) run: fn(&Bench) -> Result<Section>,
}

/// All of them, in the order of the page.
pub(super) const ALL: [Arm; 7] = [
    Arm { name: "limit", run: limit::run },
    Arm { name: "duckdb", run: duckdb::run },
    Arm { name: "unused", run: unused::run },
    Arm { name: "memory", run: memory::run },
    Arm { name: "growth", run: growth::run },
    Arm { name: "compressed", run: compressed::run },
    Arm { name: "shapes", run: shapes::run },
];

/// Where their inputs are, in the folder of the benchmark; removed at the end. An arm removes its own before.
pub(super) const FOLDERS: [&str; 6] = ["population", "unused", "growing", "compressed", "shapes", "spill"];

/// The seed of everything that is generated.
const SEED: u64 = 20_260_301;

impl Bench<'_> {
    /// Check, judging everything and writing the rows of verdicts to standard output.
    fn answerable(&self, inputs: &[String], threads: usize) -> Command {
        let mut command = Command::new(&self.answerable);
        command.arg("check").args(inputs).args(["--as-of", AS_OF_TEXT, "--timezone", "UTC"]);
        command.args(["--format", "ndjson", "--rows", "verdicts", "--quiet", "--threads", &threads.to_string()]);
        command
    }

    /// What a peer does, in a process of its own: see `part`.
    fn part(&self, part: &str, inputs: &[String], threads: usize) -> Command {
        let mut command = Command::new(&self.own);
        command.args(["bench", "part", part, &threads.to_string()]).args(inputs);
        command
    }

    /// The population of most arms, made for the first that asks.
    fn population(&self) -> Result<Generated> {
        if let Some(population) = self.population.get() {
            return Ok(population.clone());
        }
        let size = Size::Gigabytes(self.options.scale.gigabytes);
        let population = self.generate("population", Shape::Usual, size)?;
        Ok(self.population.get_or_init(|| population).clone())
    }

    /// Generates into a folder of the benchmark's.
    fn generate(&self, name: &str, shape: Shape, size: Size) -> Result<Generated> {
        let generated = generate(&Plan { folder: self.folder.join(name), seed: SEED, size, shape, sources: 1 })?;
        eprintln!("  {} patients, {} resources, {} bytes", generated.patients, generated.resources, generated.bytes);
        Ok(generated)
    }
}

/// `1.50 GB: 52,000 patients, 1,100,000 resources`.
fn described(generated: &Generated) -> String {
    let size = generated.bytes as f64 / 1e9;
    format!("{size:.2} GB: {} patients, {} resources", thousands(generated.patients), thousands(generated.resources))
}

fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", bytes / (1 << 20))
}

/// The files of a folder, and of the folders in it.
fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(self::files(&path)?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
