//! What `exercises.toml` says about behaviour is what servers do: of each such question, exactly the right
//! choices come true on the reference.

use std::fs;
use std::path::{Path, PathBuf};

use gates::{ExerciseId, Exercises, Question, scenario};

mod reference;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The questions of all modules, each with its module's number.
fn questions() -> Vec<(u32, Question)> {
    let folders = fs::read_dir(root().join("tests")).expect("there is a folder tests");
    let names = folders.map(|entry| entry.expect("it can be read").file_name());
    let mut modules: Vec<String> = names
        .map(|name| name.to_string_lossy().into_owned())
        .filter(|name| root().join("tests").join(name).join("exercises.toml").exists())
        .collect();
    modules.sort();
    let mut questions = Vec::new();
    for module in modules {
        let number = module.split('-').next().and_then(|number| number.parse().ok());
        let number = number.expect("a module's folder begins with its number");
        let exercises = Exercises::read(&root(), &module).unwrap_or_else(|why| panic!("{why}"));
        questions.extend(exercises.question.into_iter().map(|question| (number, question)));
    }
    questions
}

/// Whether a claim comes true after the script of its question.
fn comes_true(module: u32, question: &Question, claim: &str) -> Result<bool, String> {
    let script = format!("{}\n{}\n---\n", question.script.trim(), claim.trim());
    let name = format!("question-{}.scenario", question.id);
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, script).expect("the file can be written");
    // What a leader of module 4 does before exercise 4.8: the paper's figures know of no first entry.
    let exercise = ExerciseId { module, number: 7 };
    let servers = reference::servers(exercise);
    let Err(failure) = scenario::run(&path, exercise, servers, 1) else { return Ok(true) };
    let line = claim.trim().lines().last().unwrap_or_default();
    if failure.step.contains("expect") && claim.lines().any(|l| failure.step.ends_with(l.trim())) {
        return Ok(false);
    }
    Err(format!("{}: before `{line}`: {}: {}", question.id, failure.step, failure.happened))
}

#[test]
fn exactly_the_right_choices_come_true() {
    let mut tried = 0;
    for (module, question) in questions() {
        for (claim, letter) in question.claims.iter().zip('a'..) {
            let is_true =
                comes_true(module, &question, claim).unwrap_or_else(|why| panic!("{why}"));
            let is_right = question.answer.contains(letter);
            let Question { id, ask, answer, .. } = &question;
            assert_eq!(
                is_true, is_right,
                "{id}: {ask}: the answer is {answer}, and ({letter}):{claim}"
            );
            tried += 1;
        }
    }
    assert!(tried >= 20, "only {tried} choices were tried");
}

#[test]
fn every_module_has_questions_and_one_for_the_notes() {
    let questions = questions();
    let last = questions.iter().map(|(module, _)| *module).max().expect("there are questions");
    assert!(last <= reference::LATEST.module, "servers of module {last} are not known here");
    for module in 1..=last {
        let of_module: Vec<&Question> =
            questions.iter().filter(|(m, _)| *m == module).map(|(_, question)| question).collect();
        assert!(of_module.len() >= 4, "module {module} has {} questions", of_module.len());
        let free = of_module.iter().filter(|question| question.free).count();
        assert_eq!(free, 1, "module {module} has {free} questions for the notes");
        let checked = of_module.iter().any(|question| !question.claims.is_empty());
        assert!(checked, "no question of module {module} is held against what servers do");
    }
}
