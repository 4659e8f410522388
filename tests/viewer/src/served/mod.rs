//! The page of a world that is played, on 127.0.0.1: only programs on this machine that know the token in the address
//! are answered.
//!
//! A page of another site can send requests to this address too. So a request must name this server as its host
//! (another name that resolves to 127.0.0.1 will not do), come from this server's own page if it comes from a page,
//! and have the token.
//!
//! | file | about |
//! |---|---|
//! | `request.rs` | reads a request of HTTP/1.1 |
//! | `reply.rs` | writes the reply to one |
//! | `guard.rs` | which requests are answered |
//! | `acts.rs` | what the page asks for |
//! | `live_page.rs` | the page |

mod acts;
mod guard;
mod live_page;
mod reply;
mod request;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::play::Session;
use guard::Guard;
use reply::Reply;
use request::Request;

/// At most this many connections are served at once. A browser opens six.
const CONNECTIONS: usize = 32;

/// A connection on which nothing arrives for this long is closed. Browsers open connections that they may need later.
const PATIENCE: Duration = Duration::from_secs(20);

/// A page that is served.
pub struct Server {
    listener: TcpListener,
    guard: Guard,
    session: Arc<Mutex<Session>>,
}

impl Server {
    /// Listens on a free port.
    ///
    /// # Errors
    /// If there is none, or the system has no random numbers.
    pub fn of(session: Session) -> io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        let guard = Guard::new(listener.local_addr()?.port())?;
        Ok(Server { listener, guard, session: Arc::new(Mutex::new(session)) })
    }

    /// The page's address, with its token.
    pub fn address(&self) -> String {
        self.guard.address()
    }

    /// Serves until the process ends.
    ///
    /// # Errors
    /// If no connection can be accepted any more.
    pub fn run(&self) -> io::Result<()> {
        let open = AtomicUsize::new(0);
        thread::scope(|scope| {
            for stream in self.listener.incoming() {
                let stream = stream?;
                if open.load(Ordering::Relaxed) >= CONNECTIONS {
                    continue;
                }
                open.fetch_add(1, Ordering::Relaxed);
                let open = &open;
                scope.spawn(move || {
                    // A connection that breaks concerns nobody else.
                    let _ = self.serve(stream);
                    open.fetch_sub(1, Ordering::Relaxed);
                });
            }
            Ok(())
        })
    }

    fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let reply = match Request::read(&mut stream) {
            Ok(request) => self.reply(&request),
            Err(fault) => fault,
        };
        reply.write(&mut stream)
    }

    fn reply(&self, request: &Request) -> Reply {
        let rest = match self.guard.admits(request) {
            Ok(rest) => rest,
            Err(rejection) => return rejection,
        };
        // A panic while it was held is a bug, but the next request may still work.
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        match (request.method.as_str(), rest) {
            ("GET", "") => Reply::page(live_page::page(&session.state())),
            ("POST", "act") => acts::act(&mut session, &request.body),
            ("GET" | "POST", _) => Reply::rejection(404, "there is nothing here"),
            _ => Reply::rejection(405, "only GET and POST are known"),
        }
    }
}
