//! Exercise 7.9, bonus: asking before an election.

use gates::{Check, Checks, Context, Verdict};

use super::leader_lease::append;
use super::model::{RaftNode, Role};
use super::servers::{
    S1, S2, S3, Step, TIMEOUTS, armed, asked, called, drawn, leader, role_of, server, success,
};
use super::subject::protocol::{
    CallId, Effect, Event, Index, PreVote, PreVoteReply, Reply, Request, ServerId, Term, Timer,
};
use super::table;

const FIRST: &str = "Dissertation §9.6: \"a candidate only increments its term if it first learns from a majority \
     of the cluster that they would be willing to grant the candidate their votes\".";
const FIELDS: &str = "protocol, PreVote: the asking server's current term, and where its log ends (§5.4.1): the \
     others decide by these.";
const MAJORITY: &str = "Dissertation §9.6: a majority of the whole configuration, this server included. Each \
     server counts once, and each question is settled once.";
const AGAIN: &str = "§5.2, dissertation §9.6. Replies may be lost: the server waits for another election timeout, and \
     asks again.";
const ROUND: &str = "Dissertation §9.6: a majority \"would be willing to grant the candidate their votes\" now. A server \
     that replied to an earlier question may hear a leader by now, or be down; it is asked again.";
const WOULD: &str = "Dissertation §9.6: a server would grant its vote if it would in an election (§5.4.1), and if it \
     has not heard from a valid leader for the minimum election timeout.";
const BINDS: &str = "Dissertation §9.6: a pre-vote promises nothing. Only a real vote is given once in a term, and \
     gives the candidate time (§5.2).";
const LATE: &str =
    "Dissertation §9.6: a server that hears a leader again has no reason to replace it.";

pub(super) fn checks() -> Vec<Check> {
    #[rustfmt::skip]
    let checks = Checks::of("7.9").each([
        ("election_timeout", "A server whose election timer runs out asks first, and keeps its term", FIRST, asks),
        ("election_timeout", "The question holds the current term, and where the log ends", FIELDS, fields),
        ("campaign_if_willing", "An election begins when a majority would vote for the server", MAJORITY, majority),
        ("pre_vote", "A server would vote for a candidate that it would elect, if it hears no leader", WOULD, would),
        ("pre_vote", "A pre-vote changes neither vote nor timer", BINDS, binds_nobody),
        ("election_timeout", "A server that got too few replies asks again", AGAIN, again),
        ("election_timeout", "Replies to an earlier question do not count for a new one", ROUND, rounds),
        ("pre_vote_reply", "A reply that arrives after a request from a leader starts no election", LATE, late),
    ]);
    checks.list()
}

/// S1 of these members, a follower in term 3.
fn follower(check: &Context, members: &str, log: &str) -> Step<RaftNode> {
    server(check, table(9), members, 3, log)
}

fn time_out(check: &Context, node: &mut RaftNode) -> Step<Vec<Effect>> {
    check.handle(node, Event::Timeout(Timer::Election))
}

/// The question that S1 asks in term 3.
fn question() -> PreVote {
    PreVote { term: Term(3), candidate_id: S1, last_log_index: Index(0), last_log_term: Term(0) }
}

/// A reply to it.
fn answer(from: u64, vote_granted: bool) -> Event {
    let reply = Reply::PreVote(PreVoteReply { term: Term(3), vote_granted });
    let request = Request::PreVote(question());
    Event::Reply { call: CallId(1), from: ServerId(from), request, reply }
}

/// A server whose election timer runs out asks first.
pub(super) fn asks(check: &mut Context) -> Verdict {
    let mut node = follower(check, "123", "")?;
    check.step("S1 of S1, S2 and S3 is in term 3; its election timer runs out");
    let effects = time_out(check, &mut node)?;
    check.equal("S1's term", node.current_term, Term(3))?;
    check.equal("S1's vote", node.voted_for, None)?;
    check.same_text("S1 sends PreVote to", &called(&effects, "PreVote"), "S2, S3")?;
    check.same_text("S1 sends RequestVote to", &called(&effects, "RequestVote"), "nobody")?;
    let mut node = follower(check, "123", "")?;
    (node.role, node.voted_for) = (leader(&[(2, 0), (3, 0)]), Some(S1));
    check.step("S1 leads, and S2 replies; the election timer of S1 runs out");
    check.handle(&mut node, success(S2, 0))?;
    let effects = time_out(check, &mut node)?;
    check.same_text("S1 sends PreVote to", &called(&effects, "PreVote"), "nobody")?;
    check.same_text("S1", &role_of(&node), "the leader of term 3")
}

