//! Exercise 7.6: stepping down without a quorum.

use gates::{Check, Checks, Context, Verdict};

use super::model::RaftNode;
use super::servers::{
    S1, S2, S3, S4, Step, appended, armed, asked, called, client, heartbeats, named, of, role_of,
    server, success, told,
};
use super::subject::protocol::{
    AppendEntries, AppendEntriesReply, CallId, ClientRequest, Effect, Event, Index,
    InstallSnapshot, InstallSnapshotReply, Reply, Request, RequestId, RequestVote,
    RequestVoteReply, ServerId, Term, Timer,
};
use super::table;

const QUORUM: &str = "Dissertation §6.2: a leader \"steps down if an election timeout elapses without a successful \
     round of heartbeats to a majority of its cluster\". Followers that hear it ignore candidates (7.5): if it \
     stayed, they might never have a leader that can commit.";
const PERIOD: &str = "Dissertation §6.2: \"if an election timeout elapses\": each check is about the time since the last \
     one. A server that replied before that may be cut off since.";
const ANY: &str = "Dissertation §6.2. A server that replies in the leader's term recognizes this leader, whether its log \
     matches or not. A leader that steps down although a majority follows it costs an election.";
const MEMBERS: &str = "Dissertation §6.2: \"a majority of its cluster\", that is, of the members in its latest \
     configuration (§6). Each of them counts once.";
const TERM: &str = "§5.1: a reply to a request of another term says nothing about this leadership.";
const ITSELF: &str = "§6: a leader that is not part of its latest configuration \"does not count itself in majorities\".";
const ALONE: &str = "Dissertation §6.2. A server alone is a majority of its cluster.";
const ARMED: &str = "Dissertation §6.2: \"if an election timeout elapses\": as long as a server leads, its election timer \
     measures the time until the next check.";
const READS: &str = "§8, dissertation §6.4: a read waits for replies of a majority. What module 4 does with a reply is still \
     to be done.";
const TELLS: &str = "Dissertation §6.2: stepping down \"allows clients to retry their requests with another server\". §8: \
     each of them learns how its request ended; what is in the log may still be committed.";
const LISTENS: &str = "§6, dissertation §6.2: it leads no more and hears no leader. It must vote for a server that can \
     lead, and until then it waits like any follower.";
const OTHERS: &str = "§5.2; dissertation §4.2.2. Only a leader checks: a follower or candidate starts an election, and a \
     server that may not campaign keeps waiting.";

pub(super) fn checks() -> Vec<Check> {
    #[rustfmt::skip]
    let checks = Checks::of("7.6").each([
        ("reply_received", "A leader that a majority replies to stays leader, even if they reject", ANY, stays),
        ("election_timeout", "A leader without replies of a majority steps down, in its own term", QUORUM, steps_down),
        ("election_timeout", "Replies before the last check do not count", PERIOD, earlier_period),
        ("election_timeout", "A single server stays leader", ALONE, alone),
        ("election_timeout", "Replies of servers that are not members do not count, and each member counts once", MEMBERS, members),
        ("reply_received", "Replies to requests of another term do not count", TERM, other_term),
        ("election_timeout", "A leader that removes itself does not count itself", ITSELF, removes_itself),
        ("elected", "The election timer of a leader is armed when it is elected, and at every check", ARMED, is_armed),
        ("reply_received", "A reply still confirms the reads that wait for it", READS, confirms),
        ("election_timeout", "The clients of a leader that steps down get answers", TELLS, tells),
        ("election_timeout", "A leader that has stepped down listens to candidates, and sends no heartbeats", LISTENS, listens),
        ("election_timeout", "A server that is not leader does what it did before", OTHERS, others),
    ]);
    checks.list()
}

/// A server's reply to S1's candidacy of this term.
fn vote(from: ServerId, term: u64) -> Event {
    let request = Request::RequestVote(RequestVote {
        term: Term(term),
        candidate_id: S1,
        last_log_index: Index(0),
        last_log_term: Term(0),
        leadership_transfer: false,
    });
    let reply = Reply::RequestVote(RequestVoteReply { term: Term(term), vote_granted: true });
    Event::Reply { call: CallId(1), from, request, reply }
}

