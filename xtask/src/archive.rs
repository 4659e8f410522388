//! Reads an archive into memory. Nothing is unpacked to the disk, and only files are accepted.

use std::fs;
use std::io::{Cursor, Read};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use flate2::read::{DeflateDecoder, GzDecoder};
use rawzip::{CompressionMethod, ZipArchive};

use crate::files::Tree;

const DAMAGED: &str = "it is damaged (download or copy it again)";

/// Two blocks of zeros end a tar archive.
const TAR_END: [u8; 1_024] = [0; 1_024];

/// Reads an archive: `.zip`, `.tar` or `.tar.gz`, known by its content. Its files together may have `most` bytes: one
/// that expands to more is damaged, or means harm.
///
/// # Errors
/// If it is none of these, is damaged, is too large, or has something other than files and folders.
pub fn read(path: &Path, most: u64) -> Result<Tree> {
    let size = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?.len();
    ensure!(size <= most, "{} has more than {}", path.display(), in_words(most));
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let name = path.display();
    let tree = match &bytes[..] {
        [b'P', b'K', 3 | 5, ..] => zip(&bytes, most),
        [0x1f, 0x8b, ..] => unzipped(&bytes, most).and_then(|bytes| tar(&bytes, most)),
        _ if bytes.get(257..262) == Some(b"ustar") => tar(&bytes, most),
        _ => bail!(
            "{name} is neither a folder nor an archive that this command reads (.zip, .tar, .tar.gz). Unpack it, and \
             name the folder"
        ),
    };
    tree.map_err(|error| anyhow!("{name} cannot be used: {error:#}"))
}

fn in_words(bytes: u64) -> String {
    if bytes < 1 << 20 { format!("{bytes} bytes") } else { format!("{} MB", bytes >> 20) }
}

/// A file as it comes out of an archive.
fn insert(tree: &mut Tree, path: &Path, bytes: Vec<u8>) {
    tree.insert(path.components().filter(|part| *part != Component::CurDir).collect(), bytes);
}

/// Rejects a path that leads out of the archive.
fn must_be_inside(path: &Path) -> Result<()> {
    let is_inside = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    ensure!(
        path.components().all(is_inside),
        "it has a file `{}`, which would be outside the tree",
        path.display()
    );
    Ok(())
}

/// Reads to the end, but not without limit.
fn whole(reader: impl Read, left: &mut u64, most: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(*left + 1).read_to_end(&mut bytes).context(DAMAGED)?;
    let read = bytes.len() as u64;
    ensure!(read <= *left, "it expands to more than {}", in_words(most));
    *left -= read;
    Ok(bytes)
}

fn unzipped(bytes: &[u8], most: u64) -> Result<Vec<u8>> {
    whole(GzDecoder::new(bytes), &mut most.clone(), most)
}

fn tar(bytes: &[u8], most: u64) -> Result<Tree> {
    // The reader takes an archive that was cut off between two files for a whole one.
    ensure!(bytes.ends_with(&TAR_END), "{DAMAGED}: its end is missing");
    let mut tree = Tree::new();
    let mut archive = tar::Archive::new(Cursor::new(bytes));
    for entry in archive.entries().context(DAMAGED)? {
        let entry = entry.context(DAMAGED)?;
        let kind = entry.header().entry_type();
        let path = entry.path().context(DAMAGED)?.into_owned();
        if kind.is_dir() || kind.is_pax_global_extensions() {
            continue;
        }
        must_be_inside(&path)?;
        ensure!(kind.is_file(), "`{}` in it is a link or a device, and not a file", path.display());
        let size = entry.size();
        let bytes = whole(entry, &mut most.clone(), most)?;
        ensure!(bytes.len() as u64 == size, "{DAMAGED}: `{}` is cut off", path.display());
        insert(&mut tree, &path, bytes);
    }
    Ok(tree)
}

