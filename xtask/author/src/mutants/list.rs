//! The mutants that `cargo-mutants` lists.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail, ensure};
use course::Module;
use serde::Deserialize;
use xtask::{cargo, files};

use super::functions::Function;

/// A small change of a solution.
#[derive(Clone, Debug)]
pub(super) struct Mutant {
    /// Its number among those of its module, from 1.
    pub(super) id: usize,
    /// What is changed, without the line: `vote.rs: replace < with <= in request_vote`. Of several that are called the
    /// same, the second and later ones have a number.
    pub(super) name: String,
    /// The function in which the change is ([`Function::key`]); empty if it is in none.
    pub(super) function: String,
    /// The exercise that asks for the function.
    pub(super) exercise: Option<String>,
    /// The file, below `src`.
    pub(super) file: String,
    /// The bytes that are replaced.
    pub(super) bytes: (usize, usize),
    /// By what.
    pub(super) replacement: String,
    /// Whether it is in a function: only then it can be switched on.
    pub(super) can_run: bool,
}

impl Mutant {
    /// Whether a check of another exercise than its own has killed it. A process that ended without a check's word ran
    /// those of its own exercise first.
    pub(super) fn is_killed_elsewhere(&self, check: &str) -> bool {
        let Some((exercise, _)) = check.split_once("::") else { return false };
        self.exercise.as_ref().is_some_and(|own| own != exercise)
    }
}

#[derive(Deserialize)]
struct Listed {
    name: String,
    file: String,
    replacement: String,
    span: Span,
}

#[derive(Deserialize)]
struct Span {
    start: Place,
    end: Place,
}

/// Line and column, from 1.
#[derive(Deserialize)]
struct Place {
    line: usize,
    column: usize,
}

/// Whether `cargo mutants` can be run.
///
/// # Errors
/// How to install it, if not.
pub(crate) fn is_installed(root: &Path) -> Result<()> {
    let output = cargo::command(root)
        .args(["mutants", "--version"])
        .stdin(Stdio::null())
        .output()
        .context("cannot run cargo")?;
    if !output.status.success() {
        bail!(
            "`cargo mutants` is not installed: `cargo install --locked cargo-mutants` installs it, and `PATH` must \
             contain the folder in which it is"
        );
    }
    Ok(())
}

/// The mutants of a module's reference.
pub(super) fn of(root: &Path, module: &Module, functions: &[Function]) -> Result<Vec<Mutant>> {
    let output = cargo::command(root)
        .args(["mutants", "--list", "--json", "--package", &module.solution_package()])
        .stdin(Stdio::null())
        .output()
        .context("cannot run cargo")?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`cargo mutants --list` failed:\n{}", complaint.trim_end());
    let listed: Vec<Listed> = serde_json::from_slice(&output.stdout)
        .context("cannot understand what `cargo mutants --list --json` says")?;
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    let mut mutants = Vec::new();
    for (one, id) in listed.into_iter().zip(1..) {
        let file = one.file.rsplit('/').next().unwrap_or_default().to_owned();
        if !texts.contains_key(&file) {
            let path = root.join(&one.file);
            let text = fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", files::shown(&path)))?;
            texts.insert(file.clone(), text);
        }
        let text = &texts[&file];
        let bytes = (offset(text, &one.span.start)?, offset(text, &one.span.end)?);
        let around = functions
            .iter()
            .filter(|it| it.file == file && it.whole.contains(&bytes.0))
            .min_by_key(|it| it.whole.len());
        let what = one.name.splitn(4, ':').nth(3).unwrap_or(&one.name).trim();
        let mut name = format!("{file}: {what}");
        let same = names.entry(name.clone()).or_default();
        *same += 1;
        if *same > 1 {
            name = format!("{name} ({same})");
        }
        mutants.push(Mutant {
            id,
            name,
            function: around.map(Function::key).unwrap_or_default(),
            exercise: around.and_then(|it| it.exercise.clone()),
            file,
            bytes,
            replacement: one.replacement,
            can_run: around.is_some(),
        });
    }
    Ok(mutants)
}

/// Where a place is in a text, in bytes.
fn offset(text: &str, place: &Place) -> Result<usize> {
    let mut start = 0;
    for (line, number) in text.split_inclusive('\n').zip(1..) {
        if number == place.line {
            let column = line.char_indices().map(|(at, _)| at).chain([line.len()]);
            let at = column.into_iter().nth(place.column - 1);
            return at.map(|at| start + at).context("a column that the file does not have");
        }
        start += line.len();
    }
    bail!("line {} is not in the file", place.line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_lines_and_characters_from_1() {
        let text = "// §5.2\nlet x = 1;\n";
        let at = |line, column| offset(text, &Place { line, column }).unwrap();
        assert_eq!(&text[at(1, 4)..at(1, 8)], "§5.2");
        assert_eq!(&text[at(2, 5)..at(2, 6)], "x");
        assert!(offset(text, &Place { line: 9, column: 1 }).is_err());
    }
}
