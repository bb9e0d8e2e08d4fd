//! Random records: small, hostile, almost always valid, and full of coincidences.
//!
//! Dates come from a small pool around as-of, so that they touch, fall on one day, and lie exactly at
//! the edge of a window.

use super::random_care;
use serde_json::{Value, json};

/// splitmix64
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Rng {
        let mut rng = Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d);
        rng.next();
        rng
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// Between both, inclusive.
    pub fn between(&mut self, a: usize, b: usize) -> usize {
        a + self.below(b - a + 1)
    }

    pub fn percent(&mut self, p: usize) -> bool {
        self.below(100) < p
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// What a seed gives: inputs by source, as-of and a time zone.
pub struct Records {
    pub sources: Vec<(Option<String>, Vec<Value>)>,
    pub as_of: String,
    pub tz: String,
}

pub const STARTS: [&str; 44] = [
    "2010-06-01",
    "2019",
    "2020-01-01",
    "2021-01-01",
    "2022-05-31",
    "2022-06-01",
    "2022-06-01T12:00:00Z",
    "2022-06-02",
    "2023-01",
    "2023-05-31",
    "2023-05-31T23:59:59Z",
    "2023-06-01",
    "2023-06-01T00:00:01Z",
    "2024-01-01",
    "2024-01-01",
    "2024-02-29",
    "2024-03-02",
    "2024-03-03",
    "2024-03-03T00:00:01Z",
    "2024-04",
    "2024-04-19",
    "2024-04-20",
    "2024-04-20T12:00:00Z",
    "2024-05-05",
    "2024-05-05T09:00:00Z",
    "2024-05-05T10:00:00Z",
    "2024-05-05T12:00:00",
    "2024-05-06",
    "2024-05-18",
    "2024-05-18T00:00:01Z",
    "2024-05-30T08:00:00Z",
    "2024-05-31",
    "2024-05-31T12:00:00Z",
    "2024-05-31T23:30:00.25Z",
    "2024-06-01",
    "2024-06-01T00:00:00Z",
    "2024-06-01T00:00:01Z",
    "2024-06-01T12:00:00Z",
    "2024-06-02",
    "2024-06-30T12:00:00Z",
    "2024-07-01",
    "2024-07-31T23:00:00+02:00",
    "2024-08-30",
    "2024-09-01",
];

pub const ENDS: [&str; 32] = [
    "2020-12-31",
    "2021-12-31T00:00:00Z",
    "2022-05-31",
    "2022-06-01",
    "2023-05-31",
    "2023-05-31T23:59:59Z",
    "2023-06-01",
    "2023-06-01T00:00:00Z",
    "2023",
    "2024-02-29",
    "2024-02-29T12:00:00Z",
    "2024-03-02",
    "2024-03-31",
    "2024-04",
    "2024-05-04",
    "2024-05-05",
    "2024-05-05",
    "2024-05-05T10:00:00Z",
    "2024-05-05T12:00:00",
    "2024-05-31",
    "2024-05-31T12:00:00Z",
    "2024-06-01",
    "2024-06-01T00:00:00Z",
    "2024-06-01T12:00:00Z",
    "2024-06-30",
    "2024-06-30",
    "2024-07",
    "2024-08-29",
    "2024-08-30T00:00:00Z",
    "2024-08-30",
    "2025",
    "9999-12-31",
];

/// A start, most often before as-of.
pub fn start(rng: &mut Rng) -> &'static str {
    if rng.percent(60) { STARTS[rng.below(28)] } else { STARTS[rng.below(STARTS.len())] }
}

/// A period, with a start and an end each there or not, seldom the wrong way round.
pub fn period(rng: &mut Rng, with_start: usize, with_end: usize) -> Value {
    let mut out = json!({});
    if rng.percent(with_start) {
        out["start"] = start(rng).into();
    }
    if rng.percent(with_end) {
        let end = *rng.pick(&ENDS);
        let ordered = out["start"].as_str().is_none_or(|s| &s[..4.max(s.len().min(end.len()))] <= end);
        if ordered || rng.percent(2) {
            out["end"] = end.into();
        }
    }
    out
}

pub fn concept(system: &str, code: &str) -> Value {
    json!({"coding": [{"system": system, "code": code}]})
}

