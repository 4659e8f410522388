//! The time limit of a check. Where the system reports it, the CPU time of the check's process counts.
//!
//! On a busy machine, a process gets only part of a processor. A limit on elapsed time would stop right servers
//! there, and tell their authors that a loop never ends.

use std::process::Child;
use std::time::{Duration, Instant};

/// A process that hardly runs is stopped when this many times its limit has elapsed.
const PATIENCE: u32 = 10;

/// A process that has used no CPU time for this long is waiting for something that does not happen.
const STANDSTILL: Duration = Duration::from_secs(2);

/// The time limit of a check's process.
pub(crate) struct TimeLimit {
    limit: Duration,
    started: Instant,
    /// The process's CPU time when it was last seen to grow, and when that was.
    seen: Option<(Duration, Instant)>,
}

impl TimeLimit {
    /// The limit of a process that starts now.
    pub(crate) fn start(limit: Duration) -> Self {
        TimeLimit { limit, started: Instant::now(), seen: None }
    }

    /// Whether the process has used up its time.
    pub(crate) fn is_over(&mut self, process: &Child) -> bool {
        let elapsed = self.started.elapsed();
        if elapsed < self.limit {
            return false;
        }
        let Some(ran) = time_run(process) else { return true };
        let now = Instant::now();
        let since = match self.seen {
            Some((before, since)) if before == ran => since,
            _ => now,
        };
        self.seen = Some((ran, since));
        let stands_still = now.duration_since(since) >= STANDSTILL;
        ran >= self.limit || stands_still || elapsed >= self.limit * PATIENCE
    }
}

/// The CPU time of a process on all processors; `None` if it cannot be found out.
#[cfg(target_os = "linux")]
fn time_run(process: &Child) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.id())).ok()?;
    // proc_pid_stat(5): the name, the second field, is in parentheses and may contain spaces. Fields 14 and 15 are ticks.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut ticks = fields.split_whitespace().skip(11).map(str::parse::<u64>);
    let ticks = ticks.next()?.ok()? + ticks.next()?.ok()?;
    Some(Duration::from_millis(ticks * 1_000 / rustix::param::clock_ticks_per_second()))
}

/// The CPU time of a process, which is not known on this system.
#[cfg(not(target_os = "linux"))]
fn time_run(_process: &Child) -> Option<Duration> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::Command;
    use std::thread;

    use super::*;

    /// Watches a process until its time is over. Returns its CPU time by then, and the time that has elapsed.
    fn watch(program: &str, words: &[&str], limit: Duration) -> (Duration, Duration) {
        let mut process = Command::new(program).args(words).spawn().unwrap();
        let (mut time, started) = (TimeLimit::start(limit), Instant::now());
        while !time.is_over(&process) {
            thread::sleep(Duration::from_millis(5));
        }
        let ran = time_run(&process).unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
        (ran, started.elapsed())
    }

    #[test]
    fn a_process_that_runs_has_its_whole_limit_however_busy_the_machine_is() {
        let limit = Duration::from_millis(200);
        let (ran, elapsed) = watch("sh", &["-c", "while :; do :; done"], limit);
        assert!(ran >= limit || elapsed >= limit * PATIENCE, "it ran for {ran:?} of {elapsed:?}");
    }

    #[test]
    fn a_process_that_waits_is_given_up() {
        let limit = Duration::from_millis(200);
        let (ran, elapsed) = watch("sleep", &["60"], limit);
        assert!(ran < limit, "it ran for {ran:?}");
        assert!(elapsed >= STANDSTILL, "it was given up after {elapsed:?}");
    }
}
