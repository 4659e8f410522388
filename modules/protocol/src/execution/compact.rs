//! An execution in few bytes: only what happened, without the state of each server.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Execution, Recorder, What};
use crate::{Command, Entry, Index, Payload, ServerId, Term};

/// An execution in its compact form.
#[derive(Serialize, Deserialize)]
pub(super) struct Compact {
    servers: u64,
    moments: Vec<(ServerId, Step)>,
}

/// A call of one of [`Recorder`]'s methods.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Step {
    Term(Term),
    Elected,
    Down,
    Log(Index, Vec<Short>),
    Commit(Index),
    Apply(Index),
    Crash,
    Restart,
}

/// An entry: its term, followed by a readable command, by another payload, or by nothing for a
/// no-op.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Short {
    Text(Term, String),
    Whole(Term, Payload),
    NoOp([Term; 1]),
    /// With its term inside: as a payload it would be a string, and would be read as a command.
    Register {
        register: Term,
    },
}

impl From<Execution> for Compact {
    fn from(execution: Execution) -> Self {
        let mut moments = Vec::new();
        let mut terms = BTreeMap::new();
        for moment in execution.moments {
            let server = moment.server;
            if terms.insert(server, moment.term).unwrap_or_default() != moment.term {
                moments.push((server, Step::Term(moment.term)));
            }
            let step = match moment.what {
                What::Elected => Step::Elected,
                What::SteppedDown => Step::Down,
                What::LogChanged { before } => {
                    let same = before.iter().zip(&moment.log).take_while(|(old, new)| old == new);
                    let kept = same.count();
                    let entries = moment.log.into_iter().skip(kept).map(Short::from).collect();
                    Step::Log(Index(kept as u64 + 1), entries)
                }
                What::Committed { index, .. } => Step::Commit(index),
                What::Applied { index, .. } => Step::Apply(index),
                What::Crashed => Step::Crash,
                What::Restarted => Step::Restart,
            };
            moments.push((server, step));
        }
        Compact { servers: execution.servers, moments }
    }
}

impl From<Compact> for Execution {
    fn from(compact: Compact) -> Self {
        let mut recorder = Recorder::new(compact.servers);
        let mut terms = BTreeMap::new();
        for (server, step) in compact.moments {
            match step {
                Step::Term(term) => {
                    terms.insert(server, term);
                    recorder.in_term(server, term);
                }
                Step::Elected => {
                    recorder.elected(server, terms.get(&server).copied().unwrap_or_default());
                }
                Step::Down => recorder.stepped_down(server),
                Step::Log(first, entries) => {
                    recorder.log_changed(server, first, entries.into_iter().map(Entry::from));
                }
                Step::Commit(index) => recorder.committed(server, index),
                Step::Apply(index) => recorder.applied(server, index),
                Step::Crash => recorder.crashed(server),
                Step::Restart => recorder.restarted(server),
            }
        }
        recorder.finish()
    }
}

impl From<Entry> for Short {
    fn from(Entry { term, payload }: Entry) -> Self {
        match &payload {
            Payload::NoOp => Short::NoOp([term]),
            Payload::Register => Short::Register { register: term },
            Payload::Command(Command { session: None, bytes }) => {
                match std::str::from_utf8(bytes) {
                    Ok(text) => Short::Text(term, text.to_owned()),
                    Err(_) => Short::Whole(term, payload),
                }
            }
            _ => Short::Whole(term, payload),
        }
    }
}

impl From<Short> for Entry {
    fn from(short: Short) -> Self {
        match short {
            Short::Text(term, text) => Entry::command(term, text.as_str()),
            Short::Whole(term, payload) => Entry { term, payload },
            Short::NoOp([term]) => Entry { term, payload: Payload::NoOp },
            Short::Register { register } => Entry { term: register, payload: Payload::Register },
        }
    }
}
