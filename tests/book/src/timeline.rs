//! The space-time diagram of a run: a line for each server, and time runs from above to below, so that
//! it fits a narrow screen.

use gates::scenario::Run;

use crate::Figure;
use crate::arrows::{self, Way};
use crate::lane::{self, Content};
use crate::moments::{self, Arrow, Fate, Lane, Moments, Row, What};
use crate::palette;
use crate::state::State;
use crate::svg::{self, Anchor, Font, Svg, WIDTH};

/// How much room is left at the edges.
const MARGIN: i32 = 12;

/// From the upper edge of a row to where its messages arrive, below their words.
const ARRIVAL: i32 = 22;

/// How far a message falls that arrives in the row after the one in which it was sent.
const FALL: i32 = 14;

const CAPTION: Font = Font::plain(12);
const LABEL: Font = Font::plain(11).halo();
const LEGEND: Font = Font::plain(11).colour(palette::GONE);

/// Draws a run.
pub(crate) fn draw(figure: &Figure, run: &Run) -> String {
    let moments = moments::of(run);
    let plan = Plan::new(&moments, run.servers);
    let mut svg = Svg::default();
    let terms = moments.arrows.iter().map(|arrow| arrow.term).collect();
    arrows::heads(&mut svg, &terms);
    draw_lines(&mut svg, &plan, &moments);
    draw_arrows(&mut svg, &plan, &moments);
    for (number, row) in moments.rows.iter().enumerate() {
        draw_row(&mut svg, &plan, figure, number, row);
    }
    let height = draw_legend(&mut svg, &moments, plan.end);
    svg.finish(&figure.title, &figure.alternative, height)
}

/// Where everything stands.
struct Plan {
    servers: u64,
    clients: bool,
    /// From one line to the next.
    pitch: i32,
    /// The upper edge of each row.
    rows: Vec<i32>,
    /// Where messages arrive in each row.
    arrivals: Vec<i32>,
    /// What is shown in each row, by server.
    contents: Vec<Vec<(usize, Content)>>,
    end: i32,
}

impl Plan {
    fn new(moments: &Moments, servers: u64) -> Self {
        let lanes =
            lane::count(usize::try_from(servers).unwrap_or(1) + usize::from(moments.clients));
        let mut plan = Plan {
            servers,
            clients: moments.clients,
            pitch: WIDTH / lanes.max(1),
            rows: Vec::new(),
            arrivals: Vec::new(),
            contents: Vec::new(),
            end: 8,
        };
        for (number, row) in moments.rows.iter().enumerate() {
            let beginning = row.what == What::Beginning;
            let content = |(&server, note)| (server, Content::of(note, beginning));
            let contents: Vec<(usize, Content)> = row.notes.iter().map(content).collect();
            let arrival = arrival(moments, number);
            plan.rows.push(plan.end);
            plan.arrivals.push(plan.end + arrival);
            plan.end += height(&row.what, arrival, &contents);
            plan.contents.push(contents);
        }
        plan
    }

    fn x(&self, lane: Lane) -> i32 {
        let place = match lane {
            Lane::Clients => 0,
            Lane::Server(place) => lane::count(place) + i32::from(self.clients),
        };
        self.pitch / 2 + self.pitch * place
    }

    /// From where a server sends in a row: below what is shown of it there.
    fn departure(&self, row: usize, lane: Lane) -> i32 {
        let Lane::Server(server) = lane else { return self.arrivals[row] };
        let content = self.contents[row].iter().find(|(place, _)| *place == server);
        self.arrivals[row] + content.map_or(0, |(_, content)| content.height() - 2)
    }
}

/// How far below the upper edge of a row messages arrive in it.
fn arrival(moments: &Moments, row: usize) -> i32 {
    let falls = |arrow: &&Arrow| arrow.ends == row && is_direct(moments, arrow);
    match moments.rows[row].what {
        What::Moment(Some(_)) if moments.arrows.iter().any(|arrow| falls(&arrow)) => ARRIVAL + FALL,
        What::End => ARRIVAL + FALL,
        // No words of a message stand above.
        What::Moment(None) => ARRIVAL - 8,
        _ => ARRIVAL,
    }
}

/// Whether nothing happens between a message's sending and its end. Its whole way is drawn below its
/// words then.
fn is_direct(moments: &Moments, arrow: &Arrow) -> bool {
    let between = moments.rows.get(arrow.sent + 1..arrow.ends).unwrap_or_default();
    arrow.sent < arrow.ends
        && arrow.held.is_none()
        && between.iter().all(|row| matches!(row.what, What::Caption(_)))
}

/// How high a row is.
fn height(what: &What, arrival: i32, contents: &[(usize, Content)]) -> i32 {
    let content = contents.iter().map(|(_, content)| content.height()).max().unwrap_or(0);
    match what {
        What::Caption(text) => lane::count(caption(text).len()) * 16 + 16,
        What::Links(_) | What::End => arrival + 6,
        What::Beginning | What::Moment(_) => arrival + content + 8,
    }
}

fn caption(text: &str) -> Vec<String> {
    svg::wrapped(text, CAPTION.size, WIDTH - 2 * MARGIN)
}

