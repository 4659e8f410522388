//! The words of a client as a question, and answers as bytes.

use std::fmt::Write as _;
use std::time::Duration;

use protocol::{Bytes, ClientId, ServerId, Session};

use super::peers::Peers;
use crate::core::{Answer, Question, Status};
use crate::machine::{MAX_KEY, MAX_VALUE, Operation, Outcome};
use crate::resp;

/// What a client wants.
#[derive(Clone, Debug)]
pub(super) enum Wish {
    /// Something that the server answers.
    Ask(Question),
    /// Something that is about this process, for experiments.
    Control(Control),
    /// The end of the connection.
    Quit,
}

/// What is about a process and not about its server: for experiments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Control {
    /// Be cut off from these servers, and from no others.
    Cut(Vec<ServerId>),
    /// Send nothing to these servers, and everything to all others.
    Mute(Vec<ServerId>),
    /// Send what goes to these servers this much later, and without delay to all others.
    Slow(Duration, Vec<ServerId>),
    /// This server is at these addresses: of servers, of clients.
    Peer(ServerId, String, String),
    /// End in order.
    Shutdown,
}

/// What these words ask for.
pub(super) fn wish(words: &[Bytes]) -> Wish {
    let Some((name, rest)) = words.split_first() else { return error("ERR an empty command") };
    let name = String::from_utf8_lossy(name).to_uppercase();
    match (name.as_str(), rest) {
        ("GET", [key]) => keyed(&[key], || Question::Read(Operation::Get(key.clone()).to_bytes())),
        ("SET", [key, value]) => stored(key, &[value], &Operation::Set(key.clone(), value.clone())),
        ("APPEND", [key, end]) => stored(key, &[end], &Operation::Append(key.clone(), end.clone())),
        ("CAS", [key, old, new]) => {
            let cas = Operation::Cas(key.clone(), old.clone(), new.clone());
            stored(key, &[old, new], &cas)
        }
        ("DEL", [_, ..]) => {
            let keys: Vec<&Bytes> = rest.iter().collect();
            keyed(&keys, || Question::Command(Operation::Del(rest.to_vec()).to_bytes()))
        }
        ("INCRBY", [key, by]) => incremented(key, by),
        ("SESSION", _) => session(rest),
        ("PING", []) => echo(resp::simple("PONG")),
        ("PING", [text]) => echo(resp::bulk(Some(text))),
        ("INFO", _) => Wish::Ask(Question::Status),
        // A client asks for a description of the commands; there is none.
        ("COMMAND" | "CONFIG", _) => echo(resp::nothing()),
        // Libraries say their name and version.
        ("CLIENT", _) => echo(resp::simple("OK")),
        ("SELECT", [number]) if number == "0" => echo(resp::simple("OK")),
        ("QUIT", _) => Wish::Quit,
        ("RAFT", _) => raft(rest),
        ("GET" | "SET" | "APPEND" | "CAS" | "DEL" | "INCRBY" | "PING", _) => error(&format!(
            "ERR wrong number of words for {name}, or an option that is not supported"
        )),
        _ => error(&format!("ERR unknown command '{}'", name.chars().take(40).collect::<String>())),
    }
}

/// A command of a session, or a new session. `SESSION` is a command of this server: the protocol of Redis has none.
fn session(words: &[Bytes]) -> Wish {
    let number = |word: &Bytes| std::str::from_utf8(word).ok()?.parse::<u64>().ok();
    match words {
        [word] if word.eq_ignore_ascii_case(b"OPEN") => Wish::Ask(Question::Register),
        [client, serial, command @ ..] if !command.is_empty() => {
            let (Some(client), Some(serial)) = (number(client), number(serial)) else {
                return error(
                    "ERR SESSION takes two numbers: that of the session and that of the command",
                );
            };
            let session = Session { client: ClientId(client), serial };
            match wish(command) {
                Wish::Ask(Question::Command(bytes) | Question::Read(bytes)) => {
                    Wish::Ask(Question::InSession(session, bytes))
                }
                Wish::Ask(Question::Echo(text)) => echo(text),
                _ => error("ERR a session takes commands of the store alone"),
            }
        }
        _ => error("ERR write SESSION OPEN, or SESSION number serial command"),
    }
}

fn incremented(key: &Bytes, by: &Bytes) -> Wish {
    let by = std::str::from_utf8(by).ok().and_then(|digits| digits.parse().ok());
    let Some(by) = by else {
        return error("ERR value is not an integer or out of range");
    };
    keyed(&[key], || Question::Command(Operation::IncrementBy(key.clone(), by).to_bytes()))
}

