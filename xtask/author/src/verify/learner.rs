//! The learner's commands: the real program on code that is right, wrong, or does not compile.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use course::Module;
use xtask::files;
use xtask::tree::Course;

use super::workshop::{self, Workshop, must};

/// A story of a learner.
pub(super) type Story = fn(&Workshop) -> Result<()>;

/// The stories, each on a fresh copy.
const STORIES: [(&str, Story); 10] = [
    ("a fresh clone", fresh_clone),
    ("the warm-up", warm_up),
    ("half of a module", half_way),
    ("a wrong line", wrong_line),
    ("code that does not compile", no_code),
    ("a module that builds on another", on_another),
    ("an exercise out of turn", out_of_turn),
    ("a skipped exercise", skipped),
    ("a damaged file of progress", damaged),
    ("the finish line", finish_line),
];

/// The file that most stories write and break.
const LOG: &str = "modules/01-data-model/src/log.rs";

/// The body of `last_term`, which is a part of exercise 1.2.
const LAST_TERM: &str = "self.entries.last().map_or(self.base_term, |entry| entry.term)";

/// The file of exercise 0.1.
const ELECTIONS: &str = "modules/00-warm-up/src/elections.rs";

/// How many stories are about the very beginning. In the others, the warm-up is over.
const BEGINNINGS: usize = 2;

pub(super) fn run(workshop: &Workshop) -> Result<()> {
    for (at, (name, story)) in STORIES.into_iter().enumerate() {
        workshop.tidy()?;
        if at >= BEGINNINGS {
            workshop.solve_these(&module(workshop, "0")?, &[1, 2, 3, 6])?;
            done(workshop, &["0.1", "0.2", "0.3", "0.6"])?;
        }
        tell(name, story, workshop)?;
    }
    Ok(())
}

/// Lets a story happen.
pub(super) fn tell(name: &str, story: Story, workshop: &Workshop) -> Result<()> {
    story(workshop).with_context(|| format!("the story of {name}"))
}

pub(super) fn module(workshop: &Workshop, name: &str) -> Result<Module> {
    Ok(workshop.course().module(name)?.clone())
}

/// Notes these exercises as done.
pub(super) fn done<T: std::fmt::Display>(workshop: &Workshop, ids: &[T]) -> Result<()> {
    let lines: Vec<String> = ids.iter().map(|id| format!("done {id}\n")).collect();
    files::write(&workshop.course().root.join(".progress"), lines.concat().as_bytes())
}

fn fresh_clone(workshop: &Workshop) -> Result<()> {
    workshop.author(&["stubs", "--check"])?.expect(0, &[])?;
    workshop.xtask(&[])?.expect(0, &["0 of", "Next: 0.1"])?;
    let said = workshop.xtask(&["check"])?.expect(
        1,
        &["Exercise 0.1", "comes first", &format!("{ELECTIONS}:"), "read", "hint 0.1"],
    )?;
    ensure!(said.output.lines().count() <= 10, "the first output is too long:\n{}", said.text);
    ensure!(
        !workshop.course().root.join(".progress").exists(),
        "nothing is done, but something is noted"
    );
    let said = workshop.xtask(&["check", "--json"])?.expect(1, &[])?;
    let answer: serde_json::Value = serde_json::from_str(&said.output).context("`check --json`")?;
    ensure!(answer["version"] == 1 && answer["outcome"] == "not_started", "{answer}");
    ensure!(answer["exercise"] == "0.1" && answer["place"]["line"].is_u64(), "{answer}");
    let said = workshop.xtask(&["status", "--json"])?.expect(0, &[])?;
    let answer: serde_json::Value =
        serde_json::from_str(&said.output).context("`status --json`")?;
    ensure!(answer["version"] == 1 && answer["next"] == "0.1", "{answer}");
    Ok(())
}

