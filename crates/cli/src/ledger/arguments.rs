//! The arguments of `answerable ledger`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

const EXAMPLES: &str = "\
Examples:

  A ledger in a file of its own; commands are lines of JSON, and so are the answers:
    answerable ledger --ledger ward.db do < commands.ndjson

  Who answers for what, now and on a day in the past, as it was known then:
    answerable ledger --ledger ward.db who --patient amy
    answerable ledger --ledger ward.db who --at 2026-03-01T12:00:00Z --known-at 2026-03-01T12:00:00Z

  What happened to a patient, what is on a role's list, what falls due within a month:
    answerable ledger --ledger ward.db story amy
    answerable ledger --ledger ward.db worklist hale
    answerable ledger --ledger ward.db due --days 30

  Every few minutes, by a timer: offers expire, posts end, who waits too long is heard of:
    answerable ledger --ledger ward.db tick

  On a server, named once:
    export ANSWERABLE_LEDGER=postgres://ledger@db.example/ledger
    answerable ledger init

Exit status:
  0  done; of `do`: each line was answered, done or refused
  2  a usage error, or the ledger can't be used";

/// Keep who is answerable: it moves only when a named person accepts
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES, after_help = "`--help` says more, with examples.")]
pub(crate) struct LedgerArguments {
    /// Where the ledger is: a file, or the URL of a PostgreSQL database
    #[arg(long, global = true, env = "ANSWERABLE_LEDGER", value_name = "FILE-OR-URL", hide_env_values = true)]
    pub(crate) ledger: Option<String>,

    #[command(subcommand)]
    pub(crate) command: LedgerCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Make an empty ledger
    Init,
    /// Do commands: a JSON object a line in, an answer a line out
    Do {
        /// The file with the commands, instead of standard input
        file: Option<PathBuf>,
        /// Take the instants at which commands are recorded from the commands, and not from the clock
        #[arg(long)]
        replay: bool,
        /// Believe the clock, though it reads over a day past the last thing recorded: this machine was off
        #[arg(long, conflicts_with = "replay")]
        confirm_clock: bool,
    },
    /// Say who is answerable
    Who {
        /// For this patient alone
        #[arg(long)]
        patient: Option<String>,
        /// At this instant, such as 2026-03-01T12:00:00Z [default: the last recorded]
        #[arg(long, value_name = "INSTANT")]
        at: Option<String>,
        /// As it was known at this instant [default: all that is known]
        #[arg(long, value_name = "INSTANT")]
        known_at: Option<String>,
        /// For whom
        #[arg(long, value_enum, default_value_t)]
        format: OutputFormat,
    },
    /// Tell what happened to a patient
    Story {
        /// The patient's id
        patient: String,
        /// For whom
        #[arg(long, value_enum, default_value_t)]
        format: OutputFormat,
    },
    /// List what a role has to do
    Worklist {
        /// The role's id
        role: String,
        /// For whom
        #[arg(long, value_enum, default_value_t)]
        format: OutputFormat,
    },
    /// List what falls due, soonest first
    Due {
        /// Within so many days
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(0..=3660))]
        days: u16,
        /// For whom
        #[arg(long, value_enum, default_value_t)]
        format: OutputFormat,
    },
    /// Do what is due: expire offers, end roles, tell those up the line
    Tick {
        /// Believe the clock, though it reads over a day past the last thing recorded
        #[arg(long)]
        confirm_clock: bool,
    },
    /// Check that the log is what was written, and that the tables say what it says
    Verify,
    /// Write the whole ledger as lines of JSON
    Export {
        /// To this file, instead of standard output
        #[arg(long, short)]
        output: Option<PathBuf>,
    },
    /// Take a whole ledger, as `export` writes it, into an empty one
    Import {
        /// The file, instead of standard input
        file: Option<PathBuf>,
    },
    /// Copy a ledger that is a file, while others write to it
    Backup {
        /// To this file
        to: PathBuf,
    },
    /// Make the tables again from the log
    Rebuild,
    /// Count what there is
    Stats {
        /// For whom
        #[arg(long, value_enum, default_value_t)]
        format: OutputFormat,
    },
    /// Write the JSON Schema of commands
    Schema,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}