/// S1, which has just been elected in term 3 by all of these members; and the effects of its election.
fn elected(check: &mut Context, members: &str) -> Step<(RaftNode, Vec<Effect>)> {
    let mut node = server(check, table(6), members, 2, "")?;
    let mut effects = time_out(check, &mut node)?;
    let mut peers = node.peers().into_iter();
    while node.leads().is_none() {
        let Some(peer) = peers.next() else { break };
        effects = check.handle(&mut node, vote(peer, 3))?;
    }
    // Late votes change nothing.
    for peer in peers {
        check.handle(&mut node, vote(peer, 3))?;
    }
    check.step(format!("S1 of {} has just been elected in term 3", named(&node.members)));
    check.same_text("S1", &role_of(&node), "the leader of term 3")?;
    let beats = armed(&effects, Timer::Heartbeat).is_some();
    check.holds(beats, "S1's heartbeat timer is armed, as in module 6", "it is not")?;
    check.step(format!("S1 of {} leads term 3", named(&node.members)));
    Ok((node, effects))
}

/// The same after its first check, before which a majority had replied.
fn leads(check: &mut Context, members: &str) -> Step<RaftNode> {
    let (mut node, _) = elected(check, members)?;
    for peer in node.peers() {
        check.handle(&mut node, success(peer, 1))?;
    }
    check.step(format!(
        "S1 of {} leads term 3; all its peers reply, and then its election timer runs out",
        named(&node.members)
    ));
    time_out(check, &mut node)?;
    check.same_text("S1", &role_of(&node), "the leader of term 3")?;
    check.step(format!("S1 of {} leads term 3; its peers have replied", named(&node.members)));
    Ok(node)
}

fn time_out(check: &Context, node: &mut RaftNode) -> Step<Vec<Effect>> {
    check.handle(node, Event::Timeout(Timer::Election))
}

/// S1's role when its election timer has run out after these events.
fn after(check: &mut Context, node: &mut RaftNode, what: &str, events: &[Event]) -> Step<String> {
    let before = check.current_step().to_owned();
    check.step(format!("{before}; then {what}, and its election timer runs out"));
    for event in events {
        check.handle(node, event.clone())?;
    }
    time_out(check, node)?;
    Ok(role_of(node))
}

const LEADS: &str = "the leader of term 3";
const FOLLOWS: &str = "a follower in term 3";

fn steps_down(check: &mut Context) -> Verdict {
    for (members, replies) in [("12345", 1), ("1234", 1), ("123", 0), ("12", 0)] {
        let mut node = leads(check, members)?;
        let events: Vec<Event> = (2..2 + replies).map(|id| success(ServerId(id), 1)).collect();
        let what = format!("only {replies} of the others reply");
        let role = after(check, &mut node, &what, &events)?;
        check.same_text("S1", &role, FOLLOWS)?;
        check.equal("S1's vote", node.voted_for, Some(S1))?;
    }
    Ok(())
}

fn earlier_period(check: &mut Context) -> Verdict {
    let mut node = leads(check, "12345")?;
    let role = after(check, &mut node, "S2 and S3 reply", &[success(S2, 1), success(S3, 1)])?;
    check.same_text("S1", &role, LEADS)?;
    let role = after(check, &mut node, "S4 replies", &[success(S4, 1)])?;
    check.same_text("S1", &role, FOLLOWS)
}

/// S2 has stored a chunk of a snapshot.
fn chunk_stored() -> Event {
    let request = Request::InstallSnapshot(InstallSnapshot {
        term: Term(3),
        leader_id: S1,
        last_included_index: Index(1),
        last_included_term: Term(3),
        offset: 0,
        data: b"a beginning".as_slice().into(),
        done: false,
    });
    let reply = Reply::InstallSnapshot(InstallSnapshotReply { term: Term(3), stored: 11 });
    Event::Reply { call: CallId(1), from: S2, request, reply }
}

