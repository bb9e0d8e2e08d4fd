//! What must always be true can go red: events that no command gives, and each stops the fold.

use answerable_care::Instant;
use answerable_care::ledger::event::handover::{AnswerabilityMoved, OfferAccepted, OfferMade, OfferSplit};
use answerable_care::ledger::event::need::{ClosedBy, DutyClosed, NeedClosed, PatientDischarged};
use answerable_care::ledger::event::{Basis, Change, Event, Recorded, Stream};
use answerable_care::ledger::id::{CommandId, DutyId, NeedId, OfferId, PatientId, RoleId};
use answerable_care::ledger::invariants;

use crate::language::Telling;

fn told(lines: &[&str]) -> Telling {
    let mut telling = Telling::of_the_ward();
    for line in lines {
        telling.line(line).unwrap();
    }
    telling
}

fn event(telling: &Telling, at: Instant, event: impl Into<Event>) -> Recorded {
    let stream = Stream::Patient(PatientId::new("amy").unwrap());
    let change = Change { stream, at, event: event.into() };
    Recorded { change, recorded: telling.now, command: CommandId::new("x").unwrap() }
}

fn moved(from: &str, to: &str, basis: Basis) -> AnswerabilityMoved {
    AnswerabilityMoved {
        patient: PatientId::new("amy").unwrap(),
        need: NeedId::new("asthma").unwrap(),
        duty: DutyId::new("amy-decide").unwrap(),
        basis,
        from: RoleId::new(from).unwrap(),
        to: RoleId::new(to).unwrap(),
        until: None,
        late: None,
    }
}

/// What the fold says of an event after these lines.
fn broken(lines: &[&str], of: impl Fn(&Telling) -> (Instant, Event)) -> String {
    let mut telling = told(lines);
    let (at, given) = of(&telling);
    let event = event(&telling, at, given);
    match telling.world.state.evolve(&event) {
        Err(broken) => broken.rule.to_owned(),
        Ok(()) => match invariants::after_command(&telling.world.state, &[event]) {
            Err(broken) => broken.rule.to_owned(),
            Ok(()) => "nothing".to_owned(),
        },
    }
}

const OPEN: &str = "open asthma of amy: amy-decide amy-monitor by okoro";
const OFFER: &str = "offer o1 of amy: amy-decide amy-monitor to hale within 14 days by okoro";

#[test]
fn what_breaks_an_invariant_stops_the_fold() {
    let offered = |id: &str| OfferMade {
        offer: OfferId::new(id).unwrap(),
        ..match &told(&[OPEN, OFFER]).world.log.last().unwrap().change.event {
            Event::OfferMade(made) => made.clone(),
            other => panic!("{other:?}"),
        }
    };
    let duty = || DutyId::new("amy-decide").unwrap();
    let need = || NeedId::new("asthma").unwrap();
    let before = |telling: &Telling| telling.now - Instant::HOUR;
    assert_eq!(broken(&[OPEN], |all| (before(all), moved("okoro", "hale", Basis::Accepted).into())), "I1");
    assert_eq!(
        broken(&[OPEN], |all| (all.now, NeedClosed { need: need(), by: ClosedBy::Holder, words: None }.into())),
        "I1"
    );
    let closed = || DutyClosed { duty: duty(), by: ClosedBy::Holder, words: None };
    assert_eq!(broken(&[OPEN, "close amy-decide by okoro"], |all| (all.now, closed().into())), "I1");
    assert_eq!(broken(&[OPEN], |all| (all.now, moved("hale", "patel", Basis::Accepted).into())), "I2");
    assert_eq!(broken(&[OPEN], |all| (all.now, moved("okoro", "hale", Basis::Asked).into())), "I2");
    assert_eq!(broken(&[OPEN, OFFER], |all| (all.now, offered("o2").into())), "I3");
    let accepted = |duties: Vec<DutyId>| OfferAccepted {
        offer: OfferId::new("o1").unwrap(),
        role: RoleId::new("hale").unwrap(),
        duties,
        read_back: None,
    };
    let accept = "accept o1 by hale";
    assert_eq!(broken(&[OPEN, OFFER, accept], |all| (all.now, accepted(vec![duty()]).into())), "I4");
    let split =
        OfferSplit { offer: OfferId::new("o1").unwrap(), rest: OfferId::new("o1/rest").unwrap(), duties: vec![duty()] };
    assert_eq!(broken(&[OPEN, OFFER, accept], |all| (all.now, split.clone().into())), "I8");
    let ended = [OPEN, "end hale by hale"];
    assert_eq!(broken(&ended, |all| (all.now, moved("okoro", "hale", Basis::StandingRule).into())), "I6");
    let left = PatientDischarged {
        patient: PatientId::new("amy").unwrap(),
        organisation: answerable_care::ledger::id::OrganisationId::new("hospital").unwrap(),
        r#override: None,
    };
    assert_eq!(broken(&[OPEN], |all| (all.now, left.clone().into())), "I7");
    assert_eq!(broken(&[OPEN], |all| (all.now, moved("okoro", "nia", Basis::Accepted).into())), "I13");
    assert_eq!(broken(&[OPEN], |all| (all.now, moved("okoro", "hale", Basis::Accepted).into())), "nothing");
}

/// A leaver with 300 patients: every duty goes to the lead, every open offer follows, in one answer.
#[test]
fn a_leaver_with_300_patients_leaves_nobody_unheld() {
    let mut telling = Telling::of_the_ward();
    for number in 0..300 {
        let lines = [
            format!("register patient p{number} born 1980-01-01"),
            format!("open n{number} of p{number}: d{number}-decide by hale"),
            format!("offer o{number} of p{number}: d{number}-decide to okoro within 14 days by hale"),
        ];
        lines.iter().for_each(|line| telling.line(line).unwrap());
    }
    let first = telling.world.log.len();
    telling.line("end hale by hale -> role_ended hale").unwrap();
    let changes = &telling.world.log[first..];
    assert_eq!(changes.len(), 1 + 300 * 2);
    let moved = changes.iter().filter_map(|event| match &event.change.event {
        Event::AnswerabilityMoved(moved) => Some(moved.duty.clone()),
        _ => None,
    });
    let moved: Vec<DutyId> = moved.collect();
    assert_eq!(moved.len(), 300);
    assert!(moved.is_sorted(), "duties move in byte order");
    telling.line("accept o7 by okoro -> okoro holds d7-decide; patel caretakes d8-decide").unwrap();
}

/// While a role's end is under way, a mark of the store, it accepts and is offered nothing.
#[test]
fn a_role_that_is_closing_takes_on_nothing() {
    let mut telling = told(&[OPEN, OFFER]);
    let hale = RoleId::new("hale").unwrap();
    telling.world.state.directory.roles.get_mut(&hale).unwrap().is_closing = true;
    telling.line("accept o1 by hale -> refused role-not-in-period").unwrap();
    telling.line("recall o1 by okoro").unwrap();
    telling.line("open knee of dee: dee-decide by hale -> refused role-not-in-period").unwrap();
    telling.line("offer o2 of amy: amy-decide to hale within 14 days by okoro -> refused role-not-in-period").unwrap();
    telling.line("end hale by hale -> role_ended hale").unwrap();
}
