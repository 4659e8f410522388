//! Opens a page in a browser.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// The program that opens a page or an address in the system's browser.
pub(crate) const OPENER: &str = if cfg!(target_os = "macos") {
    "open"
} else if cfg!(windows) {
    "explorer"
} else {
    "xdg-open"
};

/// Opens a page in the system's browser.
pub(crate) fn page(page: &Path) -> Result<()> {
    let opener = OPENER;
    let shown = Command::new(opener).arg(page).stdin(Stdio::null()).status();
    // The exit code of `explorer` means nothing.
    match shown {
        Ok(status) if status.success() || cfg!(windows) => Ok(()),
        Ok(_) => bail!("`{opener}` did not open it; open it in a browser yourself"),
        Err(error) => Err(error)
            .with_context(|| format!("`{opener}` cannot be run; open it in a browser yourself")),
    }
}
