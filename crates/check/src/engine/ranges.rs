//! Ranges: rows are put in order of persons in as many steps as there are ranges, so that none holds many.

use super::gather::Sample;

/// Persons of the sample for each range: with fewer, the ranges would be uneven.
const SAMPLED_PER_RANGE: usize = 8;

/// How persons are cut into ranges, by name as bytes.
#[derive(Debug)]
pub(super) struct Ranges {
    /// Where each range but the first begins.
    begins: Vec<String>,
}

impl Ranges {
    /// As many ranges as are wanted, or as the sample has persons enough for.
    pub(super) fn new(wanted: usize, sample: Sample) -> Ranges {
        let mut names = sample.into_names();
        names.sort_unstable();
        let count = (names.len() / SAMPLED_PER_RANGE).clamp(1, wanted);
        let begins = (1..count).filter_map(|range| names.get(range * names.len() / count).cloned()).collect();
        Ranges { begins }
    }

    pub(super) fn count(&self) -> usize {
        self.begins.len() + 1
    }

    /// How many ranges begin with a person before this one or with this one.
    pub(super) fn of(&self, person: &str) -> usize {
        self.begins.partition_point(|begin| begin.as_str() <= person)
    }
}
