//! What each command of a script does.

mod beginning;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;

use goldenscript::{Block, Command, Context, Runner};
use protocol::execution::Execution;
use protocol::{Bytes, ClientRequest, Config, RequestId, ServerId, Timer};
use simulator::{Boot, Given, Scripted, Selector, Stop};

use super::words::{self, Fault, Words};
use super::{calls, disks, expect, transcript};
use crate::Failure;

/// The commands of the language, each with its words.
pub const COMMANDS: &[(&str, &str)] = &[
    ("cluster", "COUNT [waiting=N]"),
    ("config", "[snapshot=N] [chunk=N] [batch=N]"),
    (
        "given",
        "SERVER [term=N] [vote=SERVER] [log=TERMS] [members=SERVERS@N] [commit=N] [role=ROLE] \
         [votes=SERVERS] [leader=SERVER]",
    ),
    ("timeout", "SERVER"),
    ("heartbeat", "SERVER"),
    ("quiet", "SERVER"),
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
    ("change", "SERVER SERVERS"),
    ("transfer", "SERVER to=SERVER"),
    ("crash", "SERVER [torn=N] [during=write]"),
    ("kill", "SERVER [torn=N] [during=write]"),
    ("fail", "SERVER write|sync|read|full [written=N]"),
    ("damage", "SERVER [byte=N]"),
    ("restart", "SERVER"),
    ("ask", "SERVER RPC from=SERVER term=N …"),
    ("reply", "SERVER RPC from=SERVER term=N …"),
    ("show", "[SERVER …] [base]"),
    (
        "expect",
        "SERVER … [ROLE] [term=N] [vote=SERVER] [log=TERMS] [commit=N] [applied=N] [members=SERVERS] \
         [base=N]",
    ),
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

/// Carries out a script, command by command.
pub(crate) struct ScenarioRunner {
    boot: Boot,
    seed: u64,
    /// Whether a restart must bring back what was on disk.
    durable: bool,
    pub(crate) count: Option<u64>,
    config: Config,
    /// How servers begin that do not begin anew.
    pub(crate) given: BTreeMap<ServerId, Given>,
    pub(crate) world: Option<Scripted>,
    /// What was last shown of each server.
    shown: BTreeMap<ServerId, String>,
    /// Of whom the block shows how far its log is compacted.
    show_base: BTreeSet<ServerId>,
    /// How many client answers were shown.
    answers_shown: usize,
    /// What a client must not be told. How its request ends otherwise, is not shown.
    forbidden: BTreeMap<RequestId, String>,
    /// How many commands were begun.
    pub(crate) commands: usize,
    /// Where the trace stood at the beginning of each block.
    pub(crate) blocks_began: Vec<usize>,
    /// Whether a server was told something by the script that no other server has said.
    made_up: bool,
    /// Why the script did not go on.
    pub(crate) fault: Option<Fault>,
}

impl ScenarioRunner {
    pub(crate) fn new(boot: Boot, seed: u64, durable: bool) -> Self {
        ScenarioRunner {
            boot,
            seed,
            durable,
            count: None,
            config: Config::default(),
            given: BTreeMap::new(),
            world: None,
            shown: BTreeMap::new(),
            show_base: BTreeSet::new(),
            answers_shown: 0,
            forbidden: BTreeMap::new(),
            commands: 0,
            blocks_began: Vec::new(),
            made_up: false,
            fault: None,
        }
    }

    pub(super) fn command(&mut self, command: &Command) -> Result<String, Fault> {
        let words = Words::new(command)?;
        let possible = COMMANDS.iter().find(|(name, _)| *name == command.name);
        let Some(&(name, possible)) = possible else { return Err(unknown(&command.name)) };
        match name {
            "cluster" => self.cluster(words, possible)?,
            "config" => self.config(words, possible)?,
            "given" => self.give(words, possible)?,
            "timeout" => self.fire(Timer::Election, words, possible)?,
            "heartbeat" => self.fire(Timer::Heartbeat, words, possible)?,
            "quiet" => self.fire(Timer::Quiet, words, possible)?,
            "deliver" | "lose" | "hold" | "release" | "duplicate" => self.messages(name, words)?,
            "settle" => {
                words.end("no words")?;
                self.world()?.settle()?;
            }
            "partition" | "cut" | "heal" => self.links(name, words, possible)?,
            "client" | "query" => self.client(name, words, possible)?,
            "change" | "transfer" => self.manage(name, words, possible)?,
            "crash" | "kill" | "fail" | "damage" => {
                disks::command(self.world()?, name, words, possible)?;
            }
            "restart" => {
                let id = one_server(words, possible)?;
                self.world()?.restart(id)?;
            }
            "ask" | "reply" => {
                self.made_up = true;
                if name == "ask" {
                    return calls::ask(self.world()?, words);
                }
                calls::reply(self.world()?, words)?;
            }
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

    /// A client asks for a change of members, or for another leader.
    fn manage(&mut self, name: &str, mut words: Words<'_>, possible: &str) -> Result<(), Fault> {
        let id = words::server(words.required("the server that is asked")?)?;
        let (request, text) = if name == "change" {
            let list = words.required("the servers that are to be the cluster, like S1/S2/S4")?;
            let members = words::servers(list)?;
            members.iter().try_for_each(|&id| self.known(id))?;
            (ClientRequest::Change(members), format!("change {list}"))
        } else {
            let to = words.need("to", words::server)?;
            self.known(to)?;
            (ClientRequest::Transfer(to), format!("transfer to={to}"))
        };
        words.end(possible)?;
        self.world()?.client(id, request, &text)?;
        Ok(())
    }

    /// Lets the end of the block show these servers, or all, also if nothing has changed; with `base`, also
    /// how far their logs are compacted.
    fn show(&mut self, mut words: Words<'_>, possible: &str) -> Result<(), Fault> {
        let mut servers = BTreeSet::new();
        let mut base = false;
        while let Some(word) = words.next() {
            if word == "base" {
                base = true;
            } else {
                servers.insert(words::server(word)?);
            }
        }
        words.end(possible)?;
        servers.iter().try_for_each(|&id| self.known(id))?;
        let world = self.world()?;
        if servers.is_empty() {
            servers.clone_from(world.cluster.servers());
        }
        self.shown.retain(|id, _| !servers.contains(id));
        if base {
            self.show_base.extend(servers);
        }
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
    pub(super) fn world(&mut self) -> Result<&mut Scripted, Fault> {
        if self.world.is_none() {
            let Some(count) = self.count else {
                return Err(Fault::Script(NO_CLUSTER.to_owned()));
            };
            let (config, boot) = (self.config.clone(), self.boot.clone());
            let mut world = Scripted::new(count, config, self.seed, boot, &self.given)?;
            world.cluster.durable = self.durable;
            self.world = Some(world);
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
        for &id in world.cluster.servers() {
            let line = transcript::server(&world.cluster, id);
            if self.shown.get(&id) != Some(&line) {
                let base =
                    self.show_base.contains(&id).then(|| transcript::base(&world.cluster, id));
                let _ = writeln!(text, "{line}{}", base.unwrap_or_default());
                self.shown.insert(id, line);
            }
        }
        self.show_base.clear();
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
        self.blocks_began.push(self.trace().len());
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
    /// Where the trace stood at the beginning of the present block.
    pub(crate) fn block_began(&self) -> usize {
        self.blocks_began.last().copied().unwrap_or_default()
    }

    /// What the servers did, and how the run ended; nothing, if the script began in the middle of their
    /// lives, or spoke in the name of one of them.
    pub(crate) fn execution(&self) -> Option<(Execution, Result<(), &Stop>)> {
        let world = self.world.as_ref().filter(|_| self.given.is_empty() && !self.made_up)?;
        let ended = match &self.fault {
            Some(Fault::Stopped(stop)) => Err(stop),
            _ => Ok(()),
        };
        Some((simulator::execution(&world.cluster)?, ended))
    }

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
