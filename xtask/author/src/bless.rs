//! `bless`: writes what is generated. Snapshots, figures and failure texts come from what the reference does,
//! the map of the assembled server from its sources, and the questions of the chapters from `exercises.toml`.

use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use course::{Module, Select};
use xtask::build::{self, Built};
use xtask::gate::{Judged, Options};
use xtask::tree::Course;
use xtask::{cargo, files, say, say_aside};

use crate::chapters;

/// `cargo xtask bless`. Returns whether all is green with what was written.
pub(crate) fn run(course: &Course, module: Option<&str>) -> Result<bool> {
    course.needs_solutions("cargo xtask bless")?;
    let mut is_green = true;
    let modules: Vec<&Module> = match module {
        Some("book") => Vec::new(),
        Some(name) => vec![course.any(name)?],
        None => course.all().collect(),
    };
    for module in modules {
        is_green &= bless(course, module)?;
    }
    if module.is_none() {
        is_green &= failure_texts(course)?;
    }
    if matches!(module, None | Some("book")) {
        is_green &= book(course)?;
        for chapter in chapters::write(course)? {
            say!("{}: questions written", files::shown(&chapter));
        }
    }
    say!("Read the diff before you commit it: you must be able to explain every line.");
    Ok(is_green)
}

fn bless(course: &Course, module: &Module) -> Result<bool> {
    let gate = match build::gate(&course.root, &module.solution_package())? {
        Built::Ready(gate) => gate,
        Built::Broken(errors) => {
            for error in errors {
                say_aside!("{}", error.rendered);
            }
            bail!("{} does not compile", module.solution_package());
        }
    };
    gate.run(&Select::All, Options { bless: true, ..Options::default() })?;
    // The snapshots just written must hold.
    let Judged { reports, untried, .. } = gate.run(&Select::All, Options::default())?;
    let red: Vec<_> = reports.iter().filter(|report| !report.passed()).collect();
    for report in &red {
        say!("{}\n", report.text.trim_end());
    }
    say!("{}: {} of {} checks green", module.dir, reports.len() - red.len(), reports.len());
    Ok(red.is_empty() && untried.is_empty())
}

/// The figures and generated pages of the book.
fn book(course: &Course) -> Result<bool> {
    let status = cargo::command(&course.root)
        .args(["test", "--quiet", "--package", "book", "--test", "figures", "--test", "assembled"])
        .args(["--test", "recordings"])
        .env("RAFT_LAB_BLESS", "1")
        .stdin(Stdio::null())
        .status()
        .context("cannot run cargo")?;
    say!("book: {}", if status.success() { "green" } else { "red" });
    Ok(status.success())
}

/// The failure texts that the tests of the gates compare with.
fn failure_texts(course: &Course) -> Result<bool> {
    let status = cargo::command(&course.root)
        .args(["test", "--quiet", "--no-fail-fast", "--package", "bugs"])
        .args(["--config", r#"env.INSTA_UPDATE.value="always""#])
        // Texts and recorded runs come from the usual seed. Judging with all ten is for `verify --full`.
        .env("RAFT_LAB_SEEDS", "1")
        .stdin(Stdio::null())
        .status()
        .context("cannot run cargo")?;
    say!("bugs: {}", if status.success() { "green" } else { "red" });
    Ok(status.success())
}
