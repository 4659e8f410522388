//! What makes a wrong Raft, or another right one, of a solution: a few places in its source, put
//! otherwise. Read by the build script, which makes the patched sources, and by the tests.
//!
//! A file `patches/01-data-model.toml` describes those of a module:
//!
//! ```toml
//! [[bug]]
//! id = "E17"
//! title = "a higher term in a reply is ignored"
//! breaks = "progress: a leader whose followers are ahead is rejected forever"
//! seen_in = "redpanda#31547"
//! caught_by = ["1.7::a_higher_term_in_any_reply"]
//! says = ["§5.1"]
//! [[bug.edit]]
//! file = "event_loop.rs"
//! find = "node.observe_term(reply.term());\n"
//! replace = ""
//! ```

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::Deserialize;

/// All patches of one module's solution.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patches {
    /// Wrong servers.
    #[serde(default)]
    pub bug: Vec<Bug>,
    /// Right servers that differ from the solution.
    #[serde(default)]
    pub right: Vec<Right>,
}

/// A mistake that the module's gate must catch.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bug {
    /// Its name, short: `E17`, or words like `vote-for-itself`.
    pub id: String,
    /// What the server does wrong, in a few words that follow "a server with this bug: ".
    pub title: String,
    /// What comes of it.
    pub breaks: String,
    /// Where it was really made, if that is known.
    #[serde(default)]
    pub seen_in: String,
    /// Checks that must be red, as the beginnings of their names: of each, one at least.
    pub caught_by: Vec<String>,
    /// The check that is red first, as the beginning of its name, if it is none of those: it is what a learner
    /// with this mistake reads, so it must name the mistake well.
    pub first: Option<String>,
    /// Words that the text of each of those must contain: the section, the rule.
    pub says: Vec<String>,
    /// The check whose text is kept as a snapshot, as the beginning of its name; usually none is.
    pub kept_text: Option<String>,
    /// Whether checks may run without end, or overflow the stack: each is given its own process.
    #[serde(default)]
    pub endless: bool,
    /// Whether the mistake shows as a panic of the server.
    #[serde(default)]
    pub panics: bool,
    /// What is put otherwise.
    pub edit: Vec<Edit>,
}

/// Another way to be right, which the module's gate must accept.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Right {
    /// Its name, short.
    pub id: String,
    /// What the server does otherwise.
    pub title: String,
    /// Why it may.
    pub because: String,
    /// What it leaves out, and may: bonus exercises, like `3.9`, or single checks where the lab asks for more than
    /// the paper, as the beginnings of their names, like `6.8::a_new_server`. These are not for it.
    #[serde(default)]
    pub leaves_out: Vec<String>,
    /// What is put otherwise.
    pub edit: Vec<Edit>,
}

/// One place in the source, put otherwise.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// The file, below the solution's `src`.
    pub file: String,
    /// The text that is there. It occurs exactly once.
    pub find: String,
    /// The text that replaces it.
    pub replace: String,
}

impl Patches {
    /// Reads a description.
    ///
    /// # Errors
    /// If it cannot be read or is not as it should be: where, and what is wrong.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        toml_edit::de::from_str(&text).map_err(|error| format!("in {}: {error}", path.display()))
    }

    /// Names and edits of all, wrong and right.
    pub fn all(&self) -> impl Iterator<Item = (&str, &[Edit])> {
        let bugs = self.bug.iter().map(|bug| (bug.id.as_str(), &bug.edit[..]));
        bugs.chain(self.right.iter().map(|right| (right.id.as_str(), &right.edit[..])))
    }
}

/// Changes one place of `source`.
///
/// # Errors
/// If the text to find does not occur exactly once, or the edit changes nothing.
pub fn apply(source: &str, edit: &Edit) -> Result<String, String> {
    let places: Vec<usize> = source.match_indices(&edit.find).map(|(at, _)| at).collect();
    match places[..] {
        [_] if edit.find == edit.replace => {
            Err(format!("in {}, the edit replaces a text by the same text", edit.file))
        }
        [_] => Ok(source.replacen(&edit.find, &edit.replace, 1)),
        _ => {
            let mut error = format!("in {}, this must occur exactly once", edit.file);
            let lines: Vec<String> = places
                .iter()
                .map(|&at| (source[..at].matches('\n').count() + 1).to_string())
                .collect();
            let _ = match lines[..] {
                [] => write!(error, ", and it does not occur:\n{}", edit.find),
                _ => write!(error, ", not on the lines {}:\n{}", lines.join(", "), edit.find),
            };
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(find: &str, replace: &str) -> Edit {
        Edit { file: "log.rs".to_owned(), find: find.to_owned(), replace: replace.to_owned() }
    }

    #[test]
    fn a_place_is_changed() {
        assert_eq!(apply("a < b", &edit("<", "<=")).unwrap(), "a <= b");
    }

    #[test]
    fn what_is_not_there_or_there_twice_is_told_with_its_lines() {
        let absent = apply("a < b", &edit(">", "<")).unwrap_err();
        assert_eq!(absent, "in log.rs, this must occur exactly once, and it does not occur:\n>");
        let twice = apply("a < b\n\nb < c", &edit("<", ">")).unwrap_err();
        assert_eq!(twice, "in log.rs, this must occur exactly once, not on the lines 1, 3:\n<");
        assert!(apply("a < b", &edit("<", "<")).unwrap_err().contains("by the same text"));
    }

    #[test]
    fn a_description_with_an_unknown_word_is_refused() {
        let wrong: Result<Patches, _> = toml_edit::de::from_str("[[bugs]]\nid = \"E1\"\n");
        assert!(wrong.unwrap_err().to_string().contains("bugs"));
    }
}
