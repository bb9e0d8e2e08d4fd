//! Who works where: surgeries, hospitals with their departments, clinicians and the roles they have.

use std::io;

use super::files::{Kind, Sink};
use super::json::{self, DAY, GMC_NUMBER, ODS_CODE, Object, SNOMED, concept, identifier, reference, resource};
use super::terms::{FAMILY, GIVEN, PLACES};
use super::{AS_OF, id};
use crate::chance::Chance;

/// All clinicians and organisations. Every source lists all of them, under ids of its own.
#[derive(Debug)]
pub(super) struct Directory {
    surgeries: Vec<Clinician>,
    children: Vec<Clinician>,
    adults: Vec<Clinician>,
    /// Those who left, of whichever field.
    leavers: Vec<Clinician>,
    organisations: u64,
}

/// Where a clinician works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Surgery,
    Children,
    Adults,
}

/// Whether a clinician is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Post {
    Held,
    /// The period of the role ended then.
    Ended(i64),
    /// The role isn't active.
    Inactive,
    /// The practitioner isn't active.
    Retired,
}

#[derive(Clone, Debug)]
pub(super) struct Clinician {
    number: u64,
    name: String,
    field: Field,
    organisation: u64,
    post: Post,
}

/// How a reference names a clinician.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Naming {
    Practitioner,
    Role,
    /// By an identifier, without an id.
    Logical,
}

impl Directory {
    /// As many as `patients` need: a GP for 1,800 and a consultant for 400, 40 at least.
    pub(super) fn new(seed: u64, patients: u64) -> Directory {
        let mut chance = Chance::of(seed, u64::MAX);
        let gps = (patients / 1_800).max(24);
        let consultants = (patients / 400).max(40);
        let organisations = (patients / 6_000).max(6) * 3;
        let (mut surgeries, mut children, mut adults, mut leavers) = (vec![], vec![], vec![], vec![]);
        for number in 0..gps + consultants {
            let field = match number {
                number if number < gps => Field::Surgery,
                number if number % 5 < 2 => Field::Children,
                _ => Field::Adults,
            };
            let post = match chance.number_below(100) {
                0..=3 => Post::Ended(AS_OF - chance.between(20, 900) * DAY),
                4 => Post::Inactive,
                5 => Post::Retired,
                _ => Post::Held,
            };
            // Organisations come in threes: a surgery, a department for children, one for adults.
            let organisation = 3 * chance.number_below(organisations / 3) + field as u64;
            let name = format!("Dr {} {}", chance.pick(&GIVEN), chance.pick(&FAMILY));
            let clinician = Clinician { number, name, field, organisation, post };
            // The first of each field stay, so that there is always someone.
            if clinician.post == Post::Held || number % gps < 5 {
                let clinician = Clinician { post: Post::Held, ..clinician };
                match field {
                    Field::Surgery => surgeries.push(clinician),
                    Field::Children => children.push(clinician),
                    Field::Adults => adults.push(clinician),
                }
            } else {
                leavers.push(clinician);
            }
        }
        if leavers.is_empty() {
            leavers.extend(adults.pop().map(|last| Clinician { post: Post::Inactive, ..last }));
        }
        Directory { surgeries, children, adults, leavers, organisations }
    }

    pub(super) fn clinician(&self, field: Field, chance: &mut Chance) -> &Clinician {
        chance.one_of(match field {
            Field::Surgery => &self.surgeries,
            Field::Children => &self.children,
            Field::Adults => &self.adults,
        })
    }

    pub(super) fn leaver(&self, chance: &mut Chance) -> &Clinician {
        chance.one_of(&self.leavers)
    }

    pub(super) fn write(&self, source: usize, out: &mut dyn Sink) -> io::Result<()> {
        for number in 0..self.organisations {
            out.put(source, Kind::Organization, &organisation(source, number))?;
        }
        for clinician in self.surgeries.iter().chain(&self.children).chain(&self.adults).chain(&self.leavers) {
            out.put(source, Kind::Practitioner, &clinician.practitioner(source))?;
            out.put(source, Kind::PractitionerRole, &clinician.role(source, 0, clinician.post))?;
            if clinician.number % 8 == 1 {
                // A second role, so that two roles of one person meet; of a leaver it ended too, mostly.
                let post = if clinician.number.is_multiple_of(3) { Post::Held } else { clinician.post };
                out.put(source, Kind::PractitionerRole, &clinician.role(source, 1, post))?;
            }
        }
        Ok(())
    }
}

