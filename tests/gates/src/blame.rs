//! The exercise that a failure points to, if it is not the one that the check judges.
//!
//! Scenarios and storms run whole servers and belong to the last exercise that they need. What they find may be
//! the mistake of an earlier one: a storm of exercise 2.7 that sees a server vote twice has found a mistake in 2.3.

use std::fs;
use std::path::Path;

use course::source::{ItemKind, Outline, line_number};
use course::{Module, read_module};
use simulator::Property;

use crate::exercises::root_of;
use crate::{Check, ExerciseId, Failure, Kind, SourceLine, Suite};

/// What a failure points to.
pub(crate) struct Blame {
    /// The module of the exercise.
    pub(crate) module: Module,
    /// The exercise.
    pub(crate) exercise: ExerciseId,
    /// The function, if only one of the exercise's can be the cause.
    pub(crate) function: Option<String>,
    /// Why the exercise is named, as a sentence.
    pub(crate) reason: String,
}

/// A row of the table: from the checks of exercise `since` on, a breach of `property` points to `exercise`, or to
/// none but the check's own.
struct Row {
    property: Property,
    since: &'static str,
    exercise: Option<&'static str>,
    /// Why, as the end of a sentence. If an exercise is named, the learner reads it.
    because: &'static str,
}

/// Of several rows of a property, the last one that the check's exercise has reached counts. Where later exercises
/// can break the property too, none is named: the check's own is as likely.
#[rustfmt::skip]
const TABLE: [Row; 28] = [
    row(Property::TermNeverFalls, "1.5", Some("1.5"), "a server changes its term there"),
    row(Property::TermNeverFalls, "5.4", None, "a restart can bring back an older term"),
    row(Property::OneVoteATerm, "2.3", Some("2.3"), "a server grants its vote there"),
    row(Property::OneVoteATerm, "5.4", None, "a restart can forget a vote"),
    row(Property::ElectionSafety, "2.4", Some("2.4"), "votes are counted there"),
    row(Property::ElectionSafety, "7.1", None, "two configurations can elect a leader each"),
    row(Property::LeaderAppendOnly, "3.5", Some("3.5"), "entries are removed there, on a leader's request"),
    row(Property::LeaderAppendOnly, "6.1", None, "compaction and installed snapshots change logs"),
    row(Property::LogMatching, "3.5", Some("3.5"), "entries enter a follower's log there"),
    row(Property::LogMatching, "6.1", None, "compaction and installed snapshots change logs"),
    row(Property::LeaderCompleteness, "2.3", Some("2.3"), "a server grants its vote there"),
    row(Property::LeaderCompleteness, "4.2", Some("4.2"), "a leader decides there what is committed"),
    row(Property::LeaderCompleteness, "5.4", None, "disks, snapshots and configurations can lose entries"),
    row(Property::CommittedStays, "3.4", Some("3.4"), "a follower removes entries there"),
    row(Property::CommittedStays, "5.4", None, "disks and snapshots can lose entries"),
    row(Property::StateMachineSafety, "4.3", Some("4.3"), "a follower decides there what is committed"),
    row(Property::StateMachineSafety, "5.4", None, "disks, snapshots and configurations can be the cause"),
    row(Property::CommitNeverFalls, "4.3", Some("4.3"), "a follower changes its commit index there"),
    row(Property::AppliedNeverFalls, "4.4", Some("4.4"), "entries are applied there"),
    row(Property::AppliedNeverFalls, "6.7", Some("6.7"), "a snapshot replaces the state machine there"),
    row(Property::AppliedIsCommitted, "4.4", Some("4.4"), "entries are applied there"),
    row(Property::CompactedIsApplied, "6.2", Some("6.2"), "a server takes its snapshots there"),
    row(Property::AcknowledgedStays, "3.5", None, "a vote, a removed entry or a false acknowledgement can be the cause"),
    row(Property::MessageIsTrue, "2.3", None, "each row fills its own messages"),
    row(Property::ChangesAsFigure4, "2.3", None, "each row can change the role"),
    row(Property::CommitsWhatIsShown, "4.3", Some("4.3"), "a follower changes its commit index there"),
    row(Property::OneAnswer, "1.6", Some("1.6"), "requests are answered there"),
    row(Property::AnsweredIsKept, "5.4", None, "saving, recovering and failing disks have their own checks"),
];

