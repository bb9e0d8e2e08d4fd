//! The models: who is there, what each may send, and how far each is explored.

use std::sync::Arc;

use answerable_care::Instant;
use answerable_care::ledger::command::Command;
use answerable_care::ledger::id::CommandId;
use answerable_care::ledger::state::Limits;
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
    pub(crate) before: &'static str,
    pub(crate) messages: &'static [&'static str],
    pub(crate) readings: u8,
    pub(crate) repeats: u8,
    pub(crate) is_slow: bool,
    pub(crate) reaches: &'static [&'static str],
}

pub(crate) const RUNS: &[Run] = &[Run {
    name: "an offer and its answers",
    before: "open asthma of amy: amy-decide amy-monitor by okoro",
    messages: &[
        "offer o1 of amy: amy-decide amy-monitor to hale within 30 hours by okoro",
        "accept o1 by hale",
        "decline o1 by hale",
        "recall o1 by okoro",
        "accept o1 by webb",
        "offer o2 of amy: amy-monitor to webb within 30 hours by okoro",
        "accept o2 by webb",
        "recall o2 by hale",
    ],
    readings: 4,
    repeats: 1,
    is_slow: false,
    reaches: &["accepted", "declined", "recalled", "expired"],
}];

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
            readings: self.readings,
            repeats: self.repeats,
            is_slow: self.is_slow,
            reaches: self.reaches,
            planted,
        }
    }
}

#[test]
fn explored() {
    for run in RUNS {
        let began = std::time::Instant::now();
        let checked = run.protocol(None).checker().finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
        eprintln!(
            "{}: {} states, {} steps, depth {} in {:?}",
            run.name,
            checked.unique_state_count(),
            checked.state_count(),
            checked.max_depth(),
            began.elapsed()
        );
        checked.assert_properties();
    }
}
