//! What is fuzzed: how an input is made, what reads it, and what must hold besides that nothing panics.

use std::time::Duration;

use answerable_fhir::{Calendar, DEPTH_MAX, Found, Instant, Reader, Settings, Type, is_json};

use super::tree::Style;
use super::{mutate, resource};
use crate::chance::Chance;

/// Makes inputs, and tries them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    /// An input.
    pub(super) make: fn(&mut Chance) -> Vec<u8>,
    /// Tries it: what didn't hold.
    pub(super) try_it: fn(&Subject, &[u8]) -> Result<(), String>,
}

/// Those that are tried when none is named.
pub(super) const TARGETS: [Target; 2] = [
    Target { name: "reader", about: "resources, Bundles and what isn't either", make: text, try_it: reader },
    Target { name: "dates", about: "dates and times in several time zones", make: date, try_it: dates },
];

/// Mistakes planted here, on inputs that the makers above make now and then: the alarm must be raised for each.
pub(super) const CANARIES: [Target; 4] = [
    Target { name: "canary-panic", about: "panics", make: date, try_it: canary_panic },
    Target { name: "canary-abort", about: "aborts", make: text, try_it: canary_abort },
    Target { name: "canary-hang", about: "never ends", make: text, try_it: canary_hang },
    Target { name: "canary-wrong", about: "gives a wrong answer", make: date, try_it: canary_wrong },
];

/// What is tried: made once.
#[derive(Debug)]
pub(super) struct Subject {
    settings: Settings,
    calendars: Vec<Calendar>,
}

