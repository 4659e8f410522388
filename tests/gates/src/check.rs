//! A check, and a suite of them.

use std::fmt;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use course::{ExerciseId, Select, SelectedCheck};

use crate::factories::NodeFactories;
use crate::{Context, Verdict};

/// How long a check may take, unless it says otherwise. Right servers need milliseconds, and storms a second.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// How many bytes the process of a check may allocate, unless it says otherwise.
const MEMORY_LIMIT: usize = 512 << 20;

/// How much of a server a check looks at. Of the checks of an exercise, those that look at the least come first:
/// their failures are the most precise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// A rule, at one server.
    #[default]
    Rule,
    /// A scenario: a few servers, step by step.
    Scenario,
    /// Many runs, either drawn at random or enumerated.
    Storm,
}

type Body = Box<dyn Fn(&mut Context) -> Verdict + Send + Sync>;

/// One thing that must be true of the subject.
pub struct Check {
    /// The exercise that it judges. It needs nothing of later exercises to pass.
    pub exercise: ExerciseId,
    /// What must be true, as a sentence without a full stop. The test's name is made from it.
    pub claim: String,
    /// Why it must be true: the rule, and its section of the paper.
    pub why: String,
    /// The function that the check is about, if it is about one of the exercise's.
    pub function: Option<String>,
    /// How much of a server it looks at.
    pub scope: Scope,
    /// The points for passing it.
    pub points: u32,
    /// The command that runs it again, if it is not the one that runs its exercise.
    pub again: Option<String>,
    /// How long it may take.
    pub time_limit: Duration,
    /// How many bytes its process may allocate.
    pub memory_limit: usize,
    /// What makes the servers of a scenario, if the check is one.
    pub(crate) servers: Option<NodeFactories>,
    body: Body,
}

impl Check {
    /// A check of `exercise`, worth one point.
    ///
    /// # Panics
    /// If `exercise` is not an exercise's number: that is a mistake in a suite.
    pub fn new(
        exercise: &str,
        claim: impl Into<String>,
        why: impl Into<String>,
        body: impl Fn(&mut Context) -> Verdict + Send + Sync + 'static,
    ) -> Self {
        Check {
            exercise: exercise.parse().unwrap_or_else(|error| panic!("{error}")),
            claim: claim.into(),
            why: why.into(),
            function: None,
            scope: Scope::default(),
            points: 1,
            again: None,
            time_limit: TIME_LIMIT,
            memory_limit: MEMORY_LIMIT,
            servers: None,
            body: Box::new(body),
        }
    }

    /// Names the function of the exercise that the check is about.
    #[must_use]
    pub fn about(mut self, function: &str) -> Self {
        self.function = Some(function.to_owned());
        self
    }

    /// Says how much of a server it looks at.
    #[must_use]
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Names the command that runs it again.
    #[must_use]
    pub fn again(mut self, command: impl Into<String>) -> Self {
        self.again = Some(command.into());
        self
    }

    /// Sets the points for passing it.
    #[must_use]
    pub fn points(mut self, points: u32) -> Self {
        self.points = points;
        self
    }

    /// Sets how long it may take.
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// Sets how many bytes its process may allocate.
    #[must_use]
    pub fn memory_limit(mut self, limit: usize) -> Self {
        self.memory_limit = limit;
        self
    }

    /// The claim in snake case.
    pub fn name(&self) -> String {
        course::check_name(&self.claim)
    }

    /// Runs the check's body. Panics are not caught here.
    pub(crate) fn body(&self, context: &mut Context) -> Verdict {
        (self.body)(context)
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}", self.exercise, self.name())
    }
}

/// Makes the check that runs the storms of one kind with these numbers.
type Storms = Arc<dyn Fn(RangeInclusive<u64>) -> Check + Send + Sync>;

/// The checks of a module, for one subject.
pub struct Suite {
    /// A prefix of every name when several suites share a binary, like `E1/`; otherwise empty.
    pub prefix: String,
    /// The module's folder, like `01-data-model`.
    pub module: String,
    /// The folder of the subject's package.
    pub manifest_dir: PathBuf,
    /// The checks, in the order of the exercises and of their scopes.
    pub checks: Vec<Check>,
    /// Folders that its checks read besides its own.
    pub(crate) reads: Vec<PathBuf>,
    storms: Vec<Storms>,
    /// Storms on servers that belong to one exercise.
    storms_of: Vec<(ExerciseId, Storms)>,
    /// The exercise whose own storms have replaced all checks.
    pub(crate) exercise_of_storms: Option<ExerciseId>,
    /// Whether storms have replaced all checks.
    pub(crate) is_storms_alone: bool,
}

