//! `status`: the modules and exercises, what is done, and what comes next.

use std::collections::BTreeSet;

use anyhow::Result;
use course::{Exercise, ExerciseId, Module, Question, text};
use serde::Serialize;

use crate::locate::{self, Todo};
use crate::progress::{Progress, State};
use crate::tree::{Course, Way};
use crate::use_module::{self, Source};
use crate::{files, term, verdict};

/// The columns before the title of a module, for its title, and for ` 3 of 8`.
const INDENT: usize = 12;
const TITLE: usize = 33;
const COUNT: usize = 9;

/// A title has at least this many columns.
const NARROWEST: usize = 10;

/// A text beside another needs this many columns; with fewer it is below.
const ROOMY: usize = 24;

/// The label of the next exercise. The lines below it are indented as far as it reaches.
const NEXT: &str = "Next: ";

/// `cargo xtask status --json`, version 1: fields may be added, but not removed.
#[derive(Serialize)]
struct Answer<'a> {
    version: u32,
    modules: Vec<ModuleAnswer<'a>>,
    /// The exercise that comes next; `None` if all are done or skipped.
    next: Option<ExerciseId>,
}

#[derive(Serialize)]
struct ModuleAnswer<'a> {
    number: u32,
    name: &'a str,
    title: &'a str,
    section: &'a str,
    /// What later modules build on.
    uses: Source,
    /// Whether exercises of it are done, and its text as it is now was not judged.
    unjudged: bool,
    exercises: Vec<ExerciseAnswer<'a>>,
}

#[derive(Serialize)]
struct ExerciseAnswer<'a> {
    id: ExerciseId,
    title: &'a str,
    section: &'a str,
    file: String,
    line: usize,
    points: u32,
    minutes: u32,
    bonus: bool,
    /// The module before which it must be done, if it may be postponed.
    until: Option<u32>,
    state: State,
    hints_seen: usize,
}

/// `cargo xtask status`. Shows the exercises of modules that are begun and of the next one, or with `all`
/// those of every module.
pub(crate) fn run(course: &Course, all: bool, json: bool) -> Result<()> {
    let progress = Progress::load(&course.root)?;
    if json {
        say!("{}", serde_json::to_string(&answer(course, &progress)?)?);
        return Ok(());
    }
    let is_first = !Progress::exists(&course.root);
    let width = term::width().unwrap_or(usize::MAX);
    let changed = verdict::unjudged(course, &progress)?;
    for line in (Page { course, progress: &progress, changed, width }).lines(all, is_first)? {
        say!("{line}");
    }
    Ok(())
}

/// The page for a person.
struct Page<'a> {
    course: &'a Course,
    progress: &'a Progress,
    /// The modules that are not judged as they stand.
    changed: BTreeSet<String>,
    /// In columns.
    width: usize,
}

