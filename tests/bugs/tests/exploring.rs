//! Exploration on the reference: copies of servers go on as their originals do, and without copies the search finds
//! the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use bugs::{Around, Offers};
use protocol::{ClientId, ClientRequest, Command, Config, ServerId, Session, Timer};
use simulator::{Bounds, Exploration, Live, NodeFactory, Scripted, Selector, explore};

const S1: ServerId = ServerId(1);

static ELECTION: data_model::Rules = election::RULES;
static COMMITMENT: data_model::Rules = commitment::RULES;
static SNAPSHOTS: data_model::Rules = snapshots::RULES;
static MEMBERSHIP: data_model::Rules = membership::RULES;

fn servers(rules: &'static data_model::Rules) -> NodeFactory {
    Arc::new(move |setup, _| Box::new(data_model::RaftNode::new(setup, rules)))
}

/// The same servers, but that they offer explorations less.
fn around(rules: &'static data_model::Rules, offers: Offers) -> NodeFactory {
    let made = servers(rules);
    Arc::new(move |setup, given| Around::offering(made(setup, given), offers))
}

fn world(factory: NodeFactory, servers: u64) -> Scripted {
    // Snapshots early: they are part of what is copied.
    let config =
        Config { snapshot_entries: 2, snapshot_tail: 1, snapshot_chunk: 6, ..Config::default() };
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

/// The same, and S3 needs a snapshot.
fn behind(factory: NodeFactory) -> Scripted {
    let mut world = world(factory, 3);
    world.fire(S1, Timer::Election).unwrap();
    world.settle().unwrap();
    world.cut(S1, ServerId(3));
    for words in ["set x 1", "set y 2", "append x 3", "append x 4"] {
        command(&mut world, words);
        world.settle().unwrap();
    }
    world.heal();
    world
}

/// S1 leads, and a client has registered. Returns its id too.
fn registered(factory: NodeFactory) -> (Scripted, ClientId) {
    let mut world = led(factory);
    world.client(S1, ClientRequest::Register, "register").expect("S1 is up");
    world.settle().unwrap();
    let (_, _, answer) = world.answers().last().expect("the registration is answered");
    let id = String::from_utf8(answer.clone().expect("S1 leads").to_vec()).unwrap();
    (world, ClientId(id.parse().unwrap()))
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

fn explored(again: &dyn Fn() -> Scripted, bounds: &Bounds) -> Exploration {
    explore(&again(), &|| Ok(again()), bounds, &mut |_| {}).expect("the run can be repeated")
}

#[test]
fn servers_that_cannot_be_copied_are_explored_by_repeating_the_run() {
    let single = around(&COMMITMENT, Offers::Nothing);
    let live = Some(Live::Commit);
    let bounds = Bounds { elections: 1, live, states: 1_500, ..Bounds::default() };
    let copied = explored(&|| led(servers(&COMMITMENT)), &bounds);
    let repeated = explored(&|| led(single.clone()), &bounds);
    assert!(copied.copied && !repeated.copied);
    assert_eq!(repeated.progress, copied.progress);
    assert_eq!(repeated.tried_out, copied.tried_out);
    assert!(copied.violation.is_none() && repeated.violation.is_none());
}

/// Every state is visited once by either, and in the same order: so the digest tells exactly those states apart that
/// print something else.
fn are_told_apart_alike(
    rules: &'static data_model::Rules,
    begin: &dyn Fn(NodeFactory) -> Scripted,
    bounds: &Bounds,
) {
    let digested = explored(&|| begin(servers(rules)), bounds);
    let printed = explored(&|| begin(around(rules, Offers::Copies)), bounds);
    assert!(digested.copied && printed.copied);
    assert_eq!(digested.progress, printed.progress);
    assert_eq!(digested.tried_out, printed.tried_out);
    assert!(digested.violation.is_none() && printed.violation.is_none());
}

#[test]
fn a_digest_tells_the_same_states_apart_as_what_servers_print() {
    let of = |states| Bounds { elections: 1, heartbeats: 1, states, ..Bounds::default() };
    are_told_apart_alike(&ELECTION, &|servers| world(servers, 3), &of(4_000));
    let live = Bounds { live: Some(Live::Commit), duplicates: 1, ..of(2_000) };
    are_told_apart_alike(&COMMITMENT, &led, &live);
    // Reads, whose requests are part of the state; sessions; snapshots in several chunks; members that change.
    let ask = |request| (S1, request);
    let mut clients = vec![ask(ClientRequest::Query("get x".into()))];
    let (_, client) = registered(servers(&COMMITMENT));
    let session = Some(Session { client, serial: 1 });
    let command = Command { session, ..Command::from("append x 5") };
    clients.push(ask(ClientRequest::Command(command)));
    clients.push(ask(ClientRequest::Query("get y".into())));
    let begin = |servers| registered(servers).0;
    are_told_apart_alike(&COMMITMENT, &begin, &Bounds { clients, ..of(3_000) });
    let clients = vec![ask(ClientRequest::Register), ask(ClientRequest::Register)];
    are_told_apart_alike(&COMMITMENT, &led, &Bounds { clients, ..of(3_000) });
    are_told_apart_alike(&SNAPSHOTS, &behind, &of(3_000));
    let without = [S1, ServerId(2)].into_iter().collect();
    let clients =
        vec![ask(ClientRequest::Change(without)), ask(ClientRequest::Transfer(ServerId(2)))];
    are_told_apart_alike(&MEMBERSHIP, &led, &Bounds { clients, quiet: 1, ..of(3_000) });
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
