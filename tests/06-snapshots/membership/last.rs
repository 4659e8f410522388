//! The last check of the course: the whole Raft in one long storm; and the page that a learner is shown who has
//! come so far.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use gates::storm::{Survived, long_storm};
use gates::{Check, Context, ExerciseId, Verdict, scenario};

use super::super::{servers_with, table};

const EXERCISE: ExerciseId = ExerciseId { module: 6, number: 10 };

const WHY: &str = "Figure 3, after every event. §8: what clients see is what one server could do. And §2: a cluster is \
     there for its clients \"as long as any majority of the servers are operational and can communicate with \
     each other and with clients\".";

/// How long it may take: a cluster that makes no progress does a great deal in vain.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// The weather changes so often.
const WEATHERS: u64 = 12;

/// The check, for the subject in this folder.
pub(super) fn checks(manifest_dir: &str) -> Vec<Check> {
    let file = Path::new(manifest_dir).join("src").join("own.scenario");
    let claim = "The last check: your whole Raft comes through a long storm";
    let check = Check::new("6.10", claim, WHY, move |context| last(context, &file));
    vec![check.time_limit(TIME_LIMIT)]
}

fn last(context: &mut Context, file: &Path) -> Verdict {
    context.step("run src/own.scenario");
    scenario::run(file, EXERCISE, servers_with(table(EXERCISE.number)), context.seed())?;
    let survived = long_storm(context, &servers_with(table(EXERCISE.number)), WEATHERS)?;
    context.show(page(&survived));
    Ok(())
}

/// Figure 2, rule by rule, with the exercises in which it is done.
const FIGURE_2: &[(&str, &[(&str, &str)])] = &[
    (
        "State",
        &[
            ("currentTerm, votedFor, log[]: on disk before anybody hears of them", "5.1 to 5.6"),
            ("commitIndex, lastApplied: they start over, and are found again", "4.2 to 4.4"),
            ("nextIndex[], matchIndex[]: what a leader knows of the others", "3.1, 3.6"),
        ],
    ),
    (
        "AppendEntries RPC, receiver",
        &[
            ("1. a leader of an older term is refused", "2.6, 3.5"),
            ("2. so is one whose log does not agree at prevLogIndex", "3.3"),
            ("3. an entry that conflicts goes, with all that follow it", "3.4"),
            ("4. new entries are appended", "3.4"),
            ("5. commitIndex follows the leader's", "4.3"),
        ],
    ),
    (
        "RequestVote RPC, receiver",
        &[
            ("1. a candidate of an older term is refused", "2.3"),
            ("2. one vote a term, and only for a log that is up to date", "2.2, 2.3"),
        ],
    ),
    (
        "Rules for Servers",
        &[
            ("All: what is committed is applied, in order, once", "4.4, 4.5"),
            ("All: a newer term makes a follower of anybody", "1.5 to 1.7"),
            ("Followers: who hears nobody for a while campaigns", "2.1, 2.5"),
            ("Candidates: a new term, the own vote, and a call to all others", "2.5"),
            (
                "Candidates: a majority elects; a leader ends it; silence begins it anew",
                "2.4 to 2.6",
            ),
            ("Leaders: heartbeats", "2.6"),
            (
                "Leaders: a command enters the log; its client hears of it when it is applied",
                "3.7, 4.5",
            ),
            ("Leaders: followers are sent what they lack, and logs are mended", "3.2, 3.6"),
            ("Leaders: a majority and an entry of the own term commit (Figure 8)", "4.1, 4.2"),
        ],
    ),
];

/// What the paper adds to Figure 2.
const BEYOND: &[(&str, &str)] = &[
    ("§7, Figures 12 and 13: logs that do not grow for ever", "6.1 to 6.6"),
    ("§6: members that come and go, one at a time", "6.7 to 6.9"),
    ("§8: clients that are told how it ended, and a no-op for each new leader", "4.6, 4.8"),
];

/// So wide is the page.
const WIDTH: usize = 92;

/// What the learner has built, and what it has come through.
fn page(survived: &Survived) -> String {
    let mut page = String::from(
        "You have built Raft. Not a sketch: the algorithm of the paper, as far as it goes. It elects one \n\
         leader a term, keeps the same log on every server, forgets nothing that it has promised, gets rid \n\
         of what it needs no longer, and lets its members come and go. Each rule is a function of a few \n\
         lines, and you know why it is there.\n\n\
         Figure 2, rule by rule, and where it is yours:\n",
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
    let Survived { servers, events, time, elections, crashes, changes, entries, results } =
        survived;
    let seconds = time.as_secs();
    let _ = write!(
        page,
        "\nJust now, {servers} of your servers have handled {} events, in {} minutes and {} seconds of their \n\
         time. Messages were lost, doubled, delayed and overtaken; links were cut, both ways and one way. \n\
         Servers crashed {crashes} times, and came back from their disks. Leaders were elected {elections} \
         times, \n\
         the members changed {changes} times, and {} entries were committed. After each event Figure 3 \n\
         was looked after, and it always held. {} commands had results, and there is an order in which \n\
         one single server could have given them all: your cluster looks like one machine that never fails.\n\n\
         What no test can tell is that it will hold in every run; that is what a proof is for. Ongaro's \n\
         dissertation has one, and you can read it now: you know every rule that it speaks of. Then read the \n\
         Raft that a database stands on, and see what you recognise.\n",
        grouped(*events),
        seconds / 60,
        seconds % 60,
        grouped(*entries),
        grouped(*results),
    );
    page.replace(" \n", "\n")
}

/// A rule that is done.
fn ticked(rule: &str, exercises: &str) -> String {
    let left = WIDTH.saturating_sub(rule.chars().count() + exercises.chars().count() + 6);
    format!("    ✓ {rule}{}{exercises}\n", " ".repeat(left))
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut groups: Vec<&str> = if first > 0 { vec![&digits[..first]] } else { Vec::new() };
    groups.extend((first..digits.len()).step_by(3).map(|at| &digits[at..at + 3]));
    groups.join(",")
}
