//! `explore`: tries every order of events on a module's servers, from a new cluster or from the end of a scenario.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use course::{ExerciseId, Module};

use crate::build::{self, Built};
use crate::progress::Progress;
use crate::term;
use crate::tree::{Course, Target};

/// How often the line that says how far the search is changes.
const TICK: Duration = Duration::from_secs(1);

/// The servers of a new cluster.
const SERVERS: u64 = 3;

/// What is asked for.
#[derive(Debug, Default)]
pub(crate) struct Request<'a> {
    /// A module, or an exercise: then the servers are those of the exercise.
    pub(crate) module: &'a str,
    /// A scenario, by its name or path, perhaps with the number of a block.
    pub(crate) scenario: Option<&'a str>,
    pub(crate) servers: Option<u64>,
    pub(crate) elections: Option<u64>,
    pub(crate) heartbeats: Option<u64>,
    pub(crate) duplicates: Option<u64>,
    pub(crate) quiet: Option<u64>,
    pub(crate) campaigners: Option<&'a str>,
    pub(crate) states: Option<u64>,
    /// `S1 set x 1`, and so on.
    pub(crate) clients: Vec<&'a str>,
    pub(crate) queries: Vec<&'a str>,
    pub(crate) changes: Vec<&'a str>,
    pub(crate) live: bool,
    pub(crate) quick: bool,
}

/// `cargo xtask explore`. Returns whether nothing was found.
pub(crate) fn run(course: &Course, request: &Request<'_>) -> Result<bool> {
    let (module, asked) = match course.target(request.module)? {
        Target::Module(module) => (module, None),
        Target::Exercise(module, exercise) => (module, Some(exercise.id)),
    };
    if !course.has_servers(module) {
        bail!("{} has no scenarios, so there are no servers to explore", module.called());
    }
    let bounds = bounds(request)?;
    let (path, before, about) = beginning(course, module, request)?;
    let exercise = match asked {
        Some(id) => id,
        None => exercise(course, module, about)?,
    };
    let whose = if let Some(id) = asked {
        format!("the servers of exercise {id}")
    } else {
        let (called, title) = (module.called(), &module.title);
        format!("{called} ({title}), with the rules up to exercise {exercise}")
    };
    let gate = match build::gate(&course.root, &module.package)? {
        Built::Ready(gate) => gate,
        Built::Broken(errors) => {
            for error in errors {
                say_aside!("{}", error.rendered);
            }
            bail!("{} does not compile yet", module.called());
        }
    };
    tell!("Exploring {whose}, from {}: {bounds}", from(request));
    let again = std::env::args().skip(1).map(|word| quoted(&word));
    let again = again.collect::<Vec<_>>().join(" ");
    let text = format!(
        "{exercise} {}\ncargo xtask {again}\n{before}explore {bounds}\n---\n",
        path.display()
    );
    let mut shown = Instant::now();
    let report = gate.explore(&text, &mut |progress| {
        if shown.elapsed() >= TICK {
            shown = Instant::now();
            show(progress);
        }
    });
    clear();
    let report = report?.context("the gate has not said what it found")?;
    if report.passed() {
        let what = report.show.as_deref().unwrap_or_default();
        tell!("{} Nothing is wrong within these bounds. {what}.", term::green("✔"));
    } else {
        say!("\n{}", report.text.trim_end());
    }
    Ok(report.passed())
}

/// A word of a command line, in quotation marks if it needs them.
fn quoted(word: &str) -> String {
    if word.contains(' ') { format!("{word:?}") } else { word.to_owned() }
}

/// Where it begins, for a person.
fn from(request: &Request<'_>) -> String {
    match request.scenario {
        Some(scenario) => format!("the end of {scenario}"),
        None => format!("{} new servers", request.servers.unwrap_or(SERVERS)),
    }
}

/// The arguments of the command `explore` of a script. One election and one heartbeat, unless something else is asked
/// for.
fn bounds(request: &Request<'_>) -> Result<String> {
    let is_free = request.elections.is_none() && request.heartbeats.is_none();
    let usual = if is_free { Some(1) } else { None };
    let counted = [
        ("elections", request.elections.or(usual)),
        ("heartbeats", request.heartbeats.or(usual)),
        ("duplicates", request.duplicates),
        ("quiet", request.quiet),
        ("states", request.states),
    ];
    let mut words: Vec<String> =
        counted.iter().filter_map(|(name, count)| Some(format!("{name}={}", (*count)?))).collect();
    words.extend(request.campaigners.map(|servers| format!("campaigners={servers}")));
    words.extend(request.quick.then(|| "quick".to_owned()));
    words.extend(request.live.then(|| "live".to_owned()));
    for (command, asked) in
        [("client", &request.clients), ("query", &request.queries), ("change", &request.changes)]
    {
        for asks in asked {
            words.push(asked_in_words(command, asks)?);
        }
    }
    Ok(words.join(" "))
}

/// `S1 set x 1` as the words of a script: `client S1 "set x 1"`.
fn asked_in_words(command: &str, asks: &str) -> Result<String> {
    let Some((server, rest)) = asks.trim().split_once(' ') else {
        bail!("`{asks}` names a server and what it is asked, like \"S1 set x 1\"");
    };
    let rest = rest.trim();
    if command == "change" {
        return Ok(format!("change {server} {rest}"));
    }
    Ok(format!("{command} {server} {rest:?}"))
}

