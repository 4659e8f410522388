//! Exercise 6.7: installing a snapshot, step by step through Figure 13.

use gates::simulator::{SimulatedDisk, Trouble};
use gates::{Check, Checks, Context, Verdict};

use super::chunks::{TERMS, data, halves, is, is_discarded, is_just, seen, sent, whole};
use super::model::{Log, Role};
use super::servers::{
    S1, S2, S3, append, ask, change, entries, fill, leader, members, names, new_on, server, session,
};
use super::subject::protocol::{
    Bytes, CallId, ClientError, ClientId, ClientRequest, Effect, Event, Index,
    InstallSnapshotReply, Node as _, Payload, Reply, Request, RequestId, Term, Timer,
};
use super::subject::saving::persist;
use super::table;

const STEP_1: &str = "Figure 13, receiver, step 1: \"Reply immediately if term < currentTerm\" (§5.1). A \
     leader of an older term has no say, neither about the state nor about the election timer.";
const FOLLOW: &str = "§5.2, Figure 13, term: a chunk comes from the leader of its term, like \
     AppendEntries: a candidate of that term follows it, a higher term is adopted, and the election \
     timer is restarted, or a long transfer would end in an election.";
const STEP_4: &str = "Figure 13, receiver, step 4: \"Reply and wait for more data chunks if done is \
     false\". Until the snapshot is complete, none of it counts.";
const STEP_5: &str = "Figure 13, receiver, step 5: \"Save snapshot file\", before the reply: the leader \
     then believes that its follower holds everything that the snapshot replaces.";
const STEP_6: &str = "Figure 13, receiver, step 6: \"If existing log entry has same index and term as \
     snapshot's last included entry, retain log entries following it\": the leader may count on them.";
const STEP_7: &str = "Figure 13, receiver, step 7: \"Discard the entire log\". §7: it \"may possibly \
     have uncommitted entries that conflict with the snapshot\".";
const STEP_8: &str = "Figure 13, receiver, step 8: \"Reset state machine using snapshot contents (and \
     load snapshot's cluster configuration)\". The clients' sessions are part of the state (§8); and what \
     the snapshot replaces is committed and applied.";
const OLD: &str = "§7, Figure 3: a server never takes back what it has committed and applied. A snapshot \
     that ends there or before is an old one, or a repeated one. It must be reported as stored, or the \
     leader sends it forever.";
const TERM: &str = "Figure 13: lastIncludedTerm is the term of an entry; the server's term comes from \
     the leader's (§5.1).";
const CONFIGURATION: &str = "§6, §7: the latest configuration counts: that of the entries which follow \
     the snapshot, or else the snapshot's.";
const NO_SNAPSHOT: &str = "Figure 13, step 8: bytes that are not a snapshot cannot replace a state. The \
     server stays as it is, and has stored nothing of use.";
const CLIENTS: &str = "§8: each client learns how its request ended. The snapshot may have replaced the entry for which a \
     client waits, or an entry of another leader at the same index: this server cannot tell, so the outcome is \
     unknown.";
const FAILS: &str = "Exercise 5.6: what is not on disk must not be acknowledged. The server stops and \
     returns the error.";
