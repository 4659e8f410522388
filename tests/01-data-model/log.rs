//! Exercise 1.2: looking into the log. The logs are made by `Log::with_base`; nothing is appended.

use gates::{Check, Checks, Context, Verdict};

use super::logs::{LOGS, entry, log_with, maybe, told};
use super::model::Log;
use super::model::protocol::{Entry, Index, Term};

const COUNTS: &str = "§5.3, Figure 6; Figure 2, State: log[] is counted from 1. Index 0 means \
     \"before the first entry\", and the term there is 0.";
const BASE: &str = "§7: once a log is compacted, it begins after its base, and index and term of the \
     base are all that is left of what was before. §5.3's consistency check asks for them.";
const UP_TO_DATE: &str = "§5.4.1: a candidate's log is compared by the term of its last entry, then \
     by its length. The base is the last entry when all were compacted away (§7): a server that \
     says 0 there votes for logs that lack committed entries.";
const BEYOND: &str = "§5.3: a leader asks its log for places that are not there yet, and a follower for places \
     that a leader names. No index may make a server panic.";

pub(super) fn checks() -> Vec<Check> {
    #[rustfmt::skip]
    let checks = Checks::of("1.2").each([
        ("entry", "The log counts from 1", COUNTS, counts_from_1),
        ("last_index", "The last index is that of the last entry, or the base's", BASE, last_index),
        ("last_term", "The last term is that of the last entry", UP_TO_DATE, last_term),
        ("term_at", "The term of every entry is known, and that of the base", BASE, terms),
        ("entry", "Beyond the end of the log there is nothing", BEYOND, beyond_the_end),
        ("term_at", "Index 0 has term 0 and no entry", COUNTS, index_0),
        ("entry", "At the base and below there is no entry, and below no term", BASE, below_the_base),
        ("last_term", "When every entry is compacted away, the last term is the base's", UP_TO_DATE, last_term_compacted),
    ]);
    checks.list()
}

fn entry_is(
    check: &mut Context,
    log: &Log,
    of: &str,
    index: u64,
    expected: Option<&Entry>,
) -> Verdict {
    check.step(format!("entry({index}) of {of}"));
    check.same_text("entry", &maybe(log.entry(Index(index))), &maybe(expected))?;
    check.equal("entry", log.entry(Index(index)), expected)
}

fn term_is(check: &mut Context, log: &Log, of: &str, index: u64, expected: Option<u64>) -> Verdict {
    check.step(format!("term_at({index}) of {of}"));
    check.equal("term", log.term_at(Index(index)), expected.map(Term))
}

fn counts_from_1(check: &mut Context) -> Verdict {
    let terms = [1, 1, 2];
    let log = log_with((0, 0), &terms);
    let of = told((0, 0), &terms);
    for (index, term) in (1..).zip(terms) {
        entry_is(check, &log, &of, index, Some(&entry(term, index)))?;
    }
    check.step(format!("last_index() of {of}"));
    check.equal("last index", log.last_index(), Index(3))
}

fn last_index(check: &mut Context) -> Verdict {
    for &(base, terms) in LOGS {
        check.step(format!("last_index() of {}", told(base, terms)));
        let expected = Index(base.0 + terms.len() as u64);
        check.equal("last index", log_with(base, terms).last_index(), expected)?;
    }
    Ok(())
}

fn last_term(check: &mut Context) -> Verdict {
    for &(base, terms) in LOGS {
        let Some(&last) = terms.last() else { continue };
        check.step(format!("last_term() of {}", told(base, terms)));
        check.equal("last term", log_with(base, terms).last_term(), Term(last))?;
    }
    check.step("last_term() of an empty log");
    check.equal("last term", log_with((0, 0), &[]).last_term(), Term(0))
}

fn last_term_compacted(check: &mut Context) -> Verdict {
    for base in [(4, 2), (1, 1), (100, 7)] {
        check.step(format!("last_term() of {}", told(base, &[])));
        check.equal("last term", log_with(base, &[]).last_term(), Term(base.1))?;
    }
    Ok(())
}

fn index_0(check: &mut Context) -> Verdict {
    for terms in [&[][..], &[1, 1, 2]] {
        let log = log_with((0, 0), terms);
        let of = told((0, 0), terms);
        term_is(check, &log, &of, 0, Some(0))?;
        entry_is(check, &log, &of, 0, None)?;
    }
    Ok(())
}

fn terms(check: &mut Context) -> Verdict {
    for &(base, terms) in LOGS {
        let log = log_with(base, terms);
        let all = std::iter::once(&base.1).chain(terms);
        for (index, &term) in (base.0..).zip(all) {
            term_is(check, &log, &told(base, terms), index, Some(term))?;
        }
    }
    Ok(())
}

fn beyond_the_end(check: &mut Context) -> Verdict {
    for &(base, terms) in LOGS {
        let log = log_with(base, terms);
        let end = base.0 + terms.len() as u64;
        for index in [end + 1, end + 2, end + 1000, u64::MAX] {
            entry_is(check, &log, &told(base, terms), index, None)?;
            term_is(check, &log, &told(base, terms), index, None)?;
        }
    }
    Ok(())
}

fn below_the_base(check: &mut Context) -> Verdict {
    for terms in [&[][..], &[2, 3, 3]] {
        let log = log_with((4, 2), terms);
        let of = told((4, 2), terms);
        entry_is(check, &log, &of, 4, None)?;
        for index in 0..4 {
            entry_is(check, &log, &of, index, None)?;
            term_is(check, &log, &of, index, None)?;
        }
    }
    Ok(())
}