impl Clinician {
    /// A reference to the clinician, as a source knows them.
    pub(super) fn reference(&self, source: usize, naming: Naming) -> String {
        match naming {
            Naming::Practitioner => {
                reference(Kind::Practitioner, &id(Kind::Practitioner, source, self.number, 0), Some(&self.name))
            }
            Naming::Role => {
                reference(Kind::PractitionerRole, &id(Kind::PractitionerRole, source, self.number, 0), Some(&self.name))
            }
            Naming::Logical => {
                let identifier = Object::new().text("system", GMC_NUMBER).text("value", &self.gmc_number()).end();
                let kind = Object::new().text("type", "Practitioner");
                kind.json("identifier", &identifier).text("display", &self.name).end()
            }
        }
    }

    /// A reference to where the clinician works.
    pub(super) fn organisation(&self, source: usize) -> String {
        organisation_reference(source, self.organisation)
    }

    fn gmc_number(&self) -> String {
        format!("{:07}", 6_000_000 + self.number)
    }

    fn practitioner(&self, source: usize) -> String {
        let mut words = self.name.split(' ');
        let (prefix, given, family) = (words.next(), words.next(), words.next());
        let name = Object::new()
            .maybe_text("family", family)
            .list("given", &given.map(quoted).into_iter().collect::<Vec<_>>())
            .list("prefix", &prefix.map(quoted).into_iter().collect::<Vec<_>>());
        let telecom = Object::new().text("system", "phone").text("value", "020 7946 0000").text("use", "work");
        resource(Kind::Practitioner, &id(Kind::Practitioner, source, self.number, 0), AS_OF - 400 * DAY)
            .list("identifier", &[identifier(GMC_NUMBER, &self.gmc_number())])
            .json("active", if self.post == Post::Retired { "false" } else { "true" })
            .list("name", &[name.end()])
            .list("telecom", &[telecom.end()])
            .text("gender", if self.number.is_multiple_of(2) { "female" } else { "male" })
            .end()
    }

    fn role(&self, source: usize, nth: u64, post: Post) -> String {
        let (code, words) = match self.field {
            Field::Surgery => ("62247001", "General practitioner"),
            Field::Children => ("82296001", "Pediatric consultant"),
            Field::Adults => ("158967008", "Consultant physician"),
        };
        let end = match post {
            Post::Ended(end) => Some(end),
            _ => None,
        };
        let practitioner =
            reference(Kind::Practitioner, &id(Kind::Practitioner, source, self.number, 0), Some(&self.name));
        resource(Kind::PractitionerRole, &id(Kind::PractitionerRole, source, self.number, nth), AS_OF - 200 * DAY)
            .json("active", if post == Post::Inactive { "false" } else { "true" })
            .json("period", &json::period(AS_OF - 4_000 * DAY, end))
            .json("practitioner", &practitioner)
            .json("organization", &organisation_reference(source, self.organisation))
            .list("code", &[concept(SNOMED, code, words)])
            .list("specialty", &[concept(SNOMED, specialty(self.field).0, specialty(self.field).1)])
            .end()
    }
}

fn specialty(field: Field) -> (&'static str, &'static str) {
    match field {
        Field::Surgery => ("394814009", "General practice"),
        Field::Children => ("394537008", "Pediatric specialty"),
        Field::Adults => ("419192003", "Internal medicine"),
    }
}

/// The name of an organisation: every third is a surgery, a department for children, one for adults.
fn organisation_name(number: u64) -> String {
    let place = PLACES.get(number as usize / 3 % PLACES.len()).copied().unwrap_or("Alderbrook");
    let what = match number % 3 {
        0 => "Surgery",
        1 => "Children's Hospital",
        _ => "General Hospital",
    };
    format!("{place} {what} {}", number / 3 / PLACES.len() as u64 + 1)
}

fn organisation_reference(source: usize, number: u64) -> String {
    reference(Kind::Organization, &id(Kind::Organization, source, number, 0), Some(&organisation_name(number)))
}

fn organisation(source: usize, number: u64) -> String {
    let address =
        Object::new().list("line", &[quoted("1 High Street")]).text("city", "Larkfield").text("country", "GB");
    resource(Kind::Organization, &id(Kind::Organization, source, number, 0), AS_OF - 900 * DAY)
        .list("identifier", &[identifier(ODS_CODE, &format!("X{number:05}"))])
        .json("active", "true")
        .list(
            "type",
            &[concept("http://terminology.hl7.org/CodeSystem/organization-type", "prov", "Healthcare Provider")],
        )
        .text("name", &organisation_name(number))
        .list("address", &[address.end()])
        .end()
}

pub(super) fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}
