//! Makes a long run that ended badly short: servers and actions are left out as long as the run still ends
//! in the same way. The leaving out of actions is Zeller's delta debugging.

use protocol::ServerId;

use crate::actions::actions;
use crate::{Action, Named, ScriptError, Scripted, Stop, Traced};

/// Makes the world in which actions are tried: so many servers like those of the run, just started.
pub type Fresh<'a> = &'a dyn Fn(u64) -> Result<Scripted, ScriptError>;

/// A run made short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shrunk {
    /// How many servers it needs.
    pub servers: u64,
    /// What happens in it.
    pub actions: Vec<Action>,
}

/// Pairs of actions are left out together only where there are at most so many: each pair is a try.
const PAIRS: usize = 40;

/// A long run is tried with so many of its servers at most: each set of servers is a try.
const FEW: u64 = 3;

/// The actions of a run of `servers` servers that ended with `stop`, made as few as may be, such that the
/// run still ends in the same way. Nothing if it does not end so when its actions are tried by a script.
pub fn shrink(trace: &[Traced], stop: &Stop, servers: u64, fresh: Fresh<'_>) -> Option<Shrunk> {
    let actions = actions(trace, fresh(servers).ok()?);
    let mut tries = Tries { stop, servers, fresh };
    let mut actions = tries.fails(&actions)?;
    if let Some((fewer, rest)) = fewer_servers(&actions, &tries, FEW) {
        (tries.servers, actions) = (fewer, rest);
    }
    actions = shorter(actions, &mut tries);
    while let Some((fewer, rest)) = fewer_servers(&actions, &tries, servers) {
        tries.servers = fewer;
        actions = shorter(rest, &mut tries);
    }
    let actions = plainer(actions, &mut tries);
    Some(Shrunk { servers: tries.servers, actions })
}

/// Leaves out actions, until none can be left out any more, nor any two.
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

/// The same with as few servers as possible, at most `most`, and how many those are, if fewer will do.
/// Fewer servers need fewer votes, so mostly they will.
fn fewer_servers(actions: &[Action], tries: &Tries<'_>, most: u64) -> Option<(u64, Vec<Action>)> {
    let size = |set: &u64| u64::from(set.count_ones());
    let mut sets: Vec<u64> = (1..(1 << tries.servers) - 1).collect();
    sets.retain(|set| size(set) <= most);
    sets.sort_by_key(size);
    sets.into_iter().find_map(|set| {
        let stays = |id: ServerId| set >> (id.0 - 1) & 1 == 1;
        let other = |id: ServerId| {
            stays(id).then(|| ServerId((1..=id.0).filter(|&id| stays(ServerId(id))).count() as u64))
        };
        let rest: Vec<Action> = actions.iter().filter_map(|action| action.with(other)).collect();
        let servers = size(&set);
        Some((servers, Tries { servers, ..*tries }.fails(&rest)?))
    })
}

/// Names messages without a number, and delivers them once, where that does as well.
fn plainer(mut actions: Vec<Action>, tries: &mut Tries<'_>) -> Vec<Action> {
    for place in 0..actions.len() {
        let (Action::Deliver(named) | Action::DeliverCopy(named)) = actions[place].clone() else {
            continue;
        };
        let unnumbered = Named { newest: None, ..named.clone() };
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
    fresh: Fresh<'a>,
}

impl Tries<'_> {
    /// If these actions end the run in the same way: those of them up to its end.
    fn fails(&mut self, actions: &[Action]) -> Option<Vec<Action>> {
        let mut world = (self.fresh)(self.servers).ok()?;
        world.cluster.trace = None;
        for (place, action) in actions.iter().enumerate() {
            if let Some(stop) = action.take(&mut world) {
                return same_way(self.stop, &stop).then(|| actions[..=place].to_vec());
            }
        }
        None
    }
}

/// Whether two runs ended for the same reason.
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

/// Leaves out ever smaller parts, as long as the rest still fails.
fn delta_debug(mut actions: Vec<Action>, tries: &mut Tries<'_>) -> Vec<Action> {
    let mut size = actions.len().div_ceil(2);
    while size > 0 {
        let mut start = 0;
        while start < actions.len() {
            let end = (start + size).min(actions.len());
            let rest = [&actions[..start], &actions[end..]].concat();
            match tries.fails(&rest) {
                Some(shorter) => actions = shorter,
                None => start = end,
            }
        }
        size = if size == 1 { 0 } else { size.div_ceil(2) };
    }
    actions
}

/// Leaves out any two actions, or one, and lets another one mean a newer message than before, as long as
/// what is left still fails: of several messages alike, there may be one less now.
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
