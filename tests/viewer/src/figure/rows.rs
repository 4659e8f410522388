//! The steps of a run as rows. Steps that belong together are one row: the same message arrives at several servers, and
//! nothing happens in between.

use std::collections::{BTreeMap, BTreeSet};

use simulator::Recording;

use super::arrows::{self, Arrow};
use super::numbers::place;
use super::state::{State, States};

/// A run, row by row.
pub(super) struct Rows {
    pub(super) all: Vec<Row>,
    pub(super) arrows: Vec<Arrow>,
    /// Whether clients take part.
    pub(super) clients: bool,
    /// The number of servers.
    pub(super) servers: usize,
}

/// What is in one row.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) what: What,
    /// The steps of the run that it shows.
    pub(super) steps: Vec<u64>,
    /// What the row changes, by server.
    pub(super) changes: BTreeMap<u64, Change>,
    /// What else the row says, in words: messages that are lost at sending, answers to clients.
    pub(super) besides: Vec<String>,
    /// Servers that answer a client.
    pub(super) answers: Vec<u64>,
    /// Servers that are cut off from all others after this row.
    pub(super) cut_off: BTreeSet<u64>,
    /// Servers that do not reach the next one in order, and are not cut off altogether; nor is the next one.
    pub(super) fences: BTreeSet<u64>,
}

/// What happens in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The servers' names, and how they begin.
    Beginning,
    /// The comment of a block.
    Caption(String),
    /// Links are cut or opened.
    Links(String),
    /// A message, or the same message to or from several servers.
    Message(Message),
    /// Something happens at a server: a timeout, a crash, a client's request.
    Server { server: u64, words: String, from_client: bool },
}

/// The message or messages of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) from: BTreeSet<u64>,
    pub(super) to: BTreeSet<u64>,
    /// What it says: `RequestVote term=1 last=0@0`.
    pub(super) words: String,
    /// What becomes of it, unless it arrives: `lost: the link is cut`, `held back`.
    pub(super) fate: String,
    /// Its term.
    pub(super) term: u64,
    pub(super) arrives: bool,
}

/// A server before and after a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) before: State,
    pub(super) after: State,
}

/// Reads a run.
pub(super) fn of(run: &Recording) -> Rows {
    let mut reader = Reader::new(run);
    let mut blocks = run.blocks.iter().peekable();
    reader.beginning();
    for step in 0..run.steps() {
        while let Some(block) = blocks.next_if(|block| block.step <= step.max(1)) {
            reader.caption(&block.reason);
        }
        if step > 0 {
            reader.step(step);
        }
    }
    for block in blocks {
        reader.caption(&block.reason);
    }
    let arrows = arrows::of(run, &reader.row_of);
    let mut rows = Rows {
        arrows,
        clients: reader
            .rows
            .iter()
            .any(|row| matches!(row.what, What::Server { from_client: true, .. })),
        servers: place(run.servers),
        all: reader.rows,
    };
    join_answers(&mut rows);
    rows
}

struct Reader<'a> {
    run: &'a Recording,
    states: States<'a>,
    rows: Vec<Row>,
    /// The row of each step.
    row_of: Vec<usize>,
    /// The place of the next line of the fates, and of the answers.
    fate: usize,
    answer: usize,
}

impl<'a> Reader<'a> {
    fn new(run: &'a Recording) -> Self {
        let states = States::new(run);
        Reader { run, states, rows: Vec::new(), row_of: Vec::new(), fate: 0, answer: 0 }
    }

    fn push(&mut self, what: What) {
        self.rows.push(Row {
            what,
            steps: Vec::new(),
            changes: BTreeMap::new(),
            besides: Vec::new(),
            answers: Vec::new(),
            cut_off: BTreeSet::new(),
            fences: BTreeSet::new(),
        });
    }

    fn beginning(&mut self) {
        self.push(What::Beginning);
        self.take_in(0);
    }

    fn caption(&mut self, reason: &str) {
        if !reason.is_empty() {
            self.push(What::Caption(reason.to_owned()));
            self.note_cuts();
        }
    }

    fn step(&mut self, step: u64) {
        let what = self.what(step);
        let joins = self.rows.last().is_some_and(|last| self.joins(last, &what, step));
        match self.rows.last_mut() {
            Some(last) if joins => match (&mut last.what, what) {
                (What::Message(last), What::Message(message)) => {
                    last.to.extend(message.to);
                }
                (last, what) => *last = what,
            },
            _ => self.push(what),
        }
        self.take_in(step);
    }

    /// Adds what a step changes to the last row.
    fn take_in(&mut self, step: u64) {
        let before = self.states.servers.clone();
        self.states.advance(step);
        let besides = self.besides(step);
        let at = self.rows.len() - 1;
        self.row_of.push(at);
        let Some(row) = self.rows.last_mut() else { return };
        row.steps.push(step);
        row.besides.extend(besides);
        let all = (1..).zip(before).zip(&self.states.servers);
        for ((server, before), after) in all.filter(|((_, before), after)| before != *after) {
            let change =
                row.changes.entry(server).or_insert(Change { before, after: after.clone() });
            change.after = after.clone();
        }
        let c = &self.run.columns;
        while c.answer_step.get(self.answer).is_some_and(|&at| at <= step) {
            let words = self.run.text(c.answer_words[self.answer]);
            row.besides.push(format!("answers the client: {words}"));
            row.answers.push(c.answer_server[self.answer]);
            self.answer += 1;
        }
        self.note_cuts();
    }

    fn note_cuts(&mut self) {
        let states = &self.states;
        let cut_off: BTreeSet<u64> =
            (1..=self.run.servers).filter(|&server| states.is_cut_off(server)).collect();
        let fences = (1..self.run.servers).filter(|&server| states.has_fence(server)).collect();
        if let Some(row) = self.rows.last_mut() {
            row.cut_off = cut_off;
            row.fences = fences;
        }
    }

