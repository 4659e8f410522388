//! Clients, and the state machine.

use std::collections::BTreeSet;

use protocol::{
    Bytes, CallId, ClientError, ClientRequest, Command, Effect, Index, Payload, RequestId,
    RoleName, ServerId,
};

use super::state::PendingRead;
use super::{Monolith, Reads};

impl Monolith {
    pub(super) fn client_asks(&mut self, id: RequestId, request: ClientRequest) {
        let leads = self.role == RoleName::Leader;
        match request {
            _ if !leads && self.knows(4, 6) => {
                let known = (self.role == RoleName::Follower).then_some(self.leader).flatten();
                self.tell(id, Err(ClientError::NotLeader(known)));
            }
            ClientRequest::Command(command) if leads && self.knows(3, 7) => {
                let index = self.append(Payload::Command(command));
                if self.knows(4, 5) {
                    self.waiting.push((index, id));
                }
                for peer in self.others() {
                    self.replicate(peer);
                }
            }
            ClientRequest::Query(query) if leads && self.knows(4, 10) => self.read(id, query),
            _ => self.tell(id, Err(ClientError::Refused)),
        }
    }

    fn tell(&mut self, id: RequestId, result: Result<Bytes, ClientError>) {
        self.wanted.push(Effect::Client { id, result });
    }

    /// Who waits at a server that has led hears of it.
    pub(super) fn tell_who_waits(&mut self) {
        for (_, id) in std::mem::take(&mut self.waiting) {
            self.tell(id, Err(ClientError::Unknown));
        }
        for read in std::mem::take(&mut self.reads) {
            self.tell(read.id, Err(ClientError::NotLeader(self.leader)));
        }
    }

    /// Executes what is committed.
    pub(super) fn execute(&mut self) {
        if !self.knows(4, 4) {
            self.applied = self.committed;
            return;
        }
        while self.applied < self.committed {
            self.applied = self.applied.next();
            let index = self.applied;
            let payload = self.log.get(&index).map(|entry| entry.payload.clone());
            let result = match payload {
                Some(Payload::Command(command)) => self.once(index, &command),
                _ => Bytes::new(),
            };
            let (now, later) = std::mem::take(&mut self.waiting)
                .into_iter()
                .partition::<Vec<_>, _>(|&(waits_at, _)| waits_at == index);
            self.waiting = later;
            for (_, id) in now {
                self.tell(id, Ok(result.clone()));
            }
        }
    }

    /// The result of a command, which is executed unless it has been before.
    fn once(&mut self, index: Index, command: &Command) -> Bytes {
        let session = command.session.filter(|_| self.knows(4, 9));
        if let Some(session) = session
            && let Some((serial, result)) = self.sessions.get(&session.client)
            && session.serial <= *serial
        {
            return result.clone();
        }
        let result = self.machine.apply(index, &command.bytes);
        if let Some(session) = session {
            self.sessions.insert(session.client, (session.serial, result.clone()));
        }
        result
    }

    fn read(&mut self, id: RequestId, query: Bytes) {
        let index = self.committed_in_own_term();
        if index.is_none() && self.habits.reads == Reads::Refuse {
            return self.tell(id, Err(ClientError::Refused));
        }
        let confirmed_by = BTreeSet::from([self.me]);
        self.reads.push(PendingRead { id, query, index, first_call: self.calls, confirmed_by });
        // An answer to an earlier call does not count, so there is no use in waiting for one.
        self.forget_calls();
        for peer in self.others() {
            self.replicate(peer);
        }
    }

    /// How far the leader has committed; nothing before it has done so in its own term, since it may not
    /// know then what others have committed.
    fn committed_in_own_term(&self) -> Option<Index> {
        (self.term_at(self.committed) == Some(self.term)).then_some(self.committed)
    }

    /// Who answers a call takes this server for the leader.
    pub(super) fn heard_for_reads(&mut self, call: CallId, from: ServerId) {
        for read in self.reads.iter_mut().filter(|read| read.first_call <= call) {
            read.confirmed_by.insert(from);
        }
    }

    pub(super) fn serve_reads(&mut self) {
        let known = self.committed_in_own_term();
        for mut read in std::mem::take(&mut self.reads) {
            read.index = read.index.or(known);
            let confirmed = 2 * read.confirmed_by.len() > self.cluster.len();
            if confirmed && read.index.is_some_and(|index| index <= self.applied) {
                let result = self.machine.query(&read.query);
                self.tell(read.id, Ok(result));
            } else {
                self.reads.push(read);
            }
        }
    }
}
