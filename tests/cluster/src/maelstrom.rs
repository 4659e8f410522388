//! A server as a node of Maelstrom's workload `lin-kv`: it reads messages on its standard input and writes them on its
//! standard output. The core is the one that the process with sockets has.
//!
//! Maelstrom has no redirection, so a follower forwards what clients ask to the leader, and the answer back. Raft's
//! messages travel as frames in hexadecimal digits. The disk is in memory, because Maelstrom ends no node.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Write as _};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use protocol::{Bytes, Disk, ServerId, Setup};
use serde_json::{Value, json};

use crate::core::{Answer, ConnectionId, Core, Identity, Input, Limits, Output, Question};
use crate::group_disk::GroupDisk;
use crate::kind::{Kind, config};
use crate::machine::{ByteStore, Operation, Outcome};
use crate::wire::{frame, read_frame};

/// Maelstrom's errors: the first two mean that nothing was done, the third that nobody knows.
const NOT_SUPPORTED: u32 = 10;
const UNAVAILABLE: u32 = 11;
const TIMEOUT: u32 = 0;
/// The key has no value; the value is another one.
const NO_KEY: u32 = 20;
const PRECONDITION: u32 = 22;

/// Runs a node until its standard input ends.
///
/// # Errors
/// If the first message is not `init`, the disk fails, or the output is closed.
pub(crate) fn run(kind: Kind) -> io::Result<()> {
    let mut first = String::new();
    if io::stdin().read_line(&mut first)? == 0 {
        return Ok(());
    }
    let init = Message::read(&first)?;
    let names = init.body["node_ids"].as_array().cloned().unwrap_or_default();
    let names: Vec<String> =
        names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect();
    let me = init.body["node_id"].as_str().unwrap_or_default().to_owned();
    let Some(place) = names.iter().position(|name| *name == me) else {
        return Err(io::Error::other(
            "the first message must be `init`, with node_id and node_ids",
        ));
    };
    let (sender, arrived) = channel();
    thread::spawn(move || {
        for line in io::stdin().lines() {
            match line.and_then(|line| Message::read(&line)) {
                Ok(message) => {
                    // The node has ended, and nobody reads any more.
                    if sender.send(message).is_err() {
                        break;
                    }
                }
                Err(error) => eprintln!("this is no message: {error}"),
            }
        }
    });
    let mut node = Node::new(kind, names, place)?;
    node.say(&init.from, &json!({"type": "init_ok", "in_reply_to": init.body["msg_id"]}))?;
    node.run(&arrived)
}

/// A message of Maelstrom.
struct Message {
    from: String,
    body: Value,
}

impl Message {
    fn read(line: &str) -> io::Result<Self> {
        let mut json: Value = serde_json::from_str(line).map_err(io::Error::other)?;
        let from = json["src"].as_str().unwrap_or_default().to_owned();
        // A line may be any JSON: indexing a number would panic.
        let body = json.get_mut("body").map(Value::take).unwrap_or_default();
        Ok(Message { from, body })
    }
}

/// Somebody who waits for an answer.
struct Asker {
    /// The client, or the node that has forwarded its request.
    to: String,
    /// What was asked, as it arrived.
    asked: Value,
    /// Whether another node has forwarded it. It is not forwarded again: nodes may disagree on who leads.
    forwarded: bool,
}

/// A node of Maelstrom.
struct Node {
    core: Core,
    names: Vec<String>,
    place: usize,
    start: Instant,
    askers: BTreeMap<ConnectionId, Asker>,
    last: u64,
}

