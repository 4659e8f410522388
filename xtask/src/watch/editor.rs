//! Opens the learner's editor at a line.

use std::env;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// The command that opens a file at a line in the editor that `VISUAL` or `EDITOR` names. `None` if neither is set.
pub(super) fn command(file: &Path, line: usize) -> Option<Command> {
    ["VISUAL", "EDITOR"]
        .into_iter()
        .filter_map(|name| env::var(name).ok())
        .find_map(|editor| of(&editor, file, line))
}

/// The command for an editor, which may be called with arguments: `code --wait`.
fn of(editor: &str, file: &Path, line: usize) -> Option<Command> {
    let mut words = editor.split_whitespace();
    let program = words.next()?;
    let mut command = Command::new(program);
    command.args(words);
    let name = Path::new(program).file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
    let place = format!("{}:{line}", file.display());
    match name.as_str() {
        "code" | "code-insiders" | "codium" | "vscodium" | "cursor" => {
            command.arg("--goto").arg(place)
        }
        "hx" | "helix" | "zed" | "zeditor" | "subl" | "lapce" => command.arg(place),
        "vi" | "vim" | "nvim" | "emacs" | "emacsclient" | "nano" | "micro" | "kak" | "gedit" => {
            command.arg(format!("+{line}")).arg(file)
        }
        _ => command.arg(file),
    };
    Some(command)
}

/// Runs the editor until it ends.
pub(super) fn run(mut command: Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("cannot run the editor `{name}`"))?;
    ensure!(status.success(), "the editor `{name}` ended with {status}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_editor_is_told_the_line_in_its_own_way() {
        let words = |editor: &str| -> Vec<String> {
            let command = of(editor, Path::new("src/vote.rs"), 7).unwrap();
            let all = [command.get_program()].into_iter().chain(command.get_args());
            all.map(|word| word.to_string_lossy().into_owned()).collect()
        };
        assert_eq!(words("vim"), ["vim", "+7", "src/vote.rs"]);
        assert_eq!(words("code --wait"), ["code", "--wait", "--goto", "src/vote.rs:7"]);
        assert_eq!(words("/usr/bin/hx"), ["/usr/bin/hx", "src/vote.rs:7"]);
        assert_eq!(words("ed"), ["ed", "src/vote.rs"]);
        assert!(of("  ", Path::new("a"), 1).is_none());
    }
}
