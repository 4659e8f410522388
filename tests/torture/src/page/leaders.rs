//! Which servers led, and when.

use std::fmt::Write as _;

use super::markup::text;
use super::scale::{Scale, picture};
use crate::history::{History, Role};

/// The height of a server's row.
const ROW: f64 = 26.0;

pub(super) fn picture_of(history: &History, scale: Scale) -> String {
    let servers = history.run.servers;
    let height = ROW * rows(servers);
    let mut inside = scale.bands(history, height) + &scale.axis(height);
    let end = history.end();
    for server in 1..=servers {
        let y = ROW * rows(server - 1);
        let _ =
            write!(inside, "<text class=\"strong\" x=\"0\" y=\"{:.0}\">S{server}</text>", y + 17.0);
        let roles: Vec<&Role> = history.roles().filter(|role| role.server == server).collect();
        for (place, role) in roles.iter().enumerate() {
            let until = roles.get(place + 1).map_or(end, |next| next.at);
            if !scale.shows(role.at, until) {
                continue;
            }
            let (x, to) = (scale.x(role.at), scale.x(until));
            let (class, thick) = match role.role.as_str() {
                "leader" => {
                    (["lead0", "lead1", "lead2", "lead3", "lead4"][term_class(role.term)], 16.0)
                }
                "candidate" => ("candidate", 10.0),
                "follower" => ("follower", 4.0),
                _ => ("silent", 1.0),
            };
            let words = match role.role.as_str() {
                "none" => format!("S{server} does not answer"),
                name => format!("S{server} is {name} of term {}", role.term),
            };
            let _ = write!(
                inside,
                "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{thick}\"><title>{}</title></rect>",
                y + (ROW - thick) / 2.0,
                (to - x).max(0.5),
                text(&words)
            );
            if role.role == "leader" && to - x > 24.0 {
                let _ = write!(
                    inside,
                    "<text class=\"term\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                    f64::midpoint(x, to),
                    y + ROW / 2.0 + 4.0,
                    role.term
                );
            }
        }
    }
    picture(height, "The role of each server over time", &inside)
}

/// The picture of the whole run, with its words.
pub(super) fn picture_with_words(history: &History) -> String {
    let terms = history.roles().map(|role| role.term).max().unwrap_or(0);
    format!(
        "<p>Thick bars are leaders, with their terms; a line is a follower, a grey bar a candidate, a hairline a server \
         that does not answer. The last term is {terms}. Two thick bars at the same time are no contradiction: a \
         leader that was cut off does not know of the next one.</p>\n{}",
        picture_of(history, Scale::new(0, history.end()))
    )
}

fn rows(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(0))
}

fn term_class(term: u64) -> usize {
    usize::try_from(term % 5).unwrap_or(0)
}
