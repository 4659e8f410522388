//! The clients of a timed run: when they send their requests.

use protocol::{Event, ServerId};

use super::{AgendaItem, Timed};
use crate::Stop;
use crate::clients::ClientAction;
use crate::world::World as _;

impl Timed {
    pub(super) fn send_command(&mut self, epoch: u32) -> Result<(), Stop> {
        self.client_asks()?;
        self.later(self.faults.command_every, AgendaItem::Command { epoch });
        Ok(())
    }

    /// A client sends one request now.
    ///
    /// # Errors
    /// If the run ends early.
    pub fn client_asks(&mut self) -> Result<(), Stop> {
        let action = self.clients.next(&self.cluster);
        self.client_acts(action)
    }

    pub(super) fn client_acts(&mut self, action: ClientAction) -> Result<(), Stop> {
        // Before the request is handled, whose effects are scheduled too: the order of scheduling decides
        // between things that are due at one instant.
        if let Some((repeat, after)) = action.again {
            self.agenda.schedule(self.cluster.now + after, AgendaItem::Repeat(repeat));
        }
        match action.asks {
            Some((id, to, request)) => self.tell(to, Event::Client { id, request }, None),
            None => Ok(()),
        }
    }

    pub(super) fn ask_for_change(&mut self, epoch: u32) -> Result<(), Stop> {
        self.client_asks_for_change()?;
        self.later(self.faults.change_every, AgendaItem::Change { epoch });
        Ok(())
    }

    /// A client asks the newest leader, if there is one, for a change of members: mostly to add or remove one server.
    ///
    /// # Errors
    /// If the run ends early.
    pub fn client_asks_for_change(&mut self) -> Result<(), Stop> {
        let request: Option<(_, ServerId, _)> = self.clients.next_change(&self.cluster);
        match request {
            Some((id, to, request)) => self.tell(to, Event::Client { id, request }, None),
            None => Ok(()),
        }
    }
}
