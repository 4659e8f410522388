//! Running cargo.

use std::path::Path;
use std::process::Command;

/// A cargo command in `root`. The variables that an outer `cargo run` has set for this program are removed,
/// because cargo would read them as the user's settings.
pub fn command(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        let ours = name.starts_with("CARGO_PKG_")
            || name.starts_with("CARGO_MANIFEST_")
            || name.starts_with("CARGO_BIN_")
            || name == "CARGO_CRATE_NAME"
            || name == "CARGO_PRIMARY_PACKAGE";
        if ours {
            command.env_remove(name);
        }
    }
    command
}
