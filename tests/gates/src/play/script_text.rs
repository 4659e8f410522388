//! The text of a script that grows line by line.
//!
//! A script that is played may lack its last `---`, which is added before the script is run.

const END: &str = "---";

fn is_command(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && line != END && !line.starts_with('#') && !line.starts_with("//")
}

/// Whether the last block has commands and no end.
fn is_open(script: &str) -> bool {
    let last = script.lines().rev().find(|line| line.trim() == END || is_command(line));
    last.is_some_and(|line| line.trim() != END)
}

/// The script with the end of its last block, so that it can be run.
pub(super) fn ended(script: &str) -> String {
    let mut text = script.trim_end().to_owned();
    if !text.is_empty() {
        text.push('\n');
    }
    if is_open(script) {
        text.push_str("---\n");
    }
    text
}

/// A script without empty lines at its end.
pub(super) fn without_end(script: &str) -> String {
    let text = script.trim_end();
    if text.is_empty() { String::new() } else { format!("{text}\n") }
}

/// The script with one more line. After the end of a block there is an empty line.
///
/// # Errors
/// If it is empty, is more than one line, or ends a block without commands.
pub(super) fn with(script: &str, line: &str) -> Result<String, &'static str> {
    let line = line.trim();
    if line.is_empty() {
        return Err("the line is empty");
    }
    if line.contains(['\n', '\r']) {
        return Err("a request is about one line; send a script for several");
    }
    if line == END && !is_open(script) {
        return Err("there is no command before this `---`");
    }
    let mut text = without_end(script);
    if text.lines().next_back().is_some_and(|last| last.trim() == END) {
        text.push('\n');
    }
    text.push_str(line);
    text.push('\n');
    Ok(text)
}

/// The script before a line, numbered from 1. All of it, if there is no such line.
pub(super) fn before(script: &str, line: u64) -> &str {
    let Some(lines) = usize::try_from(line).ok().and_then(|line| line.checked_sub(1)) else {
        return script;
    };
    let length: usize = script.split_inclusive('\n').take(lines).map(str::len).sum();
    &script[..length]
}

/// The script without its last command; `None` if it has none. The end of the block before it
/// stays.
pub(super) fn without_last(script: &str) -> Option<String> {
    let lines: Vec<&str> = script.lines().collect();
    let last = lines.iter().rposition(|line| is_command(line))?;
    // Comments and the end of a block that follow the command go with it.
    let mut kept: Vec<&str> = lines[..last].to_vec();
    while kept.last().is_some_and(|line| line.trim().is_empty()) {
        kept.pop();
    }
    Some(without_end(&kept.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_grows_by_lines_and_blocks() {
        let mut script = String::new();
        for line in ["cluster 3", "# S1 asks.", "timeout S1", "---", " settle "] {
            script = with(&script, line).unwrap();
        }
        assert_eq!(script, "cluster 3\n# S1 asks.\ntimeout S1\n---\n\nsettle\n");
        assert_eq!(ended(&script), format!("{script}---\n"));
        assert_eq!(ended("cluster 3\n---\n\n"), "cluster 3\n---\n");
        assert_eq!(ended(""), "");
        assert!(with(&script, "").is_err() && with(&script, "a\nb").is_err());
        assert!(with("", "---").is_err() && with("cluster 3\n---\n", "---").is_err());
    }

    #[test]
    fn the_last_command_is_taken_back() {
        let script = "# Why.\ncluster 3\ntimeout S1\n---\n\nsettle\n---\n";
        let one = without_last(script).unwrap();
        assert_eq!(one, "# Why.\ncluster 3\ntimeout S1\n---\n");
        let two = without_last(&one).unwrap();
        assert_eq!(two, "# Why.\ncluster 3\n");
        assert_eq!(without_last(&two).unwrap(), "# Why.\n");
        assert_eq!(without_last("# Why.\n"), None);
    }

    #[test]
    fn a_script_ends_before_the_line_that_fails() {
        assert_eq!(before("a\nb\nc\n", 2), "a\n");
        assert_eq!(before("a\nb", 3), "a\nb");
        assert_eq!(before("a\nb", 1), "");
        assert_eq!(before("a\nb", 0), "a\nb");
    }
}
