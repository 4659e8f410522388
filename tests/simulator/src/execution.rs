//! A run as an execution: what Figure 3 speaks of, without messages and timers.

use std::collections::BTreeMap;

use protocol::execution::{Execution, Recorder};
use protocol::{Entry, Index, Node, RoleName, ServerId, Term};

use crate::invariants::position;
use crate::{Cluster, Happened};

/// What is known of a server.
#[derive(Default)]
struct Known {
    leads: Option<Term>,
    log: Vec<Entry>,
}

/// What the servers of a run have done from their start on, as its trace tells it; and what the last
/// event made of its server, if that was a breach and the run ended with it.
///
/// Nothing, if there is no trace, or if servers have lost their state by a crash: then their execution
/// is none of a cluster as the paper has it.
pub fn execution(cluster: &Cluster) -> Option<Execution> {
    let mut recorder = Recorder::new(cluster.members().len() as u64);
    let mut known: BTreeMap<ServerId, Known> = BTreeMap::new();
    for traced in cluster.trace.as_ref()? {
        match &traced.what {
            &Happened::Changed {
                server,
                role,
                current_term,
                commit_index,
                last_applied,
                log_from,
                ref log,
                ..
            } => {
                let known = known.entry(server).or_default();
                known.log.truncate(log_from.map_or(known.log.len(), position));
                known.log.extend(log.iter().cloned());
                let log = log_from.map(|first| (first, log.clone()));
                known.moves(&mut recorder, server, (role, current_term), log);
                recorder.committed(server, commit_index);
                recorder.applied(server, last_applied);
            }
            Happened::Crashed { .. } if !cluster.durable => return None,
            Happened::Crashed { server } => {
                known.entry(*server).or_default().leads = None;
                recorder.crashed(*server);
            }
            Happened::Restarted { server } => recorder.restarted(*server),
            _ => {}
        }
    }
    for &server in cluster.members() {
        let Some(node) = cluster.node(server) else { continue };
        let known = known.entry(server).or_default();
        let log = log_of(node, &known.log);
        known.moves(
            &mut recorder,
            server,
            (node.role(), node.current_term()),
            Some((Index(1), log)),
        );
        recorder.committed(server, node.commit_index());
        recorder.applied(server, node.last_applied());
    }
    Some(recorder.finish())
}

impl Known {
    /// The server's role and term, and the entries of its log from some index on.
    fn moves(
        &mut self,
        recorder: &mut Recorder,
        server: ServerId,
        (role, term): (RoleName, Term),
        log: Option<(Index, Vec<Entry>)>,
    ) {
        let leads = (role == RoleName::Leader).then_some(term);
        recorder.in_term(server, term);
        if self.leads.is_some() && leads != self.leads {
            recorder.stepped_down(server);
        }
        if leads.is_some() && leads != self.leads {
            recorder.elected(server, term);
        }
        self.leads = leads;
        if let Some((first, entries)) = log {
            recorder.log_changed(server, first, entries);
        }
    }
}

/// The whole log of a server. What it has compacted away is known from before; if it is not, the log is
/// taken for what it was.
fn log_of(node: &dyn Node, known: &[Entry]) -> Vec<Entry> {
    let base = position(node.base().0.next());
    if known.len() < base {
        return known.to_vec();
    }
    let compacted = known.iter().take(base).cloned();
    let kept = (node.base().0.0 + 1..=node.last_index().0).map(Index);
    compacted.chain(kept.filter_map(|index| node.entry(index).cloned())).collect()
}
