//! The command line.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, thread};

use anyhow::{Context as _, Result, bail, ensure};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use xtask::tree::Course;
use xtask::{hunt, say, say_aside};

use crate::check;
use crate::originality;
use crate::report;
use crate::result::{Scoring, StudentResult};
use crate::run::{self, Run};
use crate::sandbox::Isolation;
use crate::submissions::{self, Shard, Submission};
use crate::worker::Rules;

/// The folder for reports, unless `--out` names one.
const OUT: &str = "grades";

const NOT_ISOLATED: &str = "Without bubblewrap, a submission is built and judged as an ordinary program of yours: while \
                            it compiles, it can read every file that you can read. Install bubblewrap (package \
                            `bubblewrap`), or grade in a container, and add `--trust`.";

/// Carries out the command line. Returns the exit code.
pub(crate) fn main() -> Result<ExitCode> {
    // The runner passes the name of the command on, where a program's name usually is.
    if env::args_os().nth(1).is_some_and(|name| name == "course") {
        return check::cli::main();
    }
    let matches = command().get_matches_from(env::args_os().skip(1));
    let is_clear = match matches.subcommand() {
        Some(("merge", arguments)) => merge(arguments)?,
        Some(("compare", arguments)) => compare(arguments)?,
        Some(("originality", arguments)) => originality(arguments)?,
        _ => grade(&matches)?,
    };
    Ok(if is_clear { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Everything that can be typed.
fn command() -> Command {
    Command::new("cargo xtask grade")
        .bin_name("cargo xtask grade")
        .about("Judge the submissions in a folder, and write reports")
        .args_conflicts_with_subcommands(true)
        .subcommand_precedence_over_arg(true)
        .arg_required_else_help(true)
        .arg(
            folder("submissions", "A folder with a folder, an archive or a git bundle for each student")
                .value_name("SUBMISSIONS")
                .required(true),
        )
        .arg(out("Where the reports go [default: grades]"))
        .args(whom())
        .args(how())
        .arg(flag("resume", "Keep results of an earlier run that nothing has changed since"))
        .arg(flag("trust", "Build and judge even where nothing isolates submissions"))
        .subcommands([merge_command(), compare_command(), originality_command()])
        .after_help(
            "Examples:\n  cargo xtask grade submissions --modules 1-3\n  cargo xtask grade submissions --seed 20260301 --resume\n  \
             cargo xtask grade submissions --shard 2/3 --out part-2\n  cargo xtask grade merge part-1 part-2 part-3",
        )
}

/// Which submissions are judged.
fn whom() -> [Arg; 3] {
    [
        option("shard", "K/N", "Only the Kth of N parts of the submissions, for several machines")
            .value_parser(Shard::parse),
        option("student", "NAME", "Only this student; may be repeated").action(ArgAction::Append),
        option("as", "NAME", "SUBMISSIONS is the submission of this one student")
            .conflicts_with_all(["student", "shard"]),
    ]
}

/// How they are judged.
fn how() -> [Arg; 6] {
    [
        option("modules", "LIST", "The modules to judge: `1-5`, `2,4`, `1-5,open` [default: all]"),
        option("jobs", "N", "How many submissions are judged at a time [default: one per two cores]")
            .value_parser(value_parser!(usize)),
        option("seed", "S", "Judge with storms drawn from this seed, not with those that students have")
            .value_parser(value_parser!(u64)),
        folder("secret", "A file with the secret of the course: each student has bug hunts and storms of their own")
            .long("secret")
            .value_name("FILE"),
        folder("scenarios", "A folder with scenarios of your own. Students do not see their names and texts")
            .long("scenarios"),
        option("score", "RULE", "An exercise has its points if every check is green, or a part of them")
            .value_parser(["whole", "parts"])
            .default_value("whole"),
    ]
}

fn merge_command() -> Command {
    Command::new("merge")
        .about("Combine the reports of several parts")
        .arg(folder("parts", "The folders that `--out` has named").num_args(1..).required(true))
        .arg(out("Where the reports go [default: grades]"))
}

fn compare_command() -> Command {
    Command::new("compare")
        .about("List whose points differ between two gradings")
        .arg(folder("before", "The reports of one grading").required(true))
        .arg(folder("after", "The reports of the other one").required(true))
}

fn originality_command() -> Command {
    Command::new("originality")
        .about("Export what students wrote for JPlag and Dolos, and rank pairs by what they have in common")
        .arg(folder("submissions", "The folder that was graded").value_name("SUBMISSIONS").required(true))
        .arg(out("Where the folder `originality` goes [default: grades]"))
}

fn out(help: &'static str) -> Arg {
    folder("out", help).long("out")
}

fn folder(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).value_name("DIR").help(help).value_parser(value_parser!(PathBuf))
}

fn option(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).help(help).action(ArgAction::SetTrue)
}

/// Grades. Returns whether no submission needs a look.
fn grade(arguments: &ArgMatches) -> Result<bool> {
    let course = Course::find()?;
    let out = absolute(arguments, "out", OUT)?;
    let rules = rules(&course, arguments)?;
    let due = due(arguments)?;
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let workers = arguments.get_one::<usize>("jobs").copied().unwrap_or(cores.div_ceil(2));
    let resume = arguments.get_flag("resume");
    let run = Run { course: &course, rules: &rules, out: &out, workers, resume };
    run.grade(due)?;
    // The results of earlier runs into the same folder count, too: a student who is graded again stays in the table.
    finish(&out, &run::stored_in(std::slice::from_ref(&out))?)
}

fn rules(course: &Course, arguments: &ArgMatches) -> Result<Rules> {
    let isolation = match Isolation::find(&course.root)? {
        Ok(isolation) => isolation,
        Err(reason) if arguments.get_flag("trust") => {
            say_aside!("Nothing isolates the submissions ({reason}), and --trust was given.");
            Isolation::None
        }
        Err(reason) => bail!("{reason}. {NOT_ISOLATED}"),
    };
    let scenarios = match arguments.get_one::<PathBuf>("scenarios") {
        Some(folder) => Some(folder.clone()),
        None => env::var_os("RAFT_LAB_SCENARIOS").map(PathBuf::from),
    };
    let scenarios = scenarios.map(|folder| {
        let shown = folder.display().to_string();
        fs::canonicalize(folder).with_context(|| format!("--scenarios: {shown} cannot be read"))
    });
    Ok(Rules {
        modules: modules(course, arguments.get_one::<String>("modules"))?,
        seed: arguments.get_one::<u64>("seed").copied(),
        secret: arguments
            .get_one::<PathBuf>("secret")
            .map(|path| hunt::secret_in(path))
            .transpose()?,
        scenarios: scenarios.transpose()?,
        scoring: match arguments.get_one::<String>("score").map(String::as_str) {
            Some("parts") => Scoring::Parts,
            _ => Scoring::Whole,
        },
        isolation,
    })
}

/// The folders of the modules that a list names: `1-5,7`.
fn modules(course: &Course, list: Option<&String>) -> Result<Vec<String>> {
    let Some(list) = list else {
        return Ok(course.all().map(|module| module.dir.clone()).collect());
    };
    let mut dirs: Vec<String> = Vec::new();
    for part in list.split(',').map(str::trim) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let range = first.parse::<u32>().ok().zip(last.parse::<u32>().ok());
        match range {
            Some((first, last)) => {
                let within = |number: u32| (first..=last).contains(&number);
                let named = course.modules.iter().filter(|module| within(module.number()));
                let named: Vec<String> = named.map(|module| module.dir.clone()).collect();
                ensure!(!named.is_empty(), "--modules: the course has no module {part}");
                dirs.extend(named);
            }
            None => match course.all().find(|module| module.is_called(&part.to_lowercase())) {
                Some(module) => dirs.push(module.dir.clone()),
                None => dirs.push(course.module(part)?.dir.clone()),
            },
        }
    }
    Ok(dirs)
}

