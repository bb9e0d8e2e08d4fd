//! Bad input: each gets a clear message with file, line and resource, the run goes on, and nothing panics; and what
//! only looks bad gets no complaint and the right rows.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

mod common;
mod naive;

use std::io::Write;
use std::path::Path;

use answerable_check::{Error, Settings};
use serde_json::Value;

/// A plan of Amy's, on one line: a need that must be found whatever stands beside it.
const GOOD: &str = r#"{"resourceType":"CarePlan","id":"good","status":"active","intent":"plan","subject":{"reference":"Patient/amy"},"period":{"start":"2024-01-01"}}"#;

fn check(path: &Path) -> Result<Value, Error> {
    common::check(vec![path.into()], "2024-06-01", "UTC", Settings::default()).rows()
}

/// The rows and report of one file.
fn of_file(name: &str, bytes: impl AsRef<[u8]>) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    check(&path).unwrap()
}

/// The needs that were judged.
fn needs(document: &Value) -> Vec<String> {
    let mut needs: Vec<String> =
        document["verdicts"].as_array().unwrap().iter().map(|row| row["need"].as_str().unwrap().to_owned()).collect();
    needs.dedup();
    needs
}

/// One bad line between good ones: the good one counts, the bad one is named with its line, and what is wrong is said.
fn one_bad_line(bad: impl AsRef<[u8]>, resource: &str, what: &str) {
    let mut bytes = b"{\"resourceType\":\"Patient\",\"id\":\"amy\"}\n".to_vec();
    bytes.extend_from_slice(bad.as_ref());
    bytes.extend_from_slice(format!("\n{GOOD}\n").as_bytes());
    let document = of_file("export.ndjson", bytes);
    let shown: String = String::from_utf8_lossy(bad.as_ref()).chars().take(120).collect();
    assert_eq!(needs(&document), ["CarePlan/good"], "{shown}");
    let malformed = document["report"]["malformed_resources"].as_array().unwrap();
    assert_eq!(malformed.len(), 1, "{shown}: {malformed:?}");
    assert_eq!(malformed[0]["line"], 2, "{shown}");
    assert!(malformed[0]["file"].as_str().unwrap().ends_with("export.ndjson"));
    assert_eq!(malformed[0]["resource"], resource, "{shown}");
    let said = malformed[0]["what"].as_str().unwrap();
    assert!(said.contains(what), "{shown}: {said}");
    assert!(!said.contains("::") && !said.contains("Option<"), "a Rust type's name is no message: {said}");
}

