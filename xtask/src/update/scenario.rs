//! A learner's own scenario or proof in the newer course.

use std::path::{Path, PathBuf};

use course::ExerciseId;
use course::source::{are_same, marker};

use super::listing::Listing;
use super::merge::Misfit;
use crate::files::Tree;

/// A scenario as it was handed out, and as the learner has it.
#[derive(Clone, Debug)]
pub(super) struct Own {
    pub(super) base: String,
    pub(super) mine: String,
}

impl Own {
    /// The file of the new course for the same exercise, and its stub. It is usually in the same place.
    pub(super) fn place<'a>(
        &self,
        path: &Path,
        stubs: &'a Tree,
        old: &Listing,
        new: &Listing,
    ) -> Option<(&'a Path, &'a [u8])> {
        let id = marker(&self.base, "#");
        let is_same = |(place, stub): &(&PathBuf, &Vec<u8>)| {
            let other = marker(&String::from_utf8_lossy(stub), "#");
            match (id, other) {
                (Some(id), Some(other)) => is_same_exercise(id, other, old, new),
                (None, None) => place.as_path() == path,
                _ => false,
            }
        };
        let scenarios = || stubs.iter().filter(|(path, _)| is_one(path));
        let here = scenarios().filter(|(place, _)| place.as_path() == path).find(is_same);
        let found = here.or_else(|| scenarios().find(is_same));
        found.map(|(path, stub)| (path.as_path(), stub.as_slice()))
    }

    /// The scenario below the comment of the new course, and the lines of the learner's comment that this replaces.
    pub(super) fn in_new(&self, stub: &str) -> (String, Option<Misfit>) {
        let (base, _) = head(&self.base);
        let (mine, script) = head(&self.mine);
        let (new, todo) = head(stub);
        let (_, base_script) = head(&self.base);
        let script = if are_same(script, base_script) { todo } else { script };
        if are_same(base, mine) || are_same(mine, new) {
            return (format!("{new}{script}"), None);
        }
        // The learner's own words often follow what is given.
        if let Some(own) = mine.strip_prefix(base) {
            return (format!("{new}{own}{script}"), None);
        }
        if are_same(base, new) {
            return (self.mine.clone(), None);
        }
        let why = "the new course has another comment in its place";
        (format!("{new}{script}"), Some(Misfit::new("the comment", why, mine)))
    }
}

/// Whether a file is a scenario, a proof or an answer: a comment that is given, and words of the learner below it.
pub(super) fn is_one(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "scenario" || end == "proof" || end == "answer")
}

/// What such a file is called in a list of what moves.
pub(super) fn name(path: &Path) -> String {
    let kind = path.extension().unwrap_or_default().to_string_lossy();
    format!("the {kind}")
}

/// The comment at the beginning of a scenario, and the rest.
fn head(text: &str) -> (&str, &str) {
    let lines = text.split_inclusive('\n').take_while(|line| line.starts_with('#'));
    text.split_at(lines.map(str::len).sum())
}

fn is_same_exercise(one: ExerciseId, other: ExerciseId, old: &Listing, new: &Listing) -> bool {
    match (old.exercise(one), new.exercise(other)) {
        (Some(one), Some(other)) => one.is_same(other),
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "# Exercise 2.8: yours.\n# Say it.\ntodo \"exercise 2.8\"\n---\n";
    const NEW: &str = "# Exercise 2.8: yours.\n# Say it well.\ntodo \"exercise 2.8\"\n---\n";

    fn merged(mine: &str) -> (String, Option<String>) {
        let own = Own { base: BASE.to_owned(), mine: mine.to_owned() };
        let (text, misfit) = own.in_new(NEW);
        (text, misfit.map(|misfit| misfit.text))
    }

    #[test]
    fn the_script_goes_below_the_new_comment() {
        let mine = BASE.replace("todo \"exercise 2.8\"", "cluster 3");
        let new = NEW.replace("todo \"exercise 2.8\"", "cluster 3");
        assert_eq!(merged(&mine), (new.clone(), None));
        // The learner's own comment stays above the script.
        let noted = mine.replace("it.\n", "it.\n# Mine.\n");
        assert_eq!(merged(&noted), (new.replace("well.\n", "well.\n# Mine.\n"), None));
        let reworded = mine.replace("Say it.", "Tell it.");
        let old = "# Exercise 2.8: yours.\n# Tell it.\n".to_owned();
        assert_eq!(merged(&reworded), (new, Some(old)));
        assert_eq!(merged(BASE), (NEW.to_owned(), None));
    }
}
