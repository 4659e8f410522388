//! `quiz`: asks the questions on a module, one after another. Answers are lines, so it also works without a
//! terminal.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use course::{Module, Question, text};

use crate::files;
use crate::lock::TreeLock;
use crate::progress::{Answered, Progress};
use crate::term;
use crate::tree::Course;

/// `cargo xtask quiz`.
pub(crate) fn run(course: &Course, module: Option<&str>) -> Result<()> {
    let mut progress = Progress::load(&course.root)?;
    let (module, missed) = if let Some(name) = module {
        (course.module(name)?, Vec::new())
    } else {
        let next = the_next(course, &progress)?;
        (next, missed_before(course, next, &progress))
    };
    if module.questions.is_empty() {
        say!("There are no questions on {}.", module.dir);
        return Ok(());
    }
    let (stdin, stdout) = (io::stdin(), io::stdout());
    let (input, output) = (stdin.lock(), stdout.lock());
    Quiz { course, module, missed, input, output }.run(&mut progress)
}

/// The questions on earlier modules that the learner has got wrong. They come back, since what was missed once is
/// learned when it is asked again later.
fn missed_before<'a>(course: &'a Course, next: &Module, progress: &Progress) -> Vec<&'a Question> {
    let before = course.modules.iter().filter(|module| module.number() < next.number());
    let questions = before.flat_map(|module| &module.questions);
    questions.filter(|question| progress.answered(&question.id) == Some(Answered::Wrong)).collect()
}

/// Of the modules with questions, the one that the learner works on, or the last one.
fn the_next<'a>(course: &'a Course, progress: &Progress) -> Result<&'a Module> {
    let next = progress.next(&course.modules).map(|(module, _)| module.number());
    let mut asking = course.modules.iter().filter(|module| !module.questions.is_empty());
    let last = asking.clone().next_back();
    next.and_then(|next| asking.find(|module| module.number() >= next))
        .or(last)
        .context("no module has questions")
}

struct Quiz<'a, I, O> {
    course: &'a Course,
    module: &'a Module,
    /// Questions on earlier modules, which are asked first.
    missed: Vec<&'a Question>,
    input: I,
    output: O,
}

/// What the learner typed.
#[derive(Debug, PartialEq, Eq)]
enum Typed {
    Letters(BTreeSet<char>),
    Nothing,
    Quit,
    /// Not an answer, with the reason.
    Wrong(String),
}

