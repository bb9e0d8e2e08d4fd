//! The claims on a need, C1 to C9, each with its interval; not yet cut.

use super::dates::{BEFORE_ALL, Instant, Interval, add_months};
use super::holders::Holder;
use super::needs::Need;
use super::shape;
use super::world::{Known, World};
use serde_json::Value;

/// Strongest first.
pub const BASES: [&str; 9] =
    ["accepted", "lead", "attending", "member", "author", "sender", "registered", "last-seen", "organisation"];
pub const ACCEPTED: usize = 0;
pub const LEAD: usize = 1;
pub const ATTENDING: usize = 2;
pub const MEMBER: usize = 3;
const AUTHOR: usize = 4;
const SENDER: usize = 5;
const REGISTERED: usize = 6;
pub const LAST_SEEN: usize = 7;
pub const ORGANISATION: usize = 8;

#[derive(Clone)]
pub struct Claim {
    pub basis: usize,
    pub rule: &'static str,
    pub holder: Holder,
    pub evidence: String,
    pub interval: Interval,
    /// C3a: for this duty alone.
    pub duty: Option<String>,
    /// C7a: the team, and whether by a role in answerable_roles.
    pub team: Option<(usize, bool)>,
    /// C4 in an Encounter of a class other than IMP, ACUTE, NONAC or OBSENC.
    pub visit: bool,
}

impl World {
    pub fn claim(
        &self,
        basis: usize,
        rule: &'static str,
        holder: Option<Holder>,
        from: usize,
        interval: Interval,
    ) -> Option<Claim> {
        let holder = holder?;
        // A claim with an empty interval is none.
        if interval.is_empty() {
            return None;
        }
        let (basis, rule) = if holder.named { (basis, rule) } else { (ORGANISATION, "C9") };
        let evidence = self.res[from].name.clone();
        Some(Claim { basis, rule, holder, evidence, interval, duty: None, team: None, visit: false })
    }

    pub fn claims(&self, need: &Need, known: Known) -> Vec<Claim> {
        let mut all = self.accepted(need, known);
        all.extend(self.managed(need, known));
        all.extend(self.team_places(need, known));
        all.extend(self.plans(need, known));
        all.extend(self.attending(need, known));
        all.extend(self.senders(need, known));
        all.extend(self.registered(need));
        all.extend(self.unlinked_teams(need, known));
        all.extend(self.last_seen(need, known));
        all
    }

    /// The Task's focus or basedOn is the need, or is a referral (N2 but for its status) whose
    /// reasonReference is the need.
    pub fn task_is_about(&self, task: usize, need: &Need, known: Known) -> bool {
        self.task_targets(task, known).into_iter().any(|to| {
            need.members.contains(&to)
                || self.res[to].kind == "ServiceRequest"
                    && self.is_referral_but_status(to)
                    && need.is_one_of(&self.links(to, "reasonReference[]", known))
        })
    }

    pub fn task_targets(&self, task: usize, known: Known) -> Vec<usize> {
        let mut targets = self.links(task, "focus", known);
        targets.extend(self.links(task, "basedOn[]", known));
        targets
    }

    fn task_interval(&self, task: usize) -> Interval {
        let written = self.interval(&self.res[task].value["executionPeriod"]);
        let (authored, modified) = (self.date(task, "authoredOn"), self.date(task, "lastModified"));
        let otherwise = match self.status(task) {
            "accepted" => modified.or(authored),
            "requested" | "received" => authored,
            _ => authored.or(modified),
        };
        let start = match self.status(task) {
            "requested" | "received" => authored,
            _ => written.start.or(otherwise),
        };
        let completed = self.status(task) == "completed";
        let modified = shape::date(&self.res[task].value, "lastModified", &self.tz).and_then(|w| w.end);
        Interval { start, end: written.end.or(modified.filter(|_| completed)) }
    }

