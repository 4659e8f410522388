//! The red checks as they were listed last. A learner types a number that is beside a check on the screen, so it
//! must mean that check, even if another command would list others.

use std::fs;
use std::path::Path;

use course::{ExerciseId, Report, SelectedCheck};

use crate::files;
use crate::tree::Way;

/// Where they are: on the first line the exercise that a hint would be for, if there is one, and then the name of a check
/// on each line.
const FILE: &str = "target/raft-lab/listed";

/// Keeps the names of the checks that are listed, and the exercise that a hint would be for; `None` keeps the one that is
/// there. Without the names, numbers count the checks that are red now.
pub(super) fn keep(root: &Path, red: &[&Report], stuck_at: Option<ExerciseId>) {
    let stuck_at = stuck_at.or_else(|| self::stuck_at(root));
    let mut lines = vec![stuck_at.map_or_else(String::new, |id| id.to_string())];
    lines.extend(red.iter().map(|report| SelectedCheck::of(report).to_string()));
    let path = root.join(FILE);
    let _ = path.parent().map(fs::create_dir_all);
    let _ = files::write_if_changed(&path, lines.join("\n").as_bytes());
}

/// Forgets them: what was judged last is not red.
pub(super) fn forget(root: &Path) {
    let _ = fs::remove_file(root.join(FILE));
}

/// The exercise that `check` offered a hint for when it ended last; `None` if it ended at no red check.
pub(crate) fn stuck_at(root: &Path) -> Option<ExerciseId> {
    let text = fs::read_to_string(root.join(FILE)).ok()?;
    text.lines().next()?.parse().ok()
}

/// The names of the checks that were listed last.
fn names(root: &Path) -> Vec<String> {
    let text = fs::read_to_string(root.join(FILE)).unwrap_or_default();
    text.lines().skip(1).map(str::to_owned).collect()
}

/// The path of the checks that were listed last.
pub(crate) fn way(root: &Path) -> Option<Way> {
    names(root).first().map(|name| Way::named_by(name).unwrap_or(Way::Modules))
}

/// The check with this number in the last list, if it was judged again.
pub(super) fn numbered<'a>(root: &Path, judged: &'a [Report], number: usize) -> Option<&'a Report> {
    let names = names(root);
    let name = names.get(number.checked_sub(1)?)?;
    judged.iter().find(|report| SelectedCheck::of(report).to_string() == *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(check: &str) -> Report {
        let text = format!(
            r#"{{"version":1,"module":"02-election","exercise":"2.3","check":"{check}","claim":"A","points":1,"outcome":"failed","todo":null,"seed":1,"millis":3,"text":"","show":null}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_number_means_the_check_beside_it_in_the_last_list() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let judged = ["a", "b", "c"].map(report);
        assert!(numbered(root, &judged, 1).is_none());
        keep(root, &[&judged[0], &judged[2]], Some("2.2".parse().unwrap()));
        let check = |number| numbered(root, &judged, number).map(|report| report.check.as_str());
        assert_eq!([check(0), check(1), check(2), check(3)], [None, Some("a"), Some("c"), None]);
        assert_eq!(stuck_at(root), Some("2.2".parse().unwrap()));
        keep(root, &[&judged[0], &judged[2]], None);
        assert_eq!(stuck_at(root), Some("2.2".parse().unwrap()), "`explain` lists them again");
        // A check that was not judged again is found in another way.
        assert!(numbered(root, &judged[..1], 2).is_none());
        forget(root);
        assert!(numbered(root, &judged, 1).is_none() && stuck_at(root).is_none());
    }
}