const fn row(
    property: Property,
    since: &'static str,
    exercise: Option<&'static str>,
    because: &'static str,
) -> Row {
    Row { property, since, exercise, because }
}

/// The row of a broken property for a check of `exercise`. It names no later exercise, which the check does not need.
fn row_of(property: Property, exercise: ExerciseId) -> Option<&'static Row> {
    let reached = |row: &&Row| row.property == property && id(row.since) <= Some(exercise);
    TABLE.iter().rfind(reached)
}

fn id(text: &str) -> Option<ExerciseId> {
    text.parse().ok()
}

/// What a failure of `check` points to: the exercise whose rule was broken, or the one whose function panicked.
/// `None` if that is the check's own exercise, and any of its functions.
pub(crate) fn blame(suite: &Suite, check: &Check, failure: &Failure) -> Option<Blame> {
    let root = root_of(suite)?;
    if let Some(property) = failure.broken {
        let row = row_of(property, check.exercise)?;
        let exercise = row.exercise.and_then(id).filter(|&exercise| exercise != check.exercise)?;
        let module = module_with(root, exercise)?;
        let reason = format!("The rule that was broken is this exercise's: {}.", row.because);
        return Some(Blame { module, exercise, function: None, reason });
    }
    let place = failure.place.as_ref().filter(|_| failure.kind == Kind::Panicked)?;
    let (module, exercise, function) = function_at(root, place)?;
    let reason = "The panic is in a function of this exercise.".to_owned();
    let is_known = exercise <= check.exercise;
    is_known.then_some(Blame { module, exercise, function: Some(function), reason })
}

/// The module that an exercise belongs to.
fn module_with(root: &Path, exercise: ExerciseId) -> Option<Module> {
    let dirs = course::module_dirs(root).ok()?;
    let dir = dirs.iter().find(|dir| dir.starts_with(&format!("{:02}-", exercise.module)))?;
    read_module(root, dir).ok()
}

