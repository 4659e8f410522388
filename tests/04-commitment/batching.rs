//! Exercise 4.11 (bonus): one server, and what it does with a batch of events.

use std::cell::RefCell;
use std::io;

use gates::clients::{Conclusion, all_in_words, answers_to, conclusion};
use gates::{Check, Checks, Context, Failure, Verdict};

use super::model::{RaftNode, Rules};
use super::servers::{S1, S2, TABLE, leader, sends_nothing, server, vote, went_by_the_table};
use super::subject::RULES;
use super::subject::protocol::{
    AppendEntries, AppendEntriesReply, CallId, ClientRequest, Effect, Entry, Event, Index,
    Node as _, Payload, Reply, Request, RequestId, RequestVote, ServerId, Term, Timer,
};
use super::table;

const S3: ServerId = ServerId(3);

const EVERY: &str = "`Node::handle_all`: the events of a batch are handled in the order in which they have come, and none is \
     left out. Together they do what they would have done one after another.";
const ONE: &str = "Dissertation §10.2.2: \"it is much faster to send two entries over the network in one packet than in two \
     separate packets\". This lab's rule: for each batch, a server is sent at most one AppendEntries, with all entries \
     from nextIndex on, as far as `config.max_entries` allows.";
const SAVED: &str = "Dissertation §10.2.2: it is faster \"to write two entries to disk at once\". And Figure 2: persistent \
     state is \"updated on stable storage before responding to RPCs\". So a batch is saved once: when all of it is \
     handled, and before anything of it leaves.";
const ENDS: &str = "§8: when a leadership ends, the clients that wait at it learn of it, even if the server leads again when \
     the batch is over. What has come since then belongs to the new leadership.";
const ANSWERED: &str = "§5.3, §8: each client gets one answer. Results come in the order of the log, in which they were \
     executed.";
const OPTIMISTIC: &str = "Dissertation §10.2.2: \"the leader treats the next index for each follower optimistically; it \
     updates the next index to send immediately after sending the previous entry, rather than waiting for the previous \
     entry's acknowledgment.\"";
const WHAT_WAS_SENT: &str = "Figure 2: nextIndex is the \"index of the next log entry to send to that server\". It moves on \
     over what was sent, and no further: one AppendEntries carries no more than `config.max_entries`.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("4.11")
        .about("handle_all")
        .claims([
            ("Every event of a batch is handled, in the order of the batch", EVERY, every_event),
            ("A batch of commands is one AppendEntries to each follower", ONE, one_request),
            (
                "Replies, commands and a heartbeat in one batch are one AppendEntries, too",
                ONE,
                mixed,
            ),
            ("What a batch changes is saved once, before anything leaves", SAVED, saved_once),
            (
                "Every client of a batch is answered once, in the order of the log",
                ANSWERED,
                answered,
            ),
            ("A leadership that ends within a batch has ended for its clients", ENDS, ends),
        ])
        .about("end_batch")
        .claims([
            (
                "What is sent at the end of a batch is sent by the row replicate_to",
                TABLE,
                by_the_table,
            ),
            ("The next batch goes on where the last AppendEntries ended", OPTIMISTIC, goes_on),
            ("No entry is passed over because of the limit of a request", WHAT_WAS_SENT, limited),
            (
                "If the row replicate_to sends no entries, nextIndex stays",
                WHAT_WAS_SENT,
                nothing_sent,
            ),
        ])
        .list()
}

/// S1 leads term 2 of three servers, and everything is committed.
pub(super) fn leading(rules: &'static Rules) -> RaftNode {
    let mut node = server(rules, 3, 2, &[1, 2]);
    node.voted_for = Some(S1);
    node.role = leader(&[(2, 2), (3, 2)]);
    (node.commit_index, node.last_applied) = (Index(2), Index(2));
    node
}

/// Fails as long as nothing is written for this exercise. Handled one at a time, events come to the same in most checks.
pub(super) fn written() -> Verdict {
    let mut node = leading(table(11));
    let effects = node.handle_all(vec![command(1), command(2)]).unwrap_or_default();
    if told(&effects, S2) == "one with entry 3, and one with entries 3 to 4" {
        return Err(Failure::todo("4.11"));
    }
    Ok(())
}

/// Lets a server handle a batch, which it must not fail.
pub(super) fn handle_all(
    check: &Context,
    node: &mut RaftNode,
    events: Vec<Event>,
) -> Result<Vec<Effect>, Box<Failure>> {
    node.handle_all(events)
        .map_err(|error| check.failure("the server goes on", format!("it gave up: {error}")))
}

/// A client's command, which appends the client's number to a list.
pub(super) fn command(id: u64) -> Event {
    let request = ClientRequest::Command(format!("append x {id},").as_str().into());
    Event::Client { id: RequestId(id), request }
}

