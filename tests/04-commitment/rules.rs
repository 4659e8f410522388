//! The checks of module 4. The file that includes this one names the module under test.

use gates::hunt::BugHunt;
use gates::{Suite, scenario};

use super::subject;
use subject::RULES;
use subject::data_model::{self as model, Outbox, RaftNode, Rules};
use subject::protocol::{ClientError, ClientRequest, RequestId};
use subject::replication;

#[path = "../boot.rs"]
mod boot;
use boot::servers_with;
#[allow(dead_code, reason = "each suite uses a part of it")]
#[path = "../grid.rs"]
mod grid;

mod answering;
mod any_state;
mod applying;
mod batching;
mod counting;
mod deposing;
mod first_entry;
mod hunt;
mod majority;
mod own;
mod pipelining;
mod reading;
mod repeating;
mod requests;
mod sabotage;
mod servers;
mod sessions;
mod shortest;
mod storms;
mod story;

/// The module's checks, for the subject in this folder.
pub(crate) fn suite(manifest_dir: &'static str) -> Suite {
    let files = [
        majority::checks(),
        any_state::checks(),
        applying::checks(),
        answering::checks(),
        requests::checks(),
        deposing::checks(),
        first_entry::checks(),
        sessions::checks(),
        reading::checks(),
        repeating::checks(),
        batching::checks(),
        pipelining::checks(),
        scenario::of_module("04-commitment", manifest_dir, |exercise| {
            servers_with(table(exercise))
        }),
        storms::checks(),
        pipelining::storms(),
        own::checks(manifest_dir),
        counting::PROOF.checks(manifest_dir),
        shortest::task(table(13)).checks(manifest_dir),
        BugHunt::new("4.13", manifest_dir, servers_with, table(13)).bugs(&hunt::BUGS),
    ];
    Suite::new("04-commitment", manifest_dir, Vec::new())
        .with(files.into_iter().flatten())
        .storms(storms::check)
        .storms(storms::sessions)
        .storms(storms::reads)
}

// Each table is the learner's, with the rows of later exercises taken from module 3, or the plainest thing that shows
// what the exercise's functions do. What the learner overrides besides the rows of the exercises counts from the
// beginning. The rows of the bonus exercise 4.10 are neutral until they are written, so storms run on the whole table.
static ALL: Rules = RULES;
static CLIENTS: Rules = Rules {
    elected: replication::RULES.elected,
    reply_received: replication::RULES.reply_received,
    serve_reads: replication::RULES.serve_reads,
    ..ALL
};
static ANSWER: Rules =
    Rules { client_request: accept_commands, deposed: replication::RULES.deposed, ..CLIENTS };
static APPLY: Rules =
    Rules { apply: apply_all, client_request: replication::RULES.client_request, ..ANSWER };
static FOLLOW: Rules = Rules { apply: take_for_applied, ..APPLY };
static COMMIT: Rules = Rules { append_entries: replication::RULES.append_entries, ..FOLLOW };
static BEFORE: Rules = Rules { advance_commit: replication::RULES.advance_commit, ..COMMIT };

/// The table for the checks of exercise 4.`exercise`. A check needs nothing that comes after its exercise, and a leader
/// has no first entry of its own before exercise 4.8. The servers of 4.14 are wrong on purpose.
fn table(exercise: u32) -> &'static Rules {
    match exercise {
        0..=1 => &BEFORE,
        2 => &COMMIT,
        3 => &FOLLOW,
        4 => &APPLY,
        5 => &ANSWER,
        6..=7 => &CLIENTS,
        // What `cargo xtask explore 4.14` explores.
        14 => &shortest::WRONG,
        _ => &ALL,
    }
}

/// Row `apply` before exercise 4.4: a transcript need not tell at every turn that nothing is applied yet.
fn take_for_applied(node: &mut RaftNode, _out: &mut Outbox) {
    node.last_applied = node.commit_index;
}

/// Row `apply` for exercise 4.4: applies all that can be applied, and answers nobody.
fn apply_all(node: &mut RaftNode, _out: &mut Outbox) {
    while subject::apply_next(node).is_some() {}
}

/// Row `client_request` for exercise 4.5: a leader takes commands in, and everything else is rejected.
fn accept_commands(node: &mut RaftNode, id: RequestId, asked: ClientRequest, out: &mut Outbox) {
    match asked {
        ClientRequest::Command(command) if node.leads().is_some() => {
            subject::accept(node, id, command, out);
        }
        _ => out.client(id, Err(ClientError::Refused)),
    }
}
