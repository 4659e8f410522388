//! The words of a command, and the error for a wrong one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::str::FromStr;

use goldenscript::{Argument, Command};
use protocol::{ClientId, Entry, Index, Members, Payload, ServerId, Session, Term};
use simulator::{Conduct, ScriptError, Stop};

use crate::Failure;

/// Why a script ended early.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The script is wrong. The message names the word and what belongs in its place.
    Script(String),
    /// The servers did not do what the script says.
    Subject(Box<Failure>),
    /// The run ended before the script.
    Stopped(Stop),
}

impl Fault {
    /// `word` is wrong; `expected` says what belongs there.
    pub(crate) fn word(word: &str, expected: impl Display) -> Self {
        Fault::Script(format!("`{word}` does not belong here; {expected}"))
    }

    /// The same fault of a command that was repeated.
    pub(crate) fn in_round(self, round: usize, command: &str) -> Self {
        let place = format!("repetition {round} of `{command}`");
        match self {
            Fault::Script(why) => Fault::Script(format!("{place}: {why}")),
            Fault::Subject(mut failure) => {
                failure.notes.insert(0, format!("This was {place}."));
                Fault::Subject(failure)
            }
            stopped @ Fault::Stopped(_) => stopped,
        }
    }
}

impl From<ScriptError> for Fault {
    fn from(error: ScriptError) -> Self {
        match error {
            ScriptError::Impossible(why) => Fault::Script(why),
            ScriptError::Stop(stop) => Fault::Stopped(stop),
            not_armed @ ScriptError::NotArmed(server, _) => Fault::Subject(Failure::new(
                format!("a timer of {server} that is running and can run out"),
                not_armed.to_string(),
            )),
        }
    }
}

/// The words of a command, taken one by one.
pub(crate) struct Words<'a> {
    command: &'a str,
    /// The arguments that the command takes, for a person who got them wrong.
    usage: &'static str,
    positional: Vec<&'a str>,
    keys: BTreeMap<&'a str, &'a str>,
}

impl<'a> Words<'a> {
    pub(crate) fn new(command: &'a Command, usage: &'static str) -> Result<Self, Fault> {
        let mut words =
            Words { command: &command.name, usage, positional: Vec::new(), keys: BTreeMap::new() };
        for argument in &command.args {
            match argument {
                Argument::KeyValue(key, _) if words.keys.contains_key(key.as_str()) => {
                    return Err(Fault::Script(format!("`{key}=` is there twice")));
                }
                Argument::KeyValue(key, value) => {
                    words.keys.insert(key, value);
                }
                Argument::Positional(value) => words.positional.push(value),
                _ => {}
            }
        }
        words.positional.reverse();
        Ok(words)
    }

    /// The command's name.
    pub(crate) fn command(&self) -> &'a str {
        self.command
    }

    /// The next word without a key.
    pub(crate) fn next(&mut self) -> Option<&'a str> {
        self.positional.pop()
    }

    /// The next word without a key, which must be there; `what` describes it for someone who left it out.
    pub(crate) fn required(&mut self, what: &str) -> Result<&'a str, Fault> {
        let command = self.command;
        self.next().ok_or_else(|| Fault::Script(format!("`{command}` needs {what}")))
    }

    /// The value after `key=`.
    pub(crate) fn key(&mut self, key: &str) -> Option<&'a str> {
        self.keys.remove(key)
    }

    /// The value after `key=`, read by `read`.
    pub(crate) fn read<T>(
        &mut self,
        key: &str,
        read: impl Fn(&str) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        self.key(key).map(read).transpose()
    }

    /// The value after `key=`, which must be there.
    pub(crate) fn need<T>(
        &mut self,
        key: &str,
        read: impl Fn(&str) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let command = self.command;
        self.read(key, read)?
            .ok_or_else(|| Fault::Script(format!("`{command}` needs `{key}=` here")))
    }

    /// Checks that no word is left.
    pub(crate) fn end(self) -> Result<(), Fault> {
        let usage = if self.usage.is_empty() { "no arguments" } else { self.usage };
        self.end_of(usage)
    }

    /// The same for a command whose arguments need more words than its usage has.
    pub(crate) fn end_of(self, arguments: &str) -> Result<(), Fault> {
        let takes = format!("`{}` takes {arguments}", self.command);
        if let Some(word) = self.positional.last() {
            return Err(Fault::word(word, takes));
        }
        match self.keys.first_key_value() {
            Some((key, value)) => Err(Fault::word(&format!("{key}={value}"), takes)),
            None => Ok(()),
        }
    }
}

/// A server: `S2`.
pub(crate) fn server(word: &str) -> Result<ServerId, Fault> {
    word.strip_prefix('S')
        .and_then(|number| number.parse().ok())
        .filter(|&number| number > 0)
        .map(ServerId)
        .ok_or_else(|| Fault::word(word, "a server is written S1, S2, …"))
}

/// The only argument of a command about one server.
pub(crate) fn one_server(mut words: Words<'_>) -> Result<ServerId, Fault> {
    let id = server(words.required("a server, like S1")?)?;
    words.end()?;
    Ok(id)
}

/// Several servers: `S1/S3`.
pub(crate) fn servers(word: &str) -> Result<BTreeSet<ServerId>, Fault> {
    word.split('/').map(server).collect()
}

/// A configuration: `S1/S2`, or `none`.
pub(crate) fn members(word: &str) -> Result<Members, Fault> {
    if word == "none" { Ok(Members::new()) } else { servers(word) }
}

