//! What a history is made of.

/// An operation of a client, as the client saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The command, as [`KeyValue`](protocol::KeyValue) takes it: its second word is the key.
    pub command: String,
    /// When the client sent it. Any clock will do that ticks between any two calls and returns.
    pub called: u64,
    /// When the client heard the result, and the result; `None` if it never heard.
    pub returned: Option<(u64, String)>,
}
