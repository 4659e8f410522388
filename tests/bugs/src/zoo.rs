//! What the gate of a module makes of each of its wrong servers: `cargo xtask zoo`.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use gates::{Check, Outcome, Policy, Report};
use libtest_mimic::Failed;
use serde::{Deserialize, Serialize};

use crate::in_place::{first_red, name, name_of};
use crate::kinds::{explores, is_storm};
use crate::patch::{Bug, Patches};
use crate::subject::Subject;

/// The variable that asks a test binary of this package for its part of the zoo, in place of its tests: the ids of
/// wrong servers with commas between them, or `all`.
pub(crate) const ASKED: &str = "RAFT_LAB_ZOO";

/// Set if storms and explorations are not run without the other checks: that takes nearly all the time.
const QUICK: &str = "RAFT_LAB_ZOO_QUICK";

/// The base seed: that of the gates.
const SEED: u64 = 1;

/// What the gate of its module makes of a wrong server. One is kept for each in `zoo.jsonl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The folder of the module.
    pub module: String,
    /// The name of the wrong server.
    pub id: String,
    /// The check that is red first: exercise and name.
    pub check: String,
    /// The exercise that its text blames.
    pub blames: String,
    /// Where the rule is that the check quotes.
    pub rule: String,
    /// What storms and explorations find without the other checks; `None` if they were not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alone: Option<Alone>,
    /// Milliseconds until the first check was red. Not kept: it depends on the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub millis: Option<u64>,
}

/// What storms and explorations find without the other checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alone {
    /// The first storm that is red, if one is.
    pub storms: Option<String>,
    /// The first exploration that is red, if one is.
    pub explorations: Option<String>,
}

impl Verdict {
    /// The verdicts that are kept.
    ///
    /// # Errors
    /// If the file cannot be read or understood.
    pub fn kept() -> Result<Vec<Self>, String> {
        let path = kept_file();
        let text = fs::read_to_string(&path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let read = |line| serde_json::from_str(line);
        let rows: Result<_, _> = text.lines().map(read).collect();
        rows.map_err(|error| format!("in {}: {error}", path.display()))
    }
}

fn kept_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("zoo.jsonl")
}

/// Prints a line of JSON for each wrong server asked for, as soon as its verdict is known.
pub(crate) fn main_of(
    module: &str,
    patches: &Patches,
    subjects: &'static [Subject],
    asked: &str,
) -> ExitCode {
    let ids: Vec<&str> = asked.split(',').collect();
    let is_asked = |bug: &&Bug| asked == "all" || ids.contains(&bug.id.as_str());
    let bugs: Vec<&Bug> = patches.bug.iter().filter(is_asked).collect();
    let next = AtomicUsize::new(0);
    let failed = AtomicUsize::new(0);
    let work = || {
        while let Some(bug) = bugs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let subject = subjects.iter().find(|subject| subject.id == bug.id);
            let verdict = match subject {
                Some(subject) => judge(module, bug, subject),
                None => Err("there is no such subject".into()),
            };
            match verdict {
                Ok(verdict) => match serde_json::to_string(&verdict) {
                    Ok(line) => println!("{line}"),
                    Err(error) => eprintln!("error: {}: {error}", bug.id),
                },
                Err(error) => {
                    failed.fetch_add(1, Ordering::Relaxed);
                    eprintln!("error: {}: {}", bug.id, error.message().unwrap_or_default());
                }
            }
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(work);
        }
    });
    ExitCode::from(u8::from(failed.into_inner() > 0))
}

fn judge(module: &str, bug: &Bug, subject: &Subject) -> Result<Verdict, Failed> {
    let start = Instant::now();
    let red = if bug.endless { first_red_apart(subject) } else { red_of(subject, |_| true)? };
    let Some(red) = red else { return Err("no check of its gate is red".into()) };
    let millis = start.elapsed();
    let same = |is_one: fn(&Check) -> bool| is_one_of(subject, &red, is_one);
    let alone = |is_one: fn(&Check) -> bool| {
        if same(is_one) {
            return Ok(Some(name(&red)));
        }
        Ok::<_, Failed>(red_of(subject, is_one)?.as_ref().map(name))
    };
    let is_quick = env::var_os(QUICK).is_some();
    let found = if is_quick || bug.endless {
        None
    } else {
        Some(Alone { storms: alone(is_storm)?, explorations: alone(explores)? })
    };
    let why = (subject.suite)().checks.into_iter().find(|check| name_of(check) == name(&red));
    Ok(Verdict {
        module: module.to_owned(),
        id: bug.id.clone(),
        check: name(&red),
        blames: red.blames.unwrap_or(red.exercise).to_string(),
        rule: why.map(|check| place_of(&check.why)).unwrap_or_default(),
        alone: found,
        millis: Some(whole_millis(millis)),
    })
}

