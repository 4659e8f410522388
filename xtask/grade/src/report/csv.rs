//! A table for the grade book: a line for each student, a column for each exercise.

use std::collections::BTreeMap;

use course::ExerciseId;

use crate::result::StudentResult;

/// Comma-separated values with a header (RFC 4180).
pub(super) fn grade_book(results: &[StudentResult]) -> String {
    let mut exercises: BTreeMap<ExerciseId, u32> = BTreeMap::new();
    for exercise in results.iter().flat_map(StudentResult::exercises) {
        exercises.insert(exercise.id, exercise.points);
    }
    let mut header: Vec<String> =
        ["student", "points", "bonus", "needs a look"].map(str::to_owned).to_vec();
    header.extend(exercises.iter().map(|(id, points)| format!("{id} (of {points})")));
    let mut lines = vec![line(&header)];
    for result in results {
        let mut fields = vec![
            result.student.clone(),
            result.points().0.to_string(),
            result.bonus().0.to_string(),
            result.needs_a_look().join("; "),
        ];
        fields.extend(exercises.keys().map(|id| {
            let exercise = result.exercises().find(|exercise| exercise.id == *id);
            exercise.map_or(0.0, |exercise| exercise.earned).to_string()
        }));
        lines.push(line(&fields));
    }
    lines.concat()
}

/// A line of a table.
pub(crate) fn line(fields: &[String]) -> String {
    let fields: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
    format!("{}\r\n", fields.join(","))
}

/// A field as a spreadsheet reads it. One that begins like a formula is text: names come from students.
fn quoted(field: &str) -> String {
    let text = if field.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{field}")
    } else {
        field.to_owned()
    };
    if text.contains(['"', ',', '\n', '\r', '\'']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::tests::graded;

    #[test]
    fn a_name_is_one_field_and_never_a_formula() {
        let results = ["=cmd|'/C calc'!A1", "O\"Neil, Bo"].map(graded);
        let table = grade_book(&results);
        let lines: Vec<&str> = table.split("\r\n").collect();
        assert_eq!(lines[0], "student,points,bonus,needs a look,2.1 (of 10),2.2 (of 5),2.9 (of 3)");
        assert_eq!(lines[1], "\"'=cmd|'/C calc'!A1\",10,0,,10,0,0");
        assert_eq!(lines[2], "\"O\"\"Neil, Bo\",10,0,,10,0,0");
    }
}
