//! The lab's own client: it follows the leader, and it may have a session.
//!
//! A client that gets no answer does not know whether its command was executed. Without a session it must not ask
//! again: the command might be executed twice. With one it asks again until it is answered, because the servers
//! execute each command of a session once (exercise 4.9; dissertation §6.3). A session has one command under way at
//! a time: the servers keep the result of its last command alone.

use std::io;
use std::time::{Duration, Instant};

use crate::tool::{Reply, Talk};

/// How long a client waits before it asks another server.
const PAUSE: Duration = Duration::from_millis(10);

/// A client of a cluster.
#[derive(Debug)]
pub struct Client {
    servers: Vec<String>,
    at: usize,
    talk: Option<Talk>,
    patience: Duration,
}

/// What one server made of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It was executed. This is the result, which may be an error of the store.
    Done(Reply),
    /// Nothing was done: the client may ask again.
    NotDone(String),
    /// It may have been executed, or may be later, or never.
    Unknown(String),
}

/// What has become of a request in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was executed, with this result.
    Done(Reply),
    /// It was certainly not executed by any server until the client gave up.
    NotDone,
    /// It may have been executed.
    Unknown,
}

/// An attempt, and when and where it was made.
#[derive(Clone, Debug)]
pub struct Attempted {
    /// The place of the server in the client's list.
    pub server: usize,
    /// When the request was sent.
    pub called: Instant,
    /// When the client knew more.
    pub returned: Instant,
    /// What it knew.
    pub attempt: Attempt,
}

impl Client {
    /// A client of the servers at these addresses. It waits for each answer for at most `patience`.
    ///
    /// # Panics
    /// If there are no servers.
    pub fn new(servers: Vec<String>, patience: Duration) -> Self {
        assert!(!servers.is_empty(), "a client needs servers");
        Client { servers, at: 0, talk: None, patience }
    }

    /// The next request goes to the server at this place of the list.
    pub fn go_to(&mut self, at: usize) {
        if self.at != at {
            (self.at, self.talk) = (at % self.servers.len(), None);
        }
    }

    /// The place of the server that gets the next request.
    pub fn server(&self) -> usize {
        self.at
    }

    /// Sends a request to one server. If nothing was done, the next attempt goes to the server that this one names,
    /// or to another one.
    pub fn attempt(&mut self, words: &[&[u8]]) -> Attempt {
        let talk = match self.talk.take() {
            Some(talk) => Ok(talk),
            None => Talk::connect(&self.servers[self.at], self.patience),
        };
        let mut talk = match talk {
            Ok(talk) => talk,
            Err(error) => {
                self.elsewhere();
                return Attempt::NotDone(error.to_string());
            }
        };
        match talk.ask(words) {
            Ok(Reply::Error(text)) if text.starts_with("MOVED") => {
                let address = text.rsplit(' ').next().unwrap_or_default();
                match self.servers.iter().position(|it| it == address) {
                    Some(leader) => self.at = leader,
                    None => self.elsewhere(),
                }
                Attempt::NotDone(text)
            }
            Ok(Reply::Error(text)) if text.starts_with("TRYAGAIN") => {
                self.elsewhere();
                Attempt::NotDone(text)
            }
            Ok(Reply::Error(text)) if text.starts_with("UNKNOWN") => {
                self.talk = Some(talk);
                Attempt::Unknown(text)
            }
            Ok(reply) => {
                self.talk = Some(talk);
                Attempt::Done(reply)
            }
            // The connection is gone, and nobody knows how far the request has come.
            Err(error) => {
                self.elsewhere();
                Attempt::Unknown(in_words(&error))
            }
        }
    }

    fn elsewhere(&mut self) {
        (self.at, self.talk) = ((self.at + 1) % self.servers.len(), None);
    }

    /// Asks until the request is done, or may have been done, or `until` has passed. `note` learns of each attempt.
    pub fn ask(
        &mut self,
        words: &[&[u8]],
        until: Instant,
        note: &mut dyn FnMut(Attempted),
    ) -> Outcome {
        loop {
            match self.noted(words, note) {
                Attempt::Done(reply) => return Outcome::Done(reply),
                Attempt::Unknown(_) => return Outcome::Unknown,
                Attempt::NotDone(_) if Instant::now() >= until => return Outcome::NotDone,
                Attempt::NotDone(why) => pause_after(&why),
            }
        }
    }

    fn noted(&mut self, words: &[&[u8]], note: &mut dyn FnMut(Attempted)) -> Attempt {
        let (server, called) = (self.at, Instant::now());
        let attempt = self.attempt(words);
        note(Attempted { server, called, returned: Instant::now(), attempt: attempt.clone() });
        attempt
    }
}

/// A client that learns who leads goes there at once. Otherwise there may be no leader, and time helps.
fn pause_after(why: &str) {
    if !why.starts_with("MOVED") {
        std::thread::sleep(PAUSE);
    }
}

fn in_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => "no answer in time".to_owned(),
        _ => error.to_string(),
    }
}

/// A client's session: its commands are executed once, however often they are asked for.
#[derive(Debug)]
pub struct Session {
    /// The number that the servers have given it.
    number: i64,
    /// The place of its last command.
    serial: u64,
}

impl Session {
    /// Opens a session. `None` if no server opens one until `until`, for example because exercise 4.9 is not written.
    pub fn open(client: &mut Client, until: Instant) -> Option<Self> {
        loop {
            match client.attempt(&[b"SESSION", b"OPEN"]) {
                Attempt::Done(Reply::Integer(number)) => {
                    return Some(Session { number, serial: 0 });
                }
                Attempt::Done(_) => return None,
                // A session that nobody knows of is dropped when there are too many.
                Attempt::NotDone(_) | Attempt::Unknown(_) if Instant::now() >= until => {
                    return None;
                }
                Attempt::NotDone(why) | Attempt::Unknown(why) => pause_after(&why),
            }
        }
    }

    /// Asks until the command is answered, or `until` has passed. If it has, or the servers have dropped the session,
    /// the outcome may be unknown.
    pub fn ask(
        &mut self,
        client: &mut Client,
        words: &[&[u8]],
        until: Instant,
        note: &mut dyn FnMut(Attempted),
    ) -> Outcome {
        self.serial += 1;
        let (number, serial) = (self.number.to_string(), self.serial.to_string());
        let mut with: Vec<&[u8]> = vec![b"SESSION", number.as_bytes(), serial.as_bytes()];
        with.extend(words);
        let mut is_unknown = false;
        loop {
            let why = match client.noted(&with, note) {
                Attempt::Done(reply) => return Outcome::Done(reply),
                Attempt::Unknown(why) => {
                    is_unknown = true;
                    if why.contains(SESSION_ENDED) {
                        return Outcome::Unknown;
                    }
                    client.elsewhere();
                    why
                }
                Attempt::NotDone(why) => why,
            };
            if Instant::now() >= until {
                return if is_unknown { Outcome::Unknown } else { Outcome::NotDone };
            }
            pause_after(&why);
        }
    }
}

/// What a server says of a command whose session it does not know.
pub(crate) const SESSION_ENDED: &str = "the session has ended";
