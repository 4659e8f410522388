//! Exercise 6.8: what a leader is asked for, and what it does about it. How clusters go over from one
//! configuration to another is in scenarios.

use gates::{Check, Context, Verdict};

use super::super::model::{Log, Outbox, RaftNode, Role};
use super::super::subject::change::may_change;
use super::super::subject::protocol::{
    AppendEntries, AppendEntriesReply, CallId, ClientRequest, Effect, Event, Index, Reply, Request,
    ServerId, Term,
};
use super::super::table;
use super::servers::{
    S2, Step, called, client, hear, leader, named, of, role_of, said_at, server, told,
};

const ONE: &str = "Dissertation §4.1: \"only one server may be added to or removed from the cluster at a \
     time\": then every majority of the old configuration has a server in common with every majority of the \
     new one. With two at once, each of two majorities may elect a leader.";
const LAST: &str = "Dissertation §4.1: the next change begins when the one before is committed. Until then a \
     majority of the configuration before that one may still not know of it.";
const OWN: &str = "The correction of 2015 to dissertation §4.1: a leader must not begin a change before it has \
     committed an entry of its own term. A former leader's change may come back, and the two differ by more \
     than one server.";
const DEAD: &str =
    "§6. A cluster without servers can commit nothing any more, not even a change back.";
const NOTHING: &str =
    "protocol, ClientError::Refused: \"the request cannot be served now, and nothing was done\".";
const LEADER: &str = "§6, §8: a configuration enters the log at the leader, like a command; other servers name \
     the leader that they know.";
const ENTRY: &str = "§6: \"Cluster configurations are stored and communicated using special entries in the \
     replicated log\". Once appended, the leader goes by it, committed or not.";
const REMOVED: &str = "§6: removed servers \"will not receive heartbeats\": the leader sends them to the members of the \
     configuration in its log.";

