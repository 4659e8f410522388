//! The same seed gives the same run: twice, in debug and release builds, today and next year.
//!
//! The numbers below change when the reference, the simulator, or what a trace tells is changed, and
//! for no other reason. Who changes them can say which of these it was.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use data_model::{Outbox, RaftNode, Rules};
use protocol::{Config, ServerId};
use rand::Rng as _;
use simulator::{
    Faults, LossReason, MessageId, NodeFactory, Timed, TimedOptions, Trace, TraceEvent, hash,
};

static RULES: Rules = election::RULES;
static RESTLESS: Rules = Rules { start: draw_once_more, ..election::RULES };

/// Starts like the reference, after one draw for nothing.
fn draw_once_more(node: &mut RaftNode, out: &mut Outbox) {
    node.rng.next_u64();
    (RULES.start)(node, out);
}

/// Servers of the reference; those that `restless` names draw once more.
fn boot(restless: Option<ServerId>) -> NodeFactory {
    Arc::new(move |setup, _| {
        let rules = if Some(setup.id) == restless { &RESTLESS } else { &RULES };
        Box::new(RaftNode::new(setup, rules))
    })
}

/// What happens to five servers in a number of events with faults, and in another after the network has healed.
fn run(seed: u64, faults: Faults, (stormy, calm): (u64, u64), boot: NodeFactory) -> Trace {
    let config = Config::default();
    let options = TimedOptions { servers: 5, config, seed, faults, trace: true };
    let mut world = Timed::new(options, boot).unwrap();
    world.run_events(stormy).unwrap();
    if calm > 0 {
        world.heal().unwrap();
        world.run_events(calm).unwrap();
    }
    world.cluster.audit().unwrap();
    world.cluster.trace.take().unwrap()
}

const EVENTS: (u64, u64) = (15_000, 5_000);
/// Seeds, and the hashes of the traces of their runs.
const GOLDEN: [(u64, &str); 5] = [
    (1, "3998d4154da02198"),
    (2, "a433a97a3fc058d6"),
    (3, "9b327b6a2a9c587b"),
    (4, "8b2cf85a996eb0fd"),
    (1_000_000_007, "ea890b18c8cd08ac"),
];

#[test]
fn a_seed_gives_the_same_run_everywhere() {
    let hashes = GOLDEN.map(|(seed, _)| {
        let trace = run(seed, Faults::swarm(seed), EVENTS, boot(None));
        (seed, format!("{:016x}", hash(&trace)))
    });
    let hashes = hashes.each_ref().map(|(seed, hash)| (*seed, hash.as_str()));
    assert_eq!(hashes, GOLDEN, "a seed gives another run than it used to");
}

#[test]
fn a_seed_gives_the_same_run_twice() {
    for seed in 10..14 {
        let [first, second] =
            [(); 2].map(|()| run(seed, Faults::swarm(seed), (4_000, 1_000), boot(None)));
        assert!(first == second, "seed {seed}");
        assert_ne!(
            hash(&first),
            hash(&run(seed + 1, Faults::swarm(seed), (4_000, 1_000), boot(None)))
        );
    }
}

/// What became of a message: how long each copy travelled; none if it was lost.
type Fate = Vec<Duration>;

/// For each link, what became of its messages, in the order of their sending. Those that were still
/// under way at the end are left out, and all that follow them.
fn fates(trace: &Trace) -> BTreeMap<(ServerId, ServerId), Vec<Fate>> {
    let mut sent = BTreeMap::new();
    let mut copies: BTreeMap<MessageId, usize> = BTreeMap::new();
    let mut arrived: BTreeMap<MessageId, Fate> = BTreeMap::new();
    for traced in trace {
        match &traced.what {
            TraceEvent::Sent { message } => {
                sent.insert(message.id, (traced.time, message.from, message.to));
                copies.insert(message.id, 1);
            }
            TraceEvent::Duplicated { id } => *copies.entry(*id).or_default() += 1,
            TraceEvent::Lost { id, why: LossReason::Dropped } => {
                *copies.entry(*id).or_default() -= 1;
            }
            TraceEvent::Delivered { id } => {
                arrived.entry(*id).or_default().push(traced.time.saturating_sub(sent[id].0));
            }
            _ => {}
        }
    }
    let mut fates: BTreeMap<_, Vec<Fate>> = BTreeMap::new();
    let mut unfinished = Vec::new();
    for (id, (_, from, to)) in sent {
        let fate = arrived.remove(&id).unwrap_or_default();
        if fate.len() < copies[&id] {
            unfinished.push((from, to));
        }
        if !unfinished.contains(&(from, to)) {
            fates.entry((from, to)).or_default().push(fate);
        }
    }
    fates
}

/// A learner's server that draws more often than the reference meets the same network.
#[test]
fn a_further_draw_of_one_server_changes_no_messages_fate() {
    // Requests and replies are lost alike, so that a fate depends on a message's place alone; and
    // nothing hides a fate.
    let faults = Faults {
        lose_request: 8_000,
        lose_reply: 8_000,
        duplicate: 8_000,
        straggle: 4_000,
        straggle_factor: 8,
        ..Faults::calm()
    };
    for seed in 1..=5 {
        let usual = run(seed, faults.clone(), (4_000, 0), boot(None));
        let other = run(seed, faults.clone(), (4_000, 0), boot(Some(ServerId(5))));
        assert!(usual != other, "seed {seed}: the further draw makes another run");
        let (usual, other) = (fates(&usual), fates(&other));
        let mut compared = 0;
        for (link, fates) in &usual {
            let both = fates.iter().zip(other.get(link).into_iter().flatten());
            for (place, (one, other)) in both.enumerate() {
                assert_eq!(one, other, "seed {seed}: message {place} of {link:?}");
                compared += 1;
            }
        }
        assert!(compared > 500, "seed {seed}: only {compared} messages were compared");
    }
}