impl fmt::Debug for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suite")
            .field("prefix", &self.prefix)
            .field("module", &self.module)
            .field("checks", &self.checks)
            .finish_non_exhaustive()
    }
}

impl Suite {
    /// The checks of `module` for the subject in `manifest_dir`.
    pub fn new(module: &str, manifest_dir: impl Into<PathBuf>, checks: Vec<Check>) -> Self {
        Suite {
            prefix: String::new(),
            module: module.to_owned(),
            manifest_dir: manifest_dir.into(),
            checks,
            reads: Vec::new(),
            storms: Vec::new(),
            storms_of: Vec::new(),
            exercise_of_storms: None,
            is_storms_alone: false,
        }
    }

    /// Lets its checks read more folders: the scenarios and snapshots of other suites.
    #[must_use]
    pub fn reading(mut self, folders: impl IntoIterator<Item = PathBuf>) -> Self {
        self.reads.extend(folders);
        self
    }

    /// Adds a kind of storms, so that any number of them can be run. The first kind needs no bonus exercise.
    #[must_use]
    pub fn storms(
        mut self,
        check: impl Fn(RangeInclusive<u64>) -> Check + Send + Sync + 'static,
    ) -> Self {
        self.storms.push(Arc::new(check));
        self
    }

    /// Adds storms on servers that belong to one exercise. They run only if storms are asked for and this exercise alone
    /// is selected.
    ///
    /// # Panics
    /// If `exercise` is not an exercise's number: that is a mistake in a suite.
    #[must_use]
    pub fn storms_of(
        mut self,
        exercise: &str,
        check: impl Fn(RangeInclusive<u64>) -> Check + Send + Sync + 'static,
    ) -> Self {
        let exercise = exercise.parse().unwrap_or_else(|error: course::Error| panic!("{error}"));
        self.storms_of.push((exercise, Arc::new(check)));
        self
    }

    /// Replaces all checks by the one that runs these storms on the servers that belong to an exercise, if there are any.
    fn only_storms_of(mut self, exercise: ExerciseId, numbers: &RangeInclusive<u64>) -> Self {
        let own = self.storms_of.iter().find(|(of, _)| *of == exercise);
        self.checks = own.map(|(_, kind)| kind(numbers.clone())).into_iter().collect();
        self.exercise_of_storms = Some(exercise);
        self.is_storms_alone = true;
        self
    }

    /// Replaces all checks by those that run the storms with these numbers: one for each kind of storms, and none
    /// if the module has no storms. The number of a storm decides its kind; a storm of a kind that is not selected
    /// is one of the first kind.
    /// If one exercise alone is selected, only the storms on its own servers run.
    pub(crate) fn only_storms(mut self, numbers: &RangeInclusive<u64>, select: &Select) -> Self {
        if let Select::Only(exercise) = select {
            return self.only_storms_of(*exercise, numbers);
        }
        let kinds: Vec<(&Storms, Check)> =
            self.storms.iter().map(|kind| (kind, kind(numbers.clone()))).collect();
        let is_selected: Vec<bool> =
            kinds.iter().map(|(_, check)| select.takes(check.exercise)).collect();
        let kind_of = |number: u64| {
            let at = usize::try_from(number % kinds.len() as u64).unwrap_or(0);
            if is_selected[at] { at } else { 0 }
        };
        let mut checks = Vec::new();
        for (at, (kind, check)) in kinds.iter().enumerate() {
            let own: Vec<u64> = numbers.clone().filter(|&number| kind_of(number) == at).collect();
            if own.is_empty() {
                continue;
            }
            let kind = Arc::clone(kind);
            let id = check.exercise.to_string();
            let body = move |context: &mut Context| {
                own.iter().try_for_each(|&number| kind(number..=number).body(context))
            };
            let whole = Check::new(&id, check.claim.clone(), check.why.clone(), body);
            checks.push(whole.scope(check.scope).time_limit(check.time_limit));
        }
        self.checks = checks;
        self.is_storms_alone = true;
        self
    }

