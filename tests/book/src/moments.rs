//! A run as rows of a space-time diagram: what happens at one moment stands in one row.

use std::collections::{BTreeMap, BTreeSet};

use gates::scenario::Run;
use protocol::{ClientError, ClientRequest, Event, RequestId, ServerId, Term, Timer};
use simulator::{LossReason, Message, MessageId, TraceEvent};

use crate::state::{self, State, slot};
use crate::words;

/// A run, row by row.
pub(crate) struct Moments {
    pub(crate) rows: Vec<Row>,
    pub(crate) arrows: Vec<Arrow>,
    /// Whether clients take part.
    pub(crate) clients: bool,
}

/// What stands in one row.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) what: What,
    /// What the row shows of servers, by their place.
    pub(crate) notes: BTreeMap<usize, Note>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// The servers' names, and how they begin.
    Beginning,
    /// The comments of a block.
    Caption(String),
    /// Links are cut, or healed.
    Links(String),
    /// Something happens; a message's words stand between the two that it is about.
    Moment(Option<Label>),
    /// The run is over, and messages are still on their way.
    End,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) text: String,
    pub(crate) from: BTreeSet<Lane>,
    pub(crate) to: BTreeSet<Lane>,
    pub(crate) term: Option<Term>,
}

/// A line of the diagram; clients stand to the left of all servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lane {
    Clients,
    Server(usize),
}

/// What becomes of a server in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    /// What happens to it, if that is no message.
    pub(crate) word: Option<&'static str>,
    pub(crate) before: State,
    pub(crate) after: State,
}

/// A message's way.
#[derive(Clone, Debug)]
pub(crate) struct Arrow {
    pub(crate) from: Lane,
    pub(crate) to: Lane,
    /// The row in which it is sent.
    pub(crate) sent: usize,
    /// The row from which on it is held back.
    pub(crate) held: Option<usize>,
    /// The row in which it ends.
    pub(crate) ends: usize,
    pub(crate) fate: Fate,
    pub(crate) term: Option<Term>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Arrives,
    Lost,
    /// The script ends before it arrives.
    UnderWay,
}

/// Tells a run.
pub(crate) fn of(run: &Run) -> Moments {
    let states = state::at_first(run);
    let mut teller = Teller { states, durable: run.durable, ..Teller::default() };
    teller.begin();
    let mut blocks = run.blocks.iter().peekable();
    for (number, traced) in run.trace.iter().enumerate() {
        while let Some((_, reason)) = blocks.next_if(|(began, _)| *began <= number) {
            teller.caption(reason);
        }
        teller.hear(&traced.what);
    }
    for (_, reason) in blocks {
        teller.caption(reason);
    }
    teller.end()
}

#[derive(Default)]
struct Teller {
    states: Vec<State>,
    durable: bool,
    rows: Vec<Row>,
    arrows: Vec<Arrow>,
    /// What is in the network: each message, the row in which it was sent, and how many copies there are.
    under_way: BTreeMap<MessageId, (Message, usize, u32)>,
    held: BTreeMap<MessageId, usize>,
    /// What has arrived, once at least.
    came: BTreeSet<MessageId>,
    /// The row of the event that is being told.
    now: usize,
    /// Whether the next event comes by a message that was sent.
    delivered: bool,
    asked: BTreeMap<RequestId, String>,
    cut: BTreeSet<(ServerId, ServerId)>,
}

impl Teller {
    fn begin(&mut self) {
        let notes = self.states.iter().enumerate().map(|(lane, state)| {
            (lane, Note { word: None, before: State::new(), after: state.clone() })
        });
        self.rows.push(Row { what: What::Beginning, notes: notes.collect() });
    }

    fn row(&mut self, what: What) {
        self.rows.push(Row { what, notes: BTreeMap::new() });
        self.now = self.rows.len() - 1;
    }

    fn caption(&mut self, reason: &str) {
        if !reason.is_empty() {
            self.row(What::Caption(reason.to_owned()));
        }
    }

