//! Exercise 7.7: the learner's own scenario. It must pass on the learner's own servers, tell of a change of the
//! configuration during which something fails, and fail on servers with one spoilt row.

use gates::own::OwnScenario;
use gates::scenario::Run;
use gates::{Check, Context, Verdict};

use super::sabotage;
use super::servers::named;
use super::story::Story;
use super::{servers_with, table};

const PASSES: &str = "§6. A scenario says what must hold of every right server, and your server is one once \
     exercises 7.1 to 7.6 are done. If it fails here, either the scenario or the server is wrong.";
const FAILURE: &str = "§6: from the moment when a configuration enters a log until it is committed, some servers \
     use the old one and some the new one. That is when a change is dangerous, and what your scenario is about.";
const IN_FORCE: &str =
    "§6: a change ends when it is committed; then every member uses the new configuration.";

/// The checks, for the subject in this folder.
pub(super) fn checks(manifest_dir: &str) -> Vec<Check> {
    OwnScenario::new("7.7", manifest_dir, PASSES, servers_with, table(7))
        .shows(
            "In your own scenario something fails during a change of the configuration",
            FAILURE,
            fails,
        )
        .shows(
            "In your own scenario the cluster ends with another configuration",
            IN_FORCE,
            in_force,
        )
        .notices(&sabotage::ALL)
        .checks()
}

fn fails(context: &mut Context, run: &Run) -> Verdict {
    let story = Story::of(run);
    if !story.begun {
        let expected = "a leader puts a new configuration into its log";
        return Err(context.failure(expected, "no leader does").note(
            "`change S1 S2/S3` asks S1, the leader, to make S2 and S3 the cluster: one server more or one less.",
        ));
    }
    let expected = "a server crashes, or a message is lost, after a configuration has entered a log and before it \
                    is committed";
    context.holds(story.failed, expected, "nothing fails in that time").map_err(|failure| {
        failure.note(
            "Cut the leader off (`partition S1`) before you ask it for the change, and let it crash before its \
             change has reached anybody.",
        )
    })
}

fn in_force(context: &mut Context, run: &Run) -> Verdict {
    let expected =
        "at the end a configuration from the log is committed, and all of its members know that";
    let Some((members, others)) = Story::of(run).in_force() else {
        return Err(context.failure(expected, "no change was ever committed"));
    };
    if !others.is_empty() {
        let happened = format!(
            "the last configuration that is committed is {}; but {} does not know that",
            named(&members),
            named(&others)
        );
        return Err(context
            .failure(expected, happened)
            .note("`settle` lets all of them learn of it."));
    }
    context.show(run.transcript.as_str());
    Ok(())
}
