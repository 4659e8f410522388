//! Asking a server.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

/// A connection to a server, as a client.
#[derive(Debug)]
pub struct Talk(BufReader<TcpStream>);

/// What a server replies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// A short text.
    Simple(String),
    /// An error.
    Error(String),
    /// A number.
    Integer(i64),
    /// Bytes, or their absence.
    Bulk(Option<Vec<u8>>),
    /// An empty list.
    Nothing,
}

/// What a server reports about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Info(BTreeMap<String, String>);

impl Talk {
    /// Connects to the server with this address for clients. No step may take longer than `patience`.
    ///
    /// # Errors
    /// If it cannot be reached.
    pub fn connect(address: &str, patience: Duration) -> io::Result<Self> {
        let address = address.to_socket_addrs()?.next().ok_or(io::ErrorKind::AddrNotAvailable)?;
        let stream = TcpStream::connect_timeout(&address, patience)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(patience))?;
        stream.set_write_timeout(Some(patience))?;
        Ok(Talk(BufReader::new(stream)))
    }

    /// Sends a request without waiting for the reply.
    ///
    /// # Errors
    /// If the connection fails.
    pub fn send(&mut self, words: &[&[u8]]) -> io::Result<()> {
        let mut request = format!("*{}\r\n", words.len()).into_bytes();
        for word in words {
            request.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
            request.extend_from_slice(word);
            request.extend_from_slice(b"\r\n");
        }
        self.0.get_mut().write_all(&request)
    }

    /// Reads the next reply.
    ///
    /// # Errors
    /// If the connection fails or ends, or this is no reply.
    pub fn receive(&mut self) -> io::Result<Reply> {
        let mut line = String::new();
        if self.0.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let strange = || io::Error::new(io::ErrorKind::InvalidData, format!("a reply `{line}`"));
        let (kind, rest) = line.trim_end().split_at_checked(1).ok_or_else(strange)?;
        let number = || rest.parse::<i64>().map_err(|_| strange());
        Ok(match kind {
            "+" => Reply::Simple(rest.to_owned()),
            "-" => Reply::Error(rest.to_owned()),
            ":" => Reply::Integer(number()?),
            "*" => Reply::Nothing,
            "$" => match usize::try_from(number()?) {
                Err(_) => Reply::Bulk(None),
                Ok(length) => {
                    let mut bytes = vec![0; length + 2];
                    self.0.read_exact(&mut bytes)?;
                    bytes.truncate(length);
                    Reply::Bulk(Some(bytes))
                }
            },
            _ => return Err(strange()),
        })
    }

    /// Sends a request and reads its reply.
    ///
    /// # Errors
    /// As [`Talk::send`] and [`Talk::receive`].
    pub fn ask(&mut self, words: &[&[u8]]) -> io::Result<Reply> {
        self.send(words)?;
        self.receive()
    }

    /// The same for words that are text, on a connection of its own.
    ///
    /// # Errors
    /// If the server cannot be reached, or the connection fails.
    pub fn ask_once(address: &str, words: &[&str], patience: Duration) -> io::Result<Reply> {
        let words: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
        Self::connect(address, patience)?.ask(&words)
    }
}

impl Info {
    /// Asks a server.
    ///
    /// # Errors
    /// If it does not answer within `patience`.
    pub fn of(address: &str, patience: Duration) -> io::Result<Self> {
        let Reply::Bulk(Some(text)) = Talk::ask_once(address, &["INFO"], patience)? else {
            return Err(io::Error::other("it answers INFO as no server of the lab does"));
        };
        let text = String::from_utf8_lossy(&text).into_owned();
        let pairs = text.lines().filter_map(|line| line.split_once(':'));
        Ok(Info(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()))
    }

    /// What it says under this name; empty if nothing.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// The number that it says under this name.
    pub fn number(&self, name: &str) -> u64 {
        self.get(name).parse().unwrap_or(0)
    }

    /// Whether it believes that it is the leader.
    pub fn leads(&self) -> bool {
        self.get("role") == "leader"
    }
}
