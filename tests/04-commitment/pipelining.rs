//! Exercise 4.11 (bonus): requests that get lost, are late, or overtake each other while others are under way.

use std::ops::RangeInclusive;

use gates::storm::batches;
use gates::{Check, Checks, Context, Failure, Scope, Verdict};

use super::batching::{accepted, command, handle_all, leading, told, written};
use super::model::RaftNode;
use super::servers::{S2, server};
use super::subject::protocol::{
    AppendEntriesReply, CallId, Effect, Event, Index, Reply, Request, RequestId, ServerId, Timer,
};
use super::{servers_with, table};

const LOST: &str = "Dissertation §10.2.2: \"If the AppendEntries consistency check fails, the leader may decrement the next \
     index even further to retry sending the prior entry\". A follower that lacks an entry rejects all that comes after it, \
     until nextIndex is back at that entry.";
const UNDER_LOAD: &str = "Dissertation §10.2.2: a follower that lacks an entry rejects all that comes after it. While requests \
     follow each other, the one that is rejected is hardly ever the last that was sent: there are others behind it. \
     nextIndex must fall back all the same.";
const KNOWN: &str = "Figure 2: matchIndex is the \"highest log entry known to be replicated on server\". A rejection that \
     comes late was true when the follower's log was shorter, and takes nothing back.";
const STORMS: &str = "Dissertation §10.2.2: \"The AppendEntries consistency check guarantees that pipelining is safe\". \
     Batches are nothing but events that come at one moment: Figure 3 holds, and clients see what one server could do \
     (§8).";

/// How many storms are one check.
const EACH: u64 = 10;

pub(super) fn checks() -> Vec<Check> {
    Checks::of("4.11")
        .about("fall_back")
        .claims([
            ("After a lost AppendEntries, the follower catches up by heartbeats", LOST, quiet),
            (
                "After a lost AppendEntries, the follower catches up while commands keep coming",
                UNDER_LOAD,
                busy,
            ),
            (
                "AppendEntries that overtake each other and come twice build the same log",
                LOST,
                disorder,
            ),
            (
                "A late rejection does not take nextIndex back below what is known to match",
                KNOWN,
                late,
            ),
        ])
        .list()
}

/// The storms of this exercise: they come last.
pub(super) fn storms() -> Vec<Check> {
    vec![storm(1..=EACH)]
}

/// The storms with these numbers, as one check.
pub(super) fn storm(numbers: RangeInclusive<u64>) -> Check {
    let claim = format!(
        "Servers that are handed batches are right in storms {} to {}",
        numbers.start(),
        numbers.end()
    );
    Check::new("4.11", claim, STORMS, move |context: &mut Context| {
        written()?;
        batches(context, &servers_with(table(11)), numbers.clone())
    })
    .scope(Scope::Storm)
}

/// S1 leads, S2 follows, and S3 is not there.
struct Two<'a> {
    check: &'a mut Context,
    leader: RaftNode,
    follower: RaftNode,
    clients: u64,
}

impl<'a> Two<'a> {
    fn new(check: &'a mut Context) -> Self {
        let mut follower = server(table(11), 3, 2, &[1, 2]);
        follower.id = S2;
        Two { check, leader: leading(table(11)), follower, clients: 0 }
    }

    /// Commands of this many further clients.
    fn commands(&mut self, count: u64) -> Vec<Event> {
        let first = self.clients + 1;
        self.clients += count;
        (first..=self.clients).map(command).collect()
    }

    /// The leader handles a batch. Returns the requests to S2.
    fn leads(&mut self, batch: Vec<Event>) -> Result<Vec<(CallId, Request)>, Box<Failure>> {
        let effects = handle_all(self.check, &mut self.leader, batch)?;
        let call = |effect: Effect| match effect {
            Effect::Call { call, to: S2, request } => Some((call, request)),
            _ => None,
        };
        Ok(effects.into_iter().filter_map(call).collect())
    }

    /// These requests reach S2 in one batch. Returns its replies.
    fn follows(&mut self, requests: &[(CallId, Request)]) -> Result<Vec<Event>, Box<Failure>> {
        let ask = |(call, request): &(CallId, Request)| Event::Request {
            call: *call,
            from: ServerId(1),
            request: request.clone(),
        };
        let batch = requests.iter().map(ask).collect();
        let effects = handle_all(self.check, &mut self.follower, batch)?;
        let mut replies = Vec::new();
        for effect in effects {
            if let Effect::Answer { call, reply, .. } = effect
                && let Some((_, request)) = requests.iter().find(|(asked, _)| *asked == call)
            {
                replies.push(Event::Reply { call, from: S2, request: request.clone(), reply });
            }
        }
        Ok(replies)
    }

