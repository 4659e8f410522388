//! The settings of a gate. They come from the environment; in the process of a check, which has none, from the
//! process that has started it.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::ops::RangeInclusive;

use crate::Select;
use crate::assignment::Assignment;
use crate::paint::Paint;

/// The base seed if the environment names none.
const SEED: u64 = 1;

/// The variables that decide which checks a suite has and what the checks read.
const FORWARDED: [&str; 6] = [
    "RAFT_LAB_HUNT",
    "RAFT_LAB_SCENARIOS",
    "RAFT_LAB_SELECT",
    "RAFT_LAB_STORMS",
    "RAFT_LAB_TIMEOUT_FACTOR",
    "RAFT_LAB_WATCH",
];

/// The value of a variable of the lab. A suite must read it here and not in the environment, which the process
/// of a check does not have.
pub fn variable(name: &str) -> Option<String> {
    match Assignment::received() {
        Some(assignment) => assignment.variables.get(name).cloned(),
        None => env::var_os(name).map(|value| value.to_string_lossy().into_owned()),
    }
}

/// The variables that the process of a check needs.
pub(crate) fn forwarded() -> BTreeMap<String, String> {
    FORWARDED.iter().filter_map(|name| Some(((*name).to_owned(), variable(name)?))).collect()
}

/// Whether scenarios write their snapshots. Only the reference is judged then, without a sandbox and with the
/// environment, in which `insta` finds its settings.
pub(crate) fn is_blessing() -> bool {
    env::var_os("RAFT_LAB_BLESS").is_some()
}

/// The settings of a gate.
pub(crate) struct Settings {
    pub(crate) select: Select,
    /// The storms to run instead of the checks.
    pub(crate) storms: Option<RangeInclusive<u64>>,
    /// What to explore instead of running the checks.
    pub(crate) explore: Option<String>,
    /// What to record for a page instead of running the checks.
    pub(crate) replay: Option<String>,
    /// What somebody plays with, instead of running the checks.
    pub(crate) play: Option<String>,
    pub(crate) seed: u64,
    /// Multiplies the time limit of every check.
    pub(crate) timeout_factor: u32,
    /// Whether a runner reads the gate's events.
    pub(crate) has_runner: bool,
    /// Whether checks run in the gate's own process, for a debugger.
    pub(crate) is_in_place: bool,
    /// The name of the only check that runs there, if a file names one.
    pub(crate) only: Option<String>,
    pub(crate) paint: Paint,
}

impl Settings {
    /// The settings of this process.
    pub(crate) fn read() -> Result<Self, String> {
        let select = match variable("RAFT_LAB_SELECT") {
            Some(text) => text.parse().map_err(|error| format!("RAFT_LAB_SELECT: {error}"))?,
            None => Select::All,
        };
        let seed = match variable("RAFT_LAB_SEED") {
            Some(text) => text.parse().map_err(|_| {
                format!("RAFT_LAB_SEED: `{text}` is not a number from 0 to 2^64 - 1")
            })?,
            None => SEED,
        };
        let storms = match variable("RAFT_LAB_STORMS") {
            Some(text) => Some(range(&text).ok_or_else(|| {
                format!("RAFT_LAB_STORMS: `{text}` is not a range of numbers, like 1..=200")
            })?),
            None => None,
        };
        let explore = variable("RAFT_LAB_EXPLORE");
        let replay = variable("RAFT_LAB_REPLAY");
        let play = variable("RAFT_LAB_PLAY");
        if let Some(text) = variable("RAFT_LAB_HUNT")
            && text != "all"
            && text.parse::<u64>().is_err()
        {
            return Err(format!(
                "RAFT_LAB_HUNT: `{text}` is neither a number from 0 to 2^64 - 1 nor `all`"
            ));
        }
        let timeout_factor = match variable("RAFT_LAB_TIMEOUT_FACTOR") {
            Some(text) => {
                text.parse().ok().filter(|times| (1..=100).contains(times)).ok_or_else(|| {
                    format!("RAFT_LAB_TIMEOUT_FACTOR: `{text}` is not a number from 1 to 100")
                })?
            }
            None => 1,
        };
        let has_runner = variable("RAFT_LAB_EVENTS").is_some();
        let in_place = variable("RAFT_LAB_IN_PLACE");
        let is_in_place = in_place.is_some();
        let only = in_place.filter(|value| value != "1").map(|file| named_in(&file)).transpose()?;
        let paint = Paint::from_env();
        Ok(Settings {
            select,
            storms,
            explore,
            replay,
            play,
            seed,
            timeout_factor,
            has_runner,
            is_in_place,
            only,
            paint,
        })
    }
}

/// The check that a file names. `cargo xtask debug` writes it, so that an editor can start a debugger on any check
/// with the same configuration.
fn named_in(file: &str) -> Result<String, String> {
    let text = fs::read_to_string(file).map_err(|error| {
        format!(
            "RAFT_LAB_IN_PLACE: {file} cannot be read ({error}); `cargo xtask debug` writes it, and the value 1 needs \
             no file"
        )
    })?;
    Ok(text.trim().to_owned())
}

fn range(text: &str) -> Option<RangeInclusive<u64>> {
    let (first, last) = text.split_once("..=")?;
    Some(first.parse().ok()?..=last.parse().ok()?)
}
