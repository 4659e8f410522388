//! Exercise 5.2: torn or damaged.

use gates::{Check, Checks, Context, Verdict};

use super::subject::{ParsedFrame, frame, next_frame};

const FRAME: &str = "Figure 2's state is written piece by piece, one behind the other. A reader must find where each piece ends.";
const TORN: &str = "A crash inside a write leaves a beginning of it, of any length. Storage is updated \"before \
     responding\" (Figure 2): no other server has learned of that piece, so it may be dropped.";
const DAMAGED: &str = "What was whole may have been answered (Figure 2, §5.2, §5.3). If its bytes are others now, \
     it must not count as correct, and must not be dropped either.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("5.2")
        .each([
            ("next_frame", "A frame returns its payload, and what follows it", FRAME, whole),
            ("next_frame", "No bytes are the end, and not a torn frame", FRAME, end),
            ("next_frame", "Every beginning of a frame is torn", TORN, torn),
            ("next_frame", "Every flipped bit of a frame is damage", DAMAGED, flipped),
            (
                "next_frame",
                "A flipped bit is damage even if other frames follow",
                DAMAGED,
                followed,
            ),
            ("next_frame", "Bytes that nobody wrote are no frame", DAMAGED, strangers),
        ])
        .list()
}

/// Payloads of several lengths; one looks like a frame itself.
fn payloads() -> Vec<Vec<u8>> {
    let long: Vec<u8> = (0..=255).cycle().take(700).collect();
    vec![b"x".to_vec(), b"set x 1".to_vec(), vec![0; 12], frame(b"within"), long, Vec::new()]
}

fn words(next: &ParsedFrame<'_>) -> String {
    match next {
        ParsedFrame::End => "the end".to_owned(),
        ParsedFrame::Torn => "a torn frame".to_owned(),
        ParsedFrame::Damaged => "a damaged frame".to_owned(),
        ParsedFrame::Frame { payload, rest } => {
            format!("a frame with {} bytes in it, and {} bytes after it", payload.len(), rest.len())
        }
    }
}

fn is(check: &Context, bytes: &[u8], expected: &ParsedFrame<'_>) -> Verdict {
    let next = next_frame(bytes);
    check.same_text("it is", &words(&next), &words(expected))?;
    check.holds(next == *expected, "the bytes that were put in", "other bytes")
}

fn whole(check: &mut Context) -> Verdict {
    for payload in payloads() {
        for rest in [&b""[..], b"?", &frame(b"next")] {
            let bytes = [&frame(&payload), rest].concat();
            let (length, more) = (payload.len(), rest.len());
            check.step(format!("read a frame around {length} bytes, with {more} bytes behind it"));
            is(check, &bytes, &ParsedFrame::Frame { payload: &payload, rest })?;
        }
    }
    Ok(())
}

fn end(check: &mut Context) -> Verdict {
    check.step("read a frame from no bytes");
    is(check, b"", &ParsedFrame::End)
}

fn torn(check: &mut Context) -> Verdict {
    for payload in payloads() {
        let bytes = frame(&payload);
        for length in 1..bytes.len() {
            check.step(format!(
                "read the first {length} of {} bytes of a frame around {} bytes",
                bytes.len(),
                payload.len()
            ));
            is(check, &bytes[..length], &ParsedFrame::Torn)?;
        }
    }
    Ok(())
}

fn flip_each(check: &mut Context, payload: &[u8], behind: &[u8]) -> Verdict {
    let bytes = frame(payload);
    for bit in 0..bytes.len() * 8 {
        let mut bytes = [&bytes, behind].concat();
        bytes[bit / 8] ^= 1 << (bit % 8);
        check.step(format!(
            "read a frame around {} bytes, of which bit {} of byte {} is flipped, with {} bytes behind it",
            payload.len(),
            bit % 8,
            bit / 8,
            behind.len()
        ));
        is(check, &bytes, &ParsedFrame::Damaged)?;
    }
    Ok(())
}

fn flipped(check: &mut Context) -> Verdict {
    payloads().iter().try_for_each(|payload| flip_each(check, payload, b""))
}

fn followed(check: &mut Context) -> Verdict {
    let behind = [frame(b"next"), frame(&[7; 300])].concat();
    payloads().iter().try_for_each(|payload| flip_each(check, payload, &behind))
}

fn strangers(check: &mut Context) -> Verdict {
    // Zeros are what a file may hold where nothing was ever written; all ones claim four gigabytes.
    for byte in [0, 1, 0x7f, u8::MAX] {
        let bytes = [byte; 100];
        check.step(format!("read a frame from a hundred bytes {byte}"));
        is(check, &bytes, &ParsedFrame::Damaged)?;
    }
    Ok(())
}
