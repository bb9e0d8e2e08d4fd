//! The store's clock: the system's when the program began, and from then on one that only goes forward, whatever is done
//! to the system's.

use std::time::{Instant as Steady, SystemTime, UNIX_EPOCH};

use answerable_store::Instant;

/// A clock that never goes back.
#[derive(Debug)]
pub(crate) struct Clock {
    began: Instant,
    steady: Steady,
}

impl Clock {
    pub(crate) fn new() -> Clock {
        let micros = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros());
        Clock { began: Instant(i64::try_from(micros).unwrap_or(i64::MAX)), steady: Steady::now() }
    }

    /// What it reads.
    pub(crate) fn read(&self) -> Instant {
        Instant(self.began.0.saturating_add(i64::try_from(self.steady.elapsed().as_micros()).unwrap_or(i64::MAX)))
    }
}
