//! Proofs that learners put together or take apart, judged mechanically.
//!
//! A proof is a text file of the learner's module. Its comment states the task, and gives each statement a letter or
//! each step a number; below it, the learner writes a few lines of words:
//!
//! ```text
//! proof E F A B C          an order of statements (`Argument`)
//! gap 3                    the step that does not follow (`Gap`)
//! repair B                 what has to be assumed for it
//! counterexample elected=S2 voter=S1
//! ```
//!
//! | file | about |
//! |---|---|
//! | `argument.rs` | statements to be put in order |
//! | `gap.rs` | a proof with a step that does not follow |

mod argument;
mod gap;

pub use argument::{Argument, Statement};
pub(crate) use gap::choose;
pub use gap::{Choice, Detail, Gap};
