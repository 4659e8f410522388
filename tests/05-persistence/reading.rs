//! Exercise 5.3: reading a log back.

use gates::{Check, Checks, Context, Verdict};

use super::servers::{all_words, life};
use super::subject::{Record, encode, frame, read_records};

const WHOLE: &str = "Figure 2, State: what was written comes back, in the order of writing.";
const TORN: &str = "Figure 2: storage is updated \"before responding\". What a crash has torn was never synced, so no other server has learned of it; everything before it counts.";
const DAMAGED: &str = "§5.2, §5.3: others count on votes and entries that this server has promised. If a record is \
     damaged, nobody knows any more what they were: a server that goes on without them may break its word.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("5.3")
        .about("read_records")
        .claims([
            ("All records are read, in order", WHOLE, all),
            ("A new file has no records", WHOLE, empty),
            ("Wherever a crash has cut the file, the records before it are read", TORN, cut),
            ("Every flipped bit of a file is noticed", DAMAGED, flipped),
            ("The error says at which byte the damage begins", DAMAGED, placed),
            ("A whole frame that holds no record is an error", DAMAGED, strange),
        ])
        .list()
}

/// The records as a file, and where each begins.
fn file(records: &[Record]) -> (Vec<u8>, Vec<usize>) {
    let mut bytes = Vec::new();
    let mut begins = Vec::new();
    for record in records {
        begins.push(bytes.len());
        bytes.extend(frame(&encode(record)));
    }
    (bytes, begins)
}

/// What was read, in words.
fn read(bytes: &[u8]) -> String {
    match read_records(bytes) {
        Ok((records, used)) => told(&records, used),
        Err(error) => format!("error: {error}"),
    }
}

fn told(records: &[Record], used: usize) -> String {
    if records.is_empty() {
        return format!("no records in {used} bytes");
    }
    format!("{} records in {used} bytes\n{}", records.len(), all_words(records))
}

fn all(check: &mut Context) -> Verdict {
    let records = life();
    for count in 1..=records.len() {
        let (bytes, _) = file(&records[..count]);
        check.step(format!("read a file of {count} records"));
        check.same_text("read", &read(&bytes), &told(&records[..count], bytes.len()))?;
    }
    Ok(())
}

fn empty(check: &mut Context) -> Verdict {
    check.step("read an empty file");
    check.same_text("read", &read(b""), &told(&[], 0))
}

fn cut(check: &mut Context) -> Verdict {
    let records = life();
    let (bytes, begins) = file(&records);
    for length in 0..bytes.len() {
        // This many records are whole, and end there.
        let whole = begins[1..].iter().filter(|&&end| end <= length).count();
        check.step(format!(
            "read the first {length} bytes of a file of 4 records, which begin at bytes {begins:?}"
        ));
        check.same_text(
            "read",
            &read(&bytes[..length]),
            &told(&records[..whole], begins[whole]),
        )?;
    }
    Ok(())
}

fn flipped(check: &mut Context) -> Verdict {
    let (bytes, begins) = file(&life());
    for bit in 0..bytes.len() * 8 {
        let mut bytes = bytes.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let (byte, bit) = (bit / 8, bit % 8);
        check.step(format!(
            "read a file of 4 records, which begin at bytes {begins:?}; bit {bit} of byte {byte} is flipped"
        ));
        if let Ok((records, used)) = read_records(&bytes) {
            return Err(check.failure("an error", told(&records, used)));
        }
    }
    Ok(())
}

fn placed(check: &mut Context) -> Verdict {
    let (bytes, begins) = file(&life());
    for &begin in &begins {
        let mut bytes = bytes.clone();
        bytes[begin] ^= 1;
        check.step(format!(
            "read a file of 4 records, of which the one that begins at byte {begin} is damaged"
        ));
        let error = read(&bytes);
        let names =
            error.split(|c: char| !c.is_ascii_digit()).any(|word| word == begin.to_string());
        check.holds(names, format!("an error that names byte {begin}"), error)?;
    }
    Ok(())
}

fn strange(check: &mut Context) -> Verdict {
    let (good, _) = file(&life()[..1]);
    for payload in [&b""[..], b"?", &[0; 40]] {
        let bytes = [good.clone(), frame(payload)].concat();
        check.step(format!(
            "read a file of a record, and a frame around {} other bytes",
            payload.len()
        ));
        if let Ok((records, used)) = read_records(&bytes) {
            return Err(check.failure("an error", told(&records, used)));
        }
    }
    Ok(())
}
