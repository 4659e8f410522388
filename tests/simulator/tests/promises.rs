//! What a server has told others must be on its disk; what it has not, need not, and how it is written there
//! is its own affair.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::Arc;

use protocol::{
    AppendEntries, AppendEntriesReply, CallId, Config, Disk, Effect, Entry, Event, Index, KeyValue,
    Members, Node, Reply, Request, RequestVote, RequestVoteReply, RoleName, ServerId, Setup,
    StateMachine, Term, Timer,
};
use simulator::{Cluster, NodeFactory, Property, Stop};

const S1: ServerId = ServerId(1);
const S2: ServerId = ServerId(2);
const S3: ServerId = ServerId(3);
const FILE: &str = "state";

/// What is persistent of a server: term, vote, log.
type Kept = (Term, Option<ServerId>, Vec<Entry>);

/// What a server does on an event.
#[derive(Clone, Debug, Default)]
struct Step {
    kept: Kept,
    role: Option<RoleName>,
    commit: u64,
    saves: bool,
    says: Option<Says>,
}

/// What it says then.
#[derive(Clone, Copy, Debug)]
enum Says {
    Voted(ServerId),
    Refused(ServerId),
    Holds(ServerId),
    Asks(ServerId),
    Sends(ServerId),
}

/// A server that does what the test has planned on any event, and comes back from its disk.
#[derive(Debug)]
struct Clerk {
    now: Step,
    next: VecDeque<Step>,
    disk: Box<dyn Disk>,
    members: Members,
    machine: KeyValue,
}

impl Clerk {
    fn new(setup: Setup, next: VecDeque<Step>) -> Self {
        let Setup { disk, members, .. } = setup;
        Clerk { now: Step::default(), next, disk, members, machine: KeyValue::new() }
    }

    fn effects(&self) -> Vec<Effect> {
        let (term, _, log) = &self.now.kept;
        let (term, call) = (*term, CallId(1));
        let last = (Index(log.len() as u64), log.last().map_or(Term(0), |entry| entry.term));
        let answer = |to, reply| Effect::Answer { call, to, reply };
        let voted = |vote_granted| Reply::RequestVote(RequestVoteReply { term, vote_granted });
        let effect = match self.now.says {
            None => return Vec::new(),
            Some(Says::Voted(to)) => answer(to, voted(true)),
            Some(Says::Refused(to)) => answer(to, voted(false)),
            Some(Says::Holds(to)) => {
                let reply = AppendEntriesReply { term, success: true, conflict: None };
                answer(to, Reply::AppendEntries(reply))
            }
            Some(Says::Asks(to)) => {
                Effect::Call { call, to, request: request_vote(term, S1, last) }
            }
            Some(Says::Sends(to)) => {
                Effect::Call { call, to, request: append_entries(term, S1, log) }
            }
        };
        vec![effect]
    }
}

fn request_vote(term: Term, candidate_id: ServerId, last: (Index, Term)) -> Request {
    let (last_log_index, last_log_term) = last;
    let leadership_transfer = false;
    let request =
        RequestVote { term, candidate_id, last_log_index, last_log_term, leadership_transfer };
    Request::RequestVote(request)
}

fn append_entries(term: Term, leader_id: ServerId, entries: &[Entry]) -> Request {
    Request::AppendEntries(AppendEntries {
        term,
        leader_id,
        prev_log_index: Index(0),
        prev_log_term: Term(0),
        entries: entries.to_vec(),
        leader_commit: Index(0),
    })
}

impl Node for Clerk {
    fn handle(&mut self, event: Event) -> io::Result<Vec<Effect>> {
        if event == Event::Start {
            let bytes = self.disk.read(FILE)?;
            let kept =
                if bytes.is_empty() { Ok(Kept::default()) } else { serde_json::from_slice(&bytes) };
            self.now = Step { kept: kept.map_err(io::Error::other)?, ..Step::default() };
            return Ok(Vec::new());
        }
        self.now = self.next.pop_front().expect("there is a step for each event");
        if self.now.saves {
            self.disk.replace(FILE, &serde_json::to_vec(&self.now.kept)?)?;
        }
        Ok(self.effects())
    }
    fn role(&self) -> RoleName {
        self.now.role.unwrap_or(RoleName::Follower)
    }
    fn current_term(&self) -> Term {
        self.now.kept.0
    }
    fn voted_for(&self) -> Option<ServerId> {
        self.now.kept.1
    }
    fn base(&self) -> (Index, Term) {
        (Index(0), Term(0))
    }
    fn last_index(&self) -> Index {
        Index(self.now.kept.2.len() as u64)
    }
    fn entry(&self, index: Index) -> Option<&Entry> {
        self.now.kept.2.get(usize::try_from(index.0).ok()?.checked_sub(1)?)
    }
    fn commit_index(&self) -> Index {
        Index(self.now.commit)
    }
    fn last_applied(&self) -> Index {
        Index(self.now.commit)
    }
    fn members(&self) -> &Members {
        &self.members
    }
    fn machine(&self) -> &dyn StateMachine {
        &self.machine
    }
}

fn step(term: u64, vote: Option<ServerId>, log: &[u64]) -> Step {
    let entry = |(&term, index): (&u64, u64)| {
        Entry::command(Term(term), format!("set x {index}.{term}").as_str())
    };
    let log = log.iter().zip(1..).map(entry).collect();
    Step { kept: (Term(term), vote, log), ..Step::default() }
}

impl Step {
    fn leads(mut self) -> Self {
        self.role = Some(RoleName::Leader);
        self
    }
    fn commits(mut self, commit: u64) -> Self {
        self.commit = commit;
        self
    }
    fn saves(mut self) -> Self {
        self.saves = true;
        self
    }
    fn says(mut self, says: Says) -> Self {
        self.says = Some(says);
        self
    }

