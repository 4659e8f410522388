//! The book: its commands do what its pages say, and it can be built.

use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use super::workshop::Workshop;
use crate::commands;

/// Runs every command that a page shows in a block of `console`, each in a fresh tree.
pub(super) fn run(workshop: &Workshop) -> Result<()> {
    for shown in commands::all(workshop.course())?.iter().filter(|shown| !shown.not_run) {
        let place = || shown.place.clone();
        let words = shown.for_the_runner().context("only commands of the runner can be run");
        workshop.tidy()?;
        let said =
            workshop.xtask(&words.with_context(place)?)?.did_its_work().with_context(place)?;
        if let Some(line) = shown.missing_in(&said.text) {
            bail!("{}: it does not print `{line}`, but:\n{}", place(), said.text);
        }
    }
    workshop.tidy()?;
    let has_mdbook = Command::new("mdbook")
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if has_mdbook {
        workshop.xtask(&["book"])?.expect(0, &["The book is in"])?;
    } else {
        workshop.xtask(&["book"])?.expect(2, &["cargo install mdbook", "docs/start-here.md"])?;
    }
    Ok(())
}
