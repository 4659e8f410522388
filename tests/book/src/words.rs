//! Messages in few words.

use protocol::{Index, Reply, Request, Term};
use simulator::{Body, Message};

use crate::state::terms;

/// What a message says.
pub(crate) fn message(message: &Message) -> String {
    match &message.body {
        Body::Request(asked) => request(asked),
        Body::Reply { reply: answer, .. } => reply(answer),
    }
}

/// What a request says.
pub(crate) fn request(request: &Request) -> String {
    let mut words = vec![format!("{}: term {}", request.name(), request.term())];
    match request {
        Request::RequestVote(r) => last(&mut words, r.last_log_index, r.last_log_term),
        Request::PreVote(r) => last(&mut words, r.last_log_index, r.last_log_term),
        Request::AppendEntries(r) => {
            if r.prev_log_index > Index(0) {
                words.push(format!("prev {}@{}", r.prev_log_index, r.prev_log_term));
            }
            let entries: Vec<String> = terms(&r.entries).iter().map(Term::to_string).collect();
            words.push(match entries.as_slice() {
                [] => "no entries".to_owned(),
                [one] => format!("entry {one}"),
                several => format!("entries {}", several.join(" ")),
            });
            if r.leader_commit > Index(0) {
                words.push(format!("commit {}", r.leader_commit));
            }
        }
        Request::InstallSnapshot(r) => {
            words.push(format!("last {}@{}", r.last_included_index, r.last_included_term));
            words.push(format!("offset {}", r.offset));
            words.extend(r.done.then(|| "done".to_owned()));
        }
        Request::TimeoutNow(_) => {}
    }
    words.join(", ")
}

fn last(words: &mut Vec<String>, index: Index, term: Term) {
    if index > Index(0) {
        words.push(format!("last {index}@{term}"));
    }
}

/// What a reply says.
pub(crate) fn reply(reply: &Reply) -> String {
    let what = match reply {
        Reply::RequestVote(r) if r.vote_granted => "vote granted".to_owned(),
        Reply::RequestVote(_) => "vote refused".to_owned(),
        Reply::PreVote(r) if r.vote_granted => "would vote".to_owned(),
        Reply::PreVote(_) => "would not vote".to_owned(),
        Reply::AppendEntries(r) if r.success => "success".to_owned(),
        Reply::AppendEntries(_) => "refused".to_owned(),
        Reply::InstallSnapshot(r) => format!("{} bytes stored", r.stored),
        Reply::TimeoutNow(_) => "heard".to_owned(),
    };
    format!("{what}, term {}", reply.term())
}
