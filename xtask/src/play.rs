//! `play`: a world of the learner's servers that is moved by hand, on a page or at a prompt.
//!
//! The program `viewer` plays, and asks this one to build the gate: at the beginning, and whenever the learner's code
//! has changed. Neither is needed for `check`.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{Command as Process, ExitCode};

use anyhow::{Context as _, Result, bail};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use course::{ExerciseId, Module};
use serde_json::json;

use crate::build::{self, Built};
use crate::check::{self, Found};
use crate::progress::Progress;
use crate::tree::Course;
use crate::{authors, explore, files, open, replay};

/// Where orders and scripts go.
const FOLDER: &str = "target/play";

/// The servers of a new cluster.
const SERVERS: u64 = 3;

/// What is asked for.
#[derive(Debug)]
struct Request<'a> {
    /// A scenario, or a check that runs one.
    target: Option<&'a str>,
    module: Option<&'a str>,
    /// The servers of a new cluster.
    servers: u64,
    /// The last line of the scenario to begin with.
    to: Option<u64>,
    terminal: bool,
    open: bool,
}

/// The command line.
pub(crate) fn command() -> Command {
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).help(help).action(ArgAction::SetTrue)
    };
    let number = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help).value_parser(value_parser!(u64))
    };
    Command::new("play")
        .about("Move your servers by hand, on a page or at a prompt: timers, messages, crashes, clients")
        .arg(Arg::new("check").value_name("SCENARIO|CHECK").help(
            "Where to begin: a scenario's name or path, or `own`; or a check that runs a scenario, as `explain` takes \
             it. By default, a new cluster",
        ))
        .arg(Arg::new("module").long("module").value_name("MODULE|open").help(
            "Whose servers: a module (`2`, `election`), or `open`; by default, those of the scenario, or of the \
             module that you are working on",
        ))
        .arg(number("servers", "NUMBER", "The servers of a new cluster [default: 3]").conflicts_with("check"))
        .arg(number("to", "LINE", "Begin after this line of the scenario").requires("check"))
        .arg(flag("terminal", "A prompt instead of a page").conflicts_with("open"))
        .arg(flag("open", "Open the page in a browser"))
        .arg(flag("gate", "For the program that plays: build the gate, and print where it is").hide(true))
        .after_help(
            "Examples:\n  cargo xtask play --open\n  \
             cargo xtask play a_split_vote_among_two_ends_with_a_new_election --to 11\n  \
             cargo xtask play --module 2 --terminal",
        )
}

/// `cargo xtask play`. Returns the exit code of the program that plays.
pub(crate) fn run(course: &Course, arguments: &ArgMatches) -> Result<ExitCode> {
    let text = |name: &str| arguments.get_one::<String>(name).map(String::as_str);
    let number = |name: &str| arguments.get_one::<u64>(name).copied();
    if arguments.get_flag("gate") {
        let module = course.module(text("module").unwrap_or_default())?;
        return print_gate(course, module).map(|()| ExitCode::SUCCESS);
    }
    let request = Request {
        target: text("check"),
        module: text("module"),
        servers: number("servers").unwrap_or(SERVERS),
        to: number("to"),
        terminal: arguments.get_flag("terminal"),
        open: arguments.get_flag("open"),
    };
    let (order, whose) = order(course, &request)?;
    let viewer = build::program(&course.root, "viewer")?;
    tell!("The servers are those of {whose}.");
    authors::become_program(Process::new(&viewer).arg("play").arg(order))
        .with_context(|| format!("cannot run {}", viewer.display()))
}

/// Builds a module's gate, and prints where it is, as a program reads it (`viewer::play::Built`).
fn print_gate(course: &Course, module: &Module) -> Result<()> {
    let built = match build::gate(&course.root, &module.package)? {
        Built::Ready(gate) => {
            let places = replay::places(course, module);
            json!({"gate": gate.executable(), "environment": BTreeMap::<String, String>::new(), "places": places})
        }
        Built::Broken(errors) => {
            let errors: Vec<String> = errors.into_iter().map(|error| error.rendered).collect();
            json!({"gate": null, "errors": errors.join("\n")})
        }
    };
    say!("{built}");
    Ok(())
}

/// Writes down what the learner wants to play (`viewer::play::Order`). Returns the file, and whose servers they are in words.
fn order(course: &Course, request: &Request<'_>) -> Result<(PathBuf, String)> {
    let begun = match request.target {
        Some(target) => Some(scenario(course, target)?),
        None => None,
    };
    let about = begun.as_ref().map(|begun| begun.exercise);
    let module = module(course, request.module, about)?;
    let exercise = exercise(course, module, about)?;
    let script = match &begun {
        Some(begun) => upto(&begun.text, request.to)?,
        None => format!("cluster {}\n", request.servers),
    };
    let upto = course.modules.iter().take_while(|it| it.number() <= module.number());
    let sources: Vec<PathBuf> =
        upto.map(|module| course.root.join(module.learner()).join("src")).collect();
    let own = module.exercises.iter().find(|it| it.file.ends_with("own.scenario"));
    let runner = env::current_exe().context("the path of this program")?;
    let name = begun.map_or_else(|| "played".to_owned(), |begun| begun.name);
    let order = json!({
        "root": course.root,
        "build": [runner, "play", "--gate", "--module", module.dir],
        "exercise": exercise,
        "name": name,
        "script": script,
        "own": own.map(|exercise| module.learner().join(&exercise.file)),
        "sources": sources,
        "terminal": request.terminal,
        "opener": request.open.then_some(open::OPENER),
    });
    let folder = course.root.join(FOLDER);
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {FOLDER}"))?;
    // So that two worlds can be played side by side.
    let file = folder.join(format!("order-{}.json", std::process::id()));
    fs::write(&file, order.to_string())
        .with_context(|| format!("cannot write {}", file.display()))?;
    let whose = if module.is_open_path() {
        module.called()
    } else {
        format!("{}, with the rules up to exercise {exercise}", module.called())
    };
    Ok((file, whose))
}

