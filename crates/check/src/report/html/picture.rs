//! The timeline picture of a patient: one line for each duty of each need, as places in per cent.
//!
//! What is recent is drawn wider: a place is the square root of the age. A need of twenty years and what became of it
//! last month fit the same line, on a telephone too. Places are per cent of the width and heights are fixed, so that
//! text keeps its size however narrow the page is.

use answerable_care::{Instant, Verdict};
use answerable_fhir::Calendar;

use super::words;
use crate::report::cases::clip;
use crate::report::sentence;
use crate::report::summary::{Card, CardDuty, CardFinding, CardNeed, CardSegment};

/// How many lines a picture has.
const LANES_MAX: usize = 40;

/// What is older than this many days is drawn at the left edge; the words beside the picture have its date.
const AGE_DAYS_MAX: i64 = 20 * 366;

/// A picture that covers less than this is hard to read.
const AGE_DAYS_MIN: i64 = 90;

/// Between the names of two dates, in per cent: what a narrow telephone needs.
const TICK_GAP: f64 = 15.0;

/// A segment is drawn at least so wide, in per cent.
const WIDTH_MIN: f64 = 0.8;

/// Marks nearer than this share their place, in per cent.
const MARK_GAP: f64 = 7.0;

/// A picture, ready to be drawn.
#[derive(Debug)]
pub(super) struct Picture {
    /// Where the instant of judgement is.
    pub(super) today: f64,
    /// Its date.
    pub(super) as_of: String,
    pub(super) ticks: Vec<Tick>,
    pub(super) lanes: Vec<Lane>,
    pub(super) left_out: usize,
}

#[derive(Debug)]
pub(super) struct Tick {
    pub(super) at: f64,
    pub(super) name: String,
}

/// One line: a duty of a need.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) need: String,
    /// None of *overall*.
    pub(super) duty: Option<String>,
    /// The need's name in the records.
    pub(super) id: String,
    /// What is so now, or when it closed.
    pub(super) now: String,
    pub(super) word: &'static str,
    pub(super) bars: Vec<Bar>,
    pub(super) marks: Vec<Mark>,
    /// Until where it goes on after the instant of judgement, of *expiring*.
    pub(super) ahead: Option<f64>,
    pub(super) words: Vec<Words>,
}

/// A segment.
#[derive(Debug)]
pub(super) struct Bar {
    pub(super) at: f64,
    pub(super) width: f64,
    pub(super) word: &'static str,
    /// Empty where there is no room for any.
    pub(super) label: String,
}

/// A finding, by its number in the list.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) at: f64,
    pub(super) numbers: String,
    pub(super) anchor: &'static str,
}

/// A segment in words.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) word: &'static str,
    pub(super) basis: &'static str,
    pub(super) who: String,
}

/// Where instants are.
struct Scale {
    as_of: Instant,
    today: f64,
    past: f64,
    future: f64,
}

impl Scale {
    fn new(card: &Card, as_of: Instant) -> Scale {
        let days = |days: i64| (Instant::DAY * days).0 as f64;
        let instants = card.needs.iter().flat_map(|need| {
            let ends =
                need.duties.iter().flat_map(|duty| &duty.segments).flat_map(|segment| [segment.start, segment.end]);
            ends.chain([need.start]).flatten()
        });
        let oldest = instants.min().map_or(0.0, |oldest| age(as_of, oldest));
        let latest = card.findings.iter().filter_map(|finding| finding.until).max();
        let future = latest.map_or(0.0, |latest| -age(as_of, latest)).max(0.0);
        Scale {
            as_of,
            today: if future > 0.0 { 84.0 } else { 99.0 },
            past: oldest.clamp(days(AGE_DAYS_MIN), days(AGE_DAYS_MAX)),
            future,
        }
    }

    fn place(&self, instant: Instant) -> f64 {
        let age = age(self.as_of, instant);
        let place = if age >= 0.0 {
            self.today * (1.0 - (age / self.past).min(1.0).sqrt())
        } else if self.future > 0.0 {
            self.today + (99.0 - self.today) * (-age / self.future).min(1.0)
        } else {
            self.today
        };
        // Two places after the point are less than a pixel, and the same on every machine.
        (place * 100.0).round() / 100.0
    }

    /// Years first, then months between them, as many as there is room for.
    fn ticks(&self, calendar: &Calendar) -> Vec<Tick> {
        let Some((year, month, _)) = calendar.year_month_day(self.as_of) else { return Vec::new() };
        let (year, month) = (i32::from(year), i32::from(month));
        let years = (0..=20).map(|back| (year - back, 1));
        let months =
            (0..30).map(|back| month - 1 - back).map(|month| (year + month.div_euclid(12), month.rem_euclid(12) + 1));
        let mut ticks: Vec<Tick> = Vec::new();
        for (year, month) in years.chain(months) {
            let Ok(start) = calendar.read(&format!("{year:04}-{month:02}")) else { continue };
            let at = self.place(start.first);
            let is_inside = start.first <= self.as_of && age(self.as_of, start.first) < self.past && at > 4.0;
            let is_free =
                (self.today - at) >= TICK_GAP / 2.0 && ticks.iter().all(|tick| (tick.at - at).abs() >= TICK_GAP);
            if is_inside && is_free {
                let date = sentence::date(calendar, start.first);
                let month_name = date.split(' ').nth(1).and_then(|month| month.get(..3)).unwrap_or_default();
                let name = if month == 1 { year.to_string() } else { format!("{month_name} {year}") };
                ticks.push(Tick { at, name });
            }
        }
        ticks.sort_by(|one, other| one.at.total_cmp(&other.at));
        ticks
    }
}

