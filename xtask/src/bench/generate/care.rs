//! Courses of care: for each need an arrangement by which someone is answerable for it, or nobody is.

use std::io;

use super::AS_OF;
use super::chart::{Chart, Need};
use super::directory::{Clinician, Field, Naming};
use super::files::Kind;
use super::json::{DAY, Object, PARTICIPATION, SNOMED, concept, narrative, period, reference, resource, snomed};
use super::terms::{ACTIVITIES, Term};
use super::visits::Visit;

/// Who is answerable for a need, and how the records say so.
#[derive(Clone, Copy, Debug)]
enum Arrangement {
    /// A team with a lead.
    Lead,
    /// A team of one or several, none of whom leads.
    Members(usize),
    /// Two who both lead.
    TwoLeads,
    /// A lead who has left.
    Left,
    /// A team or episode that names an organisation alone.
    ClinicOnly,
    /// A lead whose time ended some months ago.
    Ended,
    /// A lead whose time will end, mostly with nobody after.
    Ending,
    /// An episode with a care manager.
    Episode,
    /// A Task that someone took.
    Handover,
    /// On a ward, or just home from one.
    Ward,
    /// A plan with an author.
    Plan,
    /// A plan with a team and with duties.
    PlanWithTeam,
    /// Visits and no more.
    Alone,
}

const ARRANGEMENTS: [(u64, Arrangement); 14] = [
    (16, Arrangement::Lead),
    (9, Arrangement::Members(1)),
    (4, Arrangement::Members(2)),
    (3, Arrangement::TwoLeads),
    (3, Arrangement::Left),
    (3, Arrangement::ClinicOnly),
    (4, Arrangement::Ended),
    (4, Arrangement::Ending),
    (9, Arrangement::Episode),
    (6, Arrangement::Handover),
    (4, Arrangement::Ward),
    (6, Arrangement::Plan),
    (8, Arrangement::PlanWithTeam),
    (21, Arrangement::Alone),
];

/// One thing that a patient lives with: the Condition, the arrangement, visits, referrals, goals.
pub(super) fn course(chart: &mut Chart, term: &Term, gp: &Clinician) -> io::Result<()> {
    let source = chart.any_source();
    let need = chart.condition(source, term)?;
    let lead = chart.consultant();
    let arrangement = chart.chance.weighted(&ARRANGEMENTS).unwrap_or(Arrangement::Alone);
    chart.arrange(&need, lead, gp, arrangement)?;
    for _ in 0..chart.chance.between(0, 7) {
        chart.visit(&need, lead, gp)?;
    }
    if chart.chance.percent(5) {
        Visit::planned(chart, source).with(chart, lead, "ATND").about(chart, &need).write(chart)?;
    }
    if chart.chance.percent(25) {
        chart.referral(&need, gp)?;
    }
    for _ in 0..chart.chance.between(0, 2) {
        chart.test(&need, gp)?;
    }
    if chart.chance.percent(30) {
        chart.goal(&need, lead)?;
    }
    Ok(())
}

/// What is about no one need: a team for everything, a plan or an episode for nothing in particular.
pub(super) fn beside(chart: &mut Chart) -> io::Result<()> {
    let source = chart.any_source();
    let who = chart.consultant();
    let start = chart.days_ago(30, 900);
    if chart.chance.percent(6) {
        let member = Member { who: chart.naming(who, source), role: Role::Nurse };
        chart.team(source, None, &[member], (start, None), "active")?;
    }
    if chart.chance.percent(5) {
        chart.plan(source, None, Some(who), None, (start, None))?;
    }
    if chart.chance.percent(5) {
        let manager = chart.chance.percent(60).then_some(who);
        chart.episode(source, None, manager, who, (start, None))?;
    }
    Ok(())
}

/// Someone in a team.
struct Member {
    who: String,
    role: Role,
}

#[derive(Clone, Copy, Debug)]
enum Role {
    Responsible,
    Coordinator,
    Nurse,
    Patient,
    Organisation,
}