    /// C1
    fn accepted(&self, need: &Need, known: Known) -> Vec<Claim> {
        let mut found = vec![];
        for task in self.of_patient("Task", &need.patient, known) {
            if !self.task_is_about(task, need, known) {
                continue;
            }
            let owner = self.holder(task, &self.res[task].value["owner"]);
            let interval = self.task_interval(task);
            match self.status(task) {
                // With neither end a completed one makes none.
                "completed" if interval.end.is_none() => {}
                "accepted" | "in-progress" | "completed" => {
                    found.extend(self.claim(ACCEPTED, "C1", owner, task, interval));
                }
                // C9: the owner of a Task requested or received, if an organisation.
                "requested" | "received" if owner.as_ref().is_some_and(|o| !o.named) => {
                    found.extend(self.claim(ACCEPTED, "C1", owner, task, interval));
                }
                _ => {}
            }
        }
        found
    }

    /// C2, and C9 of the managing organization.
    fn managed(&self, need: &Need, known: Known) -> Vec<Claim> {
        let mut found = vec![];
        for episode in self.of_patient("EpisodeOfCare", &need.patient, known) {
            let for_referral = need.rule == "N2" && need.is_one_of(&self.links(episode, "referralRequest[]", known));
            if !self.episode_counts(episode) || !(for_referral || self.episode_is_for(episode, need, known)) {
                continue;
            }
            let value = &self.res[episode].value;
            let period = self.period(episode);
            let manager = self.holder(episode, &value["careManager"]);
            let organisation = self.organisation_holder(episode, &value["managingOrganization"]);
            found.extend(self.claim(LEAD, "C2", manager, episode, period));
            found.extend(self.claim(LEAD, "C2", organisation, episode, period));
        }
        found
    }

