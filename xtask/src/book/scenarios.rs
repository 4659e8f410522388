//! Scenarios in the built book: the highlighter of mdBook does not know their language.

use std::fmt::Write as _;

/// How mdBook begins a block of a scenario, up to the rest of its fence.
const BLOCK: &str = "<code class=\"language-scenario";

/// A page on which comments, commands and the lines `---` of scenarios have colours of their own.
pub(super) fn highlight(html: &str) -> String {
    let mut new = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once(BLOCK) {
        new.push_str(before);
        let Some((body, after)) =
            after.split_once('>').and_then(|(_, body)| body.split_once("</code>"))
        else {
            new.push_str(BLOCK);
            rest = after;
            break;
        };
        // The book's highlighter leaves a block with this class alone.
        let _ = write!(new, "<code class=\"nohighlight hljs scenario\">{}</code>", coloured(body));
        rest = after;
    }
    new + rest
}

/// The lines of a script and of what it prints. What is printed is below `---`, up to an empty line.
fn coloured(body: &str) -> String {
    let mut is_output = false;
    let line = |line: &str| {
        if line == "---" {
            is_output = true;
            return "<span class=\"hljs-meta\">---</span>".to_owned();
        }
        if line.is_empty() {
            is_output = false;
        }
        if line.is_empty() || is_output {
            return line.to_owned();
        }
        if line.starts_with('#') {
            return format!("<span class=\"hljs-comment\">{line}</span>");
        }
        let (command, words) = line.split_at(line.find(' ').unwrap_or(line.len()));
        format!("<span class=\"hljs-keyword\">{command}</span>{words}")
    };
    body.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_commands_have_colours_and_what_is_printed_has_none() {
        let page = "<pre><code class=\"language-scenario of module 4\"># A vote.\ntimeout S1\n---\nS1  -\n\nsettle\n\
                    </code></pre><code class=\"language-text\">x</code>";
        let expected = "<pre><code class=\"nohighlight hljs scenario\"><span class=\"hljs-comment\"># A vote.</span>\n\
                        <span class=\"hljs-keyword\">timeout</span> S1\n<span class=\"hljs-meta\">---</span>\n\
                        S1  -\n\n<span class=\"hljs-keyword\">settle</span>\n</code></pre>\
                        <code class=\"language-text\">x</code>";
        assert_eq!(highlight(page), expected);
        assert_eq!(highlight("<code class=\"language-scenario"), "<code class=\"language-scenario");
    }
}
