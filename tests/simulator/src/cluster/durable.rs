//! Crashes, disks that fail, and what must be there when a server comes back.

use protocol::{Effect, Event, Index, Node, Request, ServerId};

use super::{Cluster, Given, Stop};
use crate::invariants::{Changed, slot};
use crate::promises::{Heard, Moved, Promises, counts_itself};
use crate::{Happened, SimulatedDisk, Told, Trouble, guarded};

/// What must be remembered of an event, in case that its server does not come to its end.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Interrupted {
    /// What an answer would acknowledge.
    heard: Heard,
    /// The first entry that the event may have put in place of another one.
    replaced: Option<Index>,
}

impl Cluster {
    /// Why a server is down, if it has given up.
    pub fn gave_up_since(&self, id: ServerId) -> Option<&str> {
        self.servers.get(slot(id))?.gave_up.as_deref()
    }

    /// Lets something go wrong with a server's disk, the next time that it can.
    pub fn trouble(&mut self, id: ServerId, trouble: Trouble) {
        if let Some(server) = self.servers.get(slot(id)) {
            server.disk.trouble(trouble);
            self.record(|| Happened::Trouble { server: id, trouble });
        }
    }

    /// Nothing is to go wrong with a server's disk any more.
    pub fn mend(&mut self, id: ServerId) {
        if let Some(server) = self.servers.get(slot(id)).filter(|server| server.disk.is_watched()) {
            server.disk.mend();
            self.record(|| Happened::Mended { server: id });
        }
    }

    /// Lets a server crash, and its machine with it. What its disk had not synced is lost, but for `torn`
    /// bytes at most.
    ///
    /// # Errors
    /// If it has told others something that does not survive.
    pub fn crash(&mut self, id: ServerId, torn: usize) -> Result<(), Stop> {
        if !self.is_up(id) {
            return Ok(());
        }
        self.record(|| Happened::Crashed { server: id });
        self.servers[slot(id)].node = None;
        // If nothing more survives than must, it is seen when the server comes back.
        let tested = if torn > 0 { self.test(id) } else { Ok(()) };
        self.servers[slot(id)].disk.crash(torn);
        tested
    }

    /// Ends a server's process. Its machine goes on: what was written is there still, but what was not
    /// synced may be lost in a later crash.
    ///
    /// # Errors
    /// If it has told others something that would not survive a crash.
    pub fn kill(&mut self, id: ServerId) -> Result<(), Stop> {
        if !self.is_up(id) {
            return Ok(());
        }
        self.record(|| Happened::Killed { server: id });
        self.servers[slot(id)].node = None;
        self.test(id)
    }

