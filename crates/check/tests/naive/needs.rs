//! Needs N1 to N4, when they are open, and their duties.

use super::config::{codes, codings, texts};
use super::dates::{DAY, Instant, Interval};
use super::link::chains;
use super::read::count;
use super::shape;
use super::world::{Known, World};
use serde_json::Value;
use std::collections::BTreeSet;

pub struct Need {
    pub name: String,
    pub patient: String,
    /// N1, N2, N3 or N4.
    pub rule: &'static str,
    /// The Conditions that are one need (N1a), or the one resource.
    pub members: Vec<usize>,
    /// None if it is never open.
    pub open: Option<Interval>,
}

impl Need {
    pub fn is_open(&self, t: Instant) -> bool {
        self.open.is_some_and(|o| o.holds(t))
    }

    pub fn start(&self) -> Option<Instant> {
        self.open.and_then(|o| o.start)
    }

    pub fn is_one_of(&self, found: &[usize]) -> bool {
        found.iter().any(|at| self.members.contains(at))
    }
}

pub struct Duty {
    pub name: String,
    /// When it is open: several stretches if several plans give it.
    pub open: Vec<Interval>,
}

impl Duty {
    pub fn is_open(&self, t: Instant) -> bool {
        self.open.iter().any(|o| o.holds(t))
    }
}

impl World {
    pub fn patients(&self) -> BTreeSet<String> {
        self.res.iter().filter(|r| r.live).filter_map(|r| r.patient.clone()).collect()
    }

    pub fn needs(&mut self) -> Vec<Need> {
        let mut all = vec![];
        for patient in self.patients() {
            let mut own = self.condition_needs(&patient);
            for at in self.of_patient("ServiceRequest", &patient, Known::ByAsOf) {
                // N2
                let open = ["active", "on-hold"].contains(&self.status(at));
                if open && self.is_referral_but_status(at) {
                    let interval = Interval { start: self.date(at, "authoredOn"), end: None };
                    own.push(self.single(at, "N2", &patient, interval));
                }
            }
            for at in self.of_patient("CarePlan", &patient, Known::ByAsOf) {
                // N3
                let addresses = self.links(at, "addresses[]", Known::ByAsOf);
                if self.plan_counts(at) && !own.iter().any(|n| n.rule == "N1" && n.is_one_of(&addresses)) {
                    own.push(self.single(at, "N3", &patient, self.plan_period(at)));
                }
            }
            for at in self.of_patient("EpisodeOfCare", &patient, Known::ByAsOf) {
                // N4
                let lists = self.links(at, "diagnosis[].condition", Known::ByAsOf);
                if self.episode_counts(at) && !own.iter().any(|n| n.rule == "N1" && n.is_one_of(&lists)) {
                    own.push(self.single(at, "N4", &patient, self.period(at)));
                }
            }
            // A contained resource is a target of references, never a need.
            own.retain(|n| n.members.iter().all(|at| self.res[*at].container.is_none()));
            all.append(&mut own);
        }
        let undated = all.iter().filter(|n| n.open.is_some_and(|o| o.start.is_none())).count();
        *self.report.get_mut("undated").unwrap() += undated as u64;
        all
    }

    fn single(&self, at: usize, rule: &'static str, patient: &str, interval: Interval) -> Need {
        Need {
            name: self.res[at].name.clone(),
            patient: patient.to_string(),
            rule,
            members: vec![at],
            open: self.alive(patient, interval),
        }
    }

    /// Needs close at death; one that starts at or after it never opens, nor does one of a patient who
    /// died at an unknown time.
    fn alive(&self, patient: &str, interval: Interval) -> Option<Interval> {
        let interval = match self.death(patient) {
            None => interval,
            Some(None) => return None,
            Some(Some(death)) if interval.start.is_some_and(|s| s >= death) => return None,
            Some(Some(death)) => interval.until(death),
        };
        (!interval.is_empty()).then_some(interval)
    }

