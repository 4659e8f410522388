//! An execution once more, before the eyes of the simulator: servers that go through its moments,
//! whatever they receive.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::Arc;

use protocol::execution::{Execution, Moment, What};
use protocol::{
    Config, Effect, Entry, Event, Index, KeyValue, Members, Node, RoleName, ServerId, StateMachine,
    Term, Timer,
};
use simulator::{Breach, Cluster, NodeFactory, Stop};

/// The first breach that the simulator sees in an execution.
pub(crate) fn replay(execution: &Execution) -> Option<Breach> {
    let mut lives: BTreeMap<ServerId, VecDeque<Moment>> = BTreeMap::new();
    for moment in &execution.moments {
        lives.entry(moment.server).or_default().push_back(moment.clone());
    }
    let boot: NodeFactory = Arc::new(move |setup, _| {
        Box::new(Puppet {
            now: None,
            commit_index: Index(0),
            last_applied: Index(0),
            next: lives.get(&setup.id).cloned().unwrap_or_default(),
            members: setup.members,
            machine: KeyValue::new(),
        })
    });
    let config = Config::default();
    let mut cluster = Cluster::new(execution.servers, config, 1, boot, &BTreeMap::new()).ok()?;
    execution.moments.iter().find_map(|moment| {
        match cluster.handle(moment.server, Event::Timeout(Timer::Election)) {
            Err(Stop::Breach(breach)) => Some(*breach),
            _ => None,
        }
    })
}

/// A server that goes through the moments of a server.
#[derive(Debug)]
struct Puppet {
    now: Option<Moment>,
    commit_index: Index,
    last_applied: Index,
    next: VecDeque<Moment>,
    members: Members,
    machine: KeyValue,
}

impl Puppet {
    fn log(&self) -> &[Entry] {
        self.now.as_ref().map_or(&[], |now| &now.log)
    }
}

impl Node for Puppet {
    fn handle(&mut self, _event: Event) -> io::Result<Vec<Effect>> {
        self.now = self.next.pop_front();
        match self.now.as_ref().map(|now| &now.what) {
            Some(What::Committed { index, .. }) => self.commit_index = *index,
            Some(What::Applied { index, .. }) => self.last_applied = *index,
            _ => {}
        }
        Ok(Vec::new())
    }
    fn role(&self) -> RoleName {
        let leads = self.now.as_ref().is_some_and(|now| now.leads);
        if leads { RoleName::Leader } else { RoleName::Follower }
    }
    fn current_term(&self) -> Term {
        self.now.as_ref().map_or(Term(0), |now| now.term)
    }
    fn voted_for(&self) -> Option<ServerId> {
        None
    }
    fn base(&self) -> (Index, Term) {
        (Index(0), Term(0))
    }
    fn last_index(&self) -> Index {
        Index(self.log().len() as u64)
    }
    fn entry(&self, index: Index) -> Option<&Entry> {
        self.log().get(usize::try_from(index.0).ok()?.checked_sub(1)?)
    }
    fn commit_index(&self) -> Index {
        self.commit_index
    }
    fn last_applied(&self) -> Index {
        self.last_applied
    }
    fn members(&self) -> &Members {
        &self.members
    }
    fn machine(&self) -> &dyn StateMachine {
        &self.machine
    }
}