/// The servers' lines, each from one change to the next.
fn draw_lines(svg: &mut Svg, plan: &Plan, moments: &Moments) {
    if moments.clients {
        let (x, from, to, ink) = (plan.x(Lane::Clients), plan.arrivals[0], plan.end, palette::INK);
        svg.element("path", format!(r#"d="M{x} {from}V{to}" stroke="{ink}" stroke-width="1""#));
    }
    for server in 0..usize::try_from(plan.servers).unwrap_or(0) {
        let x = plan.x(Lane::Server(server));
        let (mut from, mut state) = (plan.arrivals[0], State::new());
        for (number, row) in moments.rows.iter().enumerate() {
            let Some(note) = row.notes.get(&server) else { continue };
            let to = plan.arrivals[number];
            lane::line(svg, x, from, to, &state);
            from = to;
            state = note.after.clone();
        }
        lane::line(svg, x, from, plan.end, &state);
    }
}

fn draw_arrows(svg: &mut Svg, plan: &Plan, moments: &Moments) {
    for arrow in &moments.arrows {
        let to = (plan.x(arrow.to), plan.arrivals[arrow.ends]);
        let departure = if arrow.sent == arrow.ends {
            to.1
        } else if is_direct(moments, arrow) {
            to.1 - FALL
        } else {
            plan.departure(arrow.sent, arrow.from)
        };
        let held = arrow.held.map(|row| {
            let from = plan.arrivals[row];
            // Beside the line of a server that may stand in the middle.
            (
                i32::midpoint(plan.x(arrow.from), to.0) + plan.pitch / 4,
                from,
                from.max(to.1 - ARRIVAL),
            )
        });
        let from = (plan.x(arrow.from), departure);
        arrows::draw(svg, &Way { from, to, held, fate: arrow.fate, term: arrow.term });
    }
}

fn draw_row(svg: &mut Svg, plan: &Plan, figure: &Figure, number: usize, row: &Row) {
    let y = plan.rows[number];
    match &row.what {
        What::Beginning => {
            if plan.clients {
                let font = LABEL.bold();
                svg.text(plan.x(Lane::Clients), y + 14, Anchor::Middle, font, "client");
            }
            for (id, place) in (1..=plan.servers).zip(0..) {
                let name = figure.name(protocol::ServerId(id));
                let font = Font::plain(14).bold().halo();
                svg.text(plan.x(Lane::Server(place)), y + 14, Anchor::Middle, font, &name);
            }
        }
        What::Caption(text) => draw_caption(svg, text, y, height(&row.what, 0, &[])),
        What::Links(text) => {
            svg.text(WIDTH / 2, y + 16, Anchor::Middle, LABEL.bold(), text);
        }
        What::End => {
            svg.text(WIDTH / 2, y + 14, Anchor::Middle, LABEL.bold(), "still under way at the end");
        }
        What::Moment(Some(label)) => {
            let lanes = label.from.iter().chain(&label.to).map(|&lane| plan.x(lane));
            let (left, right) = (lanes.clone().min().unwrap_or(0), lanes.max().unwrap_or(WIDTH));
            let half = svg::width(&label.text, LABEL.size) / 2 + 4;
            // A text that is too wide for the paper stands in its middle.
            let x = i32::midpoint(left, right).min(WIDTH - half).max(half.min(WIDTH / 2));
            let font = LABEL.colour(arrows::colour(label.term));
            svg.text_within(x, y + 14, WIDTH - 8, font, &label.text);
        }
        What::Moment(None) => {}
    }
    for (server, content) in &plan.contents[number] {
        let lift = if row.what == What::Moment(None) { -8 } else { 4 };
        let y = plan.arrivals[number] + lift;
        content.draw(svg, plan.x(Lane::Server(*server)), y, plan.pitch);
    }
}

fn draw_caption(svg: &mut Svg, text: &str, y: i32, height: i32) {
    let (y, high, wide, band) = (y + 4, height - 8, WIDTH - 2, palette::BAND);
    svg.element("rect", format!(r#"x="1" y="{y}" width="{wide}" height="{high}" fill="{band}""#));
    for (line, number) in caption(text).iter().zip(1..) {
        svg.text(MARGIN, y + number * 16, Anchor::Start, CAPTION, line);
    }
}

/// What lines and boxes mean, as far as they occur. Gives where the figure ends.
fn draw_legend(svg: &mut Svg, moments: &Moments, y: i32) -> i32 {
    let mut text = String::from("Thick line: leader. Broken line: candidate.");
    let logs = |row: &Row| row.notes.values().any(|note| !note.after.log.is_empty());
    if moments.rows.iter().any(logs) {
        text.push_str(" Boxes: the log's entries with their terms.");
    }
    let commits = |row: &Row| row.notes.values().any(|note| note.after.commit.0 > 0);
    if moments.rows.iter().any(commits) {
        text.push_str(" Underlined: known to be committed.");
    }
    if moments.arrows.iter().any(|arrow| arrow.fate == Fate::Lost) {
        text.push_str(" A cross: the message is lost.");
    }
    let mut y = y + 10;
    for line in svg::wrapped(&text, LEGEND.size, WIDTH - 2 * MARGIN) {
        y += 14;
        svg.text(MARGIN, y, Anchor::Start, LEGEND, &line);
    }
    y + MARGIN
}
