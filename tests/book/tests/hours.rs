//! Hours are stated in one place, `docs/start-here.md`, and are those of the exercises. The grader, which looks at a course
//! in the same way, tests the table there and the course plans.

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

#[test]
fn the_sum_of_all_hours_is_stated() {
    let text = page("docs/start-here.md");
    let (mut to_the_finish, mut more) = (0, 0);
    for module in modules() {
        let core: u32 = module.core().map(|exercise| exercise.minutes).sum();
        let all: u32 = module.exercises.iter().map(|exercise| exercise.minutes).sum();
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