fn age(as_of: Instant, instant: Instant) -> f64 {
    as_of.0 as f64 - instant.0 as f64
}

impl Picture {
    pub(super) fn new(card: &Card, as_of: Instant, calendar: &Calendar) -> Picture {
        let scale = Scale::new(card, as_of);
        let duties = || card.needs.iter().flat_map(|need| need.duties.iter().map(move |duty| (need, duty)));
        let lanes = duties().take(LANES_MAX).map(|(need, duty)| lane(card, need, duty, &scale, calendar)).collect();
        Picture {
            today: scale.today,
            as_of: sentence::date(calendar, as_of),
            ticks: scale.ticks(calendar),
            lanes,
            left_out: duties().count().saturating_sub(LANES_MAX) + card.needs_left_out,
        }
    }
}

fn lane(card: &Card, need: &CardNeed, duty: &CardDuty, scale: &Scale, calendar: &Calendar) -> Lane {
    let date = |instant: Instant| sentence::date(calendar, instant);
    let is_overall = duty.name == "overall";
    let (now, word) = match (&duty.now, need.end) {
        (Some(now), _) => {
            let since = now.start.map_or_else(String::new, |since| format!(", since {}", date(since)));
            (format!("{}{since}", who(now)), now.verdict.as_str())
        }
        (None, Some(end)) if !need.is_open && end <= scale.as_of => (date(end - Instant(1)), "closed"),
        (None, _) => (String::new(), "not open"),
    };
    Lane {
        need: need.title.as_deref().map_or_else(|| words::need(need.kind).to_owned(), clip),
        duty: (!is_overall).then(|| clip(&duty.name)),
        id: need.name.clone(),
        now,
        word,
        bars: duty.segments.iter().map(|segment| bar(segment, scale)).collect(),
        marks: marks(card, need, duty, scale),
        ahead: findings_of(card, need, duty)
            .filter_map(|(_, finding)| finding.until)
            .max()
            .map(|until| scale.place(until)),
        words: duty.segments.iter().map(|segment| in_words(segment, scale, calendar)).collect(),
    }
}

fn bar(segment: &CardSegment, scale: &Scale) -> Bar {
    let at = segment.start.map_or(0.0, |start| scale.place(start));
    let end = segment.end.map_or(scale.today, |end| scale.place(end));
    let width = (end - at).max(WIDTH_MIN);
    let word = segment.verdict.as_str();
    // A word needs room: on a telephone ten per cent are 30 pixels.
    let label = match width {
        22.0.. if segment.verdict != Verdict::Unheld => format!("{word}: {}", names(segment)),
        11.0.. => word.to_owned(),
        _ => String::new(),
    };
    Bar { at, width: (width * 100.0).round() / 100.0, word, label }
}

/// Holders without role and organisation.
fn names(segment: &CardSegment) -> String {
    let short = |name: &String| name.split_once(" (").map_or(name.as_str(), |(name, _)| name).to_owned();
    let names: Vec<String> = segment.holders.iter().map(short).collect();
    clip(&sentence::join(&names))
}

fn who(segment: &CardSegment) -> String {
    if segment.holders.is_empty() { "nobody".to_owned() } else { clip(&sentence::join(&segment.holders)) }
}

fn in_words(segment: &CardSegment, scale: &Scale, calendar: &Calendar) -> Words {
    let date = |instant: Option<Instant>, otherwise: &str| {
        instant.map_or_else(|| otherwise.to_owned(), |instant| sentence::date(calendar, instant))
    };
    let is_cut = segment.end == Some(scale.as_of);
    Words {
        from: date(segment.start, "an unknown time"),
        // The last day of it: what ends at midnight ends on the day before.
        to: if is_cut { "now".to_owned() } else { date(segment.end.map(|end| end - Instant(1)), "now") },
        word: segment.verdict.as_str(),
        basis: segment.basis.map_or("", answerable_care::Basis::as_str),
        who: who(segment),
    }
}

/// The findings about a duty, and on the line of *overall* those about the need, with their numbers.
fn findings_of<'c>(
    card: &'c Card,
    need: &'c CardNeed,
    duty: &'c CardDuty,
) -> impl Iterator<Item = (usize, &'c CardFinding)> {
    let numbered = (1..).zip(&card.findings);
    numbered.filter(|(_, finding)| {
        finding.need.as_deref() == Some(need.name.as_str()) && finding.duty.as_deref().unwrap_or("overall") == duty.name
    })
}

/// Where findings are, those near one another together.
fn marks(card: &Card, need: &CardNeed, duty: &CardDuty, scale: &Scale) -> Vec<Mark> {
    let mut places: Vec<(f64, usize)> = findings_of(card, need, duty)
        .filter_map(|(number, finding)| Some((scale.place(finding.until.or(finding.since)?), number)))
        .collect();
    places.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    let mut marks: Vec<(f64, Vec<usize>)> = Vec::new();
    for (at, number) in places {
        match marks.last_mut() {
            Some((before, numbers)) if at - *before < MARK_GAP => numbers.push(number),
            _ => marks.push((at, vec![number])),
        }
    }
    let mark = |(at, mut numbers): (f64, Vec<usize>)| {
        numbers.sort_unstable();
        let numbers: Vec<String> = numbers.iter().map(usize::to_string).collect();
        let anchor = if at < 5.0 {
            "start"
        } else if at > 95.0 {
            "end"
        } else {
            "middle"
        };
        Mark { at, numbers: numbers.join(" "), anchor }
    };
    marks.into_iter().map(mark).collect()
}