    /// Messages that are lost in the step in which they are sent.
    fn besides(&mut self, step: u64) -> Vec<String> {
        let c = &self.run.columns;
        let mut said = Vec::new();
        while c.fate_step.get(self.fate).is_some_and(|&at| at <= step) {
            let at = self.fate;
            self.fate += 1;
            let fate = self.run.fates[place(c.fate[at])].as_str();
            if matches!(fate, "lost at sending" | "not sent") {
                let words = self.run.text(c.message_words[place(c.fate_message[at])]);
                said.push(format!("{words}: {}", self.run.text(c.fate_why[at])));
            }
        }
        said
    }

    fn what(&self, step: u64) -> What {
        let (run, c) = (self.run, &self.run.columns);
        let at = place(step);
        let words = run.text(c.words[at]).replace("leaderlease timeout", "lease ends");
        match run.kinds[place(c.kind[at])].as_str() {
            "cut" | "opened" | "healed" => What::Links(words),
            "request" | "reply" => self.arriving(step).unwrap_or(What::Server {
                server: c.server[at],
                words,
                from_client: false,
            }),
            "lost" => self.message_of(&c.fate_step, &c.fate_message, step).map_or(
                What::Links(words),
                |(line, mut message)| {
                    run.text(c.fate_why[line]).clone_into(&mut message.fate);
                    What::Message(message)
                },
            ),
            kind @ ("held" | "released") => {
                let found = self.message_of(&c.hold_step, &c.hold_message, step);
                found.map_or(What::Links(words), |(_, mut message)| {
                    let fate = if kind == "held" { "held back" } else { "released" };
                    fate.clone_into(&mut message.fate);
                    What::Message(message)
                })
            }
            "duplicated" => {
                let found = self.message_of(&c.copy_step, &c.copy_message, step);
                found.map_or(What::Links(words), |(_, mut message)| {
                    "duplicated".clone_into(&mut message.fate);
                    What::Message(message)
                })
            }
            kind => What::Server { server: c.server[at], words, from_client: kind == "client" },
        }
    }

    /// The message that arrives in a step, if the step is not made by the script.
    fn arriving(&self, step: u64) -> Option<What> {
        let c = &self.run.columns;
        let (line, mut message) = self.message_of(&c.fate_step, &c.fate_message, step)?;
        if self.run.fates[place(c.fate[line])] != "arrives" {
            return None;
        }
        message.arrives = true;
        if c.fate_copy[line] > 0 {
            "a copy".clone_into(&mut message.fate);
        }
        Some(What::Message(message))
    }

    /// The first line of a table about a step, and the message that it names.
    fn message_of(&self, steps: &[u64], messages: &[u64], step: u64) -> Option<(usize, Message)> {
        let line = steps.partition_point(|&at| at < step);
        if steps.get(line) != Some(&step) {
            return None;
        }
        let c = &self.run.columns;
        let number = place(messages[line]);
        let (from, to) = (c.message_from[number], c.message_to[number]);
        let words = self.run.text(c.message_words[number]);
        let words = words.strip_prefix(&format!("S{from}→S{to} ")).unwrap_or(words);
        let message = Message {
            from: BTreeSet::from([from]),
            to: BTreeSet::from([to]),
            words: words.to_owned(),
            fate: String::new(),
            term: c.message_term[number],
            arrives: false,
        };
        Some((line, message))
    }

    /// Whether a step belongs in the last row: links that change together; or the same message of the same server to
    /// another one, unless it was sent in that row.
    fn joins(&self, last: &Row, what: &What, step: u64) -> bool {
        match (&last.what, what) {
            (What::Links(_), What::Links(_)) => true,
            (What::Message(last_one), What::Message(message)) => {
                let sent = self.sent(step);
                last_one.from == message.from
                    && last_one.words == message.words
                    && last_one.fate == message.fate
                    && last_one.arrives == message.arrives
                    && last_one.to.is_disjoint(&message.to)
                    && sent.is_none_or(|sent| !last.steps.contains(&sent))
            }
            _ => false,
        }
    }

    /// The step in which the message was sent that arrives or is lost in a step.
    fn sent(&self, step: u64) -> Option<u64> {
        let c = &self.run.columns;
        let line = c.fate_step.partition_point(|&at| at < step);
        let is_its = c.fate_step.get(line) == Some(&step);
        is_its.then(|| c.message_sent[place(c.fate_message[line])])
    }
}

/// Identical replies of several servers to one are one row, if none of them has any effect.
fn join_answers(all: &mut Rows) {
    let busy: BTreeSet<usize> = all.arrows.iter().map(|arrow| arrow.sent).collect();
    let mut joined: Vec<Row> = Vec::new();
    let mut places: Vec<usize> = Vec::new();
    let mut last_is_quiet = false;
    for (number, row) in std::mem::take(&mut all.all).into_iter().enumerate() {
        let is_quiet = row.changes.is_empty() && row.besides.is_empty() && !busy.contains(&number);
        let same = match (joined.last_mut(), &row.what) {
            (Some(Row { what: What::Message(last), steps, .. }), What::Message(message))
                if is_quiet
                    && last_is_quiet
                    && last.words == message.words
                    && last.fate == message.fate
                    && last.to == message.to =>
            {
                last.from.extend(&message.from);
                steps.extend(&row.steps);
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
    for arrow in &mut all.arrows {
        arrow.sent = places[arrow.sent];
        arrow.ends = arrow.ends.map(|row| places[row]);
        arrow.held = arrow.held.map(|row| places[row]);
    }
    all.all = joined;
}
