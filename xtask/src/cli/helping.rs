//! What helps a learner to think.

use std::path::PathBuf;

use clap::{Command, value_parser};

use super::entry::{Entry, done, examples, flag, optional};
use crate::tree::Way;
use crate::{diff, hints, hunt, map, quiz};

/// What helps a learner to think.
pub(super) fn commands() -> [Entry; 5] {
    [diff(), hint(), quiz(), hunt(), map()]
}

fn diff() -> Entry {
    let command = Command::new("diff")
            .about("Show your code beside the reference, function by function")
            .arg(optional(
                "target",
                "EXERCISE|MODULE",
                "The exercise (`2.3`), or all that are done of a module (`2`); by default, the last one that is done",
            ))
            .arg(flag("anyway", "Even if the exercise is not done"))
            .after_help(examples(&["diff", "diff 2.3"]));
    Entry::new(command, |course, words| {
        let target = words.text("target").map(|target| course.target(target)).transpose()?;
        diff::run(course, target, words.flag("anyway")).map(done)
    })
}

fn hint() -> Entry {
    let command = Command::new("hint")
            .about("Show a hint; each one says a little more")
            .arg(optional(
                "target",
                "EXERCISE|MODULE",
                "The exercise (`2.3`), or the next one of a module (`2`); by default, the one that `check` \
                 found red last, or else the one that comes next",
            ))
            .arg(optional(
                "function",
                "FUNCTION",
                "The function; by default, the one that the first red check points to, or the next to write",
            ))
            .arg(flag("json", "Print JSON, for programs"))
            .after_help(examples(&["hint", "hint 2.3", "hint 2.4 become_leader"]));
    Entry::listed(command, |course, words| {
        let target = words.text("target").map(|target| course.target(target)).transpose()?;
        hints::hint(course, target, words.text("function"), words.flag("json")).map(done)
    })
}

fn quiz() -> Entry {
    let command = Command::new("quiz")
        .about("Answer questions on a module before you write it, and read why")
        .arg(optional(
            "module",
            "MODULE",
            "The module (`2`, `election`); by default, the one that you are working on",
        ))
        .after_help(examples(&["quiz", "quiz election"]));
    Entry::new(command, |course, words| quiz::run(course, words.text("module")).map(done))
}

fn hunt() -> Entry {
    let command = Command::new("hunt")
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
        .after_help(examples(&["hunt", "hunt 48213", "hunt --secret course.key --student ada"]));
    Entry::new(command, |course, words| match (words.path("secret"), words.text("student")) {
        (Some(secret), Some(student)) => hunt::give(secret, student).map(done),
        _ => hunt::run(course, words.number("number")).map(done),
    })
}

fn map() -> Entry {
    let command = Command::new("map")
        .about("Show which functions of your code a row of the rules runs, module by module")
        .arg(optional("row", "ROW", "The row (`append_entries`); by default, all rows"))
        .after_help(examples(&["map append_entries"]));
    Entry::new(command, |course, words| {
        // The open path has no rows.
        map::run(&course.on(Way::Modules)?, words.text("row")).map(done)
    })
}