pub const SNOMED: &str = "http://snomed.info/sct";
pub const GMC: &str = "https://fhir.hl7.org.uk/Id/gmc-number";
const ODS: &str = "https://fhir.nhs.uk/Id/ods-organization-code";
const NHS: &str = "https://fhir.nhs.uk/Id/nhs-number";

/// The records of a seed.
pub fn records(seed: u64) -> Records {
    let mut rng = Rng::new(seed);
    let as_of = ["2024-06-01", "2024-06-01", "2024-06-01", "2024-06-01T12:00:00Z", "2024-06", "2024-02-29"];
    let tz = ["UTC", "UTC", "UTC", "Europe/London", "America/New_York", "Asia/Kolkata"];
    let (as_of, tz) = (rng.pick(&as_of).to_string(), rng.pick(&tz).to_string());
    let names: Vec<Option<String>> = match rng.below(10) {
        0 => vec![Some("gp".into()), Some("trust".into())],
        1 => vec![None, Some("trust".into())],
        2 => vec![Some("gp".into())],
        _ => vec![None],
    };
    let mut sources = vec![];
    for name in names {
        let mut all = people(&mut rng);
        for patient in patients(&mut rng, &mut all) {
            all.extend(random_care::care(&mut rng, &patient));
        }
        spoil(&mut rng, &mut all);
        sources.push((name, bundled(&mut rng, all)));
    }
    Records { sources, as_of, tz }
}

/// Practitioners, their roles, and organizations.
fn people(rng: &mut Rng) -> Vec<Value> {
    let mut all = vec![];
    for (id, number) in [("ann", "1"), ("ben", "2"), ("cat", "3"), ("dan", "1")] {
        let mut p = json!({"resourceType": "Practitioner", "id": id});
        if rng.percent(40) {
            p["identifier"] = json!([{"system": GMC, "value": number}]);
        } else if rng.percent(20) {
            p["identifier"] = json!([{"system": "http://local.example/staff", "value": *rng.pick(&["7", "8"])}]);
        }
        if rng.percent(12) {
            p["active"] = rng.percent(20).into();
        }
        all.push(p);
    }
    let names = ["Riverside Children's Hospital", "Clinic", "Trust"];
    for (id, name) in ["kids", "clinic", "trust"].into_iter().zip(names) {
        let mut o = json!({"resourceType": "Organization", "id": id, "name": name});
        if rng.percent(12) {
            o["active"] = rng.percent(20).into();
        }
        if rng.percent(15) {
            o["identifier"] = json!([{"system": ODS, "value": *rng.pick(&["RXX", "RYY"])}]);
        }
        if rng.percent(6) {
            o["type"] = json!([{"text": "Paediatric ward"}]);
        }
        all.push(o);
    }
    let of = ["ann", "ben", "cat", "", "gone"];
    for (id, person) in ["ann-r", "ben-r", "cat-r", "vacant", "gone-r"].into_iter().zip(of) {
        let mut r = json!({"resourceType": "PractitionerRole", "id": id});
        if !person.is_empty() {
            r["practitioner"] = json!({"reference": format!("Practitioner/{person}")});
        }
        if rng.percent(35) {
            r["period"] = period(rng, 40, 85);
        }
        if rng.percent(50) {
            let org = *rng.pick(&["kids", "kids", "clinic", "trust", "gone"]);
            r["organization"] = json!({"reference": format!("Organization/{org}")});
        }
        if rng.percent(8) {
            r["active"] = rng.percent(20).into();
        }
        if rng.percent(20) {
            let children = rng.percent(60);
            r["specialty"] = json!([if children {
                concept(SNOMED, "394537008")
            } else {
                concept("http://nucc.org/provider-taxonomy", "208000000X")
            }]);
        }
        if rng.percent(85) {
            all.push(r);
        }
    }
    if rng.percent(10) {
        all.push(json!({"resourceType": "PractitionerRole", "id": "ann-2", "practitioner": {"reference": "Practitioner/ann"}, "period": period(rng, 50, 50)}));
    }
    all
}