/// The commands of `cargo xtask cluster`.
fn raft(words: &[Bytes]) -> Wish {
    let words: Vec<String> =
        words.iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let server = |text: &str| text.parse().ok().map(ServerId);
    let servers = |texts: &[&str]| texts.iter().copied().map(server).collect::<Option<Vec<_>>>();
    let wish = match words[..] {
        ["CUT", ref from @ ..] => servers(from).map(|from| Wish::Control(Control::Cut(from))),
        ["MUTE", ref from @ ..] => servers(from).map(|from| Wish::Control(Control::Mute(from))),
        ["SLOW", millis, ref to @ ..] => millis
            .parse()
            .ok()
            .zip(servers(to))
            .map(|(millis, to)| Wish::Control(Control::Slow(Duration::from_millis(millis), to))),
        ["DIGEST"] => Some(Wish::Ask(Question::Digest)),
        ["PEER", id, peer, client] => server(id)
            .map(|id| Wish::Control(Control::Peer(id, peer.to_owned(), client.to_owned()))),
        ["SHUTDOWN"] => Some(Wish::Control(Control::Shutdown)),
        ["ADD", id] => server(id).map(|id| Wish::Ask(Question::Add(id))),
        ["REMOVE", id] => server(id).map(|id| Wish::Ask(Question::Remove(id))),
        ["TRANSFER", id] => server(id).map(|id| Wish::Ask(Question::Transfer(id))),
        _ => None,
    };
    wish.unwrap_or_else(|| {
        error("ERR the commands are RAFT ADD, REMOVE, TRANSFER, CUT, MUTE, SLOW, DIGEST, PEER and SHUTDOWN")
    })
}

fn echo(bytes: Bytes) -> Wish {
    Wish::Ask(Question::Echo(bytes))
}

fn error(text: &str) -> Wish {
    echo(resp::error(text))
}

fn keyed(keys: &[&Bytes], question: impl FnOnce() -> Question) -> Wish {
    if keys.iter().any(|key| key.len() > MAX_KEY) {
        return error(&format!("ERR a key has more than {MAX_KEY} bytes"));
    }
    Wish::Ask(question())
}

fn stored(key: &Bytes, values: &[&Bytes], operation: &Operation) -> Wish {
    if values.iter().any(|value| value.len() > MAX_VALUE) {
        return error(&format!("ERR a value has more than {MAX_VALUE} bytes"));
    }
    keyed(&[key], || Question::Command(operation.to_bytes()))
}

/// An answer as bytes.
pub(super) fn bytes_of(answer: &Answer, peers: &Peers) -> Bytes {
    match answer {
        Answer::Echo(bytes) => bytes.clone(),
        Answer::Session(client) => resp::integer(client.0),
        Answer::Digest(index, checksum) => resp::simple(&format!("{} {checksum:08x}", index.0)),
        Answer::Status(status) => resp::bulk(Some(info(status).as_bytes())),
        // A slot has no meaning here, but clients expect its number.
        Answer::Moved(leader) => match peers.client_address(*leader) {
            Some(address) => resp::error(&format!("MOVED 0 {address}")),
            None => try_again(&format!("{leader} leads, and its address is not known here")),
        },
        Answer::TryAgain(why) => try_again(why),
        // No client library knows this word, so none repeats the command.
        Answer::Unknown(why) => resp::error(&format!(
            "UNKNOWN {why}; the command may have been executed, or may be executed later, or never"
        )),
        // A change of members, or a transfer.
        Answer::Result(bytes) if bytes.is_empty() => resp::simple("OK"),
        Answer::Result(bytes) => match Outcome::from_bytes(bytes) {
            Some(Outcome::Stored) => resp::simple("OK"),
            Some(Outcome::Value(value)) => resp::bulk(value.as_deref()),
            Some(Outcome::NoSuchKey) => resp::integer(0),
            Some(Outcome::Number(number)) => resp::integer(number),
            Some(Outcome::Sum(sum)) => resp::signed(sum),
            Some(Outcome::NotANumber) => resp::error("ERR value is not an integer or out of range"),
            Some(Outcome::TooLarge) => {
                resp::error(&format!("ERR the value would have more than {MAX_VALUE} bytes"))
            }
            Some(Outcome::NotAnOperation) | None => {
                resp::error("ERR the state machine does not know this command")
            }
        },
    }
}

/// Client libraries repeat a command that gets this answer: it must be true.
fn try_again(why: &str) -> Bytes {
    resp::error(&format!("TRYAGAIN {why}; nothing was done"))
}

/// The answer to `INFO`, in lines of `name:value`.
fn info(status: &Status) -> String {
    let members: Vec<String> = status.members.iter().map(ToString::to_string).collect();
    let leader = status.leader.map_or("none".to_owned(), |leader| leader.to_string());
    let mut text = String::from("# Raft\r\n");
    let lines = [
        ("server", status.id.to_string()),
        ("role", status.role.to_string()),
        ("term", status.term.to_string()),
        ("leader", leader),
        ("commit_index", status.commit_index.to_string()),
        ("last_applied", status.last_applied.to_string()),
        ("last_index", status.last_index.to_string()),
        ("compacted", status.base.to_string()),
        ("members", members.join(",")),
        ("process", std::process::id().to_string()),
    ];
    for (name, value) in lines {
        let _ = write!(text, "{name}:{value}\r\n");
    }
    text
}
