//! How a storm can end badly, and what the learner reads about it.

use std::collections::BTreeMap;
use std::path::Path;

use protocol::{RequestId, ServerId};
use simulator::{InitialState, Linearizability, ShortRun, Stop, TraceRecord, shrink};

use crate::ballots::ballots;
use crate::scenario::{end_of, record, script, stopped, story, told};
use crate::{Context, Failure};

use super::setup::Storm;

/// How many of the last events are shown.
const STORY: usize = 14;

// Why each of these must not happen.
const NO_PROGRESS: &str = "§2: consensus algorithms \"are fully functional (available) as long as any \
     majority of the servers are operational and can communicate with each other and with clients\"";
const NO_LEADER: &str = "§5.2: randomized election timeouts resolve split votes; §5.6: \"Raft will be able to \
     elect and maintain a steady leader\" if messages are much faster than election timeouts";
const LEADER_LOST: &str = "§5.2: a leader's heartbeats keep its followers from starting \
     elections";
const LOGS_DIFFER: &str = "§5.3: \"the leader handles inconsistencies by forcing the followers' \
     logs to duplicate its own\"";
const NO_ENTRIES: &str = "Rules for Servers, Leaders (§5.3): \"If command received from client: \
     append entry to local log\"";
const NOT_APPLIED: &str = "Rules for Servers (§5.3, §5.4): an entry of the leader's term that a \
     majority holds is committed; followers learn of it from the next AppendEntries, and all \
     servers apply what is committed";
const MACHINES_DIFFER: &str = "Figure 3, State Machine Safety (§5.4.3): each entry is applied \
     once, in the order of the log";
const UNANSWERED: &str = "§8: a client waits for the result of its command; a leader that steps \
     down must answer the clients that wait";
const NO_RESULTS: &str = "§5.3: when an entry is committed, the leader applies it and \"returns \
     the result of that execution to the client\"";
const NOTHING_READ: &str = "§8: a read-only operation is answered by a leader that knows what is \
     committed, and that a majority still follows";
const STILL_REPEATING: &str = "§8: a command that was already executed is answered at once, and \
     not executed again";
const NO_CHANGE: &str = "Dissertation §4.1, §4.2.1: a leader that has committed an entry of its \
     own term accepts one change after another, and commits it";
const NOT_LINEARIZABLE: &str = "§8: \"each operation appears to execute instantaneously, exactly \
     once, at some point between its invocation and its response\" (linearizability)";

/// How a storm ended badly.
pub(super) enum End {
    Stopped(Stop),
    NoQuorumLeader { quorum: String, links: String },
    NothingCommitted { quorum: String, links: String },
    NoLeader,
    LeaderLost,
    LogsDiffer(String),
    NoEntries,
    NotApplied(String),
    MachinesDiffer(String),
    Unanswered(Vec<RequestId>),
    NoResults,
    NothingRead,
    StillRepeating,
    NotLinearizable(Linearizability),
    NoChange(String),
}

impl From<Stop> for End {
    fn from(stop: Stop) -> Self {
        End::Stopped(stop)
    }
}

impl End {
    /// The failure, with the last events before it.
    pub(super) fn told(
        &self,
        context: &Context,
        storm: &Storm<'_>,
        trace: &[TraceRecord],
    ) -> Box<Failure> {
        let mut failure = self.failure();
        context.current_step().clone_into(&mut failure.step);
        if let End::Stopped(Stop::Breach(breach)) = self
            // Where members change, the number of servers does not determine how many votes are enough.
            && !storm.goal.has_changes()
            && let Some((note, property)) = ballots(breach, storm.servers, trace)
        {
            failure.notes.push(note);
            failure.broken = Some(property);
        }
        let (story, _) = end_of(&story(trace), STORY);
        failure.notes.push(told("The last events:", &story, 0));
        failure
    }