fn due(arguments: &ArgMatches) -> Result<Vec<Submission>> {
    let folder = arguments.get_one::<PathBuf>("submissions").context("clap requires it")?;
    if let Some(student) = arguments.get_one::<String>("as") {
        let path = folder
            .canonicalize()
            .with_context(|| format!("{} cannot be read", folder.display()))?;
        return Ok(vec![Submission { student: student.clone(), path }]);
    }
    let all = submissions::find(folder)?;
    if let Some(names) = arguments.get_many::<String>("student") {
        let mut due = Vec::new();
        for name in names {
            let found = all.iter().find(|submission| submission.student == *name);
            let found =
                found.with_context(|| format!("{} has no submission of {name}", folder.display()));
            due.push(found?.clone());
        }
        return Ok(due);
    }
    let shard = arguments.get_one::<Shard>("shard").copied().unwrap_or(Shard::WHOLE);
    Ok(shard.of(all))
}

fn merge(arguments: &ArgMatches) -> Result<bool> {
    let course = Course::find()?;
    let parts: Vec<PathBuf> = arguments.get_many("parts").into_iter().flatten().cloned().collect();
    let out = absolute(arguments, "out", OUT)?;
    let results = run::stored_in(&parts)?;
    for result in &results {
        run::store(&out, result, &course)?;
    }
    finish(&out, &results)
}

