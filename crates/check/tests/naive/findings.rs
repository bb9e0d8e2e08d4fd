//! The findings.

use super::claims::{ACCEPTED, Claim, LEAD, MEMBER};
use super::dates::{BEFORE_ALL, DAY, Instant, add_months};
use super::judge::{Case, Verdict, cut, evidence, judged_by, persons, rules};
use super::needs::Need;
use super::shape;
use super::world::{Known, World};
use serde_json::Value;
use std::collections::BTreeSet;

pub struct Finding {
    pub patient: String,
    pub need: Option<String>,
    pub duty: Option<String>,
    pub finding: String,
    pub severity: &'static str,
    pub holders: BTreeSet<String>,
    pub since: Option<Instant>,
    pub until: Option<Instant>,
    pub rules: BTreeSet<String>,
    pub evidence: BTreeSet<String>,
}

fn of_need(need: &Need, finding: &str, severity: &'static str, since: Option<Instant>) -> Finding {
    Finding {
        patient: need.patient.clone(),
        need: Some(need.name.clone()),
        duty: None,
        finding: finding.to_string(),
        severity,
        holders: BTreeSet::new(),
        since: since.filter(|t| *t != BEFORE_ALL),
        until: None,
        rules: BTreeSet::new(),
        evidence: BTreeSet::new(),
    }
}

fn of_duty(case: &Case, finding: &str, severity: &'static str, since: Option<Instant>, claims: &[Claim]) -> Finding {
    Finding {
        duty: Some(case.duty.name.clone()),
        holders: persons(claims),
        rules: rules(claims),
        evidence: evidence(claims),
        ..of_need(case.need, finding, severity, since)
    }
}

impl World {
    /// Of one open duty: the verdict, cliff-edge, expiring.
    pub fn duty_findings(&self, case: &Case) -> Vec<Finding> {
        let Some(verdict) = case.verdict(self.as_of) else { return vec![] };
        let mut found = vec![];
        if let Some(severity) = verdict.severity() {
            found.push(of_duty(case, verdict.word, severity, case.since(), &verdict.claims));
        }
        found.extend(self.cliff_edge(case));
        found.extend(self.expiring(case));
        found
    }

    fn cliff_edge(&self, case: &Case) -> Option<Finding> {
        // All of it judged as if attending claims in visits did not exist.
        let claims: Vec<Claim> = case.claims.iter().filter(|c| !c.visit).cloned().collect();
        let stretches = case.stretches(&cut(self, &claims));
        // A valid named claim of basis member or stronger: then that is the verdict's basis.
        let stands = |v: &Option<Verdict>| {
            v.as_ref().is_some_and(|v| v.word != "lapsed" && v.basis.is_some_and(|b| b <= MEMBER))
        };
        if stands(&stretches.last()?.verdict) {
            return None;
        }
        // The fall is the end of the last stretch in which one stands and the verdict is held or assumed.
        let good = |v: &Option<Verdict>| v.as_ref().is_some_and(|v| v.word == "held" || v.word == "assumed");
        let last = stretches.iter().rposition(|s| stands(&s.verdict) && good(&s.verdict))?;
        let fall = stretches.get(last + 1)?.from;
        let before = stretches[last].verdict.as_ref()?;
        let first = add_months(self.as_of, -self.config.window("look_back"), &self.tz);
        (fall >= first).then(|| of_duty(case, "cliff-edge", "error", Some(fall), &before.claims))
    }

    fn expiring(&self, case: &Case) -> Option<Finding> {
        let all: Vec<Claim> = case.claims.iter().chain(&case.later).cloned().collect();
        let all = cut(self, &all);
        let counts = |c: &Claim, t| {
            [ACCEPTED, LEAD, MEMBER].contains(&c.basis) && c.interval.holds(t) && !self.lapsed(&c.holder, t)
        };
        let now: Vec<Claim> = judged_by(self, &all, self.as_of).into_iter().filter(|c| counts(c, self.as_of)).collect();
        // Each ends or lapses: the first instant from which it isn't valid.
        let over = |c: &Claim| -> Option<Instant> {
            let mut instants = self.lapses();
            instants.extend(c.interval.end.map(|e| e.at));
            instants.retain(|t| *t > self.as_of && (!c.interval.holds(*t) || self.lapsed(&c.holder, *t)));
            instants.into_iter().min()
        };
        let ends: Option<Vec<Instant>> = now.iter().map(over).collect();
        let until = ends.as_ref()?.iter().copied().max()?;
        let horizon = self.as_of + Instant::from(self.config.window("horizon")) * DAY;
        let followed = all.iter().any(|c| counts(c, until));
        if until > horizon || followed || !case.duty.is_open(until) {
            return None;
        }
        let last: Vec<Claim> = now.into_iter().filter(|c| over(c) == Some(until)).collect();
        let finding = of_duty(case, "expiring", "warning", case.since(), &last);
        Some(Finding { until: Some(until), ..finding })
    }

