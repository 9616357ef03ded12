//! How a shared file is called: what its sender says, without what could mislead anybody or any file system.

use super::kind::Kind;

/// The longest name, in characters.
const LONGEST: usize = 100;

/// Returns a harmless name: no path, no control characters, none that turn the direction of writing, no dots in front.
/// Where nothing is left it is `file`; where no ending is, the kind's own is put behind.
pub fn clean(said: &str, kind: &Kind) -> String {
    let last = said.rsplit(['/', '\\']).next().unwrap_or_default();
    let seen: String = last.chars().filter(|c| is_seen(*c)).collect();
    let seen = seen.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let (stem, ending) = match seen.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => (stem, ending),
        Some(_) | None => (seen, kind.endings[0]),
    };
    let stem = if stem.is_empty() { "file" } else { stem };
    let room = LONGEST.saturating_sub(ending.chars().count() + 1).max(1);
    let stem: String = stem.chars().take(room).collect();
    let whole = format!("{stem}.{ending}");
    whole.chars().take(LONGEST).collect()
}

/// Tells whether a name ends as those of its kind do.
pub fn fits(name: &str, kind: &Kind) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| {
        kind.endings
            .iter()
            .any(|known| known.eq_ignore_ascii_case(ending))
    })
}

// What can be seen and means nothing to a shell, a header or a page.
fn is_seen(c: char) -> bool {
    let turns = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let means = matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '`' | '$');
    !(c.is_control() || turns || means)
}

/// Returns a name as `filename` of `Content-Disposition` has it: ASCII for old readers, and whole (RFC 6266, RFC 8187).
pub fn disposition(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ');
    let old: String = name
        .chars()
        .map(|c| if plain(c) { c } else { '_' })
        .collect();
    let mut whole = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => {
                whole.push(char::from(byte));
            }
            _ => whole.push_str(&format!("%{byte:02X}")),
        }
    }
    format!("attachment; filename=\"{old}\"; filename*=UTF-8''{whole}")
}

/// Reads the percent-encoded name of a header; none where it is no UTF-8.
pub fn decoded(said: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(said.len());
    let mut rest = said.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &rest[2..];
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sharing::kind;

    fn png(said: &str) -> String {
        clean(said, kind::of(b"\x89PNG\r\n\x1a\n").unwrap())
    }

    #[test]
    fn names_of_hostile_shape_become_harmless() {
        for (said, name) in [
            ("../../etc/passwd", "passwd.png"),
            ("..\\..\\boot.ini", "boot.ini"),
            ("/", "file.png"),
            ("", "file.png"),
            ("...", "file.png"),
            (".htaccess", "htaccess.png"),
            ("a\r\nSet-Cookie: x.png", "aSet-Cookie x.png"),
            ("cat\u{202e}gnp.exe", "catgnp.exe"),
            (
                "<img src=x onerror=alert(1)>.png",
                "img src=x onerror=alert(1).png",
            ),
            ("\"; rm -rf $HOME.png", "; rm -rf HOME.png"),
            ("Grüße aus Köln.png", "Grüße aus Köln.png"),
            ("nul\0byte.png", "nulbyte.png"),
        ] {
            assert_eq!(png(said), name, "{said:?}");
        }
        assert_eq!(png(&"x".repeat(5_000)).chars().count(), 100);
        assert_eq!(
            png(&format!("x.{}", "y".repeat(5_000))).chars().count(),
            100
        );
    }

    #[test]
    fn a_header_never_holds_more_than_a_name() {
        let header = disposition("a\"; x=\r\n€.png");

        assert_eq!(
            header,
            "attachment; filename=\"a__ x____.png\"; filename*=UTF-8''a%22%3B%20x%3D%0D%0A%E2%82%AC.png"
        );
    }

    #[test]
    fn a_name_is_read_as_it_was_written() {
        assert_eq!(
            decoded("Gr%C3%BC%C3%9Fe%20.png").as_deref(),
            Some("Grüße .png")
        );
        for broken in ["%", "%4", "%zz", "%ff%fe", "%+1"] {
            let read = decoded(broken);
            assert!(read.is_none() || broken == "%+1", "{broken}: {read:?}");
        }
    }

    #[test]
    fn an_ending_says_what_is_in_it_or_is_refused() {
        let kind = kind::of(b"\xff\xd8\xff").unwrap();

        assert!(fits("a.JPG", kind) && fits("a.jpeg", kind));
        assert!(!fits("a.png", kind) && !fits("a", kind) && !fits("a.jpg.html", kind));
    }
}
