//! How one event is handled: each rule is broken by a server that does nothing else wrong, and by nothing that is legal.

#[allow(dead_code, reason = "each test file uses a part of it")]
mod puppet;

use std::time::Duration;

use protocol::{
    AppendEntries, AppendEntriesReply, CallId, ClientError, ClientRequest, Effect, Entry, Event,
    Index, Reply, Request, RequestId, RequestVote, RequestVoteReply, RoleName, ServerId, Term,
    Timer,
};
use puppet::{State, play_events};
use simulator::{Conduct, Property};

const S1: ServerId = ServerId(1);
const S2: ServerId = ServerId(2);
const S3: ServerId = ServerId(3);

fn state(role: RoleName, term: u64) -> State {
    let vote = (role != RoleName::Follower).then_some(S1);
    State { role: Some(role), term: Term(term), vote, ..State::default() }
}

fn doing(state: State, effects: &[Effect]) -> State {
    State { effects: effects.to_vec(), ..state }
}

fn timeout() -> Event {
    Event::Timeout(Timer::Election)
}

fn request(from: ServerId, request: Request) -> Event {
    Event::Request { call: CallId(1), from, request }
}

fn vote(candidate: ServerId, term: u64) -> RequestVote {
    RequestVote {
        term: Term(term),
        candidate_id: candidate,
        last_log_index: Index(0),
        last_log_term: Term(0),
        leadership_transfer: false,
    }
}

fn append(leader: ServerId, term: u64, commit: u64) -> AppendEntries {
    let (prev_log_index, prev_log_term) = (Index(0), Term(0));
    let (term, leader_commit) = (Term(term), Index(commit));
    let entries = Vec::new();
    AppendEntries { term, leader_id: leader, prev_log_index, prev_log_term, entries, leader_commit }
}

fn calls(to: ServerId, request: Request) -> Effect {
    Effect::Call { call: CallId(1), to, request }
}

fn grants(to: ServerId, term: u64, vote_granted: bool) -> Effect {
    let reply = Reply::RequestVote(RequestVoteReply { term: Term(term), vote_granted });
    Effect::Answer { call: CallId(1), to, reply }
}

fn accepts(to: ServerId, term: u64) -> Effect {
    let reply = AppendEntriesReply { term: Term(term), success: true, conflict: None };
    Effect::Answer { call: CallId(1), to, reply: Reply::AppendEntries(reply) }
}

/// What is broken when S1 does these things one after the other.
fn broken_by(steps: &[(Event, State)]) -> Option<Property> {
    let steps: Vec<_> = steps.iter().map(|(event, to)| (1, event.clone(), to.clone())).collect();
    play_events(&steps, Some(Conduct::Commits)).err().map(|breach| {
        assert_eq!(breach.event, steps.len() as u64, "broken by the last step: {breach}");
        breach.property
    })
}

#[test]
fn a_candidate_asks_for_votes_in_its_own_term_and_name() {
    let asks = |request: RequestVote| {
        let effects = [calls(S2, Request::RequestVote(request))];
        broken_by(&[(timeout(), doing(state(RoleName::Candidate, 1), &effects))])
    };
    assert_eq!(asks(vote(S1, 1)), None);
    assert_eq!(asks(vote(S1, 2)), Some(Property::MessageIsTrue));
    assert_eq!(asks(vote(S3, 1)), Some(Property::MessageIsTrue));
    let longer = RequestVote { last_log_index: Index(1), ..vote(S1, 1) };
    assert_eq!(asks(longer), Some(Property::MessageIsTrue));
}

#[test]
fn a_server_goes_to_the_next_term_and_a_follower_asks_for_no_votes() {
    let skips = [(timeout(), state(RoleName::Candidate, 2))];
    assert_eq!(broken_by(&skips), Some(Property::ChangesAsFigure4));
    let effects = [calls(S2, Request::RequestVote(vote(S1, 0)))];
    let follower = [(timeout(), doing(state(RoleName::Follower, 0), &effects))];
    assert_eq!(broken_by(&follower), Some(Property::ChangesAsFigure4));
    let waits = Effect::SetTimer { timer: Timer::Election, after: Duration::from_secs(1) };
    let patient = [(timeout(), doing(state(RoleName::Candidate, 1), &[waits]))];
    assert_eq!(broken_by(&patient), Some(Property::ChangesAsFigure4));
}

#[test]
fn a_new_leader_sends_a_heartbeat_to_each_other_server() {
    let leads = |to: &[ServerId]| {
        let heartbeat = |&to: &ServerId| calls(to, Request::AppendEntries(append(S1, 1, 0)));
        let effects: Vec<Effect> = to.iter().map(heartbeat).collect();
        broken_by(&[
            (timeout(), state(RoleName::Candidate, 1)),
            (timeout(), doing(state(RoleName::Leader, 1), &effects)),
        ])
    };
    assert_eq!(leads(&[S2, S3]), None);
    assert_eq!(leads(&[S3]), Some(Property::ChangesAsFigure4));
}

