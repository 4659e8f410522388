//! Storms in which servers are handed their events in batches (`Node::handle_all`).
//!
//! What arrives while a server is busy is its next batch. Messages get lost, come twice and overtake each other.
//! Every command appends its number to one list, so a result is the whole history up to it.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::ops::RangeInclusive;
use std::rc::Rc;
use std::time::Duration;

use protocol::{
    CallId, ClientRequest, Config, Effect, Event, Index, Node, Reply, Request, RequestId, ServerId,
    Timer,
};
use simulator::{
    ClientAnswer, Driven, DrivenOptions, Driver, DriverFaults, NodeFactory, Sent, Watch, Wrong,
};

use crate::clients::in_words;
use crate::{Context, Failure, Verdict};

/// Faults happen for this long …
const STORM: Duration = Duration::from_secs(4);

/// … and then there are none, for this long.
const CALM: Duration = Duration::from_secs(3);

/// A client asks this often on average. Then a leader hardly ever has nothing under way.
const ASKED: Duration = Duration::from_millis(1);

/// Runs the storms with these numbers: of three servers and of five, in turn.
///
/// # Errors
/// The first storm that ends badly.
pub fn batches(
    context: &mut Context,
    factory: &NodeFactory,
    numbers: RangeInclusive<u64>,
) -> Verdict {
    if context.records() {
        return Ok(());
    }
    for number in numbers {
        let seed = context.seed().wrapping_mul(1_000_003).wrapping_add(number);
        let servers = if number.is_multiple_of(2) { 5 } else { 3 };
        context.step(format!(
            "storm {number}: {servers} servers are handed batches of events, with faults drawn from seed {seed}"
        ));
        run(context, factory, servers, seed)?;
    }
    Ok(())
}

fn run(context: &Context, factory: &NodeFactory, servers: u64, seed: u64) -> Verdict {
    let told = Rc::new(RefCell::new(Told::default()));
    let config = Config { max_entries: 8, ..Config::default() };
    let watch = Watch::new(servers, config, seed, factory.clone()).without_disks();
    let hears = told.clone();
    let options = DrivenOptions {
        seed,
        faults: DriverFaults { crash_every: None, ..DriverFaults::stormy() },
        ask_every: ASKED,
        make: Box::new(move |watch: &Watch, id, _| Server::new(watch, id, hears.clone())),
        ask: Box::new(ask),
    };
    let mut world = Driven::new(servers, watch, options);
    let wrong = |it| explained(context, it);
    world.run_for(STORM).map_err(wrong)?;
    world.set_faults(DriverFaults::calm());
    world.run_for(CALM / 2).map_err(wrong)?;
    let calm = told.borrow().asked.len();
    let committed = world.watch.committed();
    world.run_for(CALM / 2).map_err(wrong)?;
    if let Some(stopped) = &told.borrow().stopped {
        return Err(context.failure("every server goes on", format!("a server gave up: {stopped}")));
    }
    let told = told.borrow();
    all_know(context, &world, servers, committed)?;
    told.answered_once(context)?;
    told.progress(context, calm)?;
    told.could_come_from_one_server(context)
}

fn explained(context: &Context, wrong: Wrong) -> Box<Failure> {
    match wrong {
        Wrong::Breach(breach) => {
            let mut failure = context.failure(breach.property.to_string(), breach.what);
            failure.broken = Some(breach.property);
            failure
        }
        other @ Wrong::FalseAcknowledgement { .. } => {
            context.failure("every acknowledgement that counts was given", other.to_string())
        }
    }
}

/// Every server must know that what was committed a while ago is.
fn all_know(context: &Context, world: &Driven<Server>, servers: u64, committed: Index) -> Verdict {
    let behind = (1..=servers).map(ServerId).find_map(|id| {
        let commit = world.driver(id)?.node.commit_index();
        (commit < committed).then_some((id, commit))
    });
    let Some((id, commit)) = behind else { return Ok(()) };
    let expected = format!(
        "{} ms after entry {committed} was committed, without any faults, every server knows it",
        CALM.as_millis() / 2
    );
    Err(context.failure(expected, format!("{id} has committed up to entry {commit}")))
}

/// Two commands for each read.
fn ask(number: u64) -> Input {
    Input::Client(RequestId(number), request(number))
}

fn request(number: u64) -> ClientRequest {
    if is_read(number) {
        ClientRequest::Query("get x".into())
    } else {
        ClientRequest::Command(format!("append x {number},").as_str().into())
    }
}

fn is_read(number: u64) -> bool {
    number.is_multiple_of(3)
}

/// What clients have asked and heard.
#[derive(Debug, Default)]
struct Told {
    /// When each request reached its server, in order of arrival.
    asked: Vec<(RequestId, Duration)>,
    answers: BTreeMap<RequestId, Vec<(Duration, ClientAnswer)>>,
    stopped: Option<String>,
}

impl Told {
    /// The results: of which request, from when to when it took, and the numbers in it.
    fn results(&self) -> Vec<(RequestId, Duration, Duration, Vec<u64>)> {
        let result = |&(id, asked): &(RequestId, Duration)| {
            let (at, Ok(bytes)) = self.answers.get(&id)?.first()? else { return None };
            let text = String::from_utf8_lossy(bytes).into_owned();
            let numbers = text.split(',').filter_map(|number| number.parse().ok()).collect();
            Some((id, asked, *at, numbers))
        };
        self.asked.iter().filter_map(result).collect()
    }

    fn answered_once(&self, context: &Context) -> Verdict {
        let twice = self.answers.iter().find(|(_, answers)| answers.len() > 1);
        let Some((id, answers)) = twice else { return Ok(()) };
        let words: Vec<String> = answers.iter().map(|(_, answer)| in_words(answer)).collect();
        let happened = format!("{id} was told “{}”", words.join("”, and then “"));
        Err(context.failure("every request is answered once", happened))
    }

