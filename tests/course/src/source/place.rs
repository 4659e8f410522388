//! Lines, and the marks of exercises on them.

use crate::id::ExerciseId;

/// The exercise that a comment marks, if the comment begins with `Exercise 2.3:` after `sign`.
pub fn marker(comment: &str, sign: &str) -> Option<ExerciseId> {
    let text = comment.trim_start().strip_prefix(sign)?.strip_prefix(" Exercise ")?;
    text.split_once(':')?.0.parse().ok()
}

/// The exercise that a line of Rust or of a scenario marks.
pub fn marked(line: &str) -> Option<ExerciseId> {
    marker(line, "//").or_else(|| marker(line, "#"))
}

/// The line of the mark of an exercise, from 1.
pub fn line_of_mark(text: &str, id: ExerciseId) -> Option<usize> {
    (1..).zip(text.lines()).find(|(_, line)| marked(line) == Some(id)).map(|(number, _)| number)
}

/// Where the line begins that `place` is in.
pub fn line_start(text: &str, place: usize) -> usize {
    text[..place].rfind('\n').map_or(0, |end| end + 1)
}

/// The number of the line that `place` is in, from 1.
pub fn line_number(text: &str, place: usize) -> usize {
    text[..place].matches('\n').count() + 1
}
