//! Exercise 2.6: heartbeats, and following the leader.

use std::cell::RefCell;
use std::time::Duration;

use gates::{Check, Context, Failure, Verdict};

use super::model::{Outbox, RaftNode, Role, Rules};
use super::servers::{
    S2, S3, answer, armed, beats, calls, candidate, follower, hear, leader, log, server, state,
    votes, waits_anew, waits_on,
};
use super::subject::protocol::{Effect, Event, Index, ServerId, Timer};
use super::subject::{RULES, follow};
use super::table;

const ELECTION: &str = "Rules for Servers, Leaders (§5.2): \"Upon election: send initial empty \
     AppendEntries RPCs (heartbeat) to each server\", so that no further election begins. What stands in them: Figure 2, \
     AppendEntries, arguments.";
const REPEAT: &str = "Rules for Servers, Leaders (§5.2): \"repeat during idle periods to prevent election \
     timeouts\": every node.config.heartbeat_interval.";
const FIELDS: &str = "Figure 2, AppendEntries, arguments: the leader's term and id, entries \"(empty for \
     heartbeat […])\", and the leader's commit index.";
const ONLY: &str = "§5.2: \"Leaders send periodic heartbeats\", and nobody else. One who was leader must \
     not speak as if it led the newer term.";
const TABLE: &str = "docs/architecture.md: a rule calls another rule through the table. Module 3 puts a \
     better `replicate_to` there, and finds yours only if you call it by `node.replicate_to`.";
const FOLLOW: &str = "Rules for Servers, Candidates: \"If AppendEntries RPC received from new leader: \
     convert to follower\" (§5.2). Whether the logs match is another matter.";
const FOLLOWING: &str = "§5.2: a server \"remains in follower state as long as it receives valid RPCs from a \
     leader or candidate\": it knows whom it follows, waits anew for the leader's next word, and keeps the \
     vote that it gave in this term.";
const CURRENT: &str = "Rules for Servers, Followers (§5.2): the election timeout begins anew when an \
     AppendEntries comes \"from current leader\", whether or not the logs match.";
const OLDER: &str = "Figure 2, AppendEntries, receiver, step 1 (§5.1): \"Reply false if term < \
     currentTerm\". A leader of an older term has no say: if it could reset the timer, a server that \
     hears it alone would never look for the new one.";

