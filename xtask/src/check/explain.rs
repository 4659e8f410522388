//! `explain`: the text of any check that is red, and not only of the most basic one.

mod columns;
mod transcript;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use course::{Module, Report, SelectedCheck};

use super::walk::Walk;
use super::{listed, report};
use crate::tree::Course;
use crate::{files, term};

/// Prints the text of the check that `name` names. Without a name, prints the list.
pub(super) fn print(course: &Course, walk: &Walk<'_>, name: Option<&str>) -> Result<()> {
    let red = walk.wrong();
    let Some(name) = name else {
        if red.is_empty() {
            say!("No check of {} is red.", walk.module.called());
        } else {
            listed::keep(&course.root, &red, None);
            report::list(&red);
        }
        return Ok(());
    };
    let report = named(course, walk, name)?;
    if report.passed() {
        say!("{} {}  {}: it is green.", term::green("✔"), report.exercise, report.claim);
        return Ok(());
    }
    say!("{}", report.text.trim_end());
    if let Some(evidence) = &report.evidence {
        transcript::print(evidence);
    }
    say!();
    places(course, walk.module, report);
    how_to_run_alone(walk.module, report, name);
    Ok(())
}

/// The check that `name` names: by its number in the list that was printed last, by its name, or by words of its claim.
pub(super) fn named<'a>(course: &Course, walk: &'a Walk<'_>, name: &str) -> Result<&'a Report> {
    let listed = name.parse().ok().and_then(|n| listed::numbered(&course.root, &walk.judged, n));
    if let Some(report) = listed {
        return Ok(report);
    }
    let red = walk.wrong();
    let all: Vec<&Report> = walk.judged.iter().collect();
    let numbered =
        name.parse::<usize>().ok().map(|number| red.get(number.wrapping_sub(1)).copied());
    if numbered == Some(None) {
        match red.len() {
            0 => bail!("no check of {} is red", walk.module.called()),
            1 => bail!("only one check is red, number 1"),
            count => bail!("the red checks have the numbers 1 to {count}"),
        }
    }
    let found = numbered.unwrap_or_else(|| find(&red, name).or_else(|| find(&all, name)));
    found.with_context(|| {
        format!(
            "no check of {} is called `{name}`; `cargo xtask explain` lists those that are red",
            walk.module.called()
        )
    })
}

/// Where the check and the learner's code are. The paths are whole, so that a terminal opens them from any folder.
fn places(course: &Course, module: &Module, report: &Report) {
    let suite = course.root.join(module.suite());
    let check = match &report.evidence {
        Some(evidence) => Some((course.root.join(&evidence.script), evidence.line)),
        None => place_of_claim(&suite, &report.claim),
    };
    if let Some((path, line)) = check {
        say!("  check     {}:{line}", path.display());
    }
    if let Some(place) = &report.place {
        say!("  code      {}", course.root.join(place).display());
    }
}

/// The file and line of a suite that has this claim; `None` if the suite makes the claim from parts.
fn place_of_claim(suite: &Path, claim: &str) -> Option<(PathBuf, usize)> {
    let quoted = format!("\"{claim}\"");
    for name in files::names(suite).ok()? {
        let path = suite.join(&name);
        if path.extension().is_none_or(|end| end != "rs") {
            continue;
        }
        let Ok(text) = fs::read_to_string(&path) else { continue };
        if let Some(at) = text.lines().position(|line| line.contains(&quoted)) {
            return Some((path, at + 1));
        }
    }
    None
}

/// How to run just this check, by itself and in a debugger. The learner has called it by `name`.
fn how_to_run_alone(module: &Module, report: &Report, name: &str) {
    let check = SelectedCheck::of(report);
    say!("  alone     cargo test -p {} --test gate -- --exact {check}", module.package);
    let name = if name.contains(' ') { format!("\"{name}\"") } else { name.to_owned() };
    say!("  debugger  cargo xtask debug {name}");
}

/// The check with this name, or the only one with these words in its claim.
fn find<'a>(reports: &[&'a Report], name: &str) -> Option<&'a Report> {
    let bare = name.split_once("::").map_or(name, |(_, bare)| bare);
    if let Some(report) = reports.iter().find(|report| report.check == bare) {
        return Some(report);
    }
    let words = name.to_lowercase();
    let mut fits = reports.iter().filter(|report| report.claim.to_lowercase().contains(&words));
    fits.next().filter(|_| fits.next().is_none()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(check: &str, claim: &str) -> Report {
        let text = format!(
            r#"{{"version":1,"module":"","exercise":"2.4","check":"{check}","claim":"{claim}","points":1,
                "outcome":"failed","todo":null,"seed":1,"millis":0,"text":"","show":null}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_check_is_found_by_its_name_and_by_words_of_its_claim() {
        let all =
            [report("a_refusal", "A refusal is no vote"), report("two_votes", "Two votes win")];
        let all: Vec<&Report> = all.iter().collect();
        let found = |name: &str| find(&all, name).map(|report| report.check.as_str());
        assert_eq!(found("two_votes"), Some("two_votes"));
        assert_eq!(found("2.4::two_votes"), Some("two_votes"));
        assert_eq!(found("refusal is"), Some("a_refusal"));
        assert_eq!(found("vote"), None, "two claims have it");
    }
}
