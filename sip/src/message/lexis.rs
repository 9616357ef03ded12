//! The character classes of RFC 3261 §25.1.

const TOKEN: [bool; 256] = table(b"-.!%*_+`'~");
const HOST: [bool; 256] = table(b"-._");
// What stands unquoted behind the `=` of a parameter; wider than a token, as hosts and foreign spellings occur.
const VALUE: [bool; 256] = {
    let mut class = [true; 256];
    let mut at = 0;
    while at < 256 {
        class[at] = at > 0x20 && !matches!(at as u8, b';' | b',' | b'"' | b'<' | b'>' | 0x7f);
        at += 1;
    }
    class
};
const HEX: [bool; 256] = {
    let mut hex = [false; 256];
    let mut at = 0;
    while at < 256 {
        hex[at] = (at as u8).is_ascii_hexdigit();
        at += 1;
    }
    hex
};

const fn table(more: &[u8]) -> [bool; 256] {
    let mut class = [false; 256];
    let mut at = 0;
    while at < 256 {
        class[at] = (at as u8).is_ascii_alphanumeric();
        at += 1;
    }
    let mut at = 0;
    while at < more.len() {
        class[more[at] as usize] = true;
        at += 1;
    }
    class
}

/// Whether `text` is a `token`: method, header name, tag, transport.
pub(super) fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|&byte| is_token_byte(byte))
}

pub(super) fn is_token_byte(byte: u8) -> bool {
    TOKEN[usize::from(byte)]
}

/// Whether `byte` may stand in the unquoted value of a parameter.
pub(super) fn is_value_byte(byte: u8) -> bool {
    VALUE[usize::from(byte)]
}

/// Whether `byte` may stand in a host name or IPv4 address.
pub(super) fn is_host_byte(byte: u8) -> bool {
    HOST[usize::from(byte)]
}

/// Whether `text` may name a host: a name, an IPv4 address, or an IPv6 address in brackets.
pub(super) fn is_host(text: &str) -> bool {
    match text.strip_prefix('[') {
        // RFC 5118 §4.10 asks for tolerance of three colons, so the inside is checked by character only.
        Some(rest) => rest.strip_suffix(']').is_some_and(|inside| {
            inside.contains(':')
                && inside
                    .bytes()
                    .all(|byte| HEX[usize::from(byte)] || byte == b':' || byte == b'.')
        }),
        None => !text.is_empty() && text.bytes().all(|byte| HOST[usize::from(byte)]),
    }
}

/// Whether `text` starts with a `%` and two hex digits.
pub(super) fn is_escape(text: &[u8]) -> bool {
    match text {
        [b'%', high, low, ..] => HEX[usize::from(*high)] && HEX[usize::from(*low)],
        _ => false,
    }
}

/// Drops linear white space at both ends.
pub(super) fn trim(text: &str) -> &str {
    let bytes = text.as_bytes();
    let (mut start, mut end) = (0, bytes.len());
    while start < end && is_blank(bytes[start]) {
        start += 1;
    }
    while end > start && is_blank(bytes[end - 1]) {
        end -= 1;
    }
    &text[start..end]
}

/// Whether `byte` is linear white space.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Returns the length of the white space that `text` starts with.
pub(super) fn blank_len(text: &[u8]) -> usize {
    text.iter().take_while(|&&byte| is_blank(byte)).count()
}

/// Returns the length of the token that `text` starts with.
pub(super) fn token_len(text: &[u8]) -> usize {
    text.iter().take_while(|&&byte| is_token_byte(byte)).count()
}

/// Returns the length of the quoted string that `text` starts with, both quotes counted.
pub(super) fn quoted_len(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Takes the quotes and the quoted pairs from `text`; text that is not quoted comes back as it is.
pub(crate) fn unquote(text: &str) -> String {
    let Some(inside) = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    else {
        return text.to_owned();
    };
    let mut plain = String::with_capacity(inside.len());
    let mut letters = inside.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => plain.extend(letters.next()),
            _ => plain.push(letter),
        }
    }
    plain
}

/// Writes `text` as a quoted string; control characters become spaces.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            control if control.is_control() => quoted.push(' '),
            _ => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

/// Decodes `%XX` escapes once; what is not UTF-8 afterwards is replaced.
pub(crate) fn unescape(text: &str) -> String {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let escape = after.get(..2).filter(|_| byte == b'%');
        let decoded = escape
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match decoded {
            Some(decoded) => {
                plain.push(decoded);
                rest = &after[2..];
            }
            None => {
                plain.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// Reads the port after a host's colon.
pub(super) fn port(digits: &str) -> Option<u16> {
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse().ok())
        .flatten()
}
