//! The command line of `cargo xtask course`.

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Arg, Command, value_parser};
use xtask::tree::{Course, Way};

use super::plan;

/// Carries out the command line. Returns the exit code.
pub(crate) fn main() -> Result<ExitCode> {
    let matches = command().get_matches_from(env::args_os().skip(1));
    let course = Course::find()?;
    let is_clear = match matches.subcommand() {
        Some(("plan", arguments)) => {
            let weeks = *arguments.get_one::<usize>("weeks").context("clap requires it")?;
            let last = *arguments.get_one::<u32>("until").context("it has a default")?;
            plan::print(&course.on(Way::Modules)?, weeks, last)?;
            true
        }
        Some((_, arguments)) => {
            let dir = arguments.get_one::<PathBuf>("handout").map(PathBuf::as_path);
            super::check(&course, dir)?
        }
        None => true,
    };
    Ok(if is_clear { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn command() -> Command {
    Command::new("cargo xtask course")
        .bin_name("cargo xtask course")
        .about("Look after a course that you teach")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("check")
                .about("Is the handout complete, and are its links, hours, plans and rubrics consistent?")
                .arg(
                    Arg::new("handout")
                        .value_name("HANDOUT")
                        .help("A handout; by default, one is made to look at")
                        .value_parser(value_parser!(PathBuf)),
                ),
        )
        .subcommand(
            Command::new("plan")
                .about("Spread the exercises over weeks, as evenly as their order allows")
                .arg(
                    Arg::new("weeks")
                        .value_name("WEEKS")
                        .help("How many weeks there are")
                        .required(true)
                        .value_parser(value_parser!(usize)),
                )
                .arg(
                    Arg::new("until")
                        .long("until")
                        .value_name("MODULE")
                        .help("The last module")
                        .default_value("7")
                        .value_parser(value_parser!(u32)),
                ),
        )
        .after_help("Examples:\n  cargo xtask course check\n  cargo xtask course plan 10 --until 6")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
        for line in ["course check", "course check ../raft-lab", "course plan 10 --until 6"] {
            command()
                .try_get_matches_from(line.split(' '))
                .unwrap_or_else(|error| panic!("{error}"));
        }
    }
}
