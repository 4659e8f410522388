//! What each command of a script does.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;

use goldenscript::{Block, Command, Context, Runner};
use protocol::{Bytes, ClientRequest, Config, Index, RequestId, ServerId, Timer};
use simulator::{Boot, Given, GivenRole, Scripted, Selector};

use super::words::{self, Fault, Words};
use super::{calls, expect, transcript};
use crate::Failure;

/// The commands of the language, each with its words.
pub const COMMANDS: &[(&str, &str)] = &[
    ("cluster", "COUNT"),
    (
        "given",
        "SERVER [term=N] [vote=SERVER] [log=TERMS] [commit=N] [role=ROLE] [votes=SERVERS] \
         [leader=SERVER]",
    ),
    ("timeout", "SERVER"),
    ("heartbeat", "SERVER"),
    ("deliver", "[from=SERVERS] [to=SERVERS] [kind=KIND] [term=N] [newest=N]"),
    ("lose", "[from=SERVERS] [to=SERVERS] [kind=KIND] [term=N] [newest=N]"),
    ("hold", "[from=SERVERS] [to=SERVERS] [kind=KIND] [term=N] [newest=N]"),
    ("release", "[from=SERVERS] [to=SERVERS] [kind=KIND] [term=N] [newest=N]"),
    ("duplicate", "[from=SERVERS] [to=SERVERS] [kind=KIND] [term=N] [newest=N]"),
    ("settle", ""),
    ("partition", "SERVERS SERVERS …"),
    ("cut", "from=SERVER to=SERVER"),
    ("heal", ""),
    ("client", "SERVER \"COMMAND\" [session=CLIENT/SERIAL]"),
    ("query", "SERVER \"QUERY\" [not=RESULT]"),
    ("crash", "SERVER"),
    ("restart", "SERVER"),
    ("ask", "SERVER RPC from=SERVER term=N …"),
    ("reply", "SERVER RPC from=SERVER term=N …"),
    ("show", "[SERVER …]"),
    ("expect", "SERVER … [ROLE] [term=N] [vote=SERVER] [log=TERMS] [commit=N] [applied=N]"),
    ("todo", "\"exercise N.M\""),
];

/// Kinds of messages, as selectors name them.
const KINDS: [&str; 10] = [
    "RequestVote",
    "RequestVoteReply",
    "AppendEntries",
    "AppendEntriesReply",
    "InstallSnapshot",
    "InstallSnapshotReply",
    "PreVote",
    "PreVoteReply",
    "TimeoutNow",
    "TimeoutNowReply",
];

const NO_CLUSTER: &str = "a scenario begins with `cluster` and the number of servers";

/// So many servers are enough for every scenario of the paper.
const MOST_SERVERS: u64 = 9;

/// Carries out a script, command by command.
pub(crate) struct ScenarioRunner {
    boot: Boot,
    seed: u64,
    count: Option<u64>,
    /// How servers begin that do not begin anew.
    pub(crate) given: BTreeMap<ServerId, Given>,
    pub(crate) world: Option<Scripted>,
    /// What was last shown of each server.
    shown: BTreeMap<ServerId, String>,
    /// How many client answers were shown.
    answers_shown: usize,
    /// What a client must not be told. How its request ends otherwise, is not shown.
    forbidden: BTreeMap<RequestId, String>,
    /// How many commands were begun.
    pub(crate) commands: usize,
    /// Where the trace stood at the beginning of the block.
    pub(crate) block_began: usize,
    /// Why the script did not go on.
    pub(crate) fault: Option<Fault>,
}

impl ScenarioRunner {
    pub(crate) fn new(boot: Boot, seed: u64) -> Self {
        ScenarioRunner {
            boot,
            seed,
            count: None,
            given: BTreeMap::new(),
            world: None,
            shown: BTreeMap::new(),
            answers_shown: 0,
            forbidden: BTreeMap::new(),
            commands: 0,
            block_began: 0,
            fault: None,
        }
    }

