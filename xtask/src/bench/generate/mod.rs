//! The generator: an invented population as servers export it, of any size and the same in every run.
//!
//! Not random JSON but courses of care, so that every rule of needs and claims, every verdict and every finding
//! comes up, in shares that a real population might have: most needs held or assumed, some of everything else. Sizes
//! are those of real servers: an Encounter has about 1.5 KB. All people and places are invented.

mod care;
mod chart;
mod directory;
mod files;
mod json;
mod people;
mod requests;
mod shapes;
mod terms;
mod visits;

use std::io;
use std::path::PathBuf;

use crate::chance::Chance;
use directory::Directory;
use files::{Counter, Files, Kind};

/// The instant as of which the records tell their stories: 2026-03-01T00:00:00Z.
const AS_OF: i64 = 1_772_323_200;

/// [`AS_OF`] as check is given it.
pub(super) const AS_OF_TEXT: &str = "2026-03-01T00:00:00Z";

/// Names of the sources, where there are several.
const SOURCES: [&str; 3] = ["childrens", "adults", "surgery"];

/// What to generate.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) folder: PathBuf,
    pub(super) seed: u64,
    pub(super) size: Size,
    pub(super) shape: Shape,
    /// How many sources share the patients: one, or up to three in folders of their own.
    pub(super) sources: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Size {
    Patients(u64),
    Gigabytes(f64),
}

/// What the population is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// As populations are.
    Usual,
    /// As usual, and one patient among them with 100,000 resources.
    GiantPatient,
    /// Patients of little record, all of them registered with one practitioner.
    BusyPractitioner,
    /// The same patients, registered with as many as usual.
    ManyPractitioners,
    /// Observations alone, which check doesn't use.
    Unused,
}

/// What was generated.
#[derive(Clone, Debug)]
pub(super) struct Generated {
    /// The inputs as check is given them.
    pub(super) inputs: Vec<String>,
    pub(super) patients: u64,
    pub(super) resources: u64,
    pub(super) bytes: u64,
}

/// Writes what is planned; what was in the folder is removed.
///
/// # Errors
///
/// If files can't be written.
pub(super) fn generate(plan: &Plan) -> io::Result<Generated> {
    let sources = plan.sources.clamp(1, SOURCES.len());
    let folders: Vec<PathBuf> = match sources {
        1 => vec![plan.folder.clone()],
        _ => SOURCES.iter().take(sources).map(|name| plan.folder.join(name)).collect(),
    };
    let inputs = match sources {
        1 => vec![plan.folder.display().to_string()],
        _ => SOURCES.iter().zip(&folders).map(|(name, folder)| format!("{name}={}", folder.display())).collect(),
    };
    let mut files = Files::create(folders)?;
    let patients = match plan.size {
        Size::Patients(patients) => patients,
        Size::Gigabytes(gigabytes) => patients_of(plan, sources, gigabytes)?,
    };
    let population = Population { seed: plan.seed, sources, directory: Directory::new(plan.seed, patients) };
    for source in 0..sources {
        population.directory.write(source, &mut files)?;
    }
    if plan.shape == Shape::GiantPatient {
        shapes::giant(&population, &mut files)?;
    }
    for number in 0..patients {
        population.person(plan.shape, number, &mut files)?;
    }
    files.finish()?;
    Ok(Generated { inputs, patients, resources: files.resources, bytes: files.bytes })
}

/// How many patients make a number of gigabytes: some are written to nowhere and measured.
fn patients_of(plan: &Plan, sources: usize, gigabytes: f64) -> io::Result<u64> {
    const TRIED: u64 = 500;
    let population = Population { seed: plan.seed, sources, directory: Directory::new(plan.seed, TRIED) };
    let mut counter = Counter::default();
    for number in 0..TRIED {
        population.person(plan.shape, number, &mut counter)?;
    }
    Ok((gigabytes * 1e9 / (counter.bytes as f64 / TRIED as f64)).ceil() as u64)
}

/// What all patients have in common.
#[derive(Debug)]
struct Population {
    seed: u64,
    sources: usize,
    directory: Directory,
}

impl Population {
    /// Writes one patient.
    fn person(&self, shape: Shape, number: u64, out: &mut dyn files::Sink) -> io::Result<()> {
        match shape {
            Shape::Usual | Shape::GiantPatient => people::person(self, number, out),
            Shape::BusyPractitioner => shapes::lean(self, number, shapes::With::One, out),
            Shape::ManyPractitioners => shapes::lean(self, number, shapes::With::Many, out),
            Shape::Unused => shapes::observations(self, number, out),
        }
    }
}

/// An id that looks as servers make them: of the `nth` resource of a type of one owner in one source.
fn id(kind: Kind, source: usize, owner: u64, nth: u64) -> String {
    let mut bits = Chance::of(owner ^ (nth << 40), ((kind as u64) << 8) | source as u64);
    let (high, low) = (bits.next(), bits.next());
    let (a, b, c) = (high >> 32, (high >> 16) & 0xffff, high & 0xfff);
    let (d, e) = (0x8000 | (low >> 50), low & 0xffff_ffff_ffff);
    format!("{a:08x}-{b:04x}-4{c:03x}-{d:04x}-{e:012x}")
}
