//! Events: what happened. The log is made of them, and the state is a fold of the log.

pub mod contributor;
pub mod directory;
pub mod handover;
pub mod need;
pub mod rest;

use super::field::{Described, Field, Malformed, Record, Value, codes};
use super::id::{CommandId, Id, PatientId};
use crate::time::Instant;

codes! {
    /// How a holder came to be answerable.
    Basis {
        Asked = "asked",
        Adopted = "adopted",
        Accepted = "accepted",
        Returned = "returned",
        StandingRule = "standing-rule",
        Override = "override",
    }
}

impl Basis {
    /// Whether one who holds on this basis is a caretaker, who must place the duty (I6a).
    #[must_use]
    pub fn is_caretaking(self) -> bool {
        matches!(self, Basis::StandingRule | Basis::Override | Basis::Adopted)
    }
}

/// What is fixed for each type of event.
pub trait Happened: Record + Field {
    /// Its name.
    const NAME: &'static str;
    /// What happened, in a sentence.
    const SAYS: &'static str;
    /// The version of its fields: one more whenever a field changes its meaning.
    const VERSION: u16;
}

/// Declares an event.
macro_rules! event {
    (
        $(#[doc = $says:literal])+
        $name:ident = $word:literal $version:literal
        { $($(#[$note:meta])* $field:ident: $type:ty),* $(,)? }
    ) => {
        $crate::ledger::field::record! {
            $(#[doc = $says])+
            $name { $($(#[$note])* $field: $type),* }
        }

        impl $crate::ledger::event::Happened for $name {
            const NAME: &'static str = $word;
            const SAYS: &'static str = concat!($($says),+);
            const VERSION: u16 = $version;
        }

        impl From<$name> for $crate::ledger::event::Event {
            fn from(event: $name) -> $crate::ledger::event::Event {
                $crate::ledger::event::Event::$name(event)
            }
        }
    };
}
pub(crate) use event;

/// Declares what can happen.
macro_rules! events {
    ($($file:ident::$name:ident)*) => {
        /// What happened.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Event {
            $(#[doc = concat!("See [`", stringify!($file), "::", stringify!($name), "`].")] $name($file::$name),)*
        }

        /// The type of an event.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $(#[doc = concat!("See [`", stringify!($file), "::", stringify!($name), "`].")] $name,)*
        }

        impl Kind {
            /// All of them.
            pub const ALL: &'static [Kind] = &[$(Kind::$name),*];

            /// As it is written.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Kind::$name => <$file::$name as Happened>::NAME,)* }
            }

            /// The version of its fields.
            #[must_use]
            pub const fn version(self) -> u16 {
                match self { $(Kind::$name => <$file::$name as Happened>::VERSION,)* }
            }

            /// What happened, in a sentence.
            #[must_use]
            pub const fn says(self) -> &'static str {
                match self { $(Kind::$name => <$file::$name as Happened>::SAYS.trim_ascii(),)* }
            }

            /// Its fields, beside `event` and `at`.
            #[must_use]
            pub fn fields(self) -> Vec<Described> {
                match self { $(Kind::$name => <$file::$name as Record>::fields(),)* }
            }
        }

        impl Event {
            /// Its type.
            #[must_use]
            pub const fn kind(&self) -> Kind {
                match self { $(Event::$name(_) => Kind::$name,)* }
            }

            /// Its fields, in order; what is none is left out.
            #[must_use]
            pub fn write(&self) -> Vec<(String, Value)> {
                let mut fields = Vec::new();
                match self { $(Event::$name(event) => event.write_fields(&mut fields),)* }
                fields
            }

            /// Reads an event of a type from its fields, as [`Event::write`] writes them.
            ///
            /// # Errors
            /// Where they aren't those of the type.
            pub fn read(kind: Kind, fields: &[(String, Value)]) -> Result<Event, Malformed> {
                match kind { $(Kind::$name => $file::$name::read_fields(fields, &[]).map(Event::$name),)* }
            }
        }
    };
}

events! {
    directory::OrganisationRegistered directory::ServiceRegistered directory::PractitionerRegistered
    directory::RoleRegistered directory::ScopeProposed directory::ScopeSet directory::PeriodProposed
    directory::PeriodSet directory::LeadProposed directory::LeadSet directory::LeadVacant directory::RoleEnded
    directory::OrganisationClosed directory::PatientRegistered directory::ProxyRecorded directory::ProxyEnded
    need::NeedOpened need::DutyOpened need::DutyClosed need::NeedClosed need::NeedReopened need::NeedCorrected
    need::PatientDischarged
    handover::OfferMade handover::OfferAccepted handover::OfferSplit handover::OfferDeclined handover::OfferCountered
    handover::OfferRecalled handover::OfferExpired handover::OfferLapsed handover::OfferTakenOver
    handover::BulkOffered handover::LateHandoverProposed handover::AnswerabilityMoved handover::ReturnLapsed
    contributor::ContributionBegan contributor::ContributionEnded
    rest::PatientTold rest::DisputeRaised rest::DisputeJoined rest::Escalated rest::TransitionAlarm rest::ClockRead
}

/// Where an event is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// Organisations, practitioners, roles, the clock.
    Directory,
    /// One patient.
    Patient(PatientId),
}

/// An event that a command gives: where it is kept, when it took effect, what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where it is kept.
    pub stream: Stream,
    /// When it took effect.
    pub at: Instant,
    /// What happened.
    pub event: Event,
}

/// An event in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// What happened, where and when.
    pub change: Change,
    /// When it was known.
    pub recorded: Instant,
    /// The command that gave it.
    pub command: CommandId,
}

impl Event {
    /// The ids that it brings into the ledger, in order: from it on, the store finds them in its stream.
    #[must_use]
    pub fn brings(&self) -> Vec<Id> {
        match self {
            Event::OrganisationRegistered(event) => vec![event.organisation.clone().into()],
            Event::ServiceRegistered(event) => vec![event.service.clone().into()],
            Event::PractitionerRegistered(event) => vec![event.practitioner.clone().into()],
            Event::RoleRegistered(event) => vec![event.role.clone().into()],
            Event::PatientRegistered(event) => vec![event.patient.clone().into()],
            Event::NeedOpened(event) => vec![event.need.clone().into()],
            Event::DutyOpened(event) => vec![event.duty.clone().into()],
            Event::OfferMade(event) => vec![event.offer.clone().into()],
            Event::OfferSplit(event) => vec![event.rest.clone().into()],
            Event::OfferCountered(event) => vec![event.counter.clone().into()],
            Event::BulkOffered(event) => vec![event.bulk.clone().into()],
            Event::ContributionBegan(event) => vec![event.contribution.clone().into()],
            Event::DisputeRaised(event) => vec![event.dispute.clone().into()],
            _ => Vec::new(),
        }
    }
}

/// The changes of each stream, in the order of the answer; streams in the order in which they first come.
#[must_use]
pub fn by_stream(changes: Vec<Change>) -> Vec<(Stream, Vec<Change>)> {
    let mut streams: Vec<(Stream, Vec<Change>)> = Vec::new();
    for change in changes {
        match streams.iter_mut().find(|(stream, _)| *stream == change.stream) {
            Some((_, of_it)) => of_it.push(change),
            None => streams.push((change.stream.clone(), vec![change])),
        }
    }
    streams
}
