//! Crashes, disks that fail, and what must survive them.

use protocol::{Effect, Event, Index, Node, ServerId};

use super::{Cluster, InitialState};
use crate::invariants::{Changes, slot};
use crate::promises::{Acknowledgement, EventOutcome, Promises, counts_itself};
use crate::{EventSummary, SimulatedDisk, Stop, TraceEvent, Trouble, guarded};

/// What must be known about an event in case its server goes down inside it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct InterruptedEvent {
    /// What a successful answer would acknowledge.
    acknowledgement: Acknowledgement,
    /// The first entry that the event may have replaced by another.
    replaced: Option<Index>,
}

impl Cluster {
    /// The error with which a server has given up, if that is why it is down.
    pub fn gave_up_since(&self, id: ServerId) -> Option<&str> {
        self.servers.get(slot(id))?.gave_up.as_deref()
    }

    /// Plans a fault of a server's disk, for the next operation that it can hit.
    pub fn trouble(&mut self, id: ServerId, trouble: Trouble) {
        if let Some(server) = self.servers.get_mut(slot(id)) {
            // A server that cannot be copied shares its disk with no other run.
            let _ = server.own_node(id);
            server.disk.trouble(trouble);
            self.record(|| TraceEvent::Trouble { server: id, trouble });
        }
    }

    /// Cancels the planned fault of a server's disk.
    pub fn repair(&mut self, id: ServerId) {
        if let Some(server) = self.servers.get(slot(id)).filter(|server| server.disk.is_watched()) {
            server.disk.repair();
            self.record(|| TraceEvent::Repaired { server: id });
        }
    }

    /// Crashes a server's machine. What its disk had not synced is lost, except for at most `torn` bytes of
    /// each file.
    ///
    /// # Errors
    /// If something that it has promised others does not survive.
    pub fn crash(&mut self, id: ServerId, torn: usize) -> Result<(), Stop> {
        if !self.is_up(id) {
            return Ok(());
        }
        self.record(|| TraceEvent::Crashed { server: id });
        self.servers[slot(id)].own_node(id)?;
        self.servers[slot(id)].node = None;
        // Tested here only if unsynced bytes survive, which could hide a missing sync. Otherwise the restart
        // shows the same, at no extra cost.
        let tested = if torn > 0 { self.test(id) } else { Ok(()) };
        self.servers[slot(id)].disk.crash(torn);
        self.look(id, false);
        tested
    }

    /// Ends a server's process, while its machine keeps running: what was written is still there, but what
    /// was not synced may be lost in a later crash.
    ///
    /// # Errors
    /// If something that it has promised others would not survive a crash.
    pub fn kill(&mut self, id: ServerId) -> Result<(), Stop> {
        if !self.is_up(id) {
            return Ok(());
        }
        self.record(|| TraceEvent::Killed { server: id });
        self.servers[slot(id)].own_node(id)?;
        self.servers[slot(id)].node = None;
        self.test(id)
    }

    /// Makes a new server from the disk of one that is down. Its first event must be [`Event::Start`].
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn restart(&mut self, id: ServerId) -> Result<(), Stop> {
        let Some(server) = self.servers.get(slot(id)).filter(|server| server.node.is_none()) else {
            return Ok(());
        };
        let disk = server.disk.clone();
        disk.start();
        let node = self.make(id, &disk, InitialState::default())?;
        let Cluster { servers, invariants, events, durable, acknowledgements, .. } = self;
        let server = &mut servers[slot(id)];
        server.incarnation += 1;
        server.gave_up = None;
        if *durable && !std::mem::take(&mut server.wiped) {
            let (term, vote) = server.promises.term_and_vote();
            invariants.restarting(id, term, vote);
        } else {
            invariants.introduce(id, node.as_ref(), *events)?;
            // It has forgotten what it has acknowledged.
            *acknowledgements = false;
        }
        server.node = Some(node.into());
        // Its state is recorded when it has read its disk: after its first event, which is part of the same step.
        self.record(|| TraceEvent::Restarted { server: id });
        Ok(())
    }

    /// The disk of a server that is down has lost what was durable. The server need no longer keep what it had
    /// promised.
    pub(crate) fn forget_promises(&mut self, id: ServerId) {
        let server = &mut self.servers[slot(id)];
        server.promises = Promises::default();
        server.wiped = true;
        self.record(|| TraceEvent::Wiped { server: id });
    }

