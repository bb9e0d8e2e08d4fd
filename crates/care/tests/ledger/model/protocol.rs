//! The protocol as a model: whoever may send a message, the network between, a writer beside others, the clock.

use std::sync::Arc;

use answerable_care::Instant;
use answerable_care::ledger::command::rest::Tick;
use answerable_care::ledger::command::{Ask, Asker, Command};
use answerable_care::ledger::decide::{decide, rest_of_command};
use answerable_care::ledger::event::{Change, Event, Recorded, Stream};
use answerable_care::ledger::id::{CommandId, Mention, PatientId};
use answerable_care::ledger::invariants;
use answerable_care::ledger::refusal::Refusal;
use answerable_care::ledger::state::{OfferState, Patient, State};
use stateright::{Model, Property};

use super::forget::forget;
use super::properties;
use crate::referee::{Foul, Play, judge};

/// How long the clock waits between readings: a message is in time one reading after it was sent, and late after two.
pub(super) const BETWEEN_READINGS: Instant = Instant(20 * Instant::HOUR.0);

/// What can happen within these bounds.
pub(super) struct Protocol {
    /// The ledger before anything is sent.
    pub(super) beginning: Arc<State>,
    /// The first reading.
    pub(super) start: Instant,
    /// What may be sent, each once, at any reading up to the last but three.
    pub(super) messages: Vec<Command>,
    /// The last reading. What is sent three before it is settled by then.
    pub(super) readings: u8,
    /// How often the network repeats a message, of all.
    pub(super) repeats: u8,
    /// Whether a slow writer may take a message and crash before it appends.
    pub(super) is_slow: bool,
    /// What must come about in some run, for else the model would prove nothing.
    pub(super) reaches: &'static [&'static str],
    /// A bug to be planted.
    pub(super) planted: Option<&'static str>,
}