    /// What it must have been told to say that.
    fn event(&self) -> Event {
        let (term, _, log) = &self.kept;
        let call = CallId(1);
        match self.says {
            Some(Says::Voted(from) | Says::Refused(from)) => {
                let request = request_vote(*term, from, (Index(9), *term));
                Event::Request { call, from, request }
            }
            Some(Says::Holds(from)) => {
                Event::Request { call, from, request: append_entries(*term, from, log) }
            }
            _ => Event::Timeout(Timer::Election),
        }
    }
}

/// Lets the servers take these steps; then all of them crash and come back.
fn live(steps: &[(ServerId, Step)]) -> Result<(), String> {
    let mut lives: BTreeMap<ServerId, VecDeque<Step>> = BTreeMap::new();
    for (server, step) in steps {
        lives.entry(*server).or_default().push_back(step.clone());
    }
    let boot: NodeFactory = Arc::new(move |setup, _| {
        let next = lives.get(&setup.id).cloned().unwrap_or_default();
        Box::new(Clerk::new(setup, next))
    });
    let mut cluster = Cluster::new(3, Config::default(), 1, boot, &BTreeMap::new()).unwrap();
    cluster.durable = true;
    let mut all = || -> Result<(), Stop> {
        for (server, step) in steps {
            cluster.handle(*server, step.event())?;
        }
        cluster.test_promises()?;
        for id in [S1, S2, S3] {
            cluster.crash(id, 0)?;
            cluster.restart(id)?;
            cluster.handle(id, Event::Start)?;
        }
        Ok(())
    };
    match all() {
        Ok(()) => Ok(()),
        Err(Stop::Breach(breach)) if breach.property == Property::AnsweredIsKept => {
            Err(breach.what)
        }
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_vote_that_was_answered_must_be_on_disk() {
    let voted = step(3, Some(S2), &[]).says(Says::Voted(S2));
    live(&[(S1, voted.clone().saves())]).unwrap();
    let said = live(&[(S1, step(3, None, &[]).saves()), (S1, voted)]).unwrap_err();
    assert_eq!(
        said,
        "S1 replied to S2 that it grants its vote of term 3; after a crash, its disk would return no \
         vote in that term"
    );
}

#[test]
fn who_asks_for_votes_has_voted_for_itself() {
    let asks = step(3, Some(S1), &[]).says(Says::Asks(S2));
    live(&[(S1, asks.clone().saves())]).unwrap();
    let said = live(&[(S1, asks)]).unwrap_err();
    assert!(
        said.starts_with("S1 asked S2 for its vote in term 3, so it votes for itself"),
        "{said}"
    );
}

#[test]
fn a_term_that_was_spoken_of_must_be_on_disk() {
    let refused = step(3, None, &[]).says(Says::Refused(S2));
    live(&[(S1, refused.clone().saves())]).unwrap();
    let said = live(&[(S1, refused)]).unwrap_err();
    assert!(said.ends_with("would return term 0"), "{said}");
}

#[test]
fn entries_that_were_acknowledged_must_be_on_disk() {
    let holds = step(3, None, &[1, 3]).says(Says::Holds(S2));
    live(&[(S1, holds.clone().saves())]).unwrap();
    let said = live(&[(S1, step(3, None, &[1]).saves()), (S1, holds)]).unwrap_err();
    assert!(said.ends_with("would return a log up to index 1"), "{said}");
}

#[test]
fn what_was_saved_before_need_not_be_saved_again() {
    let saves = step(3, Some(S2), &[1, 1]).saves();
    let says = step(3, Some(S2), &[1, 1]);
    let voted = says.clone().says(Says::Voted(S2));
    live(&[(S1, saves), (S1, says.says(Says::Holds(S2))), (S1, voted)]).unwrap();
}

#[test]
fn what_nobody_was_told_may_be_lost() {
    live(&[(S1, step(3, Some(S2), &[1, 1]))]).unwrap();
    let holds = step(3, None, &[1]).saves().says(Says::Holds(S2));
    live(&[(S1, holds), (S1, step(4, Some(S3), &[1, 1]))]).unwrap();
}

#[test]
fn entries_that_gave_way_to_a_leaders_are_promised_no_more() {
    let before = step(2, None, &[1, 2, 2]).saves().says(Says::Holds(S2));
    let after = step(3, None, &[1, 3]).saves().says(Says::Holds(S3));
    live(&[(S1, before.clone()), (S1, after.clone())]).unwrap();
    let unsaved = Step { saves: false, ..after };
    let said = live(&[(S1, before), (S1, unsaved)]).unwrap_err();
    assert!(said.ends_with("would return term 2"), "{said}");
}

/// A leader may send its entries while they are on their way to its disk.
#[test]
fn a_leader_counts_itself_only_for_what_is_on_its_disk() {
    let elected = step(2, Some(S1), &[]).leads().saves();
    let sends = step(2, Some(S1), &[2]).leads().says(Says::Sends(S2));
    let holds = |from| step(2, None, &[2]).saves().says(Says::Holds(from));
    let commits = step(2, Some(S1), &[2]).leads().commits(1);
    live(&[(S1, elected.clone()), (S1, sends.clone())]).unwrap();
    let by_others = [
        (S1, elected.clone()),
        (S1, sends.clone()),
        (S2, holds(S1)),
        (S3, holds(S1)),
        (S1, commits.clone()),
    ];
    live(&by_others).unwrap();
    let by_itself = [(S1, elected), (S1, sends), (S2, holds(S1)), (S1, commits)];
    let said = live(&by_itself).unwrap_err();
    assert!(
        said.starts_with("S1 counts itself among the servers that hold the entries up to index 1"),
        "{said}"
    );
}
