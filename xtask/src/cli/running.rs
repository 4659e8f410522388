//! What runs servers more than the gates do.

use clap::{ArgAction, Command};

use super::entry::{
    Entry, examples, flag, number, of_another_program, option, optional, required, verdict,
};
use crate::{cluster, explore, fuzz};

/// What runs servers more than the gates do.
pub(super) fn commands() -> [Entry; 4] {
    [fuzz(), explore(), cluster(), torture()]
}

fn fuzz() -> Entry {
    let command = Command::new("fuzz")
        .about("Run storms that the gate does not, until one ends badly or you stop it (Enter or Ctrl-C)")
        .arg(optional(
            "module",
            "MODULE",
            "The module (`2`, `election`), or an exercise with storms of its own (`5.9`); by default, the last module \
             that is done",
        ))
        .arg(number("runs", "How many storms to run; without a limit if omitted").value_parser(at_least_one))
        .arg(number("seed", "Base seed, to run the same storms again; a fresh one if omitted"))
        .arg(
            number("storm", "Run only the storm with this number, to see again how it ended")
                .requires("seed")
                .conflicts_with_all(["runs", "minutes"]),
        )
        .arg(number("minutes", "How many minutes to run").value_parser(at_least_one))
        .after_help(examples(&["fuzz election", "fuzz election --minutes 10", "fuzz 5.9"]));
    Entry::new(command, |course, words| {
        let request = fuzz::Request {
            module: words.text("module"),
            runs: words.number("runs"),
            seed: words.number("seed"),
            storm: words.number("storm"),
            minutes: words.number("minutes"),
        };
        fuzz::run(course, &request).map(verdict)
    })
}

fn explore() -> Entry {
    let asked = |name: &'static str, value: &'static str, help: &'static str| {
        option(name, value, help).action(ArgAction::Append)
    };
    let command = Command::new("explore")
        .about("Try every order of events on your servers, from a new cluster or the end of a scenario")
        .arg(required(
            "module",
            "MODULE|EXERCISE",
            "The module (`2`, `election`), or an exercise (`4.14`) whose servers to explore",
        ))
        .arg(optional(
            "scenario",
            "SCENARIO[:BLOCK]",
            "Where to begin: a scenario's name or path, or `own`; and the block after which, if not the last",
        ))
        .arg(number("servers", "The servers of a new cluster [default: 3]"))
        .arg(number(
            "elections",
            "How many election timers run out [default: 1, or 0 with --heartbeats]",
        ))
        .arg(number(
            "heartbeats",
            "How many heartbeat timers run out [default: 1, or 0 with --elections]",
        ))
        .arg(number("duplicates", "How many messages are delivered twice [default: 0]"))
        .arg(number("quiet", "How many leader leases run out [default: 0]"))
        .arg(option(
            "campaigners",
            "SERVERS",
            "The servers whose election timers may run out, like S1/S5 [default: all]",
        ))
        .arg(asked("client", "TEXT", "A client sends a command, like \"S1 set x 1\"; can be repeated"))
        .arg(asked("query", "TEXT", "A client sends a query, like \"S1 get x\"; can be repeated"))
        .arg(asked("change", "TEXT", "A client asks for other members, like \"S1 S1/S4\""))
        .arg(flag("live", "Also try in every state whether a leader can be elected"))
        .arg(flag("quick", "Deliver messages that do nothing at once; not exact, but much faster"))
        .arg(number("states", "End after this many states [default: 200000]"))
        .after_help(examples(&[
            "explore election --elections 2 --quick",
            "explore commitment figure_8_from_a_to_d:3 --heartbeats 1",
            "explore 4.14 --elections 2",
        ]));
    Entry::new(command, |course, words| {
        let request = explore::Request {
            module: words.text("module").unwrap_or_default(),
            scenario: words.text("scenario"),
            servers: words.number("servers"),
            elections: words.number("elections"),
            heartbeats: words.number("heartbeats"),
            duplicates: words.number("duplicates"),
            quiet: words.number("quiet"),
            campaigners: words.text("campaigners"),
            states: words.number("states"),
            clients: words.texts("client"),
            queries: words.texts("query"),
            changes: words.texts("change"),
            live: words.flag("live"),
            quick: words.flag("quick"),
        };
        explore::run(course, &request).map(verdict)
    })
}

fn cluster() -> Entry {
    let command = of_another_program("cluster")
            .about("Run your servers as processes, for redis-cli; `cluster help` lists what can be done to them")
            .after_help(examples(&["cluster up", "cluster kill S1"]));
    Entry::on_the_course(command, |course, words| cluster::run(course, &words.all()))
}

fn torture() -> Entry {
    let command = of_another_program("torture")
        .about(
            "Run your servers as processes under random faults, and judge what their clients saw",
        )
        .after_help(examples(&["torture --seconds 20", "torture --module reference"]));
    Entry::on_the_course(command, |course, words| cluster::torture(course, &words.all()))
}

/// Zero storms would all end well.
fn at_least_one(text: &str) -> Result<u64, String> {
    match text.parse::<u64>() {
        Ok(0) => Err("no storm would run; the number must be at least 1".to_owned()),
        Ok(number) => Ok(number),
        Err(error) => Err(error.to_string()),
    }
}
