//! What can be told of a message before it is read.

use memchr::memmem;

/// Tells whether these bytes look like an INVITE outside of any dialog: one that would begin a call. A wrong guess changes
/// when a message is read and nothing else.
pub fn begins_call(bytes: &[u8]) -> bool {
    if !bytes.starts_with(b"INVITE ") {
        return false;
    }
    let head = memmem::find(bytes, b"\r\n\r\n").map_or(bytes, |end| &bytes[..end]);
    let mut lines = head.split(|&byte| byte == b'\n').skip(1);
    lines.find_map(to).is_some_and(|to| !has_tag(to))
}

// The value of a To header field (RFC 3261 §20.39, compact form §7.3.3).
fn to(line: &[u8]) -> Option<&[u8]> {
    let colon = memchr::memchr(b':', line)?;
    let name = line[..colon].trim_ascii();
    (name.eq_ignore_ascii_case(b"to") || name.eq_ignore_ascii_case(b"t"))
        .then(|| &line[colon + 1..])
}

fn has_tag(to: &[u8]) -> bool {
    let mut parts = to.split(|&byte| byte == b';').skip(1);
    parts.any(|part| {
        let part = part.trim_ascii();
        part.len() > 3 && part[..3].eq_ignore_ascii_case(b"tag")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_invite_without_a_tag_in_to_begins_a_call() {
        let message = |first: &str, to: &str| {
            format!("{first} sip:a@b SIP/2.0\r\nFrom: <sip:c@d>;tag=1\r\n{to}\r\n\r\nv=0")
        };
        let told = |first, to| begins_call(message(first, to).as_bytes());

        assert!(told("INVITE", "To: <sip:a@b>"));
        assert!(told("INVITE", "t:<sip:a@b>;x=tag"));
        assert!(!told("INVITE", "To: <sip:a@b>;tag=2"));
        assert!(!told("INVITE", "TO : Ann <sip:a@b> ; x=y ; Tag = 2"));
        assert!(!told("BYE", "To: <sip:a@b>;tag=2"));
        assert!(!told("OPTIONS", "To: <sip:a@b>"));
        assert!(!begins_call(b"INVITE sip:a@b SIP/2.0\r\n\r\nTo: <sip:a@b>"));
        assert!(!begins_call(b""));
    }
}
