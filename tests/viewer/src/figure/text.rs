//! A run as lines of text, for a terminal and for readers who cannot see a figure.

use std::fmt::Write as _;

use simulator::Recording;

use super::header::{Header, Kind};
use super::numbers::place;
use super::panels;
use super::rows::{self, Row, Rows, What};
use super::state::{Role, State};
use super::words::{self, Line};

/// Draws a run.
pub(super) fn draw(run: &Recording, header: &Header) -> String {
    let mut text = format!("{}\n\n", header.title.trim_end_matches('.'));
    match header.kind {
        Kind::Time => time(&mut text, run, header),
        Kind::Logs => logs(&mut text, run, header),
    }
    text
}

/// The width of a lane.
const LANE: usize = 4;

fn time(text: &mut String, run: &Recording, header: &Header) {
    let rows = rows::of(run);
    let Rows { servers, .. } = rows;
    for server in 1..=servers as u64 {
        let _ = write!(text, "{:^LANE$}", header.name(server));
    }
    text.push('\n');
    let mut states = vec![State::default(); servers];
    for row in &rows.all {
        let marks = marks(row, &mut states);
        let below = lanes(states.iter().map(lane));
        for (number, line) in words::of(run, header, row).iter().enumerate() {
            let lanes = if number == 0 { &marks } else { &below };
            let _ = writeln!(text, "{lanes} {}", said(line));
        }
    }
    text.push_str("\n┃ leader  ┆ candidate  │ follower  · down  ● something changes  ○ nothing does  ✕ lost\n");
}

/// The lanes in the first line of a row.
fn marks(row: &Row, states: &mut [State]) -> String {
    let mut signs: Vec<String> = states.iter().map(|state| lane(state).to_owned()).collect();
    if let What::Message(message) = &row.what {
        for &server in &message.to {
            let sign = if message.arrives {
                "○"
            } else if message.fate.contains("lost") {
                "✕"
            } else {
                "‖"
            };
            // A wrong server may send to a server that does not exist.
            if let Some(lane) = signs.get_mut(place(server).wrapping_sub(1)) {
                sign.clone_into(lane);
            }
        }
    }
    if let What::Server { server, .. } = row.what
        && server > 0
    {
        "○".clone_into(&mut signs[place(server) - 1]);
    }
    for (&server, change) in &row.changes {
        let at = place(server) - 1;
        let is_new = change.before.term != change.after.term
            || change.before.role != change.after.role
            || row.what == What::Beginning;
        signs[at] = match change.after.role {
            Role::Down => "✕".to_owned(),
            Role::Leader if is_new => format!("★{}", change.after.term),
            _ if is_new => change.after.term.to_string(),
            _ => "●".to_owned(),
        };
        states[at] = change.after.clone();
    }
    lanes(signs.iter().map(String::as_str))
}

/// A sign for each server.
fn lanes<'a>(signs: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for sign in signs {
        let _ = write!(text, "{sign:^LANE$}");
    }
    text
}

fn lane(state: &State) -> &'static str {
    match state.role {
        Role::Leader => "┃",
        Role::Candidate => "┆",
        Role::Follower => "│",
        Role::Down => "·",
    }
}

fn said(line: &Line) -> String {
    match &line.log {
        None => line.text.clone(),
        Some((log, commit)) => format!("{} {}", line.text, log_in_text(log, *commit)),
    }
}

/// `[1 1|2]`: the bar is behind what is committed.
fn log_in_text(log: &[u64], commit: u64) -> String {
    let mut text = String::from("[");
    for (term, index) in log.iter().zip(1..) {
        let _ = write!(text, "{term}{}", if index == commit { "|" } else { " " });
    }
    format!("{}]", text.trim_end())
}

fn logs(text: &mut String, run: &Recording, header: &Header) {
    for panel in panels::of(run) {
        let _ = writeln!(text, "{} {}", panel.mark, panel.caption);
        for (server, state) in panel.servers.iter().enumerate() {
            let vote =
                if state.vote > 0 { format!(", vote S{}", state.vote) } else { String::new() };
            let cut = if panel.cut_off[server] { ", cut off" } else { "" };
            let _ = writeln!(
                text,
                "{:>8}  {}  {}, term {}{vote}{cut}",
                header.name(server as u64 + 1),
                log_in_text(&state.log, state.commit),
                state.role.name(),
                state.term,
            );
        }
        text.push('\n');
    }
    text.push_str("[1 1|2]: the terms of the entries; those before the bar are committed\n");
}