const SENDS_ON: &str = "§7: any server may become leader and find a follower that lacks what it has \
     compacted itself: it must be able to send the snapshot that it has received.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("6.7")
        .each([
            ("install", "A log that ends before the snapshot is discarded", STEP_7, too_short),
            ("install", "A log that conflicts with the snapshot is discarded", STEP_7, conflict),
            ("install", "State machine, sessions and indexes are the snapshot's", STEP_8, state),
            (
                "install",
                "Entries after the snapshot stay if the log holds its last entry",
                STEP_6,
                keeps,
            ),
            ("install", "The snapshot's term is not the server's", TERM, term),
            ("install", "The snapshot's configuration is loaded", CONFIGURATION, configuration),
            ("install", "An installed snapshot can be sent on", SENDS_ON, sends_on),
            ("install", "Bytes that are not a snapshot change nothing", NO_SNAPSHOT, no_snapshot),
            ("install_snapshot", "Before the last chunk nothing changes", STEP_4, waits),
            ("install_snapshot", "A server follows the leader that sends a chunk", FOLLOW, follows),
            ("install_snapshot", "A chunk restarts the election timer", FOLLOW, timer),
            (
                "install_snapshot",
                "A snapshot from a leader of an older term is rejected",
                STEP_1,
                older_term,
            ),
            (
                "install_snapshot",
                "An installed snapshot is on disk before the reply is sent",
                STEP_5,
                saved,
            ),
            (
                "install_snapshot",
                "A snapshot that cannot be saved is not acknowledged",
                FAILS,
                fails,
            ),
            (
                "install_snapshot",
                "A leader that a newer leader sends a snapshot tells the clients that wait",
                CLIENTS,
                clients,
            ),
            ("install_snapshot", "An older snapshot changes nothing", OLD, old),
            (
                "install_snapshot",
                "A snapshot that is not needed is reported as stored",
                OLD,
                not_needed,
            ),
            ("install_snapshot", "A snapshot that arrives again changes nothing", OLD, again),
            (
                "install_snapshot",
                "A last chunk after a gap installs nothing",
                STEP_4,
                last_after_a_gap,
            ),
        ])
        .list()
}

fn older_term(check: &mut Context) -> Verdict {
    let mut node = server(table(7), 4, &[1, 1], 1);
    let before = seen(&node);
    let reply = sent(check, &mut node, &whole(3, (4, 2), data(4, None)))?;
    check.equal("the term in the reply", reply.term.0, 4)?;
    check.equal("log, indexes and state", seen(&node), before)?;
    check.equal("the role", &node.role, &Role::Follower { leader: None })?;
    let chunk = Request::InstallSnapshot(whole(3, (4, 2), data(4, None)));
    let effects =
        check.handle(&mut node, Event::Request { call: CallId(1), from: S2, request: chunk })?;
    let armed = effects.iter().any(|effect| matches!(effect, Effect::SetTimer { .. }));
    check.holds(!armed, "no timer is armed", "one is")
}

fn follows(check: &mut Context) -> Verdict {
    let roles = [Role::Follower { leader: None }, Role::Candidate { votes: [S1].into() }];
    for (term, chunk) in [(3, 0), (2, 1)] {
        for role in &roles {
            let mut node = server(table(7), term, &[1, 1], 1);
            node.role = role.clone();
            sent(check, &mut node, &halves(&whole(3, (4, 2), data(4, None)))[chunk])?;
            check.equal("the role", &node.role, &Role::Follower { leader: Some(S2) })?;
            check.equal("the term", node.current_term.0, 3)?;
        }
    }
    Ok(())
}

fn timer(check: &mut Context) -> Verdict {
    for (index, last_term, told) in
        [(4, 2, "a chunk that S1 needs"), (1, 1, "a chunk that S1 does not need")]
    {
        let mut node = server(table(7), 3, &[1, 1], 1);
        let chunk = halves(&whole(3, (index, last_term), data(index, None)))[0].clone();
        check.step(format!("the leader of S1's term sends {told}"));
        let request = Request::InstallSnapshot(chunk);
        let effects =
            check.handle(&mut node, Event::Request { call: CallId(1), from: S2, request })?;
        let armed = effects
            .iter()
            .any(|effect| matches!(effect, Effect::SetTimer { timer: Timer::Election, .. }));
        check.holds(armed, "the election timer is armed again", "it is not")?;
    }
    Ok(())
}