/// The script before the exploration, its path, and the exercise that it is about, if it is a scenario.
fn beginning(
    course: &Course,
    module: &Module,
    request: &Request<'_>,
) -> Result<(PathBuf, String, Option<ExerciseId>)> {
    let Some(scenario) = request.scenario else {
        let servers = request.servers.unwrap_or(SERVERS);
        return Ok((PathBuf::from("new.scenario"), format!("cluster {servers}\n"), None));
    };
    if request.servers.is_some() {
        bail!("a scenario says itself how many servers there are: leave out `--servers`");
    }
    let (name, block) = match scenario.rsplit_once(':') {
        Some((name, block)) if !block.is_empty() && block.bytes().all(|b| b.is_ascii_digit()) => {
            (name, Some(block.parse::<usize>().context("the number of a block")?))
        }
        _ => (scenario, None),
    };
    let path = find(course, module, name)?;
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let text = text.replace("\r\n", "\n");
    let before = until_block(&text, block)
        .with_context(|| format!("{} has no block {}", path.display(), block.unwrap_or(1)))?;
    let about =
        text.lines().find_map(|line| line.strip_prefix("# exercise: ")?.trim().parse().ok());
    Ok((path, before, about))
}

/// A scenario, by its path or by its name among those of the module. `own` is the learner's own.
fn find(course: &Course, module: &Module, name: &str) -> Result<PathBuf> {
    let own = course.root.join(module.learner()).join("src").join("own.scenario");
    let named = course.root.join(module.suite()).join(format!("{name}.scenario"));
    let candidates = [PathBuf::from(name), course.root.join(name), named];
    // The open path has no scenarios of its own, but runs those of all modules.
    let others = fs::read_dir(course.root.join("tests")).into_iter().flatten().flatten();
    let others = others.map(|folder| folder.path().join(format!("{name}.scenario")));
    let others: Vec<PathBuf> = others.filter(|_| module.is_open_path()).collect();
    if name == "own" {
        return Ok(own);
    }
    candidates.into_iter().chain(others).find(|path| path.is_file()).with_context(|| {
        format!(
            "there is no scenario `{name}`: give a path, `own` for your own, or a name from {}",
            Path::new(&module.suite()).join("scenarios.txt").display()
        )
    })
}

/// The script up to the end of a block, or of its last one. Explorations in it are left out.
fn until_block(text: &str, block: Option<usize>) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let ends = lines.iter().enumerate().filter(|(_, line)| line.trim() == "---");
    let ends: Vec<usize> = ends.map(|(number, _)| number).collect();
    let last = match block {
        Some(block) => *ends.get(block.checked_sub(1)?)?,
        None => *ends.last()?,
    };
    let mut before = String::new();
    for line in &lines[..=last] {
        // A block must not be empty.
        let line = if line.trim_start().starts_with("explore") { "show" } else { line };
        let _ = writeln!(before, "{line}");
    }
    before.push('\n');
    Some(before)
}

/// The exercise up to which the servers have the learner's rules: the last one that is done, but at least the one that
/// the scenario is about. If none is done, the first run says which is missing.
pub(crate) fn exercise(
    course: &Course,
    module: &Module,
    about: Option<ExerciseId>,
) -> Result<ExerciseId> {
    let progress = Progress::load(&course.root)?;
    if module.is_open_path() {
        return Ok(about.unwrap_or_else(|| like_milestone(module, &progress)));
    }
    // A scenario of your own adds no rule.
    let rules = module.exercises.iter().filter(|exercise| exercise.is_rust());
    let done = rules.map(|exercise| exercise.id).filter(|&id| progress.is_done(id));
    let last = module.core().filter(|exercise| exercise.is_rust()).last();
    done.chain(about).max().or(last.map(|it| it.id)).context("the module has no exercises")
}

/// The last exercise of the modules whose rules a server on the open path has too, by the last milestone that is done.
fn like_milestone(module: &Module, progress: &Progress) -> ExerciseId {
    let done = module.core().filter(|milestone| progress.is_done(milestone.id)).count();
    let (module, number) = [(2, 7), (2, 7), (3, 7), (4, 8), (5, 6), (6, 7), (7, 6)][done.min(6)];
    ExerciseId { module, number }
}

/// A line that is overwritten, on a terminal.
fn show(progress: &str) {
    if term::is_rewritable() {
        term::part(&mut io::stderr(), format_args!("\r\x1b[2K  {}", term::fitted(progress)));
    }
}

fn clear() {
    if term::is_rewritable() {
        term::part(&mut io::stderr(), format_args!("\r\x1b[2K"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_written_as_a_script_does() {
        let request = Request {
            elections: Some(2),
            clients: vec!["S1 set x 1"],
            changes: vec!["S1 S1/S4"],
            live: true,
            ..Request::default()
        };
        let expected = "elections=2 live client S1 \"set x 1\" change S1 S1/S4";
        assert_eq!(bounds(&request).unwrap(), expected);
        assert_eq!(bounds(&Request::default()).unwrap(), "elections=1 heartbeats=1");
        let request = Request { clients: vec!["S1"], ..Request::default() };
        assert!(bounds(&request).unwrap_err().to_string().contains("names a server"));
    }

    #[test]
    fn a_script_goes_as_far_as_the_block_that_is_named() {
        let text = "cluster 3\ntimeout S1\n---\n\nexplore elections=1\n---\n\nsettle\n---\n";
        let before = until_block(text, Some(2)).unwrap();
        assert_eq!(before, "cluster 3\ntimeout S1\n---\n\nshow\n---\n\n");
        assert!(until_block(text, None).unwrap().ends_with("settle\n---\n\n"));
        assert_eq!(until_block(text, Some(4)), None);
        assert_eq!(until_block(text, Some(0)), None);
    }
}
