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
mod tests;