fn query(id: u64) -> Event {
    Event::Client { id: RequestId(id), request: ClientRequest::Query("get x".into()) }
}

/// The AppendEntries to a server, in words.
pub(super) fn told(effects: &[Effect], server: ServerId) -> String {
    let request = |effect: &Effect| match effect {
        Effect::Call { to, request: Request::AppendEntries(r), .. } if *to == server => {
            let (after, count) = (r.prev_log_index, r.entries.len());
            Some(match count {
                0 => format!("one after index {after} without entries"),
                1 => format!("one with entry {}", after.next()),
                _ => format!("one with entries {} to {}", after.next(), r.last_new_index()),
            })
        }
        _ => None,
    };
    let requests: Vec<String> = effects.iter().filter_map(request).collect();
    if requests.is_empty() { "none".to_owned() } else { requests.join(", and ") }
}

/// Each follower must have been sent just this.
fn are_sent(check: &Context, effects: &[Effect], expected: &str) -> Verdict {
    [S2, S3].into_iter().try_for_each(|follower| {
        let what = format!("AppendEntries to {follower}");
        check.same_text(&what, &told(effects, follower), expected)
    })
}

/// The commands in a log after these entries, in words.
fn commands(node: &RaftNode, after: u64) -> String {
    let command = |entry: &Entry| match &entry.payload {
        Payload::Command(command) => String::from_utf8_lossy(&command.bytes).into_owned(),
        other => format!("{other:?}"),
    };
    let entries = (after + 1..=node.log.last_index().0).filter_map(|it| node.log.entry(Index(it)));
    let commands: Vec<String> = entries.map(command).collect();
    if commands.is_empty() { "none".to_owned() } else { commands.join("; ") }
}

fn every_event(check: &mut Context) -> Verdict {
    written()?;
    check.step("S1 of 3 leads, and its log ends with entry 2; the commands of clients 7, 8 and 9 arrive in one batch");
    let mut node = leading(table(11));
    handle_all(check, &mut node, vec![command(7), command(8), command(9)])?;
    let expected = "append x 7,; append x 8,; append x 9,";
    check.same_text("commands after entry 2", &commands(&node, 2), expected)?;
    check.step(
        "S1 of 3 follows S2, and its log ends with entry 2; two AppendEntries of S2, with entry 3 and with entry 4, and a \
         RequestVote of S3 in an earlier term arrive in one batch",
    );
    let mut node = server(table(11), 3, 2, &[1, 2]);
    let append = |prev: u64| {
        Request::AppendEntries(AppendEntries {
            term: Term(2),
            leader_id: S2,
            prev_log_index: Index(prev),
            prev_log_term: Term(2),
            entries: vec![Entry::command(Term(2), format!("append x {},", prev + 1).as_str())],
            leader_commit: Index(0),
        })
    };
    let old = Request::RequestVote(RequestVote {
        term: Term(1),
        candidate_id: S3,
        last_log_index: Index(9),
        last_log_term: Term(1),
        leadership_transfer: false,
    });
    let asks = |from, call, request| Event::Request { call: CallId(call), from, request };
    let batch = vec![asks(S2, 40, append(2)), asks(S3, 40, old), asks(S2, 41, append(3))];
    let effects = handle_all(check, &mut node, batch)?;
    check.equal("the last index of its log", node.log.last_index(), Index(4))?;
    let answer = |effect: &Effect| match effect {
        Effect::Answer { call, to, reply } => Some(match reply {
            Reply::AppendEntries(r) => format!("{to} ({call}): success {}", r.success),
            Reply::RequestVote(r) => format!("{to} ({call}): vote granted {}", r.vote_granted),
            other => format!("{to} ({call}): {}", other.name()),
        }),
        _ => None,
    };
    let answers: Vec<String> = effects.iter().filter_map(answer).collect();
    let expected =
        "S2 (call 40): success true, S3 (call 40): vote granted false, S2 (call 41): success true";
    check.same_text("answers", &answers.join(", "), expected)
}

fn one_request(check: &mut Context) -> Verdict {
    written()?;
    check.step("S1 of 3 leads, and its log ends with entry 2; the commands of five clients arrive in one batch");
    let mut node = leading(table(11));
    let effects = handle_all(check, &mut node, (1..=5).map(command).collect())?;
    are_sent(check, &effects, "one with entries 3 to 7")?;
    check.step("the same with `max_entries` 3");
    let mut node = leading(table(11));
    node.config.max_entries = 3;
    let effects = handle_all(check, &mut node, (1..=5).map(command).collect())?;
    are_sent(check, &effects, "one with entries 3 to 5")
}

