//! Two texts side by side, line by line.

use course::text;
use similar::{DiffOp, capture_diff_slices};

/// A row: a line of either text, or of both if they are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row<'a> {
    pub(super) left: Option<&'a str>,
    pub(super) right: Option<&'a str>,
}

impl Row<'_> {
    /// Whether both texts have this line.
    pub(super) fn is_same(&self) -> bool {
        self.left == self.right
    }
}

/// The lines of both texts, those that are the same in one row.
pub(super) fn rows<'a>(left: &'a str, right: &'a str) -> Vec<Row<'a>> {
    let left: Vec<&str> = left.lines().collect();
    let right: Vec<&str> = right.lines().collect();
    let mut rows = Vec::new();
    for operation in capture_diff_slices(similar::Algorithm::Myers, &left, &right) {
        let (old, new) = match operation {
            DiffOp::Equal { .. } | DiffOp::Replace { .. } => {
                (operation.old_range(), operation.new_range())
            }
            DiffOp::Delete { old_index, old_len, .. } => (old_index..old_index + old_len, 0..0),
            DiffOp::Insert { new_index, new_len, .. } => (0..0, new_index..new_index + new_len),
        };
        for at in 0..old.len().max(new.len()) {
            let line = |lines: &[&'a str], range: &std::ops::Range<usize>| {
                lines[range.clone()].get(at).copied()
            };
            rows.push(Row { left: line(&left, &old), right: line(&right, &new) });
        }
    }
    rows
}

/// A line of both columns as lines of the terminal: a cell that is too long continues below.
pub(super) fn cells(left: &str, right: &str, width: usize) -> Vec<(String, String)> {
    let left = broken(left, width);
    let right = broken(right, width);
    let cell = |lines: &[String], at: usize| lines.get(at).cloned().unwrap_or_default();
    (0..left.len().max(right.len()))
        .map(|at| (padded(&cell(&left, at), width), cell(&right, at)))
        .collect()
}

/// A line in parts that fit a column. Its spaces are kept if it fits as it is.
fn broken(line: &str, width: usize) -> Vec<String> {
    if text::columns(line) <= width {
        return vec![line.to_owned()];
    }
    let wrapped = text::wrap(line, width.saturating_sub(2));
    let indented = |(at, part): (usize, &str)| match at {
        0 => part.to_owned(),
        _ => format!("  {part}"),
    };
    wrapped.lines().enumerate().map(indented).collect()
}

fn padded(line: &str, width: usize) -> String {
    line.to_owned() + &" ".repeat(width.saturating_sub(text::columns(line)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_the_same_are_in_one_row() {
        let same = |line| Row { left: Some(line), right: Some(line) };
        let changed = Row { left: Some("S2 leader"), right: Some("S2 -") };
        assert_eq!(rows("S1\nS2 leader\nS3", "S1\nS2 -\nS3"), [same("S1"), changed, same("S3")]);
        let missing = Row { left: Some("S1 leader"), right: None };
        assert_eq!(rows("S1 leader\nS2", "S2"), [missing, same("S2")]);
        let surplus = Row { left: None, right: Some("nothing has changed") };
        assert_eq!(rows("", "nothing has changed"), [surplus]);
    }

    #[test]
    fn a_long_line_continues_in_its_column() {
        let cells = cells("one two three", "é", 9);
        let expected = [("one two  ", "é"), ("  three  ", "")];
        assert_eq!(cells, expected.map(|(left, right)| (left.to_owned(), right.to_owned())));
    }
}
