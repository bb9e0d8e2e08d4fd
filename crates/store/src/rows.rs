//! A patient's state -> the rows of the tables.
//!
//! Nothing but the state goes in: rows made again from the log are the same, and a change of the state changes just the
//! rows that differ.

use std::collections::BTreeSet;

use answerable_care::ledger::command::handover::To;
use answerable_care::ledger::id::{DutyId, PatientId};
use answerable_care::ledger::state::{Duty, Holding, Occupancy, OfferState, Patient, State};

use crate::storage::Batch;
use crate::tables::{Cell, HOLDING, INVOLVED, OFFER, OFFERED, Row, Table, UNTOLD, WAIT};

/// The rows of a patient, but for [`crate::tables::KNOWN`], which no event takes away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rows([BTreeSet<Row>; 6]);

/// The tables of [`Rows`], in its order: what others refer to goes first.
const OF: [&Table; 6] = [&HOLDING, &OFFER, &OFFERED, &UNTOLD, &INVOLVED, &WAIT];

impl Rows {
    /// The rows of a patient; none of one who isn't known.
    pub(crate) fn of(state: &State, patient: &PatientId) -> Rows {
        let Some(record) = state.patients.get(patient) else { return Rows::default() };
        let own: Cell = patient.as_str().into();
        let mut rows = Rows::default();
        let [holdings, offers, offered, untold, involved, wait] = &mut rows.0;
        for (id, duty) in &record.duties {
            holdings.extend(holding_rows(&own, id, duty));
            if let Some(first) = duty.untold.iter().find(|wait| wait.done.is_none()) {
                untold.insert(vec![own.clone(), id.as_str().into(), first.since.recorded.0.into()]);
            }
        }
        for (offer_id, offer) in record.offers.iter().filter(|(_, offer)| offer.state == OfferState::Open) {
            let (role, service) = match &offer.to {
                To::Role(role) => (Cell::from(role.as_str()), Cell::Null),
                To::Service(service) => (Cell::Null, service.as_str().into()),
            };
            let (due, until) = (offer.due.0.into(), offer.until.map(|until| until.0).into());
            let (id, offerer) = (Cell::from(offer_id.as_str()), offer.offerer.as_str().into());
            // One that is due and not yet ticked holds no duty any more, which may be in another since.
            let is_in =
                |duty: &&DutyId| record.duties.get(duty).is_some_and(|duty| duty.offer.as_ref() == Some(offer_id));
            let its = offer.duties.iter().filter(is_in);
            offered.extend(its.map(|duty| vec![own.clone(), duty.as_str().into(), id.clone()]));
            offers.insert(vec![own.clone(), id, offerer, role, service, due, until]);
        }
        involved.extend(roles(record).into_iter().map(|role| vec![own.clone(), role.into()]));
        if let Some(due) = record.next_due(&state.directory, &state.limits) {
            wait.insert(vec![own, due.0.into()]);
        }
        rows
    }

    /// All rows, each with its table.
    pub(crate) fn into_rows(self) -> impl Iterator<Item = (&'static Table, Row)> {
        OF.into_iter().zip(self.0).flat_map(|(table, rows)| rows.into_iter().map(move |row| (table, row)))
    }

    /// What is to be written where these rows stood before.
    pub(crate) fn replace(&self, before: &Rows, batch: &mut Batch) {
        for ((table, new), old) in OF.iter().zip(&self.0).zip(&before.0) {
            batch.removed.extend(old.difference(new).map(|row| (*table, row.clone())));
            batch.inserted.extend(new.difference(old).map(|row| (*table, row.clone())));
        }
    }
}

/// Who held a duty from when to when. A holding that began and ended at one instant answered for nothing, and has no
/// row.
fn holding_rows(patient: &Cell, id: &DutyId, duty: &Duty) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    // When the duty was opened last, and when the holding before ended.
    let (mut opened, mut follows) = (None, None);
    let mut entries = duty.entries.iter().peekable();
    while let Some(entry) = entries.next() {
        let Occupancy::Held(holding) = &entry.what else {
            (opened, follows) = (None, None);
            continue;
        };
        let since = entry.stamp.at;
        let until = entries.peek().map(|next| next.stamp.at);
        let opened = *opened.get_or_insert(since);
        if until == Some(since) {
            continue;
        }
        let Holding { holder, basis, .. } = holding;
        rows.push(vec![
            patient.clone(),
            id.as_str().into(),
            since.0.into(),
            until.map(|until| until.0).into(),
            follows.into(),
            opened.0.into(),
            duty.need.as_str().into(),
            duty.kind.as_str().into(),
            holder.as_str().into(),
            basis.as_str().into(),
            i64::from(basis.is_caretaking()).into(),
        ]);
        follows = until.map(|until| until.0);
    }
    rows
}

/// Whom something open names, in byte order.
fn roles(record: &Patient) -> BTreeSet<&str> {
    let mut roles: BTreeSet<&str> = record.held().map(|(_, _, holding)| holding.holder.as_str()).collect();
    for offer in record.offers.values().filter(|offer| offer.state == OfferState::Open) {
        roles.insert(offer.offerer.as_str());
        if let To::Role(role) = &offer.to {
            roles.insert(role.as_str());
        }
    }
    roles.extend(record.contributions.values().filter(|help| help.ended.is_none()).map(|help| help.role.as_str()));
    roles
}
