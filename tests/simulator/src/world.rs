//! What scripted and timed runs share: how an event reaches a server, and how the effects that the server asks for
//! are carried out.

use std::time::Duration;

use protocol::{CallId, Effect, Event, RequestId, ServerId, Timer};

use crate::message::{OpenCall, printable};
use crate::recording::LossPlace;
use crate::{Body, ClientAnswer, Cluster, Links, LossReason, Message, MessageId, Stop, TraceEvent};

/// More effects of one event than this are a mistake. A leader of nine servers has a few dozen.
const TOO_MANY_EFFECTS: usize = 20_000;

/// A world that brings events to servers, and carries out their effects.
///
/// Both worlds record the same things in the same order, since goldens hash the trace.
pub(crate) trait World {
    fn cluster(&mut self) -> &mut Cluster;

    fn links(&self) -> &Links;

    /// How many messages were sent so far.
    fn sent(&mut self) -> &mut u64;

    /// Takes a message that was just sent into the network.
    fn enqueue(&mut self, message: Message);

    fn arm(&mut self, id: ServerId, timer: Timer, after: Duration);

    /// A server is down: none of its timers will fire.
    fn disarm_all(&mut self, id: ServerId);

    /// A client has heard the result of its request.
    fn client_answered(
        &mut self,
        server: ServerId,
        id: RequestId,
        answer: ClientAnswer,
    ) -> Result<(), Stop>;

    /// Brings a message to its receiver, if nothing keeps it from arriving.
    #[allow(
        clippy::inline_always,
        reason = "a message is large, and moving it through a call is measurable"
    )]
    #[inline(always)]
    fn arrive(&mut self, message: Message) -> Result<(), Stop> {
        let (id, to, copy) = (message.id, message.to, message.copy);
        if let Some(why) = self.lost_on_arrival(&message) {
            self.cluster().record_lost(id, why, copy, LossPlace::Arrival);
            return Ok(());
        }
        self.cluster().record_copy(copy, || TraceEvent::Delivered { id });
        let (event, open) = message.into_event();
        self.tell(to, event, open)
    }

    /// Why a message does not arrive now, if it does not. Links and servers are checked on arrival and not
    /// when it was sent: a message in flight is lost when its receiver crashes.
    fn lost_on_arrival(&mut self, message: &Message) -> Option<LossReason> {
        let Message { from, to, incarnation, .. } = *message;
        if self.links().is_cut(from, to) {
            return Some(LossReason::Partition);
        }
        let cluster = self.cluster();
        if !cluster.is_up(to) {
            Some(LossReason::ServerDown)
        } else if !message.is_request() && cluster.incarnation(to) != incarnation {
            Some(LossReason::CallerRestarted)
        } else {
            None
        }
    }

    /// Brings an event to a server, and carries out what the server asks for. `open` is the call that
    /// the event makes, if it is a request.
    fn tell(&mut self, id: ServerId, event: Event, open: Option<OpenCall>) -> Result<(), Stop> {
        let effects = self.cluster().handle(id, event)?;
        self.check_after_event(id, effects.len())?;
        self.carry_out(id, effects, open)
    }

    /// Brings an event to a server, and returns what the server asks for.
    fn handle(&mut self, id: ServerId, event: Event) -> Result<Vec<Effect>, Stop> {
        let effects = self.cluster().handle(id, event)?;
        self.check_after_event(id, effects.len())?;
        Ok(effects)
    }

    /// What must be done before any effect of an event is carried out.
    fn check_after_event(&mut self, id: ServerId, effects: usize) -> Result<(), Stop> {
        // It may have gone down inside the event, when it wrote to its disk.
        if !self.cluster().is_up(id) {
            self.disarm_all(id);
        }
        if effects > TOO_MANY_EFFECTS {
            let mostly = vec![(format!("effects of one event at {id}"), effects as u64)];
            return Err(Stop::Endless { at: self.cluster().now, events: 1, mostly });
        }
        Ok(())
    }

    /// Carries out effects. Without an open call, an answer goes nowhere.
    fn carry_out(
        &mut self,
        id: ServerId,
        effects: Vec<Effect>,
        open: Option<OpenCall>,
    ) -> Result<(), Stop> {
        let mut open = open;
        for effect in effects {
            match effect {
                Effect::SetTimer { timer, after } => {
                    self.cluster().record(|| TraceEvent::TimerSet { server: id, timer, after });
                    self.arm(id, timer, after);
                }
                Effect::Call { call, to, request } => {
                    let incarnation = self.cluster().incarnation(id);
                    self.send(id, to, call, incarnation, Body::Request(request));
                }
                // The invariants have made sure that there is at most one answer, to the open call.
                Effect::Answer { call, to, reply } => {
                    if let Some(OpenCall { request, incarnation }) = open.take() {
                        self.send(id, to, call, incarnation, Body::Reply { request, reply });
                    }
                }
                Effect::Client { id: request, result } => {
                    self.cluster().record(|| TraceEvent::Answered {
                        id: request,
                        server: id,
                        result: printable(&result),
                    });
                    self.client_answered(id, request, result)?;
                }
            }
        }
        Ok(())
    }

    #[allow(
        clippy::inline_always,
        reason = "a message is large, and moving it through a call is measurable"
    )]
    #[inline(always)]
    fn send(&mut self, from: ServerId, to: ServerId, call: CallId, incarnation: u32, body: Body) {
        let sent = self.sent();
        *sent += 1;
        let id = MessageId(*sent);
        let message = Message { id, from, to, call, incarnation, copy: 0, body };
        self.cluster().record(|| TraceEvent::Sent { message: message.clone() });
        self.enqueue(message);
    }
}
