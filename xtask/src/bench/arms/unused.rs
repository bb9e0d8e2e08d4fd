//! Types that check doesn't use: how fast they pass.

use super::super::generate::{Shape, Size};
use super::super::report::{Bound, Limit, Section};
use super::super::timing::{Arm, in_turn};
use super::super::{Bench, Result, remove};
use super::described;

/// Gigabytes a second, at least.
const SPEED_MIN: f64 = 3.0;

pub(super) fn run(bench: &Bench) -> Result<Section> {
    let input = bench.generate("unused", Shape::Unused, Size::Gigabytes(bench.options.scale.unused_gigabytes))?;
    let (inputs, threads) = (&input.inputs, bench.options.threads);
    let arms = [
        Arm::new("check", || bench.answerable(inputs, threads)),
        Arm::new("splitting lines alone", || bench.part("split", inputs, threads)),
        Arm::new("reading alone", || bench.part("read", inputs, threads)),
    ];
    let times = in_turn(bench.options.rounds, &arms)?;
    remove(&bench.folder.join("unused"))?;
    let about = format!(
        "{} (Observations, and the directory of their clinicians), {threads} threads, plain reads from the page cache.",
        described(&input)
    );
    let mut section = Section::times("Types not used", about, &times, input.bytes);
    if let Some(check) = times.first() {
        let speed = input.bytes as f64 / 1e9 / check.median();
        section.limits.push(Limit::new("check, in GB/s", speed, Bound::AtLeast(SPEED_MIN)));
    }
    Ok(section)
}
