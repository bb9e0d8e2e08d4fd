//! The `answerable` program: arguments, progress, exit codes; nothing else.

mod arguments;
mod check;
mod destination;
mod interrupt;
mod ledger;
mod manual;
mod progress;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Ledger(arguments) => ledger::run(&arguments),
        Command::Completions { shell } => manual::completions(shell),
        Command::Man { command } => manual::man(command.as_deref()),
    }
}
