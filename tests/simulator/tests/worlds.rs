//! The scripted and the timed world, with servers that only chat.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use protocol::{
    CallId, ClientRequest, Config, Effect, Event, Index, KeyValue, Members, Node, Reply, Request,
    RequestVote, RequestVoteReply, RoleName, ServerId, Setup, Term, Timer,
};
use simulator::{
    Action, End, Faults, Heading, InitialState, LossReason, NodeFactory, Outside, Recording,
    ScriptError, Scripted, Selector, ShortRun, Stop, Timed, TimedOptions, TraceEvent, hash, shrink,
};

/// What a chatterbox does besides asking all others for their vote each time its timer runs out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Habit {
    None,
    /// Arms its timer for at once.
    Restless,
    /// Answers every reply with a new request.
    Talkative,
    /// Panics when it is asked.
    Nervous,
    /// Gives two answers.
    Insistent,
    /// Gives up at its first timeout.
    Faint,
    /// Panics when it is asked in a high term.
    Sulky,
    /// Asks servers that do not exist.
    Stray,
}

#[derive(Debug)]
struct Chatterbox {
    id: ServerId,
    members: Members,
    habit: Habit,
    calls: u64,
    term: Term,
    machine: KeyValue,
}

impl Chatterbox {
    fn ask(&mut self, to: ServerId) -> Effect {
        self.calls += 1;
        let request = Request::RequestVote(RequestVote {
            term: self.term,
            candidate_id: self.id,
            last_log_index: Index(0),
            last_log_term: Term(0),
            leadership_transfer: false,
        });
        Effect::Call { call: CallId(self.calls), to, request }
    }
}

impl Node for Chatterbox {
    fn handle(&mut self, event: Event) -> io::Result<Vec<Effect>> {
        let after =
            if self.habit == Habit::Restless { Duration::ZERO } else { Duration::from_millis(100) };
        let arm = Effect::SetTimer { timer: Timer::Election, after };
        Ok(match event {
            Event::Start => vec![arm],
            Event::Timeout(_) if self.habit == Habit::Faint => {
                return Err(io::Error::other("the disk is gone"));
            }
            Event::Timeout(_) => {
                self.term = self.term.next();
                let peers: Vec<_> = if self.habit == Habit::Stray {
                    vec![ServerId(0), ServerId(9)]
                } else {
                    self.members.iter().copied().filter(|&p| p != self.id).collect()
                };
                peers.into_iter().map(|peer| self.ask(peer)).chain([arm]).collect()
            }
            Event::Request { call, from, request } => {
                assert_ne!(self.habit, Habit::Nervous, "leave me alone");
                assert!(self.habit != Habit::Sulky || request.term() <= Term(20), "too high");
                let reply = RequestVoteReply { term: self.term, vote_granted: false };
                let answer = Effect::Answer { call, to: from, reply: Reply::RequestVote(reply) };
                let times = if self.habit == Habit::Insistent { 2 } else { 1 };
                vec![answer; times]
            }
            Event::Reply { from, .. } if self.habit == Habit::Talkative => vec![self.ask(from)],
            Event::Reply { .. } => Vec::new(),
            Event::Client { id, .. } => {
                vec![Effect::Client { id, result: Ok("heard".into()) }, arm]
            }
        })
    }
    fn role(&self) -> RoleName {
        RoleName::Follower
    }
    fn current_term(&self) -> Term {
        self.term
    }
    fn voted_for(&self) -> Option<ServerId> {
        None
    }
    simulator::without_log!();
}

fn boot(habit: Habit) -> NodeFactory {
    Arc::new(move |setup: Setup, _: InitialState| {
        Box::new(Chatterbox {
            id: setup.id,
            members: setup.members,
            habit,
            calls: 0,
            term: Term(0),
            machine: KeyValue::new(),
        })
    })
}

fn scripted(habit: Habit) -> Scripted {
    Scripted::new(3, Config::default(), 1, boot(habit), &BTreeMap::new()).unwrap()
}

fn timed(habit: Habit, seed: u64, faults: Faults) -> Timed {
    let config = Config::default();
    let options = TimedOptions { servers: 3, config, seed, faults, trace: true };
    Timed::new(options, boot(habit)).unwrap()
}

fn from(id: u64) -> Selector {
    Selector { from: Some([ServerId(id)].into()), ..Selector::default() }
}

fn kind(kind: &str) -> Selector {
    Selector { kind: Some(kind.to_owned()), ..Selector::default() }
}

