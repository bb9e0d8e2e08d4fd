//! Events of a patient go into their record.

use super::Broken;
use crate::ledger::command::handover::To;
use crate::ledger::event::Event;
use crate::ledger::event::handover::{AnswerabilityMoved, OfferCountered, OfferMade, OfferSplit};
use crate::ledger::event::need::{ClosedBy, DutyOpened, NeedOpened};
use crate::ledger::event::rest::{About, Escalated, Why};
use crate::ledger::id::{DutyId, NeedId, OfferId, PatientId};
use crate::ledger::invariants;
use crate::ledger::planted::planted;
use crate::ledger::state::{
    Contribution, Dispute, Duty, Entry, Holding, Limits, Need, Occupancy, Offer, OfferState, Patient, Proposal, Stamp,
    State, Until, Wait,
};
use crate::time::Instant;

impl State {
    /// Takes an event of a patient's stream in.
    pub(super) fn evolve_patient(&mut self, id: &PatientId, event: &Event, stamp: Stamp) -> Result<(), Broken> {
        if let Event::PatientRegistered(event) = event {
            self.patients.insert(event.patient.clone(), Patient::born(event.birth_date));
            return Ok(());
        }
        let limits = self.limits;
        self.patients.get_mut(id).ok_or_else(|| Broken::unknown(id))?.evolve(event, stamp, &limits)
    }
}

impl Patient {
    /// Takes an event in.
    pub(crate) fn evolve(&mut self, event: &Event, stamp: Stamp, limits: &Limits) -> Result<(), Broken> {
        match event {
            Event::ProxyRecorded(event) => {
                let proxy = self.proxies.entry(event.proxy.clone()).or_default();
                proxy.entries.push((stamp.at, Some(event.basis.clone())));
            }
            Event::ProxyEnded(event) => {
                self.proxies.entry(event.proxy.clone()).or_default().entries.push((stamp.at, None));
            }
            Event::NeedOpened(event) => self.open_need(event, stamp),
            Event::NeedReopened(event) => {
                let need = self.need_mut(&event.need)?;
                need.opened = stamp.at;
                need.closed = None;
            }
            Event::NeedCorrected(event) => self.need_mut(&event.need)?.title = event.title.clone(),
            Event::NeedClosed(event) => self.need_mut(&event.need)?.closed = Some(stamp.at),
            Event::DutyOpened(event) => self.open_duty(event, stamp)?,
            Event::DutyClosed(event) => {
                let duty = self.duty_mut(&event.duty)?;
                duty.entries.push(Entry { stamp, what: Occupancy::Closed });
                let need = duty.need.clone();
                let closed_with = &mut self.need_mut(&need)?.closed_with;
                if event.by == ClosedBy::Need {
                    closed_with.insert(event.duty.clone());
                } else {
                    closed_with.remove(&event.duty);
                }
            }
            Event::OfferMade(event) => self.make(event, stamp),
            Event::OfferAccepted(event) => {
                self.end_offer(&event.offer, OfferState::Accepted, stamp)?;
                self.offer_mut(&event.offer)?.accepted.clone_from(&event.duties);
            }
            Event::OfferSplit(event) => self.split(event, stamp)?,
            Event::OfferDeclined(event) => self.end_offer(&event.offer, OfferState::Declined, stamp)?,
            Event::OfferCountered(event) => self.counter(event, stamp)?,
            Event::OfferRecalled(event) => self.end_offer(&event.offer, OfferState::Recalled, stamp)?,
            Event::OfferExpired(event) => self.end_offer(&event.offer, OfferState::Expired, stamp)?,
            Event::OfferLapsed(event) => self.end_offer(&event.offer, OfferState::Lapsed, stamp)?,
            Event::OfferTakenOver(_) if planted!("offerers-stay-the-same") => (),
            Event::OfferTakenOver(event) => self.offer_mut(&event.offer)?.offerer = event.by.clone(),
            Event::LateHandoverProposed(event) => {
                let what = (event.from.clone(), event.to.clone());
                self.duty_mut(&event.duty)?.proposed_late = Some(Proposal { side: event.side.clone(), what });
            }
            Event::AnswerabilityMoved(event) => self.hand_over(event, stamp)?,
            Event::ContributionBegan(event) => {
                let help = Contribution {
                    duty: event.duty.clone(),
                    role: event.role.clone(),
                    kind: event.kind,
                    start: event.start,
                    end: event.end,
                    ended: None,
                };
                self.contributions.insert(event.contribution.clone(), help);
            }
            Event::ContributionEnded(event) => {
                let help = self.contributions.get_mut(&event.contribution);
                help.ok_or_else(|| Broken::unknown(&event.contribution))?.ended = Some(stamp);
            }
            Event::PatientTold(event) => {
                for id in &event.duties {
                    let waits = self.duty_mut(id)?.untold.iter_mut().filter(|wait| wait.done.is_none());
                    waits.for_each(|wait| wait.done = Some(stamp));
                }
            }
            Event::DisputeRaised(event) => {
                let parties = event.parties.iter().cloned().collect();
                let dispute =
                    Dispute { duty: event.duty.clone(), parties, raised: stamp, resolved: None, is_escalated: false };
                self.duty_mut(&event.duty)?.proposed_late = None;
                self.disputes.insert(event.dispute.clone(), dispute);
            }
            Event::DisputeJoined(event) => {
                let dispute = self.disputes.get_mut(&event.dispute).ok_or_else(|| Broken::unknown(&event.dispute))?;
                dispute.parties.extend(event.parties.iter().cloned());
                let duty = dispute.duty.clone();
                self.duty_mut(&duty)?.proposed_late = None;
            }
            Event::Escalated(event) => self.hear(event, stamp, limits)?,
            Event::TransitionAlarm(event) => {
                self.alarms.insert(event.age);
            }
            Event::ReturnLapsed(_) | Event::PatientDischarged(_) => (),
            other => return Err(Broken::new("log", format!("{} is of the directory", other.kind().as_str()))),
        }
        Ok(())
    }

