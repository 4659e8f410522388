//! What a scenario has shown up to the line that failed, beside what its snapshot shows.

use course::{Evidence, EvidenceBlock, text};

use super::columns::{cells, rows};
use crate::term;

/// Where the text of a block begins.
const INDENT: usize = 8;

/// With narrower columns, most lines would be broken.
const NARROWEST: usize = 30;

/// How wide each of two columns is; `None` if one text is shown below the other.
fn column() -> Option<usize> {
    let width = term::width().unwrap_or(100).saturating_sub(INDENT + 3) / 2;
    Some(width).filter(|width| *width >= NARROWEST && term::takes_columns())
}

/// Prints the script with its reasons, and both transcripts. A scenario that a learner has written has no snapshot;
/// the failure's own text shows what its blocks have shown.
pub(super) fn print(evidence: &Evidence) {
    for line in lines(evidence, column()) {
        say!("{line}");
    }
}

/// The whole text. `column` is the width of each of two columns.
fn lines(evidence: &Evidence, column: Option<usize>) -> Vec<String> {
    if evidence.blocks.iter().all(|block| block.expected.is_none()) {
        return Vec::new();
    }
    let mut lines =
        vec![String::new(), term::bold(&format!("The script, up to line {}:", evidence.line))];
    let last = evidence.blocks.len().saturating_sub(1);
    for (at, block) in evidence.blocks.iter().enumerate() {
        lines.push(String::new());
        lines.extend(script(block, evidence.line, at == last));
        let servers = evidence.servers.join("\n");
        let shown = Shown::of(block, &servers);
        lines.extend(match column {
            Some(width) => side_by_side(&shown, width),
            None => below(&shown),
        });
        if at == last && block.happened.is_some() {
            lines.push(format!("{:INDENT$}the servers at the end of this block", ""));
            lines.extend(evidence.servers.iter().map(|line| format!("{:INDENT$}{line}", "")));
        }
    }
    lines
}

/// The comments and commands of a block.
fn script(block: &EvidenceBlock, failed: usize, is_last: bool) -> Vec<String> {
    let width = term::text_width().saturating_sub(INDENT);
    let reason = if block.reason.is_empty() {
        String::new()
    } else {
        text::wrap_after("# ", &block.reason, width)
    };
    let comment = reason.lines().map(|line| format!("{:INDENT$}{}", "", term::dim(line)));
    // A block that has come to its end has failed as a whole.
    let is_line = is_last && block.happened.is_none();
    let commands = block.commands.iter().map(|(number, command)| {
        let mark = if is_line && *number == failed { term::red("▶") } else { " ".to_owned() };
        format!("{mark} {number:>4}  {command}")
    });
    comment.chain(commands).collect()
}

/// Both texts of a block, each with its heading.
struct Shown<'a> {
    left: (&'static str, &'a str),
    right: (&'static str, &'a str),
}

impl<'a> Shown<'a> {
    fn of(block: &'a EvidenceBlock, servers: &'a str) -> Self {
        let expected = block.expected.as_deref().unwrap_or_default();
        match &block.happened {
            Some(happened) => Shown { left: ("expected", expected), right: ("happened", happened) },
            // It ended within the block, so the two are not of the same moment.
            None => Shown {
                left: ("expected at the block's end", expected),
                right: ("the servers at this line", servers),
            },
        }
    }

    /// Whether the two are of the same moment, so that a difference is what failed.
    fn is_comparable(&self) -> bool {
        self.right.0 == "happened"
    }
}

fn side_by_side(shown: &Shown<'_>, width: usize) -> Vec<String> {
    let line = |mark: &str, left: &str, right: &str| {
        format!("{:6}{mark} {left} {} {right}", "", term::dim("│")).trim_end().to_owned()
    };
    let mut lines = Vec::new();
    for (left, right) in cells(shown.left.0, shown.right.0, width) {
        lines.push(line(" ", &term::dim(&left), &term::dim(&right)));
    }
    for row in rows(shown.left.1, shown.right.1) {
        let differs = shown.is_comparable() && !row.is_same();
        let both = cells(row.left.unwrap_or_default(), row.right.unwrap_or_default(), width);
        for (at, (left, right)) in both.iter().enumerate() {
            let mark = if differs && at == 0 { term::red("≠") } else { " ".to_owned() };
            lines.push(if differs {
                line(&mark, &term::green(left), &term::red(right))
            } else {
                line(&mark, left, right)
            });
        }
    }
    lines
}

fn below(shown: &Shown<'_>) -> Vec<String> {
    let text = |lines: &str| -> Vec<String> {
        lines.lines().map(|line| format!("{:1$}{line}", "", INDENT + 2)).collect()
    };
    let head = |heading: &str| format!("{:INDENT$}{heading}:", "");
    if shown.is_comparable() && shown.left.1 == shown.right.1 {
        let mut lines = vec![head("expected and happened")];
        lines.extend(text(shown.left.1));
        return lines;
    }
    let mut lines = vec![head(shown.left.0)];
    lines.extend(text(shown.left.1));
    lines.push(head(shown.right.0));
    lines.extend(text(shown.right.1));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(happened: Option<&str>) -> EvidenceBlock {
        EvidenceBlock {
            reason: "It waits.".to_owned(),
            commands: vec![(7, "timeout S1".to_owned())],
            expected: Some("S1  leader\nS2  -".to_owned()),
            happened: happened.map(str::to_owned),
        }
    }

    fn evidence(last: EvidenceBlock) -> Evidence {
        Evidence {
            script: "tests/a.scenario".to_owned(),
            line: 7,
            blocks: vec![block(Some("S1  leader\nS2  -")), last],
            servers: vec!["S1  -".to_owned(), "S2  -".to_owned()],
        }
    }

    #[test]
    fn both_transcripts_are_side_by_side_and_a_difference_is_marked() {
        let lines = lines(&evidence(block(Some("S1  -\nS2  -"))), Some(30));
        let text = lines.join("\n");
        assert!(text.contains("        # It waits.\n     7  timeout S1\n"), "{text}");
        let row = |mark: &str, left: &str, right: &str| format!("      {mark} {left:30} │ {right}");
        let expected = [
            row(" ", "expected", "happened"),
            row("≠", "S1  leader", "S1  -"),
            row(" ", "S2  -", "S2  -"),
        ];
        assert!(text.contains(&expected.join("\n")), "{text}");
        assert!(text.contains(&row(" ", "S1  leader", "S1  leader")), "{text}");
        assert!(text.ends_with("        S1  -\n        S2  -"), "{text}");
    }

    #[test]
    fn where_columns_do_not_fit_one_is_below_the_other() {
        let text = lines(&evidence(block(Some("S1  -\nS2  -"))), None).join("\n");
        assert!(text.contains("        expected and happened:\n          S1  leader\n"), "{text}");
        let both = "expected:\n          S1  leader\n          S2  -\n        happened:\n          S1  -\n";
        assert!(text.contains(both), "{text}");
    }

    #[test]
    fn a_line_that_ended_the_script_is_marked_and_shows_the_servers_as_they_were() {
        let text = lines(&evidence(block(None)), Some(40)).join("\n");
        assert!(text.contains("▶    7  timeout S1"), "{text}");
        assert!(text.contains("the servers at this line"), "{text}");
        assert!(!text.contains('≠'), "{text}");
    }

    #[test]
    fn a_scenario_without_a_snapshot_has_nothing_to_compare() {
        let mut evidence = evidence(block(None));
        for block in &mut evidence.blocks {
            block.expected = None;
        }
        assert!(lines(&evidence, None).is_empty());
    }
}