fn warm_up(workshop: &Workshop) -> Result<()> {
    workshop.solve_these(&module(workshop, "0")?, &[1, 2, 3, 6])?;
    let words =
        ["✔ 0.6", "is done as far as it must be by now", "0.4 and 0.5 may wait", "module 1"];
    workshop.xtask(&["check"])?.expect(0, &words)?;
    workshop.xtask(&[])?.expect(0, &["may wait until module 4", "Next: 1.1"])?;
    workshop.xtask(&["check"])?.expect(1, &["Exercise 1.1", "comes first"])?;
    workshop.xtask(&["use", "0", "solution"])?.expect(0, &["nothing to switch"])?;

    // From now on, the predicates check what the servers do.
    workshop.solve(&module(workshop, "1")?, 100)?;
    workshop.solve(&module(workshop, "2")?, 100)?;
    workshop.xtask(&["check", "1"])?.expect(0, &[])?.without(&["predicates"])?;
    workshop
        .xtask(&["check", "2"])?
        .expect(0, &["✔ 2.8", "Your predicates of module 0 checked", "all 3 hold in"])?;
    let right = "one.term == other.term && one.server";
    workshop.edit(Path::new(ELECTIONS), right, "one.server")?;
    let words = ["disagree with the lab", "▶", "decide who is right", "check 02-election"];
    workshop.xtask(&["check", "2"])?.expect(1, &words)?;
    let said = workshop.xtask(&["check", "2", "--json"])?.expect(1, &["\"outcome\":\"green\""])?;
    ensure!(said.text.contains("\"watched\":{"), "{}", said.text);
    workshop.edit(Path::new(ELECTIONS), "one.server", "one.sever")?;
    workshop.xtask(&["check", "2"])?.expect(0, &["could not check this run"])?;

    // What was postponed is due before module 4.
    let all = workshop.course().modules.iter().flat_map(Module::core);
    let ids = all.filter(|exercise| exercise.due() < 4).map(|exercise| exercise.id);
    done(workshop, &ids.collect::<Vec<_>>())?;
    workshop.solve_these(&module(workshop, "0")?, &[1, 2, 3, 6])?;
    workshop
        .xtask(&["check"])?
        .expect(1, &["Exercise 0.4", "comes next", "postpone this until now"])?;
    workshop.solve_these(&module(workshop, "0")?, &[1, 2, 3, 4, 6])?;
    workshop.xtask(&["check"])?.expect(1, &["✔ 0.4", "Exercise 0.5"])?;
    workshop.xtask(&["skip", "0.5"])?.expect(0, &["No later module builds on", "Next: 4.1"])?;
    ensure!(
        !manifest(workshop)?.contains("path = \"solutions/"),
        "a skipped 0.5 has switched something"
    );
    Ok(())
}

fn manifest(workshop: &Workshop) -> Result<String> {
    let text = fs::read_to_string(workshop.course().root.join("Cargo.toml"));
    text.context("no Cargo.toml")
}

fn half_way(workshop: &Workshop) -> Result<()> {
    let before = workshop::fresh(workshop.course())?;
    let module = module(workshop, "1")?;
    let ids: Vec<String> = module.core().map(|exercise| exercise.id.to_string()).collect();
    let (green, next) = (format!("✔ {}", ids[4]), &ids[5]);
    workshop.solve(&module, 5)?;
    let words = ["✔ 1.1", &green, &format!("Exercise {next}"), "comes next"];
    workshop.xtask(&["check"])?.expect(1, &words)?;
    workshop.xtask(&["status"])?.expect(0, &["5 of", &format!("Next: {next}")])?;
    let noted = done_in(workshop)?;
    // The checks find out again what was done.
    let _ = fs::remove_file(workshop.course().root.join(".progress"));
    workshop.xtask(&["check", "--all"])?.expect(1, &[&green, &format!("✗ {next}")])?;
    let again = done_in(workshop)?;
    ensure!(noted == again, "`check --all` notes {again:?}, and `check` {noted:?}");
    // `verify` judges nothing of the learner's, and `stubs` does not replace it.
    ensure!(before == workshop::fresh(workshop.course())?, "`verify` would see the learner's work");
    workshop.author(&["stubs", "--check"])?.expect(1, &["src/log.rs is stale"])?;
    workshop.author(&["stubs"])?.expect(2, &["--force"])?;
    workshop.solve(&module, 100)?;
    let last = format!("✔ {}", ids[ids.len() - 1]);
    let words = [&last, "is done. Well done!", "S1", "Next: module 2"];
    workshop.xtask(&["check"])?.expect(0, &words)?;
    Ok(())
}

