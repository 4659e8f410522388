//! The events of a run as actions that a script could take.
//!
//! An action names a message by its sender, receiver and kind, and by its place among several alike, counted from the
//! newest. It uses neither a number nor a term, so the action still means the same when earlier actions are left out.
//! An action that no longer applies is skipped.

use std::collections::BTreeSet;
use std::fmt;

use protocol::{ClientRequest, Event, ServerId, Timer};

use crate::world::World as _;
use crate::{
    Kind, Message, MessageId, ScriptError, Scripted, Selector, Stop, TraceEvent, TraceRecord,
    Trouble,
};

/// A command of a script, as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// A timer fires.
    Fire(ServerId, Timer),
    /// A message arrives.
    Deliver(MessageRef),
    /// A message arrives, and a copy of it stays in flight.
    DeliverCopy(MessageRef),
    /// A client sends a request.
    Client(ServerId, ClientRequest),
    /// A server's machine crashes.
    Crash(ServerId),
    /// A server's process ends.
    Kill(ServerId),
    /// A fault of a server's disk is planned.
    Trouble(ServerId, Trouble),
    /// A server restarts.
    Restart(ServerId),
}

impl Action {
    /// Takes the action. Returns why the run ended, if it did. An action that does not apply is skipped: when
    /// others were left out, its server may be up or down, or its message missing.
    pub fn take(&self, world: &mut Scripted) -> Option<Stop> {
        let result = match self {
            Action::Fire(server, timer) => world.fire(*server, *timer),
            Action::Deliver(named) => named.deliver(world, false),
            Action::DeliverCopy(named) => named.deliver(world, true),
            Action::Client(server, request) => world.client(*server, request.clone(), "").map(drop),
            Action::Crash(server) => world.crash(*server),
            Action::Kill(server) => world.kill(*server),
            Action::Trouble(server, trouble) => world.trouble(*server, *trouble),
            Action::Restart(server) => world.restart(*server),
        };
        match result {
            Err(ScriptError::Stop(stop)) => Some(stop),
            _ => None,
        }
    }

    /// The same action with each server replaced by what `other` returns for it; `None` if that is `None` for one of
    /// them.
    pub(crate) fn with(&self, other: impl Fn(ServerId) -> Option<ServerId>) -> Option<Action> {
        let named = |named: &MessageRef| {
            Some(MessageRef { from: other(named.from)?, to: other(named.to)?, ..named.clone() })
        };
        Some(match self {
            Action::Fire(server, timer) => Action::Fire(other(*server)?, *timer),
            Action::Deliver(message) => Action::Deliver(named(message)?),
            Action::DeliverCopy(message) => Action::DeliverCopy(named(message)?),
            Action::Client(server, request) => Action::Client(other(*server)?, request.clone()),
            Action::Crash(server) => Action::Crash(other(*server)?),
            Action::Kill(server) => Action::Kill(other(*server)?),
            Action::Trouble(server, trouble) => Action::Trouble(other(*server)?, *trouble),
            Action::Restart(server) => Action::Restart(other(*server)?),
        })
    }

    /// The message that it delivers, if it delivers one.
    pub(crate) fn message(&mut self) -> Option<&mut MessageRef> {
        match self {
            Action::Deliver(named) | Action::DeliverCopy(named) => Some(named),
            _ => None,
        }
    }
}

/// A message in flight, by its description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRef {
    /// The server that has sent it.
    pub from: ServerId,
    /// The server that will receive it.
    pub to: ServerId,
    /// The RPC, request or reply.
    pub kind: Kind,
    /// Only the n-th newest of the messages that match (1 = newest); `None` for all of them.
    pub newest: Option<usize>,
}

impl MessageRef {
    /// The selector by which a script names it.
    pub fn selector(&self) -> Selector {
        Selector {
            from: Some(BTreeSet::from([self.from])),
            to: Some(BTreeSet::from([self.to])),
            kind: Some(self.kind.to_string()),
            term: None,
            newest: self.newest,
        }
    }

    /// Delivers it, and leaves a copy in flight if `again`. This does the same as a script with
    /// [`MessageRef::selector`], but compares no text, since shrinking spends most of its time here.
    fn deliver(&self, world: &mut Scripted, again: bool) -> Result<(), ScriptError> {
        let Some(newest) = self.newest else {
            if again {
                world.duplicate(&self.selector());
            }
            return world.deliver(&self.selector()).map(drop);
        };
        let is_named = |message: &Message| {
            (message.from, message.to, message.kind()) == (self.from, self.to, self.kind)
        };
        let alike = world.in_flight.iter().enumerate().rev();
        let mut alike = alike.filter(|(_, flight)| is_named(flight.message()));
        let Some((place, _)) = alike.nth(newest - 1) else { return Ok(()) };
        let message = if again {
            world.in_flight[place].message().clone()
        } else {
            world.in_flight.remove(place).into_message()
        };
        Ok(world.arrive(message)?)
    }
}

impl fmt::Display for MessageRef {
    /// As a selector is written in a script.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MessageRef { from, to, kind, newest } = self;
        write!(f, "from={from} to={to} kind={kind}")?;
        newest.map_or(Ok(()), |newest| write!(f, " newest={newest}"))
    }
}

/// The events of a trace as actions. A lost message needs none: it stays in flight. The actions are taken in `world`
/// on the way, since only that shows which description finds each message.
pub(crate) fn actions(trace: &[TraceRecord], mut world: Scripted) -> Vec<Action> {
    let mut actions = Vec::new();
    for (place, traced) in trace.iter().enumerate() {
        let action = match &traced.what {
            TraceEvent::Event { server, event: Event::Timeout(timer) } => {
                Action::Fire(*server, *timer)
            }
            TraceEvent::Event { server, event: Event::Client { request, .. } } => {
                Action::Client(*server, request.clone())
            }
            // After a crash inside a write, which was planned by a `Trouble`, this is skipped: the server is
            // down already.
            TraceEvent::Crashed { server } => Action::Crash(*server),
            TraceEvent::Killed { server } => Action::Kill(*server),
            TraceEvent::Trouble { server, trouble } => Action::Trouble(*server, *trouble),
            TraceEvent::Restarted { server } => Action::Restart(*server),
            TraceEvent::Delivered { id } => {
                let Some(named) = named(&world, *id) else { continue };
                let again = |later: &TraceRecord| later.what == TraceEvent::Delivered { id: *id };
                if trace[place + 1..].iter().any(again) {
                    Action::DeliverCopy(named)
                } else {
                    Action::Deliver(named)
                }
            }
            _ => continue,
        };
        let over = action.take(&mut world).is_some();
        actions.push(action);
        if over {
            break;
        }
    }
    actions
}

/// The description of a message in flight.
fn named(world: &Scripted, id: MessageId) -> Option<MessageRef> {
    let of = |message: &Message| (message.from, message.to, message.kind());
    let (message, _) = world.in_flight().find(|(message, _)| message.id == id)?;
    let (from, to, kind) = of(message);
    let newer = world.in_flight().filter(|(other, _)| of(other) == of(message) && other.id >= id);
    Some(MessageRef { from, to, kind, newest: Some(newer.count()) })
}
