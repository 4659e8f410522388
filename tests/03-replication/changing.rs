//! Exercise 3.1: taking entries out of the log, and changing it.

use gates::{Check, Checks, Context, Verdict};

use super::logs::{LOGS, entry, log_with, maybe, one, told};
use super::model::Log;
use super::subject::LogEdit as _;
use super::subject::protocol::{Entry, Index, Term};

const SENDING: &str = "§5.3: a leader sends the entries from a follower's next index on. Nothing is \
     sent of what is compacted away, or not there yet; and no index may make a server panic.";
const APPENDING: &str = "§5.3; Figure 2, AppendEntries, receiver, step 4: \"Append any new entries not \
     already in the log\". An entry's index is its place in the log: each is one after the last.";
const TRUNCATING: &str = "§5.3; Figure 2, AppendEntries, receiver, step 3: \"If an existing entry \
     conflicts with a new one […], delete the existing entry and all that follow it\"";
const BASE: &str = "§7: once a log is compacted, it begins after its base, and index and term of the \
     base are all that is left of what was before.";
const STABLE: &str = "§5.1, §5.3; Figure 2: the log is persistent state, \"updated on stable storage \
     before responding to RPCs\". Entries that take the place of truncated ones are not on disk; \
     a server that believes they are acknowledges what a crash takes away.";

pub(super) fn checks() -> Vec<Check> {
    #[rustfmt::skip]
    let checks = Checks::of("3.1").each([
        ("entries_from", "A slice begins at its index and is no longer than asked for", SENDING, slices),
        ("entries_from", "A slice from the base, from below, or from beyond the end is empty", SENDING, empty_slices),
        ("append", "Append gives consecutive indexes", APPENDING, consecutive),
        ("append", "An appended entry is the last one, and found at its index", APPENDING, appended),
        ("truncate_from", "Truncating takes an entry and all that follow it, and no other", TRUNCATING, truncated),
        ("truncate_from", "Truncating lowers the last index and the last term together", TRUNCATING, lowers_both),
        ("truncate_from", "Truncating beyond the end changes nothing", TRUNCATING, truncated_beyond),
        ("truncate_from", "Truncating never reaches below the base", BASE, truncated_below),
        ("truncate_from", "What was truncated is no longer known to be on disk", STABLE, stable_comes_down),
        ("truncate_from", "Truncating never raises what is known to be on disk", STABLE, stable_never_rises),
    ]);
    checks.list()
}

/// The entries that a log returns: index, term and command of each.
fn contents(log: &Log) -> String {
    let (base, base_term) = (log.base_index(), log.base_term());
    // A log that says it is endless is not followed to its end.
    let last = log.last_index().0.min(base.0 + 20);
    let tell = |index| match log.entry(Index(index)) {
        Some(it) if *it == entry(it.term.0, index) => format!(", {index} of term {}", it.term),
        Some(it) => format!(", {index} with {}", one(it)),
        None => format!(", {index} with nothing"),
    };
    let entries: Vec<String> = (base.0 + 1..=last).map(tell).collect();
    format!("base {base} of term {base_term}{}", entries.concat())
}

fn slice(entries: &[Entry]) -> String {
    if entries.is_empty() {
        return "none".to_owned();
    }
    entries.iter().map(one).collect::<Vec<_>>().join("\n")
}

fn slice_is(
    check: &mut Context,
    log: &Log,
    of: &str,
    (first, max): (u64, usize),
    expected: &[Entry],
) -> Verdict {
    let told = if max == usize::MAX { "usize::MAX".to_owned() } else { max.to_string() };
    check.step(format!("entries_from({first}, {told}) of {of}"));
    let entries = log.entries_from(Index(first), max);
    check.same_text("entries", &slice(entries), &slice(expected))?;
    check.equal("entries", entries, expected)
}

fn slices(check: &mut Context) -> Verdict {
    for base in [(0, 0), (4, 2)] {
        let terms = [2, 3, 3, 5];
        let log = log_with(base, &terms);
        let of = told(base, &terms);
        let all: Vec<Entry> = (base.0 + 1..).zip(terms).map(|(i, t)| entry(t, i)).collect();
        for start in 0..all.len() {
            for max in [0, 1, 2, 3, 4, 5, usize::MAX] {
                let first = base.0 + 1 + start as u64;
                let end = start + max.min(all.len() - start);
                slice_is(check, &log, &of, (first, max), &all[start..end])?;
            }
        }
    }
    Ok(())
}

fn empty_slices(check: &mut Context) -> Verdict {
    for &(base, terms) in LOGS {
        let log = log_with(base, terms);
        let of = told(base, terms);
        let end = base.0 + terms.len() as u64;
        for first in (0..=base.0).chain([end + 1, end + 2, end + 1000, u64::MAX]) {
            for max in [0, 1, usize::MAX] {
                slice_is(check, &log, &of, (first, max), &[])?;
            }
        }
    }
    Ok(())
}

