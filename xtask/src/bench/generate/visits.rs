//! Encounters: visits that ended, stays that go on.

use std::io;

use super::AS_OF;
use super::chart::{Chart, Need};
use super::directory::Clinician;
use super::files::Kind;
use super::json::{ACT, DAY, Object, PARTICIPATION, coding, concept, identifier, period, reference, resource, snomed};
use super::terms::{PLACES, Term, VISITS};

/// An Encounter that is put together.
#[derive(Debug)]
pub(super) struct Visit {
    source: usize,
    id: String,
    status: &'static str,
    class: (&'static str, &'static str),
    kind: Term,
    start: i64,
    end: Option<i64>,
    participants: Vec<String>,
    at: Option<String>,
    reasons: Vec<String>,
    about: Vec<String>,
    diagnoses: Vec<String>,
    based_on: Vec<String>,
    episode: Vec<String>,
}

impl Visit {
    /// A visit of half an hour or so; now and then by telephone.
    pub(super) fn ended(chart: &mut Chart, source: usize, start: i64) -> Visit {
        let class = match chart.chance.number_below(10) {
            0 => ("VR", "virtual"),
            1 => ("HH", "home health"),
            2 => ("EMER", "emergency"),
            _ => ("AMB", "ambulatory"),
        };
        let end = start + chart.chance.between(10, 60) * 60;
        Visit {
            source,
            id: chart.new_id(source, Kind::Encounter),
            status: "finished",
            class,
            kind: chart.chance.pick(&VISITS),
            start,
            end: Some(end),
            participants: Vec::new(),
            at: None,
            reasons: Vec::new(),
            about: Vec::new(),
            diagnoses: Vec::new(),
            based_on: Vec::new(),
            episode: Vec::new(),
        }
    }

    /// A stay on a ward that goes on; `ended` days later if it doesn't.
    pub(super) fn stay(chart: &mut Chart, source: usize, start: i64, ended: Option<i64>) -> Visit {
        let status = if ended.is_some() { "finished" } else { "in-progress" };
        let end = ended.map(|days| start + days * DAY);
        Visit { status, class: ("IMP", "inpatient encounter"), end, ..Visit::ended(chart, source, start) }
    }

    /// A visit that is yet to come.
    pub(super) fn planned(chart: &mut Chart, source: usize) -> Visit {
        let start = AS_OF + chart.chance.between(5, 120) * DAY;
        Visit { status: "planned", ..Visit::ended(chart, source, start) }
    }

    /// Adds someone who takes part: as attender (ATND), primary performer (PPRF) or otherwise.
    pub(super) fn with(mut self, chart: &mut Chart, who: &Clinician, role: &str) -> Visit {
        let words = match role {
            "ATND" => "attender",
            "PPRF" => "primary performer",
            _ => "participation",
        };
        let participant = Object::new()
            .list("type", &[concept(PARTICIPATION, role, words)])
            .json("period", &period(self.start, self.end))
            .json("individual", &chart.naming(who, self.source));
        self.participants.push(participant.end());
        self.at.get_or_insert_with(|| who.organisation(self.source));
        self
    }

    /// Says the reason in words and code.
    pub(super) fn because_of(mut self, term: &Term) -> Visit {
        self.reasons.push(snomed(term));
        self
    }

    /// Says that it is about a need, in one of the ways in which servers do.
    pub(super) fn about(mut self, chart: &mut Chart, need: &Need) -> Visit {
        let condition = reference(Kind::Condition, &need.id, Some(need.term.words));
        match chart.chance.number_below(10) {
            0..=3 => {
                let role = concept("http://terminology.hl7.org/CodeSystem/diagnosis-role", "CC", "Chief complaint");
                let diagnosis = Object::new().json("condition", &condition).json("use", &role).json("rank", "1");
                self.diagnoses.push(diagnosis.end());
            }
            4..=6 => self.about.push(condition),
            _ => self.reasons.push(snomed(&need.term)),
        }
        self
    }

    pub(super) fn based_on(mut self, request: &str) -> Visit {
        self.based_on.push(reference(Kind::ServiceRequest, request, None));
        self
    }

    pub(super) fn of_episode(mut self, episode: &str) -> Visit {
        self.episode.push(reference(Kind::EpisodeOfCare, episode, None));
        self
    }

    /// Writes it, and says its id.
    pub(super) fn write(self, chart: &mut Chart) -> io::Result<String> {
        let place = chart.chance.pick(&PLACES);
        let location =
            Object::new().text("display", &format!("{place}, consulting room {}", chart.chance.between(1, 20))).end();
        let encounter = resource(Kind::Encounter, &self.id, self.end.unwrap_or(self.start))
            .list("identifier", &[identifier("https://records.example/encounter", &self.id)])
            .text("status", self.status)
            .json("class", &coding(ACT, self.class.0, Some(self.class.1)))
            .list("type", &[snomed(&self.kind)])
            .json("subject", &chart.subject(self.source))
            .list("episodeOfCare", &self.episode)
            .list("basedOn", &self.based_on)
            .list("participant", &self.participants)
            .json("period", &period(self.start, self.end))
            .list("reasonCode", &self.reasons)
            .list("reasonReference", &self.about)
            .list("diagnosis", &self.diagnoses)
            .list("location", &[Object::new().json("location", &location).end()])
            .maybe_json("serviceProvider", self.at.as_deref())
            .end();
        chart.put(self.source, Kind::Encounter, &encounter)?;
        Ok(self.id)
    }
}
