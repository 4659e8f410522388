//! What stubs say: little, and nothing that a hint or a chapter says in the same words.
//!
//! The *text of a stub* is the doc comment of each function that is marked as an exercise (of a trait's method, also that
//! in the trait) and the contract at the beginning of its body. Words are those of prose: quotations from the
//! paper, citations (a stub cannot be too exact about its source), names of code in backticks and headings are not
//! counted.
//!
//! Two properties are tested:
//!
//! - In modules 1 to 5, stubs have at most [`WORDS_PER_LINE`] words for each line of the reference's bodies, without blank
//!   lines and comments.
//! - No [`RUN`] words of a stub follow one another in a hint or a chapter too. Here the text of a stub includes the
//!   head of its file and the task of a scenario.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::ops::Range;
use std::path::Path;

use course::source::{self, Item, Mark, Outline};
use xtask::tree::Course;
use xtask::{files, say};

const WORDS_PER_LINE: f64 = 2.0;
const RUN: usize = 7;

/// Words with which the paper and its figures are cited. They are not counted, and no run goes across them.
const CITATIONS: [&str; 28] = [
    "Rules for Servers, All Servers",
    "Rules for Servers, Followers and Candidates",
    "Rules for Servers, Followers",
    "Rules for Servers, Candidates",
    "Rules for Servers, Leaders",
    "volatile state on leaders",
    "RequestVote RPC",
    "AppendEntries RPC",
    "InstallSnapshot RPC",
    "receiver implementation",
    "receiver steps 3 and 4",
    "receiver steps 1 and 2",
    "receiver steps 1 to 4",
    "receiver steps 2 to 5",
    "receiver steps 6 to 8",
    "receiver step 1",
    "receiver step 2",
    "receiver step 3",
    "receiver step 5",
    "last paragraph",
    "steps 2 and 3",
    "step 1",
    "step 3",
    "step 8",
    "arguments",
    "dissertation",
    "Exercise",
    "Figure",
];

/// A comment, and where it is.
struct Comment {
    place: String,
    text: String,
}

/// The words of a text in small letters, and `None` where a quotation or a citation was.
fn words(text: &str) -> Vec<Option<String>> {
    let mut blank = text.to_owned();
    for (number, quoted) in text.split('"').enumerate() {
        if number % 2 == 1 {
            let start = quoted.as_ptr() as usize - text.as_ptr() as usize;
            cover(&mut blank, start..start + quoted.len());
        }
    }
    for citation in CITATIONS {
        for (start, _) in text.match_indices(citation) {
            cover(&mut blank, start..start + citation.len());
        }
    }
    let mut words = Vec::new();
    for word in blank.split_whitespace() {
        let is_cited =
            word.contains(['\u{1}', '§']) || word.starts_with(|c: char| c.is_ascii_digit());
        let kept: String =
            word.chars().filter(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        if is_cited {
            words.push(None);
        } else if !kept.is_empty() {
            words.push(Some(kept.to_lowercase()));
        }
    }
    words
}

/// Puts marks in place of a part of a text, one for each byte, so that places stay what they are.
fn cover(text: &mut String, range: Range<usize>) {
    let marks = "\u{1}".repeat(range.len());
    text.replace_range(range, &marks);
}

/// The comments of a range of a file, joined.
fn comments(text: &str, range: Range<usize>) -> String {
    let lines = text[range].lines().map(str::trim_start).filter_map(|line| {
        ["///", "//!", "//", "#"].into_iter().find_map(|sign| line.strip_prefix(sign))
    });
    let is_prose = |line: &&str| {
        let line = line.trim_start();
        !line.starts_with("Until then:") && !line.starts_with("# ")
    };
    lines.filter(is_prose).collect::<Vec<_>>().join(" ")
}

/// The text of a stub that belongs to a marked item: its docs, those of the trait's method, and the contract.
fn of_item(text: &str, items: &[Item], item: &Item) -> String {
    let mut parts = vec![comments(text, item.whole.start..item.declared)];
    let in_trait = |other: &&Item| other.name() == item.name() && other.body.is_none();
    let in_trait = items.iter().filter(in_trait);
    parts.extend(in_trait.map(|other| comments(text, other.whole.start..other.declared)));
    if let Some(Mark::Body { comment, .. }) = &item.mark {
        parts.push(comments(text, comment.clone()));
    }
    parts.join(" ")
}

/// The files of a module's reference, by their path from the root.
fn sources(course: &Course) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for module in &course.modules {
        let src = module.solution().join("src");
        for (path, bytes) in files::read_tree(&course.root.join(&src)).unwrap() {
            all.insert(files::shown(&src.join(path)), String::from_utf8(bytes).unwrap());
        }
    }
    all
}

