//! A run as an execution: what Figure 3 is about, without messages and timers.

use std::collections::BTreeMap;

use protocol::execution::{Execution, Recorder};
use protocol::{Entry, Index, Node, RoleName, ServerId, Term};

use crate::invariants::position;
use crate::{Cluster, TraceEvent};

/// A server as the execution has shown it so far.
#[derive(Default)]
struct ServerState {
    leads: Option<Term>,
    log: Vec<Entry>,
}

/// What the servers of a run have done since they started, according to its trace. If the run ended with a
/// breach, the state that the last event left is part of it, although the trace does not contain it.
///
/// `None` if there is no trace, or if servers have lost their state in a crash: the paper's servers do not.
pub fn execution(cluster: &Cluster) -> Option<Execution> {
    let mut recorder = Recorder::new(cluster.members().len() as u64);
    let mut known: BTreeMap<ServerId, ServerState> = BTreeMap::new();
    for traced in cluster.trace.as_ref()? {
        match &traced.what {
            &TraceEvent::Changed {
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
                known.record(&mut recorder, server, (role, current_term), log);
                recorder.committed(server, commit_index);
                recorder.applied(server, last_applied);
            }
            TraceEvent::Crashed { .. } if !cluster.durable => return None,
            TraceEvent::Crashed { server } => {
                known.entry(*server).or_default().leads = None;
                recorder.crashed(*server);
            }
            TraceEvent::Restarted { server } => recorder.restarted(*server),
            _ => {}
        }
    }
    // A breach ends the run before the trace shows what the event has changed, so the servers are read too.
    for &server in cluster.members() {
        let Some(node) = cluster.node(server) else { continue };
        let known = known.entry(server).or_default();
        let log = log_of(node, &known.log);
        known.record(
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

impl ServerState {
    /// Records a server's role and term, and the entries of its log from some index on.
    fn record(
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

/// The whole log of a server. What it has compacted is known from before. If it is not, nothing is known of a
/// log that goes on after it, and the log is left as it was.
fn log_of(node: &dyn Node, known: &[Entry]) -> Vec<Entry> {
    let base = position(node.base().0.next());
    if known.len() < base {
        return known.to_vec();
    }
    let compacted = known.iter().take(base).cloned();
    let kept = (node.base().0.0 + 1..=node.last_index().0).map(Index);
    compacted.chain(kept.filter_map(|index| node.entry(index).cloned())).collect()
}