/// What is noted as done. The number of the bug hunts is drawn again when `.progress` is gone.
fn done_in(workshop: &Workshop) -> Result<Vec<String>> {
    let path = workshop.course().root.join(".progress");
    let text = fs::read_to_string(path).context("no .progress")?;
    let done = text.lines().filter(|line| line.starts_with("done "));
    Ok(done.map(str::to_owned).collect())
}

fn wrong_line(workshop: &Workshop) -> Result<()> {
    let module = module(workshop, "1")?;
    workshop.solve(&module, 3)?;
    workshop.xtask(&["check"])?.expect(1, &[&format!("✔ {}", module.exercises[2].id)])?;
    workshop.edit(Path::new(LOG), LAST_TERM, "self.base_term")?;
    let words =
        ["Exercise 1.2", "was green before", "expected", "happened", "why", "checks green", LOG];
    workshop.xtask(&["check"])?.expect(1, &words)?;
    explained_and_debugged(workshop)?;
    let words = ["checks green", "hint 1.2"];
    workshop.xtask(&["check", "1.2", "--seed", "7"])?.expect(1, &words)?;
    workshop.xtask(&["check", "1.1"])?.expect(0, &["Exercise 1.1 is done"])?;
    workshop.xtask(&["status"])?.expect(0, &["Next: 1.2"])?;
    Ok(())
}

/// The first red check, as `explain` shows it, and as the launch configurations of the editors start it.
fn explained_and_debugged(workshop: &Workshop) -> Result<()> {
    let root = &workshop.course().root;
    let log = root.join(LOG).display().to_string();
    let words = ["expected", &log, "tests/01-data-model", "cargo xtask debug 1"];
    workshop.xtask(&["explain", "1"])?.expect(0, &words)?;
    workshop.xtask(&["debug"])?.expect(0, &["1.2::", &log, "RAFT_LAB_IN_PLACE=1"])?;
    let folder = root.join("target/raft-lab/debug");
    let gate = folder.join("gate").with_extension(std::env::consts::EXE_EXTENSION);
    let mut gate = Command::new(gate);
    gate.current_dir(root).env("RAFT_LAB_IN_PLACE", folder.join("check"));
    let said = workshop::say(&mut gate, &[])?.expect(1, &["FAILED. 0 passed; 1 failed"])?;
    ensure!(said.text.contains("1.2::"), "{}", said.text);
    Ok(())
}

fn no_code(workshop: &Workshop) -> Result<()> {
    let module = module(workshop, "1")?;
    workshop.solve(&module, 2)?;
    let wrong = "self.entries.last().map_or(self.base_term, |entry| entri.term)";
    workshop.edit(Path::new(LOG), LAST_TERM, wrong)?;
    let said = workshop.xtask(&["check"])?.expect(1, &["error[E0425]", "entri"])?;
    let headline = format!("Exercise 1.2 does not compile: {LOG}:");
    ensure!(said.output.lines().any(|line| line.starts_with(&headline)), "{}", said.text);
    let said = workshop.xtask(&["check", "--json"])?.expect(1, &["\"outcome\":\"broken\""])?;
    ensure!(said.text.contains("\"exercise\":\"1.2\""), "{}", said.text);

    // A brace is missing, so the exercises cannot be told apart.
    workshop.edit(Path::new(LOG), wrong, "if true {")?;
    workshop.xtask(&["check"])?.expect(1, &["does not compile", "error"])?;
    workshop.xtask(&["status"])?.expect(0, &[])?;
    workshop.xtask(&["reset", "1.2", "--yes"])?.expect(2, &["reset data-model"])?;

    // A function that a check uses is missing.
    workshop.solve(&module, 2)?;
    workshop.edit(Path::new(LOG), "pub fn term_at", "pub fn term_of")?;
    workshop.xtask(&["check"])?.expect(1, &["do not fit your code", "reset 1.N"])?;

    let lib = Path::new("modules/01-data-model/src/lib.rs");
    workshop.solve(&module, 2)?;
    workshop.edit(lib, "pub mod demo;", "pub mod demo;\npub mod mine;")?;
    workshop.xtask(&["check"])?.expect(1, &["outside the exercises", "src/lib.rs:"])?;
    Ok(())
}

