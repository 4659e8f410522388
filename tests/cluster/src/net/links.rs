//! Which servers this one is cut off from, for experiments.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};

use protocol::ServerId;

/// The servers that this one is cut off from. Nothing goes to them, and what comes from them is dropped. Clones
/// are the same.
#[derive(Clone, Debug, Default)]
pub struct Links(Arc<RwLock<BTreeSet<ServerId>>>);

impl Links {
    /// Whether messages of and to this server are dropped.
    pub fn is_cut(&self, peer: ServerId) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(&peer)
    }

    /// Cuts this server off from these, and from no others.
    pub fn cut(&self, peers: BTreeSet<ServerId>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = peers;
    }
}