/// A server or none: `S2`, `none`.
pub(crate) fn vote(word: &str) -> Result<Option<ServerId>, Fault> {
    if word == "none" { Ok(None) } else { server(word).map(Some) }
}

fn number<T: FromStr>(word: &str, what: &str) -> Result<T, Fault> {
    word.parse().map_err(|_| Fault::word(word, format!("{what} is a whole number, 0 or more")))
}

/// A term: `3`.
pub(crate) fn term(word: &str) -> Result<Term, Fault> {
    number(word, "a term").map(Term)
}

/// An index: `3`.
pub(crate) fn index(word: &str) -> Result<Index, Fault> {
    number(word, "an index").map(Index)
}

/// Which of several: `1` is the newest.
pub(crate) fn newest(word: &str) -> Result<usize, Fault> {
    match number(word, "which of several")? {
        0 => Err(Fault::word(word, "the newest of several is 1")),
        newest => Ok(newest),
    }
}

/// A limit: a whole number, at least 1.
pub(crate) fn limit(word: &str) -> Result<usize, Fault> {
    match number(word, "a limit")? {
        0 => Err(Fault::word(word, "a limit is at least 1")),
        limit => Ok(limit),
    }
}

/// How much of the servers' conduct is judged.
pub(crate) fn conduct(word: &str) -> Result<Conduct, Fault> {
    match word {
        "elections" => Ok(Conduct::Elections),
        "logs" => Ok(Conduct::Logs),
        "commits" => Ok(Conduct::Commits),
        _ => {
            Err(Fault::word(word, "the conduct that is judged is `elections`, `logs` or `commits`"))
        }
    }
}

/// How often something may happen: at most 255 times, which is more than any exploration can bear.
pub(crate) fn times(word: &str) -> Result<u8, Fault> {
    word.parse()
        .map_err(|_| Fault::word(word, "how often something happens is a number from 0 to 255"))
}

/// How many entries stay in the log: `0` is possible.
pub(crate) fn tail(word: &str) -> Result<usize, Fault> {
    number(word, "a number of entries")
}

/// A number of bytes.
pub(crate) fn bytes(word: &str) -> Result<u64, Fault> {
    number(word, "a number of bytes")
}

/// How many servers wait to be added.
pub(crate) fn waiting(word: &str) -> Result<u64, Fault> {
    number(word, "how many servers wait to be added")
}

/// A configuration and its index in the log: `S1/S2@3` is entry 3.
pub(crate) fn members_at(word: &str) -> Result<(Members, Index), Fault> {
    let (members, at) = word.split_once('@').ok_or_else(|| {
        Fault::word(word, "a configuration in the log is written SERVERS@INDEX, like S1/S2@3")
    })?;
    Ok((servers(members)?, index(at)?))
}

/// An index for each of some servers: `S2/S3@4`.
pub(crate) fn index_of(word: &str) -> Result<(BTreeSet<ServerId>, Index), Fault> {
    let (of, at) = word.split_once('@').ok_or_else(|| {
        Fault::word(word, "an index of other servers is written SERVERS@INDEX, like S2/S3@4")
    })?;
    Ok((servers(of)?, index(at)?))
}

/// A place in a log and the term there: `5@2` is index 5, term 2.
pub(crate) fn place(word: &str) -> Result<(Index, Term), Fault> {
    let (at, of) = word
        .split_once('@')
        .ok_or_else(|| Fault::word(word, "a place in a log is written INDEX@TERM, like 5@2"))?;
    Ok((index(at)?, term(of)?))
}

/// A client and the number of its command: `2/1` is the first command of the client that the entry at index 2
/// registered.
pub(crate) fn session(word: &str) -> Result<Session, Fault> {
    let (client, serial) = word.split_once('/').ok_or_else(|| {
        Fault::word(word, "a session is written CLIENT/SERIAL, like 2/1: the client that registered at index 2, its command 1")
    })?;
    let client = ClientId(number(client, "a client")?);
    Ok(Session { client, serial: number(serial, "a serial number")? })
}

/// `yes` or `no`.
pub(crate) fn yes_no(word: &str) -> Result<bool, Fault> {
    match word {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(Fault::word(word, "it must be `yes` or `no`")),
    }
}

/// The terms of entries: `1/1/2`; `none` for no entries.
pub(crate) fn terms(word: &str) -> Result<Vec<Term>, Fault> {
    if word == "none" {
        return Ok(Vec::new());
    }
    word.split('/').map(term).collect()
}

/// Entries with these terms that follow index `before`. An entry's command depends only on its index and term,
/// as Log Matching requires. One of them may be a configuration instead.
pub(crate) fn entries(
    before: Index,
    terms: &[Term],
    configuration: Option<(Members, Index)>,
) -> Result<Vec<Entry>, Fault> {
    let command = |(&term, index)| Entry::command(term, format!("set x {index}@{term}").as_str());
    let mut entries: Vec<Entry> = terms.iter().zip(before.0 + 1..).map(command).collect();
    if let Some((members, index)) = configuration {
        let place = index.0.checked_sub(before.0 + 1).and_then(|place| usize::try_from(place).ok());
        let entry = place.and_then(|place| entries.get_mut(place)).ok_or_else(|| {
            Fault::Script(format!("there is no entry {index} here to hold a configuration"))
        })?;
        entry.payload = Payload::Members(members);
    }
    Ok(entries)
}
