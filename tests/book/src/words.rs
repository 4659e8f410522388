//! Messages and links in few words.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{Index, Reply, Request, ServerId, Term};
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

/// Which links of a cluster of this many servers are cut.
pub(crate) fn links(servers: usize, cut: &BTreeSet<(ServerId, ServerId)>) -> String {
    let both_ways = cut.iter().all(|&(from, to)| cut.contains(&(to, from)));
    if !both_ways {
        let ways: Vec<String> = cut.iter().map(|(from, to)| format!("{from} to {to}")).collect();
        return format!("cut: {}", ways.join(", "));
    }
    let ids: Vec<ServerId> = (1..).map(ServerId).take(servers).collect();
    partition(&ids, cut).unwrap_or_else(|| open_links(&ids, cut))
}

/// The groups of a partition; `None` if some server reaches others that do not reach each other.
fn partition(ids: &[ServerId], cut: &BTreeSet<(ServerId, ServerId)>) -> Option<String> {
    // The servers of a group are cut off from the same others.
    let mut groups: BTreeMap<Vec<bool>, Vec<String>> = BTreeMap::new();
    for &id in ids {
        let unreachable: Vec<bool> = ids.iter().map(|&other| cut.contains(&(id, other))).collect();
        groups.entry(unreachable).or_default().push(id.to_string());
    }
    let reached = |unreachable: &[bool]| unreachable.iter().filter(|&&cut| !cut).count();
    if groups.iter().any(|(unreachable, group)| reached(unreachable) != group.len()) {
        return None;
    }
    let mut groups: Vec<String> = groups.into_values().map(|group| group.join(" ")).collect();
    groups.sort();
    Some(format!("partition: {}", groups.join(" | ")))
}

fn open_links(ids: &[ServerId], cut: &BTreeSet<(ServerId, ServerId)>) -> String {
    let mut open = Vec::new();
    for &one in ids {
        for &other in ids.iter().filter(|&&other| other > one) {
            if !cut.contains(&(one, other)) {
                open.push(format!("{one}–{other}"));
            }
        }
    }
    format!("open links: {}", open.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both ways.
    fn cut(pairs: &[(u64, u64)]) -> BTreeSet<(ServerId, ServerId)> {
        let both = |&(a, b): &(u64, u64)| [(ServerId(a), ServerId(b)), (ServerId(b), ServerId(a))];
        pairs.iter().flat_map(both).collect()
    }

    #[test]
    fn links_are_told_as_groups_or_one_by_one() {
        assert_eq!(links(3, &cut(&[(1, 2), (1, 3)])), "partition: S1 | S2 S3");
        assert_eq!(links(3, &cut(&[(1, 3)])), "open links: S1–S2, S2–S3");
        let one_way = BTreeSet::from([(ServerId(1), ServerId(2))]);
        assert_eq!(links(2, &one_way), "cut: S1 to S2");
    }
}