    /// The roles of a participant; no_role is read as if none were given.
    fn roles<'a>(&self, participant: &'a Value) -> Vec<&'a Value> {
        let mut roles = shape::all(participant, "role[]");
        roles.retain(|r| !self.config.set("no_role").has(r));
        roles
    }

    pub fn participants(&self, at: usize) -> Vec<&Value> {
        shape::all(&self.res[at].value, "participant[]")
    }

    /// C3 and C5
    fn team_places(&self, need: &Need, known: Known) -> Vec<Claim> {
        let mut found = vec![];
        for team in self.of_patient("CareTeam", &need.patient, known) {
            let counts = match self.status(team) {
                "active" | "" => true,
                "inactive" => self.period(team).end.is_some(),
                _ => false,
            };
            if !counts {
                continue;
            }
            // Each link gives a period of its own.
            let mut spans = vec![];
            if need.is_one_of(&self.links(team, "reasonReference[]", known)) {
                spans.push(Interval::default());
            }
            for plan in self.of_patient("CarePlan", &need.patient, known) {
                let linked = self.links(plan, "careTeam[]", known).contains(&team);
                if linked && self.plan_counts(plan) && self.plan_is_for(plan, need, known) {
                    spans.push(self.plan_period(plan));
                }
            }
            for episode in self.of_patient("EpisodeOfCare", &need.patient, known) {
                let linked = self.links(episode, "team[]", known).contains(&team);
                if linked && self.episode_counts(episode) && self.episode_is_for(episode, need, known) {
                    spans.push(self.period(episode));
                }
            }
            for participant in self.participants(team) {
                let roles = self.roles(participant);
                let (basis, rule) = if self.config.set("answerable_roles").has_any(&roles) {
                    (LEAD, "C3")
                } else if !self.config.set("not_clinicians").has_any(&roles) {
                    (MEMBER, "C5")
                } else {
                    continue;
                };
                for span in &spans {
                    let own = self.interval(&participant["period"]).and(&self.period(team)).and(span);
                    let member = self.holder(team, &participant["member"]);
                    found.extend(self.claim(basis, rule, member, team, own));
                }
            }
        }
        found
    }

    /// C3a and C3b
    fn plans(&self, need: &Need, known: Known) -> Vec<Claim> {
        let mut found = vec![];
        for plan in self.of_patient("CarePlan", &need.patient, known) {
            if !self.plan_counts(plan) || !self.plan_is_for(plan, need, known) {
                continue;
            }
            let period = self.plan_period(plan);
            let author = self.holder(plan, &self.res[plan].value["author"]);
            found.extend(self.claim(AUTHOR, "C3b", author, plan, period));
            for (name, performers) in self.activities(plan) {
                for performer in performers {
                    let claim = self.claim(LEAD, "C3a", self.holder(plan, performer), plan, period);
                    found.extend(claim.map(|c| Claim { duty: Some(name.clone()), ..c }));
                }
            }
        }
        found
    }

    /// When the first named C1 or C2 claim on a referral begins; a completed Task counts though it makes
    /// no claim.
    pub fn sender_ends(&self, need: &Need, known: Known) -> Option<Instant> {
        let mut begins: Vec<Option<Instant>> = vec![];
        let claims = self.accepted(need, known).into_iter().chain(self.managed(need, known));
        begins.extend(claims.filter(|c| c.holder.named).map(|c| c.interval.start));
        for task in self.of_patient("Task", &need.patient, known) {
            if self.status(task) == "completed" && self.task_is_about(task, need, known) {
                begins.push(self.task_interval(task).start);
            }
        }
        begins.into_iter().min().map(|b| b.unwrap_or(BEFORE_ALL))
    }

    /// C6
    fn senders(&self, need: &Need, known: Known) -> Vec<Claim> {
        if need.rule != "N2" {
            return vec![];
        }
        let request = need.members[0];
        let mut interval = Interval { start: self.date(request, "authoredOn"), end: None };
        if let Some(start) = interval.start {
            interval = interval.until(add_months(start, self.config.window("contact_window"), &self.tz));
        }
        if let Some(end) = self.sender_ends(need, known) {
            interval = interval.until(end);
        }
        let requester = self.holder(request, &self.res[request].value["requester"]);
        self.claim(SENDER, "C6", requester, request, interval).into_iter().collect()
    }

    /// C7
    fn registered(&self, need: &Need) -> Vec<Claim> {
        let mut found = vec![];
        if need.rule != "N2" {
            for at in self.together(&need.patient) {
                for r in shape::all(&self.res[at].value, "generalPractitioner[]") {
                    let claim = self.claim(REGISTERED, "C7", self.holder(at, r), at, Interval::default());
                    found.extend(claim.map(|c| Claim { evidence: need.patient.clone(), ..c }));
                }
            }
        }
        found
    }

    /// C7a
    fn unlinked_teams(&self, need: &Need, known: Known) -> Vec<Claim> {
        let mut found = vec![];
        if need.rule != "N1" {
            return found;
        }
        for team in self.of_patient("CareTeam", &need.patient, known) {
            let has_reason = shape::all(&self.res[team].value, "reasonReference[]").iter().any(|r| !shape::is_blank(r));
            let named = [("CarePlan", "careTeam[]"), ("EpisodeOfCare", "team[]")].iter().any(|(kind, path)| {
                let namers = self.of_patient(kind, &need.patient, known);
                namers.iter().any(|n| self.links(*n, path, known).contains(&team))
            });
            let counts = ["active", ""].contains(&self.status(team));
            if !counts || has_reason || named || self.res[team].container.is_some() {
                continue;
            }
            for participant in self.participants(team) {
                let roles = self.roles(participant);
                if self.config.set("not_clinicians").has_any(&roles) {
                    continue;
                }
                let answerable = self.config.set("answerable_roles").has_any(&roles);
                let own = self.interval(&participant["period"]).and(&self.period(team));
                let member = self.holder(team, &participant["member"]);
                let claim = self.claim(REGISTERED, "C7a", member, team, own);
                found.extend(claim.map(|c| Claim { team: Some((team, answerable)), ..c }));
            }
        }
        found
    }
}
