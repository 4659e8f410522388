//! `ask` and `reply`: messages that the script makes itself, to try one rule by itself.

use protocol::{
    AppendEntries, AppendEntriesReply, Index, Reply, Request, RequestVote, RequestVoteReply,
    ServerId, Term,
};
use simulator::Scripted;

use super::transcript;
use super::words::{self, Fault, Words};

const KINDS: &str = "RequestVote or AppendEntries is possible";

/// `ask S2 from=S3 RequestVote term=4 last=3@2`, or
/// `ask S2 from=S1 AppendEntries term=4 prev=2@1 entries=4/4 commit=1`.
pub(crate) fn ask(world: &mut Scripted, mut words: Words<'_>) -> Result<String, Fault> {
    let to = words::server(words.required("the server that is asked, like S2")?)?;
    let kind = words.required("the RPC: RequestVote or AppendEntries")?;
    let from = words.need("from", words::server)?;
    let term = words.need("term", words::term)?;
    let request = match kind {
        "RequestVote" => request_vote(from, term, &mut words)?,
        "AppendEntries" => append_entries(from, term, &mut words)?,
        _ => return Err(Fault::word(kind, KINDS)),
    };
    words.end("SERVER RPC from=SERVER term=N and the RPC's fields")?;
    let reply = world.ask(from, to, request)?;
    Ok(transcript::reply(to, from, &reply))
}

/// `reply S1 from=S2 RequestVote term=3 granted=yes asked=2`, or
/// `reply S1 from=S2 AppendEntries term=3 success=no prev=2@1`. The request that it answers was sent in
/// the term `asked`, or else in the reply's.
pub(crate) fn reply(world: &mut Scripted, mut words: Words<'_>) -> Result<(), Fault> {
    let to = words::server(words.required("the server that gets the reply, like S1")?)?;
    let kind = words.required("the RPC: RequestVote or AppendEntries")?;
    let from = words.need("from", words::server)?;
    let term = words.need("term", words::term)?;
    let asked = words.read("asked", words::term)?.unwrap_or(term);
    let (request, reply) = match kind {
        "RequestVote" => {
            let vote_granted = words.need("granted", words::yes_no)?;
            let reply = Reply::RequestVote(RequestVoteReply { term, vote_granted });
            (request_vote(to, asked, &mut words)?, reply)
        }
        "AppendEntries" => {
            let success = words.need("success", words::yes_no)?;
            let reply = Reply::AppendEntries(AppendEntriesReply { term, success, conflict: None });
            (append_entries(to, asked, &mut words)?, reply)
        }
        _ => return Err(Fault::word(kind, KINDS)),
    };
    words.end(
        "SERVER RPC from=SERVER term=N, the reply's field, asked=TERM, the request's fields",
    )?;
    Ok(world.reply(from, to, request, reply)?)
}

fn request_vote(from: ServerId, term: Term, words: &mut Words<'_>) -> Result<Request, Fault> {
    let (last_log_index, last_log_term) = words.read("last", words::place)?.unwrap_or_default();
    Ok(Request::RequestVote(RequestVote {
        term,
        candidate_id: from,
        last_log_index,
        last_log_term,
        leadership_transfer: false,
    }))
}

fn append_entries(from: ServerId, term: Term, words: &mut Words<'_>) -> Result<Request, Fault> {
    let (prev_log_index, prev_log_term) = words.read("prev", words::place)?.unwrap_or_default();
    let terms = words.read("entries", words::terms)?.unwrap_or_default();
    Ok(Request::AppendEntries(AppendEntries {
        term,
        leader_id: from,
        prev_log_index,
        prev_log_term,
        entries: words::entries(prev_log_index, &terms),
        leader_commit: words.read("commit", words::index)?.unwrap_or(Index(0)),
    }))
}
