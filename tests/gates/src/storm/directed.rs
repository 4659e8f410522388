//! Faults that are each made for one mistake. What a server does with its election timer shows only in later
//! elections, and random faults hardly ever lead to the one that matters.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use protocol::{Config, Entry, ServerId, Term};
use simulator::{Cluster, Faults, InitialState, NodeFactory, Stop, Timed, TimedOptions};

use crate::scenario::stopped;
use crate::{Context, Verdict};

/// A right cluster needs about a second. This is long enough for a dozen split votes in a row.
const TO_LEAD: Duration = Duration::from_secs(15);

/// An old leader, which receives nothing and still believes it is the leader, keeps sending requests to a server that
/// has long followed a newer leader. When the newer leader falls silent, that server must not mistake the old
/// leader's requests for heartbeats.
///
/// # Errors
/// If no server is elected in the end.
pub fn old_leader(context: &mut Context, factory: &NodeFactory) -> Verdict {
    let seed = context.seed();
    context.step("three servers elect a leader");
    let options = options(seed);
    let mut world = Timed::new(options, factory.clone()).map_err(|stop| stopped(&stop))?;
    let agreed = |cluster: &Cluster| Timed::agreed_leader(cluster).is_some();
    let old = elected(context, &mut world, agreed)?;
    let ids: Vec<ServerId> =
        world.cluster.servers().iter().copied().filter(|&id| id != old.1).collect();
    let follower = ids[0];
    let lose_all = Faults { lose_request: u16::MAX, lose_reply: u16::MAX, ..Faults::calm() };
    context.step(format!(
        "from now on {} receives nothing, and only {follower} receives anything from it; another leader is elected",
        old.1
    ));
    for &id in &ids {
        world.set_link_faults(id, old.1, lose_all.clone());
    }
    world.set_link_faults(old.1, ids[1], lose_all.clone());
    let newer = |than: (Term, ServerId)| {
        move |cluster: &Cluster| cluster.leaders().iter().any(|&(term, _)| term > than.0)
    };
    let new = elected(context, &mut world, newer(old))?;
    context.step(format!(
        "from now on the requests of {}, which leads term {}, are lost; {} still calls {follower} in term {}",
        new.1, new.0, old.1, old.0
    ));
    let mute = Faults { lose_request: u16::MAX, ..Faults::calm() };
    for &id in ids.iter().filter(|&&id| id != new.1) {
        world.set_link_faults(new.1, id, mute.clone());
    }
    elected(context, &mut world, newer(new)).map(|_| ())
}

/// A server whose log is behind asks for votes again and again, before any other server times out. It cannot
/// win, and must not keep the others from trying.
///
/// # Errors
/// If no server is ever elected.
pub fn hopeless_candidate(context: &mut Context, factory: &NodeFactory) -> Verdict {
    const HOPELESS: ServerId = ServerId(1);
    let log = vec![Entry::command(Term(1), "set x 1")];
    let ahead = InitialState { current_term: Term(1), log, ..InitialState::default() };
    let given: BTreeMap<ServerId, InitialState> =
        [2, 3].into_iter().map(|id| (ServerId(id), ahead.clone())).collect();
    let factory = factory.clone();
    let hasty: NodeFactory = Arc::new(move |mut setup, given| {
        if setup.id == HOPELESS {
            setup.config.election_timeout = Duration::from_millis(50)..Duration::from_millis(60);
        }
        factory(setup, given)
    });
    context.step(format!(
        "S2 and S3 have an entry that {HOPELESS} lacks; {HOPELESS} times out after 50 ms, the others after \
         150 to 300 ms"
    ));
    let mut world =
        Timed::given(options(context.seed()), hasty, &given).map_err(|stop| stopped(&stop))?;
    elected(context, &mut world, |cluster| !cluster.leaders().is_empty()).map(|_| ())
}

fn options(seed: u64) -> TimedOptions {
    let (config, faults) = (Config::default(), Faults::calm());
    TimedOptions { servers: 3, config, seed, faults, trace: false }
}

/// Runs until `done`, and returns the newest leader.
fn elected(
    context: &Context,
    world: &mut Timed,
    done: impl FnMut(&Cluster) -> bool,
) -> Result<(Term, ServerId), Box<crate::Failure>> {
    let expected = "within 15 s of virtual time a leader is elected";
    let led = world.run_until(TO_LEAD, done).map_err(|stop: Stop| stopped(&stop))?;
    let leader = world.cluster.leaders().first().copied().filter(|_| led);
    leader.ok_or_else(|| context.failure(expected, "none is"))
}
