//! Connections of clients.

use std::collections::BTreeMap;
use std::io::{self, BufReader};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::accept::accept_on;
use super::answers::Answers;
use super::inbox::Inbox;
use super::links::Links;
use super::peers::{Addresses, Peers};
use super::words::{Control, Wish, bytes_of, wish};
use crate::core::{Answer, ConnectionId, Input, Question};
use crate::resp;

/// At most this many clients are connected at once.
const MOST_CONNECTIONS: usize = 1_024;

/// A client that has read nothing for this long is cut off.
const STUCK: Duration = Duration::from_secs(30);

/// The connections of clients. Clones are the same.
#[derive(Clone, Debug)]
pub struct Clients {
    peers: Peers,
    links: Links,
    inbox: Arc<Inbox>,
    connections: Arc<Mutex<BTreeMap<ConnectionId, Arc<Answers>>>>,
    last: Arc<AtomicU64>,
    /// The bytes of answers that wait for all clients together.
    waiting: Arc<AtomicUsize>,
}

impl Clients {
    /// No connection yet.
    pub fn new(peers: Peers, links: Links, inbox: Arc<Inbox>) -> Self {
        Clients {
            peers,
            links,
            inbox,
            connections: Arc::default(),
            last: Arc::default(),
            waiting: Arc::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ConnectionId, Arc<Answers>>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers on a connection, without waiting. A client that does not read loses its connection.
    pub fn answer(&self, connection: ConnectionId, answer: &Answer) {
        let answers = self.lock().get(&connection).cloned();
        if let Some(answers) = answers {
            answers.put(&bytes_of(answer, &self.peers));
        }
    }

    /// Lets clients connect, on a thread of its own.
    pub fn listen(&self, listener: TcpListener) {
        let clients = self.clone();
        accept_on(listener, move |stream| clients.accept(stream));
    }

    fn accept(&self, stream: TcpStream) {
        let connection = ConnectionId(self.last.fetch_add(1, Ordering::Relaxed));
        let answers = Arc::new(Answers::new(self.waiting.clone()));
        {
            let mut connections = self.lock();
            if connections.len() >= MOST_CONNECTIONS {
                return;
            }
            connections.insert(connection, answers.clone());
        }
        let clients = self.clone();
        thread::spawn(move || {
            let Ok(writer) = stream.try_clone() else {
                clients.lock().remove(&connection);
                return;
            };
            clients.write(writer, connection, answers.clone());
            // What cannot be read is answered, too, in its turn.
            let served = clients.serve(&stream, connection, &answers);
            if let Some(error) = served.err().filter(|it| it.kind() == io::ErrorKind::InvalidData) {
                let text = resp::error(&format!("ERR Protocol error: {error}"));
                clients.ask(connection, &answers, Question::Echo(text), 256);
            }
            answers.finish();
        });
    }

    /// Writes answers on a thread of its own, until the connection ends.
    fn write(&self, stream: TcpStream, connection: ConnectionId, answers: Arc<Answers>) {
        let clients = self.clone();
        thread::spawn(move || {
            answers.write_to(&stream);
            clients.lock().remove(&connection);
            clients.inbox.put(Input::Closed(connection), 0);
        });
    }

    /// Reads requests until the connection ends.
    fn serve(
        &self,
        stream: &TcpStream,
        connection: ConnectionId,
        answers: &Answers,
    ) -> io::Result<()> {
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(STUCK))?;
        let mut stream = BufReader::with_capacity(1 << 14, stream);
        while let Some(words) = resp::read_request(&mut stream)? {
            let bytes = 256 + words.iter().map(protocol::Bytes::len).sum::<usize>();
            let (question, is_last) = match wish(&words) {
                Wish::Ask(question) => (question, false),
                Wish::Control(control) => (Question::Echo(self.control(control)), false),
                Wish::Quit => (Question::Echo(resp::simple("OK")), true),
            };
            if !self.ask(connection, answers, question, bytes) || is_last {
                break;
            }
        }
        Ok(())
    }

    /// Hands a question on, when the connection may have another one. Returns false if it is over.
    fn ask(
        &self,
        connection: ConnectionId,
        answers: &Answers,
        question: Question,
        bytes: usize,
    ) -> bool {
        answers.admit() && self.inbox.put(Input::Ask { connection, question }, bytes)
    }

    fn control(&self, control: Control) -> protocol::Bytes {
        match control {
            Control::Cut(servers) => self.links.cut(servers.into_iter().collect()),
            Control::Mute(servers) => self.links.mute(servers.into_iter().collect()),
            Control::Slow(by, servers) => {
                self.links.slow(servers.into_iter().map(|id| (id, by)).collect());
            }
            Control::Peer(id, peer, client) => self.peers.add(id, Addresses { peer, client }),
            Control::Shutdown => self.inbox.close(),
        }
        resp::simple("OK")
    }
}
