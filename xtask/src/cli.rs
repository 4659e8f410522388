//! The command line. It is parsed without clap's derive macros, because they would take longer to build than
//! the rest of the runner.

mod arranging;
mod entry;
mod helping;
mod judging;
mod running;
mod seeing;

use std::process::ExitCode;

use anyhow::Result;
use clap::error::ErrorKind;
use clap::{ArgMatches, Command};
use course::{ExerciseId, OPEN_DIR};

use self::entry::{Entry, Run, Words, of_another_program};
use crate::progress::Progress;
use crate::tree::{Course, Way};
use crate::{authors, check, status, tree, update};

const ABOUT: &str =
    "The Raft Learning Lab. Without a command, shows where you are and what comes next.";
const AUTHORS: &str = "For instructors: grade, course. For those who work on the lab: stubs, bless, verify (each has its \
                       own --help)";

/// The commands of learners and instructors, in the order of `--help`.
fn entries() -> impl Iterator<Item = Entry> {
    judging::commands()
        .into_iter()
        .chain(seeing::commands())
        .chain(helping::commands())
        .chain(arranging::arranging())
        .chain(running::commands())
        .chain(arranging::keeping())
}

/// Everything that can be typed.
fn command() -> Command {
    let command = Command::new("cargo xtask")
        .bin_name("cargo xtask")
        .version(env!("CARGO_PKG_VERSION"))
        .about(ABOUT)
        .after_help(AUTHORS)
        .subcommands(entries().map(|entry| entry.command));
    authors::COMMANDS
        .into_iter()
        .fold(command, |command, (name, _)| command.subcommand(of_another_program(name).hide(true)))
}

/// Carries out the command line. Returns the exit code.
pub(crate) fn main() -> Result<ExitCode> {
    let matches = command().try_get_matches().unwrap_or_else(|error| reject(&error));
    let Some((name, arguments)) = matches.subcommand() else {
        let course = on_its_path(&find()?, &matches, false)?;
        return status::run(&course, false, false).map(entry::done);
    };
    let words = Words::new(arguments);
    if let Some(program) = authors::program_for(name) {
        return authors::run(&find()?, program, name, &words.all());
    }
    let entry = entries().find(|entry| entry.name() == name).expect("clap knows only these");
    match entry.run {
        Run::Path(run) => run(&on_its_path(&find()?, arguments, false)?, &words),
        Run::Listed(run) => run(&on_its_path(&find()?, arguments, true)?, &words),
        Run::Course(run) => run(&find()?, &words),
        Run::Tree(run) => run(&words),
    }
}

/// The course of this tree. Warns if its files are of two versions.
fn find() -> Result<Course> {
    let course = Course::find()?;
    if update::is_unfinished(&course.root) {
        say_aside!(
            "warning: an update was interrupted; run `cargo xtask update` again to finish it"
        );
    }
    Ok(course)
}

/// Ends the program because the line is not a command, or asks for help. If a word is missing, the answer has an
/// example.
fn reject(error: &clap::Error) -> ! {
    // If nobody reads it, nobody misses it.
    let _ = error.print();
    let command = command();
    let mut words = std::env::args().skip(1);
    let called = words.find_map(|word| command.find_subcommand(word)?.get_after_help());
    if let Some(examples) = called.filter(|_| error.kind() == ErrorKind::MissingRequiredArgument) {
        say_aside!("\n{examples}");
    }
    std::process::exit(error.exit_code())
}

/// Parses a command line of learners or instructors, for a test of what the book shows.
///
/// # Errors
/// If there is no such command, or it does not take these words.
pub fn parse(words: &[&str]) -> Result<(), clap::Error> {
    let line = ["cargo xtask"].into_iter().chain(words.iter().copied());
    command().try_get_matches_from(line).map(|_| ())
}

/// The course of the path that a command is about: the one that its words name, or else that of the checks that were
/// listed last, if it `is_about_them`, or else the learner's.
fn on_its_path(course: &Course, arguments: &ArgMatches, is_about_them: bool) -> Result<Course> {
    let named = |name: &str| arguments.try_get_one::<String>(name).ok().flatten();
    // What `explain`, `replay` and others take is an exercise, a number in the last list, or words.
    let check = named("check");
    let exercise = check.filter(|check| check.parse::<ExerciseId>().is_ok());
    let words = ["target", "module", "exercise"].into_iter().filter_map(named).chain(exercise);
    let words: Vec<&String> = words.collect();
    if !words.is_empty() {
        let way = words.into_iter().find_map(|word| Way::named_by(word));
        return course.on(way.unwrap_or(Way::Modules));
    }
    if is_about_them
        && check.is_none_or(|check| check.parse::<usize>().is_ok())
        && let Some(way) = check::listed::way(&course.root)
    {
        return course.on(way);
    }
    // `watch` tells the commands that it starts.
    let way = match std::env::var(tree::PATH_VARIABLE).as_deref() {
        Ok(OPEN_DIR) => Way::Open,
        Ok(_) => Way::Modules,
        Err(_) if course.others.is_empty() => course.way(),
        Err(_) => Progress::load(&course.root)?.way(),
    };
    course.on(way)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn commands_for_authors_take_any_words() {
        for words in [&["stubs", "--check"][..], &["verify", "--help"], &["bless", "2", "-x"]] {
            parse(words).unwrap();
        }
        assert!(parse(&["chekc"]).is_err() && parse(&["check", "1", "--all"]).is_err());
    }

    #[test]
    fn every_command_of_learners_ends_its_help_with_examples_that_it_takes() {
        for command in command().get_subcommands().filter(|command| !command.is_hide_set()) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let mut examples = help.lines().filter_map(|line| line.strip_prefix("  cargo xtask "));
            let first = examples.clone().next();
            assert!(first.is_some_and(|words| words.starts_with(command.get_name())), "{help}");
            assert!(
                examples.all(|words| parse(&words.split(' ').collect::<Vec<_>>()).is_ok()),
                "{help}"
            );
        }
    }
}
