//! Exercise 6.7: a transfer of a snapshot, with everything that may happen to its chunks and to the servers
//! that send and receive them.

use std::collections::BTreeMap;

use gates::simulator::{Body, Message, ScriptError, Scripted, Selector};
use gates::{Check, Checks, Context, Failure, Verdict};

use super::servers::{S1, S2, S3};
use super::subject::protocol::{
    ClientRequest, Config, Index, InstallSnapshot, Node, Reply, Request, ServerId, Timer,
};
use super::{servers_with, table};

const RETRY: &str = "§5.5: RPCs are retried, because messages are lost, duplicated and reordered (§2): with \
     each heartbeat the leader sends what the follower still lacks. Whatever happens to chunks and replies, \
     the follower has the snapshot in the end, and no other bytes.";
const CRASH: &str = "§5.5, Figure 13: a follower that crashes has lost what was not saved yet, and is \
     sent it again. A leader that believes it was stored sends bytes that cannot be put together, \
     forever.";
const CHANGE: &str = "Figure 13, receiver, step 5: a new leader sends its own snapshot from the \
     beginning. What the previous leader has sent is no part of it.";
const NEWER: &str = "§7: a leader keeps taking snapshots while it sends one. Whichever of them the \
     follower has received, it is sent what follows, and has everything in the end.";
const LATE: &str = "Figure 3, State Machine Safety: a chunk that arrives after the follower has moved on \
     must not take anything back (§7).";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("6.7").about("install_snapshot").claims([
        ("A snapshot arrives although every second chunk is lost", RETRY, lose_chunks),
        ("A snapshot arrives although every second reply is lost", RETRY, lose_replies),
        ("A snapshot arrives although each of its chunks arrives twice", RETRY, twice),
        ("A snapshot arrives although chunks are late and out of order", RETRY, late),
        ("A snapshot arrives although replies are late and out of order", RETRY, late_replies),
        (
            "A follower that crashes during a transfer gets the snapshot afterwards",
            CRASH,
            follower_crashes,
        ),
        (
            "When a leader crashes during a transfer, the next leader sends its own snapshot",
            CHANGE,
            leader_crashes,
        ),
        (
            "When a leader is cut off during a transfer, the next leader sends its own snapshot",
            CHANGE,
            leader_changes,
        ),
        (
            "A leader that is elected again during a transfer brings its follower up to date",
            CHANGE,
            leader_returns,
        ),
        (
            "A follower has everything in the end although the leader takes newer snapshots",
            NEWER,
            newer,
        ),
        ("Chunks that arrive after the transfer change nothing", LATE, much_later),
    ])
    .list()
}

/// Rounds of heartbeats that are enough for every correct server.
const ROUNDS: usize = 200;

/// And this many messages between two of them.
const MESSAGES: usize = 2_000;

/// A cluster of three, in which S3 lacks what the others have compacted.
struct Cluster {
    world: Scripted,
    commands: u64,
    /// How many chunks, and replies to chunks, were about to arrive so far.
    chunks: usize,
    replies: usize,
}

/// What becomes of a message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Arrives,
    IsLost,
    ComesTwice,
    /// It waits until nothing else is under way.
    Waits,
}

impl Cluster {
    /// S1 leads; S3 was cut off while many commands were executed, and can be reached again.
    fn with_a_laggard(check: &mut Context) -> Result<Self, Box<Failure>> {
        let config = Config {
            snapshot_entries: 4,
            snapshot_tail: 0,
            snapshot_chunk: 16,
            ..Config::default()
        };
        let boot = servers_with(table(7));
        let world = Scripted::new(3, config, check.seed(), boot, &BTreeMap::new());
        let mut world = told(check, world)?;
        world.cluster.durable = true;
        let mut cluster = Cluster { world, commands: 0, chunks: 0, replies: 0 };
        cluster.leads(check, S1)?;
        cluster.world.partition(&[vec![S1, S2]]);
        cluster.ask(check, S1, 24)?;
        cluster.world.heal();
        Ok(cluster)
    }