    /// Of an open need: in-flight, orphaned, stranger, ageing-out, silent.
    pub fn need_findings(&self, need: &Need, needs: &[Need], overall: &Case) -> Vec<Finding> {
        let verdict = overall.verdict(self.as_of).unwrap();
        let mut found = vec![];
        found.extend(self.in_flight(need, needs));
        found.extend(self.orphaned(need, needs));
        found.extend(self.stranger(need, overall, &verdict));
        found.extend(self.ageing_out(need, &verdict));
        found.extend(self.silent(need));
        found
    }

    /// When a Task is: lastModified, else authoredOn.
    fn task_time(&self, task: usize) -> Option<Instant> {
        self.date(task, "lastModified").or(self.date(task, "authoredOn"))
    }

    /// The Tasks about a need that the findings know. A Task on a referral counts for the referral alone,
    /// if that is an open need.
    fn tasks_about(&self, need: &Need, needs: &[Need]) -> Vec<usize> {
        let mut tasks = self.of_patient("Task", &need.patient, Known::ByAsOf);
        tasks.retain(|t| self.task_time(*t).is_none_or(|at| at <= self.as_of));
        tasks.retain(|t| self.task_is_about(*t, need, Known::ByAsOf));
        tasks.retain(|t| {
            let targets = self.task_targets(*t, Known::ByAsOf);
            let on_referral = needs.iter().any(|n| n.rule == "N2" && n.is_open(self.as_of) && n.is_one_of(&targets));
            !on_referral || need.rule == "N2" && need.is_one_of(&targets)
        });
        tasks
    }

    fn begun_in_status(&self, encounter: usize) -> bool {
        !["planned", "cancelled", "entered-in-error"].contains(&self.status(encounter))
    }

    fn in_flight(&self, need: &Need, needs: &[Need]) -> Option<Finding> {
        let mut flying: Vec<usize> = vec![];
        if need.rule == "N2" {
            let request = need.members[0];
            let ended = self.sender_ends(need, Known::ByAsOf).is_some_and(|t| t <= self.as_of);
            let seen = self
                .of_patient("Encounter", &need.patient, Known::ByAsOf)
                .into_iter()
                .any(|e| self.begun_in_status(e) && self.links(e, "basedOn[]", Known::ByAsOf).contains(&request));
            if !ended && !seen {
                flying.push(request);
            }
        }
        let tasks = self.tasks_about(need, needs).into_iter();
        flying.extend(tasks.filter(|t| ["requested", "received"].contains(&self.status(*t))));
        let dated = |at: &usize| self.date(*at, "authoredOn").or(self.date(*at, "lastModified"));
        let earliest = flying.iter().filter_map(dated).min();
        let old = |t: Instant, window| self.as_of - t >= Instant::from(self.config.window(window)) * DAY;
        let severity = match earliest {
            None if flying.is_empty() => return None,
            None => "warning",
            Some(t) if old(t, "accept_by") => "error",
            Some(t) if old(t, "accept_within") => "warning",
            Some(_) => return None,
        };
        let shown: Vec<usize> =
            flying.iter().copied().filter(|at| dated(at).is_none_or(|t| old(t, "accept_within"))).collect();
        let is_task = |at: &usize| self.res[*at].kind == "Task";
        let rules = shown.iter().map(|at| if is_task(at) { "C1" } else { "N2" }.to_string());
        Some(Finding {
            holders: self.requesters(&flying),
            rules: rules.collect(),
            evidence: shown.iter().map(|at| self.res[*at].name.clone()).collect(),
            ..of_need(need, "in-flight", severity, earliest)
        })
    }

    /// Their requesters who can hold a claim.
    fn requesters(&self, asked: &[usize]) -> BTreeSet<String> {
        let holder = |at: &usize| self.holder(*at, &self.res[*at].value["requester"]);
        asked.iter().filter_map(holder).map(|h| h.person).collect()
    }

    fn orphaned(&self, need: &Need, needs: &[Need]) -> Option<Finding> {
        let tasks = self.tasks_about(need, needs);
        let live = ["requested", "received", "accepted", "in-progress", "completed"];
        let time = |t: usize| self.task_time(t).unwrap_or(BEFORE_ALL);
        let taken_up = |orphan: usize| tasks.iter().any(|t| live.contains(&self.status(*t)) && time(*t) > time(orphan));
        let orphans: Vec<usize> = tasks
            .iter()
            .copied()
            .filter(|t| ["rejected", "failed", "cancelled"].contains(&self.status(*t)) && !taken_up(*t))
            .collect();
        let since = orphans.iter().map(|t| time(*t)).min()?;
        Some(Finding {
            holders: self.requesters(&orphans),
            rules: BTreeSet::from(["C1".to_string()]),
            evidence: orphans.iter().map(|t| self.res[*t].name.clone()).collect(),
            ..of_need(need, "orphaned", "error", Some(since))
        })
    }

