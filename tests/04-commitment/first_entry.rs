//! Exercise 4.8: the leader's first entry. Most of it is in scenarios.

use gates::{Check, Checks, Context, Verdict};

use super::model::{Progress, Role, Rules};
use super::servers::{S1, TABLE, role_of, sends_nothing, server, vote, went_by_the_table};
use super::subject::RULES;
use super::subject::protocol::{Effect, Index, Payload, Request, ServerId};
use super::table;

const BLANK: &str = "§8: \"Raft handles this by having each leader commit a blank no-op entry into the log at \
     the start of its term.\" Blank: no client has asked for it, and no state machine sees it.";
const UPON: &str = "Rules for Servers, Leaders (§5.2): \"Upon election: send initial empty AppendEntries RPCs \
     (heartbeat) to each server\"; Figure 2: nextIndex[] is initialized \"to leader last log index + 1\". The \
     no-op is sent like any other entry, with these heartbeats or after them.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("4.8")
        .about("elected")
        .claims([
            ("A new leader's first entry is a no-op of its own term", BLANK, no_op),
            ("A new leader still does what a leader does after its election", UPON, upon_election),
            ("The no-op is sent by the row replicate_to", TABLE, by_the_table),
        ])
        .list()
}

fn told(payload: Option<&Payload>) -> String {
    match payload {
        None => "none".to_owned(),
        Some(Payload::NoOp) => "a no-op".to_owned(),
        Some(Payload::Command(command)) => {
            format!("the command \"{}\"", String::from_utf8_lossy(&command.bytes))
        }
        Some(Payload::Members(_)) => "a configuration".to_owned(),
        Some(Payload::Register) => "a registration".to_owned(),
    }
}

fn no_op(check: &mut Context) -> Verdict {
    for log in [&[][..], &[1, 1, 3]] {
        check.step(format!("S1 of 3 wins term 4; the terms in its log are {log:?}"));
        let mut node = server(table(8), 3, 4, log);
        (node.role, node.voted_for) = (Role::Candidate { votes: [S1].into() }, Some(S1));
        check.handle(&mut node, vote())?;
        let last = log.len() as u64 + 1;
        check.equal("the last index of its log", node.log.last_index().0, last)?;
        check.equal("the term of the last entry", node.log.last_term().0, 4)?;
        let payload = node.log.entry(Index(last)).map(|entry| &entry.payload);
        check.same_text("the last entry", &told(payload), "a no-op")?;
        check.equal("clients that wait", node.pending_commands.len(), 0)?;
    }
    Ok(())
}

fn upon_election(check: &mut Context) -> Verdict {
    check.step("S1 of 3, whose log has two entries, wins term 4");
    let mut node = server(table(8), 3, 4, &[1, 1]);
    (node.role, node.voted_for) = (Role::Candidate { votes: [S1].into() }, Some(S1));
    let effects = check.handle(&mut node, vote())?;
    let Role::Leader { progress } = &node.role else {
        return Err(check.failure("S1 leads", format!("S1 is {}", role_of(&node.role))));
    };
    let known = |(id, progress): (&ServerId, &Progress)| format!("{id} {}", progress.match_index);
    let known: Vec<String> = progress.iter().map(known).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    check.same_text("the match indexes", &known, "S2 0, S3 0")?;
    for peer in [ServerId(2), ServerId(3)] {
        let called = effects.iter().any(|effect| {
            matches!(effect, Effect::Call { to, request: Request::AppendEntries(_), .. } if *to == peer)
        });
        check.holds(called, format!("{peer} is sent an AppendEntries"), "it is not")?;
    }
    let beats = effects.iter().any(|effect| matches!(effect, Effect::SetTimer { .. }));
    check.holds(beats, "the heartbeat timer is armed", "it is not")
}

static SILENT: Rules = Rules { replicate_to: sends_nothing, ..RULES };

fn by_the_table(check: &mut Context) -> Verdict {
    check.step("S1 of 3, whose log has two entries, wins term 4, with a row replicate_to that sends nothing");
    let mut node = server(&SILENT, 3, 4, &[1, 1]);
    (node.role, node.voted_for) = (Role::Candidate { votes: [S1].into() }, Some(S1));
    let effects = check.handle(&mut node, vote())?;
    went_by_the_table(check, &effects)
}
