//! Exercise 4.6: what clients may ask besides commands. The rest of the exercise is in scenarios.

use gates::clients::{Conclusion, all_in_words, answers_to, conclusion, in_words, leader_named};
use gates::simulator::ClientAnswer;
use gates::{Check, Checks, Context, Failure, Verdict};

use super::model::{RaftNode, Role};
use super::servers::{S2, leader, role_of, server};
use super::subject::protocol::{ClientRequest, Event, Members, RequestId, ServerId};
use super::table;

const REDIRECT: &str = "§8: a server that is not the leader \"will reject the client's request and supply \
     information about the most recent leader it has heard from\". Each request is answered.";
const REFUSE: &str = "protocol, ClientError::Refused: \"the request cannot be served now, and nothing was \
     done\". Changes of the configuration and transfers of leadership are module 7's; until then a client \
     that asks for one must not wait forever.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("4.6")
        .about("client_request")
        .claims([
            ("A server that is not leader says so, whatever it is asked", REDIRECT, not_leader),
            ("A leader rejects what it cannot do yet", REFUSE, refuses),
        ])
        .list()
}

/// Lets a client ask S1, which must answer once and not append anything.
fn asked(
    check: &mut Context,
    node: &mut RaftNode,
    request: ClientRequest,
) -> Result<ClientAnswer, Box<Failure>> {
    let id = RequestId(7);
    let effects = check.handle(node, Event::Client { id, request })?;
    let answers = answers_to(&effects, id);
    check.equal("the last index of S1's log", node.log.last_index().0, 1)?;
    match &answers[..] {
        [answer] => Ok(answer.clone()),
        answers => {
            let told = format!("the client gets {}", all_in_words(answers));
            Err(check.failure("the client gets one answer", told))
        }
    }
}

fn not_leader(check: &mut Context) -> Verdict {
    let roles = [
        (Role::Follower { leader: None }, None),
        (Role::Follower { leader: Some(S2) }, Some(S2)),
        (Role::Candidate { votes: [S2].into() }, None),
    ];
    for (role, leader) in roles {
        let requests = [
            ("a command", ClientRequest::Command("set x 1".into())),
            ("a query", ClientRequest::Query("get x".into())),
            ("a session", ClientRequest::Register),
            ("a change of the configuration", ClientRequest::Change(Members::new())),
            ("a transfer of leadership", ClientRequest::Transfer(ServerId(3))),
        ];
        for (what, request) in requests {
            let mut node = server(table(6), 3, 2, &[1]);
            node.role = role.clone();
            check.step(format!("S1 is {}; a client asks for {what}", role_of(&role)));
            let answer = asked(check, &mut node, request)?;
            let told = format!("the client gets “{}”", in_words(&answer));
            let expected = match leader {
                Some(leader) => {
                    format!("the client learns that nothing was done, and that {leader} leads")
                }
                None => {
                    "the client learns that nothing was done, and no leader is named".to_owned()
                }
            };
            let right =
                conclusion(&answer) == Conclusion::NotExecuted && leader_named(&answer) == leader;
            check.holds(right, expected, told)?;
        }
    }
    Ok(())
}

fn refuses(check: &mut Context) -> Verdict {
    let requests = [
        ("a change of the configuration", ClientRequest::Change([S2].into())),
        (
            "a configuration of several new servers",
            ClientRequest::Change((3..=6).map(ServerId).collect()),
        ),
        ("a configuration without servers", ClientRequest::Change(Members::new())),
        ("a transfer of leadership", ClientRequest::Transfer(S2)),
        (
            "a transfer of leadership to a server that it does not know",
            ClientRequest::Transfer(ServerId(9)),
        ),
    ];
    for (what, request) in requests {
        let mut node = server(table(6), 3, 2, &[1]);
        node.role = leader(&[(2, 0), (3, 0)]);
        check.step(format!("S1 leads; a client asks for {what}"));
        let answer = asked(check, &mut node, request)?;
        let right =
            conclusion(&answer) == Conclusion::NotExecuted && leader_named(&answer).is_none();
        let told = format!("the client gets “{}”", in_words(&answer));
        check.holds(right, "the client learns that nothing was done", told)?;
    }
    Ok(())
}
