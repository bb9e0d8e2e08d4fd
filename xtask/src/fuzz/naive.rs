//! Dates once more, by counting: slow, and sharing nothing with what it judges.

/// Whether there is such a date or time.
pub(super) fn is_date(text: &str) -> bool {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let Some((_, _, _, parts)) = parts(date) else { return false };
    match time {
        None => true,
        Some(time) => parts == 3 && is_time(time),
    }
}

/// Microseconds from 1970 to the start of it, in UTC; none if it has a zone of its own, or is none.
pub(super) fn first_microsecond(text: &str) -> Option<i64> {
    if !is_date(text) || text.contains('T') {
        return None;
    }
    let (year, month, day, _) = parts(text)?;
    let years = |from: i64, to: i64| (from..to).map(|year| if is_leap(year) { 366 } else { 365 }).sum::<i64>();
    let before = if year >= 1970 { years(1970, year) } else { -years(year, 1970) };
    let days = before + (1..month).map(|month| days_of(year, month)).sum::<i64>() + day - 1;
    Some(days * 24 * 60 * 60 * 1_000_000)
}

/// Year, month, day, and how many of them are said.
fn parts(date: &str) -> Option<(i64, i64, i64, usize)> {
    let parts: Vec<&str> = date.split('-').collect();
    let (year, month, day) = match *parts.as_slice() {
        [year] => (number(year, 4)?, 1, 1),
        [year, month] => (number(year, 4)?, number(month, 2)?, 1),
        [year, month, day] => (number(year, 4)?, number(month, 2)?, number(day, 2)?),
        _ => return None,
    };
    let is_one = year > 0 && (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
    is_one.then_some((year, month, day, parts.len()))
}

fn is_time(text: &str) -> bool {
    let (clock, zone) = match text.find(['Z', '+', '-']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let (clock, fraction) = match clock.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (clock, None),
    };
    let limits = [23, 59, 59];
    let parts: Vec<&str> = clock.split(':').collect();
    let is_clock = (2..=3).contains(&parts.len())
        && parts.iter().zip(limits).all(|(part, limit)| number(part, 2).is_some_and(|part| part <= limit));
    let is_fraction = fraction
        .is_none_or(|digits| parts.len() == 3 && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()));
    is_clock && is_fraction && is_zone(zone)
}

fn is_zone(zone: &str) -> bool {
    let Some(offset) = zone.strip_prefix(['+', '-']) else { return zone.is_empty() || zone == "Z" };
    let minutes = offset
        .split_once(':')
        .and_then(|(hours, minutes)| Some((number(hours, 2)?, number(minutes, 2).filter(|minutes| *minutes < 60)?)));
    minutes.is_some_and(|(hours, minutes)| hours * 60 + minutes <= 14 * 60)
}

fn number(text: &str, digits: usize) -> Option<i64> {
    let is_one = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_one { text.parse().ok() } else { None }
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}
