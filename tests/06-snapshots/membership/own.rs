//! Exercise 6.10: the learner's own scenario. It must pass on the learner's own servers, tell of a change of
//! members during which something fails, and fail on servers of which one row is spoilt.

use gates::own::OwnScenario;
use gates::scenario::Run;
use gates::{Check, Context, Verdict};

use super::super::{servers_with, table};
use super::sabotage;
use super::servers::named;
use super::story::Story;

const PASSES: &str = "§6. A scenario says what must hold of every right server, and yours is one once exercises \
     6.7 to 6.9 are done. If it fails here, either the scenario or the server is wrong.";
const FAILURE: &str = "§6: between the moment at which a configuration enters a log and that at which it is \
     committed, some servers go by the old one and some by the new. That is when a change of members is \
     dangerous, and what your scenario is to be about.";
const IN_FORCE: &str = "§6: a change is over when it is committed; then every member goes by it.";

/// The checks, for the subject in this folder.
pub(super) fn checks(manifest_dir: &str) -> Vec<Check> {
    OwnScenario::new("6.10", manifest_dir, PASSES, servers_with, table(10))
        .shows("In your own scenario something fails during a change of members", FAILURE, fails)
        .shows("In your own scenario the cluster ends with other members", IN_FORCE, in_force)
        .notices(&sabotage::ALL)
        .checks()
}

fn fails(context: &mut Context, run: &Run) -> Verdict {
    let story = Story::of(run);
    if !story.begun {
        let expected = "a leader puts a new configuration into its log";
        return Err(context.failure(expected, "no leader does").note(
            "`change S1 S2/S3` asks S1, which leads, to make S2 and S3 the cluster: one server more or one less.",
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
        "at the end a configuration from the log is committed, and all of its members know";
    let Some((members, others)) = Story::of(run).in_force() else {
        return Err(context.failure(expected, "no change was ever committed"));
    };
    if !others.is_empty() {
        let happened = format!(
            "the last configuration that is committed is {}; but {} does not know",
            named(&members),
            named(&others)
        );
        return Err(context.failure(expected, happened).note("`settle` lets them all hear of it."));
    }
    context.show(run.transcript.as_str());
    Ok(())
}
