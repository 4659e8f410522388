//! Exercise 1.4: a new server, its peers, a majority.

use gates::{Check, Checks, Context, Verdict};

use super::servers::{OWN, S1, S2, fresh, members, setup, state};
use super::subject::protocol::{Config, Index, KeyValue, Members, ServerId, StateMachine as _};
use super::subject::{Log, MembershipState, RaftNode, Saved, SnapshotState};

const STATE: &str = "Figure 2, State: currentTerm \"initialized to 0 on first boot\", votedFor \"null if \
     none\", commitIndex and lastApplied \"initialized to 0\". §5.2: \"When servers start up, they begin \
     as followers\".";
const SETUP: &str = "Figure 2, State, and the doc comments of Setup: a server is one of certain members, \
     on the disk and with the machine it was given, and draws from its own seed: servers that draw the \
     same election timeouts split their votes forever (§5.2).";
const PEERS: &str = "§5.2: a candidate asks \"each of the other servers in the cluster\", and none of them \
     may be left out. The same order in every run makes a simulation repeatable.";
const MAJORITY: &str = "§5.2: \"A candidate wins an election if it receives votes from a majority of the \
     servers in the full cluster\", which is more than half of all members, however many answer. Two \
     halves have no server in common, and could elect two leaders of one term (Election Safety).";

pub(super) fn checks() -> Vec<Check> {
    #[rustfmt::skip]
    let checks = Checks::of("1.4").each([
        ("new", "A new server is a follower of term 0 that has not voted", STATE, follower),
        ("new", "A new server has an empty log, and nothing committed or applied", STATE, empty),
        ("new", "A new server is made of what its setup brings", SETUP, made_of_its_setup),
        ("new", "The random generator of a new server comes from its seed alone", SETUP, seeded),
        ("peers", "The peers are all members but the server itself, in order", PEERS, peers),
        ("is_majority", "A majority is more than half of all members", MAJORITY, more_than_half),
        ("is_majority", "A majority counts voices and not the server that asks", MAJORITY, asker),
        ("is_majority", "There is no majority of an empty cluster", MAJORITY, of_none),
        ("is_majority", "The voice of a stranger does not count", MAJORITY, strangers),
    ]);
    checks.list()
}

fn new(id: ServerId, members: Members) -> RaftNode {
    RaftNode::new(setup(id, members, 1), &OWN)
}

fn follower(check: &mut Context) -> Verdict {
    for count in [1, 3] {
        check.step(format!("make S1 of {count} with RaftNode::new"));
        check.same_text("S1", &state(&new(S1, members(count))), &fresh(0))?;
    }
    Ok(())
}

fn empty(check: &mut Context) -> Verdict {
    check.step("make S1 of 3 with RaftNode::new");
    let node = new(S1, members(3));
    check.equal("log", &node.log, &Log::new())?;
    check.equal("commit_index", node.commit_index, Index(0))?;
    check.equal("last_applied", node.last_applied, Index(0))?;
    check.equal("pending_commands.len()", node.pending_commands.len(), 0)?;
    check.equal("sessions.len()", node.sessions.len(), 0)?;
    check.equal("pending_reads.len()", node.pending_reads.len(), 0)?;
    check.equal("saved", &node.saved, &Saved::default())?;
    check.equal("disk_failure", &node.disk_failure, &None)?;
    check.equal("snapshots", &node.snapshots, &SnapshotState::default())?;
    check.equal("membership", &node.membership, &MembershipState::default())
}

fn made_of_its_setup(check: &mut Context) -> Verdict {
    check.step("make S2 of 4 with RaftNode::new, with a state machine in which x is 1");
    let mut machine = KeyValue::new();
    machine.apply(Index(1), b"set x 1");
    let config = Config { max_entries: 7, ..Config::default() };
    let mut setup = setup(S2, members(4), 1);
    setup.config = config.clone();
    setup.machine = Box::new(machine);
    let node = RaftNode::new(setup, &OWN);
    check.equal("id", node.id, S2)?;
    check.equal("members", &node.members, &members(4))?;
    check.equal("config", &node.config, &config)?;
    let x = node.machine.query(b"get x");
    check.equal("x in the state machine", x.as_ref(), b"1".as_slice())?;
    let same = std::ptr::eq(node.rules, &raw const OWN);
    check.holds(same, "rules: the table that was given", "rules: another table")
}

fn seeded(check: &mut Context) -> Verdict {
    let with = |seed| RaftNode::new(setup(S1, members(3), seed), &OWN).rng;
    check.step("make two servers with the seed 7");
    let other = RaftNode::new(setup(S2, members(3), 7), &OWN).rng;
    let same = with(7) == other;
    check.holds(same, "their generators will draw the same", "they will not")?;
    check.step("make servers with the seeds 7 and 8");
    check.holds(with(7) != with(8), "their generators will draw differently", "they are the same")
}

fn peers(check: &mut Context) -> Verdict {
    for count in 1..=7 {
        for id in 1..=count {
            check.step(format!("ask S{id} of {count} for its peers"));
            let expected = members(count).into_iter().filter(|peer| peer.0 != id).collect();
            check.equal("peers()", new(ServerId(id), members(count)).peers(), expected)?;
        }
    }
    check.step("ask S9, which waits to be added to S1, S2 and S3, for its peers");
    let expected = members(3).into_iter().collect();
    check.equal("peers()", new(ServerId(9), members(3)).peers(), expected)
}

fn more_than_half(check: &mut Context) -> Verdict {
    for count in 1..=7 {
        let node = new(S1, members(count));
        for voices in 0..=count {
            check.step(format!("ask S1 of {count} whether {voices} of {count} are a majority"));
            let expected = voices * 2 > count;
            check.equal("is_majority", node.is_majority(|id| id.0 <= voices), expected)?;
        }
    }
    Ok(())
}

fn asker(check: &mut Context) -> Verdict {
    let node = new(S1, members(3));
    for (voices, expected) in [(&[2][..], false), (&[2, 3], true), (&[], false)] {
        check.step(format!("ask S1 of 3 whether {} are a majority", told(voices)));
        check.equal("is_majority", node.is_majority(|id| voices.contains(&id.0)), expected)?;
    }
    Ok(())
}

fn of_none(check: &mut Context) -> Verdict {
    check.step("ask a server that waits to be added, whose members are none");
    let node = new(S1, members(0));
    check.equal("is_majority(|_| true)", node.is_majority(|_| true), false)?;
    check.equal("is_majority(|_| false)", node.is_majority(|_| false), false)
}

fn strangers(check: &mut Context) -> Verdict {
    let cases: [(u64, &[u64], bool); 4] = [
        (1, &[7, 8, 9], false),
        (1, &[1, 8, 9], false),
        (9, &[1, 9], false),
        (9, &[1, 2, 9], true),
    ];
    for (id, voices, expected) in cases {
        let node = new(ServerId(id), members(3));
        check.step(format!(
            "ask S{id} whether {} are a majority, when S1, S2 and S3 are the members",
            told(voices)
        ));
        check.equal("is_majority", node.is_majority(|id| voices.contains(&id.0)), expected)?;
    }
    Ok(())
}

fn told(voices: &[u64]) -> String {
    let names: Vec<String> = voices.iter().map(|id| format!("S{id}")).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(" and ") }
}
