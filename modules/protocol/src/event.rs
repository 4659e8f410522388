//! Events, which a server handles, and effects, which it asks for.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{CallId, Command, Members, Reply, Request, RequestId, ServerId};

/// Something that happens to a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The server was started, for the first time or after a crash. Always its first event.
    Start,
    /// A timer that it had armed has run out.
    Timeout(Timer),
    /// Another server sends a request.
    Request {
        /// The caller's number of this call; the answer must carry it.
        call: CallId,
        /// The caller.
        from: ServerId,
        /// What it asks.
        request: Request,
    },
    /// The answer to a call that this server made.
    Reply {
        /// This server's number of the call.
        call: CallId,
        /// The server that answers.
        from: ServerId,
        /// The request that it answers.
        request: Request,
        /// The answer.
        reply: Reply,
    },
    /// A client sends a request. Each request must be answered by one [`Effect::Client`].
    Client {
        /// The number of the request.
        id: RequestId,
        /// What it asks.
        request: ClientRequest,
    },
}

/// Something that a server wants done. Effects are carried out in the order given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Effect {
    /// Send a request to another server.
    Call {
        /// This server's number for the call.
        call: CallId,
        /// The server to call.
        to: ServerId,
        /// The request.
        request: Request,
    },
    /// Answer a request, while handling it.
    Answer {
        /// The caller's number of the call.
        call: CallId,
        /// The caller.
        to: ServerId,
        /// The answer.
        reply: Reply,
    },
    /// Arm a timer: it fires once, `after` from now. Arming it again cancels the earlier time.
    SetTimer {
        /// Which timer.
        timer: Timer,
        /// How long from now.
        after: Duration,
    },
    /// Answer a client.
    Client {
        /// The number of the client's request.
        id: RequestId,
        /// The state machine's result for the command or query, or why there is none.
        result: Result<Bytes, ClientError>,
    },
}

/// The timers of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Start an election if no leader has been heard from by then (§5.2).
    Election,
    /// A leader's next heartbeat (§5.2).
    Heartbeat,
    /// How long a server that has heard from a leader ignores candidates: the minimum election
    /// timeout (§6). Module 7.
    LeaderLease,
}

/// What a client can ask of a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientRequest {
    /// Execute a command on the replicated state machine (§5.3).
    Command(Command),
    /// Read, without writing to the log (§8). Module 4, bonus.
    Query(Bytes),
    /// Open a session (dissertation §6.3). The result is the client's id, in decimal digits. Module
    /// 4, bonus.
    Register,
    /// Make these servers the cluster (§6). Module 7.
    Change(Members),
    /// Hand leadership to this server (dissertation §3.10). Module 7, bonus.
    Transfer(ServerId),
}

/// Why a client's request has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientError {
    /// This server is not leader, and nothing was done. It may know which server is (§8).
    NotLeader(Option<ServerId>),
    /// The outcome is not known: the request may have been executed, or may still be.
    Unknown,
    /// The request cannot be served now, and nothing was done.
    Refused,
    /// The command names a session that does not exist, or no longer (dissertation §6.3). It was not
    /// executed now. If the client has sent it before, it may have been executed then.
    SessionExpired,
}