impl Subject {
    pub(super) fn new() -> Result<Subject, Box<dyn std::error::Error>> {
        // Summer time of an hour and of half an hour, a day that was left out, an offset of seconds, none at all.
        let zones = ["UTC", "Europe/London", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Monrovia", "Asia/Kathmandu"];
        let calendars = zones.into_iter().map(Calendar::new).collect::<Result<_, _>>()?;
        Ok(Subject { settings: Settings::default(), calendars })
    }
}

fn text(chance: &mut Chance) -> Vec<u8> {
    let mut tree = if chance.percent(25) { resource::bundle(chance) } else { resource::resource(chance) };
    if chance.percent(60) {
        mutate::tree(&mut tree, chance);
    }
    let style = if chance.percent(30) { Style::Loose } else { Style::Tight };
    let mut text = Vec::new();
    tree.write(style, chance, &mut text);
    if chance.percent(30) {
        mutate::bytes(&mut text, chance);
    }
    text
}

fn date(chance: &mut Chance) -> Vec<u8> {
    let mut text = resource::date(chance).into_bytes();
    if chance.percent(30) {
        mutate::bytes(&mut text, chance);
    }
    text
}

/// Reading never panics, drops nothing uncounted, and knows what is JSON.
fn reader(subject: &Subject, text: &[u8]) -> Result<(), String> {
    let calendar = subject.calendars.first().ok_or("there is no calendar")?;
    let (mut found, mut records, mut wrong) = (0_u64, 0_u64, None);
    Reader::new(&subject.settings, calendar.clone()).read(text, &mut |thing| {
        found += 1;
        match thing {
            Found::Record { id: "", .. } => wrong = Some("a record has no id".to_owned()),
            Found::Record { offset, .. } | Found::Malformed { offset, .. } if offset > text.len() => {
                wrong = Some(format!("something was found at {offset} of {} bytes", text.len()));
            }
            Found::Malformed { ref what, .. } if what.is_empty() => wrong = Some("no reason was given".to_owned()),
            Found::Record { .. } => records += 1,
            _ => {}
        }
    });
    if let Some(wrong) = wrong {
        return Err(wrong);
    }
    // Documents have parts that the rules don't read, and may be empty; a resource has neither.
    let Some(kind) = single(text) else { return Ok(()) };
    if found != 1 {
        return Err(format!("one resource gave {found} things"));
    }
    match serde_json::from_slice::<serde::de::IgnoredAny>(text) {
        Err(error) if records > 0 && !is_too_deep(&error) => Err(format!("it read a {kind} that is no JSON: {error}")),
        Ok(_) if !is_json(text) => Err(format!("it took a {kind} for something else than JSON")),
        _ => Ok(()),
    }
}

/// The type of a text that is one resource which the rules read.
fn single(text: &[u8]) -> Option<Type> {
    let rest = text.strip_prefix(b"{\"resourceType\":\"")?;
    let name = rest.split(|byte| *byte == b'"').next()?;
    Type::named(std::str::from_utf8(name).ok()?)
}

/// The second reader bounds depth more narrowly than ours.
fn is_too_deep(error: &serde_json::Error) -> bool {
    const { assert!(DEPTH_MAX > 128) };
    error.to_string().contains("recursion limit")
}

/// Dates are read if and only if there are such, and as the instants that they are.
fn dates(subject: &Subject, text: &[u8]) -> Result<(), String> {
    let Ok(text) = std::str::from_utf8(text) else { return Ok(()) };
    for calendar in &subject.calendars {
        let read = calendar.read(text);
        if read.is_ok() != naive::is_date(text) {
            return Err(format!("read as {read:?}"));
        }
        let Ok(when) = read else { continue };
        if when.first > when.after {
            return Err(format!("{when:?} ends before it begins"));
        }
        if let Ok(Some(end)) = calendar.read_end(text)
            && end != when
        {
            return Err(format!("as an end {end:?}, else {when:?}"));
        }
        for instant in [when.first, when.after] {
            let is_written = Calendar::write(instant);
            // Instants outside of the years 1 to 9999 have no way to be written.
            let is_common = is_written.len() >= "2024-01-01T00:00:00Z".len() && !is_written.starts_with(['-', '+']);
            if is_common && !is_written.starts_with("0000") {
                let again = calendar.read(&is_written).map_err(|error| format!("it wrote {error}"))?;
                if again.first != instant {
                    return Err(format!("{instant:?} was written `{is_written}`, which is {:?}", again.first));
                }
            }
            moved(calendar, instant)?;
        }
    }
    let utc = subject.calendars.first().ok_or("there is no calendar")?;
    match (utc.read(text), naive::first_microsecond(text)) {
        (Ok(when), Some(micros)) if when.first.0 != micros => Err(format!("{:?} should be {micros}", when.first)),
        _ => Ok(()),
    }
}

/// Months later is later, and months earlier is earlier.
fn moved(calendar: &Calendar, instant: Instant) -> Result<(), String> {
    for months in [0, 1, 24, 1_200, i64::MAX] {
        let (later, earlier) = (calendar.months_after(instant, months), calendar.months_after(instant, -months));
        if later < instant || earlier > instant {
            return Err(format!("{months} months after {instant:?} is {later:?}, before it {earlier:?}"));
        }
    }
    let _ = calendar.day(instant);
    Ok(())
}

/// Dates once more, by counting: slow, and sharing nothing with what it judges.
mod naive {
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
}

#[expect(clippy::panic, reason = "the canary of panics")]
fn canary_panic(_: &Subject, text: &[u8]) -> Result<(), String> {
    if text.starts_with(b"1999-12-") {
        panic!("the canary sings");
    }
    Ok(())
}

fn canary_abort(_: &Subject, text: &[u8]) -> Result<(), String> {
    let has_date = text.windows(10).any(|window| window == b"2023-02-30");
    if has_date { std::process::abort() } else { Ok(()) }
}

fn canary_hang(_: &Subject, text: &[u8]) -> Result<(), String> {
    if text.starts_with(b"{\"resourceType\":\"CareTeam\"") {
        loop {
            std::thread::sleep(Duration::from_secs(1));
        }
    }
    Ok(())
}

fn canary_wrong(_: &Subject, text: &[u8]) -> Result<(), String> {
    if text == b"2000" { Err("this year has 367 days".to_owned()) } else { Ok(()) }
}
