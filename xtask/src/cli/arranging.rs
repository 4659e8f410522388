//! What changes whose code is used, and looks after the tree.

use std::path::{Path, PathBuf};

use clap::{ArgAction, Command, value_parser};

use super::entry::{Entry, done, examples, flag, option, optional, required, verdict};
use crate::{book, doctor, handout, hints, reset, tree, update, use_module};

/// What changes what later modules build on, and what is written.
pub(super) fn arranging() -> [Entry; 4] {
    [skip(), choose(), reset(), update()]
}

fn skip() -> Entry {
    let command = Command::new("skip")
        .about("Continue without an exercise; later modules then build on the reference")
        .arg(required("exercise", "EXERCISE", "The exercise (`2.3`)"))
        .after_help(examples(&["skip 2.3"]));
    Entry::new(command, |course, words| {
        hints::skip(course, course.target(words.text("exercise").unwrap_or_default())?).map(done)
    })
}

fn choose() -> Entry {
    let command = Command::new("use")
            .about("Choose whether later modules build on your module or on the reference; or which path you are on")
            .arg(required("module", "MODULE|PATH", "The module (`2`, `election`), or the path: `open` or `guided`"))
            .arg(optional("whose", "WHOSE", "Whose code, for a module").value_parser(["mine", "solution"]))
            .after_help(examples(&["use election solution", "use election mine", "use open"]));
    Entry::new(command, |course, words| {
        let module = words.text("module").unwrap_or_default();
        use_module::run(course, module, words.text("whose")).map(done)
    })
}

fn reset() -> Entry {
    let command = Command::new("reset")
        .about("Put an exercise or a module back to how it was handed out; keeps a copy")
        .arg(required(
            "target",
            "MODULE|EXERCISE",
            "A module (`2`, `election`) or an exercise (`2.3`)",
        ))
        .arg(flag("yes", "Do not ask first"))
        .after_help(examples(&["reset 2.3", "reset election"]));
    Entry::new(command, |course, words| {
        let target = course.target(words.text("target").unwrap_or_default())?;
        reset::run(course, target, words.flag("yes")).map(done)
    })
}

fn update() -> Entry {
    let command = Command::new("update")
            .about("Bring in a newer version of the course; what you wrote moves along, and a copy is kept")
            .arg(
                required("path", "PATH", "Its folder, or its archive (.zip, .tar, .tar.gz)")
                    .value_parser(value_parser!(PathBuf)),
            )
            .arg(flag("dry-run", "Say what would happen, and change nothing"))
            .arg(flag("yes", "Do not ask first"))
            .after_help(examples(&["update ../raft-lab-2 --dry-run", "update raft-lab-2.zip"]));
    Entry::tree(command, |words| {
        let path = words.path("path").unwrap_or(Path::new("")).to_owned();
        let (dry_run, yes) = (words.flag("dry-run"), words.flag("yes"));
        update::run(&tree::find_root()?, &update::Request { path, dry_run, yes }).map(done)
    })
}

/// What looks after the tree, and hands it out.
pub(super) fn keeping() -> [Entry; 3] {
    [doctor(), book(), handout()]
}

fn doctor() -> Entry {
    let command = Command::new("doctor")
        .about("Look for what may be wrong with this machine or this tree, and say what to do")
        .after_help(examples(&["doctor"]));
    Entry::new(command, |course, _| doctor::run(course).map(verdict))
}

fn book() -> Entry {
    let command = Command::new("book")
        .about("Build the book in docs/ with mdBook, if it is installed")
        .arg(flag("open", "Open it in a browser"))
        .after_help(examples(&["book --open"]));
    Entry::new(command, |course, words| book::run(course, words.flag("open")).map(done))
}

fn handout() -> Entry {
    let command = Command::new("handout")
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
        ]));
    Entry::new(command, |course, words| {
        let request = handout::Request {
            dir: words.path("dir").unwrap_or(Path::new("")),
            paths: words.text("path"),
            platforms: words.texts("with"),
            options: words.text("grade").unwrap_or_default(),
            solutions: words.text("solutions"),
            is_update: words.flag("update"),
        };
        handout::run(course, &request).map(done)
    })
}
