//! The command line of the program `torture`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use crate::history::{History, Outcome};
use crate::plan::Kind;
use crate::run::{Wanted, run};
use crate::verdict::verdict;
use crate::{edn, page};

const HELP: &str = "\
Run servers as processes under random faults, and judge what their clients saw.

Usage: cargo xtask torture [--seconds 60] [--faults kill,pause,cut,oneway,slow] [--clients 12] [--servers 3]
                           [--module N|open|reference] [--seed S] [--out FOLDER]
       cargo xtask torture judge FOLDER    Judge a history again, and write its page
       cargo xtask torture edn FOLDER      Print a history for Jepsen's tools

  --seconds N      How long there are faults [default: 60]
  --faults LIST    Their kinds [default: all; no `kill` if servers keep nothing on disk]. `kill` ends processes, which
                   start again from their disks; `pause` suspends them for a while; `cut` separates servers; `oneway` loses messages
                   in one direction; `slow` delays them. `none` is a run without faults
  --clients N      How many clients ask at once [default: 12]
  --servers N      How many servers [default: 3]
  --module N       What servers are made of, as for `cargo xtask cluster up`
  --zoo ID         A wrong server of the zoo, in a tree with the reference
  --seed S         The seed of the faults; a run prints it [default: drawn at random]
  --out FOLDER     Where the run is kept [default: target/torture/SEED]

A run leaves its history (history.jsonl), what the servers said (S1.log, ...), the verdict (verdict.txt) and a page
(report.html). The exit code is 1 if clients saw a contradiction, a server has ended by itself, or the servers did not
recover in time or did not agree in the end.

A missing fsync is not found in this way: what a killed process has written is safe in the system's memory. The
simulator's disks lose it.

Example:
  cargo xtask torture --module reference --seconds 20 --seed 7";

/// What was typed.
#[derive(Debug, Default)]
struct Line {
    words: Vec<String>,
    options: std::collections::BTreeMap<String, String>,
}

