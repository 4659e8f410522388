//! Checks from tables, of which the suites consist.

use crate::{Check, Context, Verdict};

/// What a check of a table does.
pub type CheckBody = fn(&mut Context) -> Verdict;

/// The checks of one exercise or several, in the order of the tables.
///
/// ```
/// # use gates::{Checks, Context, Verdict};
/// # const COUNTS: &str = "Figure 2, State: log[] is counted from 1.";
/// # const TRUNCATING: &str = "Figure 2, AppendEntries, receiver, step 3.";
/// # fn counts_from_1(_: &mut Context) -> Verdict { Ok(()) }
/// # fn truncated(_: &mut Context) -> Verdict { Ok(()) }
/// # fn truncated_beyond(_: &mut Context) -> Verdict { Ok(()) }
/// let checks = Checks::of("1.2")
///     .each([("entry", "The log counts from 1", COUNTS, counts_from_1)])
///     .then("3.1")
///     .about("truncate_from")
///     .claims([
///         ("Truncating removes an entry and all that follow it", TRUNCATING, truncated),
///         ("Truncating beyond the end changes nothing", TRUNCATING, truncated_beyond),
///     ])
///     .list();
/// assert_eq!(checks.len(), 3);
/// ```
#[derive(Debug)]
pub struct Checks {
    exercise: String,
    function: Option<String>,
    list: Vec<Check>,
}

impl Checks {
    /// No checks yet. Those that are added next belong to this exercise.
    pub fn of(exercise: &str) -> Self {
        Checks { exercise: exercise.to_owned(), function: None, list: Vec::new() }
    }

    /// The checks that are added next belong to this exercise, and to no function yet.
    #[must_use]
    pub fn then(mut self, exercise: &str) -> Self {
        exercise.clone_into(&mut self.exercise);
        self.function = None;
        self
    }

    /// The claims that are added next are about this function of the exercise.
    #[must_use]
    pub fn about(mut self, function: &str) -> Self {
        self.function = Some(function.to_owned());
        self
    }

    /// Adds a check for each row: the claim, the reason and the body.
    ///
    /// # Panics
    /// If the exercise is not an exercise's number: that is a mistake in a suite.
    #[must_use]
    pub fn claims<const N: usize>(
        mut self,
        rows: [(&'static str, &'static str, CheckBody); N],
    ) -> Self {
        for (claim, why, body) in rows {
            let check = Check::new(&self.exercise, claim, why, body);
            self.list.push(match &self.function {
                Some(function) => check.about(function),
                None => check,
            });
        }
        self
    }

    /// Adds a check for each row, where each row begins with the function that it is about.
    ///
    /// # Panics
    /// If the exercise is not an exercise's number: that is a mistake in a suite.
    #[must_use]
    pub fn each<const N: usize>(
        mut self,
        rows: [(&str, &'static str, &'static str, CheckBody); N],
    ) -> Self {
        for (function, claim, why, body) in rows {
            self.list.push(Check::new(&self.exercise, claim, why, body).about(function));
        }
        self
    }

    /// Adds checks that do not fit into a table.
    #[must_use]
    pub fn and(mut self, checks: impl IntoIterator<Item = Check>) -> Self {
        self.list.extend(checks);
        self
    }

    /// All of them.
    pub fn list(self) -> Vec<Check> {
        self.list
    }
}
