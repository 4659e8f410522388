//! Exercises 7.1, 7.5, 7.9 and 7.11: requests that find a server in each of the states in which it may be. A mistake
//! that shows in one state only is easily overlooked: what if a server has voted in its term, knows no leader, and a
//! request of an older term arrives?

use gates::{Check, Checks, Context, Failure, Verdict};

use super::model::{RaftNode, Role};
use super::servers::{
    S1, S2, S3, Step, armed, asked, called, entries, leader, named, role_of, server,
};
use super::subject::protocol::{
    AppendEntries, Effect, Index, PreVote, Reply, Request, RequestVote, ServerId, Term, TimeoutNow,
    Timer,
};
use super::{model, table};

const STALE: &str = "§5.1: \"If a server receives a request with a stale term number, it rejects the request\", whatever \
     it is and whatever it knows. A configuration in such a request is not in its log, so it is not in force (§6).";
const VOTE: &str = "§6: a server that hears a leader ignores a candidate; every other server does what Figure 2 says, \
     RequestVote, receiver: one vote in a term, and only for a log that is at least as up to date as its own.";
const WOULD: &str = "Dissertation §9.6: a server would grant its vote for the next term if the candidate's log is up to \
     date and it hears no leader. What it has done in the current term does not matter: a candidate that lost must \
     not deny it to another one, or each of two may wait for the other forever.";
const NOW: &str = "Dissertation §3.10: TimeoutNow \"has the same effect as the target server's election timer firing\", \
     if it comes from the leader of the current term or of a newer one (§5.1).";

pub(super) fn checks() -> Vec<Check> {
    #[rustfmt::skip]
    let checks = Checks::of("7.1").each([
        ("append_entries", "In every state, a leader of an older term is rejected, and its configuration is not used", STALE, stale_entries),
    ])
    .then("7.5").each([
        ("intercept_request", "In every state, a vote is granted or denied by Figure 2, unless the server hears from a leader", VOTE, votes),
    ])
    .then("7.9").each([
        ("pre_vote", "In every state, the log and the leader alone decide about a pre-vote", WOULD, pre_votes),
    ])
    .then("7.11").each([
        ("timeout_now", "In every state, a server that is asked to lead starts an election", NOW, told_to_lead),
    ]);
    checks.list()
}

/// A state of S1 in term 3: its role, its vote, and whether it has heard its leader in time.
#[derive(Clone, Debug)]
struct State {
    role: Role,
    vote: Option<ServerId>,
    heard: bool,
}

/// The states in which a request of another server may find S1.
fn states() -> Vec<State> {
    let votes = [None, Some(S1), Some(S2), Some(S3)];
    let unknown =
        votes.map(|vote| State { role: Role::Follower { leader: None }, vote, heard: false });
    let follows = |heard| {
        let role = Role::Follower { leader: Some(S2) };
        [None, Some(S1), Some(S2)].map(|vote| State { role: role.clone(), vote, heard })
    };
    let vote = Some(S1);
    let candidate = State { role: Role::Candidate { votes: [S1].into() }, vote, heard: false };
    let leads = State { role: leader(&[(2, 0), (3, 0)]), vote, heard: false };
    let all = unknown.into_iter().chain(follows(false)).chain(follows(true));
    all.chain([candidate, leads]).collect()
}

impl State {
    /// S1 in this state, in term 3, with the log of terms 1 and 2.
    fn server(&self, check: &Context, rules: &'static model::Rules) -> Step<RaftNode> {
        let mut node = server(check, rules, "123", 3, "1 2")?;
        (node.role, node.voted_for) = (self.role.clone(), self.vote);
        node.membership.leader_heard = self.heard;
        Ok(node)
    }

    fn told(&self) -> String {
        let vote = self.vote.map_or("no vote".to_owned(), |vote| format!("a vote for {vote}"));
        let role = match &self.role {
            Role::Follower { leader: None } => "a follower that knows no leader",
            Role::Follower { .. } if self.heard => "a follower that hears its leader S2",
            Role::Follower { .. } => "a follower that has not heard its leader S2 for a while",
            Role::Candidate { .. } => "a candidate",
            Role::Leader { .. } => "the leader",
        };
        format!("S1 is {role} in term 3, with {vote}; its log ends at index 2 with term 2")
    }

