//! What was read, put together: resources with their names, whose they are, and when they start.

use super::config::Config;
use super::dates::{Instant, Interval};
use super::read::{FullUrl, Item, Report, count};
use super::shape::{self, Shape};
use jiff::tz::TimeZone;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub struct Res {
    pub name: String,
    pub source: Option<String>,
    pub kind: String,
    pub value: Value,
    pub bundle: Option<usize>,
    /// Its container, if it is contained.
    pub container: Option<usize>,
    /// The name of the patient whose it is.
    pub patient: Option<String>,
    /// False for what was passed over for its subject.
    pub live: bool,
}

/// What is known: all that starts by as-of, or (for *expiring*) all.
#[derive(Clone, Copy, PartialEq)]
pub enum Known {
    ByAsOf,
    All,
}

pub struct World {
    pub tz: TimeZone,
    pub config: Config,
    pub as_of: Instant,
    pub res: Vec<Res>,
    pub full_urls: Vec<FullUrl>,
    pub by_name: BTreeMap<String, usize>,
    /// What each resource is called after replacing and linking.
    pub canon: Vec<String>,
    /// Patients that are read as another: their own fields are unread.
    pub replaced: BTreeSet<usize>,
    pub report: Report,
}

pub fn prefixed(source: &Option<String>, name: &str) -> String {
    source.as_ref().map_or(name.to_string(), |s| format!("{s}/{name}"))
}

impl World {
    pub fn new(
        items: Vec<Item>,
        full_urls: Vec<FullUrl>,
        report: Report,
        config: Config,
        as_of: Instant,
        tz: TimeZone,
    ) -> World {
        let mut w = World {
            tz,
            config,
            as_of,
            res: vec![],
            full_urls,
            by_name: BTreeMap::new(),
            canon: vec![],
            replaced: BTreeSet::new(),
            report,
        };
        for item in items {
            let name = prefixed(&item.source, &format!("{}/{}", item.kind, item.id));
            w.add(Res {
                name,
                source: item.source,
                kind: item.kind,
                value: item.value,
                bundle: item.bundle,
                container: None,
                patient: None,
                live: true,
            });
        }
        w.replace();
        w.link();
        let mut at = 0;
        while at < w.res.len() {
            w.find_patient(at);
            if w.res[at].live {
                w.reach_contained(at);
            }
            at += 1;
        }
        w.count_references();
        w
    }

    fn add(&mut self, res: Res) {
        self.by_name.insert(res.name.clone(), self.res.len());
        self.canon.push(res.name.clone());
        self.res.push(res);
    }

    /// A contained resource is read only where a reference leads to it.
    fn reach_contained(&mut self, at: usize) {
        let root = self.res[at].container.unwrap_or(at);
        let mut ids: Vec<String> = vec![];
        for (_, _, r) in self.references(at) {
            if let Some(id) = r["reference"].as_str().and_then(|t| t.strip_prefix('#')) {
                ids.push(id.to_string());
            }
        }
        for id in ids {
            let name = format!("{}#{id}", self.res[root].name);
            let Some(value) = self.contained_in(root, &id).cloned() else { continue };
            let kind = value["resourceType"].as_str().unwrap_or_default().to_string();
            if shape::is_used(&kind) && !self.by_name.contains_key(&name) {
                let (source, bundle) = (self.res[root].source.clone(), self.res[root].bundle);
                self.add(Res { name, source, kind, value, bundle, container: Some(root), patient: None, live: true });
            }
        }
    }

    pub fn contained_in(&self, root: usize, id: &str) -> Option<&Value> {
        self.res[root].value["contained"].as_array()?.iter().find(|c| c["id"] == id)
    }

    /// Subjects. What has none, or one that isn't a Patient, is passed over and counted; a contained
    /// resource without one has its container's.
    fn find_patient(&mut self, at: usize) {
        let Some(path) = shape::subject_element(&self.res[at].kind) else { return };
        let subject = shape::all(&self.res[at].value, path).into_iter().find(|s| !shape::is_blank(s));
        let patient = match (subject, self.res[at].container) {
            (Some(s), _) => {
                let target = self.subject(at, s);
                (target.kind == "Patient").then_some(target.name)
            }
            (None, Some(root)) => self.res[root].patient.clone(),
            (None, None) => None,
        };
        if patient.is_none() {
            self.res[at].live = false;
            if self.res[at].container.is_none() {
                count(&mut self.report, "no_subject");
            }
        }
        self.res[at].patient = patient;
    }

    /// Every reference in an element that the rules read: path, shape, reference.
    pub fn references(&self, at: usize) -> Vec<(&'static str, Shape, &Value)> {
        let value = &self.res[at].value;
        let mut found = vec![];
        for (path, shape) in shape::elements(&self.res[at].kind) {
            if !matches!(shape, Shape::Holder | Shape::Subject | Shape::Link) {
                continue;
            }
            // A replaced Patient's own fields are unread, and of links only replaced-by is read.
            if path == "link[].other" {
                for l in shape::all(value, "link[]") {
                    if l["type"] == "replaced-by" && l["other"].is_object() {
                        found.push((path, shape, &l["other"]));
                    }
                }
                continue;
            }
            if self.replaced.contains(&at) {
                continue;
            }
            found.extend(shape::all(value, path).into_iter().map(|r| (path, shape, r)));
        }
        found.retain(|(_, _, r)| !shape::is_blank(r));
        found
    }