/// A line of Amy's that is as it should be but for what is put in it.
fn condition(more: &str) -> String {
    format!(r#"{{"resourceType":"Condition","id":"c","subject":{{"reference":"Patient/amy"}},{more}}}"#)
}

#[test]
fn lines_that_are_no_json() {
    one_bad_line(r#"{"resourceType":"Condition","id":"c""#, "Condition/(no id)", "no JSON");
    one_bad_line("{]", "", "no JSON");
    one_bad_line("not json at all", "", "no JSON");
    one_bad_line(condition(r#""onsetDateTime": tru"#), "Condition/(no id)", "no JSON");
    one_bad_line(format!("{} x", condition(r#""onsetDateTime":"2020""#)), "Condition/(no id)", "no JSON");
}

#[test]
fn wrong_types_are_named_by_their_path() {
    one_bad_line(condition(r#""onsetDateTime": 5"#), "Condition/c", "`onsetDateTime`");
    one_bad_line(condition(r#""category": {"text": "x"}"#), "Condition/c", "`category`");
    one_bad_line(
        condition(r#""category": [{"coding": [{"code": 7}]}]"#),
        "Condition/c",
        "`category[0].coding[0].code`",
    );
    one_bad_line(condition(r#""encounter": "Encounter/1""#), "Condition/c", "`encounter`");
    one_bad_line(condition(r#""encounter": ["Encounter/1"]"#), "Condition/c", "`encounter`");
    one_bad_line(condition(r#""code": [{"text": "x"}]"#), "Condition/c", "`code`");
    one_bad_line(condition(r#""meta": {"lastUpdated": true}"#), "Condition/c", "`meta.lastUpdated`");
    one_bad_line(r#"{"resourceType":"Patient","id":"p","active":"yes"}"#, "Patient/p", "`active`");
    one_bad_line(r#"{"resourceType":"Patient","id":7}"#, "Patient/(no id)", "`id`");
}

#[test]
fn null_is_as_if_absent_and_what_the_rules_do_not_read_is_free() {
    let lines = [
        r#"{"resourceType":"Patient","id":"amy","active":null,"name":"Amy","gender":7,"generalPractitioner":[null]}"#
            .to_owned(),
        condition(r#""category":null,"onsetDateTime":null,"note":5,"encounter":null,"code":{"coding":[null]}"#),
        GOOD.to_owned(),
    ];
    let document = of_file("export.ndjson", lines.join("\n"));
    assert_eq!(document["report"]["malformed"], 0, "{}", document["report"]);
    assert_eq!(needs(&document), ["CarePlan/good"]);
}

#[test]
fn ids_and_subjects() {
    one_bad_line(r#"{"resourceType":"Patient"}"#, "Patient/(no id)", "no id");
    one_bad_line(r#"{"resourceType":"Patient","id":""}"#, "Patient/", "no id");
    one_bad_line(r#"{"resourceType":"Condition","id":"c"}"#, "Condition/c", "subject");
    one_bad_line(r#"{"resourceType":"Goal","id":"g","subject":{}}"#, "Goal/g", "subject");
}

#[test]
fn dates_that_no_calendar_shows() {
    for date in [
        "2023-02-30",
        "2023-02-29",
        "0000-01-01",
        "0000",
        "2023-13",
        "2023-00-01",
        "2023-1-1",
        "23-01-01",
        "yesterday",
        "",
        "2023-01-01T24:00:00Z",
        "2023-01-01T10:00:60Z",
        "2023-06-30T23:59:60Z",
        "2023-01-01T10Z",
        "2023-01-01T10:00:00+15:00",
        "2023-01-01T10:00:00+0100",
        "2023-01-01 10:00",
        "2023-01-01T10:00:00.Z",
        "2023-01-01T",
        "99999-01-01",
        "２０２３",
    ] {
        one_bad_line(condition(&format!(r#""onsetDateTime":"{date}""#)), "Condition/c", "is no date");
    }
    for date in ["0001-01-01", "2023", "2023-01", "2023-01-01T10:00", "2023-01-01T10:00:00.123456789-05:00"] {
        let line = condition(&format!(
            r#""onsetDateTime":"{date}","category":[{{"coding":[{{"code":"problem-list-item"}}]}}]"#
        ));
        let document = of_file("export.ndjson", line);
        assert_eq!(document["report"]["malformed"], 0, "{date}");
        assert_eq!(needs(&document), ["Condition/c"], "{date}");
    }
}

#[test]
fn ends_before_starts() {
    one_bad_line(
        condition(r#""onsetDateTime":"2023-05-06","abatementDateTime":"2023-05-04""#),
        "Condition/c",
        "before",
    );
    let plan = r#"{"resourceType":"CarePlan","id":"p","status":"active","subject":{"reference":"Patient/amy"},"period":{"start":"2024","end":"2022"}}"#;
    one_bad_line(plan, "CarePlan/p", "before");
}

#[test]
fn encodings() {
    one_bad_line(condition("\"code\":{\"text\":\"\u{0}\"}"), "Condition/(no id)", "no JSON");
    let mut bad = condition(r#""code":{"text":"?"}"#).into_bytes();
    let place = bad.iter().position(|&byte| byte == b'?').unwrap();
    bad[place] = 0xff;
    one_bad_line(bad, "", "isn't UTF-8");
    // A byte-order mark, CRLF and blank lines are fine.
    let document = of_file("export.ndjson", format!("\u{feff}\r\n\r\n{GOOD}\r\n"));
    assert_eq!((needs(&document), &document["report"]["malformed"]), (vec!["CarePlan/good".to_owned()], &0.into()));
    // UTF-16 is not, and is said to be.
    let utf16: Vec<u8> = std::iter::once(0xfeff).chain(GOOD.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let document = of_file("export.ndjson", utf16);
    assert!(document["report"]["malformed_resources"][0]["what"].as_str().unwrap().contains("UTF-16"));
}

#[test]
fn nesting_of_200_000_levels_ends_nothing() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    one_bad_line(condition(&format!(r#""note":{deep}"#)), "", "nests deeper than 4096 levels");
    one_bad_line(condition(&format!(r#""category":{deep}"#)), "", "nests deeper than 4096 levels");
    let objects = format!("{}1{}", r#"{"a":"#.repeat(200_000), "}".repeat(200_000));
    one_bad_line(condition(&format!(r#""note":{objects}"#)), "", "nests deeper than 4096 levels");
    // Just within the limit, and in a resource that isn't read.
    let within = format!("{}{}", "[".repeat(4000), "]".repeat(4000));
    let lines = [
        condition(&format!(r#""note":{within}"#)),
        format!(r#"{{"resourceType":"Observation","x":{deep}}}"#),
        GOOD.to_owned(),
    ];
    let document = of_file("export.ndjson", lines.join("\n"));
    assert_eq!((needs(&document), &document["report"]["malformed"]), (vec!["CarePlan/good".to_owned()], &0.into()));
}

#[test]
fn a_line_of_many_megabytes_is_read() {
    let line = condition(&format!(r#""note":"{}""#, "x".repeat(64 << 20)));
    let document = of_file("export.ndjson", format!("{line}\n{GOOD}\n"));
    assert_eq!((needs(&document), &document["report"]["malformed"]), (vec!["CarePlan/good".to_owned()], &0.into()));
}

#[test]
fn other_releases_are_named() {
    one_bad_line(condition(r#""clinicalStatus":"active""#), "Condition/c", "STU3");
    // What is merely left over from another release is no complaint.
    let left_over = condition(r#""assertedDate":"2020","category":[{"coding":[{"code":"problem-list-item"}]}]"#);
    assert_eq!(needs(&of_file("export.ndjson", left_over)), ["Condition/c"]);
    let encounter = r#"{"resourceType":"Encounter","id":"v","class":[{"coding":[{"code":"AMB"}]}],"subject":{"reference":"Patient/amy"}}"#;
    one_bad_line(encounter, "Encounter/v", "R5");
    let team = r#"{"resourceType":"CareTeam","id":"t","subject":{"reference":"Patient/amy"},"participant":[{"role":{"text":"lead"}}]}"#;
    one_bad_line(team, "CareTeam/t", "R5");
    one_bad_line(r#"{"resourceType":"ReferralRequest","id":"r"}"#, "ReferralRequest", "ServiceRequest");
}

#[test]
fn json_that_is_no_fhir() {
    let document = of_file("export.ndjson", format!("{{\"hello\":1}}\n[]\n{{}}\n{GOOD}\n"));
    assert_eq!(document["report"]["passed_over"], 2);
    assert_eq!(needs(&document), ["CarePlan/good"]);
}

#[test]
fn bundles_of_nothing_and_of_themselves() {
    let document = of_file(
        "bundles.ndjson",
        format!("{{\"resourceType\":\"Bundle\"}}\n{{\"resourceType\":\"Bundle\",\"entry\":[{{}}]}}\n{GOOD}"),
    );
    assert_eq!((needs(&document), &document["report"]["malformed"]), (vec!["CarePlan/good".to_owned()], &0.into()));
    let mut nested = GOOD.to_owned();
    for _ in 0..30 {
        nested = format!(r#"{{"resourceType":"Bundle","entry":[{{"resource":{nested}}}]}}"#);
    }
    one_bad_line(nested, "Bundle", "deeper than 8");
    one_bad_line(r#"{"resourceType":"Bundle","entry":{}}"#, "Bundle", "no JSON that can be read");
}

#[test]
fn a_malformed_entry_is_named_by_its_own_line() {
    let bundle = format!(
        "{{\n\"resourceType\": \"Bundle\",\n\"entry\": [\n{{\"resource\": {GOOD}}},\n{{\"resource\":\n{}}}\n]}}",
        condition(r#""onsetDateTime":"2023-02-30""#)
    );
    let document = of_file("bundle.json", bundle);
    let malformed = &document["report"]["malformed_resources"][0];
    assert_eq!((&malformed["line"], &malformed["resource"]), (&6.into(), &"Condition/c".into()));
    assert_eq!(needs(&document), ["CarePlan/good"]);
}

#[test]
fn truncated_files() {
    let document = of_file("cut.ndjson", format!("{GOOD}\n{}", &GOOD[..60]));
    assert_eq!((needs(&document), &document["report"]["malformed"]), (vec!["CarePlan/good".to_owned()], &1.into()));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(format!("{GOOD}\n").repeat(3000).as_bytes()).unwrap();
    let mut bytes = gzip.finish().unwrap();
    bytes.truncate(bytes.len() - 20);
    let document = of_file("cut.ndjson.gz", bytes);
    assert_eq!(needs(&document), ["CarePlan/good"]);
    assert!(document["report"]["malformed"].as_u64().unwrap() >= 1, "{}", document["report"]);
}

#[test]
fn circles_duplicates_and_odd_folders() {
    let folder = tempfile::tempdir().unwrap();
    let circle = |id: &str, other: &str| {
        format!(
            r#"{{"resourceType":"Patient","id":"{id}","link":[{{"type":"replaced-by","other":{{"reference":"Patient/{other}"}}}}]}}"#
        )
    };
    let lines = [circle("amy", "bea"), circle("bea", "amy"), circle("cleo", "cleo"), GOOD.to_owned(), GOOD.to_owned()];
    std::fs::write(folder.path().join("a.ndjson"), lines.join("\n")).unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("itself")).unwrap();
    let odd: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(b"n\xffme.ndjson");
    std::fs::write(folder.path().join(odd), GOOD.replace("good", "other")).unwrap();
    let document = check(folder.path()).unwrap();
    let report = &document["report"];
    assert_eq!(needs(&document), ["CarePlan/good", "CarePlan/other"]);
    assert_eq!(
        (&report["merge_circles"], &report["duplicates"], &report["malformed"]),
        (&3.into(), &1.into(), &0.into()),
        "{report}"
    );
}

#[test]
fn nothing_to_read_is_an_error_that_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let error = check(folder.path()).unwrap_err();
    assert!(error.is_usage() && error.to_string().contains("nothing to read"), "{error}");
    assert!(common::check(Vec::new(), "2024", "UTC", Settings::default()).rows().unwrap_err().is_usage());
    // A path that isn't there is something that could not be read.
    let document = check(&folder.path().join("gone.ndjson")).unwrap();
    assert!(document["report"]["malformed_resources"][0]["what"].as_str().unwrap().contains("is not there"));
}