fn stays(check: &mut Context) -> Verdict {
    let cases = [
        ("123", "S2 acknowledges index 1", vec![success(S2, 1)]),
        ("123", "S2 rejects entries", vec![appended(S2, 9, false)]),
        ("123", "S2 stores a chunk of a snapshot", vec![chunk_stored()]),
        (
            "12345",
            "S2 acknowledges index 1, and S4 rejects entries",
            vec![success(S2, 1), appended(S4, 9, false)],
        ),
    ];
    for (members, what, events) in cases {
        let mut node = leads(check, members)?;
        for _ in 0..3 {
            let role = after(check, &mut node, what, &events)?;
            check.same_text("S1", &role, LEADS)?;
        }
    }
    Ok(())
}

fn members(check: &mut Context) -> Verdict {
    let mut node = leads(check, "123")?;
    let stranger = [success(S4, 1), success(ServerId(5), 1)];
    let role = after(check, &mut node, "S4 and S5 reply, which are not members", &stranger)?;
    check.same_text("S1", &role, FOLLOWS)?;
    let mut node = leads(check, "123")?;
    check.step("S1 of S1, S2, S3 leads term 3; a client asks it to add S4, which is catching up");
    client(check, &mut node, ClientRequest::Change(of("1234")))?;
    let rejects = [appended(S4, 9, false)];
    let role = after(check, &mut node, "S4 rejects entries", &rejects)?;
    check.same_text("S1", &role, FOLLOWS)?;
    let mut node = leads(check, "12345")?;
    let twice = [success(S2, 1), success(S2, 1), appended(S2, 9, false)];
    let role = after(check, &mut node, "S2 replies three times", &twice)?;
    check.same_text("S1", &role, FOLLOWS)
}

fn other_term(check: &mut Context) -> Verdict {
    let request = Request::AppendEntries(AppendEntries {
        term: Term(1),
        leader_id: S1,
        prev_log_index: Index(0),
        prev_log_term: Term(0),
        entries: Vec::new(),
        leader_commit: Index(0),
    });
    let reply = AppendEntriesReply { term: Term(1), success: true, conflict: None };
    let reply = Reply::AppendEntries(reply);
    let old = Event::Reply { call: CallId(1), from: S2, request, reply };
    let mut node = leads(check, "123")?;
    let what = "a late reply of S2 arrives, to a request of term 1";
    let role = after(check, &mut node, what, &[old])?;
    check.same_text("S1", &role, FOLLOWS)
}

fn removes_itself(check: &mut Context) -> Verdict {
    for (what, events, expected) in [
        ("S2 replies", vec![success(S2, 1)], FOLLOWS),
        ("S2 and S3 reply", vec![success(S2, 1), success(S3, 1)], LEADS),
    ] {
        let mut node = leads(check, "123")?;
        check.step("S1 leads term 3 with S2 and S3; a client asks it to remove itself");
        client(check, &mut node, ClientRequest::Change(of("23")))?;
        check.same_text("S1's configuration", &named(&node.members), "S2, S3")?;
        let role = after(check, &mut node, what, &events)?;
        check.same_text("S1", &role, expected)?;
    }
    Ok(())
}

fn alone(check: &mut Context) -> Verdict {
    let (mut node, _) = elected(check, "1")?;
    for _ in 0..3 {
        let role = after(check, &mut node, "nothing happens", &[])?;
        check.same_text("S1", &role, LEADS)?;
    }
    Ok(())
}

fn in_range(check: &Context, node: &RaftNode, effects: &[Effect]) -> Verdict {
    let after = armed(effects, Timer::Election);
    // "An election timeout" may be the shortest, the longest, or one that is drawn.
    let range = &node.config.election_timeout;
    check.holds(
        after.is_some_and(|after| after >= range.start && after <= range.end),
        "its election timer is armed",
        after.map_or("it is not".to_owned(), |after| format!("for {after:?}")),
    )
}

fn is_armed(check: &mut Context) -> Verdict {
    for members in ["123", "1"] {
        let (mut node, effects) = elected(check, members)?;
        let before = check.current_step().to_owned();
        check.step(format!("{before}: it has just been elected"));
        in_range(check, &node, &effects)?;
        for _ in 0..3 {
            check.step(format!("{before}; all others reply, and its election timer runs out"));
            for peer in node.peers() {
                check.handle(&mut node, success(peer, 1))?;
            }
            let effects = time_out(check, &mut node)?;
            check.same_text("S1", &role_of(&node), LEADS)?;
            in_range(check, &node, &effects)?;
        }
    }
    Ok(())
}

