//! Exercise 7.5: ignoring candidates while a leader is heard.

use gates::{Check, Checks, Context, Verdict};

use super::model::{RaftNode, Role};
use super::servers::{S2, S3, Step, armed, asked, leader, role_of, server};
use super::subject::protocol::{
    AppendEntries, Bytes, Event, Index, InstallSnapshot, Reply, Request, RequestVote, ServerId,
    Term, Timer,
};
use super::table;

const IGNORE: &str = "§6: \"if a server receives a RequestVote RPC within the minimum election timeout of \
     hearing from a current leader, it does not update its term or grant its vote\". It is by the term rule \
     that a removed server would depose every leader, so this comes before it.";
const LEADER: &str =
    "§6: a removed server must not depose the leader. A leader counts as hearing itself.";
const LISTEN: &str = "§6: only within the minimum election timeout \"of hearing from a current leader\". A server \
     that has heard no leader for that long must listen to candidates, or no leader could ever be replaced.";
const GAVE_UP: &str = "§6, §5.2: a candidate has heard no leader for its whole election timeout, which is at least \
     the minimum. If candidates ignored each other, they could keep each other from winning.";
const CURRENT: &str = "§6: \"of hearing from a current leader\": one whose term is not older than the server's. It \
     counts whether or not the logs match, and whether it sends entries or a snapshot.";
const MINIMUM: &str = "§6: \"within the minimum election timeout\": the shortest that \
     node.config.election_timeout allows. A longer time would ignore candidates that are needed.";
const OTHERS: &str = "§6 is about RequestVote alone. Requests of leaders of newer terms are handled as always, and the \
     term rule (§5.1) holds for them.";
const TRANSFER: &str = "Dissertation §4.2.3: an election that the leader itself has asked for \
     (`leadership_transfer`) is not ignored.";

pub(super) fn checks() -> Vec<Check> {
    #[rustfmt::skip]
    let checks = Checks::of("7.5").each([
        ("intercept_request", "A follower that hears its leader ignores candidates, and their terms", IGNORE, follows),
        ("intercept_request", "A leader ignores candidates, and their terms", LEADER, leads),
        ("lease_timeout", "A server that has heard no leader for the minimum election timeout listens to candidates", LISTEN, listens),
        ("hears_leader", "A server whose own election timer ran out listens to other candidates", GAVE_UP, own_timeout),
        ("follow", "A server hears from a leader by its entries, its heartbeats and its snapshots", CURRENT, heard),
        ("follow", "A leader of an older term is not heard", CURRENT, older),
        ("follow", "The lease measures the minimum election timeout", MINIMUM, minimum),
        ("intercept_request", "Only requests for votes are ignored", OTHERS, others),
        ("intercept_request", "A vote that the leader asks for is not ignored", TRANSFER, handed_over),
    ]);
    checks.list()
}

/// A heartbeat of S2, the leader of this term, after index `prev`.
pub(super) fn append(term: u64, prev: u64) -> Request {
    Request::AppendEntries(AppendEntries {
        term: Term(term),
        leader_id: S2,
        prev_log_index: Index(prev),
        prev_log_term: Term(u64::from(prev > 0)),
        entries: Vec::new(),
        leader_commit: Index(0),
    })
}

/// S2, the leader of this term, sends the first chunk of a snapshot.
fn chunk(term: u64) -> Request {
    Request::InstallSnapshot(InstallSnapshot {
        term: Term(term),
        leader_id: S2,
        last_included_index: Index(5),
        last_included_term: Term(1),
        offset: 0,
        data: Bytes::from_static(b"a beginning"),
        done: false,
    })
}

/// A candidate asks for S1's vote, in this term.
fn vote(candidate: ServerId, term: u64, leadership_transfer: bool) -> Request {
    Request::RequestVote(RequestVote {
        term: Term(term),
        candidate_id: candidate,
        last_log_index: Index(9),
        last_log_term: Term(3),
        leadership_transfer,
    })
}

/// S1 of S1, S2 and S3, a follower in term 3, with an empty log.
fn follower(check: &Context) -> Step<RaftNode> {
    server(check, table(5), "123", 3, "")
}

/// What S1 does about a candidate of term 7, in words.
fn about_s3(check: &mut Context, node: &mut RaftNode, transfer: bool) -> Step<String> {
    let asks = if transfer { "S3, which the leader hands over to," } else { "S3" };
    let before = check.current_step().to_owned();
    check.step(format!("{before}; {asks} asks for S1's vote in term 7"));
    let (reply, _) = asked(check, node, S3, vote(S3, 7, transfer))?;
    let Reply::RequestVote(reply) = reply else {
        return Err(check.failure("a reply to RequestVote", format!("{reply:?}")));
    };
    let granted = if reply.vote_granted { "grants" } else { "denies" };
    let voted = node.voted_for.map_or_else(String::new, |vote| format!(" with a vote for {vote}"));
    Ok(format!(
        "it {granted} its vote, replies with term {}, and is {}{voted}",
        reply.term,
        role_of(node)
    ))
}

const LISTENED: &str =
    "it grants its vote, replies with term 7, and is a follower in term 7 with a vote for S3";
const IGNORED: &str = "it denies its vote, replies with term 3, and is a follower in term 3";