/// A scenario to begin with.
struct Begun {
    name: String,
    exercise: ExerciseId,
    text: String,
}

/// The scenario that is named, or that a check runs.
fn scenario(course: &Course, target: &str) -> Result<Begun> {
    let path = match replay::scenario(course, target) {
        Some(path) => path,
        None => of_check(course, target)?,
    };
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let text = text.replace("\r\n", "\n");
    let exercise = replay::exercise(course, &path, &text)?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Begun { name, exercise, text })
}

/// The scenario that a check runs.
fn of_check(course: &Course, name: &str) -> Result<PathBuf> {
    let found = check::find(course, Some(name)).with_context(|| {
        format!("`{name}` is not a scenario either (a scenario has the name of its file)")
    })?;
    let Some(Found { module, report }) = found else {
        bail!("there is no check `{name}`");
    };
    let folder = course.root.join(module.suite());
    let names = files::names(&folder)?;
    let scenarios = names.iter().filter(|name| name.ends_with(".scenario"));
    let is_it = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap_or_default();
        course::check_name(&claim(&text)) == report.check
    };
    scenarios.map(|name| folder.join(name)).find(is_it).with_context(|| {
        format!(
            "the check `{}` runs no scenario of {}; begin with `cargo xtask play --module {}`",
            report.check,
            module.suite().display(),
            module.package
        )
    })
}

/// The first paragraph of the comment at the top of a scenario.
fn claim(text: &str) -> String {
    let lines = text.lines().map_while(|line| line.strip_prefix("# "));
    lines.collect::<Vec<_>>().join(" ")
}

/// The module whose servers are played.
fn module<'a>(
    course: &'a Course,
    named: Option<&str>,
    about: Option<ExerciseId>,
) -> Result<&'a Module> {
    if let Some(name) = named {
        let module = course.module(name)?;
        if !course.has_servers(module) {
            bail!("{} has no scenarios, so there are no servers to play with", module.called());
        }
        return Ok(module);
    }
    if let Some((module, _)) = about.and_then(|id| course.exercise(id)) {
        return Ok(module);
    }
    if course.modules.iter().all(Module::is_open_path) {
        return course.modules.first().context("the course has no module");
    }
    let progress = Progress::load(&course.root)?;
    let next = progress.next(&course.modules).map_or(u32::MAX, |(module, _)| module.number());
    let chain = || course.chain().filter(|module| course.has_servers(module));
    // Before the first module with servers, it is that one: its stubs say what is missing.
    let module = chain().filter(|module| module.number() <= next).last();
    module.or_else(|| chain().next()).context("no module has servers to play with")
}

/// The exercise up to which the servers have the learner's rules: that of the scenario, or otherwise the one that
/// comes next, so that code can be tried while it is being written.
fn exercise(course: &Course, module: &Module, about: Option<ExerciseId>) -> Result<ExerciseId> {
    if module.is_open_path() {
        return explore::exercise(course, module, about);
    }
    if let Some(id) = about.filter(|id| id.module == module.number()) {
        return Ok(id);
    }
    let progress = Progress::load(&course.root)?;
    // The learner's own scenario adds no rule.
    let rules = || module.exercises.iter().filter(|exercise| exercise.is_rust());
    let done = rules().map(|exercise| exercise.id).filter(|&id| progress.is_done(id)).max();
    let next = rules().find(|exercise| !exercise.bonus && !progress.is_done(exercise.id));
    let last = done.max(next.map(|exercise| exercise.id));
    last.context("the module has no exercises")
}

/// The scenario up to a line.
fn upto(text: &str, line: Option<u64>) -> Result<String> {
    let Some(line) = line else { return Ok(text.to_owned()) };
    let count = usize::try_from(line).unwrap_or(usize::MAX);
    if count == 0 || count > text.lines().count() {
        bail!("the scenario has no line {line}; it has {} lines", text.lines().count());
    }
    Ok(text.split_inclusive('\n').take(count).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_is_found_by_the_name_of_its_check() {
        let text = "# A candidate's votes\n# count once.\n#\n# exercise: 2.4\n\ncluster 3\n";
        assert_eq!(course::check_name(&claim(text)), "a_candidates_votes_count_once");
    }

    #[test]
    fn a_scenario_goes_as_far_as_the_line_that_is_named() {
        let text = "cluster 3\ntimeout S1\n---\n";
        assert_eq!(upto(text, Some(2)).unwrap(), "cluster 3\ntimeout S1\n");
        assert_eq!(upto(text, None).unwrap(), text);
        assert!(upto(text, Some(0)).is_err() && upto(text, Some(4)).is_err());
    }
}