impl Page<'_> {
    /// `is_first`: the learner has done nothing yet that is noted.
    fn lines(&self, all: bool, is_first: bool) -> Result<Vec<String>> {
        let next = self.progress.next(&self.course.modules);
        let todo = next.map(|(module, exercise)| locate::todo(self.course, module, exercise));
        let todo = todo.transpose()?;
        let is_untouched = todo.as_ref().is_some_and(Todo::is_untouched);
        let mut lines = self.head(is_first && is_untouched);
        for module in &self.course.modules {
            let states = || module.core().map(|exercise| self.progress.state(exercise.id));
            let is_begun = states().any(|state| state != State::Open);
            let is_done = states().all(|state| state == State::Done);
            let is_next = next.is_some_and(|(other, _)| other.dir == module.dir);
            let is_open = all || is_next || is_begun && !is_done;
            lines.extend(self.module(module, is_done, is_open)?);
            if is_open {
                let next = next.map(|(_, exercise)| exercise.id);
                lines.extend(module.exercises.iter().map(|exercise| self.exercise(exercise, next)));
            }
        }
        lines.push(String::new());
        if let Some(((module, exercise), todo)) = next.zip(todo) {
            lines.extend(self.next(module, exercise, &todo));
        } else {
            let mut core = self.course.modules.iter().flat_map(Module::core);
            let is_done = core.all(|exercise| self.progress.is_done(exercise.id));
            let left = "Only the exercises that you skipped are left.";
            let text = match (is_done, self.changed.is_empty()) {
                (true, true) => "Everything is done. Well done!",
                (true, false) => {
                    "Everything was done. `cargo xtask check` says whether it still is."
                }
                (false, _) => left,
            };
            lines.push(text::wrap(text, self.width));
        }
        if !all {
            let more = text::wrap("`cargo xtask status --all` shows every exercise.", self.width);
            lines.push(term::dim(&more));
        }
        Ok(lines)
    }

    fn head(&self, is_first: bool) -> Vec<String> {
        let lab = if is_first { "Welcome to the Raft Learning Lab" } else { "Raft Learning Lab" };
        let head = format!("{lab}: {}", how_far(self.course, self.progress));
        let mut lines = vec![term::bold(&text::wrap(&head, self.width))];
        if !is_first {
            lines.push(text::wrap(&points(self.course, self.progress), self.width));
        }
        if is_first {
            let welcome = match self.course.way() {
                Way::Modules => [
                    "You write Raft in modules/, function by function, and the lab judges each.",
                    "Read docs/start-here.md first, or `cargo xtask book --open`.",
                ],
                Way::Open => [
                    "You design a Raft server in modules/open, and the lab judges it as a whole.",
                    "Read docs/chapters/open.md first, or `cargo xtask book --open`.",
                ],
            };
            lines.extend(welcome.map(|line| text::wrap(line, self.width)));
        } else {
            // With the welcome, the map just fits a terminal of 24 lines.
            lines.push(String::new());
        }
        lines
    }

    fn module(&self, module: &Module, is_done: bool, is_open: bool) -> Result<Vec<String>> {
        let mut remarks = Vec::new();
        if self.course.is_finish(module) {
            remarks.push("the finish line");
        }
        if module.stretch {
            remarks.push("a stretch");
        }
        if use_module::source(&self.course.root, module)? == Source::Solution {
            remarks.push("later modules build on the reference");
        }
        let is_changed = self.changed.contains(&module.dir);
        if is_changed {
            remarks.push("not judged as it is now");
        }
        let sign = match (is_done, is_changed) {
            (true, true) => term::yellow("?"),
            (true, false) => term::green("✔"),
            (false, _) => " ".to_owned(),
        };
        let number = format!("{}  ", module.name());
        let indent = " ".repeat(INDENT);
        // In a narrow terminal a title has several lines; the count is on the first.
        let room = TITLE.min(self.width.saturating_sub(INDENT + COUNT)).max(NARROWEST);
        let title = text::wrap(&module.title, room);
        let mut title = title.lines();
        let head = format!("{number}{:room$}", title.next().unwrap_or_default());
        let bold = |text: &str| if is_open { term::bold(text) } else { text.to_owned() };
        let done = module.core().filter(|e| self.progress.is_done(e.id)).count();
        let head = format!("{sign} {} {done:>2} of {:<2}  ", bold(&head), module.core().count());
        let remarks = remarks.join("; ");
        let is_roomy = self.width.saturating_sub(text::columns(&head)) >= ROOMY;
        let mut lines = Vec::new();
        if is_roomy && !remarks.is_empty() {
            lines.push(text::wrap_after(&head, &remarks, self.width));
        } else {
            lines.push(head.trim_end().to_owned());
        }
        lines.extend(title.map(|line| format!("{indent}{}", bold(line))));
        if !is_roomy && !remarks.is_empty() {
            lines.push(text::wrap_after(&indent, &remarks, self.width));
        }
        Ok(lines)
    }

    fn exercise(&self, exercise: &Exercise, next: Option<ExerciseId>) -> String {
        let remark = match exercise.until {
            _ if exercise.bonus => ", bonus".to_owned(),
            Some(until) if self.progress.may_wait(&self.course.modules, exercise) => {
                format!(", may wait until module {until}")
            }
            _ => String::new(),
        };
        let id = format!("{:4}", exercise.id.to_string());
        let title = &exercise.title;
        let (head, title) = match self.progress.state(exercise.id) {
            State::Done => (format!("{} {id}", term::green("✔")), title.clone()),
            State::Skipped => (format!("{} {id}", term::yellow("◌")), format!("{title}, skipped")),
            State::Open if next == Some(exercise.id) => {
                (term::bold(&format!("▶ {id}")), term::by_word(term::bold, title))
            }
            State::Open => (format!("  {id}"), title.clone()),
        };
        let minutes = term::by_word(term::dim, &format!("({} min{remark})", exercise.minutes));
        text::wrap_after(&format!("    {head} "), &format!("{title} {minutes}"), self.width)
    }

    fn next(&self, module: &Module, exercise: &Exercise, todo: &Todo) -> Vec<String> {
        let what = format!("{} {}", exercise.id, exercise.title);
        // Where it does not fit, it begins on the left: then a terminal that breaks it still finds the file.
        let place = todo.place.to_string();
        let fits = text::columns(&place) + NEXT.len() <= self.width;
        let place = if fits { format!("{:1$}{place}", "", NEXT.len()) } else { place };
        let mut lines = vec![text::wrap_after(NEXT, &what, self.width), place];
        let is_open = |question: &Question| self.progress.answered(&question.id).is_none();
        if module.questions.iter().any(is_open) {
            lines.push(self.command("quiz", "asks what you expect before you write it"));
        }
        lines.push(self.command("check", "judges it and continues from there"));
        lines.push(self.command("hint", "helps, a little more each time"));
        lines
    }

    fn command(&self, name: &str, does: &str) -> String {
        let command = format!("{:1$}cargo xtask {name:<10}", "", NEXT.len());
        if self.width.saturating_sub(text::columns(&command)) >= ROOMY {
            return text::wrap_after(&command, does, self.width);
        }
        let does = text::wrap_after(&" ".repeat(NEXT.len() + 2), does, self.width);
        format!("{}\n{does}", command.trim_end())
    }
}

