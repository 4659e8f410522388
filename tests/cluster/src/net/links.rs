//! The faults of this server's links in an experiment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use protocol::ServerId;

/// The faults of the links between this server and the others. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Links(Arc<RwLock<Faults>>);

#[derive(Debug, Default)]
struct Faults {
    /// Nothing goes to these servers, and what comes from them is dropped.
    cut: BTreeSet<ServerId>,
    /// Nothing goes to these servers, but what they send arrives.
    muted: BTreeSet<ServerId>,
    /// What goes to these servers leaves this much later.
    slow: BTreeMap<ServerId, Duration>,
}

impl Links {
    /// Whether messages from this server are dropped.
    pub fn is_cut(&self, peer: ServerId) -> bool {
        self.read(|faults| faults.cut.contains(&peer))
    }

    /// Whether messages to this server are dropped.
    pub fn is_muted(&self, peer: ServerId) -> bool {
        self.read(|faults| faults.cut.contains(&peer) || faults.muted.contains(&peer))
    }

    /// How much later messages to this server leave.
    pub fn delay(&self, peer: ServerId) -> Duration {
        self.read(|faults| faults.slow.get(&peer).copied().unwrap_or_default())
    }

    /// Cuts this server off from these, and from no others.
    pub fn cut(&self, peers: BTreeSet<ServerId>) {
        self.write(|faults| faults.cut = peers);
    }

    /// Sends nothing to these servers, and everything to all others.
    pub fn mute(&self, peers: BTreeSet<ServerId>) {
        self.write(|faults| faults.muted = peers);
    }

    /// Delays what goes to these servers, and to no others.
    pub fn slow(&self, peers: BTreeMap<ServerId, Duration>) {
        self.write(|faults| faults.slow = peers);
    }

    fn read<T>(&self, look: impl FnOnce(&Faults) -> T) -> T {
        look(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner));
    }
}
