//! The space-time diagram of a run: a line for each server, and time runs down.

use simulator::Recording;

use super::arrows::{Arrow, Fate};
use super::header::Header;
use super::lanes;
use super::plan::{CELL, MARGIN, NAMES, Plan, Set};
use super::rows::{self, Rows, What};
use super::state::Role;
use super::svg::{self, Svg, WIDTH, term_class};
use super::words::{self, Looks};

/// How far from a server's line an arrow ends.
const GAP: i32 = 5;

/// Draws a run.
pub(super) fn draw(run: &Recording, header: &Header) -> String {
    let rows = rows::of(run);
    let plan = Plan::new(run, header, &rows);
    let mut svg = Svg::default();
    draw_bands(&mut svg, &plan, &rows);
    lanes::draw_lines(&mut svg, &plan, &rows);
    for arrow in rows.arrows.iter().filter(|arrow| is_shown(&plan, arrow)) {
        draw_arrow(&mut svg, &plan, arrow);
    }
    draw_clients(&mut svg, &plan, &rows);
    lanes::draw_marks(&mut svg, &plan, &rows);
    draw_names(&mut svg, &plan, header);
    for place in &plan.rows[plan.first..] {
        for set in &place.lines {
            draw_words(&mut svg, set);
        }
    }
    let height = draw_legend(&mut svg, &plan, &rows);
    svg.finish(&header.id, &header.title, &description(run, header, &rows), height)
}

/// The figure in words.
fn description(run: &Recording, header: &Header, rows: &Rows) -> String {
    if !header.description.is_empty() {
        return header.description.clone();
    }
    let lines = rows.all.iter().flat_map(|row| words::of(run, header, row));
    lines.map(|line| line.text.trim_end_matches('.').to_owned() + ".").collect::<Vec<_>>().join(" ")
}

fn is_shown(plan: &Plan, arrow: &Arrow) -> bool {
    arrow.ends.unwrap_or(usize::MAX) >= plan.first
}

