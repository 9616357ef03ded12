//! Bodies of several parts (RFC 2046 §5.1, RFC 5621), such as a session description beside ISUP (RFC 3204).

use bytes::Bytes;

use super::header::Header;
use super::message::Message;
use super::params::Params;

/// How many parts of one body are read; one of more is not understood.
const MOST_PARTS: usize = 16;
/// How deep parts may have parts.
const DEEPEST: usize = 3;
/// RFC 2046 §5.1.1.
const LONGEST_BOUNDARY: usize = 70;
const SDP: &str = "application/sdp";

impl Message {
    /// Returns the session description in the body: all of it, or the first of its parts that is one; of alternatives the
    /// last, which is the best (RFC 2046 §5.1.4).
    pub fn description(&self) -> Option<Bytes> {
        let body = self.body();
        let whole = Entity::of(self, &body);
        let found = whole.description(DEEPEST).filter(|it| !it.is_empty())?;
        Some(body.slice_ref(found))
    }

    /// Whether all that the body says must be understood is (RFC 5621 §8.1): session descriptions, and what is `known` by
    /// its `type/subtype` in lower case. An empty body is.
    pub fn is_understood(&self, known: impl Fn(&str) -> bool) -> bool {
        let body = self.body();
        body.is_empty() || Entity::of(self, &body).is_understood(&known, DEEPEST)
    }
}

/// A body, or a part of one.
#[derive(Debug, Default)]
struct Entity<'a> {
    kind: String,
    disposition: String,
    /// Whether its content must be decoded first, which is not done.
    encoded: bool,
    content: &'a [u8],
}

impl<'a> Entity<'a> {
    // Who encodes the body as a whole is told so apart.
    fn of(message: &Message, content: &'a [u8]) -> Self {
        let text = |header| message.header(header).unwrap_or_default().to_owned();
        Self {
            kind: text(Header::ContentType),
            disposition: text(Header::ContentDisposition),
            encoded: false,
            content,
        }
    }

    fn of_part(part: &'a [u8]) -> Self {
        let mut entity = Self::default();
        let mut at = 0;
        let mut head = String::new();
        for line in part.split_inclusive(|&byte| byte == b'\n') {
            at += line.len();
            if line.trim_ascii().is_empty() {
                break;
            }
            // RFC 2045 §2.3: the heads of parts may be folded too.
            let goes_on = line.starts_with(b" ") || line.starts_with(b"\t");
            if !goes_on {
                entity.take(&std::mem::take(&mut head));
            }
            head.push_str(&String::from_utf8_lossy(line.trim_ascii_end()));
        }
        entity.take(&head);
        entity.content = &part[at..];
        entity
    }

    fn take(&mut self, line: &str) {
        let Some((name, value)) = line.split_once(':') else {
            return;
        };
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        match name.as_str() {
            "content-type" | "c" => value.clone_into(&mut self.kind),
            "content-disposition" => value.clone_into(&mut self.disposition),
            "content-encoding" | "e" | "content-transfer-encoding" => {
                let plain = ["7bit", "8bit", "binary", "identity"];
                self.encoded |= !plain.iter().any(|it| it.eq_ignore_ascii_case(value));
            }
            _ => {}
        }
    }

