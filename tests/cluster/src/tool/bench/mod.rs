//! `cluster bench`: how fast the servers are, beside etcd, and how soon they recover. It measures and judges nothing.
//!
//! | file | about |
//! |---|---|
//! | `asked.rs` | what is measured, and the client that asks our servers |
//! | `batches.rs` | the same servers, which receive their events in three ways |
//! | `load.rs` | clients that each have one command under way |
//! | `timings.rs` | a killed leader, elections under load, a stopped follower, memory |
//! | `etcd.rs` | etcd's servers |
//! | `grpc.rs` | as much of gRPC as a put needs |

mod asked;
mod batches;
mod etcd;
mod grpc;
mod load;
mod timings;

use std::path::Path;
use std::time::Duration;

pub(super) use self::asked::Asked;

use self::asked::ours_of;
use self::etcd::Etcd;
use self::load::{CLIENTS, Figures, closed_loop};
use super::machines::{Machines, clear};
use super::refusal::{Outcome, refuse};

/// Measures, and prints.
pub(super) fn bench(dir: &Path, asked: &Asked) -> Outcome<()> {
    if let Some(other) = asked.beside.as_ref().filter(|name| *name != "etcd") {
        return refuse(format!("--beside takes `etcd`, not `{other}`"));
    }
    if asked.batches {
        return batches::compared(dir, asked);
    }
    puts(dir, asked)?;
    timings::all(dir, asked)
}

/// Puts by closed loops, in alternating rounds.
fn puts(dir: &Path, asked: &Asked) -> Outcome<()> {
    let lab = dir.join("lab");
    clear(&lab)?;
    let machines = Machines::start(&lab, &asked.made_of, 3, false)?;
    let etcd = match asked.beside {
        Some(_) => Some(Etcd::start(&dir.join("etcd"))?),
        None => None,
    };
    let time = Duration::from_secs(asked.seconds);
    println!(
        "Puts of 100 bytes by closed loops, {} rounds of {} s each:",
        asked.rounds, asked.seconds
    );
    for clients in CLIENTS {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..asked.rounds {
            ours.push(closed_loop(clients, time, || Ok(ours_of(&machines)))?);
            if let Some(etcd) = &etcd {
                theirs.push(closed_loop(clients, time, || etcd.client())?);
            }
        }
        let ours = Figures::median(&ours);
        print!("  {clients:>3} clients: {} {ours}", asked.made_of);
        if !theirs.is_empty() {
            let theirs = Figures::median(&theirs);
            print!(
                "; etcd {theirs}; {:.2} times the rate, {:.2} times the p99",
                ours.rate / theirs.rate,
                ours.p99.as_secs_f64() / theirs.p99.as_secs_f64()
            );
        }
        println!();
    }
    machines.end()
}
