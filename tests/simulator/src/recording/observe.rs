//! What the recorder notes of a server after its event, before the invariants judge it.

use std::collections::BTreeMap;

use protocol::{Effect, Index, Node, Reply, Request, RequestVoteReply, ServerId, Term, Timer};

use super::flatten::flatten_text;
use super::format::FATES;
use super::promised::{Promise, Promised};
use super::recorder::Recorder;
use super::servers::{ServerState, new_entries};
use super::words;
use crate::invariants::slot;
use crate::{Body, Message, MessageId, SimulatedDisk};

/// At most this many changes in a server's `Debug` output are kept of one step.
const MOST_CHANGES: usize = 60;

/// Parts of the given server's `Debug` output that say nothing, or what the table shows anyway.
const HIDDEN: [&str; 12] = [
    "next_call",
    "rng",
    "config",
    "rules",
    "disk",
    "machine",
    "id",
    "members",
    "current_term",
    "voted_for",
    "commit_index",
    "last_applied",
];

impl Recorder {
    /// Looks at a server, after its event or at the beginning. `effects` is what it asks for, which is not carried
    /// out yet.
    pub(crate) fn observe(
        &mut self,
        id: ServerId,
        node: &dyn Node,
        disk: &SimulatedDisk,
        effects: &[Effect],
    ) {
        self.look(id, node, disk, self.is_start);
        self.note_promises(id, node, effects);
        self.unsent_answer = effects.iter().find_map(|effect| match effect {
            Effect::Answer { to, reply, .. } => Some(words::answers(*to, reply)),
            _ => None,
        });
        self.pending = (!effects.is_empty()).then(|| (id, effects.to_vec()));
    }

    /// Looks at a server, and compares `all` of its log, or only the end.
    pub(crate) fn look(&mut self, id: ServerId, node: &dyn Node, disk: &SimulatedDisk, all: bool) {
        let now = ServerState::of(node);
        let Some(server) = self.servers.get_mut(slot(id)) else { return };
        let new = new_entries(node, &server.log, all);
        if let Some((first, entries)) = &new {
            let keep = usize::try_from(first.0 - 1).unwrap_or(usize::MAX);
            server.log.truncate(keep);
            let unknown = protocol::Entry { term: Term(0), payload: protocol::Payload::NoOp };
            let known = entries.iter().map(|entry| entry.clone().unwrap_or(unknown.clone()));
            server.log.extend(known);
        }
        let before = server.state.replace(now.clone());
        if before.as_ref() != Some(&now) || new.is_some() {
            if let Some(before) = &before {
                let mut changes = now.since(before);
                if let Some((first, entries)) = &new {
                    changes.push(log_words(before.last, now.last, *first, entries.len()));
                }
                if !changes.is_empty() {
                    self.and_then(format!("{id}: {}", changes.join(", ")));
                }
            }
            self.put_change(id, &now, new.as_ref().map(|(first, entries)| (*first, &entries[..])));
        }
        self.look_at_progress(id, node);
        self.look_at_disk(id, disk);
        self.inspect(id, node);
    }

    fn put_change(
        &mut self,
        id: ServerId,
        state: &ServerState,
        log: Option<(Index, &[Option<protocol::Entry>])>,
    ) {
        let members = self.texts.number(&state.members);
        for entry in log.iter().flat_map(|(_, entries)| entries.iter()) {
            let words = self.entry(entry.as_ref().map(|entry| &entry.payload));
            self.columns.entry_term.push(entry.as_ref().map_or(0, |entry| entry.term.0));
            self.columns.entry_words.push(words);
        }
        let now = self.now();
        let columns = &mut self.columns;
        columns.change_step.push(now);
        columns.change_server.push(id.0);
        columns.change_role.push(if state.is_up { words::role(state.role) } else { 3 });
        columns.change_term.push(state.term.0);
        columns.change_vote.push(state.vote.map_or(0, |vote| vote.0));
        columns.change_commit.push(state.commit.0);
        columns.change_applied.push(state.applied.0);
        columns.change_base.push(state.base.0);
        columns.change_last.push(state.last.0);
        columns.change_members.push(members);
        columns.change_log_from.push(log.map_or(0, |(first, _)| first.0));
        columns.change_log_count.push(log.map_or(0, |(_, entries)| entries.len() as u64));
    }

