//! The command line. It is parsed without clap's derive macros, because they would take longer to build than
//! the rest of the runner.

mod commands;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::ArgMatches;
use clap::error::ErrorKind;
use course::{ExerciseId, OPEN_DIR};

use self::commands::command;
use crate::progress::Progress;
use crate::tree::{Course, Way};
use crate::{
    authors, book, check, cluster, diff, doctor, draw, explore, fuzz, handout, hints, hunt, list,
    map, play, quiz, replay, reset, status, tree, update, use_module, watch,
};

/// Carries out the command line. Returns the exit code.
pub(crate) fn main() -> Result<ExitCode> {
    let matches = command().try_get_matches().unwrap_or_else(|error| reject(&error));
    if let Some(("update", arguments)) = matches.subcommand() {
        return update(arguments).map(|()| ExitCode::SUCCESS);
    }
    let course = Course::find()?;
    if update::is_unfinished(&course.root) {
        say_aside!(
            "warning: an update was interrupted; run `cargo xtask update` again to finish it"
        );
    }
    let Some((name, arguments)) = matches.subcommand() else {
        let course = on_its_path(&course, &matches)?;
        return status::run(&course, false, false).map(|()| ExitCode::SUCCESS);
    };
    if let Some(program) = authors::program_for(name) {
        return authors::run(&course, program, name, &words(arguments));
    }
    if name == "cluster" {
        return cluster::run(&course, &words(arguments));
    }
    if name == "play" {
        return play::run(&on_its_path(&course, arguments)?, arguments);
    }
    if name == "torture" {
        return cluster::torture(&course, &words(arguments));
    }
    let is_green = run(&on_its_path(&course, arguments)?, name, arguments)?;
    Ok(if is_green { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The words after the name of a command of another program.
fn words(arguments: &ArgMatches) -> Vec<OsString> {
    arguments.get_many("words").into_iter().flatten().cloned().collect()
}

/// Brings in a newer course. The tree need not be a valid course for that.
fn update(arguments: &ArgMatches) -> Result<()> {
    let path = arguments.get_one::<PathBuf>("path").cloned().unwrap_or_default();
    let (dry_run, yes) = (arguments.get_flag("dry-run"), arguments.get_flag("yes"));
    update::run(&tree::find_root()?, &update::Request { path, dry_run, yes })
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

/// The course of the path that a command is about: the one that it names, or else the learner's.
fn on_its_path(course: &Course, arguments: &ArgMatches) -> Result<Course> {
    let named = |name: &str| arguments.try_get_one::<String>(name).ok().flatten();
    let mut words: Vec<&String> =
        ["target", "module", "exercise"].into_iter().filter_map(named).collect();
    // What `explain` and `debug` take is an exercise, a number in the last list, or words.
    let check = named("check");
    let exercise = check.filter(|check| check.parse::<ExerciseId>().is_ok());
    words.extend(exercise);
    if !words.is_empty() {
        let way = words.into_iter().find_map(|word| Way::named_by(word));
        return course.on(way.unwrap_or(Way::Modules));
    }
    if check.is_some_and(|check| check.parse::<usize>().is_ok()) {
        let is_open = check::listed::is_of_open_path(&course.root);
        return course.on(if is_open { Way::Open } else { Way::Modules });
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

/// Carries out a command. Returns whether all is green.
fn run(course: &Course, name: &str, arguments: &ArgMatches) -> Result<bool> {
    let text = |name: &str| arguments.get_one::<String>(name).map(String::as_str);
    let number = |name: &str| arguments.get_one::<u64>(name).copied();
    let flag = |name: &str| arguments.get_flag(name);
    match name {
        "status" => {
            must_be_a_path(text("target"))?;
            status::run(course, flag("all"), flag("json"))?;
        }
        "list" => {
            let words = arguments.get_many::<String>("words").into_iter().flatten();
            list::run(course, &words.map(String::as_str).collect::<Vec<_>>())?;
        }
        "check" => {
            let target = text("target").map(|target| course.target(target)).transpose()?;
            if flag("watch") {
                return watch::run(course, false).map(|()| true);
            }
            let (all, seed, json) = (flag("all"), number("seed"), flag("json"));
            return check::run(course, check::Request { target, all, seed, json });
        }
        "watch" => {
            must_be_a_path(text("target"))?;
            watch::run(course, flag("plain"))?;
        }
        "explain" => check::explain(course, text("check"))?,
        "debug" => check::debug(course, text("check"))?,
        "diff" => {
            let target = text("target").map(|target| course.target(target)).transpose()?;
            diff::run(course, target, flag("anyway"))?;
        }
        "hint" => {
            let target = text("target").map(|target| course.target(target)).transpose()?;
            hints::hint(course, target, text("function"), flag("json"))?;
        }
        "quiz" => quiz::run(course, text("module"))?,
        "skip" => {
            hints::skip(course, course.target(text("exercise").unwrap_or_default())?)?;
        }
        "use" => use_module::run(course, text("module").unwrap_or_default(), text("whose"))?,
        "reset" => {
            let target = course.target(text("target").unwrap_or_default())?;
            reset::run(course, target, flag("yes"))?;
        }
        "hunt" => match (arguments.get_one::<PathBuf>("secret"), text("student")) {
            (Some(secret), Some(student)) => hunt::give(secret, student)?,
            _ => hunt::run(course, number("number"))?,
        },
        // The open path has no rows.
        "map" => map::run(&course.on(Way::Modules)?, text("row"))?,
        "fuzz" => return fuzz::run(course, &fuzz_request(arguments)),
        "replay" => replay::run(
            course,
            &replay::Request {
                target: text("target"),
                open: flag("open"),
                out: arguments.get_one::<PathBuf>("out").map(PathBuf::as_path),
            },
        )?,
        "draw" => draw::run(
            course,
            &draw::Request {
                target: text("target"),
                format: text("format").unwrap_or("svg"),
                out: arguments.get_one::<PathBuf>("out").map(PathBuf::as_path),
            },
        )?,
        "explore" => return explore::run(course, &explore_request(arguments)),
        "doctor" => return doctor::run(course),
        "book" => book::run(course, flag("open"))?,
        "handout" => {
            let dir = arguments.get_one::<PathBuf>("dir").cloned().unwrap_or_default();
            let platforms = arguments.get_many::<String>("with").into_iter().flatten();
            let request = handout::Request {
                dir: &dir,
                paths: text("path"),
                platforms: platforms.map(String::as_str).collect(),
                options: text("grade").unwrap_or_default(),
                solutions: text("solutions"),
                is_update: flag("update"),
            };
            handout::run(course, &request)?;
        }
        _ => unreachable!("clap accepts only the commands below"),
    }
    Ok(true)
}

/// Rejects a word that names no path, for a command that is about a whole path.
fn must_be_a_path(word: Option<&str>) -> Result<()> {
    match word {
        Some(word) if word != OPEN_DIR && word != use_module::GUIDED => {
            bail!("`{word}` is not a path; the paths are {OPEN_DIR} and {}", use_module::GUIDED)
        }
        _ => Ok(()),
    }
}

/// What `fuzz` was asked for.
fn fuzz_request(arguments: &ArgMatches) -> fuzz::Request<'_> {
    let number = |name: &str| arguments.get_one::<u64>(name).copied();
    fuzz::Request {
        module: arguments.get_one::<String>("module").map(String::as_str),
        runs: number("runs"),
        seed: number("seed"),
        storm: number("storm"),
        minutes: number("minutes"),
    }
}

/// What `explore` was asked for.
fn explore_request(arguments: &ArgMatches) -> explore::Request<'_> {
    let text = |name: &str| arguments.get_one::<String>(name).map(String::as_str);
    let texts = |name: &str| {
        let all = arguments.get_many::<String>(name).into_iter().flatten();
        all.map(String::as_str).collect()
    };
    let number = |name: &str| arguments.get_one::<u64>(name).copied();
    explore::Request {
        module: text("module").unwrap_or_default(),
        scenario: text("scenario"),
        servers: number("servers"),
        elections: number("elections"),
        heartbeats: number("heartbeats"),
        duplicates: number("duplicates"),
        quiet: number("quiet"),
        campaigners: text("campaigners"),
        states: number("states"),
        clients: texts("client"),
        queries: texts("query"),
        changes: texts("change"),
        live: arguments.get_flag("live"),
        quick: arguments.get_flag("quick"),
    }
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
