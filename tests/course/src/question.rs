//! A question on a module. `cargo xtask quiz` asks it, and the module's chapter shows it.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::error::Error;

/// A question, as `questions.toml` describes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// `q2.3` is question 3 on module 2. It never changes, because progress is kept by it.
    pub id: String,
    /// What is asked.
    pub ask: String,
    /// Whether the answer is nowhere in the chapter: it takes the rule to another cluster, another log, or
    /// another lost message.
    #[serde(default)]
    pub transfer: bool,
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

/// The content of a file `questions.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "question", default)]
    questions: Vec<Question>,
}

/// The questions in the text of a `questions.toml`, in its order.
pub(crate) fn parse(text: &str, module: u32) -> Result<Vec<Question>, Error> {
    let File { questions } =
        toml_edit::de::from_str(text).map_err(|error| Error::new(error.to_string()))?;
    let mut ids = BTreeSet::new();
    for question in &questions {
        let id = &question.id;
        let number = id.strip_prefix(&format!("q{module}."));
        if number.and_then(|number| number.parse::<u32>().ok()).is_none() {
            return Err(Error::new(format!(
                "question {id} is out of place: it must be q{module}.N"
            )));
        }
        if !ids.insert(id) {
            return Err(Error::new(format!("there are two questions {id}")));
        }
        question.validate().map_err(|error| Error::new(format!("question {id}: {error}")))?;
    }
    Ok(questions)
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

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "[[question]]\nid = \"q2.1\"\nask = \"Who?\"\nchoices = [\"S1\", \"S2\", \"S3\"]\n\
                       answer = \"a c\"\nwhy = \"Both may.\"\n";
    const FREE: &str = "[[question]]\nid = \"q2.2\"\nask = \"Why?\"\nfree = true\n";

    #[test]
    fn a_question_that_cannot_be_answered_is_reported() {
        let valid = parse(&format!("{FREE}{ONE}"), 2).unwrap();
        assert_eq!(valid[1].correct(), ['a', 'c'].into());
        for (from, to, words) in [
            ("q2.1", "q1.1", "out of place"),
            ("q2.1", "q2.2", "two questions q2.2"),
            ("a c", "d", "has no choice"),
            ("a c", "", "letters of the correct choices"),
            ("Both may.", "", "`why` is missing"),
            ("why =", "claims = [\"x\"]\nwhy =", "go together"),
            ("why =", "script = \"y\"\nclaims = [\"x\"]\nwhy =", "each choice"),
            ("free = true", "free = true\nanswer = \"a\"", "own words"),
            ("free = true", "choices = [\"x\"]", "2 to 26"),
        ] {
            let error = parse(&format!("{ONE}{FREE}").replacen(from, to, 1), 2).unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}