fn fields(check: &mut Context) -> Verdict {
    let mut node = follower(check, "123", "1 1 2")?;
    check.step("S1's log holds entries of terms 1, 1 and 2, and it is in term 3");
    let effects = time_out(check, &mut node)?;
    let asked = effects.iter().find_map(|effect| match effect {
        Effect::Call { request: Request::PreVote(question), .. } => Some(*question),
        _ => None,
    });
    let expected = PreVote { last_log_index: Index(3), last_log_term: Term(2), ..question() };
    check.equal("it asks", asked, Some(expected))
}

fn again(check: &mut Context) -> Verdict {
    let mut node = follower(check, "123", "")?;
    check.step("S1's election timer runs out");
    let effects = time_out(check, &mut node)?;
    let waits = armed(&effects, Timer::Election).is_some();
    check.holds(waits, "S1's election timer is armed again", "it is not")?;
    let mut other = follower(check, "123", "")?;
    let mut draws = Vec::new();
    for _ in 0..TIMEOUTS {
        draws.push(armed(&time_out(check, &mut other)?, Timer::Election));
    }
    check.step(format!("no reply reaches S1, and its election timer runs out {TIMEOUTS} times"));
    drawn(check, &other, &draws)?;
    check.step(
        "S2 would not vote for S1, and S3's reply is lost; S1's election timer runs out again",
    );
    check.handle(&mut node, answer(2, false))?;
    let effects = time_out(check, &mut node)?;
    check.same_text("S1 sends PreVote to", &called(&effects, "PreVote"), "S2, S3")?;
    check.equal("S1's term", node.current_term, Term(3))
}

fn rounds(check: &mut Context) -> Verdict {
    let mut node = follower(check, "12345", "")?;
    for from in 2..=5 {
        time_out(check, &mut node)?;
        check.step(format!(
            "S1 of five asks for the {}. time; only S{from} would vote for it, and the next replies are lost",
            from - 1
        ));
        check.handle(&mut node, answer(from, true))?;
        check.same_text("S1", &role_of(&node), "a follower in term 3")?;
    }
    check.step(format!("{}; then S2 would vote for it, too", check.current_step()));
    check.handle(&mut node, answer(2, true))?;
    check.same_text("S1", &role_of(&node), "a candidate of term 4")
}

fn majority(check: &mut Context) -> Verdict {
    let mut node = follower(check, "12345", "")?;
    time_out(check, &mut node)?;
    let answers = [
        (2, true, "would"),
        (2, true, "would, as the same reply says again,"),
        (3, false, "would not"),
    ];
    for (from, granted, would) in answers {
        check.step(format!("S1 of five asks first; S{from} {would} vote for it"));
        check.handle(&mut node, answer(from, granted))?;
        check.same_text("S1", &role_of(&node), "a follower in term 3")?;
    }
    check.step("S1 of five asks first; S2 and S4 would vote for it");
    let effects = check.handle(&mut node, answer(4, true))?;
    check.same_text("S1", &role_of(&node), "a candidate of term 4")?;
    check.same_text(
        "S1 sends RequestVote to",
        &called(&effects, "RequestVote"),
        "S2, S3, S4, S5",
    )?;
    let asked_for = effects.iter().any(|effect| match effect {
        Effect::Call { request: Request::RequestVote(request), .. } => request.leadership_transfer,
        _ => false,
    });
    let expected = "no request has `leadership_transfer`: no leader asked for this election";
    check.holds(
        !asked_for,
        expected,
        "one has it, and servers that hear a leader would listen (7.5)",
    )?;
    check.step(
        "S1 has begun its election; a late reply says that S5 would have voted for it in term 3",
    );
    check.handle(&mut node, answer(5, true))?;
    check.same_text("S1", &role_of(&node), "a candidate of term 4")?;
    let mut node = follower(check, "1", "")?;
    check.step("S1 is alone in its cluster; its election timer runs out");
    time_out(check, &mut node)?;
    check.same_text("S1", &role_of(&node), "the leader of term 4")
}

