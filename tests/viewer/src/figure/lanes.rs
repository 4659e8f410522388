//! The servers' lines: what each server is, and what happens to it.

use super::numbers::{place, units};
use super::plan::Plan;
use super::rows::{Change, Rows, What};
use super::state::{Role, State};
use super::svg::{Svg, term_class};

/// Lines from one change to the next, and what keeps servers apart.
pub(super) fn draw_lines(svg: &mut Svg, plan: &Plan, rows: &Rows) {
    if plan.clients {
        let x = Plan::clients_x();
        svg.line("client", (x, plan.y(plan.first)), (x, plan.end));
    }
    for server in 1..=plan.servers as u64 {
        let x = plan.x(server);
        let mut state: Option<&State> = None;
        let mut from = plan.y(plan.first);
        for (number, row) in rows.all.iter().enumerate() {
            let Some(Change { after, .. }) = row.changes.get(&server) else { continue };
            if number > plan.first {
                let to = plan.y(number);
                line(svg, x, (from, to), state);
                from = to;
            }
            state = Some(after);
        }
        line(svg, x, (from, plan.end), state);
        let is_cut = |number: usize| rows.all[number].cut_off.contains(&server);
        for (from, to) in stretches(plan, rows.all.len(), is_cut) {
            svg.line("apart", (x - 7, from), (x - 7, to));
            svg.line("apart", (x + 7, from), (x + 7, to));
        }
        let x = x + plan.half();
        let has_fence = |number: usize| rows.all[number].fences.contains(&server);
        for (from, to) in stretches(plan, rows.all.len(), has_fence) {
            svg.line("fence", (x, from), (x, to));
        }
    }
}

/// From where to where something holds, stretch by stretch.
fn stretches(plan: &Plan, rows: usize, holds: impl Fn(usize) -> bool) -> Vec<(i32, i32)> {
    let mut all = Vec::new();
    let mut began = None;
    for number in plan.first..rows {
        match (holds(number), began) {
            (true, None) => began = Some(plan.y(number)),
            (false, Some(from)) => {
                all.push((from, plan.y(number)));
                began = None;
            }
            _ => {}
        }
    }
    all.extend(began.map(|from| (from, plan.end)));
    all
}

fn line(svg: &mut Svg, x: i32, (from, to): (i32, i32), state: Option<&State>) {
    let Some(state) = state.filter(|_| to > from) else { return };
    let class = match state.role {
        Role::Down => "down".to_owned(),
        role => format!("lane {} {}", role.name(), term_class(state.term)),
    };
    svg.line(&class, (x, from), (x, to));
}

/// What happens to servers: a badge with the term where term or role change, else a dot; a cross where one goes down.
pub(super) fn draw_marks(svg: &mut Svg, plan: &Plan, rows: &Rows) {
    let mut states = vec![State::default(); plan.servers];
    for (number, row) in rows.all.iter().enumerate() {
        for (&server, change) in &row.changes {
            states[place(server) - 1] = change.after.clone();
        }
        if number < plan.first || matches!(row.what, What::Caption(_) | What::Links(_)) {
            continue;
        }
        let at = |server: u64| (plan.x(server), plan.y(number));
        for (&server, change) in &row.changes {
            let Change { before, after } = change;
            if after.role == Role::Down {
                cross(svg, at(server));
            } else if row.what == What::Beginning
                || before.term != after.term
                || before.role != after.role
            {
                badge(svg, at(server), after);
            } else {
                dot(svg, at(server), after, true);
            }
        }
        let moved: Vec<u64> = match &row.what {
            What::Message(message) if message.arrives => message.to.iter().copied().collect(),
            What::Server { server, .. } if *server > 0 => vec![*server],
            _ => Vec::new(),
        };
        for server in moved.into_iter().filter(|server| !row.changes.contains_key(server)) {
            let state = &states[place(server) - 1];
            if state.role != Role::Down {
                dot(svg, at(server), state, false);
            }
        }
    }
    if plan.first > 0 {
        first_badges(svg, plan, rows);
    }
}

/// The terms of servers where a figure begins in the middle of a run.
fn first_badges(svg: &mut Svg, plan: &Plan, rows: &Rows) {
    let y = plan.y(plan.first) - 12;
    for server in 1..=plan.servers as u64 {
        let mut earlier = rows.all[..plan.first].iter().rev();
        let state = earlier.find_map(|row| row.changes.get(&server));
        if let Some(change) = state.filter(|change| change.after.role != Role::Down) {
            badge(svg, (plan.x(server), y), &change.after);
        }
    }
}

/// The term in a circle; a leader has a ring around it, a candidate a broken one.
fn badge(svg: &mut Svg, (x, y): (i32, i32), state: &State) {
    let term = term_class(state.term);
    let number = state.term.to_string();
    let half = 8 + units(number.len().saturating_sub(2)) * 3;
    let (left, wide, top) = (x - half, half * 2, y - 8);
    let shape = format!(r#"x="{left}" y="{top}" width="{wide}" height="16" rx="8""#);
    svg.element("rect", &format!("badge {term}"), shape);
    let (left, wide, top) = (left - 2, wide + 4, top - 2);
    let ring = format!(r#"x="{left}" y="{top}" width="{wide}" height="20" rx="10""#);
    match state.role {
        Role::Leader => svg.element("rect", &format!("ring {term}"), ring),
        Role::Candidate => svg.element("rect", &format!("ring reply {term}"), ring),
        Role::Follower | Role::Down => {}
    }
    svg.middle("in", x, y + 4, &number);
}

fn dot(svg: &mut Svg, (x, y): (i32, i32), state: &State, changes: bool) {
    let class = format!("{} {}", if changes { "dot" } else { "idle" }, term_class(state.term));
    svg.element("circle", &class, format!(r#"cx="{x}" cy="{y}" r="4""#));
}

/// Something ends here.
pub(super) fn cross(svg: &mut Svg, (x, y): (i32, i32)) {
    let (left, top) = (x - 4, y - 4);
    svg.element("path", "cross", format!(r#"d="M{left} {top}l8 8m-8 0l8 -8""#));
}

/// A log from this corner on: each entry's term in a box, filled if it is committed, and a bar behind the last one
/// that is. Zeros at the beginning are entries that are left out.
pub(super) fn log(svg: &mut Svg, log: &[u64], commit: u64, (x, y): (i32, i32), size: i32) {
    let hidden = log.iter().take_while(|&&term| term == 0).count();
    let mut x = x;
    if hidden > 0 {
        svg.middle("small", x + size / 2, y + size - 3, "…");
        x += size;
    }
    for (&term, index) in log[hidden..].iter().zip(hidden as u64 + 1..) {
        entry(svg, term, index <= commit, (x, y), size, "");
        x += size;
        if index == commit {
            svg.line("bar", (x, y - 1), (x, y + size));
        }
    }
}

/// One entry.
pub(super) fn entry(
    svg: &mut Svg,
    term: u64,
    is_committed: bool,
    (x, y): (i32, i32),
    size: i32,
    besides: &str,
) {
    let class = format!("{}{besides}", term_class(term));
    let inner = size - 2;
    let (left, top) = (x + 1, y);
    let shape = format!(r#"x="{left}" y="{top}" width="{inner}" height="{inner}" rx="2""#);
    svg.element("rect", &format!("{} {class}", if is_committed { "held" } else { "cell" }), shape);
    let text = format!("{} {class}", if is_committed { "in" } else { "out" });
    svg.middle(&text, left + inner / 2, top + inner / 2 + 4, &term.to_string());
}
