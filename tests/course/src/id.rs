//! The ids of exercises.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The number of the open path, after that of every module. In an id it is written as a word: `open.3` is the third
/// milestone of the open path.
pub const OPEN: u32 = u32::MAX;

/// The folder of the open path in `modules/`, `solutions/` and `tests/`, and how its number is written.
pub const OPEN_DIR: &str = "open";

/// The id of an exercise: `2.3` is exercise 3 of module 2. Ids never change, because progress is kept
/// by them. They ascend within a module, but a number may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ExerciseId {
    /// The module, or [`OPEN`].
    pub module: u32,
    /// The number within its module, from 1.
    pub number: u32,
}

impl fmt::Display for ExerciseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.module {
            OPEN => write!(f, "{OPEN_DIR}.{}", self.number),
            module => write!(f, "{module}.{}", self.number),
        }
    }
}

impl FromStr for ExerciseId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        // `+1` would parse as a number.
        let number = |digits: &str| {
            let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| digits.parse().ok()).flatten()
        };
        let parsed = text.split_once('.').and_then(|(module, rest)| {
            let module = if module == OPEN_DIR {
                OPEN
            } else {
                number(module).filter(|module| *module != OPEN)?
            };
            Some(ExerciseId { module, number: number(rest)? })
        });
        parsed.ok_or_else(|| {
            Error::new(format!("`{text}` is not the id of an exercise; an id looks like 2.3"))
        })
    }
}

impl TryFrom<String> for ExerciseId {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<ExerciseId> for String {
    fn from(id: ExerciseId) -> String {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_ordered_by_number_and_not_by_text() {
        let ids = ["1.9", "1.10", "2.1"].map(|text| text.parse::<ExerciseId>().unwrap());
        assert!(ids.is_sorted());
        assert_eq!(ids[1].to_string(), "1.10");
    }

    #[test]
    fn milestones_of_the_open_path_come_after_all_exercises() {
        let id: ExerciseId = "open.2".parse().unwrap();
        assert_eq!((id.module, id.to_string().as_str()), (OPEN, "open.2"));
        assert!(id > "7.11".parse().unwrap());
        assert!(format!("{OPEN}.2").parse::<ExerciseId>().is_err(), "it has one spelling");
    }

    #[test]
    fn anything_else_is_rejected_with_an_example() {
        for text in ["", "1", "1.", "a.b", "1.2.3", "-1.2", "+1.2"] {
            let error = text.parse::<ExerciseId>().unwrap_err().to_string();
            assert!(error.contains("looks like 2.3"), "{error}");
        }
    }
}
