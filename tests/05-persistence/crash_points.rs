//! Exercise 5.6, the whole module: a crash at every point of every scenario.

use std::path::Path;
use std::time::Duration;

use gates::{Check, ExerciseId, Scope, scenario};

use super::{servers_with, table};

const WHY: &str = "Figure 2, State: storage is updated before anybody is answered. So a crash may come before and \
     after each byte that a server writes: it comes back with all that it has told others.";

/// The scenarios from this exercise on are tried.
const FIRST: ExerciseId = ExerciseId { module: 5, number: 1 };

/// So many checks share the scenarios.
const CHECKS: usize = 2;

pub(super) fn checks(manifest_dir: &'static str) -> Vec<Check> {
    (0..CHECKS).map(|part| check(manifest_dir, part)).collect()
}

fn check(manifest_dir: &'static str, part: usize) -> Check {
    let number = part + 1;
    let claim = format!(
        "Whatever byte a crash comes at, nothing that was answered is lost (part {number})"
    );
    Check::new("5.6", claim, WHY, move |context| {
        let folder = Path::new(manifest_dir).join("../../tests/05-persistence");
        scenario::crash_points(context, &folder, &servers_with(table(6)), FIRST, (part, CHECKS))
    })
    .scope(Scope::Storm)
    .time_limit(Duration::from_secs(20))
}
