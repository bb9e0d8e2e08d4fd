//! What must hold of any history. The invariants themselves are asked after every command, by `world`.

use std::collections::BTreeMap;

use answerable_care::Instant;
use answerable_care::ledger::command::handover::To;
use answerable_care::ledger::command::{Ask, Command};
use answerable_care::ledger::decide::decide;
use answerable_care::ledger::event::{Change, Event, Recorded, Stream, by_stream};
use answerable_care::ledger::state::State;
use answerable_care::ledger::who::who;
use proptest::prelude::*;

use crate::language::Telling;
use crate::partial::{load, part};
use crate::random::{Step, histories, line};

/// Tells a random history; `before` sees each line with the story so far.
fn tell(steps: &[Step], mut before: impl FnMut(&Telling, &str)) -> (Telling, Vec<String>) {
    let mut telling = Telling::of_the_ward();
    let mut told = Story(Vec::new());
    for (number, step) in steps.iter().enumerate() {
        let Some(line) = line(&telling, step, number) else { continue };
        // After days the clock is believed only once a person has confirmed it.
        let confirmed = line.ends_with("days").then(|| "tick confirmed".to_owned());
        for line in std::iter::once(line).chain(confirmed) {
            before(&telling, &line);
            told.0.push(line.clone());
            // Refusals are answers too; what isn't understood is a mistake of the test.
            if let Err(why) = telling.line(&line) {
                assert!(why.starts_with("refused "), "{why}");
            }
        }
    }
    let lines = std::mem::take(&mut told.0);
    (telling, lines)
}

/// The lines told so far, said where one of them breaks something: the last that is said is the shortest story.
struct Story(Vec<String>);

impl Drop for Story {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("\n# This story breaks something:\n{}\n", self.0.join("\n"));
        }
    }
}

/// A role's end can be run as steps, each with one patient loaded: what happens to that patient is the same.
fn patient_by_patient(telling: &Telling, command: &Command, reading: Instant, whole: &[Change]) {
    for (stream, changes) in by_stream(whole.to_vec()) {
        if let Stream::Patient(patient) = &stream {
            let alone = load(&telling.world, &[patient.clone()].into());
            let alone = by_stream(decide(&alone, command, reading).unwrap());
            assert!(alone.contains(&(stream.clone(), changes)), "{patient}");
        }
    }
}

