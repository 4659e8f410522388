//! Nodes for Maelstrom's workload `lin-kv`, driven by a small network of this test's own: it shares no code with the
//! nodes but the standard library's and that for JSON.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use simulator::{Access, RegisterOperation, registers};

const NODES: [&str; 3] = ["n1", "n2", "n3"];

/// A node that is well answers sooner than this.
const PATIENCE: Duration = Duration::from_secs(8);

/// A test that waits longer than this for something waits without success.
const TOO_LONG: Duration = Duration::from_mins(1);

/// Three nodes, and the network between them and clients.
struct Network {
    children: Vec<Child>,
    wires: Arc<Wires>,
}

struct Wires {
    nodes: Vec<Mutex<ChildStdin>>,
    clients: Mutex<BTreeMap<String, Sender<Value>>>,
    /// Whether messages between the first node and the others are lost.
    cut: AtomicBool,
}

impl Wires {
    /// Carries a message to where it goes.
    fn carry(&self, message: &Value) {
        let (from, to) = (message["src"].as_str().unwrap(), message["dest"].as_str().unwrap());
        let Some(place) = NODES.iter().position(|name| *name == to) else {
            if let Some(client) = self.clients.lock().unwrap().get(to) {
                // A client that has gone reads nothing.
                let _ = client.send(message["body"].clone());
            }
            return;
        };
        let between_nodes = NODES.contains(&from);
        if between_nodes && (from == "n1" || to == "n1") && self.cut.load(Ordering::Relaxed) {
            return;
        }
        // A node that has ended reads nothing.
        let _ = writeln!(self.nodes[place].lock().unwrap(), "{message}");
    }
}

