//! Exercise 4.4: applying in order, once.

use std::cell::RefCell;
use std::rc::Rc;

use gates::simulator::ClientAnswer;
use gates::{Check, Checks, Context, Verdict};

use super::model::RaftNode;
use super::servers::server;
use super::subject::apply_next;
use super::subject::protocol::{Bytes, Entry, Index, Members, Payload, StateMachine, Term};
use super::subject::replication::LogEdit as _;
use super::table;

const ORDER: &str = "Rules for Servers, All Servers (§5.3): \"If commitIndex > lastApplied: increment \
     lastApplied, apply log[lastApplied] to state machine\". So every server's state machine executes the \
     same commands in the same order, each once.";
const COMMITTED: &str = "§5.3: \"Once a follower learns that a log entry is committed, it applies the entry \
     to its local state machine\": what is not committed may still be given up (Figure 8).";
const RESULT: &str = "§5.3: when the entry is applied, the leader \"returns the result of that execution to \
     the client\".";
const NO_COMMAND: &str = "§8: a no-op entry has no command; nor has a configuration (§6). It is applied like \
     the others, and the state machine does not see it.";

/// What is compared.
const EXECUTED: &str = "the entries that the state machine executed";
const GAVE: &str = "the entries that apply_next gave";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("4.4")
        .about("apply_next")
        .claims([
            ("Entries are applied in the order of the log, each once", ORDER, in_order),
            ("Nothing is applied beyond the commit index", COMMITTED, committed_only),
            (
                "The result of an entry is what the state machine gave for its command",
                RESULT,
                results,
            ),
            ("An entry without a command has an empty result", NO_COMMAND, no_command),
            ("Applying goes on after the last applied entry", ORDER, goes_on),
        ])
        .list()
}

/// What a state machine executed: indexes and commands.
type Executed = Rc<RefCell<Vec<(Index, String)>>>;

/// A state machine that records what it executes.
#[derive(Debug, Default)]
struct Recorder {
    executed: Executed,
}

impl StateMachine for Recorder {
    fn apply(&mut self, index: Index, command: &[u8]) -> Bytes {
        let command = String::from_utf8_lossy(command).into_owned();
        let result = format!("the result of \"{command}\"");
        self.executed.borrow_mut().push((index, command));
        result.into()
    }
    fn query(&self, _query: &[u8]) -> Bytes {
        Bytes::new()
    }
    fn snapshot(&self) -> Bytes {
        Bytes::new()
    }
    fn restore(&mut self, _snapshot: &[u8]) {}
}

/// A server with four entries, of which so many are committed and applied; and what its state machine
/// will execute.
fn recorded(committed: u64, applied: u64) -> (RaftNode, Executed) {
    let mut node = server(table(4), 3, 2, &[1, 1, 2, 2]);
    let recorder = Recorder::default();
    let executed = Rc::clone(&recorder.executed);
    node.machine = Box::new(recorder);
    node.commit_index = Index(committed);
    node.last_applied = Index(applied);
    (node, executed)
}

/// Calls `apply_next` until it has nothing more, and not forever.
fn apply_all(check: &mut Context, node: &mut RaftNode) -> Vec<(Index, ClientAnswer)> {
    let state = format!("commit_index {}, last_applied {}", node.commit_index, node.last_applied);
    check.step(format!("apply_next, again and again, on a log of 4 entries with {state}"));
    std::iter::from_fn(|| apply_next(node)).take(9).collect()
}

/// A result as text.
fn told(result: &ClientAnswer) -> String {
    match result {
        Ok(result) => String::from_utf8_lossy(result).into_owned(),
        Err(error) => format!("{error:?}"),
    }
}

fn indexes<T>(applied: &[(Index, T)]) -> String {
    let indexes: Vec<String> = applied.iter().map(|(index, _)| index.to_string()).collect();
    if indexes.is_empty() { "none".to_owned() } else { indexes.join(", ") }
}

fn in_order(check: &mut Context) -> Verdict {
    let (mut node, executed) = recorded(4, 0);
    let applied = apply_all(check, &mut node);
    let executed = executed.borrow();
    // First what was returned: a server that counts from 0 returns an entry that no state machine executes.
    check.same_text(GAVE, &indexes(&applied), "1, 2, 3, 4")?;
    check.same_text(EXECUTED, &indexes(&executed), "1, 2, 3, 4")?;
    check.equal("last_applied", node.last_applied.0, 4)
}

fn committed_only(check: &mut Context) -> Verdict {
    for (committed, expected) in [(0, "none"), (1, "1"), (3, "1, 2, 3")] {
        let (mut node, executed) = recorded(committed, 0);
        apply_all(check, &mut node);
        let executed = indexes(&executed.borrow());
        check.same_text(EXECUTED, &executed, expected)?;
        check.equal("last_applied", node.last_applied.0, committed)?;
        check.equal("commit_index", node.commit_index.0, committed)?;
    }
    Ok(())
}

fn results(check: &mut Context) -> Verdict {
    let (mut node, _) = recorded(3, 0);
    for (index, result) in apply_all(check, &mut node) {
        let expected = format!("the result of \"append x {index},\"");
        let what = format!("the result of the entry at {index}");
        check.same_text(&what, &told(&result), &expected)?;
    }
    check.equal("last_applied", node.last_applied.0, 3)
}

fn no_command(check: &mut Context) -> Verdict {
    let (mut node, executed) = recorded(0, 0);
    let members = Payload::Members(Members::new());
    for payload in [Payload::NoOp, members] {
        node.log.append(Entry { term: Term(2), payload });
    }
    node.log.append(Entry::command(Term(2), "set y 1"));
    (node.commit_index, node.last_applied) = (Index(7), Index(4));
    check.step("apply_next three times: entry 5 is a no-op, 6 a configuration, 7 a command");
    for expected in [Some((5, "")), Some((6, "")), Some((7, "the result of \"set y 1\"")), None] {
        let applied = apply_next(&mut node);
        let applied = applied.map(|(at, result)| (at.0, told(&result)));
        let expected = expected.map(|(at, result)| (at, result.to_owned()));
        check.equal("index and result", applied, expected)?;
    }
    check.same_text(EXECUTED, &indexes(&executed.borrow()), "7")
}

fn goes_on(check: &mut Context) -> Verdict {
    let (mut node, executed) = recorded(3, 2);
    let applied = apply_all(check, &mut node);
    check.same_text(GAVE, &indexes(&applied), "3")?;
    node.commit_index = Index(4);
    let applied = apply_all(check, &mut node);
    check.same_text(GAVE, &indexes(&applied), "4")?;
    check.same_text(EXECUTED, &indexes(&executed.borrow()), "3, 4")
}
