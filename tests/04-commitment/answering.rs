//! Exercise 4.5: the row `apply`, and what `accept` sends. Which client hears what is in scenarios.

use gates::clients::{all_in_words, answers_to};
use gates::{Check, Checks, Context, Verdict};

use super::model::{Outbox, PendingCommand, Rules};
use super::servers::{TABLE, leader, sends_nothing, server, went_by_the_table};
use super::subject::protocol::{Effect, Index, RequestId, Term};
use super::subject::{RULES, accept};
use super::table;

const ALL: &str = "Rules for Servers, All Servers (§5.3): \"If commitIndex > lastApplied: increment lastApplied, apply \
     log[lastApplied] to state machine\". The rule holds until the two are equal. One event can commit several \
     entries, and no other event may follow it.";

const EACH: &str = "§5.3: when an entry is applied, the leader returns its result to the client. Each of these entries has a \
     client that waits for it, and no later event will come for those that are passed over.";

const OWN: &str = "§5.3, §8: a client receives the result of its own command. Entries that came from another leader are \
     applied as well, and no client waits for them here: clients are found by the index of their entry, and not in turn.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("4.5")
        .each([
            ("apply", "When an event commits several entries, all of them are applied", ALL, all),
            (
                "apply",
                "A client gets the result of the entry it waits for, and of no other",
                OWN,
                own,
            ),
            ("accept", "A client's command is sent by the row replicate_to", TABLE, by_the_table),
        ])
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
    let verdict =
        check.same_text("clients that have their results", &answered.join(", "), expected);
    verdict.map_err(|failure| failure.because(EACH))
}

fn own(check: &mut Context) -> Verdict {
    let table = table(5);
    let mut node = server(table, 3, 2, &[1, 1, 2, 2]);
    node.role = leader(&[(2, 3), (3, 4)]);
    (node.commit_index, node.last_applied) = (Index(3), Index(0));
    let id = RequestId(7);
    node.pending_commands.insert(Index(3), PendingCommand { id, term: Term(2) });
    check.step(
        "the leader has applied nothing, and entries 1 to 3 are committed: append x 1, append x 2, append x 3; a client \
         waits for entry 3; the row apply runs",
    );
    let mut out = Outbox::new();
    (table.apply)(&mut node, &mut out);
    let answers = answers_to(&out.into_effects(), id);
    check.same_text("the client gets", &all_in_words(&answers), "“1,2,3,”")
}

static SILENT: Rules = Rules { replicate_to: sends_nothing, ..RULES };

fn by_the_table(check: &mut Context) -> Verdict {
    let mut node = server(&SILENT, 3, 2, &[1, 2]);
    node.role = leader(&[(2, 2), (3, 2)]);
    check.step("S1 of 3 leads, with a row replicate_to that sends nothing; it accepts the command `set x 1`");
    let mut out = Outbox::new();
    accept(&mut node, RequestId(7), "set x 1".into(), &mut out);
    went_by_the_table(check, &out.into_effects())
}
