//! Proves the checks of scenarios that learners write: good ones of different kinds pass, and empty, trivial, copied
//! and wrong ones do not. The servers are those of the reference.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use gates::{Check, Outcome, Report, Scope, Suite};
use libtest_mimic::{Failed, Trial};

use crate::subject::Subject;
use crate::switch::switch_on;

/// The first check of each learner's scenario, that of a hunting scenario, and the one that compares a scenario with
/// the lab's.
const HOLDS: &str = "Your own scenario holds on your own servers";
const HUNT_HOLDS: &str = "Your hunting scenario holds on your own servers";
const IS_ORIGINAL: &str = "Your own scenario is not one of the lab's";

/// The trials of a module; none if its learners write no scenario.
pub(crate) fn trials(module: &str, reference: &'static Subject) -> Vec<Trial> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = root.join("solutions").join(module).join("src");
    let Ok(own) = fs::read_to_string(folder.join("own.scenario")) else { return Vec::new() };
    let failing = format!("{own}\n# No server is ever in this term.\nexpect S1 term=900\n---\n");
    let lab = scenarios(&root.join("tests").join(module));
    let lines: Vec<&str> = own.lines().filter(|line| !line.starts_with("expect ")).collect();
    let tells_only = lines.join("\n") + "\n";
    let good = scenarios(&Path::new(env!("CARGO_MANIFEST_DIR")).join("own").join(module));
    let mut trials = vec![
        Trial::test("own::reference", move || is_accepted(reference, &own)),
        Trial::test("own::empty", move || {
            is_rejected(reference, "# Nothing yet.\n", HOLDS, "a scenario with commands")
        }),
        Trial::test("hunt::tame", move || is_tame(reference)),
        Trial::test("own::trivial", move || is_trivial(reference)),
        Trial::test("own::wrong", move || {
            is_rejected(reference, &failing, HOLDS, "expect S1 term=900")
        }),
        Trial::test("own::copied", move || copies_are_rejected(reference, &lab)),
    ];
    trials.push(if module == "06-snapshots" {
        // A saboteur of module 6 does not send what the scenario delivers, which is an error by itself.
        Trial::test("own::needs_no_expect", move || is_accepted(reference, &tells_only))
    } else {
        Trial::test("own::tells_only", move || lets_through(reference, &tells_only))
    });
    trials.extend(good.into_iter().map(|path| {
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        Trial::test(format!("own::{}", name.unwrap_or_default()), move || {
            is_accepted(reference, &fs::read_to_string(&path)?)
        })
    }));
    trials
}

fn scenarios(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "scenario"));
    paths.sort();
    paths
}

/// What the checks of a learner's scenario say of this one.
fn judged(reference: &Subject, text: &str) -> Result<Vec<Report>, Failed> {
    judged_from(reference, HOLDS, text)
}

/// The same for the exercise whose first check has this claim.
fn judged_from(reference: &Subject, first: &str, text: &str) -> Result<Vec<Report>, Failed> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("own-{}-{number}.scenario", std::process::id());
    let path = std::env::temp_dir().join(name);
    fs::write(&path, text)?;
    let (mut suite, number) = ((reference.suite)(), reference.number);
    keep_those_of(&mut suite, first);
    let file = path.clone();
    let judge = move || {
        switch_on(number);
        gates::own::judge_instead(file);
        suite.checks.iter().map(|check| gates::run_here(&suite, check, 1)).collect()
    };
    let reports = thread::Builder::new().spawn(judge)?.join();
    fs::remove_file(&path)?;
    reports.map_err(|_| Failed::from("the judge panicked"))
}

/// Leaves the checks of the exercise whose first check has this claim, without its storms.
fn keep_those_of(suite: &mut Suite, first: &str) {
    let own = suite.checks.iter().find(|check| check.claim == first).map(|check| check.exercise);
    let is_kept = |check: &Check| Some(check.exercise) == own && check.scope != Scope::Storm;
    suite.checks.retain(is_kept);
}