/// The first red check of those that `is_one` picks, in the order in which a learner sees them.
fn red_of(subject: &Subject, is_one: fn(&Check) -> bool) -> Result<Option<Report>, Failed> {
    let mut suite = subject.prefixed();
    suite.checks.retain(is_one);
    first_red(suite, subject.number, SEED)
}

/// The same for a server on which checks may not end: each has a process of its own.
fn first_red_apart(subject: &Subject) -> Option<Report> {
    let reports = gates::run(&[subject.prefixed()], SEED, Policy::StopAtEndless);
    reports.into_iter().find(|report| report.outcome != Outcome::Passed)
}

fn is_one_of(subject: &Subject, red: &Report, is_one: fn(&Check) -> bool) -> bool {
    (subject.suite)().checks.iter().any(|check| name_of(check) == name(red) && is_one(check))
}

fn whole_millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// A beginning with more words is a sentence and no place.
const WORDS: usize = 12;

/// The place that a reason names at its beginning, such as `Figure 2, RequestVote, receiver, step 2 (§5.2)`. If it begins
/// with a sentence, the figures and sections that the sentence names.
fn place_of(why: &str) -> String {
    let end = why.find([':', '"', '“']).unwrap_or(why.len());
    let sentence = why[..end].split(". ").next().unwrap_or_default();
    let words: Vec<&str> = sentence.split_whitespace().collect();
    let names_a_place = ["§", "Figure", "Exercise", "docs/", "protocol", "Rules for Servers"]
        .iter()
        .any(|name| sentence.contains(name));
    if !names_a_place {
        return "a rule of this lab".to_owned();
    }
    if words.len() <= WORDS {
        return sentence.trim().trim_end_matches(['.', ',']).to_owned();
    }
    let mut places = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '§');
        if word.starts_with('§') {
            places.push(word.to_owned());
        } else if let Some(number) = words.get(at + 1).filter(|_| word == "Figure") {
            places.push(format!("Figure {}", number.trim_matches(|c: char| !c.is_alphanumeric())));
        }
    }
    places.join(", ")
}

/// Whether the kept verdict on a wrong server says which check is red first and which exercise is blamed.
pub(crate) fn is_kept(module: &str, bug: &Bug, first: &Report) -> Result<(), Failed> {
    let kept = Verdict::kept()?;
    let row = kept.iter().find(|row| row.module == module && row.id == bug.id);
    let Some(row) = row else {
        return Err(format!(
            "{} is not in zoo.jsonl: `cargo xtask zoo --write {}`",
            bug.id, bug.id
        )
        .into());
    };
    let (check, blames) = (name(first), first.blames.unwrap_or(first.exercise).to_string());
    if row.check == check && row.blames == blames {
        return Ok(());
    }
    let (kept_check, kept_blames) = (&row.check, &row.blames);
    let ask = format!("`cargo xtask zoo --write {}` writes the row again", bug.id);
    Err(format!(
        "the first red check is {check}, which blames exercise {blames}; in zoo.jsonl it is {kept_check}, which \
         blames exercise {kept_blames}. {ask}."
    )
    .into())
}

/// The name of the check that is red first according to the kept verdict.
pub(crate) fn kept_check(module: &str, id: &str) -> Option<String> {
    let kept = Verdict::kept().ok()?;
    kept.into_iter().find(|row| row.module == module && row.id == id).map(|row| row.check)
}

/// All verdicts, by module and name.
pub(crate) fn by_name(rows: Vec<Verdict>) -> BTreeMap<(String, String), Verdict> {
    rows.into_iter().map(|row| ((row.module.clone(), row.id.clone()), row)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_what_a_reason_begins_with() {
        let step = "Figure 2, RequestVote, receiver, step 2 (§5.2): the vote is granted";
        assert_eq!(place_of(step), "Figure 2, RequestVote, receiver, step 2 (§5.2)");
        assert_eq!(place_of("§6. A cluster without servers commits nothing"), "§6");
        assert_eq!(place_of("A disk outlives the program: others"), "a rule of this lab");
        let long = "What a crash has torn was never answered (Figure 2, §5.2), and so it goes away";
        assert_eq!(place_of(long), "Figure 2, §5.2");
    }
}
