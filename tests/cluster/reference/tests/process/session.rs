//! The session of the page "Out into the world", as a reader types it; and what the commands reject.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use cluster::tool::Info;

use super::servers::{PATIENCE, wait_for};

const PAGE: &str = "docs/chapters/out-into-the-world.md";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).expect("it is in the tree").to_owned()
}

/// The program behind `cargo xtask cluster`. It is of another package, so cargo does not build it for this test.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .current_dir(root())
            .args(["build", "--quiet", "--package", "cluster", "--bin", "cluster"])
            .status();
        assert!(built.is_ok_and(|status| status.success()), "the program cannot be built");
        let server = Path::new(env!("CARGO_BIN_EXE_reference-server"));
        server.with_file_name(format!("cluster{}", std::env::consts::EXE_SUFFIX))
    })
}

/// A cluster in a folder of its own, which ends with the test.
struct Cluster(PathBuf);

impl Cluster {
    fn new(name: &str) -> Self {
        let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let cluster = Cluster(dir);
        cluster.run(&["down"]);
        let _ = fs::remove_dir_all(&cluster.0);
        cluster
    }

    fn run(&self, words: &[&str]) -> Output {
        Command::new(program()).args(words).arg("--dir").arg(&self.0).output().unwrap()
    }

    /// What a command prints that is carried out.
    fn done(&self, words: &[&str]) -> String {
        let output = self.run(words);
        let text = text_of(&output);
        assert!(output.status.success(), "{words:?}: {text}");
        text
    }

    /// What a command that is rejected says.
    fn refused(&self, words: &[&str]) -> String {
        let output = self.run(words);
        let text = text_of(&output);
        assert_eq!(output.status.code(), Some(2), "{words:?}: {text}");
        text
    }

    /// The servers that are up, with their ports for clients and what they say of themselves.
    fn up(&self) -> Vec<(String, String, Info)> {
        let status = self.done(&["status"]);
        let lines = status.lines().filter(|line| line.starts_with('S'));
        let server = |line: &str| {
            let mut words = line.split_whitespace();
            let (name, address) = (words.next()?.to_owned(), words.next()?);
            let info = Info::of(address, PATIENCE).ok()?;
            Some((name, address.rsplit(':').next()?.to_owned(), info))
        };
        lines.filter_map(server).collect()
    }

    fn leader(&self) -> String {
        wait_for("a leader", || {
            let up = self.up();
            let leaders = up.into_iter().filter(|(_, _, info)| info.leads());
            leaders.max_by_key(|(_, _, info)| info.number("term")).map(|(name, _, _)| name)
        })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.run(&["down"]);
    }
}

fn text_of(output: &Output) -> String {
    [&output.stdout[..], &output.stderr].iter().map(|it| String::from_utf8_lossy(it)).collect()
}

/// The commands of the session, each with the lines that it prints.
fn session(page: &str) -> Vec<(String, Vec<String>)> {
    let (_, after) = page.split_once("<!-- session -->").expect("the page has a session");
    let block = after.split("```").nth(1).expect("the session is in a block");
    let mut steps: Vec<(String, Vec<String>)> = Vec::new();
    for line in block.lines().skip(1).filter(|line| !line.is_empty()) {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push((command.to_owned(), Vec::new())),
            (None, Some((_, lines))) => lines.push(line.to_owned()),
            (None, None) => panic!("{line}: no command prints it"),
        }
    }
    steps
}

/// Whether a line has all parts of what is shown, in order. `…` is any text.
fn is_like(line: &str, shown: &str) -> bool {
    let mut rest = line;
    shown.split('…').all(|part| {
        let part = part.trim();
        rest.find(part).map(|at| rest = &rest[at + part.len()..]).is_some()
    })
}

/// The words of a command. Quotes keep words together.
fn words_of(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, part) in command.split('"').enumerate() {
        if at.is_multiple_of(2) {
            words.extend(part.split_whitespace().map(str::to_owned));
        } else {
            words.push(part.to_owned());
        }
    }
    words
}

