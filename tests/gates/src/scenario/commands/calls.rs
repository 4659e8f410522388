//! `ask` and `reply`: messages that the script makes itself, to try a single rule.

use protocol::{
    AppendEntries, AppendEntriesReply, Bytes, Index, InstallSnapshot, InstallSnapshotReply,
    PreVote, PreVoteReply, Reply, Request, RequestVote, RequestVoteReply, ServerId, Term,
    TimeoutNow, TimeoutNowReply,
};

use crate::scenario::runner::ScenarioRunner;
use crate::scenario::transcript;
use crate::scenario::words::{self, Fault, Words};

const RPCS: &str = "it must be RequestVote, AppendEntries, InstallSnapshot, PreVote or TimeoutNow";

/// `ask S2 from=S3 RequestVote term=4 last=3@2`, or
/// `ask S2 from=S1 AppendEntries term=4 prev=2@1 entries=4/4 commit=1`, and so on.
pub(super) fn ask(runner: &mut ScenarioRunner, mut words: Words<'_>) -> Result<String, Fault> {
    runner.made_up = true;
    let to = words::server(words.required("the server that receives the request, like S2")?)?;
    let rpc = words.required("the RPC, like RequestVote or AppendEntries")?;
    let from = words.need("from", words::server)?;
    let term = words.need("term", words::term)?;
    let request = request(rpc, from, term, &mut words)?;
    words.end_of("SERVER RPC from=SERVER term=N and the RPC's fields")?;
    Ok(match runner.world()?.ask(from, to, request)? {
        Some(reply) => transcript::reply(to, from, &reply),
        None => format!("{to} does not answer {from}"),
    })
}

/// `reply S1 from=S2 RequestVote term=3 granted=yes asked=2`, or `reply S1 from=S2 AppendEntries term=3 success=no
/// prev=2@1`, and so on. The request that it answers was sent in the term `asked`; without it, in the reply's term.
pub(super) fn reply(runner: &mut ScenarioRunner, mut words: Words<'_>) -> Result<String, Fault> {
    runner.made_up = true;
    let to = words::server(words.required("the server that receives the reply, like S1")?)?;
    let rpc = words.required("the RPC, like RequestVote or AppendEntries")?;
    let from = words.need("from", words::server)?;
    let term = words.need("term", words::term)?;
    let asked = words.read("asked", words::term)?.unwrap_or(term);
    let (reply, request) = (reply_of(rpc, term, &mut words)?, request(rpc, to, asked, &mut words)?);
    words.end_of(
        "SERVER RPC from=SERVER term=N, the reply's field, asked=TERM, the request's fields",
    )?;
    runner.world()?.reply(from, to, request, reply)?;
    Ok(String::new())
}

fn reply_of(rpc: &str, term: Term, words: &mut Words<'_>) -> Result<Reply, Fault> {
    Ok(match rpc {
        "RequestVote" => {
            let vote_granted = words.need("granted", words::yes_no)?;
            Reply::RequestVote(RequestVoteReply { term, vote_granted })
        }
        "AppendEntries" => {
            let success = words.need("success", words::yes_no)?;
            Reply::AppendEntries(AppendEntriesReply { term, success, conflict: None })
        }
        "InstallSnapshot" => {
            let stored = words.need("stored", words::bytes)?;
            Reply::InstallSnapshot(InstallSnapshotReply { term, stored })
        }
        "PreVote" => {
            let vote_granted = words.need("granted", words::yes_no)?;
            Reply::PreVote(PreVoteReply { term, vote_granted })
        }
        "TimeoutNow" => Reply::TimeoutNow(TimeoutNowReply { term }),
        other => return Err(Fault::word(other, RPCS)),
    })
}

/// A request of this RPC by `from`, with the fields in `words`.
fn request(rpc: &str, from: ServerId, term: Term, words: &mut Words<'_>) -> Result<Request, Fault> {
    match rpc {
        "RequestVote" => {
            let (last_log_index, last_log_term) =
                words.read("last", words::place)?.unwrap_or_default();
            Ok(Request::RequestVote(RequestVote {
                term,
                candidate_id: from,
                last_log_index,
                last_log_term,
                leadership_transfer: words.read("transfer", words::yes_no)?.unwrap_or(false),
            }))
        }
        "AppendEntries" => append_entries(from, term, words),
        "InstallSnapshot" => install_snapshot(from, term, words),
        "PreVote" => {
            let (last_log_index, last_log_term) =
                words.read("last", words::place)?.unwrap_or_default();
            Ok(Request::PreVote(PreVote {
                term,
                candidate_id: from,
                last_log_index,
                last_log_term,
            }))
        }
        "TimeoutNow" => Ok(Request::TimeoutNow(TimeoutNow { term, leader_id: from })),
        _ => Err(Fault::word(rpc, RPCS)),
    }
}

fn append_entries(from: ServerId, term: Term, words: &mut Words<'_>) -> Result<Request, Fault> {
    let (prev_log_index, prev_log_term) = words.read("prev", words::place)?.unwrap_or_default();
    let terms = words.read("entries", words::terms)?.unwrap_or_default();
    let configuration = words.read("members", words::members_at)?;
    Ok(Request::AppendEntries(AppendEntries {
        term,
        leader_id: from,
        prev_log_index,
        prev_log_term,
        entries: words::entries(prev_log_index, &terms, configuration)?,
        leader_commit: words.read("commit", words::index)?.unwrap_or(Index(0)),
    }))
}

fn install_snapshot(from: ServerId, term: Term, words: &mut Words<'_>) -> Result<Request, Fault> {
    let (last_included_index, last_included_term) = words.need("last", words::place)?;
    let data = words.key("data").unwrap_or_default();
    Ok(Request::InstallSnapshot(InstallSnapshot {
        term,
        leader_id: from,
        last_included_index,
        last_included_term,
        offset: words.read("offset", words::bytes)?.unwrap_or(0),
        data: Bytes::copy_from_slice(data.as_bytes()),
        done: words.read("done", words::yes_no)?.unwrap_or(false),
    }))
}