    fn command(&mut self, command: &Command) -> Result<String, Fault> {
        let words = Words::new(command)?;
        let possible = COMMANDS.iter().find(|(name, _)| *name == command.name);
        let Some(&(name, possible)) = possible else { return Err(unknown(&command.name)) };
        match name {
            "cluster" => self.cluster(words, possible)?,
            "given" => self.give(words, possible)?,
            "timeout" => self.fire(Timer::Election, words, possible)?,
            "heartbeat" => self.fire(Timer::Heartbeat, words, possible)?,
            "deliver" | "lose" | "hold" | "release" | "duplicate" => self.messages(name, words)?,
            "settle" => {
                words.end("no words")?;
                self.world()?.settle()?;
            }
            "partition" | "cut" | "heal" => self.links(name, words, possible)?,
            "client" | "query" => self.client(name, words, possible)?,
            "crash" => {
                let id = one_server(words, possible)?;
                self.world()?.crash(id)?;
            }
            "restart" => {
                let id = one_server(words, possible)?;
                self.world()?.restart(id)?;
            }
            "ask" => return calls::ask(self.world()?, words),
            "reply" => calls::reply(self.world()?, words)?,
            "show" => self.show(words, possible)?,
            "expect" => expect::expect(self.world()?, words)?,
            _ => return Err(todo(words)),
        }
        Ok(String::new())
    }

    fn fire(&mut self, timer: Timer, words: Words<'_>, possible: &str) -> Result<(), Fault> {
        let id = one_server(words, possible)?;
        Ok(self.world()?.fire(id, timer)?)
    }

    fn client(&mut self, name: &str, mut words: Words<'_>, possible: &str) -> Result<(), Fault> {
        let id = words::server(words.required("the server that is asked")?)?;
        let text = words.required("what the client asks, in quotation marks")?;
        let session = if name == "client" { words.read("session", words::session)? } else { None };
        let forbidden = if name == "query" { words.key("not") } else { None };
        words.end(possible)?;
        let request = match name {
            "client" => ClientRequest::Command(protocol::Command { session, ..text.into() }),
            _ => ClientRequest::Query(Bytes::copy_from_slice(text.as_bytes())),
        };
        let id = self.world()?.client(id, request, text)?;
        if let Some(result) = forbidden {
            self.forbidden.insert(id, result.to_owned());
        }
        Ok(())
    }

    /// Lets the end of the block show these servers, or all, also if nothing has changed.
    fn show(&mut self, mut words: Words<'_>, possible: &str) -> Result<(), Fault> {
        let mut servers = Vec::new();
        while let Some(word) = words.next() {
            servers.push(words::server(word)?);
        }
        words.end(possible)?;
        servers.iter().try_for_each(|&id| self.known(id))?;
        self.world()?;
        match servers.as_slice() {
            [] => self.shown.clear(),
            some => some.iter().for_each(|id| drop(self.shown.remove(id))),
        }
        Ok(())
    }

    fn cluster(&mut self, mut words: Words<'_>, possible: &str) -> Result<(), Fault> {
        let word = words.required("the number of servers")?;
        let many = format!("a cluster has 1 to {MOST_SERVERS} servers");
        let count = word.parse().map_err(|_| Fault::word(word, &many))?;
        if !(1..=MOST_SERVERS).contains(&count) {
            return Err(Fault::word(word, many));
        }
        words.end(possible)?;
        if self.count.replace(count).is_some() {
            return Err(Fault::Script("a scenario has one `cluster`, at its beginning".to_owned()));
        }
        Ok(())
    }

