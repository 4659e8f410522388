//! `client`, `register`, `query`, `change` and `transfer`: the requests of clients.

use protocol::{Bytes, ClientRequest, Command};

use crate::scenario::runner::ScenarioRunner;
use crate::scenario::words::{self, Fault, Words};

pub(super) fn client(runner: &mut ScenarioRunner, mut words: Words<'_>) -> Result<String, Fault> {
    let id = words::server(words.required("the server that receives the command")?)?;
    let text = words.required("the command, in quotation marks")?;
    let session = words.read("session", words::session)?;
    let forbidden = words.key("not");
    words.end()?;
    let request = ClientRequest::Command(Command { session, ..text.into() });
    let id = runner.world()?.client(id, request, text)?;
    if let Some(result) = forbidden {
        runner.forbidden.insert(id, result.to_owned());
    }
    Ok(String::new())
}

/// A client asks for a session.
pub(super) fn register(runner: &mut ScenarioRunner, mut words: Words<'_>) -> Result<String, Fault> {
    let id = words::server(words.required("the server that receives the request")?)?;
    words.end()?;
    runner.world()?.client(id, ClientRequest::Register, "register")?;
    Ok(String::new())
}

pub(super) fn query(runner: &mut ScenarioRunner, mut words: Words<'_>) -> Result<String, Fault> {
    let id = words::server(words.required("the server that receives the query")?)?;
    let text = words.required("the query, in quotation marks")?;
    let forbidden = words.key("not");
    words.end()?;
    let request = ClientRequest::Query(Bytes::copy_from_slice(text.as_bytes()));
    let id = runner.world()?.client(id, request, text)?;
    if let Some(result) = forbidden {
        runner.forbidden.insert(id, result.to_owned());
    }
    Ok(String::new())
}

/// A client asks for other members.
pub(super) fn change(runner: &mut ScenarioRunner, mut words: Words<'_>) -> Result<String, Fault> {
    let id = words::server(words.required("the server that receives the request")?)?;
    let list = words.required("the new members of the cluster, like S1/S2/S4")?;
    words.end()?;
    let members = words::servers(list)?;
    members.iter().try_for_each(|&id| runner.check_exists(id))?;
    runner.world()?.client(id, ClientRequest::Change(members), &format!("change {list}"))?;
    Ok(String::new())
}

/// A client asks for another leader.
pub(super) fn transfer(runner: &mut ScenarioRunner, mut words: Words<'_>) -> Result<String, Fault> {
    let id = words::server(words.required("the server that receives the request")?)?;
    let to = words.need("to", words::server)?;
    words.end()?;
    runner.check_exists(to)?;
    runner.world()?.client(id, ClientRequest::Transfer(to), &format!("transfer to={to}"))?;
    Ok(String::new())
}
