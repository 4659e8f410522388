//! Reads a recording, and says in words why one cannot be read.

use serde_json::Value;

use super::format::{Columns, FATES, KINDS, Recording, VERSION};

impl Recording {
    /// Reads one or several recordings that a gate has left.
    ///
    /// # Errors
    /// Why the text is not a recording: what is wrong, and what to do.
    pub fn read_all(text: &str) -> Result<Vec<Recording>, String> {
        if text.trim().is_empty() {
            return Err("it is empty; make it again with `cargo xtask replay`".to_owned());
        }
        let value: Value = serde_json::from_str(text).map_err(|error| {
            if error.is_eof() {
                format!("it is cut off after {} bytes; make it again", text.len())
            } else {
                format!(
                    "it is not a recording, but garbled or another file: line {}, column {}: {error}",
                    error.line(),
                    error.column()
                )
            }
        })?;
        let all = match value {
            Value::Array(all) if !all.is_empty() => all,
            Value::Array(_) => return Err("it contains no run".to_owned()),
            one => vec![one],
        };
        all.into_iter().map(Self::of_value).collect()
    }

    fn of_value(value: Value) -> Result<Recording, String> {
        let Some(version) = value.get("version").and_then(Value::as_u64) else {
            return Err("it has no version, so it is not a recording of the lab".to_owned());
        };
        if version != u64::from(VERSION) {
            return Err(format!(
                "it has version {version}, and this lab reads version {VERSION}: make it again with \
                 `cargo xtask replay`, or read it with the lab that made it"
            ));
        }
        let recording: Recording = serde_json::from_value(value)
            .map_err(|error| format!("a part of it is missing or garbled: {error}"))?;
        match recording.fault() {
            Some(fault) => Err(format!("it contradicts itself: {fault}")),
            None => Ok(recording),
        }
    }

    /// The first thing that makes no sense: a page must not look for what is not there.
    fn fault(&self) -> Option<String> {
        let columns = &self.columns;
        let (steps, messages) = (columns.kind.len(), columns.message_from.len());
        let texts = self.texts.len() as u64;
        let servers = self.servers;
        if steps == 0 || !(1..=64).contains(&servers) {
            return Some(format!("{steps} steps of {servers} servers"));
        }
        for (name, length, expected) in lengths(columns) {
            if length != expected {
                return Some(format!("column {name} has {length} lines instead of {expected}"));
            }
        }
        let most = |name: &'static str, column: &[u64], most: u64| {
            let wrong = column.iter().find(|&&value| value >= most);
            wrong.map(|value| format!("{name} is {value}, and must be less than {most}"))
        };
        let (steps, messages) = (steps as u64, messages as u64);
        most("a text", &columns.words, texts)
            .or_else(|| most("a text", &columns.short, texts))
            .or_else(|| most("a text", &columns.then, texts))
            .or_else(|| most("a text", &columns.row, texts))
            .or_else(|| most("a text", &columns.message_words, texts))
            .or_else(|| most("a text", &columns.entry_words, texts))
            .or_else(|| most("a kind of step", &columns.kind, KINDS.len() as u64))
            .or_else(|| most("a fate", &columns.fate, FATES.len() as u64))
            .or_else(|| most("a server", &columns.server, servers + 1))
            .or_else(|| most("a server", &columns.change_server, servers + 1))
            .or_else(|| most("a sender", &columns.message_from, servers + 1))
            .or_else(|| most("the step of a change", &columns.change_step, steps))
            .or_else(|| most("the step of a message", &columns.message_sent, steps))
            .or_else(|| most("a message", &columns.fate_message, messages))
            .or_else(|| most("a message", &columns.copy_message, messages))
            .or_else(|| most("a message", &columns.hold_message, messages))
            .or_else(|| {
                let moments: Vec<u64> = self.end.moments.iter().map(|it| it.step).collect();
                most("the step of a moment", &moments, steps)
            })
    }
}

