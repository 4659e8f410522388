//! What `check` says is true of the code as it is: nothing is done that was not judged, and the module in
//! which the mistake is comes before those that build on it.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, ensure};
use course::Module;
use xtask::files;

use super::learner::{Story, done, module, tell};
use super::workshop::Workshop;

const STORIES: [(&str, Story); 9] = [
    ("a repair that breaks another exercise", repaired_and_broken),
    ("a file that comes back from a copy", from_a_copy),
    ("a mistake below the frontier", below_the_frontier),
    ("a mistake in the first module that others build on", at_the_bottom),
    ("an optional exercise that was written", optional),
    ("a check that does not end", endless),
    ("several red checks", several),
    ("a judge that was changed", changed_judge),
    ("an exercise without a check", no_check),
];

const NODE: &str = "modules/01-data-model/src/node.rs";
const VOTE: &str = "modules/02-election/src/vote.rs";

pub(super) fn run(workshop: &Workshop) -> Result<()> {
    for (name, story) in STORIES {
        workshop.tidy()?;
        tell(name, story, workshop)?;
    }
    Ok(())
}

/// Solves the modules 1 to `last`, and has the runner judge them.
fn solved(workshop: &Workshop, last: u32) -> Result<()> {
    let course = workshop.course();
    let modules = || course.chain().filter(|module| module.number() <= last);
    let warm_up = ["0.1", "0.2", "0.3", "0.4", "0.5", "0.6"];
    workshop.solve(&module(workshop, "0")?, warm_up.len())?;
    let core = modules().flat_map(Module::core).map(|exercise| exercise.id.to_string());
    let ids: Vec<String> = warm_up.into_iter().map(str::to_owned).chain(core).collect();
    done(workshop, &ids)?;
    for module in modules() {
        workshop.solve(module, 100)?;
    }
    workshop.xtask(&["check"])?.expect(1, &["Module 1 was judged again and is green"])?;
    Ok(())
}

fn repaired_and_broken(workshop: &Workshop) -> Result<()> {
    workshop.solve(&module(workshop, "1")?, 100)?;
    workshop.xtask(&["check", "1"])?.expect(0, &["is done. Well done!"])?;
    let node = Path::new(NODE);
    let right = fs::read_to_string(workshop.course().root.join(node)).context("node.rs")?;
    workshop.edit(node, "self.voted_for = None;", "")?;
    workshop.xtask(&["check", "1"])?.expect(1, &["Exercise 1.5", "was green before"])?;
    // One edit repairs 1.5 and breaks 1.8.
    files::write(&workshop.course().root.join(node), right.as_bytes())?;
    workshop.edit(
        Path::new("modules/01-data-model/src/event_loop.rs"),
        "(rules.persist)(node)?;",
        "let _ = (rules.persist)(node);",
    )?;
    for _ in 0..2 {
        let said = workshop.xtask(&["check", "1"])?.expect(1, &["1.8"])?;
        said.without(&["is done. Well done!"])?;
    }
    Ok(())
}

/// As with `mv node.rs.bak node.rs`: cargo alone would go by the file's time, and judge the text before.
fn from_a_copy(workshop: &Workshop) -> Result<()> {
    workshop.solve(&module(workshop, "1")?, 100)?;
    workshop.xtask(&["check", "1"])?.expect(0, &["is done. Well done!"])?;
    workshop.edit(Path::new(NODE), "self.voted_for = None;", "")?;
    let file = File::options().write(true).open(workshop.course().root.join(NODE))?;
    file.set_modified(SystemTime::now() - Duration::from_hours(1))?;
    workshop.xtask(&["check", "1"])?.expect(1, &["Exercise 1.5", "was green before"])?;
    Ok(())
}

fn below_the_frontier(workshop: &Workshop) -> Result<()> {
    solved(workshop, 2)?;
    workshop.xtask(&["check"])?.expect(1, &["Exercise 3.1"])?.without(&["judged again"])?;
    workshop.xtask(&["status"])?.expect(0, &["✔ Module 2"])?.without(&["not judged"])?;
    let vote = Path::new(VOTE);
    workshop.edit(vote, "reset_election_timer(node, out);", "")?;
    workshop.xtask(&["status"])?.expect(0, &["? Module 2", "not judged as it is now"])?;
    workshop.xtask(&["check"])?.expect(1, &["Exercise 2.3", "was green before", VOTE])?;
    // The exercise is open again, so it stays the next one.
    workshop.xtask(&["check"])?.expect(1, &["2.3"])?.without(&["Exercise 3.1"])?;
    workshop.solve(&module(workshop, "2")?, 100)?;
    workshop.xtask(&["check"])?.expect(0, &["✔ 2.3", "Module 2", "is done. Well done!"])?;
    workshop.edit(vote, "fn is_up_to_date", "fn is_as_new")?;
    workshop.xtask(&["check"])?.expect(1, &[VOTE, "not"])?.without(&["Exercise 3.1"])?;
    Ok(())
}

fn at_the_bottom(workshop: &Workshop) -> Result<()> {
    solved(workshop, 2)?;
    workshop.edit(Path::new(NODE), "self.voted_for = None;", "")?;
    for arguments in [&["check", "2"][..], &["check", "2.1"], &["check"]] {
        done_again(workshop, "1.5")?;
        let said = workshop.xtask(arguments)?.expect(1, &["Exercise 1.5", "was green before"])?;
        said.without(&["2.1", "Module 2"])?;
    }
    // A later exercise can be asked for all the same, and module 2 is not blamed for what it builds on.
    let words = ["Module 1 is not green, and this builds on it: 1.5", "check 1.5", "Exercise 3.1"];
    workshop.xtask(&["check", "3.1"])?.expect(1, &words)?.without(&["was green before", "2.1"])?;
    Ok(())
}

