//! Exercise 6.6, snapshots as a whole: a crash at every point of every scenario.

use std::path::Path;

use gates::{Check, scenario};

use super::{servers_with, table};

const WHY: &str = "§7, Figure 2: a crash may come before and after each byte that a server writes, \
     between a snapshot and the log that is left, and while a snapshot is put in place. The server comes \
     back with all that it has told others.";

/// So many checks share the scenarios.
const CHECKS: usize = 6;

pub(super) fn checks(manifest_dir: &'static str) -> Vec<Check> {
    (0..CHECKS).map(|part| check(manifest_dir, part)).collect()
}

fn check(manifest_dir: &'static str, part: usize) -> Check {
    let number = part + 1;
    let claim = format!(
        "Whatever byte a crash comes at, nothing that was answered is lost (part {number})"
    );
    Check::new("6.6", claim, WHY, move |context| {
        let folder = Path::new(manifest_dir).join("../../tests/06-snapshots");
        scenario::crash_points(context, &folder, &servers_with(table(6)), (part, CHECKS))
    })
}
