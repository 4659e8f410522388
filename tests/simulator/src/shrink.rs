//! Shortens a long failing run: servers and actions are left out as long as the run still ends in the same way.
//! Leaving out actions is Zeller's delta debugging.

use std::cell::Cell;

use protocol::ServerId;

use crate::actions::actions;
use crate::{Action, MessageRef, ScriptError, Scripted, Stop, TraceRecord};

/// Makes the world in which actions are tried: this many servers like those of the run, just started.
pub type WorldFactory<'a> = &'a dyn Fn(u64) -> Result<Scripted, ScriptError>;

/// A run that was made short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShortRun {
    /// The number of servers that it needs.
    pub servers: u64,
    /// Everything that happens in it.
    pub actions: Vec<Action>,
    /// Whether the search could leave out nothing more. Otherwise it has reached its limit.
    pub is_shortest: bool,
}

/// Pairs of actions are left out together only among at most this many: each pair is a try, so 40 actions
/// are 780 tries.
const PAIRS: usize = 40;

/// Before its actions are shrunk, a run is tried with at most this many of its servers: each set of servers
/// is a try, and a try of a long run is slow.
const FEW_SERVERS: u64 = 3;

/// All tries together take at most this many actions: about as many as fit into two seconds. Storms of a few thousand
/// events need a tenth of that, unless hardly any action can be left out: then each try takes nearly all of them.
const WORK: u64 = 4_000_000;

/// The actions of a run of `servers` servers that ended with `stop`, as few as possible such that the run
/// still ends in the same way. `None` if a script that takes all of them does not end in that way.
///
/// The search ends at a bound on the work, not on the time, so that every machine finds the same. It returns what it
/// has found by then.
///
/// Fewer servers first: that shortens the run at once, and makes all tries after it fast.
pub fn shrink(
    trace: &[TraceRecord],
    stop: &Stop,
    servers: u64,
    fresh: WorldFactory<'_>,
) -> Option<ShortRun> {
    let actions = actions(trace, fresh(servers).ok()?);
    let left = Cell::new(WORK);
    let mut tries = Tries { stop, servers, left: &left, fresh };
    let mut actions = tries.fails(&actions)?;
    if let Some((fewer, rest)) = fewer_servers(&actions, &tries, FEW_SERVERS) {
        (tries.servers, actions) = (fewer, rest);
    }
    actions = shorter(actions, &mut tries);
    while let Some((fewer, rest)) = fewer_servers(&actions, &tries, servers) {
        tries.servers = fewer;
        actions = shorter(rest, &mut tries);
    }
    let actions = plainer(actions, &mut tries);
    Some(ShortRun { servers: tries.servers, actions, is_shortest: left.get() > 0 })
}

/// Leaves out actions until neither one nor two can be left out.
fn shorter(mut actions: Vec<Action>, tries: &mut Tries<'_>) -> Vec<Action> {
    loop {
        let before = actions.len();
        actions = delta_debug(actions, tries);
        if actions.len() <= PAIRS {
            actions = without_two(actions, tries);
        }
        if actions.len() == before {
            return actions;
        }
    }
}

/// The same run with as few servers as possible, and at most `most`, if fewer are enough. They often are,
/// since fewer servers need fewer votes. Returns their number and the actions that are left.
fn fewer_servers(actions: &[Action], tries: &Tries<'_>, most: u64) -> Option<(u64, Vec<Action>)> {
    let size = |set: &u64| u64::from(set.count_ones());
    // A set is a bit mask. Neither the empty set nor that of all servers is tried.
    let mut sets: Vec<u64> = (1..(1 << tries.servers) - 1).collect();
    sets.retain(|set| size(set) <= most);
    sets.sort_by_key(size);
    sets.into_iter().find_map(|set| {
        let stays = |id: ServerId| set >> (id.0 - 1) & 1 == 1;
        // Scripts number servers from S1 on, so those that stay are renumbered.
        let other = |id: ServerId| {
            stays(id).then(|| ServerId((1..=id.0).filter(|&id| stays(ServerId(id))).count() as u64))
        };
        let rest: Vec<Action> = actions.iter().filter_map(|action| action.with(other)).collect();
        let servers = size(&set);
        Some((servers, Tries { servers, ..*tries }.fails(&rest)?))
    })
}

