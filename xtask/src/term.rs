//! Output: in colour on a terminal, and without complaint where the reader is gone.

use std::fmt;
use std::io::{self, ErrorKind, IsTerminal as _, Write};
use std::process::ExitCode;
use std::sync::OnceLock;

use anyhow::{Context as _, bail};
use course::text;

/// Prints a line. Unlike `println!` it does not panic when the reader is gone, as in `cargo xtask | head`: a
/// command still does its work, and notes what it has found out.
#[macro_export]
macro_rules! say {
    () => { $crate::say!("") };
    ($($text:tt)*) => {
        $crate::term::line(&mut std::io::stdout().lock(), format_args!($($text)*))
    };
}

/// Prints sentences, with line breaks between words where a terminal would break inside one.
#[macro_export]
macro_rules! tell {
    ($($text:tt)*) => {
        $crate::say!("{}", $crate::term::fitted(&format!($($text)*)))
    };
}

/// Prints a line to the standard error.
#[macro_export]
macro_rules! say_aside {
    ($($text:tt)*) => {
        $crate::term::line(&mut std::io::stderr().lock(), format_args!($($text)*))
    };
}

/// The exit code of a program called `name`. Reports an error, unless it is that the reader is gone.
pub fn ended(result: anyhow::Result<ExitCode>, name: &str) -> ExitCode {
    match result {
        Ok(code) => code,
        Err(error) if is_unheard(&error) => ExitCode::SUCCESS,
        Err(error) => {
            say_aside!("{}", fitted(&format!("{name}: {error:#}")));
            ExitCode::from(2)
        }
    }
}

/// A text with lines that fit the terminal. If the output is not a terminal, the text is unchanged.
pub fn fitted(text: &str) -> String {
    let Some(width) = width() else { return text.to_owned() };
    // Indented lines are kept as they are.
    let fit =
        |line: &str| if line.starts_with(' ') { line.to_owned() } else { text::wrap(line, width) };
    text.split('\n').map(fit).collect::<Vec<_>>().join("\n")
}

/// What [`say!`] does.
pub fn line(output: &mut dyn Write, text: fmt::Arguments<'_>) {
    written(writeln!(output, "{text}"));
}

/// Prints a part of a line, at once.
pub(crate) fn part(output: &mut dyn Write, text: fmt::Arguments<'_>) {
    written(write!(output, "{text}").and_then(|()| output.flush()));
}

/// Ends the program if output could not be written. If the reader is gone, the program continues; if a disk
/// is full, nothing that follows could be reported either.
fn written(result: io::Result<()>) {
    if let Err(error) = result
        && !is_closed_pipe(&error)
    {
        let _ = writeln!(io::stderr(), "cargo xtask: cannot write output: {error}");
        std::process::exit(2);
    }
}

/// Whether the reader of a pipe is gone. Windows has two more errors for it: no process is at the other end
/// of the pipe (233), and the pipe is being closed (232).
fn is_closed_pipe(error: &io::Error) -> bool {
    let is_windows_error = || cfg!(windows) && matches!(error.raw_os_error(), Some(232 | 233));
    error.kind() == ErrorKind::BrokenPipe || is_windows_error()
}

/// Whether a command ended because the reader of its output is gone.
fn is_unheard(error: &anyhow::Error) -> bool {
    error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>()).any(is_closed_pipe)
}

/// Whether output is in colour: on a terminal, unless a variable asks for plain text. `watch` shows what another
/// run of this program prints into a pipe, and says by a variable whether a terminal is at the other end.
pub fn is_coloured() -> bool {
    static COLOUR: OnceLock<bool> = OnceLock::new();
    let is_for_a_terminal = || match std::env::var("RAFT_LAB_COLOR").as_deref() {
        Ok("always") => true,
        Ok("never") => false,
        _ => io::stdout().is_terminal(),
    };
    *COLOUR.get_or_init(|| is_for_a_terminal() && !is_plain())
}

/// Whether single keys can be read, and the screen be cleared.
pub(crate) fn takes_keys() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal() && !is_for_a_reader()
}

/// Whether a line on the standard error can be rewritten: on a terminal, unless a variable asks for plain text.
pub(crate) fn is_rewritable() -> bool {
    io::stderr().is_terminal() && !is_plain()
}

/// Whether output must be without control characters: for a screen reader, a terminal that does not know them,
/// or a user who does not want colours.
fn is_plain() -> bool {
    text::no_color() || is_for_a_reader()
}

/// A text that follows `head` on its line. Its other lines begin below its first word, if the output is a terminal.
pub(crate) fn fitted_after(head: &str, text: &str) -> String {
    match width() {
        Some(width) => text::wrap_after(head, text, width),
        None => format!("{head}{text}"),
    }
}

/// Whether `watch` shows the output. Then it says which key to press, and not which command to type.
pub(crate) fn is_in_watch() -> bool {
    static IN_WATCH: OnceLock<bool> = OnceLock::new();
    *IN_WATCH.get_or_init(|| std::env::var_os("RAFT_LAB_IN_WATCH").is_some())
}

/// Whether text may be in two columns: a screen reader would read across them.
pub(crate) fn takes_columns() -> bool {
    !is_for_a_reader()
}

/// Whether output is for a screen reader, or for a terminal that knows no control characters.
fn is_for_a_reader() -> bool {
    let is_dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    std::env::var_os("RAFT_LAB_PLAIN").is_some_and(|value| !value.is_empty()) || is_dumb
}

fn paint(code: &str, text: &str) -> String {
    if is_coloured() { text::painted(code, text) } else { text.to_owned() }
}

/// The text in bold.
pub fn bold(text: &str) -> String {
    paint("1", text)
}

/// The text in a faint colour.
pub fn dim(text: &str) -> String {
    paint("2", text)
}

/// The text in red.
pub fn red(text: &str) -> String {
    paint("1;31", text)
}

/// The text in green.
pub fn green(text: &str) -> String {
    paint("32", text)
}

/// The text in yellow.
pub fn yellow(text: &str) -> String {
    paint("33", text)
}

/// The words of a text, each in a style of its own, so that a line break does not end it.
pub(crate) fn by_word(style: fn(&str) -> String, text: &str) -> String {
    if !is_coloured() {
        return text.to_owned();
    }
    text.split(' ').map(style).collect::<Vec<_>>().join(" ")
}

/// Asks whether to do something after which a copy is kept. Without a terminal, there is nobody to ask: the error says
/// what the command `would` do.
pub(crate) fn confirm(question: &str, would: &str) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        bail!(
            "{would}, and there is no terminal to ask on; add `--yes` to confirm (a copy is kept)"
        );
    }
    part(&mut io::stdout(), format_args!("{question} A copy is kept. [y/N] "));
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).context("cannot read the answer")?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// How wide the terminal is, in columns; `None` if the output is not a terminal. Lines of more than 100
/// characters are hard to read, and in fewer than 20 columns nothing is.
pub(crate) fn width() -> Option<usize> {
    let terminal = || {
        let (terminal_size::Width(width), _) = terminal_size::terminal_size_of(io::stdout())?;
        Some(usize::from(width))
    };
    // `watch` says how wide its terminal is.
    let said = std::env::var("RAFT_LAB_WIDTH").ok().and_then(|width| width.parse().ok());
    Some(said.or_else(terminal)?.clamp(20, 100))
}

/// How wide a text of several lines is printed.
pub(crate) fn text_width() -> usize {
    width().unwrap_or(90).min(90)
}
