//! Exercise 7.4: removing a server, even the leader itself.

use gates::{Check, Checks, Context, Verdict};

use super::model::RaftNode;
use super::servers::{S2, S3, Step, armed, client, heartbeats, leads, of, role_of, success, told};
use super::subject::protocol::{ClientRequest, Event, Index, RequestId, Timer};
use super::table;

const COUNTS: &str = "§6: until the new configuration is committed, such a leader \"is managing a cluster that does \
     not include itself; it replicates log entries but does not count itself in majorities\".";
const STEPS_DOWN: &str = "§6: a leader that is not part of the new configuration \"steps down (returns to follower \
     state) once it has committed\" it. §8: its clients learn how their requests ended; what is in the log may \
     still be committed.";
const STAYS: &str = "§6: only a leader that its own configuration leaves out steps down. The removal of another \
     server does not concern it.";

pub(super) fn checks() -> Vec<Check> {
    #[rustfmt::skip]
    let checks = Checks::of("7.4").each([
        ("advance_commit", "A leader that removes itself keeps leading until that is committed, without counting itself", COUNTS, leads_on),
        ("advance_commit", "A leader steps down when its own removal is committed", STEPS_DOWN, steps_down),
        ("advance_commit", "A leader that removes another server stays leader", STAYS, stays),
    ]);
    checks.list()
}

/// S1 leads S2 and S3, and is asked for a change to these members.
fn changing(check: &mut Context, members: &str, what: &str) -> Step<RaftNode> {
    let mut node = leads(check, table(4), "123", "3", 1)?;
    check.step(format!("S1 leads term 3 with S2 and S3; a client asks it to remove {what}"));
    client(check, &mut node, ClientRequest::Change(of(members)))?;
    check.same_text("S1", &role_of(&node), "the leader of term 3")?;
    Ok(node)
}

fn leads_on(check: &mut Context) -> Verdict {
    let mut node = changing(check, "23", "itself")?;
    check.step("S1 removes itself; S2 acknowledges the change: one of the two members holds it");
    check.handle(&mut node, success(S2, 2))?;
    check.equal("S1's commit index", node.commit_index, Index(1))?;
    check.same_text("S1", &role_of(&node), "the leader of term 3")?;
    check.step("S1 removes itself; a command arrives, and S2 acknowledges it");
    client(check, &mut node, ClientRequest::Command("set x 1".into()))?;
    check.handle(&mut node, success(S2, 3))?;
    check.equal("the last index of S1's log", node.log.last_index(), Index(3))?;
    check.equal("S1's commit index", node.commit_index, Index(1))
}

fn steps_down(check: &mut Context) -> Verdict {
    let mut node = changing(check, "23", "itself")?;
    let (command, query) = (RequestId(8), RequestId(9));
    let request = ClientRequest::Command("set x 1".into());
    check.handle(&mut node, Event::Client { id: command, request })?;
    let request = ClientRequest::Query(b"get x".as_slice().into());
    let mut effects = check.handle(&mut node, Event::Client { id: query, request })?;
    check.step(
        "S1 removes itself, and then takes a command (c8) and a query (c9); S2 and S3 acknowledge the \
         change, but not yet the command, and S1's heartbeat timer runs out",
    );
    effects.extend(check.handle(&mut node, success(S2, 2))?);
    effects.extend(check.handle(&mut node, success(S3, 2))?);
    effects.extend(heartbeats(check, &mut node, 1)?);
    check.equal("S1's commit index", node.commit_index, Index(2))?;
    let told = told(&effects);
    check.holds(told.contains("c7: done"), "the client of the change gets: done", &*told)?;
    check.same_text("S1", &role_of(&node), "a follower in term 3")?;
    let waits = armed(&effects, Timer::Election).is_some();
    check.holds(waits, "S1's election timer is armed, like that of any follower", "it is not")?;
    check.holds(told.contains("c8: unknown"), "the client of the command gets: unknown", &*told)?;
    for id in ["c7: ", "c8: ", "c9: "] {
        let once = told.matches(id).count() == 1;
        check.holds(once, "each client learns once how its request ended", &*told)?;
    }
    Ok(())
}

fn stays(check: &mut Context) -> Verdict {
    let mut node = changing(check, "12", "S3")?;
    check.step("S1 removes S3; S2 acknowledges the change, and S1's heartbeat timer runs out");
    let mut effects = check.handle(&mut node, success(S2, 2))?;
    effects.extend(heartbeats(check, &mut node, 1)?);
    check.equal("S1's commit index", node.commit_index, Index(2))?;
    check.same_text("the client gets", &told(&effects), "c7: done")?;
    check.same_text("S1", &role_of(&node), "the leader of term 3")
}
