//! What errors of the network quote of a request of ours: how it began, as far as a router keeps it (RFC 1812 §4.3.2.3).

use crate::message::MAGIC_COOKIE;

/// Returns the number in the branch of a request that begins so, and whether it is a CANCEL; none of a response, whose branch is
/// not ours.
pub(super) fn branch(quoted: &[u8]) -> Option<(u64, bool)> {
    let text = String::from_utf8_lossy(quoted);
    let mut lines = text.split("\r\n");
    let start = lines.next().filter(|line| !line.starts_with("SIP/2.0 "))?;
    let via = lines.find(|line| line.starts_with("Via:"))?;
    let (_, branch) = via.split_once(";branch=")?;
    let digits = branch.strip_prefix(MAGIC_COOKIE)?.get(..16)?;
    let number = u64::from_str_radix(digits, 16).ok()?;
    Some((number, start.starts_with("CANCEL ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_known_by_the_branch_of_its_first_via_as_soon_as_that_is_whole() {
        let via = "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK00000000000000ff";
        let whole =
            format!("INVITE sip:7;branch=z9hG4bK0@192.0.2.2 SIP/2.0\r\n{via};rport\r\nMax-For");

        assert_eq!(branch(whole.as_bytes()), Some((255, false)));
        let cancel = whole.replace("INVITE", "CANCEL");
        assert_eq!(branch(cancel.as_bytes()), Some((255, true)));
        let end = whole.find(";rport").unwrap();
        for cut in 0..whole.len() {
            let known = (cut >= end).then_some((255, false));
            assert_eq!(branch(&whole.as_bytes()[..cut]), known, "{cut}");
        }
    }

    #[test]
    fn nothing_is_known_by_what_is_no_request_of_ours() {
        for text in [
            "",
            "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK00000000000000ff\r\n",
            "BYE sip:192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060\r\n",
            "BYE sip:192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=00000000000000ff\r\n",
            "BYE sip:192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKwhat-it-is-now\r\n",
        ] {
            assert_eq!(branch(text.as_bytes()), None, "{text}");
        }
        assert_eq!(branch(&[0xff; 40]), None);
    }
}
