//! Exercise 2.4: counting votes, becoming leader.

use gates::{Check, Checks, Context, Verdict};

use super::model::{Outbox, Progress, RaftNode, Role};
use super::servers::{S1, S2, S3, candidate, follower, leader, server, state, votes};
use super::subject::become_leader_if_elected;
use super::subject::protocol::{Index, Node as _, RoleName, ServerId};
use super::table;

const MAJORITY: &str = "§5.2; Rules for Servers, Candidates: \"If votes received from majority of \
     servers: become leader\". A majority is more than half of all members, its own vote among them.";
const ONCE: &str = "§5.2: \"Each server will vote for at most one candidate in a given term\". A network \
     may deliver its answer more than once; it is one vote all the same.";
const MEMBERS: &str = "§5.2: a candidate wins with the votes of a majority of the servers of the \
     cluster; the voice of one that is not a member does not count.";
const REFUSED: &str = "Figure 2, RequestVote: \"voteGranted: true means candidate received vote\", and \
     false that it did not.";
const CANDIDATES: &str = "§5.2, Figure 4: only a candidate becomes leader by votes. A server that has been elected already, or has followed another leader since, has no use for a late one.";

pub(super) fn checks() -> Vec<Check> {
    const REPLY: &str = "request_vote_reply";
    const LEAD: &str = "become_leader_if_elected";
    Checks::of("2.4")
        .each([
            (
                REPLY,
                "A candidate leads as soon as a majority of 1 to 7 has voted for it",
                MAJORITY,
                as_soon,
            ),
            (REPLY, "A rejection is no vote", REFUSED, refusal),
            (LEAD, "The own vote is a majority of one, and of no more than one", MAJORITY, alone),
            (REPLY, "A vote counts once, however often it arrives", ONCE, once),
            (REPLY, "A late vote takes nothing from a leader", CANDIDATES, late),
            (
                LEAD,
                "A server that is not a candidate does not become leader by counting",
                CANDIDATES,
                no_candidate,
            ),
            (REPLY, "The vote of a stranger does not count", MEMBERS, stranger),
        ])
        .list()
}

/// Brings S1 the answer of a voter; it must then lead, or not.
fn count(
    check: &mut Context,
    node: &mut RaftNode,
    from: ServerId,
    granted: bool,
    leads: bool,
) -> Verdict {
    let (answer, of) = (if granted { "grants" } else { "denies" }, node.members.len());
    check.step(format!("S1 of {of}: {}; {from} {answer} its vote", state(node)));
    let term = node.current_term.0;
    check.handle(node, votes(from, term, granted))?;
    leads_now(check, node, leads)
}

fn leads_now(check: &Context, node: &RaftNode, leads: bool) -> Verdict {
    let told = |leads| if leads { "S1 leads" } else { "S1 does not lead" };
    let happened = node.role() == RoleName::Leader;
    check.holds(happened == leads, told(leads), format!("{}: {}", told(happened), state(node)))?;
    let kept = (node.current_term, node.voted_for);
    let happened = format!("term {}, vote {:?}", kept.0, kept.1);
    check.holds(kept.1 == Some(S1), "S1 keeps its term and vote", happened)
}

fn as_soon(check: &mut Context) -> Verdict {
    for servers in 2..=7 {
        let mut node = server(table(4), servers, 3, candidate(&[1]));
        for voter in 2..=servers {
            let leads = voter * 2 > servers;
            count(check, &mut node, ServerId(voter), true, leads)?;
        }
    }
    Ok(())
}

fn alone(check: &mut Context) -> Verdict {
    for servers in 1..=3 {
        let mut node = server(table(4), servers, 1, candidate(&[1]));
        check.step(format!("S1 of {servers}: {}; it counts", state(&node)));
        become_leader_if_elected(&mut node, &mut Outbox::new());
        leads_now(check, &node, servers == 1)?;
    }
    Ok(())
}

fn no_candidate(check: &mut Context) -> Verdict {
    let follower_of = |leader| Role::Follower { leader };
    for role in [follower(), follower_of(Some(S3))] {
        let mut node = server(table(4), 1, 3, role.clone());
        let before = state(&node);
        check.step(format!("S1 of 1: {before}; it counts"));
        become_leader_if_elected(&mut node, &mut Outbox::new());
        check.same_text("S1", &state(&node), &before)?;
        // The answer to its request comes after it has followed the leader of the same term.
        let mut node = server(table(4), 3, 3, role);
        node.voted_for = Some(S1);
        let before = state(&node);
        check.step(format!("S1 of 3: {before}; S2 grants its vote"));
        check.handle(&mut node, votes(S2, 3, true))?;
        check.same_text("S1", &state(&node), &before)?;
    }
    Ok(())
}

fn once(check: &mut Context) -> Verdict {
    let mut node = server(table(4), 5, 3, candidate(&[1]));
    for _ in 0..4 {
        count(check, &mut node, S2, true, false)?;
    }
    count(check, &mut node, S1, true, false)?;
    count(check, &mut node, S3, true, true)
}

fn stranger(check: &mut Context) -> Verdict {
    let mut node = server(table(4), 3, 3, candidate(&[1]));
    for stranger in [8, 9] {
        count(check, &mut node, ServerId(stranger), true, false)?;
    }
    count(check, &mut node, S2, true, true)
}

fn refusal(check: &mut Context) -> Verdict {
    let mut node = server(table(4), 5, 3, candidate(&[1]));
    for voter in 2..=5 {
        count(check, &mut node, ServerId(voter), false, false)?;
    }
    Ok(())
}

/// What a leader knows of its followers, in words.
fn known(role: &Role) -> String {
    let Role::Leader { progress } = role else { return "it does not lead".to_owned() };
    let tell = |(id, of): (&ServerId, &Progress)| {
        format!("{id}: next_index {}, match_index {}", of.next_index, of.match_index)
    };
    if progress.is_empty() {
        return "nothing is known of them any more".to_owned();
    }
    progress.iter().map(tell).collect::<Vec<_>>().join("; ")
}

fn late(check: &mut Context) -> Verdict {
    let progress = Progress { next_index: Index(4), match_index: Index(3) };
    let role = Role::Leader { progress: [(S2, progress), (S3, progress)].into() };
    for granted in [true, false] {
        let mut node = server(table(4), 3, 3, role.clone());
        count(check, &mut node, S3, granted, true)?;
        check.same_text("its followers", &known(&node.role), &known(&role))?;
    }
    let mut node = server(table(4), 3, 3, leader());
    count(check, &mut node, S2, true, true)
}