#[test]
fn the_session_of_the_page_is_true() {
    let page = fs::read_to_string(root().join(PAGE)).unwrap();
    let steps = session(&page);
    assert!(steps.len() >= 10, "{steps:?}");
    let has_redis_cli = Command::new("redis-cli").arg("--version").output().is_ok();
    let cluster = Cluster::new("session");
    for (command, shown) in steps {
        let mut words = words_of(&command);
        for word in &mut words {
            match word.as_str() {
                "LEADER" => *word = cluster.leader(),
                // The test may find the usual ports in use.
                "PORT" | "7101" => word.clone_from(&cluster.up()[0].1),
                _ => {}
            }
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let said = match words[..] {
            ["cargo", "xtask", "cluster", ref words @ ..] => {
                let said = cluster.done(words);
                // The page lets the reader wait for the next leader.
                if words[0] == "kill" {
                    cluster.leader();
                }
                said
            }
            ["redis-cli", ref words @ ..] if has_redis_cli => {
                let output = Command::new("redis-cli").args(words).output().unwrap();
                text_of(&output)
            }
            ["redis-cli", ..] => {
                println!("redis-cli is not installed: `{command}` was not tried");
                continue;
            }
            _ => panic!("`{command}`: nobody knows how to run it"),
        };
        for shown in &shown {
            let is_there = said.lines().any(|line| is_like(line, shown));
            assert!(is_there, "`{command}` does not print `{shown}`, but:\n{said}");
        }
        // As the page says, one server knows of another leader a little later.
        if words.contains(&"heal") || words.contains(&"restart") {
            cluster.leader();
        }
    }
}

#[test]
fn what_a_cluster_cannot_do_is_refused_with_the_reason() {
    let cluster = Cluster::new("refusals");
    for (module, why) in [
        ("3", "nothing is committed before module 4"),
        ("8", "there is no module 8"),
        ("raft", "cannot be made of `raft`"),
    ] {
        let said = cluster.refused(&["up", "--module", module]);
        assert!(said.contains(why), "{said}");
    }
    assert!(cluster.refused(&["status"]).contains("there is no cluster"));
    assert!(cluster.refused(&["up", "--module", "reference", "--servers", "0"]).contains("1 to 9"));
    assert!(cluster.refused(&["paint"]).contains("is no command"));

    cluster.done(&["up", "--module", "reference-4"]);
    let said = cluster.refused(&["up", "--module", "reference-4"]);
    assert!(said.contains("its servers keep nothing") && said.contains("down"), "{said}");
    let leader = cluster.leader();
    cluster.done(&["kill", &leader]);
    assert!(cluster.refused(&["restart", &leader]).contains("would have kept nothing"));
    assert!(cluster.refused(&["pause", &leader]).contains("is down"));
    assert!(cluster.refused(&["kill", "S9"]).contains("this cluster has S1, S2, S3"));
    for words in [&["add"][..], &["remove", "S1"], &["transfer", "S1"]] {
        assert!(cluster.refused(words).contains("needs module 7"), "{words:?}");
    }
    cluster.done(&["down"]);
    // What was there is gone, and another cluster may be made of something else.
    cluster.done(&["up", "--module", "reference-5", "--servers", "1"]);
    let said = cluster.refused(&["up", "--module", "reference"]);
    assert!(said.contains("made of `reference-5` is up"), "{said}");
    cluster.done(&["down"]);
    let said = cluster.refused(&["up", "--module", "reference"]);
    assert!(said.contains("name `--module reference-5`"), "{said}");
}

#[test]
fn servers_that_a_dead_command_has_left_behind_are_ended() {
    let cluster = Cluster::new("left-behind");
    cluster.done(&["up", "--module", "reference", "--servers", "3"]);
    // As if `up` had been killed before it was through.
    let path = cluster.0.join("cluster.json");
    let state = fs::read_to_string(&path).unwrap();
    fs::write(&path, state.replace("\"Up\"", "\"Starting\"")).unwrap();
    let said = cluster.done(&["up", "--module", "reference"]);
    for id in 1..=3 {
        assert!(said.contains(&format!("S{id} was left behind")), "{said}");
    }
    assert_eq!(cluster.up().len(), 3);
    // Even if nothing is known of them any more.
    fs::remove_file(&path).unwrap();
    let said = cluster.done(&["down"]);
    assert!(said.contains("3 servers have ended"), "{said}");
}

#[test]
fn the_next_up_continues_with_what_was_written() {
    let cluster = Cluster::new("continues");
    let set = |key: &str| {
        let leader = cluster.leader();
        let port = cluster.up().into_iter().find(|(name, _, _)| *name == leader).unwrap().1;
        let address = format!("127.0.0.1:{port}");
        let said = cluster::tool::Talk::ask_once(&address, &["APPEND", "x", key], PATIENCE);
        format!("{:?}", said.unwrap())
    };
    cluster.done(&["up", "--module", "reference"]);
    assert_eq!(set("ab"), "Integer(2)");
    cluster.done(&["down"]);
    cluster.done(&["up", "--module", "reference"]);
    assert_eq!(set("c"), "Integer(3)");
    // A dead server is started by the next `up`, and the others go on.
    let leader = cluster.leader();
    cluster.done(&["kill", &leader]);
    cluster.done(&["up", "--module", "reference"]);
    assert_eq!(cluster.up().len(), 3);
    assert_eq!(set("d"), "Integer(4)");
}
