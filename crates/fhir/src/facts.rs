//! Facts: the resources of a chart with their references followed, each once.

use answerable_care::{EndWritten, Holder, Instant, Interval};

use crate::chart::{Candidate, Chart};
use crate::date::{Stretch, When};
use crate::record::{self, Body, Class, Packed, Referral, Status};
use crate::reference::{Reference, Said, Type};
use crate::settings::CodingKey;

/// A condition, its start found.
#[derive(Debug)]
pub(crate) struct Condition<'c> {
    pub(crate) node: u32,
    pub(crate) record: &'c record::Condition<'c>,
    pub(crate) open: Interval,
    pub(crate) encounter: Option<u32>,
}

#[derive(Debug)]
pub(crate) struct Plan<'c> {
    pub(crate) node: u32,
    pub(crate) status: Status,
    pub(crate) period: Stretch,
    pub(crate) author: Option<Candidate>,
    pub(crate) teams: Vec<u32>,
    pub(crate) addresses: Vec<u32>,
    pub(crate) goals: Vec<u32>,
    /// Name, and who performs it.
    pub(crate) activities: Vec<(&'c str, Vec<Candidate>)>,
    pub(crate) is_transition: bool,
}

#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) who: Candidate,
    pub(crate) is_answerable: bool,
    pub(crate) is_no_clinician: bool,
    pub(crate) period: Stretch,
}

#[derive(Debug)]
pub(crate) struct Team {
    pub(crate) node: u32,
    pub(crate) is_contained: bool,
    pub(crate) status: Status,
    pub(crate) period: Stretch,
    pub(crate) has_reasons: bool,
    pub(crate) reasons: Vec<u32>,
    pub(crate) members: Vec<Member>,
}

#[derive(Debug)]
pub(crate) struct Episode {
    pub(crate) node: u32,
    pub(crate) status: Status,
    pub(crate) period: Stretch,
    pub(crate) diagnoses: Vec<u32>,
    pub(crate) care_manager: Option<Candidate>,
    pub(crate) managing_organization: Option<Candidate>,
    pub(crate) referrals: Vec<u32>,
    pub(crate) teams: Vec<u32>,
}

#[derive(Debug)]
pub(crate) struct Participant {
    pub(crate) who: Candidate,
    pub(crate) is_attending: bool,
    pub(crate) is_primary_performer: bool,
    pub(crate) period: Stretch,
}

#[derive(Debug)]
pub(crate) struct Encounter<'c> {
    pub(crate) node: u32,
    pub(crate) status: Status,
    pub(crate) class: Class,
    pub(crate) period: Stretch,
    pub(crate) participants: Vec<Participant>,
    pub(crate) conditions: Vec<u32>,
    pub(crate) reasons: &'c [CodingKey],
    pub(crate) based_on: Vec<u32>,
    pub(crate) episodes: Vec<u32>,
}

#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) node: u32,
    pub(crate) status: Status,
    /// N2 but for its status.
    pub(crate) is_referral: bool,
    pub(crate) authored: Option<When>,
    pub(crate) requester: Option<Candidate>,
    pub(crate) performers: Vec<Candidate>,
    pub(crate) reasons: Vec<u32>,
}

#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) node: u32,
    pub(crate) status: Status,
    pub(crate) authored: Option<When>,
    pub(crate) last_modified: Option<When>,
    pub(crate) execution_start: Option<When>,
    pub(crate) execution_end: Option<When>,
    pub(crate) owner: Option<Candidate>,
    pub(crate) requester: Option<Candidate>,
    pub(crate) about: Vec<u32>,
}

#[derive(Debug)]
pub(crate) struct Goal {
    pub(crate) node: u32,
    pub(crate) start: Instant,
    pub(crate) is_in_error: bool,
    pub(crate) is_own_voice: bool,
    pub(crate) addresses: Vec<u32>,
}

/// All facts of a chart.
#[derive(Debug, Default)]
pub(crate) struct Facts<'c> {
    pub(crate) general_practitioners: Vec<Candidate>,
    pub(crate) conditions: Vec<Condition<'c>>,
    pub(crate) plans: Vec<Plan<'c>>,
    pub(crate) teams: Vec<Team>,
    pub(crate) episodes: Vec<Episode>,
    pub(crate) encounters: Vec<Encounter<'c>>,
    pub(crate) requests: Vec<Request>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) goals: Vec<Goal>,
    pub(crate) has_encounters: bool,
    /// The persons met in an encounter begun by as-of.
    pub(crate) met: Vec<Holder>,
}

impl<'c> Facts<'c> {
    /// The episode that a node is.
    pub(crate) fn episode_of(&self, node: u32) -> Option<&Episode> {
        let index = self.episodes.binary_search_by_key(&node, |episode| episode.node).ok()?;
        self.episodes.get(index)
    }