fn course() -> Course {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Course { modules: course::read_modules(&root).unwrap(), root, others: Vec::new() }
}

/// Whether a file is no scenario.
fn is_rust(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "rs")
}

/// How many words the stubs of a file have, and how many lines the bodies of its reference.
fn measure(text: &str) -> (usize, usize) {
    let items = Outline::read(text).items;
    let mut sum = (0, 0);
    for item in &items {
        let (Some(Mark::Body { comment, .. }), Some(body)) = (&item.mark, &item.body) else {
            continue;
        };
        let said = of_item(text, &items, item);
        let prose: String = said.split('`').step_by(2).collect();
        sum.0 += words(&prose).into_iter().flatten().count();
        let code = text[comment.end..body.end - 1].lines().map(str::trim);
        sum.1 += code.filter(|line| !line.is_empty() && !line.starts_with("//")).count();
    }
    sum
}

#[test]
fn stubs_leave_something_to_find_out() {
    let mut all = (0, 0);
    let mut said = String::new();
    for (path, text) in sources(&course()) {
        let is_measured = ('1'..='5').any(|n| path.starts_with(&format!("solutions/0{n}")));
        if is_measured && is_rust(&path) {
            let (words, lines) = measure(&text);
            if lines > 0 {
                all = (all.0 + words, all.1 + lines);
                writeln!(said, "{path}: {words} words, {lines} lines").unwrap();
            }
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "both are far below 2^52")]
    let ratio = all.0 as f64 / all.1 as f64;
    say!("{said}{} words, {} lines: {ratio:.2}", all.0, all.1);
    assert!(
        ratio <= WORDS_PER_LINE,
        "the stubs of modules 1 to 5 have {ratio:.2} words for each line of the reference, and may have \
         {WORDS_PER_LINE}:\n{said}"
    );
}

/// Everything that a stub says, with its place.
fn stub_texts(course: &Course) -> Vec<Comment> {
    let mut all = Vec::new();
    for (path, text) in sources(course) {
        let mut note = |start: usize, said: String| {
            let place = format!("{path}:{}", source::line_number(&text, start));
            all.push(Comment { place, text: said });
        };
        if !is_rust(&path) {
            let head: usize =
                text.split_inclusive('\n').take_while(|l| l.starts_with('#')).map(str::len).sum();
            note(0, comments(&text, 0..head));
            continue;
        }
        let items = Outline::read(&text).items;
        let marked: Vec<&Item> = items.iter().filter(|item| item.exercise().is_some()).collect();
        for item in &marked {
            note(item.whole.start, of_item(&text, &items, item));
        }
        if !marked.is_empty() {
            let head: usize =
                text.split_inclusive('\n').take_while(|l| l.starts_with("//!")).map(str::len).sum();
            note(0, comments(&text, 0..head));
        }
    }
    all
}

