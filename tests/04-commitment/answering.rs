//! Exercise 4.5: the row `apply`. Which client hears what is in scenarios.

use gates::{Check, Checks, Context, Verdict};

use super::model::{Outbox, PendingCommand};
use super::servers::{leader, server};
use super::subject::protocol::{Effect, Index, RequestId, Term};
use super::table;

const ALL: &str = "Rules for Servers, All Servers (§5.3): \"If commitIndex > lastApplied: increment lastApplied, apply \
     log[lastApplied] to state machine\". The rule holds until the two are equal. One event can commit several \
     entries, and no other event may follow it.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("4.5")
        .about("apply")
        .claims([("When an event commits several entries, all of them are applied", ALL, all)])
        .list()
}

fn all(check: &mut Context) -> Verdict {
    let table = table(5);
    let mut node = server(table, 3, 2, &[1, 1, 2, 2]);
    node.role = leader(&[(2, 3), (3, 4)]);
    (node.commit_index, node.last_applied) = (Index(3), Index(1));
    for index in [2, 3] {
        let term = node.log.term_at(Index(index)).unwrap_or(Term(0));
        node.pending_commands.insert(Index(index), PendingCommand { id: RequestId(index), term });
    }
    check.step(
        "the leader has applied entry 1 of 4, and entries 2 and 3 are committed, for each of which a client \
         waits; the row apply runs",
    );
    let mut out = Outbox::new();
    (table.apply)(&mut node, &mut out);
    check.equal("last_applied", node.last_applied.0, 3)?;
    let answered = |effect: &Effect| match effect {
        Effect::Client { id, result: Ok(_) } => Some(format!("the client of entry {}", id.0)),
        _ => None,
    };
    let answered: Vec<String> = out.into_effects().iter().filter_map(answered).collect();
    let expected = "the client of entry 2, the client of entry 3";
    check.same_text("clients that have their results", &answered.join(", "), expected)
}
