//! The hours that pages state are those of the exercises.

use std::fs;

use anyhow::{Context as _, Result};
use xtask::tree::Course;

use super::Part;

/// The page with the table of hours.
const PAGE: &str = "docs/start-here.md";

/// Hours, to the nearest quarter: `3¼`, `½`, and nothing for no time at all.
pub(super) fn in_words(minutes: u32) -> String {
    let quarters = (minutes + 7) / 15;
    let whole = match quarters / 4 {
        0 => String::new(),
        whole => whole.to_string(),
    };
    let part = ["", "¼", "½", "¾"][(quarters % 4) as usize];
    format!("{whole}{part}")
}

/// The cells of a line of a table.
pub(super) fn cells(line: &str) -> Vec<&str> {
    line.trim().trim_matches('|').split('|').map(str::trim).collect()
}

/// The table of hours has the sums of the exercises.
pub(super) fn stated(course: &Course) -> Result<Part> {
    let path = course.root.join(PAGE);
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut faults = Vec::new();
    for module in course.all().filter(|module| !module.is_open_path()) {
        let core: u32 = module.core().map(|exercise| exercise.minutes).sum();
        let all: u32 = module.exercises.iter().map(|exercise| exercise.minutes).sum();
        let expected = [in_words(core), in_words(all - core)];
        let link = format!("](chapters/{}.md)", module.dir);
        let row = text.lines().find(|line| line.starts_with('|') && line.contains(&link));
        match row.map(cells) {
            None => faults.push(format!("{PAGE} has no row for {}", module.dir)),
            Some(row) if row.get(3..) != Some(&expected.each_ref().map(String::as_str)) => {
                faults.push(format!(
                    "{PAGE}: the exercises of {} take {} hours, and {} more for its bonuses",
                    module.dir, expected[0], expected[1]
                ));
            }
            Some(_) => {}
        }
    }
    Ok(Part { name: "the hours are those of the exercises", faults })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_page_has_the_hours_of_the_exercises() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let course = Course::load(root).unwrap();
        assert_eq!(stated(&course).unwrap().faults, [""; 0]);
    }

    #[test]
    fn quarters_are_rounded() {
        for (minutes, expected) in [(0, ""), (35, "½"), (60, "1"), (205, "3½"), (230, "3¾")] {
            assert_eq!(in_words(minutes), expected, "{minutes}");
        }
    }
}
