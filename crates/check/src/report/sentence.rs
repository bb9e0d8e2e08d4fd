//! A finding in one sentence: what, since when, whom to ask.

use answerable_care::{Finding, Instant, Kind, Rule, Severity, Verdict};
use answerable_fhir::Calendar;

use super::view::{Found, View};

/// How people and needs are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    /// By the names of their resources, as in rows.
    Ids,
    /// As people call them, with role and organisation.
    People,
}

/// What, since when, whom to ask.
pub(crate) fn message(view: View, found: Found, as_of: Instant, calendar: &Calendar, naming: Naming) -> String {
    let finding = found.finding;
    let names: Vec<String> = match naming {
        Naming::Ids => view.holders(&finding.holders).into_iter().map(str::to_owned).collect(),
        Naming::People => view.shown_holders(&finding.holders).into_iter().map(person).collect(),
    };
    let said = Said { finding, names: &names, as_of, calendar };
    let what = match finding.kind {
        Kind::Verdict(verdict) => said.verdict(verdict),
        Kind::CliffEdge => said.cliff_edge(),
        Kind::Orphaned => said.orphaned(),
        Kind::InFlight => said.in_flight(),
        Kind::AgeingOut => said.ageing_out(),
        Kind::Stranger => said.stranger(),
        Kind::Expiring => said.expiring(),
        Kind::Silent => said.silent(),
        Kind::Voiceless => {
            "No goal is recorded in the words of the patient or of someone close to them; ask them what matters to them"
                .to_owned()
        }
    };
    let sentence = match found.duty {
        Some(duty) if duty != "overall" => format!("{}: {}.", capital(duty), lower(&what)),
        _ => format!("{what}."),
    };
    clean(&sentence)
}

/// What a sentence is made of.
struct Said<'s> {
    finding: &'s Finding,
    /// Those whom the finding names.
    names: &'s [String],
    as_of: Instant,
    calendar: &'s Calendar,
}

