//! Messages of and to other servers.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream, ToSocketAddrs as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use protocol::ServerId;

use super::accept::accept_on;
use super::inbox::Inbox;
use super::links::Links;
use super::outgoing::Outgoing;
use crate::core::Input;
use crate::wire::{Envelope, frame, read_frame};

/// How long a connection to a peer may take.
const CONNECT: Duration = Duration::from_millis(500);

/// A peer that has taken nothing for this long is treated as one that has gone.
const STUCK: Duration = Duration::from_secs(2);

/// How long to wait before the next attempt to reach a peer.
const PAUSE: Duration = Duration::from_millis(100);

/// At most this many servers are connected at once: more than a cluster has, since old connections end late.
const MOST_CONNECTIONS: usize = 32;

/// Where a server can be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// By servers: `HOST:PORT`.
    pub peer: String,
    /// By clients: `HOST:PORT`.
    pub client: String,
}

/// The other servers. Clones are the same.
#[derive(Clone, Debug)]
pub struct Peers {
    links: Links,
    known: Arc<Mutex<BTreeMap<ServerId, Peer>>>,
}

#[derive(Debug)]
struct Peer {
    addresses: Addresses,
    outgoing: Arc<Outgoing>,
}

impl Peers {
    /// No other servers yet.
    pub fn new(links: Links) -> Self {
        Peers { links, known: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ServerId, Peer>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on, the server `id` is at these addresses.
    pub fn add(&self, id: ServerId, addresses: Addresses) {
        let mut known = self.lock();
        if known.get(&id).is_some_and(|peer| peer.addresses == addresses) {
            return;
        }
        let outgoing = Arc::new(Outgoing::default());
        let (queue, links, address) =
            (outgoing.clone(), self.links.clone(), addresses.peer.clone());
        thread::spawn(move || write_to(id, &address, &queue, &links));
        if let Some(before) = known.insert(id, Peer { addresses, outgoing }) {
            before.outgoing.close();
        }
    }

    /// Sends a message, without waiting. It is lost if the peer is unknown, cut off, or too slow.
    pub fn send(&self, message: Envelope) {
        if let Some(peer) = self.lock().get(&message.to) {
            peer.outgoing.put(message);
        }
    }

    /// The address for clients of a server.
    pub fn client_address(&self, id: ServerId) -> Option<String> {
        Some(self.lock().get(&id)?.addresses.client.clone())
    }

    /// Lets other servers connect, on a thread of its own.
    pub fn listen(&self, listener: TcpListener, inbox: &Arc<Inbox>) {
        let (links, inbox) = (self.links.clone(), inbox.clone());
        let open = Arc::new(AtomicUsize::new(0));
        accept_on(listener, move |stream| {
            if open.fetch_add(1, Ordering::Relaxed) >= MOST_CONNECTIONS {
                open.fetch_sub(1, Ordering::Relaxed);
                return;
            }
            let (links, inbox, open) = (links.clone(), inbox.clone(), open.clone());
            thread::spawn(move || {
                if let Err(error) = read_from(&stream, &inbox, &links) {
                    eprintln!("a connection of a server has ended: {error}");
                }
                let _ = stream.shutdown(Shutdown::Both);
                open.fetch_sub(1, Ordering::Relaxed);
            });
        });
    }
}

/// Reads messages until the connection ends.
fn read_from(stream: &TcpStream, inbox: &Inbox, links: &Links) -> io::Result<()> {
    let mut stream = BufReader::with_capacity(1 << 16, stream);
    while let Some((envelope, bytes)) = read_frame(&mut stream)? {
        if !links.is_cut(envelope.from) && !inbox.put(Input::Message(envelope), bytes + 128) {
            break;
        }
    }
    Ok(())
}

/// Writes what waits for a peer, and connects to it when it must.
fn write_to(id: ServerId, address: &str, outgoing: &Outgoing, links: &Links) {
    let mut stream = None;
    let mut was_reached = true;
    while let Some((message, put)) = outgoing.next() {
        if links.is_muted(id) {
            continue;
        }
        // A slow link keeps the order: whatever comes later waits behind this message.
        let due = put + links.delay(id);
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let bytes = match frame(&message) {
            Ok(bytes) => bytes,
            Err(error) => {
                eprintln!("{id} cannot be sent this message: {error}");
                continue;
            }
        };
        let sent = match stream.take().map_or_else(|| connect(address), Ok) {
            Ok(mut connected) => connected.write_all(&bytes).map(|()| stream = Some(connected)),
            Err(error) => Err(error),
        };
        if was_reached != sent.is_ok() {
            was_reached = sent.is_ok();
            match &sent {
                Ok(()) => eprintln!("{id} is reached at {address}"),
                Err(error) => eprintln!("{id} is not reached at {address}: {error}"),
            }
        }
        if sent.is_err() {
            outgoing.clear();
            thread::sleep(PAUSE);
        }
    }
}

fn connect(address: &str) -> io::Result<TcpStream> {
    let address = address.to_socket_addrs()?.next().ok_or(io::ErrorKind::AddrNotAvailable)?;
    let stream = TcpStream::connect_timeout(&address, CONNECT)?;
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(STUCK))?;
    Ok(stream)
}
