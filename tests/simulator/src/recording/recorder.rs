//! The recorder: what it receives, step by step.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use protocol::{Effect, Event, Payload, RequestId, ServerId, Timer};

use super::format::{
    Block, Columns, CommandLine, End, FATES, KINDS, LIGHTS, Recording, Source, VERSION,
};
use super::promised::Promised;
use super::servers::RecordedServer;
use super::texts::Texts;
use super::{links, words};
use crate::invariants::slot;
use crate::{Message, MessageId, TraceEvent, TraceRecord};

/// Servers' `Debug` output is compared in runs of up to this many events: printing takes longer the longer a log is,
/// so in longer runs it would take most of the time.
const INSPECTED: u64 = 2_000;

/// How to record.
#[derive(Clone, Copy, Debug, Default)]
pub struct RecorderOptions {
    /// Whether a virtual clock moves the run.
    pub timed: bool,
    /// The event from which on servers' `Debug` output is compared, for at most 2,000 events. For a long run, it
    /// is one near its end.
    pub inspect_from: u64,
}

/// What a recording is about.
#[derive(Clone, Debug, Default)]
pub struct Heading {
    /// What the run shows, in one sentence.
    pub title: String,
    /// Where it comes from.
    pub source: Source,
    /// The blocks of its script.
    pub blocks: Vec<Block>,
    /// The commands of its script.
    pub commands: Vec<CommandLine>,
}

/// Which copy of a message: 0 is the first.
pub(crate) type Copy = u32;

/// Where a message is lost.
#[derive(Clone, std::marker::Copy, Debug, PartialEq, Eq)]
pub(crate) enum LossPlace {
    /// Right when it was sent.
    Sending,
    /// While it was in the network: a script has lost it.
    OnItsWay,
    /// When it should have arrived.
    Arrival,
}

/// Listens to a run.
#[derive(Debug)]
pub struct Recorder {
    pub(super) options: RecorderOptions,
    pub(super) columns: Columns,
    pub(super) texts: Texts,
    pub(super) servers: Vec<RecordedServer>,
    /// The place of each message in the table of messages, and the message while it may still arrive.
    pub(super) messages: BTreeMap<MessageId, (u64, Message)>,
    /// The message and the copy that is arriving.
    arriving: Option<(MessageId, Copy)>,
    /// A server that was restarted and has not handled its start.
    restarting: Option<ServerId>,
    /// Whether the event that is handled is a start: the server may have lost any part of its log.
    pub(super) is_start: bool,
    asked: BTreeMap<RequestId, String>,
    cut: BTreeSet<(ServerId, ServerId)>,
    /// What has changed and what was sent in this step.
    then: Vec<String>,
    /// What a server asks for, until it is carried out.
    pub(super) pending: Option<(ServerId, Vec<Effect>)>,
    /// An answer to a request that a script has made in a server's name: it is no message.
    pub(super) unsent_answer: Option<String>,
    /// The number of events.
    pub(super) events: u64,
    /// What servers have promised others, in the order of the steps.
    pub(super) promised: Vec<Promised>,
    pub(super) inspected_from: Option<u64>,
}

impl Recorder {
    /// For servers S1 to S`servers`.
    pub fn new(servers: u64, options: RecorderOptions) -> Self {
        let mut recorder = Recorder {
            options,
            columns: Columns::default(),
            texts: Texts::default(),
            servers: vec![RecordedServer::default(); usize::try_from(servers).unwrap_or(0)],
            messages: BTreeMap::new(),
            arriving: None,
            restarting: None,
            is_start: false,
            asked: BTreeMap::new(),
            cut: BTreeSet::new(),
            then: Vec::new(),
            pending: None,
            unsent_answer: None,
            events: 0,
            promised: Vec::new(),
            inspected_from: None,
        };
        recorder.texts.number("");
        recorder.step(0, "begin", None, "the servers start", "the servers start");
        recorder
    }

    /// The number of steps so far: the number of the next step.
    pub fn steps(&self) -> u64 {
        self.columns.kind.len() as u64
    }

    /// The number of the current step.
    pub(super) fn now(&self) -> u64 {
        self.steps() - 1
    }

    /// The first step of the last stretch of the run that is this long.
    pub fn last_steps_of(&self, time: Duration) -> u64 {
        let time = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let last = self.columns.time.last().copied().unwrap_or(0);
        self.columns.time.partition_point(|&at| at.saturating_add(time) < last) as u64
    }

