//! A canary for the alarms: each of these bugs, planted in the core, is caught by the model that it names and by
//! random histories. `cargo test -p answerable-care --features planted --test ledger planted -- --nocapture` says by
//! what.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use answerable_care::ledger::planted::plant;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::model::runs::{ANSWERS, LATE_END, LEAVING, LENDING, PARTS, Run, page};
use crate::properties::{has_one_holder, replays, takes_on_nothing_while_it_closes};
use crate::random::histories;
use crate::tables;

/// A bug: its name in the core, what it does, and the model that is to catch it.
struct Bug(&'static str, &'static str, &'static Run);

const BUGS: &[Bug] = &[
    Bug("answered-after-expiry", "an offer that is due is still accepted", &ANSWERS),
    Bug("anyone-answers", "an offer is accepted by one it is not to", &ANSWERS),
    Bug("anyone-recalls", "an offer is recalled by one who did not make it", &PARTS),
    Bug("recalled-after-acceptance", "an offer is recalled that was accepted", &ANSWERS),
    Bug("decline-moves", "declining moves the duties", &ANSWERS),
    Bug("silence-moves", "an offer that expires moves the duties", &ANSWERS),
    Bug("silence-is-unheard", "an offer expires, and no lead hears of it", &ANSWERS),
    Bug("offers-never-expire", "the clock leaves offers open that are due", &ANSWERS),
    Bug("two-open-offers", "a duty is offered that waits in an open offer", &ANSWERS),
    Bug("others-duties-are-offered", "duties are offered by one who does not hold them", &ANSWERS),
    Bug("holders-stay", "an acceptance moves the duty to who had it", &ANSWERS),
    Bug("nobody-is-to-tell", "a change of holder leaves nothing to tell the patient", &ANSWERS),
    Bug("moves-when-recorded", "a late acceptance takes effect when recorded", &ANSWERS),
    Bug("rest-is-dropped", "what is not accepted of an offer is nobody's to answer", &PARTS),
    Bug("rest-has-new-time", "what is not accepted of an offer has a new due", &PARTS),
    Bug("part-moves-the-whole", "accepting a part moves all", &PARTS),
    Bug("counters-free-nothing", "a countered offer stays open", &PARTS),
    Bug("counter-moves", "countering moves the duties", &PARTS),
    Bug("agreeing-takes-it-oneself", "who agrees to a counter holds the duties", &PARTS),
    Bug("leavers-keep-a-duty", "a role ends and holds a duty", &LEAVING),
    Bug("leavers-follow-themselves", "a lead who leaves is who takes their duties", &LEAVING),
    Bug("leavers-go-on-leading", "a lead who has left still leads", &LEAVING),
    Bug("offers-to-leavers-stay", "offers to a role that ends stay open", &LEAVING),
    Bug("closing-roles-accept", "a role whose end is under way accepts", &LEAVING),
    Bug("ended-roles-accept", "a role that has ended is offered duties", &LATE_END),
    Bug("offers-stay-behind", "an open offer does not follow its duty to the new holder", &LEAVING),
    Bug("offerers-stay-the-same", "an offer is taken over, and its offerer is as it was", &LEAVING),
    Bug("help-outlives-the-holding", "help goes on when its duty has moved", &LEAVING),
    Bug("moves-before-the-holding", "a holding begins before the one that it follows", &LATE_END),
    Bug("scope-is-not-asked", "a duty is offered to one who has it out of scope", &LENDING),
    Bug("accepted-unread", "an offer is accepted and its actions are not read back", &LENDING),
    Bug("lent-for-good", "what was lent until a date stays", &LENDING),
    Bug("date-is-forgotten", "what was lent until a date is given for good", &LENDING),
];

/// How many histories may pass before a bug counts as missed.
const HISTORIES_MAX: usize = 400;

#[test]
fn every_planted_bug_is_caught() {
    let (mut missed, mut table) = (Vec::new(), Vec::new());
    for Bug(name, says, run) in BUGS {
        let by_model = run.catches(name);
        plant(Some(name));
        let by_histories = are_broken_by_histories();
        let by_stories = catch_unwind(tables::told).map_or(true, |(_, failures)| !failures.is_empty());
        plant(None);
        if by_model.is_none() || !by_histories {
            missed.push(name);
        }
        let yes = |is_caught| if is_caught { "yes" } else { "no" };
        let (model, histories, stories) = (by_model.unwrap_or("no"), yes(by_histories), yes(by_stories));
        table.push(format!("| `{name}` | {says} | {model} | {histories} | {stories} |"));
    }
    println!("{}", table.join("\n"));
    assert!(missed.is_empty(), "missed: {missed:?}");
    let unsaid: Vec<&String> = table.iter().filter(|line| !page().contains(*line)).collect();
    assert!(unsaid.is_empty(), "docs/reference/model.md lacks {unsaid:#?}");
}

/// Whether a property breaks in a random history; the histories are the same in each run.
fn are_broken_by_histories() -> bool {
    let mut runner = TestRunner::deterministic();
    (0..HISTORIES_MAX).any(|_| {
        let steps = histories().new_tree(&mut runner).unwrap().current();
        let cut = any::<prop::sample::Index>().new_tree(&mut runner).unwrap().current();
        let all = AssertUnwindSafe(|| {
            has_one_holder(&steps);
            replays(&steps, cut);
            takes_on_nothing_while_it_closes(&steps);
        });
        catch_unwind(all).is_err()
    })
}

/// The catalogue is what the core has: no bug is planted there that isn't listed, and none is listed that isn't there.
#[test]
fn every_planted_bug_is_listed() {
    let listed: BTreeSet<String> = BUGS.iter().map(|bug| bug.0.to_owned()).collect();
    let mut planted = BTreeSet::new();
    gather(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ledger"), &mut planted);
    planted.remove("name");
    assert_eq!(listed.len(), BUGS.len());
    assert_eq!(listed, planted);
}

fn gather(folder: &Path, planted: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, planted);
        } else {
            let text = std::fs::read_to_string(&path).unwrap();
            planted.extend(text.split("planted!(\"").skip(1).filter_map(|rest| rest.split('"').next()).map(Into::into));
        }
    }
}
