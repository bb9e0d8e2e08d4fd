//! What the tests need besides Rust: a browser, node and Python packages, PostgreSQL, and cargo-deny.
//!
//! Debian's packages are installed with apt-get where that may be done; everything else goes below the target folder.
//! What is there already is left alone. What can't be had is said, and the tests that need it skip themselves and say
//! so too; with `CI=true` it is a failure.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::house::House;

/// axe-core judges the report's accessibility; playwright-core drives the browser for it.
const NODE_PACKAGES: [(&str, &str); 2] = [("axe-core", "4.14.1"), ("playwright-core", "1.65.1")];

/// Both read the Parquet that check writes; DuckDB is what check is measured against, too.
const PYTHON_PACKAGES: [&str; 2] = ["duckdb==2.0.0", "polars==2.1.0"];

/// Licences, bans and sources of dependencies.
const CARGO_DENY: &str = "0.20.2";

/// To see whether something is there.
const A_MOMENT: Duration = Duration::from_secs(60);

/// To fetch the database of advisories.
const A_WHILE: Duration = Duration::from_secs(180);

/// Where each tool is, if it is.
#[derive(Debug, Default)]
pub(crate) struct Tools {
    /// A Chromium: `ANSWERABLE_CHROMIUM` to the tests.
    pub(crate) chromium: Option<PathBuf>,
    /// The folder `node_modules`: `ANSWERABLE_NODE_MODULES` to the tests, where node and all packages are.
    pub(crate) node_modules: Option<PathBuf>,
    /// A Python that has DuckDB and Polars: `ANSWERABLE_PYTHON` to the tests.
    pub(crate) python: Option<PathBuf>,
    /// The folder of PostgreSQL's programs: `ANSWERABLE_POSTGRES` to the tests, which start and stop a server
    /// themselves.
    pub(crate) postgres: Option<PathBuf>,
    /// cargo-deny.
    pub(crate) deny: Option<PathBuf>,
}

/// What the tests are told by.
pub(crate) const CHROMIUM: &str = "ANSWERABLE_CHROMIUM";
pub(crate) const NODE_MODULES: &str = "ANSWERABLE_NODE_MODULES";
pub(crate) const PYTHON: &str = "ANSWERABLE_PYTHON";
pub(crate) const POSTGRES: &str = "ANSWERABLE_POSTGRES";

/// Where Debian puts PostgreSQL, a folder for each version.
const POSTGRES_VERSIONS: &str = "/usr/lib/postgresql";

/// Sets up all that isn't there.
pub(crate) fn run(house: &House) -> Result<Tools, Box<dyn Error>> {
    fs::create_dir_all(&house.target)?;
    packages(house);
    let tools = Tools {
        chromium: ["chromium", "chromium-browser", "google-chrome"].iter().find_map(|name| on_path(name)),
        node_modules: said("the node packages", node_modules(house)),
        python: said("the Python packages", python(house)),
        postgres: postgres(),
        deny: said("cargo-deny", deny(house)),
    };
    let missing: Vec<&str> = [
        ("a Chromium", tools.chromium.is_none()),
        ("node and its packages", tools.node_modules.is_none()),
        ("a Python with DuckDB and Polars", tools.python.is_none()),
        ("PostgreSQL 15 or newer", tools.postgres.is_none()),
        ("cargo-deny", tools.deny.is_none()),
    ]
    .into_iter()
    .filter_map(|(name, is_missing)| is_missing.then_some(name))
    .collect();
    if missing.is_empty() {
        return Ok(tools);
    }
    let missing = missing.join(", ");
    if env::var_os("CI").is_some() {
        return Err(format!("not here: {missing}; nothing may be skipped where CI is set").into());
    }
    println!("not here: {missing}; what needs them is skipped");
    Ok(tools)
}

fn said<T>(what: &str, result: Result<T, Box<dyn Error>>) -> Option<T> {
    result.inspect_err(|error| println!("{what}: {error}")).ok()
}

