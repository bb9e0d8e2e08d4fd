//! The models: who is there, what each may send, and how far each is explored.

use std::sync::Arc;

use answerable_care::Instant;
use answerable_care::ledger::command::Command;
use answerable_care::ledger::id::CommandId;
use answerable_care::ledger::state::Limits;
#[cfg(feature = "planted")]
use stateright::Expectation;
use stateright::{Checker, HasDiscoveries, Model};

use super::forget::forget;
use super::protocol::Protocol;
use crate::language::Telling;

/// One ward and one surgery below a board; three clinicians, two duties.
const PEOPLE: &str = "
    register organisation board
    register organisation ward below board
    register organisation surgery below board
    register practitioner dr-chair
    register practitioner dr-okoro
    register practitioner dr-webb
    register practitioner dr-hale
    register role chair of dr-chair at board for coordinate
    register role okoro of dr-okoro at ward for *
    register role webb of dr-webb at ward for monitor
    register role hale of dr-hale at surgery for *
    lead board: chair by system
    lead board: chair by chair
    lead surgery: hale by chair
    lead surgery: hale by hale
    register patient amy born 1980-01-01
    register patient ben born 1980-01-01
";

/// A model in the words of the stories.
pub(crate) struct Run {
    pub(crate) name: &'static str,
    /// What was done before.
    before: &'static str,
    /// What each may send, once, at any reading up to the last but three.
    messages: &'static [&'static str],
    bounds: Bounds,
    /// What must come about in some run.
    reaches: &'static [&'static str],
    /// How many moments there are, and how many ways from one to another: a change of the protocol is noticed.
    states: usize,
    ways: usize,
}

#[derive(Clone, Copy)]
struct Bounds {
    /// The last reading of the clock.
    readings: u8,
    /// How often the network repeats a message, of all.
    repeats: u8,
    /// Whether a writer may take a message or a step, and append late or crash.
    is_slow: bool,
}

pub(crate) const ANSWERS: Run = Run {
    name: "an offer and its answers",
    before: "open asthma of amy: amy-decide amy-monitor by okoro",
    messages: &[
        "offer o1 of amy: amy-decide amy-monitor to hale within 30 hours by okoro",
        "accept o1 by hale",
        "decline o1 by hale",
        "recall o1 by okoro",
        "accept o1 part: amy-monitor by webb",
        "offer o2 of amy: amy-monitor to webb within 30 hours by okoro",
        "accept o2 by webb",
    ],
    bounds: Bounds { readings: 4, repeats: 1, is_slow: false },
    reaches: &["accepted", "declined", "recalled", "expired"],
    states: 68_681,
    ways: 430_593,
};

pub(crate) const PARTS: Run = Run {
    name: "parts and counters",
    before: "open asthma of amy: amy-decide amy-monitor by okoro",
    messages: &[
        "offer o1 of amy: amy-decide amy-monitor to hale within 30 hours by okoro",
        "accept o1 part: amy-decide by hale",
        "accept o1/rest by hale",
        "recall o1/rest by okoro",
        "counter o1 with c1: amy-decide within 20 hours by hale",
        "agree c1 by okoro",
        "recall c1 by hale",
        "decline c1 by okoro",
        "recall c1 by okoro",
    ],
    bounds: Bounds { readings: 4, repeats: 1, is_slow: false },
    reaches: &["accepted", "in parts", "countered", "declined", "recalled", "expired"],
    states: 39_791,
    ways: 256_092,
};

pub(crate) const LEAVING: Run = Run {
    name: "a role ends while an offer to it is accepted",
    before: "open asthma of amy: amy-decide by okoro
        open knee of ben: ben-decide by hale
        advice h1: amy-decide to hale by okoro
        offer o1 of amy: amy-decide to hale within 30 hours by okoro
        offer o2 of ben: ben-decide to okoro within 30 hours by hale",
    messages: &["accept o1 by hale", "accept o2 by okoro", "end hale by hale", "recall o1 by okoro"],
    bounds: Bounds { readings: 3, repeats: 0, is_slow: true },
    reaches: &["accepted", "recalled", "expired", "lapsed", "caretaken", "accepted while its holder leaves"],
    states: 55_405,
    ways: 279_608,
};

pub(crate) const LATE_END: Run = Run {
    name: "a role ends as of an earlier time",
    before: "open asthma of amy: amy-decide by okoro
        open pain of amy: amy-monitor by webb
        offer o1 of amy: amy-decide to hale within 30 hours by okoro",
    messages: &[
        "accept o1 by hale",
        "end hale by hale",
        "offer o2 of amy: amy-monitor to hale within 30 hours by webb",
        "accept o2 by hale",
    ],
    bounds: Bounds { readings: 4, repeats: 1, is_slow: false },
    reaches: &["accepted", "expired", "lapsed", "caretaken", "accepted while its holder leaves"],
    states: 16_255,
    ways: 60_599,
};

pub(crate) const LENDING: Run = Run {
    name: "lent until a date",
    before: "open asthma of amy: amy-decide by okoro
        advice h1: amy-decide to webb by okoro
        offer o1 of amy: amy-decide to hale within 30 hours until 50 hours actions 1 by okoro",
    messages: &[
        "accept o1 reads 1 by hale",
        "accept o1 by hale",
        "offer o2 of amy: amy-decide to webb within 30 hours by okoro",
        "end okoro by okoro",
    ],
    bounds: Bounds { readings: 4, repeats: 1, is_slow: false },
    reaches: &["accepted", "expired", "returned", "caretaken"],
    states: 23_505,
    ways: 124_763,
};

