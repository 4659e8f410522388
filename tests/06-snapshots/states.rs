//! Exercises 6.1 and 6.7: requests of leaders that find a server in each of the states in which it may be. A mistake
//! that shows in one state only is easily overlooked: what if a server has voted in its term, knows no leader, and
//! a chunk of an older leader arrives?

use gates::{Check, Checks, Context, Failure, Verdict};

use super::chunks::{TERMS, data, halves, whole};
use super::model::{RaftNode, Role, Rules};
use super::servers::{
    S1, S2, S3, append, ask, is_log, leader, log_of, server, told_to, x_after, x_of,
};
use super::subject::compaction::compact;
use super::subject::protocol::{
    AppendEntries, CallId, Effect, Event, Index, InstallSnapshot, InstallSnapshotReply, Reply,
    Request, ServerId, Term, Timer,
};
use super::table;

const STALE: &str = "§5.1: \"If a server receives a request with a stale term number, it rejects the request\", whatever \
     the server knows and wherever the request begins (AppendEntries, receiver, step 1; Figure 13, step 1).";
const CURRENT: &str = "§5.1, §5.2, Figure 13: a chunk comes from the leader of its term. A server in an older term \
     adopts the newer one, and has not voted in it; a server in the same term has still given its vote. Then the \
     snapshot counts as in steps 2 to 8, whatever the server was before.";

pub(super) fn checks() -> Vec<Check> {
    #[rustfmt::skip]
    let checks = Checks::of("6.1").each([
        ("append_entries", "In every state, a leader of an older term is rejected, wherever its request begins", STALE, stale_entries),
    ])
    .then("6.7").each([
        ("install_snapshot", "In every state, a chunk from a leader of an older term changes nothing", STALE, stale_chunks),
        ("install_snapshot", "In every state, a leader of this term or a newer one is followed, and its snapshot counts", CURRENT, current_chunks),
    ]);
    checks.list()
}

/// A state of S1 in term 3.
struct State {
    role: Role,
    vote: Option<ServerId>,
}

fn states() -> Vec<State> {
    let votes = [None, Some(S1), Some(S2), Some(S3)];
    let unknown = votes.map(|vote| State { role: Role::Follower { leader: None }, vote });
    let follows = votes.map(|vote| State { role: Role::Follower { leader: Some(S2) }, vote });
    let candidate = State { role: Role::Candidate { votes: [S1].into() }, vote: Some(S1) };
    let leads = State { role: leader(&[(2, 0), (3, 0)]), vote: Some(S1) };
    unknown.into_iter().chain(follows).chain([candidate, leads]).collect()
}

/// Logs of S1, each with the term of its entry at index 4 beside those of the leader's, and its base. Two entries are
/// committed.
const LOGS: [(&[u64], u64); 6] = [
    (&[1, 1], 0),
    (&[1, 1], 2),
    (&TERMS, 0),
    (&TERMS, 2),
    (&[1, 1, 1, 1, 1], 0),
    (&[1, 1, 1, 1, 1], 1),
];

impl State {
    /// S1 in this state, with entries of these terms, of which the first `base` are compacted away.
    fn server(&self, rules: &'static Rules, terms: &[u64], base: u64) -> RaftNode {
        let mut node = server(rules, 3, terms, 2);
        let base_term = node.log.term_at(Index(base)).unwrap_or_default();
        compact(&mut node.log, Index(base), base_term);
        (node.role, node.voted_for) = (self.role.clone(), self.vote);
        node
    }

    fn leads(&self) -> bool {
        matches!(self.role, Role::Leader { .. })
    }
}

/// A server's role, term and vote, in words.
fn seen(node: &RaftNode) -> String {
    let role = match &node.role {
        Role::Follower { leader: None } => "a follower that knows no leader".to_owned(),
        Role::Follower { leader: Some(leader) } => format!("a follower of {leader}"),
        Role::Candidate { .. } => "a candidate".to_owned(),
        Role::Leader { .. } => "the leader".to_owned(),
    };
    let vote = node.voted_for.map_or("no vote".to_owned(), |vote| format!("a vote for {vote}"));
    format!("{role} in term {}, with {vote}", node.current_term)
}

/// S2 sends a request. Returns the reply, and whether the election timer was armed.
fn sent(
    check: &mut Context,
    node: &mut RaftNode,
    request: Request,
) -> Result<(Reply, bool), Box<Failure>> {
    check.step(format!(
        "S1 is {}; it has a log with {}, and has committed {}; S2, which leads term {}, sends {}",
        seen(node),
        log_of(node),
        node.commit_index,
        request.term(),
        told_to(&request)
    ));
    let effects = check.handle(node, Event::Request { call: CallId(1), from: S2, request })?;
    let range = node.config.election_timeout.clone();
    let armed = effects.iter().any(|effect| {
        matches!(effect, Effect::SetTimer { timer: Timer::Election, after } if range.contains(after))
    });
    let reply = effects.into_iter().find_map(|effect| match effect {
        Effect::Answer { reply, .. } => Some(reply),
        _ => None,
    });
    let reply = reply.ok_or_else(|| check.failure("one reply", "none"))?;
    Ok((reply, armed))
}

