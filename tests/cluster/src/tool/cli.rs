//! The command line of the program `cluster`.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::bench;
use super::commands;
use super::refusal::{Context as _, Outcome, refuse};
use super::up::{Wanted, up};

const HELP: &str = "\
Run servers of your own as processes, with sockets and disks, and talk to them with redis-cli.

Usage: cargo xtask cluster COMMAND [--dir DIR]

  up [--servers N] [--module N|open|reference] [--paper]
                   Start a cluster, or continue the one in DIR
  status           Show role, term, commit index and lag of each server
  kill S2          End a process at once, as `kill -9` does
  pause S2         Suspend a process
  resume S2        Let it go on
  restart S2       Start a server again, from its disk
  cut S1/S2 S3     Cut the links between these groups of servers
  heal             Open all links
  add              Start another server, and make it a member (module 7)
  remove S2        Remove a server from the members (module 7)
  transfer S2      Let the leader hand over to a server (module 7)
  logs [S2]        Show what the servers have said
  down             End all servers in order
  bench [--module N] [--beside etcd] [--rounds 5] [--seconds 5] [--kills 20]
                   Measure puts by 1, 16 and 64 clients, and how soon servers recover, in a cluster of their own; by
                   default that of the reference
  bench --batches [--module N] [--rounds 5] [--seconds 5]
                   Measure what batches are worth (exercise 4.11): servers that take their events one at a time, as
                   batches of one, and together

  --servers N      How many servers a new cluster has [default: 3]
  --module N       What servers are made of: your module 4, 5, 6 or 7
                   [default of `up`: the last module that you have finished], or your server of the `open`
                   path; where the tree has it, the `reference`, or `reference-open`, its other architecture
  --paper          The paper's election timeout of 150 to 300 ms instead of 500 to 1,000 ms
  --dir DIR        The cluster's folder [default: target/cluster]

Everything listens on 127.0.0.1. Messages between servers are not authenticated.

Examples:
  cargo xtask cluster up --module reference
  cargo xtask cluster kill S1";

/// A line that was typed.
#[derive(Debug, Default)]
struct Line {
    words: Vec<String>,
    servers: Option<String>,
    module: Option<String>,
    dir: Option<PathBuf>,
    paper: bool,
    /// The options of `bench`.
    bench: BTreeMap<String, String>,
}

/// Carries out a command. `words` are those after `cluster`.
pub fn main(words: impl Iterator<Item = String>) -> ExitCode {
    let words: Vec<String> = words.collect();
    let asks_for_help = |word: &String| ["help", "--help", "-h"].contains(&word.as_str());
    if words.is_empty() || words.iter().any(asks_for_help) {
        println!("{HELP}");
        return ExitCode::SUCCESS;
    }
    match parse(words).and_then(|line| run(&line)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(refusal) => {
            eprintln!("error: {refusal}");
            ExitCode::from(2)
        }
    }
}

fn parse(words: Vec<String>) -> Outcome<Line> {
    let mut line = Line::default();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let mut value = || match words.next() {
            Some(value) => Ok(value),
            None => refuse(format!("{word} needs a value")),
        };
        match word.as_str() {
            "--servers" => line.servers = Some(value()?),
            "--module" => line.module = Some(value()?),
            "--dir" => line.dir = Some(value()?.into()),
            "--paper" => line.paper = true,
            "--batches" => {
                line.bench.insert(word.clone(), String::new());
            }
            "--beside" | "--rounds" | "--seconds" | "--kills" => {
                line.bench.insert(word.clone(), value()?);
            }
            option if option.starts_with('-') => {
                return refuse(format!(
                    "there is no option {option}; `cargo xtask cluster help` lists all"
                ));
            }
            _ => line.words.push(word),
        }
    }
    Ok(line)
}