impl Network {
    fn start() -> Self {
        let mut children: Vec<Child> = NODES
            .iter()
            .map(|_| {
                Command::new(env!("CARGO_BIN_EXE_reference-server"))
                    .args(["reference", "maelstrom"])
                    .stdin(Stdio::piped())
                    .stdout(Stdio::piped())
                    .spawn()
                    .unwrap()
            })
            .collect();
        let outputs: Vec<_> = children.iter_mut().map(|it| it.stdout.take().unwrap()).collect();
        let wires = Arc::new(Wires {
            nodes: children.iter_mut().map(|it| Mutex::new(it.stdin.take().unwrap())).collect(),
            clients: Mutex::default(),
            cut: AtomicBool::new(false),
        });
        for output in outputs {
            let wires = wires.clone();
            thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    wires.carry(&serde_json::from_str(&line).unwrap());
                }
            });
        }
        let network = Network { children, wires };
        let mut client = network.client("c0");
        for node in NODES {
            let said =
                client.ask(node, json!({"type": "init", "node_id": node, "node_ids": NODES}));
            assert_eq!(said.unwrap()["type"], "init_ok");
        }
        network
    }

    fn client(&self, name: &str) -> Client {
        let (sender, answers) = channel();
        self.wires.clients.lock().unwrap().insert(name.to_owned(), sender);
        Client { name: name.to_owned(), wires: self.wires.clone(), answers, last: 0 }
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

struct Client {
    name: String,
    wires: Arc<Wires>,
    answers: Receiver<Value>,
    last: u64,
}

impl Client {
    /// The answer to a request; `None` if it does not come in time.
    fn ask(&mut self, node: &str, mut body: Value) -> Option<Value> {
        self.last += 1;
        body["msg_id"] = self.last.into();
        self.wires.carry(&json!({"src": self.name, "dest": node, "body": body}));
        let end = Instant::now() + PATIENCE;
        loop {
            let wait = end.saturating_duration_since(Instant::now());
            let answer = self.answers.recv_timeout(wait).ok()?;
            if answer["in_reply_to"] == self.last {
                return Some(answer);
            }
        }
    }

    /// The same, again and again while nothing was done.
    fn insist(&mut self, node: &str, body: &Value) -> Option<Value> {
        let begin = Instant::now();
        loop {
            let answer = self.ask(node, body.clone())?;
            if answer["code"] != 11 {
                return Some(answer);
            }
            assert!(begin.elapsed() < TOO_LONG, "{answer}");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn every_node_serves_every_client() {
    let network = Network::start();
    let mut client = network.client("c1");
    for (number, node) in NODES.into_iter().enumerate() {
        let key = json!({"any": ["JSON", number]});
        let ask = |kind: &str, more: Value| {
            let mut body = json!({"type": kind, "key": key});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            body
        };
        let said = |client: &mut Client, body: Value| client.insist(node, &body).unwrap();
        assert_eq!(said(&mut client, ask("read", json!({})))["code"], 20);
        assert_eq!(said(&mut client, ask("cas", json!({"from": 1, "to": 2})))["code"], 20);
        assert_eq!(
            said(&mut client, ask("write", json!({"value": [1, null]})))["type"],
            "write_ok"
        );
        assert_eq!(said(&mut client, ask("cas", json!({"from": 1, "to": 2})))["code"], 22);
        let cas = ask("cas", json!({"from": [1, null], "to": "x"}));
        assert_eq!(said(&mut client, cas)["type"], "cas_ok");
        for node in NODES {
            let read = client.insist(node, &ask("read", json!({}))).unwrap();
            assert_eq!((&read["type"], &read["value"]), (&json!("read_ok"), &json!("x")));
        }
        assert_eq!(said(&mut client, ask("add", json!({})))["code"], 10);
    }
}

/// What each of some clients saw of one register, while the first node is cut off for a third of the time.
#[test]
fn what_clients_see_is_linearizable_while_a_node_is_cut_off() {
    const CLIENTS: u64 = 4;
    const OPERATIONS: u64 = 30;
    let network = Network::start();
    // All clients wait for the first leader.
    network.client("c9").insist("n1", &json!({"type": "read", "key": 1})).unwrap();
    let (start, done) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let mut client = network.client(&format!("c{}", number + 1));
            let done = done.clone();
            thread::spawn(move || {
                let mut history = Vec::new();
                for count in 0..OPERATIONS {
                    let all = done.fetch_add(1, Ordering::Relaxed);
                    let third = CLIENTS * OPERATIONS / 3;
                    client.wires.cut.store((third..2 * third).contains(&all), Ordering::Relaxed);
                    let place = usize::try_from(number + count).unwrap() % NODES.len();
                    history.extend(operate(
                        &mut client,
                        NODES[place],
                        1 + number * OPERATIONS + count,
                        start,
                    ));
                }
                history
            })
        })
        .collect();
    let mut history: Vec<RegisterOperation> = Vec::new();
    for client in clients {
        history.extend(client.join().unwrap());
    }
    let answered = history.iter().filter(|it| it.returned.is_some()).count();
    assert!(answered > history.len() / 2, "{answered} of {} were answered", history.len());
    if let Err(contradiction) = registers(&history) {
        panic!("{contradiction:?} in {history:#?}");
    }
}

/// One operation; `None` if it was certainly not executed.
fn operate(
    client: &mut Client,
    node: &str,
    value: u64,
    start: Instant,
) -> Option<RegisterOperation> {
    let now = || u64::try_from(start.elapsed().as_nanos()).unwrap();
    let writes = value.is_multiple_of(2);
    let body = if writes {
        json!({"type": "write", "key": 1, "value": value})
    } else {
        json!({"type": "read", "key": 1})
    };
    let called = now();
    let answer = client.ask(node, body);
    let returned = Some(now());
    let written = Access::Write(value);
    match answer {
        Some(answer) if answer["type"] == "write_ok" => {
            Some(RegisterOperation { access: written, called, returned })
        }
        Some(answer) if answer["type"] == "read_ok" => {
            let access = Access::Read(Some(answer["value"].as_u64().unwrap()));
            Some(RegisterOperation { access, called, returned })
        }
        Some(answer) if answer["code"] == 20 => {
            Some(RegisterOperation { access: Access::Read(None), called, returned })
        }
        Some(answer) if answer["code"] == 11 => None,
        // Nobody knows.
        _ if writes => Some(RegisterOperation { access: written, called, returned: None }),
        _ => None,
    }
}
