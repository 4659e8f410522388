//! The table of commands: what can be typed, and what `--help` says about it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, value_parser};

use crate::{authors, handout, play};

const ABOUT: &str =
    "The Raft Learning Lab. Without a command, shows where you are and what comes next.";
const AUTHORS: &str = "For instructors: grade, course. For those who work on the lab: stubs, bless, verify (each has its \
                       own --help)";

/// Everything that can be typed. The order is that of `--help`.
pub(super) fn command() -> Command {
    let mut command = Command::new("cargo xtask")
        .bin_name("cargo xtask")
        .version(env!("CARGO_PKG_VERSION"))
        .about(ABOUT)
        .after_help(AUTHORS)
        .subcommands(judging())
        .subcommands(helping())
        .subcommands(arranging())
        .subcommand(handout_command());
    for (name, _) in authors::COMMANDS {
        command = command.subcommand(of_another_program(name).hide(true));
    }
    command
}

/// A command whose words another program parses, `--help` included.
fn of_another_program(name: &'static str) -> Command {
    let words = Arg::new("words")
        .num_args(0..)
        .trailing_var_arg(true)
        .allow_hyphen_values(true)
        .value_parser(value_parser!(OsString));
    Command::new(name).disable_help_flag(true).arg(words)
}

const MODULE_OR_EXERCISE: &str = "A module (`2`, `election`) or an exercise (`2.3`)";

const PATH: &str = "`open` for the open path; by default, the path that you are on";

/// What shows the way through the course and judges.
fn judging() -> [Command; 9] {
    [
        Command::new("status")
            .about("Show the modules and exercises, what is done, and what comes next")
            .arg(optional("target", "PATH", PATH))
            .arg(flag("all", "List every exercise of every module"))
            .arg(flag("json", "Print JSON, for programs"))
            .after_help(examples(&["status", "status --all"])),
        Command::new("list")
            .about("List the exercises, or those whose lines have all these words")
            .arg(optional("words", "WORDS", "Words such as `open`, `bonus`, `election`, `§5.3`").num_args(0..))
            .after_help(examples(&["list", "list open election"])),
        Command::new("check")
            .about("Judge what you have written, and continue to the first check that fails")
            .arg(
                optional(
                    "target",
                    "MODULE|EXERCISE",
                    "A module (`2`, `election`) or an exercise (`2.3`); by default, the first that is not done",
                )
                .conflicts_with("all"),
            )
            .arg(flag("all", "Run every check of every module, and record what is done"))
            .arg(number("seed", "Base seed for everything random, to reproduce a failure"))
            .arg(flag("json", "Print JSON, for programs"))
            .arg(
                flag("watch", "The same as `cargo xtask watch`")
                    .conflicts_with_all(["target", "all", "seed", "json"]),
            )
            .after_help(examples(&["check", "check 2.3"])),
        Command::new("watch")
            .about("Judge whenever you save a file, and take keys meanwhile")
            .arg(optional("target", "PATH", PATH))
            .arg(flag("plain", "Rewrite nothing and take lines instead of keys, for a screen reader"))
            .after_help(examples(&["watch", "watch --plain"])),
        Command::new("explain")
            .about("Show why a check is red, or what others got wrong in an exercise that is done")
            .arg(optional(
                "check",
                "CHECK|EXERCISE",
                "The check's number in the list, its name, or words of its claim; or an exercise that is \
                 done (`2.3`). By default, all red checks are listed",
            ))
            .after_help(examples(&["explain", "explain 2", "explain 2.3"])),
        replay_command(),
        draw_command(),
        play::command(),
        Command::new("debug")
            .about("Build one check for a debugger, and say how to start it")
            .arg(optional(
                "check",
                "CHECK",
                "As `explain` takes it; by default, the first check that is red",
            ))
            .after_help(examples(&["debug", "debug 2"])),
    ]
}