    /// The request that a node is.
    pub(crate) fn request_of(&self, node: u32) -> Option<&Request> {
        let index = self.requests.binary_search_by_key(&node, |request| request.node).ok()?;
        self.requests.get(index)
    }

    /// Gathers the facts of a chart, in order of its nodes.
    pub(crate) fn gather(chart: &mut Chart<'c>) -> Facts<'c> {
        let mut facts = Facts::default();
        let as_of = chart.world.moments.moment.as_of;
        let mut has_patient = false;
        let mut subjects = 0;
        for (index, node) in chart.read() {
            chart.counts.participants_left_out += match &node.record.body {
                Body::CareTeam(team) => u64::from(team.left_out),
                Body::Encounter(encounter) => u64::from(encounter.left_out),
                _ => 0,
            };
            // What is contained in a resource that was entered in error was so too.
            if chart.is_in_error(node.container) {
                node.record.references(&mut |reference| {
                    chart.type_of(index, reference);
                });
                continue;
            }
            subjects += u64::from(node.record.subject.is_some() && node.container.is_none());
            match &node.record.body {
                Body::Patient(patient) if node.container.is_none() => {
                    has_patient = true;
                    if !node.is_replaced {
                        let candidates = candidates(chart, index, &patient.general_practitioners);
                        facts.general_practitioners.extend(candidates);
                    }
                }
                Body::Patient(_) | Body::Practitioner(_) | Body::PractitionerRole(_) | Body::Organization(_) => {}
                Body::Condition(condition) => facts.condition(chart, index, condition),
                Body::CarePlan(plan) => facts.plan(chart, index, plan),
                Body::CareTeam(team) => facts.team(chart, index, team, node.container.is_some()),
                Body::EpisodeOfCare(episode) => facts.episode(chart, index, episode),
                Body::Encounter(encounter) => {
                    facts.encounter(chart, index, encounter, node.container.is_none().then_some(as_of));
                }
                Body::ServiceRequest(request) => facts.request(chart, index, request),
                Body::Task(task) => facts.task(chart, index, task),
                Body::Goal(goal) => {
                    let who = goal.expressed_by.as_ref().map(|who| chart.type_of(index, who));
                    let is_own_voice = matches!(who, Some(Said::Used(Type::Patient) | Said::RelatedPerson));
                    facts.goals.push(Goal {
                        node: index,
                        start: goal.start.map_or(Instant::MIN, |start| start.0.first),
                        is_in_error: goal.status == Status::EnteredInError,
                        is_own_voice,
                        addresses: chart.links(index, &goal.addresses),
                    });
                }
            }
        }
        if !has_patient {
            chart.counts.dangling += subjects;
        }
        facts.starts_of_conditions();
        facts.met.sort_unstable();
        facts.met.dedup();
        facts
    }

    fn condition(&mut self, chart: &mut Chart<'c>, node: u32, record: &'c record::Condition<'c>) {
        let encounter = record.encounter.as_ref().and_then(|encounter| chart.link(node, encounter));
        self.conditions.push(Condition { node, record, open: record.open.0.interval, encounter });
    }

    /// A condition without onset or recorded date starts when its encounter does.
    fn starts_of_conditions(&mut self) {
        for condition in self.conditions.iter_mut().filter(|condition| condition.record.is_start_missing) {
            let Some(node) = condition.encounter else { continue };
            let index = self.encounters.binary_search_by_key(&node, |encounter| encounter.node);
            let of_it = index.ok().and_then(|index| self.encounters.get(index));
            if let Some(encounter) = of_it.filter(|encounter| encounter.status != Status::EnteredInError) {
                condition.open.start = encounter.period.interval.start;
            }
        }
    }

    fn plan(&mut self, chart: &mut Chart<'c>, node: u32, plan: &'c record::CarePlan<'c>) {
        let mut activities = Vec::new();
        for activity in &plan.activities {
            let (mut performers, mut is_duty) = (Vec::new(), false);
            for performer in &activity.performers {
                match chart.candidate(node, performer) {
                    Some(candidate) => {
                        performers.push(candidate);
                        is_duty = true;
                    }
                    // A performer who is no holder, but no patient, relative or device either, makes it a duty.
                    None => is_duty |= chart.is_performer(node, performer),
                }
            }
            if is_duty {
                activities.push((activity.name, performers));
            }
        }
        for performer in &plan.idle_performers {
            chart.type_of(node, performer);
        }
        self.plans.push(Plan {
            node,
            status: plan.status,
            period: plan.period.0,
            author: plan.author.as_ref().and_then(|author| chart.candidate(node, author)),
            teams: chart.links(node, &plan.teams),
            addresses: chart.links(node, &plan.addresses),
            goals: chart.links(node, &plan.goals),
            activities,
            is_transition: plan.is_transition,
        });
    }

    fn team(&mut self, chart: &mut Chart<'c>, node: u32, team: &'c record::CareTeam<'c>, is_contained: bool) {
        let mut members = Vec::with_capacity(team.members.len());
        for member in &team.members {
            if let Some(who) = chart.candidate(node, &member.who) {
                members.push(Member {
                    who,
                    is_answerable: member.is_answerable,
                    is_no_clinician: member.is_no_clinician,
                    period: member.period.0,
                });
            }
        }
        self.teams.push(Team {
            node,
            is_contained,
            status: team.status,
            period: team.period.0,
            has_reasons: !team.reasons.is_empty(),
            reasons: chart.links(node, &team.reasons),
            members,
        });
    }

    fn episode(&mut self, chart: &mut Chart<'c>, node: u32, episode: &'c record::EpisodeOfCare<'c>) {
        self.episodes.push(Episode {
            node,
            status: episode.status,
            period: episode.period.0,
            diagnoses: chart.links(node, &episode.diagnoses),
            care_manager: episode.care_manager.as_ref().and_then(|who| chart.candidate(node, who)),
            managing_organization: episode.managing_organization.as_ref().and_then(|who| chart.candidate(node, who)),
            referrals: chart.links(node, &episode.referrals),
            teams: chart.links(node, &episode.teams),
        });
    }

    /// `met_by` is the instant by which an encounter must have begun for its participants to have met the patient;
    /// contained ones are no encounters of the patient's own.
    fn encounter(
        &mut self,
        chart: &mut Chart<'c>,
        node: u32,
        encounter: &'c record::Encounter<'c>,
        met_by: Option<Instant>,
    ) {
        let mut participants = Vec::with_capacity(encounter.participants.len());
        for participant in &encounter.participants {
            if let Some(who) = chart.candidate(node, &participant.who) {
                participants.push(Participant {
                    who,
                    is_attending: participant.is_attending,
                    is_primary_performer: participant.is_primary_performer,
                    period: participant.period.0,
                });
            }
        }
        let period = encounter.period.0;
        self.has_encounters |= met_by.is_some();
        if took_place(encounter.status) && met_by.is_some_and(|by| period.interval.start <= by) {
            self.met.extend(participants.iter().map(|participant| participant.who.holder));
        }
        self.encounters.push(Encounter {
            node,
            status: encounter.status,
            class: encounter.class,
            period,
            participants,
            conditions: chart.links(node, &encounter.conditions),
            reasons: &encounter.reasons,
            based_on: chart.links(node, &encounter.based_on),
            episodes: chart.links(node, &encounter.episodes),
        });
    }

    fn request(&mut self, chart: &mut Chart<'c>, node: u32, request: &'c record::ServiceRequest<'c>) {
        let (mut performers, mut has_performer) = (Vec::new(), false);
        for performer in &request.performers {
            match chart.candidate(node, performer) {
                Some(candidate) => {
                    performers.push(candidate);
                    has_performer = true;
                }
                None => has_performer |= chart.is_performer(node, performer),
            }
        }
        self.requests.push(Request {
            node,
            status: request.status,
            is_referral: match request.referral {
                Referral::No => false,
                Referral::WithPerformer => has_performer,
                Referral::Yes => true,
            },
            authored: request.authored.map(|Packed(when)| when),
            requester: request.requester.as_ref().and_then(|who| chart.candidate(node, who)),
            performers,
            reasons: chart.links(node, &request.reasons),
        });
    }

    fn task(&mut self, chart: &mut Chart<'c>, node: u32, task: &'c record::Task<'c>) {
        let unpack = |when: Option<Packed<When>>| when.map(|Packed(when)| when);
        self.tasks.push(Task {
            node,
            status: task.status,
            authored: unpack(task.authored),
            last_modified: unpack(task.last_modified),
            execution_start: unpack(task.execution_start),
            execution_end: unpack(task.execution_end),
            owner: task.owner.as_ref().and_then(|who| chart.candidate(node, who)),
            requester: task.requester.as_ref().and_then(|who| chart.candidate(node, who)),
            about: chart.links(node, &task.about),
        });
    }
}

/// Whether a status lets an encounter be one that took place or is under way.
pub(crate) fn took_place(status: Status) -> bool {
    !matches!(status, Status::Planned | Status::Cancelled | Status::EnteredInError)
}

fn candidates<'c>(chart: &mut Chart<'c>, from: u32, references: &[Reference<'c>]) -> Vec<Candidate> {
    references.iter().filter_map(|reference| chart.candidate(from, reference)).collect()
}

/// The end of a date as what a rule has after *to*.
pub(crate) fn end_of(when: When) -> (Instant, EndWritten) {
    let written =
        if when.written == crate::date::Written::Day { EndWritten::AsDay(when.first) } else { EndWritten::Otherwise };
    (when.after, written)
}
