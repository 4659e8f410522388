//! The comments and the strings of a file. Scenarios and proofs have comments with `#`.

use super::texts::Text;

/// Strings with fewer words are names, formats or code.
const FEWEST_WORDS: usize = 4;

enum Part {
    /// The text of a line comment.
    Comment(String),
    Text(String),
}

/// The comments and strings of Rust, each with the number of its line.
fn parts(source: &str) -> Vec<(usize, Part)> {
    let mut parts = Vec::new();
    let (mut rest, mut line) = (source, 1);
    while let Some(first) = rest.chars().next() {
        let taken = if rest.starts_with("//") {
            let end = rest.find('\n').unwrap_or(rest.len());
            let text = rest[..end].trim_start_matches('/').trim_start_matches('!');
            parts.push((line, Part::Comment(text.to_owned())));
            end
        } else if let Some((text, taken)) = raw_string(rest) {
            parts.push((line, Part::Text(text.to_owned())));
            taken
        } else if first == '"' {
            let (text, taken) = string(rest);
            parts.push((line, Part::Text(text)));
            taken
        } else if rest.starts_with("'\"'") || rest.starts_with("'\\\"'") {
            rest[1..].find('\'').map_or(1, |end| end + 2)
        } else {
            // Nothing of the above begins with another character.
            let begins = |byte: &u8| matches!(byte, b'/' | b'"' | b'\'' | b'r');
            let next = rest.bytes().skip(first.len_utf8()).position(|byte| begins(&byte));
            next.map_or(rest.len(), |skipped| first.len_utf8() + skipped)
        };
        line += rest[..taken].matches('\n').count();
        rest = &rest[taken..];
    }
    parts
}

/// A string between `r#"` and `"#`, and how many bytes it takes.
fn raw_string(rest: &str) -> Option<(&str, usize)> {
    let start = ["r\"", "r#\"", "r##\""].into_iter().find(|start| rest.starts_with(start))?;
    let end = format!("\"{}", "#".repeat(start.len() - 2));
    let text = &rest[start.len()..];
    let length = text.find(&end)?;
    Some((&text[..length], start.len() + length + end.len()))
}

/// The string at the beginning, its escapes resolved as far as prose needs it.
fn string(rest: &str) -> (String, usize) {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return (text, at + 1),
            '\\' => match chars.next() {
                Some((_, '"')) => text.push('"'),
                Some((_, '\n' | 'n')) => text.push(' '),
                _ => {}
            },
            other => text.push(other),
        }
    }
    (text, rest.len())
}

/// Code in place of what a format puts in.
fn without_placeholders(text: &str) -> String {
    let mut left = String::new();
    let mut depth = 0_u32;
    for char in text.chars() {
        match char {
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                left.push('·');
            }
            other if depth == 0 => left.push(other),
            _ => {}
        }
    }
    left
}

pub(crate) fn strings(path: &str, source: &str) -> Vec<Text> {
    let text_of = |(line, part)| match part {
        Part::Text(text) => Some(Text::new(format!("{path}:{line}"), &without_placeholders(&text))),
        Part::Comment(_) => None,
    };
    let mut texts: Vec<Text> = parts(source).into_iter().filter_map(text_of).collect();
    texts.retain(|text| text.words() >= FEWEST_WORDS);
    texts
}

/// Comments in lines that follow one another are one text. An empty line of a comment, an item of a list and a
/// block of code end it.
pub(crate) fn comments(path: &str, source: &str) -> Vec<Text> {
    let lines: Vec<(usize, String)> =
        if std::path::Path::new(path).extension().is_some_and(|e| e == "rs") {
            let comment = |(line, part)| match part {
                Part::Comment(text) => Some((line, text)),
                Part::Text(_) => None,
            };
            parts(source).into_iter().filter_map(comment).collect()
        } else {
            let comment = |(number, line): (usize, &str)| {
                line.trim_start().strip_prefix('#').map(|text| (number + 1, text.to_owned()))
            };
            source.lines().enumerate().filter_map(comment).collect()
        };
    let (mut texts, mut open, mut start, mut last) = (Vec::new(), String::new(), 0, 0);
    let mut in_code = false;
    let mut flush = |open: &mut String, start: usize| {
        if !open.trim().is_empty() {
            texts.push(Text::new(format!("{path}:{start}"), open));
        }
        open.clear();
    };
    for (line, text) in lines {
        let text = text.trim();
        let is_fence = text.starts_with("```");
        let begins = ["- ", "* ", "# ", "| "].iter().any(|sign| text.starts_with(sign));
        if line != last + 1 || text.is_empty() || is_fence || begins {
            flush(&mut open, start);
            start = line;
        }
        last = line;
        if is_fence {
            in_code = !in_code;
        } else if !in_code {
            open += text.trim_start_matches("- ");
            open.push(' ');
        }
    }
    flush(&mut open, start);
    texts
}

#[cfg(test)]
mod tests {
    use super::{comments, strings};

    const SOURCE: &str = "/// Gives `a` back\n/// now.\n///\n/// - One.\nfn f() {\nlet a = '\"'; // it\n\
        say(\"{a} does \\\n    it \\\"well\\\" now, again\"); x(r#\"raw and \"long\" and more\"#); }\n";

    #[test]
    fn comments_are_joined_and_strings_are_found() {
        let prose =
            |texts: Vec<super::Text>| texts.into_iter().map(|t| t.prose).collect::<Vec<_>>();
        assert_eq!(prose(comments("a.rs", SOURCE)), ["Gives · back now.", "One.", "it"]);
        let strings = prose(strings("a.rs", SOURCE));
        assert_eq!(strings, ["· does it · now, again", "raw and · and more"]);
        assert_eq!(
            prose(comments("a.scenario", "# One\n# two.\nrun\n# three\n")),
            ["One two.", "three"]
        );
    }
}