fn on_another(workshop: &Workshop) -> Result<()> {
    workshop.solve(&module(workshop, "1")?, 100)?;
    workshop.xtask(&["check", "1"])?.expect(0, &[])?;
    workshop.edit(
        Path::new(LOG),
        "impl Log {",
        "impl Log {\n    /// Mine.\n    pub fn mine(&self) {}\n",
    )?;
    let vote = Path::new("modules/02-election/src/vote.rs");
    workshop.edit(vote, "todo!(\"exercise 2.2\")", "log.mine();\n    true")?;
    workshop.xtask(&["check", "2"])?.expect(1, &["2.1"])?.without(&["does not compile"])?;
    workshop.xtask(&["use", "1", "solution"])?.expect(0, &["build on the reference"])?;
    workshop.xtask(&["check"])?.expect(
        1,
        &["Exercise 2.2 does not compile", "builds on the reference of 01-data-model", "mine"],
    )?;
    workshop.xtask(&["use", "1", "mine"])?.expect(0, &["Yours again: 01-data-model"])?;

    workshop.edit(Path::new(LOG), LAST_TERM, "entri.term")?;
    let place = format!("Exercise 1.2 does not compile: {LOG}");
    workshop.xtask(&["check", "2"])?.expect(1, &[&place])?;
    workshop.edit(Path::new(LOG), "entri.term", LAST_TERM)?;
    let lib = Path::new("modules/01-data-model/src/lib.rs");
    // The checks of module 1 do without it.
    workshop.edit(lib, "pub use node::{Progress, ", "use node::Progress;\npub use node::{")?;
    workshop.xtask(&["check", "2"])?.expect(1, &["your 01-data-model does not have"])?;
    Ok(())
}

fn out_of_turn(workshop: &Workshop) -> Result<()> {
    let module = module(workshop, "1")?;
    // 1.5 builds on 1.4, and 1.4 is not written.
    workshop.write(&module, &BTreeSet::from([module.exercises[4].id]))?;
    workshop.xtask(&["check", "1.5"])?.expect(1, &["needs exercise 1.4"])?;
    workshop.xtask(&["check"])?.expect(1, &["Exercise 1.1", "comes first"])?;
    // A part of an exercise.
    workshop.solve(&module, 2)?;
    workshop.edit(Path::new(LOG), LAST_TERM, "todo!(\"exercise 1.2\")")?;
    workshop
        .xtask(&["check"])?
        .expect(1, &["1.2", "checks green. Still to write: `last_term`", LOG])?;
    // An exercise and a module that do not exist.
    workshop.xtask(&["check", "9.1"])?.expect(2, &["there is no exercise 9.1"])?;
    workshop.xtask(&["check", "raft"])?.expect(2, &["there is no module `raft`", "02-election"])?;
    Ok(())
}

fn skipped(workshop: &Workshop) -> Result<()> {
    let module = module(workshop, "1")?;
    let without = |skipped: usize, count: usize| -> BTreeSet<_> {
        let ids = module.exercises.iter().enumerate().take(count);
        ids.filter(|(at, _)| *at != skipped).map(|(_, e)| e.id).collect()
    };
    // 1.5 builds on 1.4.
    workshop.write(&module, &without(3, 5))?;
    workshop.xtask(&["skip", "1.4"])?.expect(0, &["1.4", "is skipped", "use data-model mine"])?;
    workshop.xtask(&["skip", "1.4"])?.expect(0, &["is skipped"])?;
    workshop
        .xtask(&["check"])?
        .expect(1, &["✔ 1.1", "for 1.4, which was skipped", "Exercise 1.6"])?;
    workshop.xtask(&["status"])?.expect(0, &["1.4  A new server, its peers", "skipped"])?;
    // A skipped exercise can still be done.
    workshop.solve(&module, 5)?;
    workshop.xtask(&["check", "1.4"])?.expect(0, &["Exercise 1.4 is done"])?;
    workshop.xtask(&["skip", "1.4"])?.expect(0, &["nothing to skip"])?;
    Ok(())
}

