//! A disk that loses what was not synced, tears what was being written, and fails when told to.
//!
//! | what happens | what is left of a file |
//! |---|---|
//! | the machine crashes | what was synced, and perhaps a beginning of what was appended since |
//! | it crashes inside an append | the same, with any number of the bytes of that append |
//! | it crashes inside a replace | the old content or the new |
//! | the process ends, and the machine goes on | all that was written; a later crash may still lose it |
//! | a sync fails | what was not durable by then never will be, whatever a later sync says |
//!
//! A disk whose machine or process is down fails at every call, until it is started again.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;

use protocol::Disk;

use super::Trouble;

/// A simulated disk. Clones are the same disk: the server writes to one, the world keeps another and
/// decides what a crash leaves.
#[derive(Clone, Debug, Default)]
pub struct SimulatedDisk {
    state: Rc<RefCell<State>>,
}

#[derive(Clone, Debug, Default)]
struct State {
    files: BTreeMap<String, File>,
    /// What goes wrong after so many writes more.
    trouble: Option<(Trouble, u64)>,
    /// How many appends and replaces were asked of it.
    writes: u64,
    /// How often what is durable has changed.
    version: u64,
    /// Machine or process have gone down inside a write.
    down: bool,
    /// Something has failed since the server was started.
    failed: bool,
    /// What was written, if that is to be told.
    steps: Option<Vec<Step>>,
}

#[derive(Clone, Debug, Default)]
struct File {
    content: Vec<u8>,
    /// So many bytes of the content survive any crash.
    synced: usize,
    /// A sync has failed: what was not durable then never will be, whatever a later sync says.
    doomed: Option<usize>,
    /// Not what was written: somebody has changed it behind the server's back.
    damaged: bool,
}

/// A write, as somebody sees it who thinks of a crash inside of it.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// Its number among the writes of this disk, from 0.
    pub(crate) number: u64,
    /// The files as a crash would have left them before it, with all that was written by then.
    before: BTreeMap<String, Vec<u8>>,
    file: String,
    bytes: Vec<u8>,
    replaces: bool,
}

impl Step {
    /// So many points there are at which a crash could come: before each byte, and after the last.
    pub(crate) fn points(&self) -> usize {
        if self.replaces { 2 } else { self.bytes.len() + 1 }
    }

    /// How many bytes of it get onto the disk if the crash comes at this point.
    pub(crate) fn torn(&self, point: usize) -> usize {
        if self.replaces && point > 0 { self.bytes.len() } else { point }
    }

    /// The disk as a crash at this point leaves it.
    pub(crate) fn survivors(&self, point: usize) -> SimulatedDisk {
        let mut files = self.before.clone();
        let content = files.entry(self.file.clone()).or_default();
        match (self.replaces, point) {
            (true, 0) => {}
            (true, _) => content.clone_from(&self.bytes),
            (false, _) => content.extend_from_slice(&self.bytes[..point]),
        }
        SimulatedDisk::with_files(files)
    }
}

impl SimulatedDisk {
    /// An empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    /// A disk that holds these files, durably.
    pub fn with_files(files: BTreeMap<String, Vec<u8>>) -> Self {
        let file = |content: Vec<u8>| File { synced: content.len(), content, ..File::default() };
        let files = files.into_iter().map(|(name, content)| (name, file(content))).collect();
        SimulatedDisk { state: Rc::new(RefCell::new(State { files, ..State::default() })) }
    }

