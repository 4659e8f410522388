//! Servers with a mistake that storms find, and for each the shortest script that shows it: what a script
//! made by shrinking is held against, in length (`tests/shrinking.rs`) and in time (`benches/shrinking.rs`).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use data_model::{Outbox, RaftNode, Rules};
use protocol::{
    AppendEntries, AppendEntriesReply, ClientRequest, Config, RequestVote, RequestVoteReply,
    ServerId, Timer,
};
use replication::LogEdit as _;
use simulator::{
    Action, Faults, Kind, MessageRef, NodeFactory, Property, ScriptError, Scripted, ShortRun, Stop,
    Timed, TimedOptions, TraceRecord, shrink,
};

/// If this many storms do not show a mistake, storms do not find it.
const MANY: u64 = 1_000;

/// A mistake.
pub(crate) struct Seeded {
    /// What the server does.
    pub(crate) name: &'static str,
    rules: &'static Rules,
    /// What does not hold then.
    property: Property,
    /// How many servers the shortest script needs.
    servers: u64,
    /// The shortest script that anybody has found.
    shortest: fn() -> Vec<Action>,
}

/// All of them.
pub(crate) static SEEDED: [Seeded; 4] = [
    Seeded {
        name: "votes twice in a term",
        rules: &FORGETFUL,
        property: Property::OneVoteATerm,
        servers: 2,
        // S2 has voted for itself when it is asked.
        shortest: || vec![timeout(1), timeout(2), deliver(1, 2, VOTE)],
    },
    Seeded {
        name: "takes entries whatever precedes them (R4)",
        rules: &CREDULOUS,
        property: Property::LogMatching,
        servers: 3,
        // S1 leads, and S2 gets its no-op; S2 leads, and S3, whose log is empty, gets a command without what
        // precedes it, at another place than S2 has it.
        shortest: || {
            let mut script = elected(1, 3);
            script.push(deliver(1, 2, APPEND));
            script.extend(elected(2, 1));
            script.extend([command(2), deliver(2, 3, APPEND)]);
            script
        },
    },
    Seeded {
        name: "cuts its log off after the entries of a request (R2)",
        rules: &CUTTING,
        property: Property::CommittedStays,
        servers: 2,
        // The no-op is committed on both when S2 hears the first heartbeat, which was long under way.
        shortest: || {
            let mut script = elected(1, 2);
            let newest = Action::Deliver(named(1, 2, APPEND, Some(1)));
            script.extend([newest.clone(), deliver(2, 1, APPENDED)]);
            script.extend([Action::Fire(ServerId(1), Timer::Heartbeat), newest]);
            script.push(deliver(1, 2, APPEND));
            script
        },
    },
    Seeded {
        name: "commits without a majority",
        rules: &HASTY,
        property: Property::LeaderCompleteness,
        servers: 3,
        // S1 leads, and commits its no-op; S2 leads without it.
        shortest: || [elected(1, 2), elected(2, 3)].concat(),
    },
];

static FORGETFUL: Rules = Rules { request_vote: forget_the_vote, ..commitment::RULES };
static CREDULOUS: Rules = Rules { append_entries: take_anything, ..commitment::RULES };
static CUTTING: Rules = Rules { append_entries: cut_off, ..commitment::RULES };
static HASTY: Rules = Rules { advance_commit: commit_all, ..commitment::RULES };

fn forget_the_vote(
    node: &mut RaftNode,
    request: &RequestVote,
    out: &mut Outbox,
) -> RequestVoteReply {
    if request.term == node.current_term {
        node.voted_for = None;
    }
    election::request_vote(node, request, out)
}

fn take_anything(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    let prev_log_index = request.prev_log_index.min(node.log.last_index());
    let prev_log_term = node.log.term_at(prev_log_index).unwrap_or_default();
    let fitting = AppendEntries { prev_log_index, prev_log_term, ..request.clone() };
    commitment::append_entries(node, &fitting, out)
}

