//! `mutants`: does a check notice each small change of the reference? `cargo-mutants` lists the changes; `tests/bugs` runs
//! them, all of a module in one program, each switched on by its number.

mod describe;
mod functions;
mod list;
mod page;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use course::Module;
use serde::Deserialize;
use xtask::build::{self, CompileError};
use xtask::tree::Course;
use xtask::{cargo, say, say_aside, term};

use crate::zoo::test_of;
use functions::Function;
use list::Mutant;
pub(crate) use list::is_installed;
pub(crate) use table::age;
use table::{Outcome, Table};

/// The variable that names the folder of the descriptions, for the build script and the tests of `tests/bugs`.
const FOLDER: &str = "RAFT_LAB_MUTANTS";

/// How often mutants that do not compile are taken out. The compiler finds further ones when the first are gone.
const ROUNDS: usize = 12;

/// `cargo xtask mutants`. Returns whether each mutant is killed, or known to be equivalent.
pub(crate) fn run(course: &Course, modules: &[String], changed: bool, write: bool) -> Result<bool> {
    course.needs_solutions("cargo xtask mutants")?;
    let chosen: Vec<&Module> = if modules.is_empty() {
        course.modules.iter().collect()
    } else {
        modules.iter().map(|name| course.module(name)).collect::<Result<_>>()?
    };
    let mut table = Table::read(&course.root)?;
    let mut is_green = true;
    for module in chosen {
        is_green &= of_module(course, module, changed, &mut table)?;
    }
    if write {
        table.write(&course.root)?;
        page::write(&course.root)?;
        say!("{} and {} are written", table::KEPT, page::PAGE);
    }
    Ok(is_green)
}

/// Runs the mutants of a module, or those of its changed functions. Returns whether none survives without a reason.
fn of_module(course: &Course, module: &Module, changed: bool, table: &mut Table) -> Result<bool> {
    let start = Instant::now();
    let functions = functions::of(&course.root, module)?;
    let is_wanted = |function: &Function| !changed || !table.is_current(&module.dir, function);
    let wanted: BTreeSet<String> =
        functions.iter().filter(|it| is_wanted(it)).map(Function::key).collect();
    if wanted.is_empty() {
        say!("{}: no function has changed", module.dir);
        return Ok(true);
    }
    is_installed(&course.root)?;
    let mut mutants = list::of(&course.root, module, &functions)?;
    mutants.retain(|it| it.function.is_empty() || wanted.contains(&it.function));
    let runs: Vec<&Mutant> = mutants.iter().filter(|mutant| mutant.can_run).collect();
    say!("{}", term::bold(&format!("{}: {} mutants", module.dir, runs.len())));
    let fates = if runs.is_empty() { BTreeMap::new() } else { fates_of(course, module, &runs)? };
    let count = |outcome: &Outcome| fates.values().filter(|it| *it == outcome).count();
    let killed = fates.values().filter(|it| matches!(it, Outcome::Killed(_))).count();
    say!(
        "{}: {killed} killed, {} do not compile, {} survive ({:.0} s)",
        module.dir,
        count(&Outcome::DoesNotCompile),
        count(&Outcome::Survived),
        start.elapsed().as_secs_f32()
    );
    table.take(&module.dir, &functions, &wanted, &mutants, &fates);
    let reasons = table::Reasons::read(&course.root)?;
    let survived = runs.iter().filter(|it| fates.get(&it.id) == Some(&Outcome::Survived));
    Ok(survived.filter(|it| reasons.of(&module.dir, &it.name).is_none()).count() == 0)
}

/// What becomes of each of these mutants.
fn fates_of(
    course: &Course,
    module: &Module,
    mutants: &[&Mutant],
) -> Result<BTreeMap<usize, Outcome>> {
    let root = &course.root;
    let folder = root.join("target/mutants");
    let mut fates = BTreeMap::new();
    let mut left: Vec<&Mutant> = mutants.to_vec();
    for _ in 0..ROUNDS {
        describe::write(&folder, module, &left)?;
        let mut cargo = cargo::command(root);
        cargo.env(FOLDER, &folder);
        match build::test_of(cargo, "bugs", &test_of(&module.dir), &["mutants"])? {
            Ok(program) => {
                run_all(&program, root, &folder, &left, &mut fates)?;
                return Ok(fates);
            }
            Err(errors) => {
                let broken = broken_mutants(&errors)?;
                for id in &broken {
                    fates.insert(*id, Outcome::DoesNotCompile);
                }
                say_aside!("{}: {} mutants do not compile", module.dir, broken.len());
                left.retain(|mutant| !broken.contains(&mutant.id));
            }
        }
    }
    bail!("after {ROUNDS} rounds, there are still mutants of {} that do not compile", module.dir)
}

/// The numbers of the mutants in whose bodies these errors are.
fn broken_mutants(errors: &[CompileError]) -> Result<BTreeSet<usize>> {
    let mut broken = BTreeSet::new();
    let mut elsewhere = Vec::new();
    for error in errors.iter().filter(|error| !error.file.is_empty()) {
        match describe::mutant_at(Path::new(&error.file), error.line) {
            Some(id) => {
                broken.insert(id);
            }
            None => elsewhere.push(error),
        }
    }
    if broken.is_empty() {
        let shown = elsewhere.first().map_or("cargo names no place", |it| it.rendered.as_str());
        bail!("the mutated sources do not compile, and no mutant is to blame:\n{shown}");
    }
    Ok(broken)
}

#[derive(Deserialize)]
struct Fate {
    id: String,
    killed_by: Option<String>,
}

/// Runs the mutants, and prints each that survives or that only the checks of another exercise kill.
fn run_all(
    program: &PathBuf,
    root: &Path,
    folder: &Path,
    mutants: &[&Mutant],
    fates: &mut BTreeMap<usize, Outcome>,
) -> Result<()> {
    let mut child = Command::new(program)
        .current_dir(root.join("tests/bugs"))
        .env(FOLDER, folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {}", program.display()))?;
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = line.context("cannot read what the test says")?;
            let Ok(Fate { id, killed_by }) = serde_json::from_str(&line) else { continue };
            let id: usize = id.parse().context("a mutant's number")?;
            let Some(mutant) = mutants.iter().find(|mutant| mutant.id == id) else { continue };
            let outcome = killed_by.map_or(Outcome::Survived, Outcome::Killed);
            match &outcome {
                Outcome::Survived => say!("  survives: {}", mutant.name),
                Outcome::Killed(check) if mutant.is_killed_elsewhere(check) => {
                    say!("  killed by {check}: {}", mutant.name);
                }
                _ => {}
            }
            fates.insert(id, outcome);
        }
    }
    child.wait().context("cannot wait for the test")?;
    // A mutant that does not fit into the merged source has no program.
    for mutant in mutants {
        fates.entry(mutant.id).or_insert(Outcome::NotRun);
    }
    Ok(())
}
