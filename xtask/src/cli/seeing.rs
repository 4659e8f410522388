//! What shows what servers did.

use std::path::PathBuf;

use clap::{Command, value_parser};

use super::entry::{Entry, done, examples, flag, option, optional};
use crate::{check, draw, play, replay};

/// What shows what servers did.
pub(super) fn commands() -> [Entry; 4] {
    [replay(), draw(), play(), debug()]
}

fn replay() -> Entry {
    let command = Command::new("replay")
        .about("Make a page on which a run of your servers can be stepped through")
        .arg(optional("check",
            "CHECK|SCENARIO|FILE",
            "A check as `explain` takes it; a scenario's name or path, or `own`; what a storm has left in \
             target/storms; or a recording (.json). By default, the first red check that lets servers run",
        ))
        .arg(flag("open", "Open the page in a browser"))
        .arg(
            option("out", "FILE", "Where the page goes [default: target/replays/NAME.html]")
                .value_parser(value_parser!(PathBuf)),
        )
        .after_help(examples(&[
            "replay --open",
            "replay 2",
            "replay a_split_vote_among_two_ends_with_a_new_election",
        ]));
    Entry::listed(command, |course, words| {
        let (target, open, out) = (words.text("check"), words.flag("open"), words.path("out"));
        replay::run(course, &replay::Request { target, open, out }).map(done)
    })
}

fn draw() -> Entry {
    let command = Command::new("draw")
        .about("Draw a run of your servers, like the figures of the book")
        .arg(optional(
            "check",
            "CHECK|SCENARIO|FILE",
            "As `replay` takes it. By default, the first red check that lets servers run",
        ))
        .arg(
            option("format", "FORMAT", "A picture, or lines of text for the terminal")
                .value_parser(["svg", "text"])
                .default_value("svg"),
        )
        .arg(
            option(
                "out",
                "FILE",
                "Where the figure goes [default: target/replays/NAME.svg; a text is printed]",
            )
            .value_parser(value_parser!(PathBuf)),
        )
        .after_help(examples(&[
            "draw own --format text",
            "draw a_split_vote_among_two_ends_with_a_new_election",
        ]));
    Entry::listed(command, |course, words| {
        let format = words.text("format").unwrap_or("svg");
        let (target, out) = (words.text("check"), words.path("out"));
        draw::run(course, &draw::Request { target, format, out }).map(done)
    })
}

fn play() -> Entry {
    let command = play::command();
    Entry::listed(command, |course, words| play::run(course, words.matches()))
}

fn debug() -> Entry {
    let command = Command::new("debug")
        .about("Build one check for a debugger, and say how to start it")
        .arg(optional(
            "check",
            "CHECK",
            "As `explain` takes it; by default, the first check that is red",
        ))
        .after_help(examples(&["debug", "debug 2"]));
    Entry::listed(command, |course, words| check::debug(course, words.text("check")).map(done))
}
