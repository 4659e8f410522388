//! Wrong servers, one for each milestone: the reference of the open path, behind something that spoils what it hears or
//! says.

use std::io;

use gates::ExerciseId;
use gates::protocol::{
    Bytes, ClientError, ClientRequest, Disk, Effect, Entry, Event, Index, InstallSnapshotReply,
    Members, NoDisk, Node, Payload, Reply, Request, RoleName, ServerId, Setup, StateMachine, Term,
};

use crate::subject::Features;
use crate::suite::milestones::milestone_with;

/// What a server does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mistake {
    EveryVoteIsGranted,
    CommandsAreNotSent,
    ClientsAreAnsweredAtOnce,
    NothingIsKept,
    SnapshotsAreDropped,
    CandidatesAreAlwaysHeard,
    SessionsAreForgotten,
    ReadsAreServedAtOnce,
    NobodyAsksFirst,
    TransfersAreRefused,
}

impl Mistake {
    pub(crate) const ALL: [Mistake; 10] = [
        Mistake::EveryVoteIsGranted,
        Mistake::CommandsAreNotSent,
        Mistake::ClientsAreAnsweredAtOnce,
        Mistake::NothingIsKept,
        Mistake::SnapshotsAreDropped,
        Mistake::CandidatesAreAlwaysHeard,
        Mistake::SessionsAreForgotten,
        Mistake::ReadsAreServedAtOnce,
        Mistake::NobodyAsksFirst,
        Mistake::TransfersAreRefused,
    ];

    /// The milestone that must notice it.
    pub(crate) fn milestone(self) -> ExerciseId {
        let number = Self::ALL.iter().position(|other| *other == self).unwrap_or_default() + 1;
        milestone_with(u32::try_from(number).unwrap_or_default())
    }

    pub(crate) fn what(self) -> &'static str {
        match self {
            Mistake::EveryVoteIsGranted => "a server grants its vote to everyone who asks",
            Mistake::CommandsAreNotSent => "a leader sends no entries with commands",
            Mistake::ClientsAreAnsweredAtOnce => "a leader answers when an entry is in its own log",
            Mistake::NothingIsKept => "nothing is written to the disk",
            Mistake::SnapshotsAreDropped => "a follower says that it has a snapshot, and drops it",
            Mistake::CandidatesAreAlwaysHeard => "`check_quorum` changes nothing",
            Mistake::SessionsAreForgotten => "repeated commands are executed again",
            Mistake::ReadsAreServedAtOnce => "a leader answers reads without asking the others",
            Mistake::NobodyAsksFirst => "`pre_vote` changes nothing",
            Mistake::TransfersAreRefused => "leadership is not handed over",
        }
    }
}

/// A server with a mistake.
#[derive(Debug)]
pub(crate) struct Wrong {
    server: Box<dyn Node>,
    mistake: Mistake,
}

impl Wrong {
    pub(crate) fn new(mut setup: Setup, mut features: Features, mistake: Mistake) -> Self {
        match mistake {
            Mistake::NothingIsKept => setup.disk = Box::new(Forgetful),
            Mistake::CandidatesAreAlwaysHeard => features.check_quorum = false,
            Mistake::NobodyAsksFirst => features.pre_vote = false,
            _ => {}
        }
        Wrong { server: open::server(setup, features), mistake }
    }

    /// What it does instead of what is right, if this event shows the mistake.
    fn instead(&self, event: &mut Event) -> Option<Vec<Effect>> {
        let leads = self.server.role() == RoleName::Leader;
        match (self.mistake, event) {
            (
                Mistake::SnapshotsAreDropped,
                Event::Request { call, from, request: Request::InstallSnapshot(chunk) },
            ) => {
                let term = self.server.current_term().max(chunk.term);
                let reply = InstallSnapshotReply { term, stored: chunk.end() };
                let reply = Reply::InstallSnapshot(reply);
                Some(vec![Effect::Answer { call: *call, to: *from, reply }])
            }
            (
                Mistake::SessionsAreForgotten,
                Event::Client { request: ClientRequest::Command(command), .. },
            ) => {
                command.session = None;
                None
            }
            (
                Mistake::ReadsAreServedAtOnce,
                Event::Client { id, request: ClientRequest::Query(query) },
            ) if leads => {
                let result = Ok(self.server.machine().query(query));
                Some(vec![Effect::Client { id: *id, result }])
            }
            (
                Mistake::TransfersAreRefused,
                Event::Client { id, request: ClientRequest::Transfer(_) },
            ) => Some(vec![Effect::Client { id: *id, result: Err(ClientError::Refused) }]),
            _ => None,
        }
    }