    /// A patient with an Encounter in the records, of any status, whenever it starts.
    fn has_encounter(&self, patient: &str) -> bool {
        self.res.iter().any(|r| r.live && r.kind == "Encounter" && r.patient.as_deref() == Some(patient))
    }

    fn stranger(&self, need: &Need, overall: &Case, verdict: &Verdict) -> Option<Finding> {
        let young = need.start().is_some_and(|s| self.as_of - s <= 90 * DAY);
        let nobody = ["unnamed", "lapsed", "unheld"].contains(&verdict.word);
        if young || nobody || !self.has_encounter(&need.patient) {
            return None;
        }
        let mut met = BTreeSet::new();
        for encounter in self.of_patient("Encounter", &need.patient, Known::ByAsOf) {
            if self.begun_in_status(encounter) {
                let value = &self.res[encounter].value;
                let people = shape::all(value, "participant[].individual").into_iter();
                met.extend(people.filter_map(|r: &Value| self.holder(encounter, r)).map(|h| h.person));
            }
        }
        let strangers: BTreeSet<String> = verdict.holders.difference(&met).cloned().collect();
        (!strangers.is_empty()).then(|| Finding {
            holders: strangers,
            rules: rules(&verdict.claims),
            evidence: evidence(&verdict.claims),
            ..of_need(need, "stranger", "warning", overall.since())
        })
    }

    fn ageing_out(&self, need: &Need, verdict: &Verdict) -> Option<Finding> {
        let birth = self.birth(&need.patient)?;
        let fourteenth = add_months(birth, 14 * 12, &self.tz);
        let severity = match self.as_of {
            t if t < fourteenth => return None,
            t if t < add_months(birth, 17 * 12 + 6, &self.tz) => "warning",
            _ => "error",
        };
        let transition = self.config.set("transition_plans");
        let planned = self.of_patient("CarePlan", &need.patient, Known::ByAsOf).into_iter().any(|plan| {
            let value = &self.res[plan].value;
            transition.has_any(&shape::all(value, "category[]"))
                || shape::text(value, "title").is_some_and(|t| transition.has_word(t))
        });
        let children: Vec<Claim> = verdict.claims.iter().filter(|c| self.is_for_children(c)).cloned().collect();
        if planned || children.is_empty() {
            return None;
        }
        Some(Finding {
            holders: persons(&children),
            rules: rules(&verdict.claims),
            evidence: evidence(&verdict.claims),
            ..of_need(need, "ageing-out", severity, Some(fourteenth))
        })
    }

    /// The role of the claim; for a Practitioner any of their roles not lapsed; the Organization itself.
    fn is_for_children(&self, claim: &Claim) -> bool {
        let holder = &claim.holder;
        if let Some(role) = holder.role {
            return self.role_is_for_children(role);
        }
        if let Some(organization) = &holder.organization {
            return self.organization_is_for_children(organization);
        }
        let Some(practitioner) = &holder.practitioner else { return false };
        let mut roles = self.roles_of(practitioner).into_iter();
        roles.any(|r| !self.role_lapsed(r, self.as_of) && self.role_is_for_children(r))
    }

    fn silent(&self, need: &Need) -> Option<Finding> {
        let year_ago = add_months(self.as_of, -self.config.window("review_every"), &self.tz);
        let old = need.start().is_none_or(|s| s < year_ago);
        if need.rule != "N1" || !old || !self.has_encounter(&need.patient) {
            return None;
        }
        let last = self.finished_about(need, Known::ByAsOf).into_iter().map(|(_, end)| end).max();
        if last.is_some_and(|end| end >= year_ago) {
            return None;
        }
        Some(Finding {
            rules: BTreeSet::from(["N1".to_string()]),
            evidence: BTreeSet::from([need.name.clone()]),
            ..of_need(need, "silent", "warning", last.or(need.start()))
        })
    }

    /// Of a patient with an open need.
    pub fn voiceless(&self, patient: &str, needs: &[Need]) -> Option<Finding> {
        let open: Vec<&Need> = needs.iter().filter(|n| n.patient == patient && n.is_open(self.as_of)).collect();
        let first = open.first()?;
        let spoken = self.of_patient("Goal", patient, Known::ByAsOf).into_iter().any(|goal| {
            let by = &self.res[goal].value["expressedBy"];
            let own =
                !shape::is_blank(by) && ["Patient", "RelatedPerson"].contains(&self.target(goal, by).kind.as_str());
            let addresses = self.links(goal, "addresses[]", Known::ByAsOf);
            let by_plan = self.of_patient("CarePlan", patient, Known::ByAsOf).into_iter().any(|plan| {
                self.links(plan, "goal[]", Known::ByAsOf).contains(&goal)
                    && open.iter().any(|n| self.plan_is_for(plan, n, Known::ByAsOf))
            });
            own && (open.iter().any(|n| n.is_one_of(&addresses)) || by_plan)
        });
        (!spoken).then(|| Finding {
            need: None,
            evidence: BTreeSet::from([patient.to_string()]),
            ..of_need(first, "voiceless", "note", None)
        })
    }
}