impl<I: BufRead, O: Write> Quiz<'_, I, O> {
    fn run(mut self, progress: &mut Progress) -> Result<()> {
        let questions = &self.module.questions;
        let is_open = |q: &&Question| progress.answered(&q.id).is_none_or(|a| a == Answered::Wrong);
        let mut asked: Vec<&Question> = questions.iter().filter(is_open).collect();
        let head = format!("{}: {}", self.module.name(), self.module.title);
        let how_many = match (asked.len(), questions.len()) {
            (0, _) => "you have answered all questions; here they are again".to_owned(),
            (open, all) if open == all => format!("{all} questions"),
            (open, all) => format!("{open} of {all} questions are open"),
        };
        writeln!(self.output, "{}: {how_many}.", term::bold(&head))?;
        writeln!(
            self.output,
            "{}",
            term::dim(
                "Answer with one letter or several. An empty line skips a question, `q` quits."
            )
        )?;
        if asked.is_empty() {
            asked = questions.iter().collect();
        }
        if !self.repeat_missed(progress)? {
            return self.say_how_it_stands(progress);
        }
        for question in asked {
            let place = questions.iter().position(|other| other.id == question.id).unwrap_or(0) + 1;
            writeln!(self.output, "\n{}", wrapped(&format!("{place}. {}", question.ask)))?;
            let goes_on = if question.free {
                self.free(question, progress)?
            } else {
                self.choose(question, progress)?
            };
            if !goes_on {
                break;
            }
        }
        self.say_how_it_stands(progress)
    }

    /// Asks what the learner has missed in earlier modules. Returns whether to continue.
    fn repeat_missed(&mut self, progress: &mut Progress) -> Result<bool> {
        for question in std::mem::take(&mut self.missed) {
            let module = question.id.trim_start_matches('q').split('.').next().unwrap_or_default();
            let again = format!("From module {module}, which you missed: {}", question.ask);
            writeln!(self.output, "\n{}", wrapped(&again))?;
            if !self.choose(question, progress)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Asks a question with choices. Returns whether to continue.
    fn choose(&mut self, question: &Question, progress: &mut Progress) -> Result<bool> {
        for (letter, text) in question.letters().zip(&question.choices) {
            writeln!(self.output, "{}", choice(letter, text))?;
        }
        loop {
            let Some(line) = self.line("> ")? else { return Ok(false) };
            match read(&line, question) {
                Typed::Quit => return Ok(false),
                Typed::Nothing => return Ok(true),
                Typed::Wrong(why) => writeln!(self.output, "{why}")?,
                Typed::Letters(letters) => {
                    self.judge(question, &letters, progress)?;
                    return Ok(true);
                }
            }
        }
    }

    fn judge(
        &mut self,
        question: &Question,
        letters: &BTreeSet<char>,
        progress: &mut Progress,
    ) -> Result<()> {
        let right = question.correct();
        let answered = if *letters == right { Answered::Right } else { Answered::Wrong };
        let verdict = match answered {
            Answered::Right => term::green("Right."),
            _ => format!("{} It is {}", term::yellow("Not quite."), said(&right)),
        };
        writeln!(self.output, "{verdict}\n{}", wrapped(&question.why))?;
        progress.note_answer(&question.id, answered);
        progress.save()
    }

    /// Asks for an answer in the learner's own words, and adds it to the notes. Returns whether to continue.
    fn free(&mut self, question: &Question, progress: &mut Progress) -> Result<bool> {
        writeln!(
            self.output,
            "{}",
            term::dim("Write as many lines as you like; an empty line ends your answer.")
        )?;
        let mut words = Vec::new();
        let goes_on = loop {
            match self.line("> ")? {
                Some(line) if words.is_empty() && line.trim() == "q" => break false,
                Some(line) if line.trim().is_empty() => break true,
                Some(line) => words.push(line.trim_end().to_owned()),
                None => break false,
            }
        };
        if words.is_empty() {
            return Ok(goes_on);
        }
        let path = notes_path(self.module);
        append(
            self.course,
            self.module,
            &format!("## {}\n\n{}\n", question.ask, words.join("\n")),
        )?;
        writeln!(self.output, "Added to {}.", files::shown(&path))?;
        if !question.why.is_empty() {
            writeln!(self.output, "{}", wrapped(&question.why))?;
        }
        progress.note_answer(&question.id, Answered::Noted);
        progress.save()?;
        Ok(goes_on)
    }

    fn line(&mut self, prompt: &str) -> Result<Option<String>> {
        write!(self.output, "{prompt}")?;
        self.output.flush()?;
        let mut line = String::new();
        let read = self.input.read_line(&mut line).context("your answer cannot be read as text")?;
        if read == 0 {
            writeln!(self.output)?;
            return Ok(None);
        }
        Ok(Some(line))
    }

    fn say_how_it_stands(mut self, progress: &Progress) -> Result<()> {
        let questions = &self.module.questions;
        let count =
            |how| questions.iter().filter(|q| progress.answered(&q.id) == Some(how)).count();
        let done = count(Answered::Right) + count(Answered::Noted);
        writeln!(self.output, "\n{done} of {} questions are answered.", questions.len())?;
        if done < questions.len() {
            let number = self.module.number();
            writeln!(self.output, "`cargo xtask quiz {number}` asks the others again.")?;
        }
        Ok(())
    }
}

/// What a line means: `b`, `a c`, `A, C`, `ac`.
fn read(line: &str, question: &Question) -> Typed {
    let line = line.trim();
    if line.is_empty() {
        return Typed::Nothing;
    }
    if line.eq_ignore_ascii_case("q") {
        return Typed::Quit;
    }
    let spare = |letter: &char| !letter.is_whitespace() && !matches!(letter, ',' | '(' | ')' | '.');
    let letters: BTreeSet<char> =
        line.chars().map(|letter| letter.to_ascii_lowercase()).filter(spare).collect();
    let last = question.letters().last().unwrap_or('a');
    if !letters.is_empty() && letters.iter().all(|letter| ('a'..=last).contains(letter)) {
        return Typed::Letters(letters);
    }
    Typed::Wrong(format!(
        "`{line}` is not an answer; type a letter from a to {last}, or several, such as `a {last}`."
    ))
}

/// The learner's notes on a module, from the root.
fn notes_path(module: &Module) -> PathBuf {
    Path::new("docs").join("resources").join("notes").join(format!("{}.md", module.dir))
}

/// `(a) and (c).`
fn said(letters: &BTreeSet<char>) -> String {
    let letters: Vec<String> = letters.iter().map(|letter| format!("({letter})")).collect();
    match letters.split_last() {
        Some((last, [])) => format!("{last}."),
        Some((last, others)) => format!("{} and {last}.", others.join(", ")),
        None => String::new(),
    }
}

/// Appends to the learner's notes. What is there is unchanged.
fn append(course: &Course, module: &Module, text: &str) -> Result<()> {
    let path = notes_path(module);
    let full = course.root.join(&path);
    let _lock = TreeLock::take(&course.root)?;
    let mut notes = match fs::read(&full) {
        Ok(notes) => notes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            format!("# Notes on module {}: {}\n", module.number(), module.title).into_bytes()
        }
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read {}", files::shown(&path)));
        }
    };
    if !notes.ends_with(b"\n") {
        notes.push(b'\n');
    }
    notes.push(b'\n');
    notes.extend_from_slice(text.as_bytes());
    files::write(&full, &notes)
}

/// A text for the terminal, without Markdown's marks for code and emphasis.
fn wrapped(text: &str) -> String {
    text::wrap(&text.replace(['`', '*'], ""), term::text_width())
}

/// A choice, with its letter.
fn choice(letter: char, text: &str) -> String {
    let text = text.replace(['`', '*'], "");
    text::wrap_after(&format!("  {letter}  "), &text, term::text_width())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question() -> Question {
        toml_edit::de::from_str(
            "id = \"q2.1\"\nask = \"x\"\nchoices = [\"1\", \"2\", \"3\"]\nanswer = \"a c\"\nwhy = \"x\"\n",
        )
        .unwrap()
    }

    #[test]
    fn letters_can_be_written_in_many_ways() {
        let letters = |text: &str| Typed::Letters(text.chars().collect());
        for line in ["a c", "ac", "C, A", "(a) (c)", " c a \n"] {
            assert_eq!(read(line, &question()), letters("ac"), "{line}");
        }
        assert_eq!(read("b\n", &question()), letters("b"));
        assert_eq!(read("\n", &question()), Typed::Nothing);
        assert_eq!(read("Q\n", &question()), Typed::Quit);
    }

    #[test]
    fn anything_else_is_rejected_with_an_example() {
        for line in ["d", "a d", "yes", "1", ",", "\u{7f}"] {
            let Typed::Wrong(why) = read(line, &question()) else { panic!("{line} is taken") };
            assert!(why.contains("a letter from a to c"), "{why}");
        }
    }
}