/// What helps a learner to think.
fn helping() -> [Command; 5] {
    [
        Command::new("diff")
            .about("Show your code beside the reference, function by function")
            .arg(optional(
                "target",
                "EXERCISE|MODULE",
                "The exercise (`2.3`), or all that are done of a module (`2`); by default, the last one that is done",
            ))
            .arg(flag("anyway", "Even if the exercise is not done"))
            .after_help(examples(&["diff", "diff 2.3"])),
        Command::new("hint")
            .about("Show a hint; each one says a little more")
            .arg(optional(
                "target",
                "EXERCISE|MODULE",
                "The exercise (`2.3`), or the next one of a module (`2`); by default, the one that comes next",
            ))
            .arg(optional(
                "function",
                "FUNCTION",
                "The function; by default, the one that the first red check points to, or the next to write",
            ))
            .arg(flag("json", "Print JSON, for programs"))
            .after_help(examples(&["hint", "hint 2.3", "hint 2.4 become_leader"])),
        Command::new("quiz")
            .about("Answer questions on a module before you write it, and read why")
            .arg(optional(
                "module",
                "MODULE",
                "The module (`2`, `election`); by default, the one that you are working on",
            ))
            .after_help(examples(&["quiz", "quiz election"])),
        hunt_command(),
        Command::new("map")
            .about("Show which functions of your code a row of the rules runs, module by module")
            .arg(optional("row", "ROW", "The row (`append_entries`); by default, all rows"))
            .after_help(examples(&["map append_entries"])),
    ]
}

/// What changes whose code is used, runs more than the gates do, or looks after the tree.
fn arranging() -> [Command; 10] {
    [
        Command::new("skip")
            .about("Continue without an exercise; later modules then build on the reference")
            .arg(required("exercise", "EXERCISE", "The exercise (`2.3`)"))
            .after_help(examples(&["skip 2.3"])),
        Command::new("use")
            .about("Choose whether later modules build on your module or on the reference; or which path you are on")
            .arg(required("module", "MODULE|PATH", "The module (`2`, `election`), or the path: `open` or `guided`"))
            .arg(optional("whose", "WHOSE", "Whose code, for a module").value_parser(["mine", "solution"]))
            .after_help(examples(&["use election solution", "use election mine", "use open"])),
        Command::new("reset")
            .about("Put an exercise or a module back to how it was handed out; keeps a copy")
            .arg(required("target", "MODULE|EXERCISE", MODULE_OR_EXERCISE))
            .arg(flag("yes", "Do not ask first"))
            .after_help(examples(&["reset 2.3", "reset election"])),
        Command::new("update")
            .about("Bring in a newer version of the course; what you wrote moves along, and a copy is kept")
            .arg(
                required("path", "PATH", "Its folder, or its archive (.zip, .tar, .tar.gz)")
                    .value_parser(value_parser!(PathBuf)),
            )
            .arg(flag("dry-run", "Say what would happen, and change nothing"))
            .arg(flag("yes", "Do not ask first"))
            .after_help(examples(&["update ../raft-lab-2 --dry-run", "update raft-lab-2.zip"])),
        fuzz_command(),
        explore_command(),
        of_another_program("cluster")
            .about("Run your servers as processes, for redis-cli; `cluster help` lists what can be done to them")
            .after_help(examples(&["cluster up", "cluster kill S1"])),
        of_another_program("torture")
            .about("Run your servers as processes under random faults, and judge what their clients saw")
            .after_help(examples(&["torture --seconds 20", "torture --module reference"])),
        Command::new("doctor")
            .about("Look for what may be wrong with this machine or this tree, and say what to do")
            .after_help(examples(&["doctor"])),
        Command::new("book")
            .about("Build the book in docs/ with mdBook, if it is installed")
            .arg(flag("open", "Open it in a browser"))
            .after_help(examples(&["book --open"])),
    ]
}

fn handout_command() -> Command {
    let option = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    Command::new("handout")
        .about("For instructors: write the learner's tree, without the reference, to a folder")
        .arg(
            required("dir", "DIR", "A folder that is new or empty, or an earlier handout with --update")
                .value_parser(value_parser!(PathBuf)),
        )
        .arg(
            option("path", "PATH", "The modules, the open path, or both [default: both]")
                .value_parser(["guided", "open", "both"]),
        )
        .arg(
            option("with", "PLATFORM", "Add what a platform needs; may be repeated")
                .value_parser(handout::PLATFORMS)
                .action(ArgAction::Append),
        )
        .arg(
            option("grade", "OPTIONS", "Options of `grade` for these platforms, such as \"--modules 1-3\"")
                .requires("with")
                .allow_hyphen_values(true),
        )
        .arg(option(
            "solutions",
            "MODULE",
            "Release the reference of this module and of those before it, once their deadline is over",
        ))
        .arg(flag("update", "Replace an earlier handout; what it has beyond the minimum stays"))
        .after_help(examples(&[
            "handout ../raft-lab",
            "handout ../raft-lab --path guided --with github",
            "handout ../raft-lab --update --solutions 2",
        ]))
}

