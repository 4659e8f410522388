//! Exercise 3.8: the learner's own scenario. It must pass on the learner's own servers, show what the
//! exercise asks for, and fail on servers of which one row is spoilt.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use gates::scenario::{self, Run};
use gates::simulator::{Boot, Happened, Traced};
use gates::{Check, Context, ExerciseId, Failure, Verdict};

use super::model::Rules;
use super::sabotage::{self, Sabotage};
use super::subject::protocol::{Entry, Index, ServerId, Term};
use super::{servers_with, table};

const EXERCISE: ExerciseId = ExerciseId { module: 3, number: 8 };

const PASSES: &str = "§5.3. A scenario says what must hold of every right server, and yours is one once \
     exercises 3.1 to 3.7 are done. If it fails here, either the scenario or the server is wrong: \
     hold both against the paper.";
const REPAIRED: &str = "§5.3: \"the leader handles inconsistencies by forcing the followers' logs to duplicate \
     its own. This means that conflicting entries in follower logs will be overwritten with entries from \
     the leader's log\".";

/// The checks, for the subject in this folder.
pub(super) fn checks(manifest_dir: &'static str) -> Vec<Check> {
    type Row = (&'static str, &'static str, fn(&mut Context, &Path) -> Verdict);
    let rows: [Row; 2] = [
        ("Your own scenario holds on your own servers", PASSES, |context, file| {
            run(context, file, table(EXERCISE.number)).map(|_| ())
        }),
        ("Your own scenario has a log that must be repaired, and is", REPAIRED, repairs),
    ];
    let file = Path::new(manifest_dir).join("src").join("own.scenario");
    let check = |(claim, why, body): Row| {
        let file = file.clone();
        Check::new("3.8", claim, why, move |context| body(context, &file))
    };
    let notices = sabotage::ALL.iter().map(|sabotage| notices(sabotage, file.clone()));
    rows.into_iter().map(check).chain(notices).collect()
}

/// Runs the learner's scenario on servers with these rules.
fn run(context: &mut Context, file: &Path, rules: &'static Rules) -> Result<Run, Box<Failure>> {
    context.step("run src/own.scenario");
    scenario::run(file, EXERCISE, servers_with(rules), context.seed())
}

fn notices(sabotage: &'static Sabotage, file: PathBuf) -> Check {
    let claim = format!("Your own scenario notices a server that {}", sabotage.server);
    Check::new("3.8", claim, sabotage.why, move |context| {
        run(context, &file, table(EXERCISE.number))?;
        let Sabotage { server, rules, advice, .. } = sabotage;
        if run(context, &file, rules).is_err() {
            return Ok(());
        }
        context.step(format!("run src/own.scenario on servers, each of which {server}"));
        let expected = "the scenario fails, since something in it does not hold of such servers";
        Err(context.failure(expected, "it passes").note(*advice))
    })
}

fn repairs(context: &mut Context, file: &Path) -> Verdict {
    let given = Arc::new(Mutex::new(BTreeMap::new()));
    context.step("run src/own.scenario");
    let boot = noting(&given, servers_with(table(EXERCISE.number)));
    let run = scenario::run(file, EXERCISE, boot, context.seed())?;
    let given = given.lock().map(|given| given.clone()).unwrap_or_default();
    let story = Story::of(given, &run.trace);
    let servers = story.logs.len();
    let happened = if servers == 0 { "none".to_owned() } else { format!("{servers} servers") };
    context.holds(servers >= 3, "a cluster of three servers or more", happened)?;
    if story.replaced.is_empty() {
        let expected =
            "a server has an entry that the leader has with another term, and gives it up";
        return Err(context.failure(expected, "no entry gives way to another").note(
            "`given S2 log=1/2/2` gives a server a log. Give another one a log that differs from some \
             index on, whose last entry is of a later term, let it become the leader, and `settle`.",
        ));
    }
    let logs: Vec<String> = story.logs.iter().map(|(id, log)| told(*id, log)).collect();
    let first = story.logs.values().next();
    let same = story.logs.values().all(|log| Some(log) == first && !log.is_empty());
    let expected = "at the end all servers have the same log";
    context.holds(same, expected, format!("at the end {}", logs.join(", ")))?;
    context.show(run.transcript);
    Ok(())
}

/// Notes with which log each server begins: the trace tells only what happens to it from then on.
fn noting(given: &Arc<Mutex<Logs>>, boot: Boot) -> Boot {
    let noted = Arc::clone(given);
    Arc::new(move |setup, given| {
        if let Ok(mut logs) = noted.lock() {
            logs.entry(setup.id).or_insert_with(|| given.log.clone());
        }
        boot(setup, given)
    })
}

fn told(id: ServerId, log: &[Entry]) -> String {
    let terms: Vec<String> = log.iter().map(|entry| entry.term.to_string()).collect();
    let terms = if terms.is_empty() { "no entries".to_owned() } else { terms.join(" ") };
    format!("{id} has {terms}")
}

/// The log of each server.
type Logs = BTreeMap<ServerId, Vec<Entry>>;

/// What a run was about.
struct Story {
    /// The logs as they stand.
    logs: Logs,
    /// Where an entry gave way to one of another term: whose it was, its index and its term.
    replaced: Vec<(ServerId, Index, Term)>,
}

impl Story {
    fn of(given: Logs, trace: &[Traced]) -> Story {
        let mut story = Story { logs: given, replaced: Vec::new() };
        for Traced { what, .. } in trace {
            if let Happened::Changed { server, log_from: Some(first), log, .. } = what {
                story.changed(*server, *first, log);
            }
        }
        story
    }

    fn changed(&mut self, server: ServerId, first: Index, new: &[Entry]) {
        let log = self.logs.entry(server).or_default();
        let keep = usize::try_from(first.0 - 1).unwrap_or(usize::MAX).min(log.len());
        let old = log.split_off(keep);
        log.extend_from_slice(new);
        if let (Some(before), Some(after)) = (old.first(), new.first())
            && before.term != after.term
        {
            self.replaced.push((server, first, before.term));
        }
    }
}
