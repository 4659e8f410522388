//! Writes the reports that the runner reads.

use std::fs;
use std::io;
use std::path::Path;

use course::Report;

/// Writes a report as one line into `folder`, which is created if it does not exist.
///
/// # Errors
/// If that fails.
pub fn write_report(report: &Report, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let line = serde_json::to_string(report).map_err(io::Error::other)?;
    fs::write(folder.join(report.file_name()), line + "\n")
}
