//! FHIR's dates and times, which may be partial, as instants in a time zone.
//!
//! <https://hl7.org/fhir/R4/datatypes.html#dateTime>: a year, a month, a day, or a time with or without
//! seconds. Unlike there, a time without a zone is allowed: it is local.

use std::fmt;

use answerable_care::{EndWritten, Instant, Interval};
use jiff::civil;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::json::{Obj, Period};

/// A date that can't be, or a period that ends before it starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateError(pub(crate) String);

impl fmt::Display for DateError {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for DateError {}

/// Turns dates as written into instants, in one time zone.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
    is_utc: bool,
}

/// A date or time as written: the instants that it spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// Its first instant.
    pub first: Instant,
    /// The first instant after it; of a time the time itself.
    pub after: Instant,
    /// How it was written.
    pub written: Written,
}

/// How precisely a date was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// A year or a month.
    Longer,
    /// A day.
    Day,
    /// A time.
    Time,
}

/// An interval, and how its end was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The interval.
    pub interval: Interval,
    /// How its end was written.
    pub end_written: EndWritten,
}

impl Calendar {
    /// A calendar in a time zone of the IANA database, such as `Europe/London`.
    ///
    /// # Errors
    ///
    /// If there is no such time zone.
    pub fn new(zone: &str) -> Result<Calendar, DateError> {
        if zone.eq_ignore_ascii_case("UTC") {
            return Ok(Calendar::utc());
        }
        let zone = TimeZone::get(zone).map_err(|_| {
            DateError(format!("no time zone is called `{zone}`; give a name such as Europe/London or UTC"))
        })?;
        Ok(Calendar { zone, is_utc: false })
    }

    /// The calendar of UTC.
    #[must_use]
    pub fn utc() -> Calendar {
        Calendar { zone: TimeZone::UTC, is_utc: true }
    }

    /// Reads a date or time.
    ///
    /// # Errors
    ///
    /// If it isn't one, or none that any clock or calendar shows: 30 February, 24:00, second 60, year 0.
    ///
    /// ```
    /// use answerable_fhir::Calendar;
    ///
    /// let june = Calendar::utc().read("2024-06").unwrap();
    /// assert_eq!(june.first, Calendar::utc().read("2024-06-01T00:00:00Z").unwrap().first);
    /// assert_eq!(june.after, Calendar::utc().read("2024-07-01T01:00:00+01:00").unwrap().first);
    /// assert!(Calendar::utc().read("2023-02-29").is_err());
    /// ```
    pub fn read(&self, text: &str) -> Result<When, DateError> {
        self.parse(text.as_bytes()).ok_or_else(|| {
            let shown: String = text.chars().take(40).collect();
            DateError(format!("`{shown}` is no date that there is; write it as 2024-05-31 or 2024-05-31T09:00:00Z"))
        })
    }

    fn parse(&self, text: &[u8]) -> Option<When> {
        usual(text).or_else(|| self.parse_any(text))
    }

    fn parse_any(&self, text: &[u8]) -> Option<When> {
        let (year, rest) = digits::<4>(text)?;
        if year == 0 {
            return None;
        }
        let Some(rest) = after(rest, b'-') else {
            return rest.is_empty().then(|| self.days(year, 1, 1, Written::Longer, Span::new().years(1))).flatten();
        };
        let (month, rest) = digits::<2>(rest)?;
        let Some(rest) = after(rest, b'-') else {
            return rest
                .is_empty()
                .then(|| self.days(year, month, 1, Written::Longer, Span::new().months(1)))
                .flatten();
        };
        let (day, rest) = digits::<2>(rest)?;
        let Some(rest) = after(rest, b'T') else {
            return rest.is_empty().then(|| self.days(year, month, day, Written::Day, Span::new().days(1))).flatten();
        };
        let date = civil::Date::new(year as i16, month as i8, day as i8).ok()?;
        let (time, rest) = time(rest)?;
        let instant = match rest {
            [] => self.local(date, time)?,
            [b'Z'] => utc(date, time),
            [sign @ (b'+' | b'-'), rest @ ..] => {
                let (hours, rest) = digits::<2>(rest)?;
                let (minutes, rest) = digits::<2>(after(rest, b':')?)?;
                if hours > 14 || minutes > 59 || (hours == 14 && minutes > 0) || !rest.is_empty() {
                    return None;
                }
                let offset = Instant(i64::from(hours * 60 + minutes) * 60_000_000);
                if *sign == b'+' { utc(date, time) - offset } else { utc(date, time) + offset }
            }
            _ => return None,
        };
        Some(When { first: instant, after: instant, written: Written::Time })
    }

