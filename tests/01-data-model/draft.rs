//! Exercise 1.1: the learner's own draft of messages and roles. JSON in must be JSON out.

use gates::{Check, Context, Failure, Verdict};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::subject::draft::{Entry, Message, Role};

const ROLES: &[&str] = &[r#""Follower""#, r#""Candidate""#, r#""Leader""#];
const ENTRIES: &[&str] = &[r#"{"term":3,"command":"set x 1"}"#];
const REQUEST_VOTE: &[&str] =
    &[r#"{"RequestVote":{"term":2,"candidate_id":1,"last_log_index":5,"last_log_term":1}}"#];
const REQUEST_VOTE_REPLY: &[&str] = &[
    r#"{"RequestVoteReply":{"term":2,"vote_granted":true}}"#,
    r#"{"RequestVoteReply":{"term":3,"vote_granted":false}}"#,
];
const APPEND_ENTRIES: &[&str] = &[
    r#"{"AppendEntries":{"term":4,"leader_id":2,"prev_log_index":6,"prev_log_term":3,"entries":[],"leader_commit":5}}"#,
    r#"{"AppendEntries":{"term":4,"leader_id":2,"prev_log_index":6,"prev_log_term":3,"entries":[{"term":3,"command":"set x 1"},{"term":4,"command":"set y 2"}],"leader_commit":5}}"#,
];
const APPEND_ENTRIES_REPLY: &[&str] = &[
    r#"{"AppendEntriesReply":{"term":4,"success":true}}"#,
    r#"{"AppendEntriesReply":{"term":5,"success":false}}"#,
];

pub(super) fn checks() -> Vec<Check> {
    let check = |about: &str, claim: &str, why: &str, body: fn(&mut Context) -> Verdict| {
        Check::new("1.1", claim, why, body).about(about)
    };
    let figure_2 = "Figure 2: the boxes \"RequestVote RPC\" and \"AppendEntries RPC\", parts Arguments and \
         Results. A draft that names a field otherwise, or lacks one, says something else than the paper.";
    vec![
        check(
            "Role",
            "The three roles are those of Figure 4",
            "§5.1, Figure 4: \"At any given time each server is in one of three states: leader, \
             follower, or candidate\"",
            |check| each::<Role>(check, ROLES),
        ),
        check(
            "Entry",
            "An entry has a term and a command",
            "§5.3; Figure 2, State: \"each entry contains command for state machine, and term when \
             entry was received by leader\"",
            |check| each::<Entry>(check, ENTRIES),
        ),
        check("Message", "RequestVote has the arguments of Figure 2", figure_2, |check| {
            each::<Message>(check, REQUEST_VOTE)
        }),
        check("Message", "RequestVoteReply has the results of Figure 2", figure_2, |check| {
            each::<Message>(check, REQUEST_VOTE_REPLY)
        }),
        check("Message", "AppendEntries has the arguments of Figure 2", figure_2, |check| {
            each::<Message>(check, APPEND_ENTRIES)
        }),
        check("Message", "AppendEntriesReply has the results of Figure 2", figure_2, |check| {
            each::<Message>(check, APPEND_ENTRIES_REPLY)
        }),
        check(
            "Message",
            "A field that Figure 2 does not have is rejected",
            "Figure 2 says all that travels between two servers. A receiver that overlooks a field \
             misunderstands its sender: that is what `deny_unknown_fields` is for.",
            |check| in_all(check, with_one_more),
        ),
        check(
            "Message",
            "A message without one of its fields is rejected",
            "Figure 2: every field is part of every request. Where a field may be left out, or is \
             optional, the receiver has to guess it.",
            |check| in_all(check, with_one_less),
        ),
    ]
}

/// Every text is read, and written again as it was.
fn each<T: Serialize + DeserializeOwned>(check: &mut Context, texts: &[&str]) -> Verdict {
    for text in texts {
        check.step(format!("read {text}"));
        let value: T = serde_json::from_str(text).map_err(|error| unread(check, &error))?;
        check.step(format!("read {text}, and write it again"));
        let written = serde_json::to_value(&value).map_err(|error| unread(check, &error))?;
        check.same_text("JSON", &written.to_string(), &parsed(text).to_string())?;
    }
    Ok(())
}

/// What serde says; a type that has nothing in it yet is an exercise not begun.
fn unread(check: &Context, error: &serde_json::Error) -> Box<Failure> {
    let error = error.to_string();
    if error.contains("there are no variants") || error.contains("there are no fields") {
        return Failure::todo("1.1");
    }
    let error = error.split(" at line ").next().unwrap_or_default();
    check.failure("your type takes it, and gives it back", format!("serde says: {error}"))
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("the texts above are JSON")
}

/// Applies `change` to the fields of every message and of an entry; nothing that comes of it may be
/// read.
fn in_all(check: &mut Context, change: fn(&Value) -> Vec<(String, Value)>) -> Verdict {
    each::<Entry>(check, ENTRIES)?;
    for text in ENTRIES {
        for (what, changed) in change(&parsed(text)) {
            refused::<Entry>(check, &what, &changed)?;
        }
    }
    for texts in [REQUEST_VOTE, REQUEST_VOTE_REPLY, APPEND_ENTRIES, APPEND_ENTRIES_REPLY] {
        each::<Message>(check, texts)?;
        let Value::Object(message) = parsed(texts[0]) else { continue };
        for (name, fields) in message {
            for (what, changed) in change(&fields) {
                let whole = Value::Object([(name.clone(), changed)].into_iter().collect());
                refused::<Message>(check, &what, &whole)?;
            }
        }
    }
    Ok(())
}

fn refused<T: DeserializeOwned>(check: &mut Context, what: &str, value: &Value) -> Verdict {
    check.step(format!("read {value}, {what}"));
    let read = T::deserialize(value).is_ok();
    check.holds(!read, "it is refused", "it is read as if nothing were wrong with it")
}

fn with_one_more(fields: &Value) -> Vec<(String, Value)> {
    let mut more = fields.clone();
    more["mood"] = Value::from("good");
    vec![("which has a field `mood`".to_owned(), more)]
}

fn with_one_less(fields: &Value) -> Vec<(String, Value)> {
    let names: Vec<&String> =
        fields.as_object().map(|all| all.keys().collect()).unwrap_or_default();
    let without = |name: &String| {
        let mut less = fields.clone();
        less.as_object_mut().map(|all| all.remove(name));
        (format!("which lacks `{name}`"), less)
    };
    names.into_iter().map(without).collect()
}
