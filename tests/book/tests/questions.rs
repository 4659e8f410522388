//! What `questions.toml` says about behaviour is what servers do: of each such question, exactly the right
//! choices come true on the reference.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use gates::course::{self, Question};
use gates::{ExerciseId, scenario};

mod reference;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The questions of each module that has exercises, by its number.
fn questions() -> BTreeMap<u32, Vec<Question>> {
    let modules = course::read_modules(&root()).unwrap_or_else(|why| panic!("{why}"));
    modules.into_iter().map(|module| (module.number(), module.questions)).collect()
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
    let questions = questions();
    let all = questions.iter().flat_map(|(&module, all)| all.iter().map(move |one| (module, one)));
    for (module, question) in all {
        for (claim, letter) in question.claims.iter().zip('a'..) {
            let is_true = comes_true(module, question, claim).unwrap_or_else(|why| panic!("{why}"));
            let is_right = question.answer.contains(letter);
            let Question { id, ask, answer, .. } = question;
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
fn every_module_has_questions_of_each_kind() {
    let mut free = BTreeSet::new();
    for (module, questions) in questions() {
        assert!(questions.len() >= 9, "module {module} has {} questions", questions.len());
        let (notes, chosen): (Vec<&Question>, Vec<&Question>) =
            questions.iter().partition(|question| question.free);
        let [notes] = notes[..] else {
            panic!("module {module} has {} questions for the notes", notes.len())
        };
        assert!(free.insert(notes.ask.clone()), "{}: another module asks the same", notes.id);
        let transfer = chosen.iter().filter(|question| question.transfer);
        let half = chosen.len() / 2;
        assert!(transfer.clone().count() >= half, "module {module}: too few questions of transfer");
        let run = chosen.iter().filter(|question| !question.claims.is_empty()).count();
        assert!(run >= half || module == 0, "module {module}: only {run} questions are run");
        let latest = reference::LATEST.module;
        assert!(module <= latest, "servers of module {module} are not known here");
    }
}

/// Whoever always answers with the same letter must not get far.
#[test]
fn right_answers_are_spread_over_the_letters() {
    for (module, questions) in questions() {
        let answers: Vec<&str> = questions.iter().map(|q| q.answer.as_str()).collect();
        for letter in ["a", "b", "c", "d"] {
            let count = answers.iter().filter(|answer| **answer == letter).count();
            assert!(count <= 5, "module {module}: {count} answers are {letter} alone");
        }
        for letter in ["a", "b", "c"] {
            let occurs = answers.iter().any(|answer| answer.contains(letter));
            assert!(occurs, "module {module}: no answer has {letter}");
        }
    }
}