fn mixed(check: &mut Context) -> Verdict {
    written()?;
    check.step("S1 of 3 leads, and its log ends with entry 2; the command of client 1 arrives");
    let mut node = leading(table(11));
    let effects = handle_all(check, &mut node, vec![command(1)])?;
    check.step(
        "S1 of 3 leads, and its log ends with entry 2; the command of client 1 arrives; then one batch: S2 and S3 accept \
         entry 3, clients 2 and 3 send commands, and the heartbeat timer runs out",
    );
    let mut batch = accepted(&effects);
    batch.extend([command(2), Event::Timeout(Timer::Heartbeat), command(3)]);
    let effects = handle_all(check, &mut node, batch)?;
    are_sent(check, &effects, "one with entries 4 to 5")?;
    let is_armed =
        |effect: &Effect| matches!(effect, Effect::SetTimer { timer: Timer::Heartbeat, .. });
    check.holds(effects.iter().any(is_armed), "the heartbeat timer is armed", "it is not")
}

/// All AppendEntries among these effects are accepted: the replies.
pub(super) fn accepted(effects: &[Effect]) -> Vec<Event> {
    let accept = |effect: &Effect| match effect {
        Effect::Call { call, to, request: Request::AppendEntries(r) } => {
            let reply = AppendEntriesReply { term: r.term, success: true, conflict: None };
            let request = Request::AppendEntries(r.clone());
            Some(Event::Reply {
                call: *call,
                from: *to,
                request,
                reply: Reply::AppendEntries(reply),
            })
        }
        _ => None,
    };
    effects.iter().filter_map(accept).collect()
}

