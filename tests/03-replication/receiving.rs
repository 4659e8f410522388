//! Exercise 3.5: AppendEntries, assembled.

use gates::{Check, Checks, Context, Failure, Verdict};

use super::model::{RaftNode, Role};
use super::servers::{
    S2, S3, answer, call, calls_s1, candidate, carried, follower, has_log, leader, lost_nothing,
    server, terms,
};
use super::subject::protocol::{Effect, Term, Timer};
use super::table;

const STEP1: &str = "AppendEntries, receiver, step 1 (§5.1): \"Reply false if term < currentTerm\". A \
     leader of an older term was deposed; it has no say about log and election timer.";
const STEP2: &str = "AppendEntries, receiver, step 2 (§5.3): \"Reply false if log doesn't contain an entry \
     at prevLogIndex whose term matches prevLogTerm\". A rejected request changes no log.";
const BEATS: &str = "AppendEntries, receiver, step 2 (§5.3): heartbeats are AppendEntries like any other. \
     Their success tells the leader that the logs agree up to prevLogIndex; it may commit because of it.";
const STEP3: &str = "AppendEntries, receiver, steps 3 and 4 (§5.3): conflicting entries go with all that \
     follow them, and new ones are appended.";
const OLDER: &str = "AppendEntries, receiver, step 3 (§5.3): entries are deleted only \"if an existing entry \
     conflicts with a new one (same index but different terms)\". None of these conflicts. The leader \
     sent this request before one that has already arrived, and this server has acknowledged the entries of \
     that one. If it drops them now, entries that may be committed are lost.";
const FOLLOW: &str = "§5.2: a server that hears from the leader of its term follows it and resets its \
     election timer, even if the logs do not match: the leader is alive, and will find out what is missing.";
const TERM: &str =
    "Figure 2, AppendEntries, results: \"term: currentTerm, for leader to update itself\".";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("3.5")
        .about("append_entries")
        .claims([
            ("Entries are merged where the logs agree", STEP3, merged),
            ("Entries that do not continue the log are rejected", STEP2, refused),
            ("A request that was overtaken by a later one drops no entry", OLDER, overtaken),
            ("A heartbeat drops no entry", OLDER, beaten),
            ("A heartbeat succeeds only where the logs agree", BEATS, heartbeats),
            ("A leader of an older term is rejected, and changes nothing", STEP1, older_term),
            ("The leader is followed, whether or not the logs agree", FOLLOW, followed),
            ("An answer carries the current term", TERM, told),
        ])
        .list()
}

/// S3, as leader of `term`, calls S1 of three.
fn heard(
    check: &mut Context,
    node: &mut RaftNode,
    term: u64,
    prev: (u64, u64),
    new: &[u64],
) -> Result<Vec<Effect>, Box<Failure>> {
    check.step(format!(
        "S1, in term {}, its log {}; S3, leader of term {term}, calls: prev_log_index {}, \
         prev_log_term {}, {}",
        node.current_term,
        terms(&node.log),
        prev.0,
        prev.1,
        carried(&call(S3, term, prev, new).entries)
    ));
    check.handle(node, calls_s1(term, prev, new))
}

/// S1 of three in term 3, a follower with this log.
fn following(terms: &[u64]) -> RaftNode {
    server(table(5), 3, 3, follower(), terms)
}

fn older_term(check: &mut Context) -> Verdict {
    let roles =
        [follower(), Role::Follower { leader: Some(S2) }, candidate(), leader(&[(3, 0), (3, 0)])];
    for role in roles {
        for (prev, new) in [((2, 1), &[2][..]), ((1, 1), &[2]), ((0, 0), &[]), ((2, 1), &[])] {
            let mut node = server(table(5), 3, 3, role.clone(), &[1, 1]);
            let effects = heard(check, &mut node, 2, prev, new)?;
            check.same_text("S1's answer", &answer(&effects), "success false, term 3")?;
            has_log(check, &node, &[1, 1])?;
            check.equal("S1's role", &node.role, &role)?;
            let waits = effects.iter().any(is_reset);
            check.holds(!waits, "the election timer runs on as it is", "it is reset")?;
        }
    }
    Ok(())
}

fn is_reset(effect: &Effect) -> bool {
    matches!(effect, Effect::SetTimer { timer: Timer::Election, .. })
}

/// Where S1's log [1, 1, 2] does not agree.
const APART: [(u64, u64); 5] = [(4, 2), (9, 3), (3, 1), (3, 3), (1, 2)];

