//! A patient: who they are, what they live with, and what else happens to them.

use std::io;

use super::chart::{Chart, Need};
use super::directory::{Clinician, Field, Naming, quoted};
use super::files::{Kind, Sink};
use super::json::{
    CATEGORY, CLINICAL, DAY, NHS_NUMBER, Object, VERIFICATION, concept, day, identifier, narrative, reference,
    resource, snomed, status, time,
};
use super::terms::{LONG_TERM, PASSING, PLACES, Term};
use super::visits::Visit;
use super::{AS_OF, Population, care};

/// Writes one patient's records.
pub(super) fn person(population: &Population, number: u64, out: &mut dyn Sink) -> io::Result<()> {
    let mut chart = Chart::new(population, number, out);
    let gp = population.directory.clinician(Field::Surgery, &mut chart.chance);
    let needs = chart.chance.weighted(&[(6, 0), (30, 1), (30, 2), (20, 3), (10, 4), (4, 6)]).unwrap_or(1);
    let mut seen = Vec::new();
    for _ in 0..needs {
        let term = chart.chance.pick(&LONG_TERM);
        if seen.iter().any(|known: &Term| known.code == term.code) && !chart.chance.percent(25) {
            continue;
        }
        seen.push(term);
        care::course(&mut chart, &term, gp)?;
    }
    care::beside(&mut chart)?;
    chart.visits_to_surgery(gp)?;
    chart.patient(gp)
}

