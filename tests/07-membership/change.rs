//! Exercise 7.2: which changes a leader makes, and when. How a cluster moves from one configuration to
//! another is in scenarios.

use gates::{Check, Checks, Context, Verdict};

use super::model::{Log, Outbox, RaftNode, Role};
use super::servers::{
    S2, S3, begins_anew, called, client, heartbeats, leads, named, newer_term, nothing_done, of,
    role_of, said_at, sending_a_snapshot, success, told,
};
use super::subject::change::{append_members, may_change};
use super::subject::protocol::{ClientRequest, Index, RequestId, Term};
use super::table;

const ONE: &str = "Dissertation §4.1: \"only one server can be added or removed from the cluster at a \
     time\": then every majority of the old configuration has a server in common with every majority of the \
     new one. With two at once, each of two majorities may elect a leader.";
const LAST: &str = "Dissertation §4.1: the next change begins when the previous one is committed. Until then, a majority of the configuration before that one may be unaware of it.";
const OWN: &str = "The correction of 2015 to dissertation §4.1: a leader must not begin a change before it has \
     committed an entry of its own term. A change that an earlier leader began may come back, and the two \
     configurations differ by more than one server.";
const DEAD: &str = "§6. A cluster without servers commits nothing, not even a change back.";
const NOTHING: &str =
    "protocol, ClientError::Refused: \"the request cannot be served now, and nothing was done\".";
const LEADER: &str = "§6, §8: a configuration enters the log at the leader, like a command; other servers name \
     the leader that they know.";
const ENTRY: &str = "§6: \"Cluster configurations are stored and communicated using special entries in the \
     replicated log\". Once it has appended one, the leader uses it, committed or not.";
const REMOVED: &str = "§6: removed servers \"will not receive heartbeats\": the leader sends them to the members \
     of the configuration in its log.";
const PROGRESS: &str = "Figure 2, nextIndex[] and matchIndex[]: the leader knows nothing of a server that has just \
     become a peer. What it knows of the others stays true.";
const AGAIN: &str = "Figure 2, \"Volatile state on leaders\"; §6: a server that is added again is a new server: it may have lost \
     its disk. What the leader was sending it before it was removed is no part of what it is sent now.";
const END: &str = "§8: each client learns how its request ended. A change that is in the log may still be \
     committed by the next leader, so its outcome is unknown.";

pub(super) fn checks() -> Vec<Check> {
    #[rustfmt::skip]
    let checks = Checks::of("7.2").each([
        ("may_change", "A change adds one server or removes one", ONE, by_one),
        ("may_change", "No change begins while another one is open", LAST, one_at_a_time),
        ("may_change", "No change begins before the leader has committed an entry of its own term", OWN, own_term),
        ("may_change", "The last server is not removed", DEAD, not_empty),
        ("client_request", "A change that may not begin is rejected, and nothing is done", NOTHING, refused),
        ("client_request", "A server that is not leader changes nothing, and names the leader", LEADER, not_leader),
        ("append_members", "A removal is an entry of the leader's log, and in force at once", ENTRY, removal),
        ("append_members", "A removed server is sent no more heartbeats", REMOVED, silence),
        ("append_members", "A leader replicates to a new peer, and keeps its progress with the others", PROGRESS, progress),
        ("append_members", "A server that was removed and is added again starts over", AGAIN, added_again),
        ("append_members", "The client of a change in the log gets an answer when the leader steps down", END, in_the_log),
    ]);
    checks.list()
}

fn may(check: &mut Context, node: &RaftNode, members: &str, expected: bool) -> Verdict {
    let (from, to) = (named(&node.members), named(&of(members)));
    let state = format!("S1 leads term 3 with members {from}; its log is committed up to index");
    check.step(format!("{state} {}; a client asks for a change to {to}", node.commit_index));
    check.equal("it may begin", may_change(node, &of(members)), expected)
}

fn by_one(check: &mut Context) -> Verdict {
    let node = leads(check, table(2), "123", "3", 1)?;
    for (members, expected) in [
        ("1234", true),
        ("12", true),
        ("23", true),
        ("123", false),
        ("12345", false),
        ("14", false),
        ("124", false),
        ("1", false),
        ("4", false),
    ] {
        may(check, &node, members, expected)?;
    }
    Ok(())
}

fn one_at_a_time(check: &mut Context) -> Verdict {
    let mut node = leads(check, table(2), "123", "3 3:1234 3", 1)?;
    may(check, &node, "12345", false)?;
    may(check, &node, "123", false)?;
    node.commit_index = Index(2);
    may(check, &node, "12345", true)?;
    may(check, &node, "123", true)
}

fn own_term(check: &mut Context) -> Verdict {
    let mut node = leads(check, table(2), "123", "1 2 3", 2)?;
    may(check, &node, "1234", false)?;
    may(check, &node, "12", false)?;
    node.commit_index = Index(3);
    may(check, &node, "1234", true)?;
    may(check, &node, "12", true)?;
    check.step("as before, but the log begins after the entry that is committed");
    node.log = Log::with_base(Index(3), Term(3), Vec::new());
    may(check, &node, "1234", true)?;
    node.log = Log::with_base(Index(3), Term(2), Vec::new());
    may(check, &node, "1234", false)
}

fn not_empty(check: &mut Context) -> Verdict {
    let node = leads(check, table(2), "1", "3", 1)?;
    may(check, &node, "", false)?;
    may(check, &node, "12", true)
}

