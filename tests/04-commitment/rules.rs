//! The checks of module 4. The file that includes this one names the module under test.

use gates::hunt::BugHunt;
use gates::{Suite, scenario};

use super::subject;
use subject::RULES;
use subject::data_model::{self as model, Outbox, RaftNode, Rules};
use subject::protocol::{ClientError, ClientRequest, RequestId};

#[path = "../boot.rs"]
mod boot;
use boot::servers_with;

mod answering;
mod applying;
mod counting;
mod first_entry;
mod hunt;
mod majority;
mod own;
mod requests;
mod sabotage;
mod servers;
mod sessions;
mod storms;
mod story;

/// The module's checks, for the subject in this folder.
pub(crate) fn suite(manifest_dir: &'static str) -> Suite {
    let files = [
        majority::checks(),
        applying::checks(),
        answering::checks(),
        requests::checks(),
        first_entry::checks(),
        sessions::checks(),
        scenario::of_module("04-commitment", manifest_dir, |exercise| {
            servers_with(table(exercise))
        }),
        storms::checks(),
        own::checks(manifest_dir),
        counting::PROOF.checks(manifest_dir),
        BugHunt::new("4.13", manifest_dir, servers_with, table(13)).bugs(&hunt::BUGS),
    ];
    Suite::new("04-commitment", manifest_dir, Vec::new())
        .with(files.into_iter().flatten())
        .storms(storms::check)
}

static BEFORE: Rules = Rules { apply: take_for_applied, ..subject::replication::RULES };
static COMMIT: Rules = Rules { advance_commit: RULES.advance_commit, ..BEFORE };
static FOLLOW: Rules = Rules { append_entries: RULES.append_entries, ..COMMIT };
static APPLY: Rules = Rules { apply: apply_all, ..FOLLOW };
static ANSWER: Rules = Rules { apply: RULES.apply, client_request: accept_commands, ..FOLLOW };
static CLIENTS: Rules =
    Rules { client_request: RULES.client_request, deposed: RULES.deposed, ..ANSWER };
static FIRST_ENTRY: Rules = Rules { elected: RULES.elected, ..CLIENTS };
static ALL: Rules = RULES;

/// The rows of the exercises up to 4.`exercise`; what is not there yet is module 3's, or the plainest
/// thing that shows what the exercise's functions do. So a check of an exercise needs nothing that comes
/// after it; and a leader has no first entry of its own before exercise 4.8.
fn table(exercise: u32) -> &'static Rules {
    match exercise {
        0..=1 => &BEFORE,
        2 => &COMMIT,
        3 => &FOLLOW,
        4 => &APPLY,
        5 => &ANSWER,
        6..=7 => &CLIENTS,
        8..=9 => &FIRST_ENTRY,
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

/// Row `client_request` for exercise 4.5: a leader takes commands in, and everything else is refused.
fn accept_commands(node: &mut RaftNode, id: RequestId, asked: ClientRequest, out: &mut Outbox) {
    match asked {
        ClientRequest::Command(command) if node.leads().is_some() => {
            subject::accept(node, id, command, out);
        }
        _ => out.client(id, Err(ClientError::Refused)),
    }
}