    /// What a server can read from it now.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let state = self.state.borrow();
        state.files.iter().map(|(name, file)| (name.clone(), file.content.clone())).collect()
    }

    /// A disk as a crash would leave this one, with at most `torn` bytes of each file that were not synced.
    #[must_use]
    pub fn survivors(&self, torn: usize) -> Self {
        let state = self.state.borrow();
        let left = |file: &File| file.content[..file.surviving(torn)].to_vec();
        Self::with_files(
            state.files.iter().map(|(name, file)| (name.clone(), left(file))).collect(),
        )
    }

    /// How many appends and replaces were asked of it.
    pub fn writes(&self) -> u64 {
        self.state.borrow().writes
    }

    /// A number that changes whenever what is durable changes.
    pub fn version(&self) -> u64 {
        self.state.borrow().version
    }

    /// Lets something go wrong the next time that it can.
    pub fn trouble(&self, trouble: Trouble) {
        self.trouble_after(trouble, 0);
    }

    /// Lets something go wrong, after so many writes that go well.
    pub fn trouble_after(&self, trouble: Trouble, writes: u64) {
        self.state.borrow_mut().trouble = Some((trouble, writes));
    }

    /// Whether machine or process have gone down inside a write.
    pub fn is_down(&self) -> bool {
        self.state.borrow().down
    }

    /// Whether somebody is told of its writes, or something is to go wrong: a server upon it may not come
    /// to the end of an event.
    pub(crate) fn is_watched(&self) -> bool {
        let state = self.state.borrow();
        state.steps.is_some() || state.trouble.is_some()
    }

    /// Whether it was changed behind the server's back.
    pub fn is_damaged(&self) -> bool {
        self.state.borrow().files.values().any(|file| file.damaged)
    }

    /// Whether a call has failed since the server was started, or the disk is damaged: then the server
    /// has a reason to give up.
    pub fn has_failed(&self) -> bool {
        self.state.borrow().failed || self.is_damaged()
    }

    /// What a crash leaves: of each file what was synced, and at most `torn` bytes more.
    pub fn crash(&self, torn: usize) {
        let mut state = self.state.borrow_mut();
        for file in state.files.values_mut() {
            let keep = file.surviving(torn);
            file.content.truncate(keep);
            file.synced = file.content.len();
            file.doomed = None;
        }
        state.version += 1;
    }

    /// A server is started upon it: it works again, as far as it is not damaged, and has room.
    pub fn start(&self) {
        let mut state = self.state.borrow_mut();
        state.trouble.take_if(|(trouble, _)| matches!(trouble, Trouble::Full { .. }));
        state.down = false;
        state.failed = false;
    }

    /// Nothing is to go wrong any more.
    pub fn mend(&self) {
        self.state.borrow_mut().trouble = None;
    }

    /// Changes what is on disk behind the server's back.
    pub fn damage(&self, file: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.state.borrow_mut();
        state.version += 1;
        let file = state.files.entry(file.to_owned()).or_default();
        change(&mut file.content);
        file.synced = file.content.len();
        file.damaged = true;
    }

    /// Tells of every write from now on.
    pub(crate) fn tell_steps(&self) {
        self.state.borrow_mut().steps = Some(Vec::new());
    }

    /// What was written since this was asked last.
    pub(crate) fn take_steps(&self) -> Vec<Step> {
        self.state.borrow_mut().steps.as_mut().map(std::mem::take).unwrap_or_default()
    }
}

impl File {
    /// So many bytes survive a crash that leaves at most `torn` of those that were not synced.
    fn surviving(&self, torn: usize) -> usize {
        let keep = self.doomed.unwrap_or(usize::MAX).min(self.synced.saturating_add(torn));
        keep.min(self.content.len())
    }
}

impl State {
    fn is_up(&self) -> io::Result<()> {
        if self.down { Err(io::Error::other("the machine is down")) } else { Ok(()) }
    }

    /// Begins a write; gives what goes wrong with it.
    fn begin(&mut self, file: &str, bytes: &[u8], replaces: bool) -> Option<Trouble> {
        let number = self.writes;
        self.writes += 1;
        if let Some(steps) = &mut self.steps {
            let content = |(name, file): (&String, &File)| (name.clone(), file.content.clone());
            let before = self.files.iter().map(content).collect();
            let (file, bytes) = (file.to_owned(), bytes.to_vec());
            steps.push(Step { number, before, file, bytes, replaces });
        }
        let due = self.trouble.take_if(|(trouble, after)| match trouble {
            Trouble::Full { written } => *after == 0 && (!replaces || bytes.len() > *written),
            Trouble::Write { .. } | Trouble::Crash { .. } | Trouble::Kill { .. } => *after == 0,
            Trouble::Sync { .. } => replaces && *after == 0,
            Trouble::Read => false,
        });
        if let Some((_, after)) = &mut self.trouble {
            *after = after.saturating_sub(1);
        }
        due.map(|(trouble, _)| trouble)
    }

    /// Fails since there is no more room than this; the next write will find no more.
    fn is_full(&mut self, room: usize) -> io::Result<()> {
        self.trouble = Some((Trouble::Full { written: room }, 0));
        self.failed = true;
        Err(io::Error::new(io::ErrorKind::StorageFull, "the disk is full"))
    }

    fn fail(&mut self, why: &str) -> io::Result<()> {
        self.failed = true;
        Err(io::Error::other(format!("the disk failed: {why}")))
    }
}

