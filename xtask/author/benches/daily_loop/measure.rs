//! Time on the clock and on the processors.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// What a command took.
pub(crate) struct Sample {
    pub(crate) wall: Duration,
    /// With all that it has started and waited for.
    pub(crate) cpu: Duration,
}

/// Runs a command to its end, whatever its exit code.
pub(crate) fn sample(command: &mut Command) -> Result<Sample> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let (start, before) = (Instant::now(), children()?);
    command.status().with_context(|| format!("cannot run {}", command.get_program().display()))?;
    Ok(Sample { wall: start.elapsed(), cpu: children()?.saturating_sub(before) })
}

/// The CPU time of all processes that this one has waited for, and of those that they have waited for.
fn children() -> Result<Duration> {
    /// Linux counts in hundredths of a second.
    const TICK: Duration = Duration::from_millis(10);
    let stat = fs::read_to_string("/proc/self/stat").context("only Linux tells CPU times")?;
    // The name of the program, in brackets, may contain spaces.
    let fields = stat.rsplit_once(')').context("no name in /proc/self/stat")?.1;
    let mut fields = fields.split_whitespace().skip(13);
    let mut next = || -> Result<u32> { Ok(fields.next().context("too few fields")?.parse()?) };
    Ok(TICK * (next()? + next()?))
}

/// The median of some times.
pub(crate) fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// A time in a column.
pub(crate) fn seconds(time: Duration) -> String {
    format!("{:5.2}", time.as_secs_f64())
}
