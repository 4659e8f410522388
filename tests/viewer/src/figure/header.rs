//! What the comment at the top of a figure's script says, as `docs/maintainers/figures.md` describes it.

use std::collections::BTreeMap;

use simulator::Recording;

/// What a figure is called, and how it is drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// What ids in the SVG begin with: a page may contain several figures.
    pub id: String,
    /// What it shows, in a few words.
    pub title: String,
    /// What it shows, for readers who cannot see it. Empty: the words of its rows.
    pub description: String,
    /// How it is drawn.
    pub kind: Kind,
    /// The exercise up to which its servers know what is taught, if the comment names one.
    pub exercise: Option<String>,
    /// The names of servers that are not called S1, S2, …
    pub names: BTreeMap<u64, String>,
}

/// How a figure is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// A space-time diagram.
    #[default]
    Time,
    /// The logs at the end of each block that has a comment.
    Logs,
}

impl Header {
    /// For a run whose script says nothing about a figure.
    pub fn of(run: &Recording, id: &str) -> Self {
        Header { id: id.to_owned(), title: run.title.clone(), ..Header::default() }
    }

    /// Reads the comment at the top of a figure's script.
    ///
    /// # Errors
    /// What is missing or wrong in it.
    pub fn parse(id: &str, script: &str) -> Result<Self, String> {
        let comment: Vec<&str> = script.lines().map_while(|line| line.strip_prefix('#')).collect();
        let comment: Vec<&str> =
            comment.into_iter().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
        let title: Vec<&str> =
            comment.iter().copied().take_while(|line| !line.is_empty()).collect();
        let mut values = values(&comment[title.len()..])?;
        let title = title.join(" ").trim_end_matches('.').to_owned();
        if title.is_empty() {
            return Err("the comment at the top must begin with the figure's title".to_owned());
        }
        let description = values.remove("alt").filter(|description| !description.is_empty());
        let description = description.ok_or(
            "the comment at the top needs `alt:`, the whole figure in words for readers who cannot see it",
        )?;
        let kind = match values.remove("draw").as_deref() {
            None | Some("time") => Kind::Time,
            Some("logs") => Kind::Logs,
            Some(other) => {
                return Err(format!("`draw: {other}` is unknown; use `time` or `logs`"));
            }
        };
        let exercise = values.remove("exercise");
        let names = names(&values.remove("names").unwrap_or_default())?;
        if let Some(key) = values.keys().next() {
            return Err(format!("`{key}:` is unknown; use alt, draw, exercise and names"));
        }
        Ok(Header { id: id.to_owned(), title, description, kind, exercise, names })
    }

    /// What a server is called.
    pub(super) fn name(&self, server: u64) -> String {
        self.names.get(&server).cloned().unwrap_or_else(|| format!("S{server}"))
    }
}

/// Lines `key: value`. A value continues on lines that are indented by two spaces.
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
            _ => {
                return Err(format!("`{line}` is neither `key: value` nor indented by two spaces"));
            }
        }
    }
    Ok(values.into_iter().collect())
}

/// `S2=(a) S3=(b)`.
fn names(text: &str) -> Result<BTreeMap<u64, String>, String> {
    let name = |word: &str| {
        let (server, name) = word.split_once('=')?;
        Some((server.strip_prefix('S')?.parse().ok()?, name.to_owned()))
    };
    let fault = |word| format!("`{word}` is not a name; write names as S2=(a)");
    text.split_whitespace().map(|word| name(word).ok_or_else(|| fault(word))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_has_a_title_and_a_text_for_readers_who_cannot_see_it() {
        let header = Header::parse(
            "x",
            "# Two of\n# three.\n#\n# alt: S1 asks,\n#   and is answered.\n# draw: logs\n# names: S2=(a)\n\n\
             # Not this: it belongs to a block.\ncluster 3\n",
        )
        .unwrap();
        assert_eq!(
            (&*header.title, &*header.description),
            ("Two of three", "S1 asks, and is answered.")
        );
        assert_eq!((header.kind, header.exercise.as_ref()), (Kind::Logs, None));
        assert_eq!(header.name(2), "(a)");
        assert_eq!(header.name(3), "S3");
    }

    #[test]
    fn what_is_missing_or_wrong_is_reported() {
        for (text, word) in [
            ("cluster 3\n", "title"),
            ("# A title.\n", "`alt:`"),
            ("# A title.\n#\n# alt:\n", "`alt:`"),
            ("# A title.\n#\n# alt: x\n# draw: me\n", "`time` or `logs`"),
            ("# A title.\n#\n# alt: x\n# size: 3\n", "`size:` is unknown"),
            ("# A title.\n#\n# alt: x\n# names: S2\n", "S2=(a)"),
            ("# A title.\n#\n# nothing\n", "indented"),
        ] {
            let error = Header::parse("x", text).unwrap_err();
            assert!(error.contains(word), "{error}");
        }
    }
}