    fn spoil(&self, effects: &mut Vec<Effect>, asked: Option<gates::protocol::RequestId>) {
        match self.mistake {
            Mistake::EveryVoteIsGranted => {
                for effect in effects {
                    if let Effect::Answer { reply: Reply::RequestVote(reply), .. } = effect {
                        reply.vote_granted = true;
                    }
                }
            }
            Mistake::CommandsAreNotSent => {
                let is_command = |entry: &Entry| matches!(entry.payload, Payload::Command(_));
                for effect in effects {
                    if let Effect::Call { request: Request::AppendEntries(request), .. } = effect
                        && let Some(first) = request.entries.iter().position(is_command)
                    {
                        request.entries.truncate(first);
                    }
                }
            }
            Mistake::ClientsAreAnsweredAtOnce => {
                // What it would have been told later, it has been told already.
                effects.retain(|it| {
                    !matches!(it, Effect::Client { result: Ok(_) | Err(ClientError::Unknown), .. })
                });
                let is_told = effects.iter().any(|effect| matches!(effect, Effect::Client { .. }));
                if let Some(id) = asked.filter(|_| !is_told) {
                    effects.push(Effect::Client { id, result: Ok(Bytes::new()) });
                }
            }
            _ => {}
        }
    }
}

impl Node for Wrong {
    fn handle(&mut self, mut event: Event) -> io::Result<Vec<Effect>> {
        if let Some(effects) = self.instead(&mut event) {
            return Ok(effects);
        }
        let asked = match &event {
            Event::Client { id, .. } => Some(*id),
            _ => None,
        };
        let mut effects = self.server.handle(event)?;
        self.spoil(&mut effects, asked);
        Ok(effects)
    }
    fn role(&self) -> RoleName {
        self.server.role()
    }
    fn current_term(&self) -> Term {
        self.server.current_term()
    }
    fn voted_for(&self) -> Option<ServerId> {
        self.server.voted_for()
    }
    fn base(&self) -> (Index, Term) {
        self.server.base()
    }
    fn last_index(&self) -> Index {
        self.server.last_index()
    }
    fn entry(&self, index: Index) -> Option<&Entry> {
        self.server.entry(index)
    }
    fn commit_index(&self) -> Index {
        self.server.commit_index()
    }
    fn last_applied(&self) -> Index {
        self.server.last_applied()
    }
    fn members(&self) -> &Members {
        self.server.members()
    }
    fn machine(&self) -> &dyn StateMachine {
        self.server.machine()
    }
    fn fork(&self, disk: Box<dyn Disk>, machine: Box<dyn StateMachine>) -> Option<Box<dyn Node>> {
        let disk: Box<dyn Disk> =
            if self.mistake == Mistake::NothingIsKept { Box::new(Forgetful) } else { disk };
        let server = self.server.fork(disk, machine)?;
        Some(Box::new(Wrong { server, mistake: self.mistake }))
    }
}

/// A disk that forgets.
#[derive(Debug)]
struct Forgetful;

impl Disk for Forgetful {
    fn read(&self, file: &str) -> io::Result<Vec<u8>> {
        NoDisk.read(file)
    }
    fn append(&mut self, _file: &str, _bytes: &[u8]) -> io::Result<()> {
        Ok(())
    }
    fn sync(&mut self, _file: &str) -> io::Result<()> {
        Ok(())
    }
    fn replace(&mut self, _file: &str, _bytes: &[u8]) -> io::Result<()> {
        Ok(())
    }
}