/// Instants at which something may have changed, and one just before each.
fn instants(telling: &Telling) -> Vec<Instant> {
    let of = telling.world.log.iter().map(|event| event.change.at);
    let mut all: Vec<Instant> = of.flat_map(|at| [at, Instant(at.0 - 1)]).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// I11: the log, folded again, is the same state; and what was known at any time is what was told then.
pub(crate) fn replays(steps: &[Step], cut: prop::sample::Index) {
    let (telling, told) = tell(steps, |_, _| ());
    let log = &telling.world.log;
    let known_at = log[cut.index(log.len())].recorded;
    let (mut again, mut then) = (State::default(), State::default());
    for event in log {
        again.evolve(event).unwrap();
        if event.recorded <= known_at {
            then.evolve(event).unwrap();
        }
    }
    assert_eq!(again, telling.world.state);
    for at in instants(&telling) {
        let (now, was) = (who(&again, at, known_at), who(&then, at, Instant::MAX));
        assert_eq!(now, was, "{}", told.join("\n"));
    }
}

/// I1: at every instant each duty that is open has one holder, and only those; a holding starts when the one before
/// ends.
pub(crate) fn has_one_holder(steps: &[Step]) {
    let (telling, told) = tell(steps, |_, _| ());
    let state = &telling.world.state;
    for at in instants(&telling) {
        let mut holders: BTreeMap<String, usize> = BTreeMap::new();
        for row in who(state, at, Instant::MAX) {
            *holders.entry(row.duty.to_string()).or_default() += 1;
            assert!(row.since <= at);
        }
        for duty in state.patients.values().flat_map(|record| &record.duties) {
            // Straight from the log: opened and not closed by then, in the order of recording.
            let is_of = |event: &&Recorded| event.change.at <= at;
            let last = telling.world.log.iter().filter(is_of).filter_map(|event| match &event.change.event {
                Event::DutyOpened(opened) if opened.duty == *duty.0 => Some(true),
                Event::AnswerabilityMoved(moved) if moved.duty == *duty.0 => Some(true),
                Event::DutyClosed(closed) if closed.duty == *duty.0 => Some(false),
                _ => None,
            });
            let is_open = last.fold(false, |_, is_open| is_open);
            let count = holders.get(duty.0.as_str()).copied().unwrap_or(0);
            assert_eq!(count, usize::from(is_open), "{} at {:?}\n{}", duty.0, at, told.join("\n"));
        }
    }
}

/// I6: a role whose end is under way asks for nothing but that end, and nothing goes to it.
pub(crate) fn takes_on_nothing_while_it_closes(steps: &[Step]) {
    let (_, _) = tell(steps, |telling, line| {
        if line.starts_with('+') {
            return;
        }
        let mut next = telling.clone();
        next.now = next.now + Instant(60_000_000);
        let (now, command) = (next.now, next.command(line).unwrap());
        for closing in telling.world.state.directory.roles.keys() {
            let mut state = telling.world.state.clone();
            state.directory.roles.get_mut(closing).unwrap().is_closing = true;
            let changes = decide(&state, &command, now).unwrap_or_default();
            let is_its_end = matches!(&command.ask, Ask::EndRole(ask) if ask.role == *closing);
            assert!(changes.is_empty() || is_its_end || command.by.role() != Some(closing), "{closing}: {line}");
            let goes_to_it = changes.iter().any(|change| match &change.event {
                Event::AnswerabilityMoved(moved) => moved.to == *closing,
                Event::DutyOpened(opened) => opened.holder == *closing,
                Event::OfferMade(made) => made.to == To::Role(closing.clone()),
                _ => false,
            });
            assert!(!goes_to_it, "{closing}: {line}");
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn replaying_gives_the_same_as_it_was_known(steps in histories(), cut in any::<prop::sample::Index>()) {
        replays(&steps, cut);
    }

    #[test]
    fn every_instant_has_exactly_one_holder_for_each_open_duty(steps in histories()) {
        has_one_holder(&steps);
    }

    #[test]
    fn a_role_that_is_closing_takes_on_nothing(steps in histories()) {
        takes_on_nothing_while_it_closes(&steps);
    }

    /// A store that loads only what a command reaches decides as one that has loaded everything.
    #[test]
    fn a_part_of_the_state_decides_as_the_whole(steps in histories()) {
        let (_, _) = tell(&steps, |telling, line| {
            if line.starts_with('+') {
                return;
            }
            let mut next = telling.clone();
            next.now = next.now + Instant(60_000_000);
            let command = next.command(line).unwrap();
            let loaded = part(&telling.world, &command, next.now);
            let whole = decide(&telling.world.state, &command, next.now);
            assert_eq!(decide(&loaded, &command, next.now), whole, "{line}");
            if let (Ask::EndRole(_), Ok(changes)) = (&command.ask, &whole) {
                patient_by_patient(telling, &command, next.now, changes);
            }
        });
    }

    /// Grouped by stream, changes keep their order in each and none is lost.
    #[test]
    fn changes_by_stream_are_the_same_changes(steps in histories()) {
        let (telling, _) = tell(&steps, |_, _| ());
        let all: Vec<_> = telling.world.log.iter().map(|event| event.change.clone()).collect();
        let grouped = by_stream(all.clone());
        prop_assert_eq!(grouped.iter().map(|(_, changes)| changes.len()).sum::<usize>(), all.len());
        for (stream, changes) in grouped {
            let of_it: Vec<_> = all.iter().filter(|change| change.stream == stream).cloned().collect();
            prop_assert_eq!(changes, of_it);
        }
    }
}

/// The histories come to something: acceptances, moves of every basis, clashes, expiries, lapses. A generator whose
/// every line is refused would prove nothing.
#[test]
fn random_histories_reach_what_matters() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut given: BTreeMap<&str, usize> = BTreeMap::new();
    for _ in 0..300 {
        let steps = histories().new_tree(&mut runner).unwrap().current();
        for event in &tell(&steps, |_, _| ()).0.world.log {
            *given.entry(event.change.event.kind().as_str()).or_default() += 1;
        }
    }
    let wanted = [
        "offer_accepted",
        "offer_split",
        "offer_countered",
        "offer_expired",
        "offer_lapsed",
        "offer_taken_over",
        "answerability_moved",
        "return_lapsed",
        "role_ended",
        "lead_vacant",
        "contribution_ended",
        "duty_closed",
        "need_reopened",
        "patient_discharged",
        "late_handover_proposed",
        "dispute_raised",
        "escalated",
        "bulk_offered",
        "patient_told",
        "transition_alarm",
        "organisation_closed",
        "period_proposed",
        "scope_proposed",
    ];
    let missing: Vec<&&str> = wanted.iter().filter(|name| !given.contains_key(**name)).collect();
    assert!(missing.is_empty(), "never given: {missing:?} among {given:?}");
}