    /// Begins a step.
    pub(super) fn step(
        &mut self,
        time: u64,
        kind: &str,
        server: Option<ServerId>,
        words: &str,
        short: &str,
    ) {
        self.close();
        let kind = KINDS.iter().position(|it| *it == kind).unwrap_or(0) as u64;
        let (words, short) = (self.texts.number(words), self.texts.number(short));
        // A wrong server may send to a server that does not exist.
        let server = server.filter(|&id| slot(id) < self.servers.len());
        let columns = &mut self.columns;
        columns.time.push(time);
        columns.kind.push(kind);
        columns.server.push(server.map_or(0, |id| id.0));
        columns.words.push(words);
        columns.short.push(short);
        columns.row.push(0);
    }

    /// Ends the current step.
    fn close(&mut self) {
        self.pending = None;
        self.then.extend(self.unsent_answer.take());
        if self.columns.then.len() < self.columns.kind.len() {
            let then = std::mem::take(&mut self.then).join("; ");
            let then = self.texts.number(&then);
            self.columns.then.push(then);
        }
    }

    /// Adds what follows from the current step.
    pub(super) fn and_then(&mut self, words: String) {
        self.then.push(words);
    }

    /// Receives what has happened, as the trace does. `copy` says which copy of a message it is about, and `place`
    /// where that was lost.
    pub(crate) fn hear(&mut self, record: &TraceRecord, copy: Copy, place: LossPlace) {
        let time = u64::try_from(record.time.as_micros()).unwrap_or(u64::MAX);
        match &record.what {
            TraceEvent::Event { server, event } => self.event(time, *server, event),
            // The recorder looks at servers itself, and `links` brings it the links that are cut.
            TraceEvent::Changed { .. }
            | TraceEvent::Cut { .. }
            | TraceEvent::Opened { .. }
            | TraceEvent::Healed => {}
            TraceEvent::Sent { message } => {
                self.pending = None;
                self.sent(message);
            }
            TraceEvent::Delivered { id } => self.arriving = Some((*id, copy)),
            TraceEvent::Lost { id, why } => self.lost(time, *id, *why, copy, place),
            TraceEvent::Duplicated { id } => self.duplicated(time, *id, copy, place),
            TraceEvent::Held { id } => self.hold(time, *id, copy, true),
            TraceEvent::Released { id } => self.hold(time, *id, copy, false),
            TraceEvent::TimerSet { server, timer, after } => {
                self.pending = None;
                let after = u64::try_from(after.as_micros()).unwrap_or(u64::MAX);
                let due = if self.options.timed { time.saturating_add(after) } else { 0 };
                self.timer(*server, *timer, due.saturating_add(1));
            }
            TraceEvent::Answered { id, server, result } => {
                self.pending = None;
                let asked = self.asked.get(id).cloned().unwrap_or_default();
                let words = format!("{asked}: {}", words::answer(result));
                self.and_then(format!("answers the client: {}", words::answer(result)));
                let columns = &mut self.columns;
                columns.answer_step.push(columns.kind.len() as u64 - 1);
                columns.answer_server.push(server.0);
                let number = self.texts.number(&words);
                self.columns.answer_words.push(number);
            }
            what => self.fault(time, what),
        }
    }

    fn event(&mut self, time: u64, server: ServerId, event: &Event) {
        self.events += 1;
        let arriving = self.arriving.take();
        self.is_start = matches!(event, Event::Start);
        if matches!(event, Event::Start) && self.starts_within(server) {
            return;
        }
        let kind = match event {
            Event::Start => "start",
            Event::Timeout(_) => "timeout",
            Event::Request { .. } => "request",
            Event::Reply { .. } => "reply",
            Event::Client { .. } => "client",
        };
        let mut full = words::handled(server, event);
        if let Event::Client { id, request } = event {
            let asked = words::asked(request);
            full = format!("{server}: a client asks for {asked:?}");
            self.asked.insert(*id, asked);
        }
        let is_made_up =
            arriving.is_none() && matches!(event, Event::Request { .. } | Event::Reply { .. });
        if is_made_up {
            full.push_str(", made by the script");
        }
        if let Some((_, 1..)) = arriving {
            full.push_str(", a copy");
        }
        self.step(time, kind, Some(server), &full, &words::handled_in_short(server, event));
        if let Some(row) = self.columns.row.last_mut() {
            *row = self.texts.number(words::row(event));
        }
        if let Some((id, copy)) = arriving {
            self.fate(id, copy, FATES[0], "");
        }
        if let Event::Timeout(timer) = event {
            self.timer(server, *timer, 0);
        }
    }

