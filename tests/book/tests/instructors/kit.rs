//! Rubrics and slides: their scenarios hold, and what they name is there.

use std::fs;
use std::path::PathBuf;

use gates::{ExerciseId, scenario};

use crate::{page, reference, root};

#[test]
fn the_scenarios_of_the_rubrics_hold_on_the_reference() {
    let text = page("docs/instructors/rubrics.md");
    let scripts: Vec<&str> =
        text.split("```scenario\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(scripts.len(), 2);
    for (number, script) in scripts.into_iter().enumerate() {
        let name = format!("rubric-{number}-{}.scenario", std::process::id());
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let script = script.replace("---\n", "---\n\n");
        fs::write(&path, script).expect("the file can be written");
        let exercise = ExerciseId { module: 3, number: 1 };
        let ended = scenario::run(&path, exercise, reference::servers(exercise), 1);
        let _ = fs::remove_file(&path);
        if let Err(failure) = ended {
            panic!("rubric {number}: {}: {}", failure.step, failure.happened);
        }
    }
}

#[test]
fn the_question_of_the_rubric_is_the_one_that_students_are_asked() {
    let text = page("docs/instructors/rubrics.md");
    let modules = gates::course::read_modules(&root()).unwrap_or_else(|why| panic!("{why}"));
    let module = modules.iter().find(|module| module.number() == 2).expect("there is a module 2");
    let free = module.questions.iter().find(|question| question.free).expect("it has one");
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words(&text).contains(&words(&free.ask)), "{}", free.ask);
}

/// What fits on a slide of Marp's default theme: lines, and letters in a line. Taller figures than this and their heading
/// do not. (Found by laying the slides out in Chromium.)
const LINES: usize = 13;
const LETTERS: usize = 125;
const FIGURE: &str = "![h:430 ";

#[test]
fn slides_fit_the_screen_and_every_week_has_them() {
    let mut wrong = Vec::new();
    for week in 1..=12 {
        let path = format!("docs/instructors/slides/week-{week:02}.md");
        let text = page(&path);
        let (head, body) = text
            .strip_prefix("---\n")
            .and_then(|text| text.split_once("\n---\n"))
            .unwrap_or_else(|| panic!("{path} has no front matter"));
        if !head.contains("marp: true") || !head.contains(&format!("week {week}:")) {
            wrong.push(format!("{path}: the front matter is not that of week {week}"));
        }
        let slides: Vec<&str> = body.split("\n---\n").collect();
        if !(5..=9).contains(&slides.len()) {
            wrong.push(format!("{path} has {} slides", slides.len()));
        }
        for (number, slide) in (1..).zip(slides) {
            let shown = slide.split("<!--").next().unwrap_or_default();
            let lines: Vec<&str> = shown.lines().filter(|line| !line.trim().is_empty()).collect();
            if !lines.first().is_some_and(|line| line.starts_with('#')) {
                wrong.push(format!("{path}: slide {number} has no heading"));
            }
            let long =
                lines.iter().any(|line| !line.starts_with("![") && line.chars().count() > LETTERS);
            if lines.len() > LINES || long {
                wrong.push(format!("{path}: slide {number} is too full"));
            }
            for figure in lines.iter().filter(|line| line.starts_with("![")) {
                let words = figure.strip_prefix(FIGURE).and_then(|it| it.split_once("](../../"));
                let is_there = words.is_some_and(|(words, rest)| {
                    let file = rest.trim_end_matches(')');
                    words.split(' ').count() >= 4 && root().join("docs").join(file).is_file()
                });
                if !is_there || lines.len() > 2 {
                    wrong.push(format!(
                        "{path}: slide {number}: a figure is alone, 430 high, and in words"
                    ));
                }
            }
        }
    }
    crate::none(&wrong);
}
