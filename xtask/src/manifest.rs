//! What the learner reads about a Cargo.toml that was changed.
//!
//! If cargo cannot read one, it cannot build this runner either, and reports that itself. These messages are
//! for a runner that is already built, and for errors that only building a module reveals.

use std::path::{Path, PathBuf};

use crate::files;

/// The message if cargo failed before it compiled anybody's code.
pub(crate) fn not_built(root: &Path, package: &str, said: &str) -> String {
    let head = match named(root, said) {
        Some(path) => format!(
            "cargo cannot read {}. {}\n\ncargo says:",
            files::shown(&path),
            put_back(root, &path)
        ),
        None => format!("cargo could not build the checks of `{package}`; it says:"),
    };
    format!("{head}\n{said}")
}

/// How to put a Cargo.toml back to how it was handed out.
pub(crate) fn put_back(root: &Path, path: &Path) -> String {
    let shown = files::shown(path);
    let kept = path.strip_prefix("modules").map(|path| Path::new(".pristine").join(path));
    let how = match kept.ok().filter(|kept| root.join(kept).exists()) {
        Some(kept) => format!("copy {} over it", files::shown(&kept)),
        None => format!("`git restore {shown}`, or copy it from a fresh tree"),
    };
    format!("No exercise changes a Cargo.toml. To put it back: {how}.")
}

/// The first Cargo.toml that cargo names in its message, relative to the root.
fn named(root: &Path, said: &str) -> Option<PathBuf> {
    const NAME: &str = "Cargo.toml";
    let words = said.split(|c: char| c.is_whitespace() || "`'\"".contains(c));
    // Line and column may follow.
    let paths = words.filter_map(|word| word.get(..word.find(NAME)? + NAME.len()));
    let from_root = |path| Path::new(path).strip_prefix(root).unwrap_or(Path::new(path));
    let all: Vec<PathBuf> = paths.map(|path| from_root(path).to_path_buf()).collect();
    // The root's is also named as that of the workspace.
    let a_members = all.iter().find(|path| **path != Path::new(NAME));
    a_members.or(all.first()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_that_cargo_names_is_reported_with_how_to_put_it_back() {
        let text = |said: &str| not_built(Path::new("/lab"), "election", said);
        let syntax = "error: unclosed table, expected `]`\n  --> modules/02-election/Cargo.toml:10:14\n\
                      referenced by workspace at `/lab/Cargo.toml`";
        let inherited = "referenced by workspace at `/lab/Cargo.toml`\n\nCaused by:\n  failed to parse \
                         manifest at `/lab/modules/02-election/Cargo.toml`";
        for said in [syntax, inherited] {
            let text = text(said);
            assert!(text.starts_with("cargo cannot read modules/02-election/Cargo.toml. "));
            assert!(text.contains("`git restore modules/02-election/Cargo.toml`"), "{text}");
            assert!(text.ends_with(said), "{text}");
        }
        let text = text("error: no space left on device");
        assert!(text.starts_with("cargo could not build the checks of `election`;"), "{text}");
    }
}