    /// Whether the start of a server is part of the current step: of the beginning, or of its restart.
    fn starts_within(&mut self, server: ServerId) -> bool {
        let is_restart = self.restarting.take() == Some(server);
        let row = self.texts.number("start");
        if (is_restart || self.steps() == 1)
            && let Some(last) = self.columns.row.last_mut()
        {
            *last = row;
        }
        self.pending = None;
        is_restart || self.steps() == 1
    }

    /// Links may have been cut or opened: these are cut now. A trace reports links one by one, and does not report
    /// some that a new partition opens.
    pub(crate) fn links(&mut self, time: Duration, cut: BTreeSet<(ServerId, ServerId)>) {
        if cut == self.cut {
            return;
        }
        let kind = match (cut.is_empty(), cut.is_subset(&self.cut)) {
            (true, _) => "healed",
            (false, true) => "opened",
            (false, false) => "cut",
        };
        let full = if cut.is_empty() {
            "all links are open".to_owned()
        } else {
            links::links(self.servers.len(), &cut)
        };
        let short = full.replace("partition: ", "✂ ").replace(" | ", "|");
        let time = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.step(time, kind, None, &full, &short);
        let now = self.now();
        let columns = &mut self.columns;
        columns.link_step.push(now);
        columns.link_count.push(cut.len() as u64);
        columns.link_from.extend(cut.iter().map(|(from, _)| from.0));
        columns.link_to.extend(cut.iter().map(|(_, to)| to.0));
        self.cut = cut;
    }

    fn fault(&mut self, time: u64, what: &TraceEvent) {
        let Some(full) = words::fault(what) else { return };
        let (kind, server, short) = match what {
            TraceEvent::Crashed { server } => ("crash", *server, format!("{server} crashes")),
            TraceEvent::Killed { server } => ("kill", *server, format!("{server} process ends")),
            TraceEvent::Stopped { server, .. } => {
                ("gave up", *server, format!("{server} gives up"))
            }
            TraceEvent::Restarted { server } => ("restart", *server, format!("{server} restarts")),
            TraceEvent::Trouble { server, .. } => {
                ("trouble", *server, format!("{server} disk will fail"))
            }
            TraceEvent::Repaired { server } => {
                ("repaired", *server, format!("{server} disk works"))
            }
            TraceEvent::Wiped { server } => ("wiped", *server, format!("{server} disk wiped")),
            _ => return,
        };
        self.step(time, kind, Some(server), &full, &short);
        if matches!(kind, "crash" | "kill" | "gave up") {
            self.goes_down(server);
        }
        self.restarting = (kind == "restart").then_some(server);
    }

    /// A timer runs until `due`, or no longer if that is 0.
    pub(super) fn timer(&mut self, server: ServerId, timer: Timer, due: u64) {
        let now = self.now();
        let columns = &mut self.columns;
        columns.timer_step.push(now);
        columns.timer_server.push(server.0);
        columns.timer.push(timer as u64);
        columns.timer_due.push(due);
    }

    /// What an entry says, as a text of the table.
    pub(super) fn entry(&mut self, payload: Option<&Payload>) -> u64 {
        let words = payload.map_or_else(|| "not known".to_owned(), words::payload);
        self.texts.number(&words)
    }

    /// The recording, once the run has ended. Effects that were not carried out at the end become messages that were
    /// not sent. `end` says how the run ended, for a run with these columns.
    pub fn finish(
        mut self,
        heading: Heading,
        durable: bool,
        end: impl FnOnce(&Self) -> End,
    ) -> Recording {
        self.send_pending();
        let end = end(&self);
        self.close();
        let texts = |all: &[&str]| all.iter().map(|&text| text.to_owned()).collect();
        Recording {
            version: VERSION,
            title: heading.title,
            source: heading.source,
            servers: self.servers.len() as u64,
            timed: self.options.timed,
            durable,
            kinds: texts(&KINDS),
            fates: texts(&FATES),
            lights: texts(&LIGHTS),
            texts: self.texts.into_all(),
            blocks: heading.blocks,
            commands: heading.commands,
            columns: self.columns,
            inspected_from: self.inspected_from,
            end,
            places: BTreeMap::new(),
        }
    }

    pub(super) fn may_inspect(&self) -> bool {
        self.events >= self.options.inspect_from
            && self.events < self.options.inspect_from + INSPECTED + 1
    }

    /// More events than are inspected have happened since the beginning: what was noted is dropped, since a page
    /// that shows it for a part of the run without saying so would mislead.
    pub(super) fn is_too_long_to_inspect(&self) -> bool {
        self.options.inspect_from == 0 && self.events > INSPECTED
    }
}
