//! Exercise 2.3: granting a vote.

use gates::{Check, Checks, Context, Verdict};

use super::model::{RaftNode, Role};
use super::servers::{
    S1, S2, S3, answer, asks, calls, candidate, draws_each_time, follower, log, seeded, server,
    state, waits_anew, waits_on,
};
use super::subject::protocol::{Event, ServerId, Term};
use super::table;

const GRANTED: &str = "Rules for Servers, Followers (§5.2): an election begins \"if election timeout \
     elapses without receiving AppendEntries RPC from current leader or granting vote to candidate\". \
     A server that grants its vote gives the candidate time to win.";
const REFUSED: &str = "Rules for Servers, Followers (§5.2): only a granted vote resets the timer. Otherwise \
     a server that can never win, because its log is behind, keeps the others from trying.";
const ANSWER: &str = "Figure 2, RequestVote, receiver, steps 1 and 2 (§5.1, §5.2, §5.4): deny the vote to a candidate of an older term. Grant it if votedFor is null or this candidate, and the candidate's log is at \
     least as up to date; otherwise deny it: each server votes \"for at most one candidate in a given term\". \
     The reply carries the voter's own term.";
const ONCE: &str = "Figure 2, RequestVote, receiver, step 2 (§5.2): the vote is granted \"if votedFor is null or \
     candidateId\". Each server votes for at most one candidate in a given term, and a candidate that asks again \
     has not received the reply.";
const FIRST: &str = "§5.2: \"Each server will vote for at most one candidate in a given term, on a \
     first-come-first-served basis\". A candidate that was denied the vote does not use it up.";

const NOTED: &str = "Figure 2, State: votedFor is the \"candidateId that received vote in current term\". A \
     vote that is not recorded is given again, to another candidate of the same term (§5.2).";

const DRAWN: &str = "§5.2: voters that are reset together, by the request of one candidate, must not time out together if \
     that candidate fails: each draws its new timeout.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("2.3")
        .about("request_vote")
        .claims([
            ("A candidate whose log is up to date gets the vote", ANSWER, first),
            ("A server votes for one candidate in a term, and keeps to it", ONCE, once),
            ("A candidate of an older term gets no vote, and hears of the newer term", ANSWER, old),
            ("A granted vote resets the election timer", GRANTED, granted),
            ("A granted vote resets the election timer to a time that is drawn", DRAWN, drawn),
            (
                "A vote denied to a second candidate leaves the election timer alone",
                REFUSED,
                second,
            ),
            ("A vote denied to an older term leaves the election timer alone", REFUSED, older),
            (
                "A vote denied to a log that is behind leaves the election timer alone",
                REFUSED,
                behind,
            ),
            ("A candidate that is rejected does not use up the vote", FIRST, not_used_up),
            ("To answer a candidate, a server sends no request", FIRST, no_calls),
        ])
        .list()
}

/// S1, a follower of term 2, which holds entries of the terms 1 and 2.
fn voter(voted_for: Option<ServerId>) -> RaftNode {
    let mut node = server(table(3), 5, 2, follower());
    node.log = log((0, 0), &[1, 2]);
    node.voted_for = voted_for;
    node
}

/// Lets S1 be asked; its answer must be as expected. Gives what else it wants done.
fn asked(
    check: &mut Context,
    node: &mut RaftNode,
    event: Event,
    expected: &str,
) -> Result<Vec<super::subject::protocol::Effect>, Box<gates::Failure>> {
    let Event::Request { from, request, .. } = &event else { unreachable!("asks() asks") };
    check.step(format!("S1: {}; {from} asks for its vote in term {}", state(node), request.term()));
    let effects = check.handle(node, event)?;
    // Whatever the check is about: the answer follows from the receiver's steps.
    let verdict = check.same_text("S1's reply", &answer(&effects), expected);
    verdict.map_err(|failure| failure.because(ANSWER))?;
    Ok(effects)
}

fn first(check: &mut Context) -> Verdict {
    for (term, last) in [(2, (2, 2)), (2, (3, 2)), (3, (1, 3))] {
        let mut node = voter(None);
        asked(check, &mut node, asks(S2, term, last), &granted_in(term))?;
        let noted = format!("follower without a known leader, term {term}, voted for S2");
        check.same_text("S1", &state(&node), &noted).map_err(|failure| failure.because(NOTED))?;
    }
    Ok(())
}

