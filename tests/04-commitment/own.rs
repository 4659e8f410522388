//! Exercise 4.7: the learner's own scenario. It must pass on the learner's own servers, tell Figure 8, and
//! fail on servers of which one row is spoilt.

use gates::own::OwnScenario;
use gates::scenario::Run;
use gates::{Check, Context, Verdict};

use super::sabotage;
use super::story::Story;
use super::{servers_with, table};

const PASSES: &str = "§5.4.2. A scenario says what must hold of every right server, and yours is one once \
     exercises 4.1 to 4.6 are done. If it fails here, either the scenario or the server is wrong: hold both \
     against Figure 8.";
const HELD: &str = "§5.4.2, Figure 8 (c): \"the log entry from term 2 has been replicated on a majority of \
     the servers, but it is not committed\": somewhere there is a later entry (b), whose server could still be \
     elected.";
const COMMITTED: &str = "§5.4.2, Figure 8 (e): \"if S1 replicates an entry from its current term on a majority \
     of the servers […], then this entry is committed […]. At this point all preceding entries in the log are \
     committed as well.\"";

/// The checks, for the subject in this folder.
pub(super) fn checks(manifest_dir: &str) -> Vec<Check> {
    OwnScenario::new("4.7", manifest_dir, PASSES, servers_with, table(7))
        .shows("Your own scenario comes to Figure 8 (c)", HELD, comes_to_c)
        .shows("Your own scenario goes on to Figure 8 (e)", COMMITTED, goes_on_to_e)
        .notices(&sabotage::ALL)
        .checks()
}

fn comes_to_c(context: &mut Context, run: &Run) -> Verdict {
    let story = Story::of(run);
    let servers = story.servers();
    context.holds(servers == 5, "five servers, as in Figure 8", format!("{servers}"))?;
    let expected = "a leader has an entry of an older term on three of five servers, not committed, and \
                    another server has a later entry at its index";
    if story.held.is_some() {
        return Ok(());
    }
    let (happened, advice) = if story.rivals {
        (
            "two servers have different entries at one index, and no leader brings the older of them to a \
             majority",
            "After (b), cut S5 off, and let S1 be elected in a newer term: it may need two timeouts. Then \
             `settle` while it reaches S2 and S3, before any client asks it for something new.",
        )
    } else {
        (
            "no two servers ever have different entries at the same index",
            "For (a), let S1 reach S2 alone (`partition S1/S2`) when it takes in a command. For (b), let S3, S4 \
             and S5 elect S5 without them, and let S5 take in another command when it is alone.",
        )
    };
    Err(context.failure(expected, happened).note(advice))
}

fn goes_on_to_e(context: &mut Context, run: &Run) -> Verdict {
    let story = Story::of(run);
    let Some(held) = story.held else {
        let expected = "first, the scenario comes to Figure 8 (c)";
        return Err(context.failure(expected, "it does not"));
    };
    if story.committed.is_none() {
        let expected =
            "the same leader commits an entry of its own term, and the older entry with it";
        let happened = format!("{held}; and that is how far it goes");
        return Err(context.failure(expected, happened).note(
            "While that leader still reaches a majority, let a client ask it for something, and `settle`.",
        ));
    }
    context.show(run.transcript.as_str());
    Ok(())
}
