//! The snapshot beside a script, and the first block that differs from it.

use std::fmt::Write as _;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use super::script::Script;
use crate::settings::is_blessing;
use crate::{Failure, Verdict};

/// What each block of a script shows in the snapshot beside it; `None` if there is no snapshot.
pub(super) fn expected(script: &Script) -> Option<Vec<String>> {
    let (_, file) = place(script);
    let snapshot = fs::read_to_string(file).ok()?.replace("\r\n", "\n");
    Some(outcomes(content(&snapshot)))
}

/// The folder of a script's snapshot, and its path.
fn place(script: &Script) -> (PathBuf, PathBuf) {
    let folder = script.path.parent().unwrap_or(Path::new(".")).join("snapshots");
    let file = folder.join(format!("{}.snap", name(script)));
    (folder, file)
}

fn name(script: &Script) -> String {
    let stem = script.path.file_stem();
    stem.map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Compares a transcript with the snapshot beside its script. Only `cargo xtask bless` writes one, with `insta` and
/// from the reference, so that what a wrong server does can never become the snapshot by accident.
pub(super) fn compare(script: &Script, transcript: &str, needs_snapshot: bool) -> Verdict {
    let (folder, file) = place(script);
    if is_blessing() && !script.is_borrowed {
        return bless(&folder, &name(script), transcript);
    }
    match fs::read_to_string(&file).map(|snapshot| snapshot.replace("\r\n", "\n")) {
        Ok(snapshot) if content(&snapshot).trim_end() == transcript.trim_end() => Ok(()),
        Ok(snapshot) => Err(difference(script, content(&snapshot), transcript)),
        Err(_) if !needs_snapshot => Ok(()),
        Err(_) => Err(Failure::new(
            "a snapshot beside the scenario",
            format!("there is none in {}: `cargo xtask bless` makes it", file.display()),
        )),
    }
}

/// Writes the snapshot.
fn bless(folder: &Path, name: &str, transcript: &str) -> Verdict {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let written = panic::catch_unwind(AssertUnwindSafe(|| {
        settings.bind(|| insta::assert_snapshot!(name, transcript));
    }));
    written.map_err(|_| {
        Failure::new("a new snapshot", format!("insta did not write it into {}", folder.display()))
    })
}

/// The content of a snapshot file, without its header.
fn content(snapshot: &str) -> &str {
    snapshot.splitn(3, "---\n").nth(2).unwrap_or(snapshot)
}

/// The first block that has shown something different.
fn difference(script: &Script, expected: &str, transcript: &str) -> Box<Failure> {
    let expected = outcomes(expected);
    let happened = outcomes(transcript);
    let differs = |number: &usize| expected.get(*number) != happened.get(*number);
    let Some(number) = (0..script.blocks.len()).find(differs) else {
        return Failure::new(
            "the snapshot of this script",
            "a snapshot of an older version of it: `cargo xtask bless` renews it",
        );
    };
    let block = &script.blocks[number];
    let text = |outcomes: &[String]| outcomes.get(number).cloned().unwrap_or_default();
    let mut failure = Failure::new(text(&expected), text(&happened));
    let first = block.commands.first().map_or(0, |&(line, _)| line);
    failure.step = format!("{}:{first}:", script.shown);
    for (_, command) in &block.commands {
        let _ = write!(failure.step, "\n  {command}");
    }
    script.add_reasons(&mut failure, block);
    failure
}

/// What each block of a transcript has shown.
pub(super) fn outcomes(transcript: &str) -> Vec<String> {
    let mut outcomes = Vec::new();
    let mut lines = transcript.lines();
    while lines.by_ref().any(|line| line == "---") {
        let shown: Vec<&str> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
        outcomes.push(shown.join("\n"));
    }
    outcomes
}
