//! The logs of all servers, like the paper's Figures 6, 7 and 8: at the end of each block that has a comment. Blocks are
//! side by side if there is room.

use simulator::Recording;

use super::header::Header;
use super::lanes;
use super::numbers::units;
use super::panels::{self, Panel};
use super::state::Role;
use super::svg::{self, Svg, WIDTH, term_class};

const MARGIN: i32 = 10;

/// The largest size of an entry.
const ENTRY: i32 = 20;

/// The least width of a log side by side with others: its words are below it.
const LEAST: i32 = 76;

/// The height of a server: its log, what it is, and whether it is cut off.
const HIGH: i32 = 36;
const CUT: i32 = 13;

/// Draws a run.
pub(super) fn draw(run: &Recording, header: &Header) -> String {
    let panels = panels::of(run);
    let longest = panels.iter().flat_map(|panel| &panel.servers).map(|it| it.log.len()).max();
    let longest = longest.unwrap_or(0);
    let names = (1..=run.servers).map(|server| svg::width(&header.name(server), 13)).max();
    let names = names.unwrap_or(0) + 8;
    let room = WIDTH - 2 * MARGIN - names;
    let each = (units(longest) * ENTRY + 6).max(LEAST);
    let mut svg = Svg::default();
    let mut sheet = Sheet { header, names, longest, has_short_terms: false, y: MARGIN };
    if units(panels.len()) * each <= room {
        sheet.side_by_side(&mut svg, &panels, room / units(panels.len()).max(1));
    } else {
        for panel in &panels {
            sheet.stacked(&mut svg, panel, panels.len() > 1);
        }
    }
    let height = sheet.legend(&mut svg, &panels);
    let description = if header.description.is_empty() {
        super::text::draw(run, header)
    } else {
        header.description.clone()
    };
    svg.finish(&header.id, &header.title, &description, height)
}

struct Sheet<'a> {
    header: &'a Header,
    /// The width of the servers' names.
    names: i32,
    /// How many entries the longest log has.
    longest: usize,
    /// Whether terms are written in short.
    has_short_terms: bool,
    y: i32,
}