    /// N1 and N1a.
    fn condition_needs(&mut self, patient: &str) -> Vec<Need> {
        let mut conditions = self.of_patient("Condition", patient, Known::ByAsOf);
        conditions.retain(|at| self.res[*at].container.is_none() && !self.is_refuted(*at));
        let mut needs = vec![];
        // Those without an open period are one with no other.
        let apart: Vec<usize> =
            conditions.iter().copied().filter(|at| self.open_period(*at, patient).is_none()).collect();
        conditions.retain(|at| !apart.contains(at));
        for at in apart {
            if self.is_n1(at, patient) {
                if self.closed_at_unknown_time(at) {
                    count(&mut self.report, "closed_unknown");
                }
                needs.push(Need {
                    name: self.res[at].name.clone(),
                    patient: patient.to_string(),
                    rule: "N1",
                    members: vec![at],
                    open: None,
                });
            }
        }
        let periods: Vec<Interval> = conditions.iter().map(|at| self.open_period(*at, patient).unwrap()).collect();
        let joined = |a: usize, b: usize| {
            self.share_coding(&self.res[conditions[a]].value["code"], conditions[b]) && touch(&periods[a], &periods[b])
        };
        for chain in chains(conditions.len(), joined) {
            // Named by the one under N1 that starts first, then the lowest as bytes.
            let first = chain
                .iter()
                .filter(|i| self.is_n1(conditions[**i], patient))
                .min_by_key(|i| (periods[**i].start, self.res[conditions[**i]].name.clone()));
            let Some(first) = first else { continue };
            let start = chain.iter().map(|i| periods[*i].start).min().unwrap();
            let last = chain.iter().map(|i| periods[*i].end).reduce(|a, b| match (a, b) {
                (Some(a), Some(b)) => Some(if a.at > b.at { a } else { b }),
                _ => None,
            });
            needs.push(Need {
                name: self.res[conditions[*first]].name.clone(),
                patient: patient.to_string(),
                rule: "N1",
                members: chain.iter().map(|i| conditions[*i]).collect(),
                open: Some(Interval { start, end: last.unwrap() }),
            });
        }
        needs
    }

    fn is_refuted(&self, at: usize) -> bool {
        codes(&self.res[at].value["verificationStatus"]).iter().any(|c| c == "refuted")
    }

    fn clinical_status(&self, at: usize, among: &[&str]) -> bool {
        codes(&self.res[at].value["clinicalStatus"]).iter().any(|c| among.contains(&c.as_str()))
    }

    fn abatement(&self, at: usize) -> Interval {
        let value = &self.res[at].value;
        let written = ["abatementDateTime", "abatementPeriod.end"];
        let written = written.iter().find_map(|p| shape::date(value, p, &self.tz));
        Interval { start: self.condition_start(at), end: written.and_then(|w| w.end) }
    }

    /// Inactive, in remission or resolved, and no abatement date.
    fn closed_at_unknown_time(&self, at: usize) -> bool {
        self.abatement(at).end.is_none() && self.clinical_status(at, &["inactive", "remission", "resolved"])
    }

    /// From its start to its abatement, while the patient lives. None if it is never open.
    fn open_period(&self, at: usize, patient: &str) -> Option<Interval> {
        if self.closed_at_unknown_time(at) {
            return None;
        }
        self.alive(patient, self.abatement(at))
    }

    fn is_n1(&self, at: usize, patient: &str) -> bool {
        let value = &self.res[at].value;
        let categories = shape::all(value, "category[]");
        let on_list =
            categories.iter().flat_map(|c| codes(c)).any(|c| c == "problem-list-item" || c == "health-concern");
        // Words of not_needs count only where no category says that it is a problem.
        let not_needs = self.config.set("not_needs");
        let code = &value["code"];
        if not_needs.has_code(code) || !on_list && texts(code).iter().any(|t| not_needs.has_word(t)) {
            return false;
        }
        on_list || self.is_named(at, patient) || {
            let active = self.clinical_status(at, &["active", "recurrence", "relapse"]);
            active
                && self.open_period(at, patient).is_some_and(|o| {
                    let end = o.end.map_or(self.as_of, |e| e.at.min(self.as_of));
                    let window = self.config.window("continuing_after");
                    o.start.is_none_or(|s| end - s > Instant::from(window) * DAY)
                })
        }
    }

    /// A team, plan, episode, goal or request of the patient names it, in any status but
    /// entered-in-error.
    fn is_named(&self, at: usize, patient: &str) -> bool {
        [
            ("CareTeam", "reasonReference[]"),
            ("CarePlan", "addresses[]"),
            ("EpisodeOfCare", "diagnosis[].condition"),
            ("Goal", "addresses[]"),
            ("ServiceRequest", "reasonReference[]"),
        ]
        .iter()
        .any(|(kind, path)| {
            let namers = self.of_patient(kind, patient, Known::ByAsOf);
            namers.iter().any(|n| self.links(*n, path, Known::ByAsOf).contains(&at))
        })
    }

    /// Whether a concept shares a coding, both system and code given, with the code of a Condition.
    pub fn share_coding(&self, concept: &Value, condition: usize) -> bool {
        let theirs = codings(&self.res[condition].value["code"]);
        codings(concept).iter().any(|c| theirs.contains(c))
    }

