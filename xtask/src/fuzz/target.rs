//! What is fuzzed: how an input is made, what reads it, and what must hold besides that nothing panics.

use std::time::Duration;

use answerable_care::Instant;
use answerable_check::Check;
use answerable_fhir::{Calendar, DEPTH_MAX, Found, Reader, Settings, Type, is_json};
use serde::de::IgnoredAny;

use super::tree::Style;
use super::{mutate, naive, resource};
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
pub(super) const TARGETS: [Target; 3] = [
    Target { name: "reader", about: "resources, Bundles and what isn't either", make: text, try_it: reader },
    Target { name: "dates", about: "dates and times in several time zones", make: date, try_it: dates },
    Target { name: "check", about: "whole files, from bytes to rows", make: export, try_it: check },
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
    folder: tempfile::TempDir,
}

impl Subject {
    pub(super) fn new() -> Result<Subject, Box<dyn std::error::Error>> {
        // Summer time of an hour and of half an hour, a day that was left out, an offset of seconds, none at all.
        let zones =
            ["UTC", "Europe/London", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Monrovia", "Asia/Kathmandu"];
        let calendars = zones.into_iter().map(Calendar::new).collect::<Result<_, _>>()?;
        Ok(Subject { settings: Settings::default(), calendars, folder: tempfile::tempdir()? })
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

/// A file of lines, most of them right, so that people come about whom there is something to judge.
fn export(chance: &mut Chance) -> Vec<u8> {
    if chance.percent(10) {
        return text(chance);
    }
    let mut file = Vec::new();
    for _ in 0..1 + chance.below(60) {
        if chance.percent(10) {
            file.extend(text(chance));
        } else {
            resource::resource(chance).write(Style::Tight, chance, &mut file);
        }
        file.push(b'\n');
    }
    file
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
    // Longer ones may nest deeper than ours allows.
    if text.len() > DEPTH_MAX {
        return Ok(());
    }
    match serde_json::from_slice::<IgnoredAny>(text) {
        // The parser passes over a bad escape in a string that no rule reads; of all that isn't JSON, that alone.
        Err(error) if error.to_string().contains("invalid escape") => Ok(()),
        Err(error) if records > 0 => Err(format!("it read a {kind} that is no JSON: {error}")),
        Ok(_) if std::str::from_utf8(text).is_ok() && !is_json(text) => {
            Err(format!("it took a {kind} for something else than JSON"))
        }
        _ => Ok(()),
    }
}

/// The type of a text that is one resource which the rules read.
fn single(text: &[u8]) -> Option<Type> {
    let rest = text.strip_prefix(b"{\"resourceType\":\"")?;
    let name = rest.split(|byte| *byte == b'"').next()?;
    Type::named(std::str::from_utf8(name).ok()?)
}

/// A check always ends, and the number of threads changes nothing.
fn check(subject: &Subject, file: &[u8]) -> Result<(), String> {
    let path = subject.folder.path().join("export.ndjson");
    std::fs::write(&path, file).map_err(|error| error.to_string())?;
    let mut rows = Vec::new();
    let calendar = subject.calendars.get(1).ok_or("there is no calendar")?;
    for threads in [1, 2] {
        let mut check = Check::new(subject.settings.clone(), calendar.clone());
        check.as_of = calendar.read("2024-05-31").map_err(|error| error.to_string())?.first;
        check.inputs = vec![path.clone().into()];
        check.threads = threads;
        rows.push(check.rows().map_err(|error| (error.is_usage(), error.to_string())));
    }
    match rows.as_slice() {
        [Ok(one), Ok(two)] if one == two => Ok(()),
        // A file without resources is nothing to read.
        [Err((true, one)), Err((true, two))] if one == two => Ok(()),
        other => Err(format!("on one thread and on two: {other:?}")),
    }
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
            // Instants outside of the years 1 to 9999 have no way to be written, and those in the last have no later.
            let is_common = is_written.len() >= "2024-01-01T00:00:00Z".len() && !is_written.starts_with(['-', '+']);
            if is_common && !is_written.starts_with("0000") {
                let again = calendar.read(&is_written).map_err(|error| format!("it wrote {error}"))?;
                if again.first != instant {
                    return Err(format!("{instant:?} was written `{is_written}`, which is {:?}", again.first));
                }
            }
            if is_common && !is_written.starts_with("9999") {
                moved(calendar, instant)?;
            }
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
    match calendar.year_month_day(instant) {
        Some((_, 1..=12, 1..=31)) | None => Ok(()),
        wrong => Err(format!("{instant:?} is in {wrong:?}")),
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
