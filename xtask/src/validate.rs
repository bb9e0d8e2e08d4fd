//! The heavier check of what check writes as FHIR: HAPI's validator with the definitions of R4.
//!
//! It is no part of `cargo xtask test`: it takes Java, Maven, some hundred megabytes of packages and a minute.

use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::house::House;

/// To see whether something is there.
const A_MOMENT: Duration = Duration::from_secs(60);

/// Validates the files that are named, else the Bundles of the example and of all conformance pages, which the test
/// `bundle` writes.
pub(crate) fn run(files: &[String]) -> Result<(), Box<dyn Error>> {
    let house = House::find()?;
    for (program, package) in [("java", "default-jdk-headless"), ("mvn", "maven")] {
        if !house.command(program).with(&["--version"]).succeeds_within(A_MOMENT) {
            return Err(format!("`{program}` isn't here; install it (on Debian: apt-get install {package})").into());
        }
    }
    let files = match files {
        [] => {
            // Bundles of pages that are gone would be validated too.
            let bundles = house.target.join("tmp/bundles");
            if bundles.exists() {
                fs::remove_dir_all(&bundles)?;
            }
            house.cargo(&["test", "--quiet", "--package", "answerable-check", "--test", "bundle"]).run()?;
            json_files(&bundles)?
        }
        files => files.iter().map(fs::canonicalize).collect::<Result<_, _>>()?,
    };
    // The list goes through a file: there are more of them than a command line of Maven's can quote.
    let folder = house.target.join("validate");
    fs::create_dir_all(&folder)?;
    let list = folder.join("files");
    let lines: Vec<String> = files.iter().map(|file| format!("{}\n", file.display())).collect();
    fs::write(&list, lines.concat())?;
    let define = |name: &str, path: &Path| {
        let mut argument = OsString::from(format!("-D{name}="));
        argument.push(path);
        argument
    };
    // All that is downloaded and built goes below the target folder.
    house
        .command("mvn")
        .with(&["--quiet", "--batch-mode", "--file", "xtask/validate/pom.xml"])
        .with(&[define("maven.repo.local", &folder.join("packages")), define("build.folder", &folder.join("build"))])
        .with(&[define("validate.files", &list)])
        .with(&[define("validate.codes", &house.root.join("xtask/validate/code-systems.json"))])
        .with(&["compile", "exec:java"])
        .run()?;
    println!("valid: {} files", files.len());
    Ok(())
}

fn json_files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let entries = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let mut files: Vec<PathBuf> = entries.collect::<Result<_, _>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    if files.is_empty() { Err(format!("there are no Bundles in {}", folder.display()).into()) } else { Ok(files) }
}