fn is_accepted(reference: &Subject, text: &str) -> Result<(), Failed> {
    let reports = judged(reference, text)?;
    match reports.iter().find(|report| report.outcome != Outcome::Passed) {
        None => Ok(()),
        Some(red) => Err(format!("this scenario is good, and is rejected:\n\n{}", red.text).into()),
    }
}

/// The check with this claim must be red, and its text must contain these words.
fn is_rejected(reference: &Subject, text: &str, claim: &str, says: &str) -> Result<(), Failed> {
    let reports = judged(reference, text)?;
    let said = |report: &Report| {
        let text = report.text.split_whitespace().collect::<Vec<_>>().join(" ");
        report.outcome == Outcome::Failed && report.text.starts_with(claim) && text.contains(says)
    };
    if reports.iter().any(said) {
        return Ok(());
    }
    let texts: Vec<&str> = reports.iter().map(|report| report.text.as_str()).collect();
    Err(format!("“{claim}” must say “{says}”; instead:\n\n{}", texts.join("\n")).into())
}

/// A scenario that tells the whole story and says nothing about it lets saboteurs through, and the learner is told how to
/// notice one.
fn lets_through(reference: &Subject, text: &str) -> Result<(), Failed> {
    let reports = judged(reference, text)?;
    let red = reports.iter().filter(|report| report.outcome == Outcome::Failed);
    let through = red.filter(|report| {
        report.text.starts_with("Your own scenario notices a server")
            && report.text.contains("note")
    });
    if through.count() > 0 {
        return Ok(());
    }
    let texts: Vec<&str> = reports.iter().map(|report| report.text.as_str()).collect();
    Err(format!("no saboteur got through:\n\n{}", texts.join("\n")).into())
}

/// A hunting scenario in which nothing happens exposes nothing, and the learner is told what to look for.
fn is_tame(reference: &Subject) -> Result<(), Failed> {
    let tame = "cluster 3\nexpect S1 follower term=0\n---\n";
    let reports = judged_from(reference, HUNT_HOLDS, tame)?;
    let red: Vec<&str> =
        reports.iter().filter(|it| it.outcome == Outcome::Failed).map(|it| &*it.text).collect();
    match red[..] {
        [text] if text.contains("Bring them into other situations") => Ok(()),
        _ => {
            Err(format!("one check must be red and say what to try:\n\n{}", red.join("\n")).into())
        }
    }
}

/// A scenario that says hardly anything lets saboteurs through, and each of them is named.
fn is_trivial(reference: &Subject) -> Result<(), Failed> {
    let reports = judged(reference, "cluster 3\nexpect S1 follower term=0\n---\n")?;
    let through = |report: &&Report| {
        report.outcome == Outcome::Failed
            && report.text.starts_with("Your own scenario notices a server")
    };
    let through = reports.iter().filter(through).count();
    if through > 0 { Ok(()) } else { Err("no saboteur got through".into()) }
}

/// The lab's scenarios with other names for the servers. One that does not run on servers that know the whole module
/// is rejected for that; the others are, because they are copies.
fn copies_are_rejected(reference: &Subject, lab: &[PathBuf]) -> Result<(), Failed> {
    let mut copies = 0;
    for path in lab {
        let original = fs::read_to_string(path)?;
        let reports = judged(reference, &renamed(&original))?;
        let red = |claim: &str| {
            reports
                .iter()
                .any(|report| report.outcome == Outcome::Failed && report.text.starts_with(claim))
        };
        if !red(HOLDS) && !red(IS_ORIGINAL) {
            return Err(format!("a copy of {} is taken for a learner's own", path.display()).into());
        }
        copies += u32::from(!red(HOLDS));
    }
    if copies > 0 { Ok(()) } else { Err("no scenario of the lab runs under other names".into()) }
}

/// The script with S1 and S2 exchanged, and without its comments.
fn renamed(script: &str) -> String {
    let lines = script.lines().filter(|line| !line.starts_with('#'));
    let exchanged =
        lines.map(|line| line.replace("S1", "S#").replace("S2", "S1").replace("S#", "S2") + "\n");
    exchanged.collect()
}
