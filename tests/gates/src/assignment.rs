//! What the process of a check is asked to do. Its parent sends it as one line of JSON on its standard input: neither
//! its environment nor its arguments show the subject's code which check is running.

use std::collections::BTreeMap;
use std::io;
use std::process;
use std::sync::OnceLock;
use std::{env, fmt};

use serde::{Deserialize, Serialize};

/// The only argument of the process of a check.
pub(crate) const MARKER: &str = "--process-of-one-check";

/// What the process of a check is asked to do.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Assignment {
    /// Every record of the process carries it.
    pub(crate) nonce: Nonce,
    /// The name of the check as a test.
    pub(crate) check: String,
    /// The base seed.
    pub(crate) seed: u64,
    /// The variables of the lab that a suite reads. The process has no environment.
    pub(crate) variables: BTreeMap<String, String>,
}

impl Assignment {
    /// The assignment of this process; `None` if it is not the process of a check.
    pub(crate) fn received() -> Option<&'static Self> {
        static RECEIVED: OnceLock<Option<Assignment>> = OnceLock::new();
        let is_asked = || env::args_os().nth(1).is_some_and(|argument| argument == MARKER);
        RECEIVED.get_or_init(|| is_asked().then(receive)).as_ref()
    }
}

/// Reads the assignment. Without one, the process has nothing to do.
fn receive() -> Assignment {
    let mut line = String::new();
    let assignment = io::stdin().read_line(&mut line).map_err(|error| error.to_string());
    let assignment =
        assignment.and_then(|_| serde_json::from_str(&line).map_err(|error| error.to_string()));
    assignment.unwrap_or_else(|error| {
        eprintln!("error: only a gate starts itself with {MARKER}: {error}");
        process::exit(2)
    })
}

/// The test name of the check that this process must judge. `None` if it is not the process of a check.
pub fn check_of_this_process() -> Option<&'static str> {
    Assignment::received().map(|assignment| assignment.check.as_str())
}

/// 128 random bits as hexadecimal digits. The subject's code cannot know them, so it cannot forge a record.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Nonce(String);

impl Nonce {
    /// A new one, from the operating system.
    ///
    /// # Errors
    /// If the system has no random numbers.
    pub(crate) fn fresh() -> io::Result<Self> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
        Ok(Nonce(format!("{:032x}", u128::from_ne_bytes(bytes))))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonce")
    }
}