/// Nothing of S1 may have changed.
fn is_as_before(check: &Context, node: &RaftNode, before: &[String; 4], armed: bool) -> Verdict {
    let now = all(node);
    for (what, (now, before)) in ["S1", "its log", "its indexes", "x in its state machine"]
        .iter()
        .zip(now.iter().zip(before))
    {
        check.same_text(what, now, before)?;
    }
    check.holds(!armed, "its election timer is not armed again", "it is")
}

fn all(node: &RaftNode) -> [String; 4] {
    let indexes = format!("committed {}, applied {}", node.commit_index, node.last_applied);
    [seen(node), log_of(node), indexes, x_of(node)]
}

fn stale_entries(check: &mut Context) -> Verdict {
    let requests = [((0, 0), &[1, 1, 2][..]), ((1, 1), &[1]), ((2, 1), &[2, 2]), ((6, 3), &[])];
    for state in states() {
        for (terms, base) in LOGS {
            for (prev, brings) in requests {
                let mut node = state.server(table(1), terms, base);
                let before = all(&node);
                let request: AppendEntries = append(2, prev, brings, 9);
                let (reply, armed) = sent(check, &mut node, Request::AppendEntries(request))?;
                check.equal("the term in the reply", reply.term(), Term(3))?;
                let success = matches!(reply, Reply::AppendEntries(reply) if reply.success);
                check.equal("success", success, false)?;
                is_as_before(check, &node, &before, armed)?;
            }
        }
    }
    Ok(())
}

/// A snapshot that S1 needs, one that it does not need, and a part of the first.
fn chunks(term: u64) -> [InstallSnapshot; 3] {
    let needed = whole(term, (4, 2), data(4, None));
    let part = halves(&needed)[0].clone();
    [needed, whole(term, (2, 1), data(2, None)), part]
}

fn stale_chunks(check: &mut Context) -> Verdict {
    for state in states() {
        for (terms, base) in LOGS {
            for chunk in chunks(2) {
                let mut node = state.server(table(7), terms, base);
                let before = all(&node);
                let (reply, armed) = sent(check, &mut node, Request::InstallSnapshot(chunk))?;
                check.equal("the term in the reply", reply.term(), Term(3))?;
                is_as_before(check, &node, &before, armed)?;
            }
        }
    }
    Ok(())
}

fn current_chunks(check: &mut Context) -> Verdict {
    for state in states() {
        for term in [3, 4] {
            if state.leads() && term == 3 {
                // No term has two leaders.
                continue;
            }
            for (terms, base) in LOGS {
                for chunk in chunks(term) {
                    let mut node = state.server(table(7), terms, base);
                    counts(check, &state, &mut node, terms, &chunk)?;
                }
            }
        }
    }
    Ok(())
}

/// S1, whose entries have these terms, is sent a chunk of a leader that it must follow.
fn counts(
    check: &mut Context,
    state: &State,
    node: &mut RaftNode,
    terms: &[u64],
    chunk: &InstallSnapshot,
) -> Verdict {
    let (reply, armed) = sent(check, node, Request::InstallSnapshot(chunk.clone()))?;
    check.equal("the term in the reply", reply.term(), chunk.term)?;
    let vote = if chunk.term == Term(3) { state.vote } else { None };
    let vote = vote.map_or("no vote".to_owned(), |vote| format!("a vote for {vote}"));
    let expected = format!("a follower of S2 in term {}, with {vote}", chunk.term);
    check.same_text("S1", &seen(node), &expected)?;
    check.holds(armed, "its election timer is armed again, within its interval", "it is not")?;
    let Reply::InstallSnapshot(InstallSnapshotReply { stored, .. }) = reply else {
        return Err(check.failure("a reply to InstallSnapshot", reply.name()));
    };
    let end = chunk.offset + chunk.data.len() as u64;
    let expected = format!("stored in the reply: {end} or more");
    check.holds(stored >= end, expected, format!("stored in the reply: {stored}"))?;
    let needed = chunk.done && chunk.last_included_index > Index(2);
    let (terms, applied, gone) = match terms {
        // Whatever precedes the snapshot's end may be compacted away, and nothing else.
        _ if !needed => (terms, 2, 2),
        [1, 1, 2, 2, ..] => (terms, 4, 4),
        _ => (&TERMS[..4], 4, 4),
    };
    is_log(check, node, terms, gone)?;
    check.equal("commit_index", node.commit_index.0, applied)?;
    check.equal("last_applied", node.last_applied.0, applied)?;
    let x = x_after(&TERMS[..usize::try_from(applied).unwrap_or(0)]);
    check.same_text("x in the state machine", &x_of(node), &x)?;
    // And it goes on as a follower: the leader's next entry enters its log.
    let last = node.log.last_index().0;
    let prev = (last, node.log.last_term().0);
    let next = append(chunk.term.0, prev, &[3], 0);
    check.step(format!("{}; then S2 sends an entry after index {last}", check.current_step()));
    ask(check, node, Request::AppendEntries(next))?;
    check.equal("the last index of its log", node.log.last_index(), Index(last + 1))
}