fn follows(check: &mut Context) -> Verdict {
    let mut node = follower(check)?;
    check.step("S1 hears S2, the leader of term 3");
    asked(check, &mut node, S2, append(3, 0))?;
    let happened = about_s3(check, &mut node, false)?;
    check.same_text("S1", &happened, IGNORED)
}

fn leads(check: &mut Context) -> Verdict {
    let mut node = follower(check)?;
    (node.role, node.voted_for) = (leader(&[(2, 0), (3, 0)]), Some(ServerId(1)));
    check.step("S1 leads term 3");
    let happened = about_s3(check, &mut node, false)?;
    let expected =
        "it denies its vote, replies with term 3, and is the leader of term 3 with a vote for S1";
    check.same_text("S1", &happened, expected)
}

fn listens(check: &mut Context) -> Verdict {
    let mut node = follower(check)?;
    check.step("S1 has heard no leader since it started");
    let happened = about_s3(check, &mut node, false)?;
    check.same_text("S1", &happened, LISTENED)?;
    let mut node = follower(check)?;
    check.step("S1 heard S2, the leader of term 3; then its lease ran out");
    asked(check, &mut node, S2, append(3, 0))?;
    check.handle(&mut node, Event::Timeout(Timer::LeaderLease))?;
    let happened = about_s3(check, &mut node, false)?;
    check.same_text("S1", &happened, LISTENED)?;
    let mut node = follower(check)?;
    check.step("S1 heard S2, then its lease ran out, and then it heard S2 again");
    asked(check, &mut node, S2, append(3, 0))?;
    check.handle(&mut node, Event::Timeout(Timer::LeaderLease))?;
    asked(check, &mut node, S2, append(3, 0))?;
    let happened = about_s3(check, &mut node, false)?;
    check.same_text("S1", &happened, IGNORED)
}

fn own_timeout(check: &mut Context) -> Verdict {
    let mut node = follower(check)?;
    check.step("S1 heard S2, the leader of term 3; then its election timer ran out");
    asked(check, &mut node, S2, append(3, 0))?;
    check.handle(&mut node, Event::Timeout(Timer::Election))?;
    let happened = about_s3(check, &mut node, false)?;
    check.same_text("S1", &happened, LISTENED)
}

fn heard(check: &mut Context) -> Verdict {
    let calls = [
        ("a heartbeat", append(3, 0)),
        ("a request that does not match S1's log", append(3, 4)),
        ("a chunk of a snapshot", chunk(3)),
        ("a heartbeat, in term 5", append(5, 0)),
        ("a chunk of a snapshot, in term 5", chunk(5)),
    ];
    for (what, call) in calls {
        let mut node = follower(check)?;
        check.step(format!("S1, in term 3, receives from S2, a leader: {what}"));
        asked(check, &mut node, S2, call.clone())?;
        let happened = about_s3(check, &mut node, false)?;
        let expected = IGNORED.replace("term 3", &format!("term {}", call.term()));
        check.same_text("S1", &happened, &expected)?;
    }
    Ok(())
}

fn older(check: &mut Context) -> Verdict {
    for (what, call) in [("a heartbeat", append(2, 0)), ("a chunk of a snapshot", chunk(2))] {
        let mut node = follower(check)?;
        check.step(format!("S1, in term 3, receives from S2, the leader of term 2: {what}"));
        asked(check, &mut node, S2, call)?;
        let happened = about_s3(check, &mut node, false)?;
        check.same_text("S1", &happened, LISTENED)?;
    }
    Ok(())
}

fn minimum(check: &mut Context) -> Verdict {
    for (what, call) in [("a heartbeat", append(3, 0)), ("a chunk of a snapshot", chunk(3))] {
        let mut node = follower(check)?;
        let expected = node.config.election_timeout.start;
        for again in ["", " again"] {
            check.step(format!("S1 receives from S2, the leader of term 3{again}: {what}"));
            let (_, effects) = asked(check, &mut node, S2, call.clone())?;
            let armed = armed(&effects, Timer::LeaderLease);
            check.equal("the lease is armed for", armed, Some(expected))?;
        }
    }
    Ok(())
}

fn others(check: &mut Context) -> Verdict {
    for (what, call) in [("a heartbeat", append(5, 0)), ("a chunk of a snapshot", chunk(5))] {
        let mut node = follower(check)?;
        check.step(format!("S1 has heard the leader of term 3; the leader of term 5 sends {what}"));
        asked(check, &mut node, S3, append(3, 0))?;
        asked(check, &mut node, S2, call)?;
        check.same_text("S1", &role_of(&node), "a follower in term 5")?;
        let follows = node.role == Role::Follower { leader: Some(S2) };
        check.holds(follows, "it follows S2", format!("it is {:?}", node.role))?;
    }
    Ok(())
}

fn handed_over(check: &mut Context) -> Verdict {
    let mut node = follower(check)?;
    check.step("S1 hears S2, the leader of term 3");
    asked(check, &mut node, S2, append(3, 0))?;
    let happened = about_s3(check, &mut node, true)?;
    check.same_text("S1", &happened, LISTENED)?;
    let mut node = follower(check)?;
    (node.role, node.voted_for) = (leader(&[(2, 0), (3, 0)]), Some(ServerId(1)));
    check.step("S1 leads term 3");
    let happened = about_s3(check, &mut node, true)?;
    check.same_text("S1", &happened, LISTENED)
}
