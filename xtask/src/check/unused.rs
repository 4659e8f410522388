//! After green: what the compiler would say about the learner's own code if its warnings were not off.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use course::source::{Outline, line_number};

use super::judge::Judge;
use super::walk::Walk;
use crate::build::warnings::{self, Warning};
use crate::files;
use crate::tree::{Course, PRISTINE};

/// How many are shown: they are a side note.
const SHOWN: usize = 3;

/// Prints the compiler's warnings about what the learner wrote in the files of the exercises that have just become
/// green. The verdict does not wait for them and does not depend on them.
pub(super) fn print(course: &Course, walk: &Walk<'_>, judge: &Judge<'_>) {
    let module = walk.module;
    let fresh = module.exercises.iter().filter(|e| e.is_rust() && walk.fresh.contains(&e.id));
    let finished: BTreeSet<PathBuf> =
        fresh.map(|exercise| module.learner().join(&exercise.file)).collect();
    if finished.is_empty() {
        return;
    }
    let Some(gate) = judge.built(module) else { return };
    let Some(mut all) = warnings::of(&course.root, module, gate.libraries()) else { return };
    all.retain(|warning| finished.contains(&warning.file));
    let mut texts = BTreeMap::new();
    for file in finished {
        let own = fs::read_to_string(course.root.join(&file)).unwrap_or_default();
        let given = fs::read_to_string(pristine(course, &file)).unwrap_or_default();
        texts.insert(file, (own, given));
    }
    all.retain(|warning| {
        texts
            .get(&warning.file)
            .is_some_and(|(own, given)| is_the_learners(own, given, warning.line))
    });
    all.sort_by(|one, other| (&one.file, one.line).cmp(&(&other.file, other.line)));
    all.dedup();
    tell_all(&all);
}

/// The file as it was handed out: `.pristine/02-election/src/vote.rs` for `modules/02-election/src/vote.rs`.
fn pristine(course: &Course, file: &Path) -> PathBuf {
    course.root.join(PRISTINE).join(file.strip_prefix("modules").unwrap_or(file))
}

fn tell_all(all: &[Warning]) {
    if all.is_empty() {
        return;
    }
    say!();
    tell!("Green, but the compiler sees code of yours that does nothing:");
    for Warning { file, line, text } in all.iter().take(SHOWN) {
        say!("  {}:{line}  {text}", files::shown(file));
    }
    if all.len() > SHOWN {
        say!("  and {} more", all.len() - SHOWN);
    }
}

/// Whether a line is of code that the learner wrote and finished: not of an item that was handed out as it is, nor of
/// one with a part that is not written.
fn is_the_learners(own: &str, given: &str, line: usize) -> bool {
    let items = Outline::read(own).items;
    let around = items.iter().filter(|item| {
        let first = line_number(own, item.whole.start);
        let last = line_number(own, item.whole.end.saturating_sub(1).max(item.whole.start));
        (first..=last).contains(&line)
    });
    let Some(item) = around.min_by_key(|item| item.whole.len()) else {
        return own.lines().nth(line - 1).is_some_and(|text| !given.lines().any(|it| it == text));
    };
    let text = own[item.whole.clone()].trim();
    let is_given =
        Outline::read(given).items.iter().any(|other| given[other.whole.clone()].trim() == text);
    !is_given && !text.contains("todo!(")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: &str = "use a::B;\n\nfn given(x: u8) {}\n\nfn one(x: u8) {\n    todo!(\"exercise 1.1\")\n}\n\nfn two(x: u8) {\n    todo!(\"exercise 1.2\")\n}\n";

    #[test]
    fn only_finished_code_of_the_learner_counts() {
        let own = GIVEN.replacen("todo!(\"exercise 1.1\")", "let y = 1;", 1)
            + "\nfn helper() {}\n\nuse a::C;\n";
        let lines: Vec<usize> =
            (1..=own.lines().count()).filter(|line| is_the_learners(&own, GIVEN, *line)).collect();
        // `one`, the helper and its import.
        for (line, text) in (1..).zip(own.lines()) {
            let expected = ["fn one", "let y", "fn helper", "use a::C"];
            if !text.is_empty() && text != "}" {
                let is_own = expected.iter().any(|word| text.contains(word));
                assert_eq!(lines.contains(&line), is_own, "line {line}: {text}");
            }
        }
    }
}
