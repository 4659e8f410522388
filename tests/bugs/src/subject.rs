//! A patched solution, with the suite that judges it.

use gates::Suite;

/// A solution with a patch.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    /// The name of the patch.
    pub id: &'static str,
    /// What is switched on; 0 for the solution as it is.
    pub number: usize,
    /// The module's suite, for this subject.
    pub suite: fn() -> Suite,
}

impl Subject {
    /// The suite, in which the name of each check begins with the name of the patch.
    pub(crate) fn prefixed(&self) -> Suite {
        (self.suite)().prefixed(format!("{}/", self.id))
    }
}
