//! Requests that go from one to another: referrals, tests, and the Tasks that follow them; goals.

use std::io;

use super::chart::{Chart, Need};
use super::directory::Clinician;
use super::files::Kind;
use super::json::{DAY, Object, SNOMED, concept, reference, resource, snomed, time};
use super::terms::{REFERRALS, TESTS, Term};
use super::visits::Visit;

/// What came of a referral.
#[derive(Clone, Copy, Debug)]
enum Course {
    /// Nobody has answered.
    Sent,
    /// It was received, and that is all.
    Received,
    Accepted,
    Rejected,
    /// The patient was seen.
    Seen,
    /// It is over.
    Completed,
}

impl Chart<'_> {
    /// A referral for a need, by its sender, and what came of it.
    pub(super) fn referral(&mut self, need: &Need, from: &Clinician) -> io::Result<()> {
        let course = self.chance.weighted(&[
            (10, Course::Sent),
            (6, Course::Received),
            (14, Course::Accepted),
            (4, Course::Rejected),
            (16, Course::Seen),
            (50, Course::Completed),
        ]);
        let course = course.unwrap_or(Course::Completed);
        let is_over = matches!(course, Course::Completed);
        let authored = if is_over { self.days_ago(100, 1_500) } else { self.days_ago(1, 120) };
        let to = self.consultant();
        let term = self.chance.pick(&REFERRALS);
        let status = if is_over { "completed" } else { "active" };
        let category = concept(SNOMED, "3457005", "Patient referral");
        let request = self.request(need, from, Some(to), status, &term, category, authored)?;
        match course {
            Course::Sent => Ok(()),
            Course::Received => self.task(need.source, "received", &request, from, to, authored + DAY).map(drop),
            Course::Accepted => self.task(need.source, "accepted", &request, from, to, authored + 5 * DAY).map(drop),
            Course::Rejected => self.task(need.source, "rejected", &request, from, to, authored + 5 * DAY).map(drop),
            Course::Seen => {
                let start = (authored + 6 * DAY).min(self.latest());
                let visit = Visit::ended(self, need.source, start).with(self, to, "ATND").based_on(&request);
                visit.about(self, need).write(self).map(drop)
            }
            Course::Completed => self.task(need.source, "completed", &request, from, to, authored + 20 * DAY).map(drop),
        }
    }

    /// A request to a laboratory: no referral.
    pub(super) fn test(&mut self, need: &Need, from: &Clinician) -> io::Result<()> {
        let authored = self.days_ago(1, 1_000);
        let term = self.chance.pick(&TESTS);
        let category = concept(SNOMED, "108252007", "Laboratory procedure");
        let status = if self.chance.percent(90) { "completed" } else { "active" };
        self.request(need, from, None, status, &term, category, authored).map(drop)
    }

    #[expect(clippy::too_many_arguments, reason = "they are the elements of the one resource that it writes")]
    fn request(
        &mut self,
        need: &Need,
        from: &Clinician,
        to: Option<&Clinician>,
        status: &str,
        what: &Term,
        category: String,
        authored: i64,
    ) -> io::Result<String> {
        let id = self.new_id(need.source, Kind::ServiceRequest);
        let performer: Vec<String> = to.map(|to| self.naming(to, need.source)).into_iter().collect();
        let request = resource(Kind::ServiceRequest, &id, authored)
            .text("status", status)
            .text("intent", "order")
            .list("category", &[category])
            .text("priority", "routine")
            .json("code", &snomed(what))
            .json("subject", &self.subject(need.source))
            .text("authoredOn", &time(authored))
            .json("requester", &self.naming(from, need.source))
            .list("performer", &performer)
            .list("reasonReference", &[reference(Kind::Condition, &need.id, Some(need.term.words))])
            .end();
        self.put(need.source, Kind::ServiceRequest, &request)?;
        Ok(id)
    }

    /// A Task on a referral.
    fn task(
        &mut self,
        source: usize,
        status: &str,
        request: &str,
        from: &Clinician,
        to: &Clinician,
        modified: i64,
    ) -> io::Result<()> {
        let about = ("basedOn", format!("[{}]", reference(Kind::ServiceRequest, request, None)));
        self.write_task(source, about, status, from, to, (modified - 2 * DAY, modified.min(self.latest())))
    }

    /// A need handed over by a Task of its own: who took it is answerable.
    pub(super) fn handover(&mut self, need: &Need, from: &Clinician, to: &Clinician) -> io::Result<()> {
        let status = if self.chance.percent(50) { "accepted" } else { "in-progress" };
        let modified = self.days_ago(3, 600).max(need.start);
        let about = ("focus", reference(Kind::Condition, &need.id, Some(need.term.words)));
        self.write_task(need.source, about, status, from, to, (modified - 2 * DAY, modified))
    }

    fn write_task(
        &mut self,
        source: usize,
        (element, about): (&str, String),
        status: &str,
        from: &Clinician,
        to: &Clinician,
        (authored, modified): (i64, i64),
    ) -> io::Result<()> {
        let id = self.new_id(source, Kind::Task);
        let task = resource(Kind::Task, &id, modified)
            .json(element, &about)
            .text("status", status)
            .text("intent", "order")
            .text("priority", "routine")
            .json("for", &self.subject(source))
            .text("authoredOn", &time(authored))
            .text("lastModified", &time(modified))
            .json("requester", &self.naming(from, source))
            .json("owner", &self.naming(to, source))
            .end();
        self.put(source, Kind::Task, &task)
    }

    /// A goal for a need: said by the patient, or by a clinician for them.
    pub(super) fn goal(&mut self, need: &Need, by: &Clinician) -> io::Result<()> {
        let id = self.new_id(need.source, Kind::Goal);
        let said_by = if self.chance.percent(60) { self.subject(need.source) } else { self.naming(by, need.source) };
        let start = self.days_ago(10, 700);
        let words = format!("Live well with {}", need.term.words.to_lowercase());
        let achievement =
            concept("http://terminology.hl7.org/CodeSystem/goal-achievement", "in-progress", "In Progress");
        let goal = resource(Kind::Goal, &id, start)
            .text("lifecycleStatus", "active")
            .json("achievementStatus", &achievement)
            .json("description", &Object::new().text("text", &words).end())
            .json("subject", &self.subject(need.source))
            .text("startDate", &super::json::day(start))
            .json("expressedBy", &said_by)
            .list("addresses", &[reference(Kind::Condition, &need.id, Some(need.term.words))])
            .end();
        self.put(need.source, Kind::Goal, &goal)
    }
}