/// Carries out a command. `words` are those after `torture`.
pub fn main(words: impl Iterator<Item = String>) -> ExitCode {
    let words: Vec<String> = words.collect();
    let asks_for_help = |word: &String| ["help", "--help", "-h"].contains(&word.as_str());
    if words.iter().any(asks_for_help) {
        println!("{HELP}");
        return ExitCode::SUCCESS;
    }
    match parse(words).and_then(|line| carry_out(&line)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn parse(words: Vec<String>) -> Result<Line, String> {
    const OPTIONS: [&str; 8] =
        ["--seconds", "--faults", "--clients", "--servers", "--module", "--zoo", "--seed", "--out"];
    let mut line = Line::default();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        if OPTIONS.contains(&word.as_str()) {
            let value = words.next().ok_or_else(|| format!("{word} needs a value"))?;
            line.options.insert(word, value);
        } else if word.starts_with('-') {
            return Err(format!("there is no option {word}; `cargo xtask torture help` lists all"));
        } else {
            line.words.push(word);
        }
    }
    Ok(line)
}

/// Returns whether nothing was found.
fn carry_out(line: &Line) -> Result<bool, String> {
    let words: Vec<&str> = line.words.iter().map(String::as_str).collect();
    match words[..] {
        [] => torture(line),
        ["judge", folder] => {
            let folder = Path::new(folder);
            judge(folder, &read(folder)?)
        }
        ["edn", folder] => {
            print!("{}", edn(&read(Path::new(folder))?));
            Ok(true)
        }
        _ => Err(format!(
            "`torture {}` is no command; `cargo xtask torture help` lists all",
            line.words.join(" ")
        )),
    }
}

/// The root of the lab's tree.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

fn read(folder: &Path) -> Result<History, String> {
    let path = folder.join("history.jsonl");
    History::read(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

fn torture(line: &Line) -> Result<bool, String> {
    let wanted = wanted(line)?;
    let folder = line
        .options
        .get("--out")
        .map_or_else(|| root().join("target/torture").join(wanted.seed.to_string()), PathBuf::from);
    let _alone = alone(&folder)?;
    let path = folder.join("history.jsonl");
    if path.exists() {
        cluster::tool::clear(&folder).map_err(|error| error.to_string())?;
    } else if folder.read_dir().is_ok_and(|mut files| files.next().is_some()) {
        return Err(format!(
            "{} has files that are not those of a run; name another folder",
            folder.display()
        ));
    }
    // This file says that the folder is that of a run, which the next one may remove. A cluster of `up` has none.
    let mark = fs::create_dir_all(&folder).and_then(|()| fs::write(&path, ""));
    mark.map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    let kinds: Vec<&str> = wanted.kinds.iter().map(|kind| kind.name()).collect();
    let kinds = if kinds.is_empty() { "none".to_owned() } else { kinds.join(",") };
    println!(
        "{} servers made of `{}`, {} clients, {} s, faults {kinds}, seed {}.",
        wanted.servers, wanted.made_of, wanted.clients, wanted.seconds, wanted.seed
    );
    let interrupted = end_early();
    let history = run(&folder, &wanted, &interrupted).map_err(|error| error.to_string())?;
    history.write(&path).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    let is_well = judge(&folder, &history)?;
    if !is_well {
        println!(
            "\nThe same faults again, though not the same times: cargo xtask torture {} --seed {}",
            line.options
                .iter()
                .filter(|(name, _)| !["--seed", "--out"].contains(&name.as_str()))
                .map(|(name, value)| format!("{name} {value}"))
                .collect::<Vec<_>>()
                .join(" "),
            wanted.seed
        );
    }
    Ok(is_well)
}

/// One run at a time uses a folder. The lock ends with the file that is returned.
fn alone(folder: &Path) -> Result<File, String> {
    let lock = folder.with_added_extension("lock");
    let open = || {
        if let Some(parent) = lock.parent() {
            fs::create_dir_all(parent)?;
        }
        File::options().create(true).append(true).open(&lock)
    };
    let file = open().map_err(|error| format!("cannot use {}: {error}", lock.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(_) => {
            Err(format!("another run uses {}; name another folder by --out", folder.display()))
        }
    }
}

fn judge(folder: &Path, history: &History) -> Result<bool, String> {
    let begin = Instant::now();
    let found = verdict(history);
    let took = begin.elapsed();
    let count = |outcome| history.operations.iter().filter(|it| it.outcome == outcome).count();
    let sessions = if history.run.sessions {
        ""
    } else {
        "\nThe servers opened no session, so nobody repeated a command of unknown outcome."
    };
    let text = format!(
        "{} operations: {} done, {} certainly not executed, {} of unknown outcome. {} faults.{sessions}\n{found}",
        history.operations.len(),
        count(Outcome::Done),
        count(Outcome::Nothing),
        count(Outcome::Unknown),
        history.faults().count(),
    );
    println!("{text}\nJudged in {:.1} s.", took.as_secs_f32());
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
    };
    write("verdict.txt", &format!("{text}\n"))?;
    write("report.html", &page(history, &found))?;
    println!("The page of this run: {}", folder.join("report.html").display());
    Ok(found.is_well())
}

fn wanted(line: &Line) -> Result<Wanted, String> {
    let number = |name: &str, default: u64, most: u64| match line.options.get(name) {
        None => Ok(default),
        Some(text) => match text.parse() {
            Ok(number) if (1..=most).contains(&number) => Ok(number),
            _ => Err(format!("{name} takes a number from 1 to {most}, not `{text}`")),
        },
    };
    let seed = match line.options.get("--seed") {
        Some(text) => text.parse().map_err(|_| format!("--seed takes a number, not `{text}`"))?,
        None => getrandom::u32().map_err(|error| error.to_string())?.into(),
    };
    let made_of = match (line.options.get("--zoo"), line.options.get("--module")) {
        (Some(_), Some(_)) => return Err("name --zoo or --module, not both".to_owned()),
        (Some(id), None) => cluster::tool::zoo_server(id).map_err(|error| error.to_string())?,
        (None, Some(module)) => module.clone(),
        (None, None) => {
            return Err(
                "name what the servers are made of: `--module 4` to `7`, `open` or `reference`"
                    .to_owned(),
            );
        }
    };
    let keeps_nothing = !cluster::tool::is_durable(&made_of);
    Ok(Wanted {
        seconds: number("--seconds", 60, 86_400)?,
        clients: number("--clients", 12, 200)?,
        servers: number("--servers", 3, 9)?,
        kinds: kinds(line.options.get("--faults").map(String::as_str), keeps_nothing)?,
        seed,
        made_of,
    })
}

/// The kinds of faults that were asked for.
fn kinds(list: Option<&str>, keeps_nothing: bool) -> Result<Vec<Kind>, String> {
    let mut kinds: Vec<Kind> = match list {
        None => Kind::ALL.into_iter().filter(|&kind| kind != Kind::Kill || !keeps_nothing).collect(),
        Some("none") => Vec::new(),
        Some(list) => list
            .split(',')
            .map(|name| {
                Kind::named(name.trim()).ok_or_else(|| {
                    format!(
                        "`{name}` is no kind of fault; there are kill, pause, cut, oneway and slow, and `none`"
                    )
                })
            })
            .collect::<Result<_, _>>()?,
    };
    kinds.sort_unstable();
    kinds.dedup();
    if keeps_nothing && kinds.contains(&Kind::Kill) {
        return Err(
            "servers made of module 4 keep nothing on disk: one that is killed forgets its log and its votes, and \
             starts again as a server that breaks its promises. Leave `kill` out of --faults, or finish module 5"
                .to_owned(),
        );
    }
    if kinds.contains(&Kind::Pause) && cfg!(not(unix)) {
        if list.is_some() {
            return Err(
                "this system has no signal that pauses a process; leave `pause` out of --faults"
                    .to_owned(),
            );
        }
        println!("This system has no signal that pauses a process, so `pause` is left out.");
        kinds.retain(|&kind| kind != Kind::Pause);
    }
    Ok(kinds)
}

/// Ctrl-C ends a run early; it is judged all the same, and no server is left behind.
#[cfg(unix)]
fn end_early() -> Arc<AtomicBool> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // Without it, Ctrl-C ends this program at once, and the servers are left behind.
        let _ = signal_hook::flag::register(signal, interrupted.clone());
    }
    interrupted
}

/// Elsewhere Ctrl-C ends the program at once. The next run in the same folder ends the servers that it leaves behind.
#[cfg(not(unix))]
fn end_early() -> Arc<AtomicBool> {
    Arc::new(AtomicBool::new(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(words: &[&str]) -> String {
        let line = parse(words.iter().map(|&word| word.to_owned()).collect());
        line.and_then(|line| wanted(&line)).expect_err("it is refused")
    }

    #[test]
    fn what_cannot_be_done_is_refused_with_the_reason() {
        for (words, why) in [
            (&["--module", "4", "--faults", "kill,cut"][..], "keep nothing on disk"),
            (&["--module", "7", "--faults", "kill,fire"], "`fire` is no kind of fault"),
            (&["--module", "7", "--seconds", "0"], "from 1 to 86400"),
            (&["--module", "7", "--seed", "x"], "--seed takes a number"),
            (&["--seconds", "20"], "name what the servers are made of"),
            (&["--module"], "--module needs a value"),
            (&["--speed", "9"], "there is no option --speed"),
        ] {
            let refusal = refusal(words);
            assert!(refusal.contains(why), "{words:?}: {refusal}");
        }
    }

    #[test]
    fn two_runs_do_not_use_the_same_folder() {
        let folder = std::env::temp_dir().join(format!("torture-{}", std::process::id()));
        let first = alone(&folder).unwrap();
        let refusal = alone(&folder).unwrap_err();
        assert!(refusal.contains("another run uses"), "{refusal}");
        drop(first);
        assert!(alone(&folder).is_ok());
        fs::remove_file(folder.with_added_extension("lock")).unwrap();
    }

    #[test]
    fn servers_that_keep_nothing_are_not_killed() {
        let kinds = |module: &str| {
            let words = ["--module", module].map(str::to_owned);
            wanted(&parse(words.to_vec()).unwrap()).unwrap().kinds
        };
        assert!(!kinds("4").contains(&Kind::Kill));
        assert!(kinds("5").contains(&Kind::Kill));
    }
}