    /// After the faults, a leader gives results again. `calm` requests had been asked by then.
    fn progress(&self, context: &Context, calm: usize) -> Verdict {
        let late = &self.asked[calm..];
        let has_result =
            |id: &RequestId| matches!(self.answers.get(id).map(Vec::as_slice), Some([(_, Ok(_))]));
        let done = late.iter().filter(|(id, _)| !is_read(id.0) && has_result(id)).count();
        // Each server is asked equally often, and one of them leads. The last ones are still under way.
        let expected = late.len() / 20;
        context.holds(
            done >= expected,
            format!("of the {} last requests, commands to the leader have results", late.len()),
            format!("{done} commands have results"),
        )
    }

    /// Each command appends its number: so each result must continue those that were known before it began.
    fn could_come_from_one_server(&self, context: &Context) -> Verdict {
        let mut results = self.results();
        results.sort_by_key(|(_, _, _, numbers)| numbers.len());
        for pair in results.windows(2) {
            let [(one, .., shorter), (other, .., longer)] = pair else { continue };
            if !longer.starts_with(shorter) {
                let (one, other) = (of(*one, shorter), of(*other, longer));
                return Err(context
                    .failure("all results are of one history", format!("{one}, and {other}")));
            }
        }
        for (id, _, _, numbers) in &results {
            if !is_read(id.0) && numbers.last() != Some(&id.0) {
                let expected = format!("the result of {id} ends with what it has appended");
                return Err(context.failure(expected, of(*id, numbers)));
            }
        }
        for (id, asked, _, numbers) in &results {
            let before = results.iter().filter(|(_, _, at, _)| at < asked);
            let known = before.max_by_key(|(_, _, _, numbers)| numbers.len());
            if let Some((earlier, _, _, known)) =
                known.filter(|(_, _, _, known)| known.len() > numbers.len())
            {
                let happened = format!(
                    "{}, although {} was known before it was asked",
                    of(*id, numbers),
                    of(*earlier, known)
                );
                return Err(context.failure("a result shows all that was known before", happened));
            }
        }
        Ok(())
    }
}

/// A result in words: the end of a list says enough.
fn of(id: RequestId, numbers: &[u64]) -> String {
    let from = numbers.len().saturating_sub(3);
    let end: Vec<String> = numbers[from..].iter().map(u64::to_string).collect();
    format!("{id} has a list of {} that ends with {}", numbers.len(), end.join(","))
}

/// What arrives.
#[derive(Clone, Debug)]
enum Input {
    Request(ServerId, CallId, Request),
    Reply(ServerId, CallId, Reply),
    Client(RequestId, ClientRequest),
}

/// A server whose driver hands it all that has arrived as one batch.
struct Server {
    id: ServerId,
    node: Box<dyn Node>,
    started: bool,
    timers: BTreeMap<Timer, Duration>,
    /// The requests that wait for replies.
    calls: BTreeMap<(ServerId, CallId), Request>,
    told: Rc<RefCell<Told>>,
}

impl Server {
    fn new(watch: &Watch, id: ServerId, told: Rc<RefCell<Told>>) -> Self {
        let node = watch.server(id, |disk| Box::new(disk));
        let (timers, calls) = (BTreeMap::new(), BTreeMap::new());
        Server { id, node, started: false, timers, calls, told }
    }

    fn event(&mut self, now: Duration, input: Input) -> Option<Event> {
        match input {
            Input::Request(from, call, request) => Some(Event::Request { call, from, request }),
            Input::Reply(from, call, reply) => {
                // A duplicate finds it too.
                let request = self.calls.get(&(from, call))?.clone();
                Some(Event::Reply { call, from, request, reply })
            }
            Input::Client(id, request) => {
                self.told.borrow_mut().asked.push((id, now));
                Some(Event::Client { id, request })
            }
        }
    }

    fn sent(&mut self, now: Duration, effect: Effect) -> Option<Sent<Input>> {
        let (to, input, is_reply) = match effect {
            Effect::Call { call, to, request } => {
                self.calls.insert((to, call), request.clone());
                (to, Input::Request(self.id, call, request), false)
            }
            Effect::Answer { call, to, reply } => (to, Input::Reply(self.id, call, reply), true),
            Effect::SetTimer { timer, after } => {
                self.timers.insert(timer, now + after);
                return None;
            }
            Effect::Client { id, result } => {
                let mut told = self.told.borrow_mut();
                told.answers.entry(id).or_default().push((now, result));
                return None;
            }
        };
        Some(Sent { to, input, is_reply })
    }
}

impl Driver for Server {
    type Input = Input;

    fn turn(&mut self, now: Duration, inbox: &mut VecDeque<Input>) -> Option<Vec<Sent<Input>>> {
        let mut events = Vec::new();
        if !self.started {
            events.push(Event::Start);
            self.started = true;
        }
        for input in std::mem::take(inbox) {
            events.extend(self.event(now, input));
        }
        let due: Vec<Timer> =
            self.timers.iter().filter(|(_, at)| **at <= now).map(|(&timer, _)| timer).collect();
        for timer in due {
            self.timers.remove(&timer);
            events.push(Event::Timeout(timer));
        }
        match self.node.handle_all(events) {
            Ok(effects) => {
                Some(effects.into_iter().filter_map(|effect| self.sent(now, effect)).collect())
            }
            Err(error) => {
                self.told.borrow_mut().stopped = Some(format!("{}: {error}", self.id));
                None
            }
        }
    }

    fn wake_at(&self) -> Option<Duration> {
        if self.started { self.timers.values().min().copied() } else { Some(Duration::ZERO) }
    }
}
