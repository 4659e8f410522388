//! Clients that write all the time, and what must be true afterwards.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use cluster::client::{Attempt, Client};
use cluster::tool::Reply;

use super::servers::{Servers, wait_for};

/// A request is answered sooner than this, whatever its outcome.
const PATIENCE: Duration = Duration::from_secs(8);

/// Asks until the request is done, or may have been done. `None` if `stop` says that it is time.
fn ask(client: &mut Client, words: &[&[u8]], stop: &AtomicBool) -> Option<Attempt> {
    while !stop.load(Ordering::Relaxed) {
        match client.attempt(words) {
            Attempt::NotDone(_) => thread::sleep(Duration::from_millis(10)),
            ended => return Some(ended),
        }
    }
    None
}

/// Clients that append numbers, each to a key of its own.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    /// How many commands were acknowledged so far.
    pub(crate) done: Arc<AtomicU64>,
    clients: Vec<JoinHandle<History>>,
}

/// What a client knows of its key.
struct History {
    key: String,
    acknowledged: BTreeSet<u64>,
    unknown: BTreeSet<u64>,
}

impl Load {
    /// This many clients begin.
    pub(crate) fn start(servers: &Servers, clients: usize) -> Self {
        let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let begin = |number: usize| {
            let (addresses, stop, done) = (servers.clients(), stop.clone(), done.clone());
            thread::spawn(move || append_all_the_time(number, addresses, &stop, &done))
        };
        let clients = (0..clients).map(begin).collect();
        Load { stop, done, clients }
    }

    /// Waits until this many more commands have been acknowledged.
    pub(crate) fn wait_for_more(&self, more: u64) {
        let end = self.done.load(Ordering::Relaxed) + more;
        wait_for("commands", || (self.done.load(Ordering::Relaxed) >= end).then_some(()));
    }

    /// Ends the clients. Every command that was acknowledged was executed once, and every other one at most once, each
    /// in the order of its client. Returns how many were acknowledged, and of how many the outcome is unknown.
    pub(crate) fn finish(self, servers: &Servers) -> (usize, usize) {
        self.stop.store(true, Ordering::Relaxed);
        let mut client = Client::new(servers.clients(), PATIENCE);
        let (mut acknowledged, mut unknown) = (0, 0);
        for thread in self.clients {
            let history = thread.join().expect("a client does not panic");
            let go_on = AtomicBool::new(false);
            let value = wait_for("a read", || {
                match ask(&mut client, &[b"GET", history.key.as_bytes()], &go_on)? {
                    Attempt::Done(Reply::Bulk(value)) => Some(value.unwrap_or_default()),
                    _ => None,
                }
            });
            history.check(&String::from_utf8_lossy(&value));
            acknowledged += history.acknowledged.len();
            unknown += history.unknown.len();
        }
        (acknowledged, unknown)
    }
}

fn append_all_the_time(
    number: usize,
    servers: Vec<String>,
    stop: &AtomicBool,
    done: &AtomicU64,
) -> History {
    let mut client = Client::new(servers, PATIENCE);
    let key = format!("key-{number}");
    let mut history =
        History { key: key.clone(), acknowledged: BTreeSet::new(), unknown: BTreeSet::new() };
    for number in 1.. {
        let word = format!("{number},");
        match ask(&mut client, &[b"APPEND", key.as_bytes(), word.as_bytes()], stop) {
            None => break,
            Some(Attempt::Unknown(_)) => {
                history.unknown.insert(number);
            }
            Some(Attempt::Done(Reply::Integer(_))) => {
                history.acknowledged.insert(number);
                done.fetch_add(1, Ordering::Relaxed);
            }
            Some(other) => panic!("{key}: {other:?}"),
        }
    }
    history
}

impl History {
    fn check(&self, value: &str) {
        let executed: Vec<u64> = value.split(',').filter_map(|it| it.parse().ok()).collect();
        let once: BTreeSet<u64> = executed.iter().copied().collect();
        assert_eq!(
            once.len(),
            executed.len(),
            "{}: a command was executed twice: {value}",
            self.key
        );
        let lost: Vec<_> = self.acknowledged.difference(&once).collect();
        assert!(lost.is_empty(), "{}: acknowledged and lost: {lost:?}", self.key);
        let strange =
            once.iter().find(|it| !self.acknowledged.contains(it) && !self.unknown.contains(it));
        assert_eq!(strange, None, "{}: it was never sent", self.key);
        // A command whose outcome is unknown may be executed late.
        let known: Vec<_> = executed.iter().filter(|it| self.acknowledged.contains(it)).collect();
        assert!(known.is_sorted(), "{}: {value}", self.key);
    }
}