    /// A server is down: it keeps what the recorder last saw of it, and none of its timers runs.
    pub(super) fn goes_down(&mut self, id: ServerId) {
        let Some(state) = self.servers.get(slot(id)).and_then(|server| server.state.clone()) else {
            return;
        };
        let down = ServerState { is_up: false, ..state };
        self.put_change(id, &down, None);
        self.servers[slot(id)].state = Some(down);
        self.servers[slot(id)].printed = None;
        for timer in [Timer::Election, Timer::Heartbeat, Timer::LeaderLease] {
            self.timer(id, timer, 0);
        }
        self.forget_progress(id);
    }

    fn forget_progress(&mut self, id: ServerId) {
        if std::mem::take(&mut self.servers[slot(id)].progress).is_empty() {
            return;
        }
        self.put_progress(id, ServerId(0), Index(0), Index(0));
    }

    fn put_progress(&mut self, id: ServerId, of: ServerId, next: Index, matching: Index) {
        let now = self.now();
        let columns = &mut self.columns;
        columns.progress_step.push(now);
        columns.progress_server.push(id.0);
        columns.progress_of.push(of.0);
        columns.progress_next.push(next.0);
        columns.progress_match.push(matching.0);
    }

    fn look_at_progress(&mut self, id: ServerId, node: &dyn Node) {
        let progress = node.internals().map(|shown| shown.progress).unwrap_or_default();
        let before = &self.servers[slot(id)].progress;
        if *before == progress {
            return;
        }
        let is_gone = before.keys().any(|of| !progress.contains_key(of));
        let before = if is_gone { BTreeMap::new() } else { before.clone() };
        if is_gone {
            self.forget_progress(id);
        }
        for (&of, now) in progress.iter().filter(|(of, now)| before.get(of) != Some(now)) {
            self.put_progress(id, of, now.next_index, now.match_index);
        }
        self.servers[slot(id)].progress = progress;
    }

    pub(crate) fn look_at_disk(&mut self, id: ServerId, disk: &SimulatedDisk) {
        let held = disk.durability();
        let Some(server) = self.servers.get_mut(slot(id)) else { return };
        if std::mem::replace(&mut server.disk, held) == held {
            return;
        }
        let now = self.now();
        let columns = &mut self.columns;
        columns.disk_step.push(now);
        columns.disk_server.push(id.0);
        columns.disk_synced.push(held.0);
        columns.disk_lost.push(held.1);
    }

    fn inspect(&mut self, id: ServerId, node: &dyn Node) {
        if self.is_too_long_to_inspect() {
            if self.inspected_from.take().is_some() {
                let columns = &mut self.columns;
                for column in [
                    &mut columns.inspect_step,
                    &mut columns.inspect_server,
                    &mut columns.inspect_path,
                    &mut columns.inspect_old,
                    &mut columns.inspect_new,
                ] {
                    column.clear();
                }
            }
            return;
        }
        if !self.may_inspect() {
            return;
        }
        let now = self.now();
        self.inspected_from.get_or_insert(now);
        // A server whose `Debug` panics shows nothing of itself.
        let text = crate::guarded(|| format!("{node:?}")).unwrap_or_default();
        let server = &mut self.servers[slot(id)];
        // Most events change nothing, and taking a text apart costs more than printing it.
        if server.printed.as_ref().is_some_and(|(last, _)| *last == text) {
            return;
        }
        let printed = if text.is_empty() { BTreeMap::new() } else { flatten_text(&text) };
        let before = server.printed.replace((text, printed.clone()));
        let Some((_, before)) = before else { return };
        let paths = before.keys().chain(printed.keys().filter(|path| !before.contains_key(*path)));
        let changed = paths.filter(|path| before.get(*path) != printed.get(*path));
        for path in changed.filter(|path| !is_hidden(path)).take(MOST_CHANGES) {
            let value = |of: &BTreeMap<String, String>| of.get(path).cloned().unwrap_or_default();
            let numbers = [
                self.texts.number(path),
                self.texts.number(&value(&before)),
                self.texts.number(&value(&printed)),
            ];
            let columns = &mut self.columns;
            columns.inspect_step.push(now);
            columns.inspect_server.push(id.0);
            columns.inspect_path.push(numbers[0]);
            columns.inspect_old.push(numbers[1]);
            columns.inspect_new.push(numbers[2]);
        }
    }

