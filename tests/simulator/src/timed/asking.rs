//! What clients ask in a timed run, and what they are told.

use protocol::{Event, RequestId, ServerId};

use super::{Due, Timed};
use crate::clients::Step;
use crate::cluster::printable;
use crate::{ClientAnswer, Happened, Stop};

impl Timed {
    pub(super) fn send_command(&mut self, mix: u64) -> Result<(), Stop> {
        self.client_asks()?;
        self.later(self.faults.command_every, Due::Command { mix });
        Ok(())
    }

    /// Lets a client send one command now.
    ///
    /// # Errors
    /// Why the run ended early.
    pub fn client_asks(&mut self) -> Result<(), Stop> {
        let step = self.clients.next(&self.cluster);
        self.client_does(step)
    }

    pub(super) fn client_does(&mut self, step: Step) -> Result<(), Stop> {
        if let Some((repeat, after)) = step.again {
            self.agenda.schedule(self.cluster.now + after, Due::Repeat(repeat));
        }
        let Some((id, to, request)) = step.asks else { return Ok(()) };
        self.tell(to, Event::Client { id, request }, None)
    }

    pub(super) fn ask_for_change(&mut self, mix: u64) -> Result<(), Stop> {
        self.client_asks_for_change()?;
        self.later(self.faults.change_every, Due::Change { mix });
        Ok(())
    }

    /// Lets somebody ask the newest leader, if there is one, for other members: mostly for one server more or
    /// one less.
    ///
    /// # Errors
    /// Why the run ended early.
    pub fn client_asks_for_change(&mut self) -> Result<(), Stop> {
        let Some((id, to, request)) = self.clients.next_change(&self.cluster) else {
            return Ok(());
        };
        self.tell(to, Event::Client { id, request }, None)
    }

    pub(super) fn answered(
        &mut self,
        server: ServerId,
        id: RequestId,
        answer: &ClientAnswer,
    ) -> Result<(), Stop> {
        self.cluster.record(|| Happened::Answered { id, server, result: printable(answer) });
        Ok(self.clients.answered(server, id, answer, self.cluster.events())?)
    }
}
