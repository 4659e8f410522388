//! A script's text: its header, its blocks, and the line of each command.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::lens::Lens;
use crate::{ExerciseId, Failure};

/// A scenario, as its file has it.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) path: PathBuf,
    /// The path for a person to read: from the root of the workspace, so that a terminal can open it.
    pub(crate) shown: String,
    /// Whether a learner has written it.
    pub(crate) is_own: bool,
    pub(crate) text: String,
    pub(crate) header: Header,
    pub(crate) blocks: Vec<Block>,
    /// What it does not show of its servers.
    pub(crate) lens: Lens,
    /// Whether its snapshot shows what the servers of another suite do: then this one must not write it.
    pub(crate) is_borrowed: bool,
}

/// The comment at the top of a script.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    /// What the scenario shows, as a sentence without its full stop.
    pub(crate) claim: String,
    pub(crate) exercise: ExerciseId,
    pub(crate) why: String,
    pub(crate) function: Option<String>,
    pub(crate) points: u32,
}

/// Commands up to a line `---`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Block {
    /// Its comments: why it is there.
    pub(crate) reason: String,
    /// Each command with its line in the file, from 1.
    pub(crate) commands: Vec<(usize, String)>,
}

/// The scenarios in a folder, in the order of their names.
pub(super) fn paths_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?;
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "scenario"));
    paths.sort();
    Ok(paths)
}

impl Script {
    /// Reads a scenario and its header.
    pub(crate) fn read(path: &Path) -> Result<Script, String> {
        let text = read_text(path)?;
        let (comment, _) = leading_comment(&text);
        let header = Header::parse(&comment)?;
        let blocks = blocks(&text)?;
        let (path, shown) = (path.to_owned(), shown(path));
        Ok(Script {
            path,
            shown,
            is_own: false,
            text,
            header,
            blocks,
            lens: Lens::default(),
            is_borrowed: false,
        })
    }

    /// Reads a scenario that a learner has written for `exercise`. It needs no header.
    pub(crate) fn read_own(path: &Path, exercise: ExerciseId) -> Result<Script, String> {
        Self::of_text(path, read_text(path)?, exercise)
    }

    /// A scenario with this text, which needs no header. `path` says what it is called.
    pub(crate) fn of_text(
        path: &Path,
        mut text: String,
        exercise: ExerciseId,
    ) -> Result<Script, String> {
        // A stub is one command without the end of a block.
        if text.lines().next_back().is_some_and(|line| line.starts_with("todo ")) {
            text.push_str("---\n");
        }
        let header = Header {
            claim: "Your own scenario".to_owned(),
            exercise,
            why: String::new(),
            function: None,
            points: 1,
        };
        let blocks = blocks(&text)?;
        let (path, shown) = (path.to_owned(), shown(path));
        Ok(Script {
            path,
            shown,
            is_own: true,
            text,
            header,
            blocks,
            lens: Lens::default(),
            is_borrowed: false,
        })
    }

    /// What the script asks of its servers beyond `Node`, as a sentence about its first such command: a state to
    /// begin in, a reply to a call that the server never made, or variables that a server need not show. `None` if it
    /// runs on any server.
    pub(super) fn internals(&self) -> Option<String> {
        let commands = self.blocks.iter().flat_map(|block| &block.commands);
        commands.into_iter().find_map(|(line, command)| {
            let mut words = command.split_whitespace();
            let what = match words.next()? {
                "given" => "puts a server into a state",
                "reply" => "replies to a call that the server never made",
                "expect" => {
                    let has_key = |word: &str| {
                        ["leader=", "next=", "match="].iter().any(|key| word.starts_with(key))
                    };
                    words.any(has_key).then_some("looks at variables of its own")?
                }
                _ => return None,
            };
            Some(format!("line {line} {what}"))
        })
    }

    /// Adds the reasons of a block that failed, and of the scenario. Those of a property that did not hold come
    /// first. If there are none at all, the check's own reason is shown.
    pub(super) fn add_reasons(&self, failure: &mut Failure, block: &Block) {
        let first = failure.why.take();
        let reasons = first.as_deref().into_iter().chain([&*block.reason, &*self.header.why]);
        let reasons: Vec<&str> = reasons.filter(|reason| !reason.is_empty()).collect();
        failure.why = Some(reasons.join("\n")).filter(|reasons| !reasons.is_empty());
    }

