//! Exercise 2.5: starting an election.

use std::collections::BTreeSet;

use gates::{Check, Checks, Context, Verdict};

use super::model::{RaftNode, Role};
use super::servers::{
    S2, armed, calls, candidate, follower, leader, log, server, state, votes, waits_anew,
};
use super::subject::protocol::{Effect, Event, Request, Timer};
use super::table;

const CONVERSION: &str = "Rules for Servers, Candidates (§5.2): \"On conversion to candidate, start \
     election: increment currentTerm, vote for self, reset election timer, send RequestVote RPCs to \
     all other servers\".";
const ASKING: &str =
    "Rules for Servers, Candidates (§5.2): \"send RequestVote RPCs to all other servers\".";
const FIELDS: &str = "Figure 2, RequestVote, arguments: the candidate's term, its id, and index and term \
     of its last log entry, by which voters compare the logs (§5.4.1).";
const AGAIN: &str = "Rules for Servers, Candidates (§5.2): \"If election timeout elapses: start new \
     election\". It is a new one: the votes of the last belong to the last term.";
const TIMER: &str = "Rules for Servers, Candidates (§5.2): \"reset election timer\", with a new draw: \
     two candidates that split the votes must not go on at the same pace.";
const LEADERS: &str =
    "Figure 4: only followers and candidates start elections. A leader waits for no leader.";
const ALONE: &str = "§5.2: a candidate wins with the votes of a majority. In a cluster of one, its own \
     vote is that, and there is nobody to wait for.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("2.5")
        .about("election_timeout")
        .claims([
            (
                "A server whose timeout runs out begins a term, and votes for itself",
                CONVERSION,
                begins,
            ),
            ("A candidate asks every other server for its vote", ASKING, asks_all),
            ("A candidate tells its term, its id, and where its log ends", FIELDS, tells),
            ("A candidate resets its election timer, with a new draw each time", TIMER, resets),
            ("A server that is alone leads at once, and calls nobody", ALONE, alone),
            ("A candidate that tries again starts to count its votes again", AGAIN, again),
            ("A leader whose election timer fires starts no election", LEADERS, leads_on),
        ])
        .list()
}

/// Lets the election timer of S1 run out.
fn times_out(check: &mut Context, node: &mut RaftNode) -> Result<Vec<Effect>, Box<gates::Failure>> {
    let of = node.members.len();
    check.step(format!("S1 of {of}: {}; its election timer runs out", state(node)));
    check.handle(node, Event::Timeout(Timer::Election))
}

fn begins(check: &mut Context) -> Verdict {
    let follower_of = Role::Follower { leader: Some(S2) };
    for (role, term) in [(follower(), 0), (follower_of, 4), (candidate(&[1]), 6)] {
        let mut node = server(table(5), 3, term, role);
        times_out(check, &mut node)?;
        let term = term + 1;
        let expected = format!("candidate with the votes of S1, term {term}, voted for S1");
        check.same_text("S1", &state(&node), &expected)?;
    }
    Ok(())
}

/// The requests that S1 of this many servers must send, if its last entry is there.
fn requests(servers: u64, term: u64, last: (u64, u64)) -> String {
    let ask = |id| {
        let (index, of) = last;
        format!(
            "S{id}: RequestVote: term {term}, candidate_id S1, last_log_index {index}, \
             last_log_term {of}"
        )
    };
    (2..=servers).map(ask).collect::<Vec<_>>().join("\n")
}

fn asks_all(check: &mut Context) -> Verdict {
    for servers in [2, 3, 4, 5, 7] {
        let mut node = server(table(5), servers, 3, follower());
        let effects = times_out(check, &mut node)?;
        // What a request says is the next check's matter.
        let asked: BTreeSet<String> = effects.iter().filter_map(asked).collect();
        let asked = asked.into_iter().collect::<Vec<_>>().join(", ");
        let expected = (2..=servers).map(|id| format!("S{id}")).collect::<Vec<_>>().join(", ");
        check.same_text("S1 sends RequestVote to", &asked, &expected)?;
    }
    Ok(())
}

/// The server that a candidate asks for its vote.
fn asked(effect: &Effect) -> Option<String> {
    match effect {
        Effect::Call { to, request: Request::RequestVote(_), .. } => Some(to.to_string()),
        _ => None,
    }
}

fn tells(check: &mut Context) -> Verdict {
    let logs = [
        ((0, 0), &[1][..], (1, 1)),
        ((0, 0), &[1, 1, 3], (3, 3)),
        ((4, 2), &[], (4, 2)),
        ((4, 2), &[3, 3], (6, 3)),
    ];
    for (base, terms, last) in logs {
        let mut node = server(table(5), 3, 5, follower());
        node.log = log(base, terms);
        let effects = times_out(check, &mut node)?;
        let what = format!("S1's calls, whose last entry is {} of term {}", last.0, last.1);
        check.same_text(&what, &calls(&node, &effects), &requests(3, 6, last))?;
    }
    Ok(())
}

fn resets(check: &mut Context) -> Verdict {
    let mut node = server(table(5), 3, 0, follower());
    let mut times = BTreeSet::new();
    for _ in 0..20 {
        let effects = times_out(check, &mut node)?;
        waits_anew(check, &node, &effects)?;
        times.extend(armed(&effects, Timer::Election));
    }
    let many = times.len();
    let times = if many == 1 {
        "the same time each time".to_owned()
    } else {
        format!("{many} different times")
    };
    check.holds(many >= 5, "a new draw each time", format!("{times} in 20 elections"))
}

fn again(check: &mut Context) -> Verdict {
    let mut node = server(table(5), 5, 3, candidate(&[1, 2]));
    times_out(check, &mut node)?;
    check.same_text("S1", &state(&node), "candidate with the votes of S1, term 4, voted for S1")?;
    check.step(
        "S1 of 5 had the vote of S2 in term 3, and tries again in term 4; S3 grants its vote",
    );
    check.handle(&mut node, votes(super::servers::S3, 4, true))?;
    check.holds(node.leads().is_none(), "S1 does not lead with two votes of five", state(&node))
}

fn leads_on(check: &mut Context) -> Verdict {
    for servers in [1, 3] {
        let mut node = server(table(5), servers, 3, leader());
        let effects = times_out(check, &mut node)?;
        let kept = format!("term {}, {}", node.current_term, vote(&node));
        check.same_text("S1", &kept, "term 3, voted for S1")?;
        check.same_text("S1's calls", &calls(&node, &effects), "no calls")?;
        // A leader that hears no quorum may step down (dissertation, §6.2). One that is alone is a quorum.
        let stays = node.leads().is_some();
        check.holds(stays || servers > 1, "S1, a quorum by itself, leads", state(&node))?;
    }
    Ok(())
}

fn vote(node: &RaftNode) -> String {
    node.voted_for.map_or("no vote given".to_owned(), |id| format!("voted for {id}"))
}

fn alone(check: &mut Context) -> Verdict {
    let mut node = server(table(5), 1, 3, follower());
    let effects = times_out(check, &mut node)?;
    check.same_text("S1", &state(&node), "leader, term 4, voted for S1")?;
    check.same_text("S1's calls", &calls(&node, &effects), "no calls")
}
