//! Instants, dates as written, and periods.
//!
//! An instant is a count of nanoseconds since 1970 in UTC. The calendar is done here by hand; only the
//! offset of a time zone is asked of the time-zone database.

use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, civil};

pub type Instant = i128;

pub const SECOND: Instant = 1_000_000_000;
/// Days are 24 hours.
pub const DAY: Instant = 86_400 * SECOND;
/// Stands for "before everything": earlier than any date that can be written.
pub const BEFORE_ALL: Instant = Instant::MIN;

/// A date or time as it was written.
#[derive(Clone, Copy, Debug)]
pub struct Written {
    /// Its first instant: what it means wherever it isn't an end.
    pub first: Instant,
    /// Its end: the first instant after it if it is partial, itself if it is an instant. None if it lies
    /// in the last day of 9999, which counts as not given.
    pub end: Option<End>,
}

/// An end. `day` is there if it was written as a day: the first instant of that day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct End {
    pub at: Instant,
    pub day: Option<Instant>,
}

/// Half-open `[start, end)`. No start is before everything, no end is never.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interval {
    pub start: Option<Instant>,
    pub end: Option<End>,
}

impl Interval {
    pub fn holds(&self, t: Instant) -> bool {
        self.start.is_none_or(|s| s <= t) && self.end.is_none_or(|e| t < e.at)
    }

    pub fn is_empty(&self) -> bool {
        matches!((self.start, self.end), (Some(s), Some(e)) if e.at <= s)
    }

    /// The later start and the earlier end. Of two ends at one instant the one written as a day is kept.
    pub fn and(&self, other: &Interval) -> Interval {
        let end = match (self.end, other.end) {
            (None, e) | (e, None) => e,
            (Some(a), Some(b)) if a.at == b.at => Some(End { at: a.at, day: a.day.or(b.day) }),
            (Some(a), Some(b)) => Some(if a.at < b.at { a } else { b }),
        };
        Interval { start: self.start.max(other.start), end }
    }

    /// The same, but over at `at` at the latest.
    pub fn until(&self, at: Instant) -> Interval {
        match self.end {
            Some(e) if e.at <= at => *self,
            _ => Interval { start: self.start, end: Some(End { at, day: None }) },
        }
    }
}

/// Days from 1970-01-01 to a day of the calendar.
fn days(y: i64, m: i64, d: i64) -> i64 {
    let y = if m <= 2 { y - 1 } else { y };
    let era = y.div_euclid(400);
    let yoe = y - era * 400;
    let doy = (153 * (if m > 2 { m - 3 } else { m + 9 }) + 2) / 5 + d - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

/// The calendar day that many days after 1970-01-01.
fn civil_day(z: i64) -> (i64, i64, i64) {
    let z = z + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z - era * 146_097;
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let m = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(m <= 2), m, doy - (153 * mp + 2) / 5 + 1)
}