    fn give(&mut self, mut words: Words<'_>, possible: &str) -> Result<(), Fault> {
        let id = words::server(words.required("the server")?)?;
        if self.world.is_some() {
            let why = "`given` must come before the first command that lets something happen";
            return Err(Fault::Script(why.to_owned()));
        }
        self.known(id)?;
        let log = words.read("log", words::terms)?.unwrap_or_default();
        let last = log.last().copied().unwrap_or_default();
        let voted_for = words.read("vote", words::vote)?.flatten();
        let votes = words.read("votes", words::servers)?;
        let role = match words.key("role").unwrap_or("follower") {
            "follower" | "leader" if votes.is_some() => {
                return Err(Fault::Script("`votes=` is for a candidate".to_owned()));
            }
            "follower" => GivenRole::Follower(words.read("leader", words::server)?),
            "candidate" => GivenRole::Candidate(votes.unwrap_or_else(|| BTreeSet::from([id]))),
            "leader" => GivenRole::Leader,
            role => return Err(Fault::word(role, "follower, candidate or leader is possible")),
        };
        // Who campaigns or leads has voted for itself.
        let own = matches!(role, GivenRole::Candidate(_) | GivenRole::Leader).then_some(id);
        let given = Given {
            current_term: words.read("term", words::term)?.unwrap_or(last),
            voted_for: voted_for.or(own),
            log: words::entries(Index(0), &log),
            commit_index: words.read("commit", words::index)?.unwrap_or_default(),
            role,
        };
        words.end(possible)?;
        if given.current_term < last {
            return Err(Fault::Script(format!(
                "{id} cannot be in term {} with an entry of term {last} in its log",
                given.current_term
            )));
        }
        self.given.insert(id, given);
        Ok(())
    }

    /// The server must be one of the cluster.
    fn known(&self, id: ServerId) -> Result<(), Fault> {
        match self.count {
            None => Err(Fault::Script(NO_CLUSTER.to_owned())),
            Some(count) if id.0 > count => {
                let why = format!("there is no server {id}; this cluster has S1 to S{count}");
                Err(Fault::Script(why))
            }
            Some(_) => Ok(()),
        }
    }

    /// The world, made when the first command needs it.
    fn world(&mut self) -> Result<&mut Scripted, Fault> {
        if self.world.is_none() {
            let Some(count) = self.count else {
                return Err(Fault::Script(NO_CLUSTER.to_owned()));
            };
            let config = Config::default();
            let boot = self.boot.clone();
            self.world = Some(Scripted::new(count, config, self.seed, boot, &self.given)?);
        }
        match &mut self.world {
            Some(world) => Ok(world),
            None => Err(Fault::Script("there is no cluster".to_owned())),
        }
    }

    fn messages(&mut self, name: &str, mut words: Words<'_>) -> Result<(), Fault> {
        let kind = words.key("kind").map(str::to_owned);
        if let Some(kind) = kind.as_ref().filter(|kind| !KINDS.contains(&kind.as_str())) {
            return Err(Fault::word(kind, format!("one of {} is possible", KINDS.join(", "))));
        }
        let from = words.read("from", words::servers)?;
        let to = words.read("to", words::servers)?;
        let term = words.read("term", words::term)?;
        let newest = words.read("newest", words::newest)?;
        words.end("[from=SERVERS] [to=SERVERS] [kind=KIND] [term=N] [newest=N]")?;
        let selector = Selector { from, to, kind, term, newest };
        let world = self.world()?;
        let there: BTreeSet<String> = world
            .in_flight()
            .filter(|&(_, held)| held == (name == "release") || name == "lose")
            .map(|(message, _)| format!("{}→{} {}", message.from, message.to, message.kind()))
            .collect();
        let count = match name {
            "deliver" => world.deliver(&selector)?,
            "lose" => world.lose(&selector),
            "duplicate" => world.duplicate(&selector),
            _ => world.hold(&selector, name == "hold"),
        };
        if count > 0 {
            return Ok(());
        }
        let there = if there.is_empty() {
            "there is none in the network".to_owned()
        } else {
            let there: Vec<String> = there.into_iter().collect();
            format!("in the network are {}", there.join(", "))
        };
        Err(Fault::Subject(Failure::new(format!("a message that `{name}` finds"), there).note(
            "A selector that matches nothing is an error: either the script names the wrong \
                 message, or a server did not send what it should.",
        )))
    }

