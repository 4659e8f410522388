//! A figure's script: what the comment at its top says, and how it is drawn.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use gates::ExerciseId;
use protocol::ServerId;

/// A figure of the book: a scenario that is drawn.
#[derive(Clone, Debug)]
pub struct Figure {
    pub(crate) path: PathBuf,
    /// What it shows, in a few words.
    pub title: String,
    /// What it shows, for who cannot see it.
    pub alternative: String,
    /// What its servers know: they are of the exercises up to this one.
    pub exercise: ExerciseId,
    pub(crate) kind: Kind,
    /// What servers are called, if not S1, S2, …
    pub(crate) names: BTreeMap<ServerId, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Who does what, from above to below.
    Time,
    /// The logs at the end of each block that has a comment.
    Logs,
}

impl Figure {
    /// Reads a figure's script. `latest` is the exercise up to which its servers know things, if it does
    /// not say so itself.
    ///
    /// # Errors
    /// If its comment is not as `docs/maintainers/figures.md` says.
    pub fn read(path: &Path, latest: ExerciseId) -> Result<Self, String> {
        let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
        Self::parse(path, &text, latest).map_err(|why| format!("{}: {why}", path.display()))
    }

    fn parse(path: &Path, text: &str, latest: ExerciseId) -> Result<Self, String> {
        let comment: Vec<&str> = text.lines().map_while(|line| line.strip_prefix('#')).collect();
        let comment: Vec<&str> =
            comment.into_iter().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
        let title: Vec<&str> =
            comment.iter().copied().take_while(|line| !line.is_empty()).collect();
        let mut values = values(&comment[title.len()..])?;
        let title = title.join(" ").trim_end_matches('.').to_owned();
        if title.is_empty() {
            return Err("the comment at the top begins with the figure's title".to_owned());
        }
        let alternative = values.remove("alt").filter(|alternative| !alternative.is_empty());
        let alternative = alternative.ok_or(
            "the comment at the top needs `alt:`, which tells what the figure shows to who cannot see it",
        )?;
        let kind = match values.remove("draw").as_deref() {
            None | Some("time") => Kind::Time,
            Some("logs") => Kind::Logs,
            Some(other) => return Err(format!("`draw: {other}` is not possible; time or logs is")),
        };
        let exercise = values.remove("exercise").map_or(Ok(latest), |id| id.parse())?;
        let names = names(&values.remove("names").unwrap_or_default())?;
        if let Some(key) = values.keys().next() {
            return Err(format!("`{key}:` is not possible; alt, draw, exercise and names are"));
        }
        Ok(Figure { path: path.to_owned(), title, alternative, exercise, kind, names })
    }

    /// What a server is called.
    pub(crate) fn name(&self, id: ServerId) -> String {
        self.names.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }
}

/// Lines `key: value`; a value goes on over lines that are set in.
fn values(lines: &[&str]) -> Result<BTreeMap<String, String>, String> {
    let mut values: Vec<(String, String)> = Vec::new();
    for line in lines.iter().filter(|line| !line.trim().is_empty()) {
        match (line.starts_with("  "), values.last_mut(), line.split_once(':')) {
            (true, Some((_, value)), _) => {
                value.push(' ');
                value.push_str(line.trim());
            }
            (false, _, Some((key, value))) => {
                values.push((key.to_owned(), value.trim().to_owned()));
            }
            _ => return Err(format!("`{line}` is neither `key: value` nor set in by two spaces")),
        }
    }
    Ok(values.into_iter().collect())
}

/// `S2=(a) S3=(b)`.
fn names(text: &str) -> Result<BTreeMap<ServerId, String>, String> {
    let name = |word: &str| {
        let (server, name) = word.split_once('=')?;
        let id = server.strip_prefix('S')?.parse().ok()?;
        Some((ServerId(id), name.to_owned()))
    };
    let fault = |word| format!("`{word}` is no name; one is written S2=(a)");
    text.split_whitespace().map(|word| name(word).ok_or_else(|| fault(word))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATEST: ExerciseId = ExerciseId { module: 4, number: 10 };

    fn parse(text: &str) -> Result<Figure, String> {
        Figure::parse(Path::new("x.scenario"), text, LATEST)
    }

    #[test]
    fn a_figure_has_a_title_and_a_text_for_who_cannot_see_it() {
        let figure = parse(
            "# Two of\n# three.\n#\n# alt: S1 asks,\n#   and is heard.\n# draw: logs\n# names: S2=(a)\n\n\
             # Not this: it is a block's.\ncluster 3\n",
        )
        .unwrap();
        assert_eq!(
            (&*figure.title, &*figure.alternative),
            ("Two of three", "S1 asks, and is heard.")
        );
        assert_eq!((figure.kind, figure.exercise), (Kind::Logs, LATEST));
        assert_eq!(figure.name(ServerId(2)), "(a)");
        assert_eq!(figure.name(ServerId(3)), "S3");
    }

    #[test]
    fn what_is_missing_or_wrong_is_said() {
        for (text, word) in [
            ("cluster 3\n", "title"),
            ("# A title.\n", "`alt:`"),
            ("# A title.\n#\n# alt:\n", "`alt:`"),
            ("# A title.\n#\n# alt: x\n# draw: me\n", "time or logs"),
            ("# A title.\n#\n# alt: x\n# size: 3\n", "`size:` is not possible"),
            ("# A title.\n#\n# alt: x\n# names: S2\n", "S2=(a)"),
            ("# A title.\n#\n# nothing\n", "set in"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(word), "{error}");
        }
    }
}
