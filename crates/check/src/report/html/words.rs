//! Words of the vocabulary in plain English, and numbers and dates as people write them.

use answerable_care::{Instant, NeedKind, Severity, Verdict};

/// What a verdict says, and what it doesn't mean (docs/how-to/read-a-report.md).
pub(crate) fn verdict(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Held => {
            ("one named person, who accepted, leads or attends", "that they know it, or that the care is good")
        }
        Verdict::Assumed => (
            "one named person, by a weaker sign: a member of the team, the author of the plan, the sender, on the \
             register, seen last",
            "that they agreed",
        ),
        Verdict::Leaderless => (
            "several such persons, none of them marked as lead",
            "that they quarrel; most teams work and never wrote it down",
        ),
        Verdict::Contested => (
            "two or more who by the records accepted, lead or attend",
            "that one of them is wrong: they may share, unrecorded",
        ),
        Verdict::Unnamed => {
            ("an organisation, a team or a vacant post, and no person", "that nobody looks after them there")
        }
        Verdict::Lapsed => (
            "the named person’s post or registration, or their organisation, has ended",
            "that the care stopped on that day",
        ),
        Verdict::Unheld => ("no one at all", "that no one cares"),
    }
}

/// What a finding says.
pub(crate) fn finding(word: &str) -> &'static str {
    match word {
        "cliff-edge" => "someone answered for it until lately, and nobody took over",
        "orphaned" => "it was refused or failed, and nobody asked again",
        "in-flight" => "it was sent, and nobody has accepted it",
        "ageing-out" => "in children’s services, growing up, with no transition plan",
        "expiring" => "what holds it ends soon, and nobody is recorded after that",
        "stranger" => "who is recorded has never met the patient",
        "silent" => "no contact about it for more than a year",
        "voiceless" => "no goal in the words of the patient or of someone close to them",
        _ => Verdict::ALL.iter().find(|verdict| verdict.as_str() == word).map_or("", |found| verdict(*found).0),
    }
}

/// All findings that are no verdicts.
pub(crate) const EVENTS: [&str; 8] =
    ["cliff-edge", "orphaned", "in-flight", "ageing-out", "expiring", "stranger", "silent", "voiceless"];

/// A need without words.
pub(crate) fn need(kind: NeedKind) -> &'static str {
    match kind {
        NeedKind::Condition => "A condition without a name",
        NeedKind::Referral => "A referral",
        NeedKind::Plan => "A care plan",
        NeedKind::Episode => "An episode of care",
    }
}

/// `1,234,567`
pub(crate) fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count of what there may be one of.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(count), if count == 1 { one } else { many })
}

/// A count as the board sees it: nought, `*` for 1 to 7, else rounded to 5.
pub(crate) fn veiled(count: u64) -> String {
    match count {
        0 => "0".to_owned(),
        1..=7 => "*".to_owned(),
        _ => number(rounded(count)),
    }
}

/// To 5; what is shown as `*` is nought, so that no order tells more than the text.
pub(crate) fn rounded(count: u64) -> u64 {
    if count < 8 { 0 } else { count.saturating_add(2) / 5 * 5 }
}

/// How large a count is drawn for the board: whatever is shown as `*` alike.
pub(crate) fn drawn(count: u64) -> u64 {
    if matches!(count, 1..8) { 4 } else { rounded(count) }
}

/// How much older than the instant of judgement something is.
pub(crate) fn age(as_of: Instant, instant: Instant) -> String {
    let days = as_of.0.saturating_sub(instant.0).div_euclid(Instant::DAY.0);
    match days {
        ..0 => "after the instant of judgement".to_owned(),
        0 => "less than a day before".to_owned(),
        1 => "1 day before".to_owned(),
        _ => format!("{} days before", number(days.unsigned_abs())),
    }
}

/// How bad, in one word; of what isn't bad, none.
pub(crate) fn severity(severity: Option<Severity>) -> &'static str {
    severity.map_or("", Severity::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_as_the_board_sees_them() {
        let shown: Vec<String> = [0, 1, 7, 8, 9, 12, 13, 1_997, 123_456].into_iter().map(veiled).collect();
        assert_eq!(shown, ["0", "*", "*", "10", "10", "10", "15", "1,995", "123,455"]);
        assert_eq!([0, 1, 7, 8, u64::MAX].map(rounded), [0, 0, 0, 10, u64::MAX]);
        assert_eq!([0, 1, 7, 8].map(drawn), [0, 4, 4, 10]);
    }

    #[test]
    fn ages() {
        let days = |days: i64| age(Instant::DAY * 10, Instant::DAY * days);
        assert_eq!(
            [days(11), days(10), days(9), days(2)],
            ["after the instant of judgement", "less than a day before", "1 day before", "8 days before"]
        );
    }
}
