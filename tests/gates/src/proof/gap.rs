//! A proof in which one step does not follow. The learner names the step, the assumption with which it does follow,
//! and a run that shows what happens without it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::answer::{Answer, malformed};
use crate::{Check, Failure, Verdict};

/// A proof with a gap.
#[derive(Debug)]
pub struct Gap {
    /// The exercise.
    pub exercise: &'static str,
    /// The learner's file, below `src`.
    pub file: &'static str,
    /// Where it is in the paper.
    pub source: &'static str,
    /// The steps of the proof, by number.
    pub steps: &'static [Choice],
    /// What could be assumed in addition, by letter.
    pub repairs: &'static [Choice],
    /// What the learner must say about the run that refutes the proof, by key.
    pub counterexample: &'static [Detail],
}

/// Something to choose from.
#[derive(Debug)]
pub struct Choice {
    /// Its number or letter.
    pub name: &'static str,
    /// What it says.
    pub says: &'static str,
    /// Why it is the wrong choice; `None` for the right one.
    pub wrong: Option<&'static str>,
}

/// A value of the counterexample: its key, the right values, and what it means.
pub type Detail = (&'static str, &'static [&'static str], &'static str);

const KEYWORDS: &[&str] = &["gap", "repair", "counterexample"];

impl Gap {
    /// The checks for the file in the package of this folder.
    pub fn checks(&'static self, manifest_dir: &str) -> Vec<Check> {
        let path = Arc::new(Path::new(manifest_dir).join("src").join(self.file));
        let check = |claim: &str, judge: fn(&Self, &Answer) -> Verdict| {
            let path: Arc<PathBuf> = Arc::clone(&path);
            Check::new(self.exercise, claim, self.source, move |context| {
                context.step(format!("read src/{}", self.file));
                judge(self, &Answer::read(&path, KEYWORDS)?)
            })
        };
        vec![
            check("You have found the step that does not follow", Self::judge_step),
            check("You have found the assumption that closes the gap", Self::judge_repair),
            check("Your counterexample refutes the proof", Self::judge_counterexample),
        ]
    }

    /// The steps and the assumptions as the learner's file lists them.
    pub fn listed(&self) -> Vec<(&'static str, &'static str)> {
        self.steps.iter().chain(self.repairs).map(|choice| (choice.name, choice.says)).collect()
    }

    fn judge_step(&self, answer: &Answer) -> Verdict {
        let (name, place) = answer.word("gap", "the number of a step")?;
        choose(self.steps, "step", name, &place)
    }

    fn judge_repair(&self, answer: &Answer) -> Verdict {
        let (name, place) = answer.word("repair", "the letter of an assumption")?;
        choose(self.repairs, "assumption", name, &place)
    }

    fn judge_counterexample(&self, answer: &Answer) -> Verdict {
        for (key, right, what) in self.counterexample {
            let (value, place) = answer.value("counterexample", key)?;
            if !right.contains(&value) {
                let expected = format!("{key}= names {what}");
                let happened = format!("{place}: {key}={value} does not");
                return Err(Failure::new(expected, happened));
            }
        }
        Ok(())
    }
}

pub(crate) fn choose(choices: &[Choice], what: &str, name: &str, place: &str) -> Verdict {
    let Some(choice) = choices.iter().find(|choice| choice.name == name) else {
        return Err(malformed(format!("{place}: there is no {what} `{name}`")));
    };
    match choice.wrong {
        None => Ok(()),
        Some(wrong) => {
            let happened = format!("{place}: {what} {name}: “{}”", choice.says);
            let expected = match what {
                "step" => "the step that does not follow from what is before it",
                "mistake" => "the mistake that explains every event of your script",
                _ => "the assumption with which it follows, and no stronger one",
            };
            Err(Failure::new(expected, happened).note(wrong).because(""))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const PROOF: Gap = Gap {
        exercise: "4.12",
        file: "some.proof",
        source: "",
        steps: &[
            Choice { name: "1", says: "one", wrong: Some("it follows") },
            Choice { name: "2", says: "two", wrong: None },
        ],
        repairs: &[
            Choice { name: "A", says: "enough", wrong: None },
            Choice { name: "B", says: "more", wrong: Some("too much") },
        ],
        counterexample: &[("voter", &["S2", "S3"], "a voter")],
    };

    fn judged(text: &str) -> Verdict {
        let path = std::env::temp_dir().join(format!("gap-{}.proof", std::process::id()));
        fs::write(&path, text).unwrap();
        let answer = Answer::read(&path, KEYWORDS);
        fs::remove_file(&path).unwrap();
        let answer = answer?;
        PROOF.judge_step(&answer)?;
        PROOF.judge_repair(&answer)?;
        PROOF.judge_counterexample(&answer)
    }

    #[test]
    fn a_wrong_choice_is_explained() {
        for voter in ["S2", "S3"] {
            judged(&format!("gap 2\nrepair A\ncounterexample voter={voter}")).unwrap();
        }
        for (text, words) in [
            ("gap 1", "1: step 1: “one”"),
            ("gap 3", "1: there is no step `3`"),
            ("repair A", "one line `gap` with the number of a step, and there are 0"),
            ("gap 1 2", "and there are 2"),
            ("gap 2\nrepair B", "2: assumption B: “more”"),
            ("gap 2\nrepair A", "must say `voter=…` once, and says it 0 times"),
            ("gap 2\nrepair A\ncounterexample voter=S1", "3: voter=S1 does not"),
        ] {
            let failure = judged(text).unwrap_err();
            assert!(failure.happened.contains(words), "{text}: {}", failure.happened);
        }
    }
}
