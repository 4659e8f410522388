//! What happened in a run, as actions that a script could take.
//!
//! An action names a message by what it is (from, to, kind, and which of several alike, counted from the
//! newest), not by a number or a term: so it still means the same when what came before is left out, and
//! what no longer applies is passed over.

use std::collections::BTreeSet;
use std::fmt;

use protocol::{ClientRequest, Event, ServerId, Timer};

use crate::world::World as _;
use crate::{
    Happened, Kind, Message, MessageId, ScriptError, Scripted, Selector, Stop, Traced, Trouble,
};

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
    /// A server's process ends.
    Kill(ServerId),
    /// Something goes wrong with a server's disk, the next time that it can.
    Trouble(ServerId, Trouble),
    /// A server restarts.
    Restart(ServerId),
}

impl Action {
    /// Does it; gives how the run ended, if it did. What does not apply is passed over.
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

    /// The same with other servers in the places of those that it is about; nothing, if one of them has
    /// no other.
    pub(crate) fn with(&self, other: impl Fn(ServerId) -> Option<ServerId>) -> Option<Action> {
        let named = |named: &Named| {
            Some(Named { from: other(named.from)?, to: other(named.to)?, ..named.clone() })
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

    /// The message that it delivers.
    pub(crate) fn message(&mut self) -> Option<&mut Named> {
        match self {
            Action::Deliver(named) | Action::DeliverCopy(named) => Some(named),
            _ => None,
        }
    }
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

    /// Delivers it; if it is to come once more, it stays under way as well. As a script does it by
    /// [`Named::selector`], but without comparing words, since shrinking does little else.
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
        let mut alike = alike.filter(|(_, flight)| is_named(&flight.message));
        let Some((place, _)) = alike.nth(newest - 1) else { return Ok(()) };
        let message = if again {
            world.in_flight[place].message.clone()
        } else {
            world.in_flight.remove(place).message
        };
        Ok(world.arrive(message)?)
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

/// What happened, as actions. Messages that were lost are simply never delivered.
pub(crate) fn actions(trace: &[Traced], mut world: Scripted) -> Vec<Action> {
    let mut actions = Vec::new();
    for (place, traced) in trace.iter().enumerate() {
        let action = match &traced.what {
            Happened::Event { server, event: Event::Timeout(timer) } => {
                Action::Fire(*server, *timer)
            }
            Happened::Event { server, event: Event::Client { request, .. } } => {
                Action::Client(*server, request.clone())
            }
            // A crash inside a write was on its way already, and finds the server down.
            Happened::Crashed { server } => Action::Crash(*server),
            Happened::Killed { server } => Action::Kill(*server),
            Happened::Trouble { server, trouble } => Action::Trouble(*server, *trouble),
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
        let over = action.take(&mut world).is_some();
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
