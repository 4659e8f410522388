//! Recordings of runs, which the tests of the page (`tests/viewer`) step through: they are what the servers do today.
//!
//! `cargo xtask bless` writes them (with `RAFT_LAB_BLESS`).

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use ::membership::data_model::{Outbox, RaftNode, Rules};
use ::membership::protocol::{RequestVote, RequestVoteReply};
use ::membership::replication;
use gates::{kept_runs, scenario};
use simulator::{NodeFactory, Outcome, Recording};

mod reference;
mod storm;

/// Grants every vote: two leaders of one term are the result.
static GENEROUS: Rules = Rules { request_vote: grant, ..replication::RULES };

fn grant(node: &mut RaftNode, request: &RequestVote, _: &mut Outbox) -> RequestVoteReply {
    node.voted_for = Some(request.candidate_id);
    RequestVoteReply { term: node.current_term, vote_granted: true }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn folder() -> PathBuf {
    root().join("tests/viewer/tests/recordings")
}

/// The run of a script of this exercise.
fn of_script(path: &Path, exercise: &str, servers: NodeFactory) -> Recording {
    let exercise = exercise.parse().unwrap();
    let (_, runs) = kept_runs::keeping(|| scenario::run(path, exercise, servers, 1));
    let mut run = runs.into_iter().next().expect("a script has a run");
    let text = fs::read_to_string(path).unwrap();
    let title = text.lines().next().unwrap_or_default().trim_start_matches("# ");
    title.trim_end_matches('.').clone_into(&mut run.title);
    "cargo xtask replay".clone_into(&mut run.source.again);
    run
}

fn recordings() -> Vec<(&'static str, Recording)> {
    let figure = root().join("docs/figures/figure-8-lost.scenario");
    let script = folder().join("two-leaders.scenario");
    vec![
        ("figure-8", of_script(&figure, "4.7", reference::servers("4.7".parse().unwrap()))),
        ("two-leaders", of_script(&script, "2.5", reference::servers_with(&GENEROUS))),
        ("storm", storm::recorded(600)),
    ]
}

#[test]
fn the_recordings_are_what_servers_do() {
    let mut stale = Vec::new();
    for (name, recording) in recordings() {
        let text = serde_json::to_string(&recording).unwrap() + "\n";
        let path = folder().join(name).with_extension("json");
        if env::var_os("RAFT_LAB_BLESS").is_some() {
            fs::write(&path, &text).expect("the recording can be written");
        }
        if fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n") != text {
            stale
                .push(format!("{} is stale: `cargo xtask bless` records it again", path.display()));
        }
        let read = Recording::read_all(&text);
        assert_eq!(read, Ok(vec![recording]), "{name}");
    }
    assert!(stale.is_empty(), "{}", stale.join("\n"));
}

#[test]
fn the_evidence_of_a_breach_is_in_the_recording() {
    let all = recordings();
    let (_, run) = all.iter().find(|(name, _)| *name == "two-leaders").unwrap();
    assert_eq!(run.end.outcome, Outcome::Broken, "{:?}", run.end);
    let moments = &run.end.moments;
    assert_eq!(moments.len(), 2, "{moments:?}");
    assert!(moments[0].what.contains("votes for S1"), "{moments:?}");
    assert_eq!(moments[1].step, run.steps() - 1);
    // The last event's change is there although the invariants have stopped the run.
    let c = &run.columns;
    let last = c.change_step.len() - 1;
    assert_eq!(c.change_step[last], run.steps() - 1);
    assert_eq!((c.change_server[last], c.change_vote[last]), (3, 2));
    // And so is the reply that it wanted to send.
    let message = *c.fate_message.last().unwrap();
    assert_eq!(run.fates[usize::try_from(*c.fate.last().unwrap()).unwrap()], "not sent");
    assert!(run.text(c.message_words[usize::try_from(message).unwrap()]).contains("granted=yes"));
}
