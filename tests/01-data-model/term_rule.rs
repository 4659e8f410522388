//! Exercise 1.5: the term rule.

use gates::{Check, Checks, Context, Verdict};

use super::servers::{OWN, ROLES, S2, S3, fresh, server, state};
use super::subject::protocol::Term;

/// Why a higher term counts, for requests and replies alike.
pub(super) const TERM_RULE: &str = "§5.1; Figure 2, Rules for Servers, All Servers: \"If RPC request or \
     response contains term T > currentTerm: set currentTerm = T, convert to follower\". In the new term \
     nobody has a vote yet.";
const VOTE: &str = "§5.2; Figure 2, State: votedFor is the \"candidateId that received vote in current \
     term\". It ends only with the term: a server that forgets its vote within the term, and votes again, helps \
     to elect two leaders of one term (Election Safety).";
const NO_NEWS: &str = "§5.1; Figure 2, Rules for Servers, All Servers: only a \"term T > currentTerm\" makes a server \
     step back. Most messages that a candidate or leader receives are of its own term. And a vote is given for the \
     whole term (§5.2).";
const NEVER_FALLS: &str = "§5.1; Figure 2, State: currentTerm \"increases monotonically\". A term that is \
     not above the current one is no news.";

pub(super) fn checks() -> Vec<Check> {
    #[rustfmt::skip]
    let checks = Checks::of("1.5").each([
        ("become_follower", "A follower in a new term has not voted in it, and knows the leader that it was given", VOTE, follows),
        ("become_follower", "Stepping back within a term keeps the vote", VOTE, steps_back),
        ("observe_term", "A higher term is adopted, the vote forgotten, the role given up", TERM_RULE, higher),
        ("observe_term", "The same term changes neither vote nor role", NO_NEWS, same),
        ("observe_term", "A lower term changes nothing", NEVER_FALLS, lower),
    ]);
    checks.list()
}

fn higher(check: &mut Context) -> Verdict {
    for role in ROLES {
        for term in [6, 9] {
            let mut node = server(&OWN, role, 5);
            check.step(format!("S1 ({}): observe_term({term})", state(&node)));
            node.observe_term(Term(term));
            check.same_text("S1", &state(&node), &fresh(term))?;
        }
    }
    Ok(())
}

fn same(check: &mut Context) -> Verdict {
    for role in ROLES {
        let mut node = server(&OWN, role, 5);
        let before = state(&node);
        check.step(format!("S1 ({before}): observe_term(5)"));
        node.observe_term(Term(5));
        check.same_text("S1", &state(&node), &before)?;
    }
    Ok(())
}

fn lower(check: &mut Context) -> Verdict {
    for role in ROLES {
        for term in [4, 1, 0] {
            let mut node = server(&OWN, role, 5);
            let before = state(&node);
            check.step(format!("S1 ({before}): observe_term({term})"));
            node.observe_term(Term(term));
            check.same_text("S1", &state(&node), &before)?;
        }
    }
    Ok(())
}

fn steps_back(check: &mut Context) -> Verdict {
    for role in ROLES {
        for (leader, name) in [(None, "None"), (Some(S2), "Some(S2)")] {
            let mut node = server(&OWN, role, 5);
            let vote = node.voted_for;
            check.step(format!("S1 ({}): become_follower(5, {name})", state(&node)));
            node.become_follower(Term(5), leader);
            check.equal("voted_for", node.voted_for, vote)?;
            check.equal("current_term", node.current_term, Term(5))?;
            let expected = leader.map_or("follower without a known leader", |_| "follower of S2");
            let state = state(&node);
            check.same_text("S1", state.split(',').next().unwrap_or_default(), expected)?;
        }
    }
    Ok(())
}

fn follows(check: &mut Context) -> Verdict {
    for role in ROLES {
        let mut node = server(&OWN, role, 5);
        check.step(format!("S1 ({}): become_follower(6, Some(S3))", state(&node)));
        node.become_follower(Term(6), Some(S3));
        check.same_text("S1", &state(&node), "follower of S3, term 6, no vote given")?;
        let mut node = server(&OWN, role, 5);
        check.step(format!("S1 ({}): become_follower(6, None)", state(&node)));
        node.become_follower(Term(6), None);
        check.same_text("S1", &state(&node), &fresh(6))?;
    }
    Ok(())
}
