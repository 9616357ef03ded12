//! Small values as they are written in the configuration file, each parsed once.

mod each;
mod place;

use std::{fmt, marker::PhantomData, str::FromStr, time::Duration};

use hub::toll::Allowance;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sip::trunk::{Network, Source};

pub use crate::dscp::Dscp;
pub use each::{Each, MaybeEach};
pub use place::Place;

/// A length of time, written as a number with a unit: `500ms`, `20s`, `30m`, `24h` or `7d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

impl Span {
    /// Makes one of whole seconds.
    pub const fn secs(secs: u64) -> Self {
        Self(Duration::from_secs(secs))
    }
}

/// The units of a [`Span`], the longest first, in milliseconds.
const UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "\"{text}\" is no length of time; write a whole number and a unit: \"500ms\", \"20s\", \"30m\", \"24h\", \"7d\""
            )
        };
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let (_, factor) = UNITS
            .iter()
            .find(|(name, _)| *name == unit)
            .ok_or_else(wrong)?;
        number
            .checked_mul(*factor)
            .map(|ms| Self(Duration::from_millis(ms)))
            .ok_or_else(wrong)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0.as_millis();
        let (name, factor) = UNITS
            .iter()
            .find(|(_, factor)| ms != 0 && ms.is_multiple_of(u128::from(*factor)))
            .unwrap_or(&("s", 1_000));
        write!(f, "{}{name}", ms / u128::from(*factor))
    }
}

/// The UDP ports for RTP of SIP peers, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// The first, even.
    pub first: u16,
    /// The last.
    pub last: u16,
}

impl FromStr for Ports {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is no range of ports; write one like \"40000-40999\"");
        let (first, last) = text.split_once('-').ok_or_else(wrong)?;
        let first: u16 = first.trim().parse().map_err(|_| wrong())?;
        let last: u16 = last.trim().parse().map_err(|_| wrong())?;
        if first < 1024 || !first.is_multiple_of(2) || last <= first {
            return Err(format!(
                "\"{text}\" cannot serve: the first port must be even and at least 1024, the last must be above it"
            ));
        }
        Ok(Self { first, last })
    }
}

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

/// Where a trunk's requests may come from, as text that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceText(String);

impl SourceText {
    /// Returns what it means.
    pub fn source(&self) -> Source {
        match self.0.as_str() {
            "loopback" => Source::AnyLoopback,
            "target" => Source::Target,
            network => Source::Network(network.parse().expect("checked when it was made")),
        }
    }
}

impl FromStr for SourceText {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if !matches!(text, "loopback" | "target") {
            text.parse::<Network>().map_err(|error| {
                format!("\"{text}\" is no source: {error}, or \"loopback\", or \"target\"")
            })?;
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for SourceText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `allow`, `deny` or how many calls within an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TollRule(pub Allowance);

impl FromStr for TollRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "allow" => Ok(Self(Allowance::Allow)),
            "deny" => Ok(Self(Allowance::Deny)),
            count => count
                .parse()
                .map(|count| Self(Allowance::PerHour(count)))
                .map_err(|_| format!("\"{text}\" is no rule; write \"allow\", \"deny\" or how many calls within an hour, such as \"20\"")),
        }
    }
}

impl fmt::Display for TollRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Allowance::Allow => f.write_str("allow"),
            Allowance::Deny => f.write_str("deny"),
            Allowance::PerHour(count) => write!(f, "{count}"),
        }
    }
}

/// A web origin, such as `https://shop.example`: scheme, host and port, nothing else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin(String);

impl Origin {
    /// Returns it as browsers send it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "\"{text}\" is no origin; write scheme, host and, if it is not the usual one, port: \"https://shop.example\""
            )
        };
        let uri: axum::http::Uri = text.parse().map_err(|_| wrong())?;
        let scheme = uri
            .scheme_str()
            .filter(|scheme| matches!(*scheme, "http" | "https"));
        let (Some(scheme), Some(authority)) = (scheme, uri.authority()) else {
            return Err(wrong());
        };
        let whole = format!("{scheme}://{authority}").to_ascii_lowercase();
        if whole != text || authority.as_str().contains('@') {
            return Err(wrong());
        }
        Ok(Self(whole))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! text_serde {
    ($name:ident, $expecting:literal) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Text {
                    expecting: $expecting,
                    value: PhantomData,
                })
            }
        }
    };
}

text_serde!(Dscp, "a class in quotes, such as \"ef\"");
text_serde!(
    TollRule,
    "\"allow\", \"deny\" or a number of calls in quotes"
);
text_serde!(Span, "a length of time in quotes, such as \"20s\"");
text_serde!(Ports, "a range of ports in quotes, such as \"40000-40999\"");
text_serde!(
    SourceText,
    "an address, a network, \"loopback\" or \"target\", in quotes"
);
text_serde!(Place, "an address and a port, or a host name, in quotes");
text_serde!(
    Origin,
    "an origin in quotes, such as \"https://shop.example\""
);

/// A value that may be left out by writing an empty text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maybe<T>(pub Option<T>);

impl<T> Default for Maybe<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: fmt::Display> Serialize for Maybe<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Some(value) => serializer.collect_str(value),
            None => serializer.serialize_str(""),
        }
    }
}

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() {
            return Ok(Self(None));
        }
        text.parse()
            .map(|value| Self(Some(value)))
            .map_err(|error| de::Error::custom(format!("\"{text}\": {error}")))
    }
}

/// A value of another crate that is written as a text and read with its own words when it is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Written<T>(pub T);

impl<T: fmt::Display> Serialize for Written<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for Written<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(de::Error::custom)
    }
}

/// Reads a text and parses it, with the parser's own words when it is wrong.
struct Text<T> {
    expecting: &'static str,
    value: PhantomData<T>,
}

impl<T: FromStr<Err: fmt::Display>> de::Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expecting)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_survive_text_and_refuse_what_has_no_unit() {
        for text in ["500ms", "20s", "30m", "24h", "7d", "0s"] {
            assert_eq!(
                text.parse::<Span>().unwrap().to_string(),
                text.replace("24h", "1d")
            );
        }
        for text in ["", "20", "s", "1.5s", "20 s", "99999999999999999d"] {
            assert!(
                text.parse::<Span>().unwrap_err().contains("length of time"),
                "{text}"
            );
        }
    }

    #[test]
    fn origins_are_exact() {
        assert_eq!(
            "https://shop.example:8443"
                .parse::<Origin>()
                .unwrap()
                .as_str(),
            "https://shop.example:8443"
        );
        for text in [
            "shop.example",
            "https://shop.example/",
            "ftp://x",
            "https://A.example",
            "https://u@x",
            "*",
        ] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }

    #[test]
    fn port_ranges_start_even_and_go_up() {
        assert_eq!(
            "40000-40999".parse::<Ports>().unwrap(),
            Ports {
                first: 40000,
                last: 40999
            }
        );
        for text in [
            "40001-40999",
            "40000",
            "40000-40000",
            "80-90",
            "a-b",
            "40000-70000",
        ] {
            assert!(text.parse::<Ports>().is_err(), "{text}");
        }
    }
}