fn hunt_command() -> Command {
    Command::new("hunt")
        .about("Say your number for bug hunts, or take the one that your course has given you")
        .arg(
            optional("number", "NUMBER", "The number that your course has given you")
                .value_parser(value_parser!(u64))
                .conflicts_with_all(["secret", "student"]),
        )
        .arg(
            optional("secret", "FILE", "For instructors: the file with the secret of the course")
                .long("secret")
                .value_parser(value_parser!(PathBuf))
                .requires("student"),
        )
        .arg(
            optional("student", "ID", "For instructors: the student whose number to print")
                .long("student")
                .requires("secret"),
        )
        .after_help(examples(&["hunt", "hunt 48213", "hunt --secret course.key --student ada"]))
}

fn fuzz_command() -> Command {
    Command::new("fuzz")
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
        .after_help(examples(&["fuzz election", "fuzz election --minutes 10", "fuzz 5.9"]))
}

fn replay_command() -> Command {
    Command::new("replay")
        .about("Make a page on which a run of your servers can be stepped through")
        .arg(optional(
            "target",
            "CHECK|SCENARIO|FILE",
            "A check as `explain` takes it; a scenario's name or path, or `own`; what a storm has left in \
             target/storms; or a recording (.json). By default, the first red check that lets servers run",
        ))
        .arg(flag("open", "Open the page in a browser"))
        .arg(
            Arg::new("out")
                .long("out")
                .value_name("FILE")
                .help("Where the page goes [default: target/replays/NAME.html]")
                .value_parser(value_parser!(PathBuf)),
        )
        .after_help(examples(&["replay --open", "replay 2", "replay a_split_vote_ends_with_a_leader"]))
}

fn draw_command() -> Command {
    Command::new("draw")
        .about("Draw a run of your servers, like the figures of the book")
        .arg(optional(
            "target",
            "CHECK|SCENARIO|FILE",
            "As `replay` takes it. By default, the first red check that lets servers run",
        ))
        .arg(
            Arg::new("format")
                .long("format")
                .value_name("FORMAT")
                .value_parser(["svg", "text"])
                .default_value("svg")
                .help("A picture, or lines of text for the terminal"),
        )
        .arg(
            Arg::new("out")
                .long("out")
                .value_name("FILE")
                .help("Where the figure goes [default: target/replays/NAME.svg; a text is printed]")
                .value_parser(value_parser!(PathBuf)),
        )
        .after_help(examples(&["draw own --format text", "draw a_split_vote_ends_with_a_leader"]))
}

fn explore_command() -> Command {
    let asked = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help).action(ArgAction::Append)
    };
    Command::new("explore")
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
        .arg(number("elections", "How many election timers run out [default: 1]"))
        .arg(number("heartbeats", "How many heartbeat timers run out [default: 1]"))
        .arg(number("duplicates", "How many messages are delivered twice [default: 0]"))
        .arg(number("quiet", "How many leader leases run out [default: 0]"))
        .arg(
            Arg::new("campaigners")
                .long("campaigners")
                .value_name("SERVERS")
                .help("The servers whose election timers may run out, like S1/S5 [default: all]"),
        )
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
        ]))
}

/// Zero storms would all end well.
fn at_least_one(text: &str) -> Result<u64, String> {
    match text.parse::<u64>() {
        Ok(0) => Err("no storm would run; the number must be at least 1".to_owned()),
        Ok(number) => Ok(number),
        Err(error) => Err(error.to_string()),
    }
}

/// The end of a command's help.
fn examples(lines: &[&str]) -> String {
    let head = if lines.len() == 1 { "Example:" } else { "Examples:" };
    let lines = lines.iter().map(|line| format!("\n  cargo xtask {line}"));
    lines.fold(head.to_owned(), |text, line| text + &line)
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).help(help).action(ArgAction::SetTrue)
}

fn number(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name("NUMBER").help(help).value_parser(value_parser!(u64))
}

fn optional(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).value_name(value).help(help)
}

fn required(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    optional(name, value, help).required(true)
}
