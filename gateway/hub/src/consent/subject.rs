//! Of whom something is said: a known customer, or a bare address of somebody.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use ws::id::{CustomerId, Number};

use crate::{event::NOBODY, redact::has_card};

/// Of whom something is said; written `customer:<32 hex>`, `number:<number>` or `mail:<address>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A known record.
    Customer(CustomerId),
    /// Whoever has this number.
    Number(Number),
    /// Whoever has this mail address; in lower case.
    Mail(String),
}

/// A text that names nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "write `customer:` with 32 hexadecimal digits, `number:` with a telephone number, or `mail:` with an address"
)]
pub struct NotASubject;

/// The longest mail address (RFC 5321 §4.5.3.1.3).
const MAIL: usize = 254;

/// The longest name before the `@`, and the longest label behind it (RFC 5321 §4.5.3.1.1, RFC 1035 §2.3.4).
const NAME: usize = 64;
const LABEL: usize = 63;

/// What a name may have beside letters and digits (RFC 5322 §3.2.3).
const ATEXT: &[u8] = b"!#$%&'*+-/=?^_`{|}~";

impl Subject {
    /// Makes the subject of a mail address; none when it is no address as `name@host`, or has a card
    /// number in it.
    ///
    /// A name in quotes, with backslashes or a comment can be the same mailbox as another that is written plainly (RFC 5321
    /// §4.1.2), so these are none: what was said of an address would not be found under another spelling of it.
    pub fn mail(address: &str) -> Option<Self> {
        let address = address.trim();
        let (name, host) = address.split_once('@')?;
        let fits = address.len() <= MAIL
            && !has_card(address)
            && name.len() <= NAME
            && is_name(name)
            && is_host(host);
        fits.then(|| Self::Mail(address.to_ascii_lowercase()))
    }

    /// Tells whether it is a bare address, which somebody else may have too.
    pub fn is_address(&self) -> bool {
        match self {
            Self::Number(_) | Self::Mail(_) => true,
            Self::Customer(_) => false,
        }
    }

    /// Tells whether it stands where an address was scrubbed.
    pub fn is_nobody(&self) -> bool {
        match self {
            Self::Number(number) => number.as_str() == NOBODY,
            Self::Customer(_) | Self::Mail(_) => false,
        }
    }

    // What was told before it was refused is in journals.
    fn told(text: &str) -> Option<Self> {
        let address = text.strip_prefix("mail:")?.trim();
        address
            .contains('@')
            .then(|| Self::Mail(address.to_ascii_lowercase()))
    }
}

fn is_name(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || ATEXT.contains(&byte);
    let mut words = text.split('.');
    words.all(|word| !word.is_empty() && word.bytes().all(known))
}

fn is_host(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let hyphens = |label: &str| label.starts_with('-') || label.ends_with('-');
    text.split('.').all(|label| {
        (1..=LABEL).contains(&label.len()) && label.bytes().all(known) && !hyphens(label)
    })
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Customer(customer) => write!(f, "customer:{customer}"),
            Self::Number(number) => write!(f, "number:{number}"),
            Self::Mail(address) => write!(f, "mail:{address}"),
        }
    }
}

impl FromStr for Subject {
    type Err = NotASubject;

    fn from_str(text: &str) -> Result<Self, NotASubject> {
        let (kind, value) = text.split_once(':').ok_or(NotASubject)?;
        match kind {
            "customer" => value.parse().map(Self::Customer).map_err(|_| NotASubject),
            "number" => value.parse().map(Self::Number).map_err(|_| NotASubject),
            "mail" => Self::mail(value).ok_or(NotASubject),
            _ => Err(NotASubject),
        }
    }
}

impl Serialize for Subject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Subject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let read = text.parse::<Self>();
        read.or_else(|wrong| Self::told(&text).ok_or(wrong))
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_survives_text_and_a_mail_address_has_one_spelling() {
        for text in [
            "customer:0af7651916cd43dd8448eb211c80319c",
            "number:+4930100",
            "mail:ida@x.example",
        ] {
            let subject: Subject = text.parse().unwrap();
            assert_eq!(subject.to_string(), text);
        }
        assert_eq!(
            "mail:Ida@X.example".parse(),
            Ok(Subject::Mail("ida@x.example".into()))
        );
    }

    #[test]
    fn plain_addresses_of_every_kind_are_taken() {
        for text in [
            "ida.lovelace+shop@mail.x-1.example",
            "o'neil@x",
            "=?a{b}|c~@x.example",
            format!("{}@x.example", "i".repeat(64)).as_str(),
        ] {
            assert_eq!(Subject::mail(text), Some(Subject::Mail(text.into())));
        }
        let long = format!("{}@x.example", "i".repeat(65));
        assert_eq!(Subject::mail(&long), None);
    }

    #[test]
    fn what_a_journal_has_of_an_address_that_is_refused_now_is_read() {
        let told = "\"mail:\\\"ida\\\"@x.example\"";

        let read: Subject = serde_json::from_str(told).unwrap();

        assert_eq!(read, Subject::Mail("\"ida\"@x.example".into()));
    }

    #[test]
    fn what_names_nobody_is_refused() {
        for text in [
            "",
            "ida",
            "mail:ida",
            "mail:@x",
            "mail:a b@x",
            "mail:a@b@x",
            "mail:ida@x\r\nBcc: bo@x",
            "mail:\"ida\"@x.example",
            "mail:\"\\ida\"@x.example",
            "mail:i\\da@x.example",
            "mail:<ida@x.example>",
            "mail:mailto:ida@x.example",
            "mail:;a@b",
            "mail:a@b.",
            "mail:a@.b",
            "mail:a..b@x",
            "mail:.a@x",
            "mail:(c)ida@x.example",
            "mail:ida@(c)x.example",
            "mail:ida@-x.example",
            "mail:ida@[127.0.0.1]",
            "mail:idä@x.example",
            "mail:4111111111111111@z.org",
            "number:x",
            "visitor:1",
        ] {
            assert_eq!(text.parse::<Subject>(), Err(NotASubject), "{text}");
        }
    }
}
