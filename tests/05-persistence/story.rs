//! What a run was about, as far as crashes go.

use std::collections::BTreeMap;

use gates::scenario::Run;
use gates::simulator::{TraceEvent, TraceRecord};

use super::subject::protocol::{Event, Index, Request, ServerId, Term};

/// What a run went through.
#[derive(Default)]
pub(super) struct Story {
    servers: BTreeMap<ServerId, Seen>,
    /// How far it got with a vote.
    pub(super) vote: Vote,
    /// How far it got with a command.
    pub(super) command: Command,
    /// What was applied when a client was answered first.
    applied: Index,
}

/// What became of a vote, step by step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Vote {
    /// Nobody has voted for another.
    #[default]
    None,
    /// A server has.
    Given,
    /// Such a server has crashed and come back.
    Back,
    /// It was then asked in the same term by a third.
    AskedAgain,
}

/// What became of a command, step by step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Command {
    /// No client received a result.
    #[default]
    None,
    /// One was.
    Answered,
    /// All servers have crashed and come back since.
    AllBack,
    /// One of them has applied as much again.
    FoundAgain,
}

/// What was seen last of a server.
#[derive(Clone, Copy, Default)]
struct Seen {
    term: Term,
    vote: Option<ServerId>,
    /// The vote that it had in this term when it crashed last.
    vote_before: Option<(Term, ServerId)>,
    applied: Index,
    /// It has crashed and come back since the client was answered.
    back: bool,
}

impl Story {
    pub(super) fn of(run: &Run) -> Story {
        let mut story = Story::default();
        for (&id, given) in &run.given {
            let seen = Seen { term: given.current_term, vote: given.voted_for, ..Seen::default() };
            story.servers.insert(id, seen);
        }
        for TraceRecord { what, .. } in &run.trace {
            story.take(what);
        }
        story
    }

    fn take(&mut self, what: &TraceEvent) {
        match what {
            TraceEvent::Event { server, event } => {
                let seen = *self.servers.entry(*server).or_default();
                if let Event::Request { request: Request::RequestVote(asked), .. } = event {
                    let third = |(term, vote)| term == asked.term && vote != asked.candidate_id;
                    if seen.vote_before.is_some_and(third) {
                        self.vote = Vote::AskedAgain;
                    }
                }
            }
            TraceEvent::Changed { server, current_term, voted_for, last_applied, .. } => {
                let seen = self.servers.entry(*server).or_default();
                (seen.term, seen.vote, seen.applied) = (*current_term, *voted_for, *last_applied);
                if voted_for.is_some_and(|vote| vote != *server) {
                    self.vote = self.vote.max(Vote::Given);
                }
                if self.command == Command::AllBack && *last_applied >= self.applied {
                    self.command = Command::FoundAgain;
                }
            }
            TraceEvent::Answered { result: Ok(_), .. } if self.command == Command::None => {
                self.command = Command::Answered;
                self.applied =
                    self.servers.values().map(|seen| seen.applied).max().unwrap_or_default();
            }
            TraceEvent::Restarted { server } => self.restarted(*server),
            _ => {}
        }
    }

    fn restarted(&mut self, server: ServerId) {
        let seen = self.servers.entry(server).or_default();
        seen.vote_before = seen.vote.filter(|&vote| vote != server).map(|vote| (seen.term, vote));
        if seen.vote_before.is_some() {
            self.vote = self.vote.max(Vote::Back);
        }
        seen.back = self.command >= Command::Answered;
        let all_back = self.servers.values().all(|seen| seen.back);
        if self.command == Command::Answered && all_back {
            self.command = Command::AllBack;
        }
    }
}