/// Everything, at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Moment {
    /// The ledger: a fold of the log, with what makes no difference any more forgotten.
    pub(super) ledger: Arc<State>,
    /// What the clock reads.
    pub(super) reading: u8,
    /// Whether it has ticked at this reading.
    pub(super) is_ticked: bool,
    /// What became of each message.
    pub(super) post: Vec<Post>,
    /// How often the network may repeat one yet.
    pub(super) repeats: u8,
    /// What the slow writer has decided and not appended.
    pub(super) slow: Option<Taken>,
    /// Ends of roles that are under way: the message, when it was sent, and what the clock read as it began.
    pub(super) ends: Vec<(u8, u8, u8)>,
    /// What was broken, if anything: then nothing more happens.
    pub(super) foul: Option<Foul>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Post {
    Unsent,
    /// On its way, as of this reading.
    Sent(u8),
    /// Done: if it comes again, the answer is the same and nothing is done.
    Done,
    /// Lost, or refused.
    Over,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Taken {
    job: Job,
    reading: u8,
}

/// What a writer does in one transaction.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Job {
    /// Decides a message that was sent at a reading.
    Answer(u8, u8),
    /// Hands on one patient's duties of the role that ends by a message.
    Step(u8, PatientId),
    /// Ends that role, when nothing else is left to do.
    Finish(u8),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Action {
    Send(u8),
    Lose(u8),
    /// The network delivers a message, and keeps a copy to deliver again.
    Repeat(u8),
    /// A writer decides and appends at once.
    Write(Job),
    /// The slow writer decides.
    Take(Job),
    /// It appends; where another has written since, it decides anew, as the store makes it.
    Append,
    /// It never will.
    Crash,
    Tick,
    Wait,
}

impl Protocol {
    fn instant(&self, reading: u8) -> Instant {
        self.start + BETWEEN_READINGS * i64::from(reading)
    }

    fn command(&self, message: u8, sent: u8) -> Command {
        Command { at: self.instant(sent), ..self.messages[usize::from(message)].clone() }
    }

    /// Who names what isn't there is refused, so nobody does.
    fn can_be_named(&self, ledger: &State, message: u8) -> bool {
        let is_there = |mention: Mention| match mention {
            Mention::Known(id) => ledger.knows(&id),
            Mention::New(_) => true,
        };
        self.messages[usize::from(message)].mentions().into_iter().all(is_there)
    }

    /// The ledger as the end of a role sees it: the role may still do what ends it.
    fn as_begun(&self, ledger: &State, message: u8) -> State {
        let mut begun = ledger.clone();
        if let Ask::EndRole(ask) = &self.messages[usize::from(message)].ask
            && let Some(role) = begun.directory.roles.get_mut(&ask.role)
        {
            role.is_closing = false;
        }
        begun
    }

    /// What is left to do of an end, with some patients loaded.
    fn rest(&self, moment: &Moment, end: (u8, u8, u8), loads: impl Fn(&PatientId) -> bool) -> Rest {
        let (message, sent, began) = end;
        let command = self.command(message, sent);
        let mut begun = self.as_begun(&moment.ledger, message);
        begun.patients.retain(|patient, _| loads(patient));
        let recorded = begun.recorded(self.instant(began));
        let changes = rest_of_command(&begun, &command, recorded);
        Rest { command, changes, recorded }
    }

    /// Patients to whom an end has something left to do.
    fn left(&self, moment: &Moment, end: (u8, u8, u8)) -> Vec<PatientId> {
        let all = self.rest(moment, end, |_| true).changes;
        let mut left: Vec<PatientId> = all.iter().filter_map(patient).cloned().collect();
        left.sort_unstable();
        left.dedup();
        left
    }

    /// Does a job in one transaction, by a clock that read this; none if it can't be done now.
    fn write(&self, mut moment: Moment, job: &Job, reading: u8) -> Option<Moment> {
        match job {
            Job::Answer(message, _) if moment.post[usize::from(*message)] == Post::Done => return Some(moment),
            Job::Answer(message, sent) => {
                let command = self.command(*message, *sent);
                let reading_at = self.instant(reading);
                let recorded = moment.ledger.recorded(reading_at);
                match decide(&moment.ledger, &command, reading_at) {
                    Err(refusal) => self.see(&mut moment, &command, Err(refusal), recorded),
                    Ok(changes) if is_in_steps(&changes) => {
                        moment.ends.push((*message, *sent, reading));
                        moment.ends.sort_unstable();
                        moment.post[usize::from(*message)] = Post::Done;
                        close(&mut moment, &changes);
                    }
                    Ok(changes) => {
                        self.see(&mut moment, &command, Ok(&changes), recorded);
                        moment.post[usize::from(*message)] = Post::Done;
                    }
                }
            }
            Job::Step(message, patient) => {
                let end = *moment.ends.iter().find(|end| end.0 == *message)?;
                let Rest { command, mut changes, recorded } = self.rest(&moment, end, |one| one == patient);
                changes.retain(|change| self::patient(change).is_some());
                self.see(&mut moment, &command, Ok(&changes), recorded);
            }
            Job::Finish(message) => {
                let end = *moment.ends.iter().find(|end| end.0 == *message)?;
                if !self.left(&moment, end).is_empty() {
                    return None;
                }
                let Rest { command, changes, recorded } = self.rest(&moment, end, |_| false);
                self.see(&mut moment, &command, Ok(&changes), recorded);
                moment.ends.retain(|other| *other != end);
            }
        }
        Some(moment)
    }

    /// Takes in what was decided, and has it judged.
    fn see(&self, moment: &mut Moment, command: &Command, outcome: Result<&[Change], Refusal>, recorded: Instant) {
        let mut after = State::clone(&moment.ledger);
        let taken_in = outcome.map_or(Ok(()), |changes| take_in(&mut after, command, changes, recorded));
        let play = Play { before: &moment.ledger, command, recorded, outcome, after: &after };
        moment.foul = taken_in.and_then(|()| judge(&play)).err();
        forget(&mut after);
        moment.ledger = Arc::new(after);
    }

    fn tick(&self, mut moment: Moment) -> Moment {
        let reading = self.instant(moment.reading);
        let ask = Ask::Tick(Tick { confirmed: None });
        let id = CommandId::new("tick").unwrap();
        let tick = Command { id, by: Asker::Clock, at: reading, reason: None, recorded: None, ask };
        let outcome = decide(&moment.ledger, &tick, reading);
        let recorded = moment.ledger.recorded(reading);
        self.see(&mut moment, &tick, outcome.as_deref().map_err(|refusal| *refusal), recorded);
        moment.is_ticked = true;
        moment
    }

    /// Whether something is still open that time settles.
    pub(super) fn is_overdue(&self, moment: &Moment) -> bool {
        let now = self.instant(moment.reading);
        moment.ledger.patients.values().any(|record| {
            record.offers.values().any(|offer| offer.state == OfferState::Open && offer.due <= now)
                || record.held().any(|(_, _, held)| held.until.as_ref().is_some_and(|until| until.at <= now))
        })
    }
}

struct Rest {
    command: Command,
    changes: Vec<Change>,
    recorded: Instant,
}

fn patient(change: &Change) -> Option<&PatientId> {
    if let Stream::Patient(patient) = &change.stream { Some(patient) } else { None }
}

/// As the store: a role's end that touches patients runs as steps.
fn is_in_steps(changes: &[Change]) -> bool {
    changes.iter().any(|change| matches!(change.event, Event::RoleEnded(_)))
        && changes.iter().any(|change| patient(change).is_some())
}

/// The mark that a role is closing: it is no event.
fn close(moment: &mut Moment, changes: &[Change]) {
    let directory = &mut Arc::make_mut(&mut moment.ledger).directory;
    for change in changes {
        if let Event::RoleEnded(event) = &change.event
            && let Some(role) = directory.roles.get_mut(&event.role)
        {
            role.is_closing = true;
        }
    }
}

/// The fold, with all that it asserts.
fn take_in(after: &mut State, command: &Command, changes: &[Change], recorded: Instant) -> Result<(), Foul> {
    let mut taken = Vec::new();
    let broken = |broken: answerable_care::ledger::evolve::Broken| Foul { rule: broken.rule, how: broken.how };
    for change in changes {
        let before = patient(change).and_then(|patient| after.patients.get(patient)).cloned();
        let event = Recorded { change: change.clone(), recorded, command: command.id.clone() };
        after.evolve(&event).map_err(broken)?;
        let now = patient(change).and_then(|patient| after.patients.get(patient));
        if let (Some(before), Some(now)) = (before, now) {
            invariants::i5_i9(&before, now, &change.event).map_err(broken)?;
        }
        taken.push(event);
    }
    invariants::after_command(after, &taken).and_then(|()| invariants::of_state(after)).map_err(broken)
}

impl Model for Protocol {
    type State = Moment;
    type Action = Action;

    fn init_states(&self) -> Vec<Moment> {
        vec![Moment {
            ledger: Arc::clone(&self.beginning),
            reading: 0,
            is_ticked: true,
            post: vec![Post::Unsent; self.messages.len()],
            repeats: self.repeats,
            slow: None,
            ends: Vec::new(),
            foul: None,
        }]
    }

    fn actions(&self, moment: &Moment, actions: &mut Vec<Action>) {
        plant(self.planted);
        if moment.foul.is_some() {
            return;
        }
        let mut jobs = Vec::new();
        for (message, post) in (0..).zip(&moment.post) {
            match post {
                Post::Unsent if moment.reading + 3 <= self.readings && self.can_be_named(&moment.ledger, message) => {
                    actions.push(Action::Send(message));
                }
                Post::Sent(sent) => {
                    actions.push(Action::Lose(message));
                    jobs.push(Job::Answer(message, *sent));
                    if moment.repeats > 0 {
                        actions.push(Action::Repeat(message));
                    }
                }
                _ => (),
            }
        }
        for end in &moment.ends {
            let left = self.left(moment, *end);
            if left.is_empty() {
                jobs.push(Job::Finish(end.0));
            }
            jobs.extend(left.into_iter().map(|patient| Job::Step(end.0, patient)));
        }
        if self.is_slow && moment.slow.is_none() {
            actions.extend(jobs.iter().cloned().map(Action::Take));
        }
        actions.extend(jobs.into_iter().map(Action::Write));
        if moment.slow.is_some() {
            actions.extend([Action::Append, Action::Crash]);
        }
        if !moment.is_ticked || (moment.reading == self.readings && self.is_overdue(moment)) {
            actions.push(Action::Tick);
        }
        if moment.is_ticked && moment.reading < self.readings {
            actions.push(Action::Wait);
        }
    }

    fn next_state(&self, last: &Moment, action: Action) -> Option<Moment> {
        plant(self.planted);
        let mut next = last.clone();
        let arrives = |next: &mut Moment, job: &Job| {
            if let Job::Answer(message, _) = job {
                next.post[usize::from(*message)] = Post::Over;
            }
        };
        match action {
            Action::Send(message) => next.post[usize::from(message)] = Post::Sent(last.reading),
            Action::Lose(message) => next.post[usize::from(message)] = Post::Over,
            Action::Repeat(message) => {
                let Post::Sent(sent) = last.post[usize::from(message)] else { return None };
                next.repeats -= 1;
                next = self.write(next, &Job::Answer(message, sent), last.reading)?;
            }
            Action::Write(job) => {
                arrives(&mut next, &job);
                next = self.write(next, &job, last.reading)?;
            }
            Action::Take(job) => {
                arrives(&mut next, &job);
                next.slow = Some(Taken { job, reading: last.reading });
            }
            Action::Append => {
                let Taken { job, reading } = next.slow.take()?;
                next = match job {
                    // What it was about is done: by another.
                    Job::Step(..) | Job::Finish(_) => {
                        let undone = next.clone();
                        self.write(next, &job, reading).unwrap_or(undone)
                    }
                    Job::Answer(..) => self.write(next, &job, reading)?,
                };
            }
            Action::Crash => next.slow = None,
            Action::Tick => next = self.tick(next),
            Action::Wait => {
                next.reading += 1;
                next.is_ticked = false;
            }
        }
        // What is done never comes again, unless the slow writer has it: then it is answered as before.
        let taken = match &next.slow {
            Some(Taken { job: Job::Answer(message, _), .. }) => Some(usize::from(*message)),
            _ => None,
        };
        for (message, post) in next.post.iter_mut().enumerate() {
            if *post == Post::Done && taken != Some(message) {
                *post = Post::Over;
            }
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Protocol>> {
        properties::all(self.reaches)
    }
}

/// Plants a bug in the thread that explores, where there are bugs to plant.
fn plant(bug: Option<&'static str>) {
    #[cfg(feature = "planted")]
    answerable_care::ledger::planted::plant(bug);
    #[cfg(not(feature = "planted"))]
    assert!(bug.is_none(), "bugs are planted with the feature `planted`");
}

impl Moment {
    pub(super) fn records(&self) -> impl Iterator<Item = &Patient> {
        self.ledger.patients.values()
    }
}