fn finish_line(workshop: &Workshop) -> Result<()> {
    let course = workshop.course();
    let finish = course.finish().context("there is no stretch")?.number();
    let before = || course.modules.iter().filter(|module| module.number() <= finish);
    for module in before() {
        workshop.solve(module, 100)?;
    }
    let ids: Vec<_> = before().flat_map(Module::core).map(|exercise| exercise.id).collect();
    let last = ids.last().context("the last module has no exercise")?;
    done(workshop, &ids[..ids.len() - 1])?;
    let words = [
        &format!("✔ {last}"),
        "is done. Well done!",
        "finish line. Congratulations",
        "xtask fuzz",
        "a stretch",
        &format!("Next: module {}", finish + 1),
    ];
    workshop.xtask(&["check"])?.expect(0, &words)?;
    // A learner who got there by skipping reads what is left.
    done(workshop, &ids[1..])?;
    workshop.xtask(&["skip", &ids[0].to_string()])?.expect(0, &[])?;
    let words = ["finish line", &format!("left out {}", ids[0])];
    workshop.xtask(&["check", &finish.to_string()])?.expect(0, &words)?;
    Ok(())
}

fn damaged(workshop: &Workshop) -> Result<()> {
    let path = workshop.course().root.join(".progress");
    files::write(&path, b"done 1.1\ndone everything\n")?;
    workshop.xtask(&["status"])?.expect(0, &[".progress, line 2", "1 of"])?;
    workshop.xtask(&["check", "--all"])?.expect(1, &["line 2", "is in .kept"])?;
    workshop.xtask(&["status"])?.expect(0, &["0 of"])?;
    files::write(&path, b"done 1.1\n")?;
    // A tool that cannot work is not a red check.
    workshop.edit(
        Path::new("modules/02-election/Cargo.toml"),
        "[dependencies]",
        "[dependencies",
    )?;
    let words =
        ["cannot read modules/02-election/Cargo.toml", "copy .pristine/02-election", "cargo says"];
    workshop.xtask(&["check"])?.expect(2, &words)?;
    // Before the runner can be built, cargo itself reports the error, with file and line.
    workshop.own_xtask(&["check"])?.expect(101, &["modules/02-election/Cargo.toml:"])?;
    Ok(())
}

/// Every file byte for byte as it was, after `use MODULE solution` and back.
pub(super) fn use_and_back(workshop: &Workshop) -> Result<()> {
    let course = workshop.course();
    let files = || files::read_tree_without(&course.root, &files::is_private);
    // Let cargo write its lock file first.
    must(workshop.cargo().args(["metadata", "--quiet", "--format-version", "1"]))?;
    let before = files()?;
    for module in course.chain() {
        workshop.xtask(&["use", &module.package, "solution"])?.expect(0, &[])?;
        let changed = files()?;
        let differs = |path: &&PathBuf| before.get(*path) != changed.get(*path);
        let different: Vec<String> =
            changed.keys().filter(differs).map(|path| files::shown(path)).collect();
        let expected: &[&str] = &["Cargo.lock", "Cargo.toml"];
        let is_last = course.modules.last().is_some_and(|last| last.dir == module.dir);
        // No module builds on the last one, so the lock need not change for it alone.
        ensure!(
            different == expected || (is_last && different == ["Cargo.toml"]),
            "`use {} solution` has changed {different:?}",
            module.package
        );
        // The next module still builds.
        let later = course.chain().skip_while(|other| other.dir != module.dir).nth(1);
        if let Some(later) = later {
            workshop
                .xtask(&["check", &later.dir])?
                .expect(1, &[])?
                .without(&["does not compile"])?;
        }
        workshop.xtask(&["use", &module.package, "mine"])?.expect(0, &["Yours again"])?;
        for (path, bytes) in files()? {
            let same = before.get(&path) == Some(&bytes);
            ensure!(same, "{} is not as it was before `use`", files::shown(&path));
        }
    }
    ensure!(Course::load(course.root.clone())?.modules.len() == course.modules.len());
    Ok(())
}
