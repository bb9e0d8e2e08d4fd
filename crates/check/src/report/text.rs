//! The summary for people: who fell through, worst first; counts of the rest; what was read.

use std::fmt::Write;

use answerable_care::{Instant, Severity};
use answerable_fhir::{Calendar, PersonShown};
use owo_colors::{OwoColorize, Style};

use super::cases::Case;
use super::marks::{Change, Decision, State};
use super::method::{Hashes, Method};
use super::output::Output;
use super::reading;
use super::sentence::{capital, clean, count, date, lower, midnight, nhs_number, written_date};
use crate::error::Error;
use crate::run::{Check, Outcome};

/// How many patients who fell through are shown: what one person can work through on a Monday.
pub const FELL_MAX: usize = 20;

/// How many decided and resolved findings are listed.
const LISTED_MAX: usize = 20;

/// Narrower paper is written on as if it were so wide: beyond that, words no longer fit.
const WIDTH_MIN: usize = 40;

/// What text is written on. Colours are always in it, as ANSI sequences: whoever writes to something that isn't a
/// terminal takes them out. None says anything that words don't.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Letters in a line.
    pub width: usize,
}

impl Default for Paper {
    /// As wide as people like to read, where nobody says how wide it is.
    fn default() -> Paper {
        Paper { width: 100 }
    }
}

/// Every word of a finding that stands under a heading, worst first, and what it means.
const FELL: [(&str, Option<Severity>, &str); 6] = [
    ("cliff-edge", None, "it was looked after until a date, and nobody took over"),
    ("orphaned", None, "a request was rejected or dropped, and not sent again"),
    ("in-flight", Some(Severity::Error), "a request has waited far too long"),
    ("lapsed", None, "all who are recorded have left"),
    ("contested", None, "several are each recorded as in charge"),
    ("ageing-out", Some(Severity::Error), "past 17 and a half in children's services, with no transition plan"),
];
const BLANK: [(&str, Option<Severity>, &str); 3] = [
    ("unheld", None, "nobody is recorded at all"),
    ("unnamed", None, "an organisation is recorded, and no person"),
    ("leaderless", None, "several are recorded, and none of them leads"),
];
const WATCH: [(&str, Option<Severity>, &str); 7] = [
    ("in-flight", Some(Severity::Warning), "a request has waited too long"),
    ("expiring", None, "whoever answers for it stops soon, and nobody follows"),
    ("ageing-out", Some(Severity::Warning), "over 14 in children's services, with no transition plan"),
    ("stranger", None, "whoever answers for it has never met the patient"),
    ("silent", None, "no visit about it for over a year"),
    ("assumed", None, "one person is likely to answer for it; ask whether they know"),
    ("voiceless", None, "no goal in the patient's own words"),
];

const TITLE: Style = Style::new().bold();
const BAD: Style = Style::new().bold().red();
const BLANKS: Style = Style::new().bold().yellow();
const FAINT: Style = Style::new().dimmed();

/// The whole report.
pub(crate) fn report(check: &Check, outcome: &Outcome, output: &Output) -> Result<String, Error> {
    let mut page = Page { text: String::new(), width: output.paper.width.max(WIDTH_MIN), check, outcome };
    page.figures(output);
    page.fell();
    page.rest();
    page.decided();
    page.changes()?;
    page.read();
    page.method(output);
    Ok(page.text)
}

struct Page<'p> {
    text: String,
    width: usize,
    check: &'p Check,
    outcome: &'p Outcome,
}

