//! Clients that each have one command under way.

use std::fmt;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use super::super::refusal::{Context as _, Outcome};
use super::super::talk::Reply;
use crate::client::{Client, Outcome as Ended};

/// How many clients ask at once.
pub(super) const CLIENTS: [usize; 3] = [1, 16, 64];

/// The bytes of a value.
const VALUE: [u8; 100] = [b'x'; 100];

/// A client of any system.
pub(super) trait Put: Send {
    /// Stores a value, and returns when it is stored.
    fn put(&mut self, key: &[u8], value: &[u8]) -> io::Result<()>;
}

/// A client of the lab's servers.
pub(super) struct Ours(pub(super) Client);

impl Put for Ours {
    fn put(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            match self.0.ask(&[b"SET", key, value], until, &mut |_| ()) {
                Ended::Done(Reply::Simple(_)) => return Ok(()),
                // It does no harm to store the same value twice.
                Ended::Unknown if Instant::now() < until => {}
                other => return Err(io::Error::other(format!("a put ended with {other:?}"))),
            }
        }
    }
}

/// What a load has shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Figures {
    /// Commands a second.
    pub(super) rate: f64,
    pub(super) p50: Duration,
    pub(super) p99: Duration,
}

impl Figures {
    /// The median of each figure.
    pub(super) fn median(all: &[Figures]) -> Figures {
        let mut rates: Vec<f64> = all.iter().map(|it| it.rate).collect();
        rates.sort_by(f64::total_cmp);
        let time = |of: fn(&Figures) -> Duration| {
            let mut times: Vec<Duration> = all.iter().map(of).collect();
            times.sort_unstable();
            times[times.len() / 2]
        };
        Figures { rate: rates[rates.len() / 2], p50: time(|it| it.p50), p99: time(|it| it.p99) }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = |time: Duration| time.as_secs_f64() * 1_000.0;
        write!(
            f,
            "{:.0}/s, p50 {:.1} ms, p99 {:.1} ms",
            self.rate,
            millis(self.p50),
            millis(self.p99)
        )
    }
}

/// Lets this many clients put one value after another, each to keys of its own.
pub(super) fn closed_loop(
    clients: usize,
    time: Duration,
    mut client: impl FnMut() -> Outcome<Box<dyn Put>>,
) -> Outcome<Figures> {
    let mut all = (0..clients).map(|_| client()).collect::<Outcome<Vec<_>>>()?;
    // Connections are made, and leaders found, before the time counts.
    for client in &mut all {
        client.put(b"first", &VALUE).context(|| "a client cannot put".to_owned())?;
    }
    let begin = Instant::now();
    let threads: Vec<_> = (0..)
        .zip(all)
        .map(|(number, client)| thread::spawn(move || puts(number, client, begin, time)))
        .collect();
    let mut latencies = Vec::new();
    for thread in threads {
        let ended = thread.join().expect("a client does not panic");
        latencies.extend(ended.context(|| "a client cannot put".to_owned())?);
    }
    let took = begin.elapsed();
    latencies.sort_unstable();
    let count = u32::try_from(latencies.len()).unwrap_or(u32::MAX);
    let part = |hundredths: usize| {
        latencies[(latencies.len() * hundredths / 100).min(latencies.len() - 1)]
    };
    Ok(Figures { rate: f64::from(count) / took.as_secs_f64(), p50: part(50), p99: part(99) })
}

fn puts(
    number: u64,
    mut client: Box<dyn Put>,
    begin: Instant,
    time: Duration,
) -> io::Result<Vec<Duration>> {
    let mut latencies = Vec::new();
    for count in 0_u64.. {
        let asked = Instant::now();
        // The last one begins in time: there is at least one.
        if count > 0 && begin.elapsed() >= time {
            break;
        }
        client.put(format!("key-{number}-{}", count % 1_000).as_bytes(), &VALUE)?;
        latencies.push(asked.elapsed());
    }
    Ok(latencies)
}
