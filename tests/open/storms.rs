//! Storms: the last checks of each milestone.

use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use gates::simulator::Workload;
use gates::storm::{Goal, old_leader, storms_of_new_servers};
use gates::{Check, ExerciseId, Scope, scenario};

use super::{milestones, servers};

/// Servers of another design may be slower than those of the modules, and are not optimized.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Storms of one kind.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    goal: Goal,
    workload: Workload,
    /// The milestone, if it is not that of the goal and the workload.
    milestone: Option<u32>,
    /// What holds in them, as the end of a sentence.
    claim: &'static str,
    why: &'static str,
    /// How many storms are one check, and how many such checks the milestone has.
    storms: u64,
    checks: u64,
}

const fn kind(
    goal: Goal,
    claim: &'static str,
    why: &'static str,
    storms: u64,
    checks: u64,
) -> Kind {
    Kind { goal, workload: Workload::Commands, milestone: None, claim, why, storms, checks }
}

const ELECTIONS: &str = "Figure 3, Election Safety: \"at most one leader can be elected in a given term\" \
    (§5.2), whatever the network does. And §5.2: randomized timeouts let elections end, and heartbeats keep the \
    winner in office.";
const LOGS: &str = "Figure 3, Log Matching (§5.3): \"if two logs contain an entry with the same index and term, \
    then the logs are identical in all entries up through the given index\", whatever the network does. And \
    §5.4: what a majority has acknowledged in the entry's own term is in the log of every later leader.";
const CLIENTS: &str = "Figure 3, Leader Completeness (§5.4) and State Machine Safety (§5.4.3). And §8: to its \
    clients the cluster must look like one server that executes each command at one moment between its request \
    and its answer.";
const DISKS: &str = "Figure 2, State: what a server has told others survives its crash. With it Figure 3 holds \
    whenever servers crash, whatever their disks were doing.";
const SNAPSHOTS: &str = "§7: a snapshot changes nothing that can be seen. A server that has received one has the \
    state to which applying the entries leads, and to its clients the cluster looks like one server.";
const MEMBERS: &str = "Figure 3, whatever the network and the disks do, and whichever servers are members (§6). \
    When nothing fails any more, every member has the same state, whatever servers do that were removed.";
const ONCE: &str = "§8: \"if the leader crashes after committing the log entry but before responding to the client, \
    the client will retry the command with a new leader, causing it to be executed a second time\". With serial \
    numbers it must look as if each command had been executed once.";
const READS: &str = "§8: read-only operations \"must not return stale data\": a leader knows what is committed only \
    when it has committed in its own term, and that it still leads only when a majority has answered since.";

/// All kinds. `fuzz` draws from those whose milestones are reached.
#[rustfmt::skip]
pub(super) const KINDS: [Kind; 10] = [
    kind(Goal::StableLeader, "Election Safety holds, and a stable leader is elected in the end", ELECTIONS, 50, 4),
    kind(Goal::LogsAgree, "logs match, keep what a majority has acknowledged, and are equal in the end", LOGS, 50, 4),
    kind(Goal::Linearizable, "Figure 3 holds, and clients see what one server could do", CLIENTS, 25, 4),
    kind(Goal::Durable, "servers crash and disks fail, and nothing that was answered is lost", DISKS, 10, 8),
    kind(Goal::Compacted, "servers take and send snapshots, and clients see what one server could do", SNAPSHOTS, 25, 4),
    kind(Goal::Reconfigured, "servers crash, and are added and removed, and Figure 3 holds", MEMBERS, 25, 4),
    Kind {
        workload: Workload::Sessions,
        ..kind(Goal::Linearizable, "clients repeat commands, and see each of them executed once", ONCE, 25, 1)
    },
    Kind {
        workload: Workload::Queries,
        ..kind(Goal::Linearizable, "reads see all that was acknowledged before", READS, 25, 1)
    },
    Kind {
        milestone: Some(9),
        ..kind(Goal::Reconfigured, "Figure 3 holds, even when servers ask before an election", MEMBERS, 12, 1)
    },
    Kind {
        milestone: Some(10),
        ..kind(Goal::Reconfigured, "Figure 3 holds, even when leadership can be handed over", MEMBERS, 12, 1)
    },
];

impl Kind {
    fn milestone(self) -> ExerciseId {
        let usual = milestones::of_storm(self.goal, self.workload);
        self.milestone.map_or(usual, milestones::milestone_with)
    }

    /// The storms with these numbers, as one check.
    pub(super) fn check(self, numbers: RangeInclusive<u64>) -> Check {
        let Kind { goal, workload, claim, why, .. } = self;
        let claim = format!("In storms {} to {}, {claim}", numbers.start(), numbers.end());
        let milestone = self.milestone();
        let check = Check::new(&milestone.to_string(), claim, why, move |context| {
            storms_of_new_servers(context, &servers(milestone), goal, workload, numbers.clone())
        });
        check.scope(Scope::Storm).time_limit(TIME_LIMIT)
    }
}

/// All storms, and a crash at each point of each write.
pub(super) fn checks(tests: &Path) -> Vec<Check> {
    let parts = |kind: Kind| {
        (0..kind.checks)
            .map(move |part| kind.check(part * kind.storms + 1..=(part + 1) * kind.storms))
    };
    let mut checks: Vec<Check> = KINDS.into_iter().flat_map(parts).collect();
    checks.push(one_that_hears_an_old_leader());
    for part in 0..CRASH_CHECKS {
        checks.push(crash_points(tests, "05-persistence", 4, part));
        checks.push(crash_points(tests, "06-snapshots", 5, part));
    }
    checks
}

fn one_that_hears_an_old_leader() -> Check {
    let claim = "An old leader that still reaches one server does not keep it from campaigning";
    let why = "Rules for Servers, Followers (§5.2): an election begins if the timeout elapses \"without receiving \
        AppendEntries RPC from current leader\". A leader of an older term is not the current one.";
    let milestone = milestones::milestone_with(1);
    let check = Check::new(&milestone.to_string(), claim, why, move |context| {
        old_leader(context, &servers(milestone))
    });
    check.scope(Scope::Storm)
}

/// The number of checks that share the crash points of a module's scenarios.
const CRASH_CHECKS: usize = 2;

fn crash_points(tests: &Path, module: &str, milestone: u32, part: usize) -> Check {
    let number = part + 1;
    let of = if milestone == 4 { "" } else { " or a snapshot" };
    let claim = format!(
        "Whatever byte of a write{of} a crash comes at, nothing that was answered is lost (part {number})"
    );
    let milestone = milestones::milestone_with(milestone);
    let folder = tests.join(module);
    Check::new(&milestone.to_string(), claim, DISKS, move |context| {
        let share = (part, CRASH_CHECKS);
        scenario::crash_points_of_whole_servers(context, &folder, &servers(milestone), share)
    })
    .scope(Scope::Storm)
    .time_limit(TIME_LIMIT)
}
