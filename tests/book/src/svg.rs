//! The text of an SVG. Only whole numbers occur in it: they are the same on every machine.

use std::fmt::{Display, Write as _};

use crate::palette;

/// How wide every figure is. At this width it fits a telephone, with letters as large as they are meant.
pub(crate) const WIDTH: i32 = 360;

const FONT: &str = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";

/// A drawing that grows element by element. What comes later lies upon what came before.
#[derive(Default)]
pub(crate) struct Svg {
    body: String,
}

/// How a text stands at its place.
#[derive(Clone, Copy)]
pub(crate) enum Anchor {
    Start,
    Middle,
}

/// A text's looks.
#[derive(Clone, Copy)]
pub(crate) struct Font {
    pub(crate) size: i32,
    pub(crate) bold: bool,
    pub(crate) colour: &'static str,
    /// Whether the text lies upon lines, and keeps them off.
    pub(crate) halo: bool,
}

impl Font {
    pub(crate) const fn plain(size: i32) -> Self {
        Font { size, bold: false, colour: palette::INK, halo: false }
    }

    pub(crate) const fn bold(self) -> Self {
        Font { bold: true, ..self }
    }

    pub(crate) const fn colour(self, colour: &'static str) -> Self {
        Font { colour, ..self }
    }

    pub(crate) const fn halo(self) -> Self {
        Font { halo: true, ..self }
    }
}

impl Svg {
    /// One element without content; `attributes` are as they stand in the text.
    pub(crate) fn element(&mut self, name: &str, attributes: impl Display) {
        let _ = writeln!(self.body, "<{name} {attributes}/>");
    }

    /// Elements as they stand in the text.
    pub(crate) fn raw(&mut self, elements: impl Display) {
        let _ = writeln!(self.body, "{elements}");
    }

    pub(crate) fn text(&mut self, x: i32, y: i32, anchor: Anchor, font: Font, text: &str) {
        self.write(x, y, anchor, font, (text, ""));
    }

    fn write(
        &mut self,
        x: i32,
        y: i32,
        anchor: Anchor,
        font: Font,
        (text, squeezed): (&str, &str),
    ) {
        let Font { size, bold, colour, halo } = font;
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
        };
        let weight = if bold { r#" font-weight="bold""# } else { "" };
        let halo = if halo {
            format!(r#" stroke="{}" stroke-width="3" paint-order="stroke""#, palette::PAPER)
        } else {
            String::new()
        };
        let text = escaped(text);
        let _ = writeln!(
            self.body,
            r#"<text x="{x}" y="{y}" font-size="{size}" fill="{colour}"{anchor}{weight}{halo}{squeezed}>{text}</text>"#
        );
    }

    /// A text around `x` that is squeezed if there might be no room for it.
    pub(crate) fn text_within(&mut self, x: i32, y: i32, room: i32, font: Font, text: &str) {
        let width = if font.bold { bold_width } else { width };
        let squeezed = if width(text, font.size) > room {
            format!(r#" textLength="{room}" lengthAdjust="spacingAndGlyphs""#)
        } else {
            String::new()
        };
        self.write(x, y, Anchor::Middle, font, (text, &squeezed));
    }

    /// The whole text of the SVG, so many units high.
    pub(crate) fn finish(self, title: &str, description: &str, height: i32) -> String {
        // Half as large again where there is room; a page makes it smaller where there is none.
        let (wide, high) = (WIDTH * 3 / 2, height * 3 / 2);
        let (title, description) = (escaped(title), escaped(description));
        let Svg { body } = self;
        let (paper, edge, inner, tall) = (palette::PAPER, palette::EDGE, WIDTH - 1, height - 1);
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title description" font-family="{FONT}">
<title id="title">{title}</title>
<desc id="description">{description}</desc>
<rect x="0" y="0" width="{WIDTH}" height="{height}" rx="8" fill="{paper}"/>
<rect x="0" y="0" width="{inner}" height="{tall}" rx="8" fill="none" stroke="{edge}"/>
{body}</svg>
"#
        )
    }
}

/// A text in which nothing is taken for markup.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// About how wide a text is. Letters differ from machine to machine, so this is on the safe side.
pub(crate) fn width(text: &str, size: i32) -> i32 {
    let letters = i32::try_from(text.chars().count()).unwrap_or(i32::MAX / 1000);
    letters * size * 55 / 100
}

/// How wide a bold text may be, if the machine's letters are wide ones.
pub(crate) fn bold_width(text: &str, size: i32) -> i32 {
    width(text, size) * 5 / 4
}

/// A text in lines of at most this width.
pub(crate) fn wrapped(text: &str, size: i32, room: i32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(line, size) + width(word, size) + size / 2 <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
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
}
