//! What a row of the table of commands consists of.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::tree::Course;

/// A command: what can be typed, and what carries it out.
pub(super) struct Entry {
    pub(super) command: Command,
    pub(super) run: Run,
}

/// Carries a command out on a course. Returns the exit code.
type OnCourse = fn(&Course, &Words<'_>) -> Result<ExitCode>;

/// What carries a command out, and on what. Returns the exit code.
#[derive(Clone, Copy)]
pub(super) enum Run {
    /// It is about one path through the course, which its words may name.
    Path(OnCourse),
    /// The same; without such words, it is about the path of the checks that were listed last.
    Listed(OnCourse),
    /// It is about the whole course.
    Course(OnCourse),
    /// It is about a tree that need not be a valid course.
    Tree(fn(&Words<'_>) -> Result<ExitCode>),
}

impl Entry {
    /// A command about a path.
    pub(super) fn new(command: Command, run: OnCourse) -> Self {
        Entry { command, run: Run::Path(run) }
    }

    /// A command about a path, and about what `check` found there.
    pub(super) fn listed(command: Command, run: OnCourse) -> Self {
        Entry { command, run: Run::Listed(run) }
    }

    /// A command about the whole course.
    pub(super) fn on_the_course(command: Command, run: OnCourse) -> Self {
        Entry { command, run: Run::Course(run) }
    }

    /// A command about a tree that need not be a valid course.
    pub(super) fn tree(command: Command, run: fn(&Words<'_>) -> Result<ExitCode>) -> Self {
        Entry { command, run: Run::Tree(run) }
    }

    pub(super) fn name(&self) -> &str {
        self.command.get_name()
    }
}

/// The exit code of a command that did what it was asked to.
pub(super) fn done((): ()) -> ExitCode {
    ExitCode::SUCCESS
}

/// The exit code of a command that judges.
pub(super) fn verdict(is_green: bool) -> ExitCode {
    if is_green { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

/// The words after the name of a command.
pub(super) struct Words<'a>(&'a ArgMatches);

impl<'a> Words<'a> {
    pub(super) fn new(matches: &'a ArgMatches) -> Self {
        Words(matches)
    }

    pub(super) fn matches(&self) -> &'a ArgMatches {
        self.0
    }

    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.0.get_one::<String>(name).map(String::as_str)
    }

    pub(super) fn texts(&self, name: &str) -> Vec<&'a str> {
        self.0.get_many::<String>(name).into_iter().flatten().map(String::as_str).collect()
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.0.get_one::<u64>(name).copied()
    }

    pub(super) fn path(&self, name: &str) -> Option<&'a Path> {
        self.0.get_one::<PathBuf>(name).map(PathBuf::as_path)
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.0.get_flag(name)
    }

    /// All words of a command that another program parses.
    pub(super) fn all(&self) -> Vec<OsString> {
        self.0.get_many("words").into_iter().flatten().cloned().collect()
    }
}

/// A command whose words another program parses, `--help` included.
pub(super) fn of_another_program(name: &'static str) -> Command {
    let words = Arg::new("words")
        .num_args(0..)
        .trailing_var_arg(true)
        .allow_hyphen_values(true)
        .value_parser(value_parser!(OsString));
    Command::new(name).disable_help_flag(true).arg(words)
}

/// The end of a command's help.
pub(super) fn examples(lines: &[&str]) -> String {
    let head = if lines.len() == 1 { "Example:" } else { "Examples:" };
    let lines = lines.iter().map(|line| format!("\n  cargo xtask {line}"));
    lines.fold(head.to_owned(), |text, line| text + &line)
}

pub(super) fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).help(help).action(ArgAction::SetTrue)
}

pub(super) fn number(name: &'static str, help: &'static str) -> Arg {
    option(name, "NUMBER", help).value_parser(value_parser!(u64))
}

pub(super) fn option(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

pub(super) fn optional(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).value_name(value).help(help)
}

pub(super) fn required(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    optional(name, value, help).required(true)
}