pub(super) fn checks() -> Vec<Check> {
    type Row = (&'static str, &'static str, &'static str, fn(&mut Context) -> Verdict);
    #[rustfmt::skip]
    let rows: [Row; 10] = [
        ("elected", "A new leader sends every other server a heartbeat at once", ELECTION, at_once),
        ("heartbeat_timeout", "A leader sends every other server a heartbeat, again and again", REPEAT, again),
        ("heartbeat_timeout", "A leader beats every heartbeat interval", REPEAT, interval),
        ("replicate_to", "A heartbeat carries the leader's term, id and commit index, and no entries", FIELDS, fields),
        ("heartbeat_timeout", "Only a leader sends heartbeats", ONLY, only_leaders),
        ("heartbeat_timeout", "Heartbeats are sent by the row replicate_to", TABLE, by_the_table),
        ("follow", "Who follows a leader knows it, and waits anew for its word", FOLLOWING, follows),
        ("append_entries", "The current leader is followed, whether or not the logs match", FOLLOW, current),
        ("append_entries", "The current leader resets the election timer", CURRENT, resets),
        ("append_entries", "A leader of an older term changes nothing, not even the election timer", OLDER, older),
    ];
    let make = |(about, claim, why, body): Row| Check::new("2.6", claim, why, body).about(about);
    rows.into_iter().map(make).collect()
}

/// What S1 of so many servers must send as the leader of `term`.
fn heartbeats(servers: u64, term: u64, commit: u64) -> String {
    let beat = |id| {
        format!(
            "S{id}: AppendEntries: term {term}, leader_id S1, 0 entries, leader_commit {commit}"
        )
    };
    (2..=servers).map(beat).collect::<Vec<_>>().join("\n")
}

/// S1 of so many, candidate of term 3, wins.
fn elected(check: &mut Context, node: &mut RaftNode) -> Result<Vec<Effect>, Box<Failure>> {
    let servers = node.members.len() as u64;
    let mut effects = Vec::new();
    for voter in (2..=servers).take_while(|voter| (voter - 1) * 2 <= servers) {
        check.step(format!("S1 of {servers}: {}; S{voter} grants its vote", state(node)));
        effects = hear(check, node, votes(ServerId(voter), 3, true))?;
    }
    check.same_text("S1", &state(node), "leader, term 3, voted for S1")?;
    Ok(effects)
}

fn at_once(check: &mut Context) -> Verdict {
    for servers in [2, 3, 4, 5, 7] {
        let mut node = server(table(6), servers, 3, candidate(&[1]));
        let effects = elected(check, &mut node)?;
        let expected = heartbeats(servers, 3, 0);
        check.same_text("S1's calls", &calls(&node, &effects), &expected)?;
    }
    check.step("S1, alone in its cluster, begins an election");
    let mut node = server(table(6), 1, 3, follower());
    let effects = hear(check, &mut node, Event::Timeout(Timer::Election))?;
    check.same_text("S1's calls", &calls(&node, &effects), "no calls")
}

/// The heartbeat timer of S1 runs out.
fn beat(check: &mut Context, node: &mut RaftNode) -> Result<Vec<Effect>, Box<Failure>> {
    let servers = node.members.len();
    check.step(format!("S1 of {servers}: {}; its heartbeat timer runs out", state(node)));
    hear(check, node, Event::Timeout(Timer::Heartbeat))
}

fn again(check: &mut Context) -> Verdict {
    for servers in [2, 3, 5] {
        let mut node = server(table(6), servers, 3, leader());
        for _ in 0..3 {
            let effects = beat(check, &mut node)?;
            let expected = heartbeats(servers, 3, 0);
            check.same_text("S1's calls", &calls(&node, &effects), &expected)?;
        }
    }
    Ok(())
}

fn interval(check: &mut Context) -> Verdict {
    for millis in [50, 20] {
        let interval = Duration::from_millis(millis);
        let armed = |effects: &[Effect]| armed(effects, Timer::Heartbeat).last().copied();
        let mut node = server(table(6), 3, 3, candidate(&[1]));
        node.config.heartbeat_interval = interval;
        let effects = elected(check, &mut node)?;
        check.equal("the heartbeat timer is armed for", armed(&effects), Some(interval))?;
        let effects = beat(check, &mut node)?;
        check.equal("the heartbeat timer is armed for", armed(&effects), Some(interval))?;
    }
    Ok(())
}

fn fields(check: &mut Context) -> Verdict {
    let mut node = server(table(6), 3, 7, leader());
    node.log = log((0, 0), &[1, 4, 4]);
    node.commit_index = Index(2);
    let effects = beat(check, &mut node)?;
    check.same_text("S1's calls", &calls(&node, &effects), &heartbeats(3, 7, 2))
}

fn only_leaders(check: &mut Context) -> Verdict {
    for role in [follower(), Role::Follower { leader: Some(S2) }, candidate(&[1])] {
        let mut node = server(table(6), 3, 3, role);
        let before = state(&node);
        let effects = beat(check, &mut node)?;
        check.same_text("S1's calls", &calls(&node, &effects), "no calls")?;
        check.same_text("S1", &state(&node), &before)?;
    }
    Ok(())
}

thread_local! {
    static REPLICATED: RefCell<Vec<ServerId>> = const { RefCell::new(Vec::new()) };
}

fn note(_: &mut RaftNode, peer: ServerId, _: &mut Outbox) {
    REPLICATED.with_borrow_mut(|peers| peers.push(peer));
}

static NOTING: Rules = Rules { replicate_to: note, ..RULES };

fn by_the_table(check: &mut Context) -> Verdict {
    let replicated = || {
        let mut peers = REPLICATED.take();
        peers.sort_unstable();
        peers.dedup();
        let names: Vec<String> = peers.iter().map(ToString::to_string).collect();
        if names.is_empty() { "nobody".to_owned() } else { names.join(" and ") }
    };
    let mut node = server(&NOTING, 3, 3, leader());
    beat(check, &mut node)?;
    check.same_text("the row replicate_to runs for", &replicated(), "S2 and S3")?;
    let mut node = server(&NOTING, 3, 3, candidate(&[1]));
    elected(check, &mut node)?;
    check.same_text("the row replicate_to runs for", &replicated(), "S2 and S3")
}

fn follows(check: &mut Context) -> Verdict {
    for role in [follower(), Role::Follower { leader: Some(S3) }, candidate(&[1])] {
        let mut node = server(table(6), 3, 3, role);
        let vote = node.voted_for;
        check.step(format!("S1 of 3: {}; it follows S3", state(&node)));
        let mut out = Outbox::new();
        follow(&mut node, S3, &mut out);
        let mut expected = server(table(6), 3, 3, Role::Follower { leader: Some(S3) });
        expected.voted_for = vote;
        check.same_text("S1", &state(&node), &state(&expected))?;
        waits_anew(check, &node, &out.into_effects())?;
    }
    Ok(())
}

/// What may stand before the entries of a call: a place in S1's log, one beyond it, and one where it
/// holds an entry of another term.
const PREVS: [(u64, u64); 4] = [(0, 0), (2, 2), (9, 3), (2, 1)];

/// S1 of three, whose log has entries of the terms 1 and 2, hears S3.
fn heard(
    check: &mut Context,
    role: Role,
    term: u64,
    prev: (u64, u64),
) -> Result<(RaftNode, Vec<Effect>), Box<Failure>> {
    let mut node = server(table(6), 3, 3, role);
    node.log = log((0, 0), &[1, 2]);
    let (index, of) = prev;
    check.step(format!(
        "S1 of 3: {}, its log [1, 2]; S3, leader of term {term}, calls, prev_log_index {index}, \
         prev_log_term {of}",
        state(&node)
    ));
    let effects = hear(check, &mut node, beats(S3, term, prev))?;
    Ok((node, effects))
}

fn roles() -> [Role; 3] {
    [follower(), Role::Follower { leader: Some(S3) }, candidate(&[1])]
}

fn current(check: &mut Context) -> Verdict {
    for role in roles() {
        for prev in PREVS {
            let vote = matches!(role, Role::Candidate { .. });
            let (node, _) = heard(check, role.clone(), 3, prev)?;
            let vote = if vote { "voted for S1" } else { "no vote given" };
            check.same_text("S1", &state(&node), &format!("follower of S3, term 3, {vote}"))?;
            let (node, _) = heard(check, role.clone(), 4, prev)?;
            check.same_text("S1", &state(&node), "follower of S3, term 4, no vote given")?;
        }
    }
    Ok(())
}

fn resets(check: &mut Context) -> Verdict {
    for role in roles() {
        for prev in PREVS {
            for term in [3, 4] {
                let (node, effects) = heard(check, role.clone(), term, prev)?;
                waits_anew(check, &node, &effects)?;
            }
        }
    }
    Ok(())
}

fn older(check: &mut Context) -> Verdict {
    let follower_of = |leader| Role::Follower { leader };
    for role in [follower(), follower_of(Some(S2)), candidate(&[1]), leader()] {
        for term in [2, 0] {
            let before = state(&server(table(6), 3, 3, role.clone()));
            let (node, effects) = heard(check, role.clone(), term, (0, 0))?;
            check.same_text("S1's answer", &answer(&effects), "success false, term 3")?;
            check.same_text("S1", &state(&node), &before)?;
            waits_on(check, &effects)?;
        }
    }
    Ok(())
}
