//! What servers do to a timed world: messages and timers go on the agenda, and messages meet faults.

use std::time::Duration;

use protocol::{RequestId, ServerId, Timer};

use super::{AgendaItem, Timed};
use crate::invariants::slot;
use crate::network::MessageFate;
use crate::recording::LossPlace;
use crate::world::World;
use crate::{ClientAnswer, Cluster, Links, LossReason, Message, Stop};

impl World for Timed {
    fn cluster(&mut self) -> &mut Cluster {
        &mut self.cluster
    }

    fn links(&self) -> &Links {
        &self.links
    }

    fn sent(&mut self) -> &mut u64 {
        &mut self.sent
    }

    #[allow(
        clippy::inline_always,
        reason = "a message is large, and moving it through a call is measurable"
    )]
    #[inline(always)]
    fn enqueue(&mut self, message: Message) {
        let (id, from, to) = (message.id, message.from, message.to);
        // A wrong server may send to a server that does not exist.
        if slot(to) >= self.timers.servers() {
            return;
        }
        let link = self.link(from, to);
        let faults = self.link_faults[link].as_deref().unwrap_or(&self.faults);
        // Drawn even if the link is cut, so that a partition does not change the fates of later
        // messages.
        let fate = faults.fate(message.is_request(), &mut self.link_rngs[link]);
        if self.links.is_cut(from, to) {
            return self.cluster.record_lost(id, LossReason::Partition, 0, LossPlace::Sending);
        }
        match fate {
            MessageFate::Lost => {
                self.cluster.record_lost(id, LossReason::Dropped, 0, LossPlace::Sending);
            }
            MessageFate::Once(delay) => {
                let slot = self.in_flight.put(message);
                self.deliver_after(delay, slot);
            }
            MessageFate::Twice(first, second) => {
                self.cluster.record_duplicated(id, 1, LossPlace::Sending);
                let original = self.in_flight.put(message.clone());
                self.deliver_after(first, original);
                let slot = self.in_flight.put(Message { copy: 1, ..message });
                self.deliver_after(second, slot);
            }
        }
    }

    fn arm(&mut self, id: ServerId, timer: Timer, after: Duration) {
        let when = self.agenda.place(self.cluster.now + after);
        if self.timers.arm(id, timer, when) {
            self.agenda.put(when, AgendaItem::Timeout(id.into(), timer));
        }
    }

    fn disarm_all(&mut self, id: ServerId) {
        self.timers.disarm_all(id);
    }

    fn client_answered(
        &mut self,
        server: ServerId,
        id: RequestId,
        answer: ClientAnswer,
    ) -> Result<(), Stop> {
        Ok(self.clients.answered(server, id, &answer, self.cluster.events())?)
    }
}