impl Page<'_> {
    /// First the figures that matter.
    fn figures(&mut self, output: &Output) {
        let summary = &self.outcome.summary;
        let as_of = moment(&self.check.calendar, self.check.as_of);
        self.paragraph(
            0,
            0,
            &format!("Who is answerable, as of {as_of} ({})", output.timezone).style(TITLE).to_string(),
        );
        let fell = match summary.persons_fell {
            0 => format!(
                "None of {} fell through, as far as these records tell.",
                people_with_needs(summary.persons_with_needs)
            ),
            fell => format!("{} of {} fell through.", fell.style(BAD), people_with_needs(summary.persons_with_needs)),
        };
        let blank = match summary.needs_blank {
            0 => format!("Somebody is recorded for each of {}.", count(summary.needs, "open need", "open needs")),
            blank => format!(
                "For {} of {} nobody is recorded.",
                blank.style(BLANKS),
                count(summary.needs, "open need", "open needs")
            ),
        };
        self.paragraph(0, 0, &format!("{fell} {blank}"));
    }

    /// Those who fell through, each with one sentence.
    fn fell(&mut self) {
        let outcome = self.outcome;
        let [people, ..] = outcome.summary.persons_by_heading;
        let piles = &outcome.summary.cases.headings;
        let Some(pile) = piles.first() else { return };
        let decided = match outcome.summary.persons_fell.saturating_sub(people) {
            0 => String::new(),
            more => format!("; and {more} whom somebody has decided about, below"),
        };
        self.heading(
            "Fell through",
            BAD,
            &match people {
                0 => format!("nobody{decided}"),
                people => format!("{}, worst first{decided}", count(people, "person", "people")),
            },
        );
        for (index, case) in pile.sorted().into_iter().take(FELL_MAX).enumerate() {
            let number = format!("{:>2}  ", index + 1);
            self.line(&number, &person_line(&case.who.shown, &case.who.name, case.change));
            self.paragraph(4, 4, &about(case));
            let more = match case.further {
                0 => String::new(),
                further => format!("  and {}", count(further as u64, "more finding", "more findings")),
            };
            let explain = format!("{}{more}", clean(&case.who.name));
            self.paragraph(4, 4, &explain.style(FAINT).to_string());
        }
        let shown = (people as usize).min(FELL_MAX);
        if people as usize > shown {
            let rest = count(people - shown as u64, "more person", "more people");
            self.paragraph(0, 0, &format!("And {rest}: --html FILE and the row formats list them all."));
        }
        self.text.push('\n');
        self.findings(&FELL);
    }

    /// Counts of the rest under headings of their own.
    fn rest(&mut self) {
        let [_, blank, watch] = self.outcome.summary.persons_by_heading;
        self.heading("Nobody is recorded", BLANKS, &count(blank, "person", "people"));
        self.findings(&BLANK);
        self.heading("To watch", TITLE, &count(watch, "person", "people"));
        self.findings(&WATCH);
    }

    fn findings(&mut self, words: &[(&str, Option<Severity>, &str)]) {
        for (word, severity, meaning) in words {
            let of_word = self
                .outcome
                .summary
                .findings
                .iter()
                .filter(|((known, of), _)| known == word && severity.is_none_or(|severity| severity == *of));
            let number: u64 = of_word.map(|(_, count)| count).sum();
            if number > 0 {
                self.paragraph(0, 24, &format!("{number:>8}  {word:<12}  {meaning}"));
            }
        }
    }

    /// What people decided: it never leaves the counts.
    fn decided(&mut self) {
        let outcome = self.outcome;
        let [accepted, working] = outcome.summary.decided;
        let marks = &self.check.marks;
        let idle = marks.idle_decisions();
        if accepted + working == 0 && marks.expired.is_empty() && idle.is_empty() {
            return;
        }
        self.heading(
            "Decided",
            TITLE,
            &format!("{working} being worked on, {accepted} accepted; all are in the counts above"),
        );
        let decided = outcome.summary.cases.decided.sorted();
        for case in decided.iter().take(LISTED_MAX) {
            self.line("    ", &person_line(&case.who.shown, &case.who.name, case.change));
            self.paragraph(4, 4, &about(case));
            if let Some(decision) = &case.decision {
                self.paragraph(4, 4, &capital(&said(decision)));
            }
        }
        self.left_out(decided.len());
        if !marks.expired.is_empty() {
            self.paragraph(0, 0, "Decisions that have run out; their findings are back where they belong:");
        }
        for (id, decision) in marks.expired.iter().take(LISTED_MAX) {
            self.paragraph(4, 4, &format!("{id}: {}", said(decision)));
        }
        self.left_out(marks.expired.len());
        if !idle.is_empty() {
            self.paragraph(0, 0, "Decisions about findings that are no longer there, so that the file can be tidied:");
        }
        for (id, decision) in idle.iter().take(LISTED_MAX) {
            self.paragraph(4, 4, &format!("{id}: {}", said(decision)));
        }
        self.left_out(idle.len());
    }

    /// What is new, what is still there, and what was resolved since the earlier run.
    fn changes(&mut self) -> Result<(), Error> {
        let marks = &self.check.marks;
        if !marks.has_earlier() {
            return Ok(());
        }
        let [new, still] = self.outcome.summary.changes;
        let resolved = marks.resolved_count();
        self.heading("Since the earlier run", TITLE, &format!("{new} new, {still} still there, {resolved} resolved"));
        let mut listed = 0;
        marks.resolved(&mut |earlier| {
            if listed < LISTED_MAX {
                let who = earlier.patient_name.as_deref().unwrap_or(&earlier.patient);
                self.paragraph(4, 4, &clean(&format!("Resolved: {who}: {} ({})", earlier.message, earlier.finding)));
            }
            listed += 1;
            Ok(())
        })?;
        self.left_out(listed);
        Ok(())
    }

    fn left_out(&mut self, count: usize) {
        if count > LISTED_MAX {
            self.paragraph(4, 4, &format!("and {} more, which the row formats list", count - LISTED_MAX));
        }
    }

    fn read(&mut self) {
        let reading = &self.outcome.reading;
        let all = match reading.malformed_count {
            0 => "all of the input could be read".to_owned(),
            number => format!("{} left out", count(number, "resource or file was", "resources or files were")),
        };
        self.heading("What was read", TITLE, &all);
        self.text.push_str(&reading::whole(reading));
    }

    /// How the figures came about.
    fn method(&mut self, output: &Output) {
        let method = Method::of(self.check, self.outcome, &output.timezone, Hashes::Without);
        self.heading("How these figures came about", TITLE, "");
        let as_of = Calendar::write(method.as_of);
        self.paragraph(0, 4, &format!("answerable {}, as of {as_of}, dates in {}", method.version, method.timezone));
        for (source, newest) in &method.newest {
            let newest = date(&self.check.calendar, *newest);
            self.paragraph(0, 4, &format!("newest record of {}: {newest}", clean(source)));
        }
        match method.configuration.as_slice() {
            [] => self.paragraph(0, 0, "every setting has its default"),
            lines => lines.iter().for_each(|line| self.paragraph(0, 4, &clean(line))),
        }
    }

    fn heading(&mut self, title: &str, style: Style, figure: &str) {
        self.text.push('\n');
        let title = title.to_uppercase();
        let line = if figure.is_empty() {
            title.style(style).to_string()
        } else {
            format!("{}  {figure}", title.style(style))
        };
        self.paragraph(0, 0, &line);
    }

    /// A paragraph that begins with a number or the like.
    fn line(&mut self, first: &str, text: &str) {
        let options = textwrap::Options::new(self.width).initial_indent(first).subsequent_indent("    ");
        self.wrapped(text, options);
    }

    fn paragraph(&mut self, first: usize, others: usize, text: &str) {
        let (first, others) = (" ".repeat(first), " ".repeat(others));
        let options = textwrap::Options::new(self.width).initial_indent(&first).subsequent_indent(&others);
        self.wrapped(text, options);
    }

    fn wrapped(&mut self, text: &str, options: textwrap::Options) {
        // A name is one word however long it is: what is broken can't be copied.
        for line in
            textwrap::wrap(text, options.break_words(false).word_splitter(textwrap::WordSplitter::NoHyphenation))
        {
            let _ = writeln!(self.text, "{line}");
        }
    }
}