    fn description(&self, deepest: usize) -> Option<&'a [u8]> {
        let kind = media_type(&self.kind);
        if kind == SDP {
            return self.is_session().then_some(self.content);
        }
        let parts = self.parts(&kind, deepest)?;
        let mut found = parts
            .iter()
            .filter_map(|part| part.description(deepest - 1));
        match kind == "multipart/alternative" {
            true => found.next_back(),
            false => found.next(),
        }
    }

    fn is_understood(&self, known: &dyn Fn(&str) -> bool, deepest: usize) -> bool {
        let kind = media_type(&self.kind);
        if self.is_optional() || kind == SDP && self.is_session() {
            return true;
        }
        if known(&kind) && !self.encoded {
            return true;
        }
        let Some(parts) = self.parts(&kind, deepest) else {
            return false;
        };
        let mut each = parts
            .iter()
            .map(|part| part.is_understood(known, deepest - 1));
        match kind.as_str() {
            // RFC 5621 §4: one of them is what the sender means, or the others belong to it.
            "multipart/alternative" | "multipart/related" => each.any(|understood| understood),
            _ => each.all(|understood| understood),
        }
    }

    // RFC 3959 §3: what is said of an early session is not said of the session.
    fn is_session(&self) -> bool {
        !self.encoded && media_type(&self.disposition) != "early-session"
    }

    // RFC 3261 §20.11: what is not said to be optional is required.
    fn is_optional(&self) -> bool {
        let handling = params(&self.disposition).unquoted("handling");
        handling.is_some_and(|handling| handling.eq_ignore_ascii_case("optional"))
    }

    fn parts(&self, kind: &str, deepest: usize) -> Option<Vec<Self>> {
        if deepest == 0 || self.encoded || !kind.starts_with("multipart/") {
            return None;
        }
        let boundary = params(&self.kind).unquoted("boundary")?;
        if boundary.is_empty() || boundary.len() > LONGEST_BOUNDARY {
            return None;
        }
        let parts = cut(self.content, &boundary)?;
        Some(parts.into_iter().map(Self::of_part).collect())
    }
}

// What stands before the first boundary and behind the last means nothing. A last boundary that is missing is the end.
fn cut<'a>(content: &'a [u8], boundary: &str) -> Option<Vec<&'a [u8]>> {
    let delimiter = format!("--{boundary}");
    let (mut parts, mut begun, mut at, mut closed) = (Vec::new(), None, 0, false);
    for line in content.split_inclusive(|&byte| byte == b'\n') {
        let (start, end) = (at, at + line.len());
        at = end;
        let Some(rest) = line.strip_prefix(delimiter.as_bytes()) else {
            continue;
        };
        let rest = rest.trim_ascii_end();
        if !matches!(rest, b"" | b"--") {
            continue;
        }
        if let Some(from) = begun.replace(end) {
            parts.push(without_line_end(&content[from..start]));
        }
        closed = rest == b"--";
        if closed || parts.len() > MOST_PARTS {
            break;
        }
    }
    if let (Some(from), false) = (begun, closed) {
        parts.push(&content[from..]);
    }
    (1..=MOST_PARTS).contains(&parts.len()).then_some(parts)
}

// RFC 2046 §5.1.1: the line end before a boundary belongs to the boundary.
fn without_line_end(part: &[u8]) -> &[u8] {
    let part = part.strip_suffix(b"\n").unwrap_or(part);
    part.strip_suffix(b"\r").unwrap_or(part)
}

fn media_type(value: &str) -> String {
    let kind = value.split(';').next().unwrap_or(value);
    kind.trim().to_ascii_lowercase()
}

