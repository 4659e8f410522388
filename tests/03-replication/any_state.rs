//! Exercise 3.5: requests that reach a server in any state, and rows that are called through the table.

use std::cell::Cell;

use gates::{Check, Checks, Context, Verdict};

use super::grid::{SENDER, TERM, each_append};
use super::model::{Outbox, RaftNode, Role, Rules};
use super::servers::{S3, calls_s1, follower, server};
use super::subject::RULES;
use super::subject::protocol::ServerId;
use super::table;

const STEP1: &str = "AppendEntries, receiver, step 1 (§5.1): \"Reply false if term < currentTerm\". It says nothing of \
     the receiver's role, vote, leader or log: a server that has voted in a newer term and knows no leader of it yet \
     must reject an older leader, or it acknowledges entries that the newer leader may lack.";
const STEPS: &str = "AppendEntries, receiver, steps 2 to 4 (§5.3): reply false if the log does not contain the entry \
     that precedes; otherwise delete an entry that conflicts and all that follow it, append what is new, and reply \
     true. These steps depend on the log alone, and not on what is committed.";
const LEADER: &str = "§5.2: whoever sends AppendEntries in this term or a newer one is the leader of that term, and is \
     followed, whether or not the logs agree.";
const TABLE: &str = "docs/architecture.md: a rule calls another rule through the table. Module 7 replaces the row \
     `follow`, and its version is found only if you call `node.follow`.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("3.5")
        .about("append_entries")
        .claims([
            (
                "A leader with an older term is rejected in every state, and changes nothing",
                STEP1,
                old_leader,
            ),
            (
                "In every state, the log and the reply are those of steps 2 to 4",
                STEPS,
                steps_2_to_4,
            ),
            ("The leader is followed by the row follow", TABLE, by_the_table),
        ])
        .list()
}

fn old_leader(check: &mut Context) -> Verdict {
    each_append(
        check,
        table(5),
        |term| term < TERM,
        |check, state, _, after| {
            after.answered(check, &format!("success false, term {TERM}"))?;
            after.changed_nothing(check, state)
        },
    )
}

fn steps_2_to_4(check: &mut Context) -> Verdict {
    each_append(
        check,
        table(5),
        |term| term >= TERM,
        |check, state, request, after| {
            let success = request.matches(state.log);
            after.answered(check, &format!("success {success}, term {}", request.term))?;
            after.has_log(check, &request.merged(state.log))?;
            let vote = state.voted_for.filter(|_| request.term == TERM);
            let role = Role::Follower { leader: Some(SENDER) };
            after.is(check, &role, request.term, vote).map_err(|failure| failure.because(LEADER))
        },
    )
}

thread_local! {
    static FOLLOWED: Cell<Option<ServerId>> = const { Cell::new(None) };
}

fn note(_: &mut RaftNode, leader: ServerId, _: &mut Outbox) {
    FOLLOWED.set(Some(leader));
}

static NOTING: Rules = Rules { follow: note, ..RULES };

fn by_the_table(check: &mut Context) -> Verdict {
    let mut node = server(&NOTING, 3, 3, follower(), &[1]);
    check.step("S1, a follower in term 3, its log [1]; S3, leader of term 3, sends an entry");
    FOLLOWED.set(None);
    check.handle(&mut node, calls_s1(3, (1, 1), &[3]))?;
    let followed = FOLLOWED.get().map_or("no server".to_owned(), |id| id.to_string());
    check.same_text("the row follow runs for", &followed, &S3.to_string())
}