/// Further: `cargo test --release -p answerable-care --test ledger -- --ignored explored_further`.
const FURTHER: [Run; 5] = [
    Run { bounds: Bounds { readings: 4, repeats: 2, is_slow: true }, states: 401_700, ways: 3_104_550, ..PARTS },
    Run { bounds: Bounds { readings: 4, repeats: 1, is_slow: true }, states: 785_721, ways: 4_999_572, ..LEAVING },
    Run { bounds: Bounds { readings: 4, repeats: 2, is_slow: true }, states: 158_871, ways: 817_576, ..LATE_END },
    Run { bounds: Bounds { readings: 5, repeats: 1, is_slow: true }, states: 688_641, ways: 4_972_730, ..LENDING },
    Run {
        name: "two roles end at once",
        messages: &["accept o1 by hale", "accept o2 by okoro", "end hale by hale", "end okoro by okoro"],
        bounds: Bounds { readings: 4, repeats: 1, is_slow: false },
        reaches: &["accepted", "lapsed", "caretaken", "two leave at once"],
        states: 377_999,
        ways: 1_762_811,
        ..LEAVING
    },
];

impl Run {
    pub(super) fn protocol(&self, planted: Option<&'static str>) -> Protocol {
        let mut telling = Telling::after(&format!("{PEOPLE}\n{}", self.before));
        let state = &mut telling.world.state;
        let never = Instant::DAY * 3660;
        state.limits = Limits { untold: never, unplaced: never, unresolved: never, ..state.limits };
        forget(state);
        let message = |(number, line): (usize, &&str)| Command {
            id: CommandId::new(&format!("m{number}")).unwrap(),
            ..telling.command(line).unwrap_or_else(|why| panic!("{line}: {why}"))
        };
        Protocol {
            messages: self.messages.iter().enumerate().map(message).collect(),
            start: telling.now,
            beginning: Arc::new(telling.world.state.clone()),
            readings: self.bounds.readings,
            repeats: self.bounds.repeats,
            is_slow: self.bounds.is_slow,
            reaches: self.reaches,
            planted,
        }
    }

    /// Explores it to the end; says so where there is more or less of it than was counted.
    fn explore(&self) -> Result<(), String> {
        let began = std::time::Instant::now();
        let checked = self.protocol(None).checker().finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
        let (states, ways) = (checked.unique_state_count(), checked.state_count());
        println!("{}: {states} states, {ways} ways, depth {}, {:.0?}", self.name, checked.max_depth(), began.elapsed());
        checked.assert_properties();
        let is_as_counted = (states, ways) == (self.states, self.ways);
        if is_as_counted { Ok(()) } else { Err(format!("{}: {states} states, {ways} ways", self.name)) }
    }

    /// Which property a planted bug breaks, if it does.
    #[cfg(feature = "planted")]
    pub(crate) fn catches(&self, planted: &'static str) -> Option<&'static str> {
        let protocol = self.protocol(Some(planted)).checker();
        let checked = protocol.finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
        let found = checked.discoveries();
        let mut broken = checked
            .model()
            .properties()
            .into_iter()
            .filter(|property| property.expectation != Expectation::Sometimes && found.contains_key(property.name));
        broken.next().map(|property| property.name)
    }
}

#[test]
fn an_offer_and_its_answers_are_explored() {
    ANSWERS.explore().unwrap();
}

#[test]
fn parts_and_counters_are_explored() {
    PARTS.explore().unwrap();
}

#[test]
fn the_end_of_a_role_is_explored() {
    LEAVING.explore().unwrap();
}

#[test]
fn the_late_end_of_a_role_is_explored() {
    LATE_END.explore().unwrap();
}

#[test]
fn lending_is_explored() {
    LENDING.explore().unwrap();
}

/// `docs/reference/model.md`.
pub(crate) fn page() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/model.md");
    std::fs::read_to_string(path).unwrap()
}

/// The page has the bounds and the counts, which each exploration compares.
#[test]
fn the_page_says_what_is_explored() {
    let grouped = |number: usize| match (number / 1_000_000, number / 1000 % 1000, number % 1000) {
        (0, thousands, rest) => format!("{thousands} {rest:03}"),
        (millions, thousands, rest) => format!("{millions} {thousands:03} {rest:03}"),
    };
    let line = |run: &Run| {
        let Bounds { readings, repeats, is_slow } = run.bounds;
        let (slow, states, ways) = (if is_slow { "yes" } else { "no" }, grouped(run.states), grouped(run.ways));
        format!("| {} | {} | {readings} | {repeats} | {slow} | {states} | {ways} |", run.name, run.messages.len())
    };
    let all = [ANSWERS, PARTS, LEAVING, LATE_END, LENDING].into_iter().chain(FURTHER);
    let unsaid: Vec<String> = all.map(|run| line(&run)).filter(|line| !page().contains(line)).collect();
    assert!(unsaid.is_empty(), "docs/reference/model.md lacks\n{}", unsaid.join("\n"));
}

/// *In the end* can go red: where the clock stops before they are due, open offers are settled in no time.
#[test]
fn an_offer_stays_open_where_the_clock_stops() {
    let stopped = Run { bounds: Bounds { readings: 1, repeats: 0, is_slow: false }, reaches: &[], ..LEAVING };
    let checked = stopped.protocol(None).checker().spawn_bfs().join();
    let found: Vec<&str> = checked.discoveries().into_keys().collect();
    assert_eq!(found, ["every open offer is settled"]);
}

#[test]
#[ignore = "takes minutes: with --release"]
fn explored_further() {
    let others: Vec<String> = FURTHER.iter().filter_map(|run| run.explore().err()).collect();
    assert!(others.is_empty(), "{}", others.join("\n"));
}