    fn hear(&mut self, what: &TraceEvent) {
        if !matches!(what, TraceEvent::Cut { .. }) {
            self.tell_cuts();
        }
        match what {
            TraceEvent::Event { server, event } => self.event(*server, event),
            TraceEvent::Changed { .. } => {
                if let Some((server, state)) = State::after(&self.states, what) {
                    self.change(server, None, state);
                }
            }
            TraceEvent::Sent { message } => {
                self.under_way.insert(message.id, (message.clone(), self.now, 1));
            }
            TraceEvent::Delivered { id } => self.delivered(*id),
            TraceEvent::Lost { id, why } => self.lost(*id, *why),
            TraceEvent::Duplicated { id } => {
                if let Some((_, _, copies)) = self.under_way.get_mut(id) {
                    *copies += 1;
                }
            }
            TraceEvent::Held { id } => self.hold(*id),
            TraceEvent::Answered { id, server, result } => self.answer(*id, *server, result),
            TraceEvent::Crashed { server } => self.goes_down(*server, "crashes"),
            TraceEvent::Killed { server } => self.goes_down(*server, "is killed"),
            TraceEvent::Stopped { server, .. } => self.goes_down(*server, "gives up"),
            TraceEvent::Restarted { server } => {
                let state = self.states[slot(*server)].restarted(self.durable);
                self.row(What::Moment(None));
                self.change(*server, Some("restarts"), state);
            }
            TraceEvent::Cut { from, to } => drop(self.cut.insert((*from, *to))),
            TraceEvent::Healed => self.row(What::Links("all links are open".to_owned())),
            TraceEvent::Opened { from, to } => drop(self.cut.remove(&(*from, *to))),
            TraceEvent::Released { .. }
            | TraceEvent::TimerSet { .. }
            | TraceEvent::Wiped { .. }
            | TraceEvent::Trouble { .. }
            | TraceEvent::Repaired { .. } => {}
        }
    }

    fn goes_down(&mut self, server: ServerId, word: &'static str) {
        let state = State { up: false, ..self.states[slot(server)].clone() };
        self.row(What::Moment(None));
        self.change(server, Some(word), state);
    }

    fn event(&mut self, server: ServerId, event: &Event) {
        let to = Lane::Server(slot(server));
        match event {
            // The servers' beginning is told already.
            Event::Start => {}
            Event::Timeout(timer) => {
                let word = match timer {
                    Timer::Election => "timeout",
                    Timer::Heartbeat => "heartbeat",
                    Timer::LeaderLease => "lease ends",
                };
                self.row(What::Moment(None));
                self.change(server, Some(word), self.states[slot(server)].clone());
            }
            Event::Request { .. } | Event::Reply { .. } if self.delivered => self.delivered = false,
            Event::Request { from, request, .. } => {
                self.at_once(
                    Lane::Server(slot(*from)),
                    to,
                    words::request(request),
                    Some(request.term()),
                );
            }
            Event::Reply { from, reply, .. } => {
                self.at_once(
                    Lane::Server(slot(*from)),
                    to,
                    words::reply(reply),
                    Some(reply.term()),
                );
            }
            Event::Client { id, request } => {
                let text = match request {
                    ClientRequest::Command(command) => String::from_utf8_lossy(&command.bytes),
                    ClientRequest::Query(query) => String::from_utf8_lossy(query),
                    ClientRequest::Change(members) => {
                        let names: Vec<String> = members.iter().map(ToString::to_string).collect();
                        format!("change {}", names.join("/")).into()
                    }
                    ClientRequest::Register => "register".into(),
                    ClientRequest::Transfer(to) => format!("transfer to {to}").into(),
                };
                self.asked.insert(*id, text.to_string());
                self.at_once(Lane::Clients, to, text.into_owned(), None);
            }
        }
    }

    /// A message that arrives in the row in which it is sent.
    fn at_once(&mut self, from: Lane, to: Lane, text: String, term: Option<Term>) {
        self.row(What::Moment(Some(label(from, to, text, term))));
        let (sent, ends) = (self.now, self.now);
        self.arrows.push(Arrow { from, to, sent, held: None, ends, fate: Fate::Arrives, term });
    }

    fn answer(&mut self, id: RequestId, server: ServerId, result: &Result<String, ClientError>) {
        let answer = match result {
            // A change has no result of its own.
            Ok(result) if result.is_empty() => "done".to_owned(),
            Ok(result) => result.clone(),
            Err(ClientError::NotLeader(Some(leader))) => format!("not the leader; {leader} leads"),
            Err(ClientError::NotLeader(None)) => "not the leader".to_owned(),
            Err(ClientError::Unknown) => "unknown".to_owned(),
            Err(ClientError::Refused) => "refused".to_owned(),
            Err(ClientError::SessionExpired) => "no such session".to_owned(),
        };
        let asked = self.asked.get(&id).map_or("", String::as_str);
        let text = format!("{asked}: {answer}");
        let event = self.now;
        self.at_once(Lane::Server(slot(server)), Lane::Clients, text, None);
        // What else comes of the same event was sent then.
        self.now = event;
    }

    fn delivered(&mut self, id: MessageId) {
        self.delivered = true;
        let Some((message, sent)) = self.take(id) else { return };
        let again = if self.came.insert(id) { "" } else { " (again)" };
        let text = format!("{}{again}", words::message(&message));
        self.arrive(&message, sent, id, text, Fate::Arrives);
    }

    fn lost(&mut self, id: MessageId, why: LossReason) {
        let Some((message, sent)) = self.take(id) else { return };
        let why = match why {
            LossReason::Dropped => "lost".to_owned(),
            LossReason::Partition => "lost: cut off".to_owned(),
            LossReason::ServerDown => format!("lost: {} is down", message.to),
            LossReason::CallerRestarted => format!("lost: {} has crashed since", message.to),
        };
        let text = format!("{} ({why})", words::message(&message));
        self.arrive(&message, sent, id, text, Fate::Lost);
    }