    fn need_mut(&mut self, id: &NeedId) -> Result<&mut Need, Broken> {
        self.needs.get_mut(id).ok_or_else(|| Broken::unknown(id))
    }

    fn duty_mut(&mut self, id: &DutyId) -> Result<&mut Duty, Broken> {
        self.duties.get_mut(id).ok_or_else(|| Broken::unknown(id))
    }

    fn offer_mut(&mut self, id: &OfferId) -> Result<&mut Offer, Broken> {
        self.offers.get_mut(id).ok_or_else(|| Broken::unknown(id))
    }

    fn open_need(&mut self, event: &NeedOpened, stamp: Stamp) {
        let need = Need {
            title: event.title.clone(),
            sources: event.sources.clone().unwrap_or_default(),
            opened: stamp.at,
            closed: None,
            closed_with: std::collections::BTreeSet::new(),
        };
        self.needs.insert(event.need.clone(), need);
    }

    /// Opens a duty, or opens it again.
    fn open_duty(&mut self, event: &DutyOpened, stamp: Stamp) -> Result<(), Broken> {
        let holding = Holding { holder: event.holder.clone(), basis: event.basis, until: None };
        let entry = Entry { stamp, what: Occupancy::Held(holding) };
        self.need_mut(&event.need)?.closed_with.remove(&event.duty);
        let duty = self.duties.entry(event.duty.clone()).or_insert_with(|| Duty {
            need: event.need.clone(),
            kind: event.kind.clone(),
            entries: Vec::new(),
            offer: None,
            untold: Vec::new(),
            is_escalated: false,
            proposed_late: None,
        });
        duty.entries.push(entry);
        duty.is_escalated = false;
        duty.proposed_late = None;
        Ok(())
    }

    fn make(&mut self, event: &OfferMade, stamp: Stamp) {
        let offer = Offer {
            duties: event.duties.clone(),
            offerer: event.from.clone(),
            to: event.to.clone(),
            counters: None,
            due: event.due,
            until: event.until,
            actions: event.actions.0.clone(),
            made: stamp,
            offered: stamp.at,
            state: OfferState::Open,
            ended: None,
            accepted: Vec::new(),
            rest: None,
        };
        self.put(&event.offer, offer);
    }

