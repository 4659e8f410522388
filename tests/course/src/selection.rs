//! Which exercise is due next, and which checks run.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::error::Error;
use crate::id::ExerciseId;
use crate::module::{Exercise, Module};

/// Which checks run. Its text is the value of `RAFT_LAB_SELECT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Select {
    /// All of them. Its text is empty.
    All,
    /// Those of one exercise: `2.3`.
    Only(ExerciseId),
    /// Those of all exercises up to and including this one: `..=2.3`.
    UpTo(ExerciseId),
    /// Those of a set of exercises: `2.1,2.3,2.9`. The text of a set that holds fewer than two ends with a comma,
    /// so that it is no other selection's text.
    Exercises(BTreeSet<ExerciseId>),
}

impl Select {
    /// Whether the checks of `exercise` run.
    pub fn takes(&self, exercise: ExerciseId) -> bool {
        match self {
            Select::All => true,
            Select::Only(only) => exercise == *only,
            Select::UpTo(last) => exercise <= *last,
            Select::Exercises(set) => set.contains(&exercise),
        }
    }
}

impl fmt::Display for Select {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Select::All => Ok(()),
            Select::Only(only) => write!(f, "{only}"),
            Select::UpTo(last) => write!(f, "..={last}"),
            Select::Exercises(set) => {
                let ids: Vec<String> = set.iter().map(ToString::to_string).collect();
                let comma = if set.len() < 2 { "," } else { "" };
                write!(f, "{}{comma}", ids.join(","))
            }
        }
    }
}

impl FromStr for Select {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text.strip_prefix("..=") {
            _ if text.is_empty() => Ok(Select::All),
            Some(last) => last.parse().map(Select::UpTo),
            None if text.contains(',') => {
                let ids = text.split(',').filter(|id| !id.is_empty());
                ids.map(str::parse).collect::<Result<_, _>>().map(Select::Exercises)
            }
            None => text.parse().map(Select::Only),
        }
    }
}

/// The first open core exercise of a module.
pub fn next_in(module: &Module, is_open: impl Fn(ExerciseId) -> bool) -> Option<&Exercise> {
    module.core().find(|exercise| is_open(exercise.id))
}

/// The open core exercise that is due first. One that may be postponed is due right before the module
/// that it names.
pub fn next(
    modules: &[Module],
    is_open: impl Fn(ExerciseId) -> bool,
) -> Option<(&Module, &Exercise)> {
    let all = modules
        .iter()
        .flat_map(|module| module.core().map(move |exercise| (module, exercise)))
        .filter(|(_, exercise)| is_open(exercise.id));
    all.min_by_key(|(_, exercise)| (exercise.due(), exercise.id))
}

/// Whether an exercise may be postponed: `until` allows it, and an exercise that is due earlier is open.
pub fn may_wait(
    modules: &[Module],
    exercise: &Exercise,
    is_open: impl Fn(ExerciseId) -> bool,
) -> bool {
    let is_later = exercise.due() > exercise.id.module;
    let next = next(modules, is_open).map(|(_, next)| next.due());
    is_later && next.is_some_and(|due| due < exercise.due())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> ExerciseId {
        text.parse().unwrap()
    }

    #[test]
    fn a_selection_takes_what_its_text_says() {
        let up_to: Select = "..=1.9".parse().unwrap();
        assert!(up_to.takes(id("1.2")) && up_to.takes(id("1.9")) && !up_to.takes(id("1.10")));
        let only: Select = "1.1".parse().unwrap();
        assert!(only.takes(id("1.1")) && !only.takes(id("1.10")));
        let set: Select = "1.1,1.9".parse().unwrap();
        assert!(set.takes(id("1.1")) && set.takes(id("1.9")) && !set.takes(id("1.2")));
        for wrong in ["first", "..=1", "1.1,first"] {
            assert!(wrong.parse::<Select>().is_err(), "{wrong}");
        }
        let (one, none) = (BTreeSet::from([id("1.1")]), BTreeSet::new());
        for select in [Select::All, up_to, only, set, Select::Exercises(one)] {
            assert_eq!(select.to_string().parse(), Ok(select));
        }
        let none = Select::Exercises(none);
        assert!(!none.takes(id("1.1")));
        assert_eq!(none.to_string().parse(), Ok(none));
    }

    #[test]
    fn a_postponed_exercise_comes_right_before_the_module_it_names() {
        let module = |dir: &str, exercises: &[(&str, Option<u32>)]| Module {
            dir: dir.to_owned(),
            package: String::new(),
            title: String::new(),
            section: String::new(),
            alone: false,
            stretch: false,
            exercises: exercises
                .iter()
                .map(|(text, until)| Exercise {
                    id: id(text),
                    title: String::new(),
                    section: String::new(),
                    file: String::new(),
                    functions: Vec::new(),
                    points: 1,
                    minutes: 1,
                    bonus: false,
                    until: *until,
                    after: Vec::new(),
                    hints: Vec::new(),
                })
                .collect(),
            questions: Vec::new(),
        };
        let modules = [
            module("00-a", &[("0.1", None), ("0.2", Some(2))]),
            module("01-b", &[("1.1", None)]),
            module("02-c", &[("2.1", None)]),
        ];
        let later = &modules[0].exercises[1];
        let mut closed = BTreeSet::new();
        for (expected, waits) in [("0.1", true), ("1.1", true), ("0.2", false), ("2.1", false)] {
            let is_open = |id| !closed.contains(&id);
            let (_, exercise) = next(&modules, is_open).unwrap();
            assert_eq!(exercise.id.to_string(), expected);
            assert_eq!(may_wait(&modules, later, is_open), waits, "before {expected}");
            closed.insert(exercise.id);
        }
        assert!(next(&modules, |id| !closed.contains(&id)).is_none());
        let closed = BTreeSet::from([later.id, id("0.1"), id("1.1")]);
        assert_eq!(next(&modules, |id| !closed.contains(&id)).unwrap().1.id, id("2.1"));
    }
}
