//! What the page asks for.

use serde::Deserialize;
use serde_json::json;

use super::reply::Reply;
use crate::play::Session;

/// What the page asks for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Act {
    /// Carry out a command.
    Command(String),
    /// Run another script.
    Edit(String),
    /// Take back what was done last.
    Undo,
    /// Repeat what was taken back last.
    Redo,
    /// Leave out the line that fails, and what follows it.
    LeaveOut,
    /// Go back to the end of this line.
    ContinueAfter(u64),
    /// Build the learner's code again.
    Rebuild,
    /// Write the script into a file with this name.
    Save(String),
    /// Write it into the learner's own scenario.
    SaveOwn,
    /// Say whether the learner's code has changed.
    HasChanged,
}

/// Does what a request asks for. The reply is the state of the session.
pub(super) fn act(session: &mut Session, body: &[u8]) -> Reply {
    let act: Act = match serde_json::from_slice(body) {
        Ok(act) => act,
        Err(error) => {
            return Reply::rejection(400, &format!("this is not a request of the page: {error}"));
        }
    };
    let done = match act {
        Act::HasChanged => return Reply::json(json!(session.has_changed()).to_string()),
        Act::Command(line) => session.command(&line),
        Act::Edit(text) => session.edit(&text),
        Act::Undo => session.undo(),
        Act::Redo => session.redo(),
        Act::LeaveOut => {
            session.leave_out();
            Ok(())
        }
        Act::ContinueAfter(line) => session.continue_after(line),
        Act::Rebuild => session.rebuild(),
        Act::Save(name) => {
            session.save(Some(&name));
            Ok(())
        }
        Act::SaveOwn => {
            session.save(None);
            Ok(())
        }
    };
    match done
        .and_then(|()| serde_json::to_string(&session.state()).map_err(|error| error.to_string()))
    {
        Ok(state) => Reply::json(state),
        Err(error) => Reply::rejection(500, &error),
    }
}
