//! What became of the mutants, function by function: `tests/bugs/mutants.jsonl`. The reasons why some may survive are in
//! `tests/bugs/equivalent.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use xtask::tree::Course;
use xtask::{files, say};

use super::functions::{self, Function};
use super::list::Mutant;

/// Where the table is kept, from the root.
pub(super) const KEPT: &str = "tests/bugs/mutants.jsonl";

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// This check was red, or the process ended in this way.
    Killed(String),
    DoesNotCompile,
    /// It is not in a function, or its function does not fit into the merged source.
    NotRun,
    Survived,
}

/// The mutants of a function.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Row {
    /// The folder of the module.
    pub(super) module: String,
    /// File and function.
    pub(super) function: String,
    /// A digest of the function's text when its mutants were run.
    pub(super) digest: String,
    /// How many were killed by checks of the function's own exercise, or, if it has none, of any.
    pub(super) killed: usize,
    /// Those that only checks of other exercises have killed, each with the check.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) killed_elsewhere: BTreeMap<String, String>,
    /// Those that no check has killed.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) survived: BTreeSet<String>,
    /// How many do not compile.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) do_not_compile: usize,
    /// Those that were not run.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) not_run: BTreeSet<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// The table: a row for each function, by module and function.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) rows: BTreeMap<(String, String), Row>,
}

/// The name of the row for what is in no function.
const OUTSIDE: &str = "outside functions";

impl Table {
    /// Reads it. A table that does not exist yet is empty.
    pub(super) fn read(root: &Path) -> Result<Self> {
        let text = fs::read_to_string(root.join(KEPT)).unwrap_or_default();
        let mut rows = BTreeMap::new();
        for line in text.lines() {
            let row: Row = serde_json::from_str(line).with_context(|| format!("in {KEPT}"))?;
            rows.insert((row.module.clone(), row.function.clone()), row);
        }
        Ok(Table { rows })
    }

    /// Writes it.
    pub(super) fn write(&self, root: &Path) -> Result<()> {
        let mut text = String::new();
        for row in self.rows.values() {
            text += &serde_json::to_string(row)?;
            text.push('\n');
        }
        files::write(&root.join(KEPT), text.as_bytes())
    }

    /// Whether the function's mutants were run on its present text.
    pub(super) fn is_current(&self, module: &str, function: &Function) -> bool {
        let row = self.rows.get(&(module.to_owned(), function.key()));
        row.is_some_and(|row| row.digest == function.digest)
    }

    /// Takes in what became of the mutants of the functions `wanted`, and drops functions that have gone.
    pub(super) fn take(
        &mut self,
        module: &str,
        functions: &[Function],
        wanted: &BTreeSet<String>,
        mutants: &[Mutant],
        fates: &BTreeMap<usize, Outcome>,
    ) {
        let present: BTreeSet<String> = functions.iter().map(Function::key).collect();
        self.rows.retain(|(folder, function), _| {
            folder != module || function == OUTSIDE || present.contains(function)
        });
        for function in functions.iter().filter(|function| wanted.contains(&function.key())) {
            let own = mutants.iter().filter(|mutant| mutant.function == function.key());
            let row = row_of(module, function.key(), function.digest.clone(), own, fates);
            self.rows.insert((module.to_owned(), function.key()), row);
        }
        let outside: Vec<&Mutant> = mutants.iter().filter(|it| it.function.is_empty()).collect();
        if !outside.is_empty() {
            let row = row_of(module, OUTSIDE.to_owned(), String::new(), outside, fates);
            self.rows.insert((module.to_owned(), OUTSIDE.to_owned()), row);
        }
    }
}

fn row_of<'a>(
    module: &str,
    function: String,
    digest: String,
    mutants: impl IntoIterator<Item = &'a Mutant>,
    fates: &BTreeMap<usize, Outcome>,
) -> Row {
    let mut row = Row {
        module: module.to_owned(),
        function,
        digest,
        killed: 0,
        killed_elsewhere: BTreeMap::new(),
        survived: BTreeSet::new(),
        do_not_compile: 0,
        not_run: BTreeSet::new(),
    };
    for mutant in mutants {
        let name = mutant.name.clone();
        match fates.get(&mutant.id) {
            Some(Outcome::Killed(check)) if mutant.is_killed_elsewhere(check) => {
                row.killed_elsewhere.insert(name, check.clone());
            }
            Some(Outcome::Killed(_)) => row.killed += 1,
            Some(Outcome::DoesNotCompile) => row.do_not_compile += 1,
            Some(Outcome::Survived) => {
                row.survived.insert(name);
            }
            Some(Outcome::NotRun) | None => {
                row.not_run.insert(name);
            }
        }
    }
    row
}

/// Why mutants may survive.
#[derive(Debug, Deserialize)]
pub(super) struct Reasons {
    #[serde(default)]
    pub(super) equivalent: Vec<Reason>,
}

/// Why a mutant may survive.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reason {
    /// The folder of the module.
    pub(super) module: String,
    /// The mutant, as the command prints it; or the beginnings of several, with `…` at the end.
    pub(super) mutant: String,
    /// The reason.
    pub(super) because: String,
}

impl Reasons {
    /// Reads `tests/bugs/equivalent.toml`.
    pub(super) fn read(root: &Path) -> Result<Self> {
        const FILE: &str = "tests/bugs/equivalent.toml";
        let text =
            fs::read_to_string(root.join(FILE)).with_context(|| format!("cannot read {FILE}"))?;
        toml_edit::de::from_str(&text).with_context(|| format!("in {FILE}"))
    }

    /// The reason for this mutant.
    pub(super) fn of(&self, module: &str, mutant: &str) -> Option<&str> {
        self.equivalent
            .iter()
            .find(|reason| reason.is_for(module, mutant))
            .map(|reason| reason.because.as_str())
    }
}

impl Reason {
    /// Whether it is the reason for this mutant.
    pub(super) fn is_for(&self, module: &str, mutant: &str) -> bool {
        self.module == module
            && match self.mutant.strip_suffix('…') {
                Some(beginning) => mutant.starts_with(beginning),
                None => self.mutant == mutant,
            }
    }
}

/// Says how old the table is: the functions that have changed since their mutants were run.
pub(crate) fn age(course: &Course) -> Result<()> {
    let table = Table::read(&course.root)?;
    let mut changed = Vec::new();
    let mut all = 0;
    for module in &course.modules {
        for function in functions::of(&course.root, module)? {
            all += 1;
            if !table.is_current(&module.dir, &function) {
                changed.push(format!("{} {}", module.dir, function.key()));
            }
        }
    }
    if changed.is_empty() {
        say!("  The table of mutants is current: all {all} functions are as they were.");
    } else {
        let count = changed.len();
        say!(
            "  The table of mutants is older than {count} of {all} functions; `cargo xtask mutants --changed --write` \
             runs their mutants: {}",
            changed.join(", ")
        );
    }
    Ok(())
}
