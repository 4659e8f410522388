//! Exercise 4.6: what clients that wait at a leader learn, whatever happens to the leader.

use std::collections::BTreeSet;

use gates::clients::{Conclusion, all_in_words, answers_to, conclusion, leader_named};
use gates::{Check, Checks, Context, Failure, Verdict};

use super::model::{PendingRead, RaftNode, Role};
use super::servers::{S1, S2, leader, server};
use super::subject::protocol::{
    AppendEntries, AppendEntriesReply, CallId, ClientRequest, Effect, Event, Index, Reply, Request,
    RequestId, RequestVote, RequestVoteReply, ServerId, Term, Timer,
};
use super::table;

const COMMANDS: &str = "§8: a client whose leader steps down must hear of it, or it waits forever. Its command is in the \
     log and may still be committed by another leader, or be overwritten: nobody knows, and \"unknown\" is all that can \
     truthfully be said.";
const READS: &str = "§8, dissertation §6.4: a read that is still waiting when its leader steps down must not be served, \
     since other leaders may have committed something since. It has no effect, so its client can ask elsewhere, but not \
     at the server that has just stepped down: that one does not lead.";
const UNDECIDED: &str = "§8: a client is answered when its command is applied, or when its leader steps down. Nothing \
     else decides what becomes of its command.";
const TIMER: &str = "§5.2: a server that has stepped down waits for a leader like any other, for a time that it draws.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("4.6")
        .each([
            (
                "deposed",
                "However a leader is deposed, each client with a command learns once that its outcome is unknown",
                COMMANDS,
                commands,
            ),
            (
                "deposed",
                "However a leader is deposed, each client with a read gets one answer, and not the name of the same server",
                READS,
                reads,
            ),
            ("deposed", "However a leader is deposed, it waits for a leader again", TIMER, timer),
            (
                "client_request",
                "Clients wait on while nothing has decided what becomes of their commands",
                UNDECIDED,
                undecided,
            ),
        ])
        .list()
}

/// S1 leads term 4 of three servers. Entries 2 and 3 are not committed.
fn leading() -> RaftNode {
    let mut node = server(table(6), 3, 4, &[1]);
    node.voted_for = Some(S1);
    node.role = leader(&[(2, 1), (3, 0)]);
    (node.commit_index, node.last_applied) = (Index(1), Index(1));
    node
}

fn append_entries(term: u64, from: ServerId) -> AppendEntries {
    AppendEntries {
        term: Term(term),
        leader_id: from,
        prev_log_index: Index(1),
        prev_log_term: Term(1),
        entries: Vec::new(),
        leader_commit: Index(1),
    }
}

fn request_vote(term: u64, candidate_id: ServerId) -> RequestVote {
    RequestVote {
        term: Term(term),
        candidate_id,
        last_log_index: Index(1),
        last_log_term: Term(1),
        leadership_transfer: false,
    }
}

/// Another server makes a request.
fn asked(request: Request) -> Event {
    Event::Request { call: CallId(42), from: S2, request }
}

/// S2 replies to a request of S1's as leader or candidate of `term`.
fn replied(request: Request, reply: Reply) -> Event {
    Event::Reply { call: CallId(0), from: S2, request, reply }
}

/// S2's reply to an AppendEntries of S1's.
fn appended(term: u64, success: bool) -> Event {
    let reply = AppendEntriesReply { term: Term(term), success, conflict: None };
    replied(Request::AppendEntries(append_entries(4, S1)), Reply::AppendEntries(reply))
}

