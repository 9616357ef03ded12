//! A body of two parts: a session description and metadata (RFC 2046 §5.1, RFC 7866 §9.1).

use bytes::Bytes;

/// The type of metadata.
pub const METADATA: &str = "application/rs-metadata+xml";
/// What it is for (RFC 7866 §9.1), for Content-Disposition.
pub const RECORDING_SESSION: &str = "recording-session";

// A line of neither part can be this: those of a description have a letter and `=` first, those of metadata `<` or a space.
const DELIMITER: &str = "--tandem-recording-session";
const MULTIPART: &str = "multipart/mixed;boundary=tandem-recording-session";
const SDP: &str = "application/sdp";

/// Writes both parts.
pub fn body(sdp: &[u8], metadata: &str) -> Bytes {
    let mut out = Vec::with_capacity(sdp.len() + metadata.len() + 256);
    let mut part = |kind: &str, disposition: &str, content: &[u8]| {
        let head = format!(
            "{DELIMITER}\r\nContent-Type: {kind}\r\nContent-Disposition: {disposition}\r\n\r\n"
        );
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(content);
        // RFC 2046 §5.1.1: the line end before a boundary belongs to the boundary.
        out.extend_from_slice(b"\r\n");
    };
    part(SDP, "session;handling=required", sdp);
    part(METADATA, RECORDING_SESSION, metadata.as_bytes());
    out.extend_from_slice(format!("{DELIMITER}--\r\n").as_bytes());
    Bytes::from(out)
}

/// Returns the metadata in a body of ours.
pub fn metadata_of(body: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(body).ok()?;
    // What is said in a part may hold the delimiter's characters, but not at the begin of a line.
    let delimiter = format!("\r\n{DELIMITER}");
    let part = text.split(&delimiter).nth(1)?;
    Some(part.split_once("\r\n\r\n")?.1)
}

/// Tells whether a body of ours has both parts.
pub fn is_whole(body: &[u8]) -> bool {
    body.starts_with(DELIMITER.as_bytes())
}

/// Returns what a body of ours is: one of [`body`], or a session description alone.
pub fn content_type(body: &[u8]) -> &'static str {
    if is_whole(body) { MULTIPART } else { SDP }
}