pub(super) fn checks() -> Vec<Check> {
    type Row = (&'static str, &'static str, &'static str, fn(&mut Context) -> Verdict);
    #[rustfmt::skip]
    let rows: [Row; 8] = [
        ("may_change", "A change adds one server or removes one", ONE, by_one),
        ("may_change", "No change begins while another one is open", LAST, one_at_a_time),
        ("may_change", "No change begins before the leader has committed an entry of its own term", OWN, own_term),
        ("may_change", "The last server is not removed", DEAD, not_empty),
        ("change", "A change that may not be is refused, and nothing is done", NOTHING, refused),
        ("client_request", "Who does not lead changes nothing, and names the leader", LEADER, not_leader),
        ("append_members", "A removal is an entry of the leader's log, and in force at once", ENTRY, removal),
        ("append_members", "Who is removed is sent no heartbeats any more", REMOVED, silence),
    ];
    let make = |(about, claim, why, body): Row| Check::new("6.8", claim, why, body).about(about);
    rows.into_iter().map(make).collect()
}

/// S1 leads term 3; so far its log is committed, and S2 and S3 hold all of it.
pub(super) fn leads(check: &Context, members: &str, log: &str, commit: u64) -> Step<RaftNode> {
    let mut node = server(check, table(8), members, 3, log)?;
    let last = node.log.last_index().0;
    let peers: Vec<(u64, u64)> = node.peers().iter().map(|peer| (peer.0, last)).collect();
    (node.role, node.voted_for) = (leader(&peers), Some(node.id));
    (node.commit_index, node.last_applied) = (Index(commit), Index(commit));
    Ok(node)
}

/// The success of a call to `from` that carried the log up to `matched`.
pub(super) fn success(from: ServerId, matched: u64, term: u64) -> Event {
    let request = Request::AppendEntries(AppendEntries {
        term: Term(3),
        leader_id: ServerId(1),
        prev_log_index: Index(matched),
        prev_log_term: Term(term),
        entries: Vec::new(),
        leader_commit: Index(0),
    });
    let reply = AppendEntriesReply { term: Term(3), success: true, conflict: None };
    Event::Reply { call: CallId(1), from, request, reply: Reply::AppendEntries(reply) }
}

fn may(check: &mut Context, node: &RaftNode, members: &str, expected: bool) -> Verdict {
    let (from, to) = (named(&node.members), named(&of(members)));
    let state = format!("S1 leads term 3 with members {from}; its log is committed up to index");
    check.step(format!("{state} {}; a change to {to} is asked for", node.commit_index));
    check.equal("it may begin", may_change(node, &of(members)), expected)
}

fn by_one(check: &mut Context) -> Verdict {
    let node = leads(check, "123", "3", 1)?;
    for (members, expected) in [
        ("1234", true),
        ("12", true),
        ("23", true),
        ("123", false),
        ("12345", false),
        ("124", false),
        ("1", false),
        ("4", false),
    ] {
        may(check, &node, members, expected)?;
    }
    Ok(())
}

fn one_at_a_time(check: &mut Context) -> Verdict {
    let mut node = leads(check, "123", "3 3:1234 3", 1)?;
    may(check, &node, "12345", false)?;
    may(check, &node, "123", false)?;
    node.commit_index = Index(2);
    may(check, &node, "12345", true)?;
    may(check, &node, "123", true)?;
    check.step("S4 is being sent the log, and is no member yet");
    let mut node = leads(check, "123", "3", 1)?;
    client(check, &mut node, ClientRequest::Change(of("1234")))?;
    if named(&node.members) != "S1, S2, S3" {
        // A server that takes new ones in at once has an entry in its log now, as above.
        return Ok(());
    }
    may(check, &node, "12", false)?;
    may(check, &node, "1234", false)
}

fn own_term(check: &mut Context) -> Verdict {
    let mut node = leads(check, "123", "1 2 3", 2)?;
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
    let node = leads(check, "1", "3", 1)?;
    may(check, &node, "", false)?;
    may(check, &node, "12", true)
}

fn refused(check: &mut Context) -> Verdict {
    let cases = [("3", 1, "12345"), ("3", 1, "123"), ("2 2", 1, "12"), ("3 3:1234", 1, "123")];
    for (log, commit, members) in cases {
        let mut node = leads(check, "123", log, commit)?;
        let (last, before) = (node.log.last_index(), node.members.clone());
        let to = named(&of(members));
        let state = format!("S1 leads term 3; its log is {log:?}, committed up to index {commit}");
        check.step(format!("{state}; a client asks for a change to {to}"));
        let effects = client(check, &mut node, ClientRequest::Change(of(members)))?;
        check.same_text("the client is told", &told(&effects), "c7: refused")?;
        check.equal("the last index of S1's log", node.log.last_index(), last)?;
        check.same_text("the members", &named(&node.members), &named(&before))?;
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
        let mut node = leads(check, "123", "3", 1)?;
        node.role = role;
        check.step(format!("S1 is {}; a client asks it for a change", role_of(&node)));
        let effects = client(check, &mut node, ClientRequest::Change(of("12")))?;
        check.same_text("the client is told", &told(&effects), expected)?;
        check.same_text("the members", &named(&node.members), "S1, S2, S3")?;
    }
    Ok(())
}

fn removal(check: &mut Context) -> Verdict {
    let mut node = leads(check, "123", "3", 1)?;
    check.step("S1 leads term 3 with S2 and S3; a client asks it to remove S3");
    let effects = client(check, &mut node, ClientRequest::Change(of("12")))?;
    check.same_text("index 2 of S1's log says", &said_at(&node, 2), "S1, S2, of term 3")?;
    check.same_text("the members", &named(&node.members), "S1, S2")?;
    check.same_text("S1 sends AppendEntries to", &called(&effects, "AppendEntries"), "S2")?;
    check.same_text("the client is told", &told(&effects), "nothing")?;
    check.step("S2 acknowledges index 2");
    let effects = hear(check, &mut node, success(S2, 2, 3))?;
    check.equal("S1's commit index", node.commit_index, Index(2))?;
    check.same_text("the client is told", &told(&effects), "c7: done")
}

fn silence(check: &mut Context) -> Verdict {
    let mut node = leads(check, "123", "3", 1)?;
    client(check, &mut node, ClientRequest::Change(of("12")))?;
    check.step("S1 leads, and has removed S3; its heartbeat timer runs out");
    let mut out = Outbox::new();
    (node.rules.heartbeat_timeout)(&mut node, &mut out);
    let effects: Vec<Effect> = out.into_effects();
    check.same_text("S1 sends AppendEntries to", &called(&effects, "AppendEntries"), "S2")
}
