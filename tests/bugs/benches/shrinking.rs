//! How long it takes to make a script of a storm that ended badly: whole storms of 2,000 events at most, of
//! servers with a mistake. `cargo bench -p bugs --bench shrinking`; figures are in `docs/performance.md`.

#[path = "../tests/seeded/mod.rs"]
mod seeded;

use divan::Bencher;
use seeded::{Failed, SEEDED, Seeded, length_of_shortest};

/// How many storms there are for each mistake; each is shrunk once.
const STORMS: u32 = 40;

fn main() {
    for seeded in &SEEDED {
        let shortest = length_of_shortest(seeded).expect("the shortest script shows the mistake");
        let mut lengths: Vec<usize> = storms(seeded).iter().map(|it| length(seeded, it)).collect();
        lengths.sort_unstable();
        let (median, most) = (lengths[lengths.len() / 2], lengths[lengths.len() - 1]);
        println!("{}: {median} actions (at most {most}; {shortest} are known)", seeded.name);
    }
    divan::main();
}

fn storms(seeded: &Seeded) -> Vec<Failed> {
    seeded.failed().take(STORMS as usize).collect()
}

fn length(seeded: &Seeded, failed: &Failed) -> usize {
    seeded.shrunk(failed).map_or(0, |shrunk| shrunk.actions.len())
}

/// One storm; each sample is another one.
#[divan::bench(args = 0..SEEDED.len(), sample_count = STORMS, sample_size = 1)]
fn shrinking(bencher: Bencher, mistake: usize) {
    let seeded = &SEEDED[mistake];
    let mut storms = storms(seeded).into_iter();
    bencher
        .with_inputs(move || storms.next().expect("a storm for each sample"))
        .bench_local_values(|failed| (seeded.shrunk(&failed), failed));
}