/// A finding in words: of which need, and the sentence.
fn about(case: &Case) -> String {
    let Some(title) = &case.need_title else { return case.sentence.clone() };
    let of_duty = case
        .duty
        .as_deref()
        .and_then(|duty| Some((duty, case.sentence.strip_prefix(&format!("{}: ", capital(duty)))?)));
    match of_duty {
        Some((duty, sentence)) => format!("{}, {}: {sentence}", clean(title), clean(duty)),
        None => format!("{}: {}", clean(title), lower(&case.sentence)),
    }
}

fn people_with_needs(number: u64) -> String {
    count(number, "person with an open need", "people with open needs")
}

fn person_line(shown: &PersonShown, name: &str, change: Option<Change>) -> String {
    let person = person_shown(shown, name).style(TITLE).to_string();
    match change {
        None => person,
        Some(change) => format!("{person}  ({})", change.as_str()),
    }
}

/// A patient as people know them: name, date of birth, NHS number.
pub(crate) fn person_shown(shown: &PersonShown, name: &str) -> String {
    let mut text = clean(shown.name.as_deref().unwrap_or(name));
    if let Some(born) = &shown.birth_date {
        let _ = write!(text, ", born {}", written_date(born));
    }
    if let Some(number) = &shown.nhs_number {
        let _ = write!(text, ", NHS number {}", nhs_number(number));
    }
    if shown.is_inactive {
        text.push_str(", record marked as not active");
    }
    text
}

