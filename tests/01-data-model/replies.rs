//! Exercise 1.7: the event loop's way with replies.

use gates::{Check, Checks, Context, Verdict};

use super::probes::{self, Call, PROBES, calls, rows, seen_by};
use super::servers::{ROLES, S1, S2, all_of, fresh, server, state};
use super::subject::event_loop::handle_reply;
use super::subject::protocol::RoleName;
use super::subject::{Outbox, RaftNode};
use super::term_rule::TERM_RULE;

const ROWS: &str = "§5.1; Figure 2: the row of that name handles the reply to a request. After it, the row \
     `reply_received` runs: a server has replied in this term.";
const STALE: &str = "§5.1, §5.2: a reply belongs to the term of the *request* that it answers. A vote for an \
     earlier term does not count in this one: otherwise, two servers could lead one term (Election Safety). \
     An AppendEntries reply from an earlier leadership says nothing about the followers of this one.";
const NEWS: &str = "§5.1; Figure 2, Rules for Servers, All Servers: a higher term in a reply makes this server \
     a follower of the new term. From then on, the request is of an older term, so the reply to it is dropped: \
     a follower counts no votes.";
const CURRENT: &str = "§5.1; Figure 2, State: a reply of the current term is no reason to forget the vote \
     or to give up a role. What follows from it is decided by its row.";
const NEVER_FALLS: &str = "§5.1; Figure 2, State: currentTerm \"increases monotonically\". A server that \
     ignores a request (§6) replies with its own, lower term.";
const OUTBOX: &str = "The effects of an event leave together, in the order in which they were made (see \
     outbox.rs): every row gets the outbox that the event loop was given.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("1.7")
        .about("handle_reply")
        .claims([
            (
                "A reply of the current term goes to the row of its kind, then to reply_received",
                ROWS,
                own_row,
            ),
            (
                "A higher term in any reply is adopted in any role, even if the reply is a rejection",
                TERM_RULE,
                higher,
            ),
            ("A reply of the current term leaves vote and role to the row", CURRENT, current),
            ("A reply to a request of an older term is dropped", STALE, stale),
            ("No row sees a reply that has brought a higher term", NEWS, brings_news),
            (
                "A higher term in the reply to an old request is adopted too",
                TERM_RULE,
                higher_in_old,
            ),
            ("A lower term in a reply never lowers ours", NEVER_FALLS, lower),
            ("A reply of another kind than the request counts for nothing", ROWS, other_kind),
            ("What a row wants done about a reply goes into the outbox", OUTBOX, outbox),
        ])
        .list()
}

/// The name of a request, with what a learner cannot know yet.
fn name(call: &Call) -> String {
    match call.reply_row {
        Some(_) => call.name.to_owned(),
        None => format!("{} (a request of module 7, whose answer has no row)", call.name),
    }
}

/// S1, in `role` and term 5, hears what S2 answers in `reply_term` to a request of `term`.
fn hear(check: &mut Context, role: RoleName, call: &Call, out: &mut Outbox) -> RaftNode {
    let mut node = server(&PROBES, role, 5);
    probes::reset();
    let (term, reply_term) = (call.request.term(), call.reply.term());
    check.step(format!(
        "S1 ({}) receives the reply of S2, which is in term {reply_term}, to its {} of term {term}",
        state(&node),
        name(call)
    ));
    handle_reply(&mut node, probes::CALL, S2, &call.request, &call.reply, out);
    node
}

fn own_row(check: &mut Context) -> Verdict {
    for call in calls(S1, 5, 5) {
        hear(check, RoleName::Leader, &call, &mut Outbox::new());
        let expected: Vec<&str> = call.reply_row.into_iter().chain(["reply_received"]).collect();
        check.same_text("rows that ran", &probes::told(&rows()), &probes::told(&expected))?;
    }
    Ok(())
}

fn current(check: &mut Context) -> Verdict {
    for role in ROLES {
        let before = state(&server(&PROBES, role, 5));
        for call in calls(S1, 5, 5) {
            let node = hear(check, role, &call, &mut Outbox::new());
            if let Some(row) = call.reply_row {
                check.same_text(&format!("S1, when {row} runs"), &seen_by(row), &before)?;
            }
            check.same_text("S1 afterwards", &state(&node), &before)?;
        }
    }
    Ok(())
}

fn higher(check: &mut Context) -> Verdict {
    adopted(check, 5)
}

fn higher_in_old(check: &mut Context) -> Verdict {
    adopted(check, 4)
}

/// Whatever the term of the request, a higher one in the reply is adopted.
fn adopted(check: &mut Context, term: u64) -> Verdict {
    for role in ROLES {
        for reply_term in [6, 9] {
            for call in calls(S1, term, reply_term) {
                let node = hear(check, role, &call, &mut Outbox::new());
                check.same_text("S1", &state(&node), &fresh(reply_term))?;
            }
        }
    }
    Ok(())
}

/// The term that came with the reply is the current one now, and the request's is an old one.
fn brings_news(check: &mut Context) -> Verdict {
    for role in ROLES {
        for term in [4, 5] {
            for call in calls(S1, term, 6) {
                let mut out = Outbox::new();
                hear(check, role, &call, &mut out);
                check.same_text("rows that ran", &probes::told(&rows()), "none")?;
                check.same_text("wanted", &probes::effects(&out.into_effects()), "nothing")?;
            }
        }
    }
    Ok(())
}

fn stale(check: &mut Context) -> Verdict {
    for role in ROLES {
        let before = all_of(&server(&PROBES, role, 5));
        // The one who answers was in the request's term still, or in the current one already.
        for (term, reply_term) in [(4, 4), (4, 5), (1, 3)] {
            for call in calls(S1, term, reply_term) {
                let mut out = Outbox::new();
                let node = hear(check, role, &call, &mut out);
                check.same_text("rows that ran", &probes::told(&rows()), "none")?;
                check.same_text("S1", &all_of(&node), &before)?;
                check.same_text("wanted", &probes::effects(&out.into_effects()), "nothing")?;
            }
        }
    }
    Ok(())
}

fn other_kind(check: &mut Context) -> Verdict {
    let all = calls(S1, 5, 5);
    for (number, call) in all.iter().enumerate() {
        let other = &all[(number + 1) % all.len()];
        probes::reset();
        let mut node = server(&PROBES, RoleName::Leader, 5);
        check.step(format!(
            "S1 ({}) receives from S2 a reply to {} for its {}",
            state(&node),
            name(other),
            name(call)
        ));
        let mut out = Outbox::new();
        handle_reply(&mut node, probes::CALL, S2, &call.request, &other.reply, &mut out);
        check.same_text("rows that ran", &probes::told(&rows()), "none")?;
    }
    Ok(())
}

fn lower(check: &mut Context) -> Verdict {
    for role in ROLES {
        let before = state(&server(&PROBES, role, 5));
        for call in calls(S1, 5, 3) {
            let node = hear(check, role, &call, &mut Outbox::new());
            check.same_text("S1", &state(&node), &before)?;
        }
    }
    Ok(())
}

fn outbox(check: &mut Context) -> Verdict {
    for call in calls(S1, 5, 5) {
        let mut out = Outbox::new();
        hear(check, RoleName::Leader, &call, &mut out);
        let rows = call.reply_row.into_iter().chain(["reply_received"]);
        let expected: Vec<String> = rows.map(|row| format!("what {row} wants")).collect();
        check.same_text("outbox", &probes::effects(&out.into_effects()), &expected.join("\n"))?;
    }
    Ok(())
}
