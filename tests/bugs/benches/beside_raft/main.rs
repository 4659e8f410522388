//! How many commands a cluster of five commits in a second, in memory: servers of the reference through
//! module 4, and beside them those of the crate `raft`, which TiKV is built on.
//!
//! Both are driven in the same way: in each round, every server hears all that was sent to it in the round
//! before, and clients that have been answered send their next command. There is no clock, no disk and no
//! fault. Both apply commands to the lab's key-value store, on every server.
//!
//! ```text
//! cargo bench -p bugs --bench beside_raft --features beside-raft
//! ```

mod lab;
mod raft_crate;

use divan::Bencher;
use divan::counter::ItemsCount;
use protocol::{Bytes, ServerId};

/// How many servers a cluster has.
const SERVERS: u64 = 5;

/// How many commands are committed in a sample.
const COMMANDS: u64 = 20_000;

/// How many clients ask at the same time: each waits for its answer before it asks again.
const CLIENTS: [u64; 3] = [1, 16, 64];

fn main() {
    divan::main();
}

/// A server that is driven by rounds.
trait Driven: Sized {
    /// What servers send each other.
    type Message;

    /// A server of the cluster that has just been started.
    fn new(id: ServerId) -> Self;

    /// Lets its election timer run out.
    fn campaign(&mut self);

    /// Takes in what others have sent, and what clients ask of it, which it leads.
    fn hear(&mut self, messages: Vec<Self::Message>, commands: Vec<Bytes>);

    /// What it sends, and to whom.
    fn sends(&mut self) -> Vec<(ServerId, Self::Message)>;

    /// How many commands it has answered with their results, since it was asked the last time.
    fn answered(&mut self) -> u64;

    /// How far it has applied its log.
    fn applied(&self) -> u64;
}

/// A cluster, of which S1 leads.
struct Cluster<S: Driven> {
    servers: Vec<S>,
    inboxes: Vec<Vec<S::Message>>,
}

impl<S: Driven> Cluster<S> {
    fn led() -> Self {
        let servers: Vec<S> = (1..=SERVERS).map(|id| S::new(ServerId(id))).collect();
        let inboxes = servers.iter().map(|_| Vec::new()).collect();
        let mut cluster = Cluster { servers, inboxes };
        cluster.servers[0].campaign();
        while cluster.round(Vec::new()) {}
        cluster
    }

    /// One round, in which clients ask S1 this; says whether anything is under way after it.
    fn round(&mut self, commands: Vec<Bytes>) -> bool {
        let mut commands = Some(commands);
        let inboxes: Vec<_> = self.inboxes.iter_mut().map(std::mem::take).collect();
        for (server, inbox) in self.servers.iter_mut().zip(inboxes) {
            server.hear(inbox, commands.take().unwrap_or_default());
            for (to, message) in server.sends() {
                let place = usize::try_from(to.0 - 1).expect("servers count from 1");
                self.inboxes[place].push(message);
            }
        }
        self.inboxes.iter().any(|inbox| !inbox.is_empty())
    }

    /// This many clients ask, until all commands are committed, applied and answered.
    fn commit(&mut self, clients: u64) {
        let (mut sent, mut done) = (0, 0);
        while done < COMMANDS {
            let free = (clients - (sent - done)).min(COMMANDS - sent);
            let ask = (sent..sent + free).map(|number| format!("set k{} {number}", number % 100));
            let under_way = self.round(ask.map(Bytes::from).collect());
            sent += free;
            done += self.servers[0].answered();
            assert!(under_way || done == sent, "nothing is under way, and clients wait");
        }
        while self.round(Vec::new()) {}
        let applied: Vec<u64> = self.servers.iter().map(Driven::applied).collect();
        assert!(applied[0] > COMMANDS, "the leader has applied {applied:?}");
    }
}

fn bench<S: Driven>(bencher: Bencher, clients: u64) {
    bencher.counter(ItemsCount::new(COMMANDS)).with_inputs(Cluster::<S>::led).bench_local_values(
        |mut cluster| {
            cluster.commit(clients);
            cluster
        },
    );
}

/// The reference through module 4.
#[divan::bench(args = CLIENTS, sample_count = 20, sample_size = 1)]
fn commands_of_the_lab(bencher: Bencher, clients: u64) {
    bench::<lab::Server<false>>(bencher, clients);
}

/// The same, with all events of a round handled together (exercise 4.11).
#[divan::bench(args = CLIENTS, sample_count = 20, sample_size = 1)]
fn commands_of_the_lab_in_batches(bencher: Bencher, clients: u64) {
    bench::<lab::Server<true>>(bencher, clients);
}

/// The crate `raft`.
#[divan::bench(args = CLIENTS, sample_count = 20, sample_size = 1)]
fn commands_of_raft(bencher: Bencher, clients: u64) {
    bench::<raft_crate::Server>(bencher, clients);
}