fn zip(bytes: &[u8], most: u64) -> Result<Tree> {
    let archive = ZipArchive::from_slice(bytes).context(DAMAGED)?;
    let (mut tree, mut left, mut count) = (Tree::new(), most, 0);
    let mut entries = archive.entries();
    while let Some(entry) = entries.next_entry().context(DAMAGED)? {
        count += 1;
        let path = entry.file_path();
        let path = PathBuf::from(std::str::from_utf8(path.as_ref()).context(DAMAGED)?);
        must_be_inside(&path)?;
        if entry.is_dir() {
            continue;
        }
        ensure!(!entry.mode().is_symlink(), "`{}` in it is a link, and not a file", path.display());
        ensure!(!entry.flags().is_encrypted(), "it is encrypted");
        let local = archive.get_entry(entry.wayfinder()).context(DAMAGED)?;
        let bytes = match entry.compression_method() {
            CompressionMethod::STORE => {
                whole(local.verifying_reader(local.data()), &mut left, most)
            }
            CompressionMethod::DEFLATE => {
                let inflated = DeflateDecoder::new(local.data());
                whole(local.verifying_reader(inflated), &mut left, most)
            }
            other => bail!("it is compressed by {other:?}, which this command does not read"),
        };
        insert(&mut tree, &path, bytes?);
    }
    ensure!(count == archive.entries_hint(), "{DAMAGED}: files are missing");
    Ok(tree)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn tarred(entries: &[(&str, &str)]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, text) in entries {
            let mut header = tar::Header::new_gnu();
            // The builder rejects paths that lead outside.
            header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            header.set_cksum();
            builder.append(&header, text.as_bytes()).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn gzipped(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zipped(entries: &[(&str, &str)]) -> Vec<u8> {
        let mut output = Vec::new();
        let mut archive = rawzip::ZipArchiveWriter::new(&mut output);
        for (path, text) in entries {
            let file = archive.new_file(path).compression_method(CompressionMethod::DEFLATE);
            let (mut entry, config) = file.start().unwrap();
            let encoder = flate2::write::DeflateEncoder::new(&mut entry, Compression::default());
            let mut writer = config.wrap(encoder);
            writer.write_all(text.as_bytes()).unwrap();
            let (encoder, descriptor) = writer.finish().unwrap();
            encoder.finish().unwrap();
            entry.finish(descriptor).unwrap();
        }
        archive.finish().unwrap();
        output
    }

    fn read_bytes(bytes: &[u8]) -> Result<Tree> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), bytes).unwrap();
        read(file.path(), 1 << 20)
    }

    fn error(bytes: &[u8]) -> String {
        format!("{:#}", read_bytes(bytes).unwrap_err())
    }

    const COURSE: [(&str, &str); 3] =
        [("lab-2/README.md", "Hello"), ("lab-2/xtask/Cargo.toml", "[package]"), ("__MACOSX/x", "")];

    #[test]
    fn each_kind_of_archive_has_the_same_files() {
        let tarred = tarred(&COURSE);
        for bytes in [zipped(&COURSE), gzipped(&tarred), tarred] {
            let tree = read_bytes(&bytes).unwrap();
            let names: Vec<String> = tree.keys().map(|path| crate::files::shown(path)).collect();
            assert_eq!(names, ["__MACOSX/x", "lab-2/README.md", "lab-2/xtask/Cargo.toml"]);
            assert_eq!(tree[Path::new("lab-2/README.md")], b"Hello");
        }
    }

    #[test]
    fn a_damaged_archive_is_rejected() {
        let tarred = tarred(&COURSE);
        let gzipped = gzipped(&tarred);
        let zipped = zipped(&COURSE);
        for (bytes, cut) in [(&tarred, 1_024), (&tarred, 3_000), (&gzipped, 5), (&zipped, 30)] {
            let read = read_bytes(&bytes[..bytes.len() - cut]);
            let said = format!("{:#}", read.expect_err(&format!("{cut} bytes less: it was read")));
            assert!(said.contains("damaged"), "{said}");
        }
        let mut flipped = zipped.clone();
        let name = COURSE[0].0;
        let place = flipped.windows(name.len()).position(|part| part == name.as_bytes());
        flipped[place.unwrap() + name.len() + 2] ^= 0x55;
        assert!(error(&flipped).contains("damaged"), "{}", error(&flipped));
        assert!(error(b"\xfd7zXZ\0").contains("Unpack it, and name the folder"));
        assert!(error(b"").contains("neither a folder nor an archive"));
    }

    #[test]
    fn what_leads_outside_is_rejected() {
        for path in ["../evil", "lab/../../evil", "/etc/passwd"] {
            // The writer makes such paths harmless, so it writes another of the same length.
            let harmless = "x".repeat(path.len());
            let mut zipped = zipped(&[(&harmless, "y")]);
            for place in 0..zipped.len() - path.len() {
                if zipped[place..].starts_with(harmless.as_bytes()) {
                    zipped[place..place + path.len()].copy_from_slice(path.as_bytes());
                }
            }
            for bytes in [tarred(&[(path, "x")]), zipped] {
                let said = error(&bytes);
                assert!(said.contains("outside the tree"), "{path}: {said}");
            }
        }
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        let mut builder = tar::Builder::new(Vec::new());
        builder.append_link(&mut header, "lab/link", "/etc/passwd").unwrap();
        let said = error(&builder.into_inner().unwrap());
        assert!(said.contains("`lab/link` in it is a link"), "{said}");
    }

    #[test]
    fn an_archive_cannot_expand_without_limit() {
        let zeros = gzipped(&[0; 10_000]);
        assert_eq!(unzipped(&zeros, 10_000).unwrap().len(), 10_000);
        let said = unzipped(&zeros, 9_999).unwrap_err().to_string();
        assert!(said.contains("expands to more than"), "{said}");
    }
}
