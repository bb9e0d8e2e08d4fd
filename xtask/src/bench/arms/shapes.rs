//! Populations of unusual shape, beside usual ones of their size.

use super::super::generate::{Shape, Size};
use super::super::report::{Bound, Limit, Section};
use super::super::timing::{Arm, Times, in_turn};
use super::super::{Bench, Result, remove};
use super::thousands;

/// How many times as long a resource of unusual shape may take as one of the usual shape.
const OVER_USUAL_MAX: f64 = 2.0;

pub(super) fn run(bench: &Bench) -> Result<Section> {
    let mut section = Section {
        title: "Unusual shapes".to_owned(),
        about: format!(
            "Each beside a usual population of as many patients or bytes, {} threads, in turn.",
            bench.options.threads
        ),
        head: vec!["population", "patients", "resources", "GB", "seconds", "µs a resource"],
        ..Section::default()
    };
    let patients = Size::Patients(bench.options.scale.of_one);
    let busy = pair(
        bench,
        &mut section,
        ("all patients of one practitioner", Shape::BusyPractitioner, patients),
        ("the same, of as many as usual", Shape::ManyPractitioners, patients),
    )?;
    let what = "patients of one practitioner, in times of the usual";
    section.limits.push(Limit::new(what, busy, Bound::AtMost(OVER_USUAL_MAX)));
    let giant = pair(
        bench,
        &mut section,
        ("one patient of 100,000 resources", Shape::GiantPatient, Size::Patients(1)),
        ("usual patients of as many bytes", Shape::Usual, Size::Gigabytes(GIANT_GIGABYTES)),
    )?;
    section.limits.push(Limit::new("one giant patient, in times of the usual", giant, Bound::AtMost(OVER_USUAL_MAX)));
    Ok(section)
}

/// About what the giant has.
const GIANT_GIGABYTES: f64 = 0.15;

type Population<'p> = (&'p str, Shape, Size);

/// Runs two populations in turn; says how many times as long a resource of the first takes.
fn pair(bench: &Bench, section: &mut Section, odd: Population, usual: Population) -> Result<f64> {
    let inputs = [bench.generate("shapes/odd", odd.1, odd.2)?, bench.generate("shapes/usual", usual.1, usual.2)?];
    let threads = bench.options.threads;
    let [first, second] = &inputs;
    let arms = [
        Arm::new(odd.0, || bench.answerable(&first.inputs, threads)),
        Arm::new(usual.0, || bench.answerable(&second.inputs, threads)),
    ];
    let times = in_turn(bench.options.rounds, &arms)?;
    remove(&bench.folder.join("shapes"))?;
    for (input, times) in inputs.iter().zip(&times) {
        section.rows.push(vec![
            times.name.clone(),
            thousands(input.patients),
            thousands(input.resources),
            format!("{:.2}", input.bytes as f64 / 1e9),
            format!("{:.3}", times.median()),
            format!("{:.2}", 1e6 * times.median() / input.resources as f64),
        ]);
    }
    let ratio = |times: &[Times]| match times {
        [odd, usual] => odd.over(usual).median,
        _ => f64::NAN,
    };
    Ok(ratio(&times) * second.resources as f64 / first.resources as f64)
}
