//! Encounters: which need one is about, and the claims that come of it, C4 and C8.

use super::claims::{ATTENDING, Claim, LAST_SEEN};
use super::config::codes;
use super::dates::{DAY, End, Instant, Interval, add_months};
use super::holders::Holder;
use super::needs::Need;
use super::shape;
use super::world::{Known, World};
use serde_json::Value;

impl World {
    /// Whether an Encounter is about the need.
    pub fn encounter_is_about(&self, encounter: usize, need: &Need, known: Known) -> bool {
        let conditions = || need.members.iter().filter(|at| self.res[**at].kind == "Condition");
        let episodes = self.links(encounter, "episodeOfCare[]", known);
        need.is_one_of(&self.links(encounter, "diagnosis[].condition", known))
            || need.is_one_of(&self.links(encounter, "reasonReference[]", known))
            || shape::all(&self.res[encounter].value, "reasonCode[]")
                .into_iter()
                .any(|code| conditions().any(|at| self.share_coding(code, *at)))
            || conditions().any(|at| self.links(*at, "encounter", known).contains(&encounter))
            || need.rule == "N2" && need.is_one_of(&self.links(encounter, "basedOn[]", known))
            || need.rule == "N4" && need.is_one_of(&episodes)
            || episodes.iter().any(|e| need.is_one_of(&self.links(*e, "diagnosis[].condition", known)))
    }

    fn has_type(participant: &Value, code: &str) -> bool {
        shape::all(participant, "type[]").iter().any(|t| codes(t).iter().any(|c| c == code))
    }

    /// C4
    pub fn attending(&self, need: &Need, known: Known) -> Vec<Claim> {
        let mut found = vec![];
        for encounter in self.of_patient("Encounter", &need.patient, known) {
            let Some(span) = self.attended(encounter) else { continue };
            if !self.encounter_is_about(encounter, need, known) {
                continue;
            }
            let class = shape::text(&self.res[encounter].value, "class.code").unwrap_or_default();
            let visit = !["IMP", "ACUTE", "NONAC", "OBSENC"].contains(&class);
            for participant in self.participants(encounter) {
                if Self::has_type(participant, "ATND") {
                    let own = self.interval(&participant["period"]).and(&span);
                    let individual = self.holder(encounter, &participant["individual"]);
                    let claim = self.claim(ATTENDING, "C4", individual, encounter, own);
                    found.extend(claim.map(|c| Claim { visit: visit && c.basis == ATTENDING, ..c }));
                }
            }
        }
        found
    }

    /// The stretch of an Encounter in which its attending holds.
    fn attended(&self, encounter: usize) -> Option<Interval> {
        let period = self.period(encounter);
        // Without a start it makes none.
        let start = period.start?;
        match self.status(encounter) {
            // With no end it ended when it began.
            "finished" => Some(Interval { end: period.end.or(Some(End { at: start, day: None })), ..period }),
            "in-progress" | "arrived" | "triaged" | "onleave" => {
                let class = shape::text(&self.res[encounter].value, "class.code").unwrap_or_default();
                let short = ["AMB", "VR", "HH"].contains(&class);
                let days = if short { 1 } else { self.config.window("encounter_at_most") };
                Some(period.until(start + Instant::from(days) * DAY))
            }
            _ => None,
        }
    }

    /// When a finished Encounter ended: with no end, when it began.
    pub fn ended(&self, encounter: usize) -> Option<Instant> {
        let period = self.period(encounter);
        period.end.map(|e| e.at).or(period.start)
    }

    /// The finished Encounters about the need, with their ends.
    pub fn finished_about(&self, need: &Need, known: Known) -> Vec<(usize, Instant)> {
        self.of_patient("Encounter", &need.patient, known)
            .into_iter()
            .filter(|e| self.status(*e) == "finished" && self.encounter_is_about(*e, need, known))
            .filter_map(|e| Some((e, self.ended(e)?)))
            .collect()
    }

    /// C8
    pub fn last_seen(&self, need: &Need, known: Known) -> Vec<Claim> {
        let mut found = vec![];
        let finished = self.finished_about(need, known);
        for (encounter, end) in &finished {
            // For contact_window, or until a later such encounter ends, whoever took part.
            let window = self.config.window("contact_window");
            let mut interval = Interval { start: Some(*end), end: None };
            interval = interval.until(add_months(*end, window, &self.tz));
            if let Some(later) = finished.iter().map(|(_, e)| *e).filter(|e| e > end).min() {
                interval = interval.until(later);
            }
            // Its ATND participants, else its PPRF, else any, of those that can hold a claim.
            let able: Vec<(&Value, Holder)> = self
                .participants(*encounter)
                .into_iter()
                .filter_map(|p| Some((p, self.holder(*encounter, &p["individual"])?)))
                .collect();
            let chosen = ["ATND", "PPRF"].into_iter().find(|t| able.iter().any(|(p, _)| Self::has_type(p, t)));
            for (participant, holder) in &able {
                if chosen.is_none_or(|t| Self::has_type(participant, t)) {
                    found.extend(self.claim(LAST_SEEN, "C8", Some(holder.clone()), *encounter, interval));
                }
            }
        }
        found
    }
}
