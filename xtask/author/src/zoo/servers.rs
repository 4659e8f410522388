//! The servers in `tests/bugs`, by name.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

/// How many names are suggested for one that does not exist.
const SUGGESTED: usize = 3;

/// The servers of each module, in the order of their files.
#[derive(Debug, Default)]
pub(super) struct Servers {
    pub(super) wrong: Vec<(String, Vec<String>)>,
    pub(super) right: Vec<(String, Vec<Right>)>,
}

/// A right server.
#[derive(Clone, Debug)]
pub(super) struct Right {
    pub(super) id: String,
    /// What it does otherwise than the reference, or its habits.
    pub(super) does: String,
    /// Why it may.
    pub(super) because: String,
}

#[derive(Deserialize)]
struct Patches {
    #[serde(default)]
    bug: Vec<Wrong>,
    #[serde(default)]
    right: Vec<Other>,
}

#[derive(Deserialize)]
struct Wrong {
    id: String,
}

#[derive(Deserialize)]
struct Other {
    id: String,
    title: String,
    because: String,
}

impl Servers {
    /// Reads the patches, and the page of the zoo for servers of another architecture.
    pub(super) fn read(root: &Path) -> Result<Self> {
        let folder = root.join("tests/bugs/patches");
        let entries =
            fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
        let mut paths = Vec::new();
        for entry in entries {
            paths.push(entry?.path());
        }
        paths.sort();
        let mut servers = Servers::default();
        for path in paths {
            let text = fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            let patches: Patches =
                toml_edit::de::from_str(&text).with_context(|| format!("in {}", path.display()))?;
            let module = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let wrong = patches.bug.into_iter().map(|bug| bug.id).collect();
            let right = |Other { id, title, because }| Right { id, does: title, because };
            servers.wrong.push((module.clone(), wrong));
            servers.right.push((module, patches.right.into_iter().map(right).collect()));
        }
        let page = fs::read_to_string(root.join("docs/maintainers/zoo.md")).unwrap_or_default();
        servers.right.push(("open".to_owned(), of_another_architecture(&page)));
        Ok(servers)
    }

    /// Those with these names, or all if there are none; only of one module, if one is named.
    ///
    /// # Errors
    /// If there is no server of that name: which was likely meant.
    pub(super) fn chosen(mut self, ids: &[String], module: Option<&str>) -> Result<Self> {
        self.wrong.retain(|(folder, _)| module.is_none_or(|module| module == folder));
        self.right.retain(|(folder, _)| module.is_none_or(|module| module == folder));
        if ids.is_empty() {
            return Ok(self);
        }
        for id in ids {
            if !self.names().any(|name| name == id) {
                bail!("{}", self.unknown(id, module));
            }
        }
        for (_, wrong) in &mut self.wrong {
            wrong.retain(|id| ids.contains(id));
        }
        for (_, right) in &mut self.right {
            right.retain(|right| ids.contains(&right.id));
        }
        self.wrong.retain(|(_, wrong)| !wrong.is_empty());
        self.right.retain(|(_, right)| !right.is_empty());
        Ok(self)
    }

    fn names(&self) -> impl Iterator<Item = &String> {
        let wrong = self.wrong.iter().flat_map(|(_, wrong)| wrong);
        wrong.chain(self.right.iter().flat_map(|(_, right)| right).map(|right| &right.id))
    }

    fn unknown(&self, id: &str, module: Option<&str>) -> String {
        let place =
            module.map_or_else(|| "in the zoo".to_owned(), |it| format!("of {it} in the zoo"));
        let near = self.near(id);
        if near.is_empty() {
            return format!(
                "there is no server `{id}` {place}. docs/maintainers/zoo.md lists all of them"
            );
        }
        let near: Vec<String> = near.into_iter().map(|name| format!("`{name}`")).collect();
        format!("there is no server `{id}` {place}; did you mean {}?", near.join(" or "))
    }

    /// The names that are most like this one: those that contain it, and those with a few other letters.
    fn near(&self, id: &str) -> Vec<&str> {
        let wanted = id.to_lowercase();
        let mut near: Vec<(usize, &str)> = Vec::new();
        for name in self.names() {
            let candidate = name.to_lowercase();
            let distance = strsim::osa_distance(&wanted, &candidate);
            let is_part = wanted.len() >= 3 && candidate.contains(&wanted);
            // One letter in three may be wrong.
            if is_part || distance * 3 <= wanted.chars().count().max(candidate.chars().count()) {
                near.push((if is_part { 0 } else { distance }, name));
            }
        }
        near.sort_unstable();
        near.dedup();
        near.into_iter().take(SUGGESTED).map(|(_, name)| name).collect()
    }
}

/// The last table of the page.
fn of_another_architecture(page: &str) -> Vec<Right> {
    let table = page.split("another architecture\n").nth(1).unwrap_or_default();
    let row = |line: &str| {
        let cells: Vec<&str> = line.strip_prefix("| `")?.split(" | ").collect();
        let (name, habits) = (cells.first()?.trim_end_matches('`'), cells.get(1)?);
        let does = habits.replace("<br>", "; ").replace('`', "");
        Some(Right { id: name.to_owned(), does, because: String::new() })
    };
    table.lines().filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn servers() -> Servers {
        let right = |id: &str| Right {
            id: id.to_owned(),
            does: "asks again".to_owned(),
            because: String::new(),
        };
        Servers {
            wrong: vec![
                ("01-data-model".to_owned(), vec!["E3".to_owned(), "S8".to_owned()]),
                (
                    "02-election".to_owned(),
                    vec!["vote-step-1".to_owned(), "vote-step-2".to_owned()],
                ),
            ],
            right: vec![("open".to_owned(), vec![right("asks_again")])],
        }
    }

    #[test]
    fn servers_are_chosen_by_name_and_module() {
        let names = |ids: &[&str], module| {
            let ids: Vec<String> = ids.iter().map(|&id| id.to_owned()).collect();
            let chosen = servers().chosen(&ids, module).unwrap();
            chosen.names().cloned().collect::<Vec<_>>()
        };
        assert_eq!(names(&["S8", "asks_again"], None), ["S8", "asks_again"]);
        assert_eq!(names(&[], Some("02-election")), ["vote-step-1", "vote-step-2"]);
        assert_eq!(names(&[], None).len(), 5);
    }

    #[test]
    fn an_unknown_name_is_an_error_with_the_names_that_were_likely_meant() {
        let error =
            |id: &str, module| servers().chosen(&[id.to_owned()], module).unwrap_err().to_string();
        let meant = "there is no server `vote-stp-2` in the zoo; did you mean `vote-step-2`";
        assert!(error("vote-stp-2", None).starts_with(meant), "{}", error("vote-stp-2", None));
        assert!(error("e3", None).contains("did you mean `E3`?"));
        assert!(error("E3", Some("02-election")).contains("no server `E3` of 02-election"));
        assert!(error("nonsense", None).contains("zoo.md lists all of them"));
    }

    #[test]
    fn servers_of_another_architecture_come_from_the_page() {
        let page = "## Right servers of another architecture\n\n| server | habits | modules |\n|---|---|---|\n\
                    | `tail` | `tail: Some(3)`<br>`concedes: true` | 6 to 7 |\n";
        let found = of_another_architecture(page);
        assert_eq!((found.len(), found[0].id.as_str()), (1, "tail"));
        assert_eq!(found[0].does, "tail: Some(3); concedes: true");
    }
}