    /// N2 but for its status.
    pub fn is_referral_but_status(&self, at: usize) -> bool {
        let value = &self.res[at].value;
        let categories = shape::all(value, "category[]");
        let by_category = self.config.set("referral_categories").has_any(&categories);
        let intent = shape::text(value, "intent").unwrap_or_default();
        let orders = ["order", "original-order", "reflex-order", "filler-order", "instance-order"];
        let performed = shape::all(value, "performer[]").iter().any(|r| self.is_performer(at, r));
        (orders.contains(&intent) || intent == "plan" && by_category)
            && value["doNotPerform"] != true
            && !self.config.set("not_referrals").has_any(&categories)
            && (performed || !value["performerType"].is_null() || by_category)
    }

    /// A performer that is not a Patient, RelatedPerson or Device.
    fn is_performer(&self, at: usize, r: &Value) -> bool {
        let not = ["Patient", "RelatedPerson", "Device"];
        !shape::is_blank(r) && !not.contains(&self.target(at, r).kind.as_str())
    }

    /// Active, on-hold, or completed or revoked with a period.end.
    pub fn plan_counts(&self, at: usize) -> bool {
        match self.status(at) {
            "active" | "on-hold" => true,
            "completed" | "revoked" => self.period(at).end.is_some(),
            _ => false,
        }
    }

    /// Active, onhold, or finished with a period.end.
    pub fn episode_counts(&self, at: usize) -> bool {
        match self.status(at) {
            "active" | "onhold" => true,
            "finished" => self.period(at).end.is_some(),
            _ => false,
        }
    }

    /// The plan addresses the need, or is it.
    pub fn plan_is_for(&self, plan: usize, need: &Need, known: Known) -> bool {
        match need.rule {
            "N1" => need.is_one_of(&self.links(plan, "addresses[]", known)),
            "N3" => need.members == [plan],
            _ => false,
        }
    }

    /// The episode lists the need, or is it.
    pub fn episode_is_for(&self, episode: usize, need: &Need, known: Known) -> bool {
        match need.rule {
            "N1" => need.is_one_of(&self.links(episode, "diagnosis[].condition", known)),
            "N4" => need.members == [episode],
            _ => false,
        }
    }

    /// The activities of a plan that are duties: their names and their performers.
    pub fn activities(&self, plan: usize) -> Vec<(String, Vec<&Value>)> {
        let mut found = vec![];
        if !["active", "on-hold"].contains(&self.status(plan)) {
            return found;
        }
        for detail in shape::all(&self.res[plan].value, "activity[].detail") {
            let over = ["completed", "cancelled", "stopped", "entered-in-error"];
            let performers = shape::all(detail, "performer[]");
            let name = activity_name(detail).filter(|n| n != "overall");
            if let Some(name) = name
                && performers.iter().any(|r| self.is_performer(plan, r))
                && !over.contains(&shape::text(detail, "status").unwrap_or_default())
            {
                found.push((name, performers));
            }
        }
        found
    }

    /// overall, and one for each name of an activity.
    pub fn duties(&self, need: &Need) -> Vec<Duty> {
        let Some(open) = need.open else { return vec![] };
        let mut duties = vec![Duty { name: "overall".into(), open: vec![open] }];
        for plan in self.of_patient("CarePlan", &need.patient, Known::ByAsOf) {
            if !self.plan_is_for(plan, need, Known::ByAsOf) {
                continue;
            }
            let stretch = open.and(&self.plan_period(plan));
            for (name, _) in self.activities(plan) {
                match duties.iter_mut().find(|d| d.name == name) {
                    Some(duty) => duty.open.push(stretch),
                    None => duties.push(Duty { name, open: vec![stretch] }),
                }
            }
        }
        duties
    }
}

/// code.text, else code's first display, else its first code, else kind, else description.
fn activity_name(detail: &Value) -> Option<String> {
    let first = |field| shape::all(detail, "code.coding[]").into_iter().find_map(|c: &Value| c[field].as_str());
    let name = shape::text(detail, "code.text")
        .or_else(|| first("display"))
        .or_else(|| first("code"))
        .or_else(|| shape::text(detail, "kind"))
        .or_else(|| shape::text(detail, "description"));
    name.map(str::to_string)
}

/// Overlap or touch.
fn touch(a: &Interval, b: &Interval) -> bool {
    let reaches = |x: &Interval, y: &Interval| match (x.start, y.end) {
        (Some(s), Some(e)) => s <= e.at,
        _ => true,
    };
    reaches(a, b) && reaches(b, a)
}
