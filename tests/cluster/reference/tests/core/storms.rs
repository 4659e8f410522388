//! Right servers under the core, in storms: crashes between append and fsync, even with a snapshot in the same
//! batch, fsyncs that fail, replies from earlier lives, delays, losses and duplicates. The judge looks at every
//! server after each event, and at its disk whenever something leaves it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cluster::core::{Answer, ConnectionId, Protections};
use protocol::ServerId;
use simulator::{DriverFaults, Property, Tally, Wrong};

use super::simulated::world;

/// The servers that keep their state on disk.
const KINDS: [&str; 4] = ["reference-5", "reference-6", "reference", "reference-open"];

/// How much virtual time passes in a storm, and after it.
const STORM: Duration = Duration::from_secs(6);
const CALM: Duration = Duration::from_secs(3);

/// A storm, and what happened in it.
fn storm(kind: &str, seed: u64, protections: Protections) -> Result<Tally, Wrong> {
    let make = cluster_reference::kind(kind).expect("there is such a server").make;
    let (mut world, answers) = world(make, seed, protections, DriverFaults::stormy());
    world.run_for(STORM)?;
    world.set_faults(DriverFaults::calm());
    world.run_for(CALM)?;
    if protections == Protections::ALL {
        let acknowledged = acknowledged(&answers.borrow());
        assert!(acknowledged.len() > 20, "{kind}, seed {seed}: {} commands", acknowledged.len());
        for id in [1, 2, 3].map(ServerId) {
            let driver = world.driver(id).expect("all servers are up by now");
            // Log and snapshot were often in one batch.
            if kind != "reference-5" {
                assert!(driver.core().node().base().0.0 > 0, "{kind}, seed {seed}: no snapshot");
            }
            let value = driver.core().node().machine().query(b"get x");
            let executed = numbers(&String::from_utf8_lossy(&value));
            let lost: Vec<_> = acknowledged.difference(&executed).collect();
            // The last ones may be on their way to a follower.
            let newest = acknowledged.iter().rev().take(20).collect::<Vec<_>>();
            assert!(
                lost.iter().all(|number| newest.contains(number)),
                "{kind}, seed {seed}: {id} lacks {lost:?}, which were acknowledged"
            );
        }
    }
    Ok(world.tally)
}

/// The commands whose clients got a result. An `append` results in the new value, which ends with its number.
fn acknowledged(answers: &BTreeMap<ConnectionId, Vec<Answer>>) -> BTreeSet<u64> {
    let mut numbers = BTreeSet::new();
    for (connection, answers) in answers {
        assert_eq!(answers.len(), 1, "{connection:?} asked once");
        if let Answer::Result(value) = &answers[0]
            && !connection.0.is_multiple_of(3)
        {
            let value = String::from_utf8_lossy(value).into_owned();
            assert!(value.ends_with(&format!("{},", connection.0)), "{connection:?}: {value}");
            numbers.insert(connection.0);
        }
    }
    numbers
}

fn numbers(value: &str) -> BTreeSet<u64> {
    value.split(',').filter_map(|number| number.parse().ok()).collect()
}

#[test]
fn right_servers_stay_right_under_the_core() {
    for kind in KINDS {
        let mut all = Tally::default();
        for seed in 0..5 {
            let tally = storm(kind, seed, Protections::ALL)
                .unwrap_or_else(|wrong| panic!("{kind}, seed {seed}: {wrong}"));
            all.turns += tally.turns;
            all.crashes += tally.crashes;
            all.stops += tally.stops;
            all.stale_replies += tally.stale_replies;
            all.largest_batch = all.largest_batch.max(tally.largest_batch);
        }
        // Otherwise the storms would show little.
        assert!(all.crashes > 20 && all.stops > 20, "{kind}: {all:?}");
        assert!(all.stale_replies > 100 && all.largest_batch >= 5, "{kind}: {all:?}");
    }
}

#[test]
fn a_run_is_the_same_when_it_is_repeated() {
    assert_eq!(
        storm("reference", 3, Protections::ALL).unwrap(),
        storm("reference", 3, Protections::ALL).unwrap()
    );
}

/// What the judge says of the first storm that ends badly without a protection.
fn found(kinds: &[&str], protections: Protections) -> Wrong {
    let storms = (0..60).flat_map(|seed| kinds.iter().map(move |kind| (kind, seed)));
    for (kind, seed) in storms {
        if let Err(wrong) = storm(kind, seed, protections) {
            return wrong;
        }
    }
    panic!("no storm has shown what happens without this protection: {protections:?}");
}

#[test]
fn without_the_flush_what_others_were_told_is_lost() {
    let wrong = found(&KINDS, Protections { flush_first: false, ..Protections::ALL });
    let Wrong::Breach(breach) = wrong else { panic!("{wrong}") };
    assert_eq!(breach.property, Property::AnsweredIsKept, "{breach}");
}

#[test]
fn without_stopping_after_a_failed_flush_what_others_were_told_is_lost() {
    let wrong = found(&KINDS, Protections { stop_on_failure: false, ..Protections::ALL });
    let Wrong::Breach(breach) = wrong else { panic!("{wrong}") };
    assert_eq!(breach.property, Property::AnsweredIsKept, "{breach}");
}

#[test]
fn without_boot_numbers_replies_to_earlier_lives_break_figure_3() {
    let wrong = found(&KINDS, Protections { boot_numbers: false, ..Protections::ALL });
    assert!(matches!(wrong, Wrong::FalseAcknowledgement { .. }), "{wrong}");
}