    fn hold(&mut self, id: MessageId) {
        let Some((message, ..)) = self.under_way.get(&id) else { return };
        let text = format!("{} (held back)", words::message(message));
        let label = label_of(message, text);
        if !self.joins(&label, usize::MAX) {
            self.row(What::Moment(Some(label)));
        }
        self.held.insert(id, self.now);
    }

    /// One copy of a message, and the row in which it was sent.
    fn take(&mut self, id: MessageId) -> Option<(Message, usize)> {
        let (message, sent, copies) = self.under_way.get_mut(&id)?;
        *copies -= 1;
        let taken = (message.clone(), *sent);
        if *copies == 0 {
            self.under_way.remove(&id);
        }
        Some(taken)
    }

    fn arrive(&mut self, message: &Message, sent: usize, id: MessageId, text: String, fate: Fate) {
        let label = label_of(message, text);
        if !self.joins(&label, sent) {
            self.row(What::Moment(Some(label)));
        }
        self.arrows.push(Arrow {
            from: Lane::Server(slot(message.from)),
            to: Lane::Server(slot(message.to)),
            sent,
            held: self.held.get(&id).copied(),
            ends: self.now,
            fate,
            term: Some(message.term()),
        });
    }

    /// Whether a message that one server has sent to several is at its end in the same row as the others.
    fn joins(&mut self, label: &Label, sent: usize) -> bool {
        let last = self.rows.len() - 1;
        let What::Moment(Some(other)) = &mut self.rows[last].what else { return false };
        let alike = other.text == label.text && other.from == label.from;
        let joins = alike && other.to.is_disjoint(&label.to) && sent != last;
        if joins {
            other.to.extend(&label.to);
            self.now = last;
        }
        joins
    }

    fn change(&mut self, server: ServerId, word: Option<&'static str>, state: State) {
        let before = std::mem::replace(&mut self.states[slot(server)], state.clone());
        let note = self.rows[self.now].notes.entry(slot(server));
        let note = note.or_insert(Note { word, before, after: state.clone() });
        note.after = state;
    }

    /// Tells of the links that were cut, once all are known.
    fn tell_cuts(&mut self) {
        if !self.cut.is_empty() {
            let cut = std::mem::take(&mut self.cut);
            self.row(What::Links(simulator::cut_links(self.states.len(), &cut)));
        }
    }

    fn end(mut self) -> Moments {
        self.tell_cuts();
        if !self.under_way.is_empty() {
            self.row(What::End);
        }
        for (id, (message, sent, _)) in &self.under_way {
            self.arrows.push(Arrow {
                from: Lane::Server(slot(message.from)),
                to: Lane::Server(slot(message.to)),
                sent: *sent,
                held: self.held.get(id).copied(),
                ends: self.now,
                fate: Fate::UnderWay,
                term: Some(message.term()),
            });
        }
        join_answers(&mut self.rows, &mut self.arrows);
        Moments { rows: self.rows, arrows: self.arrows, clients: !self.asked.is_empty() }
    }
}

fn label_of(message: &Message, text: String) -> Label {
    let (from, to) = (Lane::Server(slot(message.from)), Lane::Server(slot(message.to)));
    label(from, to, text, Some(message.term()))
}

fn label(from: Lane, to: Lane, text: String, term: Option<Term>) -> Label {
    Label { text, from: BTreeSet::from([from]), to: BTreeSet::from([to]), term }
}

/// Like answers of several servers to one stand in one row, if nothing comes of any of them.
fn join_answers(rows: &mut Vec<Row>, arrows: &mut [Arrow]) {
    let busy: BTreeSet<usize> = arrows.iter().map(|arrow| arrow.sent).collect();
    let mut joined: Vec<Row> = Vec::new();
    let mut places: Vec<usize> = Vec::new();
    let mut last_is_quiet = false;
    for (number, row) in std::mem::take(rows).into_iter().enumerate() {
        let is_quiet = row.notes.is_empty() && !busy.contains(&number);
        let same = match (joined.last_mut(), &row.what) {
            (Some(Row { what: What::Moment(Some(last)), .. }), What::Moment(Some(label)))
                if is_quiet && last_is_quiet && last.text == label.text && last.to == label.to =>
            {
                last.from.extend(&label.from);
                true
            }
            _ => false,
        };
        if !same {
            joined.push(row);
        }
        last_is_quiet = is_quiet;
        places.push(joined.len() - 1);
    }
    for arrow in arrows {
        arrow.sent = places[arrow.sent];
        arrow.ends = places[arrow.ends];
        arrow.held = arrow.held.map(|row| places[row]);
    }
    *rows = joined;
}

#[cfg(test)]
mod tests;
