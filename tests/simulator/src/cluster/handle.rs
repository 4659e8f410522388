//! How a server handles an event, and what is checked afterwards.

use protocol::{Effect, Event, Index, Reply, Request, ServerId, Term};

use super::Cluster;
use crate::invariants::{Acknowledged, After, Before, Changes, judge, position, slot};
use crate::{Breach, Conduct, EventSummary, Property, Stop, TraceEvent, guarded};

impl Cluster {
    /// Lets a server handle an event, checks the server, and returns its effects. If its machine or process
    /// goes down inside the event, or if it gives up because its disk has failed, the server is down
    /// afterwards and there are no effects.
    ///
    /// # Errors
    /// If the server panics or gives up without a reason, or if a property does not hold afterwards.
    #[allow(
        clippy::inline_always,
        reason = "a message is large, and moving it through a call is measurable"
    )]
    #[inline(always)]
    pub fn handle(&mut self, id: ServerId, event: Event) -> Result<Vec<Effect>, Stop> {
        let touched = touched(&event);
        let covered = if self.acknowledgements { covered(&event) } else { None };
        self.events += 1;
        self.record(|| TraceEvent::Event { server: id, event: event.clone() });
        // What an interrupted event may have done can be told only from the state before it.
        let interrupted = self.interrupted(id, &event);
        let conduct = self.conduct.filter(|_| self.all.contains(&id));
        let conduct = conduct.map(|it| (it, Before::of(self.invariants.seen(id), &event)));
        let Some(server) = self.servers.get_mut(slot(id)) else { return Ok(Vec::new()) };
        let Some(node) = server.own_node(id)? else { return Ok(Vec::new()) };
        let told = EventSummary::from(&event);
        let handled = guarded(|| node.handle(event));
        // This comes before the result is looked at: a server whose machine went down inside a write may well panic,
        // or return effects. None of that has left it.
        if server.disk.is_down() {
            self.went_down(id, &interrupted);
            return Ok(Vec::new());
        }
        let effects = match handled.map_err(|panicked| Stop::Panic {
            server: id,
            told,
            panicked: Box::new(panicked),
        })? {
            Ok(effects) => effects,
            Err(error) if server.disk.has_failed() => {
                return self.gave_up(id, error.to_string(), &interrupted).map(|()| Vec::new());
            }
            Err(error) => return Err(Stop::Failed { server: id, error: error.to_string() }),
        };
        // Before anything judges it: the evidence of a breach belongs to the recording.
        if self.recorder.is_some() {
            self.record_handled(id, &effects);
        }
        // A server that has forgotten its term or vote would otherwise be reported as one whose term fell.
        if told == EventSummary::Start {
            self.came_back(id)?;
        }
        let Cluster { servers, invariants, events, .. } = self;
        let Some(node) = &servers[slot(id)].node else { return Ok(Vec::new()) };
        let changed = invariants.observe(id, node.as_ref(), *events, touched)?;
        one_answer(id, told, &effects, self.events)?;
        if let Some((conduct, before)) = conduct {
            self.judge_conduct(id, told, conduct, &before, &effects)?;
        }
        if let Some((leader, term, up_to)) =
            covered.filter(|&(_, term, _)| succeeds(&effects, term))
        {
            let acknowledged = Acknowledged { by: id, leader, term, up_to };
            self.invariants.acknowledge(acknowledged, self.events)?;
        }
        self.keep_promises(id, &interrupted, &effects, changed)?;
        if changed.any() && self.trace.is_some() {
            self.record_change(id, changed);
        }
        Ok(effects)
    }

    fn judge_conduct(
        &mut self,
        id: ServerId,
        told: EventSummary,
        conduct: Conduct,
        before: &Before,
        effects: &[Effect],
    ) -> Result<(), Breach> {
        let Cluster { servers, invariants, first_timeouts, config, events, .. } = self;
        let server = &servers[slot(id)];
        let Some(node) = server.node.as_deref() else { return Ok(()) };
        let leader = invariants.leader_of(node.current_term());
        let after = After { id, node, effects, config, leader, event: *events };
        judge(conduct, before, &after)?;
        if told == EventSummary::Start && server.incarnation == 0 {
            first_timeouts.add(servers.len(), &after)?;
        }
        Ok(())
    }

    /// Compares every log in full with what was seen of it. After an event, only a part of one log is
    /// compared; a run ends with this.
    ///
    /// # Errors
    /// The first property that does not hold.
    pub fn audit(&mut self) -> Result<(), Stop> {
        for (id, server) in self.all.iter().zip(&self.servers) {
            if let Some(node) = &server.node {
                self.invariants.audit(*id, node.as_ref(), self.events)?;
            }
        }
        Ok(())
    }

    fn record_change(&mut self, id: ServerId, changed: Changes) {
        let seen = self.invariants.seen(id);
        let (log_from, log) = match changed.log {
            Some(first) => (Some(first), seen.log[position(first)..].to_vec()),
            None => (None, Vec::new()),
        };
        let what = TraceEvent::Changed {
            server: id,
            role: seen.role,
            current_term: seen.current_term,
            voted_for: seen.voted_for,
            commit_index: seen.commit_index,
            last_applied: seen.last_applied,
            log_from,
            log,
        };
        self.record(|| what);
    }
}