    fn hears(&self) -> bool {
        self.heard || self.leads()
    }

    fn leads(&self) -> bool {
        matches!(self.role, Role::Leader { .. })
    }
}

/// Role, term, vote and members, in words.
fn seen(node: &RaftNode) -> String {
    let vote = node.voted_for.map_or("no vote".to_owned(), |vote| format!("a vote for {vote}"));
    let follows = match node.role {
        Role::Follower { leader: Some(leader) } => format!(", which follows {leader}"),
        _ => String::new(),
    };
    format!("{}{follows}, with {vote}, members {}", role_of(node), named(&node.members))
}

fn stale_entries(check: &mut Context) -> Verdict {
    for state in states() {
        for (prev, brings) in [((2, 2), "2:1234"), ((0, 0), "1:1234 2"), ((2, 2), "")] {
            let mut node = state.server(check, table(1))?;
            let before = seen(&node);
            check.step(format!(
                "{}; S2, which led term 2, sends AppendEntries after index {} with {brings:?}",
                state.told(),
                prev.0
            ));
            let request = Request::AppendEntries(AppendEntries {
                term: Term(2),
                leader_id: S2,
                prev_log_index: Index(prev.0),
                prev_log_term: Term(prev.1),
                entries: entries(brings),
                leader_commit: Index(2),
            });
            let (reply, effects) = asked(check, &mut node, S2, request)?;
            check.equal("the term in the reply", reply.term(), Term(3))?;
            let success = matches!(reply, Reply::AppendEntries(reply) if reply.success);
            check.equal("success", success, false)?;
            check.same_text("S1", &seen(&node), &before)?;
            check.equal("the last index of its log", node.log.last_index(), Index(2))?;
            check.equal("its commit index", node.commit_index, Index(0))?;
            check.equal(
                "its election timer is armed for",
                armed(&effects, Timer::Election),
                None,
            )?;
        }
    }
    Ok(())
}

/// Where a candidate's log ends, and whether S1's is no more up to date.
const LOGS: [((u64, u64), bool); 4] =
    [((2, 2), true), ((1, 3), true), ((9, 1), false), ((1, 2), false)];

fn votes(check: &mut Context) -> Verdict {
    for state in states() {
        for term in 2..=4 {
            for (last, up_to_date) in LOGS {
                for transfer in [false, true] {
                    vote(check, &state, term, last, up_to_date, transfer)?;
                }
            }
        }
    }
    Ok(())
}

/// S3 asks for S1's vote.
fn vote(
    check: &mut Context,
    state: &State,
    term: u64,
    last: (u64, u64),
    up_to_date: bool,
    transfer: bool,
) -> Verdict {
    let mut node = state.server(check, table(5))?;
    let before = seen(&node);
    let asks = if transfer { "to which the leader hands over, asks" } else { "asks" };
    check.step(format!(
        "{}; S3, whose log ends at index {} with term {}, {asks} for its vote in term {term}",
        state.told(),
        last.0,
        last.1
    ));
    let request = Request::RequestVote(RequestVote {
        term: Term(term),
        candidate_id: S3,
        last_log_index: Index(last.0),
        last_log_term: Term(last.1),
        leadership_transfer: transfer,
    });
    let (reply, effects) = asked(check, &mut node, S3, request)?;
    let Reply::RequestVote(reply) = reply else { return Err(other(check, &reply)) };
    let ignored = state.hears() && !transfer;
    let newer = term > 3 && !ignored;
    let free = newer || (term == 3 && state.vote.is_none_or(|vote| vote == S3));
    let granted = !ignored && free && up_to_date;
    // A server that knows the leader of this term may keep its vote: it would not be of any use.
    let may_keep = !newer && matches!(state.role, Role::Follower { leader: Some(_) });
    if !(granted && may_keep) {
        check.equal("vote granted", reply.vote_granted, granted)?;
    }
    check.equal("the term in the reply", reply.term, Term(if newer { 4 } else { 3 }))?;
    if !newer && !reply.vote_granted {
        check.same_text("S1", &seen(&node), &before)?;
        check.equal("its election timer is armed for", armed(&effects, Timer::Election), None)?;
    }
    if newer {
        check.same_text("S1", &role_of(&node), "a follower in term 4")?;
        check.equal("its vote", node.voted_for, reply.vote_granted.then_some(S3))?;
    }
    Ok(())
}