    /// This server's election timer runs out, and it is elected.
    fn leads(&mut self, check: &Context, id: ServerId) -> Verdict {
        for _ in 0..3 {
            told(check, self.world.fire(id, Timer::Election))?;
            told(check, self.world.settle())?;
            if self.world.leaders().first() == Some(&id) {
                return Ok(());
            }
        }
        Err(check.failure(format!("{id} is elected"), "it is not"))
    }

    /// Clients send `count` commands to a leader, one after the other.
    fn ask(&mut self, check: &Context, leader: ServerId, count: u64) -> Verdict {
        for _ in 0..count {
            self.commands += 1;
            let number = self.commands;
            let command = format!("append k{} {number},", number % 5);
            let request = ClientRequest::Command(command.as_str().into());
            told(check, self.world.client(leader, request, &command))?;
            told(check, self.world.settle())?;
        }
        Ok(())
    }

    /// One message after the other arrives, or not, as `fate` decides. It receives the message, and the
    /// number of chunks, or of replies to chunks, up to this one. When no message is in flight, the leader
    /// sends heartbeats; until S3 has everything or `done` is true.
    fn go_on(
        &mut self,
        check: &Context,
        mut fate: impl FnMut(&Message, usize) -> Fate,
        done: impl Fn(&Cluster) -> bool,
    ) -> Verdict {
        for _ in 0..ROUNDS {
            for (_, leader) in self.world.cluster.leaders() {
                if self.world.is_armed(leader, Timer::Heartbeat) {
                    told(check, self.world.fire(leader, Timer::Heartbeat))?;
                }
            }
            for messages in 1.. {
                let Some(message) = self.oldest() else { break };
                if messages > MESSAGES {
                    let happened =
                        format!("{messages} messages without an end, the last a {message}");
                    return Err(check.failure("requests and replies end", happened));
                }
                let count = self.count(&message);
                self.becomes(check, &message, fate(&message, count))?;
                if done(self) {
                    return Ok(());
                }
            }
            self.world.hold(&Selector::default(), false);
            self.newest_first(check)?;
            if done(self) || self.is_even() {
                return Ok(());
            }
        }
        let node = self.world.cluster.node(S3).map_or_else(String::new, tell);
        let expected = format!("S3 has everything after at most {ROUNDS} rounds of heartbeats");
        Err(check.failure(expected, format!("S3 has {node}")))
    }

    /// The oldest of the messages that are not held back.
    fn oldest(&self) -> Option<Message> {
        let mut there = self.world.in_flight().filter(|(_, held)| !held);
        there.next().map(|(message, _)| message.clone())
    }

    /// The number of messages of this kind so far, if it is about a chunk.
    fn count(&mut self, message: &Message) -> usize {
        let count = match &message.body {
            Body::Request(Request::InstallSnapshot(_)) => &mut self.chunks,
            Body::Reply { reply: Reply::InstallSnapshot(_), .. } => &mut self.replies,
            _ => return 0,
        };
        *count += 1;
        *count
    }

    fn becomes(&mut self, check: &Context, message: &Message, fate: Fate) -> Verdict {
        let Message { from, to, .. } = *message;
        let alike =
            |other: &Message| (other.from, other.to, other.kind()) == (from, to, message.kind());
        let there = self.world.in_flight().filter(|(_, held)| !held);
        let count = there.filter(|(other, _)| alike(other)).count();
        // It was sent first, so it is the last of its kind, counted from the newest.
        let this = selector(message, count);
        match fate {
            Fate::Arrives => {}
            Fate::Waits => {
                self.world.hold(&this, true);
                return Ok(());
            }
            Fate::ComesTwice => {
                self.world.duplicate(&this);
                told(check, self.world.deliver(&selector(message, count + 1)))?;
            }
            Fate::IsLost => {
                self.world.cut(from, to);
                told(check, self.world.deliver(&this))?;
                self.world.heal();
                return Ok(());
            }
        }
        told(check, self.world.deliver(&this)).map(drop)
    }

    /// Delivers what has waited, the newest first.
    fn newest_first(&mut self, check: &Context) -> Verdict {
        let waiting: Vec<Message> =
            self.world.in_flight().map(|(message, _)| message.clone()).collect();
        for message in waiting.iter().rev() {
            told(check, self.world.deliver(&selector(message, 1)))?;
        }
        Ok(())
    }