    fn put(&mut self, id: &OfferId, offer: Offer) {
        for duty in &offer.duties {
            if let Some(duty) = self.duties.get_mut(duty) {
                duty.offer = Some(id.clone());
            }
        }
        self.offers.insert(id.clone(), offer);
    }

    fn end_offer(&mut self, id: &OfferId, state: OfferState, stamp: Stamp) -> Result<(), Broken> {
        let offer = self.offer_mut(id)?;
        if offer.state != OfferState::Open {
            return Err(Broken::new("I4", format!("`{id}` is answered twice")));
        }
        offer.state = state;
        offer.ended = Some(stamp);
        Ok(())
    }

    /// What was not accepted goes on as an offer of its own: same terms, same due (I8).
    fn split(&mut self, event: &OfferSplit, stamp: Stamp) -> Result<(), Broken> {
        let whole = self.offer_mut(&event.offer)?;
        whole.rest = Some(event.rest.clone());
        let due = if planted!("rest-has-new-time") { stamp.recorded + Instant::DAY * 3 } else { whole.due };
        let rest = Offer {
            duties: event.duties.clone(),
            due,
            made: stamp,
            state: OfferState::Open,
            ended: None,
            accepted: Vec::new(),
            rest: None,
            ..whole.clone()
        };
        self.put(&event.rest, rest);
        Ok(())
    }

    /// The first offer is over, which frees its duties; the counter is to its offerer.
    fn counter(&mut self, event: &OfferCountered, stamp: Stamp) -> Result<(), Broken> {
        if !planted!("counters-free-nothing") {
            self.end_offer(&event.offer, OfferState::Countered, stamp)?;
        }
        let first = self.offer_mut(&event.offer)?;
        let counter = Offer {
            duties: event.duties.clone(),
            offerer: first.offerer.clone(),
            to: To::Role(event.role.clone()),
            counters: Some(event.offer.clone()),
            due: event.due,
            until: event.until,
            actions: first.actions.clone(),
            made: stamp,
            offered: stamp.at,
            state: OfferState::Open,
            ended: None,
            accepted: Vec::new(),
            rest: None,
        };
        self.put(&event.counter, counter);
        Ok(())
    }

    /// The holder changes (I2), and the patient is to be told (I14).
    fn hand_over(&mut self, event: &AnswerabilityMoved, stamp: Stamp) -> Result<(), Broken> {
        let duty = self.duty_mut(&event.duty)?;
        invariants::i2_of(duty, event)?;
        let until =
            event.until.filter(|_| !planted!("date-is-forgotten")).map(|at| Until { at, giver: event.from.clone() });
        let to = if planted!("holders-stay") { &event.from } else { &event.to };
        let holding = Holding { holder: to.clone(), basis: event.basis, until };
        duty.entries.push(Entry { stamp, what: Occupancy::Held(holding) });
        if !planted!("nobody-is-to-tell") {
            duty.untold.push(Wait { since: stamp, done: None, is_escalated: false });
        }
        duty.is_escalated = false;
        if event.late.is_some() {
            duty.proposed_late = None;
        }
        Ok(())
    }

    fn hear(&mut self, event: &Escalated, stamp: Stamp, limits: &Limits) -> Result<(), Broken> {
        match (&event.about, event.why) {
            (About::Duty(id), Why::NotTold) => {
                let is_due = |wait: &&mut Wait| wait.since.recorded + limits.untold <= stamp.recorded;
                self.duty_mut(id)?.untold.iter_mut().filter(is_due).for_each(|wait| wait.is_escalated = true);
            }
            (About::Duty(id), _) => self.duty_mut(id)?.is_escalated = true,
            (About::Dispute(id), _) => {
                let dispute = self.disputes.get_mut(id);
                dispute.ok_or_else(|| Broken::unknown(id))?.is_escalated = true;
            }
            (About::Offer(_), _) => (),
        }
        Ok(())
    }
}
