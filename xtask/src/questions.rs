//! Questions on a module: as `exercises.toml` has them, and as the module's chapter shows them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;

use crate::course::{Course, Module};
use crate::files;

/// A question, as `exercises.toml` describes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    /// `q2.3` is the third on module 2. Names never change, progress is kept by them.
    pub(crate) id: String,
    pub(crate) ask: String,
    #[serde(default)]
    pub(crate) choices: Vec<String>,
    /// The letters of what is right: `b`, or `a c`.
    #[serde(default)]
    answer: String,
    #[serde(default)]
    pub(crate) why: String,
    /// Whether it is answered in the learner's own words.
    #[serde(default)]
    pub(crate) free: bool,
    /// A scenario and what must follow upon it: a test holds the answer against what servers do.
    #[serde(default)]
    script: String,
    #[serde(default)]
    claims: Vec<String>,
}

impl Question {
    /// The letters of the choices.
    pub(crate) fn letters(&self) -> impl Iterator<Item = char> {
        ('a'..='z').take(self.choices.len())
    }

    /// The letters of what is right.
    pub(crate) fn right(&self) -> BTreeSet<char> {
        self.answer.chars().filter(|letter| !letter.is_whitespace()).collect()
    }

    /// Whether it is as it should be.
    fn check(&self) -> Result<()> {
        if self.free {
            let answers = !self.choices.is_empty() || !self.answer.is_empty();
            ensure!(
                !answers,
                "who answers in their own words has no choices, and no answer is right"
            );
            return Ok(());
        }
        ensure!((2..=26).contains(&self.choices.len()), "there are 2 to 26 choices");
        let letters: BTreeSet<char> = self.letters().collect();
        let right = self.right();
        ensure!(!right.is_empty(), "`answer` names the letters of what is right");
        ensure!(right.is_subset(&letters), "`answer = {:?}` names no choice", self.answer);
        ensure!(!self.why.is_empty(), "`why` is missing");
        let tried = self.claims.len();
        ensure!(self.script.is_empty() == (tried == 0), "`script` and `claims` go together");
        ensure!(tried == 0 || tried == self.choices.len(), "each choice needs its own of `claims`");
        Ok(())
    }
}

/// Whether the questions of a module are as they should be, and in their order.
pub(crate) fn check(module: &Module) -> Result<()> {
    let mut previous = 0;
    for question in &module.questions {
        let number = question.id.strip_prefix(&format!("q{}.", module.number()));
        let number = number.and_then(|number| number.parse().ok()).filter(|n| *n > previous);
        let Some(number) = number else { bail!("question {} is out of place", question.id) };
        previous = number;
        question.check().with_context(|| format!("question {}", question.id))?;
    }
    Ok(())
}

/// The chapter of a module, from the root.
pub(crate) fn chapter(module: &Module) -> PathBuf {
    Path::new("docs").join("chapters").join(format!("{}.md", module.dir))
}

/// The learner's notes on a module, from the root.
pub(crate) fn notes(module: &Module) -> PathBuf {
    Path::new("docs").join("resources").join("notes").join(format!("{}.md", module.dir))
}

const END: &str = "<!-- end of questions -->\n";

fn beginning(module: &Module) -> String {
    format!("<!-- questions: {} -->\n", module.number())
}

/// A chapter whose questions are not those of `exercises.toml`.
pub(crate) struct Stale {
    /// The chapter, from the root.
    pub(crate) path: PathBuf,
    /// What it should be.
    text: String,
}

/// The chapters whose questions are stale.
pub(crate) fn stale(course: &Course) -> Result<Vec<Stale>> {
    let mut stale = Vec::new();
    for module in course.modules.iter().filter(|module| !module.questions.is_empty()) {
        let path = chapter(module);
        let there = fs::read_to_string(course.root.join(&path));
        let there = there.with_context(|| format!("cannot read {}", files::shown(&path)))?;
        let text = with_questions(&there, module).with_context(|| files::shown(&path))?;
        if text != there {
            stale.push(Stale { path, text });
        }
    }
    Ok(stale)
}

/// Writes the questions into the chapters; gives those that were stale.
pub(crate) fn write(course: &Course) -> Result<Vec<PathBuf>> {
    let mut written = Vec::new();
    for Stale { path, text } in stale(course)? {
        files::write(&course.root.join(&path), text.as_bytes())?;
        written.push(path);
    }
    Ok(written)
}

