//! Receiving a snapshot (Figure 13): chunks that come late, twice, out of order, or not at all.

use persistence::data_model::Arriving;
use persistence::protocol::InstallSnapshot;

/// Takes in a chunk. Gives how many bytes of its snapshot are there now, from the start and without
/// a gap.
pub fn receive(arriving: &mut Option<Arriving>, chunk: &InstallSnapshot) -> u64 {
    // Exercise 6.5: Figure 13, receiver, steps 2 to 5. One snapshot arrives at a time. A chunk of
    // another leader's, or of a newer one of the same leader, begins anew; a chunk of an older one
    // is passed over, and nothing of that is stored. A chunk counts if it joins on to what is
    // there: what is there already stays, and a chunk behind a gap is passed over, since the leader
    // will send what is missing.
    todo!("exercise 6.5")
}