impl Chart<'_> {
    fn arrange(&mut self, need: &Need, lead: &Clinician, gp: &Clinician, arrangement: Arrangement) -> io::Result<()> {
        let source = need.source;
        let since = self.days_ago(100, 1_500).max(need.start);
        let role = if self.chance.percent(70) { Role::Responsible } else { Role::Coordinator };
        let led_by = |who: String| Member { who, role };
        match arrangement {
            Arrangement::Lead => {
                let lead = self.naming(lead, source);
                self.team_with_patient(need, vec![led_by(lead)], (since, None))
            }
            Arrangement::Members(count) => {
                let mut members = Vec::new();
                for _ in 0..count {
                    let who = self.consultant();
                    members.push(Member { who: self.naming(who, source), role: Role::Nurse });
                }
                self.team_with_patient(need, members, (since, None))
            }
            Arrangement::TwoLeads => {
                let other = self.consultant();
                let both = vec![led_by(self.naming(lead, source)), led_by(self.naming(other, source))];
                self.team_with_patient(need, both, (since, None))
            }
            Arrangement::Left => {
                let gone = self.population.directory.leaver(&mut self.chance);
                self.team_with_patient(need, vec![led_by(gone.reference(source, Naming::Role))], (since, None))
            }
            Arrangement::ClinicOnly if self.chance.percent(50) => {
                self.episode(source, Some(need), None, lead, (since, None)).map(drop)
            }
            Arrangement::ClinicOnly => {
                let clinic = Member { who: lead.organisation(source), role: Role::Organisation };
                self.team_with_patient(need, vec![clinic], (since, None))
            }
            Arrangement::Ended => {
                let end = self.latest() - self.chance.between(5, 360) * DAY;
                let lead = self.naming(lead, source);
                self.team_with_patient(need, vec![led_by(lead)], (since.min(end - 30 * DAY), Some(end)))
            }
            Arrangement::Ending => {
                let end = AS_OF + self.chance.between(3, 85) * DAY;
                let first = self.naming(lead, source);
                self.team_with_patient(need, vec![led_by(first)], (since, Some(end)))?;
                if self.chance.percent(30) {
                    let next = self.consultant();
                    let next = self.naming(next, source);
                    self.team_with_patient(need, vec![led_by(next)], (end, None))?;
                }
                Ok(())
            }
            Arrangement::Episode => {
                let episode = self.episode(source, Some(need), Some(lead), lead, (since, None))?;
                let start = self.days_ago(5, 500);
                let visit = Visit::ended(self, source, start).with(self, lead, "ATND").of_episode(&episode);
                visit.write(self).map(drop)
            }
            Arrangement::Handover => self.handover(need, gp, lead),
            Arrangement::Ward => {
                let (start, ended) = (self.days_ago(2, 60), self.chance.percent(40).then_some(2));
                let stay = Visit::stay(self, source, start, ended).with(self, lead, "ATND");
                stay.about(self, need).write(self).map(drop)
            }
            Arrangement::Plan => self.plan(source, Some(need), Some(lead), None, (since, None)),
            Arrangement::PlanWithTeam => {
                let members = [Member { who: self.naming(lead, source), role }];
                let team = self.team(source, None, &members, (since, None), "active")?;
                self.plan(source, Some(need), Some(lead), Some(&team), (since, None))
            }
            Arrangement::Alone => Ok(()),
        }
    }

    /// A visit about a need: mostly to the one who leads, sometimes to the surgery.
    fn visit(&mut self, need: &Need, lead: &Clinician, gp: &Clinician) -> io::Result<()> {
        let days = ((self.latest() - need.start) / DAY).clamp(1, 2_000);
        let start = self.days_ago(0, days).max(need.start);
        let visit = Visit::ended(self, need.source, start);
        let visit = match self.chance.number_below(10) {
            0..=4 => visit.with(self, lead, "ATND"),
            5..=6 => visit.with(self, lead, "ATND").with(self, gp, "REF"),
            7 => visit.with(self, lead, "PPRF"),
            _ => visit.with(self, gp, "PPRF"),
        };
        visit.about(self, need).write(self).map(drop)
    }

    fn team_with_patient(&mut self, need: &Need, mut members: Vec<Member>, when: (i64, Option<i64>)) -> io::Result<()> {
        members.insert(0, Member { who: self.subject(need.source), role: Role::Patient });
        let status = if when.1.is_some_and(|end| end < AS_OF) { "inactive" } else { "active" };
        self.team(need.source, Some(need), &members, when, status).map(drop)
    }

    fn team(
        &mut self,
        source: usize,
        need: Option<&Need>,
        members: &[Member],
        (start, end): (i64, Option<i64>),
        status: &str,
    ) -> io::Result<String> {
        let id = self.new_id(source, Kind::CareTeam);
        let participants: Vec<String> = members
            .iter()
            .map(|member| {
                let role = match member.role {
                    Role::Responsible => concept(PARTICIPATION, "RESP", "responsible party"),
                    Role::Coordinator => concept(SNOMED, "768820003", "Care coordinator"),
                    Role::Nurse => concept(SNOMED, "224565003", "Specialist nurse"),
                    Role::Patient => concept(SNOMED, "116154003", "Patient"),
                    Role::Organisation => concept(SNOMED, "224891009", "Healthcare services"),
                };
                Object::new().list("role", &[role]).json("member", &member.who).end()
            })
            .collect();
        let about: Vec<String> =
            need.iter().map(|need| reference(Kind::Condition, &need.id, Some(need.term.words))).collect();
        let name = need.map_or("Care team".to_owned(), |need| format!("{} team", need.term.words));
        let team = resource(Kind::CareTeam, &id, start.min(AS_OF))
            .text("status", status)
            .text("name", &name)
            .json("subject", &self.subject(source))
            .json("period", &period(start, end))
            .list("participant", &participants)
            .list("reasonReference", &about)
            .end();
        self.put(source, Kind::CareTeam, &team)?;
        Ok(id)
    }

    fn plan(
        &mut self,
        source: usize,
        need: Option<&Need>,
        author: Option<&Clinician>,
        team: Option<&str>,
        (start, end): (i64, Option<i64>),
    ) -> io::Result<()> {
        let id = self.new_id(source, Kind::CarePlan);
        let title = match need {
            Some(_) if self.chance.percent(4) => "Transition to adult care".to_owned(),
            Some(need) => format!("Care plan for {}", need.term.words.to_lowercase()),
            None => "Care plan".to_owned(),
        };
        let mut activities = Vec::new();
        for _ in 0..if team.is_some() { self.chance.between(0, 3) } else { 0 } {
            activities.push(self.activity(source));
        }
        let category =
            concept("http://hl7.org/fhir/us/core/CodeSystem/careplan-category", "assess-plan", "Assessment and Plan");
        let author = author.map(|author| self.naming(author, source));
        let addresses: Vec<String> =
            need.iter().map(|need| reference(Kind::Condition, &need.id, Some(need.term.words))).collect();
        let teams: Vec<String> = team.iter().map(|id| reference(Kind::CareTeam, id, None)).collect();
        let plan = resource(Kind::CarePlan, &id, start)
            .json("text", &narrative(&title))
            .text("status", "active")
            .text("intent", "plan")
            .list("category", &[category])
            .text("title", &title)
            .json("subject", &self.subject(source))
            .json("period", &period(start, end))
            .text("created", &super::json::time(start))
            .maybe_json("author", author.as_deref())
            .list("careTeam", &teams)
            .list("addresses", &addresses)
            .list("activity", &activities)
            .end();
        self.put(source, Kind::CarePlan, &plan)
    }

    /// Something to do, by someone: a duty.
    fn activity(&mut self, source: usize) -> String {
        let who = if self.chance.percent(50) {
            self.population.directory.clinician(Field::Surgery, &mut self.chance)
        } else {
            self.consultant()
        };
        let status = if self.chance.percent(80) { "in-progress" } else { "completed" };
        let code = snomed(self.chance.one_of(&ACTIVITIES));
        let detail = Object::new()
            .text("kind", "ServiceRequest")
            .json("code", &code)
            .text("status", status)
            .list("performer", &[self.naming(who, source)]);
        Object::new().json("detail", &detail.end()).end()
    }

    fn episode(
        &mut self,
        source: usize,
        need: Option<&Need>,
        manager: Option<&Clinician>,
        at: &Clinician,
        (start, end): (i64, Option<i64>),
    ) -> io::Result<String> {
        let id = self.new_id(source, Kind::EpisodeOfCare);
        let kind = concept("http://terminology.hl7.org/CodeSystem/episodeofcare-type", "cacp", "Community-based care");
        let diagnoses: Vec<String> = need
            .iter()
            .map(|need| {
                let condition = reference(Kind::Condition, &need.id, Some(need.term.words));
                Object::new().json("condition", &condition).json("rank", "1").end()
            })
            .collect();
        let manager = manager.map(|manager| self.naming(manager, source));
        let episode = resource(Kind::EpisodeOfCare, &id, start)
            .text("status", "active")
            .list("type", &[kind])
            .list("diagnosis", &diagnoses)
            .json("patient", &self.subject(source))
            .json("managingOrganization", &at.organisation(source))
            .json("period", &period(start, end))
            .maybe_json("careManager", manager.as_deref())
            .end();
        self.put(source, Kind::EpisodeOfCare, &episode)?;
        Ok(id)
    }
}