#[test]
fn a_vote_is_granted_as_it_is_told() {
    let votes = |for_whom: Option<ServerId>, granted: bool| {
        let after = State { vote: for_whom, ..state(RoleName::Follower, 1) };
        let asked = request(S2, Request::RequestVote(vote(S2, 1)));
        (asked, doing(after, &[grants(S2, 1, granted)]))
    };
    assert_eq!(broken_by(&[votes(Some(S2), true)]), None);
    assert_eq!(broken_by(&[votes(None, false)]), None);
    assert_eq!(broken_by(&[votes(Some(S3), true)]), Some(Property::MessageIsTrue));
    assert_eq!(broken_by(&[votes(Some(S2), false)]), Some(Property::MessageIsTrue));
    let again = [votes(Some(S2), true), votes(Some(S2), true)];
    assert_eq!(broken_by(&again), None);
    let forgets = [votes(Some(S2), true), votes(Some(S2), false)];
    assert_eq!(broken_by(&forgets), Some(Property::MessageIsTrue));
    let older = request(S2, Request::RequestVote(vote(S2, 0)));
    let after = State { vote: Some(S2), ..state(RoleName::Follower, 1) };
    let steps = |granted| {
        let after = doing(after.clone(), &[grants(S2, 1, granted)]);
        [votes(Some(S2), true), (older.clone(), after)]
    };
    assert_eq!(broken_by(&steps(true)), Some(Property::MessageIsTrue));
    assert_eq!(broken_by(&steps(false)), None);
}

#[test]
fn who_hears_the_leader_follows_it_and_commits_what_it_is_shown() {
    let hears = |request_: AppendEntries, after: State| {
        let effects = [accepts(S2, after.term.0)];
        (request(S2, Request::AppendEntries(request_)), doing(after, &effects))
    };
    let follower = || state(RoleName::Follower, 1).log(&[1, 1]);
    let covers = |commit| AppendEntries {
        prev_log_index: Index(1),
        prev_log_term: Term(1),
        ..append(S2, 1, commit)
    };
    let first = (timeout(), state(RoleName::Candidate, 1).log(&[1, 1]));
    let vote = |to: State| State { vote: Some(S1), ..to };
    let step = |request_, to| broken_by(&[first.clone(), hears(request_, vote(to))]);
    assert_eq!(step(covers(0), follower()), None);
    assert_eq!(step(covers(2), follower().commit(1)), None);
    assert_eq!(step(covers(2), follower().commit(2)), Some(Property::CommitsWhatIsShown));
    assert_eq!(step(covers(2), follower()), Some(Property::CommitsWhatIsShown));
    let stays = State { role: Some(RoleName::Candidate), ..follower() };
    assert_eq!(step(covers(0), stays), Some(Property::ChangesAsFigure4));
    let other = AppendEntries { prev_log_term: Term(2), ..covers(0) };
    assert_eq!(step(other, follower()), Some(Property::MessageIsTrue));
}

#[test]
fn a_leader_sends_the_entries_that_it_has() {
    let leader = || state(RoleName::Leader, 1).log(&[1]);
    let heartbeats = [S2, S3].map(|to| calls(to, Request::AppendEntries(append(S1, 1, 0))));
    let first = (timeout(), doing(leader(), &heartbeats));
    let sends = |entries: Vec<Entry>, commit: u64| {
        let request = Request::AppendEntries(AppendEntries { entries, ..append(S1, 1, commit) });
        broken_by(&[
            first.clone(),
            (Event::Timeout(Timer::Heartbeat), doing(leader(), &[calls(S2, request)])),
        ])
    };
    assert_eq!(sends(leader().log, 0), None);
    assert_eq!(sends(vec![Entry::command(Term(2), "set x 1")], 0), Some(Property::MessageIsTrue));
    assert_eq!(sends(Vec::new(), 1), Some(Property::MessageIsTrue));
}

#[test]
fn a_server_that_does_not_lead_never_names_itself() {
    let asked =
        Event::Client { id: RequestId(1), request: ClientRequest::Command("set x 1".into()) };
    let names = |hint| {
        let result = Err(ClientError::NotLeader(hint));
        let effect = Effect::Client { id: RequestId(1), result };
        broken_by(&[(asked.clone(), doing(state(RoleName::Follower, 0), &[effect]))])
    };
    assert_eq!(names(None), None);
    assert_eq!(names(Some(S2)), None);
    assert_eq!(names(Some(S1)), Some(Property::MessageIsTrue));
}

#[test]
fn five_servers_do_not_start_with_the_same_election_timeout() {
    let start = |millis: [u64; 5]| {
        let wait = |millis| Effect::SetTimer {
            timer: Timer::Election,
            after: Duration::from_millis(millis),
        };
        let step =
            |(id, millis)| (id, Event::Start, doing(state(RoleName::Follower, 0), &[wait(millis)]));
        let steps: Vec<_> = (1..).zip(millis).map(step).collect();
        play_events(&steps, Some(Conduct::Elections)).map_err(|breach| breach.property)
    };
    assert_eq!(start([150, 150, 150, 150, 151]), Ok(()));
    assert_eq!(start([150; 5]), Err(Property::ChangesAsFigure4));
}
