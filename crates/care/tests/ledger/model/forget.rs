//! What makes no difference to anything that can still happen is forgotten, so that two ways to the same are the same.

use answerable_care::Instant;
use answerable_care::ledger::state::{Contribution, Duty, Offer, OfferState, Stamp, State};

const LONG_AGO: Stamp = Stamp { at: Instant(0), recorded: Instant(0) };

/// Forgets, once what was done has been judged.
pub(super) fn forget(ledger: &mut State) {
    for record in ledger.patients.values_mut() {
        record.duties.values_mut().for_each(past_holdings);
        record.offers.values_mut().for_each(how_it_was_settled);
        record.contributions.values_mut().for_each(when_help_ended);
    }
}

/// Who held a duty before matters to late handovers alone, when its holding was recorded to caretakers' clocks, and of
/// what nobody was told to telling: the model has none of these.
fn past_holdings(duty: &mut Duty) {
    duty.entries.drain(..duty.entries.len().saturating_sub(1));
    duty.entries.iter_mut().for_each(|entry| entry.stamp.recorded = entry.stamp.at);
    duty.untold.clear();
}

/// Of an offer that was settled it is asked what became of it, and of an accepted one what was accepted. When an offer
/// was recorded is never asked: its due is.
fn how_it_was_settled(offer: &mut Offer) {
    offer.made = LONG_AGO;
    offer.ended = None;
    if offer.state != OfferState::Open {
        (offer.due, offer.offered, offer.until) = (LONG_AGO.at, LONG_AGO.at, None);
    }
}

fn when_help_ended(help: &mut Contribution) {
    help.ended = help.ended.map(|_| LONG_AGO);
}
