//! The shape of text in a terminal: colour and line breaks.

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

/// Breaks a text into lines of at most `width` characters. Text `between backticks` is kept on one line,
/// so that it can be copied.
pub fn wrap(text: &str, width: usize) -> String {
    let mut wrapped = String::new();
    let mut column = 0;
    for word in words(text) {
        let length = plain(&word).chars().count();
        if column > 0 && column + 1 + length > width {
            wrapped.push('\n');
            column = 0;
        } else if column > 0 {
            wrapped.push(' ');
            column += 1;
        }
        wrapped.push_str(&word);
        column += length;
    }
    wrapped
}

/// The words of a text. Text between backticks counts as one word.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    // A lone backtick opens nothing.
    let has_pairs = text.matches('`').count().is_multiple_of(2);
    let mut is_open = false;
    for word in text.split_whitespace() {
        match words.last_mut().filter(|_| is_open) {
            Some(last) => {
                last.push(' ');
                last.push_str(word);
            }
            None => words.push(word.to_owned()),
        }
        is_open ^= has_pairs && word.matches('`').count() % 2 == 1;
    }
    words
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
    }

    #[test]
    fn colour_is_put_on_each_line_and_taken_off() {
        let red = painted("31", "a\nb");
        assert_eq!(red, "\x1b[31ma\x1b[0m\n\x1b[31mb\x1b[0m");
        assert_eq!(plain(&red), "a\nb");
    }
}
