//! What shows the way through the course and judges.

use anyhow::{Result, bail};
use clap::Command;
use course::OPEN_DIR;

use super::entry::{Entry, done, examples, flag, number, optional, verdict};
use crate::{check, list, status, use_module, watch};

const PATH: &str = "`open` for the open path; by default, the path that you are on";

/// What shows the way through the course and judges.
pub(super) fn commands() -> [Entry; 5] {
    [status(), list(), check(), watch(), explain()]
}

fn status() -> Entry {
    let command = Command::new("status")
        .about("Show the modules and exercises, what is done, and what comes next")
        .arg(optional("target", "PATH", PATH))
        .arg(flag("all", "List every exercise of every module"))
        .arg(flag("json", "Print JSON, for programs"))
        .after_help(examples(&["status", "status --all"]));
    Entry::new(command, |course, words| {
        must_be_a_path(words.text("target"))?;
        status::run(course, words.flag("all"), words.flag("json")).map(done)
    })
}

fn list() -> Entry {
    let command = Command::new("list")
        .about("List the exercises, or those whose lines have all these words")
        .arg(
            optional("words", "WORDS", "Words such as `open`, `bonus`, `election`, `§5.3`")
                .num_args(0..),
        )
        .after_help(examples(&["list", "list open election"]));
    Entry::new(command, |course, words| list::run(course, &words.texts("words")).map(done))
}

fn check() -> Entry {
    let command = Command::new("check")
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
            .after_help(examples(&["check", "check 2.3"]));
    Entry::new(command, |course, words| {
        let target = words.text("target").map(|target| course.target(target)).transpose()?;
        if words.flag("watch") {
            return watch::run(course, false).map(done);
        }
        let (all, seed, json) = (words.flag("all"), words.number("seed"), words.flag("json"));
        check::run(course, check::Request { target, all, seed, json }).map(verdict)
    })
}

fn watch() -> Entry {
    let command = Command::new("watch")
        .about("Judge whenever you save a file, and take keys meanwhile")
        .arg(optional("target", "PATH", PATH))
        .arg(flag("plain", "Rewrite nothing and take lines instead of keys, for a screen reader"))
        .after_help(examples(&["watch", "watch --plain"]));
    Entry::new(command, |course, words| {
        must_be_a_path(words.text("target"))?;
        watch::run(course, words.flag("plain")).map(done)
    })
}

fn explain() -> Entry {
    let command = Command::new("explain")
            .about("Show why a check is red, or what others got wrong in an exercise that is done")
            .arg(optional("check",
                "CHECK|EXERCISE",
                "The check's number in the list, its name, or words of its claim; or an exercise that is \
                 done (`2.3`). By default, all red checks are listed",
            ))
            .after_help(examples(&["explain", "explain 2", "explain 2.3"]));
    Entry::listed(command, |course, words| check::explain(course, words.text("check")).map(done))
}

/// Rejects a word that names no path, for a command that is about a whole path.
fn must_be_a_path(word: Option<&str>) -> Result<()> {
    match word {
        Some(word) if word != OPEN_DIR && word != use_module::GUIDED => {
            bail!("`{word}` is not a path; the paths are {OPEN_DIR} and {}", use_module::GUIDED)
        }
        _ => Ok(()),
    }
}
