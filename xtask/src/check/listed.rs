//! The red checks as they were listed last. A learner types a number that is beside a check on the screen, so it
//! must mean that check, even if another command would list others.

use std::fs;
use std::path::Path;

use course::{Report, SelectedCheck};

use crate::files;
use crate::tree::Way;

/// Where the names are, one on each line.
const FILE: &str = "target/raft-lab/listed";

/// Keeps the names of the checks that are listed. Without them, numbers count the checks that are red now.
pub(super) fn keep(root: &Path, red: &[&Report]) {
    let names: Vec<String> =
        red.iter().map(|report| SelectedCheck::of(report).to_string()).collect();
    let path = root.join(FILE);
    let _ = path.parent().map(fs::create_dir_all);
    let _ = files::write_if_changed(&path, names.join("\n").as_bytes());
}

/// The names of the checks that were listed last.
fn names(root: &Path) -> Vec<String> {
    let text = fs::read_to_string(root.join(FILE)).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// Whether the checks that were listed last are of the open path.
pub(crate) fn is_of_open_path(root: &Path) -> bool {
    names(root).first().is_some_and(|name| Way::named_by(name) == Some(Way::Open))
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
        keep(root, &[&judged[0], &judged[2]]);
        let check = |number| numbered(root, &judged, number).map(|report| report.check.as_str());
        assert_eq!([check(0), check(1), check(2), check(3)], [None, Some("a"), Some("c"), None]);
        // A check that was not judged again is found in another way.
        assert!(numbered(root, &judged[..1], 2).is_none());
    }
}
