//! What listens to a run: the trace, and a recorder.
//!
//! A recorder receives what the trace receives, so it needs one. Runs without a trace pay nothing for either.

use protocol::{Effect, ServerId, Timer};

use super::Cluster;
use crate::invariants::slot;
use crate::recording::{Copy, LossPlace};
use crate::{Links, LossReason, MessageId, Recorder, RecorderOptions, TraceEvent, TraceRecord};

impl Cluster {
    /// Adds to the trace, if there is one. A closure, so that runs without a trace pay nothing.
    pub(crate) fn record(&mut self, what: impl FnOnce() -> TraceEvent) {
        self.record_copy(0, what);
    }

    /// The same, about this copy of a message.
    pub(crate) fn record_copy(&mut self, copy: Copy, what: impl FnOnce() -> TraceEvent) {
        if self.trace.is_some() {
            self.tell(copy, LossPlace::OnItsWay, what());
        }
    }

    /// A copy of a message is lost.
    pub(crate) fn record_lost(
        &mut self,
        id: MessageId,
        why: LossReason,
        copy: Copy,
        place: LossPlace,
    ) {
        if self.trace.is_some() {
            self.tell(copy, place, TraceEvent::Lost { id, why });
        }
    }

    /// A message is duplicated: right when it is sent, or on its way.
    pub(crate) fn record_duplicated(&mut self, id: MessageId, copy: Copy, place: LossPlace) {
        if self.trace.is_some() {
            self.tell(copy, place, TraceEvent::Duplicated { id });
        }
    }

    fn tell(&mut self, copy: Copy, place: LossPlace, what: TraceEvent) {
        let Some(trace) = &mut self.trace else { return };
        let record = TraceRecord { time: self.now, what };
        if let Some(recorder) = &mut self.recorder {
            recorder.hear(&record, copy, place);
        }
        trace.push(record);
    }

    /// Records the run from here on. It must have a trace, and its servers must not have been started.
    pub fn start_recording(&mut self, options: RecorderOptions) {
        let recorder = Recorder::new(self.servers.len() as u64, options);
        self.recorder = Some(Box::new(recorder));
        for &id in self.all.clone().iter() {
            self.look(id, false);
        }
    }

    /// What listens to the run, if it is recorded.
    pub fn recorder(&self) -> Option<&Recorder> {
        self.recorder.as_deref()
    }

    /// Ends the recording: the servers are looked at once more, in full.
    pub fn take_recorder(&mut self) -> Option<Box<Recorder>> {
        for &id in self.all.clone().iter() {
            self.look(id, true);
        }
        self.recorder.take()
    }

    /// A server has handled an event, and nothing has judged it yet.
    #[cold]
    pub(super) fn record_handled(&mut self, id: ServerId, effects: &[Effect]) {
        let Some(recorder) = &mut self.recorder else { return };
        let Some(server) = self.servers.get(slot(id)) else { return };
        if let Some(node) = &server.node {
            recorder.observe(id, node.as_ref(), &server.disk, effects);
        }
    }

    /// Looks at a server now, if the run is recorded.
    pub(super) fn look(&mut self, id: ServerId, in_full: bool) {
        let Some(recorder) = &mut self.recorder else { return };
        let Some(server) = self.servers.get(slot(id)) else { return };
        match &server.node {
            Some(node) => recorder.look(id, node.as_ref(), &server.disk, in_full),
            None => recorder.look_at_disk(id, &server.disk),
        }
    }

    /// Links may have been cut or opened.
    pub(crate) fn record_links(&mut self, links: &Links) {
        let Some(recorder) = &mut self.recorder else { return };
        let pairs = self.all.iter().flat_map(|&from| self.all.iter().map(move |&to| (from, to)));
        recorder.links(self.now, pairs.filter(|&(from, to)| links.is_cut(from, to)).collect());
    }

    /// A timer runs although no event has armed it: a script begins with a server that leads.
    pub(crate) fn record_armed(&mut self, id: ServerId, timer: Timer) {
        if let Some(recorder) = &mut self.recorder {
            recorder.note_armed(id, timer);
        }
    }
}