/// The chapter with the module's questions between the two comments that are their place.
fn with_questions(chapter: &str, module: &Module) -> Result<String> {
    let beginning = beginning(module);
    let parts = chapter.split_once(&beginning).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some((before, after))
    });
    let (before, after) = parts.with_context(|| {
        format!("there is no place for the questions: {} and {}", beginning.trim(), END.trim())
    })?;
    let mut text = format!("{before}{beginning}");
    for (question, number) in module.questions.iter().zip(1..) {
        text.push_str(&shown(question, number, module));
    }
    text.push('\n');
    text.push_str(END);
    text.push_str(after);
    Ok(text)
}

/// A question as a chapter shows it: whoever wants the answer opens it.
fn shown(question: &Question, number: usize, module: &Module) -> String {
    let Question { ask, choices, why, free, .. } = question;
    let mut text = format!("\n**Question {number}.** {ask}\n\n");
    if *free {
        let (page, dir, number) = ("../resources/notes", &module.dir, module.number());
        let _ = writeln!(
            text,
            "`cargo xtask quiz {number}` puts what you answer into [your notes]({page}/{dir}.md)."
        );
        return text;
    }
    for (letter, choice) in question.letters().zip(choices) {
        let _ = writeln!(text, "- ({letter}) {choice}");
    }
    let answer = said(&question.right());
    let _ = write!(
        text,
        "\n<details>\n<summary>Answer</summary>\n\n**{answer}** {why}\n\n</details>\n"
    );
    text
}

/// Letters, as an answer says them.
pub(crate) fn said(letters: &BTreeSet<char>) -> String {
    let letters: Vec<String> = letters.iter().map(|letter| format!("({letter})")).collect();
    match letters.split_last() {
        Some((last, [])) => format!("{last}."),
        Some((last, others)) => format!("{} and {last}.", others.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Module 2, with these questions.
    fn module(questions: &str) -> Module {
        let head = "module = \"02-election\"\npackage = \"election\"\ntitle = \"x\"\nsection = \"x\"\n\
                    exercise = []\n";
        toml_edit::de::from_str(&format!("{head}{questions}")).unwrap()
    }

    const ONE: &str = "[[question]]\nid = \"q2.1\"\nask = \"Who?\"\nchoices = [\"S1\", \"S2\", \"S3\"]\n\
                       answer = \"a c\"\nwhy = \"Both may.\"\n";
    const FREE: &str = "[[question]]\nid = \"q2.2\"\nask = \"Which row?\"\nfree = true\n";

    #[test]
    fn a_chapter_shows_questions_and_hides_answers() {
        let module = module(&format!("{ONE}{FREE}"));
        check(&module).unwrap();
        let chapter = "Before.\n<!-- questions: 2 -->\nold\n<!-- end of questions -->\nAfter.\n";
        let new = with_questions(chapter, &module).unwrap();
        let expected = "Before.\n<!-- questions: 2 -->\n\n**Question 1.** Who?\n\n- (a) S1\n- (b) S2\n\
                        - (c) S3\n\n<details>\n<summary>Answer</summary>\n\n**(a) and (c).** Both may.\n\n\
                        </details>\n\n**Question 2.** Which row?\n\n`cargo xtask quiz 2` puts what you \
                        answer into [your notes](../resources/notes/02-election.md).\n\n\
                        <!-- end of questions -->\nAfter.\n";
        assert_eq!(new, expected);
        assert_eq!(with_questions(&new, &module).unwrap(), new);
        let error = format!("{:#}", with_questions("Before.\n", &module).unwrap_err());
        assert!(error.contains("<!-- questions: 2 -->"), "{error}");
    }

    #[test]
    fn a_question_that_cannot_be_answered_is_told() {
        for (from, to, word) in [
            ("q2.1", "q1.1", "out of place"),
            ("q2.1", "q2.3", "q2.2 is out of place"),
            ("a c", "d", "names no choice"),
            ("a c", "", "letters of what is right"),
            ("Both may.", "", "`why` is missing"),
            ("why =", "claims = [\"x\"]\nwhy =", "go together"),
            ("why =", "script = \"y\"\nclaims = [\"x\"]\nwhy =", "each choice"),
            ("free = true", "free = true\nanswer = \"a\"", "own words"),
            ("free = true", "choices = [\"x\"]", "2 to 26"),
        ] {
            let text = format!("{ONE}{FREE}").replacen(from, to, 1);
            let error = format!("{:#}", check(&module(&text)).unwrap_err());
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn the_chapters_of_this_tree_have_the_questions_that_there_are() {
        let course = Course::find().unwrap();
        let stale: Vec<String> =
            stale(&course).unwrap().iter().map(|stale| files::shown(&stale.path)).collect();
        assert!(stale.is_empty(), "`cargo xtask bless book` writes anew: {}", stale.join(", "));
    }
}