impl Node {
    fn new(kind: Kind, names: Vec<String>, place: usize) -> io::Result<Self> {
        let random = || getrandom::u64().map_err(io::Error::other);
        let id = ServerId(place as u64 + 1);
        let disk = GroupDisk::new(Box::<Memory>::default());
        let setup = Setup {
            id,
            members: (1..=names.len() as u64).map(ServerId).collect(),
            config: config(false),
            seed: random()?,
            disk: Box::new(disk.clone()),
            machine: Box::new(ByteStore::default()),
        };
        let identity = Identity { cluster: 0, id, boot: random()? };
        let core = Core::new(identity, Limits::default(), (kind.make)(setup), disk);
        let (start, askers) = (Instant::now(), BTreeMap::new());
        Ok(Node { core, names, place, start, askers, last: 0 })
    }

    /// Runs until nothing can arrive any more.
    fn run(&mut self, arrived: &Receiver<Message>) -> io::Result<()> {
        let started = self.core.start(self.start.elapsed()).map_err(io::Error::other)?;
        self.let_out(started)?;
        let mut batch = VecDeque::new();
        loop {
            let wake_at = self.core.wake_at().unwrap_or(Duration::MAX);
            let wait = wake_at.saturating_sub(self.start.elapsed()).min(Duration::from_secs(1));
            let wait = if batch.is_empty() { wait } else { Duration::ZERO };
            match arrived.recv_timeout(wait) {
                Ok(message) => batch.extend(self.input(message)?),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            for message in arrived.try_iter() {
                batch.extend(self.input(message)?);
            }
            let turned = self.core.turn(self.start.elapsed(), &mut batch);
            self.let_out(turned.map_err(io::Error::other)?)?;
        }
    }

    /// What a message is to the core, if it is for the core.
    fn input(&mut self, message: Message) -> io::Result<Option<Input>> {
        let Message { from, mut body } = message;
        match body["type"].as_str() {
            Some("raft") => {
                let bytes = bytes(body["frame"].as_str().unwrap_or_default());
                match read_frame(&mut &bytes[..]) {
                    Ok(read) => Ok(read.map(|(envelope, _)| Input::Message(envelope))),
                    Err(error) => {
                        eprintln!("{from} has sent a broken frame: {error}");
                        Ok(None)
                    }
                }
            }
            Some("forward") => {
                Ok(Some(self.ask(Asker { to: from, asked: body["asked"].take(), forwarded: true })))
            }
            Some("forwarded") => {
                let client = body["client"].as_str().unwrap_or_default().to_owned();
                self.say(&client, &body["answer"])?;
                Ok(None)
            }
            Some("read" | "write" | "cas") => {
                // The leader's answer comes back with the client's name.
                body["client"] = json!(from);
                Ok(Some(self.ask(Asker { to: from, asked: body, forwarded: false })))
            }
            _ => {
                let text = "this node serves the workload lin-kv";
                let answer = error(&body, NOT_SUPPORTED, text);
                self.say(&from, &answer)?;
                Ok(None)
            }
        }
    }

    fn ask(&mut self, asker: Asker) -> Input {
        self.last += 1;
        let connection = ConnectionId(self.last);
        let question = question(&asker.asked);
        self.askers.insert(connection, asker);
        Input::Ask { connection, question }
    }

    fn let_out(&mut self, outputs: Vec<Output>) -> io::Result<()> {
        for output in outputs {
            match output {
                Output::Message(envelope) => {
                    let to = usize::try_from(envelope.to.0).unwrap_or(0);
                    let Some(name) = self.names.get(to.wrapping_sub(1)).cloned() else { continue };
                    let frame = digits(&frame(&envelope)?);
                    self.say(&name, &json!({"type": "raft", "frame": frame}))?;
                }
                Output::Answer { connection, answer } => {
                    if let Some(asker) = self.askers.remove(&connection) {
                        self.answer(&asker, &answer)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn answer(&mut self, asker: &Asker, answer: &Answer) -> io::Result<()> {
        let Asker { to, asked, forwarded } = asker;
        if let Answer::Moved(leader) = answer
            && !forwarded
            && let Some(name) =
                usize::try_from(leader.0).ok().and_then(|at| self.names.get(at.wrapping_sub(1)))
        {
            let name = name.clone();
            return self.say(&name, &json!({"type": "forward", "asked": asked}));
        }
        let body = body_of(asked, answer);
        if *forwarded {
            let body = json!({"type": "forwarded", "client": asked["client"], "answer": body});
            return self.say(to, &body);
        }
        self.say(to, &body)
    }

    fn say(&self, to: &str, body: &Value) -> io::Result<()> {
        let line = json!({"src": self.names[self.place], "dest": to, "body": body}).to_string();
        let mut out = io::stdout().lock();
        writeln!(out, "{line}")?;
        out.flush()
    }
}

/// A disk in memory.
#[derive(Debug, Default)]
struct Memory(BTreeMap<String, Vec<u8>>);

impl Disk for Memory {
    fn read(&self, file: &str) -> io::Result<Vec<u8>> {
        Ok(self.0.get(file).cloned().unwrap_or_default())
    }

    fn append(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
        self.0.entry(file.to_owned()).or_default().extend(bytes);
        Ok(())
    }

    fn sync(&mut self, _file: &str) -> io::Result<()> {
        Ok(())
    }

    fn replace(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
        self.0.insert(file.to_owned(), bytes.to_vec());
        Ok(())
    }
}

/// What a client asks. A key and a value are any JSON: their texts are the bytes.
fn question(asked: &Value) -> Question {
    let text = |name: &str| Bytes::from(asked[name].to_string());
    match asked["type"].as_str() {
        Some("write") => Question::Command(Operation::Set(text("key"), text("value")).to_bytes()),
        Some("cas") => {
            Question::Command(Operation::Cas(text("key"), text("from"), text("to")).to_bytes())
        }
        _ => Question::Read(Operation::Get(text("key")).to_bytes()),
    }
}

fn error(asked: &Value, code: u32, text: &str) -> Value {
    json!({"type": "error", "in_reply_to": asked["msg_id"], "code": code, "text": text})
}

/// The answer to a client in Maelstrom's words.
fn body_of(asked: &Value, answer: &Answer) -> Value {
    let done = |kind: &str| json!({"type": kind, "in_reply_to": asked["msg_id"]});
    let bytes = match answer {
        Answer::Result(bytes) => bytes,
        Answer::Unknown(why) => return error(asked, TIMEOUT, why),
        Answer::TryAgain(why) => return error(asked, UNAVAILABLE, why),
        _ => return error(asked, UNAVAILABLE, "another server leads"),
    };
    match Outcome::from_bytes(bytes) {
        Some(Outcome::Stored) => done("write_ok"),
        Some(Outcome::Number(0)) => error(asked, PRECONDITION, "the value is another one"),
        Some(Outcome::Number(_)) => done("cas_ok"),
        Some(Outcome::NoSuchKey | Outcome::Value(None)) => {
            error(asked, NO_KEY, "the key has no value")
        }
        Some(Outcome::Value(Some(value))) => {
            let mut body = done("read_ok");
            body["value"] = serde_json::from_slice(&value).unwrap_or(Value::Null);
            body
        }
        _ => error(asked, NOT_SUPPORTED, "the store does not do that"),
    }
}

/// Bytes as hexadecimal digits.
fn digits(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The bytes that these digits stand for.
fn bytes(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks_exact(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    pairs.filter_map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_survive_as_digits() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(bytes(&digits(&all)), all);
    }

    #[test]
    fn answers_have_the_codes_of_maelstrom() {
        let asked = json!({"type": "cas", "msg_id": 7, "key": 1, "from": 2, "to": 3});
        let code = |answer: &Answer| body_of(&asked, answer)["code"].clone();
        assert_eq!(code(&Answer::TryAgain("no")), 11);
        assert_eq!(code(&Answer::Moved(ServerId(2))), 11);
        assert_eq!(code(&Answer::Unknown("no")), 0);
    }
}
