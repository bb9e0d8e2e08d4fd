//! Where things are, and how other programs are run.

use std::env;
use std::error::Error;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The checkout.
#[derive(Clone, Debug)]
pub(crate) struct House {
    /// Where the workspace's Cargo.toml is.
    pub(crate) root: PathBuf,
    /// Where everything goes that is built or downloaded: nothing else of the machine is written to.
    pub(crate) target: PathBuf,
}

impl House {
    /// The checkout that xtask belongs to.
    pub(crate) fn find() -> Result<House, Box<dyn Error>> {
        let xtask = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&xtask).parent().ok_or("xtask stands in no checkout")?.to_owned();
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(target) => env::current_dir()?.join(target),
            None => root.join("target"),
        };
        Ok(House { root, target })
    }

    /// A command of cargo, at the root.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Run {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        self.command(cargo).with(arguments)
    }

    /// A command, at the root.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Run {
        let mut command = Command::new(program);
        command.current_dir(&self.root).stdin(Stdio::null());
        Run { command }
    }
}

/// A command to be run.
#[derive(Debug)]
pub(crate) struct Run {
    command: Command,
}

impl Run {
    /// With these arguments too.
    #[must_use]
    pub(crate) fn with(mut self, arguments: &[impl AsRef<OsStr>]) -> Run {
        self.command.args(arguments);
        self
    }

    /// With this variable in its environment.
    #[must_use]
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Run {
        self.command.env(name, value);
        self
    }

    /// Runs it; what it prints is seen.
    pub(crate) fn run(mut self) -> Result<(), Box<dyn Error>> {
        let status = self.command.status().map_err(|error| self.failed(&error.to_string()))?;
        if status.success() { Ok(()) } else { Err(self.failed(&status.to_string())) }
    }

    /// Runs it unseen: whether it is there and ends well within a time.
    pub(crate) fn succeeds_within(mut self, limit: Duration) -> bool {
        let Ok(mut child) = self.command.stdout(Stdio::null()).stderr(Stdio::null()).spawn() else { return false };
        let began = Instant::now();
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return status.success(),
                Ok(None) if began.elapsed() < limit => thread::sleep(Duration::from_millis(20)),
                _ => {
                    // It may have ended just now; either way it is gone.
                    let _ = child.kill();
                    let _ = child.wait();
                    return false;
                }
            }
        }
    }

    fn failed(&self, how: &str) -> Box<dyn Error> {
        let words = std::iter::once(self.command.get_program()).chain(self.command.get_args());
        let line: Vec<_> = words.map(OsStr::to_string_lossy).collect();
        format!("`{}` failed: {how}", line.join(" ")).into()
    }
}