/// The exercise's function that a line is in. The line is of a learner's module or of a solution; a function that no
/// exercise asks for belongs to no exercise.
fn function_at(root: &Path, place: &SourceLine) -> Option<(Module, ExerciseId, String)> {
    // The compiler names files of the workspace from its root.
    let path = root.join(&place.file);
    let mut parts = path.strip_prefix(root).ok()?.iter().map(|part| part.to_string_lossy());
    parts.next().filter(|tree| tree == "modules" || tree == "solutions")?;
    let dir = parts.next()?.into_owned();
    let file = parts.collect::<Vec<_>>().join("/");
    let module = read_module(root, &dir).ok()?;
    let text = fs::read_to_string(&path).ok()?;
    let line = usize::try_from(place.line).ok()?;
    let outline = Outline::read(&text);
    let around = outline.items.iter().filter(|item| {
        let last = line_number(&text, item.whole.end.saturating_sub(1));
        item.kind == ItemKind::Fn && (line_number(&text, item.declared)..=last).contains(&line)
    });
    // If a function is inside another one, the exercise asks for the outer one.
    around.into_iter().find_map(|item| {
        let asked = module.exercises.iter().find(|exercise| {
            exercise.file == file && exercise.functions.iter().any(|name| name == item.name())
        })?;
        Some((module.clone(), asked.id, item.name().to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Property; 18] = [
        Property::ElectionSafety,
        Property::LeaderAppendOnly,
        Property::LogMatching,
        Property::LeaderCompleteness,
        Property::StateMachineSafety,
        Property::TermNeverFalls,
        Property::OneVoteATerm,
        Property::CommitNeverFalls,
        Property::AppliedNeverFalls,
        Property::AppliedIsCommitted,
        Property::CompactedIsApplied,
        Property::CommittedStays,
        Property::OneAnswer,
        Property::AnsweredIsKept,
        Property::AcknowledgedStays,
        Property::MessageIsTrue,
        Property::ChangesAsFigure4,
        Property::CommitsWhatIsShown,
    ];

    /// A new property does not compile here. It needs a place in [`ALL`] and a row in [`TABLE`].
    fn place_in_all(property: Property) -> usize {
        match property {
            Property::ElectionSafety => 0,
            Property::LeaderAppendOnly => 1,
            Property::LogMatching => 2,
            Property::LeaderCompleteness => 3,
            Property::StateMachineSafety => 4,
            Property::TermNeverFalls => 5,
            Property::OneVoteATerm => 6,
            Property::CommitNeverFalls => 7,
            Property::AppliedNeverFalls => 8,
            Property::AppliedIsCommitted => 9,
            Property::CompactedIsApplied => 10,
            Property::CommittedStays => 11,
            Property::OneAnswer => 12,
            Property::AnsweredIsKept => 13,
            Property::AcknowledgedStays => 14,
            Property::MessageIsTrue => 15,
            Property::ChangesAsFigure4 => 16,
            Property::CommitsWhatIsShown => 17,
        }
    }

    #[test]
    fn every_property_has_a_row() {
        for (place, property) in ALL.into_iter().enumerate() {
            assert_eq!(place_in_all(property), place);
            assert!(TABLE.iter().any(|row| row.property == property), "{property:?}");
        }
    }

    #[test]
    fn the_rows_of_a_property_ascend_and_name_exercises_that_exist() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for pair in TABLE.windows(2).filter(|pair| pair[0].property == pair[1].property) {
            assert!(id(pair[0].since) < id(pair[1].since), "{:?}", pair[0].property);
        }
        for row in &TABLE {
            for exercise in [Some(row.since), row.exercise].into_iter().flatten() {
                let exercise = id(exercise).unwrap();
                let module = module_with(&root, exercise).unwrap();
                assert!(module.exercise(exercise).is_some(), "{exercise} of {:?}", row.property);
            }
            assert!(row.exercise.is_none_or(|exercise| id(exercise) <= id(row.since)));
            assert!(!row.because.is_empty());
        }
    }

    #[test]
    fn no_later_exercise_is_named() {
        let named = |property, check: &str| {
            let row = row_of(property, id(check).unwrap());
            row.and_then(|row| row.exercise)
        };
        assert_eq!(named(Property::OneVoteATerm, "2.7"), Some("2.3"));
        assert_eq!(named(Property::OneVoteATerm, "4.10"), Some("2.3"));
        assert_eq!(named(Property::OneVoteATerm, "2.2"), None);
        assert_eq!(named(Property::ElectionSafety, "7.7"), None);
        assert_eq!(named(Property::AppliedNeverFalls, "6.4"), Some("4.4"));
        assert_eq!(named(Property::AppliedNeverFalls, "7.7"), Some("6.7"));
    }

    #[test]
    fn a_line_belongs_to_the_exercise_that_asks_for_its_function() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
        let file = "modules/01-data-model/src/node.rs";
        let text = fs::read_to_string(root.join(file)).unwrap();
        let line_of = |words: &str| {
            let line = text.lines().position(|line| line.contains(words)).unwrap() + 1;
            SourceLine { file: file.to_owned(), line: u32::try_from(line).unwrap() }
        };
        let (_, exercise, function) = function_at(&root, &line_of("fn is_majority")).unwrap();
        assert_eq!((exercise.to_string().as_str(), function.as_str()), ("1.4", "is_majority"));
        let absolute = SourceLine {
            file: root.join(file).to_string_lossy().into_owned(),
            ..line_of("fn observe_term")
        };
        assert_eq!(function_at(&root, &absolute).unwrap().1.to_string(), "1.5");
        assert!(function_at(&root, &line_of("pub struct RaftNode")).is_none());
        let elsewhere = SourceLine { file: "tests/gates/src/blame.rs".to_owned(), line: 1 };
        assert!(function_at(&root, &elsewhere).is_none());
    }
}
