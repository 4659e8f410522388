//! How fast servers come back: crash points a second, and megabytes a second that are appended with a sync
//! each, and read back, on a real folder. `cargo bench -p bugs --bench disks`; with `--features
//! beside-raft-engine` the crate `raft-engine` does the same with the same entries. Figures are in
//! `docs/performance.md`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use data_model::{RaftNode, Rules};
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use persistence::{LOG, recover, save};
use protocol::{Config, Directory, Disk, Entry, KeyValue, ServerId, Setup, Term};
use replication::LogEdit as _;
use simulator::SimulatedDisk;

static RULES: Rules = persistence::RULES;

/// This many entries are appended, each by itself, and each synced.
const APPENDED: u64 = 100;

/// This many bytes of entries are read back.
const RECOVERED: usize = 32 << 20;

fn main() {
    divan::main();
}

fn server(disk: impl Disk + 'static) -> RaftNode {
    let setup = Setup {
        id: ServerId(1),
        members: [ServerId(1)].into(),
        config: Config::default(),
        seed: 1,
        disk: Box::new(disk),
        machine: Box::new(KeyValue::new()),
    };
    RaftNode::new(setup, &RULES)
}

fn command(size: usize) -> String {
    "x".repeat(size)
}

/// A folder that is gone when the bench is over.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-{number}"));
        let _ = fs::remove_dir_all(&path);
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A server is started at every byte at which a log of 6 KB may have been torn.
#[divan::bench]
fn crash_points(bencher: Bencher) {
    let disk = SimulatedDisk::new();
    let mut node = server(disk.clone());
    let mut number = 0;
    while disk.read(LOG).expect("it works").len() < 6_000 {
        number += 1;
        node.current_term = Term(1 + number / 20);
        node.log.append(Entry::command(
            node.current_term,
            format!("set key{number} {number}").as_str(),
        ));
        save(&mut node).expect("it works");
    }
    let log = disk.read(LOG).expect("it works");
    bencher.counter(ItemsCount::new(log.len())).bench_local(|| {
        for length in 0..log.len() {
            let torn = SimulatedDisk::with_files([(LOG.to_owned(), log[..length].to_vec())].into());
            recover(&mut server(torn)).expect("a torn log is no reason to give up");
        }
    });
}

/// Entries of this many bytes, each saved with one write and one sync.
#[divan::bench(args = [100, 4_096, 65_536], sample_count = 10, sample_size = 1)]
fn append(bencher: Bencher, size: usize) {
    bencher
        .counter(BytesCount::new(APPENDED * size as u64))
        .with_inputs(|| {
            let folder = Folder::new();
            let node = server(Directory::open(&folder.0).expect("the folder can be made"));
            (node, folder)
        })
        .bench_local_values(|(mut node, folder)| {
            for _ in 0..APPENDED {
                node.log.append(Entry::command(Term(1), command(size).as_str()));
                save(&mut node).expect("it works");
            }
            (node, folder)
        });
}

/// A log with entries of this many bytes is read back.
#[divan::bench(args = [100, 4_096, 65_536], sample_count = 10, sample_size = 1)]
fn recovery(bencher: Bencher, size: usize) {
    let folder = Folder::new();
    {
        let mut node = server(Directory::open(&folder.0).expect("the folder can be made"));
        let mut left = RECOVERED / size;
        while left > 0 {
            let some = left.min(1_000);
            for _ in 0..some {
                node.log.append(Entry::command(Term(1), command(size).as_str()));
            }
            save(&mut node).expect("it works");
            left -= some;
        }
    }
    bencher.counter(BytesCount::new(RECOVERED / size * size)).bench_local(|| {
        let mut node = server(Directory::open(&folder.0).expect("it is there"));
        recover(&mut node).expect("it works");
        assert_eq!(node.log.last_index().0, (RECOVERED / size) as u64);
        node
    });
}

#[cfg(feature = "beside-raft-engine")]
mod beside_raft_engine {
    use divan::Bencher;
    use divan::counter::BytesCount;
    use raft::eraftpb::Entry;
    use raft_engine::{Config, Engine, LogBatch, MessageExt};

    use super::{APPENDED, Folder, RECOVERED, command};

    struct Entries;

    impl MessageExt for Entries {
        type Entry = Entry;
        fn index(entry: &Entry) -> u64 {
            entry.index
        }
    }

    fn open(folder: &Folder) -> Engine {
        let dir = folder.0.to_string_lossy().into_owned();
        Engine::open(Config { dir, ..Config::default() }).expect("the folder can be opened")
    }

    fn entry(index: u64, size: usize) -> Entry {
        Entry { index, term: 1, data: command(size).into_bytes().into(), ..Entry::default() }
    }

    fn write(engine: &Engine, entries: &[Entry]) {
        let mut batch = LogBatch::default();
        batch.add_entries::<Entries>(1, entries).expect("they fit");
        engine.write(&mut batch, true).expect("it works");
    }

    #[divan::bench(args = [100, 4_096, 65_536], sample_count = 10, sample_size = 1)]
    fn append(bencher: Bencher, size: usize) {
        bencher
            .counter(BytesCount::new(APPENDED * size as u64))
            .with_inputs(|| {
                let folder = Folder::new();
                (open(&folder), folder)
            })
            .bench_local_values(|(engine, folder)| {
                for index in 1..=APPENDED {
                    write(&engine, &[entry(index, size)]);
                }
                (engine, folder)
            });
    }

    #[divan::bench(args = [100, 4_096, 65_536], sample_count = 10, sample_size = 1)]
    fn recovery(bencher: Bencher, size: usize) {
        let folder = Folder::new();
        let count = (RECOVERED / size) as u64;
        {
            let engine = open(&folder);
            let all: Vec<Entry> = (1..=count).map(|index| entry(index, size)).collect();
            all.chunks(1_000).for_each(|some| write(&engine, some));
        }
        bencher.counter(BytesCount::new(RECOVERED / size * size)).bench_local(|| {
            let engine = open(&folder);
            let mut entries = Vec::new();
            engine
                .fetch_entries_to::<Entries>(1, 1, count + 1, None, &mut entries)
                .expect("they are there");
            assert_eq!(entries.len() as u64, count);
            entries
        });
    }
}
