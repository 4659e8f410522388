//! Exercise 4.1: does a majority hold it.

use gates::{Check, Checks, Context, Verdict};

use super::model::Role;
use super::servers::{S1, S2, leader, role_of, server};
use super::subject::majority_holds;
use super::subject::protocol::Index;
use super::table;

const MAJORITY: &str = "Rules for Servers, Leaders (§5.3): \"a majority of matchIndex[i] ≥ N\". More than \
     half of all servers, and the leader is one of them: it holds what is in its own log.";
const MEMBERS: &str = "§5.3: an entry is safe when it is \"replicated on a majority of the servers\" of the \
     cluster. A server of which nothing is known counts among them, as one that does not hold it; a \
     stranger does not count.";
const LEADERS: &str = "Figure 2, \"Volatile state on leaders\": matchIndex[] is a leader's knowledge. Nobody \
     else can tell what others hold.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("4.1")
        .about("majority_holds")
        .claims([
            (
                "With the leader, more than half of 1 to 7 servers must hold an entry",
                MAJORITY,
                counts,
            ),
            ("A server holds an entry if its match index is there or beyond", MAJORITY, reaches),
            (
                "A server that is not known to hold an entry counts as one that does not",
                MEMBERS,
                unknown,
            ),
            ("A stranger does not help to a majority", MEMBERS, stranger),
            ("A server that is not leader knows of no majority", LEADERS, no_leader),
        ])
        .list()
}

/// Asks the leader S1 of this many about its entry at `index`.
fn ask(
    check: &mut Context,
    servers: u64,
    matches: &[(u64, u64)],
    index: u64,
    expected: bool,
) -> Verdict {
    let known: Vec<String> =
        matches.iter().map(|(id, index)| format!("S{id} up to {index}")).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    check.step(format!(
        "S1 leads a cluster of {servers}; it holds entries 1 to 4, and knows these match indexes: \
         {known}; it is asked about entry {index}"
    ));
    let mut node = server(table(1), servers, 3, &[1, 1, 3, 3]);
    node.role = leader(matches);
    check.equal("does a majority hold it?", majority_holds(&node, Index(index)), expected)
}

fn counts(check: &mut Context) -> Verdict {
    for servers in 1..=7 {
        for holders in 1..=servers {
            let holds = |id| if id <= holders { 3 } else { 2 };
            let matches: Vec<(u64, u64)> = (2..=servers).map(|id| (id, holds(id))).collect();
            ask(check, servers, &matches, 3, holders * 2 > servers)?;
        }
    }
    Ok(())
}

fn reaches(check: &mut Context) -> Verdict {
    let matches = [(2, 1), (3, 4), (4, 2), (5, 0)];
    for (index, expected) in [(1, true), (2, true), (3, false), (4, false)] {
        ask(check, 5, &matches, index, expected)?;
    }
    Ok(())
}

fn unknown(check: &mut Context) -> Verdict {
    ask(check, 5, &[(3, 4)], 2, false)?;
    ask(check, 5, &[(3, 4), (4, 2)], 2, true)?;
    ask(check, 3, &[], 1, false)
}

fn stranger(check: &mut Context) -> Verdict {
    ask(check, 5, &[(2, 4), (8, 4), (9, 4)], 1, false)?;
    ask(check, 3, &[(2, 0), (3, 0), (7, 4)], 1, false)
}

fn no_leader(check: &mut Context) -> Verdict {
    let roles = [
        Role::Follower { leader: None },
        Role::Follower { leader: Some(S2) },
        Role::Candidate { votes: [S1, S2].into() },
    ];
    for role in roles {
        for servers in [1, 3] {
            check.step(format!("S1 of {servers} holds entry 1 and is {}", role_of(&role)));
            let mut node = server(table(1), servers, 3, &[1]);
            node.role = role.clone();
            check.equal("does a majority hold it?", majority_holds(&node, Index(1)), false)?;
        }
    }
    Ok(())
}
