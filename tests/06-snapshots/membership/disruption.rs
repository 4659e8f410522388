//! Exercise 6.9: disregarding candidates while a leader is heard.

use gates::{Check, Context, Failure, Verdict};

use super::super::model::{RaftNode, Role};
use super::super::subject::protocol::{
    AppendEntries, Bytes, Event, Index, InstallSnapshot, Reply, Request, RequestVote, ServerId,
    Term, Timer,
};
use super::super::table;
use super::servers::{S2, S3, Step, armed, asked, hear, leader, role_of, server};

const DISREGARD: &str = "§6: \"if a server receives a RequestVote RPC within the minimum election timeout of \
     hearing from a current leader, it does not update its term or grant its vote\". The term rule is what a \
     removed server would depose every leader by; so this comes before it.";
const LEADER: &str =
    "§6: it is the leader whom a removed server must not depose. A leader hears itself.";
const LISTEN: &str = "§6: only within the minimum election timeout \"of hearing from a current leader\". Whoever \
     has heard none for so long must listen to candidates, or no leader could ever be replaced.";
const CURRENT: &str = "§6: \"of hearing from a current leader\": one whose term is not older than the server's. It \
     counts whether or not the logs match, and whether it sends entries or a snapshot.";
const MINIMUM: &str = "§6: \"within the minimum election timeout\": the least that \
     node.config.election_timeout allows. A longer time would turn honest candidates away.";
const OTHERS: &str = "§6 is about RequestVote alone. What leaders of newer terms send is taken in as ever, and the \
     term rule (§5.1) holds for it.";
const TRANSFER: &str = "Dissertation §4.2.3: an election that the leader itself has asked for \
     (`leadership_transfer`) is not disregarded.";

pub(super) fn checks() -> Vec<Check> {
    type Row = (&'static str, &'static str, &'static str, fn(&mut Context) -> Verdict);
    #[rustfmt::skip]
    let rows: [Row; 8] = [
        ("before_term", "Who hears a leader disregards candidates, and their terms", DISREGARD, disregards),
        ("before_term", "A leader disregards candidates, and their terms", LEADER, leads),
        ("quiet_timeout", "Who has heard no leader for the minimum election timeout listens to candidates", LISTEN, listens),
        ("election_timeout", "Whose own election timer runs out listens to candidates", LISTEN, own_timeout),
        ("hear", "A leader is heard by its entries, its heartbeats and its snapshots", CURRENT, heard),
        ("hear", "A leader of an older term is not heard", CURRENT, older),
        ("hear", "The quiet timer measures the minimum election timeout", MINIMUM, minimum),
        ("before_term", "Only requests for votes are disregarded", OTHERS, others),
    ];
    let make = |(about, claim, why, body): Row| Check::new("6.9", claim, why, body).about(about);
    let transfer = ("before_term", "A vote that the leader asks for is not disregarded", TRANSFER);
    let (about, claim, why) = transfer;
    let transfer = Check::new("6.9", claim, why, handed_over).about(about);
    rows.into_iter().map(make).chain([transfer]).collect()
}

/// S2, the leader of this term, calls, as if S1's log were empty up to `prev`.
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
    server(check, table(9), "123", 3, "")
}

/// What S1 does about a candidate of term 7, in words.
fn about_s3(check: &mut Context, node: &mut RaftNode, transfer: bool) -> Step<String> {
    let asks = if transfer { "S3, to whom the leader hands over" } else { "S3" };
    let before = check.current_step().to_owned();
    check.step(format!("{before}; {asks} asks for S1's vote in term 7"));
    let (reply, _) = asked(check, node, S3, vote(S3, 7, transfer))?;
    let Reply::RequestVote(reply) = reply else {
        return Err(check.failure("an answer to RequestVote", format!("{reply:?}")));
    };
    let granted = if reply.vote_granted { "grants" } else { "refuses" };
    let voted = node.voted_for.map_or_else(String::new, |vote| format!(" with a vote for {vote}"));
    Ok(format!(
        "it {granted} its vote, answers with term {}, and is {}{voted}",
        reply.term,
        role_of(node)
    ))
}

const LISTENED: &str =
    "it grants its vote, answers with term 7, and is a follower in term 7 with a vote for S3";
const DISREGARDED: &str = "it refuses its vote, answers with term 3, and is a follower in term 3";