    /// The text before a block.
    pub(super) fn before(&self, block: &Block) -> String {
        let first = block.commands.first().map_or(0, |&(line, _)| line);
        let lines: Vec<&str> = self.text.lines().take(first).collect();
        let end = lines.iter().rposition(|line| line.trim() == "---").map_or(0, |last| last + 1);
        self.text.split_inclusive('\n').take(end).collect()
    }

    /// The text up to the end of a block.
    pub(super) fn through(&self, block: &Block) -> String {
        let last = block.commands.last().map_or(0, |&(line, _)| line);
        let mut lines = self.text.lines().skip(last);
        let more = lines.position(|line| line.trim() == "---").map_or(0, |at| at + 1);
        self.text.split_inclusive('\n').take(last + more).collect()
    }

    /// The block and the line of the command with this number, from 0.
    pub(crate) fn place(&self, command: usize) -> Option<(&Block, usize)> {
        let mut number = command;
        for block in &self.blocks {
            match block.commands.get(number) {
                Some(&(line, _)) => return Some((block, line)),
                None => number -= block.commands.len(),
            }
        }
        None
    }
}

impl Header {
    /// The first paragraph is the claim. After it come lines `key: value`, and free text.
    fn parse(comment: &str) -> Result<Header, String> {
        let (claim, rest) = comment.split_once("\n\n").unwrap_or((comment, ""));
        let value = |key: &str| {
            let mut lines = rest.lines().skip_while(|line| !line.starts_with(key));
            let first = lines.next()?.strip_prefix(key)?.trim();
            // A value continues on indented lines.
            let more = lines.take_while(|line| line.starts_with("  ")).map(str::trim);
            Some(std::iter::once(first).chain(more).collect::<Vec<_>>().join(" "))
        };
        let missing = |what: &str| {
            format!(
                "the comment at the top must begin with a sentence that says what the scenario shows; \
                 after an empty comment line, it must name the exercise and the reason \
                 (`# exercise: 2.3`, `# why: §5.2 …`); {what} is missing"
            )
        };
        if claim.trim().is_empty() {
            return Err(missing("the sentence"));
        }
        let points = match value("points:") {
            None => 1,
            Some(points) => {
                points.parse().map_err(|_| format!("points: `{points}` is not a number"))?
            }
        };
        Ok(Header {
            claim: claim.replace('\n', " ").trim().trim_end_matches('.').to_owned(),
            exercise: value("exercise:").ok_or_else(|| missing("`exercise:`"))?.parse()?,
            why: value("why:").ok_or_else(|| missing("`why:`"))?,
            function: value("function:"),
            points,
        })
    }
}

/// A file's name without its folder.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A path from the root of the workspace, with `/`; unchanged if it is outside.
pub(crate) fn shown(path: &Path) -> String {
    let mut whole = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                whole.pop();
            }
            Component::CurDir => {}
            _ => whole.push(part),
        }
    }
    let is_root = |dir: &&Path| dir.join("modules").is_dir() && dir.join("tests").is_dir();
    let root = whole.ancestors().skip(1).find(is_root).unwrap_or(Path::new(""));
    whole.strip_prefix(root).unwrap_or(&whole).to_string_lossy().replace('\\', "/")
}

fn read_text(path: &Path) -> Result<String, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"))?;
    // Files may have been checked out with other line ends, and the last line needs one.
    let mut text = text.replace("\r\n", "\n");
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

/// The comment lines at the top, without their marks, and the number of lines.
fn leading_comment(text: &str) -> (String, usize) {
    let lines: Vec<&str> = text.lines().map_while(|line| line.strip_prefix('#')).collect();
    let stripped = lines.iter().map(|line| line.strip_prefix(' ').unwrap_or(line));
    (stripped.collect::<Vec<_>>().join("\n"), lines.len())
}

