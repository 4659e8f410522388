//! The network of a timed run: which links are cut, and what happens to a message in flight.

use std::ops::Range;
use std::time::Duration;

use protocol::ServerId;
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::agenda::nanos_of;
use crate::invariants::slot;

/// A seed drawn from the stream with this number, for a generator that the lab does not control.
pub(crate) fn stream_seed(seed: u64, stream: u64) -> u64 {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    rng.next_u64()
}

/// The stream of random numbers with this number. Draws from one stream change nothing about any other.
pub(crate) fn stream(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    rng
}

/// The links between servers, one for each direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    servers: usize,
    cut: Vec<bool>,
}

impl Links {
    /// The links between `servers` servers, all of them open.
    pub fn open(servers: usize) -> Self {
        Links { servers, cut: vec![false; servers * servers] }
    }

    /// Whether messages of `from` are lost on their way to `to`.
    pub fn is_cut(&self, from: ServerId, to: ServerId) -> bool {
        self.place(from, to).is_some_and(|link| self.cut[link])
    }

    /// Cuts or opens the link from `from` to `to`. The link back stays as it is.
    pub fn set_cut(&mut self, from: ServerId, to: ServerId, cut: bool) {
        if let Some(link) = self.place(from, to) {
            self.cut[link] = cut;
        }
    }

    /// The place of a link; `None` if there is none, since a wrong server may send to a server that does not exist.
    fn place(&self, from: ServerId, to: ServerId) -> Option<usize> {
        let (from, to) = (slot(from), slot(to));
        (from < self.servers && to < self.servers).then(|| from * self.servers + to)
    }

    /// Opens every link.
    pub fn heal(&mut self) {
        self.cut.fill(false);
    }

    /// Lets messages pass within each group only. A server in several groups reaches all of them, and a
    /// server in no group is alone.
    pub fn partition(&mut self, groups: &[Vec<ServerId>]) {
        let servers = (1..=self.servers as u64).map(ServerId);
        for from in servers.clone() {
            for to in servers.clone() {
                let together =
                    groups.iter().any(|group| group.contains(&from) && group.contains(&to));
                self.set_cut(from, to, from != to && !together);
            }
        }
    }
}

/// The faults of a timed run, and how frequent they are. Probabilities are in 65,536ths, for each message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Faults {
    /// How long a message is in flight.
    pub delay: Range<Duration>,
    /// The probability that a request is lost.
    pub lose_request: u16,
    /// The probability that a reply is lost.
    pub lose_reply: u16,
    /// The probability that a message arrives twice.
    pub duplicate: u16,
    /// The probability that a message is a straggler, which takes so long that later ones overtake it.
    pub straggle: u16,
    /// A straggler takes at most this many times as long.
    pub straggle_factor: u32,
    /// How many of 256 links are slow, each in one direction: a message that is sent later, but not over them,
    /// arrives first.
    pub slow_links: u8,
    /// Messages on a slow link take this many times as long.
    pub slow_factor: u32,
    /// How long the network stays as it is on average, partitioned or not; `None` for no partitions.
    pub partition_every: Option<Duration>,
    /// How many of 256 partitions are one-way.
    pub one_way: u8,
    /// How many of 256 partitions leave a bridge: one server that reaches both sides.
    pub bridge: u8,
    /// The average time until some server crashes or comes back; `None` for no crashes.
    pub crash_every: Option<Duration>,
    /// The average time until some disk fails; `None` for disks that work. Only if disks can fail, a crash
    /// tears what is being written.
    pub disk_every: Option<Duration>,
    /// The average time until a client sends a request; `None` for no clients.
    pub command_every: Option<Duration>,
    /// The average time until a client asks for a change of members; `None` for no changes.
    pub change_every: Option<Duration>,
}

impl Faults {
    /// No faults at all, and delays of a few milliseconds.
    pub fn calm() -> Self {
        Faults {
            delay: Duration::from_millis(1)..Duration::from_millis(10),
            lose_request: 0,
            lose_reply: 0,
            duplicate: 0,
            straggle: 0,
            straggle_factor: 1,
            slow_links: 0,
            slow_factor: 1,
            partition_every: None,
            one_way: 0,
            bridge: 0,
            crash_every: None,
            disk_every: None,
            command_every: None,
            change_every: None,
        }
    }

    /// A mix of faults drawn from a seed: each kind may be absent, rare or common. A fixed mix misses bugs that
    /// need much of one kind and nothing of another ("swarm testing").
    pub fn swarm(seed: u64) -> Self {
        // The last stream: those of links are counted up from 1,000.
        let mut rng = stream(seed, u64::MAX);
        // Absent in one half of the storms, and rare in one quarter.
        let rate = |rng: &mut ChaCha8Rng, most: u16| match rng.random_range(0..4) {
            0 | 1 => 0,
            2 => rng.random_range(0..most / 8),
            _ => rng.random_range(0..most),
        };
        // 150 ms is the shortest election timeout: then a reply often comes too late.
        let slowest = [10, 20, 60, 150][rng.random_range(0..4_usize)];
        Faults {
            delay: Duration::from_millis(1)..Duration::from_millis(slowest),
            lose_request: rate(&mut rng, 20_000),
            lose_reply: rate(&mut rng, 20_000),
            duplicate: rate(&mut rng, 16_000),
            straggle: rate(&mut rng, 16_000),
            straggle_factor: rng.random_range(4..64),
            partition_every: rng
                .random_bool(0.6)
                .then(|| Duration::from_millis(rng.random_range(100..2_000))),
            one_way: [0, 0, 64, 200][rng.random_range(0..4_usize)],
            bridge: [0, 40][rng.random_range(0..2_usize)],
            // The paper's election timeout is ten times as long as a message takes: a slow link is worth several.
            slow_links: [0, 0, 40, 100][rng.random_range(0..4_usize)],
            slow_factor: rng.random_range(4..16),
            crash_every: None,
            disk_every: None,
            command_every: None,
            change_every: None,
        }
    }

