//! What stands on a server's line: what happens to it, what it is then, and its log.

use protocol::{RoleName, Term};

use crate::moments::Note;
use crate::palette;
use crate::state::{self, State};
use crate::svg::{self, Anchor, Font, Svg};

/// How high a line of text is.
const LINE: i32 = 13;

/// How high a cross is, with room above it.
const CROSS: i32 = 14;

/// How large an entry is.
const ENTRY: i32 = 13;

const WORD: Font = Font::plain(11).bold().halo();
const CHIP: Font = Font::plain(11).bold().colour(palette::PAPER);
const NUMBER: Font = Font::plain(10).bold().colour(palette::PAPER);

/// What a note shows, from above to below.
pub(crate) struct Content {
    word: Option<&'static str>,
    /// What is new of the server, in words.
    lines: Vec<String>,
    term: Term,
    /// The log, if it is new.
    log: Option<Vec<Term>>,
    commit: usize,
    gone: bool,
}

impl Content {
    /// What is new; at the beginning, all that a new server has not.
    pub(crate) fn of(note: &Note, beginning: bool) -> Self {
        let Note { word, before, after } = note;
        let mut lines = Vec::new();
        let restarted = after.up && !before.up;
        let whole = beginning || restarted;
        let new_term = whole || after.term != before.term;
        if after.up {
            lines.extend(new_term.then(|| format!("term {}", after.term)));
            let says_role = after.role != before.role || after.role != RoleName::Follower;
            if (new_term && says_role) || after.role != before.role {
                lines.push(state::role(after.role).to_owned());
            }
            let vote = after.vote.filter(|_| new_term || after.vote != before.vote);
            lines.extend(vote.map(|vote| format!("vote {vote}")));
            let committed = after.commit != before.commit || (whole && after.commit.0 > 0);
            lines.extend(committed.then(|| format!("commit {}", after.commit)));
        }
        let new_log = after.log != before.log || after.commit != before.commit || whole;
        let log = after.log.clone();
        let shows_log = after.up && new_log && (!log.is_empty() || after.log != before.log);
        Content {
            word: *word,
            lines,
            term: after.term,
            log: shows_log.then_some(log),
            commit: usize::try_from(after.commit.0).unwrap_or(usize::MAX),
            gone: !after.up,
        }
    }

    pub(crate) fn height(&self) -> i32 {
        let word = if self.word.is_some() { LINE + 2 } else { 0 };
        let chip = if self.lines.is_empty() { 0 } else { count(self.lines.len()) * LINE + 6 };
        let cross = if self.gone { CROSS } else { 0 };
        word + cross + chip + if self.log.is_some() { ENTRY + 9 } else { 0 }
    }

    /// Draws it around `x`, from `y` on downwards, where there is `room` from left to right.
    pub(crate) fn draw(&self, svg: &mut Svg, x: i32, y: i32, room: i32) {
        let mut y = y;
        if let Some(word) = self.word {
            svg.text(x, y + LINE - 2, Anchor::Middle, WORD, word);
            y += LINE + 2;
        }
        if self.gone {
            cross(svg, x, y + CROSS / 2, palette::INK);
        }
        if !self.lines.is_empty() {
            let longest = self.lines.iter().map(|line| svg::bold_width(line, 11)).max();
            let wide = (longest.unwrap_or(0) + 8).min(room - 2);
            let high = count(self.lines.len()) * LINE + 4;
            let (left, colour) = (x - wide / 2, palette::of(self.term));
            svg.element(
                "rect",
                format!(
                    r#"x="{left}" y="{y}" width="{wide}" height="{high}" rx="4" fill="{colour}""#
                ),
            );
            for (line, number) in self.lines.iter().zip(1..) {
                svg.text_within(x, y + number * LINE - 1, wide - 8, CHIP, line);
            }
            y += high + 2;
        }
        if let Some(log) = &self.log {
            draw_log(svg, log, self.commit, x, y + 1, room);
        }
    }
}

/// A log around `x`, as much of its end as there is room for.
fn draw_log(svg: &mut Svg, log: &[Term], commit: usize, x: i32, y: i32, room: i32) {
    let fits = usize::try_from((room - 4) / ENTRY).unwrap_or(1).max(2);
    let (first, dots) = match log.len() {
        long if long > fits => (long - (fits - 1), true),
        _ => (0, false),
    };
    let boxes = log.len() - first + usize::from(dots);
    let mut left = x - count(boxes) * ENTRY / 2;
    // The server's line does not show between the entries.
    let (wide, ground) = (count(boxes) * ENTRY, palette::PAPER);
    svg.element(
        "rect",
        format!(r#"x="{left}" y="{y}" width="{wide}" height="{ENTRY}" fill="{ground}""#),
    );
    if log.is_empty() {
        svg.text(x, y + 10, Anchor::Middle, WORD, "empty log");
    }
    if dots {
        svg.text(left + ENTRY / 2, y + 10, Anchor::Middle, WORD, "…");
        left += ENTRY;
    }
    for (term, index) in log[first..].iter().zip(first + 1..) {
        entry(svg, *term, index <= commit, left, y, ENTRY);
        left += ENTRY;
    }
}

/// One entry: its term, upon the term's colour; underlined if it is known to be committed.
pub(crate) fn entry(svg: &mut Svg, term: Term, committed: bool, x: i32, y: i32, size: i32) {
    let (colour, inner) = (palette::of(term), size - 1);
    svg.element(
        "rect",
        format!(r#"x="{x}" y="{y}" width="{inner}" height="{inner}" rx="2" fill="{colour}""#),
    );
    let font = if size > ENTRY { Font { size: 13, ..NUMBER } } else { NUMBER };
    svg.text(x + inner / 2, y + inner / 2 + 4, Anchor::Middle, font, &term.to_string());
    if committed {
        let (y, ink) = (y + size + 1, palette::INK);
        svg.element("path", format!(r#"d="M{x} {y}h{size}" stroke="{ink}" stroke-width="3""#));
    }
}

/// A cross: something ends here.
pub(crate) fn cross(svg: &mut Svg, x: i32, y: i32, colour: &str) {
    let (left, above, right, below) = (x - 5, y - 5, x + 5, y + 5);
    svg.element(
        "path",
        format!(
            r#"d="M{left} {above}L{right} {below}M{left} {below}L{right} {above}" stroke="{colour}" stroke-width="3""#
        ),
    );
}

/// The line of a server that stays like this from one height to another: its colour is that of its
/// term, and a leader's is thick, a candidate's broken.
pub(crate) fn line(svg: &mut Svg, x: i32, from: i32, to: i32, state: &State) {
    let colour = if state.up { palette::of(state.term) } else { palette::GONE };
    let looks = match (state.up, state.role) {
        (false, _) => r#"stroke-width="2" stroke-dasharray="1 6""#,
        (true, RoleName::Leader) => r#"stroke-width="7""#,
        (true, RoleName::Candidate) => r#"stroke-width="4" stroke-dasharray="7 3""#,
        (true, RoleName::Follower) => r#"stroke-width="2""#,
    };
    svg.element("path", format!(r#"d="M{x} {from}V{to}" stroke="{colour}" {looks}"#));
}

pub(crate) fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX / 1000)
}