/// One to three patients; the ids that care is written for.
fn patients(rng: &mut Rng, all: &mut Vec<Value>) -> Vec<String> {
    let births =
        ["1960-01-01", "2010-06-01", "2010-06-02", "2006-12-01", "2006-12-02", "2008", "2006-08-30", "2007-03"];
    let mut ids = vec![];
    for id in ["p", "q", "r"].into_iter().take(*rng.pick(&[1, 1, 1, 1, 2, 3])) {
        let mut p = json!({"resourceType": "Patient", "id": id});
        if rng.percent(70) {
            p["birthDate"] = (*rng.pick(&births)).into();
        }
        if rng.percent(30) {
            let number = *rng.pick(&["9434765919", "943 476 5919", "9990000018", "9434765918", "1111111111"]);
            p["identifier"] = json!([{"system": NHS, "value": number}]);
            if rng.percent(70) {
                p["birthDate"] = "2008-06-01".into();
            }
        }
        match rng.below(24) {
            0 => p["deceasedBoolean"] = rng.percent(60).into(),
            1 => p["deceasedDateTime"] = (*rng.pick(&ENDS)).into(),
            2 => p["active"] = false.into(),
            _ => {}
        }
        let practitioners = *rng.pick(&[0, 0, 0, 1, 1, 2]);
        let list: Vec<Value> = (0..practitioners).map(|_| random_care::holder(rng)).collect();
        if !list.is_empty() {
            p["generalPractitioner"] = list.into();
        }
        if rng.percent(4) {
            let other = *rng.pick(&["p", "q", "r", "gone"]);
            p["link"] = json!([{"other": {"reference": format!("Patient/{other}")}, "type": "replaced-by"}]);
        }
        if rng.percent(96) {
            all.push(p);
        }
        ids.push(id.to_string());
    }
    ids
}

/// A few of a record's references, ids and dates are written another way, doubled or made malformed.
fn spoil(rng: &mut Rng, all: &mut Vec<Value>) {
    for v in all.iter_mut() {
        rewrite(rng, v);
    }
    if rng.percent(12) {
        let mut twin = rng.pick(all).clone();
        twin["meta"] = json!({"lastUpdated": *rng.pick(&["2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"])});
        if twin["status"].is_string() && rng.percent(60) {
            twin["status"] = "entered-in-error".into();
        }
        let at = rng.below(all.len() + 1);
        all.insert(at, twin);
    }
    if rng.percent(4) {
        let at = rng.below(all.len());
        match rng.below(4) {
            0 => all[at]["id"] = Value::Null,
            1 => all[at]["meta"] = json!({"lastUpdated": "2023-02-29"}),
            2 => all[at]["identifier"] = json!({}),
            _ => all[at]["status"] = 7.into(),
        }
    }
    if rng.percent(10) {
        let (a, b) = (rng.below(all.len()), rng.below(all.len()));
        all.swap(a, b);
    }
}

fn rewrite(rng: &mut Rng, v: &mut Value) {
    match v {
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                if key == "reference" && rng.percent(4) {
                    let text = value.as_str().unwrap_or_default();
                    let plain = text.matches('/').count() == 1 && !text.contains(['?', ':', '#']);
                    if plain && rng.percent(60) {
                        *value = format!("http://fhir.example/r4/{text}").into();
                    } else if plain {
                        *value = format!("{text}/_history/2").into();
                    }
                } else {
                    rewrite(rng, value);
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|v| rewrite(rng, v)),
        _ => {}
    }
}

/// Now and then the whole is a Bundle: ids from fullUrls, references by urn:uuid.
fn bundled(rng: &mut Rng, all: Vec<Value>) -> Vec<Value> {
    if !rng.percent(8) {
        return all;
    }
    let url =
        |v: &Value| format!("urn:uuid:{}-{}", v["resourceType"].as_str().unwrap(), v["id"].as_str().unwrap_or("x"));
    let mut entries = vec![];
    for v in &all {
        let mut v = v.clone();
        let full = url(&v);
        if rng.percent(20) {
            to_urns(&mut v);
        }
        entries.push(json!({"fullUrl": full, "resource": v}));
    }
    vec![json!({"resourceType": "Bundle", "type": "collection", "entry": entries})]
}

fn to_urns(v: &mut Value) {
    match v {
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                let text = value.as_str().unwrap_or_default();
                if key == "reference" && text.matches('/').count() == 1 && !text.contains(['?', ':', '#']) {
                    *value = format!("urn:uuid:{}", text.replace('/', "-")).into();
                } else {
                    to_urns(value);
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(to_urns),
        _ => {}
    }
}