    /// What must be known about an event that begins.
    pub(super) fn interrupted(&self, id: ServerId, event: &Event) -> InterruptedEvent {
        if !self.durable {
            return InterruptedEvent::default();
        }
        // Only then can the server go down inside the event; the search below reads the log.
        let watched = self.servers.get(slot(id)).is_some_and(|server| server.disk.is_watched());
        let replaced = watched.then(|| self.invariants.seen(id).replaced_by(event)).flatten();
        InterruptedEvent { acknowledgement: Acknowledgement::of(event), replaced }
    }

    /// A machine or process has gone down inside an event.
    pub(super) fn went_down(&mut self, id: ServerId, interrupted: &InterruptedEvent) {
        self.record(|| TraceEvent::Crashed { server: id });
        self.down(id, interrupted);
    }

    /// A server has given up. Whoever starts it again has repaired its disk, and its unsynced bytes are gone.
    pub(super) fn gave_up(
        &mut self,
        id: ServerId,
        why: String,
        interrupted: &InterruptedEvent,
    ) -> Result<(), Stop> {
        self.record(|| TraceEvent::Stopped { server: id, why: why.clone() });
        self.down(id, interrupted);
        let server = &mut self.servers[slot(id)];
        server.gave_up = Some(why);
        server.disk.crash(0);
        self.look(id, false);
        self.test(id)
    }

    fn down(&mut self, id: ServerId, interrupted: &InterruptedEvent) {
        let server = &mut self.servers[slot(id)];
        server.node = None;
        if let Some(first) = interrupted.replaced {
            server.promises.replaced(first);
        }
    }

    /// Checks that a server that has just started knows what it had promised.
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

    /// Notes what a server promises by its effects, and tests now and then whether that would survive a
    /// crash.
    pub(super) fn keep_promises(
        &mut self,
        id: ServerId,
        interrupted: &InterruptedEvent,
        effects: &[Effect],
        changed: Changes,
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
        let outcome = EventOutcome {
            node,
            acknowledgement: interrupted.acknowledgement,
            effects,
            changed,
            version: server.disk.version(),
            counts_itself: changed.commit
                && counts_itself(node.members(), id, node.commit_index(), acknowledged),
        };
        let mut promises = server.promises.clone();
        let is_time = promises.note(id, &outcome);
        self.servers[slot(id)].promises = promises;
        if is_time { self.test(id) } else { Ok(()) }
    }

    /// Starts a second server from a copy of what would survive a crash: it must know what the first has
    /// promised.
    pub(super) fn test(&mut self, id: ServerId) -> Result<(), Stop> {
        let server = &self.servers[slot(id)];
        if !self.durable || server.disk.is_damaged() || !server.promises.is_untested() {
            return Ok(());
        }
        let second = self.kept(id, &server.promises, &server.disk.survivors(0))?;
        self.servers[slot(id)].promises.tested(second.as_ref());
        Ok(())
    }

    /// Starts a second server from this disk, and checks that it knows what the first has promised.
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

    /// A server of the same kind, started from this disk, or its error if it does not start.
    fn second(
        &self,
        id: ServerId,
        disk: &SimulatedDisk,
    ) -> Result<Result<Box<dyn Node>, String>, Stop> {
        let mut node = self.make(id, disk, InitialState::default())?;
        let started = guarded(|| node.handle(Event::Start)).map_err(|panicked| Stop::Panic {
            server: id,
            told: EventSummary::Start,
            panicked: Box::new(panicked),
        })?;
        Ok(started.map(|_| node).map_err(|error| error.to_string()))
    }

    /// Tests at once whether everything that any server has promised would survive a crash.
    ///
    /// # Errors
    /// The first thing that would not.
    pub fn test_promises(&mut self) -> Result<(), Stop> {
        let all = self.all.clone();
        all.iter().try_for_each(|&id| self.test(id))
    }

    /// What a server still promises if the event that it handles is interrupted.
    pub(super) fn promises_if(&self, id: ServerId, interrupted: &InterruptedEvent) -> Promises {
        let mut promises = self.servers[slot(id)].promises.clone();
        if let Some(first) = interrupted.replaced {
            promises.replaced(first);
        }
        promises
    }
}
