//! A question on a module. `cargo xtask quiz` asks it, and the module's chapter shows it.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::error::Error;

/// A question, as `exercises.toml` describes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// `q2.3` is question 3 on module 2. It never changes, because progress is kept by it.
    pub id: String,
    /// What is asked.
    pub ask: String,
    /// The choices a, b, c, … in this order. Empty if the learner answers in their own words.
    #[serde(default)]
    pub choices: Vec<String>,
    /// The letters of all correct choices: `b`, or `a c`.
    #[serde(default)]
    pub answer: String,
    /// Why that is the answer.
    #[serde(default)]
    pub why: String,
    /// Whether the learner answers in their own words, into the notes.
    #[serde(default)]
    pub free: bool,
    /// A scenario that leads to the situation in question, for a question about behaviour.
    #[serde(default)]
    pub script: String,
    /// For each choice, what must follow the scenario if the choice is correct, and cannot otherwise.
    #[serde(default)]
    pub claims: Vec<String>,
}

impl Question {
    /// The letters of the choices.
    pub fn letters(&self) -> impl Iterator<Item = char> {
        ('a'..='z').take(self.choices.len())
    }

    /// The letters of the correct choices.
    pub fn correct(&self) -> BTreeSet<char> {
        self.answer.chars().filter(|letter| !letter.is_whitespace()).collect()
    }

    /// Whether it can be answered.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        if self.free {
            let has_answers = !self.choices.is_empty() || !self.answer.is_empty();
            return ensure(
                !has_answers,
                "a question answered in one's own words has no choices and no correct answer",
            );
        }
        let letters: BTreeSet<char> = self.letters().collect();
        let correct = self.correct();
        let claims = self.claims.len();
        ensure((2..=26).contains(&self.choices.len()), "there must be 2 to 26 choices")?;
        ensure(!correct.is_empty(), "`answer` must name the letters of the correct choices")?;
        ensure(correct.is_subset(&letters), "`answer` names a letter that has no choice")?;
        ensure(!self.why.is_empty(), "`why` is missing")?;
        ensure(self.script.is_empty() == (claims == 0), "`script` and `claims` go together")?;
        ensure(
            claims == 0 || claims == self.choices.len(),
            "`claims` must have one entry for each choice",
        )
    }
}

fn ensure(holds: bool, otherwise: &str) -> Result<(), Error> {
    if holds { Ok(()) } else { Err(Error::new(otherwise)) }
}