    /// The days from a date on; those that end with year 9999 end with time.
    fn days(&self, year: u32, month: u32, day: u32, written: Written, length: Span) -> Option<When> {
        let date = civil::Date::new(year as i16, month as i8, day as i8).ok()?;
        let midnight = MicroTime(0);
        let first = self.local(date, midnight)?;
        let next = if written == Written::Day { date.tomorrow() } else { date.checked_add(length) };
        let after = match next {
            Ok(next) => self.local(next, midnight)?,
            Err(_) => Instant::MAX,
        };
        Some(When { first, after, written })
    }

    /// A local time; one that a change of clocks skips or repeats has the offset before the change.
    fn local(&self, date: civil::Date, time: MicroTime) -> Option<Instant> {
        if self.is_utc {
            return Some(utc(date, time));
        }
        let clock = civil::Time::midnight() + Span::new().microseconds(time.0);
        match self.zone.to_ambiguous_timestamp(date.to_datetime(clock)).compatible() {
            Ok(timestamp) => Some(Instant(timestamp.as_microsecond())),
            // Beyond what the library can place, at the ends of years 1 and 9999: an offset doesn't matter there.
            Err(_) => Some(utc(date, time)),
        }
    }

    /// Months later (or, below nought, earlier), by the clock on the wall; a day that the month lacks is its last.
    #[must_use]
    pub fn months_after(&self, instant: Instant, months: i64) -> Instant {
        let moved = || {
            let zoned = Timestamp::from_microsecond(instant.known()?.0).ok()?.to_zoned(self.zone.clone());
            let moved = zoned.checked_add(Span::new().try_months(months).ok()?).ok()?;
            Some(Instant(moved.timestamp().as_microsecond()))
        };
        moved().unwrap_or(if months < 0 || instant == Instant::MIN { Instant::MIN } else { Instant::MAX })
    }

    /// Whether an instant is in the last day of the year 9999: an end there counts as not given.
    fn is_end_of_time(&self, when: When) -> bool {
        let last_day = civil::Date::constant(9999, 12, 31);
        when.after == Instant::MAX
            || self.local(last_day, MicroTime(0)).is_some_and(|start| when.first >= start || when.after > start)
    }

    /// Reads what a rule has after *to*; none where the end of time is written.
    ///
    /// # Errors
    ///
    /// As [`Calendar::read`].
    pub fn read_end(&self, text: &str) -> Result<Option<When>, DateError> {
        let when = self.read(text)?;
        Ok((!self.is_end_of_time(when)).then_some(when))
    }

    /// From a start to an end, either of which may be missing.
    ///
    /// # Errors
    ///
    /// If the end is earlier than the start.
    pub fn span(&self, start: Option<When>, end: Option<When>) -> Result<Stretch, DateError> {
        let start = start.map_or(Instant::MIN, |when| when.first);
        let Some(end) = end else {
            return Ok(Stretch { interval: Interval::new(start, Instant::MAX), end_written: EndWritten::Otherwise });
        };
        if end.after < start {
            return Err(DateError("its period ends before it starts".to_owned()));
        }
        let end_written =
            if end.written == Written::Day { EndWritten::AsDay(end.first) } else { EndWritten::Otherwise };
        Ok(Stretch { interval: Interval::new(start, end.after), end_written })
    }

    /// Reads a period; a missing one is all of time.
    pub(crate) fn period(&self, period: Option<&Obj<Period>>) -> Result<Stretch, DateError> {
        let Some(period) = period else { return self.span(None, None) };
        let start = period.start.as_deref().map(|text| self.read(text)).transpose()?;
        let end = period.end.as_deref().map(|text| self.read_end(text)).transpose()?.flatten();
        self.span(start, end)
    }

    /// An instant as rows write it: RFC 3339 in UTC, a fraction only where it isn't zero.
    #[must_use]
    pub fn write(instant: Instant) -> String {
        Timestamp::from_microsecond(instant.0).map(|timestamp| timestamp.to_string()).unwrap_or_default()
    }