fn other(check: &Context, reply: &Reply) -> Box<Failure> {
    check.failure("a reply of the request's kind", reply.name())
}

fn pre_votes(check: &mut Context) -> Verdict {
    for state in states() {
        for term in 2..=4 {
            for (last, up_to_date) in LOGS {
                pre_vote(check, &state, term, last, up_to_date)?;
            }
        }
    }
    Ok(())
}

/// S3 asks whether S1 would vote for it.
fn pre_vote(
    check: &mut Context,
    state: &State,
    term: u64,
    last: (u64, u64),
    up_to_date: bool,
) -> Verdict {
    let mut node = state.server(check, table(9))?;
    let before = seen(&node);
    check.step(format!(
        "{}; S3, in term {term}, whose log ends at index {} with term {}, asks first",
        state.told(),
        last.0,
        last.1
    ));
    let request = Request::PreVote(PreVote {
        term: Term(term),
        candidate_id: S3,
        last_log_index: Index(last.0),
        last_log_term: Term(last.1),
    });
    let (reply, effects) = asked(check, &mut node, S3, request)?;
    let Reply::PreVote(reply) = reply else { return Err(other(check, &reply)) };
    // A server that hears the leader of term 3 may disregard the newer term of S3.
    if !(term > 3 && state.hears()) {
        let granted = term >= 3 && up_to_date && !state.hears();
        check.equal("it would grant its vote", reply.vote_granted, granted)?;
    }
    let ends = [3, term.max(3)];
    let happened = format!("it is {}", reply.term);
    let expected = format!("the term in the reply: {}", term.max(3));
    check.holds(ends.contains(&reply.term.0), expected, happened)?;
    if term <= 3 {
        check.same_text("S1", &seen(&node), &before)?;
    }
    // Only a leader that steps down arms its timer.
    if !state.leads() {
        let armed = armed(&effects, Timer::Election);
        check.equal("its election timer is armed for", armed, None)?;
    }
    Ok(())
}

fn told_to_lead(check: &mut Context) -> Verdict {
    for state in states() {
        for term in 2..=4 {
            // No term has two leaders.
            if !(state.leads() && term == 3) {
                timeout_now(check, &state, term)?;
            }
        }
    }
    Ok(())
}

/// S2, the leader of this term, hands over to S1.
fn timeout_now(check: &mut Context, state: &State, term: u64) -> Verdict {
    let mut node = state.server(check, table(11))?;
    let before = seen(&node);
    check.step(format!("{}; S2, the leader of term {term}, hands over to it", state.told()));
    let request = Request::TimeoutNow(TimeoutNow { term: Term(term), leader_id: S2 });
    let (_, effects) = asked(check, &mut node, S2, request)?;
    // A candidate has an election under way already, and may go on with that.
    let may_stay = term == 3 && matches!(state.role, Role::Candidate { .. });
    if term < 3 || (may_stay && seen(&node) == before) {
        check.same_text("S1", &seen(&node), &before)?;
        let called = called(&effects, "RequestVote");
        return check.same_text("S1 sends RequestVote to", &called, "nobody");
    }
    let expected = format!("a candidate of term {}", term + 1);
    check.same_text("S1", &role_of(&node), &expected)?;
    check.same_text("S1 sends RequestVote to", &called(&effects, "RequestVote"), "S2, S3")?;
    let asked_for = effects.iter().all(|effect| match effect {
        Effect::Call { request: Request::RequestVote(request), .. } => request.leadership_transfer,
        _ => true,
    });
    check.holds(asked_for, "each request has `leadership_transfer`", "one does not")
}
