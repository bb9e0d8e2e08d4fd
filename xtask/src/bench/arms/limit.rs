//! Check against the limit: what reading the same bytes costs, with the same parser on the same threads.

use super::super::report::{Bound, Limit, Section};
use super::super::timing::{Arm, in_turn};
use super::super::{Bench, Result};
use super::described;

/// How many times as long as parsing alone check may take.
const OVER_PARSING_MAX: f64 = 1.6;

pub(super) fn run(bench: &Bench) -> Result<Section> {
    let input = bench.population()?;
    let (inputs, threads) = (&input.inputs, bench.options.threads);
    let arms = [
        Arm::new("check, from start to verdicts", || bench.answerable(inputs, threads)),
        Arm::new("parsing alone", || bench.part("parse", inputs, threads)),
        Arm::new("making records alone", || bench.part("records", inputs, threads)),
        Arm::new("splitting lines alone", || bench.part("split", inputs, threads)),
        Arm::new("reading alone", || bench.part("read", inputs, threads)),
    ];
    let times = in_turn(bench.options.rounds, &arms)?;
    let about = format!(
        "{}, NDJSON of the types that check uses, {threads} threads. *Parsing alone* reads the same bytes in the same \
         blocks, splits them at line ends, parses each line with the same library into the same narrow structs and \
         throws those away. *Making records* reads their dates, codes and references as well.",
        described(&input)
    );
    let note = "Check does beyond parsing what no line alone can say: it sets every record aside, leaves one of each \
                name, brings a person's together, and judges them. That, and making records, is where its time goes.";
    let mut section = Section::times("Against parsing alone", about, &times, input.bytes);
    section.notes.push(note.to_owned());
    if let [check, parse, ..] = times.as_slice() {
        let ratio = check.over(parse).median;
        section.limits.push(Limit::new("check, in times of parsing alone", ratio, Bound::AtMost(OVER_PARSING_MAX)));
        let speed = input.bytes as f64 / 1e9 / check.median();
        section.limits.push(Limit::new("check, in GB/s", speed, Bound::AtLeast(1.0)));
    }
    Ok(section)
}
