//! What a file is, by its content. What its sender says of it counts for nothing, and what no line here knows is not taken.

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its media type (RFC 6838).
    pub media: &'static str,
    /// How names of such files end, the usual one first.
    pub endings: &'static [&'static str],
    begins: Begins,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begins {
    /// With one of these.
    With(&'static [&'static [u8]]),
    /// With RIFF, a length, and this.
    Riff(&'static [u8]),
    /// With anything, as long as all of it is text.
    Text,
}

/// All kinds that are known, text last: it is what nothing else is.
pub const KINDS: [Kind; 7] = [
    Kind {
        media: "image/png",
        endings: &["png"],
        begins: Begins::With(&[b"\x89PNG\r\n\x1a\n"]),
    },
    Kind {
        media: "image/jpeg",
        endings: &["jpg", "jpeg"],
        begins: Begins::With(&[b"\xff\xd8\xff"]),
    },
    Kind {
        media: "image/gif",
        endings: &["gif"],
        begins: Begins::With(&[b"GIF87a", b"GIF89a"]),
    },
    Kind {
        media: "image/webp",
        endings: &["webp"],
        begins: Begins::Riff(b"WEBP"),
    },
    Kind {
        media: "application/pdf",
        endings: &["pdf"],
        begins: Begins::With(&[b"%PDF-"]),
    },
    Kind {
        media: "application/zip",
        endings: &["zip", "docx", "xlsx", "pptx", "odt", "ods", "odp"],
        begins: Begins::With(&[b"PK\x03\x04"]),
    },
    Kind {
        media: "text/plain",
        endings: &["txt", "text", "log", "csv", "md"],
        begins: Begins::Text,
    },
];

/// Returns what `bytes` are, none where no kind fits.
pub fn of(bytes: &[u8]) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| match kind.begins {
        Begins::With(marks) => marks.iter().any(|mark| bytes.starts_with(mark)),
        Begins::Riff(mark) => bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(mark),
        Begins::Text => is_text(bytes),
    })
}

// UTF-8 without control characters, but for those of written pages.
fn is_text(bytes: &[u8]) -> bool {
    let written = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\x0c');
    !bytes.is_empty() && std::str::from_utf8(bytes).is_ok_and(|text| text.chars().all(written))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_it_begins_with_and_nothing_else_is_known() {
        let media = |bytes: &[u8]| of(bytes).map(|kind| kind.media);

        assert_eq!(media(b"\x89PNG\r\n\x1a\n...."), Some("image/png"));
        assert_eq!(media(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        assert_eq!(media(b"GIF89a"), Some("image/gif"));
        assert_eq!(media(b"RIFF\x10\0\0\0WEBPVP8 "), Some("image/webp"));
        assert_eq!(media(b"RIFF\x10\0\0\0WAVEfmt "), None);
        assert_eq!(media(b"%PDF-1.7"), Some("application/pdf"));
        assert_eq!(media(b"PK\x03\x04"), Some("application/zip"));
        assert_eq!(media("Grüße\r\n".as_bytes()), Some("text/plain"));
        assert_eq!(media(b"<svg onload=alert(1)>"), Some("text/plain"));
        assert_eq!(media(b""), None);
        assert_eq!(media(b"MZ\x90\0"), None);
        assert_eq!(media(b"\x7fELF\x02"), None);
        assert_eq!(media(b"text with\0nothing"), None);
    }
}
