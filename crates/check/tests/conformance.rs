//! The hand-written cases of the rules (conformance/check): every page must be met, by the product and by the naive
//! judge alike.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

mod common;
mod naive;

#[test]
fn every_page_is_met() {
    let folder = common::conformance();
    let mut unmet = Vec::new();
    let mut pages = 0;
    for name in common::pages(&folder) {
        let page = naive::pages::read(&folder.join(&name));
        let differences = page.differences(&common::of_page(&page, &folder));
        pages += 1;
        if !differences.is_empty() {
            unmet.push(format!("{name}\n  {}", differences.join("\n  ")));
        }
    }
    assert!(unmet.is_empty(), "{} of {pages} pages are not met:\n{}", unmet.len(), unmet.join("\n"));
    assert!(pages >= 109, "only {pages} pages were found");
}
