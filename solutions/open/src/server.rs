//! A server: what happens at each event (Figure 2, "Rules for Servers").

use std::io;
use std::mem;

use protocol::{
    ClientError, ClientRequest, Disk, Effect, Entry, Event, Index, Members, Node, Payload,
    RequestId, RoleName, ServerId, Setup, StateMachine, Term, Timer,
};

use crate::clients::Waiting;
use crate::habits::Habits;
use crate::log::Log;
use crate::raft::Raft;
use crate::role::Role;
use crate::storage::Ballot;

/// A Raft server: what it has in every role, and its role.
#[derive(Debug)]
pub struct Server {
    raft: Raft,
    role: Role,
}

impl Server {
    /// A server with these habits. What its disk holds is read when it is started.
    #[must_use]
    pub fn new(setup: Setup, habits: Habits) -> Self {
        Server { raft: Raft::new(setup, habits), role: Role::default() }
    }

    /// A server in the middle of its life. Its persistent state is on its disk, as that of a server that has
    /// lived until then.
    ///
    /// # Errors
    /// If the disk cannot keep it.
    pub fn resume(
        setup: Setup,
        habits: Habits,
        ballot: Ballot,
        log: Log,
        commit: Index,
        role: impl FnOnce(&Raft) -> Role,
    ) -> io::Result<Self> {
        let mut raft = Raft::new(setup, habits);
        *raft.storage.ballot = ballot;
        *raft.storage.log = log;
        raft.commit = commit;
        raft.reconfigure();
        raft.storage.save()?;
        let role = role(&raft);
        Ok(Server { raft, role })
    }

    /// The same server, with another disk, which holds the same, and another machine.
    #[must_use]
    pub fn on(&self, disk: Box<dyn Disk>, machine: Box<dyn StateMachine>) -> Self {
        Server { raft: self.raft.on(disk, machine), role: self.role.clone() }
    }

    /// Lets the role do what the event calls for.
    fn dispatch(&mut self, event: Event) -> io::Result<()> {
        let raft = &mut self.raft;
        match event {
            Event::Start => {
                raft.recover()?;
                raft.arm_election_timer();
            }
            Event::Timeout(Timer::Election) => {
                self.role = mem::take(&mut self.role).election_timeout(raft);
            }
            Event::Timeout(Timer::Heartbeat) => self.role.heartbeat_timeout(raft),
            Event::Timeout(Timer::LeaderLease) => self.role.lease_timeout(),
            Event::Request { call, from, request } => {
                let (role, reply) = mem::take(&mut self.role).request(raft, &request);
                self.role = role;
                raft.answer(call, from, reply);
            }
            Event::Reply { call, from, request, reply } => {
                self.role = mem::take(&mut self.role).reply(raft, call, from, &request, &reply);
            }
            Event::Client { id, request } => self.client(id, request),
        }
        Ok(())
    }

    /// A client's request, which only a leader serves (§8).
    fn client(&mut self, id: RequestId, request: ClientRequest) {
        let raft = &mut self.raft;
        let Role::Leader(leader) = &mut self.role else {
            return raft.tell(id, Err(ClientError::NotLeader(self.role.leader())));
        };
        match request {
            ClientRequest::Query(query) => leader.read(raft, id, query),
            ClientRequest::Transfer(to) => leader.transfer(raft, id, to),
            _ if leader.transfer.is_some() => raft.tell(id, Err(ClientError::Refused)),
            ClientRequest::Command(command) => leader.command(raft, id, command),
            ClientRequest::Register => leader.append(raft, Payload::Register, Waiting::Result(id)),
            ClientRequest::Change(members) => leader.change(raft, id, members),
        }
    }

    /// What follows from the event, whatever it was (Rules for Servers, All Servers).
    fn follow_up(&mut self) {
        let raft = &mut self.raft;
        if let Role::Leader(leader) = &mut self.role {
            leader.finish_round(raft);
            leader.advance_commit(raft);
        }
        while let Some((index, result)) = raft.apply_next() {
            if let Role::Leader(leader) = &mut self.role {
                leader.applied(raft, index, result);
            }
        }
        if let Role::Leader(leader) = &mut self.role {
            leader.serve_reads(raft);
            if raft.is_removed() {
                // The others learn from it that the change is committed.
                leader.send_to_all(raft);
                self.role = Role::Follower(mem::take(&mut self.role).step_down(raft));
            }
        }
        raft.take_snapshot_if_due();
        raft.answer_deferred(self.role.leader());
    }
}

impl Node for Server {
    fn handle(&mut self, event: Event) -> io::Result<Vec<Effect>> {
        self.dispatch(event)?;
        self.follow_up();
        // "Updated on stable storage before responding to RPCs" (Figure 2).
        self.raft.storage.save()?;
        Ok(self.raft.take_effects())
    }
    fn role(&self) -> RoleName {
        self.role.name()
    }
    fn current_term(&self) -> Term {
        self.raft.term()
    }
    fn voted_for(&self) -> Option<ServerId> {
        self.raft.storage.ballot.vote
    }
    fn base(&self) -> (Index, Term) {
        self.raft.storage.log.base()
    }
    fn last_index(&self) -> Index {
        self.raft.storage.log.last().0
    }
    fn entry(&self, index: Index) -> Option<&Entry> {
        self.raft.storage.log.entry(index)
    }
    fn commit_index(&self) -> Index {
        self.raft.commit
    }
    fn last_applied(&self) -> Index {
        self.raft.applied.index
    }
    fn members(&self) -> &Members {
        &self.raft.members
    }
    fn machine(&self) -> &dyn StateMachine {
        self.raft.applied.machine.as_ref()
    }

    fn fork(&self, disk: Box<dyn Disk>, machine: Box<dyn StateMachine>) -> Option<Box<dyn Node>> {
        Some(Box::new(self.on(disk, machine)))
    }
}
