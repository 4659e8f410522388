//! Exercise 4.10 (bonus): reads that overlap. What clients see of reads is in scenarios.

use gates::clients::{all_in_words, answers_to};
use gates::{Check, Checks, Context, Failure, Verdict};

use super::model::{RaftNode, Rules};
use super::servers::{S1, S2, TABLE, leader, sends_nothing, server, went_by_the_table};
use super::subject::RULES;
use super::subject::protocol::{
    AppendEntriesReply, CallId, ClientRequest, Effect, Event, Index, Reply, Request, RequestId,
    Timer,
};
use super::table;

const OWN: &str = "Dissertation §6.4: a read is confirmed by replies to RPCs that were sent *after* it arrived. Replies to \
     earlier ones show that this server led then, and not that it still did when this read arrived. Another read that is \
     waiting does not change that: each read counts its own replies.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("4.10")
        .each([
            (
                "reply_received",
                "Each read is confirmed by replies to requests sent after it arrived, even while others wait",
                OWN,
                overlapping,
            ),
            ("read", "A read's requests are sent by the row replicate_to", TABLE, by_the_table),
        ])
        .list()
}

/// S1 leads term 2 of three servers, and everything is committed. The value of x is 1.
fn leading(rules: &'static Rules) -> RaftNode {
    let mut node = server(rules, 3, 2, &[1, 2]);
    node.voted_for = Some(S1);
    node.role = leader(&[(2, 2), (3, 2)]);
    (node.commit_index, node.last_applied) = (Index(2), Index(2));
    node.machine.apply(Index(2), b"set x 1");
    node
}

/// A leader, and everything that it has done since reads arrived.
struct Reading<'a> {
    check: &'a mut Context,
    node: RaftNode,
    effects: Vec<Effect>,
}

impl Reading<'_> {
    fn handle(&mut self, event: Event) -> Result<(), Box<Failure>> {
        self.effects.extend(self.check.handle(&mut self.node, event)?);
        Ok(())
    }

    /// A client reads, and the heartbeat timer fires: by then, requests for the read are under way. Returns the requests to S2
    /// that were made.
    fn read(&mut self, id: u64) -> Result<Vec<(CallId, Request)>, Box<Failure>> {
        let before = self.effects.len();
        let request = ClientRequest::Query("get x".into());
        self.handle(Event::Client { id: RequestId(id), request })?;
        self.handle(Event::Timeout(Timer::Heartbeat))?;
        Ok(calls(&self.effects[before..]))
    }

    /// S2 accepts these requests.
    fn accepts(&mut self, calls: Vec<(CallId, Request)>) -> Result<(), Box<Failure>> {
        for (call, request) in calls {
            let term = self.node.current_term;
            let reply = AppendEntriesReply { term, success: true, conflict: None };
            let reply = Reply::AppendEntries(reply);
            self.handle(Event::Reply { call, from: S2, request, reply })?;
        }
        Ok(())
    }

    /// The client of this read must not have been told anything.
    fn waits(&self, id: u64, why: &str) -> Verdict {
        let told = answers_to(&self.effects, RequestId(id));
        let happened = format!("read {id} is told {}", all_in_words(&told));
        self.check.holds(told.is_empty(), format!("read {id} waits: {why}"), happened)
    }

    /// The client of this read must have had its result, once.
    fn is_served(&self, id: u64) -> Verdict {
        let told = answers_to(&self.effects, RequestId(id));
        let happened = format!("read {id} is told {}", all_in_words(&told));
        let right = matches!(&told[..], [Ok(_)]);
        self.check.holds(right, format!("read {id} has its result, once"), happened)
    }
}

/// The requests to S2 among these effects.
fn calls(effects: &[Effect]) -> Vec<(CallId, Request)> {
    let call = |effect: &Effect| match effect {
        Effect::Call { call, to: S2, request } => Some((*call, request.clone())),
        _ => None,
    };
    effects.iter().filter_map(call).collect()
}

/// The numbers of requests, in words.
fn numbers(calls: &[(CallId, Request)]) -> String {
    let numbers: Vec<String> = calls.iter().map(|(call, _)| call.0.to_string()).collect();
    numbers.join(", ")
}

fn overlapping(check: &mut Context) -> Verdict {
    let mut reading = Reading { check, node: leading(table(10)), effects: Vec::new() };
    reading.check.step("S1 of 3 leads; read 1 arrives");
    let first = reading.read(1)?;
    reading.waits(1, "no other server has replied since it arrived")?;
    let told =
        format!("S1 of 3 leads; read 1 arrives, and S1 makes the calls {} to S2", numbers(&first));
    reading.check.step(format!("{told}; read 2 arrives"));
    let second = reading.read(2)?;
    let told = format!("{told}; read 2 arrives, and S1 makes the calls {} to S2", numbers(&second));
    reading.check.step(format!("{told}; S2 replies to the calls {}", numbers(&first)));
    reading.accepts(first)?;
    reading.waits(2, "none of the calls that S2 has replied to was made after it arrived")?;
    reading.check.step(format!("{told}; S2 replies to all of them"));
    reading.accepts(second)?;
    reading.is_served(1)?;
    reading.is_served(2)
}

static SILENT: Rules = Rules { replicate_to: sends_nothing, ..RULES };

fn by_the_table(check: &mut Context) -> Verdict {
    check.step("S1 of 3 leads, with a row replicate_to that sends nothing; a read arrives");
    let mut node = leading(&SILENT);
    let request = ClientRequest::Query("get x".into());
    let effects = check.handle(&mut node, Event::Client { id: RequestId(1), request })?;
    went_by_the_table(check, &effects)?;
    let told = answers_to(&effects, RequestId(1));
    let happened = format!("it is told {}", all_in_words(&told));
    check.holds(told.is_empty(), "the read waits until a majority has replied", happened)
}