    /// Dangling references, and links between resources of two patients.
    fn count_references(&mut self) {
        let (mut dangling, mut crossed) = (0, 0);
        for at in (0..self.res.len()).filter(|at| self.res[*at].live) {
            for (_, shape, r) in self.references(at) {
                let subject = shape == Shape::Subject || self.res[at].kind == "Patient" && shape == Shape::Link;
                let target = if subject { self.subject(at, r) } else { self.target(at, r) };
                dangling += u64::from(target.dangling);
                if let (Shape::Link, Some(to)) = (shape, target.res)
                    && let (Some(a), Some(b)) = (&self.res[at].patient, &self.res[to].patient)
                {
                    crossed += u64::from(a != b);
                }
            }
        }
        *self.report.get_mut("dangling").unwrap() += dangling;
        *self.report.get_mut("crossed").unwrap() += crossed;
    }

    // What the rules ask of one resource.

    pub fn date(&self, at: usize, path: &str) -> Option<Instant> {
        shape::date(&self.res[at].value, path, &self.tz).map(|w| w.first)
    }

    pub fn status(&self, at: usize) -> &str {
        let path = if self.res[at].kind == "Goal" { "lifecycleStatus" } else { "status" };
        shape::text(&self.res[at].value, path).unwrap_or_default()
    }

    pub fn interval(&self, period: &Value) -> Interval {
        Interval {
            start: shape::date(period, "start", &self.tz).map(|w| w.first),
            end: shape::date(period, "end", &self.tz).and_then(|w| w.end),
        }
    }

    pub fn period(&self, at: usize) -> Interval {
        self.interval(&self.res[at].value["period"])
    }

    /// A plan's period: from period.start, else created; to period.end.
    pub fn plan_period(&self, at: usize) -> Interval {
        let period = self.period(at);
        Interval { start: period.start.or(self.date(at, "created")), ..period }
    }

    /// Entered in error, or contained in what is: from there no reference leads to it.
    pub fn in_error(&self, at: usize) -> bool {
        if self.res[at].container.is_some_and(|root| self.in_error(root)) {
            return true;
        }
        if self.res[at].kind == "Condition" {
            let status = &self.res[at].value["verificationStatus"];
            return super::config::codes(status).iter().any(|c| c == "entered-in-error");
        }
        self.status(at) == "entered-in-error"
    }

    /// From onsetDateTime, else onsetPeriod.start, else recordedDate, else the start of
    /// Condition.encounter.
    pub fn condition_start(&self, at: usize) -> Option<Instant> {
        let own = ["onsetDateTime", "onsetPeriod.start", "recordedDate"];
        own.iter().find_map(|p| self.date(at, p)).or_else(|| {
            let encounter = self.links(at, "encounter", Known::All).into_iter().next()?;
            self.period(encounter).start
        })
    }

    /// A resource starts as its need or claim does, a contained one as its container, a Task at
    /// authoredOn.
    pub fn start(&self, at: usize) -> Option<Instant> {
        if let Some(root) = self.res[at].container {
            return self.start(root);
        }
        match self.res[at].kind.as_str() {
            "Condition" => self.condition_start(at),
            "CarePlan" => self.plan_period(at).start,
            "CareTeam" | "EpisodeOfCare" | "Encounter" => self.period(at).start,
            "ServiceRequest" | "Task" => self.date(at, "authoredOn"),
            "Goal" => self.date(at, "startDate"),
            _ => None,
        }
    }

    /// What starts after as-of is unknown.
    pub fn is_known(&self, at: usize, known: Known) -> bool {
        known == Known::All || self.start(at).is_none_or(|s| s <= self.as_of)
    }

    /// The patient's resources of a kind that are known and not entered in error, contained ones too.
    pub fn of_patient(&self, kind: &str, patient: &str, known: Known) -> Vec<usize> {
        (0..self.res.len())
            .filter(|at| self.res[*at].live && self.res[*at].kind == kind)
            .filter(|at| self.res[*at].patient.as_deref() == Some(patient))
            .filter(|at| !self.in_error(*at) && self.is_known(*at, known))
            .collect()
    }

    /// Where the references at a path lead: resources of the same patient, known and not entered in
    /// error. An entered-in-error resource links nothing.
    pub fn links(&self, at: usize, path: &str, known: Known) -> Vec<usize> {
        if self.in_error(at) {
            return vec![];
        }
        shape::all(&self.res[at].value, path)
            .into_iter()
            .filter(|r| !shape::is_blank(r))
            .filter_map(|r| self.target(at, r).res)
            .filter(|to| self.res[*to].live && self.res[*to].patient == self.res[at].patient)
            .filter(|to| !self.in_error(*to) && self.is_known(*to, known))
            .collect()
    }
}
