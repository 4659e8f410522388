//! Exercise 5.1: a record as bytes.

use gates::{Check, Checks, Context, Verdict};

use super::servers::{life, words};
use super::subject::{VERSION, decode, encode};

const PERSISTENT: &str = "Figure 2, \"persistent state on all servers\": currentTerm, votedFor and log[]. What \
     comes back from the disk must be what was written, to the last bit.";
const VERSIONED: &str = "A disk outlives the program that wrote to it. A later one may write other records: \
     the first byte tells which.";
const WRONG: &str = "Figure 2's state is what others count on. Bytes that are not a record hold none of it, \
     and a guess at them would be a promise that nobody gave.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("5.1")
        .each([
            ("encode", "A record begins with its version", VERSIONED, begins),
            ("encode", "A record that is written and read is the same", PERSISTENT, round),
            (
                "decode",
                "A record of another version is rejected, and the error names both",
                VERSIONED,
                other,
            ),
            ("decode", "No bytes at all are not a record", WRONG, none),
            ("decode", "A record without its end is rejected", WRONG, cut),
            ("decode", "A record with bytes too many is rejected", WRONG, more),
        ])
        .list()
}

fn round(check: &mut Context) -> Verdict {
    for record in life() {
        check.step(format!("write and read: {}", words(&record)));
        let read = decode(&encode(&record));
        let read = read.map_or_else(|error| format!("error: {error}"), |read| words(&read));
        check.same_text("the record", &read, &words(&record))?;
    }
    Ok(())
}

fn begins(check: &mut Context) -> Verdict {
    for record in life() {
        check.step(format!("write: {}", words(&record)));
        check.equal("the first byte", encode(&record).first().copied(), Some(VERSION))?;
    }
    Ok(())
}

/// These bytes must be rejected.
fn refused(check: &Context, bytes: &[u8]) -> Result<String, Box<gates::Failure>> {
    match decode(bytes) {
        Err(error) => Ok(error.to_string()),
        Ok(record) => Err(check.failure("an error", format!("a record: {}", words(&record)))),
    }
}

fn other(check: &mut Context) -> Verdict {
    let good = encode(&life()[1]);
    for version in (0..=u8::MAX).filter(|&version| version != VERSION) {
        let mut bytes = good.clone();
        bytes[0] = version;
        check.step(format!("read a record whose first byte is {version}"));
        let error = refused(check, &bytes)?;
        let names = |number: u8| {
            error.split(|c: char| !c.is_ascii_digit()).any(|word| word == number.to_string())
        };
        let expected =
            format!("an error that names version {version}, and {VERSION}, which can be read");
        check.holds(names(version) && names(VERSION), expected, format!("the error: {error}"))?;
    }
    Ok(())
}

fn none(check: &mut Context) -> Verdict {
    check.step("read a record from no bytes");
    refused(check, &[]).map(|_| ())
}

fn cut(check: &mut Context) -> Verdict {
    for record in life() {
        let bytes = encode(&record);
        for length in 1..bytes.len() {
            check.step(format!(
                "read the first {length} of {} bytes of: {}",
                bytes.len(),
                words(&record)
            ));
            refused(check, &bytes[..length])?;
        }
    }
    Ok(())
}

fn more(check: &mut Context) -> Verdict {
    for record in life() {
        for extra in [0, 1, VERSION, u8::MAX] {
            check.step(format!("read, with a byte {extra} behind it: {}", words(&record)));
            let mut bytes = encode(&record);
            bytes.push(extra);
            refused(check, &bytes)?;
        }
    }
    Ok(())
}
