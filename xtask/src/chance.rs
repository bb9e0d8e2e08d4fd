//! Chance that falls the same way in every run, on every machine and with every version of every crate.

/// A stream of chances: splitmix64 (Steele, Lea and Flood 2014, <https://doi.org/10.1145/2660193.2660195>).
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    /// The stream of one thing, such as one patient or one input: no other's depends on it.
    pub(crate) fn of(seed: u64, thing: u64) -> Chance {
        let mut chance = Chance(seed ^ thing.wrapping_mul(0xd6e8_feb8_6659_fd93));
        chance.next();
        chance
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`; 0 where there is none.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        ((u128::from(self.next()) * limit as u128) >> 64) as usize
    }

    /// The same of a larger range.
    #[cfg(feature = "bench")]
    pub(crate) fn number_below(&mut self, limit: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(limit)) >> 64) as u64
    }

    /// A number from `low` up to and with `high`; `low` where there is none.
    #[cfg(feature = "bench")]
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.number_below((high - low).max(0) as u64 + 1) as i64
    }

    /// True so often in a hundred.
    pub(crate) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of some things, of which there is at least one.
    pub(crate) fn pick<T: Copy>(&mut self, things: &[T]) -> T {
        *self.one_of(things)
    }

    /// The same, where it stands.
    #[expect(clippy::indexing_slicing, reason = "it is below the length; no list that is asked for one of is empty")]
    pub(crate) fn one_of<'t, T>(&mut self, things: &'t [T]) -> &'t T {
        &things[self.below(things.len())]
    }

    /// One of some things, as often as their weights say.
    #[cfg(feature = "bench")]
    pub(crate) fn weighted<T: Copy>(&mut self, things: &[(u64, T)]) -> Option<T> {
        let mut left = self.number_below(things.iter().map(|(weight, _)| weight).sum());
        for &(weight, thing) in things {
            match left.checked_sub(weight) {
                Some(rest) => left = rest,
                None => return Some(thing),
            }
        }
        None
    }
}