    /// Whether S3 has what the leader has, all of it applied.
    fn is_even(&self) -> bool {
        let Some(&leader) = self.world.leaders().first() else { return false };
        let state = |id| {
            let node: &dyn Node = self.world.cluster.node(id)?;
            Some((node.last_index(), node.last_applied(), node.machine().snapshot()))
        };
        let leaders = state(leader);
        leaders.is_some() && state(S3) == leaders && self.applied(S3) == self.last(leader)
    }

    fn applied(&self, id: ServerId) -> Index {
        self.world.cluster.node(id).map_or(Index(0), Node::last_applied)
    }

    fn last(&self, id: ServerId) -> Index {
        self.world.cluster.node(id).map_or(Index(0), Node::last_index)
    }

    /// At the end all servers have the same, and the state of all commands that were executed.
    fn ends_well(&mut self, check: &mut Context) -> Verdict {
        self.world.heal();
        told(check, self.world.settle())?;
        let well = self.is_even();
        let node = self.world.cluster.node(S3).map_or_else(|| "crashed".to_owned(), tell);
        check.holds(well, "S3 has the state of the leader", format!("S3 has {node}"))?;
        let audited = self.world.cluster.audit().map_err(ScriptError::Stop);
        told(check, audited)
    }
}

/// One of the messages that are like this one, by its place, counted from the newest.
fn selector(message: &Message, newest: usize) -> Selector {
    Selector {
        from: Some([message.from].into()),
        to: Some([message.to].into()),
        kind: Some(message.kind().to_string()),
        term: None,
        newest: Some(newest),
    }
}

/// A server in words.
fn tell(node: &dyn Node) -> String {
    let (applied, last) = (node.last_applied(), node.last_index());
    format!("a log up to index {last}, of which {applied} are applied")
}

fn told<T>(check: &Context, result: Result<T, ScriptError>) -> Result<T, Box<Failure>> {
    result.map_err(|error| match error {
        ScriptError::Stop(stop) => {
            let mut failure = gates::scenario::stopped(&stop);
            check.current_step().clone_into(&mut failure.step);
            failure
        }
        other => check.failure("the servers can do what the check asks for", other.to_string()),
    })
}

fn is_chunk(message: &Message) -> bool {
    matches!(message.body, Body::Request(Request::InstallSnapshot(_)))
}

fn is_reply(message: &Message) -> bool {
    matches!(message.body, Body::Reply { reply: Reply::InstallSnapshot(_), .. })
}

/// S3 is sent the snapshot; `fate` decides what becomes of the messages.
fn under(check: &mut Context, what: &str, fate: impl FnMut(&Message, usize) -> Fate) -> Verdict {
    check.step(format!(
        "S3 lacks 24 entries, which S1 has compacted, so it is sent a snapshot; {what}"
    ));
    let mut cluster = Cluster::with_a_laggard(check)?;
    cluster.go_on(check, fate, |_| false)?;
    let sent = cluster.chunks > 0;
    check.holds(sent, "S3 is sent a snapshot", "it is sent none")?;
    cluster.ends_well(check)
}

fn every_second(is: fn(&Message) -> bool, fate: Fate) -> impl FnMut(&Message, usize) -> Fate {
    move |message, count| if is(message) && count % 2 == 1 { fate } else { Fate::Arrives }
}

fn lose_chunks(check: &mut Context) -> Verdict {
    under(check, "every second chunk is lost", every_second(is_chunk, Fate::IsLost))
}

fn lose_replies(check: &mut Context) -> Verdict {
    under(check, "every second reply is lost", every_second(is_reply, Fate::IsLost))
}

fn twice(check: &mut Context) -> Verdict {
    under(check, "each chunk arrives twice", |message, _| {
        if is_chunk(message) { Fate::ComesTwice } else { Fate::Arrives }
    })
}

fn late(check: &mut Context) -> Verdict {
    let what = "every second chunk is late, and the late ones arrive in reverse order";
    under(check, what, every_second(is_chunk, Fate::Waits))
}

fn late_replies(check: &mut Context) -> Verdict {
    let what = "every second reply is late, and the late ones arrive in reverse order";
    under(check, what, every_second(is_reply, Fate::Waits))
}

