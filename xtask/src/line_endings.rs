//! The endings of lines. An editor on Windows may end them with `\r\n`, where the lab's files have `\n`.

/// The text with `\n` at the end of each line. Places in it are on the same lines.
pub(crate) fn unified(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// Whether two files differ in nothing but the endings of their lines.
pub(crate) fn are_same(one: &[u8], other: &[u8]) -> bool {
    let lines = |bytes: &[u8]| -> Vec<Vec<u8>> {
        let lines = bytes.split(|byte| *byte == b'\n');
        lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line).to_vec()).collect()
    };
    one == other || lines(one) == lines(other)
}

/// The text with the line endings of the file that it goes into. An empty file has none of its own.
pub(crate) fn like(file: &str, text: &str) -> String {
    let first = file.split_inclusive('\n').next().unwrap_or_default();
    if first.ends_with("\r\n") { unified(text).replace('\n', "\r\n") } else { text.to_owned() }
}

/// A new text of a file, in which lines that have not changed keep their endings. No line may have been added
/// or removed in between; otherwise all lines get the endings of the file.
pub(crate) fn kept(file: &str, new: &str) -> String {
    let old: Vec<&str> = file.split('\n').collect();
    let lines: Vec<&str> =
        new.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).collect();
    if old.len() != lines.len() {
        return like(file, new);
    }
    let ending = |old: &str| if old.ends_with('\r') { "\r" } else { "" };
    let lines: Vec<String> =
        old.iter().zip(lines).map(|(old, line)| format!("{line}{}", ending(old))).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_the_same_whatever_ends_their_lines() {
        assert!(are_same(b"a\r\nb\n\xff", b"a\nb\r\n\xff"));
        assert!(!are_same(b"a\n", b"a"));
        assert!(!are_same(b"a\r", b"a\n"));
    }

    #[test]
    fn a_text_takes_the_endings_of_its_file() {
        assert_eq!(like("x\r\ny\n", "a\nb\r\n"), "a\r\nb\r\n");
        assert_eq!(like("x\ny\r\n", "a\nb\n"), "a\nb\n");
        assert_eq!(like("", "a\n"), "a\n");
    }

    #[test]
    fn lines_that_stay_keep_their_endings() {
        assert_eq!(kept("a\r\nb\nc\r\n", "a\nB\nC\n"), "a\r\nB\nC\r\n");
        assert_eq!(kept("a\r\nb\r\n", "a\nb\nc\n"), "a\r\nb\r\nc\r\n");
    }
}
