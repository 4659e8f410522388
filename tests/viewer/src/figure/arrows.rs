//! Messages, from the row in which they are sent to the row in which they end.

use std::collections::BTreeMap;

use simulator::Recording;

use super::numbers::place;

/// A copy of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Arrow {
    pub(super) from: u64,
    pub(super) to: u64,
    /// The row in which it is sent.
    pub(super) sent: usize,
    /// The row in which it is held back for the first time.
    pub(super) held: Option<usize>,
    /// The row in which it ends; `None` if it is in flight at the end.
    pub(super) ends: Option<usize>,
    pub(super) fate: Fate,
    pub(super) is_reply: bool,
    pub(super) term: u64,
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Arrives,
    LostAtSending,
    LostOnItsWay,
    LostOnArrival,
    NotSent,
    InFlight,
}

impl Fate {
    fn of(name: &str) -> Self {
        match name {
            "lost at sending" => Fate::LostAtSending,
            "lost on its way" => Fate::LostOnItsWay,
            "lost on arrival" => Fate::LostOnArrival,
            "not sent" => Fate::NotSent,
            _ => Fate::Arrives,
        }
    }

    pub(super) fn is_lost(self) -> bool {
        !matches!(self, Fate::Arrives | Fate::InFlight)
    }
}

/// The arrows of a run in which the steps have these rows.
pub(super) fn of(run: &Recording, row_of: &[usize]) -> Vec<Arrow> {
    let c = &run.columns;
    let mut fates: BTreeMap<(u64, u64), usize> = BTreeMap::new();
    for (line, (&message, &copy)) in c.fate_message.iter().zip(&c.fate_copy).enumerate() {
        fates.insert((message, copy), line);
    }
    let mut held: BTreeMap<(u64, u64), u64> = BTreeMap::new();
    for (line, (&message, &copy)) in c.hold_message.iter().zip(&c.hold_copy).enumerate() {
        if c.hold[line] == 1 {
            held.entry((message, copy)).or_insert(c.hold_step[line]);
        }
    }
    let row = |step: u64| row_of.get(place(step)).copied().unwrap_or(0);
    let firsts = (0..c.message_from.len() as u64).map(|message| (message, 0));
    let copies = c.copy_message.iter().copied().zip(c.copy.iter().copied());
    let arrow = |key: (u64, u64)| {
        let message = place(key.0);
        let line = fates.get(&key);
        Arrow {
            from: c.message_from[message],
            to: c.message_to[message],
            sent: row(c.message_sent[message]),
            held: held.get(&key).map(|&step| row(step)),
            ends: line.map(|&line| row(c.fate_step[line])),
            fate: line.map_or(Fate::InFlight, |&line| Fate::of(&run.fates[place(c.fate[line])])),
            is_reply: c.message_reply[message] == 1,
            term: c.message_term[message],
        }
    };
    firsts.chain(copies).map(arrow).collect()
}