/// What deposes the leader of term 4, and the leader that it makes known.
fn ends() -> [(&'static str, Event, Option<ServerId>); 4] {
    let vote = RequestVoteReply { term: Term(6), vote_granted: false };
    [
        (
            "S2, leader of term 6, sends it AppendEntries",
            asked(Request::AppendEntries(append_entries(6, S2))),
            Some(S2),
        ),
        (
            "S2, candidate of term 6, asks for its vote",
            asked(Request::RequestVote(request_vote(6, S2))),
            None,
        ),
        ("S2 rejects its AppendEntries, in term 6", appended(6, false), None),
        (
            "S2 replies to its RequestVote of term 4, in term 6",
            replied(Request::RequestVote(request_vote(4, S1)), Reply::RequestVote(vote)),
            None,
        ),
    ]
}

/// Two clients send commands.
fn with_commands(check: &mut Context) -> Result<RaftNode, Box<Failure>> {
    let mut node = leading();
    for id in [11, 12] {
        let request = ClientRequest::Command("append x a".into());
        check.handle(&mut node, Event::Client { id: RequestId(id), request })?;
    }
    Ok(node)
}

fn commands(check: &mut Context) -> Verdict {
    for (what, event, _) in ends() {
        let mut node = with_commands(check)?;
        check.step(format!("S1 leads term 4, and two clients wait for their commands; {what}"));
        let effects = check.handle(&mut node, event)?;
        each_told_once(check, &effects, [11, 12], &[Conclusion::Unknown])?;
        // What it knew of its clients belongs to that leadership.
        check.step(format!("the same; then S1 leads term 8, and hears of term 9 ({what} before)"));
        (node.current_term, node.voted_for) = (Term(8), Some(S1));
        node.role = leader(&[(2, 0), (3, 0)]);
        let effects = check.handle(&mut node, asked(Request::RequestVote(request_vote(9, S2))))?;
        none_told(check, &effects, [11, 12])?;
    }
    Ok(())
}

fn reads(check: &mut Context) -> Verdict {
    for (what, event, known) in ends() {
        let mut node = leading();
        for id in [21, 22] {
            node.pending_reads.push(PendingRead {
                id: RequestId(id),
                query: "get x".into(),
                index: Index(1),
                first_call: CallId(7),
                confirmed_by: BTreeSet::from([S1]),
            });
        }
        check.step(format!("S1 leads term 4, and two clients wait for their reads; {what}"));
        let effects = check.handle(&mut node, event)?;
        each_told_once(check, &effects, [21, 22], &[Conclusion::Unknown, Conclusion::NotExecuted])?;
        for answer in answers_to(&effects, RequestId(21)) {
            let named = leader_named(&answer);
            let expected = match known {
                Some(leader) => format!("no leader is named, or {leader}, which S1 follows"),
                None => "no leader is named: S1 knows none of the new term".to_owned(),
            };
            let happened = format!("the client gets {}", all_in_words(&[answer]));
            check.holds(named.is_none() || named == known, expected, happened)?;
        }
    }
    Ok(())
}

fn undecided(check: &mut Context) -> Verdict {
    let events = [
        ("its heartbeat timer fires", Event::Timeout(Timer::Heartbeat)),
        (
            "S2, leader of term 3, sends it AppendEntries",
            asked(Request::AppendEntries(append_entries(3, S2))),
        ),
        (
            "S2, candidate of term 3, asks for its vote",
            asked(Request::RequestVote(request_vote(3, S2))),
        ),
        (
            "S2, candidate of term 4, asks for its vote",
            asked(Request::RequestVote(request_vote(4, S2))),
        ),
        ("S2 rejects its AppendEntries, in term 4", appended(4, false)),
        ("S2 accepts its heartbeat", appended(4, true)),
    ];
    let mut node = with_commands(check)?;
    for (what, event) in events {
        check.step(format!("S1 leads term 4, and two clients wait for their commands; {what}"));
        let effects = check.handle(&mut node, event)?;
        none_told(check, &effects, [11, 12])?;
        let leads = matches!(node.role, Role::Leader { .. });
        check.holds(leads, "S1 leads", "S1 does not lead any more")?;
    }
    Ok(())
}

/// Each of these clients must be told once, and so that it knows one of these things.
fn each_told_once(
    check: &Context,
    effects: &[Effect],
    ids: [u64; 2],
    expected: &[Conclusion],
) -> Verdict {
    for id in ids {
        let answers = answers_to(effects, RequestId(id));
        let right = matches!(&answers[..], [answer] if expected.contains(&conclusion(answer)));
        let wanted = match expected {
            [Conclusion::Unknown] => "each client learns once that the outcome is unknown",
            _ => "each client learns once that it has no result",
        };
        let happened = format!("a client gets {}", all_in_words(&answers));
        check.holds(right, wanted, happened)?;
    }
    Ok(())
}

fn none_told(check: &Context, effects: &[Effect], ids: [u64; 2]) -> Verdict {
    for id in ids {
        let answers = answers_to(effects, RequestId(id));
        let happened = format!("a client gets {}", all_in_words(&answers));
        check.holds(answers.is_empty(), "neither client gets an answer", happened)?;
    }
    Ok(())
}

fn timer(check: &mut Context) -> Verdict {
    for (what, event, _) in ends() {
        let mut node = leading();
        check.step(format!("S1 leads term 4; {what}"));
        let effects = check.handle(&mut node, event)?;
        waits_for_a_leader(check, &node, &effects)?;
    }
    Ok(())
}

/// The election timer must be armed for a time from its range.
fn waits_for_a_leader(check: &Context, node: &RaftNode, effects: &[Effect]) -> Verdict {
    let after = |effect: &Effect| match effect {
        Effect::SetTimer { timer: Timer::Election, after } => Some(*after),
        _ => None,
    };
    let range = &node.config.election_timeout;
    let armed = effects.iter().filter_map(after).last();
    let expected = format!("the election timer is armed for a time from {range:?}");
    let happened =
        armed.map_or("it is not armed".to_owned(), |after| format!("armed for {after:?}"));
    let right = armed.is_some_and(|after| range.contains(&after));
    check.holds(right, expected, happened)
}