fn confirms(check: &mut Context) -> Verdict {
    let mut node = leads(check, "123")?;
    check.step("S1 of three leads term 3; a client asks for a read (c9), and S2 replies to what it is sent then");
    let request = ClientRequest::Query(b"get x".as_slice().into());
    let effects = check.handle(&mut node, Event::Client { id: RequestId(9), request })?;
    if told(&effects) != "nothing" {
        // Without exercise 4.10, or before the leader has committed an entry of its term, it is answered at once.
        return Ok(());
    }
    let to_s2 = effects.into_iter().find_map(|effect| match effect {
        Effect::Call { call, to: S2, request: Request::AppendEntries(request) } => {
            Some((call, request))
        }
        _ => None,
    });
    let Some((call, request)) = to_s2 else {
        return Err(check.failure("S2 is sent AppendEntries", "it is not"));
    };
    let reply = AppendEntriesReply { term: Term(3), success: true, conflict: None };
    let (request, reply) = (Request::AppendEntries(request), Reply::AppendEntries(reply));
    let effects = check.handle(&mut node, Event::Reply { call, from: S2, request, reply })?;
    check.same_text("the client gets", &told(&effects), "c9: done")
}

fn tells(check: &mut Context) -> Verdict {
    let mut node = leads(check, "123")?;
    let requests = [
        (7, ClientRequest::Command("set x 1".into())),
        (8, ClientRequest::Change(of("1234"))),
        (9, ClientRequest::Query(b"get x".as_slice().into())),
    ];
    let mut effects = Vec::new();
    for (id, request) in requests {
        effects.extend(check.handle(&mut node, Event::Client { id: RequestId(id), request })?);
    }
    check.step("S1 of three leads term 3, and clients wait; its election timer runs out");
    effects.extend(time_out(check, &mut node)?);
    check.same_text("S1", &role_of(&node), FOLLOWS)?;
    let told = told(&effects);
    check.holds(told.contains("c7: unknown"), "the client of a command gets: unknown", &*told)?;
    // Whether a change is in the log or its server is catching up, and whether there are queries (4.10), is
    // left open here; how their clients learn is exercise 7.3's and module 4's.
    for id in ["c7: ", "c8: ", "c9: "] {
        let once = told.matches(id).count() == 1;
        check.holds(once, "each client learns once how its request ended", &*told)?;
    }
    Ok(())
}

fn listens(check: &mut Context) -> Verdict {
    let mut node = leads(check, "123")?;
    check.step("S1 of three leads term 3, and no server replies; its election timer runs out");
    let effects = time_out(check, &mut node)?;
    check.same_text("S1", &role_of(&node), FOLLOWS)?;
    in_range(check, &node, &effects)?;
    let effects = heartbeats(check, &mut node, 1)?;
    check.same_text("S1 sends heartbeats to", &called(&effects, "AppendEntries"), "nobody")?;
    check.step("S1 has stepped down; S2 asks for its vote in term 4");
    let request = Request::RequestVote(RequestVote {
        term: Term(4),
        candidate_id: S2,
        last_log_index: Index(9),
        last_log_term: Term(3),
        leadership_transfer: false,
    });
    asked(check, &mut node, S2, request)?;
    check.equal("S1's vote", node.voted_for, Some(S2))?;
    check.same_text("S1", &role_of(&node), "a follower in term 4")
}

fn others(check: &mut Context) -> Verdict {
    let mut node = server(check, table(6), "123", 3, "")?;
    for role in ["a candidate of term 4", "a candidate of term 5"] {
        check.step(format!("S1 is {}; its election timer runs out", role_of(&node)));
        time_out(check, &mut node)?;
        check.same_text("S1", &role_of(&node), role)?;
    }
    let mut node = server(check, table(6), "", 3, "")?;
    check.step("S1 waits to be added; its election timer runs out");
    let effects = time_out(check, &mut node)?;
    check.same_text("S1", &role_of(&node), FOLLOWS)?;
    in_range(check, &node, &effects)
}