/// S3 is sent this many chunks of the snapshot.
fn begun(check: &mut Context, what: &str, chunks: usize) -> Result<Cluster, Box<Failure>> {
    check.step(format!("S3 is sent a snapshot; after chunk {chunks} of it, {what}"));
    let mut cluster = Cluster::with_a_laggard(check)?;
    cluster.go_on(check, |_, _| Fate::Arrives, |cluster| cluster.chunks >= chunks)?;
    Ok(cluster)
}

fn follower_crashes(check: &mut Context) -> Verdict {
    for chunks in 1..=5 {
        let mut cluster = begun(check, "S3 crashes and restarts", chunks)?;
        told(check, cluster.world.crash(S3))?;
        told(check, cluster.world.restart(S3))?;
        cluster.go_on(check, |_, _| Fate::Arrives, |_| false)?;
        cluster.ends_well(check)?;
    }
    Ok(())
}

fn leader_crashes(check: &mut Context) -> Verdict {
    for chunks in 1..=5 {
        let mut cluster = begun(check, "S1 crashes, and S2 is elected", chunks)?;
        told(check, cluster.world.crash(S1))?;
        cluster.leads(check, S2)?;
        cluster.ask(check, S2, 6)?;
        told(check, cluster.world.restart(S1))?;
        cluster.ends_well(check)?;
    }
    Ok(())
}

fn leader_changes(check: &mut Context) -> Verdict {
    for chunks in 1..=5 {
        let mut cluster = begun(check, "S1 is cut off, and S2 is elected", chunks)?;
        // What S1 has sent is still in flight.
        cluster.world.hold(&Selector { from: Some([S1].into()), ..Selector::default() }, true);
        cluster.world.partition(&[vec![S2, S3]]);
        cluster.leads(check, S2)?;
        cluster.ask(check, S2, 1)?;
        cluster.world.heal();
        cluster.world.hold(&Selector::default(), false);
        cluster.ends_well(check)?;
    }
    Ok(())
}

fn leader_returns(check: &mut Context) -> Verdict {
    for chunks in 1..=5 {
        let what = "S2 is elected, and then S1 again";
        let mut cluster = begun(check, what, chunks)?;
        cluster.world.partition(&[vec![S1, S2]]);
        cluster.leads(check, S2)?;
        cluster.leads(check, S1)?;
        cluster.world.heal();
        cluster.ask(check, S1, 1)?;
        cluster.go_on(check, |_, _| Fate::Arrives, |_| false)?;
        cluster.ends_well(check)?;
    }
    Ok(())
}

fn newer(check: &mut Context) -> Verdict {
    for chunks in 1..=5 {
        let what = "S1 executes six more commands, and takes another snapshot";
        let mut cluster = begun(check, what, chunks)?;
        // The chunks in flight arrive later.
        cluster.world.hold(&Selector { to: Some([S3].into()), ..Selector::default() }, true);
        cluster.world.cut(S3, S1);
        cluster.ask(check, S1, 6)?;
        cluster.world.heal();
        cluster.world.hold(&Selector::default(), false);
        cluster.go_on(check, |_, _| Fate::Arrives, |_| false)?;
        cluster.ends_well(check)?;
    }
    Ok(())
}

fn much_later(check: &mut Context) -> Verdict {
    check.step(
        "S3 is sent a snapshot, and then more entries; after that, all chunks arrive twice more, in both orders",
    );
    let mut cluster = Cluster::with_a_laggard(check)?;
    let mut kept: Vec<(ServerId, InstallSnapshot)> = Vec::new();
    cluster.go_on(
        check,
        |message, _| {
            if let Body::Request(Request::InstallSnapshot(chunk)) = &message.body {
                kept.push((message.from, chunk.clone()));
            }
            Fate::Arrives
        },
        |_| false,
    )?;
    cluster.ask(check, S1, 3)?;
    for (from, chunk) in kept.iter().rev().chain(&kept) {
        let again = Request::InstallSnapshot(chunk.clone());
        told(check, cluster.world.ask(*from, S3, again))?;
    }
    cluster.ends_well(check)
}
