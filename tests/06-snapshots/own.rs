//! Exercise 6.8: the learner's own scenario. It must pass on the learner's own servers, show a transfer that
//! something disturbs, and fail on servers of which a row is spoilt.

use gates::own::OwnScenario;
use gates::scenario::Run;
use gates::{Check, Context, Verdict};

use super::sabotage;
use super::story::{Story, Transfer};
use super::{servers_with, table};

const PASSES: &str = "§7, Figure 13: a follower that needs a snapshot has it in the end, whatever happens to \
     chunks and servers. A scenario says what must hold of every right server, and yours is one once \
     exercises 6.1 to 6.7 are done. If it fails here, either the scenario or the server is wrong.";
const CHUNKS: &str = "Figure 13: a snapshot is sent \"in chunks\". Between two of them anything may happen: a \
     chunk is lost, the follower crashes, or another server becomes leader.";
const KEPT: &str = "Figure 13, receiver, step 5: \"Save snapshot file\". The leader counts on what its \
     follower has reported, so a crash must not take it away.";

/// The checks, for the subject in this folder.
pub(super) fn checks(manifest_dir: &str) -> Vec<Check> {
    OwnScenario::new("6.8", manifest_dir, PASSES, servers_with, table(8))
        .shows(
            "Your own scenario disturbs a transfer of several chunks, and the snapshot still arrives",
            CHUNKS,
            is_disturbed,
        )
        .shows(
            "Your own scenario crashes and restarts a server that has installed a snapshot",
            KEPT,
            comes_back,
        )
        .notices(&sabotage::ALL)
        .checks()
}

fn is_disturbed(context: &mut Context, run: &Run) -> Verdict {
    let (happened, advice) = match Story::of(run).transfer {
        Transfer::None => (
            "no server receives the first of several chunks",
            "Cut a server off, let the others execute commands until a snapshot is due (`config snapshot=4 \
             chunk=8`), repair the link, and let the leader send a heartbeat.",
        ),
        Transfer::Begun => (
            "a server receives the first chunk, and its snapshot arrives undisturbed, or never",
            "After the first chunk, let the follower crash and come back, or `lose` the next chunk; then let \
             the rest arrive.",
        ),
        Transfer::Disturbed => (
            "a transfer is disturbed, and its snapshot never arrives",
            "After the disturbance, let the leader send a heartbeat, and deliver what follows (`settle`).",
        ),
        Transfer::Arrived => {
            context.show(run.transcript.as_str());
            return Ok(());
        }
    };
    context.step("run src/own.scenario, and follow the chunks");
    Err(context.failure("a transfer is disturbed, and the snapshot arrives", happened).note(advice))
}

fn comes_back(context: &mut Context, run: &Run) -> Verdict {
    if Story::of(run).is_back {
        return Ok(());
    }
    context.step("run src/own.scenario, and follow the servers that install a snapshot");
    let advice = "When a follower has installed its snapshot, let it crash and restart (`crash S1`, \
                  `restart S1`), and say with `expect` what it has.";
    let expected = "a server that has installed a snapshot crashes and restarts";
    Err(context.failure(expected, "none does").note(advice))
}