    /// In each round, S1 handles what has come, with what `also` adds, and S2 what that brings. S2's log must equal
    /// S1's after this many rounds.
    fn catches_up(
        &mut self,
        rounds: usize,
        mut replies: Vec<Event>,
        also: impl Fn(&mut Self) -> Vec<Event>,
        told: &str,
    ) -> Verdict {
        for round in 1..=rounds {
            self.check.step(format!("{told}; round {round}"));
            let mut batch = std::mem::take(&mut replies);
            batch.extend(also(self));
            let requests = self.leads(batch)?;
            replies = self.follows(&requests)?;
            if self.follower.log.last_index() == self.leader.log.last_index() {
                break;
            }
        }
        let last = |node: &RaftNode| node.log.last_index().0;
        let (leader, follower) = (last(&self.leader), last(&self.follower));
        let expected = format!("S2's log ends with entry {leader}, as the leader's");
        self.check.holds(leader == follower, expected, format!("it ends with entry {follower}"))?;
        let same = self.leader.log.entries() == self.follower.log.entries();
        self.check.holds(same, "S2's log is the leader's", "it is another one")
    }
}

fn quiet(check: &mut Context) -> Verdict {
    written()?;
    let told = "S1 of 3 leads, and all logs end with entry 2; two commands arrive, and the AppendEntries to S2 is lost; from \
                then on, heartbeats and replies are all that arrives at S1";
    check.step(told);
    let mut two = Two::new(check);
    let batch = two.commands(2);
    two.leads(batch)?;
    two.catches_up(12, Vec::new(), |_| vec![Event::Timeout(Timer::Heartbeat)], told)
}

fn busy(check: &mut Context) -> Verdict {
    written()?;
    let told = "S1 of 3 leads, and all logs end with entry 2; two commands arrive, and the AppendEntries to S2 is lost; from \
                then on, each batch of S1 has S2's replies, a command and the heartbeat timer";
    check.step(told);
    let mut two = Two::new(check);
    let batch = two.commands(2);
    two.leads(batch)?;
    let also = |two: &mut Two<'_>| {
        let mut batch = two.commands(1);
        batch.push(Event::Timeout(Timer::Heartbeat));
        batch
    };
    two.catches_up(12, Vec::new(), also, told)
}

fn disorder(check: &mut Context) -> Verdict {
    written()?;
    let told = "S1 of 3 leads, and all logs end with entry 2; three commands arrive in three batches; their AppendEntries \
                reach S2 in one batch, the last first, and then once more in order; from then on, heartbeats and replies \
                are all that arrives at S1";
    check.step(told);
    let mut two = Two::new(check);
    let mut requests = Vec::new();
    for _ in 0..3 {
        let batch = two.commands(1);
        requests.extend(two.leads(batch)?);
    }
    let arriving: Vec<_> = requests.iter().rev().chain(&requests).cloned().collect();
    let replies = two.follows(&arriving)?;
    two.catches_up(12, replies, |_| vec![Event::Timeout(Timer::Heartbeat)], told)
}

fn late(check: &mut Context) -> Verdict {
    written()?;
    let begin = "S1 of 3 leads, and all logs end with entry 2; the commands of clients 1 and 2 arrive in one batch each, and \
                 S2 accepts both AppendEntries";
    check.step(begin);
    let mut node = leading(table(11));
    let first = handle_all(check, &mut node, vec![command(1)])?;
    let second = handle_all(check, &mut node, vec![command(2)])?;
    handle_all(check, &mut node, accepted(&first))?;
    handle_all(check, &mut node, accepted(&second))?;
    check.step(format!(
        "{begin}; a rejection of the second AppendEntries comes late, with the command of client 3"
    ));
    let rejection = second.iter().find_map(|effect| match effect {
        Effect::Call { call, to: S2, request: Request::AppendEntries(r) } => {
            let reply = AppendEntriesReply { term: r.term, success: false, conflict: None };
            let (request, reply) = (Request::AppendEntries(r.clone()), Reply::AppendEntries(reply));
            Some(Event::Reply { call: *call, from: S2, request, reply })
        }
        _ => None,
    });
    let batch = rejection.into_iter().chain([command(3)]).collect();
    let effects = handle_all(check, &mut node, batch)?;
    check.same_text("AppendEntries to S2", &told(&effects, S2), "one with entry 5")?;
    let answered = gates::clients::answers_to(&effects, RequestId(3)).is_empty();
    check.holds(answered, "client 3 waits", "it has an answer")?;
    check.equal("the leader's commit index", node.commit_index, Index(4))
}