    /// The same with crashes and disk faults, whose frequencies are drawn from a seed too.
    #[must_use]
    pub fn with_crashes(self, seed: u64) -> Self {
        let mut rng = stream(seed, u64::MAX - 1);
        let mut every = |least: u64| Some(Duration::from_millis(rng.random_range(least..2_000)));
        Faults { crash_every: every(100), disk_every: every(200), ..self }
    }

    /// The faults of a slow link. It has no stragglers: they would be in flight for minutes.
    pub(crate) fn slow(&self) -> Self {
        let delay = self.delay.start * self.slow_factor..self.delay.end * self.slow_factor;
        Faults { delay, straggle: 0, ..self.clone() }
    }

    /// Draws what happens to a message. One draw of 64 bits decides everything, 16 bits for each question: so
    /// every message uses up one draw, whatever the faults are, and a change of the faults changes no
    /// message's other fates.
    pub(crate) fn fate(&self, is_request: bool, rng: &mut ChaCha8Rng) -> MessageFate {
        let draw = rng.next_u64();
        let [lose, duplicate, straggle, delay] =
            [draw, draw >> 16, draw >> 32, draw >> 48].map(|bits| (bits & 0xffff) as u16);
        if lose < (if is_request { self.lose_request } else { self.lose_reply }) {
            return MessageFate::Lost;
        }
        let mut first = self.stretch(delay);
        if straggle < self.straggle {
            first *= 1 + u64::from(u32::from(straggle) % self.straggle_factor);
        }
        if duplicate < self.duplicate {
            // The copy takes up to twice as long as a message. Its delay reuses the bits of the first one.
            return MessageFate::Twice(first, first + self.stretch(delay.rotate_left(7)) * 2);
        }
        MessageFate::Once(first)
    }

    /// The delay at this 65,536th of the range, in nanoseconds.
    fn stretch(&self, draw: u16) -> u64 {
        let (start, end) = (nanos_of(self.delay.start), nanos_of(self.delay.end));
        start + (end.saturating_sub(start) >> 16) * u64::from(draw)
    }
}

/// What happens to a message, with the delay of each copy in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MessageFate {
    Lost,
    Once(u64),
    Twice(u64, u64),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_lets_messages_pass_within_its_groups_only() {
        let s = |ids: &[u64]| ids.iter().map(|&id| ServerId(id)).collect::<Vec<_>>();
        let mut links = Links::open(5);
        links.partition(&[s(&[1, 2]), s(&[3, 4])]);
        assert!(!links.is_cut(ServerId(1), ServerId(2)));
        assert!(links.is_cut(ServerId(2), ServerId(3)) && links.is_cut(ServerId(3), ServerId(2)));
        assert!(links.is_cut(ServerId(5), ServerId(1)), "a server in no group is alone");
        links.heal();
        links.set_cut(ServerId(1), ServerId(2), true);
        assert!(links.is_cut(ServerId(1), ServerId(2)) && !links.is_cut(ServerId(2), ServerId(1)));
    }

    #[test]
    fn fates_come_as_often_as_asked_for() {
        let faults = Faults { lose_request: 32_768, duplicate: 16_384, ..Faults::calm() };
        let mut rng = stream(1, 1);
        let mut count = [0; 3];
        for _ in 0..10_000 {
            match faults.fate(true, &mut rng) {
                MessageFate::Lost => count[0] += 1,
                MessageFate::Once(delay) => {
                    assert!(faults.delay.contains(&Duration::from_nanos(delay)));
                    count[1] += 1;
                }
                MessageFate::Twice(..) => count[2] += 1,
            }
        }
        assert!((4_800..5_200).contains(&count[0]), "{count:?}");
        assert!((1_100..1_400).contains(&count[2]), "{count:?}");
        assert!((0..10_000).all(|_| faults.fate(false, &mut rng) != MessageFate::Lost));
    }

    #[test]
    fn streams_do_not_change_each_other() {
        let alone: Vec<u64> =
            (0..4).map(|_| 0).scan(stream(7, 2), |r, _| Some(r.next_u64())).collect();
        let mut other = stream(7, 1);
        other.next_u64();
        let again: Vec<u64> =
            (0..4).map(|_| 0).scan(stream(7, 2), |r, _| Some(r.next_u64())).collect();
        assert_eq!(alone, again);
        assert_ne!(stream_seed(7, 1), stream_seed(7, 2));
    }
}
