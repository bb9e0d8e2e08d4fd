//! A command is decided the same on the records that it reaches as on all of them.

use std::collections::BTreeSet;

use answerable_care::Instant;
use answerable_care::ledger::command::Command;
use answerable_care::ledger::event::Stream;
use answerable_care::ledger::id::PatientId;
use answerable_care::ledger::reach::reach;
use answerable_care::ledger::state::State;

use crate::world::World;

/// The state that a store would load for a command: the directory, and the streams of the patients it reaches.
pub(crate) fn part(world: &World, command: &Command, reading: Instant) -> State {
    let whole = &world.state;
    let reach = reach(command, &whole.directory, whole.recorded(reading));
    let mut wanted: BTreeSet<PatientId> = reach.ids.iter().filter_map(|id| whole.place(id).cloned()).collect();
    let reached =
        whole.patients.iter().filter(|(_, record)| record.is_reached(&reach, &whole.directory, &whole.limits));
    wanted.extend(reached.map(|(id, _)| id.clone()));
    load(world, &wanted)
}

/// The directory, and the streams of these patients.
pub(crate) fn load(world: &World, wanted: &BTreeSet<PatientId>) -> State {
    let whole = &world.state;
    let mut part = State::of_directory(whole.directory.clone());
    for event in &world.log {
        if let Stream::Patient(patient) = &event.change.stream
            && wanted.contains(patient)
        {
            part.evolve(event).unwrap();
        }
    }
    part.last_recorded = whole.last_recorded;
    part
}
