//! Digests of texts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use twox_hash::XxHash3_128;

use crate::files;

/// A digest of byte strings, each with its length, so that no two lists of them look the same.
pub(crate) fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> u128 {
    let mut hasher = XxHash3_128::new();
    for part in parts {
        hasher.write(&(part.len() as u64).to_le_bytes());
        hasher.write(part);
    }
    hasher.finish_128()
}

/// A short digest of a text, in 16 hexadecimal digits.
pub fn digest_of(text: &str) -> String {
    format!("{:032x}", digest([text.as_bytes()]))[..16].to_owned()
}

/// A digest of files and their paths.
pub(super) fn digest_tree(tree: &BTreeMap<PathBuf, Vec<u8>>) -> u128 {
    let mut hasher = XxHash3_128::new();
    for (path, bytes) in tree {
        let path = files::shown(Path::new(path));
        for part in [path.as_bytes(), bytes] {
            hasher.write(&(part.len() as u64).to_le_bytes());
            hasher.write(part);
        }
    }
    hasher.finish_128()
}
