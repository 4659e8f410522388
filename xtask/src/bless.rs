//! `bless`: writes the snapshots of the suites anew, and the figures of the book, from what the reference
//! does; and the questions of its chapters.

use std::process::Stdio;

use anyhow::{Context as _, Result, bail};

use crate::course::{Course, Module};
use crate::gate::{self, Built, Options, Select};
use crate::{cargo, files, questions};

/// `cargo xtask bless`. Says whether all is green with the new snapshots.
pub(crate) fn run(course: &Course, module: Option<&str>) -> Result<bool> {
    course.needs_solutions("cargo xtask bless")?;
    let mut is_green = true;
    let modules: Vec<&Module> = match module {
        Some("book") => Vec::new(),
        Some(name) => vec![course.module(name)?],
        None => course.modules.iter().collect(),
    };
    for module in modules {
        is_green &= bless(course, module)?;
    }
    if module.is_none() {
        is_green &= failure_texts(course)?;
    }
    if matches!(module, None | Some("book")) {
        is_green &= figures(course)?;
        for chapter in questions::write(course)? {
            say!("{} has its questions anew", files::shown(&chapter));
        }
    }
    say!("Look at the difference before you commit it: whoever commits a snapshot can explain it.");
    Ok(is_green)
}

fn bless(course: &Course, module: &Module) -> Result<bool> {
    let gate = match gate::build(&course.root, &module.solution_package())? {
        Built::Ready(gate) => gate,
        Built::Broken(errors) => {
            for error in errors {
                say_aside!("{}", error.rendered);
            }
            bail!("{} does not compile", module.solution_package());
        }
    };
    gate.run(Select::All, Options { bless: true, ..Options::default() })?;
    // What was just written must hold.
    let reports = gate.run(Select::All, Options::default())?;
    let red: Vec<_> = reports.iter().filter(|report| !report.passed()).collect();
    for report in &red {
        say!("{}\n", report.text.trim_end());
    }
    say!("{}: {} of {} checks green", module.dir, reports.len() - red.len(), reports.len());
    Ok(red.is_empty())
}

/// The figures of the book.
fn figures(course: &Course) -> Result<bool> {
    let status = cargo::command(&course.root)
        .args(["test", "--quiet", "--package", "book", "--test", "figures"])
        .env("RAFT_LAB_BLESS", "1")
        .stdin(Stdio::null())
        .status()
        .context("cannot run cargo")?;
    say!("figures: {}", if status.success() { "green" } else { "red" });
    Ok(status.success())
}

/// The texts of failures, that the tests of the gates hold on to.
fn failure_texts(course: &Course) -> Result<bool> {
    let status = cargo::command(&course.root)
        .args(["test", "--quiet", "--no-fail-fast", "--package", "bugs"])
        .args(["--config", r#"env.INSTA_UPDATE.value="always""#])
        .stdin(Stdio::null())
        .status()
        .context("cannot run cargo")?;
    say!("bugs: {}", if status.success() { "green" } else { "red" });
    Ok(status.success())
}
