//! Instants and half-open intervals, in microseconds of UTC.

use std::ops::{Add, Mul, Sub};

/// An instant: microseconds since 1970-01-01T00:00:00Z. Also used as a length of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

impl Instant {
    /// Before everything: what a missing start is.
    pub const MIN: Instant = Instant(i64::MIN);
    /// After everything: what a missing end is.
    pub const MAX: Instant = Instant(i64::MAX);
    /// The length of a day, 24 hours.
    pub const DAY: Instant = Instant(86_400_000_000);
    /// The length of an hour.
    pub const HOUR: Instant = Instant(3_600_000_000);

    /// The instant itself, or none where it stands for *before everything* or *never*.
    #[must_use]
    pub fn known(self) -> Option<Instant> {
        (self != Instant::MIN && self != Instant::MAX).then_some(self)
    }
}

impl Add for Instant {
    type Output = Instant;
    /// Saturates: what is before everything or never stays so.
    fn add(self, length: Instant) -> Instant {
        if self.known().is_none() { self } else { Instant(self.0.saturating_add(length.0)) }
    }
}

impl Sub for Instant {
    type Output = Instant;
    fn sub(self, length: Instant) -> Instant {
        if self.known().is_none() { self } else { Instant(self.0.saturating_sub(length.0)) }
    }
}

impl Mul<i64> for Instant {
    type Output = Instant;
    fn mul(self, times: i64) -> Instant {
        Instant(self.0.saturating_mul(times))
    }
}

/// A half-open interval `[start, end)`; empty where the end isn't after the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    /// The first instant in it, or [`Instant::MIN`].
    pub start: Instant,
    /// The first instant after it, or [`Instant::MAX`].
    pub end: Instant,
}

impl Interval {
    /// All of time.
    pub const ALWAYS: Interval = Interval { start: Instant::MIN, end: Instant::MAX };

    /// From `start` to just before `end`.
    #[must_use]
    pub const fn new(start: Instant, end: Instant) -> Interval {
        Interval { start, end }
    }

    /// Whether no instant is in it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// Whether `at` is in it. What has no end holds every later instant.
    #[must_use]
    pub fn holds(self, at: Instant) -> bool {
        self.start <= at && (at < self.end || self.end == Instant::MAX)
    }

    /// The instants in both.
    #[must_use]
    pub fn and(self, other: Interval) -> Interval {
        Interval { start: self.start.max(other.start), end: self.end.min(other.end) }
    }

    /// Whether the two share an instant, or one begins the instant the other ends.
    #[must_use]
    pub fn touches(self, other: Interval) -> bool {
        self.start <= other.end && other.start <= self.end
    }
}