impl Said<'_> {
    fn verdict(&self, verdict: Verdict) -> String {
        match verdict {
            Verdict::Lapsed => self.lapsed(),
            Verdict::Contested => {
                let who = self.who("Several people");
                format!("{who} are each recorded as in charge{}; ask which of them is", self.since())
            }
            Verdict::Unheld => {
                let have = match self.finding.since {
                    Some(since) => format!("Since {} nobody has been", date(self.calendar, since)),
                    None => "Nobody is".to_owned(),
                };
                format!("{have} recorded as answering for this; ask the patient and the surgery whom they turn to")
            }
            Verdict::Unnamed => {
                let who = self.who("an organisation");
                match self.finding.since {
                    Some(since) => format!(
                        "Since {} only {who} {} been recorded, and no person; ask there who answers for this",
                        date(self.calendar, since),
                        if self.names.len() > 1 { "have" } else { "has" }
                    ),
                    None => format!("Only {who} {} recorded, and no person; ask there who answers for this", self.be()),
                }
            }
            Verdict::Leaderless => {
                let (all, none) = if self.names.len() == 2 { ("both", "neither") } else { ("all", "none") };
                let who = self.who("Several people");
                format!(
                    "{who} are {all} recorded{} and {none} of them leads; ask which of them answers for this",
                    self.since()
                )
            }
            Verdict::Assumed | Verdict::Held => self.assumed(),
        }
    }

    fn lapsed(&self) -> String {
        let is_organisation = self.finding.rules.contains(&Rule::C9);
        let gone = match (self.names.len() > 1, is_organisation) {
            (false, false) => "who has left or is no longer active",
            (true, false) => "who have left or are no longer active",
            (false, true) => "which is no longer active",
            (true, true) => "which are no longer active",
        };
        let have = match self.finding.since {
            Some(since) => format!("Since {} the only one recorded has been", date(self.calendar, since)),
            None => "The only one recorded is".to_owned(),
        };
        let have = if self.names.len() > 1 {
            have.replace("one recorded has", "ones recorded have").replace("one recorded is", "ones recorded are")
        } else {
            have
        };
        format!("{have} {}, {gone}; ask who took over", self.who("someone"))
    }

    /// Why it is assumed and not held: what the evidence is.
    fn assumed(&self) -> String {
        let one = self.names.len() <= 1;
        let rules = &self.finding.rules;
        let because = if rules.contains(&Rule::C5) {
            "as a member of the team, with no lead"
        } else if rules.contains(&Rule::C3b) {
            "as the author of the plan"
        } else if rules.contains(&Rule::C6) {
            "as the sender of the referral"
        } else if rules.contains(&Rule::C7) || rules.contains(&Rule::C7a) {
            "as the one with whom the patient is registered"
        } else if rules.contains(&Rule::C8) {
            "as the last to have seen the patient about it"
        } else {
            "on weak evidence"
        };
        let is = if one { "is" } else { "are" };
        let who = self.who("Someone");
        format!("{who} {is} only assumed to answer for this{}, {because}; ask whether they know", self.since())
    }

    fn cliff_edge(&self) -> String {
        let until = self.finding.since.map_or_else(String::new, |since| format!(" until {}", self.last_day(since)));
        let who = self.who("Someone");
        format!("{who} answered for this{until}, and nobody is recorded as having taken over; ask them who did")
    }

    fn orphaned(&self) -> String {
        let on = self.finding.since.map_or_else(String::new, |since| format!(" on {}", date(self.calendar, since)));
        format!(
            "The request to take this on was rejected or dropped{on} and has not been sent again; {}",
            self.ask_sender()
        )
    }

    fn in_flight(&self) -> String {
        let sent = match self.finding.since {
            Some(since) => format!("was sent on {}, {}", date(self.calendar, since), self.ago(since)),
            None => "was sent on an unknown date".to_owned(),
        };
        let what = if self.finding.rules.contains(&Rule::N2) { "This referral" } else { "The request to take this on" };
        format!("{what} {sent}, and nobody has accepted it; {}", self.ask_sender())
    }

    fn ageing_out(&self) -> String {
        let turned = self.finding.since.map_or_else(String::new, |since| format!(" on {}", date(self.calendar, since)));
        let age = match self.finding.severity {
            Severity::Error => format!("The patient turned 14{turned} and is now past 17 and a half"),
            Severity::Warning | Severity::Note => format!("The patient turned 14{turned}"),
        };
        let (answers, who) = (if self.names.len() > 1 { "answer" } else { "answers" }, self.who("someone"));
        format!(
            "{age}, {who} in children's services still {answers} for this, and no transition plan has begun; ask them \
             to begin one"
        )
    }

    fn stranger(&self) -> String {
        let (have, know) = if self.names.len() > 1 { ("have", "any of them knows") } else { ("has", "they know") };
        let who = self.who("Someone");
        format!(
            "{who} {} recorded as answering for this{} but {have} no recorded contact with the patient; ask whether \
             {know} the patient",
            self.be(),
            self.since()
        )
    }

    fn expiring(&self) -> String {
        let until = self.finding.until.map_or_else(|| "soon".to_owned(), |until| self.last_day(until));
        let (answers, who) = (if self.names.len() > 1 { "answer" } else { "answers" }, self.who("Someone"));
        format!(
            "{who} {answers} for this until {until}, and nobody is recorded for the time after; ask them who follows"
        )
    }

    fn silent(&self) -> String {
        let since =
            self.finding.since.map_or_else(String::new, |since| format!(" since {}", date(self.calendar, since)));
        format!("No visit about this is recorded{since}; ask whoever answers for it when the patient is next seen")
    }

    fn who(&self, otherwise: &str) -> String {
        if self.names.is_empty() { otherwise.to_owned() } else { join(self.names) }
    }

    fn ask_sender(&self) -> String {
        if self.names.is_empty() {
            "ask whoever sent it".to_owned()
        } else {
            format!("ask {}, who sent it", join(self.names))
        }
    }

    fn be(&self) -> &'static str {
        if self.names.len() > 1 { "are" } else { "is" }
    }

    fn since(&self) -> String {
        self.finding.since.map_or_else(String::new, |since| format!(" since {}", date(self.calendar, since)))
    }

    /// The last day before an instant at which something ends: of midnight, the day before it.
    fn last_day(&self, end: Instant) -> String {
        date(self.calendar, end - Instant(1))
    }

    /// How many days ago, counted as on a calendar.
    fn ago(&self, since: Instant) -> String {
        const HALF_A_DAY: i64 = Instant::DAY.0 / 2;
        let (Some(then), Some(now)) = (midnight(self.calendar, since), midnight(self.calendar, self.as_of)) else {
            return "long ago".to_owned();
        };
        // A day on which the clocks change isn't 24 hours long.
        match (now.0.saturating_sub(then.0).saturating_add(HALF_A_DAY)) / Instant::DAY.0 {
            ..=0 => "today".to_owned(),
            1 => "1 day ago".to_owned(),
            days => format!("{days} days ago"),
        }
    }
}

