//! A gate with small servers that the tests of `play` need: they elect a leader as §5.2 says, keep no log, and go wrong
//! when a client asks for it. It is an example so that only tests build it.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use gates::scenario::{self, NodeFactories};
use gates::simulator::NodeFactory;
use gates::{ExerciseId, Suite};
use protocol::{
    AppendEntries, AppendEntriesReply, CallId, ClientError, ClientRequest, Effect, Event, Index,
    KeyValue, Members, Node, Reply, Request, RequestVote, RequestVoteReply, RoleName, ServerId,
    Term, Timer,
};
use serde_json::json;

/// With this variable, servers begin their elections two terms later: what a learner's edit may look like.
const EDITED: &str = "SPECIMEN_IS_EDITED";

#[derive(Debug)]
struct Specimen {
    id: ServerId,
    members: Members,
    machine: KeyValue,
    role: RoleName,
    term: Term,
    vote: Option<ServerId>,
    votes: BTreeSet<ServerId>,
    calls: u64,
    step: u64,
}

impl Specimen {
    fn enter(&mut self, term: Term) {
        if term > self.term {
            (self.term, self.vote, self.role) = (term, None, RoleName::Follower);
        }
    }

    fn others(&mut self, request: &Request) -> Vec<Effect> {
        let others: Vec<ServerId> =
            self.members.iter().copied().filter(|&other| other != self.id).collect();
        let call = |to: ServerId| {
            self.calls += 1;
            Effect::Call { call: CallId(self.calls), to, request: request.clone() }
        };
        others.into_iter().map(call).collect()
    }

    fn armed(timer: Timer) -> Effect {
        Effect::SetTimer { timer, after: Duration::from_millis(150) }
    }

    fn campaign(&mut self) -> Vec<Effect> {
        self.term = Term(self.term.0 + self.step);
        (self.role, self.vote) = (RoleName::Candidate, Some(self.id));
        self.votes = BTreeSet::from([self.id]);
        let request = Request::RequestVote(RequestVote {
            term: self.term,
            candidate_id: self.id,
            last_log_index: Index(0),
            last_log_term: Term(0),
            leadership_transfer: false,
        });
        let mut effects = self.others(&request);
        effects.push(Self::armed(Timer::Election));
        effects.extend(self.lead_with_a_quorum());
        effects
    }

    fn lead_with_a_quorum(&mut self) -> Vec<Effect> {
        if self.role != RoleName::Candidate || self.votes.len() * 2 <= self.members.len() {
            return Vec::new();
        }
        self.role = RoleName::Leader;
        self.beat()
    }

    fn beat(&mut self) -> Vec<Effect> {
        let request = Request::AppendEntries(AppendEntries {
            term: self.term,
            leader_id: self.id,
            prev_log_index: Index(0),
            prev_log_term: Term(0),
            entries: Vec::new(),
            leader_commit: Index(0),
        });
        let mut effects = self.others(&request);
        effects.push(Self::armed(Timer::Heartbeat));
        effects
    }

    fn asked(&mut self, request: &Request) -> (Reply, bool) {
        self.enter(request.term());
        let term = self.term;
        match request {
            Request::RequestVote(asked) => {
                let free = self.vote.is_none_or(|vote| vote == asked.candidate_id);
                let vote_granted = asked.term == term && free;
                if vote_granted {
                    self.vote = Some(asked.candidate_id);
                }
                (Reply::RequestVote(RequestVoteReply { term, vote_granted }), vote_granted)
            }
            Request::AppendEntries(asked) => {
                let success = asked.term == term;
                if success {
                    self.role = RoleName::Follower;
                }
                (
                    Reply::AppendEntries(AppendEntriesReply { term, success, conflict: None }),
                    success,
                )
            }
            other => panic!("the specimen knows nothing of {other:?}"),
        }
    }

    /// What a client asks decides how it goes wrong.
    fn client(&mut self, request: &ClientRequest) {
        let ClientRequest::Command(command) = request else { return };
        match &*command.bytes {
            b"panic" => panic!("the client wanted it"),
            b"loop" => loop {
                std::hint::spin_loop();
            },
            b"abort" => std::process::abort(),
            b"print" => println!("a line of the learner's own"),
            // A second leader in its term.
            b"usurp" => self.role = RoleName::Leader,
            _ => {}
        }
    }
}

impl Node for Specimen {
    fn handle(&mut self, event: Event) -> io::Result<Vec<Effect>> {
        Ok(match event {
            Event::Start => vec![Self::armed(Timer::Election)],
            Event::Timeout(Timer::Election) => self.campaign(),
            Event::Timeout(_) => self.beat(),
            Event::Request { call, from, request } => {
                let (reply, heard) = self.asked(&request);
                let mut effects = vec![Effect::Answer { call, to: from, reply }];
                effects.extend(heard.then(|| Self::armed(Timer::Election)));
                effects
            }
            Event::Reply { from, reply, .. } => {
                self.enter(reply.term());
                match reply {
                    Reply::RequestVote(reply) if reply.vote_granted && reply.term == self.term => {
                        self.votes.insert(from);
                        self.lead_with_a_quorum()
                    }
                    _ => Vec::new(),
                }
            }
            Event::Client { id, request } => {
                self.client(&request);
                vec![Effect::Client { id, result: Err(ClientError::Refused) }]
            }
        })
    }
    fn role(&self) -> RoleName {
        self.role
    }
    fn current_term(&self) -> Term {
        self.term
    }
    fn voted_for(&self) -> Option<ServerId> {
        self.vote
    }
    simulator::without_log!();
}

fn specimens(step: u64) -> NodeFactory {
    Arc::new(move |setup, _| {
        Box::new(Specimen {
            id: setup.id,
            members: setup.members,
            machine: KeyValue::new(),
            role: RoleName::Follower,
            term: Term(0),
            vote: None,
            votes: BTreeSet::new(),
            calls: 0,
            step,
        })
    })
}

/// Says, as `cargo xtask play --gate` does, where the gate is. If the folder that is named has a file `edited`, its
/// servers are other ones; if it has a file `broken`, they do not compile.
fn built(folder: &Path) -> ExitCode {
    let gate = std::env::current_exe().expect("its own path");
    let edited = if folder.join("edited").exists() { EDITED } else { "SPECIMEN_IS_AS_IT_WAS" };
    let built = if folder.join("broken").exists() {
        json!({"gate": null, "errors": "error: expected `;`"})
    } else {
        json!({"gate": gate, "environment": {edited: "1"}, "places": {"request_vote": "vote.rs:7"}})
    };
    println!("{built}");
    ExitCode::SUCCESS
}

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    if words.next().is_some_and(|word| word == "--built") {
        return built(Path::new(&words.next().unwrap_or_default()));
    }
    // Read here: the sandbox of a check has no environment.
    let step = if std::env::var_os(EDITED).is_some() { 3 } else { 1 };
    let factories: NodeFactories = Arc::new(move |_: ExerciseId| specimens(step));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/02-specimen");
    let checks = scenario::checks(&folder, &factories);
    gates::main(Suite::new("02-election", env!("CARGO_MANIFEST_DIR"), checks))
}