    /// Makes a server that is down anew, upon its disk; its event [`Event::Start`] is yet to come.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn restart(&mut self, id: ServerId) -> Result<(), Stop> {
        let Some(server) = self.servers.get(slot(id)).filter(|server| server.node.is_none()) else {
            return Ok(());
        };
        let disk = server.disk.clone();
        disk.start();
        let node = self.make(id, &disk, Given::default())?;
        let Cluster { servers, invariants, events, durable, .. } = self;
        let server = &mut servers[slot(id)];
        server.incarnation += 1;
        server.gave_up = None;
        if *durable {
            let (term, vote) = server.promises.term_and_vote();
            invariants.restarting(id, term, vote);
        } else {
            invariants.introduce(id, node.as_ref(), *events)?;
        }
        server.node = Some(node);
        self.record(|| Happened::Restarted { server: id });
        Ok(())
    }

    /// What must be remembered of an event that begins.
    pub(super) fn interrupted(&self, id: ServerId, event: &Event) -> Interrupted {
        if !self.durable {
            return Interrupted::default();
        }
        let watched = self.servers.get(slot(id)).is_some_and(|server| server.disk.is_watched());
        let replaced = watched.then(|| self.replaced(id, event)).flatten();
        Interrupted { heard: Heard::of(event), replaced }
    }

    /// The first entry that an event may put in place of another one.
    fn replaced(&self, id: ServerId, event: &Event) -> Option<Index> {
        let seen = self.invariants.seen(id);
        match event {
            Event::Request { request: Request::AppendEntries(r), .. } => {
                let first = r.prev_log_index.0 + 1;
                let mut brought = (first..).map(Index).zip(&r.entries);
                let conflicts = |index, entry| seen.entry(index).is_some_and(|own| own != entry);
                brought.find(|&(index, entry)| conflicts(index, entry)).map(|(index, _)| index)
            }
            Event::Request { request: Request::InstallSnapshot(r), .. } if r.done => {
                let same = seen.term_at(r.last_included_index) == Some(r.last_included_term);
                (!same).then_some(r.last_included_index)
            }
            _ => None,
        }
    }

    /// Machine or process have gone down inside of an event.
    pub(super) fn went_down(&mut self, id: ServerId, interrupted: &Interrupted) {
        self.record(|| Happened::Crashed { server: id });
        self.down(id, interrupted);
    }

    /// A server has given up: it is started again only when its disk has been seen to.
    pub(super) fn gave_up(
        &mut self,
        id: ServerId,
        why: String,
        interrupted: &Interrupted,
    ) -> Result<(), Stop> {
        self.record(|| Happened::Stopped { server: id, why: why.clone() });
        self.down(id, interrupted);
        let server = &mut self.servers[slot(id)];
        server.gave_up = Some(why);
        server.disk.crash(0);
        self.test(id)
    }

    fn down(&mut self, id: ServerId, interrupted: &Interrupted) {
        let server = &mut self.servers[slot(id)];
        server.node = None;
        if let Some(first) = interrupted.replaced {
            server.promises.replaced(first);
        }
    }

    /// A server that has just started must know what it has told others before.
    pub(super) fn came_back(&mut self, id: ServerId) -> Result<(), Stop> {
        let Cluster { servers, invariants, events, durable, .. } = self;
        let Some(node) = servers[slot(id)].node.as_deref().filter(|_| *durable) else {
            return Ok(());
        };
        match servers[slot(id)].promises.broken(invariants.seen(id), node, *events) {
            Some(breach) => Err(breach.into()),
            None => Ok(()),
        }
    }

    /// Takes down what a server tells others, and makes sure now and then that it would survive a crash.
    pub(super) fn keep_promises(
        &mut self,
        id: ServerId,
        interrupted: &Interrupted,
        effects: &[Effect],
        changed: Changed,
    ) -> Result<(), Stop> {
        if !self.durable {
            return Ok(());
        }
        self.try_crash_points(id, interrupted)?;
        let server = &self.servers[slot(id)];
        let Some(node) = server.node.as_deref() else { return Ok(()) };
        let acknowledged = |other| {
            self.servers.get(slot(other)).map_or(Index(0), |other| other.promises.acknowledged())
        };
        let moved = Moved {
            node,
            heard: &interrupted.heard,
            effects,
            changed,
            version: server.disk.version(),
            counts_itself: changed.commit
                && counts_itself(node.members(), id, node.commit_index(), acknowledged),
        };
        let mut promises = server.promises.clone();
        let is_time = promises.note(id, &moved);
        self.servers[slot(id)].promises = promises;
        if is_time { self.test(id) } else { Ok(()) }
    }

    /// Makes a second server upon a copy of what would survive a crash: it must know what the first has
    /// told others.
    pub(super) fn test(&mut self, id: ServerId) -> Result<(), Stop> {
        let server = &self.servers[slot(id)];
        if !self.durable || server.disk.is_damaged() || !server.promises.is_untested() {
            return Ok(());
        }
        let second = self.kept(id, &server.promises, &server.disk.survivors(0))?;
        self.servers[slot(id)].promises.tested(second.as_ref());
        Ok(())
    }

    /// A second server, started upon this disk, that knows what the first has promised.
    ///
    /// # Errors
    /// If it does not start, or does not know.
    pub(super) fn kept(
        &self,
        id: ServerId,
        promises: &Promises,
        disk: &SimulatedDisk,
    ) -> Result<Box<dyn Node>, Stop> {
        let seen = self.invariants.seen(id);
        let second = self.second(id, disk)?;
        let second = second.map_err(|error| promises.refused(seen, &error, self.events))?;
        match promises.broken(seen, second.as_ref(), self.events) {
            Some(breach) => Err(breach.into()),
            None => Ok(second),
        }
    }

    /// A server of the same kind, started upon this disk; or why it does not start.
    fn second(
        &self,
        id: ServerId,
        disk: &SimulatedDisk,
    ) -> Result<Result<Box<dyn Node>, String>, Stop> {
        let mut node = self.make(id, disk, Given::default())?;
        let started = guarded(|| node.handle(Event::Start)).map_err(|panicked| Stop::Panic {
            server: id,
            told: Told::Start,
            panicked: Box::new(panicked),
        })?;
        Ok(started.map(|_| node).map_err(|error| error.to_string()))
    }

    /// Makes sure at once that everything that any server has told others would survive a crash.
    ///
    /// # Errors
    /// The first thing that would not.
    pub fn test_promises(&mut self) -> Result<(), Stop> {
        self.all.clone().into_iter().try_for_each(|id| self.test(id))
    }

    /// What a server has told others as it stands before an event, if that event is interrupted.
    pub(super) fn promises_if(&self, id: ServerId, interrupted: &Interrupted) -> Promises {
        let mut promises = self.servers[slot(id)].promises.clone();
        if let Some(first) = interrupted.replaced {
            promises.replaced(first);
        }
        promises
    }
}
