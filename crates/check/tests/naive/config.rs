//! The code sets and windows, with their defaults, and the configuration file that changes them.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A code set: `system|code` (a trailing `*` is a prefix) and words.
#[derive(Clone, Default)]
pub struct Set {
    pub codes: Vec<String>,
    pub words: Vec<String>,
}

impl Set {
    fn new(codes: &[(&str, &[&str])], words: &[&str]) -> Set {
        let codes = codes.iter().flat_map(|(s, cs)| cs.iter().map(move |c| format!("{s}|{c}"))).collect();
        Set { codes, words: words.iter().map(|w| w.to_string()).collect() }
    }

    /// By system and code.
    pub fn has_code(&self, concept: &Value) -> bool {
        codings(concept).iter().any(|(system, code)| {
            let whole = format!("{system}|{code}");
            self.codes.iter().any(|c| match c.strip_suffix('*') {
                Some(prefix) => whole.starts_with(prefix),
                None => whole == *c,
            })
        })
    }

    /// Words match anywhere in a text, case folded.
    pub fn has_word(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.words.iter().any(|w| text.contains(&w.to_lowercase()))
    }

    /// By a code, or by a word in the text or a display.
    pub fn has(&self, concept: &Value) -> bool {
        self.has_code(concept) || texts(concept).iter().any(|t| self.has_word(t))
    }

    pub fn has_any(&self, concepts: &[&Value]) -> bool {
        concepts.iter().any(|c| self.has(c))
    }
}

/// The codings of a CodeableConcept that have both a system and a code.
pub fn codings(concept: &Value) -> Vec<(String, String)> {
    let list = concept["coding"].as_array().cloned().unwrap_or_default();
    list.iter().filter_map(|c| Some((c["system"].as_str()?.to_string(), c["code"].as_str()?.to_string()))).collect()
}

/// The codes of a CodeableConcept, whatever the system.
pub fn codes(concept: &Value) -> Vec<String> {
    let list = concept["coding"].as_array().cloned().unwrap_or_default();
    list.iter().filter_map(|c| Some(c["code"].as_str()?.to_string())).collect()
}

/// Its text and the displays of its codings.
pub fn texts(concept: &Value) -> Vec<String> {
    let list = concept["coding"].as_array().cloned().unwrap_or_default();
    let displays = list.iter().filter_map(|c| Some(c["display"].as_str()?.to_string()));
    concept["text"].as_str().map(str::to_string).into_iter().chain(displays).collect()
}

pub struct Config {
    pub windows: BTreeMap<&'static str, i64>,
    pub sets: BTreeMap<&'static str, Set>,
    pub links: BTreeMap<&'static str, Vec<String>>,
    /// NAME and path.
    pub sources: Vec<(String, PathBuf)>,
}

const SNOMED: &str = "http://snomed.info/sct";
const ROLE: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
const NUCC: &str = "http://nucc.org/provider-taxonomy";
const V2: &str = "http://terminology.hl7.org/CodeSystem/v2-0074";

impl Default for Config {
    fn default() -> Config {
        let windows = BTreeMap::from([
            ("continuing_after", 90),
            ("encounter_at_most", 180),
            ("contact_window", 24),
            ("accept_within", 14),
            ("accept_by", 42),
            ("look_back", 12),
            ("horizon", 90),
            ("review_every", 12),
        ]);
        let sets = BTreeMap::from([
            (
                "answerable_roles",
                Set::new(&[(ROLE, &["RESP"]), (SNOMED, &["405279007", "768832004", "445451001", "768820003"])], &[]),
            ),
            ("no_role", Set::new(&[(SNOMED, &["410534003"])], &[])),
            ("not_clinicians", Set::new(&[(SNOMED, &["116154003", "133932002", "429577009"])], &[])),
            (
                "not_needs",
                Set::new(
                    &[(
                        SNOMED,
                        &[
                            "160903007",
                            "160904001",
                            "741062008",
                            "224299000",
                            "224295006",
                            "5251000175109",
                            "314529007",
                            "19169002",
                            "35999006",
                        ],
                    )],
                    &["history of", "criminal record"],
                ),
            ),
            (
                "referral_categories",
                Set::new(&[(SNOMED, &["3457005", "306206005"])], &["referral", "transfer of care"]),
            ),
            (
                "not_referrals",
                Set::new(
                    &[(SNOMED, &["108252007", "363679005", "387713003", "409073007"]), (V2, &["LAB", "RAD"])],
                    &[],
                ),
            ),
            (
                "childrens_services",
                Set::new(
                    &[
                        (
                            SNOMED,
                            &[
                                "394537008",
                                "394539006",
                                "394588006",
                                "408798009",
                                "82296001",
                                "309329001",
                                "309330006",
                                "309331005",
                                "309332003",
                                "309333008",
                                "309334002",
                                "309335001",
                                "309361002",
                                "159003003",
                                "159007002",
                            ],
                        ),
                        (NUCC, &["2080*"]),
                    ],
                    &["paediatric", "pediatric", "children"],
                ),
            ),
            ("transition_plans", Set::new(&[], &["transition"])),
        ]);
        let uk = "https://fhir.hl7.org.uk/Id/";
        let mut practitioners: Vec<String> = ["gmc-number", "gmp-number", "nmc-number", "gphc-number", "hcpc-number"]
            .iter()
            .map(|s| format!("{uk}{s}"))
            .collect();
        practitioners.push("https://fhir.nhs.uk/Id/sds-user-id".into());
        practitioners.push("http://hl7.org/fhir/sid/us-npi".into());
        let links = BTreeMap::from([
            ("link_patients_by", vec![NHS_NUMBER.to_string()]),
            ("link_practitioners_by", practitioners),
            (
                "link_organizations_by",
                vec!["https://fhir.nhs.uk/Id/ods-organization-code".into(), "http://hl7.org/fhir/sid/us-npi".into()],
            ),
        ]);
        Config { windows, sets, links, sources: vec![] }
    }
}

pub const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";

impl Config {
    pub fn window(&self, name: &str) -> i64 {
        self.windows[name]
    }

    pub fn set(&self, name: &str) -> &Set {
        &self.sets[name]
    }

    /// What the file leaves out keeps its default; an unknown key is an error.
    pub fn read(path: &Path) -> Config {
        let table: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
        let mut config = Config::default();
        let strings = |v: &toml::Value| -> Vec<String> {
            v.as_array().unwrap().iter().map(|s| s.as_str().unwrap().to_string()).collect()
        };
        for (key, value) in &table {
            if let Some(window) = config.windows.get_mut(key.as_str()) {
                *window = value.as_integer().unwrap();
            } else if let Some(link) = config.links.get_mut(key.as_str()) {
                *link = strings(value);
            } else if let Some(set) = config.sets.get_mut(key.as_str()) {
                for (part, list) in value.as_table().unwrap() {
                    match part.as_str() {
                        "codes" => set.codes = strings(list),
                        "words" => set.words = strings(list),
                        _ => panic!("unknown key {key}.{part}"),
                    }
                }
            } else if key == "sources" {
                let beside = path.parent().unwrap();
                for (name, at) in value.as_table().unwrap() {
                    config.sources.push((name.clone(), beside.join(at.as_str().unwrap())));
                }
            } else {
                panic!("unknown key {key}");
            }
        }
        config
    }
}