thread_local! {
    /// The last index of the log, each time that the server has saved its state.
    static SAVES: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

#[expect(clippy::unnecessary_wraps, reason = "a row that can fail")]
fn notes_saves(node: &mut RaftNode) -> io::Result<()> {
    SAVES.with_borrow_mut(|saves| saves.push(node.log.last_index().0));
    Ok(())
}

fn cannot_save(_: &mut RaftNode) -> io::Result<()> {
    Err(io::Error::other("the disk has failed"))
}

static NOTING: Rules = Rules { persist: notes_saves, ..RULES };
static FAILING: Rules = Rules { persist: cannot_save, ..RULES };

fn saved_once(check: &mut Context) -> Verdict {
    written()?;
    check.step("S1 of 3 leads, and its log ends with entry 2; the commands of three clients arrive in one batch");
    let mut node = leading(&NOTING);
    SAVES.with_borrow_mut(Vec::clear);
    handle_all(check, &mut node, (1..=3).map(command).collect())?;
    let saves = SAVES.with_borrow(Clone::clone);
    let ends: Vec<String> = saves.iter().map(|last| format!("with a log up to {last}")).collect();
    let happened = if ends.is_empty() { "never".to_owned() } else { ends.join(", ") };
    check.same_text("the row persist ran", &happened, "with a log up to 5")?;
    check.step("the same with a row persist that fails");
    let mut node = leading(&FAILING);
    match node.handle_all((1..=3).map(command).collect()) {
        Err(_) => Ok(()),
        Ok(effects) => Err(check.failure(
            "the batch fails, and nothing is released",
            format!("it succeeds, and {} effects are released", effects.len()),
        )),
    }
}

fn answered(check: &mut Context) -> Verdict {
    written()?;
    let batch = "clients 1 and 2 send commands, client 3 a query and client 4 a command";
    check.step(format!("S1 of 3 leads, and its log ends with entry 2; one batch: {batch}"));
    let mut node = leading(table(11));
    let first = handle_all(check, &mut node, vec![command(1), command(2), query(3), command(4)])?;
    check.step(format!(
        "S1 of 3 leads, and its log ends with entry 2; one batch: {batch}; then S2 and S3 accept what they are sent, and the \
         heartbeat timer runs out, a few times"
    ));
    let mut effects = first.clone();
    let mut sent = first;
    // Each event may commit one more entry.
    for _ in 0..6 {
        let mut batch = accepted(&sent);
        batch.push(Event::Timeout(Timer::Heartbeat));
        sent = handle_all(check, &mut node, batch)?;
        effects.extend(sent.iter().cloned());
    }
    for id in [1, 2, 4] {
        let answers = answers_to(&effects, RequestId(id));
        let right = matches!(&answers[..], [Ok(_)]);
        let happened = format!("it is told {}", all_in_words(&answers));
        check.holds(right, format!("client {id} has its result, once"), happened)?;
    }
    // Without exercise 4.10, a query is rejected.
    let answers = answers_to(&effects, RequestId(3));
    let happened = format!("it is told {}", all_in_words(&answers));
    check.holds(answers.len() == 1, "client 3 has one answer", happened)?;
    let result = |effect: &Effect| match effect {
        Effect::Client { id, .. } if id.0 != 3 => Some(format!("client {}", id.0)),
        _ => None,
    };
    let order: Vec<String> = effects.iter().filter_map(result).collect();
    check.same_text("results, in order", &order.join(", "), "client 1, client 2, client 4")
}

fn ends(check: &mut Context) -> Verdict {
    written()?;
    check.step(
        "S1 of 3 leads term 2; one batch: clients 1 and 2 send a command and a query; S2 asks for S1's vote in term 3; S1's \
         election timer runs out, and S2 votes for it in term 4; client 3 sends a command",
    );
    let mut node = leading(table(11));
    let request = Request::RequestVote(RequestVote {
        term: Term(3),
        candidate_id: S2,
        last_log_index: Index(2),
        last_log_term: Term(2),
        leadership_transfer: false,
    });
    let asks = Event::Request { call: CallId(9), from: S2, request };
    let batch =
        vec![command(1), query(2), asks, Event::Timeout(Timer::Election), vote(), command(3)];
    let effects = handle_all(check, &mut node, batch)?;
    check.equal("the term that S1 leads", node.leads(), Some(Term(4)))?;
    let concluded = |id, expected: &[Conclusion], what: &str| {
        let answers = answers_to(&effects, RequestId(id));
        let conclusions: Vec<Conclusion> = answers.iter().map(conclusion).collect();
        let happened = format!("it is told {}", all_in_words(&answers));
        check.holds(conclusions == expected, format!("client {id} {what}"), happened)
    };
    concluded(1, &[Conclusion::Unknown], "learns that its outcome is unknown")?;
    let answers = answers_to(&effects, RequestId(2));
    let happened = format!("it is told {}", all_in_words(&answers));
    let is_over = matches!(&answers[..], [Err(_)]);
    check.holds(
        is_over,
        "client 2 gets an error, once: nobody has confirmed its read",
        happened,
    )?;
    concluded(3, &[], "waits: its command is in the log of the leader of term 4")
}

static SILENT: Rules = Rules { replicate_to: sends_nothing, ..RULES };

fn by_the_table(check: &mut Context) -> Verdict {
    written()?;
    check.step("S1 of 3 leads, with a row replicate_to that sends nothing; two commands arrive in one batch");
    let mut node = leading(&SILENT);
    let effects = handle_all(check, &mut node, vec![command(1), command(2)])?;
    went_by_the_table(check, &effects)?;
    // With the row as it is, something must be sent.
    check.step("S1 of 3 leads; two commands arrive in one batch");
    let mut node = leading(table(11));
    let effects = handle_all(check, &mut node, vec![command(1), command(2)])?;
    are_sent(check, &effects, "one with entries 3 to 4")
}

fn goes_on(check: &mut Context) -> Verdict {
    written()?;
    let mut node = leading(table(11));
    check.step("S1 of 3 leads, and its log ends with entry 2; two commands arrive in one batch");
    let effects = handle_all(check, &mut node, vec![command(1), command(2)])?;
    are_sent(check, &effects, "one with entries 3 to 4")?;
    check.step(
        "S1 of 3 leads, and its log ends with entry 2; two commands arrive in one batch; before any reply, a third command \
         arrives",
    );
    let effects = handle_all(check, &mut node, vec![command(3)])?;
    are_sent(check, &effects, "one with entry 5")
}

fn limited(check: &mut Context) -> Verdict {
    written()?;
    let mut node = leading(table(11));
    node.config.max_entries = 2;
    check.step("S1 of 3 leads, with `max_entries` 2, and its log ends with entry 2; five commands arrive in one batch");
    let effects = handle_all(check, &mut node, (1..=5).map(command).collect())?;
    are_sent(check, &effects, "one with entries 3 to 4")?;
    check.step(
        "S1 of 3 leads, with `max_entries` 2, and its log ends with entry 2; five commands arrive in one batch; then another \
         command",
    );
    let effects = handle_all(check, &mut node, vec![command(6)])?;
    are_sent(check, &effects, "one with entries 5 to 6")
}

fn nothing_sent(check: &mut Context) -> Verdict {
    written()?;
    let mut node = leading(&SILENT);
    check.step(
        "S1 of 3 leads, and its log ends with entry 2; a command arrives while the row replicate_to sends nothing, and \
         another one while it sends again",
    );
    handle_all(check, &mut node, vec![command(1)])?;
    node.rules = table(11);
    let effects = handle_all(check, &mut node, vec![command(2)])?;
    are_sent(check, &effects, "one with entries 3 to 4")
}
