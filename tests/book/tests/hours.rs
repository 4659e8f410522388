//! Hours are stated in one place, the table in `docs/start-here.md`, and are those of the exercises. The course plans
//! spread them evenly.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use gates::ExerciseId;
use gates::course::{self, Module};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn page(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn modules() -> Vec<Module> {
    course::read_modules(&root()).unwrap_or_else(|why| panic!("{why}"))
}

/// Hours, to the nearest quarter: `3¼`, `½`, and nothing for no time at all.
fn hours(minutes: u32) -> String {
    let quarters = (minutes + 7) / 15;
    let whole = match quarters / 4 {
        0 => String::new(),
        whole => whole.to_string(),
    };
    let part = ["", "¼", "½", "¾"][(quarters % 4) as usize];
    format!("{whole}{part}")
}

/// The cells of a line of a table.
fn cells(line: &str) -> Vec<&str> {
    line.trim().trim_matches('|').split('|').map(str::trim).collect()
}

#[test]
fn quarters_are_rounded() {
    for (minutes, expected) in [(0, ""), (35, "½"), (60, "1"), (205, "3½"), (230, "3¾")] {
        assert_eq!(hours(minutes), expected, "{minutes}");
    }
}

#[test]
fn the_table_has_the_hours_of_the_exercises() {
    let text = page("docs/start-here.md");
    let (mut to_the_finish, mut more) = (0, 0);
    for module in modules() {
        let link = format!("](chapters/{}.md)", module.dir);
        let row = text.lines().find(|line| line.starts_with('|') && line.contains(&link));
        let row = cells(row.unwrap_or_else(|| panic!("no row has {link}")));
        let core: u32 = module.core().map(|exercise| exercise.minutes).sum();
        let all: u32 = module.exercises.iter().map(|exercise| exercise.minutes).sum();
        assert_eq!(row[3..], [hours(core), hours(all - core)], "{}", module.dir);
        let (counted, other) = if module.stretch { (0, all) } else { (core, all - core) };
        to_the_finish += counted;
        more += other;
    }
    let sentence = format!(
        "About {} hours for the exercises up to the finish line, and {} more for the stretch and every bonus",
        (to_the_finish + 30) / 60,
        (more + 30) / 60
    );
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains(&sentence), "docs/start-here.md must say: {sentence}");
}

#[test]
fn no_chapter_states_hours_of_its_own() {
    for module in modules() {
        let text = page(&format!("docs/chapters/{}.md", module.dir));
        let head: String = text.lines().take_while(|line| !line.starts_with("## ")).collect();
        assert!(!head.contains("hour"), "{}: hours belong in docs/start-here.md", module.dir);
    }
}

/// The exercises that a cell names: `0.1 to 0.3; 1.5 and 1.6`, up to the word `optional`.
fn named(cell: &str, minutes: &BTreeMap<ExerciseId, u32>) -> Vec<ExerciseId> {
    let cell = cell.split("optional").next().unwrap_or_default();
    let id =
        |word: &str| word.trim_matches(|c: char| !c.is_ascii_digit()).parse::<ExerciseId>().ok();
    let words: Vec<&str> = cell.split_whitespace().collect();
    let mut all = Vec::new();
    for (place, word) in words.iter().enumerate() {
        let Some(last) = id(word) else { continue };
        let from = place.checked_sub(2).filter(|_| words[place - 1] == "to");
        match from.and_then(|from| id(words[from])) {
            Some(first) => {
                all.extend(minutes.keys().filter(|it| **it > first && **it <= last));
            }
            None => all.push(last),
        }
    }
    all
}

/// In this exercise the learner's own functions decide an election, which `check` prints.
const FIRST_ELECTION: ExerciseId = ExerciseId { module: 0, number: 6 };

#[test]
fn within_three_hours_a_learners_functions_decide_an_election() {
    let modules = modules();
    let core = modules.iter().flat_map(Module::core);
    let mut core: Vec<_> = core.map(|it| ((it.due(), it.id), it.minutes)).collect();
    core.sort_unstable();
    let last = core.iter().position(|((_, id), _)| *id == FIRST_ELECTION);
    let last = last.unwrap_or_else(|| panic!("there is no exercise {FIRST_ELECTION}"));
    let minutes: u32 = core[..=last].iter().map(|(_, minutes)| minutes).sum();
    assert!(minutes <= 180, "{FIRST_ELECTION} is done after {minutes} minutes");
    let sentence = format!("in exercise {FIRST_ELECTION}, after an hour and a half of exercises");
    assert_eq!(minutes, 90, "docs/start-here.md says: {sentence}");
    let text = page("docs/start-here.md").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains(&sentence), "docs/start-here.md must say: {sentence}");
}

#[test]
fn the_plans_spread_the_exercises_evenly() {
    let core = modules();
    let core = core.iter().flat_map(Module::core);
    let minutes: BTreeMap<ExerciseId, u32> = core.map(|it| (it.id, it.minutes)).collect();
    let text = page("docs/instructors/course-plan.md");
    for (plan, modules) in [("## Six weeks", 0..=5), ("## Twelve weeks", 0..=7)] {
        let (_, plan_text) = text.split_once(plan).unwrap_or_else(|| panic!("no {plan}"));
        let lines = plan_text.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
        let mut done = Vec::new();
        let mut weeks = Vec::new();
        for line in lines.take_while(|line| line.starts_with('|')) {
            let row = cells(line);
            let ids = named(row[2], &minutes);
            let sum: u32 = ids.iter().map(|id| minutes[id]).sum();
            assert_eq!(row[3], hours(sum), "{plan}, week {}: {ids:?}", row[0]);
            done.extend(ids);
            weeks.push(sum);
        }
        done.sort_unstable();
        let all: Vec<ExerciseId> =
            minutes.keys().copied().filter(|id| modules.contains(&id.module)).collect();
        assert_eq!(done, all, "{plan} has each exercise once");
        let (least, most) = (weeks.iter().min(), weeks.iter().max());
        let (Some(least), Some(most)) = (least, most) else { panic!("{plan} has no weeks") };
        assert!(most - least <= 45, "{plan}: from {least} to {most} minutes a week");
    }
}
