//! The prompt: lines of the scenario language, and a few words about the script itself.

use std::io::{self, BufRead, IsTerminal as _, Write};

use simulator::{Choice, Outcome, PlayFault};

use super::session::Session;

const HELP: &str = "\
A line is a command of the scenario language (docs/scenarios.md): timeout S1, deliver from=S1 to=S2, settle, …
Besides, there are:
  what            what can be done next
  script          the script so far
  undo, redo      take back the last command, or do it again
  save NAME       write the script to target/play/NAME.scenario
  save own        write it into the module's scenario of your own; what was there is kept
  rebuild         build your code again, and run the script on it
  open FILE       run another script instead
  help, quit";

/// The heading above what the learner's code has printed.
const PRINTED: &str = "Your code has printed (the script runs from its beginning each time):";

/// A prompt.
pub struct Terminal<'a> {
    session: &'a mut Session,
    /// Whether a person types the lines.
    prompts: bool,
}

impl<'a> Terminal<'a> {
    /// Prompts if the standard input is a terminal.
    pub fn of_this_process(session: &'a mut Session) -> Self {
        Terminal { session, prompts: io::stdin().is_terminal() }
    }

    /// A prompt that is not shown, for lines that no person types.
    pub fn silent(session: &'a mut Session) -> Self {
        Terminal { session, prompts: false }
    }

    /// Takes lines until they end, or one says `quit`. It also ends when the output is closed.
    pub fn run(&mut self, input: impl BufRead, mut output: impl Write) {
        let _ = self.talk(input, &mut output);
    }

    fn talk(&mut self, input: impl BufRead, out: &mut impl Write) -> io::Result<()> {
        if self.prompts {
            writeln!(
                out,
                "`help` lists what can be typed, and `what` lists what can be done next."
            )?;
        }
        for line in self.session.script().lines() {
            writeln!(out, "  {line}")?;
        }
        tell(out, &self.servers())?;
        self.prompt(out)?;
        for line in input.lines() {
            let line = line?;
            let line = line.trim();
            if matches!(line, "quit" | "exit") {
                return Ok(());
            }
            if !line.is_empty() {
                let said = self.line(line);
                tell(out, &said)?;
            }
            self.prompt(out)?;
        }
        Ok(())
    }

    fn prompt(&self, out: &mut impl Write) -> io::Result<()> {
        if !self.prompts {
            return Ok(());
        }
        if self.session.has_changed() {
            writeln!(out, "Your code has changed: `rebuild` runs the script on it.")?;
        }
        write!(out, "> ")?;
        out.flush()
    }

    fn servers(&self) -> Vec<String> {
        let last = self.session.answer.commands.last();
        let servers = last.map(|last| last.servers.clone()).unwrap_or_default();
        servers.into_iter().chain(self.fault()).collect()
    }

    /// Does what a line says, and returns what there is to read.
    fn line(&mut self, line: &str) -> Vec<String> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let done = match word {
            "help" => return HELP.lines().map(str::to_owned).collect(),
            "what" => return self.what(),
            "script" => return self.session.whole().lines().map(str::to_owned).collect(),
            "undo" => self.session.undo(),
            "redo" => self.session.redo(),
            "rebuild" => self.session.rebuild(),
            "save" => {
                self.session.save(Some(rest.trim()).filter(|name| *name != "own"));
                Ok(())
            }
            "open" => match std::fs::read_to_string(rest.trim()) {
                Ok(text) => self.session.edit(&text),
                Err(error) => return vec![format!("✗ {}: {error}", rest.trim())],
            },
            _ => self.session.command(line),
        };
        if let Err(error) = done {
            return vec![format!("✗ {error}")];
        }
        self.said(word)
    }

    fn said(&self, word: &str) -> Vec<String> {
        let session = &*self.session;
        let mut said: Vec<String> =
            session.printed.lines().map(|line| format!("  | {line}")).collect();
        if !said.is_empty() {
            said.insert(0, PRINTED.to_owned());
        }
        said.extend(session.notice.lines().map(str::to_owned));
        for difference in &session.differences {
            said.push(format!("line {}: {}", difference.line, difference.command));
            said.extend(difference.what.iter().map(|line| format!("  {line}")));
        }
        match word {
            "undo" | "redo" | "open" => said.extend(self.servers()),
            "save" | "rebuild" | "---" => said.extend(self.fault()),
            _ if word.starts_with('#') || session.fault().is_some() => said.extend(self.fault()),
            _ => {
                let told = session.told();
                let nothing = told.is_empty().then(|| "nothing has changed".to_owned());
                said.extend(told.into_iter().chain(nothing));
            }
        }
        said
    }

    fn fault(&self) -> Vec<String> {
        let Some(fault) = self.session.fault() else { return Vec::new() };
        let mut said = in_words(fault);
        said.push(match self.session.draft {
            Some(_) => {
                "  The servers are as they were before this line; `undo` takes the script back."
                    .to_owned()
            }
            None => "  It is undone.".to_owned(),
        });
        said
    }

    fn what(&self) -> Vec<String> {
        let choices = &self.session.answer.choices;
        let commands = |all: &[Choice]| {
            all.iter().map(|choice| choice.command.clone()).collect::<Vec<_>>().join("   ")
        };
        let mut said = vec![commands(&choices.cluster)];
        for server in &choices.servers {
            said.push(commands(&server.commands));
        }
        for message in &choices.messages {
            let held = if message.held { " (held back)" } else { "" };
            said.push(format!("{}{held}", message.words));
            said.extend(message.commands.iter().map(|choice| format!("  {}", choice.command)));
        }
        said.push("client S1 \"set x 1\"   cut from=S1 to=S2   expect S1 leader   …".to_owned());
        said.retain(|line| !line.is_empty());
        said
    }
}

fn tell(out: &mut impl Write, lines: &[String]) -> io::Result<()> {
    for line in lines {
        writeln!(out, "{line}")?;
    }
    out.flush()
}

/// A fault as lines to read.
fn in_words(fault: &PlayFault) -> Vec<String> {
    let line = if fault.line > 0 { format!("line {}: ", fault.line) } else { String::new() };
    let mut said = vec![format!("✗ {line}{}", fault.command)];
    let mut add = |name: &str, words: &str| {
        for (at, line) in words.lines().enumerate() {
            let name = if at == 0 { name } else { "" };
            said.push(format!("  {name:9} {line}"));
        }
    };
    if fault.outcome == Outcome::Script {
        add("", &fault.happened);
    } else {
        add("expected", &fault.expected);
        add("happened", &fault.happened);
        add("why", &fault.why);
        add("at", fault.place.as_deref().unwrap_or_default());
    }
    said
}
