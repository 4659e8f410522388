//! Exercise 5.7: the learner's own scenario. It must pass on the learner's own servers, tell of crashes, and
//! fail on servers of which one row is spoilt.

use gates::own::OwnScenario;
use gates::scenario::Run;
use gates::{Check, Context, Verdict};

use super::sabotage;
use super::story::{Command, Story, Vote};
use super::{servers_with, table};

const PASSES: &str = "Figure 2, State: currentTerm, votedFor and log[] survive a crash; everything else starts \
     over. A scenario says what must hold of every right server, and yours is one once exercises 5.1 to 5.6 are \
     done. If it fails here, either the scenario or the server is wrong.";
const VOTE: &str = "§5.2: each server votes \"for at most one candidate in a given term\". A crash between two \
     requests of one term is what this is hardest to keep in.";
const COMMAND: &str = "§5.4, Figure 2: a committed entry survives the crash of all servers, since a majority has it \
     on disk. commitIndex and lastApplied start over, and are found again.";

/// The checks, for the subject in this folder.
pub(super) fn checks(manifest_dir: &str) -> Vec<Check> {
    OwnScenario::new("5.7", manifest_dir, PASSES, servers_with, table(7))
        .shows(
            "Your own scenario asks a server for its vote that has voted, crashed and come back",
            VOTE,
            asked,
        )
        .shows(
            "Your own scenario finds a command again after all servers have crashed",
            COMMAND,
            found,
        )
        .notices(&sabotage::ALL)
        .checks()
}

fn asked(context: &mut Context, run: &Run) -> Verdict {
    let story = Story::of(run);
    let (happened, advice) = match story.vote {
        Vote::AskedAgain => return Ok(()),
        Vote::None => (
            "no server votes for another",
            "Let S1 time out, and deliver its request to S2 (`deliver kind=RequestVote to=S2`).",
        ),
        Vote::Given => (
            "no server crashes and comes back in the term in which it has voted for another",
            "After S2 has voted, `crash S2` and `restart S2`.",
        ),
        Vote::Back => (
            "after its restart no other candidate of that term asks it",
            "S3 must campaign in the same term: keep S1's request from it (`lose to=S3`), let it time out after \
             S2's restart, and deliver its request to S2.",
        ),
    };
    let expected =
        "a server votes for another, crashes, comes back, and is asked in the same term by a third";
    Err(context.failure(expected, happened).note(advice))
}

fn found(context: &mut Context, run: &Run) -> Verdict {
    let story = Story::of(run);
    let (happened, advice) = match story.command {
        Command::FoundAgain => {
            context.show(run.transcript.as_str());
            return Ok(());
        }
        Command::None => (
            "no client gets the result of a command",
            "Elect a leader, give it a command (`client S1 \"set x 1\"`), and `settle`.",
        ),
        Command::Answered => (
            "there is a server that does not crash after that",
            "After the client was answered, crash every server of the cluster, and restart it.",
        ),
        Command::AllBack => (
            "after their restart no server applies that command again",
            "Let one of them time out, and `settle`: the new leader's first entry commits what came before it.",
        ),
    };
    let expected =
        "a client is answered, all servers crash and come back, and apply its command again";
    Err(context.failure(expected, happened).note(advice))
}
