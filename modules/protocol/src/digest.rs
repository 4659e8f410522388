//! What identifies a server's state, for code that compares states.

use std::fmt;
use std::hash::Hasher;

use crate::CallId;

/// Collects what identifies a server's state: see [`Node::digest`](crate::Node::digest). Parts that can be hashed are
/// hashed into it.
pub trait StateDigest: Hasher {
    /// Adds the number of a call. States that differ only in the distances between such numbers count as the same.
    fn call(&mut self, call: CallId);

    /// Adds a part that cannot be hashed, by its `Debug` output.
    fn printed(&mut self, part: &dyn fmt::Debug);
}
