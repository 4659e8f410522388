//! Exercise 3.8: the learner's own scenario. It must pass on the learner's own servers, show what the
//! exercise asks for, and fail on servers of which one row is spoilt.

use std::collections::BTreeMap;

use gates::own::OwnScenario;
use gates::scenario::Run;
use gates::simulator::TraceEvent;
use gates::{Check, Context, Verdict};

use super::sabotage;
use super::subject::protocol::{Entry, Index, ServerId, Term};
use super::{servers_with, table};

const PASSES: &str = "§5.3. A scenario says what must hold of every right server, and yours is one once \
     exercises 3.1 to 3.7 are done. If it fails here, either the scenario or the server is wrong: \
     hold both against the paper.";
const REPAIRED: &str = "§5.3: \"the leader handles inconsistencies by forcing the followers' logs to duplicate \
     its own. This means that conflicting entries in follower logs will be overwritten with entries from \
     the leader's log\".";

/// The checks, for the subject in this folder.
pub(super) fn checks(manifest_dir: &str) -> Vec<Check> {
    OwnScenario::new("3.8", manifest_dir, PASSES, servers_with, table(8))
        .shows("Your own scenario has a log that must be repaired, and is", REPAIRED, repairs)
        .notices(&sabotage::ALL)
        .checks()
}

fn repairs(context: &mut Context, run: &Run) -> Verdict {
    let story = Story::of(run);
    let servers = story.logs.len();
    let happened = if servers == 0 { "none".to_owned() } else { format!("{servers} servers") };
    context.holds(servers >= 3, "a cluster of three servers or more", happened)?;
    if story.replaced.is_empty() {
        let expected =
            "a server has an entry that the leader has with another term, and gives it up";
        return Err(context.failure(expected, "no entry is overwritten by another").note(
            "`given S2 log=1/2/2` gives a server a log. Give another one a log that differs from some \
             index on, whose last entry is of a later term, let it become the leader, and `settle`.",
        ));
    }
    let logs: Vec<String> = story.logs.iter().map(|(id, log)| told(*id, log)).collect();
    let first = story.logs.values().next();
    let same = story.logs.values().all(|log| Some(log) == first && !log.is_empty());
    let expected = "at the end all servers have the same log";
    context.holds(same, expected, format!("at the end {}", logs.join(", ")))?;
    context.show(run.transcript.as_str());
    Ok(())
}

fn told(id: ServerId, log: &[Entry]) -> String {
    let terms: Vec<String> = log.iter().map(|entry| entry.term.to_string()).collect();
    let terms = if terms.is_empty() { "no entries".to_owned() } else { terms.join(" ") };
    format!("{id} has {terms}")
}

/// What a run was about.
#[derive(Default)]
struct Story {
    /// The logs as they are.
    logs: BTreeMap<ServerId, Vec<Entry>>,
    /// Where an entry was overwritten by one of another term: whose it was, its index and its term.
    replaced: Vec<(ServerId, Index, Term)>,
}

impl Story {
    fn of(run: &Run) -> Story {
        let mut story = Story::default();
        for (&server, given) in &run.given {
            story.logs.insert(server, given.log.clone());
        }
        for traced in &run.trace {
            match &traced.what {
                TraceEvent::Event { server, .. } => {
                    story.logs.entry(*server).or_default();
                }
                TraceEvent::Changed { server, log_from: Some(first), log, .. } => {
                    story.changed(*server, *first, log);
                }
                _ => {}
            }
        }
        story
    }

    fn changed(&mut self, server: ServerId, first: Index, new: &[Entry]) {
        let log = self.logs.entry(server).or_default();
        let keep = usize::try_from(first.0 - 1).unwrap_or(usize::MAX).min(log.len());
        let old = log.split_off(keep);
        log.extend_from_slice(new);
        if let (Some(before), Some(after)) = (old.first(), new.first())
            && before.term != after.term
        {
            self.replaced.push((server, first, before.term));
        }
    }
}