fn waits(check: &mut Context) -> Verdict {
    let mut node = server(table(7), 3, &[1, 1], 1);
    let before = seen(&node);
    let [first, second] = halves(&whole(3, (4, 2), data(4, None)));
    let reply = sent(check, &mut node, &first)?;
    check.equal("stored in the reply", reply.stored, first.data.len() as u64)?;
    check.equal("log, indexes and state", seen(&node), before)?;
    let reply = sent(check, &mut node, &second)?;
    let all = second.offset + second.data.len() as u64;
    check.equal("stored in the reply", reply.stored, all)?;
    is_just(check, &node, 4)
}

fn last_after_a_gap(check: &mut Context) -> Verdict {
    let mut node = server(table(7), 3, &[1, 1], 1);
    let before = seen(&node);
    let [first, second] = halves(&whole(3, (4, 2), data(4, None)));
    let reply = sent(check, &mut node, &second)?;
    check.equal("stored in the reply", reply.stored, 0)?;
    check.equal("log, indexes and state", seen(&node), before)?;
    sent(check, &mut node, &first)?;
    sent(check, &mut node, &second)?;
    is_just(check, &node, 4)
}

fn saved(check: &mut Context) -> Verdict {
    let disk = SimulatedDisk::new();
    let mut node = fill(new_on(&disk, table(7)), 3, &[1, 1, 2, 2, 3], 1);
    persist(&mut node)
        .map_err(|error| check.failure("the disk does not fail", error.to_string()))?;
    sent(check, &mut node, &whole(3, (4, 2), data(4, None)))?;
    check.step(format!("{}; S1 crashes and restarts", check.current_step()));
    disk.crash(0);
    let mut node = new_on(&disk, table(7));
    check.handle(&mut node, Event::Start)?;
    is(check, &node, &[1, 1, 2, 2, 3], 4, 4)
}

fn keeps(check: &mut Context) -> Verdict {
    let mut node = server(table(7), 3, &TERMS, 1);
    sent(check, &mut node, &whole(3, (4, 2), data(4, None)))?;
    is(check, &node, &TERMS, 4, 4)?;
    for (index, entry) in (5..).zip(entries(5, &[3, 3])) {
        let kept = node.log.entry(Index(index));
        let expected = format!("the entry at index {index} is the one that was there");
        let happened = match kept {
            None => format!("there is no entry at index {index}"),
            Some(kept) => format!("it is another entry, of term {}", kept.term),
        };
        check.holds(kept == Some(&entry), expected, happened)?;
    }
    check.step("S2 sends AppendEntries after 6@3, and everything is committed");
    ask(check, &mut node, Request::AppendEntries(append(3, (6, 3), &[], 6)))?;
    is(check, &node, &TERMS, 6, 6)
}

fn conflict(check: &mut Context) -> Verdict {
    let mut node = server(table(7), 3, &[1, 1, 1, 1, 1, 1, 1], 2);
    sent(check, &mut node, &whole(3, (4, 2), data(4, None)))?;
    is_discarded(check, &node, 4)?;
    check.equal("the term of the last entry", node.log.last_term().0, 2)
}

fn too_short(check: &mut Context) -> Verdict {
    for terms in [&[1, 1, 2][..], &[]] {
        let mut node = server(table(7), 3, terms, 0);
        sent(check, &mut node, &whole(3, (5, 3), data(5, None)))?;
        is_discarded(check, &node, 5)?;
    }
    Ok(())
}

fn state(check: &mut Context) -> Verdict {
    let mut node = server(table(7), 3, &[1, 1, 1], 2);
    node.sessions.insert(ClientId(9), session(1, "none", 1));
    sent(check, &mut node, &whole(3, (4, 2), data(4, None)))?;
    is_just(check, &node, 4)?;
    let sessions = [(ClientId(7), session(2, "ok", 3))].into();
    check.equal("the sessions", &node.sessions, &sessions)
}

