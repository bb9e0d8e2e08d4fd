//! Chance that falls the same way in every run, on every machine and with every version of every crate.

/// A stream of chances: splitmix64 (Steele, Lea and Flood 2014, <https://doi.org/10.1145/2660193.2660195>).
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    /// The stream of one thing, such as one patient: no other's depends on it.
    pub(super) fn of(seed: u64, thing: u64) -> Chance {
        let mut chance = Chance(seed ^ thing.wrapping_mul(0xd6e8_feb8_6659_fd93));
        chance.next();
        chance
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(limit)) >> 64) as u64
    }

    /// A number from `low` up to and with `high`; `low` where there is none.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low).max(0) as u64 + 1) as i64
    }

    pub(super) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of some things.
    #[expect(clippy::indexing_slicing, reason = "it is below the length; the lists of this module are never empty")]
    pub(super) fn pick<'t, T>(&mut self, things: &'t [T]) -> &'t T {
        &things[self.below(things.len() as u64) as usize]
    }

    /// One of some things, as often as their weights say.
    pub(super) fn weighted<T: Copy>(&mut self, things: &[(u64, T)]) -> Option<T> {
        let mut left = self.below(things.iter().map(|(weight, _)| weight).sum());
        for &(weight, thing) in things {
            match left.checked_sub(weight) {
                Some(rest) => left = rest,
                None => return Some(thing),
            }
        }
        None
    }
}
