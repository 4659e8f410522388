//! Copies of a run, each of which continues by itself.
//!
//! An event changes one server, so copies share each server, with its disk, until one of them changes it.

use std::rc::Rc;

use protocol::{KeyValue, Node, ServerId};

use super::Cluster;
use super::servers::Server;
use crate::{SimulatedDisk, Stop, guarded};

impl Cluster {
    /// Whether all servers that are up can be copied.
    pub fn can_fork(&self) -> bool {
        self.servers.iter().all(|server| {
            let copied = server.node.as_deref().map(|node| copied(node, &server.disk.copied()));
            copied.is_none_or(|copied| copied.is_some())
        })
    }

    /// A copy of the run as it is now, without its trace. Only for servers that can be copied: any other ends the
    /// copy's run at its next event.
    #[must_use]
    pub fn fork(&self) -> Self {
        Cluster {
            factory: self.factory.clone(),
            config: self.config.clone(),
            all: self.all.clone(),
            first_members: self.first_members.clone(),
            seed: self.seed,
            servers: self.servers.iter().map(Server::shared).collect(),
            invariants: self.invariants.clone(),
            events: self.events,
            durable: self.durable,
            acknowledgements: self.acknowledgements,
            conduct: self.conduct,
            first_timeouts: self.first_timeouts.clone(),
            crash_points: None,
            trace: None,
            recorder: None,
            now: self.now,
        }
    }
}

impl Server {
    fn shared(&self) -> Self {
        // The disk of a server that is down has no node to be shared with.
        let disk = if self.node.is_some() { self.disk.clone() } else { self.disk.copied() };
        Server {
            node: self.node.clone(),
            disk,
            incarnation: self.incarnation,
            promises: self.promises.clone(),
            wiped: self.wiped,
            gave_up: self.gave_up.clone(),
        }
    }

    /// The node, if the server is up, for an event. If other runs share it, this run gets a copy of it and of its
    /// disk first.
    ///
    /// # Errors
    /// If it would have to be copied, and cannot be.
    pub(super) fn own_node(
        &mut self,
        id: ServerId,
    ) -> Result<Option<&mut (dyn Node + 'static)>, Stop> {
        let Some(node) = &mut self.node else { return Ok(None) };
        if Rc::get_mut(node).is_none() {
            let disk = self.disk.copied();
            let Some(copy) = copied(node.as_ref(), &disk) else {
                let error = "it cannot be copied".to_owned();
                return Err(Stop::Failed { server: id, error });
            };
            *node = copy.into();
            self.disk = disk;
        }
        Ok(Rc::get_mut(node))
    }
}

/// A copy of a server with this disk; `None` if it cannot be copied, or panics when it is copied.
fn copied(node: &dyn Node, disk: &SimulatedDisk) -> Option<Box<dyn Node>> {
    guarded(|| node.fork(Box::new(disk.clone()), Box::new(KeyValue::new()))).ok().flatten()
}
