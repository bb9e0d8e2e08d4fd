//! Just enough of a calendar for instants and birthdays: proleptic Gregorian, UTC.

use super::fields::Date;
use crate::time::Instant;

const SECOND: i64 = 1_000_000;

/// The midnight on which a day begins; a day that the month lacks is counted on into the next. Days since 1970-01-01
/// by Howard Hinnant's `days_from_civil`.
pub(crate) fn midnight(year: i64, month: i64, day: i64) -> Instant {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Instant::DAY * (era * 146_097 + day_of_era - 719_468)
}

/// The day that an instant is in.
fn civil(at: Instant) -> Date {
    let days = at.0.div_euclid(Instant::DAY.0) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    Date { year: year_of_era + era * 400 + i64::from(month <= 2), month, day }
}

/// So many digits and nothing else.
fn digits(text: &str, count: usize) -> Option<i64> {
    let is_number = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// `2012-06-01`; none if it isn't a day that exists.
pub(crate) fn day(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let date = Date { year: digits(year, 4)?, month: digits(month, 2)?, day: digits(day, 2)? };
    let exists = parts.next().is_none() && civil(midnight(date.year, date.month, date.day)) == date;
    exists.then_some(date)
}

/// `2026-01-05T09:00:00Z`, RFC 3339 in `Z`. Digits of a second past the sixth are cut off.
pub(crate) fn instant(text: &str) -> Option<Instant> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let date = day(date)?;
    let (time, fraction) = match time.split_once('.') {
        Some((time, fraction)) => (time, micros(fraction)?),
        None => (time, 0),
    };
    let mut parts = time.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    let (hour, minute, second) = (digits(hour, 2)?, digits(minute, 2)?, digits(second, 2)?);
    let exists = parts.next().is_none() && hour < 24 && minute < 60 && second < 60;
    let since_midnight = ((hour * 60 + minute) * 60 + second) * SECOND + fraction;
    exists.then(|| midnight(date.year, date.month, date.day) + Instant(since_midnight))
}

/// The digits after the point, as microseconds.
fn micros(fraction: &str) -> Option<i64> {
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let six: String = fraction.chars().chain("000000".chars()).take(6).collect();
    six.parse().ok()
}

/// `2026-01-05T09:00:00Z`, with as many digits of a second as it needs.
#[must_use]
pub fn say(at: Instant) -> String {
    let Date { year, month, day } = civil(at);
    let since_midnight = at.0.rem_euclid(Instant::DAY.0);
    let (seconds, micros) = (since_midnight / SECOND, since_midnight % SECOND);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = if micros == 0 { String::new() } else { format!(".{micros:06}").trim_end_matches('0').to_owned() };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}
