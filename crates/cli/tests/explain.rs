//! Why check says what it says of one patient.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

mod common;

use common::{ran, riverside};

fn explained(patient: &str) -> String {
    let ran = ran(riverside().args(["--explain", patient]));
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{patient}");
    ran.out
}

#[test]
fn explanations_are_as_they_were_reviewed() {
    for (name, patient) in [
        ("cliff_edge", "childrens/Patient/c3a58933-c74c-47ef-8ab7-2edc114c1944"),
        ("own_claims_of_duties", "adults/Patient/100529"),
        ("lapsed", "childrens/Patient/a57e9bdc-dbb2-46c8-9bd7-369730dc97b6"),
        ("sender", "surgery/Patient/P02"),
        ("nobody", "adults/Patient/100427"),
        ("dead", "adults/Patient/100546"),
    ] {
        insta::assert_snapshot!(format!("explain_{name}"), explained(patient));
    }
}

#[test]
fn a_linked_record_names_the_person_too() {
    assert_eq!(explained("surgery/Patient/P17"), explained("adults/Patient/100529"));
}

#[test]
fn somebody_who_is_not_there_is_an_error_with_names_like_it() {
    for (patient, expected) in [
        ("P02", "did you mean `surgery/Patient/P02`?"),
        ("Patient/P02", "did you mean `surgery/Patient/P02`?"),
        ("surgery/patient/p02", "`surgery/Patient/P02`"),
        ("nobody", "name a patient as the rows do"),
    ] {
        let ran = ran(riverside().args(["--explain", patient]));
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{patient}");
        assert!(ran.err.contains(expected), "{patient}: {}", ran.err);
    }
}

#[test]
fn it_stands_instead_of_a_report() {
    for other in [["--format", "csv"], ["--rows", "verdicts"], ["--html", "x.html"]] {
        assert_eq!(ran(riverside().args(["--explain", "x"]).args(other)).status, 2, "{other:?}");
    }
}
