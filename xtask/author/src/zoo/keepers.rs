//! Keeping verdicts: `tests/bugs/zoo.jsonl`, and the page that is made of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use xtask::{cargo, files, say};

use super::servers::Servers;
use super::verdict::Verdict;

/// Where verdicts are kept, from the root.
const KEPT: &str = "tests/bugs/zoo.jsonl";

/// Puts these verdicts into the place of older ones, drops those whose server has gone, and writes the page.
pub(super) fn write(root: &Path, verdicts: &[Verdict]) -> Result<()> {
    let path = root.join(KEPT);
    let text = fs::read_to_string(&path).unwrap_or_default();
    let mut rows = BTreeMap::new();
    for line in text.lines() {
        let row: Verdict = serde_json::from_str(line).with_context(|| format!("in {KEPT}"))?;
        rows.insert((row.module.clone(), row.id.clone()), row);
    }
    for verdict in verdicts {
        let key = (verdict.module.clone(), verdict.id.clone());
        let mut verdict = verdict.clone();
        // What was not run this time is as it was.
        verdict.alone = verdict.alone.or_else(|| rows.get(&key)?.alone.clone());
        rows.insert(key, verdict);
    }
    // In the order of the patches: a server that is added changes one line.
    let mut kept = String::new();
    for (module, ids) in &Servers::read(root)?.wrong {
        for id in ids {
            if let Some(row) = rows.get(&(module.clone(), id.clone())) {
                kept += &serde_json::to_string(row)?;
                kept.push('\n');
            }
        }
    }
    files::write(&path, kept.as_bytes())?;
    let status = cargo::command(root)
        .args(["test", "--quiet", "--package", "bugs", "--test", "zoo"])
        .args(["--config", r#"env.INSTA_UPDATE.value="always""#])
        .stdin(Stdio::null())
        .status()
        .context("cannot run cargo")?;
    ensure!(status.success(), "the tests of the zoo are red");
    say!("{KEPT} and docs/maintainers/zoo.md are written");
    Ok(())
}
