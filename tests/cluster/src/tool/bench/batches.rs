//! What batches are worth (exercise 4.11): the same servers, which receive their events in three ways.

use std::path::Path;
use std::time::Duration;

use super::super::machines::{Machines, clear};
use super::super::refusal::Outcome;
use super::asked::{Asked, ours_of};
use super::load::{CLIENTS, Figures, closed_loop};
use crate::core::Batches;

/// The ways, and what each is.
const WAYS: [(Batches, &str); 3] = [
    (Batches::Off, "one event at a time, by `handle`"),
    (Batches::Single, "batches of one event, by `handle_all`"),
    (Batches::Together, "all that has arrived, by `handle_all`"),
];

/// Puts by closed loops, in rounds that alternate between the three ways.
pub(super) fn compared(dir: &Path, asked: &Asked) -> Outcome<()> {
    let start = |(way, _): (Batches, &str)| {
        let dir = dir.join(way.word());
        clear(&dir)?;
        Machines::start_with(&dir, &asked.made_of, 3, false, way)
    };
    let clusters = WAYS.map(start).into_iter().collect::<Outcome<Vec<_>>>()?;
    let time = Duration::from_secs(asked.seconds);
    println!(
        "Puts of 100 bytes by closed loops, servers made of `{}`, {} rounds of {} s each:",
        asked.made_of, asked.rounds, asked.seconds
    );
    for clients in CLIENTS {
        let mut figures = WAYS.map(|_| Vec::new());
        for _ in 0..asked.rounds {
            for (machines, figures) in clusters.iter().zip(&mut figures) {
                figures.push(closed_loop(clients, time, || Ok(ours_of(machines)))?);
            }
        }
        let medians = figures.map(|all| Figures::median(&all));
        for ((_, what), median) in WAYS.iter().zip(&medians) {
            let times = median.rate / medians[0].rate;
            println!("  {clients:>3} clients, {what:<37}  {median}; {times:.2} times the first");
        }
    }
    clusters.into_iter().try_for_each(Machines::end)
}
