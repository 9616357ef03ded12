//! From, To, Contact, Route and their kin: a URI with a display name and parameters.

use std::fmt;

use bytes::Bytes;

use super::defect::Defect;
use super::lexis::{self, trim};
use super::params::Params;
use super::text::{Span, Text};
use super::uri::{MAX_URI, Uri};

/// `"Display" <uri>;params` or `uri;params` (RFC 3261 §20.10). It prints exactly as it was read.
#[derive(Clone)]
pub struct NameAddr {
    /// Read within the whole value, so that both share one text.
    uri: Uri,
    display: Span,
    params: Span,
}

struct Parts<'a> {
    display: &'a str,
    uri: &'a str,
    params: &'a str,
}

impl NameAddr {
    /// Wraps `uri` in angle brackets, without display name or parameters.
    pub fn new(uri: &Uri) -> Self {
        Self::read(Text::from(format!("<{uri}>"))).expect("a URI in brackets is an address")
    }

    pub(super) fn read(text: Text) -> Result<Self, Defect> {
        Self::read_in(text.buffer(), &text)
    }

    /// Reads `part`, a slice of the UTF-8 text in `bytes`.
    pub(super) fn read_in(bytes: &Bytes, part: &str) -> Result<Self, Defect> {
        let parts = Parts::scan(part)?;
        let display = Span::of(part, parts.display);
        let params = Span::of(part, parts.params);
        Ok(Self {
            uri: Uri::read_within(bytes, part, parts.uri)?,
            display,
            params,
        })
    }

    fn text(&self) -> &Text {
        self.uri.whole()
    }

    /// Returns the value as it was read.
    pub fn as_str(&self) -> &str {
        self.text()
    }

    /// Returns the display name without quotes and escapes, if there is one.
    pub fn display(&self) -> Option<String> {
        let display = self.text().get(self.display);
        (!display.is_empty()).then(|| lexis::unquote(display))
    }

    /// Returns the URI.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Returns the header parameters (not those of the URI).
    pub fn params(&self) -> Params<'_> {
        Params(self.text().get(self.params))
    }

    /// Returns the value of a header parameter, `Some("")` for one without a value.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params().get(name)
    }

    /// Returns the tag, the half of a dialog's name that this side chose.
    pub fn tag(&self) -> Option<&str> {
        self.param("tag").filter(|tag| !tag.is_empty())
    }

    /// Returns the `expires` of a Contact in seconds; a value too large for its field counts as the largest.
    pub fn expires(&self) -> Option<u32> {
        self.param("expires").and_then(saturating)
    }

    /// Returns the same address under another display name; an empty one takes it away.
    pub fn with_display(&self, display: &str) -> Self {
        let uri = &self.uri;
        let params = self.params().0;
        let text = match trim(display) {
            "" => format!("<{uri}>{params}"),
            name => format!("{} <{uri}>{params}", lexis::quote(name)),
        };
        Self::read(Text::from(text)).expect("display names are quoted")
    }

    /// Returns the same address with the parameter added or, if it is there, replaced.
    pub fn with_param(&self, name: &str, value: Option<&str>) -> Result<Self, Defect> {
        let mut text = self.without_param(name).as_str().to_owned();
        text.push(';');
        text.push_str(name);
        if let Some(value) = value {
            text.push('=');
            text.push_str(value);
        }
        Self::read(Text::from(text))
    }

    /// Returns the same address with `tag`, which must be a token.
    pub fn with_tag(&self, tag: &str) -> Result<Self, Defect> {
        self.with_param("tag", Some(tag))
    }

    /// Returns the same address without the parameter.
    pub fn without_param(&self, name: &str) -> Self {
        if !self.params().has(name) {
            return self.clone();
        }
        let mut text = self.as_str()[..self.params.start()].trim_end().to_owned();
        for (found, value) in self.params().iter() {
            if found.eq_ignore_ascii_case(name) {
                continue;
            }
            text.push(';');
            text.push_str(found);
            if let Some(value) = value {
                text.push('=');
                text.push_str(value);
            }
        }
        Self::read(Text::from(text)).expect("an address stays one with fewer parameters")
    }

    /// Returns a copy that does not hold on to the message it came from.
    pub fn detached(&self) -> Self {
        Self::read(self.text().detached()).expect("it was read before")
    }
}

impl<'a> Parts<'a> {
    fn scan(value: &'a str) -> Result<Self, Defect> {
        if value.len() > 2 * MAX_URI {
            return Err(Defect::TooLong);
        }
        if let Some(rest) = value.strip_prefix('<') {
            return Self::bracketed(&value[..0], rest);
        }
        if value.starts_with('"') {
            let end = lexis::quoted_len(value.as_bytes()).ok_or(Defect::Quote)?;
            let (display, rest) = value.split_at(end);
            let rest = rest.trim_start_matches([' ', '\t']);
            let rest = rest.strip_prefix('<').ok_or(Defect::Brackets)?;
            return Self::bracketed(display, rest);
        }
        match memchr::memchr(b'<', value.as_bytes()) {
            Some(at) => {
                let display = trim(&value[..at]);
                if display.bytes().any(|byte| b"\",;>\\".contains(&byte)) {
                    return Err(Defect::Character);
                }
                Self::bracketed(display, &value[at + 1..])
            }
            None => Self::bare(value),
        }
    }

    fn bracketed(display: &'a str, rest: &'a str) -> Result<Self, Defect> {
        let end = memchr::memchr(b'>', rest.as_bytes()).ok_or(Defect::Brackets)?;
        let params = trim(&rest[end + 1..]);
        if !params.is_empty() && !params.starts_with(';') {
            return Err(Defect::Brackets);
        }
        Params::check(params)?;
        Ok(Self {
            display,
            uri: &rest[..end],
            params,
        })
    }

    // RFC 3261 §20: without brackets, what follows a semicolon belongs to the header, and `,` and `?` are not allowed.
    fn bare(value: &'a str) -> Result<Self, Defect> {
        let end = memchr::memchr(b';', value.as_bytes()).unwrap_or(value.len());
        let (uri, params) = (trim(&value[..end]), &value[end..]);
        if uri.is_empty() {
            return Err(Defect::Empty);
        }
        if memchr::memchr2(b'?', b',', uri.as_bytes()).is_some() {
            return Err(Defect::UriHeaders);
        }
        Params::check(params)?;
        Ok(Self {
            display: &value[..0],
            uri,
            params,
        })
    }
}

/// Reads a number of digits; one too large for its field counts as the largest (RFC 4475 §3.1.2.4).
pub(super) fn saturating(digits: &str) -> Option<u32> {
    let digits = trim(digits);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(u32::MAX))
}

impl std::str::FromStr for NameAddr {
    type Err = Defect;

    fn from_str(text: &str) -> Result<Self, Defect> {
        Self::read(Text::from(trim(text)))
    }
}

impl From<&Uri> for NameAddr {
    fn from(uri: &Uri) -> Self {
        Self::new(uri)
    }
}

impl PartialEq for NameAddr {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for NameAddr {}

impl fmt::Display for NameAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for NameAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NameAddr({self})")
    }
}