    /// The storm as a short script that ends in the same way, and the path where it was left. Only a run that ends
    /// early can be shrunk: something that does not happen within a minute has no last event.
    pub(super) fn script(
        &self,
        context: &Context,
        trace: &[TraceRecord],
        storm: &Storm<'_>,
    ) -> Option<String> {
        let End::Stopped(stop) = self else { return None };
        let shortened = |given: BTreeMap<ServerId, InitialState>| {
            let fresh = |servers| storm.scripted(servers, &given);
            let run = shrink(trace, stop, storm.servers, &fresh)?;
            Some((fresh(run.servers).ok()?, given, run))
        };
        let (mut world, given, run) = storm.beginnings().into_iter().find_map(shortened)?;
        // The script asks for what it needs, and for nothing else.
        if !matches!(stop, Stop::Breach(breach) if breach.property.is_conduct()) {
            world.cluster.conduct = None;
        }
        let (ShortRun { servers, actions, is_shortest }, seed) = (run, storm.seed);
        let claim = format!("A storm with seed {seed}, shrunk: {}", first_line(&stop.to_string()));
        let exercise = context.exercise().map_or_else(String::new, |id| id.to_string());
        let why = "found by a storm";
        let text = script(&world.cluster, &given, &actions, &claim, &exercise, why);
        let path = format!("target/storms/{exercise}-{seed}.scenario");
        if let Some(exercise) = context.exercise() {
            record(Path::new(&path), &text, &claim, exercise, storm.factory(), context.seed());
        }
        let plural = |count: u64| if count == 1 { "" } else { "s" };
        let steps = actions.len() as u64;
        let same = format!(
            "The same with {servers} server{}, in {steps} step{}{}, as a scenario",
            plural(servers),
            plural(steps),
            if is_shortest { "" } else { " (some may still be left out: the search was ended)" }
        );
        let left = if context.leave(&path, &text) {
            format!("{same}, left in {path}:")
        } else {
            format!("{same}:")
        };
        let steps: Vec<String> =
            text.lines().skip_while(|line| line.starts_with('#')).map(str::to_owned).collect();
        Some(told(&left, &steps[1..], 0))
    }

    pub(super) fn failure(&self) -> Box<Failure> {
        let (expected, happened, why) = match self {
            End::Stopped(stop) => return stopped(stop),
            End::NoQuorumLeader { quorum, links } => return no_quorum_leader(quorum, links),
            End::NothingCommitted { quorum, links } => return nothing_committed(quorum, links),
            End::NoLeader => (
                "within 15 s of virtual time after the network has healed, one server leads and all \
                 others are in its term",
                "the servers never agree on a leader".to_owned(),
                NO_LEADER,
            ),
            End::LeaderLost => (
                "while nothing fails, the leader that all agree on stays the leader of its term",
                "another term begins".to_owned(),
                LEADER_LOST,
            ),
            End::LogsDiffer(logs) => (
                "after the network has healed and clients are silent, all logs become the same",
                format!("a minute later, the terms of the logs' entries are\n{logs}"),
                LOGS_DIFFER,
            ),
            End::NoEntries => (
                "the commands of clients enter the leader's log",
                "the logs are empty".to_owned(),
                NO_ENTRIES,
            ),
            End::NotApplied(servers) => (
                "after the network has healed and clients are silent, everything is committed and \
                 applied, by all servers",
                format!("a minute later:\n{servers}"),
                NOT_APPLIED,
            ),
            End::MachinesDiffer(servers) => (
                "servers that have applied the same log have the same state",
                format!("the stores hold\n{servers}"),
                MACHINES_DIFFER,
            ),
            End::Unanswered(requests) => (
                "each request of a client is answered, unless its server has crashed",
                unanswered(requests),
                UNANSWERED,
            ),
            End::NoResults => (
                "under a leader that all agree on, clients get results",
                "no request has a result".to_owned(),
                NO_RESULTS,
            ),
            End::NothingRead => (
                "under a leader that all agree on and that has committed an entry of its term, queries get results",
                "no query has a result".to_owned(),
                NOTHING_READ,
            ),
            End::StillRepeating => (
                "under a leader that all agree on, a client that repeats its command gets the result",
                "it never does".to_owned(),
                STILL_REPEATING,
            ),
            End::NoChange(servers) => (
                "within half a minute after the network has healed, a change of members succeeds if a client \
                 repeats it",
                format!("none does; of the members\n{servers}"),
                NO_CHANGE,
            ),
            End::NotLinearizable(violated) => (
                "what the clients saw could have come from one single store",
                violated.to_string(),
                NOT_LINEARIZABLE,
            ),
        };
        Failure::new(expected, happened).because(why)
    }
}

fn no_quorum_leader(quorum: &str, links: &str) -> Box<Failure> {
    Failure::new(
        format!(
            "a quorum that is up, {quorum}, has a leader within 15 s of virtual time (50 of the longest election \
             timeouts), although the other servers are down or cut off"
        ),
        format!("it has none; the links are\n{links}"),
    )
    .because(NO_PROGRESS)
}

fn nothing_committed(quorum: &str, links: &str) -> Box<Failure> {
    Failure::new(
        format!(
            "while a quorum, {quorum}, is up and connected, a client's command has a result within a minute of virtual \
             time (200 of the longest election timeouts), although the other servers are down or cut off"
        ),
        format!("no command has one; the links are\n{links}"),
    )
    .because(NO_PROGRESS)
}

fn unanswered(requests: &[RequestId]) -> String {
    let (count, first) = (requests.len(), requests[0]);
    format!("{count} requests were never answered, the first of them {first}")
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default().trim_end_matches('.')
}
