//! How soon servers recover, and what they need.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::super::machines::{Machines, clear};
use super::super::refusal::{Outcome, refuse};
use super::super::talk::Reply;
use super::asked::{Asked, ours_of};
use super::load::closed_loop;
use crate::client::{Client, Outcome as Ended};

/// The longest election timeout.
const ELECTION: Duration = Duration::from_secs(1);

/// How often something is looked at.
const LOOK: Duration = Duration::from_millis(2);

/// Servers for which the bench has waited this long do not work.
const TOO_LONG: Duration = Duration::from_mins(1);

/// Measures all of it, and prints.
pub(super) fn all(dir: &Path, asked: &Asked) -> Outcome<()> {
    let dir = dir.join("timings");
    clear(&dir)?;
    let machines = Machines::start(&dir, &asked.made_of, 3, false)?;
    await_leader(&machines)?;
    if machines.is_durable() {
        killed_leaders(&machines, asked.kills)?;
    }
    elections(&machines, asked)?;
    stopped_follower(&machines, asked)?;
    machines.end()
}

/// Waits until something is there.
fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> Outcome<T> {
    let begin = Instant::now();
    loop {
        if let Some(found) = look() {
            return Ok(found);
        }
        if begin.elapsed() > TOO_LONG {
            return refuse(format!("waited {} s for {what}, without success", TOO_LONG.as_secs()));
        }
        thread::sleep(LOOK);
    }
}

fn await_leader(machines: &Machines) -> Outcome<u64> {
    wait_for("a leader", || machines.leader())
}

/// Clients that write until they must stop.
struct Writers {
    stop: Arc<AtomicBool>,
    done: Arc<AtomicU64>,
    threads: Vec<JoinHandle<()>>,
}

impl Writers {
    fn start(machines: &Machines, count: usize, bytes: usize) -> Self {
        let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let servers: Vec<String> =
            machines.ids().into_iter().map(|id| machines.client(id).to_owned()).collect();
        let begin = |number: usize| {
            let (stop, done) = (stop.clone(), done.clone());
            // A client that waits for a paused server waits no longer than an election takes.
            let mut client = Client::new(servers.clone(), ELECTION / 2);
            thread::spawn(move || {
                let value = vec![b'x'; bytes];
                for count in 0_u64.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let key = format!("key-{number}-{}", count % 100);
                    let until = Instant::now() + ELECTION;
                    let ended = client.ask(&[b"SET", key.as_bytes(), &value], until, &mut |_| ());
                    if matches!(ended, Ended::Done(Reply::Simple(_))) {
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                }
            })
        };
        let threads = (0..count).map(begin).collect();
        Writers { stop, done, threads }
    }

    fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Waits until this many more writes have succeeded.
    fn await_more(&self, count: u64) -> Outcome<()> {
        let enough = self.done() + count;
        wait_for("writes to succeed", || (self.done() >= enough).then_some(()))
    }

    fn end(self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().expect("a writer does not panic");
        }
    }
}

fn killed_leaders(machines: &Machines, kills: usize) -> Outcome<()> {
    let writers = Writers::start(machines, 8, 100);
    let mut gaps = Vec::new();
    for _ in 0..kills {
        let leader = await_leader(machines)?;
        let begin = Instant::now();
        machines.kill(leader)?;
        // What was on its way when the leader ended arrives at once; the next write needs another leader.
        wait_for("another leader", || machines.leader().filter(|&next| next != leader))?;
        writers.await_more(1)?;
        gaps.push(begin.elapsed());
        machines.restart(leader)?;
        writers.await_more(100)?;
    }
    writers.end();
    gaps.sort_unstable();
    if let (Some(median), Some(worst)) = (gaps.get(gaps.len() / 2), gaps.last()) {
        println!(
            "After {kills} killed leaders, under 8 clients, writes succeed again within {:.2} (median) and {:.2} \
             (longest) times the longest election timeout, which is {} s",
            times(*median),
            times(*worst),
            ELECTION.as_secs()
        );
    }
    Ok(())
}

fn times(time: Duration) -> f64 {
    time.as_secs_f64() / ELECTION.as_secs_f64()
}

/// Counts the elections while clients write large values: a leader that is well is not deposed.
fn elections(machines: &Machines, asked: &Asked) -> Outcome<()> {
    let term = |machines: &Machines| {
        let terms = machines.ids().into_iter().filter_map(|id| machines.info(id));
        terms.map(|info| info.number("term")).max().unwrap_or(0)
    };
    await_leader(machines)?;
    let before = term(machines);
    let writers = Writers::start(machines, 16, 20_000);
    let time = Duration::from_secs(12 * asked.seconds);
    let (mut largest, begin) = (0, Instant::now());
    while begin.elapsed() < time {
        largest = largest.max(memory(machines));
        thread::sleep(Duration::from_millis(200));
    }
    let after = term(machines);
    println!(
        "In {} s with values of 20 kB by 16 clients ({} writes): {} elections; the largest server used {} MB",
        time.as_secs(),
        writers.done(),
        after.saturating_sub(before),
        largest >> 20
    );
    writers.end();
    Ok(())
}

/// The memory of the largest server in bytes; 0 where the system does not say.
fn memory(machines: &Machines) -> u64 {
    let of = |id: u64| {
        let pid = machines.process(id).ok()?;
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? << 10)
    };
    machines.ids().into_iter().filter_map(of).max().unwrap_or(0)
}

/// Compares the rate while a follower is paused with the rate while all servers run.
fn stopped_follower(machines: &Machines, asked: &Asked) -> Outcome<()> {
    let leader = await_leader(machines)?;
    let Some(follower) = machines.ids().into_iter().find(|&id| id != leader) else { return Ok(()) };
    let time = Duration::from_secs(asked.seconds);
    let load = || closed_loop(16, time, || Ok(ours_of(machines)));
    let (mut ratios, mut largest) = (Vec::new(), 0);
    for _ in 0..asked.rounds {
        let all = load()?;
        if let Err(error) = machines.pause(follower) {
            println!("A stopped follower: {error}");
            return Ok(());
        }
        let without = load();
        largest = largest.max(memory(machines));
        machines.resume(follower)?;
        ratios.push(without?.rate / all.rate);
        // Until it has caught up, it would slow the others down.
        let commit = |id| machines.info(id).map_or(0, |info| info.number("commit_index"));
        let has_caught_up = || (commit(follower) >= commit(leader)).then_some(());
        wait_for("the follower to catch up", has_caught_up)?;
    }
    ratios.sort_by(f64::total_cmp);
    println!(
        "With a stopped follower, 16 clients: {:.2} times the rate (median of {}); the largest server used {} MB",
        ratios[ratios.len() / 2],
        ratios.len(),
        largest >> 20
    );
    Ok(())
}