/// Every other event has a band, so that words and lines of a row are seen together. A block begins with a rule.
fn draw_bands(svg: &mut Svg, plan: &Plan, rows: &Rows) {
    let mut is_odd = false;
    for (row, place) in rows.all.iter().zip(&plan.rows).skip(plan.first) {
        let wide = WIDTH - 2;
        match row.what {
            What::Beginning => continue,
            What::Caption(_) => {
                svg.line("rule", (1, place.top), (WIDTH - 1, place.top));
                is_odd = false;
                continue;
            }
            _ => is_odd = !is_odd,
        }
        if is_odd {
            let (y, high) = (place.top, place.height);
            svg.element("rect", "band", format!(r#"x="1" y="{y}" width="{wide}" height="{high}""#));
        }
    }
}

fn draw_names(svg: &mut Svg, plan: &Plan, header: &Header) {
    let y = MARGIN / 2 + NAMES - 7;
    if plan.clients {
        svg.text("small", MARGIN - 6, y, "client");
    }
    for server in 1..=plan.servers as u64 {
        svg.middle("name", plan.x(server), y, &header.name(server));
    }
    if plan.first > 0 {
        let words = format!("{} earlier rows are left out", plan.first);
        svg.text("soft", plan.words(), y + 16, &words);
    }
}

/// Draws a message.
fn draw_arrow(svg: &mut Svg, plan: &Plan, arrow: &Arrow) {
    let term = term_class(arrow.term);
    let class = format!("message {term}{}", if arrow.is_reply { " reply" } else { "" });
    let from = (plan.x(arrow.from), plan.y(arrow.sent.max(plan.first)));
    let (to_x, side) = (plan.x(arrow.to), (plan.x(arrow.to) - plan.x(arrow.from)).signum());
    let Some(ends) = arrow.ends else {
        let end = (from.0 + side * (plan.half() - 2), from.1 + 10);
        svg.line(&class, from, end);
        let circle = format!(r#"cx="{}" cy="{}" r="3""#, end.0, end.1);
        svg.element("circle", &format!("flying {term}"), circle);
        return;
    };
    let to = (to_x, plan.y(ends));
    let part = match arrow.fate {
        Fate::Arrives | Fate::InFlight => 100,
        Fate::LostAtSending | Fate::NotSent => 35,
        Fate::LostOnItsWay => 60,
        Fate::LostOnArrival => 80,
    };
    // What is lost at sending ends in its own row; it is drawn a little downwards, so that it can be seen.
    let fall = if ends == arrow.sent { 10 } else { (to.1 - from.1) * part / 100 };
    let end = match arrow.fate {
        Fate::Arrives => (to.0 - side * GAP, to.1),
        _ => (from.0 + (to.0 - from.0) * part / 100, from.1 + fall),
    };
    let mut last = from;
    if let Some(held) = arrow.held.filter(|&held| held < ends && held >= plan.first) {
        // It waits between two lines.
        let x = from.0 + side * plan.half();
        let (begin, wait) = ((x, plan.y(held)), (x, to.1 - 12));
        svg.line(&class, from, begin);
        svg.line(&format!("waits {term}"), begin, wait);
        last = wait;
    }
    svg.line(&class, last, end);
    if arrow.fate == Fate::Arrives {
        head(svg, &format!("head {term}"), last, end);
    } else {
        lanes::cross(svg, end);
    }
}

/// The head of an arrow, at the end of a line.
fn head(svg: &mut Svg, class: &str, (x, y): (i32, i32), (to_x, to_y): (i32, i32)) {
    let (dx, dy) = (f64::from(to_x - x), f64::from(to_y - y));
    // Roots are the same on every machine.
    let long = (dx * dx + dy * dy).sqrt().max(1.0);
    let (dx, dy) = (dx / long, dy / long);
    // Tenths of a unit, as whole numbers.
    let point = |along: f64, side: f64| {
        let x = f64::from(to_x) * 10.0 + along * dx - side * dy;
        let y = f64::from(to_y) * 10.0 + along * dy + side * dx;
        format!("{x:.0} {y:.0}")
    };
    let points = [point(0.0, 0.0), point(-80.0, 38.0), point(-80.0, -38.0)].join(" ");
    svg.element("polygon", class, format!(r#"transform="scale(.1)" points="{points}""#));
}

/// Clients' requests and answers: they take no time.
fn draw_clients(svg: &mut Svg, plan: &Plan, rows: &Rows) {
    for (number, row) in rows.all.iter().enumerate().skip(plan.first) {
        if let What::Server { server, from_client: true, .. } = row.what {
            let y = plan.y(number);
            let (from, to) = ((Plan::clients_x(), y), (plan.x(server) - GAP, y));
            svg.line("asks", from, to);
            head(svg, "asks-head", from, to);
        }
        for &server in &row.answers {
            let y = plan.y(number) + 9;
            let (from, to) = ((plan.x(server), y), (Plan::clients_x() + GAP, y));
            svg.line("asks reply", from, to);
            head(svg, "asks-head", from, to);
        }
    }
}

fn draw_words(svg: &mut Svg, set: &Set) {
    let class = match set.looks {
        Looks::Event => "event",
        Looks::Change => "change",
        Looks::Caption => "caption",
    };
    if let Some((log, commit)) = &set.log {
        lanes::log(svg, log, *commit, (set.x, set.y - 11), CELL);
    } else {
        svg.text(class, set.x, set.y, &set.text);
    }
}

/// Explains the signs that occur. Returns where the figure ends.
fn draw_legend(svg: &mut Svg, plan: &Plan, rows: &Rows) -> i32 {
    let changes = || rows.all[plan.first..].iter().flat_map(|row| row.changes.values());
    let has = |role: Role| changes().any(|change| change.after.role == role);
    let arrows = || rows.arrows.iter().filter(|arrow| is_shown(plan, arrow));
    let mut all = vec!["Circle: the term."];
    all.extend(has(Role::Leader).then_some("Thick line: leader."));
    all.extend(has(Role::Candidate).then_some("Broken: candidate."));
    all.extend(has(Role::Down).then_some("Dotted: down."));
    let is_cut = rows.all.iter().any(|row| !row.cut_off.is_empty());
    all.extend(is_cut.then_some("Broken lines on both sides: cut off."));
    all.extend(arrows().any(|arrow| arrow.is_reply).then_some("Broken arrow: reply."));
    all.extend(arrows().any(|arrow| arrow.fate.is_lost()).then_some("Cross: lost."));
    all.extend(arrows().any(|arrow| arrow.ends.is_none()).then_some("Ring: in flight at the end."));
    let logs = changes().any(|change| !change.after.log.is_empty());
    all.extend(logs.then_some("Boxes: the log, with terms; filled up to the bar: committed."));
    let mut y = plan.end + 6;
    svg.line("rule", (1, plan.end), (WIDTH - 1, plan.end));
    for line in svg::wrapped(&all.join(" "), 11, WIDTH - 2 * MARGIN) {
        y += 14;
        svg.text("soft", MARGIN, y, &line);
    }
    y + MARGIN
}