fn run(line: &Line) -> Outcome<()> {
    let dir = line.dir.clone().unwrap_or_else(|| PathBuf::from("target/cluster"));
    let words: Vec<&str> = line.words.iter().map(String::as_str).collect();
    if words == ["bench"] {
        if line.servers.is_some() || line.paper {
            return refuse("--servers and --paper are options of `up`");
        }
        let dir = dir.join("bench");
        let _alone = alone(&dir)?;
        return bench::bench(&dir, &asked(line)?);
    }
    if !line.bench.is_empty() {
        return refuse(
            "--beside, --rounds, --seconds, --kills and --batches are options of `bench`",
        );
    }
    let is_up = words == ["up"];
    if !is_up && (line.servers.is_some() || line.module.is_some() || line.paper) {
        return refuse(
            "--servers and --paper are options of `up`, and --module is one of `up` and `bench`",
        );
    }
    let _alone = alone(&dir)?;
    match words[..] {
        ["up"] => up(&dir, &wanted(line)?),
        ["status"] => commands::cluster(&dir).map(|state| commands::show(&dir, &state)),
        ["kill", server] => commands::kill_server(&dir, server),
        ["pause", server] => commands::pause(&dir, server, true),
        ["resume", server] => commands::pause(&dir, server, false),
        ["restart", server] => commands::restart(&dir, server),
        ["cut", ..] => commands::cut_links(&dir, &line.words[1..]),
        ["heal"] => commands::heal(&dir),
        ["add"] => commands::add(&dir),
        ["remove", server] => commands::remove(&dir, server),
        ["transfer", server] => commands::transfer(&dir, server),
        ["logs"] => commands::logs(&dir, None),
        ["logs", server] => commands::logs(&dir, Some(server)),
        ["down"] => commands::down(&dir),
        _ => refuse(format!(
            "`cluster {}` is no command; `cargo xtask cluster help` lists all",
            line.words.join(" ")
        )),
    }
}

fn wanted(line: &Line) -> Outcome<Wanted> {
    let servers = match &line.servers {
        None => None,
        Some(text) => match text.parse() {
            Ok(servers) => Some(servers),
            Err(_) => return refuse(format!("--servers takes a number, not `{text}`")),
        },
    };
    let Some(made_of) = line.module.clone() else {
        return refuse(
            "name what the servers are made of: `--module 4` to `7`, `open` or `reference`",
        );
    };
    Ok(Wanted { servers, made_of, paper: line.paper })
}

fn asked(line: &Line) -> Outcome<bench::Asked> {
    let number = |name: &str, default: u64| match line.bench.get(name).map(|text| text.parse()) {
        None => Ok(default),
        Some(Ok(number)) if number > 0 => Ok(number),
        Some(_) => refuse(format!("{name} takes a number above 0")),
    };
    let batches = line.bench.contains_key("--batches");
    if batches && ["--beside", "--kills"].iter().any(|&name| line.bench.contains_key(name)) {
        return refuse(
            "with --batches, nothing but puts is measured: leave out --beside and --kills",
        );
    }
    let count = |name, default| number(name, default).map(|it| usize::try_from(it).unwrap_or(1));
    Ok(bench::Asked {
        made_of: line.module.clone().unwrap_or_else(|| "reference".to_owned()),
        batches,
        beside: line.bench.get("--beside").cloned(),
        rounds: count("--rounds", 5)?,
        seconds: number("--seconds", 5)?,
        kills: count("--kills", 20)?,
    })
}

/// One command at a time acts on a cluster. The file ends with the process that returned it.
fn alone(dir: &Path) -> Outcome<File> {
    let open = || {
        fs::create_dir_all(dir)?;
        File::options().create(true).append(true).open(dir.join("command.lock"))
    };
    let file = open().context(|| format!("cannot use {}", dir.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            refuse(format!("another command acts on the cluster in {}; wait for it", dir.display()))
        }
        Err(TryLockError::Error(error)) => {
            Err(error).context(|| "cannot lock the folder".to_owned())
        }
    }
}
