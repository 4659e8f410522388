//! Why a step of a script could not be carried out.

use std::fmt;

use protocol::{ServerId, Timer};

use crate::Stop;

/// Why a step of a script could not be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScriptError {
    /// The run is over: a property does not hold, or a server panicked.
    Stop(Stop),
    /// The timer that must fire is not running. The script is right, and the server is not.
    NotArmed(ServerId, Timer),
    /// The script asks for something that makes no sense here.
    Impossible(String),
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ScriptError::Stop(stop) => stop.fmt(f),
            ScriptError::NotArmed(server, timer) => {
                let timer = format!("{timer:?}").to_lowercase();
                write!(f, "{server} has no {timer} timer running, so it cannot run out")
            }
            ScriptError::Impossible(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for ScriptError {}

impl From<Stop> for ScriptError {
    fn from(stop: Stop) -> Self {
        ScriptError::Stop(stop)
    }
}
