//! Exercise 5.7: the learner's own scenario. It must pass on the learner's own servers, tell of crashes, and
//! fail on servers of which one row is spoilt.

use gates::Check;
use gates::own::OwnScenario;

use super::sabotage;
use super::{servers_with, table};

const PASSES: &str = "Figure 2, State: currentTerm, votedFor and log[] survive a crash; everything else starts \
     over. A scenario says what must hold of every right server, and yours is one once exercises 5.1 to 5.6 are \
     done. If it fails here, either the scenario or the server is wrong.";

/// The checks, for the subject in this folder.
pub(super) fn checks(manifest_dir: &str) -> Vec<Check> {
    OwnScenario::new("5.7", manifest_dir, PASSES, servers_with, table(7))
        .notices(&sabotage::ALL)
        .checks()
}
