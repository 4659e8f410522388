//! Messages under way: requests, and the replies to them.

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
    /// Its number.
    pub id: MessageId,
    /// The sender.
    pub from: ServerId,
    /// The receiver.
    pub to: ServerId,
    /// The caller's number of the call: the sender's of a request, the receiver's of a reply.
    pub call: CallId,
    /// How often the caller had been started when it made the call. A reply to a call from before a
    /// crash finds nobody who waits for it.
    pub incarnation: u32,
    /// What it says.
    pub body: Body,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// A call.
    Request(Request),
    /// The answer to a call.
    Reply {
        /// What had been asked.
        request: Request,
        /// The answer.
        reply: Reply,
    },
}

/// What kind of message it is, as scripts name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Kind {
    /// The RPC's name in the paper.
    pub rpc: &'static str,
    /// Whether it is the reply.
    pub reply: bool,
}

impl Kind {
    /// Whether this is its name in a script.
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

/// What a server was told, in short: enough to name an event in a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Told {
    /// It was started.
    Start,
    /// One of its timers ran out.
    Timeout(Timer),
    /// Another server asked.
    Request {
        /// The caller.
        from: ServerId,
        /// The caller's number of the call.
        call: CallId,
        /// What kind of request.
        kind: Kind,
        /// The request's term.
        term: Term,
    },
    /// Another server answered.
    Reply {
        /// Who answered.
        from: ServerId,
        /// What kind of reply.
        kind: Kind,
        /// The reply's term.
        term: Term,
    },
    /// A client asked.
    Client(RequestId),
}

impl From<&Event> for Told {
    fn from(event: &Event) -> Self {
        match event {
            Event::Start => Told::Start,
            Event::Timeout(timer) => Told::Timeout(*timer),
            Event::Request { call, from, request } => Told::Request {
                from: *from,
                call: *call,
                kind: Kind { rpc: request.name(), reply: false },
                term: request.term(),
            },
            Event::Reply { from, reply, .. } => Told::Reply {
                from: *from,
                kind: Kind { rpc: reply.name(), reply: true },
                term: reply.term(),
            },
            Event::Client { id, .. } => Told::Client(*id),
        }
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Told::Start => f.write_str("start"),
            Told::Timeout(timer) => write!(f, "{} timeout", format!("{timer:?}").to_lowercase()),
            Told::Request { from, kind, term, .. } | Told::Reply { from, kind, term } => {
                write!(f, "{kind} of term {term} from {from}")
            }
            Told::Client(id) => write!(f, "client request {id}"),
        }
    }
}

impl Message {
    /// What kind of message it is.
    pub fn kind(&self) -> Kind {
        match &self.body {
            Body::Request(request) => Kind { rpc: request.name(), reply: false },
            Body::Reply { reply, .. } => Kind { rpc: reply.name(), reply: true },
        }
    }

    /// The term that it carries.
    pub fn term(&self) -> Term {
        match &self.body {
            Body::Request(request) => request.term(),
            Body::Reply { reply, .. } => reply.term(),
        }
    }

    /// Whether it is a request.
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