/// `being worked on until 6 April 2026, says N. Adeyemi: why`.
fn said(decision: &Decision) -> String {
    let state = match decision.state {
        State::Accepted => "accepted",
        State::Working => "being worked on",
    };
    clean(&format!("{state} until {}, says {}: {}", written_date(&decision.until), decision.by, decision.why))
}

/// An instant as people write it: `2 March 2026, 09:00`.
pub(crate) fn moment(calendar: &Calendar, instant: Instant) -> String {
    const MINUTE: i64 = 60_000_000;
    // On a day on which the clocks change, the time isn't what has passed since midnight.
    const SHIFTS_MINUTES: [i64; 5] = [0, 60, -60, 30, -30];
    let time = midnight(calendar, instant).and_then(|midnight| {
        let (year, month, day) = calendar.year_month_day(instant)?;
        let passed = instant.0.saturating_sub(midnight.0) / MINUTE;
        SHIFTS_MINUTES.iter().find_map(|shift| {
            let (hours, minutes) = ((passed + shift).div_euclid(60), (passed + shift).rem_euclid(60));
            let local = calendar.read(&format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}")).ok()?;
            (local.first.0 / MINUTE == instant.0 / MINUTE).then(|| format!("{hours:02}:{minutes:02}"))
        })
    });
    match time {
        Some(time) => format!("{}, {time}", date(calendar, instant)),
        None => Calendar::write(instant),
    }
}

/// Every finding has a line under its heading: a word that is new must not fall out of the counts.
const _: () = assert!(FELL.len() + BLANK.len() + WATCH.len() == 16);

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that fails should panic")]
    use super::*;
    use answerable_care::{Finding, Heading, Kind, Verdict};

    /// The heading and the order that care gives a finding are those of its line here.
    #[test]
    fn lines_stand_in_the_order_of_ranks() {
        let verdicts = Verdict::ALL.into_iter().filter(|verdict| *verdict != Verdict::Held).map(Kind::Verdict);
        let kinds = [
            Kind::InFlight,
            Kind::Orphaned,
            Kind::CliffEdge,
            Kind::Stranger,
            Kind::Expiring,
            Kind::AgeingOut,
            Kind::Silent,
            Kind::Voiceless,
        ];
        let mut seen = Vec::new();
        for kind in verdicts.chain(kinds) {
            for severity in [Severity::Error, Severity::Warning] {
                let finding = Finding {
                    kind,
                    severity,
                    duty: None,
                    holders: Vec::new(),
                    since: None,
                    until: None,
                    rules: Vec::new(),
                    evidence: Vec::new(),
                };
                let lines: &[_] = match finding.heading() {
                    Heading::Fell => &FELL,
                    Heading::Blank => &BLANK,
                    Heading::Watch => &WATCH,
                };
                let place =
                    lines.iter().position(|(word, of, _)| *word == kind.as_str() && of.is_none_or(|of| of == severity));
                let before = match finding.heading() {
                    Heading::Fell => 0,
                    Heading::Blank => FELL.len(),
                    Heading::Watch => FELL.len() + BLANK.len(),
                };
                seen.push((finding.rank() as usize, before + place.unwrap()));
            }
        }
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, (0..16).map(|place| (place, place)).collect::<Vec<_>>());
    }

    #[test]
    fn a_moment_is_told_on_the_clock_of_the_place() {
        let london = Calendar::new("Europe/London").unwrap();
        for (instant, expected) in [
            ("2026-03-02T09:00:00Z", "2 March 2026, 09:00"),
            ("2026-07-01T09:00:00Z", "1 July 2026, 10:00"),
            ("2026-03-29T09:00:00Z", "29 March 2026, 10:00"),
            ("2026-10-25T09:00:00Z", "25 October 2026, 09:00"),
        ] {
            let instant = london.read(instant).unwrap().first;
            assert_eq!(moment(&london, instant), expected);
        }
    }
}
