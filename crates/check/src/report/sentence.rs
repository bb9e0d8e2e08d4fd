//! A finding in one sentence: what, since when, whom to ask.

use answerable_care::{Instant, Kind, Verdict};
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
    let Found { duty, finding, .. } = found;
    let who = who(view, found, naming);
    let named = |otherwise: &str| if who.is_empty() { otherwise.to_owned() } else { who.clone() };
    let ask = if who.is_empty() { "ask whoever refers or is registered".to_owned() } else { format!("ask {who}") };
    let since = finding.since.map_or_else(|| "at an unknown time".to_owned(), |since| date(calendar, since));
    let from = finding.since.map_or_else(String::new, |since| format!(" since {}", date(calendar, since)));
    let what = match finding.kind {
        Kind::CliffEdge => format!("{} answered for it until {since}, and since then nobody has taken it over; {ask}", named("someone")),
        Kind::Orphaned => format!("it was refused {} and not offered again; {ask}, who sent it", on(&since)),
        Kind::InFlight => {
            let days = finding.since.map(|since| (as_of.0.saturating_sub(since.0)) / Instant::DAY.0);
            let sent = days.map_or_else(|| "sent at an unknown time".to_owned(), |days| format!("sent on {since}, {days} days ago"));
            format!("{sent}, and nobody has accepted it; {ask}, who sent it")
        }
        Kind::Verdict(Verdict::Lapsed) => {
            format!("the only name in the records is {}, who has left or closed{from}; ask who took over", named("unknown"))
        }
        Kind::Verdict(Verdict::Contested) => format!("{} are each recorded as in charge{from}; ask which of them answers", named("several")),
        Kind::Verdict(Verdict::Unheld) => format!("nobody is recorded as answering for it{from}; ask where the patient is registered"),
        Kind::Verdict(Verdict::Unnamed) => format!("only {} is recorded, and no person{from}; ask there who answers", named("an organisation")),
        Kind::Verdict(Verdict::Leaderless) => format!("{} are all involved and none of them leads{from}; ask which of them answers", named("several")),
        Kind::Verdict(Verdict::Assumed | Verdict::Held) => format!("{} is only assumed to answer for it{from}; ask whether they know", named("someone")),
        Kind::AgeingOut => format!(
            "{} in children's services answers for it, the patient turned 14 on {since}, and there is no transition plan; {ask}",
            named("someone")
        ),
        Kind::Stranger => format!("{} is recorded as answering for it and has never met the patient; {ask}", named("someone")),
        Kind::Expiring => {
            let until = finding.until.map_or_else(|| "soon".to_owned(), |until| format!("on {}", date(calendar, until)));
            format!("what {} answers for ends {until}, and nobody is recorded after that; {ask}", named("someone"))
        }
        Kind::Silent => {
            let last = finding.since.map_or_else(String::new, |since| format!(" since {}", date(calendar, since)));
            format!("no contact about it is recorded{last}; ask whether it is still being looked after")
        }
        Kind::Voiceless => "no goal is recorded in the words of the patient or of someone close to them; ask what matters to them".to_owned(),
    };
    let mut sentence = match duty {
        Some(duty) if duty != "overall" => format!("{duty}: {what}"),
        _ => what,
    };
    if let Some(first) = sentence.get(..1).map(str::to_uppercase) {
        sentence.replace_range(..1, &first);
    }
    sentence.push('.');
    sentence
}

fn on(since: &str) -> String {
    if since.starts_with("at ") { since.to_owned() } else { format!("on {since}") }
}

/// Those whom a finding names.
fn who(view: View, found: Found, naming: Naming) -> String {
    let names: Vec<String> = match naming {
        Naming::Ids => view.holders(&found.finding.holders).into_iter().map(str::to_owned).collect(),
        Naming::People => view.shown_holders(&found.finding.holders).into_iter().map(person).collect(),
    };
    join(&names)
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

/// A date as people write it: `14 March 2027`.
pub(crate) fn date(calendar: &Calendar, instant: Instant) -> String {
    const MONTHS: [&str; 12] = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ];
    let Some((year, month, day)) = calendar.year_month_day(instant) else { return String::new() };
    format!("{day} {} {year}", MONTHS.get(usize::from(month) - 1).unwrap_or(&""))
}
