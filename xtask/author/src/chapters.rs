//! The questions of `questions.toml`, as the chapters show them: each at the place that a comment names.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use course::{Module, Question};
use xtask::files;
use xtask::tree::Course;

/// The chapter of a module, from the root.
fn chapter(module: &Module) -> PathBuf {
    Path::new("docs").join("chapters").join(format!("{}.md", module.dir))
}

const END: &str = "<!-- end of questions -->\n";

/// How a comment begins that names the questions to be shown behind it.
const BEGIN: &str = "<!-- questions: ";

/// A chapter whose questions differ from `questions.toml`.
struct Stale {
    /// The chapter, from the root.
    path: PathBuf,
    /// What it should be.
    text: String,
}

/// The chapters whose questions are stale.
fn stale(course: &Course) -> Result<Vec<Stale>> {
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

/// Writes the questions into the chapters. Returns the chapters that were stale.
pub(crate) fn write(course: &Course) -> Result<Vec<PathBuf>> {
    let mut written = Vec::new();
    for Stale { path, text } in stale(course)? {
        files::write(&course.root.join(&path), text.as_bytes())?;
        written.push(path);
    }
    Ok(written)
}

/// The chapter with the module's questions, each between the comment that names it and the next end.
fn with_questions(chapter: &str, module: &Module) -> Result<String> {
    let mut text = String::new();
    let mut missing: Vec<&str> = module.questions.iter().map(|it| it.id.as_str()).collect();
    let mut rest = chapter;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (ids, after) =
            after.split_once(" -->\n").context("a comment with questions has no end")?;
        let (_, after) = after
            .split_once(END)
            .with_context(|| format!("{} is missing behind {ids}", END.trim()))?;
        let _ = writeln!(text, "{before}{BEGIN}{ids} -->");
        for id in ids.split(' ') {
            let place = module.questions.iter().position(|question| question.id == id);
            let place = place.with_context(|| format!("there is no question {id}"))?;
            let open = missing.iter().position(|open| *open == id);
            missing.remove(open.with_context(|| format!("question {id} is there twice"))?);
            text.push_str(&shown(&module.questions[place], place + 1, module));
        }
        text.push('\n');
        text.push_str(END);
        rest = after;
    }
    ensure!(
        missing.is_empty(),
        "these questions have no place, {BEGIN}… -->: {}",
        missing.join(", ")
    );
    text.push_str(rest);
    Ok(text)
}

/// A question as a chapter shows it: the answer is folded.
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
    let answer = answer(question);
    let _ = write!(
        text,
        "\n<details>\n<summary>Answer</summary>\n\n**{answer}** {why}\n\n</details>\n"
    );
    text
}

/// `(a) and (c).`
fn answer(question: &Question) -> String {
    let letters: Vec<String> =
        question.correct().iter().map(|letter| format!("({letter})")).collect();
    match letters.split_last() {
        Some((last, [])) => format!("{last}."),
        Some((last, others)) => format!("{} and {last}.", others.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Module 2, with these questions, as the course reads it.
    fn module(questions: &str) -> Module {
        // The tests run side by side.
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("author-chapters-{}-{number}", std::process::id());
        let root = std::env::temp_dir().join(name);
        let dir = root.join("tests").join("02-election");
        fs::create_dir_all(&dir).unwrap();
        let head = "module = \"02-election\"\npackage = \"election\"\ntitle = \"x\"\nsection = \"x\"\n\
                    exercise = []\n";
        fs::write(dir.join("exercises.toml"), head).unwrap();
        fs::write(dir.join("questions.toml"), questions).unwrap();
        let module = course::read_module(&root, "02-election").unwrap();
        fs::remove_dir_all(&root).unwrap();
        module
    }

    const ONE: &str = "[[question]]\nid = \"q2.1\"\nask = \"Who?\"\nchoices = [\"S1\", \"S2\", \"S3\"]\n\
                       answer = \"a c\"\nwhy = \"Both may.\"\n";
    const FREE: &str = "[[question]]\nid = \"q2.2\"\nask = \"Which row?\"\nfree = true\n";

    #[test]
    fn a_chapter_shows_questions_and_hides_answers() {
        let module = module(&format!("{ONE}{FREE}"));
        let chapter = "Before.\n<!-- questions: q2.1 -->\nold\n<!-- end of questions -->\nBetween.\n\
                       <!-- questions: q2.2 -->\n<!-- end of questions -->\nAfter.\n";
        let new = with_questions(chapter, &module).unwrap();
        let expected = "Before.\n<!-- questions: q2.1 -->\n\n**Question 1.** Who?\n\n- (a) S1\n- (b) S2\n\
                        - (c) S3\n\n<details>\n<summary>Answer</summary>\n\n**(a) and (c).** Both may.\n\n\
                        </details>\n\n<!-- end of questions -->\nBetween.\n<!-- questions: q2.2 -->\n\n\
                        **Question 2.** Which row?\n\n`cargo xtask quiz 2` puts what you \
                        answer into [your notes](../resources/notes/02-election.md).\n\n\
                        <!-- end of questions -->\nAfter.\n";
        assert_eq!(new, expected);
        assert_eq!(with_questions(&new, &module).unwrap(), new);
    }

    #[test]
    fn a_question_without_a_place_is_an_error() {
        let module = module(&format!("{ONE}{FREE}"));
        let error = |ids: &str| {
            let chapter = format!("<!-- questions: {ids} -->\n<!-- end of questions -->\n");
            format!("{:#}", with_questions(&chapter, &module).unwrap_err())
        };
        assert!(error("q2.1").contains("no place, <!-- questions: … -->: q2.2"));
        assert!(error("q2.1 q2.2 q2.1").contains("q2.1 is there twice"));
        assert!(error("q2.1 q2.3").contains("no question q2.3"));
    }

    #[test]
    fn the_chapters_of_this_tree_have_the_questions_of_questions_toml() {
        let course = Course::find().unwrap();
        let stale: Vec<String> =
            stale(&course).unwrap().iter().map(|stale| files::shown(&stale.path)).collect();
        assert!(
            stale.is_empty(),
            "stale, `cargo xtask bless book` writes them: {}",
            stale.join(", ")
        );
    }
}
