//! All commands of the language, each with its usage and its function.

use goldenscript::Command;

use super::{beginning, calls, clients, disks, expect, explore, links, messages, timers};
use crate::scenario::runner::ScenarioRunner;
use crate::scenario::words::{self, Fault, Words};

/// A command of the language.
struct Row {
    name: &'static str,
    /// Its arguments, as they are shown to someone who got them wrong.
    usage: &'static str,
    /// Carries it out. What it returns is shown at the end of the block.
    run: fn(&mut ScenarioRunner, Words<'_>) -> Result<String, Fault>,
}

const SELECTOR: &str = "[from=SERVERS] [to=SERVERS] [kind=KIND] [term=N] [newest=N]";
const GIVEN: &str = "SERVER [term=N] [vote=SERVER] [log=TERMS] [members=SERVERS@N] [commit=N] [role=ROLE] \
                     [votes=SERVERS] [leader=SERVER]";
const EXPECT: &str = "SERVER … [ROLE] [term=N] [vote=SERVER] [log=TERMS] [commit=N] [applied=N] \
                      [members=SERVERS] [base=N] [leader=SERVER] [next=SERVERS@N] [match=SERVERS@N] [agree]";
const GO_DOWN: &str = "SERVER [torn=N] [during=write]";
const EXPLORE: &str = "[elections=N] [heartbeats=N] [duplicates=N] [quiet=N] [campaigners=SERVERS] [states=N] \
                       [calls=ignored] [quick] [live] [client SERVER \"COMMAND\"] …";
const CALL: &str = "SERVER RPC from=SERVER term=N …";

#[rustfmt::skip]
const TABLE: &[Row] = &[
    Row { name: "cluster", usage: "COUNT [waiting=N]", run: beginning::cluster },
    Row { name: "config", usage: "[SERVERS] [snapshot=N] [tail=N] [chunk=N] [batch=N] [sessions=N] [conduct=WHAT]", run: beginning::config },
    Row { name: "given", usage: GIVEN, run: beginning::given },
    Row { name: "timeout", usage: "SERVER", run: timers::election },
    Row { name: "heartbeat", usage: "SERVER", run: timers::heartbeat },
    Row { name: "lease", usage: "SERVER", run: timers::lease },
    Row { name: "deliver", usage: SELECTOR, run: messages::deliver },
    Row { name: "lose", usage: SELECTOR, run: messages::lose },
    Row { name: "hold", usage: SELECTOR, run: messages::hold },
    Row { name: "release", usage: SELECTOR, run: messages::release },
    Row { name: "duplicate", usage: SELECTOR, run: messages::duplicate },
    Row { name: "settle", usage: "", run: timers::settle },
    Row { name: "partition", usage: "SERVERS SERVERS …", run: links::partition },
    Row { name: "cut", usage: "from=SERVER to=SERVER", run: links::cut },
    Row { name: "heal", usage: "[SERVERS] [from=SERVER to=SERVER]", run: links::heal },
    Row { name: "client", usage: "SERVER \"COMMAND\" [session=CLIENT/SERIAL] [not=RESULT]", run: clients::client },
    Row { name: "register", usage: "SERVER", run: clients::register },
    Row { name: "query", usage: "SERVER \"QUERY\" [not=RESULT]", run: clients::query },
    Row { name: "change", usage: "SERVER SERVERS", run: clients::change },
    Row { name: "transfer", usage: "SERVER to=SERVER", run: clients::transfer },
    Row { name: "crash", usage: GO_DOWN, run: disks::crash },
    Row { name: "kill", usage: GO_DOWN, run: disks::kill },
    Row { name: "fail", usage: "SERVER write|sync|read|full [written=N]", run: disks::fail },
    Row { name: "damage", usage: "SERVER [byte=N]", run: disks::damage },
    Row { name: "wipe", usage: "SERVER [last=N]", run: disks::wipe },
    Row { name: "restart", usage: "SERVER", run: disks::restart },
    Row { name: "ask", usage: CALL, run: calls::ask },
    Row { name: "reply", usage: CALL, run: calls::reply },
    Row { name: "repeat", usage: "COUNT [last=N]", run: repeat },
    Row { name: "explore", usage: EXPLORE, run: explore::explore },
    Row { name: "show", usage: "[SERVER …] [base]", run: expect::show },
    Row { name: "expect", usage: EXPECT, run: expect::expect },
    Row { name: "todo", usage: "\"exercise N.M\"", run: expect::todo },
];

/// The commands of the language, each with its usage.
pub const COMMANDS: &[(&str, &str)] = &names_and_usages();

const fn names_and_usages() -> [(&'static str, &'static str); TABLE.len()] {
    let mut all = [("", ""); TABLE.len()];
    let mut at = 0;
    while at < TABLE.len() {
        all[at] = (TABLE[at].name, TABLE[at].usage);
        at += 1;
    }
    all
}

/// Carries out a command, and returns what it shows.
pub(crate) fn run(runner: &mut ScenarioRunner, command: &Command) -> Result<String, Fault> {
    let Some(row) = TABLE.iter().find(|row| row.name == command.name) else {
        let names: Vec<&str> = TABLE.iter().map(|row| row.name).collect();
        let names = names.join(", ");
        let name = &command.name;
        return Err(Fault::Script(format!("`{name}` is not a command; the commands are {names}")));
    };
    let shown = (row.run)(runner, Words::new(command, row.usage)?)?;
    // They are not noted for a repeated run: `repeat` has run each command by itself.
    if !matches!(row.name, "repeat" | "explore") {
        runner.done.push(command.clone());
    }
    Ok(shown)
}

/// More repetitions than any script needs.
const MOST_REPETITIONS: usize = 1_000;

/// Runs the last commands again, as many times as the script says. It is in this file because it runs commands.
fn repeat(runner: &mut ScenarioRunner, mut words: Words<'_>) -> Result<String, Fault> {
    let count = words::limit(words.required("how many times more")?)?;
    let last = words.read("last", words::limit)?.unwrap_or(1);
    words.end()?;
    if count > MOST_REPETITIONS {
        let most = format!("commands are repeated at most {MOST_REPETITIONS} times");
        return Err(Fault::word(&count.to_string(), most));
    }
    let Some(first) = runner.done.len().checked_sub(last) else {
        let before = runner.done.len();
        let why = format!("there are {before} commands before this one, which is less than {last}");
        return Err(Fault::Script(why));
    };
    let commands = runner.done[first..].to_vec();
    let mut shown = String::new();
    for round in 1..=count {
        for command in &commands {
            let more =
                run(runner, command).map_err(|fault| fault.in_round(round, &command.name))?;
            shown.push_str(&more);
        }
    }
    Ok(shown)
}