/// Notes an exercise as done.
fn done_again(workshop: &Workshop, id: &str) -> Result<()> {
    let path = workshop.course().root.join(".progress");
    let text = fs::read_to_string(&path).context("no .progress")?;
    files::write(&path, format!("{text}done {id}\n").as_bytes())
}

fn optional(workshop: &Workshop) -> Result<()> {
    let warm_up = module(workshop, "0")?;
    workshop.solve_these(&warm_up, &[1, 2, 3, 6])?;
    workshop.xtask(&["check"])?.expect(0, &["✔ 0.3", "have decided an election"])?;
    workshop.xtask(&["check"])?.expect(1, &["Exercise 1.1"])?.without(&["0.4"])?;
    workshop.solve_these(&warm_up, &[1, 2, 3, 4, 6])?;
    let commitment = Path::new("modules/00-warm-up/src/commitment.rs");
    let path = workshop.course().root.join(commitment);
    let right = fs::read_to_string(&path).context("commitment.rs")?;
    let wrong = right.replace("!=", "==");
    ensure!(wrong != right, "0.4 has no `!=` to turn round for this test");
    files::write(&path, wrong.as_bytes())?;
    workshop.xtask(&["check"])?.expect(1, &["0.4 State Machine Safety", "expected", "happened"])?;
    let words = ["Exercise 1.1", "0.4 State Machine Safety (may wait)", "check 0.4"];
    workshop.xtask(&["check"])?.expect(1, &words)?.without(&["expected"])?;
    files::write(&path, right.as_bytes())?;
    workshop.xtask(&["check"])?.expect(1, &["✔ 0.4", "Exercise 1.1"])?;

    // In the learner's own module, too: 3.9 is a bonus, and 3.1 comes next.
    solved(workshop, 2)?;
    let hint = Path::new("modules/03-replication/src/hint.rs");
    workshop.edit(
        hint,
        "entries in that term\".\n    // Until then: None\n    None",
        "entries in that term\".\n    Some(Index(1))",
    )?;
    workshop.xtask(&["check"])?.expect(1, &["3.9 Stepping back by terms", "checks green"])?;
    let words = ["Exercise 3.1", "3.9 Stepping back by terms (bonus)", "check 3.9"];
    workshop.xtask(&["check"])?.expect(1, &words)?;
    Ok(())
}

fn endless(workshop: &Workshop) -> Result<()> {
    solved(workshop, 2)?;
    workshop.edit(
        Path::new(VOTE),
        "reset_election_timer(node, out);",
        "#[allow(clippy::empty_loop)]\n        loop {}",
    )?;
    let words = ["does a loop never end?", "not tried", "2.3"];
    workshop.xtask_within_limits(&["check"])?.expect(1, &words)?;
    Ok(())
}

fn several(workshop: &Workshop) -> Result<()> {
    solved(workshop, 2)?;
    workshop.edit(Path::new(NODE), "self.voted_for = None;", "")?;
    let words = ["Red, the most basic first", "✗ 1.5", "explain NUMBER"];
    let said = workshop.xtask(&["check"])?.expect(1, &words)?;
    let listed = said.text.matches("✗").count();
    let said = workshop.xtask(&["explain"])?.expect(0, &["Red, the most basic first", "1.5"])?;
    let all = said.text.matches("✗").count();
    ensure!(all >= listed, "`check` lists {listed} red checks, and `explain` {all}");
    workshop.xtask(&["explain", "2"])?.expect(0, &["expected", "happened", "why"])?;
    workshop.xtask(&["explain", "no such check"])?.expect(2, &["is called `no such check`"])?;
    let said = workshop.xtask(&["check", "--json"])?.expect(1, &[])?;
    let answer: serde_json::Value = serde_json::from_str(&said.output).context("`check --json`")?;
    let red = answer["red"].as_array().context("no list of red checks")?;
    ensure!(red.len() > 1 && red.iter().all(|check| check["text"] != ""), "{answer}");
    Ok(())
}

fn changed_judge(workshop: &Workshop) -> Result<()> {
    workshop.xtask(&["check"])?.expect(1, &[])?.without(&["not as it was handed out"])?;
    let file = "tests/02-election/votes.rs";
    workshop.edit(Path::new(file), "use ", "// Changed.\nuse ")?;
    let words = ["the judge is not as it was handed out", file, "Exercise 0.1"];
    workshop.xtask(&["check"])?.expect(1, &words)?;
    // Whose modules are used changes the manifest, but not the judge.
    workshop.tidy()?;
    workshop.xtask(&["use", "2", "solution"])?.expect(0, &[])?;
    workshop.xtask(&["check"])?.expect(1, &[])?.without(&["not as it was handed out"])?;
    Ok(())
}

fn no_check(workshop: &Workshop) -> Result<()> {
    let path = "tests/00-warm-up/exercises.toml";
    let full = workshop.course().root.join(path);
    let text = fs::read_to_string(&full).context("no exercises")?;
    let more = "[[exercise]]\nid = \"0.9\"\ntitle = \"Forgotten\"\nsection = \"\"\nfile = \"src/lib.rs\"\n\
                points = 1\nminutes = 1\nhints = []\n";
    files::write(&full, format!("{text}\n{more}").as_bytes())?;
    workshop.solve(&module(workshop, "0")?, 6)?;
    let words =
        ["no check for exercise 0.9, Forgotten", "bug in the lab", "tests/00-warm-up", "skip"];
    workshop.xtask(&["check"])?.expect(2, &words)?;
    // What was found before is not lost.
    workshop.xtask(&["status"])?.expect(0, &["6 of"])?;
    Ok(())
}
