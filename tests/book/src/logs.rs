//! The logs of all servers as rows of boxes, like the paper's Figures 6, 7 and 8: at the end of each block
//! that has a comment.

use gates::scenario::Run;
use protocol::{RoleName, ServerId};

use crate::Figure;
use crate::lane;
use crate::palette;
use crate::state::{self, State, slot};
use crate::svg::{self, Anchor, Font, Svg, WIDTH};

const MARGIN: i32 = 12;

/// How large an entry is, where there is room for it.
const ENTRY: i32 = 22;

/// Where the logs begin; to the left stands what the servers are called.
const LOGS: i32 = 106;

/// So much room has a short name.
const NAMES: i32 = 30;

/// From one server to the next.
const ROW: i32 = 30;

const CAPTION: Font = Font::plain(12);
const NAME: Font = Font::plain(14).bold();
const ABOVE: Font = Font::plain(10).bold();
const SMALL: Font = Font::plain(11);
const INDEX: Font = Font::plain(11).colour(palette::GONE);

/// Draws a run.
pub(crate) fn draw(figure: &Figure, run: &Run) -> String {
    let panels = panels(run);
    let longest = panels.iter().flat_map(|panel| &panel.states).map(|state| state.log.len()).max();
    let longest = longest.unwrap_or(0);
    let size = ENTRY.min((WIDTH - MARGIN - LOGS) / lane::count(longest.max(1)));
    let mut svg = Svg::default();
    let mut y = 4;
    for panel in &panels {
        y = draw_panel(&mut svg, figure, panel, (longest, size), y);
    }
    let committed = panels.iter().flat_map(|panel| &panel.states).any(|state| state.commit.0 > 0);
    if committed {
        y += 16;
        let text = "Underlined: known to be committed.";
        svg.text(MARGIN, y, Anchor::Start, INDEX, text);
    }
    svg.finish(&figure.title, &figure.alternative, y + MARGIN)
}

/// The servers at the end of a block.
struct Panel<'a> {
    caption: &'a str,
    states: Vec<State>,
}

fn panels(run: &Run) -> Vec<Panel<'_>> {
    let mut states = state::at_first(run);
    let mut panels = Vec::new();
    let ends = run.blocks.iter().skip(1).map(|(began, _)| *began).chain([run.trace.len()]);
    for ((began, caption), end) in run.blocks.iter().zip(ends) {
        for traced in &run.trace[*began..end] {
            use simulator::TraceEvent;
            match &traced.what {
                TraceEvent::Crashed { server }
                | TraceEvent::Killed { server }
                | TraceEvent::Stopped { server, .. } => states[slot(*server)].up = false,
                TraceEvent::Restarted { server } => {
                    states[slot(*server)] = states[slot(*server)].restarted(run.durable);
                }
                what => {
                    if let Some((server, state)) = State::after(&states, what) {
                        states[slot(server)] = state;
                    }
                }
            }
        }
        if !caption.is_empty() {
            panels.push(Panel { caption, states: states.clone() });
        }
    }
    panels
}

/// Draws a panel from `y` on downwards, and gives where it ends.
fn draw_panel(
    svg: &mut Svg,
    figure: &Figure,
    panel: &Panel<'_>,
    (longest, size): (usize, i32),
    y: i32,
) -> i32 {
    let lines = svg::wrapped(panel.caption, CAPTION.size, WIDTH - 2 * MARGIN);
    let high = lane::count(lines.len()) * 16 + 8;
    let (mut y, wide, band) = (y + 4, WIDTH - 2, palette::BAND);
    svg.element("rect", format!(r#"x="1" y="{y}" width="{wide}" height="{high}" fill="{band}""#));
    for (line, number) in lines.iter().zip(1..) {
        svg.text(MARGIN, y + number * 16, Anchor::Start, CAPTION, line);
    }
    y += high + 16;
    svg.text(MARGIN, y, Anchor::Start, INDEX, "log index");
    for index in 1..=longest {
        let x = LOGS + lane::count(index - 1) * size + size / 2;
        svg.text(x, y, Anchor::Middle, INDEX, &index.to_string());
    }
    y += 8;
    for (state, id) in panel.states.iter().zip(1..) {
        draw_server(svg, &figure.name(ServerId(id)), state, size, y);
        y += ROW;
    }
    y
}

fn draw_server(svg: &mut Svg, name: &str, state: &State, size: i32, y: i32) {
    let role = match (state.up, state.role) {
        (false, _) => "is down",
        (true, RoleName::Follower) => "",
        (true, role) => state::role(role),
    };
    // A long name stands above the term, and leaves no room for the role.
    let is_long = svg::width(name, NAME.size) > NAMES;
    let x = if is_long { MARGIN } else { MARGIN + NAMES };
    let above = if is_long { name } else { role };
    if !is_long {
        svg.text(MARGIN, y + 16, Anchor::Start, NAME, name);
    }
    let term_y = if above.is_empty() { y + 16 } else { y + 22 };
    if !above.is_empty() {
        svg.text(x, y + 10, Anchor::Start, ABOVE, above);
    }
    let term = format!("term {}", state.term);
    svg.text(x, term_y, Anchor::Start, SMALL.colour(palette::of(state.term)), &term);
    let commit = usize::try_from(state.commit.0).unwrap_or(usize::MAX);
    for (&term, index) in state.log.iter().zip(1..) {
        let x = LOGS + lane::count(index - 1) * size;
        lane::entry(svg, term, index <= commit, x, y, size);
    }
}
