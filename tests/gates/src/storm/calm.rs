//! What must happen once the network has healed. The limits are wide enough for the slowest right server: one that
//! sends one entry in each request, steps back by one entry, and tries again at the next heartbeat.

use std::time::Duration;

use protocol::{Index, Term};
use simulator::{Cluster, Faults, Linearizability, Stop, Timed, Workload, linearizability};

use super::end::End;

/// Once healed, a cluster must agree on a leader within this time. With the paper's timeouts a right one needs
/// a few election timeouts: about a second.
const TO_AGREE: Duration = Duration::from_secs(15);

/// Then the leader must keep its term for at least this long while nothing fails: ten of the longest election
/// timeouts.
const TO_STAY: Duration = Duration::from_secs(3);

/// Clients continue for this long once the cluster has a leader: long enough for entries of its own term.
const TO_ASK: Duration = Duration::from_secs(1);

/// Then all logs must become the same within this time: 1,200 heartbeats, while a few hundred entries need one
/// heartbeat to step back and one to be sent.
const TO_CATCH_UP: Duration = Duration::from_mins(1);

/// A request must be answered within this time while no client sends more.
const TO_ANSWER: Duration = Duration::from_secs(15);

/// A change of members must be made within this time if a client repeats it. A new server may need a few seconds to
/// catch up, and a removed server may depose the leader once when it is added again, since its term is newer.
const TO_CHANGE: Duration = Duration::from_secs(30);

/// How many requests are sent one after the other to a cluster at rest.
const REQUESTS: u32 = 20;

/// At most this many requests are sent until a query has a result. About half of them are queries.
const QUERIES: u32 = 100;

/// At most this many requests are sent until a command in a session has a result: on a slow server, a session is
/// still being registered when the clients stop.
const REQUESTS_IN_SESSIONS: u32 = 100;

/// The virtual time between two checks whether something has happened.
const STEP: Duration = Duration::from_millis(100);

/// The search for an order may take this many steps for each key. A key has sixteen requests, most of which do not
/// overlap: the histories of right servers need a small part of this.
const SEARCH: u64 = 50_000;

/// One server leads, all others are in its term, and it stays the leader.
pub(super) fn stable_leader(world: &mut Timed) -> Result<(), End> {
    agree(world)?;
    // A straggler of the storm may still bring a newer term and another election. After this time none is in
    // flight, and the leader must stay.
    world.run_for(TO_STAY)?;
    agree(world)?;
    let leader = world.cluster.leaders();
    world.run_for(TO_STAY)?;
    if world.cluster.leaders() == leader { Ok(()) } else { Err(End::LeaderLost) }
}

/// All logs are the same, and not empty.
pub(super) fn logs_agree(world: &mut Timed) -> Result<(), End> {
    ask_and_rest(world)?;
    if !world.run_until(TO_CATCH_UP, |cluster| alike(cluster, last_entry))? {
        return Err(End::LogsDiffer(each(&world.cluster, |cluster, id| {
            let terms: Vec<_> = cluster.log(id).iter().map(|e| e.term.to_string()).collect();
            if terms.is_empty() { "none".to_owned() } else { terms.join(" ") }
        })));
    }
    let is_empty = world.cluster.members().iter().any(|&id| world.cluster.log(id).is_empty());
    if is_empty { Err(End::NoEntries) } else { Ok(()) }
}

/// All logs are the same, committed and applied; every request was answered, and the answers could have come
/// from a single store.
pub(super) fn linearizable(world: &mut Timed, workload: Workload) -> Result<(), End> {
    agree(world)?;
    let ((before, _), read) = (world.ended(), world.read());
    ask_and_rest(world)?;
    explained(world)?;
    match workload {
        Workload::Sessions if world.repeating() => Err(End::StillRepeating),
        Workload::Sessions => session_result(world, before),
        _ if world.ended().0 == before => Err(End::NoResults),
        Workload::Queries => reads(world, read),
        Workload::Commands => Ok(()),
    }
}

/// A command in a session has a result. Each client registers before its first command, and a slow server that sends
/// one entry with each heartbeat needs time for both.
fn session_result(world: &mut Timed, before: u64) -> Result<(), End> {
    for _ in 0..REQUESTS_IN_SESSIONS {
        if world.ended().0 > before {
            return explained(world);
        }
        world.client_asks()?;
        world.run_for(STEP)?;
    }
    Err(End::NoResults)
}

/// A query has a result now that the leader has committed an entry of its term, if none had one before. It need
/// not be the first one.
fn reads(world: &mut Timed, before: u64) -> Result<(), End> {
    for _ in 0..QUERIES {
        if world.read() > before {
            return explained(world);
        }
        world.client_asks()?;
        world.run_for(STEP)?;
    }
    Err(End::NothingRead)
}

/// The same among the members. In addition, clients get results while nothing fails, and a change of members that a
/// client asks for is made.
pub(super) fn reconfigured(world: &mut Timed) -> Result<(), End> {
    // First, all members must catch up: a cluster that has shrunk may need a server that is far behind.
    ask_and_rest(world)?;
    explained(world)?;
    let (before, _) = world.ended();
    for _ in 0..REQUESTS {
        world.client_asks()?;
        world.run_for(STEP)?;
    }
    if world.ended().0 == before {
        return Err(End::NoResults);
    }
    change(world)?;
    explained(world)
}

