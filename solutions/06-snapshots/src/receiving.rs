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
    let newest = arriving.as_ref().map(|there| (there.leader_term, there.last_included_index));
    let this = Some((chunk.term, chunk.last_included_index));
    if this < newest {
        return 0;
    }
    let there = arriving.take_if(|_| this == newest);
    let there = arriving.insert(there.unwrap_or_else(|| Arriving {
        last_included_index: chunk.last_included_index,
        last_included_term: chunk.last_included_term,
        leader_term: chunk.term,
        data: Vec::new(),
    }));
    let stored = there.data.len() as u64;
    if let Some(known) = stored.checked_sub(chunk.offset) {
        let known = usize::try_from(known).unwrap_or(usize::MAX);
        there.data.extend(chunk.data.get(known..).unwrap_or_default());
    }
    there.data.len() as u64
}
