//! `zoo`: what the gates make of the wrong servers in `tests/bugs`, and what the right ones do otherwise.

mod keepers;
mod servers;
mod verdict;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use xtask::build;
use xtask::tree::Course;
use xtask::{cargo, say, say_aside, term};

use servers::{Right, Servers};
use verdict::{Alone, Verdict};

/// What to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options<'a> {
    /// The names of servers; all if there are none.
    pub(crate) ids: &'a [String],
    /// Only the servers of this module.
    pub(crate) module: Option<&'a str>,
    /// Storms and explorations are not run without the other checks.
    pub(crate) quick: bool,
    /// The verdicts are kept.
    pub(crate) write: bool,
}

/// `cargo xtask zoo`. Returns whether the gates have rejected all wrong servers.
pub(crate) fn run(course: &Course, options: Options<'_>) -> Result<bool> {
    let Options { ids, module, quick, write } = options;
    course.needs_solutions("cargo xtask zoo")?;
    let start = Instant::now();
    let folder = module.map(|name| course.module(name)).transpose()?.map(|it| it.dir.clone());
    let chosen = Servers::read(&course.root)?.chosen(ids, folder.as_deref())?;
    let mut verdicts = Vec::new();
    let mut missed = Vec::new();
    for (module, wrong) in &chosen.wrong {
        say!("\n{}", term::bold(&format!("{module}: {} wrong servers", wrong.len())));
        say!(
            "{:36} {:>9}  {:6} {:7} {:13} first red check",
            "server",
            "time",
            "blames",
            "storms",
            "explorations"
        );
        let found = judged(&course.root, module, wrong, quick)?;
        missed.extend(
            wrong.iter().filter(|id| found.iter().all(|it| it.id != **id)).map(|id| (module, id)),
        );
        verdicts.extend(found);
    }
    for (module, right) in &chosen.right {
        say!("\n{}", term::bold(&format!("{module}: {} right servers", right.len())));
        for Right { id, does, because } in right {
            say!("{id:36} {does}");
            if !because.is_empty() {
                say!("{:36} It may: {because}.", "");
            }
        }
    }
    say!();
    if !verdicts.is_empty() {
        say!("{}", summary(&verdicts, start));
    }
    for (module, id) in &missed {
        say!("{} {module}: {id} has no verdict", term::red("✗"));
    }
    if write {
        keepers::write(&course.root, &verdicts)?;
    }
    Ok(missed.is_empty())
}

fn summary(verdicts: &[Verdict], start: Instant) -> String {
    let (all, seconds) = (verdicts.len(), start.elapsed().as_secs_f32());
    let gates = format!("{all} wrong servers are rejected by their gates; it took {seconds:.0} s.");
    let alone: Vec<&Alone> = verdicts.iter().filter_map(|it| it.alone.as_ref()).collect();
    let count = |is_one: fn(&Alone) -> bool| alone.iter().filter(|it| is_one(it)).count();
    let [run, storms, explorations, either] = [
        alone.len(),
        count(|it| it.storms.is_some()),
        count(|it| it.explorations.is_some()),
        count(|it| it.storms.is_some() || it.explorations.is_some()),
    ];
    let Some(share) = (100 * either).checked_div(run) else { return gates };
    format!(
        "{gates} Without other checks, storms find {storms} of {run}, explorations {explorations}, and either finds \
         {either} ({share} %)."
    )
}

/// Judges wrong servers of a module, and prints each as soon as it is judged. Returns the verdicts.
fn judged(root: &Path, module: &str, ids: &[String], quick: bool) -> Result<Vec<Verdict>> {
    let program = match build::test_of(cargo::command(root), "bugs", &test_of(module), &[])? {
        Ok(program) => program,
        Err(errors) => {
            for error in errors {
                say_aside!("{}", error.rendered);
            }
            bail!("the test of {module} in tests/bugs does not compile");
        }
    };
    let mut command = Command::new(&program);
    if quick {
        command.env("RAFT_LAB_ZOO_QUICK", "1");
    }
    let mut child = command
        .current_dir(root.join("tests/bugs"))
        .env("RAFT_LAB_ZOO", ids.join(","))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {}", program.display()))?;
    let mut verdicts = Vec::new();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = line.context("cannot read what the test says")?;
            // Servers may print.
            let Ok(verdict) = serde_json::from_str::<Verdict>(&line) else { continue };
            say!("{}", row(&verdict));
            verdicts.push(verdict);
        }
    }
    child.wait().context("cannot wait for the test")?;
    Ok(verdicts)
}

fn row(verdict: &Verdict) -> String {
    let Verdict { id, check, blames, alone, millis, .. } = verdict;
    let found = |of: fn(&Alone) -> &Option<String>| match alone {
        None => "not run",
        Some(alone) => of(alone).as_ref().map_or("–", |_| "yes"),
    };
    let [storms, explorations] = [found(|it| &it.storms), found(|it| &it.explorations)];
    format!("{id:36} {millis:>6} ms  {blames:6} {storms:7} {explorations:13} {check}")
}

/// The test binary of a module: `data_model` for `01-data-model`.
pub(crate) fn test_of(module: &str) -> String {
    module.split_once('-').map_or(module, |(_, name)| name).replace('-', "_")
}
