//! Exercise 4.6: what clients may ask besides commands. The rest of the exercise is in scenarios.

use gates::{Check, Checks, Context, Verdict};

use super::model::Role;
use super::servers::{S2, asked, leader, role_of, server};
use super::subject::protocol::{ClientRequest, Members, ServerId};
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
            ("Who does not lead says so, whatever it is asked", REDIRECT, not_leader),
            ("A leader refuses what it cannot do yet", REFUSE, refuses),
        ])
        .list()
}

fn not_leader(check: &mut Context) -> Verdict {
    let roles = [
        (Role::Follower { leader: None }, "not the leader, and knows none"),
        (Role::Follower { leader: Some(S2) }, "not the leader; S2 leads"),
        (Role::Candidate { votes: [S2].into() }, "not the leader, and knows none"),
    ];
    for (role, expected) in roles {
        let requests = [
            ("a command", ClientRequest::Command("set x 1".into())),
            ("a query", ClientRequest::Query("get x".into())),
            ("a change of the configuration", ClientRequest::Change(Members::new())),
            ("a transfer of leadership", ClientRequest::Transfer(ServerId(3))),
        ];
        for (what, request) in requests {
            let mut node = server(table(6), 3, 2, &[1]);
            node.role = role.clone();
            check.step(format!("S1 is {}; a client asks for {what}", role_of(&role)));
            let told = asked(check, &mut node, request)?;
            check.same_text("the client is told", &told, expected)?;
            check.equal("the last index of S1's log", node.log.last_index().0, 1)?;
        }
    }
    Ok(())
}

fn refuses(check: &mut Context) -> Verdict {
    let requests = [
        ("a change of the configuration", ClientRequest::Change([S2].into())),
        ("a transfer of leadership", ClientRequest::Transfer(S2)),
    ];
    for (what, request) in requests {
        let mut node = server(table(6), 3, 2, &[1]);
        node.role = leader(&[(2, 0), (3, 0)]);
        check.step(format!("S1 leads; a client asks for {what}"));
        let told = asked(check, &mut node, request)?;
        check.same_text("the client is told", &told, "refused")?;
        check.equal("the last index of S1's log", node.log.last_index().0, 1)?;
    }
    Ok(())
}
