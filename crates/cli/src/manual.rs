//! Completions and man pages, from the definitions of the arguments.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::check::FAILED;

/// Writes completions for a shell.
pub(crate) fn completions(shell: Shell) -> ExitCode {
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "answerable", &mut bytes);
    written(&bytes)
}

/// Writes the man page of the program, or of one of its commands.
pub(crate) fn man(command: Option<&str>) -> ExitCode {
    let mut program = Arguments::command();
    program.build();
    let page = match command {
        None => program,
        Some(name) => match program.find_subcommand(name) {
            Some(command) => command.clone(),
            None => {
                eprintln!("error: answerable has no command `{name}`; `answerable --help` lists them");
                return ExitCode::from(FAILED);
            }
        },
    };
    let mut bytes = Vec::new();
    // Writing to a vector can't fail.
    let _ = clap_mangen::Man::new(page).render(&mut bytes);
    written(&bytes)
}

fn written(bytes: &[u8]) -> ExitCode {
    match io::stdout().write_all(bytes).and_then(|()| io::stdout().flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: standard output can't be written: {error}");
            ExitCode::from(FAILED)
        }
    }
}