fn count(world: &Timed, what: impl Fn(&TraceEvent) -> bool) -> usize {
    let trace = world.cluster.trace.as_ref().unwrap();
    trace.iter().filter(|traced| what(&traced.what)).count()
}

const S1: ServerId = ServerId(1);
const S2: ServerId = ServerId(2);

#[test]
fn in_a_script_nothing_moves_by_itself() {
    let mut world = scripted(Habit::None);
    world.fire(S1, Timer::Election).unwrap();
    assert_eq!(world.in_flight().count(), 2);
    assert_eq!(world.deliver(&kind("RequestVoteReply")).unwrap(), 0);
    assert_eq!(world.deliver(&kind("RequestVote")).unwrap(), 2);
    assert_eq!(world.in_flight().count(), 2, "the replies are under way");
    assert_eq!(world.lose(&from(2)), 1);
    assert_eq!(world.deliver(&from(3)).unwrap(), 1);
    assert_eq!(world.in_flight().count(), 0);
}

#[test]
fn held_messages_stay_and_duplicates_follow_their_originals() {
    let mut world = scripted(Habit::None);
    world.fire(S1, Timer::Election).unwrap();
    let to_s2 = Selector { to: Some([S2].into()), ..Selector::default() };
    assert_eq!(world.duplicate(&to_s2), 1);
    let receivers: Vec<_> = world.in_flight().map(|(message, _)| message.to.0).collect();
    assert_eq!(receivers, [2, 2, 3]);
    assert_eq!(world.hold(&to_s2, true), 2);
    world.settle().unwrap();
    assert_eq!(world.in_flight().filter(|(_, held)| *held).count(), 2);
    assert_eq!(world.hold(&to_s2, false), 2);
    world.settle().unwrap();
    assert_eq!(world.in_flight().count(), 0);
}

#[test]
fn a_timer_that_is_not_running_cannot_run_out() {
    let mut world = scripted(Habit::None);
    let refused = world.fire(S1, Timer::Heartbeat).unwrap_err();
    assert_eq!(refused, ScriptError::NotArmed(S1, Timer::Heartbeat));
    world.fire(S1, Timer::Election).unwrap();
    world.fire(S1, Timer::Election).unwrap();
    world.crash(S1).unwrap();
    let refused = world.fire(S1, Timer::Election).unwrap_err();
    assert_eq!(refused.to_string(), "S1 has crashed and is down");
    let refused = world.fire(ServerId(4), Timer::Election).unwrap_err();
    assert_eq!(refused.to_string(), "there is no server S4; this cluster has S1 to S3");
}

#[test]
fn messages_are_lost_at_a_cut_link_and_at_a_server_that_is_down() {
    let mut world = scripted(Habit::None);
    world.cut(S1, S2);
    world.crash(ServerId(3)).unwrap();
    world.fire(S1, Timer::Election).unwrap();
    world.settle().unwrap();
    let trace = world.cluster.trace.as_ref().unwrap();
    let lost: Vec<_> = trace
        .iter()
        .filter_map(|traced| match traced.what {
            TraceEvent::Lost { why, .. } => Some(why),
            _ => None,
        })
        .collect();
    assert_eq!(lost, [LossReason::Partition, LossReason::ServerDown]);
}

/// A wrong server may name any number, and its run must still be one that a page can show.
#[test]
fn a_message_to_a_server_that_does_not_exist_is_lost() {
    let (factory, given) = (boot(Habit::Stray), BTreeMap::new());
    let world = Scripted::recorded(3, Config::default(), 1, factory, &given, true);
    let mut world = world.map_err(|(error, _)| error).unwrap();
    world.fire(S2, Timer::Election).unwrap();
    assert_eq!(world.deliver(&Selector::default()).unwrap(), 2);
    assert_eq!(world.in_flight().count(), 0);
    let recorder = world.cluster.take_recorder().unwrap();
    let run = recorder.finish(Heading::default(), false, |_| End::default());
    let read = Recording::read_all(&serde_json::to_string(&run).unwrap()).unwrap();
    assert_eq!(read, [run]);
}

#[test]
fn a_reply_to_a_call_from_before_the_crash_is_lost() {
    let mut world = scripted(Habit::None);
    world.fire(S1, Timer::Election).unwrap();
    world.crash(S1).unwrap();
    world.restart(S1).unwrap();
    world.deliver(&kind("RequestVote")).unwrap();
    world.settle().unwrap();
    let trace = world.cluster.trace.as_ref().unwrap();
    let late = |what: &TraceEvent| {
        matches!(what, TraceEvent::Lost { why: LossReason::CallerRestarted, .. })
    };
    assert_eq!(trace.iter().filter(|traced| late(&traced.what)).count(), 2);
    assert!(world.restart(S1).unwrap_err().to_string().contains("only a server that is down"));
}

