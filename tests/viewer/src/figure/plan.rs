//! Where everything is in a space-time diagram.

use simulator::Recording;

use super::header::Header;
use super::numbers::units;
use super::rows::{Row, Rows, What};
use super::svg::{self, WIDTH};
use super::words::{self, Line, Looks};

/// The room at the edges.
pub(super) const MARGIN: i32 = 10;

/// The height of a line of words, and the size of their letters.
const LINE: i32 = 15;
const SIZE: i32 = 12;

/// From the top of a row to the middle of its first line, where its arrows end.
const MIDDLE: i32 = 10;

/// The height of the servers' names.
pub(super) const NAMES: i32 = 22;

/// The greatest height of all rows together, in units: with the legend below, more would not fit on a screen.
const HIGHEST: i32 = 830;

/// The room between the last server's line and the words.
const BESIDE: i32 = 18;

/// The least room between the line of the clients and that of the first server: the word "client" is above.
const CLIENT: i32 = 36;

/// The size of an entry in a log.
pub(super) const CELL: i32 = 14;

/// Where everything is.
pub(super) struct Plan {
    pub(super) clients: bool,
    pub(super) servers: usize,
    pitch: i32,
    /// The first row that is shown: of a long run only the end is.
    pub(super) first: usize,
    pub(super) rows: Vec<Place>,
    pub(super) end: i32,
}

/// A row.
pub(super) struct Place {
    /// Its upper edge, and its height.
    pub(super) top: i32,
    pub(super) height: i32,
    pub(super) lines: Vec<Set>,
}

/// A line of words where it is.
pub(super) struct Set {
    pub(super) x: i32,
    /// The base line.
    pub(super) y: i32,
    pub(super) text: String,
    pub(super) looks: Looks,
    pub(super) log: Option<(Vec<u64>, u64)>,
}

impl Plan {
    pub(super) fn new(run: &Recording, header: &Header, rows: &Rows) -> Self {
        let lanes = units(rows.servers + usize::from(rows.clients)).max(1);
        let pitch = match lanes {
            ..=3 => 42,
            4 => 36,
            5 => 29,
            _ => (150 / lanes).max(12),
        };
        let mut plan = Plan {
            clients: rows.clients,
            servers: rows.servers,
            pitch,
            first: 0,
            rows: Vec::new(),
            end: 0,
        };
        let all: Vec<Vec<Line>> = rows.all.iter().map(|row| words::of(run, header, row)).collect();
        let heights: Vec<i32> =
            rows.all.iter().zip(&all).map(|(row, lines)| plan.set(row, lines, 0).height).collect();
        plan.first = first_shown(&heights);
        plan.end = MARGIN / 2 + if plan.first > 0 { NAMES + LINE } else { 0 };
        for (number, (row, lines)) in rows.all.iter().zip(&all).enumerate() {
            let place = if number < plan.first {
                Place { top: MARGIN / 2 + NAMES, height: 0, lines: Vec::new() }
            } else {
                plan.set(row, lines, plan.end)
            };
            if number >= plan.first {
                plan.end = place.top + place.height;
            }
            plan.rows.push(place);
        }
        plan
    }

    /// The line of a server.
    pub(super) fn x(&self, server: u64) -> i32 {
        let lane = i32::try_from(server).unwrap_or(1) - 1;
        let first = if self.clients { MARGIN + 8 + self.pitch.max(CLIENT) } else { MARGIN + 8 };
        first + self.pitch * lane
    }

    /// The line of the clients.
    pub(super) fn clients_x() -> i32 {
        MARGIN + 8
    }

    /// Half the way from one line to the next.
    pub(super) fn half(&self) -> i32 {
        self.pitch / 2
    }

    /// Where the words begin.
    pub(super) fn words(&self) -> i32 {
        self.x(self.servers as u64) + BESIDE
    }

    /// The height at which arrows of a row begin and end.
    pub(super) fn y(&self, row: usize) -> i32 {
        let Some(place) = self.rows.get(row) else { return self.end };
        if row == 0 && self.first == 0 { place.top + NAMES + MIDDLE } else { place.top + MIDDLE }
    }

    /// Sets a row whose upper edge is at `top`.
    fn set(&self, row: &Row, lines: &[Line], top: i32) -> Place {
        let mut y = top + 3;
        if row.what == What::Beginning {
            y += NAMES;
        }
        let mut set = Vec::new();
        for line in lines {
            self.set_line(line, &mut y, &mut set);
        }
        let height =
            (y + 3 - top).max(MIDDLE * 2 + if row.what == What::Beginning { NAMES } else { 0 });
        Place { top, height, lines: set }
    }

    fn set_line(&self, line: &Line, y: &mut i32, set: &mut Vec<Set>) {
        let (x, room) = (self.words(), WIDTH - 4 - self.words());
        let mut last = 0;
        for text in svg::wrapped(&line.text, SIZE, room) {
            last = svg::width(&text, SIZE) + 2;
            set.push(Set { x, y: *y + 11, text, looks: line.looks, log: None });
            *y += LINE;
        }
        if let Some((log, commit)) = &line.log {
            let wide = cells(log) * CELL;
            let beside = last > 0 && last + wide <= room;
            if !beside {
                *y += LINE;
                last = 0;
            }
            let log = (shown(log, room), *commit);
            set.push(Set {
                x: x + last,
                y: *y - LINE + 11,
                text: String::new(),
                looks: line.looks,
                log: Some(log),
            });
        }
    }
}

/// The first row that is shown: all are if there is room, or else only the last ones, below the servers' names.
fn first_shown(heights: &[i32]) -> usize {
    if heights.iter().sum::<i32>() <= HIGHEST {
        return 0;
    }
    let mut room = HIGHEST - NAMES - LINE;
    let fits = heights.iter().rev().take_while(|&&height| {
        room -= height;
        room >= 0
    });
    heights.len() - fits.count()
}

fn cells(log: &[u64]) -> i32 {
    units(log.len())
}

/// As much of a log's end as there is room for: what is left out becomes zeros.
fn shown(log: &[u64], room: i32) -> Vec<u64> {
    let fits = usize::try_from((room - CELL) / CELL).unwrap_or(1).max(1);
    let hidden = log.len().saturating_sub(fits);
    log.iter().enumerate().map(|(at, &term)| if at < hidden { 0 } else { term }).collect()
}
