//! The character classes of RFC 3261 §25.1.

/// Which bytes belong to a class.
pub(super) type Class = [bool; 256];

/// The bytes of a `token`: method, header name, tag, transport.
pub(super) static TOKEN: Class = table(b"-.!%*_+`'~");
/// The bytes of a host name or an IPv4 address.
pub(super) static HOST: Class = table(b"-._");
/// What stands unquoted behind the `=` of a parameter; wider than a token, as hosts and foreign spellings occur.
pub(super) static VALUE: Class = {
    let mut class = [true; 256];
    let mut at = 0;
    while at < 256 {
        class[at] = at > 0x20 && !matches!(at as u8, b';' | b',' | b'"' | b'<' | b'>' | 0x7f);
        at += 1;
    }
    class
};
static HEX: Class = {
    let mut hex = [false; 256];
    let mut at = 0;
    while at < 256 {
        hex[at] = (at as u8).is_ascii_hexdigit();
        at += 1;
    }
    hex
};

const fn table(more: &[u8]) -> Class {
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

/// Returns how many bytes from the start of `text` are of the class.
#[inline]
pub(super) fn len_of(class: &Class, text: &[u8]) -> usize {
    let is = |byte: u8| class[usize::from(byte)];
    let mut at = 0;
    // Four at a time: most of what is read is looked at here, byte by byte.
    while let Some(&[first, second, third, fourth]) = text.get(at..at + 4) {
        match () {
            () if !is(first) => return at,
            () if !is(second) => return at + 1,
            () if !is(third) => return at + 2,
            () if !is(fourth) => return at + 3,
            () => at += 4,
        }
    }
    while text.get(at).is_some_and(|&byte| is(byte)) {
        at += 1;
    }
    at
}

/// Whether `text` is a `token`.
pub(super) fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && len_of(&TOKEN, text) == text.len()
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
        None => !text.is_empty() && len_of(&HOST, text.as_bytes()) == text.len(),
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
    match text.as_bytes() {
        [first, .., last] if !is_blank(*first) && !is_blank(*last) => text,
        _ => text.trim_matches([' ', '\t']),
    }
}

/// Whether `byte` is linear white space.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Returns the length of the white space that `text` starts with.
pub(super) fn blank_len(text: &[u8]) -> usize {
    text.iter()
        .position(|&byte| !is_blank(byte))
        .unwrap_or(text.len())
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
    // A sign would be read, too.
    let is_number = !digits.starts_with('+');
    is_number.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_ends_at_the_first_byte_that_is_not_of_its_class() {
        for length in 0..11 {
            assert_eq!(len_of(&TOKEN, &vec![b'a'; length]), length);
            for at in 0..length {
                let mut text = vec![b'a'; length];
                text[at] = b' ';
                assert_eq!(len_of(&TOKEN, &text), at, "of {length}");
            }
        }
    }

    #[test]
    fn a_port_is_digits_that_fit() {
        let cases = [
            ("5060", Some(5060)),
            ("0005060", Some(5060)),
            ("65535", Some(65_535)),
            ("65536", None),
            ("+5", None),
            ("-5", None),
            ("5 ", None),
            ("", None),
        ];
        for (digits, number) in cases {
            assert_eq!(port(digits), number, "{digits}");
        }
    }
}