fn params(value: &str) -> Params<'_> {
    Params(value.find(';').map_or("", |at| &value[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: &str = "Content-Type: application/sdp\r\n\r\nv=0\r\n";
    const ISUP: &str = "Content-Type: application/isup;version=itu-t92+\r\n";
    const OPTIONAL: &str = "Content-Disposition: signal ; handling = Optional\r\n";

    fn message(kind: &str, body: &str) -> Message {
        let text = format!(
            "INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 7\r\n\
             CSeq: 4 INVITE\r\nContact: <sip:a@b>\r\n{kind}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        Message::parse(Bytes::from(text)).unwrap()
    }

    fn parts(subtype: &str, parts: &[&str]) -> Message {
        let kind = format!("Content-Type: multipart/{subtype};boundary=\"x y\"\r\n");
        message(&kind, &body("x y", parts))
    }

    fn body(boundary: &str, parts: &[&str]) -> String {
        let parts = parts.iter();
        let all = parts.fold("preamble\r\n".to_owned(), |all, part| {
            format!("{all}--{boundary}\r\n{part}\r\n")
        });
        format!("{all}--{boundary}--\r\nepilogue")
    }

    fn isup(more: &str) -> String {
        format!("{ISUP}{more}\r\n\u{1}\u{0}")
    }

    #[test]
    fn the_description_among_parts_is_found_and_what_is_required_beside_it_is_missed() {
        let (optional, required) = (isup(OPTIONAL), isup(""));
        let gzip = format!("Content-Encoding: gzip\r\n{SESSION}");
        let early = format!("Content-Disposition: early-session\r\n{SESSION}");
        let folded =
            "content-type:\r\n application/SDP\r\nContent-Transfer-Encoding: binary\r\n\r\nv=0\r\n";
        let nested = format!(
            "Content-Type: multipart/mixed;boundary=in\r\n\r\n{}",
            body("in", &[&optional, SESSION])
        );
        let other = "Content-Type: application/sdp\r\n\r\nv=1\r\n";
        for (subtype, inside, found, understood) in [
            ("mixed", vec![SESSION], Some("v=0\r\n"), true),
            ("mixed", vec![SESSION, &optional], Some("v=0\r\n"), true),
            ("mixed", vec![&optional, SESSION], Some("v=0\r\n"), true),
            ("mixed", vec![&required, SESSION], Some("v=0\r\n"), false),
            ("mixed", vec![&optional], None, true),
            ("mixed", vec![folded], Some("v=0\r\n"), true),
            ("mixed", vec![SESSION, other], Some("v=0\r\n"), true),
            ("mixed", vec![&gzip], None, false),
            ("mixed", vec![&early, SESSION], Some("v=0\r\n"), false),
            ("mixed", vec![&nested], Some("v=0\r\n"), true),
            ("mixed", vec!["", "\r\n"], None, false),
            ("alternative", vec![SESSION, other], Some("v=1\r\n"), true),
            (
                "alternative",
                vec![SESSION, &required],
                Some("v=0\r\n"),
                true,
            ),
            ("alternative", vec![&required], None, false),
            ("related", vec![SESSION, &required], Some("v=0\r\n"), true),
            ("mixed", vec![SESSION; 16], Some("v=0\r\n"), true),
            ("mixed", vec![SESSION; 17], None, false),
            ("mixed", vec![], None, false),
        ] {
            let message = parts(subtype, &inside);

            let description = message.description();
            let description = description
                .as_deref()
                .map(|it| std::str::from_utf8(it).unwrap());
            assert_eq!(description, found, "{subtype} {inside:?}");
            let all = message.is_understood(|_| false);
            assert_eq!(all, understood, "{subtype} {inside:?}");
        }
    }

    #[test]
    fn what_has_no_boundary_or_too_many_levels_is_not_understood() {
        let mut deep = SESSION.to_owned();
        for level in 0..4 {
            let boundary = format!("b{level}");
            let inside = body(&boundary, &[&deep]);
            deep = format!("Content-Type: multipart/mixed;boundary={boundary}\r\n\r\n{inside}");
        }
        let long = "x".repeat(71);
        let cases = [
            (
                "Content-Type: multipart/mixed\r\n".to_owned(),
                body("x", &[SESSION]),
            ),
            (
                "Content-Type: multipart/mixed;boundary=\"\"\r\n".to_owned(),
                body("", &[SESSION]),
            ),
            (
                "Content-Type: multipart/mixed;boundary=y\r\n".to_owned(),
                body("x", &[SESSION]),
            ),
            (
                format!("Content-Type: multipart/mixed;boundary={long}\r\n"),
                body(&long, &[SESSION]),
            ),
            (
                "Content-Type: multipart/mixed;boundary=x\r\n".to_owned(),
                body("x", &[&deep]),
            ),
        ];
        for (kind, body) in cases {
            let message = message(&kind, &body);

            assert_eq!(message.description(), None, "{kind}");
            assert!(!message.is_understood(|_| false), "{kind}");
        }
    }

    #[test]
    fn a_missing_last_boundary_is_the_end_of_the_body() {
        let whole = format!("--x\r\n{SESSION}");

        let message = message("Content-Type: multipart/mixed;boundary=x\r\n", &whole);

        assert_eq!(message.description().as_deref(), Some(&b"v=0\r\n"[..]));
    }

    #[test]
    fn what_is_known_by_its_type_is_understood() {
        let metadata = "Content-Type: Application/RS-Metadata\r\n\r\nx";

        let message = parts("mixed", &[SESSION, metadata]);

        assert!(message.is_understood(|kind| kind == "application/rs-metadata"));
        assert!(!message.is_understood(|_| false));
    }
}