fn consecutive(check: &mut Context) -> Verdict {
    for &(base, terms) in LOGS {
        let mut log = log_with(base, terms);
        let end = base.0 + terms.len() as u64;
        for more in 1..=3 {
            check.step(format!("append {more} to {}", told(base, terms)));
            let index = log.append(entry(9, end + more));
            check.equal("the index that append gives", index, Index(end + more))?;
            check.equal("last index", log.last_index(), Index(end + more))?;
        }
    }
    Ok(())
}

fn appended(check: &mut Context) -> Verdict {
    for &(base, terms) in LOGS {
        let mut log = log_with(base, terms);
        let mut expected = terms.to_vec();
        for term in [3, 7] {
            check.step(format!("append an entry of term {term} to {}", told(base, &expected)));
            expected.push(term);
            let index = base.0 + expected.len() as u64;
            log.append(entry(term, index));
            let what = format!("entry({index}) then");
            let (happened, added) = (log.entry(Index(index)), entry(term, index));
            check.same_text(&what, &maybe(happened), &one(&added))?;
            check.equal(&what, happened, Some(&added))?;
            check.equal("last term", log.last_term(), Term(term))?;
        }
        check.same_text("the log", &contents(&log), &contents(&log_with(base, &expected)))?;
    }
    Ok(())
}

fn truncated(check: &mut Context) -> Verdict {
    for base in [(0, 0), (4, 2)] {
        let terms = [2, 3, 3, 5];
        for keep in 0..terms.len() {
            let first = base.0 + 1 + keep as u64;
            let mut log = log_with(base, &terms);
            check.step(format!("truncate_from({first}) on {}", told(base, &terms)));
            log.truncate_from(Index(first));
            let expected = log_with(base, &terms[..keep]);
            check.same_text("the log", &contents(&log), &contents(&expected))?;
        }
    }
    Ok(())
}

fn lowers_both(check: &mut Context) -> Verdict {
    for base in [(0, 0), (4, 2)] {
        let terms = [2, 3, 5];
        for (keep, expected) in [(2, 3), (1, 2), (0, base.1)] {
            let first = base.0 + 1 + keep;
            let mut log = log_with(base, &terms);
            check.step(format!("truncate_from({first}) on {}", told(base, &terms)));
            log.truncate_from(Index(first));
            check.equal("last index", log.last_index(), Index(first - 1))?;
            check.equal("last term", log.last_term(), Term(expected))?;
            check.step(format!("append to {}, truncated from {first}", told(base, &terms)));
            let index = log.append(entry(6, first));
            check.equal("the index that append gives", index, Index(first))?;
            check.equal("last term", log.last_term(), Term(6))?;
        }
    }
    Ok(())
}

fn truncated_beyond(check: &mut Context) -> Verdict {
    for &(base, terms) in LOGS {
        let end = base.0 + terms.len() as u64;
        for first in [end + 1, end + 2, end + 1000, u64::MAX] {
            let mut log = log_with(base, terms);
            check.step(format!("truncate_from({first}) on {}", told(base, terms)));
            log.truncate_from(Index(first));
            check.same_text("the log", &contents(&log), &contents(&log_with(base, terms)))?;
        }
    }
    Ok(())
}

fn truncated_below(check: &mut Context) -> Verdict {
    for base in [(0, 0), (4, 2)] {
        for first in 0..=base.0 {
            let terms = [2, 3];
            let mut log = log_with(base, &terms);
            check.step(format!("truncate_from({first}) on {}", told(base, &terms)));
            log.truncate_from(Index(first));
            check.same_text("the log", &contents(&log), &contents(&log_with(base, &[])))?;
            check.equal("last index", log.last_index(), Index(base.0))?;
            check.equal("last term", log.last_term(), Term(base.1))?;
            check.equal("stable", log.stable(), Index(base.0))?;
        }
    }
    Ok(())
}

fn stable_comes_down(check: &mut Context) -> Verdict {
    for base in [(0, 0), (4, 2)] {
        let terms = [2, 3, 3];
        for keep in 0..3 {
            let first = base.0 + 1 + keep;
            let mut log = log_with(base, &terms);
            log.set_stable(Index(base.0 + 3));
            let told = told(base, &terms);
            check.step(format!("truncate_from({first}) on {told}, all of it on disk"));
            log.truncate_from(Index(first));
            check.equal("stable", log.stable(), Index(first - 1))?;
            check.step(format!("truncate_from({first}) on {told}, all of it on disk; then append"));
            log.append(entry(5, first));
            check.equal("stable", log.stable(), Index(first - 1))?;
        }
    }
    Ok(())
}

fn stable_never_rises(check: &mut Context) -> Verdict {
    for base in [(0, 0), (4, 2)] {
        let terms = [2, 3, 3];
        for first in [3, 4, 100] {
            let first = base.0 + first;
            let mut log = log_with(base, &terms);
            log.set_stable(Index(base.0 + 1));
            let told = told(base, &terms);
            check.step(format!("truncate_from({first}) on {told}, only the first of them on disk"));
            log.truncate_from(Index(first));
            check.equal("stable", log.stable(), Index(base.0 + 1))?;
        }
    }
    Ok(())
}