/// Names messages without a number and delivers them once, where that ends the run in the same way, so that the
/// script is easier to read.
fn plainer(mut actions: Vec<Action>, tries: &mut Tries<'_>) -> Vec<Action> {
    for place in 0..actions.len() {
        let (Action::Deliver(named) | Action::DeliverCopy(named)) = actions[place].clone() else {
            continue;
        };
        let unnumbered = MessageRef { newest: None, ..named.clone() };
        let plain = [Action::Deliver(unnumbered), Action::Deliver(named)];
        for action in plain {
            let mut plainer = actions.clone();
            plainer[place] = action;
            if tries.fails(&plainer).is_some_and(|failing| failing.len() == plainer.len()) {
                actions = plainer;
                break;
            }
        }
    }
    actions
}

struct Tries<'a> {
    stop: &'a Stop,
    servers: u64,
    /// How many actions may still be taken.
    left: &'a Cell<u64>,
    fresh: WorldFactory<'a>,
}

impl Tries<'_> {
    /// If these actions end the run in the same way, those of them up to its end. Also `None` if that would be too
    /// much work.
    fn fails(&mut self, actions: &[Action]) -> Option<Vec<Action>> {
        if self.left.get() == 0 {
            return None;
        }
        let mut world = (self.fresh)(self.servers).ok()?;
        world.cluster.trace = None;
        for (place, action) in actions.iter().enumerate() {
            self.left.set(self.left.get().saturating_sub(1));
            if let Some(stop) = action.take(&mut world) {
                return same_way(self.stop, &stop).then(|| actions[..=place].to_vec());
            }
        }
        None
    }
}

/// Whether two runs ended for the same reason. The servers and terms involved may differ; the property, the
/// line of a panic and the text of an error may not, or shrinking would slide into another mistake.
fn same_way(one: &Stop, other: &Stop) -> bool {
    match (one, other) {
        (Stop::Breach(one), Stop::Breach(other)) => one.property == other.property,
        (Stop::Panic { panicked: one, .. }, Stop::Panic { panicked: other, .. }) => {
            (&one.file, one.line) == (&other.file, other.line)
        }
        (Stop::Failed { error: one, .. }, Stop::Failed { error: other, .. }) => one == other,
        _ => false,
    }
}

/// Leaves out smaller and smaller parts, as long as the rest still fails.
fn delta_debug(mut actions: Vec<Action>, tries: &mut Tries<'_>) -> Vec<Action> {
    // Halves first: if most actions do not matter, few tries remove them.
    let mut size = actions.len().div_ceil(2);
    while size > 0 {
        let mut start = 0;
        while start < actions.len() {
            let end = (start + size).min(actions.len());
            let rest = [&actions[..start], &actions[end..]].concat();
            match tries.fails(&rest) {
                // The next part has moved to `start`.
                Some(shorter) => actions = shorter,
                None => start = end,
            }
        }
        size = if size == 1 { 0 } else { size.div_ceil(2) };
    }
    actions
}

/// Leaves out any two actions, or leaves out one and lets another mean a newer message, as long as the rest still
/// fails. The latter is needed since an action that is left out may have sent a message: then one of several alike is
/// missing, and a count from the newest is off by one.
fn without_two(mut actions: Vec<Action>, tries: &mut Tries<'_>) -> Vec<Action> {
    let mut first = 0;
    while first < actions.len() {
        let without_one: Vec<Action> = [&actions[..first], &actions[first + 1..]].concat();
        let shorter = (first..without_one.len()).find_map(|second| {
            let mut rest = without_one.clone();
            rest.remove(second);
            tries.fails(&rest).or_else(|| {
                let mut newer = without_one.clone();
                let newest = newer[second].message()?.newest.as_mut()?;
                *newest = newest.checked_sub(1).filter(|&newest| newest > 0)?;
                tries.fails(&newer)
            })
        });
        match shorter {
            Some(shorter) => (actions, first) = (shorter, 0),
            None => first += 1,
        }
    }
    actions
}
