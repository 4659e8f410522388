//! The open path: every scenario and storm that needs nothing but `Node` belongs to a milestone, and for each milestone
//! one wrong server is red there, and at none before.

mod subject;
#[allow(dead_code, reason = "the kinds of storms are drawn from by `fuzz`")]
#[path = "../../../open/suite.rs"]
mod suite;
mod wrong;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use gates::course::{self, OPEN_DIR};
use gates::scenario::{self, NodeFactories};
use gates::{Check, ExerciseId, Outcome, Scope, Suite, run_here};
use libtest_mimic::{Arguments, Failed, Trial};

use suite::milestones::{self, WITHOUT_NO_OPS};
use wrong::Mistake;

fn main() -> ExitCode {
    let mut trials = vec![
        Trial::test("each_scenario_belongs_to_a_milestone", || Ok(scenarios()?)),
        Trial::test("each_kind_of_storms_belongs_to_a_milestone", || Ok(storms()?)),
        Trial::test("what_is_left_out_shows_that_there_is_no_no_op", || Ok(without_no_ops()?)),
        Trial::test("each_milestone_is_described_and_has_a_wrong_server", || Ok(described()?)),
    ];
    for mistake in Mistake::ALL {
        let milestone = mistake.milestone();
        trials.push(Trial::test(format!("{milestone}::{mistake:?}"), move || judge(mistake)));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn folders() -> Vec<PathBuf> {
    milestones::FOLDERS.iter().map(|folder| root().join("tests").join(folder)).collect()
}

/// Whether each module with scenarios is among the folders, and each scenario that needs no internals belongs to a
/// milestone or is left out for its reason.
fn scenarios() -> Result<(), String> {
    let dirs = course::module_dirs(&root()).map_err(|error| error.to_string())?;
    let with_scenarios = dirs
        .into_iter()
        .filter(|dir| !scenario::needs_of(&root().join("tests").join(dir)).is_empty());
    let with_scenarios: Vec<String> = with_scenarios.collect();
    if with_scenarios != milestones::FOLDERS[..6] {
        return Err(format!("the folders with scenarios are {with_scenarios:?}"));
    }
    let all = folders().into_iter().flat_map(|folder| scenario::needs_of(&folder));
    let (mut taken, mut left_out) = (0, 0);
    for (file, exercise, internals) in all {
        let is_left_out = milestones::is_without_no_ops(&file);
        match (internals, milestones::of_scenario(&file, exercise)) {
            (Some(why), _) if is_left_out => {
                return Err(format!("{file} is left out for two reasons: {why}"));
            }
            (Some(_), _) => {}
            (None, Some(_)) => taken += 1,
            (None, None) if is_left_out => left_out += 1,
            (None, None) => return Err(format!("{file} of {exercise} belongs to no milestone")),
        }
    }
    if left_out != WITHOUT_NO_OPS.len() {
        return Err("a scenario that is left out does not exist".to_owned());
    }
    let suite = suite::suite(env!("CARGO_MANIFEST_DIR"));
    let judged = suite.checks.iter().filter(|check| check.scope == Scope::Scenario).count();
    if judged == taken { Ok(()) } else { Err(format!("{judged} of {taken} scenarios are judged")) }
}

/// Whether each milestone has storms. The function that maps goals and workloads to milestones has no default, so a new
/// one does not compile without its place.
fn storms() -> Result<(), String> {
    let suite = suite::suite(env!("CARGO_MANIFEST_DIR"));
    let milestones = course::read_module(&root(), OPEN_DIR).map_err(|error| error.to_string())?;
    for milestone in &milestones.exercises {
        let is_storm =
            |check: &&Check| check.exercise == milestone.id && check.scope == Scope::Storm;
        if suite.checks.iter().find(is_storm).is_none() {
            return Err(format!("{} has no storms", milestone.id));
        }
    }
    Ok(())
}

/// Whether each scenario that is left out is green for a server without no-ops, and red for one with them, and has a
/// counterpart with no-ops.
fn without_no_ops() -> Result<(), String> {
    for (name, _, instead) in WITHOUT_NO_OPS {
        let path = root().join("tests").join(OPEN_DIR).join(format!("{instead}.scenario"));
        if !path.exists() {
            return Err(format!("`{name}` has no counterpart: there is no {}", path.display()));
        }
    }
    let judge = |no_op: bool| {
        let factories: NodeFactories = Arc::new(move |_| subject::with_no_op(no_op));
        let first = milestones::milestone_with(1);
        let milestone =
            move |file: &str, _: ExerciseId| milestones::is_without_no_ops(file).then_some(first);
        let folders = folders();
        let checks = folders
            .iter()
            .flat_map(|folder| scenario::of_whole_servers(folder, &factories, milestone));
        let suite = Suite::new(OPEN_DIR, root(), checks.collect());
        let reports = suite.checks.iter().map(|check| run_here(&suite, check, 1));
        reports.collect::<Vec<_>>()
    };
    let red = judge(false).into_iter().find(|report| report.outcome != Outcome::Passed);
    if let Some(red) = red {
        return Err(format!("without a no-op:\n{}", red.text));
    }
    match judge(true).into_iter().find(|report| report.outcome == Outcome::Passed) {
        Some(green) => {
            Err(format!("with a no-op, `{}` is green; do not leave it out", green.claim))
        }
        None => Ok(()),
    }
}

fn described() -> Result<(), String> {
    let open = course::read_module(&root(), OPEN_DIR).map_err(|error| error.to_string())?;
    for milestone in &open.exercises {
        if !Mistake::ALL.iter().any(|mistake| mistake.milestone() == milestone.id) {
            return Err(format!("no wrong server is for {}", milestone.id));
        }
    }
    let suite = suite::suite(env!("CARGO_MANIFEST_DIR"));
    match suite.checks.iter().find(|check| open.exercise(check.exercise).is_none()) {
        Some(check) => Err(format!("{check:?} is of a milestone that is not described")),
        None => Ok(()),
    }
}

/// Whether a server with this mistake is red at its milestone, and at none before. Of earlier storms, the first ones
/// are enough: they are of the same kind.
fn judge(mistake: Mistake) -> Result<(), Failed> {
    subject::make(mistake);
    let milestone = mistake.milestone();
    let suite = suite::suite(env!("CARGO_MANIFEST_DIR"));
    let is_bonus = |exercise: ExerciseId| exercise.number > 6;
    for check in &suite.checks {
        let is_first = check.scope != Scope::Storm || check.claim.contains("torms 1 to");
        let counts = !is_bonus(check.exercise) || check.exercise == milestone;
        if check.exercise > milestone || !is_first || !counts {
            continue;
        }
        let report = run_here(&suite, check, 1);
        match (report.outcome == Outcome::Passed, check.exercise == milestone) {
            (true, _) => {}
            (false, true) => return Ok(()),
            (false, false) => {
                return Err(format!("red at {} already:\n{}", check.exercise, report.text).into());
            }
        }
    }
    Err(format!("{milestone} does not notice: {}", mistake.what()).into())
}
