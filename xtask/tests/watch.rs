//! `watch` on a terminal: the real program behind a pseudo-terminal, and a model of the screen that a learner
//! sees. The gate is not built: with `CARGO=sh`, the file `test` of the copy takes cargo's place.
#![cfg(unix)]

mod support;

use std::fs;
use std::io::{Read as _, Write as _};
use std::num::NonZero;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use support::Lab;

/// How long the tests wait for what must happen. Only a test that fails waits this long.
const PATIENCE: Duration = Duration::from_mins(2);

const ELECTIONS: &str = "modules/00-warm-up/src/elections.rs";

/// A cargo that finds an error in the learner's file, and counts how often it was asked.
const BROKEN: &str = r#"echo run >> runs
n=$(wc -l < runs | tr -d ' ')
echo '{"reason":"compiler-message","message":{"level":"error","rendered":"error: oops in run '$n'","code":null,"spans":[{"file_name":"modules/00-warm-up/src/elections.rs","line_start":11,"is_primary":true}]}}'
exit 101
"#;

/// A cargo that never ends if it is asked for the first time.
const SLOW_AT_FIRST: &str = "if [ ! -e begun ]; then touch begun; sleep 600; fi\n";

fn lab(name: &str, script: &str) -> Lab {
    let origin = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let lab = Lab::copied(origin, Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
    lab.write("test", script);
    lab
}

/// A number of lines or columns.
fn lines(count: u16) -> NonZero<u16> {
    NonZero::new(count).unwrap()
}

/// Saves a file of the learner, as an editor does.
fn save(lab: &Lab) {
    let path = lab.0.join(ELECTIONS);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(path, text + "// Saved.\n").unwrap();
}

/// `watch` on a terminal of this size.
struct Session {
    terminal: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn std::io::Write + Send>,
    program: Box<dyn Child + Send + Sync>,
    screen: Arc<Mutex<vt100::Parser>>,
}

impl Session {
    fn start(lab: &Lab, size: (u16, u16), variables: &[(&str, &str)]) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_xtask"));
        command.arg("watch");
        Session::of(command, lab, size, variables)
    }

    /// A program in a lab, on a terminal of this size.
    fn of(
        mut command: CommandBuilder,
        lab: &Lab,
        (rows, cols): (u16, u16),
        variables: &[(&str, &str)],
    ) -> Self {
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        command.cwd(&lab.0);
        command.env("CARGO", "sh");
        command.env("TERM", "xterm-256color");
        for name in ["CARGO_MANIFEST_DIR", "NO_COLOR", "RAFT_LAB_PLAIN", "CARGO_TARGET_DIR"] {
            command.env_remove(name);
        }
        for (name, value) in variables {
            command.env(name, value);
        }
        let program = pair.slave.spawn_command(command).unwrap();
        let mut output = pair.master.try_clone_reader().unwrap();
        let screen = Arc::new(Mutex::new(vt100::Parser::new(lines(rows), lines(cols), 0)));
        let shown = Arc::clone(&screen);
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count) = output.read(&mut bytes)
                && count > 0
            {
                shown.lock().unwrap().process(&bytes[..count]);
            }
        });
        let keyboard = pair.master.take_writer().unwrap();
        Session { terminal: pair.master, keyboard, program, screen }
    }

    fn text(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// Waits until the screen shows all these words.
    fn shows(&self, words: &[&str]) -> String {
        let limit = Instant::now() + PATIENCE;
        loop {
            let text = self.text();
            if words.iter().all(|word| text.contains(word)) {
                return text;
            }
            assert!(Instant::now() < limit, "the screen never shows {words:?}, but:\n{text}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// Waits for the end of the program.
    fn ended(&mut self) -> u32 {
        let limit = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.program.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(Instant::now() < limit, "watch does not end; the screen:\n{}", self.text());
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.program.kill();
    }
}

const KEYS: &str = "q quit";

#[test]
fn a_save_is_judged_and_keys_do_what_the_line_says() {
    let lab = lab("watch-keys", BROKEN);
    let mut session = Session::start(&lab, (24, 80), &[]);
    session.shows(&["Exercise 0.1 does not compile", "oops in run 1", KEYS]);
    save(&lab);
    let text = session.shows(&["oops in run 2", KEYS]);
    assert!(!text.contains("run 1"), "the screen was not cleared:\n{text}");
    session.press("\r");
    session.shows(&["oops in run 3", KEYS]);
    session.press("h");
    session.shows(&["hint", "0.1", KEYS]);
    session.press("l");
    session.shows(&["Module 7", KEYS]);
    session.press("q");
    assert_eq!(session.ended(), 0);
}

#[test]
fn every_line_begins_in_the_first_column() {
    let lab = lab("watch-columns", BROKEN);
    let session = Session::start(&lab, (24, 80), &[("NO_COLOR", "1")]);
    let text = session.shows(&["oops in run 1", KEYS]);
    assert!(text.lines().any(|line| line.starts_with("error: oops")), "{text}");
    assert!(text.lines().any(|line| line.starts_with("Enter again")), "{text}");
}

#[test]
fn a_save_ends_the_run_that_judges_the_text_before_it() {
    let lab = lab("watch-cancel", &format!("{SLOW_AT_FIRST}{BROKEN}"));
    let session = Session::start(&lab, (24, 80), &[]);
    let limit = Instant::now() + PATIENCE;
    while !lab.0.join("begun").exists() {
        assert!(Instant::now() < limit, "the first run does not begin");
        thread::sleep(Duration::from_millis(20));
    }
    save(&lab);
    session.shows(&["oops in run 1", KEYS]);
}

#[test]
fn control_c_ends_it_and_puts_the_terminal_back() {
    let lab = lab("watch-end", SLOW_AT_FIRST);
    let mut session = Session::start(&lab, (24, 80), &[]);
    let limit = Instant::now() + PATIENCE;
    while !lab.0.join("begun").exists() {
        assert!(Instant::now() < limit, "the first run does not begin");
        thread::sleep(Duration::from_millis(20));
    }
    session.press("\u{3}");
    assert_eq!(session.ended(), 0);
}

#[test]
fn another_size_of_the_terminal_is_used_for_the_next_run() {
    let lab = lab("watch-size", BROKEN);
    let mut session = Session::start(&lab, (24, 80), &[]);
    session.shows(&["oops in run 1", KEYS]);
    session
        .terminal
        .resize(PtySize { rows: 30, cols: 44, pixel_width: 0, pixel_height: 0 })
        .unwrap();
    session.screen.lock().unwrap().screen_mut().set_size(lines(30), lines(44));
    session.press("l");
    let text = session.shows(&["Module 7", "q quit"]);
    for whole in ["and continues from there", "e explain"] {
        assert!(text.lines().any(|line| line.contains(whole)), "`{whole}` is broken:\n{text}");
    }
}

/// A terminal that is resized sends a signal. A key that comes with it must not wait for the next key.
#[test]
fn a_key_that_comes_with_another_size_is_not_lost() {
    let lab = lab("watch-key-and-size", BROKEN);
    let mut session = Session::start(&lab, (24, 80), &[]);
    session.shows(&["oops in run 1", KEYS]);
    for run in 2..=9 {
        let cols = 80 + run % 2;
        let size = PtySize { rows: 24, cols, pixel_width: 0, pixel_height: 0 };
        session.terminal.resize(size).unwrap();
        session.press("\r");
        session.shows(&[&format!("oops in run {run}"), KEYS]);
    }
}

/// A shell with job control starts `watch`; Ctrl-Z stops it and `fg` continues it. Keys still work then, and what was
/// saved meanwhile is judged.
#[test]
fn it_can_be_stopped_and_continued_from_a_shell() {
    let lab = lab("watch-stop", BROKEN);
    let mut shell = CommandBuilder::new("sh");
    shell.arg("-i");
    shell.env("PS1", "ready> ");
    let mut session = Session::of(shell, &lab, (24, 80), &[]);
    session.shows(&["ready> "]);
    session.press(&format!("'{}' watch\r", env!("CARGO_BIN_EXE_xtask")));
    session.shows(&["oops in run 1", KEYS]);
    session.press("\u{1a}");
    session.shows(&["ready> "]);
    // The terminal is the shell's again: what is typed is a command.
    session.press("echo $((40 + 2))\r");
    session.shows(&["\n42\n"]);
    session.press("fg\r");
    session.shows(&["fg"]);
    session.press("\r");
    session.shows(&["oops in run 2", KEYS]);
    session.press("\u{1a}");
    session.shows(&["ready> "]);
    save(&lab);
    session.press("fg\r");
    session.shows(&["oops in run 3", KEYS]);
    session.press("q");
    session.shows(&["ready> "]);
    session.press("exit\r");
    session.ended();
}

#[test]
fn the_next_done_exercise_is_compared_each_time() {
    let lab = lab("watch-diff", BROKEN);
    lab.write(".progress", "done 0.1\ndone 0.2\n");
    let mut session = Session::start(&lab, (24, 80), &[]);
    session.shows(&["oops in run 1", KEYS]);
    session.press("d");
    session.shows(&["0.2", "d again: 0.1", KEYS]);
    session.press("d");
    session.shows(&["0.1", "d again: 0.2", KEYS]);
    // What was just saved is what the learner thinks about.
    save(&lab);
    session.shows(&["oops in run 2", KEYS]);
    session.press("d");
    session.shows(&["0.1", "d again: 0.2", KEYS]);
}

#[test]
fn the_keys_fit_one_line() {
    let lab = lab("watch-line", BROKEN);
    let session = Session::start(&lab, (24, 80), &[]);
    let text = session.shows(&["oops in run 1", KEYS]);
    let keys = text.lines().find(|line| line.starts_with("Enter again")).unwrap();
    assert!(keys.ends_with(KEYS), "the keys are on several lines:\n{text}");
}

#[test]
fn the_editor_is_opened_at_the_place_to_write() {
    let lab = lab("watch-editor", BROKEN);
    lab.write("vim", "echo \"$@\" > opened\n");
    let mut session = Session::start(&lab, (24, 80), &[("EDITOR", "sh vim"), ("VISUAL", "")]);
    session.shows(&["oops in run 1", KEYS]);
    session.press("o");
    let limit = Instant::now() + PATIENCE;
    let path = lab.0.join("opened");
    while fs::read_to_string(&path).unwrap_or_default().is_empty() {
        assert!(Instant::now() < limit, "no editor; the screen:\n{}", session.text());
        thread::sleep(Duration::from_millis(20));
    }
    let opened = fs::read_to_string(path).unwrap();
    assert!(opened.contains("elections.rs"), "{opened}");
    // Keys still work.
    session.press("\r");
    session.shows(&["oops in run 2", KEYS]);
}

#[test]
fn in_plain_mode_it_takes_lines_and_prints_no_control_characters() {
    let lab = lab("watch-plain", BROKEN);
    let mut program = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["watch", "--plain"])
        .current_dir(&lab.0)
        .env("CARGO", "sh")
        .env_remove("CARGO_MANIFEST_DIR")
        .env_remove("CARGO_TARGET_DIR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = program.stdin.take().unwrap();
    let mut output = program.stdout.take().unwrap();
    let mut said = String::new();
    let mut until = |word: &str| {
        let mut bytes = [0; 4096];
        while !said.contains(word) {
            let count = output.read(&mut bytes).unwrap();
            assert!(count > 0, "it ended without `{word}`:\n{said}");
            said += &String::from_utf8_lossy(&bytes[..count]);
        }
        std::mem::take(&mut said)
    };
    let first = until(KEYS);
    assert!(first.contains("oops in run 1") && !first.contains('\u{1b}'), "{first}");
    lines.write_all(b"\n").unwrap();
    assert!(until(KEYS).contains("oops in run 2"));
    lines.write_all(b"hint\n").unwrap();
    assert!(until(KEYS).contains("hint"));
    // The end of the input is the end of the session.
    drop(lines);
    assert!(program.wait().unwrap().success());
}
