//! `ask` and `reply`: messages that the script makes itself, to try one rule by itself.

use protocol::{
    AppendEntries, AppendEntriesReply, Bytes, Index, InstallSnapshot, InstallSnapshotReply,
    PreVote, PreVoteReply, Reply, Request, RequestVote, RequestVoteReply, ServerId, Term,
    TimeoutNow, TimeoutNowReply,
};
use simulator::Scripted;

use super::transcript;
use super::words::{self, Fault, Words};

const KINDS: &str =
    "RequestVote, AppendEntries, InstallSnapshot, PreVote or TimeoutNow is possible";

/// `ask S2 from=S3 RequestVote term=4 last=3@2`, or
/// `ask S2 from=S1 AppendEntries term=4 prev=2@1 entries=4/4 commit=1`, and so on.
pub(crate) fn ask(world: &mut Scripted, mut words: Words<'_>) -> Result<String, Fault> {
    let to = words::server(words.required("the server that is asked, like S2")?)?;
    let kind = words.required("the RPC, like RequestVote or AppendEntries")?;
    let from = words.need("from", words::server)?;
    let term = words.need("term", words::term)?;
    let request = request(kind, from, term, &mut words)?;
    words.end("SERVER RPC from=SERVER term=N and the RPC's fields")?;
    Ok(match world.ask(from, to, request)? {
        Some(reply) => transcript::reply(to, from, &reply),
        None => format!("{to} does not answer {from}"),
    })
}

/// `reply S1 from=S2 RequestVote term=3 granted=yes asked=2`, or
/// `reply S1 from=S2 AppendEntries term=3 success=no prev=2@1`, and so on. The request that it answers was
/// sent in the term `asked`, or else in the reply's.
pub(crate) fn reply(world: &mut Scripted, mut words: Words<'_>) -> Result<(), Fault> {
    let to = words::server(words.required("the server that gets the reply, like S1")?)?;
    let kind = words.required("the RPC, like RequestVote or AppendEntries")?;
    let from = words.need("from", words::server)?;
    let term = words.need("term", words::term)?;
    let asked = words.read("asked", words::term)?.unwrap_or(term);
    let reply = match kind {
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
        _ => return Err(Fault::word(kind, KINDS)),
    };
    let request = request(kind, to, asked, &mut words)?;
    words.end(
        "SERVER RPC from=SERVER term=N, the reply's field, asked=TERM, the request's fields",
    )?;
    Ok(world.reply(from, to, request, reply)?)
}

/// A request of this kind by `from`, with the fields that `words` give.
fn request(
    kind: &str,
    from: ServerId,
    term: Term,
    words: &mut Words<'_>,
) -> Result<Request, Fault> {
    match kind {
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
        _ => Err(Fault::word(kind, KINDS)),
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
