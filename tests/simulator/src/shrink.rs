//! Makes a long run that ended badly short: what happened is taken as actions that a script could take,
//! and actions are left out as long as the run still ends in the same way.
//!
//! An action names a message by what it is (from, to, kind, and which of several alike, counted from the
//! newest), not by a number or a term: so it still means the same when what came before is left out, and
//! what no longer applies is passed over. The leaving out is Zeller's delta debugging.

use std::collections::BTreeSet;
use std::fmt;

use protocol::{ClientRequest, Event, ServerId, Timer};

use crate::{Happened, Kind, Message, MessageId, ScriptError, Scripted, Selector, Stop, Traced};

/// Something that a script can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// A timer runs out.
    Fire(ServerId, Timer),
    /// A message arrives.
    Deliver(Named),
    /// A message arrives, and will arrive once more.
    DeliverCopy(Named),
    /// A client asks.
    Client(ServerId, ClientRequest),
    /// A server crashes.
    Crash(ServerId),
    /// A server restarts.
    Restart(ServerId),
}

/// A message, by what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The sender.
    pub from: ServerId,
    /// The receiver.
    pub to: ServerId,
    /// What kind of message.
    pub kind: Kind,
    /// The how-manieth of those under way of which all this is true, the newest being 1; nothing if it is
    /// all of them.
    pub newest: Option<usize>,
}

impl Named {
    /// What a script selects it by.
    pub fn selector(&self) -> Selector {
        Selector {
            from: Some(BTreeSet::from([self.from])),
            to: Some(BTreeSet::from([self.to])),
            kind: Some(self.kind.to_string()),
            term: None,
            newest: self.newest,
        }
    }
}

impl fmt::Display for Named {
    /// As the words of a script's selector.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Named { from, to, kind, newest } = self;
        write!(f, "from={from} to={to} kind={kind}")?;
        newest.map_or(Ok(()), |newest| write!(f, " newest={newest}"))
    }
}

/// Makes the world in which actions are tried: the servers of the run, just started.
pub type Fresh<'a> = &'a dyn Fn() -> Result<Scripted, ScriptError>;

/// The actions of a run that ended with `stop`, made as few as delta debugging makes them, such that the
/// run still ends in the same way. Nothing if it does not end so when its actions are tried by a script.
pub fn shrink(trace: &[Traced], stop: &Stop, fresh: Fresh<'_>) -> Option<Vec<Action>> {
    let actions = actions(trace, fresh);
    let mut tries = Tries { stop, fresh };
    let mut actions = tries.fails(&actions)?;
    // Twice, since what comes first may become needless when what comes later is gone.
    loop {
        let before = actions.len();
        actions = delta_debug(actions, &mut tries);
        if actions.len() == before {
            return Some(plainer(actions, &mut tries));
        }
    }
}

/// Names messages without a number, and delivers them once, where that does as well.
fn plainer(mut actions: Vec<Action>, tries: &mut Tries<'_>) -> Vec<Action> {
    for place in 0..actions.len() {
        let (Action::Deliver(named) | Action::DeliverCopy(named)) = actions[place].clone() else {
            continue;
        };
        let unnumbered = Named { newest: None, ..named.clone() };
        let plain = [Action::Deliver(unnumbered), Action::Deliver(named)];
        for action in plain {
            let mut plainer = actions.clone();
            plainer[place] = action;
            if tries.fails(&plainer).is_some_and(|failing| failing.len() == plainer.len()) {
                actions = plainer;
                break;
            }
        }
    }
    actions
}

/// What happened, as actions. Messages that were lost are simply never delivered.
fn actions(trace: &[Traced], fresh: Fresh<'_>) -> Vec<Action> {
    let Ok(mut world) = fresh() else { return Vec::new() };
    let mut actions = Vec::new();
    for (place, traced) in trace.iter().enumerate() {
        let action = match &traced.what {
            Happened::Event { server, event: Event::Timeout(timer) } => {
                Action::Fire(*server, *timer)
            }
            Happened::Event { server, event: Event::Client { request, .. } } => {
                Action::Client(*server, request.clone())
            }
            Happened::Crashed { server } => Action::Crash(*server),
            Happened::Restarted { server } => Action::Restart(*server),
            Happened::Delivered { id } => {
                let Some(named) = named(&world, *id) else { continue };
                let again = |later: &Traced| later.what == Happened::Delivered { id: *id };
                if trace[place + 1..].iter().any(again) {
                    Action::DeliverCopy(named)
                } else {
                    Action::Deliver(named)
                }
            }
            _ => continue,
        };
        let over = take(&mut world, &action).is_some();
        actions.push(action);
        if over {
            break;
        }
    }
    actions
}

/// A message under way, by what it is.
fn named(world: &Scripted, id: MessageId) -> Option<Named> {
    let of = |message: &Message| (message.from, message.to, message.kind());
    let (message, _) = world.in_flight().find(|(message, _)| message.id == id)?;
    let (from, to, kind) = of(message);
    let newer = world.in_flight().filter(|(other, _)| of(other) == of(message) && other.id >= id);
    Some(Named { from, to, kind, newest: Some(newer.count()) })
}

/// Takes an action; gives how the run ended, if it did. What does not apply is passed over.
fn take(world: &mut Scripted, action: &Action) -> Option<Stop> {
    let result = match action {
        Action::Fire(server, timer) => world.fire(*server, *timer),
        Action::Deliver(named) => world.deliver(&named.selector()).map(drop),
        Action::DeliverCopy(named) => {
            world.duplicate(&named.selector());
            world.deliver(&named.selector()).map(drop)
        }
        Action::Client(server, request) => world.client(*server, request.clone(), "").map(drop),
        Action::Crash(server) => world.crash(*server),
        Action::Restart(server) => world.restart(*server),
    };
    match result {
        Err(ScriptError::Stop(stop)) => Some(stop),
        _ => None,
    }
}

struct Tries<'a> {
    stop: &'a Stop,
    fresh: Fresh<'a>,
}

impl Tries<'_> {
    /// If these actions end the run in the same way: those of them up to its end.
    fn fails(&mut self, actions: &[Action]) -> Option<Vec<Action>> {
        let mut world = (self.fresh)().ok()?;
        world.cluster.trace = None;
        for (place, action) in actions.iter().enumerate() {
            if let Some(stop) = take(&mut world, action) {
                return same_way(self.stop, &stop).then(|| actions[..=place].to_vec());
            }
        }
        None
    }
}

/// Whether two runs ended for the same reason.
fn same_way(one: &Stop, other: &Stop) -> bool {
    match (one, other) {
        (Stop::Breach(one), Stop::Breach(other)) => one.property == other.property,
        (Stop::Panic { panicked: one, .. }, Stop::Panic { panicked: other, .. }) => {
            (&one.file, one.line) == (&other.file, other.line)
        }
        (Stop::Failed { error: one, .. }, Stop::Failed { error: other, .. }) => one == other,
        _ => false,
    }
}

/// Leaves out ever smaller parts, as long as the rest still fails.
fn delta_debug(mut actions: Vec<Action>, tries: &mut Tries<'_>) -> Vec<Action> {
    let mut size = actions.len().div_ceil(2);
    while size > 0 {
        let mut start = 0;
        while start < actions.len() {
            let end = (start + size).min(actions.len());
            let rest = [&actions[..start], &actions[end..]].concat();
            match tries.fails(&rest) {
                Some(shorter) => actions = shorter,
                None => start = end,
            }
        }
        size = if size == 1 { 0 } else { size.div_ceil(2) };
    }
    actions
}