/// Whether S1, in term 3, would vote for S3.
fn would_vote(
    check: &mut Context,
    node: &mut RaftNode,
    term: u64,
    last: (u64, u64),
) -> Step<(bool, Vec<Effect>)> {
    let request = PreVote {
        term: Term(term),
        candidate_id: S3,
        last_log_index: Index(last.0),
        last_log_term: Term(last.1),
    };
    let before = check.current_step().to_owned();
    let (index, end) = last;
    check.step(format!(
        "{before}; S3, in term {term}, whose log ends at index {index} with term {end}, asks first"
    ));
    match asked(check, node, S3, Request::PreVote(request))? {
        (Reply::PreVote(reply), effects) => Ok((reply.vote_granted, effects)),
        (reply, _) => Err(check.failure("a reply to PreVote", format!("{reply:?}"))),
    }
}

fn would(check: &mut Context) -> Verdict {
    let cases = [
        (3, (2, 2), true),
        (3, (1, 3), true),
        (3, (5, 1), false),
        (3, (1, 2), false),
        (4, (2, 2), true),
        (2, (2, 2), false),
    ];
    for (term, last, expected) in cases {
        let mut node = follower(check, "123", "1 2")?;
        check.step("S1 is in term 3, and its log ends at index 2 with term 2");
        let (would, _) = would_vote(check, &mut node, term, last)?;
        check.equal("it would grant its vote", would, expected)?;
    }
    let mut node = follower(check, "123", "")?;
    check.step("S1 hears S2, the leader of term 3");
    asked(check, &mut node, S2, append(3, 0))?;
    let (would, _) = would_vote(check, &mut node, 3, (9, 3))?;
    check.equal("it would grant its vote", would, false)?;
    check.step("S1's lease has run out");
    check.handle(&mut node, Event::Timeout(Timer::LeaderLease))?;
    let (would, _) = would_vote(check, &mut node, 3, (9, 3))?;
    check.equal("it would grant its vote", would, true)?;
    let mut node = follower(check, "123", "")?;
    (node.role, node.voted_for) = (leader(&[(2, 0), (3, 0)]), Some(S1));
    check.step("S1 leads term 3");
    let (would, _) = would_vote(check, &mut node, 3, (9, 3))?;
    check.equal("it would grant its vote", would, false)
}

fn binds_nobody(check: &mut Context) -> Verdict {
    let mut node = follower(check, "123", "")?;
    check.step("S1 is in term 3, and has not voted");
    let (would, effects) = would_vote(check, &mut node, 3, (0, 0))?;
    check.equal("it would grant its vote", would, true)?;
    check.equal("S1's vote", node.voted_for, None)?;
    check.equal("S1's election timer is armed again", armed(&effects, Timer::Election), None)?;
    let mut node = follower(check, "123", "")?;
    node.voted_for = Some(S2);
    check.step("S1 has voted for S2 in term 3, and hears no leader");
    let (would, _) = would_vote(check, &mut node, 3, (0, 0))?;
    check.equal("it would grant its vote in term 4", would, true)
}

fn late(check: &mut Context) -> Verdict {
    let mut node = follower(check, "123", "")?;
    time_out(check, &mut node)?;
    check.step("S1 asks first; before a reply arrives, it hears S2, the leader of term 3");
    asked(check, &mut node, S2, append(3, 0))?;
    let follows = node.role == Role::Follower { leader: Some(S2) };
    check.holds(follows, "it follows S2", format!("it is {:?}", node.role))?;
    check.step("now S3's reply arrives: it would vote for S1");
    check.handle(&mut node, answer(3, true))?;
    check.same_text("S1", &role_of(&node), "a follower in term 3")
}
