//! Just enough of a calendar to read `2025-03-01 08:30` and to say it again: proleptic Gregorian, UTC.

use answerable_care::Instant;

const SECOND: i64 = 1_000_000;

/// The midnight on which a day begins. Days since 1970-01-01 by Howard Hinnant's `days_from_civil`.
pub(crate) fn midnight(year: i64, month: i64, day: i64) -> Instant {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Instant::DAY * (era * 146_097 + day_of_era - 719_468)
}

/// Year, month and day of the day that an instant is in.
fn civil(at: Instant) -> (i64, i64, i64) {
    let days = at.0.div_euclid(Instant::DAY.0) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// So many months later (or earlier) at the same time of day; a day that the month lacks is its last.
pub(crate) fn months_later(at: Instant, months: i64) -> Instant {
    let (year, month, day) = civil(at);
    let total = year * 12 + month - 1 + months;
    let (year, month) = (total.div_euclid(12), total.rem_euclid(12) + 1);
    let next = if month == 12 { midnight(year + 1, 1, 1) } else { midnight(year, month + 1, 1) };
    let last = civil(next - Instant::DAY).2;
    midnight(year, month, day.min(last)) + Instant(at.0.rem_euclid(Instant::DAY.0))
}

/// `2025-03-01`; none if it isn't a day that exists.
pub(crate) fn day(word: &str) -> Option<Instant> {
    let mut parts = word.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if (year.len(), month.len(), day.len()) != (4, 2, 2) || parts.next().is_some() {
        return None;
    }
    let (year, month, day) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let at = midnight(year, month, day);
    (civil(at) == (year, month, day)).then_some(at)
}

/// `08:30`, `08:30:15` or `24:00`: how long after midnight.
pub(crate) fn time_of_day(word: &str) -> Option<Instant> {
    let mut parts = word.split(':');
    let (hour, minute) = (parts.next()?, parts.next()?);
    let second = parts.next().unwrap_or("00");
    if [hour, minute, second].iter().any(|part| part.len() != 2) {
        return None;
    }
    let (hour, minute, second): (i64, i64, i64) = (hour.parse().ok()?, minute.parse().ok()?, second.parse().ok()?);
    Some(Instant(((hour * 60 + minute) * 60 + second) * SECOND))
}

/// As the cases write it: `2025-03-01`, or with the time where it isn't midnight; `unknown` before everything.
pub(crate) fn say(at: Instant) -> String {
    if at == Instant::MIN {
        return "unknown".to_owned();
    }
    let (year, month, day) = civil(at);
    let seconds = at.0.rem_euclid(Instant::DAY.0) / SECOND;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (hour, minute, second) {
        (0, 0, 0) => date,
        (_, _, 0) => format!("{date} {hour:02}:{minute:02}"),
        _ => format!("{date} {hour:02}:{minute:02}:{second:02}"),
    }
}