impl Chart<'_> {
    /// A Condition on the problem list, or found in another way; the need that it is.
    pub(super) fn condition(&mut self, source: usize, term: &Term) -> io::Result<Need> {
        let id = self.new_id(source, Kind::Condition);
        let start = self.days_ago(20, 4_000);
        let listed = self.chance.percent(75);
        let over = self.chance.percent(12);
        let undated = self.chance.percent(2);
        let abated = (over && self.chance.percent(80)).then(|| (start + 300 * DAY).min(self.latest()).max(start));
        let (category, words) = if listed {
            ("problem-list-item", "Problem List Item")
        } else {
            ("encounter-diagnosis", "Encounter Diagnosis")
        };
        let condition = resource(Kind::Condition, &id, start.max(AS_OF - 900 * DAY))
            .list("identifier", &[identifier("https://records.example/condition", &id)])
            .json("clinicalStatus", &status(CLINICAL, if over { "resolved" } else { "active" }))
            .json("verificationStatus", &status(VERIFICATION, "confirmed"))
            .list("category", &[concept(CATEGORY, category, words)])
            .json("code", &snomed(term))
            .json("subject", &self.subject(source))
            .maybe_text("onsetDateTime", (!undated).then(|| self.onset(start)).as_deref())
            .maybe_text("abatementDateTime", abated.map(time).as_deref())
            .maybe_text("recordedDate", (!undated).then(|| time(start)).as_deref())
            .end();
        self.put(source, Kind::Condition, &condition)?;
        Ok(Need { source, id, term: *term, start })
    }

    /// When something began, as exactly as people know it.
    fn onset(&mut self, start: i64) -> String {
        let day = day(start);
        match self.chance.number_below(10) {
            0 => day.get(..4).unwrap_or(&day).to_owned(),
            1 => day.get(..7).unwrap_or(&day).to_owned(),
            2..=5 => day,
            _ => time(start),
        }
    }

    /// What passes: an infection, a check-up. It makes no needs, but most of the records.
    fn visits_to_surgery(&mut self, gp: &Clinician) -> io::Result<()> {
        let source = self.surgery_source();
        for _ in 0..self.chance.between(1, 7) {
            let term = self.chance.pick(&PASSING);
            let start = self.days_ago(1, 2_500);
            let visit = Visit::ended(self, source, start).with(self, gp, "PPRF").because_of(&term).write(self)?;
            if self.chance.percent(50) {
                let id = self.new_id(source, Kind::Condition);
                let condition = resource(Kind::Condition, &id, start)
                    .json("clinicalStatus", &status(CLINICAL, "resolved"))
                    .json("verificationStatus", &status(VERIFICATION, "confirmed"))
                    .list("category", &[concept(CATEGORY, "encounter-diagnosis", "Encounter Diagnosis")])
                    .json("code", &snomed(&term))
                    .json("subject", &self.subject(source))
                    .json("encounter", &reference(Kind::Encounter, &visit, None))
                    .text("onsetDateTime", &time(start))
                    .text("abatementDateTime", &time((start + 14 * DAY).min(self.latest().max(start))))
                    .text("recordedDate", &time(start))
                    .end();
                self.put(source, Kind::Condition, &condition)?;
            }
        }
        Ok(())
    }

    /// The Patient, in every source that knows of them; the surgery says with whom they are registered.
    fn patient(&mut self, gp: &Clinician) -> io::Result<()> {
        let surgery = self.surgery_source();
        let registered = match self.chance.number_below(100) {
            0..=63 => vec![gp.reference(surgery, Naming::Practitioner)],
            64..=75 => vec![gp.reference(surgery, Naming::Role)],
            76..=79 => {
                let other = self.population.directory.clinician(Field::Surgery, &mut self.chance);
                vec![gp.reference(surgery, Naming::Practitioner), other.reference(surgery, Naming::Practitioner)]
            }
            80..=82 => {
                let gone = self.population.directory.leaver(&mut self.chance);
                vec![gone.reference(surgery, Naming::Role)]
            }
            83..=89 => vec![gp.organisation(surgery)],
            _ => vec![],
        };
        for source in 0..self.known_to.len() {
            if source == surgery || self.known_to.get(source) == Some(&true) {
                let registered = if source == surgery { registered.as_slice() } else { &[] };
                let patient = self.patient_of(source, registered);
                self.put(source, Kind::Patient, &patient)?;
            }
        }
        Ok(())
    }

    fn patient_of(&self, source: usize, registered: &[String]) -> String {
        let place = PLACES.get(self.number as usize % PLACES.len()).copied().unwrap_or("Alderbrook");
        let name = Object::new()
            .text("use", "official")
            .text("family", self.family)
            .list("given", &[quoted(self.given)])
            .list("prefix", &[quoted(if self.number.is_multiple_of(2) { "Ms" } else { "Mr" })]);
        let address = Object::new()
            .text("use", "home")
            .list("line", &[quoted(&format!("{} Station Road", self.number % 200 + 1))])
            .text("city", place)
            .text("postalCode", "ZZ99 3VZ")
            .text("country", "GB");
        let telecom = Object::new().text("system", "phone").text("value", "01632 960000").text("use", "home");
        let language = Object::new()
            .json("language", &concept("urn:ietf:bcp:47", "en-GB", "English (United Kingdom)"))
            .json("preferred", "true");
        resource(Kind::Patient, &self.patient_id(source), self.latest() - 30 * DAY)
            .json("text", &narrative(&format!("{} {}, born {}", self.given, self.family, day(self.born))))
            .list(
                "identifier",
                &[
                    identifier(NHS_NUMBER, &nhs_number(self.number)),
                    identifier("https://records.example/mrn", &format!("{:08}", self.number)),
                ],
            )
            .json("active", if self.number % 100 == 7 { "false" } else { "true" })
            .list("name", &[name.end()])
            .list("telecom", &[telecom.end()])
            .text("gender", if self.number.is_multiple_of(2) { "female" } else { "male" })
            .text("birthDate", &day(self.born))
            .maybe_text("deceasedDateTime", self.died.map(time).as_deref())
            .list("address", &[address.end()])
            .json("maritalStatus", &concept("http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "UNK", "unknown"))
            .list("communication", &[language.end()])
            .list("generalPractitioner", registered)
            .end()
    }
}

/// The NHS number of a patient: nine digits and a check digit by modulus 11
/// (<https://www.datadictionary.nhs.uk/attributes/nhs_number.html>). Where it would be 10 the next number serves.
pub(super) fn nhs_number(number: u64) -> String {
    let first = 400_000_000 + 10 * number;
    let checked = (first..first + 10).find_map(|number| {
        let digits = (0..9_u32).map(|place| (number / 10_u64.pow(place)) % 10);
        let sum: u64 = digits.zip(2..).map(|(digit, weight)| digit * weight).sum();
        match 11 - sum % 11 {
            10 => None,
            11 => Some(format!("{number}0")),
            check => Some(format!("{number}{check}")),
        }
    });
    checked.unwrap_or_default()
}
