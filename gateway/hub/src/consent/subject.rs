//! Of whom something is said: a known customer, or a bare address of somebody.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use ws::id::{CustomerId, Number};

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

impl Subject {
    /// Makes the subject of a mail address; none when it is no address.
    pub fn mail(address: &str) -> Option<Self> {
        let address = address.trim();
        let (name, host) = address.rsplit_once('@')?;
        let plain = address.bytes().all(|b| b.is_ascii_graphic());
        let fits = !name.is_empty() && !name.contains('@') && !host.is_empty();
        let fits = fits && address.len() <= MAIL && plain;
        fits.then(|| Self::Mail(address.to_ascii_lowercase()))
    }
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
        text.parse().map_err(de::Error::custom)
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
    fn what_names_nobody_is_refused() {
        for text in [
            "",
            "ida",
            "mail:ida",
            "mail:@x",
            "mail:a b@x",
            "mail:a@b@x",
            "mail:ida@x\r\nBcc: bo@x",
            "number:x",
            "visitor:1",
        ] {
            assert_eq!(text.parse::<Subject>(), Err(NotASubject), "{text}");
        }
    }
}