/// `████░░░░░░ 25 of 260 points`: of the exercises before the stretch.
fn points(course: &Course, progress: &Progress) -> String {
    const CELLS: u32 = 20;
    let before = course.modules.iter().filter(|module| !module.stretch);
    let core: Vec<&Exercise> = before.flat_map(Module::core).collect();
    let all: u32 = core.iter().map(|exercise| exercise.points).sum();
    let done = core.iter().filter(|exercise| progress.is_done(exercise.id));
    let done: u32 = done.map(|exercise| exercise.points).sum();
    let full = (done * CELLS / all.max(1)) as usize;
    let bar = "█".repeat(full) + &"░".repeat(CELLS as usize - full);
    format!("{bar} {done} of {all} points")
}

/// `3 of 44 exercises done`, and how many of the stretch, once the learner has reached it.
fn how_far(course: &Course, progress: &Progress) -> String {
    let count = |stretch: bool| {
        let modules = course.modules.iter().filter(move |module| module.stretch == stretch);
        let all: Vec<&Exercise> = modules.flat_map(Module::core).collect();
        (all.iter().filter(|exercise| progress.is_done(exercise.id)).count(), all.len())
    };
    let (done, all) = count(false);
    let (more, stretch) = count(true);
    let noun = if course.way() == Way::Open { "milestones" } else { "exercises" };
    let so_far = format!("{done} of {all} {noun} done");
    if stretch > 0 && (more > 0 || done == all) {
        format!("{so_far}, and {more} of {stretch} of the stretch")
    } else {
        so_far
    }
}

fn answer<'a>(course: &'a Course, progress: &Progress) -> Result<Answer<'a>> {
    let mut modules = Vec::new();
    let changed = verdict::unjudged(course, progress)?;
    for module in &course.modules {
        let exercises: Result<_> =
            module.exercises.iter().map(|e| describe(course, progress, module, e)).collect();
        modules.push(ModuleAnswer {
            number: module.number(),
            name: &module.dir,
            title: &module.title,
            section: &module.section,
            uses: use_module::source(&course.root, module)?,
            unjudged: changed.contains(&module.dir),
            exercises: exercises?,
        });
    }
    let next = progress.next(&course.modules).map(|(_, exercise)| exercise.id);
    Ok(Answer { version: 1, modules, next })
}

fn describe<'a>(
    course: &Course,
    progress: &Progress,
    module: &Module,
    exercise: &'a Exercise,
) -> Result<ExerciseAnswer<'a>> {
    let place = locate::todo(course, module, exercise)?.place;
    Ok(ExerciseAnswer {
        id: exercise.id,
        title: &exercise.title,
        section: &exercise.section,
        file: files::shown(&place.file),
        line: place.line,
        points: exercise.points,
        minutes: exercise.minutes,
        bonus: exercise.bonus,
        until: exercise.until,
        state: progress.state(exercise.id),
        hints_seen: progress.most_hints_seen(exercise.id),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// The lines as the terminal shows them, for a learner who is in the middle of the course.
    fn page(width: usize) -> Vec<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let course = Course::load(root.to_path_buf()).unwrap();
        let mut progress = Progress::none(root);
        for exercise in course.modules[..2].iter().flat_map(|module| &module.exercises) {
            progress.mark_done(exercise.id);
        }
        progress.mark_skipped(course.modules[2].exercises[0].id);
        let page = Page { course: &course, progress: &progress, changed: BTreeSet::new(), width };
        let lines = [page.lines(true, false).unwrap(), page.head(true)].concat();
        lines.iter().flat_map(|lines| lines.split('\n').map(str::to_owned)).collect()
    }

    fn words(page: &[String]) -> Vec<String> {
        page.iter().flat_map(|line| line.split_whitespace().map(str::to_owned)).collect()
    }

    #[test]
    fn in_a_narrow_terminal_no_line_ends_inside_a_word() {
        let mut whole = words(&page(usize::MAX));
        whole.sort();
        for width in [100, 80, 60, 50, 40] {
            let page = page(width);
            for line in &page {
                let is_one_word = line.split_whitespace().count() == 1 && !line.starts_with(' ');
                let fits = text::columns(line) <= width;
                assert!(fits || is_one_word, "{width} columns:\n{}", page.join("\n"));
            }
            // A remark may be on another line than in a wide terminal.
            let mut words = words(&page);
            words.sort();
            assert_eq!(words, whole, "{width} columns:\n{}", page.join("\n"));
        }
    }

    #[test]
    fn in_a_wide_terminal_nothing_is_broken() {
        let lines = page(usize::MAX);
        let expected = "✔ Module 1  Data model and event loop          9 of 9";
        assert!(lines.iter().any(|line| line == expected), "{}", lines.join("\n"));
    }
}