    /// The local year, month and day of an instant.
    #[must_use]
    pub fn year_month_day(&self, instant: Instant) -> Option<(i16, u8, u8)> {
        let date = Timestamp::from_microsecond(instant.known()?.0).ok()?.to_zoned(self.zone.clone()).date();
        Some((date.year(), u8::try_from(date.month()).ok()?, u8::try_from(date.day()).ok()?))
    }

    /// The instant that is now by the system's clock.
    #[must_use]
    pub fn now() -> Instant {
        Instant(Timestamp::now().as_microsecond())
    }
}

/// Microseconds since midnight.
#[derive(Clone, Copy)]
struct MicroTime(i64);

fn utc(date: civil::Date, time: MicroTime) -> Instant {
    instant(i64::from(date.year()), i64::from(date.month()), i64::from(date.day()), time)
}

fn instant(year: i64, month: i64, day: i64, time: MicroTime) -> Instant {
    // Days since 1970-01-01 by the usual arithmetic on years that begin in March (proleptic Gregorian).
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Instant((era * 146_097 + day_of_era - 719_468) * Instant::DAY.0 + time.0)
}

/// `2024-05-31T09:00:00+01:00` and `2024-05-31T09:00:00Z`, as nearly all times are written. Whatever else it is, in
/// the last days of months too, is read as any other.
fn usual(text: &[u8]) -> Option<When> {
    let (date_and_time, zone) = text.split_first_chunk::<19>()?;
    let &[y, e, a, r, b'-', m, o, b'-', d, p, b'T', h, u, b':', n, i, b':', s, c] = date_and_time else { return None };
    let (offset, sign) = match zone {
        b"Z" | b"+00:00" => ([b'0'; 4], 1),
        &[b'+', hour, of, b':', minute, too] => ([hour, of, minute, too], 1),
        &[b'-', hour, of, b':', minute, too] => ([hour, of, minute, too], -1),
        _ => return None,
    };
    let all = [y, e, a, r, m, o, d, p, h, u, n, i, s, c].into_iter().chain(offset);
    if !all.fold(true, |digits, byte| digits & byte.is_ascii_digit()) {
        return None;
    }
    let two = |tens: u8, ones: u8| i64::from(tens - b'0') * 10 + i64::from(ones - b'0');
    let (year, month, day) = (two(y, e) * 100 + two(a, r), two(m, o), two(d, p));
    let (hour, minute, second) = (two(h, u), two(n, i), two(s, c));
    let [hours, of, minutes, too] = offset;
    let (hours, minutes) = (two(hours, of), two(minutes, too));
    let is_date = year > 0 && (1..=12).contains(&month) && (1..=28).contains(&day);
    if !is_date || hour > 23 || minute > 59 || second > 59 || hours > 13 || minutes > 59 {
        return None;
    }
    let seconds = hour * 3600 + minute * 60 + second - sign * (hours * 3600 + minutes * 60);
    let instant = instant(year, month, day, MicroTime(seconds * 1_000_000));
    Some(When { first: instant, after: instant, written: Written::Time })
}

/// `hh:mm`, `hh:mm:ss` or `hh:mm:ss.f…`; what is finer than a microsecond is dropped.
fn time(text: &[u8]) -> Option<(MicroTime, &[u8])> {
    let (hour, rest) = digits::<2>(text)?;
    let (minute, mut rest) = digits::<2>(after(rest, b':')?)?;
    let (mut second, mut micros) = (0, 0);
    if let Some(seconds) = after(rest, b':') {
        (second, rest) = digits::<2>(seconds)?;
        if let Some(fraction) = after(rest, b'.') {
            let count = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if count == 0 {
                return None;
            }
            let (digits, after) = fraction.split_at_checked(count)?;
            micros =
                (0..6).fold(0, |sum, place| sum * 10 + digits.get(place).map_or(0, |digit| i64::from(digit - b'0')));
            rest = after;
        }
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = i64::from(hour * 3600 + minute * 60 + second);
    Some((MicroTime(seconds * 1_000_000 + micros), rest))
}

fn digits<const COUNT: usize>(text: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = text.split_at_checked(COUNT)?;
    let number =
        digits.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0')));
    Some((number?, rest))
}

fn after(text: &[u8], byte: u8) -> Option<&[u8]> {
    text.split_first().filter(|(first, _)| **first == byte).map(|(_, rest)| rest)
}
