//! Receiving a snapshot (Figure 13): chunks that come late, twice, out of order, or not at all.

use std::cmp::Ordering;

use persistence::data_model::IncomingSnapshot;
use persistence::protocol::InstallSnapshot;

/// Takes in a chunk. Returns how many bytes of its snapshot have arrived, from the start and
/// without a gap.
pub fn receive(incoming: &mut Option<IncomingSnapshot>, chunk: &InstallSnapshot) -> u64 {
    // Exercise 6.6: Figure 13, receiver steps 2 to 5. One snapshot is received at a time; a newer
    // one, or another leader's, replaces it. Of an older one, nothing is stored.
    todo!("exercise 6.6")
}

/// The snapshot that a chunk belongs to, before any of it has arrived. Given.
fn begin(chunk: &InstallSnapshot) -> IncomingSnapshot {
    IncomingSnapshot {
        last_included_index: chunk.last_included_index,
        last_included_term: chunk.last_included_term,
        leader_term: chunk.term,
        data: Vec::new(),
    }
}
