//! Exploration on the reference: copies of servers go on as their originals do, and without copies the search finds
//! the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::{ClientRequest, Config, Effect, Event, Members, Node, ServerId, Timer};
use protocol::{Entry, Index, RoleName, StateMachine, Term};
use simulator::{Bounds, Exploration, Live, NodeFactory, Scripted, Selector, explore};

const S1: ServerId = ServerId(1);

static ELECTION: data_model::Rules = election::RULES;
static COMMITMENT: data_model::Rules = commitment::RULES;
static SNAPSHOTS: data_model::Rules = snapshots::RULES;

fn servers(rules: &'static data_model::Rules) -> NodeFactory {
    Arc::new(move |setup, _| Box::new(data_model::RaftNode::new(setup, rules)))
}

fn world(factory: NodeFactory, servers: u64) -> Scripted {
    // Snapshots early: they are part of what is copied.
    let config = Config { snapshot_entries: 2, snapshot_tail: 1, ..Config::default() };
    Scripted::new(servers, config, 1, factory, &BTreeMap::new()).expect("servers can be made")
}

fn command(world: &mut Scripted, words: &str) {
    let request = ClientRequest::Command(words.into());
    world.client(S1, request, words).expect("S1 is up");
}

/// S1 leads, and some commands are committed; another is under way.
fn led(factory: NodeFactory) -> Scripted {
    let mut world = world(factory, 3);
    world.fire(S1, Timer::Election).unwrap();
    world.settle().unwrap();
    for words in ["set x 1", "set y 2", "append x 3"] {
        command(&mut world, words);
        world.settle().unwrap();
    }
    command(&mut world, "set x 4");
    world
}

/// What servers print of themselves.
fn printed(world: &Scripted) -> Vec<String> {
    let text = |&id: &ServerId| format!("{:?}", world.cluster.node(id));
    world.cluster.servers().iter().map(text).collect()
}

#[test]
fn a_copy_goes_on_as_its_original_does() {
    let mut original = led(servers(&SNAPSHOTS));
    assert!(original.can_fork());
    let mut copy = original.fork();
    assert_eq!(printed(&copy), printed(&original));
    let before = printed(&original);
    let go_on = |world: &mut Scripted| {
        world.deliver(&Selector::default()).unwrap();
        world.fire(ServerId(2), Timer::Election).unwrap();
        world.settle().unwrap();
        command(world, "get x");
        world.fire(S1, Timer::Election).unwrap();
        world.settle().unwrap();
        command(world, "append y 5");
        world.settle().unwrap();
    };
    go_on(&mut copy);
    assert_eq!(printed(&original), before, "the original has not moved");
    go_on(&mut original);
    assert_eq!(printed(&copy), printed(&original));
    assert_eq!(copy.answers(), original.answers());
    for id in original.cluster.servers() {
        let files = |world: &Scripted| world.cluster.disk(*id).unwrap().files();
        assert_eq!(files(&copy), files(&original), "the disks of {id}");
    }
}

#[test]
fn a_copy_that_crashes_leaves_its_original_alone() {
    let mut original = led(servers(&SNAPSHOTS));
    original.cluster.durable = true;
    let (before, files) = (printed(&original), original.cluster.disk(S1).unwrap().files());
    let mut copy = original.fork();
    copy.crash(S1).unwrap();
    copy.restart(S1).unwrap();
    copy.settle().unwrap();
    assert_eq!(printed(&original), before);
    assert_eq!(original.cluster.disk(S1).unwrap().files(), files);
    original.settle().unwrap();
}

/// A server that cannot be copied.
#[derive(Debug)]
struct Single(Box<dyn Node>);

impl Node for Single {
    fn handle(&mut self, event: Event) -> std::io::Result<Vec<Effect>> {
        self.0.handle(event)
    }
    fn role(&self) -> RoleName {
        self.0.role()
    }
    fn current_term(&self) -> Term {
        self.0.current_term()
    }
    fn voted_for(&self) -> Option<ServerId> {
        self.0.voted_for()
    }
    fn base(&self) -> (Index, Term) {
        self.0.base()
    }
    fn last_index(&self) -> Index {
        self.0.last_index()
    }
    fn entry(&self, index: Index) -> Option<&Entry> {
        self.0.entry(index)
    }
    fn commit_index(&self) -> Index {
        self.0.commit_index()
    }
    fn last_applied(&self) -> Index {
        self.0.last_applied()
    }
    fn members(&self) -> &Members {
        self.0.members()
    }
    fn machine(&self) -> &dyn StateMachine {
        self.0.machine()
    }
}

fn explored(again: &dyn Fn() -> Scripted, bounds: &Bounds) -> Exploration {
    explore(&again(), &|| Ok(again()), bounds, &mut |_| {}).expect("the run can be repeated")
}

#[test]
fn servers_that_cannot_be_copied_are_explored_by_repeating_the_run() {
    let single: NodeFactory = {
        let made = servers(&COMMITMENT);
        Arc::new(move |setup, given| Box::new(Single(made(setup, given))))
    };
    let live = Some(Live::Commit);
    let bounds = Bounds { elections: 1, live, states: 1_500, ..Bounds::default() };
    let copied = explored(&|| led(servers(&COMMITMENT)), &bounds);
    let repeated = explored(&|| led(single.clone()), &bounds);
    assert!(copied.copied && !repeated.copied);
    assert_eq!(repeated.progress, copied.progress);
    assert_eq!(repeated.tried_out, copied.tried_out);
    assert!(copied.violation.is_none() && repeated.violation.is_none());
}

#[test]
fn a_search_is_complete_if_it_has_visited_all_states() {
    let fresh = || world(servers(&ELECTION), 3);
    let all = explored(&fresh, &Bounds { elections: 1, ..Bounds::default() });
    assert!(all.complete && all.violation.is_none());
    let states = all.progress.states;
    let exactly = Bounds { elections: 1, states, ..Bounds::default() };
    assert!(explored(&fresh, &exactly).complete);
    let most = |states| Bounds { elections: 1, states, ..Bounds::default() };
    assert!(!explored(&fresh, &most(states - 1)).complete);
    assert_eq!(explored(&fresh, &most(states - 1)).progress.states, states - 1);
    // What is quick leaves states out, and finds others in the same order.
    let quick = explored(&fresh, &Bounds { elections: 1, quick: true, ..Bounds::default() });
    assert!(quick.complete && quick.progress.states < states);
}
