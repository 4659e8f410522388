//! The last check of the course: the whole Raft in one long storm; and the page for a learner who has come
//! this far.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use gates::storm::{StormReport, long_storm};
use gates::{Check, Context, ExerciseId, Scope, Verdict, scenario};

use super::{servers_with, table};

const EXERCISE: ExerciseId = ExerciseId { module: 7, number: 7 };

const WHY: &str = "Figure 3, after every event. §8: what clients see is what one server could do. And §2: a cluster \
     serves its clients \"as long as any majority of the servers are operational and can communicate with each \
     other and with clients\".";

/// How long it may take: a cluster that makes no progress handles many events without success.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// How often the faults change.
const WEATHERS: u64 = 12;

/// The check, for the subject in this folder.
pub(super) fn checks(manifest_dir: &str) -> Vec<Check> {
    let file = Path::new(manifest_dir).join("src").join("own.scenario");
    let claim = "The last check: your whole Raft survives a long storm";
    let check = Check::new("7.7", claim, WHY, move |context| last(context, &file));
    vec![check.scope(Scope::Storm).time_limit(TIME_LIMIT)]
}

fn last(context: &mut Context, file: &Path) -> Verdict {
    context.step("run src/own.scenario");
    scenario::run(file, EXERCISE, servers_with(table(EXERCISE.number)), context.seed())?;
    let survived = long_storm(context, &servers_with(table(EXERCISE.number)), WEATHERS)?;
    context.show(page(&survived));
    Ok(())
}

/// Figure 2, rule by rule, with the exercises that implement each rule.
const FIGURE_2: &[(&str, &[(&str, &str)])] = &[
    (
        "State",
        &[
            ("currentTerm, votedFor, log[]: on disk before any effect is released", "5.1 to 5.6"),
            ("commitIndex, lastApplied: they start over, and are found again", "4.2 to 4.4"),
            ("nextIndex[], matchIndex[]: what a leader knows of the others", "2.4, 3.6"),
        ],
    ),
    (
        "AppendEntries RPC, receiver",
        &[
            ("1. a leader of an older term is rejected", "2.7, 3.5"),
            ("2. so is one whose log does not match at prevLogIndex", "3.3"),
            ("3. an entry that conflicts is deleted, with all that follow it", "3.1, 3.4"),
            ("4. new entries are appended", "3.1, 3.4"),
            ("5. commitIndex follows the leader's", "4.3"),
        ],
    ),
    (
        "RequestVote RPC, receiver",
        &[
            ("1. a candidate of an older term is rejected", "2.3"),
            ("2. one vote per term, and only for a log that is up to date", "2.2, 2.3"),
        ],
    ),
    (
        "Rules for Servers",
        &[
            ("All: what is committed is applied, in order, once", "4.4, 4.5"),
            ("All: a server that learns of a newer term becomes a follower", "1.5 to 1.7"),
            ("Followers: one that hears no leader for a while starts an election", "2.1, 2.5"),
            ("Candidates: a new term, a vote for itself, and a request to all others", "2.5"),
            ("Candidates: one wins, follows another leader, or tries again", "2.4, 2.5, 2.7"),
            ("Leaders: heartbeats", "2.6"),
            (
                "Leaders: a command enters the log; its client gets the result when it is applied",
                "3.7, 4.5",
            ),
            ("Leaders: followers are sent what they lack, and their logs are repaired", "3.2, 3.6"),
            ("Leaders: a majority and an entry of their own term commit (Figure 8)", "4.1, 4.2"),
        ],
    ),
];

/// What the paper and the dissertation add to Figure 2.
const BEYOND: &[(&str, &str)] = &[
    ("§8: each client learns how its request ended; a new leader's no-op", "4.6, 4.8"),
    ("§7, Figures 12 and 13: logs that do not grow forever", "6.1 to 6.7"),
    ("§6: servers are added and removed, one at a time", "7.1 to 7.4"),
    ("§6, dissertation §6.2: leaders stay while they reach a majority", "7.5, 7.6"),
];

/// The width of the page.
const WIDTH: usize = 92;

/// What the learner has built, and what it has survived.
fn page(survived: &StormReport) -> String {
    let mut page = String::from(
        "You have built Raft. Not a sketch: the algorithm of the paper, complete. It elects one leader per \n\
         term, keeps the same log on every server, forgets nothing that it has promised, discards what it \n\
         no longer needs, and lets its members change. Each rule is a function of a few lines, and you \n\
         know why it is there.\n\n\
         Figure 2, rule by rule, and where you implemented it:\n",
    );
    for (place, rules) in FIGURE_2 {
        let _ = writeln!(page, "\n  {place}");
        for (rule, exercises) in *rules {
            page.push_str(&ticked(rule, exercises));
        }
    }
    page.push_str("\n  Beyond Figure 2\n");
    for (rule, exercises) in BEYOND {
        page.push_str(&ticked(rule, exercises));
    }
    let StormReport { servers, events, time, elections, crashes, changes, entries, results } =
        survived;
    let seconds = time.as_secs();
    let _ = write!(
        page,
        "\nJust now, {servers} of your servers handled {} events, in {} minutes and {} seconds of their time. \n\
         Messages were lost, duplicated, delayed and reordered; links were cut, both ways and one way. \n\
         Servers crashed {crashes} times, and came back from their disks. Leaders were elected {elections} \
         times, \n\
         the configuration changed {changes} times, and {} entries were committed. After each event Figure 3 \n\
         was checked, and it always held. {} commands had results, and there is an order in which one \n\
         single server could have returned them all: your cluster looks like one machine that never fails.\n\n\
         No test can show that it will hold in every run; that takes a proof. Ongaro's dissertation has \n\
         one, and you can read it now: you know every rule that it uses. Then read the Raft in a \n\
         production database, and see what you recognize.\n",
        grouped(*events),
        seconds / 60,
        seconds % 60,
        grouped(*entries),
        grouped(*results),
    );
    page.replace(" \n", "\n")
}

/// A rule that is implemented.
fn ticked(rule: &str, exercises: &str) -> String {
    let left = WIDTH.saturating_sub(rule.chars().count() + exercises.chars().count() + 6);
    format!("    ✓ {rule}{}{exercises}\n", " ".repeat(left))
}

/// A number with its thousands separated.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut groups: Vec<&str> = if first > 0 { vec![&digits[..first]] } else { Vec::new() };
    groups.extend((first..digits.len()).step_by(3).map(|at| &digits[at..at + 3]));
    groups.join(",")
}
