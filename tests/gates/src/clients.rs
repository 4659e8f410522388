//! What a client may conclude from an answer, which is what answers are judged by.
//!
//! Several errors say the same: a server that is not leader may name the leader, or simply reject the request. Checks
//! compare what the client knows afterwards, not which error it received. An exercise that asks for a certain error,
//! such as the redirection of 4.6, says so.

use protocol::{ClientError, Effect, RequestId, ServerId};
use simulator::ClientAnswer;

/// What a client knows about its request, once it has an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// It was executed.
    Executed,
    /// It was not executed, and never will be.
    NotExecuted,
    /// It may or may not be executed, now or later.
    Unknown,
}

/// What a client may conclude from this answer.
pub fn conclusion(answer: &ClientAnswer) -> Conclusion {
    match answer {
        Ok(_) => Conclusion::Executed,
        Err(ClientError::NotLeader(_) | ClientError::Refused | ClientError::SessionExpired) => {
            Conclusion::NotExecuted
        }
        Err(ClientError::Unknown) => Conclusion::Unknown,
    }
}

/// The server that the client is sent to, if the answer names one.
pub fn leader_named(answer: &ClientAnswer) -> Option<ServerId> {
    match answer {
        Err(ClientError::NotLeader(leader)) => *leader,
        _ => None,
    }
}

/// The answers to this request, in order.
pub fn answers_to(effects: &[Effect], request: RequestId) -> Vec<ClientAnswer> {
    let answer = |effect: &Effect| match effect {
        Effect::Client { id, result } if *id == request => Some(result.clone()),
        _ => None,
    };
    effects.iter().filter_map(answer).collect()
}

/// An answer, in words.
pub fn in_words(answer: &ClientAnswer) -> String {
    match answer {
        Ok(result) if result.is_empty() => "done".to_owned(),
        Ok(result) => String::from_utf8_lossy(result).into_owned(),
        // Both say that nothing was done, and no more.
        Err(ClientError::NotLeader(None) | ClientError::Refused) => "refused".to_owned(),
        Err(ClientError::NotLeader(Some(leader))) => format!("not the leader; {leader} leads"),
        Err(ClientError::Unknown) => "unknown: may or may not be executed".to_owned(),
        Err(ClientError::SessionExpired) => "no such session: not executed now".to_owned(),
    }
}

/// Answers to one request, in words.
pub fn all_in_words(answers: &[ClientAnswer]) -> String {
    let words: Vec<String> =
        answers.iter().map(|answer| format!("“{}”", in_words(answer))).collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(", and then ") }
}
