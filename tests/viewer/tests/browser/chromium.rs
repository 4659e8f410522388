//! Chromium without a window, by its debugging pipe: commands and events are JSON, each ended by a NUL.
//!
//! The browser reads file descriptor 3 and writes 4. `sh` puts them in the place of standard input and output, so this
//! works on Unix; no crate is needed.

use std::cell::{Cell, RefCell};
use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// The browser is given up after this time without an answer.
const PATIENCE: Duration = Duration::from_mins(1);

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// A browser with one page.
pub(crate) struct Chromium {
    process: Child,
    commands: RefCell<ChildStdin>,
    answers: Receiver<Value>,
    session: String,
    next: Cell<u64>,
    /// Events since the page was opened.
    events: RefCell<Vec<Value>>,
    _profile: TempDir,
}

/// Whether there is a Chromium, by its name. With `CI=true` there must be one.
pub(crate) fn installed() -> Option<&'static str> {
    let folders = env::var_os("PATH").unwrap_or_default();
    let is_there =
        |name: &&str| env::split_paths(&folders).any(|folder| folder.join(name).is_file());
    let found = NAMES.into_iter().find(is_there).filter(|_| cfg!(unix));
    let must = env::var("CI").is_ok_and(|value| value == "true");
    assert!(found.is_some() || !must, "Chromium is not installed: `apt-get install chromium`");
    if found.is_none() {
        eprintln!("skipped: Chromium is not installed");
    }
    found
}

impl Chromium {
    pub(crate) fn start(name: &str) -> Self {
        let profile = tempfile::tempdir().expect("a folder for the browser");
        let script = format!(
            "exec {name} --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
             --disable-extensions --hide-scrollbars --force-color-profile=srgb --user-data-dir=\"$1\" \
             --remote-debugging-pipe about:blank 3<&0 4>&1 2>/dev/null"
        );
        let mut process = Command::new("sh")
            .args(["-c", &script, "sh"])
            .arg(profile.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("sh can be run");
        let commands = process.stdin.take().expect("it has an input");
        let output = process.stdout.take().expect("it has an output");
        let (to, answers) = channel();
        thread::spawn(move || {
            for message in BufReader::new(output).split(0) {
                let Ok(message) = message else { return };
                let Ok(value) = serde_json::from_slice(&message) else { continue };
                if to.send(value).is_err() {
                    return;
                }
            }
        });
        let mut browser = Chromium {
            process,
            commands: RefCell::new(commands),
            answers,
            session: String::new(),
            next: Cell::new(0),
            events: RefCell::default(),
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", &json!({"url": "about:blank"}));
        let attached = json!({"targetId": target["targetId"], "flatten": true});
        let attached = browser.call("Target.attachToTarget", &attached);
        attached["sessionId"].as_str().expect("a session").clone_into(&mut browser.session);
        for domain in ["Page", "Runtime", "Network", "Log"] {
            browser.call(&format!("{domain}.enable"), &json!({}));
        }
        browser
    }

    /// Carries out a command, and returns its result.
    pub(crate) fn call(&self, method: &str, parameters: &Value) -> Value {
        let id = self.next.get() + 1;
        self.next.set(id);
        let mut command = json!({"id": id, "method": method, "params": parameters});
        if !self.session.is_empty() {
            command["sessionId"] = json!(self.session);
        }
        let mut commands = self.commands.borrow_mut();
        let sent = write!(commands, "{command}\0").and_then(|()| commands.flush());
        sent.expect("the browser runs");
        drop(commands);
        loop {
            let answer = self.answers.recv_timeout(PATIENCE);
            let answer = answer.unwrap_or_else(|_| panic!("{method}: the browser does not answer"));
            if answer["id"].as_u64() == Some(id) {
                assert!(answer.get("error").is_none(), "{method}: {}", answer["error"]);
                return answer["result"].clone();
            }
            self.events.borrow_mut().push(answer);
        }
    }

    /// Opens a file in a window of this size, and waits until the page is ready.
    pub(crate) fn open(&self, file: &Path, size: (u32, u32), scheme: &str) {
        self.visit(&format!("file://{}", file.display()), size, scheme);
    }

    /// The same for an address.
    pub(crate) fn visit(&self, address: &str, size: (u32, u32), scheme: &str) {
        self.resize(size);
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.call("Emulation.setEmulatedMedia", &media);
        self.events.borrow_mut().clear();
        self.call("Page.navigate", &json!({"url": "about:blank"}));
        self.events.borrow_mut().clear();
        self.call("Page.navigate", &json!({"url": address}));
        let start = Instant::now();
        while self.evaluate("document.documentElement?.dataset.ready ?? ''") == "" {
            assert!(start.elapsed() < PATIENCE, "the page is not ready: {:?}", self.complaints());
        }
    }

    pub(crate) fn resize(&self, (width, height): (u32, u32)) {
        let metrics =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", &metrics);
    }

    /// The value of an expression in the page.
    pub(crate) fn evaluate(&self, expression: &str) -> Value {
        let asked = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let answer = self.call("Runtime.evaluate", &asked);
        let error = &answer["exceptionDetails"];
        assert!(error.is_null(), "{expression}: {error}");
        answer["result"]["value"].clone()
    }

    /// Presses a key, as a keyboard would.
    pub(crate) fn press(&self, key: &str) {
        let text = if key.chars().count() == 1 { key } else { "" };
        let code = match key {
            "Tab" => 9,
            "Enter" => 13,
            "Escape" => 27,
            "PageUp" => 33,
            "PageDown" => 34,
            "End" => 35,
            "Home" => 36,
            "ArrowLeft" => 37,
            "ArrowUp" => 38,
            "ArrowRight" => 39,
            "ArrowDown" => 40,
            _ => 0,
        };
        for kind in ["keyDown", "keyUp"] {
            let mut event = json!({"type": kind, "key": key, "windowsVirtualKeyCode": code});
            if kind == "keyDown" && !text.is_empty() {
                event["text"] = json!(text);
            }
            if kind == "keyDown" && key == "Enter" {
                event["text"] = json!("\r");
            }
            self.call("Input.dispatchKeyEvent", &event);
        }
    }

    /// A picture of what is shown, as PNG.
    pub(crate) fn picture(&self) -> Vec<u8> {
        let shot = self.call("Page.captureScreenshot", &json!({"format": "png"}));
        from_base64(shot["data"].as_str().unwrap_or_default())
    }

    /// What the page has asked for besides itself, and what it has complained about.
    pub(crate) fn complaints(&self) -> Vec<String> {
        // So that everything that was caused so far has arrived.
        self.evaluate("new Promise(done => setTimeout(done, 50))");
        let events = self.events.borrow();
        let about = |event: &Value| {
            let of = &event["params"];
            match event["method"].as_str().unwrap_or_default() {
                "Network.requestWillBeSent" if of["type"] != "Document" => {
                    Some(format!("it asks for {}", of["request"]["url"]))
                }
                "Runtime.exceptionThrown" => Some(format!("{}", of["exceptionDetails"])),
                "Runtime.consoleAPICalled" if of["type"] == "error" => Some(of["args"].to_string()),
                "Log.entryAdded" if of["entry"]["level"] == "error" => {
                    Some(of["entry"].to_string())
                }
                _ => None,
            }
        };
        events.iter().filter_map(about).collect()
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn from_base64(text: &str) -> Vec<u8> {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for value in text.chars().filter_map(|letter| LETTERS.find(letter)) {
        bits = bits << 6 | u32::try_from(value).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 255) as u8);
        }
    }
    bytes
}