fn refused(check: &mut Context) -> Verdict {
    let cases = [("3", 1, "12345"), ("3", 1, "123"), ("2 2", 1, "12"), ("3 3:1234", 1, "123")];
    for (log, commit, members) in cases {
        let mut node = leads(check, table(2), "123", log, commit)?;
        let (last, before) = (node.log.last_index(), node.members.clone());
        let to = named(&of(members));
        let state = format!("S1 leads term 3; its log is {log:?}, committed up to index {commit}");
        check.step(format!("{state}; a client asks for a change to {to}"));
        let effects = client(check, &mut node, ClientRequest::Change(of(members)))?;
        nothing_done(check, &effects, 7)?;
        check.equal("the last index of S1's log", node.log.last_index(), last)?;
        check.same_text("S1's configuration", &named(&node.members), &named(&before))?;
    }
    Ok(())
}

fn not_leader(check: &mut Context) -> Verdict {
    let roles = [
        (Role::Follower { leader: None }, "c7: not the leader, and knows none"),
        (Role::Follower { leader: Some(S2) }, "c7: not the leader; S2 leads"),
        (Role::Candidate { votes: of("1") }, "c7: not the leader, and knows none"),
    ];
    for (role, expected) in roles {
        let mut node = leads(check, table(2), "123", "3", 1)?;
        node.role = role;
        check.step(format!("S1 is {}; a client asks it for a change", role_of(&node)));
        let effects = client(check, &mut node, ClientRequest::Change(of("12")))?;
        check.same_text("the client gets", &told(&effects), expected)?;
        check.same_text("S1's configuration", &named(&node.members), "S1, S2, S3")?;
    }
    Ok(())
}

fn removal(check: &mut Context) -> Verdict {
    let mut node = leads(check, table(2), "123", "3", 1)?;
    check.step("S1 leads term 3 with S2 and S3; a client asks it to remove S3");
    let mut effects = client(check, &mut node, ClientRequest::Change(of("12")))?;
    check.same_text("index 2 of S1's log holds", &said_at(&node, 2), "S1, S2, of term 3")?;
    check.same_text("S1's configuration", &named(&node.members), "S1, S2")?;
    // At once, or with the next heartbeat.
    effects.extend(heartbeats(check, &mut node, 1)?);
    check.same_text("S1 sends AppendEntries to", &called(&effects, "AppendEntries"), "S2")?;
    check.same_text("the client gets", &told(&effects), "nothing")?;
    check.step("S2 acknowledges index 2");
    let effects = check.handle(&mut node, success(S2, 2))?;
    check.equal("S1's commit index", node.commit_index, Index(2))?;
    check.same_text("the client gets", &told(&effects), "c7: done")
}

fn silence(check: &mut Context) -> Verdict {
    let mut node = leads(check, table(2), "123", "3", 1)?;
    client(check, &mut node, ClientRequest::Change(of("12")))?;
    check.step("S1 leads, and has removed S3; its heartbeat timer runs out");
    let effects = heartbeats(check, &mut node, 1)?;
    check.same_text("S1 sends AppendEntries to", &called(&effects, "AppendEntries"), "S2")
}

fn progress(check: &mut Context) -> Verdict {
    // Added directly: whether a new server catches up first is exercise 7.3.
    let mut node = leads(check, table(2), "12", "3", 1)?;
    check.step("S1 leads term 3 with S2; S3 is added");
    let mut out = Outbox::new();
    append_members(&mut node, RequestId(7), of("123"), &mut out);
    let mut effects = out.into_effects();
    effects.extend(heartbeats(check, &mut node, 1)?);
    check.same_text("S1 sends AppendEntries to", &called(&effects, "AppendEntries"), "S2, S3")?;
    let Role::Leader { progress } = &node.role else {
        return Err(check.failure("S1 is still leader", role_of(&node)));
    };
    let matches: Vec<_> =
        progress.iter().map(|(id, it)| format!("{id} up to {}", it.match_index)).collect();
    let expected = "S2 up to 1, S3 up to 0";
    check.same_text("S1 knows its peers to hold its log", &matches.join(", "), expected)
}

fn added_again(check: &mut Context) -> Verdict {
    let mut node = leads(check, table(2), "123", "3", 1)?;
    sending_a_snapshot(&mut node, S3);
    check.step(
        "S1 leads term 3 with S2 and S3, and has sent S3 8 bytes of a snapshot; it removes S3, and adds it again",
    );
    for members in ["12", "123"] {
        client(check, &mut node, ClientRequest::Change(of(members)))?;
        let last = node.log.last_index().0;
        check.handle(&mut node, success(S2, last))?;
    }
    check.same_text("S1's configuration", &named(&node.members), "S1, S2, S3")?;
    let effects = heartbeats(check, &mut node, 1)?;
    begins_anew(check, &effects, S3)
}

fn in_the_log(check: &mut Context) -> Verdict {
    let mut node = leads(check, table(2), "123", "3", 1)?;
    client(check, &mut node, ClientRequest::Change(of("12")))?;
    check.step("the removal of S3 is in S1's log; a reply tells S1 of term 4");
    let effects = check.handle(&mut node, newer_term())?;
    check.same_text("the client gets", &told(&effects), "c7: unknown")?;
    check.same_text("S1's configuration", &named(&node.members), "S1, S2")
}