    /// Multiplies the time limit of every check.
    pub(crate) fn with_timeout_factor(mut self, factor: u32) -> Self {
        for check in &mut self.checks {
            check.time_limit *= factor;
        }
        self
    }

    /// Adds checks, and sorts all by exercise, and those of an exercise by scope. Otherwise they keep their order:
    /// the most basic first.
    #[must_use]
    pub fn with(mut self, checks: impl IntoIterator<Item = Check>) -> Self {
        self.checks.extend(checks);
        self.checks.sort_by_key(|check| (check.exercise, check.scope));
        self
    }

    /// Sets the prefix of every name, so that several suites can share a binary.
    #[must_use]
    pub fn prefixed(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// What makes the servers of its scenarios; `None` if it has no scenarios.
    pub(crate) fn servers(&self) -> Option<NodeFactories> {
        self.checks.iter().find_map(|check| check.servers.clone())
    }

    /// The name of a check of this suite as a test.
    pub fn test_name(&self, check: &Check) -> String {
        self.selected(check).to_string()
    }

    /// A check of this suite, as a gate names it to its runner.
    pub(crate) fn selected(&self, check: &Check) -> SelectedCheck {
        SelectedCheck { prefix: self.prefix.clone(), exercise: check.exercise, check: check.name() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_claim_in_snake_case() {
        let claim = "A server's log counts from 1; RequestVote (§5.4.1) reads its end";
        let check = Check::new("1.2", claim, "", |_| Ok(()));
        assert_eq!(check.name(), "a_servers_log_counts_from_1_requestvote_5_4_1_reads_its_end");
        let suite = Suite::new("01-data-model", "", Vec::new()).prefixed("E1/");
        assert!(suite.test_name(&check).starts_with("E1/1.2::a_servers_log"));
    }

    #[test]
    fn rules_come_before_scenarios_and_these_before_storms() {
        let check = |exercise: &str, claim: &str, scope: Scope| {
            Check::new(exercise, claim, "", |_| Ok(())).scope(scope)
        };
        let suite = Suite::new("02-election", "", Vec::new()).with([
            check("2.4", "storm", Scope::Storm),
            check("2.4", "second scenario", Scope::Scenario),
            check("2.4", "first rule", Scope::Rule),
            check("2.3", "of an earlier exercise", Scope::Storm),
            check("2.4", "a scenario before", Scope::Scenario),
            check("2.4", "a second rule", Scope::Rule),
        ]);
        let claims: Vec<&str> = suite.checks.iter().map(|check| &*check.claim).collect();
        let expected = [
            "of an earlier exercise",
            "first rule",
            "a second rule",
            "second scenario",
            "a scenario before",
            "storm",
        ];
        assert_eq!(claims, expected);
    }

    #[test]
    fn storms_are_drawn_from_every_kind_that_is_selected() {
        let kind = |exercise: &'static str| {
            move |numbers: RangeInclusive<u64>| {
                Check::new(exercise, format!("{exercise} {numbers:?}"), "", |_| Ok(()))
            }
        };
        let suite = || {
            let suite = Suite::new("04-commitment", "", Vec::new()).storms(kind("4.8"));
            suite.storms(kind("4.9")).storms(kind("4.10"))
        };
        let ids = |numbers, select: &str| {
            let suite = suite().only_storms(&numbers, &select.parse().unwrap());
            suite.checks.iter().map(|check| check.exercise.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(ids(1..=25, ""), ["4.8", "4.9", "4.10"]);
        assert_eq!(ids(1..=25, "4.8,4.10"), ["4.8", "4.10"]);
        assert_eq!(ids(7..=7, ""), ["4.9"], "a number has one kind");
        assert_eq!(ids(7..=7, "4.8,4.10"), ["4.8"]);
        let suite = suite().storms_of("4.14", kind("4.14"));
        let suite = suite.only_storms(&(1..=25), &"4.14".parse().unwrap());
        assert_eq!(suite.checks[0].claim, "4.14 1..=25");
        assert!(suite.only_storms(&(1..=25), &"4.8".parse().unwrap()).checks.is_empty());
        assert!(
            Suite::new("", "", Vec::new()).only_storms(&(1..=9), &Select::All).checks.is_empty()
        );
    }
}