fn refused(check: &mut Context) -> Verdict {
    for prev in APART {
        for term in [3, 4] {
            let mut node = following(&[1, 1, 2]);
            let effects = heard(check, &mut node, term, prev, &[3, 3])?;
            let expected = format!("success false, term {term}");
            check.same_text("S1's answer", &answer(&effects), &expected)?;
            has_log(check, &node, &[1, 1, 2])?;
        }
    }
    let mut node = following(&[]);
    let effects = heard(check, &mut node, 3, (1, 1), &[3])?;
    check.same_text("S1's answer", &answer(&effects), "success false, term 3")?;
    has_log(check, &node, &[])
}

fn heartbeats(check: &mut Context) -> Verdict {
    let agree = [(0, 0), (1, 1), (3, 2)].map(|prev| (prev, true));
    for (prev, success) in APART.map(|prev| (prev, false)).into_iter().chain(agree) {
        let mut node = following(&[1, 1, 2]);
        let effects = heard(check, &mut node, 3, prev, &[])?;
        let expected = format!("success {success}, term 3");
        check.same_text("S1's answer", &answer(&effects), &expected)?;
        has_log(check, &node, &[1, 1, 2])?;
    }
    Ok(())
}

fn merged(check: &mut Context) -> Verdict {
    type Case = (&'static [u64], (u64, u64), &'static [u64], &'static [u64]);
    let cases: [Case; 6] = [
        (&[], (0, 0), &[1, 1], &[1, 1]),
        (&[1, 1], (2, 1), &[3], &[1, 1, 3]),
        (&[1, 1, 2, 2], (2, 1), &[3], &[1, 1, 3]),
        (&[2, 2, 2], (0, 0), &[1, 3], &[1, 3]),
        (&[1, 1, 2], (1, 1), &[1, 2, 3], &[1, 1, 2, 3]),
        (&[1, 1, 2], (1, 1), &[1, 3], &[1, 1, 3]),
    ];
    for (before, prev, new, after) in cases {
        let mut node = following(before);
        let effects = heard(check, &mut node, 3, prev, new)?;
        check.same_text("S1's answer", &answer(&effects), "success true, term 3")?;
        has_log(check, &node, after)?;
    }
    Ok(())
}

/// S1 has stored what the leader sent; then a request comes that should lose nothing.
fn keeps(check: &mut Context, prev: (u64, u64), new: &[u64]) -> Verdict {
    let mut node = following(&[1]);
    heard(check, &mut node, 3, (1, 1), &[3, 3, 3])?;
    has_log(check, &node, &[1, 3, 3, 3])?;
    let before = node.log.clone();
    let effects = heard(check, &mut node, 3, prev, new)?;
    lost_nothing(check, &before, &node.log)?;
    check.same_text("S1's answer", &answer(&effects), "success true, term 3")
}

fn overtaken(check: &mut Context) -> Verdict {
    for (prev, new) in [((1, 1), &[3, 3][..]), ((1, 1), &[3]), ((2, 3), &[3]), ((0, 0), &[1])] {
        keeps(check, prev, new)?;
    }
    Ok(())
}

fn beaten(check: &mut Context) -> Verdict {
    for prev in [(1, 1), (2, 3), (0, 0), (4, 3)] {
        keeps(check, prev, &[])?;
    }
    Ok(())
}

fn followed(check: &mut Context) -> Verdict {
    for role in [follower(), Role::Follower { leader: Some(S2) }, candidate()] {
        for prev in APART.into_iter().chain([(3, 2), (0, 0)]) {
            for term in [3, 4] {
                let mut node = server(table(5), 3, 3, role.clone(), &[1, 1, 2]);
                let effects = heard(check, &mut node, term, prev, &[])?;
                check.equal("S1's role", &node.role, &Role::Follower { leader: Some(S3) })?;
                check.equal("S1's term", node.current_term, Term(term))?;
                let reset = effects.iter().any(is_reset);
                let expected = "the election timer is reset";
                check.holds(reset, expected, "it runs on as it is")?;
            }
        }
    }
    Ok(())
}

fn told(check: &mut Context) -> Verdict {
    for (term, prev, success) in [(5, (3, 2), true), (5, (9, 2), false)] {
        let mut node = following(&[1, 1, 2]);
        let effects = heard(check, &mut node, term, prev, &[])?;
        let expected = format!("success {success}, term {term}");
        check.same_text("S1's answer", &answer(&effects), &expected)?;
    }
    Ok(())
}