/// The range of entries in which an event may change a log without changing its end.
pub(crate) fn touched(event: &Event) -> Option<(Index, Index)> {
    match event {
        Event::Request { request: Request::AppendEntries(r), .. } if !r.entries.is_empty() => {
            let last = Index(r.prev_log_index.0 + r.entries.len() as u64);
            Some((r.prev_log_index.next(), last))
        }
        // It reads its log back from disk.
        Event::Start => Some((Index(1), Index(u64::MAX))),
        _ => None,
    }
}

/// The leader and the term of a request to append entries, and the last entry that it covers.
fn covered(event: &Event) -> Option<(ServerId, Term, Index)> {
    match event {
        Event::Request { from, request: Request::AppendEntries(r), .. } => {
            Some((*from, r.term, r.last_new_index()))
        }
        _ => None,
    }
}

/// Whether a request to append entries is answered with success in this term.
fn succeeds(effects: &[Effect], term: Term) -> bool {
    effects.iter().any(|effect| match effect {
        Effect::Answer { reply: Reply::AppendEntries(r), .. } => r.success && r.term == term,
        _ => false,
    })
}

/// Checks that a request is answered once, within its event, and with a reply of its kind.
pub(crate) fn one_answer(
    id: ServerId,
    told: EventSummary,
    effects: &[Effect],
    event: u64,
) -> Result<(), Breach> {
    let mut answers = effects.iter().filter_map(|effect| match effect {
        Effect::Answer { call, to, reply } => Some((*call, *to, reply)),
        _ => None,
    });
    let what = match (told, answers.next(), answers.next()) {
        (EventSummary::Request { .. }, Some(_), Some(_)) => format!("{id} answered {told} twice"),
        (EventSummary::Request { .. }, None, _) => format!("{id} did not answer {told}"),
        (EventSummary::Request { call, from, kind, .. }, Some((answered, to, reply)), None) => {
            if (answered, to) != (call, from) {
                format!("{id} was asked by {from} ({call}) and answered {to} ({answered})")
            } else if kind.rpc != reply.name() {
                format!("{id} answered {told} as if it were {}", reply.name())
            } else {
                return Ok(());
            }
        }
        (_, Some((_, to, _)), _) => format!("{id} answered {to}, which had not asked"),
        (_, None, _) => return Ok(()),
    };
    let breach = Breach {
        property: Property::OneAnswer,
        servers: vec![id],
        terms: Vec::new(),
        index: None,
        event,
        what,
    };
    Err(breach)
}
