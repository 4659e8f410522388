//! Puts the page together.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use simulator::Recording;

use crate::base64::base64;

/// Recordings of more bytes than this are compressed. Others can be read, and compared as text.
pub const LARGEST_PLAIN: usize = 300_000;

const MARKUP: &str = include_str!("../page/page.html");

/// The colors, light and dark.
pub(crate) const COLORS: &str = include_str!("../page/colours.css");

const LAYOUT: &str = include_str!("../page/layout.css");

/// A page that is one file may fetch nothing.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// What differs between the page of a run that is one file, one that shares its script and style with others, and the
/// page of a world that somebody moves.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Parts<'a> {
    /// What the page may load (CSP).
    pub(crate) policy: &'a str,
    /// The elements with style and script.
    pub(crate) style: &'a str,
    pub(crate) script: &'a str,
    /// What the page of such a world has in addition.
    pub(crate) markup: &'a str,
    /// JSON that contains no markup.
    pub(crate) state: &'a str,
}

/// In the order in which they need each other.
const SCRIPTS: [&str; 10] = [
    include_str!("../page/recording.js"),
    include_str!("../page/state.js"),
    include_str!("../page/words.js"),
    include_str!("../page/continue.js"),
    include_str!("../page/diagram.js"),
    include_str!("../page/overview.js"),
    include_str!("../page/table.js"),
    include_str!("../page/jumps.js"),
    include_str!("../page/view.js"),
    include_str!("../page/main.js"),
];

/// The page of these runs, in one file.
pub fn page(runs: &[Recording]) -> String {
    let style = format!("<style>{}</style>", styles());
    let script = format!("<script>{}</script>", script(&[], &[]));
    assemble(runs, &Parts { policy: POLICY, style: &style, script: &script, ..Parts::default() })
}

/// The style of a page.
pub(crate) fn styles() -> String {
    [COLORS, LAYOUT].concat()
}

/// The script of a page: it begins with `first`, and `more` comes before the part that starts the page.
pub(crate) fn script(first: &[&str], more: &[&str]) -> String {
    // The scripts share one scope of their own.
    let (main, others) = SCRIPTS.split_last().expect("there are scripts");
    let all = first.iter().chain(others).chain(more).chain([main]);
    let scripts: String = all.flat_map(|script| without_comments(script)).collect();
    format!("\"use strict\";\n(() => {{\n{scripts}}})();")
}

/// The page of these runs.
pub(crate) fn assemble(runs: &[Recording], parts: &Parts<'_>) -> String {
    let json = serde_json::to_string(runs).expect("a recording has only texts and numbers");
    let (kind, data) = if json.len() > LARGEST_PLAIN {
        ("application/gzip", base64(&compressed(json.as_bytes())))
    } else {
        ("application/json", escaped(&json))
    };
    let title = runs.first().map_or("", |run| run.title.as_str());
    // One pass, so that nothing in a recording is replaced.
    let mut page = String::with_capacity(data.len() + parts.script.len() + 32_000);
    let markup = MARKUP.replacen("{{live}}", parts.markup, 1);
    let mut rest = markup.as_str();
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").expect("a name is closed");
        page.push_str(before);
        match name {
            "title" => page.push_str(&in_markup(title)),
            "policy" => page.push_str(parts.policy),
            "style" => page.push_str(parts.style),
            "state" => page.push_str(parts.state),
            "kind" => page.push_str(kind),
            "recording" => page.push_str(&data),
            "script" => page.push_str(parts.script),
            other => unreachable!("page.html has nothing called {other}"),
        }
        rest = after;
    }
    page.push_str(rest);
    page
}

/// The lines of a script, without those that are comments. They are a third of it, and nobody reads them in a page.
fn without_comments(script: &str) -> impl Iterator<Item = &str> {
    let is_comment =
        |line: &str| ["/**", "* ", "*/", "//"].iter().any(|mark| line.starts_with(mark));
    script.split_inclusive('\n').filter(move |line| !is_comment(line.trim()) && line.trim() != "*")
}

fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes what is written")
}

/// JSON that contains no markup, wherever it is put.
pub(crate) fn escaped(json: &str) -> String {
    json.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

fn in_markup(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use simulator::{End, Heading, Recorder, RecorderOptions};

    use super::*;

    fn run(title: &str) -> Recording {
        let heading = Heading { title: title.to_owned(), ..Heading::default() };
        Recorder::new(3, RecorderOptions::default()).finish(heading, false, |_| End::default())
    }

    #[test]
    fn a_recording_is_data_and_never_markup() {
        let page = page(&[run("</script><script>alert(1)</script> {{script}}")]);
        assert!(!page.contains("<script>alert"));
        assert!(page.contains("\\u003cscript>alert"));
        assert_eq!(page.matches("\"use strict\"").count(), 1);
    }

    #[test]
    fn a_page_fetches_nothing() {
        let page = page(&[run("A run")]);
        assert!(page.contains("default-src 'none'"));
        for mark in ["http://", "https://", " src=", "url(", "@import", "fetch(", "XMLHttpRequest"]
        {
            let found = page.replace("http://www.w3.org/2000/svg", "");
            assert!(!found.contains(mark), "{mark}");
        }
    }

    #[test]
    fn a_long_recording_is_compressed() {
        let mut long = run("A long run");
        long.texts.push("x".repeat(LARGEST_PLAIN));
        let page = page(&[long]);
        assert!(page.len() < LARGEST_PLAIN && page.contains("application/gzip"));
    }
}
