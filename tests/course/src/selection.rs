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
    /// Those of all exercises up to and including this one: `..=2.3`.
    UpTo(ExerciseId),
    /// Those of these exercises: `2.1,2.3`.
    Exercises(BTreeSet<ExerciseId>),
}

impl Select {
    /// Whether the checks of `exercise` run.
    pub fn takes(&self, exercise: ExerciseId) -> bool {
        match self {
            Select::All => true,
            Select::UpTo(last) => exercise <= *last,
            Select::Exercises(all) => all.contains(&exercise),
        }
    }
}

impl fmt::Display for Select {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Select::All => Ok(()),
            Select::UpTo(last) => write!(f, "..={last}"),
            Select::Exercises(all) => {
                let ids: Vec<String> = all.iter().map(ToString::to_string).collect();
                f.write_str(&ids.join(","))
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
            None => {
                text.split(',').map(str::parse).collect::<Result<_, _>>().map(Select::Exercises)
            }
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
    use std::collections::BTreeSet;

    use super::*;

    fn id(text: &str) -> ExerciseId {
        text.parse().unwrap()
    }

    #[test]
    fn a_selection_takes_what_its_text_says() {
        let up_to: Select = "..=1.9".parse().unwrap();
        assert!(up_to.takes(id("1.2")) && up_to.takes(id("1.9")) && !up_to.takes(id("1.10")));
        let some: Select = "1.1,1.3".parse().unwrap();
        assert!(some.takes(id("1.1")) && some.takes(id("1.3")) && !some.takes(id("1.10")));
        assert!("first".parse::<Select>().is_err() && "..=1".parse::<Select>().is_err());
        for select in [Select::All, up_to, some] {
            assert_eq!(select.to_string().parse(), Ok(select));
        }
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