impl Disk for SimulatedDisk {
    fn read(&self, file: &str) -> io::Result<Vec<u8>> {
        let mut state = self.state.borrow_mut();
        state.is_up()?;
        if state
            .trouble
            .take_if(|(trouble, after)| *trouble == Trouble::Read && *after == 0)
            .is_some()
        {
            state.fail("it cannot be read")?;
        }
        Ok(state.files.get(file).map(|file| file.content.clone()).unwrap_or_default())
    }

    fn append(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state.borrow_mut();
        state.is_up()?;
        let trouble = state.begin(file, bytes, false);
        let written = match trouble {
            None => bytes.len(),
            Some(Trouble::Full { written } | Trouble::Write { written }) => written,
            Some(Trouble::Crash { torn } | Trouble::Kill { torn }) => torn,
            Some(Trouble::Sync { .. } | Trouble::Read) => 0,
        };
        let content = &mut state.files.entry(file.to_owned()).or_default().content;
        content.extend_from_slice(&bytes[..written.min(bytes.len())]);
        match trouble {
            None => Ok(()),
            Some(Trouble::Full { written }) if bytes.len() <= written => {
                state.trouble = Some((Trouble::Full { written: written - bytes.len() }, 0));
                Ok(())
            }
            Some(Trouble::Full { .. }) => state.is_full(0),
            Some(Trouble::Crash { .. }) => {
                state.down = true;
                drop(state);
                self.crash(usize::MAX);
                Err(io::Error::other("the machine crashed"))
            }
            Some(Trouble::Kill { .. }) => {
                state.down = true;
                Err(io::Error::other("the process was ended"))
            }
            Some(Trouble::Write { .. } | Trouble::Sync { .. } | Trouble::Read) => {
                state.fail("it cannot write")
            }
        }
    }

    fn sync(&mut self, file: &str) -> io::Result<()> {
        let mut state = self.state.borrow_mut();
        state.is_up()?;
        let is_sync = |(trouble, _): &mut (Trouble, u64)| matches!(trouble, Trouble::Sync { .. });
        let trouble = state.trouble.take_if(is_sync);
        state.version += 1;
        let file = state.files.entry(file.to_owned()).or_default();
        if let Some((Trouble::Sync { written }, _)) = trouble {
            let durable = file.surviving(written);
            file.synced = durable;
            file.doomed.get_or_insert(durable);
            return state.fail("it cannot promise to keep what was written");
        }
        file.synced = file.content.len();
        Ok(())
    }

    fn replace(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state.borrow_mut();
        state.is_up()?;
        let trouble = state.begin(file, bytes, true);
        let down = match trouble {
            Some(Trouble::Write { .. } | Trouble::Sync { .. }) => {
                return state.fail("it cannot write");
            }
            Some(Trouble::Full { written }) => return state.is_full(written),
            Some(Trouble::Crash { torn } | Trouble::Kill { torn }) => {
                state.down = true;
                Some(torn)
            }
            _ => None,
        };
        if down.is_none_or(|torn| torn >= bytes.len()) {
            state.version += 1;
            let new = File { content: bytes.to_vec(), synced: bytes.len(), ..File::default() };
            state.files.insert(file.to_owned(), new);
        }
        match trouble {
            Some(Trouble::Crash { .. }) => {
                drop(state);
                self.crash(0);
                Err(io::Error::other("the machine crashed"))
            }
            Some(Trouble::Kill { .. }) => Err(io::Error::other("the process was ended")),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(text(&disk, "log"), "keptlo", "what a crash left is on disk");
    }

    #[test]
    fn a_process_that_ends_leaves_what_it_wrote_to_a_later_crash() {
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
    fn a_sync_that_failed_is_not_mended_by_one_that_succeeds() {
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
    fn every_point_of_every_write_is_told() {
        let mut disk = SimulatedDisk::new();
        disk.tell_steps();
        disk.append("log", b"ab").unwrap();
        disk.sync("log").unwrap();
        disk.replace("log", b"xyz").unwrap();
        let steps = disk.take_steps();
        let all = steps.iter().flat_map(|step| (0..step.points()).map(move |at| (step, at)));
        let left: Vec<_> = all.map(|(step, at)| text(&step.survivors(at), "log")).collect();
        assert_eq!(left, ["", "a", "ab", "ab", "xyz"]);
        assert_eq!((steps[1].number, steps[1].torn(1)), (1, 3));
        assert!(disk.take_steps().is_empty());
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
    fn a_failing_append_writes_as_much_as_it_was_told() {
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
        assert!(disk.has_failed(), "damage is a reason to give up, also for who comes back");
    }
}