fn old(check: &mut Context) -> Verdict {
    for (index, last_term) in [(1, 1), (4, 2), (5, 3)] {
        let mut node = server(table(7), 3, &TERMS, 5);
        node.sessions.insert(ClientId(9), session(1, "none", 1));
        let sessions = node.sessions.clone();
        sent(check, &mut node, &whole(3, (index, last_term), data(index, None)))?;
        // Whether it compacts its log to the snapshot's end (Figure 13, step 6) is up to the server.
        is(check, &node, &TERMS, 5, index)?;
        check.equal("the sessions", &node.sessions, &sessions)?;
    }
    Ok(())
}

fn clients(check: &mut Context) -> Verdict {
    for (index, last_term) in [(4, 2), (1, 1)] {
        let mut node = server(table(7), 3, &[1, 1, 3], 2);
        (node.role, node.voted_for) = (leader(&[(2, 0), (3, 0)]), Some(S1));
        let command = ClientRequest::Command("set x 1".into());
        let query = ClientRequest::Query(Bytes::from_static(b"get x"));
        let mut effects = Vec::new();
        for (id, request) in [(7, command), (8, query)] {
            effects.extend(check.handle(&mut node, Event::Client { id: RequestId(id), request })?);
        }
        check.step(format!(
            "S1 leads term 3, and the clients of a command (c7, index 4) and of a query (c8) wait; S2, which \
             leads term 4, sends all of a snapshot that ends with {index}@{last_term}"
        ));
        let chunk = whole(4, (index, last_term), data(index, None));
        let request = Request::InstallSnapshot(chunk);
        effects.extend(
            check.handle(&mut node, Event::Request { call: CallId(1), from: S2, request })?,
        );
        let told: Vec<_> = effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Client { id, result } => Some((id.0, result)),
                _ => None,
            })
            .collect();
        let unknown = told.iter().filter(|(id, _)| *id == 7).count() == 1
            && told.contains(&(7, &Err(ClientError::Unknown)));
        check.holds(unknown, "c7 gets one answer: unknown", format!("clients get {told:?}"))?;
        // Whether queries are served (4.10) is left open here.
        let once = told.iter().filter(|(id, _)| *id == 8).count() == 1;
        let ended = "c8 learns once how its query ended";
        check.holds(once, ended, format!("clients get {told:?}"))?;
    }
    Ok(())
}

fn not_needed(check: &mut Context) -> Verdict {
    let mut node = server(table(7), 3, &TERMS, 5);
    for chunk in halves(&whole(3, (4, 2), data(4, None))) {
        let reply = sent(check, &mut node, &chunk)?;
        let end = chunk.offset + chunk.data.len() as u64;
        let expected = format!("stored in the reply: {end} or more");
        check.holds(reply.stored >= end, expected, format!("it is {}", reply.stored))?;
    }
    Ok(())
}

fn again(check: &mut Context) -> Verdict {
    let mut node = server(table(7), 3, &[1, 1], 1);
    let chunk = whole(3, (4, 2), data(4, None));
    sent(check, &mut node, &chunk)?;
    check.step("the snapshot is installed, and two entries follow, of which one is committed");
    ask(check, &mut node, Request::AppendEntries(append(3, (4, 2), &[3, 3], 5)))?;
    sent(check, &mut node, &chunk)?;
    is(check, &node, &TERMS, 5, 4)
}

fn term(check: &mut Context) -> Verdict {
    for (own, leaders) in [(5, 5), (2, 6)] {
        let mut node = server(table(7), own, &[1, 1], 1);
        let reply = sent(check, &mut node, &whole(leaders, (4, 2), data(4, None)))?;
        check.equal("the term", node.current_term.0, leaders)?;
        check.equal("the term in the reply", reply.term.0, leaders)?;
        check.equal("the term of the last entry", node.log.last_term().0, 2)?;
    }
    Ok(())
}

