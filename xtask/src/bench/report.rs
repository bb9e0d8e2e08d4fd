//! The page of figures: `docs/reference/benchmarks.md`.

use std::fmt;
use std::fs;
use std::path::Path;

use super::Result;
use super::options::Options;
use super::plot::Plot;
use super::timing::{BUDGET, ROUNDS_MIN, Times};

/// Letters in a line of the page.
const LINE_MAX: usize = 120;

/// Everything that was measured.
pub(super) struct Report {
    machine: Vec<(&'static str, String)>,
    rounds: usize,
    is_recorded: bool,
    pub(super) sections: Vec<Section>,
}

/// What one arm came to.
#[derive(Debug, Default)]
pub(super) struct Section {
    pub(super) title: String,
    /// What was done, and with what.
    pub(super) about: String,
    pub(super) head: Vec<&'static str>,
    pub(super) rows: Vec<Vec<String>>,
    pub(super) limits: Vec<Limit>,
    pub(super) notes: Vec<String>,
    pub(super) plot: Option<Plot>,
}

/// What must hold.
#[derive(Debug)]
pub(super) struct Limit {
    pub(super) what: String,
    pub(super) value: f64,
    pub(super) bound: Bound,
    /// Small inputs are no measure: what starting costs outweighs everything.
    pub(super) is_judged: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

impl Limit {
    pub(super) fn new(what: &str, value: f64, bound: Bound) -> Limit {
        Limit { what: what.to_owned(), value, bound, is_judged: true }
    }

    fn is_met(&self) -> bool {
        match self.bound {
            Bound::AtMost(limit) => self.value <= limit,
            Bound::AtLeast(limit) => self.value >= limit,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bound = match self.bound {
            Bound::AtMost(limit) => format!("at most {limit}"),
            Bound::AtLeast(limit) => format!("at least {limit}"),
        };
        let judgement = match (self.is_judged, self.is_met()) {
            (false, _) => "not judged at this size",
            (true, true) => "met",
            (true, false) => "NOT MET",
        };
        write!(to, "{}: **{:.2}** ({bound}: {judgement})", self.what, self.value)
    }
}

impl Section {
    /// A table of times, over so many bytes, each beside the first.
    pub(super) fn times(title: &str, about: String, times: &[Times], bytes: u64) -> Section {
        let mut section = Section { title: title.to_owned(), about, ..Section::default() };
        section.head = vec!["what", "seconds", "GB/s", "the first is so many times as long"];
        let first = times.first();
        for arm in times {
            let ratio = first.filter(|first| first.name != arm.name).map(|first| first.over(arm).to_string());
            section.rows.push(vec![
                arm.name.clone(),
                format!("{:.3}", arm.median()),
                format!("{:.2}", bytes as f64 / 1e9 / arm.median()),
                ratio.unwrap_or_default(),
            ]);
        }
        section
    }
}

impl fmt::Display for Section {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(to, "## {}\n\n{}\n", self.title, wrapped(&self.about))?;
        writeln!(to, "| {} |", self.head.join(" | "))?;
        let rules: Vec<&str> = (0..self.head.len()).map(|column| if column == 0 { "---" } else { "--:" }).collect();
        writeln!(to, "|{}|", rules.join("|"))?;
        for row in &self.rows {
            writeln!(to, "| {} |", row.join(" | "))?;
        }
        if !self.limits.is_empty() {
            writeln!(to)?;
        }
        for limit in &self.limits {
            writeln!(to, "- {limit}")?;
        }
        for note in &self.notes {
            writeln!(to, "\n{}", wrapped(note))?;
        }
        Ok(())
    }
}

/// In lines of a length that can be read.
fn wrapped(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut().filter(|line| line.chars().count() + 1 + word.chars().count() <= LINE_MAX) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

impl Report {
    pub(super) fn new(machine: Vec<(&'static str, String)>, options: &Options) -> Report {
        Report { machine, rounds: options.rounds, is_recorded: options.is_recorded(), sections: Vec::new() }
    }

    /// What the limits that aren't met are about.
    pub(super) fn missed(&self) -> Vec<String> {
        let limits = self.sections.iter().flat_map(|section| &section.limits);
        limits.filter(|limit| limit.is_judged && !limit.is_met()).map(Limit::to_string).collect()
    }

    /// Writes the page, and its plot beside it.
    pub(super) fn write(&self, page: &Path) -> Result<()> {
        let about = format!(
            "Written by `cargo xtask bench check --size full`, which makes its inputs itself: an invented population, \
             the same in every run. Arms that are compared run in turn (A B A B …), once unmeasured and {} times \
             measured ({} where that takes longer than {} seconds), each in a process of its own, timed from its \
             start to its end, its files in the page cache. Times are medians; a ratio is the median of the ratios of \
             each turn, with the lowest and the highest.",
            self.rounds,
            ROUNDS_MIN.min(self.rounds),
            BUDGET.as_secs()
        );
        let mut text = format!("# Benchmarks\n\n{}\n\n", wrapped(&about));
        if !self.is_recorded {
            text.push_str(
                "**A small or partial run: it shows that everything works, and its figures say nothing.**\n\n",
            );
        }
        text.push_str("| machine | |\n|---|---|\n");
        for (what, which) in &self.machine {
            text.push_str(&format!("| {what} | {which} |\n"));
        }
        for section in &self.sections {
            text.push_str(&format!("\n{section}"));
            if let Some(plot) = &section.plot {
                let image = page.with_extension("svg");
                fs::write(&image, plot.to_string())?;
                let name = image.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                text.push_str(&format!("\n![{}]({name})\n", plot.title));
            }
        }
        fs::write(page, text)?;
        Ok(())
    }
}
