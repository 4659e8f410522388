//! The command line.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Arg, ArgAction, Command};
use xtask::tree::Course;

use crate::{bless, mutants, stubs, verify, zoo};

/// Carries out the command line. Returns the exit code.
pub(crate) fn main() -> Result<ExitCode> {
    let matches = command().get_matches();
    let course = Course::find()?;
    let is_green = match matches.subcommand() {
        Some(("stubs", arguments)) => {
            stubs::run(&course, arguments.get_flag("check"), arguments.get_flag("force"))?
        }
        Some(("bless", arguments)) => {
            bless::run(&course, arguments.get_one::<String>("module").map(String::as_str))?
        }
        Some(("verify", arguments)) => {
            let only = arguments.get_one::<String>("only").map(String::as_str);
            verify::run(&course, arguments.get_flag("full"), only)?
        }
        Some(("zoo", arguments)) => {
            let ids: Vec<String> =
                arguments.get_many("id").into_iter().flatten().cloned().collect();
            let module = arguments.get_one::<String>("module").map(String::as_str);
            let (quick, write) = (arguments.get_flag("quick"), arguments.get_flag("write"));
            zoo::run(&course, zoo::Options { ids: &ids, module, quick, write })?
        }
        Some(("mutants", arguments)) => {
            let modules: Vec<String> =
                arguments.get_many("module").into_iter().flatten().cloned().collect();
            let (changed, write) = (arguments.get_flag("changed"), arguments.get_flag("write"));
            mutants::run(&course, &modules, changed, write)?
        }
        _ => unreachable!("clap accepts only the commands below"),
    };
    Ok(if is_green { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Everything that can be typed.
pub(crate) fn command() -> Command {
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).help(help).action(ArgAction::SetTrue)
    };
    let stubs = Command::new("stubs")
        .about("Write the stubs in modules/ and .pristine/ from solutions/")
        .arg(flag("check", "Only report which are stale"))
        .arg(
            flag("force", "Even in a tree in which somebody is working through the exercises")
                .conflicts_with("check"),
        );
    let bless = Command::new("bless").about("Write what is generated from the reference").arg(
        Arg::new("module").value_name("MODULE").help(
            "The module whose snapshots to write (`2`, `election`), or `book` for its figures, \
             questions and generated pages; by default, everything, including the failure texts",
        ),
    );
    let verify = Command::new("verify")
        .about("Test the lab itself, on a copy with untouched stubs")
        .arg(flag("full", "Also run what takes long"))
        .arg(
            Arg::new("only")
                .long("only")
                .value_name("TEXT")
                .help("Run only the steps whose names contain this text"),
        );
    let zoo = Command::new("zoo")
        .about("Show which check catches each wrong server, and what right ones do otherwise")
        .arg(
            Arg::new("id")
                .value_name("ID")
                .num_args(0..)
                .help("The servers (`E3`, `vote-step-2`); by default, all"),
        )
        .arg(
            Arg::new("module")
                .long("module")
                .value_name("MODULE")
                .help("Only those of this module (`2`, `election`)"),
        )
        .arg(flag("quick", "Do not run storms and explorations without the other checks"))
        .arg(flag("write", "Keep the verdicts, and write docs/maintainers/zoo.md"));
    let mutants = Command::new("mutants")
        .about(
            "Run small changes of the reference through the gates, as `cargo-mutants` lists them",
        )
        .arg(
            Arg::new("module")
                .value_name("MODULE")
                .num_args(0..)
                .help("The modules (`2`, `election`); by default, all"),
        )
        .arg(flag("changed", "Only of functions that have changed since the table was written"))
        .arg(flag("write", "Keep what became of them, and write docs/maintainers/mutants.md"));
    Command::new("cargo xtask")
        .bin_name("cargo xtask")
        .about("The commands of those who work on the lab")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands([stubs, bless, verify, zoo, mutants])
}
