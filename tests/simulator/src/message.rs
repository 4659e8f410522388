//! Messages between servers: requests and the replies to them.

use std::fmt;

use protocol::{
    Bytes, CallId, ClientError, Event, Reply, Request, RequestId, ServerId, Term, Timer,
};
use serde::{Deserialize, Serialize};

/// The number of a message, in the order of sending. A duplicate has the number of its original.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct MessageId(pub u64);

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// A message from one server to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its number, by which traces name it.
    pub id: MessageId,
    /// The server that sends it.
    pub from: ServerId,
    /// The server that receives it.
    pub to: ServerId,
    /// The number of the call, which the caller has chosen: the sender of a request, or the receiver of a
    /// reply.
    pub call: CallId,
    /// How many times the caller had been restarted when it made the call. A reply to a call from before a
    /// crash does not arrive: the caller no longer waits for it.
    pub incarnation: u32,
    /// Which copy of the message this is: 0, or more for a duplicate. A trace names messages by their numbers alone.
    #[serde(default, skip_serializing_if = "is_first")]
    pub copy: u32,
    /// The request or reply that it carries.
    pub body: Body,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_first(copy: &u32) -> bool {
    *copy == 0
}

/// The content of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// The request of a call.
    Request(Request),
    /// The answer to a call.
    Reply {
        /// The request that it answers.
        request: Request,
        /// The receiver's reply.
        reply: Reply,
    },
}

/// The kind of a message, as scripts name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Kind {
    /// The RPC's name in the paper.
    pub rpc: &'static str,
    /// Whether it is the RPC's reply, and not its request.
    pub reply: bool,
}

impl Kind {
    /// Whether scripts call it by this name.
    pub fn is_named(self, name: &str) -> bool {
        match name.strip_suffix("Reply") {
            Some(rpc) => self.reply && rpc == self.rpc,
            None => !self.reply && name == self.rpc,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.rpc)?;
        f.write_str(if self.reply { "Reply" } else { "" })
    }
}

/// An event in short: enough to name it in a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum EventSummary {
    /// The server was started.
    Start,
    /// One of its timers fired.
    Timeout(Timer),
    /// A request arrived.
    Request {
        /// The server that sent it.
        from: ServerId,
        /// The number of the call.
        call: CallId,
        /// The request's RPC.
        kind: Kind,
        /// The request's term.
        term: Term,
    },
    /// A reply arrived.
    Reply {
        /// The server that sent it.
        from: ServerId,
        /// The reply's RPC.
        kind: Kind,
        /// The reply's term.
        term: Term,
    },
    /// A client's request arrived.
    Client(RequestId),
}

impl From<&Event> for EventSummary {
    fn from(event: &Event) -> Self {
        match event {
            Event::Start => EventSummary::Start,
            Event::Timeout(timer) => EventSummary::Timeout(*timer),
            Event::Request { call, from, request } => EventSummary::Request {
                from: *from,
                call: *call,
                kind: Kind { rpc: request.name(), reply: false },
                term: request.term(),
            },
            Event::Reply { from, reply, .. } => EventSummary::Reply {
                from: *from,
                kind: Kind { rpc: reply.name(), reply: true },
                term: reply.term(),
            },
            Event::Client { id, .. } => EventSummary::Client(*id),
        }
    }
}

impl fmt::Display for EventSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EventSummary::Start => f.write_str("start"),
            EventSummary::Timeout(timer) => {
                write!(f, "{} timeout", format!("{timer:?}").to_lowercase())
            }
            EventSummary::Request { from, kind, term, .. }
            | EventSummary::Reply { from, kind, term } => {
                write!(f, "{kind} of term {term} from {from}")
            }
            EventSummary::Client(id) => write!(f, "client request {id}"),
        }
    }
}

impl Message {
    /// Its kind: the RPC, request or reply.
    pub fn kind(&self) -> Kind {
        match &self.body {
            Body::Request(request) => Kind { rpc: request.name(), reply: false },
            Body::Reply { reply, .. } => Kind { rpc: reply.name(), reply: true },
        }
    }

    /// The term that it carries, which is its sender's.
    pub fn term(&self) -> Term {
        match &self.body {
            Body::Request(request) => request.term(),
            Body::Reply { reply, .. } => reply.term(),
        }
    }

    /// Whether it is a request, and not a reply.
    pub fn is_request(&self) -> bool {
        matches!(self.body, Body::Request(_))
    }
}

/// A call that a server is handling. Its answer is sent with the request, since the caller gets both, and
/// with the caller's incarnation, since an answer to a call from before a crash must not arrive.
#[derive(Clone, Debug)]
pub(crate) struct OpenCall {
    pub(crate) request: Request,
    pub(crate) incarnation: u32,
}

impl Message {
    /// The event that it is for its receiver, and the call that a request opens.
    #[allow(
        clippy::inline_always,
        reason = "a message is large, and moving it through a call is measurable"
    )]
    #[inline(always)]
    pub(crate) fn into_event(self) -> (Event, Option<OpenCall>) {
        let Message { from, call, incarnation, body, .. } = self;
        match body {
            Body::Request(request) => {
                let open = OpenCall { request: request.clone(), incarnation };
                (Event::Request { call, from, request }, Some(open))
            }
            Body::Reply { request, reply } => (Event::Reply { call, from, request, reply }, None),
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}→{} {}", self.from, self.to, self.kind())?;
        match &self.body {
            Body::Request(request) => request_fields(f, request),
            Body::Reply { reply, .. } => reply_fields(f, reply),
        }
    }
}

fn request_fields(f: &mut fmt::Formatter<'_>, request: &Request) -> fmt::Result {
    write!(f, " term={}", request.term())?;
    match request {
        Request::RequestVote(r) => write!(f, " last={}@{}", r.last_log_index, r.last_log_term),
        Request::PreVote(r) => write!(f, " last={}@{}", r.last_log_index, r.last_log_term),
        Request::AppendEntries(r) => {
            write!(f, " prev={}@{}", r.prev_log_index, r.prev_log_term)?;
            let terms: Vec<String> = r.entries.iter().map(|entry| entry.term.to_string()).collect();
            if !terms.is_empty() {
                write!(f, " entries={}", terms.join(","))?;
            }
            write!(f, " commit={}", r.leader_commit)
        }
        Request::InstallSnapshot(r) => write!(
            f,
            " last={}@{} offset={} bytes={}{}",
            r.last_included_index,
            r.last_included_term,
            r.offset,
            r.data.len(),
            if r.done { " done" } else { "" }
        ),
        Request::TimeoutNow(_) => Ok(()),
    }
}

fn reply_fields(f: &mut fmt::Formatter<'_>, reply: &Reply) -> fmt::Result {
    write!(f, " term={}", reply.term())?;
    let yes = |yes| if yes { "yes" } else { "no" };
    match reply {
        Reply::RequestVote(r) => write!(f, " granted={}", yes(r.vote_granted)),
        Reply::PreVote(r) => write!(f, " granted={}", yes(r.vote_granted)),
        Reply::AppendEntries(r) => write!(f, " success={}", yes(r.success)),
        Reply::InstallSnapshot(r) => write!(f, " stored={}", r.stored),
        Reply::TimeoutNow(_) => Ok(()),
    }
}

/// The answer to a client: the result of its request, or why there is none.
pub type ClientAnswer = Result<Bytes, ClientError>;

/// A client's answer as text, for the trace.
pub(crate) fn printable(answer: &ClientAnswer) -> Result<String, ClientError> {
    answer.as_ref().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).map_err(|&error| error)
}