/// A change of members that a client asks for is made.
fn change(world: &mut Timed) -> Result<(), End> {
    agree(world)?;
    let before = world.cluster.members().clone();
    let changed = |world: &mut Timed| {
        world.client_asks_for_change()?;
        world.run_for(STEP)?;
        let cluster = &world.cluster;
        let leader = Timed::agreed_leader(cluster);
        let is_member = leader.is_some_and(|leader| cluster.members().contains(&leader));
        Ok(is_member && *cluster.members() != before && alike(cluster, all_applied))
    };
    if within(world, TO_CHANGE, changed)? {
        return Ok(());
    }
    Err(End::NoChange(each(&world.cluster, |cluster, id| {
        let members = cluster.node(id).map(|node| node.members().clone()).unwrap_or_default();
        let members: Vec<String> = members.iter().map(ToString::to_string).collect();
        format!("has the configuration {}", members.join(" "))
    })))
}

/// No client sends requests anymore: all members have applied everything, every request was answered, and some order
/// of the requests explains the answers.
fn explained(world: &mut Timed) -> Result<(), End> {
    // A change of members is answered only when the new server has caught up.
    if !world.unanswered().is_empty() || world.repeating() {
        world.run_for(TO_ANSWER)?;
    }
    if !world.run_until(TO_CATCH_UP, |cluster| alike(cluster, all_applied))? {
        return Err(End::NotApplied(each(&world.cluster, |cluster, id| {
            cluster.node(id).map_or_else(String::new, |node| {
                format!(
                    "log to {}, committed to {}, applied to {}",
                    node.last_index(),
                    node.commit_index(),
                    node.last_applied()
                )
            })
        })));
    }
    if !alike(&world.cluster, |cluster, id| cluster.node(id).map(|node| node.machine().snapshot()))
    {
        return Err(End::MachinesDiffer(each(&world.cluster, |cluster, id| {
            let snapshot = cluster.node(id).map(|node| node.machine().snapshot());
            String::from_utf8_lossy(&snapshot.unwrap_or_default()).replace('\n', "; ")
        })));
    }
    let unanswered = world.unanswered();
    if !unanswered.is_empty() {
        return Err(End::Unanswered(unanswered));
    }
    match linearizability(&world.history(), SEARCH) {
        violated @ Linearizability::Violated { .. } => Err(End::NotLinearizable(violated)),
        Linearizability::Linearizable | Linearizability::Unknown { .. } => Ok(()),
    }
}

/// Runs until `done` holds, for at most about `bound`. Returns whether it holds.
fn within(
    world: &mut Timed,
    bound: Duration,
    mut done: impl FnMut(&mut Timed) -> Result<bool, Stop>,
) -> Result<bool, End> {
    let end = world.now() + bound;
    while !done(world)? {
        if world.now() >= end {
            return Ok(false);
        }
        world.run_for(STEP)?;
    }
    Ok(true)
}

fn agree(world: &mut Timed) -> Result<(), End> {
    let agreed = |cluster: &Cluster| Timed::agreed_leader(cluster).is_some();
    if world.run_until(TO_AGREE, agreed)? { Ok(()) } else { Err(End::NoLeader) }
}

/// Clients continue for a while under a leader, and then stop. So the leader has entries of its own term, and
/// conflicting entries of other servers are overwritten.
fn ask_and_rest(world: &mut Timed) -> Result<(), End> {
    // Twice, since a straggler of the storm may bring a newer term during the first time.
    for _ in 0..2 {
        agree(world)?;
        world.run_for(TO_ASK)?;
    }
    world.set_faults(Faults::calm());
    Ok(())
}

/// Whether all members are up and alike.
fn alike<T: PartialEq>(
    cluster: &Cluster,
    of: impl Fn(&Cluster, protocol::ServerId) -> Option<T>,
) -> bool {
    let mut servers = cluster.members().iter().map(|&id| of(cluster, id));
    let Some(Some(first)) = servers.next() else { return false };
    servers.all(|other| other.as_ref() == Some(&first))
}

/// By Log Matching, logs with the same last entry are the same.
fn last_entry(cluster: &Cluster, id: protocol::ServerId) -> Option<(Index, Term)> {
    let log = cluster.log(id);
    let term = log.last().map_or(Term(0), |entry| entry.term);
    cluster.node(id).map(|node| (node.last_index(), term))
}

/// The last entry, if the server has applied it.
fn all_applied(cluster: &Cluster, id: protocol::ServerId) -> Option<(Index, Term)> {
    let last = last_entry(cluster, id)?;
    cluster.node(id).filter(|node| node.last_applied() == last.0).map(|_| last)
}

/// One line for each member.
fn each(cluster: &Cluster, of: impl Fn(&Cluster, protocol::ServerId) -> String) -> String {
    let line = |&id: &protocol::ServerId| format!("{id}: {}", of(cluster, id));
    cluster.members().iter().map(line).collect::<Vec<_>>().join("\n")
}