fn disregards(check: &mut Context) -> Verdict {
    let mut node = follower(check)?;
    check.step("S1 hears S2, the leader of term 3");
    asked(check, &mut node, S2, append(3, 0))?;
    let happened = about_s3(check, &mut node, false)?;
    check.same_text("S1", &happened, DISREGARDED)
}

fn leads(check: &mut Context) -> Verdict {
    let mut node = follower(check)?;
    (node.role, node.voted_for) = (leader(&[(2, 0), (3, 0)]), Some(ServerId(1)));
    check.step("S1 leads term 3");
    let happened = about_s3(check, &mut node, false)?;
    let expected =
        "it refuses its vote, answers with term 3, and is the leader of term 3 with a vote for S1";
    check.same_text("S1", &happened, expected)
}

fn listens(check: &mut Context) -> Verdict {
    let mut node = follower(check)?;
    check.step("S1 has heard no leader since it started");
    let happened = about_s3(check, &mut node, false)?;
    check.same_text("S1", &happened, LISTENED)?;
    let mut node = follower(check)?;
    check.step("S1 heard S2, the leader of term 3; then its quiet timer has run out");
    asked(check, &mut node, S2, append(3, 0))?;
    hear(check, &mut node, Event::Timeout(Timer::Quiet))?;
    let happened = about_s3(check, &mut node, false)?;
    check.same_text("S1", &happened, LISTENED)?;
    let mut node = follower(check)?;
    check.step("S1 heard S2, then its quiet timer has run out, and then it has heard S2 again");
    asked(check, &mut node, S2, append(3, 0))?;
    hear(check, &mut node, Event::Timeout(Timer::Quiet))?;
    asked(check, &mut node, S2, append(3, 0))?;
    let happened = about_s3(check, &mut node, false)?;
    check.same_text("S1", &happened, DISREGARDED)
}

fn own_timeout(check: &mut Context) -> Verdict {
    let mut node = follower(check)?;
    check.step("S1 heard S2, the leader of term 3; then its election timer has run out");
    asked(check, &mut node, S2, append(3, 0))?;
    hear(check, &mut node, Event::Timeout(Timer::Election))?;
    let happened = about_s3(check, &mut node, false)?;
    check.same_text("S1", &happened, LISTENED)
}

fn heard(check: &mut Context) -> Verdict {
    let calls = [
        ("a heartbeat", append(3, 0)),
        ("a call that does not agree with S1's log", append(3, 4)),
        ("a chunk of a snapshot", chunk(3)),
        ("a heartbeat, in term 5", append(5, 0)),
        ("a chunk of a snapshot, in term 5", chunk(5)),
    ];
    for (what, call) in calls {
        let mut node = follower(check)?;
        check.step(format!("S1, in term 3, hears of S2, a leader: {what}"));
        asked(check, &mut node, S2, call.clone())?;
        let happened = about_s3(check, &mut node, false)?;
        let expected = DISREGARDED.replace("term 3", &format!("term {}", call.term()));
        check.same_text("S1", &happened, &expected)?;
    }
    Ok(())
}

fn older(check: &mut Context) -> Verdict {
    for (what, call) in [("a heartbeat", append(2, 0)), ("a chunk of a snapshot", chunk(2))] {
        let mut node = follower(check)?;
        check.step(format!("S1, in term 3, hears of S2, the leader of term 2: {what}"));
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
        for again in ["", " once more"] {
            check.step(format!("S1 hears of S2, the leader of term 3{again}: {what}"));
            let (_, effects) = asked(check, &mut node, S2, call.clone())?;
            let armed = armed(&effects, Timer::Quiet);
            check.equal("the quiet timer is armed for", armed, Some(expected))?;
        }
    }
    Ok(())
}

fn others(check: &mut Context) -> Verdict {
    for (what, call) in [("a heartbeat", append(5, 0)), ("a chunk of a snapshot", chunk(5))] {
        let mut node = follower(check)?;
        check.step(format!("S1 has heard the leader of term 3; one of term 5 sends {what}"));
        asked(check, &mut node, S3, append(3, 0))?;
        asked(check, &mut node, S2, call)?;
        check.same_text("S1", &role_of(&node), "a follower in term 5")?;
        let follows = node.role == Role::Follower { leader: Some(S2) };
        check.holds(follows, "it follows S2", format!("it is {:?}", node.role))?;
    }
    Ok(())
}

fn handed_over(check: &mut Context) -> Result<(), Box<Failure>> {
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