#[test]
fn a_script_can_ask_in_the_name_of_another_and_clients_are_answered() {
    let mut world = scripted(Habit::None);
    let request = Request::RequestVote(RequestVote {
        term: Term(1),
        candidate_id: S2,
        last_log_index: Index(0),
        last_log_term: Term(0),
        leadership_transfer: false,
    });
    let reply = world.ask(S2, S1, request).unwrap().expect("it is up");
    assert_eq!(reply.name(), "RequestVote");
    assert_eq!(world.in_flight().count(), 0, "the answer goes to the script");
    let id = world.client(S1, ClientRequest::Command("get x".into()), "get x").unwrap();
    assert_eq!(world.answers(), [(id, S1, Ok("heard".into()))]);
}

#[test]
fn panics_and_failures_end_the_run_and_are_told_apart() {
    let mut world = scripted(Habit::Nervous);
    world.fire(S1, Timer::Election).unwrap();
    let ScriptError::Stop(stop) = world.settle().unwrap_err() else { panic!() };
    let Stop::Panic { server, panicked, told } = &stop else { panic!("{stop}") };
    assert_eq!((*server, told.to_string()), (S2, "RequestVote of term 1 from S1".to_owned()));
    assert!(panicked.message.contains("leave me alone") && panicked.todo.is_none());

    let mut world = scripted(Habit::Faint);
    let stop = world.fire(S1, Timer::Election).unwrap_err();
    assert_eq!(stop.to_string(), "S1 gave up: the disk is gone");

    let mut world = scripted(Habit::Insistent);
    world.fire(S1, Timer::Election).unwrap();
    let stop = world.settle().unwrap_err();
    assert!(stop.to_string().contains("S2 answered RequestVote of term 1 from S1 twice"), "{stop}");
}

#[test]
fn a_storm_in_which_no_time_passes_is_stopped_and_described() {
    let mut world = timed(Habit::Restless, 1, Faults::calm());
    let stop = world.run_for(Duration::from_secs(1)).unwrap_err();
    assert!(matches!(stop, Stop::Endless { at: Duration::ZERO, .. }), "{stop}");
    assert!(stop.to_string().contains("election timeout of S"), "{stop}");

    let mut world = scripted(Habit::Talkative);
    world.fire(S1, Timer::Election).unwrap();
    let stop = world.settle().unwrap_err();
    assert!(stop.to_string().contains("RequestVote"), "{stop}");
}

