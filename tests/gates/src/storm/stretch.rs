//! What must happen while a quorum is up and connected, and the rest stays down or cut off.

use std::time::Duration;

use simulator::{Outside, Timed};

use super::end::End;
use super::goal::Goal;

/// A quorum must have a leader within this time: 50 of the longest election timeouts. Servers outside the quorum that
/// reach some of it may start elections all the time, and each may cost a round. In the storms of the gates, right
/// servers took less than 3 s; …
const TO_LEAD: Duration = Duration::from_secs(15);

/// … and a command of a client must be committed within this one: 200 of the longest election timeouts. Before that,
/// a follower that the quorum cannot do without may need a log of several hundred entries, which the slowest right
/// server sends one per heartbeat.
const TO_COMMIT: Duration = Duration::from_mins(1);

/// A quorum elects a leader, which need not stay. Where entries are committed, a client's command that was sent in
/// this stretch has a result. While servers outside reach some of the quorum, that is demanded only where leaders
/// hold out against them. So the servers outside are alone in every other round.
pub(super) fn progress(world: &mut Timed, goal: Goal, round: u32) -> Result<(), End> {
    let outside = match (goal.has_stable_leaders(), round % 2) {
        (true, _) => Outside::OneWay,
        (false, 0) => Outside::Alone,
        (false, _) => Outside::Bridges,
    };
    let quorum = world.connect_quorum(outside)?;
    let sent = world.newest_request();
    let must_commit =
        goal.has_results() && (goal.has_stable_leaders() || outside == Outside::Alone);
    let is_done = if must_commit {
        world.run_until_here(TO_COMMIT, |world| world.newest_result() > sent)?
    } else {
        world.run_until_here(TO_LEAD, Timed::has_quorum_leader)?
    };
    if is_done {
        return Ok(());
    }
    let names: Vec<String> = quorum.iter().map(ToString::to_string).collect();
    let (quorum, links) = (names.join(" "), world.describe_links());
    Err(if must_commit {
        End::NothingCommitted { quorum, links }
    } else {
        End::NoQuorumLeader { quorum, links }
    })
}