fn compare(arguments: &ArgMatches) -> Result<bool> {
    let stored = |name: &str| {
        let folder = arguments.get_one::<PathBuf>(name).context("clap requires it")?;
        run::stored_in(std::slice::from_ref(folder))
    };
    let (before, after) = (stored("before")?, stored("after")?);
    let mut is_equal = true;
    for new in &after {
        let Some(old) = before.iter().find(|old| old.student == new.student) else {
            is_equal = false;
            say!("{}: only in the second", new.student);
            continue;
        };
        for exercise in new.exercises() {
            let earned = old.exercises().find(|other| other.id == exercise.id).map(|it| it.earned);
            if earned != Some(exercise.earned) {
                is_equal = false;
                let earned = earned.map_or("not judged".to_owned(), |earned| earned.to_string());
                say!("{}: {} {} → {}", new.student, exercise.id, earned, exercise.earned);
            }
        }
    }
    for old in before.iter().filter(|old| !after.iter().any(|new| new.student == old.student)) {
        is_equal = false;
        say!("{}: only in the first", old.student);
    }
    if is_equal {
        say!("All {} students have the same points.", after.len());
    }
    Ok(is_equal)
}

fn originality(arguments: &ArgMatches) -> Result<bool> {
    let course = Course::find()?;
    let folder = arguments.get_one::<PathBuf>("submissions").context("clap requires it")?;
    let out = absolute(arguments, "out", OUT)?;
    originality::run(&course, &submissions::find(folder)?, &out)?;
    Ok(true)
}

/// Writes what is about all students. Returns whether no submission needs a look.
fn finish(out: &Path, results: &[StudentResult]) -> Result<bool> {
    report::write_course(out, results)?;
    let look = results.iter().filter(|result| !result.needs_a_look().is_empty()).count();
    say!("{} students. {}", results.len(), out.join("index.html").display());
    match look {
        0 => {}
        1 => say!("One submission needs a look; the page says why."),
        _ => say!("{look} submissions need a look; the page says why."),
    }
    Ok(look == 0)
}

fn absolute(arguments: &ArgMatches, name: &str, default: &str) -> Result<PathBuf> {
    let path = arguments.get_one::<PathBuf>(name).cloned().unwrap_or_else(|| default.into());
    std::path::absolute(&path).with_context(|| format!("{} is not a path", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        for line in [
            "grade submissions --modules 1-3",
            "grade submissions --seed 7 --resume --jobs 2",
            "grade submissions --shard 2/3 --out part-2",
            "grade . --as ada --trust",
            "grade submissions --secret course.key",
            "grade originality submissions --out grades",
            "grade merge part-1 part-2",
            "grade compare a b",
        ] {
            command().try_get_matches_from(words(line)).unwrap_or_else(|error| panic!("{error}"));
        }
        assert!(command().try_get_matches_from(words("grade submissions --shard 4/3")).is_err());
    }
}
