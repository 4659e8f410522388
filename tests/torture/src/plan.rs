//! The faults of a run, drawn from a seed. The plan says "the leader", because only the run shows which server leads.

use std::fmt;
use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// What a fault does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A process ends at once, and starts again from its disk.
    Kill,
    /// A process is suspended, and resumed.
    Pause,
    /// Servers do not reach each other.
    Cut,
    /// Messages in one direction are lost.
    OneWay,
    /// Messages are late.
    Slow,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 5] = [Kind::Kill, Kind::Pause, Kind::Cut, Kind::OneWay, Kind::Slow];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Kill => "kill",
            Kind::Pause => "pause",
            Kind::Cut => "cut",
            Kind::OneWay => "oneway",
            Kind::Slow => "slow",
        }
    }

    /// The kind with this name.
    pub fn named(name: &str) -> Option<Self> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which servers a fault concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The leader, when the fault begins.
    Leader,
    /// A server that does not lead then: the one at this place among them.
    Follower(u64),
    /// The leader and enough others that no quorum is left.
    Majority,
    /// All servers.
    All,
}

/// A fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// What it does.
    pub kind: Kind,
    /// To whom.
    pub target: Target,
    /// For slow links: how late messages are, in milliseconds. For lost messages: whether they are those that the target
    /// sends (odd) or those that are sent to it (even). For a killed server: if odd, the server starts again after a
    /// quarter of this many milliseconds; if even, when the round ends.
    pub number: u64,
}

/// Some faults at once, and the time before the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// The faults.
    pub faults: Vec<Planned>,
    /// How long they last.
    pub lasts: Duration,
    /// How long there are none afterwards. The next round also waits until commands are executed again.
    pub calm: Duration,
}

/// An endless sequence of faults, with equally many of each kind.
#[derive(Debug)]
pub struct Plan {
    rng: ChaCha8Rng,
    kinds: Vec<Kind>,
    /// The kinds that are drawn before any kind comes again.
    bag: Vec<Kind>,
}

impl Plan {
    /// The plan of this seed, with faults of these kinds.
    pub fn new(seed: u64, kinds: &[Kind]) -> Self {
        Plan { rng: ChaCha8Rng::seed_from_u64(seed), kinds: kinds.to_vec(), bag: Vec::new() }
    }

    fn kind(&mut self) -> Option<Kind> {
        if self.bag.is_empty() {
            self.bag.clone_from(&self.kinds);
        }
        if self.bag.is_empty() {
            return None;
        }
        let at = self.rng.random_range(0..self.bag.len());
        Some(self.bag.swap_remove(at))
    }

    fn fault(&mut self, kind: Kind) -> Planned {
        let target = match self.rng.random_range(0..10) {
            // A leader has the most to lose.
            0..5 => Target::Leader,
            5..7 => Target::Follower(self.rng.random_range(0..8)),
            7..9 => Target::Majority,
            _ => Target::All,
        };
        let number = match kind {
            Kind::Slow => self.rng.random_range(20..400),
            Kind::Kill => self.rng.random_range(0..1_500),
            Kind::Pause | Kind::Cut | Kind::OneWay => self.rng.random_range(0..2),
        };
        Planned { kind, target, number }
    }
}

impl Iterator for Plan {
    type Item = Round;

    fn next(&mut self) -> Option<Round> {
        let first = self.kind()?;
        let mut faults = vec![self.fault(first)];
        // Sometimes two things go wrong at once.
        if self.kinds.len() > 1 && self.rng.random_bool(0.3) {
            let others: Vec<Kind> = self.kinds.iter().copied().filter(|&it| it != first).collect();
            let second = others[self.rng.random_range(0..others.len())];
            faults.push(self.fault(second));
        }
        let lasts = Duration::from_millis(self.rng.random_range(1_000..2_500));
        let calm = Duration::from_millis(self.rng.random_range(500..1_500));
        Some(Round { faults, lasts, calm })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_plans_the_same_faults() {
        let rounds = |seed| Plan::new(seed, &Kind::ALL).take(20).collect::<Vec<_>>();
        assert_eq!(rounds(7), rounds(7));
        assert_ne!(rounds(7), rounds(8));
    }

    #[test]
    fn every_kind_comes_before_one_comes_again() {
        for seed in 0..20 {
            let mut kinds: Vec<Kind> =
                Plan::new(seed, &Kind::ALL).take(5).map(|round| round.faults[0].kind).collect();
            kinds.sort_unstable();
            assert_eq!(kinds, Kind::ALL);
        }
    }

    #[test]
    fn without_kinds_there_are_no_faults() {
        assert_eq!(Plan::new(1, &[]).next(), None);
    }
}
