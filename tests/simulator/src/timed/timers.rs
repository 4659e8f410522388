//! The timers of the servers of a timed run.

use protocol::{ServerId, Timer};

use crate::agenda::DueTime;
use crate::invariants::slot;

/// All timers of all servers.
#[derive(Debug)]
pub(super) struct Timers {
    clocks: Vec<[Clock; 3]>,
}

/// One timer of one server. It is armed again at every heartbeat, nearly always for a later time. Its entry on the
/// agenda then stays where it is, and is put off when it comes up, so the agenda holds one entry for each timer and
/// not one for each heartbeat.
#[derive(Clone, Copy, Debug, Default)]
struct Clock {
    armed: Option<DueTime>,
    on_agenda: Option<DueTime>,
}

/// What an entry of the agenda means for its timer when it comes up.
pub(super) enum Expiry {
    /// The timer fires.
    Fires,
    /// It was armed for a later time since: put it on the agenda again.
    PutOff(DueTime),
    /// It was armed for an earlier time since, or its server went down.
    Stale,
}

impl Timers {
    pub(super) fn new(servers: usize) -> Self {
        Timers { clocks: vec![[Clock::default(); 3]; servers] }
    }

    /// How many servers there can be.
    pub(super) fn servers(&self) -> usize {
        self.clocks.len()
    }

    /// Arms a timer. Returns whether it must be put on the agenda.
    pub(super) fn arm(&mut self, id: ServerId, timer: Timer, when: DueTime) -> bool {
        let clock = &mut self.clocks[slot(id)][timer as usize];
        clock.armed = Some(when);
        let is_sooner = clock.on_agenda.is_none_or(|due| due > when);
        if is_sooner {
            clock.on_agenda = Some(when);
        }
        is_sooner
    }

    /// An entry of the agenda has come up.
    pub(super) fn expire(&mut self, id: ServerId, timer: Timer, when: DueTime) -> Expiry {
        let clock = &mut self.clocks[slot(id)][timer as usize];
        if clock.on_agenda != Some(when) {
            return Expiry::Stale;
        }
        clock.on_agenda = None;
        match clock.armed {
            Some(armed) if armed == when => {
                clock.armed = None;
                Expiry::Fires
            }
            Some(armed) => {
                clock.on_agenda = Some(armed);
                Expiry::PutOff(armed)
            }
            None => Expiry::Stale,
        }
    }

    /// A server is down: none of its timers will fire.
    pub(super) fn disarm_all(&mut self, id: ServerId) {
        self.clocks[slot(id)] = [Clock::default(); 3];
    }
}
