//! Growth: three sizes, one thread and all.

use super::super::generate::{Generated, Shape, Size};
use super::super::plot::{Line, Plot};
use super::super::report::{Bound, Limit, Section};
use super::super::timing::{Arm, Times, in_turn};
use super::super::{Bench, Result, remove};
use super::thousands;

/// How many times as long a patient of the largest population may take as one of the smallest.
const PER_PATIENT_MAX: f64 = 1.25;

/// How many times as fast two threads must be.
const TWO_THREADS_MIN: f64 = 1.7;

pub(super) fn run(bench: &Bench) -> Result<Section> {
    let sizes = bench.options.scale.growing;
    let inputs = sizes
        .iter()
        .map(|&patients| bench.generate(&format!("growing/{patients}"), Shape::Usual, Size::Patients(patients)))
        .collect::<Result<Vec<Generated>>>()?;
    let mut arms = Vec::new();
    for threads in [1, 2] {
        for input in &inputs {
            let name = format!("{} patients, {threads} threads", thousands(input.patients));
            arms.push(Arm::new(name, move || bench.answerable(&input.inputs, threads)));
        }
    }
    let times = in_turn(bench.options.rounds, &arms)?;
    drop(arms);
    remove(&bench.folder.join("growing"))?;
    let mut section = Section {
        title: "Growth".to_owned(),
        about: "Three sizes of one population, one thread and two, all six in turn.".to_owned(),
        head: vec![
            "patients",
            "GB",
            "one thread, s",
            "µs a patient",
            "two threads, s",
            "µs a patient",
            "times as fast",
        ],
        ..Section::default()
    };
    let (alone, both) = times.split_at(inputs.len());
    for ((input, alone), both) in inputs.iter().zip(alone).zip(both) {
        let each = |times: &Times| format!("{:.1}", 1e6 * times.median() / input.patients as f64);
        section.rows.push(vec![
            thousands(input.patients),
            format!("{:.2}", input.bytes as f64 / 1e9),
            format!("{:.3}", alone.median()),
            each(alone),
            format!("{:.3}", both.median()),
            each(both),
            alone.over(both).to_string(),
        ]);
    }
    if let ([small, .., large], [one, .., other]) = (both, inputs.as_slice()) {
        let per_patient = large.over(small).median * one.patients as f64 / other.patients as f64;
        let what = "a patient of the largest, in times of one of the smallest";
        section.limits.push(Limit::new(what, per_patient, Bound::AtMost(PER_PATIENT_MAX)));
    }
    if let (Some(alone), Some(both)) = (alone.last(), both.last()) {
        let ratio = alone.over(both).median;
        section.limits.push(Limit::new("two threads, in times of one's speed", ratio, Bound::AtLeast(TWO_THREADS_MIN)));
    }
    let line = |name: &str, times: &[Times]| {
        let points = inputs.iter().zip(times).map(|(input, times)| (input.patients as f64, times.median()));
        Line { name: name.to_owned(), points: std::iter::once((0.0, 0.0)).chain(points).collect() }
    };
    section.plot = Some(Plot {
        title: "Time by number of patients".to_owned(),
        across: "patients".to_owned(),
        up: "seconds".to_owned(),
        lines: vec![line("one thread", alone), line("two threads", both)],
    });
    Ok(section)
}