/// The length of each column, and how long it must be.
fn lengths(c: &Columns) -> Vec<(&'static str, usize, usize)> {
    let steps = c.kind.len();
    let (messages, fates) = (c.message_from.len(), c.fate_step.len());
    let (copies, holds) = (c.copy_step.len(), c.hold_step.len());
    let (changes, progress) = (c.change_step.len(), c.progress_step.len());
    let (timers, answers) = (c.timer_step.len(), c.answer_step.len());
    let (links, disks, inspected) = (c.link_step.len(), c.disk_step.len(), c.inspect_step.len());
    let sum = |counts: &[u64]| usize::try_from(counts.iter().sum::<u64>()).unwrap_or(usize::MAX);
    let (entries, cut) = (sum(&c.change_log_count), sum(&c.link_count));
    vec![
        ("time", c.time.len(), steps),
        ("server", c.server.len(), steps),
        ("words", c.words.len(), steps),
        ("short", c.short.len(), steps),
        ("then", c.then.len(), steps),
        ("row", c.row.len(), steps),
        ("message_to", c.message_to.len(), messages),
        ("message_rpc", c.message_rpc.len(), messages),
        ("message_reply", c.message_reply.len(), messages),
        ("message_term", c.message_term.len(), messages),
        ("message_words", c.message_words.len(), messages),
        ("message_sent", c.message_sent.len(), messages),
        ("fate_message", c.fate_message.len(), fates),
        ("fate_copy", c.fate_copy.len(), fates),
        ("fate", c.fate.len(), fates),
        ("fate_why", c.fate_why.len(), fates),
        ("copy_message", c.copy_message.len(), copies),
        ("copy", c.copy.len(), copies),
        ("hold_message", c.hold_message.len(), holds),
        ("hold_copy", c.hold_copy.len(), holds),
        ("hold", c.hold.len(), holds),
        ("change_server", c.change_server.len(), changes),
        ("change_role", c.change_role.len(), changes),
        ("change_term", c.change_term.len(), changes),
        ("change_vote", c.change_vote.len(), changes),
        ("change_commit", c.change_commit.len(), changes),
        ("change_applied", c.change_applied.len(), changes),
        ("change_base", c.change_base.len(), changes),
        ("change_last", c.change_last.len(), changes),
        ("change_members", c.change_members.len(), changes),
        ("change_log_from", c.change_log_from.len(), changes),
        ("change_log_count", c.change_log_count.len(), changes),
        ("entry_term", c.entry_term.len(), entries),
        ("entry_words", c.entry_words.len(), entries),
        ("progress_server", c.progress_server.len(), progress),
        ("progress_of", c.progress_of.len(), progress),
        ("progress_next", c.progress_next.len(), progress),
        ("progress_match", c.progress_match.len(), progress),
        ("timer_server", c.timer_server.len(), timers),
        ("timer", c.timer.len(), timers),
        ("timer_due", c.timer_due.len(), timers),
        ("answer_server", c.answer_server.len(), answers),
        ("answer_words", c.answer_words.len(), answers),
        ("link_count", c.link_count.len(), links),
        ("link_from", c.link_from.len(), cut),
        ("link_to", c.link_to.len(), cut),
        ("disk_server", c.disk_server.len(), disks),
        ("disk_synced", c.disk_synced.len(), disks),
        ("disk_lost", c.disk_lost.len(), disks),
        ("inspect_server", c.inspect_server.len(), inspected),
        ("inspect_path", c.inspect_path.len(), inspected),
        ("inspect_old", c.inspect_old.len(), inspected),
        ("inspect_new", c.inspect_new.len(), inspected),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::recorder::{Heading, Recorder, RecorderOptions};

    fn text() -> String {
        let recorder = Recorder::new(3, RecorderOptions::default());
        let end = |_: &Recorder| super::super::format::End::default();
        let recording = recorder.finish(Heading::default(), false, end);
        serde_json::to_string(&recording).unwrap()
    }

    fn why(text: &str) -> String {
        Recording::read_all(text).unwrap_err()
    }

    #[test]
    fn a_recording_is_read_as_it_was_written() {
        let text = text();
        let read = Recording::read_all(&text).unwrap();
        assert_eq!(serde_json::to_string(&read[0]).unwrap(), text);
        assert_eq!(Recording::read_all(&format!("[{text},{text}]")).unwrap().len(), 2);
    }

    #[test]
    fn what_is_no_recording_is_explained() {
        let text = text();
        assert!(why("").starts_with("it is empty"));
        assert!(why(&text[..text.len() / 2]).starts_with("it is cut off after"));
        assert!(
            why("<html>").starts_with("it is not a recording, but garbled or another file: line 1")
        );
        assert!(why("[]").contains("no run"));
        assert!(why("{\"a\":1}").contains("no version"));
        assert!(why(&text.replace("\"version\":1", "\"version\":9")).contains("it has version 9"));
        assert!(why(&text.replace("\"words\":[1]", "\"words\":[77]")).contains("a text is 77"));
        assert!(why(&text.replace("\"words\":[1]", "\"words\":[]")).contains("column words has 0"));
        assert!(why(&text.replace("\"timed\":false,", "")).contains("missing field `timed`"));
    }
}