fn configuration(check: &mut Context) -> Verdict {
    let snapshot = whole(3, (4, 2), data(4, Some(&[1, 2, 4])));
    let mut node = server(table(7), 3, &[1], 1);
    sent(check, &mut node, &snapshot)?;
    check.step("S1 was started with S1 S2 S3, and is sent a snapshot with S1 S2 S4");
    check.same_text("its members", &names(&node.members), "S1 S2 S4")?;
    // An entry after the snapshot holds a later one.
    let mut log = entries(1, &TERMS);
    log[1].payload = Payload::Members(members(&[1, 2, 4]));
    log[4] = change(3, &[1, 4]);
    let mut node = server(table(7), 3, &[], 0);
    node.log = Log::with_base(Index(0), Term(0), log);
    node.members = members(&[1, 4]);
    sent(check, &mut node, &snapshot)?;
    check.step(
        "S1 is sent a snapshot with S1 S2 S4; its entry 5, which follows the snapshot and stays, says S1 S4",
    );
    check.same_text("its members", &names(&node.members), "S1 S4")
}

fn no_snapshot(check: &mut Context) -> Verdict {
    let mut node = server(table(7), 3, &[1, 1], 1);
    let before = seen(&node);
    let chunk = whole(3, (4, 2), Bytes::from_static(b"\xff\xff\xff\xff\xff\xff\xff\xff"));
    let reply = sent(check, &mut node, &chunk)?;
    check.equal("log, indexes and state", seen(&node), before)?;
    let expected = "stored in the reply: less than the whole";
    check.holds(reply.stored < 8, expected, format!("it is {}", reply.stored))?;
    sent(check, &mut node, &whole(4, (4, 2), data(4, None)))?;
    is_just(check, &node, 4)
}

fn fails(check: &mut Context) -> Verdict {
    let disk = SimulatedDisk::new();
    let mut node = fill(new_on(&disk, table(7)), 3, &[1, 1], 1);
    check.step("S1 is sent a snapshot, and its disk fails");
    disk.trouble(Trouble::Write { written: 0 });
    let request = Request::InstallSnapshot(whole(3, (4, 2), data(4, None)));
    let result = node.handle(Event::Request { call: CallId(1), from: S2, request });
    let happened = |effects: Vec<Effect>| format!("{} effects are released", effects.len());
    check.holds(
        result.is_err(),
        "S1 stops and returns the error",
        result.map_or_else(|e| e.to_string(), happened),
    )
}

fn sends_on(check: &mut Context) -> Verdict {
    let mut node = server(table(7), 3, &[1], 1);
    let snapshot = whole(3, (4, 2), data(4, None));
    sent(check, &mut node, &snapshot)?;
    check.step(
        "S1 has installed a snapshot and is leader now; S3 needs entry 1; the heartbeat timer runs out",
    );
    node.current_term = Term(4);
    node.role = leader(&[(2, 4), (3, 0)]);
    let mut bytes = Vec::new();
    for _ in 0..50 {
        let effects = check.handle(&mut node, Event::Timeout(Timer::Heartbeat))?;
        let chunk = effects.into_iter().find_map(|effect| match effect {
            Effect::Call { to: S3, request: Request::InstallSnapshot(chunk), .. } => Some(chunk),
            _ => None,
        });
        let Some(chunk) = chunk else {
            return Err(check.failure("S3 is sent the snapshot", "it is not"));
        };
        bytes.extend(&chunk.data);
        let stored = bytes.len() as u64;
        let done = chunk.done;
        let request = Request::InstallSnapshot(chunk);
        let reply = Reply::InstallSnapshot(InstallSnapshotReply { term: Term(4), stored });
        check.handle(&mut node, Event::Reply { call: CallId(9), from: S3, request, reply })?;
        if done {
            break;
        }
    }
    let same = bytes == snapshot.data;
    check.holds(
        same,
        "S3 was sent the snapshot that S1 has received",
        "it was sent other bytes",
    )?;
    let request =
        Event::Client { id: RequestId(1), request: ClientRequest::Command("set y 1".into()) };
    check.handle(&mut node, request)?;
    check.equal("the last index of S1", node.log.last_index().0, 5)
}