impl Sheet<'_> {
    fn side_by_side(&mut self, svg: &mut Svg, panels: &[Panel], each: i32) {
        self.has_short_terms = true;
        let has_cuts = panels.iter().any(|panel| panel.cut_off.contains(&true));
        let high = HIGH + if has_cuts { CUT } else { 0 };
        let left = |number: usize| MARGIN + self.names + units(number) * each;
        for (number, panel) in panels.iter().enumerate() {
            svg.middle("name", left(number) + each / 2 - 6, self.y + 10, &panel.mark);
        }
        let top = self.y + 20;
        let servers = panels.first().map_or(0, |panel| panel.servers.len());
        for server in 0..servers {
            let y = top + units(server) * high;
            if server % 2 == 0 {
                let (wide, y, high) = (WIDTH - 2, y - 3, high);
                let shape = format!(r#"x="1" y="{y}" width="{wide}" height="{high}""#);
                svg.element("rect", "band", shape);
            }
            let name = self.header.name(server as u64 + 1);
            svg.text("name", MARGIN, y + 14, &name);
            for (number, panel) in panels.iter().enumerate() {
                draw_log(svg, panel, server, (left(number), y), ENTRY);
                let below = y + ENTRY + 11;
                words_below(svg, panel, server, (left(number), below));
                if panel.fences[server] {
                    let (x, y) = (left(number) - 4, y + high - 3);
                    svg.line("fence", (x, y), (x + each - 2, y));
                }
            }
        }
        self.y = top + units(servers) * high + 4;
        for number in 1..panels.len() {
            let x = left(number) - 5;
            svg.line("rule", (x, MARGIN), (x, self.y - 7));
        }
        for panel in panels {
            self.caption(svg, &panel.mark, &panel.caption);
        }
    }

    /// What a panel shows.
    fn caption(&mut self, svg: &mut Svg, mark: &str, caption: &str) {
        let left = MARGIN + if mark.is_empty() { 0 } else { svg::width(mark, 12).max(14) + 6 };
        if !mark.is_empty() {
            svg.text("event", MARGIN, self.y + 12, mark);
        }
        for line in svg::wrapped(caption, 12, WIDTH - MARGIN - left) {
            self.y += 15;
            svg.text("caption", left, self.y - 3, &line);
        }
        self.y += 4;
    }

    fn stacked(&mut self, svg: &mut Svg, panel: &Panel, is_one_of_several: bool) {
        if is_one_of_several && self.y > MARGIN {
            svg.line("rule", (1, self.y - 2), (WIDTH - 1, self.y - 2));
            self.y += 4;
        }
        let is_named = panels::is_mark(&panel.mark);
        self.caption(svg, if is_named { &panel.mark } else { "" }, &panel.caption);
        let left = MARGIN + self.names.max(52);
        let size = ENTRY.min((WIDTH - MARGIN - left) / units(self.longest.max(1)));
        svg.text("soft", MARGIN, self.y + 10, "index");
        for index in 1..=self.longest {
            let x = left + units(index - 1) * size + size / 2;
            svg.middle("soft", x, self.y + 10, &index.to_string());
        }
        self.y += 15;
        for (server, state) in panel.servers.iter().enumerate() {
            let y = self.y;
            if server % 2 == 0 {
                let (wide, y) = (WIDTH - 2, y - 2);
                let shape = format!(r#"x="1" y="{y}" width="{wide}" height="30""#);
                svg.element("rect", "band", shape);
            }
            svg.text("name", MARGIN, y + 11, &self.header.name(server as u64 + 1));
            let class = format!("term {}", term_class(state.term));
            let words = match (panel.cut_off[server], state.role) {
                (_, Role::Down) => "down".to_owned(),
                (true, _) => "cut off".to_owned(),
                _ => format!("term {}", state.term),
            };
            svg.text(&class, MARGIN, y + 24, &words);
            draw_log(svg, panel, server, (left, y + 3), size);
            self.y += 30;
        }
        self.y += 8;
    }

    /// Explains the signs that occur. Returns where the figure ends.
    fn legend(&self, svg: &mut Svg, panels: &[Panel]) -> i32 {
        let states = || panels.iter().flat_map(|panel| &panel.servers);
        let mut all = vec!["Boxes: the log, with terms."];
        all.extend(self.has_short_terms.then_some("t2: term 2."));
        let committed = states().any(|state| state.commit > 0);
        all.extend(committed.then_some("Filled up to the bar: committed."));
        let is_off = panels.iter().any(|panel| panel.cut_off.contains(&true))
            || states().any(|state| state.role == Role::Down);
        all.extend(is_off.then_some("Grey, in a broken frame: down or cut off."));
        let has_fence = panels.iter().any(|panel| panel.fences.contains(&true));
        all.extend(has_fence.then_some("A broken line between two servers: they are apart."));
        let mut y = self.y + 2;
        svg.line("rule", (1, self.y - 2), (WIDTH - 1, self.y - 2));
        for line in svg::wrapped(&all.join(" "), 11, WIDTH - 2 * MARGIN) {
            y += 14;
            svg.text("soft", MARGIN, y, &line);
        }
        y + MARGIN
    }
}

/// A log; grey in a broken frame if the server is down or cut off.
fn draw_log(svg: &mut Svg, panel: &Panel, server: usize, (x, y): (i32, i32), size: i32) {
    let state = &panel.servers[server];
    let is_off = state.role == Role::Down || panel.cut_off[server];
    let off = if is_off { " off" } else { "" };
    if is_off {
        let (left, top, wide) = (x - 2, y - 2, units(state.log.len().max(1)) * size + 4);
        let high = size + 2;
        let frame = format!(r#"x="{left}" y="{top}" width="{wide}" height="{high}" rx="4""#);
        svg.element("rect", "ring reply off", frame);
    }
    if state.log.is_empty() {
        svg.text("small", x + 3, y + 14, "–");
    }
    for (&term, index) in state.log.iter().zip(1..) {
        let at = (x + (index - 1) * size, y);
        let is_committed = u64::try_from(index).is_ok_and(|index| index <= state.commit);
        lanes::entry(svg, term, is_committed, at, size, off);
    }
    let commit = i32::try_from(state.commit).unwrap_or(0);
    if commit > 0 && !state.log.is_empty() {
        let x = x + commit.min(units(state.log.len())) * size;
        svg.line("bar", (x, y - 1), (x, y + size));
    }
}

/// `leader t4`, `t4, vote S1`, and `cut off`.
fn words_below(svg: &mut Svg, panel: &Panel, server: usize, (x, y): (i32, i32)) {
    let state = &panel.servers[server];
    let is_cut = panel.cut_off[server];
    let off = if is_cut { " off" } else { "" };
    let words = match state.role {
        Role::Down => "down".to_owned(),
        Role::Follower if state.vote > 0 => format!("t{}, vote S{}", state.term, state.vote),
        Role::Follower => format!("t{}", state.term),
        role => format!("{} t{}", role.name(), state.term),
    };
    svg.text(&format!("term {}{off}", term_class(state.term)), x, y, &words);
    if is_cut {
        svg.text("term off", x, y + 12, "cut off");
    }
}