fn cut_off(node: &mut RaftNode, request: &AppendEntries, out: &mut Outbox) -> AppendEntriesReply {
    let reply = commitment::append_entries(node, request, out);
    if reply.success {
        node.log.truncate_from(request.last_new_index().next());
    }
    reply
}

fn commit_all(node: &mut RaftNode, _out: &mut Outbox) {
    if node.leads().is_some() {
        node.commit_index = node.log.last_index();
    }
}

/// A storm that ended badly.
pub(crate) struct Failed {
    /// Its seed, from which everything in it was drawn.
    pub(crate) seed: u64,
    /// How many servers it had.
    pub(crate) servers: u64,
    /// How it ended.
    pub(crate) stop: Stop,
    /// What happened in it.
    pub(crate) trace: Vec<TraceRecord>,
}

impl Seeded {
    fn boot(&self) -> NodeFactory {
        let rules = self.rules;
        Arc::new(move |setup, _| Box::new(RaftNode::new(setup, rules)))
    }

    /// Whether a run ended for this mistake.
    fn is_about(&self, stop: &Stop) -> bool {
        matches!(stop, Stop::Breach(breach) if breach.property == self.property)
    }

    /// The storms like those of the gates that end for this mistake, in the order of their seeds.
    pub(crate) fn failed(&self) -> impl Iterator<Item = Failed> {
        (1..MANY).filter_map(|seed| {
            let servers = 1 + seed % 7;
            let command_every = Some(Duration::from_millis(10 + seed % 90));
            let faults = Faults { command_every, ..Faults::swarm(seed) };
            let config = Config::default();
            let options = TimedOptions { servers, config, seed, faults, trace: true };
            let mut world = Timed::new(options, self.boot()).ok()?;
            let stop = world.run_events(2_000).err().filter(|stop| self.is_about(stop))?;
            let trace = world.cluster.trace.take().unwrap_or_default();
            Some(Failed { seed, servers, stop, trace })
        })
    }

    /// A storm's script.
    pub(crate) fn shrunk(&self, failed: &Failed) -> Option<ShortRun> {
        let fresh = |servers| self.fresh(servers, failed.seed);
        shrink(&failed.trace, &failed.stop, failed.servers, &fresh)
    }

    /// This many servers, just started, in the hands of a script.
    fn fresh(&self, servers: u64, seed: u64) -> Result<Scripted, ScriptError> {
        Scripted::new(servers, Config::default(), seed, self.boot(), &BTreeMap::new())
    }
}

/// How many actions the shortest script has; nothing, if it does not end as it should.
pub(crate) fn length_of_shortest(seeded: &Seeded) -> Option<usize> {
    let mut world = seeded.fresh(seeded.servers, 1).ok()?;
    let script = (seeded.shortest)();
    let (last, before) = script.split_last()?;
    let goes_well = before.iter().all(|action| action.take(&mut world).is_none());
    let stop = last.take(&mut world)?;
    (goes_well && seeded.is_about(&stop)).then_some(script.len())
}

const VOTE: Kind = Kind { rpc: "RequestVote", reply: false };
const VOTED: Kind = Kind { rpc: "RequestVote", reply: true };
const APPEND: Kind = Kind { rpc: "AppendEntries", reply: false };
const APPENDED: Kind = Kind { rpc: "AppendEntries", reply: true };

/// One server leads, with the vote of the other.
fn elected(leader: u64, voter: u64) -> Vec<Action> {
    vec![timeout(leader), deliver(leader, voter, VOTE), deliver(voter, leader, VOTED)]
}

fn timeout(server: u64) -> Action {
    Action::Fire(ServerId(server), Timer::Election)
}

fn command(server: u64) -> Action {
    Action::Client(ServerId(server), ClientRequest::Command("set x 1".into()))
}

fn deliver(from: u64, to: u64, kind: Kind) -> Action {
    Action::Deliver(named(from, to, kind, None))
}

fn named(from: u64, to: u64, kind: Kind, newest: Option<usize>) -> MessageRef {
    MessageRef { from: ServerId(from), to: ServerId(to), kind, newest }
}
