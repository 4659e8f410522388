//! The kinds of checks that are more than one run.

use gates::{Check, Scope};

/// Whether a check is one of those that take long: storms, and crashes at each point of all scenarios.
pub(crate) fn is_long(check: &Check) -> bool {
    check.claim.contains("storm") || tries_crash_points(check)
}

/// Whether a check crashes servers at each point of its scenarios, which is no storm.
pub(crate) fn tries_crash_points(check: &Check) -> bool {
    check.claim.starts_with("Whatever byte a crash comes at")
}

/// Whether a check tries every order of events.
pub(crate) fn explores(check: &Check) -> bool {
    check.claim.starts_with("In every order of events")
}

/// Whether a check runs storms.
pub(crate) fn is_storm(check: &Check) -> bool {
    check.scope == Scope::Storm && !tries_crash_points(check) && !explores(check)
}