fn blocks(text: &str) -> Result<Vec<Block>, String> {
    let (_, header) = leading_comment(text);
    let mut blocks = Vec::new();
    let mut block = Block::default();
    let mut lines = text.lines().zip(1..).skip(header).peekable();
    while let Some((line, number)) = lines.next() {
        let line = line.trim();
        if let Some(comment) = line.strip_prefix('#').or_else(|| line.strip_prefix("//")) {
            if !block.reason.is_empty() {
                block.reason.push(' ');
            }
            block.reason.push_str(comment.trim());
        } else if line == "---" {
            if block.commands.is_empty() {
                return Err(format!("line {number}: there is no command before this `---`"));
            }
            if let Some((next, _)) = lines.peek().filter(|(next, _)| !next.trim().is_empty()) {
                let number = number + 1;
                return Err(format!(
                    "line {number}: the line after `---` must be empty, not `{next}`"
                ));
            }
            blocks.push(std::mem::take(&mut block));
        } else if !line.is_empty() {
            block.commands.push((number, line.to_owned()));
        }
    }
    match block.commands.last() {
        None => Ok(blocks),
        Some((number, _)) => Err(format!(
            "line {number}: no line `---` follows this command; it ends a block and shows what has \
             changed"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# A candidate with a majority
# leads its term.
#
# exercise: 2.4
# why: §5.2, Rules for Servers:
#   become leader
# points: 2

# First comes the cluster.
cluster 3
timeout S1
---

# Then it settles.
settle
---
";

    #[test]
    fn a_script_has_a_header_and_blocks_with_their_reasons() {
        let header = Header::parse(&leading_comment(TEXT).0).unwrap();
        assert_eq!(header.claim, "A candidate with a majority leads its term");
        assert_eq!(header.exercise.to_string(), "2.4");
        assert_eq!(header.why, "§5.2, Rules for Servers: become leader");
        assert_eq!(header.points, 2);
        let blocks = blocks(TEXT).unwrap();
        assert_eq!(blocks.len(), 2);
        assert_eq!(blocks[0].reason, "First comes the cluster.");
        assert_eq!(blocks[0].commands[1], (11, "timeout S1".to_owned()));
        assert_eq!(blocks[1].commands[0].0, 15);
    }

    #[test]
    fn an_error_names_what_is_missing() {
        let parse = |text: &str| Header::parse(&leading_comment(text).0).unwrap_err();
        assert!(parse("# A claim.\n#\n# why: x\n").contains("`exercise:` is missing"));
        assert!(parse("# A claim.\n#\n# exercise: 2.1\n").contains("`why:` is missing"));
        assert!(parse("cluster 3\n").contains("the sentence is missing"));
        assert!(blocks("cluster 3\n").unwrap_err().starts_with("line 1: no line `---`"));
        assert!(blocks("---\n").unwrap_err().contains("no command before"));
        assert!(blocks("settle\n---\nsettle\n").unwrap_err().starts_with("line 3: the line after"));
    }

    #[test]
    fn what_needs_internals_is_known_by_its_commands() {
        let internals = |command: &str| {
            let text = format!("cluster 3\n{command}\n---\n");
            let exercise = "2.1".parse().unwrap();
            Script::of_text(Path::new("x"), text, exercise).unwrap().internals()
        };
        for command in [
            "given S1 term=2",
            "reply S1 RequestVote from=S2 term=1 granted=yes",
            "expect S1 leader=S2",
            "expect S1 next=S2@4",
            "expect S1 follower match=S2@3",
        ] {
            assert!(internals(command).is_some_and(|it| it.starts_with("line 2 ")), "{command}");
        }
        for command in ["ask S1 RequestVote from=S2 term=1", "expect leaders=S1", "restart S1"] {
            assert_eq!(internals(command), None, "{command}");
        }
    }

    #[test]
    fn a_path_is_shown_from_the_root() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(shown(&here.join("../02-election/a.scenario")), "tests/02-election/a.scenario");
        let outside = std::env::temp_dir().join("a.scenario");
        assert!(shown(&outside).ends_with("a.scenario") && shown(&outside).contains('/'));
    }

    #[test]
    fn what_comes_before_a_block_ends_with_the_block_before_it() {
        let blocks = blocks(TEXT).unwrap();
        let script = Script {
            path: PathBuf::new(),
            shown: String::new(),
            is_own: false,
            text: TEXT.to_owned(),
            header: Header::parse(&leading_comment(TEXT).0).unwrap(),
            blocks: blocks.clone(),
            lens: Lens::default(),
            is_borrowed: false,
        };
        assert_eq!(script.before(&blocks[0]), "");
        assert!(script.before(&blocks[1]).ends_with("timeout S1\n---\n"));
        assert_eq!(script.through(&blocks[0]), script.before(&blocks[1]));
        assert_eq!(script.through(&blocks[1]), TEXT);
    }
}
