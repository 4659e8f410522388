//! The votes for two servers that were elected in one term, as far as a trace shows them. Either a server has voted
//! twice, or a candidate has counted a reply that is not a vote.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{Reply, Request, ServerId, Term};
use simulator::{Body, Breach, Property, TraceEvent, TraceRecord};

/// What a trace of `servers` servers says about the votes in the term of this breach, and the property that was
/// broken by them.
pub(crate) fn ballots(
    breach: &Breach,
    servers: u64,
    trace: &[TraceRecord],
) -> Option<(String, Property)> {
    let &term = breach.terms.first()?;
    if breach.property != Property::ElectionSafety {
        return None;
    }
    let votes = votes(term, trace);
    let twice = votes.iter().find(|(_, candidates)| candidates.len() > 1);
    if let Some((voter, candidates)) = twice {
        let to = |id: &ServerId| {
            if id == voter { "to itself".to_owned() } else { format!("to {id}") }
        };
        let to: Vec<String> = candidates.iter().map(to).collect();
        let to = to.join(" and ");
        let note = format!(
            "{voter} gave its vote of term {term} {to}: a server has one vote in each term (RequestVote, \
             receiver, step 2)."
        );
        return Some((note, Property::OneVoteATerm));
    }
    let enough = |id: ServerId| {
        votes.values().filter(|candidates| candidates.contains(&id)).count() as u64 * 2 > servers
    };
    let &short = breach.servers.iter().find(|&&id| !enough(id))?;
    let voters: Vec<String> = votes
        .iter()
        .filter(|(_, candidates)| candidates.contains(&short))
        .map(|(voter, _)| voter.to_string())
        .collect();
    let note = format!(
        "{short} leads term {term}, but {} of {servers} servers voted for it in that term ({}). They are no \
         majority, so it has counted something else as a vote: a reply of an earlier term, or one that denies it.",
        voters.len(),
        voters.join(", ")
    );
    Some((note, Property::ElectionSafety))
}

/// For each voter, the candidates that have its vote in `term`. A server that asks for votes has voted for itself.
fn votes(term: Term, trace: &[TraceRecord]) -> BTreeMap<ServerId, BTreeSet<ServerId>> {
    let mut votes: BTreeMap<ServerId, BTreeSet<ServerId>> = BTreeMap::new();
    for traced in trace {
        let TraceEvent::Sent { message } = &traced.what else { continue };
        let (voter, candidate) = match &message.body {
            Body::Request(Request::RequestVote(request)) if request.term == term => {
                (message.from, message.from)
            }
            Body::Reply {
                request: Request::RequestVote(request),
                reply: Reply::RequestVote(reply),
            } if request.term == term && reply.vote_granted => (message.from, message.to),
            _ => continue,
        };
        votes.entry(voter).or_default().insert(candidate);
    }
    votes
}