/// The first instant of the day that an instant is in.
pub(crate) fn midnight(calendar: &Calendar, instant: Instant) -> Option<Instant> {
    let (year, month, day) = calendar.year_month_day(instant)?;
    Some(calendar.read(&format!("{year:04}-{month:02}-{day:02}")).ok()?.first)
}

/// A holder as people call them: name, role and organisation.
pub(crate) fn person(shown: &answerable_fhir::HolderShown) -> String {
    let name = shown.title.as_deref().unwrap_or(&shown.name);
    let organization = shown.organization.as_deref().filter(|organization| *organization != name);
    let details: Vec<&str> = shown.role.as_deref().into_iter().chain(organization).collect();
    if details.is_empty() { name.to_owned() } else { format!("{name} ({})", details.join(", ")) }
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn join(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [start @ .., last] => format!("{} and {last}", start.join(", ")),
    }
}

/// `1 person`, `2 people`.
pub(crate) fn count(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

/// A date as people write it: `14 March 2027`.
pub(crate) fn date(calendar: &Calendar, instant: Instant) -> String {
    match calendar.year_month_day(instant) {
        Some((year, month, day)) => day_of(i32::from(year), month, day),
        None => Calendar::write(instant),
    }
}

/// A date as it is written in records, as people write it: `2027-03-14` is `14 March 2027`, `2027-03` is `March 2027`.
pub(crate) fn written_date(written: &str) -> String {
    let parts: Option<Vec<u16>> = written.split('-').map(|part| part.parse().ok()).collect();
    match parts.as_deref() {
        Some(&[year, month @ 1..=12, day @ 1..=31]) => day_of(i32::from(year), month as u8, day as u8),
        Some(&[year, month @ 1..=12]) => format!("{} {year}", month_name(month as u8)),
        _ => clean(written),
    }
}

fn day_of(year: i32, month: u8, day: u8) -> String {
    format!("{day} {} {year}", month_name(month))
}

fn month_name(month: u8) -> &'static str {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    MONTHS.get(usize::from(month).wrapping_sub(1)).unwrap_or(&"")
}

/// An NHS number as people write it, 3 3 4; anything else as it is.
pub(crate) fn nhs_number(written: &str) -> String {
    let digits: String = written.chars().filter(|letter| !letter.is_whitespace()).collect();
    match (digits.get(..3), digits.get(3..6), digits.get(6..)) {
        (Some(one), Some(two), Some(three))
            if digits.len() == 10 && digits.bytes().all(|digit| digit.is_ascii_digit()) =>
        {
            format!("{one} {two} {three}")
        }
        _ => clean(written),
    }
}

/// Text from records without what could make a terminal or a page say something else: control characters, and
/// those that turn the direction of writing.
pub(crate) fn clean(text: &str) -> String {
    let is_harmful = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(is_harmful) {
        return text.to_owned();
    }
    text.replace(|letter: char| letter.is_whitespace() && is_harmful(letter), " ").replace(is_harmful, "\u{fffd}")
}

/// With its first letter in upper case.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// With its first letter in lower case, where that is a word of ours and no name.
pub(crate) fn lower(text: &str) -> String {
    const OURS: [&str; 8] = ["Since ", "Nobody ", "Only ", "The ", "This ", "No ", "Several ", "Someone "];
    if !OURS.iter().any(|word| text.starts_with(word)) {
        return text.to_owned();
    }
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_numbers_are_written_as_people_do() {
        for (written, expected) in [
            ("2007-11-14", "14 November 2007"),
            ("2007-11", "November 2007"),
            ("2007", "2007"),
            ("2007-13-01", "2007-13-01"),
        ] {
            assert_eq!(written_date(written), expected);
        }
        for (written, expected) in [
            ("9991782745", "999 178 2745"),
            ("999 178 2745", "999 178 2745"),
            ("12", "12"),
            ("99917827é5", "99917827é5"),
        ] {
            assert_eq!(nhs_number(written), expected);
        }
    }

    #[test]
    fn what_would_move_the_cursor_is_taken_out() {
        assert_eq!(clean("Ann\u{1b}[2J\nBell\u{202e}x"), "Ann\u{fffd}[2J Bell\u{fffd}x");
        assert_eq!(clean("Sýnishorn"), "Sýnishorn");
    }

    #[test]
    fn names_are_joined_as_in_a_sentence() {
        let names = ["A", "B", "C"].map(str::to_owned);
        assert_eq!(join(&names), "A, B and C");
        assert_eq!(join(&names[..1]), "A");
        assert_eq!(count(1, "person", "people"), "1 person");
        assert_eq!(count(0, "person", "people"), "0 people");
    }
}
