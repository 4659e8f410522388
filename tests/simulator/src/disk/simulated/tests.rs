//! What crashes and faults leave of what was written.

use std::io;

use protocol::Disk as _;

use super::{RecordedWrite, SimulatedDisk};
use crate::Trouble;

fn text(disk: &SimulatedDisk, file: &str) -> String {
    String::from_utf8(disk.read(file).unwrap()).unwrap()
}

#[test]
fn a_crash_leaves_what_was_synced_and_a_torn_piece() {
    let mut disk = SimulatedDisk::new();
    disk.append("log", b"kept").unwrap();
    disk.sync("log").unwrap();
    disk.append("log", b"lost").unwrap();
    assert_eq!(text(&disk, "log"), "keptlost");
    assert_eq!(text(&disk.survivors(1), "log"), "keptl");
    disk.crash(2);
    assert_eq!(text(&disk, "log"), "keptlo");
    disk.crash(0);
    assert_eq!(text(&disk, "log"), "keptlo", "what a crash has left is on disk");
}

#[test]
fn a_later_crash_may_lose_what_a_process_that_ended_has_written() {
    let mut disk = SimulatedDisk::new();
    disk.append("log", b"kept").unwrap();
    disk.sync("log").unwrap();
    disk.trouble(Trouble::Kill { torn: 2 });
    disk.append("log", b"lost").unwrap_err();
    assert!(disk.is_down() && disk.read("log").is_err());
    disk.start();
    assert_eq!(text(&disk, "log"), "keptlo");
    assert_eq!(text(&disk.survivors(0), "log"), "kept");
    disk.sync("log").unwrap();
    assert_eq!(text(&disk.survivors(0), "log"), "keptlo");
}

#[test]
fn a_sync_that_failed_is_not_repaired_by_one_that_succeeds() {
    let mut disk = SimulatedDisk::new();
    disk.append("log", b"one").unwrap();
    disk.trouble(Trouble::Sync { written: 1 });
    disk.sync("log").unwrap_err();
    disk.sync("log").unwrap();
    assert!(disk.has_failed());
    disk.crash(usize::MAX);
    assert_eq!(text(&disk, "log"), "o");
}

#[test]
fn a_replace_is_all_or_nothing() {
    let mut disk = SimulatedDisk::new();
    disk.replace("vote", b"S1").unwrap();
    disk.trouble(Trouble::Write { written: 1 });
    disk.replace("vote", b"S2").unwrap_err();
    disk.trouble(Trouble::Crash { torn: 1 });
    disk.replace("vote", b"S3").unwrap_err();
    disk.start();
    assert_eq!(text(&disk, "vote"), "S1");
    disk.trouble(Trouble::Crash { torn: 2 });
    disk.replace("vote", b"S4").unwrap_err();
    disk.start();
    assert_eq!(text(&disk, "vote"), "S4");
}

#[test]
fn a_crash_inside_an_append_tears_it_at_any_byte() {
    for torn in 0..=4 {
        let mut disk = SimulatedDisk::new();
        disk.append("log", b"kept").unwrap();
        disk.sync("log").unwrap();
        disk.trouble_after(Trouble::Crash { torn }, 1);
        disk.append("log", b"+").unwrap();
        disk.sync("log").unwrap();
        disk.append("log", b"torn").unwrap_err();
        disk.sync("log").unwrap_err();
        disk.start();
        assert_eq!(text(&disk, "log"), format!("kept+{}", &"torn"[..torn]));
    }
}

#[test]
fn every_point_of_every_write_is_known() {
    let mut disk = SimulatedDisk::new();
    disk.record_writes();
    disk.append("log", b"ab").unwrap();
    disk.sync("log").unwrap();
    disk.replace("log", b"xyz").unwrap();
    let writes = disk.take_writes();
    let all = writes.iter().flat_map(|write| (0..write.points()).map(move |at| (write, at)));
    let left = |(write, at): (&RecordedWrite, usize)| {
        text(&SimulatedDisk::with_files(write.files_after(at)), "log")
    };
    let left: Vec<_> = all.map(left).collect();
    assert_eq!(left, ["", "a", "ab", "ab", "xyz"]);
    assert_eq!((writes[1].number, writes[1].torn(1)), (1, 3));
    assert!(disk.take_writes().is_empty());
}

#[test]
fn a_full_disk_takes_what_fits_until_the_server_is_started_again() {
    let mut disk = SimulatedDisk::new();
    disk.trouble(Trouble::Full { written: 4 });
    disk.append("log", b"abc").unwrap();
    let error = disk.append("log", b"def").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    disk.append("log", b"g").unwrap_err();
    assert_eq!(text(&disk, "log"), "abcd");
    disk.start();
    disk.append("log", b"e").unwrap();
}

#[test]
fn a_failing_append_writes_as_much_as_was_planned() {
    let mut disk = SimulatedDisk::new();
    disk.trouble(Trouble::Write { written: 3 });
    disk.append("log", b"entry").unwrap_err();
    assert_eq!(text(&disk, "log"), "ent");
    disk.trouble(Trouble::Read);
    disk.read("log").unwrap_err();
    disk.start();
    assert!(!disk.has_failed());
    disk.damage("log", |bytes| bytes[0] = b'?');
    assert_eq!(text(&disk, "log"), "?nt");
    assert!(disk.has_failed(), "damage is a reason to give up, even after a restart");
}
