//! The text of an SVG. Only whole numbers are in it: they are the same on every machine.

use std::fmt::{Display, Write as _};

/// The width of every figure in units. On a phone a unit is about a pixel, and letters have the size that they are drawn with.
pub(super) const WIDTH: i32 = 360;

/// A figure is at most this many pixels high, so that it fits on one screen, …
const HIGHEST: i32 = 900;

/// … and where there is room, a unit is this many fifths of a pixel.
const FIFTHS: i32 = 7;

const STYLE: &str = include_str!("figure.css");

/// A drawing that grows element by element. Later elements cover earlier ones.
#[derive(Default)]
pub(super) struct Svg {
    body: String,
}

impl Svg {
    /// An element without content. `class` says how it looks.
    pub(super) fn element(&mut self, name: &str, class: &str, attributes: impl Display) {
        let _ = writeln!(self.body, "<{name} class=\"{class}\" {attributes}/>");
    }

    /// A straight line.
    pub(super) fn line(&mut self, class: &str, (x, y): (i32, i32), (to_x, to_y): (i32, i32)) {
        self.element("path", class, format!(r#"d="M{x} {y}L{to_x} {to_y}""#));
    }

    /// A text whose first letter is at `x`.
    pub(super) fn text(&mut self, class: &str, x: i32, y: i32, text: &str) {
        let text = escaped(text);
        let _ = writeln!(self.body, r#"<text class="{class}" x="{x}" y="{y}">{text}</text>"#);
    }

    /// A text around `x`.
    pub(super) fn middle(&mut self, class: &str, x: i32, y: i32, text: &str) {
        self.text(&format!("{class} i"), x, y, text);
    }

    /// The whole text of the SVG, `height` units high.
    pub(super) fn finish(self, id: &str, title: &str, description: &str, height: i32) -> String {
        let high = (height * FIFTHS / 5).min(HIGHEST);
        let wide = WIDTH * high / height;
        let (id, title, description) = (escaped(id), escaped(title), escaped(description));
        let style = STYLE.lines().filter(|line| !line.starts_with("/*")).collect::<String>();
        let Svg { body } = self;
        let (inner, tall) = (WIDTH - 1, height - 1);
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" class="raft" width="{wide}" height="{high}" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="{id}-title" aria-describedby="{id}-words">
<title id="{id}-title">{title}</title>
<desc id="{id}-words">{description}</desc>
<style>{style}</style>
<rect class="paper" width="{inner}" height="{tall}" rx="8"/>
{body}</svg>
"#
        )
    }
}

/// A text in which nothing is taken for markup.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// About how wide a text is, rather too wide than too narrow: letters differ from machine to machine. These are those of
/// DejaVu Sans, which is wider than most.
pub(super) fn width(text: &str, size: i32) -> i32 {
    let hundredths: i32 = text.chars().map(letter).sum();
    (hundredths * size + 99) / 100
}

/// How many hundredths of its height a letter is wide.
fn letter(letter: char) -> i32 {
    match letter {
        ' ' | '.' | ',' | '|' => 32,
        'i' | 'l' | 'j' | 'I' => 29,
        't' | 'f' | 'r' | '(' | ')' | ':' | ';' | '\'' | '-' => 41,
        'm' | 'M' | 'w' | 'W' | '@' => 99,
        '=' | '→' | '+' => 84,
        'A'..='Z' | '0'..='9' => 69,
        _ => 62,
    }
}

/// A text in lines of at most this width. A word that is longer than a line has one of its own.
pub(super) fn wrapped(text: &str, size: i32, room: i32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(line, size) + width(word, size) + width(" ", size) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The class of a term's color. The number of the term is always beside it.
pub(super) fn term_class(term: u64) -> String {
    if term == 0 { "t0".to_owned() } else { format!("t{}", (term - 1) % 6 + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_taken_for_markup() {
        assert_eq!(escaped("a < b & \"c\" > d"), "a &lt; b &amp; &quot;c&quot; &gt; d");
    }

    #[test]
    fn a_text_is_broken_between_words_and_loses_none() {
        let text = "S3 has voted in this term already, and does not vote for S2.";
        let lines = wrapped(text, 12, 120);
        assert!(lines.len() > 2 && lines.iter().all(|line| width(line, 12) <= 120), "{lines:?}");
        assert_eq!(lines.join(" "), text);
        assert!(wrapped("", 12, 120).is_empty());
    }

    #[test]
    fn a_figure_fits_on_a_screen() {
        for height in [100, 600, 5_000] {
            let svg = Svg::default().finish("x", "t", "d", height);
            let number = |name: &str| -> i32 {
                let (_, rest) = svg.split_once(&format!(" {name}=\"")).unwrap();
                rest.split('"').next().unwrap().parse().unwrap()
            };
            assert!(number("height") <= HIGHEST && number("width") <= WIDTH * FIFTHS / 5);
        }
    }
}