/// What learners read besides: hints, and chapters without their code.
fn other_texts(course: &Course) -> Vec<Comment> {
    let mut all = Vec::new();
    for module in &course.modules {
        for exercise in &module.exercises {
            let hints = exercise.hints.iter().flat_map(|hints| (1..).zip(&hints.levels));
            for (level, text) in hints {
                let place =
                    format!("{}, hint {level} of {}", files::shown(&module.suite()), exercise.id);
                all.push(Comment { place, text: text.clone() });
            }
        }
        let path = Path::new("docs/chapters").join(format!("{}.md", module.dir));
        let chapter = fs::read_to_string(course.root.join(&path)).unwrap();
        let mut is_code = false;
        let mut start = 1;
        let mut paragraph = String::new();
        for (number, line) in (1..).zip(chapter.lines().chain([""])) {
            let bare = line.trim_start_matches(['>', ' ']);
            if bare.starts_with("```") {
                is_code = !is_code;
            } else if bare.is_empty() {
                let place = format!("{}:{start}", files::shown(&path));
                all.push(Comment { place, text: std::mem::take(&mut paragraph) });
                start = number + 1;
            } else if !is_code {
                paragraph += bare;
                paragraph.push(' ');
            }
        }
    }
    all
}

/// The runs of words of a text; `None` where one is interrupted.
fn runs(text: &str) -> Vec<Option<String>> {
    let run = |window: &[Option<String>]| -> Option<String> {
        let words: Option<Vec<&str>> = window.iter().map(Option::as_deref).collect();
        words.map(|words| words.join(" "))
    };
    words(text).windows(RUN).map(run).collect()
}

/// Runs that overlap, as one text.
fn joined(runs: &[&str]) -> String {
    let last = |run: &&str| run.rsplit(' ').next().unwrap_or_default().to_owned();
    let (first, others) = runs.split_first().expect("there is a run");
    others.iter().map(last).fold((*first).to_owned(), |all, word| all + " " + &word)
}

#[test]
fn no_hint_and_no_chapter_repeats_a_stub() {
    let course = course();
    let mut of_stubs: BTreeMap<String, String> = BTreeMap::new();
    for Comment { place, text } in stub_texts(&course) {
        for run in runs(&text).into_iter().flatten() {
            of_stubs.entry(run).or_insert_with(|| place.clone());
        }
    }
    let mut faults = String::new();
    for Comment { place, text } in other_texts(&course) {
        let repeated: Vec<(Option<&String>, String)> = runs(&text)
            .into_iter()
            .map(|run| (run.as_ref().and_then(|run| of_stubs.get(run)), run.unwrap_or_default()))
            .collect();
        for same in repeated.chunk_by(|(one, _), (other, _)| one == other) {
            if let Some(stub) = same[0].0 {
                let runs: Vec<&str> = same.iter().map(|(_, run)| run.as_str()).collect();
                writeln!(faults, "{place} repeats {stub}: {}", joined(&runs)).unwrap();
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{RUN} words of a stub in a row must not recur in a hint or a chapter; say it once, where it helps \
         most:\n{faults}"
    );
}

#[test]
fn quotations_and_citations_are_neither_counted_nor_runs() {
    let said =
        "Figure 2, RequestVote RPC, receiver steps 1 and 2 (§5.1): \"grant vote\" to one server.";
    let counted: Vec<String> = words(said).into_iter().flatten().collect();
    assert_eq!(counted, ["to", "one", "server"]);
    let found = |text: &str| -> Vec<String> { runs(text).into_iter().flatten().collect() };
    assert!(found("one two three \"four\" five six seven eight").is_empty());
    assert_eq!(
        found("One two, three four. Five six `seven`"),
        ["one two three four five six seven"]
    );
    assert_eq!(joined(&["one two three", "two three four"]), "one two three four");
}

#[test]
fn only_comments_of_exercises_and_lines_of_code_are_measured() {
    let text = "/// Two words.\nfn f() {\n    // Exercise 1.2: three more words.\n    // Approach: not counted.\n    \
                // Nor this.\n    a();\n\n    // why\n    b();\n}\n\n/// Given.\nfn g() {\n    c();\n}\n";
    assert_eq!(measure(text), (5, 2));
}
