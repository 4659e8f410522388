//! Exercises 2.3 and 2.7: requests that reach a server in any state. What is late by a term, or early by one, meets a
//! server whose role, vote, leader and log have changed since it was sent.

use gates::{Check, Checks, Context, Verdict};

use super::grid::{self, Ask, SENDER, State, TERM, ask, asks, each_append, states};
use super::model::Role;
use super::table;

const OLD_CANDIDATE: &str = "Figure 2, RequestVote, receiver, step 1 (§5.1): \"Reply false if term < currentTerm\". \
     It says nothing of the receiver's role, vote or log. The reply carries the newer term, and that is all.";
const SAME_TERM: &str = "Figure 2, RequestVote, receiver, step 2 (§5.2, §5.4): the vote is granted \"if votedFor is \
     null or candidateId, and candidate's log is at least as up-to-date as receiver's log\", whatever the receiver's \
     role is. Otherwise it is denied, and nothing changes.";
const NEWER_TERM: &str = "§5.1: a newer term makes the server a follower and frees its vote. Then RequestVote, \
     receiver, step 2, compares the logs, and nothing else is left that could prevent the vote.";
const OLD_LEADER: &str = "Figure 2, AppendEntries, receiver, step 1 (§5.1): \"Reply false if term < currentTerm\". It \
     says nothing of the receiver's role, vote, leader or log: a server that knows no leader yet rejects an old one, \
     too.";
const LEADER: &str = "§5.2: whoever sends AppendEntries in this term or a newer one is the leader of that term. \
     Followers and candidates follow it and restart the election timer. The vote belongs to the term: it stays within \
     the same term, and a newer term frees it (§5.1).";

pub(super) fn checks() -> Vec<Check> {
    let votes = Checks::of("2.3").about("request_vote").claims([
        (
            "A candidate with an older term is rejected in every state, and changes nothing",
            OLD_CANDIDATE,
            old_candidate,
        ),
        (
            "A candidate of the voter's term gets the vote only if it is free, in every state",
            SAME_TERM,
            same_term,
        ),
        (
            "A candidate with a newer term gets the vote in every state if its log is up to date",
            NEWER_TERM,
            newer_term,
        ),
    ]);
    let leaders = Checks::of("2.7").about("append_entries").claims([
        (
            "A leader with an older term is rejected in every state, and changes nothing",
            OLD_LEADER,
            old_leader,
        ),
        ("The leader of the current or a newer term is followed in every state", LEADER, leader),
    ]);
    votes.list().into_iter().chain(leaders.list()).collect()
}

/// Lets candidates of some terms ask S1 in every state.
fn each_ask(
    check: &mut Context,
    of: fn(u64) -> bool,
    rule: fn(&Context, &State, &Ask, &grid::After) -> Verdict,
) -> Verdict {
    for state in states() {
        for request in asks().iter().filter(|request| of(request.term)) {
            let after = ask(check, table(3), &state, request)?;
            rule(check, &state, request, &after)?;
        }
    }
    Ok(())
}

fn old_candidate(check: &mut Context) -> Verdict {
    each_ask(
        check,
        |term| term < TERM,
        |check, state, _, after| {
            after.answered(check, &format!("vote denied, term {TERM}"))?;
            after.changed_nothing(check, state)
        },
    )
}

fn same_term(check: &mut Context) -> Verdict {
    each_ask(
        check,
        |term| term == TERM,
        |check, state, request, after| {
            let could_win = request.is_up_to_date(state.log);
            let granted = format!("vote granted, term {TERM}");
            let expected = match state.voted_for {
                None if could_win => granted.as_str(),
                Some(SENDER) => granted.as_str(),
                _ => "vote denied, term 4",
            };
            // The candidate has the vote already, or a leader has been elected: the request decides nothing any more,
            // and the server may reject it for either reason.
            let is_late = state.leader().is_some() || (state.voted_for.is_some() && !could_win);
            if !is_late || expected != granted {
                after.answered(check, expected)?;
            }
            if after.reply() != granted {
                return after.changed_nothing(check, state);
            }
            after.is(check, &state.role, TERM, Some(SENDER))?;
            let expected = "a granted vote restarts the election timer";
            check.holds(after.has_reset_timer(), expected, "the election timer is left alone")
        },
    )
}

fn newer_term(check: &mut Context) -> Verdict {
    each_ask(
        check,
        |term| term > TERM,
        |check, state, request, after| {
            let granted = request.is_up_to_date(state.log);
            let word = if granted { "granted" } else { "denied" };
            after.answered(check, &format!("vote {word}, term {}", request.term))?;
            let vote = granted.then_some(SENDER);
            after.is(check, &Role::Follower { leader: None }, request.term, vote)?;
            after.has_log(check, state.log)?;
            let expected = "a granted vote restarts the election timer";
            check.holds(
                after.has_reset_timer() || !granted,
                expected,
                "the election timer is left alone",
            )
        },
    )
}

fn old_leader(check: &mut Context) -> Verdict {
    each_append(
        check,
        table(7),
        |term| term < TERM,
        |check, state, _, after| {
            after.answered(check, &format!("success false, term {TERM}"))?;
            after.changed_nothing(check, state)
        },
    )
}

fn leader(check: &mut Context) -> Verdict {
    each_append(
        check,
        table(7),
        |term| term >= TERM,
        |check, state, request, after| {
            let vote = state.voted_for.filter(|_| request.term == TERM);
            let role = Role::Follower { leader: Some(SENDER) };
            after.is(check, &role, request.term, vote)?;
            let expected = "the leader restarts the election timer";
            check.holds(after.has_reset_timer(), expected, "the election timer is left alone")
        },
    )
}
