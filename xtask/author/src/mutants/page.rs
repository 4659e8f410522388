//! The page `docs/maintainers/mutants.md`.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;
use xtask::files;
use xtask::verdict::digest_of;

use super::table::{Reasons, Row, Table};

/// The page, from the root.
pub(super) const PAGE: &str = "docs/maintainers/mutants.md";

/// Writes the page.
pub(super) fn write(root: &Path) -> Result<()> {
    files::write(&root.join(PAGE), page(root)?.as_bytes())
}

/// The page that the kept table and the reasons make.
fn page(root: &Path) -> Result<String> {
    let (table, reasons) = (Table::read(root)?, Reasons::read(root)?);
    let mut modules: Vec<&str> = table.rows.values().map(|row| row.module.as_str()).collect();
    modules.dedup();
    let mut page = HEAD.to_owned();
    for module in &modules {
        let rows: Vec<&Row> = table.rows.values().filter(|row| row.module == *module).collect();
        let sum = |count: fn(&Row) -> usize| rows.iter().map(|row| count(row)).sum::<usize>();
        let digests: String = rows.iter().map(|row| row.digest.as_str()).collect();
        let _ = writeln!(
            page,
            "| {module} | `{}` | {} | {} | {} | {} | {} |",
            digest_of(&digests),
            sum(|row| row.killed),
            sum(|row| row.killed_elsewhere.len()),
            sum(|row| row.survived.len()),
            sum(|row| row.do_not_compile),
            sum(|row| row.not_run.len()),
        );
    }
    page += SURVIVE;
    for row in table.rows.values() {
        for mutant in &row.survived {
            let because = reasons.of(&row.module, mutant).unwrap_or("**no reason is given yet**");
            let _ = writeln!(page, "| {} | `{}` | {because} |", row.module, escaped(mutant));
        }
    }
    page += ELSEWHERE;
    for row in table.rows.values() {
        for (mutant, check) in &row.killed_elsewhere {
            let _ = writeln!(page, "| {} | `{}` | `{check}` |", row.module, escaped(mutant));
        }
    }
    page += NOT_RUN;
    for row in table.rows.values() {
        for mutant in &row.not_run {
            let _ = writeln!(page, "- {}: `{}`", row.module, mutant);
        }
    }
    Ok(page)
}

/// A pipe ends a cell.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}

const HEAD: &str = "# Mutants of the reference

<!-- Written by `cargo xtask mutants --write` from tests/bugs: mutants.jsonl and equivalent.toml. -->

`cargo-mutants` lists small changes of `solutions/`: another operator, a function that returns a constant, an arm of a
`match` that is missing. `cargo xtask mutants` runs each through the gate of its module with base seed 1, the checks of its
own exercise first, up to the first red check. The hash is that of the functions as they were then. `cargo xtask verify` says
which functions have changed since; `cargo xtask mutants --changed --write` runs their mutants again. `verify --full` runs
them too, and writes nothing.

| module | hash | killed at their exercise | by another exercise | survive | do not compile | not run |
|---|---|---|---|---|---|---|
";

const SURVIVE: &str = "
## Those that survive

| module | mutant | why it may |
|---|---|---|
";

const ELSEWHERE: &str = "
## Those that another exercise kills

A learner with this mistake sees the exercise itself green.

| module | mutant | killed by |
|---|---|---|
";

const NOT_RUN: &str = "
## Those that are not run

A change outside functions cannot be switched on while a program runs. Nearly all of these leave a row out of `RULES`, or a
field out of a constant.

";

#[cfg(test)]
mod tests {
    use xtask::tree::Course;

    use super::*;

    #[test]
    fn the_page_is_the_one_that_the_table_makes() {
        let root = Course::find().unwrap().root;
        if std::env::var_os("RAFT_LAB_BLESS").is_some() {
            write(&root).unwrap();
        }
        let found = std::fs::read_to_string(root.join(PAGE)).unwrap().replace("\r\n", "\n");
        assert!(
            found == page(&root).unwrap(),
            "{PAGE} is stale: run this test with RAFT_LAB_BLESS"
        );
    }

    #[test]
    fn each_survivor_has_a_reason_and_each_reason_a_survivor() {
        let root = Course::find().unwrap().root;
        let (table, reasons) = (Table::read(&root).unwrap(), Reasons::read(&root).unwrap());
        let survivors: Vec<(&str, &str)> = table
            .rows
            .values()
            .flat_map(|row| row.survived.iter().map(|it| (row.module.as_str(), it.as_str())))
            .collect();
        let unexplained: Vec<_> =
            survivors.iter().filter(|(module, it)| reasons.of(module, it).is_none()).collect();
        let unused = reasons.equivalent.iter().filter(|reason| {
            !survivors.iter().any(|(module, mutant)| reason.is_for(module, mutant))
        });
        let unused: Vec<&str> = unused.map(|reason| reason.mutant.as_str()).collect();
        assert!(unexplained.is_empty(), "no reason in equivalent.toml: {unexplained:#?}");
        assert!(unused.is_empty(), "equivalent.toml explains what does not survive: {unused:#?}");
    }
}
