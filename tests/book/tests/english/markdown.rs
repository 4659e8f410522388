//! The prose of a page: paragraphs, items, cells, headings, and text between HTML tags.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::texts::Text;

/// What is in no tag and no comment of HTML.
fn without_tags(html: &str) -> String {
    let mut left = String::new();
    for part in html.split('<') {
        let after = part.split_once('>').map_or(part, |(_, after)| after);
        left.push(' ');
        left += after;
    }
    left
}

pub(crate) fn paragraphs(path: &str, page: &str) -> Vec<Text> {
    let (mut texts, mut prose, mut at) = (Vec::new(), String::new(), 0);
    let mut in_code = false;
    let mut flush = |prose: &mut String, at: usize| {
        let line = page[..at].lines().count().max(1);
        texts.push(Text::new(format!("{path}:{line}"), prose));
        prose.clear();
    };
    for (event, range) in Parser::new_ext(page, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Start(
                Tag::Paragraph | Tag::Item | Tag::TableCell | Tag::Heading { .. } | Tag::HtmlBlock,
            ) => {
                flush(&mut prose, at);
                at = range.start;
                if matches!(event, Event::Start(Tag::Heading { .. })) {
                    prose.push_str("# ");
                }
            }
            Event::End(
                TagEnd::Paragraph
                | TagEnd::Item
                | TagEnd::TableCell
                | TagEnd::Heading(_)
                | TagEnd::HtmlBlock,
            ) => flush(&mut prose, at),
            Event::Text(text) if !in_code => prose.push_str(&text),
            Event::Html(html) | Event::InlineHtml(html) => prose.push_str(&without_tags(&html)),
            Event::Code(_) => prose.push('·'),
            Event::SoftBreak | Event::HardBreak => prose.push(' '),
            _ => {}
        }
    }
    flush(&mut prose, at);
    texts.retain(|text| !text.prose.is_empty());
    texts
}

#[cfg(test)]
mod tests {
    use super::paragraphs;

    #[test]
    fn code_and_quotations_are_left_out_and_summaries_are_read() {
        let page = "# A *title*\n\nIt `calls` \"upon\n conversion\" it.\n\n```\nanew\n```\n\n\
                    <details><summary>Why?\nBecause.</summary>\n\nYes.\n\n</details>\n";
        let prose: Vec<String> = paragraphs("a", page).into_iter().map(|text| text.prose).collect();
        assert_eq!(prose, ["# A title", "It · · it.", "Why? Because.", "Yes."]);
    }
}
