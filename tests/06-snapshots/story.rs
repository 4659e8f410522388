//! What a run was about, as far as transfers of snapshots go.

use std::collections::BTreeMap;

use gates::scenario::Run;
use gates::simulator::{Body, MessageId, TraceEvent, TraceRecord};

use super::subject::protocol::{Event, Index, InstallSnapshot, Request, ServerId};

/// What a run went through.
#[derive(Default)]
pub(super) struct Story {
    followers: BTreeMap<ServerId, Follower>,
    /// The chunks that were sent, each with its receiver.
    chunks: BTreeMap<MessageId, ServerId>,
    /// How far the run got with a transfer.
    pub(super) transfer: Transfer,
    /// Whether a server has crashed after it installed a snapshot, and restarted.
    pub(super) is_back: bool,
}

/// What became of a transfer, step by step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Transfer {
    /// No server has received the first of several chunks.
    #[default]
    None,
    /// A server has.
    Begun,
    /// Then a chunk was lost, one of the two servers crashed, or another leader sent a chunk.
    Disturbed,
    /// After that the server has installed a snapshot.
    Arrived,
}

/// What is known of a server.
#[derive(Clone, Copy, Default)]
struct Follower {
    applied: Index,
    /// The sender of the snapshot that this server is receiving, and its last included index.
    receives: Option<(ServerId, Index)>,
    is_disturbed: bool,
    has_installed: bool,
    has_crashed_since: bool,
}

impl Story {
    pub(super) fn of(run: &Run) -> Story {
        let mut story = Story::default();
        for TraceRecord { what, .. } in &run.trace {
            story.take(what);
        }
        story
    }

    fn take(&mut self, what: &TraceEvent) {
        match what {
            TraceEvent::Sent { message } => {
                if let Body::Request(Request::InstallSnapshot(_)) = &message.body {
                    self.chunks.insert(message.id, message.to);
                }
            }
            TraceEvent::Lost { id, .. } => {
                if let Some(&receiver) = self.chunks.get(id) {
                    self.disturb(|id, _| id == receiver);
                }
            }
            TraceEvent::Crashed { server } | TraceEvent::Killed { server } => {
                self.disturb(|id, sender| id == *server || sender == *server);
                let follower = self.followers.entry(*server).or_default();
                follower.has_crashed_since = follower.has_installed;
            }
            TraceEvent::Restarted { server } => {
                let follower = self.followers.entry(*server).or_default();
                follower.applied = Index(0);
                self.is_back |= follower.has_crashed_since;
            }
            TraceEvent::Event {
                server,
                event: Event::Request { from, request: Request::InstallSnapshot(chunk), .. },
            } => self.receives(*server, *from, chunk),
            TraceEvent::Changed { server, last_applied, .. } => {
                self.has_applied(*server, *last_applied);
            }
            _ => {}
        }
    }

    /// A server receives a chunk.
    fn receives(&mut self, server: ServerId, from: ServerId, chunk: &InstallSnapshot) {
        let follower = self.followers.entry(server).or_default();
        if follower.applied >= chunk.last_included_index {
            return;
        }
        match follower.receives {
            None if chunk.offset == 0 && !chunk.done => {
                self.transfer = self.transfer.max(Transfer::Begun);
            }
            None => return,
            Some((sender, _)) if sender == from => {}
            Some(_) => self.disturb(|id, _| id == server),
        }
        let follower = self.followers.entry(server).or_default();
        follower.receives = Some((from, chunk.last_included_index));
    }

    /// Something goes wrong for the transfers whose receiver and sender are affected.
    fn disturb(&mut self, is_affected: impl Fn(ServerId, ServerId) -> bool) {
        for (&id, follower) in &mut self.followers {
            if follower.receives.is_some_and(|(sender, _)| is_affected(id, sender)) {
                follower.is_disturbed = true;
                self.transfer = self.transfer.max(Transfer::Disturbed);
            }
        }
    }

    fn has_applied(&mut self, server: ServerId, applied: Index) {
        let follower = self.followers.entry(server).or_default();
        follower.applied = applied;
        if follower.receives.is_some_and(|(_, index)| applied >= index) {
            follower.receives = None;
            follower.has_installed = true;
            if std::mem::take(&mut follower.is_disturbed) {
                self.transfer = Transfer::Arrived;
            }
        }
    }
}
