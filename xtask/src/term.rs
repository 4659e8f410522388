//! What we say: in colours where somebody looks at them, and into the void where nobody listens.

use std::fmt;
use std::io::{self, ErrorKind, IsTerminal as _, Write};
use std::sync::OnceLock;

/// Prints a line. Unlike `println!` it does not mind if nobody reads on, as in `cargo xtask | head`: a
/// command does its work all the same, and notes what it has found out.
macro_rules! say {
    () => { say!("") };
    ($($text:tt)*) => {
        $crate::term::line(&mut std::io::stdout().lock(), format_args!($($text)*))
    };
}

/// Prints a sentence or several, broken into lines where a terminal would break them inside of a word.
macro_rules! tell {
    ($($text:tt)*) => {
        say!("{}", $crate::term::fitted(&format!($($text)*)))
    };
}

/// The same beside the output proper, on the standard error.
macro_rules! say_aside {
    ($($text:tt)*) => {
        $crate::term::line(&mut std::io::stderr().lock(), format_args!($($text)*))
    };
}

/// A text as it is good to read where it is printed; as it is, if that is no terminal.
pub(crate) fn fitted(text: &str) -> String {
    let Some(width) = width() else { return text.to_owned() };
    // A line that is set in is as it is to be.
    let fit = |line: &str| if line.starts_with(' ') { line.to_owned() } else { wrap(line, width) };
    text.split('\n').map(fit).collect::<Vec<_>>().join("\n")
}

/// What [`say`] does.
pub(crate) fn line(output: &mut dyn Write, text: fmt::Arguments<'_>) {
    heard(writeln!(output, "{text}"));
}

/// Prints a part of a line, at once.
pub(crate) fn part(output: &mut dyn Write, text: fmt::Arguments<'_>) {
    heard(write!(output, "{text}").and_then(|()| output.flush()));
}

/// Whether what was said could be said. If it could not because nobody listens any more, that is their
/// right; if a disk is full, nothing that follows would be told either.
fn heard(result: io::Result<()>) {
    if let Err(error) = result
        && error.kind() != ErrorKind::BrokenPipe
    {
        let _ = writeln!(io::stderr(), "cargo xtask: cannot write what is to be said: {error}");
        std::process::exit(2);
    }
}

/// Whether a command has ended because nobody listens any more.
pub(crate) fn is_unheard(error: &anyhow::Error) -> bool {
    let io = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    io.map(io::Error::kind).any(|kind| kind == ErrorKind::BrokenPipe)
}

/// Whether what we print is seen in colours: on a terminal, unless `NO_COLOR` asks for none.
pub(crate) fn colour() -> bool {
    static COLOUR: OnceLock<bool> = OnceLock::new();
    *COLOUR.get_or_init(|| {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        io::stdout().is_terminal() && !refused
    })
}

fn paint(code: &str, text: &str) -> String {
    if colour() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}

pub(crate) fn bold(text: &str) -> String {
    paint("1", text)
}

pub(crate) fn dim(text: &str) -> String {
    paint("2", text)
}

pub(crate) fn red(text: &str) -> String {
    paint("1;31", text)
}

pub(crate) fn green(text: &str) -> String {
    paint("32", text)
}

pub(crate) fn yellow(text: &str) -> String {
    paint("33", text)
}

/// How wide the terminal is; nothing, if what we print goes elsewhere. Longer lines than 100 are hard to
/// read.
pub(crate) fn width() -> Option<usize> {
    let (terminal_size::Width(width), _) = terminal_size::terminal_size_of(io::stdout())?;
    Some(usize::from(width).clamp(50, 100))
}

/// How wide a text of several lines is to be.
pub(crate) fn text_width() -> usize {
    width().unwrap_or(90).min(90)
}

/// Breaks a text into lines of this width at most that are good to read: `what stands in such marks` is not
/// broken, so that it can be copied.
pub(crate) fn wrap(text: &str, width: usize) -> String {
    let mut wrapped = String::new();
    let mut column = 0;
    for word in words(text) {
        let length = shown_length(&word);
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

/// How wide a word is, without its colours.
fn shown_length(word: &str) -> usize {
    let mut parts = word.split("\x1b[");
    let first = parts.next().unwrap_or_default().chars().count();
    let behind = |part: &str| part.split_once('m').map_or(0, |(_, text)| text.chars().count());
    first + parts.map(behind).sum::<usize>()
}

/// The words of a text; what stands between backticks goes together.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut is_open = false;
    for word in text.split_whitespace() {
        match words.last_mut().filter(|_| is_open) {
            Some(last) => {
                last.push(' ');
                last.push_str(word);
            }
            None => words.push(word.to_owned()),
        }
        is_open ^= word.matches('`').count() % 2 == 1;
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
    }
}