fn once(check: &mut Context) -> Verdict {
    let mut node = voter(None);
    asked(check, &mut node, asks(S2, 2, (2, 2)), &granted_in(2))?;
    for (candidate, answer) in [(S3, "vote denied, term 2"), (S2, "vote granted, term 2")] {
        asked(check, &mut node, asks(candidate, 2, (2, 2)), answer)?;
        check.same_text(
            "S1",
            &state(&node),
            "follower without a known leader, term 2, voted for S2",
        )?;
    }
    let mut node = server(table(3), 5, 2, candidate(&[1]));
    asked(check, &mut node, asks(S2, 2, (9, 2)), "vote denied, term 2")?;
    check.same_text("S1", &state(&node), "candidate with the votes of S1, term 2, voted for S1")
}

fn old(check: &mut Context) -> Verdict {
    let mut node = voter(None);
    asked(check, &mut node, asks(S2, 1, (9, 1)), "vote denied, term 2")?;
    check.same_text("S1", &state(&node), "follower without a known leader, term 2, no vote given")
}

fn granted(check: &mut Context) -> Verdict {
    for term in [2, 3] {
        let mut node = voter(None);
        let effects = asked(check, &mut node, asks(S2, term, (2, 2)), &granted_in(term))?;
        waits_anew(check, &node, &effects)?;
    }
    let mut node = server(table(3), 5, 2, candidate(&[1]));
    let effects = asked(check, &mut node, asks(S2, 3, (0, 0)), &granted_in(3))?;
    waits_anew(check, &node, &effects)
}

fn drawn(check: &mut Context) -> Verdict {
    draws_each_time(check, |check, seed| {
        check.step(format!(
            "S1, whose random generator has the seed {seed}, is a follower of term 2; S2 asks for its vote in term 3"
        ));
        let mut node = seeded(table(3), 5, seed);
        node.current_term = Term(2);
        let effects = check.handle(&mut node, asks(S2, 3, (0, 0)))?;
        Ok((node, effects))
    })
}

fn granted_in(term: u64) -> String {
    format!("vote granted, term {term}")
}

fn second(check: &mut Context) -> Verdict {
    let mut node = voter(Some(S3));
    let effects = asked(check, &mut node, asks(S2, 2, (9, 2)), "vote denied, term 2")?;
    waits_on(check, &effects)?;
    check.step("S1 is a candidate of term 2; S2 asks for its vote in term 2");
    let mut node = server(table(3), 5, 2, candidate(&[1]));
    let effects = asked(check, &mut node, asks(S2, 2, (9, 2)), "vote denied, term 2")?;
    waits_on(check, &effects)
}

fn older(check: &mut Context) -> Verdict {
    for voted_for in [None, Some(S2)] {
        let mut node = voter(voted_for);
        let effects = asked(check, &mut node, asks(S2, 1, (9, 1)), "vote denied, term 2")?;
        waits_on(check, &effects)?;
    }
    Ok(())
}

fn behind(check: &mut Context) -> Verdict {
    for (term, last) in [(2, (1, 1)), (2, (5, 1)), (3, (1, 2)), (7, (0, 0))] {
        let mut node = voter(None);
        let denied = format!("vote denied, term {term}");
        let effects = asked(check, &mut node, asks(S2, term, last), &denied)?;
        waits_on(check, &effects)?;
    }
    Ok(())
}

fn not_used_up(check: &mut Context) -> Verdict {
    let mut node = voter(None);
    asked(check, &mut node, asks(S2, 3, (1, 1)), "vote denied, term 3")?;
    check.same_text(
        "S1",
        &state(&node),
        "follower without a known leader, term 3, no vote given",
    )?;
    asked(check, &mut node, asks(S3, 3, (2, 2)), "vote granted, term 3")?;
    let noted = "follower without a known leader, term 3, voted for S3";
    check.same_text("S1", &state(&node), noted).map_err(|failure| failure.because(NOTED))
}

fn no_calls(check: &mut Context) -> Verdict {
    let role = Role::Follower { leader: Some(S3) };
    let mut node = server(table(3), 5, 2, role);
    let effects = asked(check, &mut node, asks(S2, 3, (0, 0)), "vote granted, term 3")?;
    check.same_text(&format!("{S1}'s calls"), &calls(&node, &effects), "no calls")
}
