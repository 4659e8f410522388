//! Weather made for one mistake: what a server does with its election timer shows only in what comes of it,
//! and weather that is drawn hardly ever comes to the point.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use protocol::{Config, Entry, ServerId, Term};
use simulator::{Boot, Cluster, Faults, Given, Stop, Timed, TimedOptions};

use crate::scenario::stopped;
use crate::{Context, Verdict};

/// A right server leads within about a second.
const TO_LEAD: Duration = Duration::from_secs(15);

/// A server that believes to be leader, and hears nothing, goes on calling one of the others, which has long
/// followed a newer leader. When that one falls silent too, the other must not wait for the old one.
///
/// # Errors
/// If nobody is elected in the end.
pub fn old_leader(context: &mut Context, boot: &Boot) -> Verdict {
    let seed = context.seed();
    context.step("three servers elect a leader");
    let options = options(seed);
    let mut world = Timed::new(options, boot.clone()).map_err(|stop| stopped(&stop))?;
    let agreed = |cluster: &Cluster| Timed::agreed_leader(cluster).is_some();
    let old = elected(context, &mut world, agreed)?;
    let ids: Vec<ServerId> =
        world.cluster.servers().iter().copied().filter(|&id| id != old.1).collect();
    let follower = ids[0];
    let lose_all = Faults { lose_request: u16::MAX, lose_reply: u16::MAX, ..Faults::calm() };
    context.step(format!(
        "from now on {} hears nothing, and of the others only {follower} hears it; another leader is elected",
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
        "the calls of {}, which leads term {}, are lost from now on; {} still calls {follower} in term {}",
        new.1, new.0, old.1, old.0
    ));
    let mute = Faults { lose_request: u16::MAX, ..Faults::calm() };
    for &id in ids.iter().filter(|&&id| id != new.1) {
        world.set_link_faults(new.1, id, mute.clone());
    }
    elected(context, &mut world, newer(new)).map(|_| ())
}

/// A server whose log is behind asks for votes again and again, sooner than anybody else times out. It
/// cannot win, and must not keep the others from trying.
///
/// # Errors
/// If nobody is ever elected.
pub fn hopeless_candidate(context: &mut Context, boot: &Boot) -> Verdict {
    const HOPELESS: ServerId = ServerId(1);
    let log = vec![Entry::command(Term(1), "set x 1")];
    let ahead = Given { current_term: Term(1), log, ..Given::default() };
    let given: BTreeMap<ServerId, Given> =
        [2, 3].into_iter().map(|id| (ServerId(id), ahead.clone())).collect();
    let boot = boot.clone();
    let hasty: Boot = Arc::new(move |mut setup, given| {
        if setup.id == HOPELESS {
            setup.config.election_timeout = Duration::from_millis(50)..Duration::from_millis(60);
        }
        boot(setup, given)
    });
    context.step(format!(
        "S2 and S3 have an entry that {HOPELESS} lacks; {HOPELESS} times out after 50 ms already, they after \
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

/// Waits until it is so; gives the newest leader.
fn elected(
    context: &Context,
    world: &mut Timed,
    done: impl FnMut(&Cluster) -> bool,
) -> Result<(Term, ServerId), Box<crate::Failure>> {
    let expected = "within 15 s of virtual time one is elected";
    let led = world.run_until(TO_LEAD, done).map_err(|stop: Stop| stopped(&stop))?;
    let leader = world.cluster.leaders().first().copied().filter(|_| led);
    leader.ok_or_else(|| context.failure(expected, "nobody is"))
}
