//! What a script does with the messages in the network: delivers, loses, duplicates and holds them, and
//! lets the cluster settle.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use protocol::{ServerId, Timer};

use super::{MessageAct, QueuedMessage, Scripted};
use crate::recording::LossPlace;
use crate::world::World as _;
use crate::{LossReason, Message, MessageId, ScriptError, Selector, Stop, TraceEvent};

/// More deliveries than this while settling mean messages that answer one another forever. A right cluster
/// of nine servers needs a few hundred.
const ENDLESS_DELIVERIES: u64 = 20_000;

/// More rounds of heartbeats than this without coming to rest mean a cluster that never will. Each round
/// moves a follower by at least one entry, and scripts have logs of a few dozen.
const MOST_ROUNDS: u32 = 1_000;

impl Scripted {
    /// The messages in the network, in the order of sending, and whether each is held back.
    pub fn in_flight(&self) -> impl Iterator<Item = (&Message, bool)> {
        self.in_flight.iter().map(|queued| (queued.message(), queued.held))
    }

    /// Delivers the messages that match, in the order of sending, and returns how many there were. What
    /// they cause to be sent stays in the network.
    ///
    /// # Errors
    /// If the run is over.
    pub fn deliver(&mut self, selector: &Selector) -> Result<usize, ScriptError> {
        let finds = |queued: &QueuedMessage| MessageAct::Deliver.finds(queued.held);
        let candidates = self.in_flight.iter().filter(|queued| finds(queued));
        let mut chooser = selector.chooser(candidates.map(QueuedMessage::message));
        // All are taken out before the first arrives, so that answers cannot match.
        let chosen: Vec<Message> = self
            .in_flight
            .extract_if(.., |queued| finds(queued) && chooser.chooses(queued.message()))
            .map(QueuedMessage::into_message)
            .collect();
        let count = chosen.len();
        for message in chosen {
            self.arrive(message)?;
        }
        Ok(count)
    }

    /// Loses the messages that match, even if they are held. Returns how many there were.
    pub fn lose(&mut self, selector: &Selector) -> usize {
        let candidates = self.in_flight.iter().map(QueuedMessage::message);
        let mut chooser = selector.chooser(candidates);
        let lost: Vec<(MessageId, u32)> = self
            .in_flight
            .extract_if(.., |queued| chooser.chooses(queued.message()))
            .map(|queued| (queued.message().id, queued.message().copy))
            .collect();
        for &(id, copy) in &lost {
            self.cluster.record_lost(id, LossReason::Dropped, copy, LossPlace::OnItsWay);
        }
        lost.len()
    }

    /// Duplicates the messages that match: each copy follows its original. Returns how many there were.
    pub fn duplicate(&mut self, selector: &Selector) -> usize {
        let candidates = self.in_flight.iter().map(QueuedMessage::message);
        let mut chooser = selector.chooser(candidates);
        let mut copies: Vec<QueuedMessage> = self
            .in_flight
            .iter()
            .filter(|queued| chooser.chooses(queued.message()))
            .cloned()
            .collect();
        for copy in &mut copies {
            let id = copy.message().id;
            let number = self.copies.entry(id).or_default();
            *number += 1;
            copy.set_copy(*number);
            self.cluster.record_duplicated(id, *number, LossPlace::OnItsWay);
        }
        let count = copies.len();
        self.in_flight.extend(copies);
        // The sort is stable, and a copy has its original's number: it ends up right behind it.
        self.in_flight.sort_by_key(|queued| queued.message().id);
        count
    }

    /// Holds back the messages that match, or releases them. A held message stays in the network: neither
    /// `deliver` nor `settle` moves it. Returns how many there were.
    pub fn hold(&mut self, selector: &Selector, held: bool) -> usize {
        let mut count = 0;
        let act = if held { MessageAct::Hold } else { MessageAct::Release };
        let candidates = self.in_flight.iter().filter(|queued| act.finds(queued.held));
        let mut chooser = selector.chooser(candidates.map(QueuedMessage::message));
        for queued in &mut self.in_flight {
            if act.finds(queued.held) && chooser.chooses(queued.message()) {
                queued.held = held;
                count += 1;
                let id = queued.message().id;
                let what = if held { TraceEvent::Held { id } } else { TraceEvent::Released { id } };
                self.cluster.record_copy(queued.message().copy, || what);
            }
        }
        count
    }

    /// Delivers everything that is not held, lets leaders send heartbeats, and repeats this until a round of
    /// heartbeats is like the one before: nothing visible has changed, and the leaders have sent the same. The second
    /// condition is needed because a leader that is still looking for the place where logs agree changes nothing
    /// visible, but sends something else in each round.
    ///
    /// # Errors
    /// If the run is over, or the cluster does not come to rest.
    pub fn settle(&mut self) -> Result<(), ScriptError> {
        self.deliver_all()?;
        let mut last = None;
        for _ in 0..MOST_ROUNDS {
            let before = self.visible();
            for (_, leader) in self.cluster.leaders() {
                if self.is_armed(leader, Timer::Heartbeat) {
                    self.fire(leader, Timer::Heartbeat)?;
                }
            }
            // A set: neither the order of the messages nor how often one is sent matters.
            let sent = self.in_flight.iter().filter(|queued| !queued.held);
            let calls: BTreeSet<String> = sent.map(|queued| queued.message().to_string()).collect();
            self.deliver_all()?;
            if self.visible() == before && (calls.is_empty() || last.as_ref() == Some(&calls)) {
                return Ok(());
            }
            last = Some(calls);
        }
        let rounds = u64::from(MOST_ROUNDS);
        let mostly = vec![("round of heartbeats that changed something".to_owned(), rounds)];
        Err(Stop::Endless { at: Duration::ZERO, events: self.cluster.events(), mostly }.into())
    }

    pub(crate) fn deliver_all(&mut self) -> Result<(), ScriptError> {
        let mut delivered = 0;
        while self.in_flight.iter().any(|queued| !queued.held) {
            delivered += self.deliver(&Selector::default())? as u64;
            if delivered > ENDLESS_DELIVERIES {
                let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
                for queued in &self.in_flight {
                    *kinds.entry(queued.message().kind().to_string()).or_default() += 1;
                }
                let mostly = kinds.into_iter().collect();
                return Err(Stop::Endless { at: Duration::ZERO, events: delivered, mostly }.into());
            }
        }
        Ok(())
    }

    /// The visible state of all servers. While it changes, something that matters is still happening.
    fn visible(&self) -> Vec<Option<impl PartialEq + use<>>> {
        let view = |&id: &ServerId| {
            self.cluster.node(id).map(|node| {
                (
                    node.role(),
                    node.current_term(),
                    node.voted_for(),
                    self.cluster.log(id).to_vec(),
                    node.commit_index(),
                    node.last_applied(),
                    node.members().clone(),
                )
            })
        };
        self.cluster.servers().iter().map(view).collect()
    }
}
