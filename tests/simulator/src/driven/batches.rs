//! What belongs to which event, when a server has handled several together.

use protocol::{CallId, Effect, Event, Index, ServerId};

use crate::cluster;

/// The range of entries in which events may change a log without changing its end.
pub(super) fn touched(events: &[Event]) -> Option<(Index, Index)> {
    let ranges = events.iter().filter_map(cluster::touched);
    ranges.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
}

/// The effects of each event. An answer belongs to the first request of its caller with its number that has no
/// answer yet; an answer to nothing, and everything else, to the last event.
pub(super) fn by_event(events: &[Event], effects: &[Effect]) -> Vec<Vec<Effect>> {
    let mut each: Vec<Vec<Effect>> = events.iter().map(|_| Vec::new()).collect();
    for effect in effects {
        let asked = match effect {
            Effect::Answer { call, to, .. } => events.iter().enumerate().position(|(at, event)| {
                caller(event) == Some((*to, *call)) && !each[at].iter().any(is_answer)
            }),
            _ => None,
        };
        let at = asked.unwrap_or(events.len().saturating_sub(1));
        if let Some(effects) = each.get_mut(at) {
            effects.push(effect.clone());
        }
    }
    each
}

fn caller(event: &Event) -> Option<(ServerId, CallId)> {
    match event {
        Event::Request { call, from, .. } => Some((*from, *call)),
        _ => None,
    }
}

fn is_answer(effect: &Effect) -> bool {
    matches!(effect, Effect::Answer { .. })
}

#[cfg(test)]
mod tests {
    use protocol::{Reply, Request, Term, TimeoutNow, TimeoutNowReply};

    use super::*;

    fn request(from: u64, call: u64) -> Event {
        let request = Request::TimeoutNow(TimeoutNow { term: Term(1), leader_id: ServerId(from) });
        Event::Request { call: CallId(call), from: ServerId(from), request }
    }

    fn answer(to: u64, call: u64) -> Effect {
        let reply = Reply::TimeoutNow(TimeoutNowReply { term: Term(1) });
        Effect::Answer { call: CallId(call), to: ServerId(to), reply }
    }

    #[test]
    fn answers_go_to_their_requests_in_order() {
        let events = [request(2, 7), request(3, 7), request(2, 7), Event::Start];
        let effects = [answer(2, 7), answer(2, 7), answer(3, 7)];
        let each = by_event(&events, &effects);
        assert_eq!(each, [vec![answer(2, 7)], vec![answer(3, 7)], vec![answer(2, 7)], vec![]]);
    }

    #[test]
    fn an_answer_to_nothing_is_not_lost() {
        let each = by_event(&[request(2, 7), Event::Start], &[answer(2, 7), answer(2, 7)]);
        assert_eq!(each, [vec![answer(2, 7)], vec![answer(2, 7)]]);
    }
}
