//! How long a build may take without getting any further.

use std::env;
use std::process::Command;
use std::time::Duration;

/// How long the compiler may work on a module. Modules take it a second or two.
const MODULE: Duration = Duration::from_mins(1);

/// How much longer everything else may take: a download, the optimised crates of the lab, another cargo.
const OTHERS: u32 = 10;

/// The limits of a build, counted from its last progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) module: Duration,
    pub(super) other: Duration,
}

impl Limits {
    /// The limits for a `cargo` command, which may carry variables of its own.
    pub(super) fn of(cargo: &Command) -> Self {
        Limits::set(|name| {
            let own = cargo.get_envs().find(|(other, _)| *other == name);
            let value = own.map_or_else(|| env::var_os(name), |(_, value)| value.map(Into::into));
            value?.into_string().ok()
        })
    }

    fn set(value: impl Fn(&str) -> Option<String>) -> Self {
        let seconds = value("RAFT_LAB_BUILD_LIMIT").and_then(|text| text.parse().ok());
        let module = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let factor = value("RAFT_LAB_TIMEOUT_FACTOR").and_then(|text| text.parse().ok());
        let module = module.filter(|limit| !limit.is_zero()).unwrap_or(MODULE);
        let module = module.saturating_mul(factor.unwrap_or(1).clamp(1, 100));
        Limits { module, other: module.saturating_mul(OTHERS) }
    }
}

/// A duration in words.
pub(super) fn in_words(duration: Duration) -> String {
    match duration.as_secs() {
        0 => format!("{} ms", duration.as_millis()),
        seconds if seconds < 120 => format!("{seconds} s"),
        seconds => format!("{} minutes", seconds / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_change_the_limits() {
        let limits = |variables: &[(&str, &str)]| {
            let limits = Limits::set(|name| {
                let found = variables.iter().find(|(other, _)| *other == name);
                found.map(|(_, value)| (*value).to_owned())
            });
            (in_words(limits.module), in_words(limits.other))
        };
        let usual = ("60 s".to_owned(), "10 minutes".to_owned());
        assert_eq!(limits(&[]), usual);
        let (limit, factor) = ("RAFT_LAB_BUILD_LIMIT", "RAFT_LAB_TIMEOUT_FACTOR");
        assert_eq!(limits(&[(factor, "6")]), ("6 minutes".to_owned(), "60 minutes".to_owned()));
        assert_eq!(limits(&[(limit, "0.5")]), ("500 ms".to_owned(), "5 s".to_owned()));
        for wrong in ["0", "-1", "nan", "a minute", "1e300"] {
            assert_eq!(limits(&[(limit, wrong), (factor, "0")]), usual, "{wrong}");
        }
    }
}
