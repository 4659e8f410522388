//! Exercises 6.4 and 6.7: a crash at every point of every scenario.

use std::path::Path;

use gates::{Check, ExerciseId, Scope, scenario};

use super::{servers_with, table};

const TAKEN: &str = "§7, Figure 2: a crash may come before and after each byte that a server writes, and \
     between a snapshot and the log that is left. The server comes back with everything that it has told \
     others.";
const SENT: &str = "Figure 13, step 5, and Figure 2: a crash may come before and after each byte that a \
     server writes, even while it installs a snapshot. It comes back with everything that it has told \
     others.";

/// The number of checks that share the scenarios of exercise 6.7.
const CHECKS: usize = 4;

pub(super) fn checks(manifest_dir: &'static str) -> Vec<Check> {
    let taken = Check::new(
        "6.4",
        "Whatever byte a crash comes at, a server comes back from snapshot and log",
        TAKEN,
        move |context| try_all(context, manifest_dir, 4, (0, 1)),
    );
    let sent = (0..CHECKS).map(|part| {
        let number = part + 1;
        let claim = format!(
            "Whatever byte a crash comes at, nothing that was acknowledged is lost (part {number})"
        );
        Check::new("6.7", claim, SENT, move |context| {
            try_all(context, manifest_dir, 7, (part, CHECKS))
        })
    });
    [taken].into_iter().chain(sent).map(|check| check.scope(Scope::Storm)).collect()
}

/// The scenarios of exercise 6.`exercise`.
fn try_all(
    context: &mut gates::Context,
    manifest_dir: &str,
    exercise: u32,
    share: (usize, usize),
) -> gates::Verdict {
    let folder = Path::new(manifest_dir).join("../../tests/06-snapshots");
    let since = ExerciseId { module: 6, number: exercise };
    scenario::crash_points(context, &folder, &servers_with(table(exercise)), since, share)
}
