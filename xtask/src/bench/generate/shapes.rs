//! Populations of unusual shape, which must not cost more than usual ones of their size.

use std::io;

use super::chart::Chart;
use super::directory::{Field, Naming};
use super::files::{Kind, Sink};
use super::json::{
    CATEGORY, CLINICAL, NHS_NUMBER, Object, SNOMED, VERIFICATION, coding, concept, identifier, reference, resource,
    status, time,
};
use super::terms::{LONG_TERM, Term};
use super::visits::Visit;
use super::{Population, care};
use crate::chance::Chance;

/// How many resources the giant has.
const GIANT_RESOURCES: u64 = 100_000;

/// The giant's number: beyond that of any patient.
const GIANT: u64 = 50_000_000;

/// One patient with 100,000 resources: 2,000 needs with courses of their own, and 90,000 visits about some of them.
pub(super) fn giant(population: &Population, out: &mut dyn Sink) -> io::Result<()> {
    let mut chart = Chart::new(population, GIANT, out);
    let gp = population.directory.clinician(Field::Surgery, &mut chart.chance);
    // As old as people get, so that everything has room.
    chart.born = super::AS_OF - 100 * 365 * super::json::DAY;
    chart.died = None;
    for number in 0..2_000_u64 {
        let words = LONG_TERM.get(number as usize % LONG_TERM.len()).map_or("", |term| term.words);
        // A code of its own for each, but that every tenth comes again; leaked, since terms last as long as the run.
        let code: &str = format!("{}", 900_000_000 + number % 1_800).leak();
        care::course(&mut chart, &Term { code, words }, gp)?;
    }
    let source = chart.surgery_source();
    let need = chart.condition(source, &LONG_TERM[0])?;
    for _ in 0..GIANT_RESOURCES - 12_000 {
        let start = chart.days_ago(1, 9_000);
        let who = chart.consultant();
        Visit::ended(&mut chart, source, start)
            .with(&mut chart, who, "ATND")
            .about(&mut chart, &need)
            .write(&mut chart)?;
    }
    let patient = lean_patient(population, GIANT, &gp.reference(source, Naming::Practitioner));
    chart.put(source, Kind::Patient, &patient)
}

/// With whom patients of little record are registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum With {
    /// All with one practitioner.
    One,
    /// Each with one of many.
    Many,
}

/// A patient with one need and little else.
pub(super) fn lean(population: &Population, number: u64, with: With, out: &mut dyn Sink) -> io::Result<()> {
    let mut chance = Chance::of(population.seed, if with == With::One { 0 } else { number });
    let registered = population.directory.clinician(Field::Surgery, &mut chance);
    let mut chart = Chart::new(population, number, out);
    let term = chart.chance.pick(&LONG_TERM);
    let start = chart.days_ago(100, 3_000);
    let id = chart.new_id(0, Kind::Condition);
    let condition = resource(Kind::Condition, &id, start)
        .json("clinicalStatus", &status(CLINICAL, "active"))
        .json("verificationStatus", &status(VERIFICATION, "confirmed"))
        .list("category", &[concept(CATEGORY, "problem-list-item", "Problem List Item")])
        .json("code", &super::json::snomed(&term))
        .json("subject", &chart.subject(0))
        .text("onsetDateTime", &time(start))
        .end();
    chart.put(0, Kind::Condition, &condition)?;
    let patient = lean_patient(population, number, &registered.reference(0, Naming::Practitioner));
    chart.put(0, Kind::Patient, &patient)
}

fn lean_patient(population: &Population, number: u64, registered: &str) -> String {
    let source = population.sources - 1;
    resource(Kind::Patient, &super::id(Kind::Patient, source, number, 0), super::AS_OF)
        .list("identifier", &[identifier(NHS_NUMBER, &super::people::nhs_number(number))])
        .text("birthDate", "1960-05-17")
        .list("generalPractitioner", &[registered.to_owned()])
        .end()
}

/// Forty measurements of a patient: what exports are mostly made of, and check passes over.
pub(super) fn observations(population: &Population, number: u64, out: &mut dyn Sink) -> io::Result<()> {
    let mut chart = Chart::new(population, number, out);
    for _ in 0..40 {
        let (id, start) = (chart.new_id(0, Kind::Observation), chart.days_ago(1, 3_000));
        let visit = chart.new_id(0, Kind::Encounter);
        let value = chart.chance.between(50, 180).to_string();
        let quantity = Object::new()
            .json("value", &value)
            .text("unit", "mm[Hg]")
            .text("system", "http://unitsofmeasure.org")
            .text("code", "mm[Hg]");
        let category = "http://terminology.hl7.org/CodeSystem/observation-category";
        let code = Object::new()
            .list(
                "coding",
                &[
                    coding("http://loinc.org", "8480-6", Some("Systolic blood pressure")),
                    coding(SNOMED, "271649006", Some("Systolic blood pressure")),
                ],
            )
            .text("text", "Systolic blood pressure");
        let observation = resource(Kind::Observation, &id, start)
            .list("identifier", &[identifier("https://records.example/observation", &id)])
            .text("status", "final")
            .list("category", &[concept(category, "vital-signs", "Vital Signs")])
            .json("code", &code.end())
            .json("subject", &chart.subject(0))
            .json("encounter", &reference(Kind::Encounter, &visit, None))
            .text("effectiveDateTime", &time(start))
            .text("issued", &time(start))
            .json("valueQuantity", &quantity.end())
            .end();
        chart.put(0, Kind::Observation, &observation)?;
    }
    Ok(())
}
