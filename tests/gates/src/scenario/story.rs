//! What happened in a part of a trace, for a learner who looks for the event that went wrong.
//!
//! Most events are heartbeats that change nothing. They take one line together, so that what matters is not cut off.

use protocol::{Event, Reply, Request, Timer};
use simulator::{Body, Message, TraceEvent, TraceRecord};

use super::fold::{Told, fold};

/// This many lines about heartbeats in a row become one line.
const RUN: usize = 3;

/// One line for each event. The start of the servers is left out. The last event may be the one that went wrong, so it
/// is never counted among the heartbeats that change nothing.
pub(crate) fn story(trace: &[TraceRecord]) -> Vec<Told> {
    let mut story: Vec<Told> = (0..trace.len()).filter_map(|at| line(trace, at)).collect();
    if let Some(last) = story.last_mut() {
        (last.idle, last.lost) = (0, 0);
    }
    story
}

/// About the last `lines` lines of a story without repetitions, and the number of events before
/// them. Events that have changed something are the last to be left out: one of them is the cause of what is wrong now.
pub(crate) fn end_of(story: &[Told], lines: usize) -> (Vec<String>, usize) {
    let told = without_heartbeats(&fold(story));
    let removable = told.iter().rev().skip(1).filter(|told| !told.changes).count();
    let mut shorter = (0..=removable).map(|count| without_oldest(&told, count));
    let fits = |told: &Vec<Told>| told.len() <= lines;
    let told = shorter.clone().find(fits).or_else(|| shorter.next_back()).unwrap_or_default();
    let first = told.len().saturating_sub(lines);
    let left_out = told[..first].iter().map(|told| told.events).sum();
    (told[first..].iter().map(|told| told.line.clone()).collect(), left_out)
}

/// The story without this many lines, the oldest of those that report no change. One line replaces those that were
/// next to each other.
fn without_oldest(story: &[Told], count: usize) -> Vec<Told> {
    let mut left = count;
    let mut shorter: Vec<Told> = Vec::new();
    let mut was_removed = false;
    for told in story {
        let is_removed = !told.changes && left > 0;
        left -= usize::from(is_removed);
        match shorter.last_mut().filter(|_| is_removed && was_removed) {
            Some(last) => {
                last.events += told.events;
                last.line = format!("… {} events that change nothing", last.events);
            }
            None => shorter.push(told.clone()),
        }
        was_removed = is_removed;
    }
    shorter
}

/// The story with one line for each run of heartbeats that change nothing.
fn without_heartbeats(story: &[Told]) -> Vec<Told> {
    let is_idle = |told: &Told| told.idle == told.events;
    let mut shorter = Vec::new();
    for run in story.chunk_by(|one, next| is_idle(one) && is_idle(next)) {
        if run.len() < RUN {
            shorter.extend_from_slice(run);
            continue;
        }
        let sum = |of: fn(&Told) -> usize| run.iter().map(of).sum::<usize>();
        let (events, lost) = (sum(|told| told.events), sum(|told| told.lost));
        let line = match lost {
            0 => format!("… {events} heartbeats and replies that change nothing"),
            _ if lost == events => format!("… {events} heartbeats that are lost"),
            _ => format!(
                "… {events} heartbeats and replies that change nothing, {lost} of them lost"
            ),
        };
        shorter.push(Told { line, events, idle: events, lost, changes: false });
    }
    shorter
}

/// The line for this record; most records have none.
fn line(trace: &[TraceRecord], at: usize) -> Option<Told> {
    let told = |line: String| Some(Told { line, events: 1, idle: 0, lost: 0, changes: true });
    match &trace[at].what {
        TraceEvent::Event { event: Event::Start, .. } => None,
        TraceEvent::Event { server, event } => {
            let line = simulator::handled(*server, event);
            let is_idle = is_heartbeat(event) && !has_consequence(&trace[at + 1..]);
            // Counting a vote or noting progress changes a server as well, but no trace shows that.
            let is_counted = matches!(event, Event::Reply { .. }) && !is_idle;
            let changes = is_counted || has_consequence(&trace[at + 1..]);
            let idle = usize::from(is_idle);
            Some(Told { line, events: 1, idle, lost: 0, changes })
        }
        TraceEvent::Lost { id, why } => {
            let message = trace.iter().find_map(|traced| match &traced.what {
                TraceEvent::Sent { message } if message.id == *id => Some(message),
                _ => None,
            })?;
            let line = simulator::lost(message, *why);
            let lost = usize::from(carries_heartbeat(message));
            Some(Told { line, events: 1, idle: lost, lost, changes: false })
        }
        what => simulator::fault(what).and_then(told),
    }
}

/// Whether the event is a part of a round of heartbeats. A rejection is not: the leader steps back because of it.
/// Before module 3 no entry precedes, and there are only rejections.
fn is_heartbeat(event: &Event) -> bool {
    match event {
        Event::Timeout(timer) => *timer == Timer::Heartbeat,
        Event::Request { request: Request::AppendEntries(request), .. } => {
            request.entries.is_empty()
        }
        Event::Reply { request: Request::AppendEntries(asked), reply, .. } => {
            let is_accepted = matches!(reply, Reply::AppendEntries(reply) if reply.success);
            asked.entries.is_empty() && (is_accepted || asked.prev_log_index.0 == 0)
        }
        _ => false,
    }
}

/// Whether a request without entries is lost, or a reply.
fn carries_heartbeat(message: &Message) -> bool {
    match &message.body {
        Body::Request(Request::AppendEntries(request)) => request.entries.is_empty(),
        Body::Reply { reply: Reply::AppendEntries(reply), .. } => reply.success,
        _ => false,
    }
}

/// Whether an event has changed its server or answered a client, according to the trace up to the next event.
fn has_consequence(rest: &[TraceRecord]) -> bool {
    let until_next =
        rest.iter().take_while(|traced| !matches!(traced.what, TraceEvent::Event { .. }));
    let mut consequences = until_next.filter(|traced| {
        matches!(traced.what, TraceEvent::Changed { .. } | TraceEvent::Answered { .. })
    });
    consequences.next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(idle: usize, lost: usize) -> Told {
        Told { line: format!("{idle}{lost}"), events: 1, idle, lost, changes: false }
    }

    fn shortened(story: &[Told]) -> Vec<String> {
        without_heartbeats(story).into_iter().map(|told| told.line).collect()
    }

    #[test]
    fn heartbeats_that_change_nothing_become_one_line() {
        let story = [told(0, 0), told(1, 0), told(1, 1), told(1, 0), told(0, 0)];
        let nothing = "… 3 heartbeats and replies that change nothing, 1 of them lost";
        assert_eq!(shortened(&story), ["00", nothing, "00"]);
    }

    #[test]
    fn two_in_a_row_are_told() {
        assert_eq!(shortened(&[told(0, 0), told(1, 0), told(1, 0)]), ["00", "10", "10"]);
    }

    #[test]
    fn what_has_changed_a_server_is_left_out_last() {
        let line = |text: &str| {
            let line = text.to_owned();
            Told { line, events: 1, idle: 0, lost: 0, changes: text.starts_with('!') }
        };
        let story: Vec<Told> = ["!a", "b", "c", "d", "!e", "f"].into_iter().map(line).collect();
        let (told, left_out) = end_of(&story, 4);
        assert_eq!(told, ["!a", "… 3 events that change nothing", "!e", "f"]);
        assert_eq!(left_out, 0);
        let (told, left_out) = end_of(&story, 2);
        assert_eq!(told, ["!e", "f"]);
        assert_eq!(left_out, 4);
    }
}
