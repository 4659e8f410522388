//! Changes of the configuration, and what keeps elections from disrupting it. Given; first needed in
//! module 7.

use std::collections::BTreeSet;

use protocol::{Index, Members, RequestId, ServerId};

/// What a server needs for changes of the configuration (§6; dissertation, chapter 4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct MembershipState {
    /// A new server that is catching up, on a leader (exercise 7.3).
    pub catch_up: Option<CatchUp>,
    /// Whether the server has heard from a leader within the minimum election timeout (exercise 7.5).
    pub leader_heard: bool,
    /// The servers that have replied to this leader since it last asked whether it still reaches a
    /// quorum (exercise 7.6).
    pub responders: BTreeSet<ServerId>,
    /// The servers that would vote for this one, itself included (exercise 7.9, bonus).
    pub pre_votes: BTreeSet<ServerId>,
    /// The server that leadership is being handed to (exercise 7.10, bonus).
    pub transfer: Option<PendingTransfer>,
}

/// A configuration that is not in the log yet because the server that it adds is still catching up,
/// in rounds (dissertation §4.2.1). A round brings the new server what was in the leader's log when
/// the round began.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CatchUp {
    /// The client's request.
    pub id: RequestId,
    /// The configuration that follows.
    pub members: Members,
    /// The server that it adds.
    pub server: ServerId,
    /// The leader's last index when this round began.
    pub round_end: Index,
    /// How many rounds are left, this one included.
    pub rounds_left: u32,
    /// How many heartbeats this round has lasted.
    pub heartbeats: u32,
}

/// A transfer of leadership that was asked for (dissertation §3.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PendingTransfer {
    /// The client's request.
    pub id: RequestId,
    /// The server that is to lead.
    pub to: ServerId,
}
