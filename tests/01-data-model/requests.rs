//! Exercise 1.6: the event loop's way with requests.

use gates::{Check, Checks, Context, Verdict};

use super::probes::{self, PROBES, calls, probe_answer, rows, seen_by};
use super::servers::{OWN, ROLES, S2, S3, all_of, fresh, server, state};
use super::subject::Outbox;
use super::subject::event_loop::handle_request;
use super::subject::protocol::{Reply, RequestVoteReply, RoleName, Term};
use super::term_rule::TERM_RULE;

const ROWS: &str = "§5.1; Figure 2: what a server does about a request is in the box of its RPC, \"Receiver \
     implementation\": here, in the row of that name, and what the row gives is the reply.";
const BEFORE: &str = "§6: a server that hears a leader disregards a candidate, and \"does not update its \
     term\" by the request. For that, `intercept_request` must have its say before the term rule.";
const FIRST: &str = "§5.1; Figure 2, Rules for Servers, All Servers, come before the receiver's steps: \
     a voter that votes before it has taken over the candidate's higher term rejects it, because of a vote that it gave in an earlier term.";
const CURRENT: &str = "§5.1, §5.2; Figure 2, State: votedFor belongs to the current term. A request of the \
     same term is no reason to forget the vote, or to give up a role: that is for the row to decide.";
const STALE: &str = "§5.1: \"If a server receives a request with a stale term number, it rejects the \
     request\"; Figure 2, step 1 of both RPCs: reply false if term < currentTerm. The term in the reply \
     is the current one, \"for candidate to update itself\".";
const OUTBOX: &str = "The effects of an event leave together, in the order in which they were made (see \
     outbox.rs): every row gets the outbox that the event loop was given.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("1.6")
        .about("handle_request")
        .claims([
            ("A request goes to the row of its kind, and the row gives the answer", ROWS, own_row),
            (
                "A higher term in any request is adopted from any role before the row runs",
                FIRST,
                higher,
            ),
            (
                "A request of an older term is rejected with our term and changes nothing",
                STALE,
                stale,
            ),
            ("A request of the current term leaves vote and role to the row", CURRENT, current),
            ("Before the term rule intercept_request is asked", BEFORE, intercept_request_is_first),
            (
                "If intercept_request has an answer the term stays as it is",
                BEFORE,
                intercept_replies,
            ),
            ("What a row wants done about a request goes into the outbox", OUTBOX, outbox),
        ])
        .list()
}

fn step(check: &mut Context, server: &str, name: &str, term: u64) {
    check.step(format!("S1 ({server}) hears a {name} of term {term} from S2"));
}

fn own_row(check: &mut Context) -> Verdict {
    for call in calls(S2, 5, 5) {
        let mut node = server(&PROBES, RoleName::Follower, 5);
        probes::reset();
        step(check, &state(&node), call.name, 5);
        let reply = handle_request(&mut node, S2, &call.request, &mut Outbox::new());
        let ran: Vec<&str> = rows().into_iter().filter(|&row| row != "intercept_request").collect();
        check.same_text("rows that ran", &probes::told(&ran), call.row)?;
        let expected = probes::answer(&probe_answer(&call.request));
        check.same_text("answer", &probes::answer(&reply), &expected)?;
    }
    Ok(())
}

fn intercept_request_is_first(check: &mut Context) -> Verdict {
    for role in ROLES {
        for call in calls(S2, 6, 6) {
            let mut node = server(&PROBES, role, 5);
            let before = state(&node);
            probes::reset();
            step(check, &before, call.name, 6);
            handle_request(&mut node, S2, &call.request, &mut Outbox::new());
            let expected = format!("intercept_request, {}", call.row);
            check.same_text("rows that ran", &probes::told(&rows()), &expected)?;
            check.same_text(
                "S1, when intercept_request runs",
                &seen_by("intercept_request"),
                &before,
            )?;
        }
    }
    Ok(())
}

fn intercept_replies(check: &mut Context) -> Verdict {
    for role in ROLES {
        let mut node = server(&PROBES, role, 5);
        let before = state(&node);
        probes::reset();
        let reply = RequestVoteReply { term: Term(5), vote_granted: false };
        probes::intercept_replies(Reply::RequestVote(reply));
        let told =
            format!("S1 ({before}) hears a RequestVote of term 6; intercept_request has an answer");
        check.step(told);
        let request = probes::request_vote(S2, 6);
        let given = handle_request(&mut node, S2, &request, &mut Outbox::new());
        let expected = probes::answer(&Reply::RequestVote(reply));
        check.same_text("answer", &probes::answer(&given), &expected)?;
        check.same_text("S1", &state(&node), &before)?;
        check.same_text("rows that ran", &probes::told(&rows()), "intercept_request")?;
    }
    Ok(())
}

fn higher(check: &mut Context) -> Verdict {
    for role in ROLES {
        for call in calls(S2, 7, 7) {
            let mut node = server(&PROBES, role, 5);
            probes::reset();
            step(check, &state(&node), call.name, 7);
            handle_request(&mut node, S2, &call.request, &mut Outbox::new());
            let what = format!("S1, when {} runs", call.row);
            check
                .same_text(&what, &seen_by(call.row), &fresh(7))
                .map_err(|failure| failure.note(TERM_RULE))?;
        }
    }
    Ok(())
}

fn current(check: &mut Context) -> Verdict {
    for role in ROLES {
        for call in calls(S3, 5, 5) {
            let mut node = server(&PROBES, role, 5);
            let before = state(&node);
            probes::reset();
            step(check, &before, call.name, 5);
            handle_request(&mut node, S3, &call.request, &mut Outbox::new());
            check.same_text(&format!("S1, when {} runs", call.row), &seen_by(call.row), &before)?;
            check.same_text("S1 afterwards", &state(&node), &before)?;
        }
    }
    Ok(())
}

fn stale(check: &mut Context) -> Verdict {
    for role in ROLES {
        for term in [4, 0] {
            for call in calls(S2, term, 5) {
                let mut node = server(&OWN, role, 5);
                let before = all_of(&node);
                step(check, &state(&node), call.name, term);
                let mut out = Outbox::new();
                let reply = handle_request(&mut node, S2, &call.request, &mut out);
                // The reply in hand is what a server of term 5 says that rejects.
                let expected = probes::answer(&call.reply);
                check.same_text("answer", &probes::answer(&reply), &expected)?;
                check.same_text("S1", &all_of(&node), &before)?;
                check.same_text("wanted", &probes::effects(&out.into_effects()), "nothing")?;
            }
        }
    }
    Ok(())
}

fn outbox(check: &mut Context) -> Verdict {
    for call in calls(S2, 5, 5) {
        let mut node = server(&PROBES, RoleName::Follower, 5);
        probes::reset();
        step(check, &state(&node), call.name, 5);
        let mut out = Outbox::new();
        handle_request(&mut node, S2, &call.request, &mut out);
        let expected = format!("what intercept_request wants\nwhat {} wants", call.row);
        check.same_text("outbox", &probes::effects(&out.into_effects()), &expected)?;
    }
    Ok(())
}
