//! A handout, in which every command of learners works and all others are rejected.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context as _, Result, ensure};
use xtask::files;
use xtask::tree::Course;

use super::workshop::Workshop;

pub(super) fn run(workshop: &Workshop) -> Result<()> {
    let new = workshop.lab().join("handout");
    let _ = fs::remove_dir_all(&new);
    let name = new.to_string_lossy().into_owned();
    workshop.xtask(&["handout", &name])?.expect(0, &["The learner's tree is in"])?;
    workshop.xtask(&["handout", &name])?.expect(2, &["already exists"])?;
    let tree = files::read_tree(&new)?;
    fs::remove_dir_all(&new).with_context(|| format!("cannot remove {}", new.display()))?;
    for path in tree.keys() {
        let path = files::shown(path);
        let is_secret = [
            "solutions/",
            "tests/bugs/",
            "tests/book/",
            "xtask/author/",
            "xtask/grade/",
            ".git/",
            ".progress",
            ".kept/",
        ];
        ensure!(!is_secret.iter().any(|s| path.starts_with(s)), "the handout has {path}");
    }
    one_path(workshop)?;
    // In the workshop, most of it is already built.
    workshop.instead(&tree, || {
        let handout = Course::load(workshop.course().root.clone())?;
        ensure!(handout.is_handout(), "what was handed out is no handout");
        rejects(workshop)?;
        learns(workshop, &handout)
    })
}

/// A handout of one path has nothing of the other one, and is a course of its own.
fn one_path(workshop: &Workshop) -> Result<()> {
    let new = workshop.lab().join("handout");
    let name = new.to_string_lossy().into_owned();
    for (path, there, gone) in [
        ("open", "modules/open", "modules/02-election"),
        ("guided", "modules/02-election", "modules/open"),
    ] {
        let _ = fs::remove_dir_all(&new);
        workshop
            .xtask(&["handout", &name, "--path", path])?
            .expect(0, &["The learner's tree is in"])?;
        let course = Course::load(new.clone())?;
        ensure!(new.join(there).is_dir() && !new.join(gone).exists(), "--path {path} has {gone}");
        ensure!(course.others.is_empty(), "--path {path} hands out both paths");
        let manifest = fs::read_to_string(new.join("Cargo.toml")).context("no Cargo.toml")?;
        let members = manifest.split("[workspace.package]").next().unwrap_or_default();
        ensure!(!members.contains(gone), "--path {path} still has the member {gone}");
    }
    fs::remove_dir_all(&new).with_context(|| format!("cannot remove {}", new.display()))
}

fn rejects(workshop: &Workshop) -> Result<()> {
    let chain = workshop.course().chain().next().context("no module builds on another")?;
    let package = &chain.package;
    let commands: [&[&str]; 6] = [
        &["stubs"],
        &["bless"],
        &["verify"],
        &["grade", "submissions"],
        &["handout", "elsewhere"],
        &["use", package, "solution"],
    ];
    for command in commands {
        workshop.own_xtask(command)?.expect(2, &["handed out without"])?;
    }
    Ok(())
}

/// Module 0. Executions of wrong servers are part of a handout, although these servers are not.
fn warms_up(workshop: &Workshop, handout: &Course) -> Result<()> {
    let module = &handout.modules[0];
    let xtask = |arguments: &[&str]| workshop.own_xtask(arguments);
    xtask(&[])?.expect(0, &["0 of", "Next: 0.1"])?;
    let ids = module.exercises.iter().map(|exercise| exercise.id);
    workshop.write(module, &ids.filter(|id| matches!(id.number, 1..=3 | 6)).collect())?;
    xtask(&["check"])?.expect(0, &["✔ 0.6", "0.4 and 0.5 may wait", "Next: module 1"])?;
    xtask(&["use", "0", "mine"])?.expect(0, &["nothing to switch"])?;
    Ok(())
}

/// A learner's way through the first exercises of a module that others build on.
fn learns(workshop: &Workshop, handout: &Course) -> Result<()> {
    let module = handout.chain().next().context("no module builds on another")?;
    warms_up(workshop, handout)?;
    let [first, second, third, ..] = &module.exercises[..] else {
        anyhow::bail!("{} has fewer than three exercises", module.dir);
    };
    let (one, two, three) = (first.id.to_string(), second.id.to_string(), third.id.to_string());
    let xtask = |arguments: &[&str]| workshop.own_xtask(arguments);
    xtask(&[])?.expect(0, &["4 of", &format!("Next: {one}")])?;
    xtask(&["check"])?.expect(1, &[&format!("Exercise {one}"), "comes first"])?;
    xtask(&["hint"])?.expect(0, &["Hint 1 of", &first.title])?;
    xtask(&["use", &module.package, "mine"])?.expect(0, &["already yours"])?;

    workshop.write(module, &BTreeSet::from([first.id, second.id]))?;
    let green = [format!("✔ {one}"), format!("✔ {two}"), format!("Exercise {three}")];
    xtask(&["check"])?.expect(1, &green.each_ref().map(String::as_str))?;
    xtask(&["skip", &three])?.expect(0, &["is skipped", "no reference to replace it"])?;
    xtask(&["reset", &two])?.expect(2, &["--yes"])?;
    xtask(&["reset", &two, "--yes"])?.expect(0, &["is in .kept"])?;
    xtask(&["check"])?.expect(1, &[&format!("Exercise {two}")])?;
    xtask(&["reset", &module.dir, "--yes"])?.expect(0, &["as it was handed out"])?;
    xtask(&["check", "--all"])?.expect(1, &[])?;
    xtask(&["status"])?.expect(0, &["4 of", &format!("Next: {one}")])?;
    let left = files::read_tree(&handout.root.join(module.learner()).join("src"))?;
    ensure!(left == handout.pristine(module)?, "`reset` does not restore the stubs in a handout");
    Ok(())
}