    fn links(&mut self, name: &str, mut words: Words<'_>, possible: &str) -> Result<(), Fault> {
        match name {
            "partition" => {
                let mut groups: Vec<Vec<ServerId>> = Vec::new();
                while let Some(word) = words.next() {
                    groups.push(words::servers(word)?.into_iter().collect());
                }
                words.end(possible)?;
                groups.iter().flatten().try_for_each(|&id| self.known(id))?;
                if groups.is_empty() {
                    return Err(Fault::Script(format!("`partition` takes {possible}")));
                }
                self.world()?.partition(&groups);
            }
            "cut" => {
                let from = words.need("from", words::server)?;
                let to = words.need("to", words::server)?;
                words.end(possible)?;
                self.known(from).and_then(|()| self.known(to))?;
                self.world()?.cut(from, to);
            }
            _ => {
                words.end("no words")?;
                self.world()?.heal();
            }
        }
        Ok(())
    }

    /// The servers whose line has changed, and new answers to clients.
    fn show_changes(&mut self) -> Result<String, Fault> {
        let Some(world) = &self.world else { return Ok(String::new()) };
        let mut text = String::new();
        for &id in world.cluster.members() {
            let line = transcript::server(&world.cluster, id);
            if self.shown.get(&id) != Some(&line) {
                let _ = writeln!(text, "{line}");
                self.shown.insert(id, line);
            }
        }
        // Who of several clients is told first is not determined.
        let mut answers: Vec<_> = world.answers()[self.answers_shown..].iter().collect();
        answers.sort_by_key(|(id, ..)| *id);
        for (id, server, answer) in answers {
            let words = world.asked().get(id).map_or("", |(_, words)| words);
            let asked = format!("client {words:?} at {server}");
            match self.forbidden.get(id) {
                None => {
                    let _ = writeln!(text, "{asked}: {}", transcript::answer(answer));
                }
                Some(result) if answer.as_ref().is_ok_and(|told| told == result.as_bytes()) => {
                    let expected = format!("{asked}: any answer but {result}");
                    let happened = format!("{asked}: {result}");
                    return Err(Fault::Subject(Failure::new(expected, happened)));
                }
                Some(_) => {}
            }
        }
        self.answers_shown = world.answers().len();
        if text.is_empty() {
            text.push_str("nothing has changed\n");
        }
        Ok(text)
    }
}

impl Runner for ScenarioRunner {
    type Command = Command;

    fn start_block(&mut self, _block: &Block) -> Result<String, Box<dyn Error>> {
        self.block_began = self.trace().len();
        Ok(String::new())
    }

    fn run(&mut self, command: &Command, context: &Context) -> Result<String, Box<dyn Error>> {
        self.commands += 1;
        self.command(command).map_err(|fault| {
            // What the script says must fail (`! timeout S1`) is no fault of it.
            self.fault = Some(fault).filter(|_| !context.fail);
            "see the fault".into()
        })
    }

    fn end_block(&mut self, _block: &Block) -> Result<String, Box<dyn Error>> {
        self.world().map(|_| ()).and_then(|()| self.show_changes()).map_err(|fault| {
            self.fault = Some(fault);
            "see the fault".into()
        })
    }
}

impl ScenarioRunner {
    /// What has happened so far.
    pub(crate) fn trace(&self) -> &[simulator::Traced] {
        self.world.as_ref().and_then(|world| world.cluster.trace.as_deref()).unwrap_or_default()
    }
}

fn one_server(mut words: Words<'_>, possible: &str) -> Result<ServerId, Fault> {
    let id = words::server(words.required("a server, like S1")?)?;
    words.end(possible)?;
    Ok(id)
}

/// The place of an exercise that is not written yet.
fn todo(mut words: Words<'_>) -> Fault {
    match words.required("the exercise") {
        Ok(exercise) => Fault::Subject(Failure::todo(exercise.trim_start_matches("exercise "))),
        Err(fault) => fault,
    }
}

fn unknown(name: &str) -> Fault {
    let names: Vec<&str> = COMMANDS.iter().map(|(name, _)| *name).collect();
    Fault::Script(format!("`{name}` is not a command; possible are {}", names.join(", ")))
}
