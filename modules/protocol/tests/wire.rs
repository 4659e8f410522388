//! Every message survives a round trip in a format that does not name its fields. A field that is left out when
//! it has its default value cannot be read back there: a server could send the message, and none could read it.

use std::fmt::Debug;

use protocol::{
    AppendEntries, AppendEntriesReply, Bytes, ClientId, Command, Conflict, Entry, Index,
    InstallSnapshot, InstallSnapshotReply, Members, Payload, PreVote, PreVoteReply, Reply, Request,
    RequestVote, RequestVoteReply, ServerId, Session, Term, TimeoutNow, TimeoutNowReply,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

const TERM: Term = Term(7);
const LAST: Index = Index(300);
const S1: ServerId = ServerId(1);

/// An entry of each kind, a command with and without a session.
fn entries() -> Vec<Entry> {
    let session = Some(Session { client: ClientId(9), serial: 1 });
    let command = |session, bytes: &'static [u8]| Command { session, bytes: bytes.into() };
    let payloads = [
        Payload::Command(command(None, b"")),
        Payload::Command(command(session, b"\0\xff set")),
        Payload::Members(Members::new()),
        Payload::Members(Members::from([S1, ServerId(u64::MAX)])),
        Payload::NoOp,
    ];
    payloads.into_iter().map(|payload| Entry { term: TERM, payload }).collect()
}

/// Each RPC, with every value that an optional field may have, and with empty lists.
fn requests() -> Vec<Request> {
    let vote = |leadership_transfer| {
        Request::RequestVote(RequestVote {
            term: TERM,
            candidate_id: S1,
            last_log_index: LAST,
            last_log_term: Term(0),
            leadership_transfer,
        })
    };
    let append = |entries| {
        Request::AppendEntries(AppendEntries {
            term: TERM,
            leader_id: S1,
            prev_log_index: LAST,
            prev_log_term: Term(u64::MAX),
            entries,
            leader_commit: Index(0),
        })
    };
    let install = |data: &'static [u8], done| {
        Request::InstallSnapshot(InstallSnapshot {
            term: TERM,
            leader_id: S1,
            last_included_index: LAST,
            last_included_term: TERM,
            offset: 1 << 40,
            data: Bytes::from_static(data),
            done,
        })
    };
    let pre_vote = Request::PreVote(PreVote {
        term: TERM,
        candidate_id: S1,
        last_log_index: Index(0),
        last_log_term: Term(0),
    });
    let timeout_now = Request::TimeoutNow(TimeoutNow { term: TERM, leader_id: S1 });
    vec![
        vote(false),
        vote(true),
        append(Vec::new()),
        append(entries()),
        install(b"", false),
        install(b"\0\x01\xff", true),
        pre_vote,
        timeout_now,
    ]
}

/// The reply to each RPC, with every value that an optional field may have.
fn replies() -> Vec<Reply> {
    let append = |success, conflict| {
        Reply::AppendEntries(AppendEntriesReply { term: TERM, success, conflict })
    };
    let hint = |term| Some(Conflict { term, first_index: LAST });
    vec![
        Reply::RequestVote(RequestVoteReply { term: TERM, vote_granted: false }),
        Reply::RequestVote(RequestVoteReply { term: TERM, vote_granted: true }),
        append(true, None),
        append(false, None),
        append(false, hint(None)),
        append(false, hint(Some(Term(3)))),
        Reply::InstallSnapshot(InstallSnapshotReply { term: TERM, stored: u64::MAX }),
        Reply::PreVote(PreVoteReply { term: TERM, vote_granted: true }),
        Reply::TimeoutNow(TimeoutNowReply { term: TERM }),
    ]
}

fn assert_survives<T: Serialize + DeserializeOwned + PartialEq + Debug>(message: &T) {
    let bytes = postcard::to_stdvec(message).expect("plain data can be written");
    // Something follows, as in a stream: a field too few would read on there.
    let followed = [&bytes[..], &[0xaa; 16]].concat();
    let (back, rest) = postcard::take_from_bytes::<T>(&followed)
        .unwrap_or_else(|error| panic!("{message:?} cannot be read back: {error}"));
    assert_eq!(&back, message);
    assert_eq!(rest, [0xaa; 16], "{message:?} is read to another end than it was written to");
}

#[test]
fn every_request_survives_a_round_trip() {
    let requests = requests();
    requests.iter().for_each(assert_survives);
    let names: Vec<&str> = requests.iter().map(Request::name).collect();
    for request in &requests {
        // A new RPC does not compile here until the list above has it.
        let name = match request {
            Request::RequestVote(_) => "RequestVote",
            Request::AppendEntries(_) => "AppendEntries",
            Request::InstallSnapshot(_) => "InstallSnapshot",
            Request::PreVote(_) => "PreVote",
            Request::TimeoutNow(_) => "TimeoutNow",
        };
        assert!(names.contains(&name));
    }
}

#[test]
fn every_reply_survives_a_round_trip() {
    let replies = replies();
    replies.iter().for_each(assert_survives);
    for request in requests() {
        let answered = replies.iter().any(|reply| reply.name() == request.name());
        assert!(answered, "no reply to {} was tried", request.name());
    }
}

#[test]
fn json_without_the_optional_fields_can_still_be_read() {
    let vote = r#"{"term":7,"candidate_id":1,"last_log_index":0,"last_log_term":0}"#;
    let vote: RequestVote = serde_json::from_str(vote).unwrap();
    assert!(!vote.leadership_transfer);
    let reply: AppendEntriesReply = serde_json::from_str(r#"{"term":7,"success":true}"#).unwrap();
    assert_eq!(reply.conflict, None);
}