/// A program by its name.
fn on_path(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Installs those of Debian's packages that are missing.
fn packages(house: &House) {
    let has_browser = ["chromium", "chromium-browser", "google-chrome"].iter().any(|name| on_path(name).is_some());
    let has_pip = house.command("python3").with(&["-c", "import ensurepip, venv"]).succeeds_within(A_MOMENT);
    let mut missing = Vec::new();
    for (is_here, names) in [
        (has_browser, &["chromium", "fonts-liberation"][..]),
        (on_path("node").is_some(), &["nodejs"][..]),
        (on_path("npm").is_some(), &["npm"][..]),
        (has_pip, &["python3-venv"][..]),
        (postgres().is_some(), &["postgresql"][..]),
    ] {
        if !is_here {
            missing.extend_from_slice(names);
        }
    }
    if missing.is_empty() {
        return;
    }
    println!("installing: {}", missing.join(" "));
    let install = ["install", "--yes", "--quiet=2", "--no-install-recommends"];
    let apt = || match on_path("sudo") {
        Some(sudo) if !is_root(house) => house.command(sudo).with(&["--non-interactive", "apt-get"]),
        _ => house.command("apt-get").env("DEBIAN_FRONTEND", "noninteractive"),
    };
    let done = apt().with(&["update", "--quiet=2"]).run().and_then(|()| apt().with(&install).with(&missing).run());
    if let Err(error) = done {
        println!("{error}; install them by hand");
    }
}

fn is_root(house: &House) -> bool {
    house.command("test").with(&["-w", "/var/lib/dpkg"]).succeeds_within(A_MOMENT)
}

/// The programs of the newest version of PostgreSQL that the ledger can be kept on.
fn postgres() -> Option<PathBuf> {
    let version =
        |entry: fs::DirEntry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin")));
    let versions = fs::read_dir(POSTGRES_VERSIONS).ok()?.filter_map(Result::ok).filter_map(version);
    versions.filter(|(number, bin)| *number >= 15 && bin.join("initdb").is_file()).max().map(|(_, bin)| bin)
}

fn node_modules(house: &House) -> Result<PathBuf, Box<dyn Error>> {
    if on_path("node").is_none() || on_path("npm").is_none() {
        return Err("node or npm isn't here".into());
    }
    let folder = house.target.join("node");
    let wanted = NODE_PACKAGES.map(|(name, version)| format!("{name}@{version}"));
    if !is_done(&folder, &wanted.join(" ")) {
        println!("installing: {}", wanted.join(" "));
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("package.json"), "{\"private\": true}\n")?;
        let options = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", "--prefix"];
        house.command("npm").with(&options).with(&[&folder]).with(&wanted).run()?;
        done(&folder, &wanted.join(" "))?;
    }
    Ok(folder.join("node_modules"))
}

/// A Python that has DuckDB and Polars.
pub(crate) fn python(house: &House) -> Result<PathBuf, Box<dyn Error>> {
    let folder = house.target.join("venv");
    let python = folder.join("bin/python");
    let wanted = PYTHON_PACKAGES.join(" ");
    if !is_done(&folder, &wanted) || !python.exists() {
        println!("installing: {wanted}");
        house.command("python3").with(&["-m", "venv", "--clear"]).with(&[&folder]).run()?;
        let options = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        house.command(&python).with(&options).with(&PYTHON_PACKAGES).run()?;
        done(&folder, &wanted)?;
    }
    Ok(python)
}

fn deny(house: &House) -> Result<PathBuf, Box<dyn Error>> {
    if let Some(deny) = on_path("cargo-deny") {
        return Ok(deny);
    }
    let folder = house.target.join("tools");
    if !is_done(&folder, CARGO_DENY) {
        println!("building cargo-deny {CARGO_DENY}: some minutes, once");
        // Without debug information and at less optimisation: it runs for a second and is built for minutes.
        let install = house.cargo(&["install", "--quiet", "--locked", "--version", CARGO_DENY, "cargo-deny", "--root"]);
        let install = install.with(&[&folder]).env("CARGO_TARGET_DIR", folder.join("build"));
        install.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1").env("CARGO_PROFILE_RELEASE_LTO", "off").run()?;
        fs::remove_dir_all(folder.join("build"))?;
        done(&folder, CARGO_DENY)?;
    }
    Ok(folder.join("bin/cargo-deny"))
}

/// Whether the database of advisories can be had.
pub(crate) fn fetches_advisories(house: &House, deny: &Path) -> bool {
    house.command(deny).with(&["fetch", "db"]).succeeds_within(A_WHILE)
}

/// What a folder was set up with is written in it last, so that what was broken off is done again.
const STAMP: &str = "set-up";

fn is_done(folder: &Path, with: &str) -> bool {
    fs::read_to_string(folder.join(STAMP)).is_ok_and(|stamp| stamp == with)
}

fn done(folder: &Path, with: &str) -> std::io::Result<()> {
    fs::write(folder.join(STAMP), with)
}