    fn note_promises(&mut self, id: ServerId, node: &dyn Node, effects: &[Effect]) {
        let step = self.now();
        let mut promise = |what| self.promised.push(Promised { step, server: id, what });
        for effect in effects {
            match effect {
                Effect::Call { request, .. } => {
                    promise(Promise::Term(request.term()));
                    if let Request::RequestVote(r) = request {
                        promise(Promise::Vote(r.term, id));
                    }
                }
                Effect::Answer { to, reply, .. } => {
                    promise(Promise::Term(reply.term()));
                    match reply {
                        Reply::RequestVote(RequestVoteReply { term, vote_granted: true }) => {
                            promise(Promise::Vote(*term, *to));
                        }
                        Reply::AppendEntries(r) if r.success => {
                            promise(Promise::Log(node.last_index()));
                        }
                        Reply::InstallSnapshot(_) => promise(Promise::Log(node.base().0)),
                        _ => {}
                    }
                }
                Effect::SetTimer { .. } | Effect::Client { .. } => {}
            }
        }
        if node.role() == protocol::RoleName::Leader {
            promise(Promise::Log(node.commit_index()));
        }
    }

    /// What a server asked for when the run ended is shown anyway: it may be what is wrong.
    pub(super) fn send_pending(&mut self) {
        let Some((from, effects)) = self.pending.take() else { return };
        self.unsent_answer = None;
        for effect in effects {
            let (to, call, body) = match effect {
                Effect::Call { call, to, request } => (to, call, Body::Request(request)),
                Effect::Answer { call, to, reply } => {
                    // Only the reply is shown; the request that it answers is the step's own message.
                    let request = Request::TimeoutNow(protocol::TimeoutNow {
                        term: reply.term(),
                        leader_id: from,
                    });
                    (to, call, Body::Reply { request, reply })
                }
                Effect::SetTimer { .. } | Effect::Client { .. } => continue,
            };
            let message =
                Message { id: MessageId(0), from, to, call, incarnation: 0, copy: 0, body };
            let number = self.columns.message_from.len() as u64;
            self.put_message(&message);
            self.put_fate(number, 0, FATES[4], "the run ended before it was sent");
            let short = words::message_in_short(&message);
            self.and_then(format!("wanted to send {short}"));
        }
    }

    /// A server that a script has given a state in which a timer already runs.
    pub(crate) fn note_armed(&mut self, id: ServerId, timer: Timer) {
        self.timer(id, timer, 1);
    }
}

fn is_hidden(path: &str) -> bool {
    let first = path.split(['.', '[', '{']).next().unwrap_or_default();
    HIDDEN.contains(&first) || path == "log" || path.starts_with("log.") || path.starts_with("log[")
}

/// How a log has changed.
fn log_words(before: Index, last: Index, first: Index, count: usize) -> String {
    if first > before {
        return match count {
            1 => format!("appends entry {last}"),
            _ => format!("appends entries {first} to {last}"),
        };
    }
    if count == 0 {
        return format!("removes entries {first} to {before}");
    }
    format!("replaces its log from entry {first} on, up to {last}")
}
