//! An execution as readable text: a line for each moment.

use std::fmt::{self, Write as _};

use super::{Execution, Moment, What};
use crate::{Entry, Index, Payload};

impl fmt::Display for Execution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.transcript(&[]))
    }
}

impl Execution {
    /// A line for each moment: its number, the server, whether it leads, its term, the terms of the
    /// entries in its log, and what happens. The moments with these numbers are marked.
    ///
    /// ```text
    ///     4  S2  -       term 1  log 1    appends 1 "set x 1"
    /// ▶   5  S3  leader  term 2  log -    is elected
    /// ```
    pub fn transcript(&self, marked: &[usize]) -> String {
        let logs: Vec<String> = self.moments.iter().map(|moment| terms(&moment.log)).collect();
        let width = logs.iter().map(String::len).max().unwrap_or(0);
        let digits = |moment: &Moment| moment.term.to_string().len();
        let term_width = self.moments.iter().map(digits).max().unwrap_or(0);
        let mut text = String::new();
        for (moment, log) in self.moments.iter().zip(logs) {
            let mark = if marked.contains(&moment.number) { '▶' } else { ' ' };
            let role = if moment.leads { "leader" } else { "-" };
            let _ = writeln!(
                text,
                "{mark} {:3}  {}  {role:6}  term {:<term_width$}  log {log:width$}  {}",
                moment.number,
                moment.server,
                moment.term,
                moment.what(),
            );
        }
        text
    }
}

impl Moment {
    /// What happens, in words.
    fn what(&self) -> String {
        match &self.what {
            What::Elected => "is elected".to_owned(),
            What::SteppedDown => "leads no longer".to_owned(),
            What::LogChanged { before } => changed(before, &self.log),
            What::Committed { index, entry } => format!("commits {}", told(*index, entry)),
            What::Applied { index, entry } => format!("applies {}", told(*index, entry)),
            What::Crashed => "crashes".to_owned(),
            What::Restarted => "restarts".to_owned(),
        }
    }
}

/// The terms of a log's entries; `-` if it is empty.
fn terms(log: &[Entry]) -> String {
    let terms: Vec<String> = log.iter().map(|entry| entry.term.to_string()).collect();
    if terms.is_empty() { "-".to_owned() } else { terms.join(" ") }
}

/// What was removed and what was added.
fn changed(before: &[Entry], after: &[Entry]) -> String {
    let kept = before.iter().zip(after).take_while(|(old, new)| old == new).count();
    let all = |log: &[Entry]| -> String {
        let told = |(entry, index): (&Entry, u64)| told(Index(index), entry);
        let entries: Vec<String> = log.iter().zip(1..).skip(kept).map(told).collect();
        entries.join(", ")
    };
    match (before.len() > kept, after.len() > kept) {
        (true, false) => format!("removes {}", all(before)),
        (true, true) => format!("puts {} in place of {}", all(after), all(before)),
        _ => format!("appends {}", all(after)),
    }
}

/// `2 "set x 1"`.
fn told(index: Index, entry: &Entry) -> String {
    match &entry.payload {
        Payload::Command(command) => {
            format!("{index} {:?}", String::from_utf8_lossy(&command.bytes))
        }
        Payload::Members(members) => {
            let members: Vec<String> = members.iter().map(ToString::to_string).collect();
            format!("{index} members {}", members.join(" "))
        }
        Payload::NoOp => format!("{index} no-op"),
        Payload::Register => format!("{index} register"),
    }
}

#[cfg(test)]
mod tests {
    use crate::execution::Recorder;
    use crate::{Command, Entry, Index, Members, Payload, ServerId, Session, Term};

    /// Everything that can happen.
    fn recorded() -> Recorder {
        let (s1, s2) = (ServerId(1), ServerId(2));
        let entry = |term, text: &str| Entry::command(Term(term), text);
        let session = Some(Session { client: crate::ClientId(7), serial: 1 });
        let once = Command { session, ..Command::from("append x a") };
        let mut recorder = Recorder::new(2);
        recorder.elected(s1, Term(1));
        recorder.log_changed(s1, Index(1), [Entry { term: Term(1), payload: Payload::NoOp }]);
        recorder.log_changed(s1, Index(2), [entry(1, "set x 1"), Entry::command(Term(1), once)]);
        recorder.crashed(s1);
        recorder.restarted(s1);
        recorder.elected(s2, Term(2));
        recorder.log_changed(s2, Index(1), [entry(2, "set y 2")]);
        recorder.in_term(s1, Term(2));
        recorder.log_changed(s1, Index(1), [entry(2, "set y 2")]);
        recorder.committed(s2, Index(1));
        recorder.applied(s2, Index(1));
        let members = Payload::Members(Members::from([s1, s2]));
        recorder.log_changed(s2, Index(2), [Entry { term: Term(2), payload: members }]);
        let register = Entry { term: Term(2), payload: Payload::Register };
        recorder.log_changed(s2, Index(3), [register]);
        recorder.in_term(s2, Term(12));
        recorder.stepped_down(s2);
        recorder.log_changed(s2, Index(2), []);
        recorder
    }

    #[test]
    fn an_execution_is_read_line_by_line() {
        let transcript = r#"
    1  S1  leader  term 1   log -      is elected
    2  S1  leader  term 1   log 1      appends 1 no-op
    3  S1  leader  term 1   log 1 1 1  appends 2 "set x 1", 3 "append x a"
    4  S1  -       term 1   log 1 1 1  crashes
    5  S1  -       term 1   log 1 1 1  restarts
▶   6  S2  leader  term 2   log -      is elected
    7  S2  leader  term 2   log 2      appends 1 "set y 2"
    8  S1  -       term 2   log 2      puts 1 "set y 2" in place of 1 no-op, 2 "set x 1", 3 "append x a"
    9  S2  leader  term 2   log 2      commits 1 "set y 2"
   10  S2  leader  term 2   log 2      applies 1 "set y 2"
   11  S2  leader  term 2   log 2 2    appends 2 members S1 S2
   12  S2  leader  term 2   log 2 2 2  appends 3 register
   13  S2  -       term 12  log 2 2 2  leads no longer
   14  S2  -       term 12  log 2      removes 2 members S1 S2, 3 register
"#;
        assert_eq!(recorded().finish().transcript(&[6]), transcript.trim_start_matches('\n'));
    }

    #[test]
    fn an_execution_is_written_and_read_again() {
        let execution = recorded().finish();
        let json = serde_json::to_string(&execution).unwrap();
        assert!(
            json.starts_with(r#"{"servers":2,"moments":[[1,{"term":1}],[1,"elected"],"#),
            "{json}"
        );
        assert!(json.contains(r#"[2,{"log":[1,[[2,"set y 2"]]]}]"#), "{json}");
        assert_eq!(serde_json::from_str::<crate::execution::Execution>(&json).unwrap(), execution);
    }
}