#[test]
fn a_long_storm_is_shrunk_to_the_actions_that_matter() {
    let faults = Faults { duplicate: 8_000, straggle: 8_000, straggle_factor: 9, ..Faults::calm() };
    let mut world = timed(Habit::Sulky, 5, faults);
    let stop = world.run_for(Duration::from_mins(1)).unwrap_err();
    let trace = world.cluster.trace.take().unwrap();
    assert!(trace.len() > 1_000, "{}", trace.len());
    let fresh = |servers| {
        Scripted::new(servers, Config::default(), 5, boot(Habit::Sulky), &BTreeMap::new())
    };
    let ShortRun { servers, actions, is_shortest } = shrink(&trace, &stop, 3, &fresh).unwrap();
    let fires = actions.iter().filter(|action| matches!(action, Action::Fire(..))).count();
    let delivers = actions.iter().filter(|action| matches!(action, Action::Deliver(_))).count();
    // It panics on a request with a term above 20: some server must time out that often and ask once.
    assert_eq!((servers, fires, delivers, actions.len()), (2, 21, 1, 22), "{actions:#?}");
    assert!(is_shortest);
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_seed_another() {
    let run = |seed| {
        let mut world = timed(Habit::None, seed, Faults::swarm(seed));
        world.run_events(3_000).unwrap();
        hash(world.cluster.trace.as_ref().unwrap())
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

#[test]
fn a_calm_network_loses_nothing_and_a_wild_one_does_everything() {
    let mut calm = timed(Habit::None, 3, Faults::calm());
    calm.run_for(Duration::from_secs(5)).unwrap();
    assert_eq!(count(&calm, |what| matches!(what, TraceEvent::Lost { .. })), 0);

    let faults = Faults {
        lose_request: 6_000,
        lose_reply: 6_000,
        duplicate: 6_000,
        straggle: 6_000,
        straggle_factor: 20,
        partition_every: Some(Duration::from_millis(300)),
        one_way: 128,
        crash_every: Some(Duration::from_millis(500)),
        ..Faults::calm()
    };
    let mut wild = timed(Habit::None, 3, faults);
    wild.cluster.durable = false;
    wild.run_for(Duration::from_secs(10)).unwrap();
    for why in [LossReason::Dropped, LossReason::Partition, LossReason::ServerDown] {
        let lost =
            count(&wild, |what| matches!(what, TraceEvent::Lost { why: w, .. } if *w == why));
        assert!(lost > 0, "{why:?}");
    }
    for (name, found) in [
        ("duplicate", count(&wild, |what| matches!(what, TraceEvent::Duplicated { .. }))),
        ("crash", count(&wild, |what| matches!(what, TraceEvent::Crashed { .. }))),
        ("restart", count(&wild, |what| matches!(what, TraceEvent::Restarted { .. }))),
        ("cut", count(&wild, |what| matches!(what, TraceEvent::Cut { .. }))),
    ] {
        assert!(found > 0, "{name}");
    }
    wild.heal().unwrap();
    assert!(wild.cluster.servers().iter().all(|&id| wild.cluster.is_up(id)));
}

#[test]
fn a_link_can_have_a_weather_of_its_own() {
    let mut world = timed(Habit::None, 1, Faults::calm());
    let deaf = Faults { lose_request: u16::MAX, ..Faults::calm() };
    world.set_link_faults(S1, S2, deaf);
    world.run_for(Duration::from_secs(2)).unwrap();
    let trace = world.cluster.trace.as_ref().unwrap();
    let lost: Vec<_> = trace
        .iter()
        .filter_map(|traced| match &traced.what {
            TraceEvent::Lost { id, .. } => Some(*id),
            _ => None,
        })
        .collect();
    assert!(!lost.is_empty());
    for traced in trace {
        if let TraceEvent::Sent { message } = &traced.what {
            let is_the_link = (message.from, message.to) == (S1, S2) && message.is_request();
            assert_eq!(lost.contains(&message.id), is_the_link, "{message}");
        }
    }
    world.set_faults(Faults::calm());
    let before = count(&world, |what| matches!(what, TraceEvent::Lost { .. }));
    world.run_for(Duration::from_secs(2)).unwrap();
    assert_eq!(count(&world, |what| matches!(what, TraceEvent::Lost { .. })), before);
}

#[test]
fn rearming_a_timer_cancels_its_earlier_time() {
    let timeouts = |command_every| {
        let faults = Faults { command_every, ..Faults::calm() };
        let mut world = timed(Habit::None, 1, faults);
        world.run_for(Duration::from_millis(1_050)).unwrap();
        count(&world, |what| {
            matches!(what, TraceEvent::Event { server: S1, event: Event::Timeout(_) })
        })
    };
    assert_eq!(timeouts(None), 10, "every 100 ms");
    // Each command re-arms the timer of its server, about every 15 ms.
    assert_eq!(timeouts(Some(Duration::from_millis(5))), 0);
}

#[test]
fn a_quorum_is_connected_whatever_the_others_reach() {
    let mut bridges = 0;
    for seed in 0..200 {
        let config = Config::default();
        let options =
            TimedOptions { servers: 5, config, seed, faults: Faults::swarm(seed), trace: false };
        let mut world = Timed::new(options, boot(Habit::None)).unwrap();
        world.run_for(Duration::from_secs(1)).unwrap();
        let quorum = world.connect_quorum(Outside::Bridges).unwrap();
        assert!(world.cluster.is_quorum(&quorum) && quorum.len() >= 3, "{quorum:?}");
        let links = world.describe_links();
        let reached = |id: ServerId| {
            let line = links.lines().find(|line| line.starts_with(&format!("{id} "))).unwrap();
            line.split(' ').filter_map(|word| word.strip_prefix('S')?.parse().ok()).map(ServerId)
        };
        for id in (1..=5).map(ServerId) {
            let to: Members = reached(id).collect();
            if quorum.contains(&id) {
                assert!(quorum.is_subset(&to), "{links}");
            } else if !to.is_disjoint(&quorum) && !quorum.is_subset(&to) {
                bridges += 1;
            }
            assert!(to.iter().all(|&other| reached(other).any(|it| it == id)), "{links}");
        }
    }
    assert!(bridges > 20, "{bridges}");
}