pub fn month_length(y: i64, m: i64) -> i64 {
    match m {
        2 if y % 4 == 0 && (y % 100 != 0 || y % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A local day and time in nanoseconds of that day. A time that a change of clocks skips or repeats is
/// read with the offset before the change.
fn local(y: i64, m: i64, d: i64, nanos: Instant, tz: &TimeZone) -> Instant {
    let secs = (nanos / SECOND) as i64;
    let dt =
        civil::datetime(y as i16, m as i8, d as i8, (secs / 3600) as i8, (secs / 60 % 60) as i8, (secs % 60) as i8, 0);
    let offset = match tz.to_ambiguous_timestamp(dt).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset,
        AmbiguousOffset::Gap { before, .. } | AmbiguousOffset::Fold { before, .. } => before,
    };
    Instant::from(days(y, m, d)) * DAY + nanos - Instant::from(offset.seconds()) * SECOND
}

/// The local day and the nanoseconds of it at an instant.
fn to_local(t: Instant, tz: &TimeZone) -> ((i64, i64, i64), Instant) {
    let second = t.div_euclid(SECOND) as i64;
    let second = second.clamp(Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    let offset = tz.to_offset(Timestamp::from_second(second).unwrap()).seconds();
    let here = t + Instant::from(offset) * SECOND;
    (civil_day(here.div_euclid(DAY) as i64), here.rem_euclid(DAY))
}

/// Calendar months later (or earlier) in the time zone; a day that the month lacks is its last.
pub fn add_months(t: Instant, n: i64, tz: &TimeZone) -> Instant {
    let ((y, m, d), nanos) = to_local(t, tz);
    let months = y * 12 + (m - 1) + n;
    let (y, m) = (months.div_euclid(12), months.rem_euclid(12) + 1);
    if !(1..=9999).contains(&y) {
        return if n > 0 { Instant::MAX } else { BEFORE_ALL + 1 };
    }
    local(y, m, d.min(month_length(y, m)), nanos, tz)
}

/// `width` digits as a number.
fn digits(s: &str, width: usize) -> Option<i64> {
    (s.len() == width && s.bytes().all(|b| b.is_ascii_digit())).then(|| s.parse().unwrap())
}

/// A date as FHIR writes it; None if it is impossible.
pub fn parse(text: &str, tz: &TimeZone) -> Option<Written> {
    if !text.is_ascii() {
        return None;
    }
    let (date, time) = match text.split_once('T') {
        Some((d, t)) => (d, Some(t)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let y = digits(parts.next()?, 4).filter(|y| *y > 0)?;
    let m = parts.next().map(|p| digits(p, 2).filter(|m| (1..=12).contains(m)));
    let d = parts.next().map(|p| digits(p, 2));
    if parts.next().is_some() {
        return None;
    }
    let (m, d) = (m.map_or(Some(None), |m| m.map(Some))?, d.map_or(Some(None), |d| d.map(Some))?);
    if d.is_some_and(|d| d < 1 || d > month_length(y, m.unwrap_or(1))) {
        return None;
    }
    // An end in the last day of the year 9999 counts as not given.
    let last_day = y == 9999 && m.unwrap_or(12) == 12 && d.unwrap_or(31) == 31;
    if let Some(time) = time {
        let first = clock(y, m?, d?, time, tz)?;
        return Some(Written { first, end: (!last_day).then_some(End { at: first, day: None }) });
    }
    let first = local(y, m.unwrap_or(1), d.unwrap_or(1), 0, tz);
    if last_day {
        return Some(Written { first, end: None });
    }
    let (ny, nm, nd) = match (m, d) {
        (Some(m), Some(d)) => civil_day(days(y, m, d) + 1),
        (Some(m), None) => (if m == 12 { y + 1 } else { y }, m % 12 + 1, 1),
        _ => (y + 1, 1, 1),
    };
    let at = local(ny, nm, nd, 0, tz);
    Some(Written { first, end: Some(End { at, day: d.map(|_| first) }) })
}

/// The time of day: `hh:mm`, seconds and their fraction if given, an offset if given.
fn clock(y: i64, m: i64, d: i64, time: &str, tz: &TimeZone) -> Option<Instant> {
    let at = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (time, zone) = time.split_at(at);
    let mut parts = time.split(':');
    let hour = digits(parts.next()?, 2).filter(|h| *h < 24)?;
    let minute = digits(parts.next()?, 2).filter(|m| *m < 60)?;
    let (second, fraction) = match parts.next() {
        None => (0, 0),
        Some(s) => match s.split_once('.') {
            None => (digits(s, 2)?, 0),
            Some((s, f)) => (digits(s, 2)?, nanos(f)?),
        },
    };
    if second > 59 || parts.next().is_some() {
        return None;
    }
    let of_day = Instant::from(hour * 3600 + minute * 60 + second) * SECOND + fraction;
    let utc = Instant::from(days(y, m, d)) * DAY + of_day;
    match zone {
        "" => Some(local(y, m, d, of_day, tz)),
        "Z" => Some(utc),
        _ => {
            let (h, mi) = zone[1..].split_once(':')?;
            let (h, mi) = (digits(h, 2)?, digits(mi, 2)?);
            if mi > 59 || h * 60 + mi > 14 * 60 {
                return None;
            }
            let offset = Instant::from(h * 3600 + mi * 60) * SECOND;
            Some(if zone.starts_with('+') { utc - offset } else { utc + offset })
        }
    }
}

/// A fraction of a second; digits beyond the ninth are dropped.
fn nanos(f: &str) -> Option<Instant> {
    if f.is_empty() || !f.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    format!("{f:0<9}")[..9].parse().ok()
}

/// RFC 3339 in UTC, with at most six digits of a fraction and no trailing zeros.
pub fn show(t: Instant) -> String {
    let (y, m, d) = civil_day(t.div_euclid(DAY) as i64);
    let rest = t.rem_euclid(DAY);
    let s = rest / SECOND;
    let micros = rest % SECOND / 1000;
    let fraction = format!(".{micros:06}");
    let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
    format!("{y:04}-{m:02}-{d:02}T{:02}:{:02}:{:02}{fraction}Z", s / 3600, s / 60 % 60, s % 60)
}

/// The same, null where there is none.
pub fn show_or_null(t: Option<Instant>) -> serde_json::Value {
    t.map_or(serde_json::Value::Null, |t| show(t).into())
}
