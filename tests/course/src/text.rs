//! The shape of text in a terminal: colour and line breaks.

use textwrap::core::Word;
use textwrap::{WordSeparator, WordSplitter, WrapAlgorithm};

/// Whether `NO_COLOR` asks for no colour. As its convention says, an empty value does not.
pub fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// The text in a colour. Each line is coloured separately, because pagers and editors drop a colour at
/// the end of a line. `code` is the number of an SGR escape sequence, such as `31` for red.
pub fn painted(code: &str, text: &str) -> String {
    let lines = text.split('\n').map(|line| format!("\x1b[{code}m{line}\x1b[0m"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The text without its colours.
pub fn plain(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once("\x1b[") {
        kept.push_str(before);
        rest = escape.split_once('m').map_or("", |(_, after)| after);
    }
    kept + rest
}

/// Breaks a text into lines of at most `width` columns. Text `between backticks` is kept on one line, so that it
/// can be copied, and no word is broken.
pub fn wrap(text: &str, width: usize) -> String {
    wrap_after("", text, width)
}

/// The same for a text that follows `head` on its line. Its other lines begin below its first word.
pub fn wrap_after(head: &str, text: &str, width: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let indent = " ".repeat(columns(head));
    let options = textwrap::Options::new(width)
        .initial_indent(head)
        .subsequent_indent(&indent)
        .break_words(false)
        .word_separator(WordSeparator::Custom(words))
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    textwrap::fill(&text, options)
}

/// How many columns of a terminal a text takes. Colours take none, and some letters take two.
pub fn columns(text: &str) -> usize {
    textwrap::core::display_width(text)
}

/// The words of a line. Text between backticks counts as one word.
fn words(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    // A lone backtick opens nothing.
    let has_pairs = line.matches('`').count().is_multiple_of(2);
    let mut is_open = false;
    let words = line.split_inclusive(move |c| {
        is_open ^= has_pairs && c == '`';
        c == ' ' && !is_open
    });
    Box::new(words.map(Word::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_broken_between_words() {
        assert_eq!(wrap("one  two\nthree four", 9), "one two\nthree\nfour");
        assert_eq!(wrap("§§§§ extraordinary x", 4), "§§§§\nextraordinary\nx");
        assert_eq!(wrap("", 4), "");
        assert_eq!(wrap("\x1b[1mone two\x1b[0m three", 7), "\x1b[1mone two\x1b[0m\nthree");
        assert_eq!(wrap("now `use 1 mine`, or not", 9), "now\n`use 1 mine`,\nor not");
        assert_eq!(wrap("a lone ` breaks", 6), "a lone\n`\nbreaks");
        assert_eq!(wrap("日本語 x", 7), "日本語\nx");
        assert_eq!(wrap_after("1.2 ", "one two three", 11), "1.2 one two\n    three");
        assert_eq!(wrap_after("\x1b[1m-\x1b[0m ", "a b", 3), "\x1b[1m-\x1b[0m a\n  b");
    }

    #[test]
    fn colour_is_put_on_each_line_and_taken_off() {
        let red = painted("31", "a\nb");
        assert_eq!(red, "\x1b[31ma\x1b[0m\n\x1b[31mb\x1b[0m");
        assert_eq!(plain(&red), "a\nb");
    }
}
