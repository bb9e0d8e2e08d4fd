//! How the figures came about: what a report needs to be believed.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use answerable_care::Instant;
use answerable_fhir::{Calendar, CodeSet, Settings};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::run::{Check, Outcome};

/// How much is read at a time for a hash.
const BLOCK_BYTES: usize = 1 << 20;

/// Whether each input is read again for its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hashes {
    /// It is.
    With,
    /// It isn't.
    Without,
}

/// How the figures came about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Method {
    /// The program's version.
    pub version: String,
    /// The instant of judgement.
    pub as_of: Instant,
    /// The time zone, as it was named.
    pub timezone: String,
    /// The files of the configuration and the concept maps, if any, and the settings that differ from the default.
    pub configuration: Vec<String>,
    /// What was read, records first: path, bytes, SHA-256 where it was computed.
    pub inputs: Vec<MethodInput>,
    /// Each source's newest record.
    pub newest: Vec<(String, Instant)>,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodInput {
    /// Where it was.
    pub path: PathBuf,
    /// In bytes.
    pub size: u64,
    /// In hexadecimal digits, where it can be read again.
    pub sha256: Option<String>,
}

impl Method {
    /// How a check came about.
    #[must_use]
    pub fn of(check: &Check, outcome: &Outcome, timezone: &str, hashes: Hashes) -> Method {
        let mut inputs: Vec<MethodInput> = outcome
            .files
            .iter()
            .map(|(path, size)| MethodInput { path: path.clone(), size: *size, sha256: None })
            .collect();
        inputs.extend(check.beside.iter().map(|path| {
            let size = path.metadata().map_or(0, |metadata| metadata.len());
            MethodInput { path: path.clone(), size, sha256: None }
        }));
        if hashes == Hashes::With {
            hash(&mut inputs, check.threads);
        }
        let newest = outcome.reading.newest.iter().map(|&(source, micros)| {
            let name = outcome.sources.get(usize::from(source)).cloned().flatten();
            (name.unwrap_or_else(|| "the input".to_owned()), Instant(micros))
        });
        let mut configuration = check.settings_from.clone();
        configuration.extend(differences(&check.settings));
        Method {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            as_of: check.as_of,
            timezone: timezone.to_owned(),
            configuration,
            inputs,
            newest: newest.collect(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        let inputs: Vec<Value> = self
            .inputs
            .iter()
            .map(|input| json!({"path": input.path.to_string_lossy(), "bytes": input.size, "sha256": input.sha256}))
            .collect();
        let newest: Vec<Value> = self
            .newest
            .iter()
            .map(|(source, instant)| json!({"source": source, "newest": Calendar::write(*instant)}))
            .collect();
        json!({
            "program": "answerable check",
            "version": self.version,
            "as_of": Calendar::write(self.as_of),
            "timezone": self.timezone,
            "configuration": self.configuration,
            "sources": newest,
            "inputs": inputs,
        })
    }
}

/// Settings that differ from the default, as lines of a configuration.
fn differences(settings: &Settings) -> Vec<String> {
    let default = Settings::default();
    let mut lines = Vec::new();
    let (given, known) = (&settings.windows, &default.windows);
    for (key, value, default) in [
        ("continuing_after", given.continuing_after_days, known.continuing_after_days),
        ("encounter_at_most", given.encounter_at_most_days, known.encounter_at_most_days),
        ("accept_within", given.accept_within_days, known.accept_within_days),
        ("accept_by", given.accept_by_days, known.accept_by_days),
        ("horizon", given.horizon_days, known.horizon_days),
        ("contact_window", given.contact_window_months, known.contact_window_months),
        ("look_back", given.look_back_months, known.look_back_months),
        ("review_every", given.review_every_months, known.review_every_months),
    ] {
        if value != default {
            lines.push(format!("{key} = {value}  (default {default})"));
        }
    }
    let (given, known) = (&settings.link, &default.link);
    for (key, systems, default) in [
        ("link_patients_by", &given.patients, &known.patients),
        ("link_practitioners_by", &given.practitioners, &known.practitioners),
        ("link_organizations_by", &given.organizations, &known.organizations),
    ] {
        if systems != default {
            lines.push(format!("{key} = {}", list(systems)));
        }
    }
    let (given, known) = (&settings.sets, &default.sets);
    for (key, set, default) in [
        ("answerable_roles", &given.answerable_roles, &known.answerable_roles),
        ("no_role", &given.no_role, &known.no_role),
        ("not_clinicians", &given.not_clinicians, &known.not_clinicians),
        ("not_needs", &given.not_needs, &known.not_needs),
        ("referral_categories", &given.referral_categories, &known.referral_categories),
        ("not_referrals", &given.not_referrals, &known.not_referrals),
        ("childrens_services", &given.childrens_services, &known.childrens_services),
        ("transition_plans", &given.transition_plans, &known.transition_plans),
    ] {
        if set.codes != default.codes {
            lines.push(format!("{key}.codes = {}", list(&codes(set))));
        }
        if set.words != default.words {
            lines.push(format!("{key}.words = {}", list(&set.words)));
        }
    }
    lines
}

fn codes(set: &CodeSet) -> Vec<String> {
    set.codes.iter().map(|(system, code)| format!("{system}|{code}")).collect()
}

fn list(texts: &[String]) -> String {
    Value::from(texts.to_vec()).to_string()
}

/// Hashes what can be read again, several at once.
fn hash(inputs: &mut [MethodInput], threads: usize) {
    let next = AtomicUsize::new(0);
    let hashed = Mutex::new(Vec::new());
    let paths: Vec<(&Path, u64)> = inputs.iter().map(|input| (input.path.as_path(), input.size)).collect();
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, paths.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some((path, size)) = paths.get(index) else { break };
                    let sha256 = hash_of(path, *size);
                    hashed.lock().unwrap_or_else(PoisonError::into_inner).push((index, sha256));
                }
            });
        }
    });
    for (index, sha256) in hashed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        if let Some(input) = inputs.get_mut(index) {
            input.sha256 = sha256;
        }
    }
}

/// None of a pipe, which can't be read again, and of a file that is no longer as long as it was: that isn't what was
/// read.
fn hash_of(path: &Path, size: u64) -> Option<String> {
    // A pipe would be waited for.
    if size == 0 || !path.metadata().ok()?.is_file() {
        return None;
    }
    let mut file = File::open(path).ok()?;
    let (mut hasher, mut block, mut length) = (Sha256::new(), vec![0; BLOCK_BYTES], 0);
    loop {
        match file.read(&mut block) {
            Ok(0) => break,
            Ok(bytes) => {
                hasher.update(block.get(..bytes)?);
                length += bytes as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    (length == size).then(|| hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that fails should panic")]
    use super::*;

    #[test]
    fn a_file_has_the_hash_that_sha256sum_prints() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "abc").unwrap();
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hash_of(file.path(), 3).unwrap(), expected);
        assert_eq!(hash_of(file.path(), 4), None);
        assert_eq!(hash_of(Path::new("/dev/zero"), 3), None);
    }

    #[test]
    fn only_what_differs_is_said() {
        assert!(differences(&Settings::default()).is_empty());
        let mut settings = Settings::default();
        settings.windows.accept_within_days = 10;
        settings.sets.transition_plans.words.push("moving on".to_owned());
        settings.link.patients.clear();
        assert_eq!(
            differences(&settings),
            [
                "accept_within = 10  (default 14)",
                "link_patients_by = []",
                "transition_plans.words = [\"transition\",\"moving on\"]",
            ]
        );
    }
}
