//! Events and messages in words: in full, as failures and pages tell them, and in a few letters.

use protocol::{
    ClientError, ClientRequest, Event, Payload, Reply, Request, RoleName, ServerId, Timer,
};

use crate::{Body, EventSummary, LossReason, Message, TraceEvent};

/// `S3: RequestVote of term 2 from S1`
pub fn handled(server: ServerId, event: &Event) -> String {
    format!("{server}: {}", EventSummary::from(event))
}

/// `S1→S2 RequestVote term=1 last=0@0 (lost: the link is cut)`
pub fn lost(message: &Message, why: LossReason) -> String {
    format!("{message} ({})", reason(why))
}

/// Why a message is lost.
pub(super) fn reason(why: LossReason) -> &'static str {
    match why {
        LossReason::Dropped => "lost",
        LossReason::Partition => "lost: the link is cut",
        LossReason::ServerDown => "lost: the receiver is down",
        LossReason::CallerRestarted => "lost: the caller has crashed since",
    }
}

/// What happens to a server or its disk, unless the server handles an event: `S2 crashes`.
pub fn fault(what: &TraceEvent) -> Option<String> {
    Some(match what {
        TraceEvent::Crashed { server } => format!("{server} crashes"),
        TraceEvent::Killed { server } => format!("{server}'s process ends"),
        TraceEvent::Stopped { server, why } => format!("{server} gives up: {why}"),
        TraceEvent::Trouble { server, trouble } => format!("{server}: {trouble}"),
        TraceEvent::Repaired { server } => format!("{server}: its disk works again"),
        TraceEvent::Wiped { server } => format!("{server}'s disk loses what was durable on it"),
        TraceEvent::Restarted { server } => format!("{server} restarts"),
        _ => return None,
    })
}

/// The event in a few letters: `S4 ← S2 vote? t13`.
pub(super) fn handled_in_short(server: ServerId, event: &Event) -> String {
    match event {
        Event::Start => format!("{server} starts"),
        Event::Timeout(timer) => format!("{server} {}", timer_in_short(*timer)),
        Event::Request { from, request, .. } => {
            format!("{server} ← {from} {} t{}", request_in_short(request), request.term())
        }
        Event::Reply { from, reply, .. } => {
            format!("{server} ← {from} {} t{}", reply_in_short(reply), reply.term())
        }
        Event::Client { request, .. } => format!("{server} ← client {}", asked(request)),
    }
}

/// A message in a few letters: `S2→S4 vote? t13`.
pub(super) fn message_in_short(message: &Message) -> String {
    let what = match &message.body {
        Body::Request(request) => request_in_short(request),
        Body::Reply { reply, .. } => reply_in_short(reply),
    };
    format!("{}→{} {what} t{}", message.from, message.to, message.term())
}

/// `answers S2: vote ✓ t13`
pub(super) fn answers(to: ServerId, reply: &Reply) -> String {
    format!("answers {to}: {} t{}", reply_in_short(reply), reply.term())
}

fn timer_in_short(timer: Timer) -> &'static str {
    match timer {
        Timer::Election => "election timeout",
        Timer::Heartbeat => "heartbeat",
        Timer::LeaderLease => "lease ends",
    }
}

fn request_in_short(request: &Request) -> String {
    match request {
        Request::RequestVote(_) => "vote?".to_owned(),
        Request::PreVote(_) => "pre-vote?".to_owned(),
        Request::AppendEntries(r) if r.entries.is_empty() => "beat".to_owned(),
        Request::AppendEntries(r) => format!("append +{}", r.entries.len()),
        Request::InstallSnapshot(_) => "snapshot".to_owned(),
        Request::TimeoutNow(_) => "lead now".to_owned(),
    }
}

fn reply_in_short(reply: &Reply) -> String {
    let mark = |yes| if yes { "✓" } else { "✗" };
    match reply {
        Reply::RequestVote(r) => format!("vote {}", mark(r.vote_granted)),
        Reply::PreVote(r) => format!("pre-vote {}", mark(r.vote_granted)),
        Reply::AppendEntries(r) => format!("append {}", mark(r.success)),
        Reply::InstallSnapshot(_) => "snapshot reply".to_owned(),
        Reply::TimeoutNow(_) => "lead now ✓".to_owned(),
    }
}

/// What a client asks for.
pub(super) fn asked(request: &ClientRequest) -> String {
    match request {
        ClientRequest::Command(command) => String::from_utf8_lossy(&command.bytes).into_owned(),
        ClientRequest::Query(query) => format!("query {}", String::from_utf8_lossy(query)),
        ClientRequest::Register => "register".to_owned(),
        ClientRequest::Change(members) => format!("change to {}", names(members)),
        ClientRequest::Transfer(to) => format!("transfer to {to}"),
    }
}

/// `S1 S2 S3`
pub(super) fn names<'a>(servers: impl IntoIterator<Item = &'a ServerId>) -> String {
    let names: Vec<String> = servers.into_iter().map(ToString::to_string).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(" ") }
}

/// A client's answer.
pub(super) fn answer(result: &Result<String, ClientError>) -> String {
    match result {
        Ok(result) if result.is_empty() => "done".to_owned(),
        Ok(result) => result.clone(),
        Err(ClientError::NotLeader(Some(leader))) => format!("not the leader; {leader} leads"),
        Err(ClientError::NotLeader(None)) => "not the leader".to_owned(),
        Err(ClientError::Unknown) => "the outcome is unknown".to_owned(),
        Err(ClientError::Refused) => "refused".to_owned(),
        Err(ClientError::SessionExpired) => "the session has expired".to_owned(),
    }
}

/// What an entry of a log says.
pub(super) fn payload(payload: &Payload) -> String {
    match payload {
        Payload::Command(command) => String::from_utf8_lossy(&command.bytes).into_owned(),
        Payload::Members(members) => format!("members {}", names(members)),
        Payload::Register => "register".to_owned(),
        Payload::NoOp => "no-op".to_owned(),
    }
}

/// A role, and its number in a recording.
pub(super) fn role(role: RoleName) -> u64 {
    match role {
        RoleName::Follower => 0,
        RoleName::Candidate => 1,
        RoleName::Leader => 2,
    }
}

/// The row of the given table of rules that an event runs.
pub(super) fn row(event: &Event) -> &'static str {
    match event {
        Event::Start => "start",
        Event::Timeout(Timer::Election) => "election_timeout",
        Event::Timeout(Timer::Heartbeat) => "heartbeat_timeout",
        Event::Timeout(Timer::LeaderLease) => "lease_timeout",
        Event::Request { request, .. } => match request {
            Request::RequestVote(_) => "request_vote",
            Request::PreVote(_) => "pre_vote",
            Request::AppendEntries(_) => "append_entries",
            Request::InstallSnapshot(_) => "install_snapshot",
            Request::TimeoutNow(_) => "timeout_now",
        },
        Event::Reply { reply, .. } => match reply {
            Reply::RequestVote(_) => "request_vote_reply",
            Reply::PreVote(_) => "pre_vote_reply",
            Reply::AppendEntries(_) => "append_entries_reply",
            Reply::InstallSnapshot(_) => "install_snapshot_reply",
            Reply::TimeoutNow(_) => "reply_received",
        },
        Event::Client { .. } => "client_request",
    }
}
