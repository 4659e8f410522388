//! What you have built so far, at work. Given.
//!
//! Three of your servers, driven by your event loop from your event queue. In module 1 no server grants a
//! vote yet, so none leads; but watch the terms: a server whose timer runs out starts a new term, and by
//! the term rule alone the others follow. Module 2 runs its elections here.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::time::Duration;

use protocol::{
    Config, Effect, Event, KeyValue, Members, NoDisk, Node as _, Request, RequestVote, ServerId,
    Setup, Timer,
};
use rand::RngExt as _;

use crate::{EventQueue, Outbox, RULES, RaftNode, Rules};

/// How long a message travels.
const DELAY: Duration = Duration::from_millis(10);

/// Just enough rules for something to happen.
static RESTLESS: Rules = Rules { start: wait, election_timeout: start_a_term, ..RULES };

fn wait(node: &mut RaftNode, out: &mut Outbox) {
    let after = node.rng.random_range(node.config.election_timeout.clone());
    out.set_timer(Timer::Election, after);
}

fn start_a_term(node: &mut RaftNode, out: &mut Outbox) {
    node.observe_term(node.current_term.next());
    let request = Request::RequestVote(RequestVote {
        term: node.current_term,
        candidate_id: node.id,
        last_log_index: node.log.last_index(),
        last_log_term: node.log.last_term(),
        leadership_transfer: false,
    });
    for peer in node.peers() {
        node.call(peer, request.clone(), out);
    }
    wait(node, out);
}

/// One second of three servers with module 1's rules, and just enough besides for something to happen.
///
/// # Errors
/// If a server fails.
pub fn run(seed: u64) -> io::Result<String> {
    run_with(seed, &RESTLESS, Duration::from_secs(1))
}

/// Runs three servers with these rules up to a time, and returns a transcript: a line for each event, with
/// the terms of the servers after it. A star marks a leader.
///
/// # Errors
/// If a server fails.
pub fn run_with(seed: u64, rules: &'static Rules, end: Duration) -> io::Result<String> {
    let mut servers = three_servers(seed, rules);
    let mut queue = EventQueue::new();
    for &id in servers.keys() {
        queue.schedule(Duration::ZERO, (id, Event::Start));
    }
    let mut transcript =
        format!("{:>7}  server  {:<30}  {}\n", "time", "event", "terms of S1, S2 and S3");
    while let Some((id, event)) = queue.pop() {
        if queue.now() > end {
            break;
        }
        let asked = match &event {
            Event::Request { request, .. } => Some(request.clone()),
            _ => None,
        };
        let what = describe(&event);
        let Some(server) = servers.get_mut(&id) else { continue };
        for effect in server.handle(event)? {
            carry_out(&mut queue, id, asked.as_ref(), effect);
        }
        let time = queue.now().as_millis();
        let _ = write!(transcript, "{time:4} ms  {id:6}  {what:<30}");
        for server in servers.values() {
            let leads = if server.leads().is_some() { "*" } else { "" };
            let _ = write!(transcript, "{:>4}{leads:1}", server.current_term());
        }
        transcript.truncate(transcript.trim_end().len());
        transcript.push('\n');
    }
    Ok(transcript)
}

/// S1, S2 and S3, not started yet. Each has its own seed.
fn three_servers(seed: u64, rules: &'static Rules) -> BTreeMap<ServerId, RaftNode> {
    let members: Members = (1..=3).map(ServerId).collect();
    let server = |&id: &ServerId| {
        let setup = Setup {
            id,
            members: members.clone(),
            config: Config::default(),
            seed: seed.wrapping_mul(31).wrapping_add(id.0),
            disk: Box::new(NoDisk),
            machine: Box::new(KeyValue::new()),
        };
        (id, RaftNode::new(setup, rules))
    };
    members.iter().map(server).collect()
}

/// Schedules what follows from an effect of the server `id`.
fn carry_out(
    queue: &mut EventQueue<(ServerId, Event)>,
    id: ServerId,
    asked: Option<&Request>,
    effect: Effect,
) {
    match (effect, asked) {
        (Effect::SetTimer { timer, after }, _) => {
            queue.set_timer(id, timer, after, (id, Event::Timeout(timer)));
        }
        (Effect::Call { call, to, request }, _) => {
            queue.schedule(DELAY, (to, Event::Request { call, from: id, request }));
        }
        (Effect::Answer { call, to, reply }, Some(asked)) => {
            let event = Event::Reply { call, from: id, request: asked.clone(), reply };
            queue.schedule(DELAY, (to, event));
        }
        _ => {}
    }
}

fn describe(event: &Event) -> String {
    match event {
        Event::Start => "starts".to_owned(),
        Event::Timeout(timer) => format!("{timer:?} timeout"),
        Event::Request { from, request, .. } => {
            format!("{} of term {} from {from}", request.name(), request.term())
        }
        Event::Reply { from, reply, .. } => format!("reply of term {} from {from}", reply.term()),
        Event::Client { id, .. } => format!("client request {id}"),
    }
}
