//! What must hold in the model: always, in the end, and now and then.

use answerable_care::ledger::event::Basis;
use answerable_care::ledger::state::{OfferState, Patient};
use stateright::Property;

use super::protocol::{Moment, Post, Protocol};

impl Moment {
    fn keeps(&self, rule: &str) -> bool {
        self.foul.as_ref().is_none_or(|foul| foul.rule != rule)
    }

    fn has(&self, state: OfferState) -> bool {
        self.records().flat_map(|record| record.offers.values()).any(|offer| offer.state == state)
    }

    fn has_basis(&self, basis: Basis) -> bool {
        self.records().flat_map(Patient::held).any(|(_, _, holding)| holding.basis == basis)
    }

    fn has_rest(&self) -> bool {
        self.records().flat_map(|record| record.offers.values()).any(|offer| offer.rest.is_some())
    }

    fn is_at_rest(&self) -> bool {
        let is_on_its_way = |post: &Post| matches!(post, Post::Sent(_));
        self.ends.is_empty() && self.slow.is_none() && !self.post.iter().any(is_on_its_way)
    }
}

/// The properties, with those that must come about in some run.
///
/// *In the end*: each action uses something up (a message, a repeat, a step, a reading, what is overdue), so every run
/// ends, and *eventually* is *in the last moment of every run*. The last moment is one in which the clock has come to
/// its last reading and ticked, and nothing is under way: delivery and clock are fair, for nothing else ends a run.
pub(super) fn all(reaches: &[&str]) -> Vec<Property<Protocol>> {
    let mut all = vec![
        Property::always("I1: one holder at every instant", |_, now: &Moment| now.keeps("I1")),
        Property::always("I2: a holder changes by an acceptance", |_, now: &Moment| now.keeps("I2")),
        Property::always("I3: a duty is in one open offer", |_, now: &Moment| now.keeps("I3")),
        Property::always("I4: recalled if and only if open", |_, now: &Moment| now.keeps("I4")),
        Property::always("I5: no other answer moves a duty", |_, now: &Moment| now.keeps("I5")),
        Property::always("I6: who leaves holds nothing, offers follow", |_, now: &Moment| now.keeps("I6")),
        Property::always("I8: the parts are the whole", |_, now: &Moment| now.keeps("I8")),
        Property::always("I9: help ends with the holding", |_, now: &Moment| now.keeps("I9")),
        Property::always("I13: within period and scope", |_, now: &Moment| now.keeps("I13")),
        Property::always("I14: each change is to be told", |_, now: &Moment| now.keeps("I14")),
        Property::always("what is due is done, and heard of", |_, now: &Moment| now.keeps("settled")),
        Property::always("nothing is named that isn't there", |_, now: &Moment| now.keeps("log")),
        Property::eventually("every open offer is settled", |model: &Protocol, now: &Moment| {
            now.reading == model.readings && now.is_ticked && now.is_at_rest() && !now.has(OfferState::Open)
        }),
    ];
    all.extend(now_and_then().into_iter().filter(|property| reaches.contains(&property.name)));
    assert!(reaches.iter().all(|name| all.iter().any(|property| property.name == *name)), "{reaches:?}");
    all
}

fn now_and_then() -> Vec<Property<Protocol>> {
    vec![
        Property::sometimes("accepted", |_, now: &Moment| now.has(OfferState::Accepted)),
        Property::sometimes("declined", |_, now: &Moment| now.has(OfferState::Declined)),
        Property::sometimes("countered", |_, now: &Moment| now.has(OfferState::Countered)),
        Property::sometimes("recalled", |_, now: &Moment| now.has(OfferState::Recalled)),
        Property::sometimes("expired", |_, now: &Moment| now.has(OfferState::Expired)),
        Property::sometimes("lapsed", |_, now: &Moment| now.has(OfferState::Lapsed)),
        Property::sometimes("in parts", |_, now: &Moment| now.has_rest()),
        Property::sometimes("returned", |_, now: &Moment| now.has_basis(Basis::Returned)),
        Property::sometimes("caretaken", |_, now: &Moment| now.has_basis(Basis::StandingRule)),
        Property::sometimes("accepted while its holder leaves", |_, now: &Moment| {
            !now.ends.is_empty() && now.has(OfferState::Accepted)
        }),
        Property::sometimes("two leave at once", |_, now: &Moment| now.ends.len() > 1),
    ]
}
