//! The bytes of a stream are cut into the same messages in whatever pieces they come.

use sip::message::{Frame, Framer};

/// The first byte says how long the pieces are; the rest is the stream.
pub fn exercise(bytes: &[u8]) {
    let Some((&step, stream)) = bytes.split_first() else {
        return;
    };
    let whole = cut(stream, stream.len().max(1));
    let pieces = cut(stream, usize::from(step).max(1));
    assert_eq!(pieces, whole, "in pieces of {step}");
}

// What came out, and whether the stream broke at last.
fn cut(stream: &[u8], step: usize) -> (Vec<String>, bool) {
    let mut framer = Framer::new();
    let mut found = Vec::new();
    for piece in stream.chunks(step) {
        framer.push(piece);
        loop {
            match framer.poll() {
                Ok(Some(Frame::Message(message))) => {
                    found.push(format!("{:?}", message.as_bytes()))
                }
                Ok(Some(Frame::Refused(error))) => found.push(error.to_string()),
                Ok(Some(Frame::Ping)) => found.push("ping".to_owned()),
                Ok(Some(Frame::Pong)) => found.push("pong".to_owned()),
                Ok(None) => break,
                Err(_) => return (found, true),
            }
        }
    }
    (found, false)
}
