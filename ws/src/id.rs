//! Ids and small values as they stand on the wire, in the journal and in logs: one newtype each, parsed once.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// Why a text is not the id it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum IdError {
    /// Not 32 lowercase hexadecimal digits of a non-zero number.
    #[error("an id is 32 lowercase hexadecimal digits, not all zero")]
    Hex,
    /// No known suffix after the interaction id.
    #[error("expected an interaction id, a dot, an optional letter and a number from 1 to 65535")]
    Part,
    /// A name outside its alphabet or length.
    #[error("a name is 1 to 64 characters out of a-z, A-Z, 0-9, '.', '_', '-' and '@'")]
    Name,
    /// A message id outside its length or alphabet.
    #[error("a mid is 1 to 64 printable ASCII characters without spaces")]
    Mid,
    /// Not 64 lowercase hexadecimal digits.
    #[error("a style sheet's name is its SHA-256 in 64 lowercase hexadecimal digits")]
    Sheet,
    /// Not a telephone number or extension.
    #[error(
        "a number is an optional '+' and 2 to 15 digits; spaces, dots, dashes, slashes and brackets are ignored"
    )]
    Number,
}

fn parse_hex(text: &str) -> Result<u128, IdError> {
    let lower = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if text.len() != 32 || !text.bytes().all(lower) {
        return Err(IdError::Hex);
    }
    u128::from_str_radix(text, 16)
        .ok()
        .filter(|&n| n != 0)
        .ok_or(IdError::Hex)
}

macro_rules! text_serde {
    ($name:ident, $meaning:expr, $pattern:expr) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl ts_rs::TS for $name {
            type WithoutGenerics = Self;
            type OptionInnerType = Self;

            fn name(_: &ts_rs::Config) -> String {
                stringify!($name).to_owned()
            }

            fn inline(_: &ts_rs::Config) -> String {
                "string".to_owned()
            }

            fn decl(_: &ts_rs::Config) -> String {
                concat!("type ", stringify!($name), " = string;").to_owned()
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::Type::String)
                    .description(Some($meaning.trim()))
                    .pattern(Some($pattern))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}

macro_rules! hex_id {
    ($(#[doc = $doc:literal])* $name:ident) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            /// Makes a random UUID (version 4, RFC 9562 §5.4) from the machine's own generator.
            pub fn mint(rng: &mut impl rand::Rng) -> Self {
                let mut bytes = [0; 16];
                rng.fill_bytes(&mut bytes);
                let random = u128::from_be_bytes(bytes);
                let version = (random & !(0xf << 76)) | (0x4 << 76);
                Self((version & !(0x3 << 62)) | (0x2 << 62))
            }

            /// Takes over a number made elsewhere; nil is no id.
            pub fn new(number: u128) -> Option<Self> {
                (number != 0).then_some(Self(number))
            }

            /// Returns the 128 bits.
            pub fn number(self) -> u128 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:032x}", self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:032x}", self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                parse_hex(text).map(Self)
            }
        }

        text_serde!($name, concat!($($doc),*), "^(?!0{32}$)[0-9a-f]{32}$");
    };
}

hex_id!(
    /// One customer matter from first touch to sealed record, over all channels; also the SIP `Session-ID` UUID
    /// (RFC 7989), the trace id and the vCon uuid.
    InteractionId
);
hex_id!(
    /// A browser that opened the widget; the subject of its credential.
    VisitorId
);
hex_id!(
    /// A known record of a person.
    CustomerId
);
hex_id!(
    /// A file that is shared in a chat: 122 random bits, so that nobody comes upon one.
    FileId
);

macro_rules! part_id {
    ($(#[doc = $doc:literal])* $name:ident, $letter:literal) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name {
            /// The interaction it is part of.
            pub interaction: InteractionId,
            /// Its number in that interaction, from 1.
            pub n: u16,
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!("{}.", $letter, "{}"), self.interaction, self.n)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let (interaction, part) = text.split_once('.').ok_or(IdError::Part)?;
                let digits = part.strip_prefix($letter).ok_or(IdError::Part)?;
                if digits.starts_with(['0', '+']) {
                    return Err(IdError::Part);
                }
                let n = digits.parse().map_err(|_| IdError::Part)?;
                Ok(Self { interaction: interaction.parse()?, n })
            }
        }

        text_serde!($name, concat!($($doc),*), concat!("^[0-9a-f]{32}\\.", $letter, "[1-9][0-9]{0,4}$"));
    };
}

part_id!(
    /// One party's live participation on one channel, written `<interaction>.<n>`.
    LegId, ""
);
part_id!(
    /// One agent's stay in an interaction, written `<interaction>.a<n>`.
    AssignmentId, "a"
);
part_id!(
    /// A promise to call, written `<interaction>.c<n>`.
    CallbackId, "c"
);
part_id!(
    /// A recording of a call or a voice message, written `<interaction>.r<n>`.
    RecordingId, "r"
);

macro_rules! text_id {
    ($(#[doc = $doc:literal])* $name:ident, $error:expr, $check:expr, $pattern:literal) => {
        $(#[doc = $doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Returns the text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let check: fn(&str) -> Option<Arc<str>> = $check;
                check(text).map(Self).ok_or($error)
            }
        }

        text_serde!($name, concat!($($doc),*), $pattern);
    };
}

fn name(text: &str) -> Option<Arc<str>> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'@');
    ((1..=64).contains(&text.len()) && text.bytes().all(fits)).then(|| text.into())
}

fn mid(text: &str) -> Option<Arc<str>> {
    ((1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()))
        .then(|| text.into())
}

fn number(text: &str) -> Option<Arc<str>> {
    // The (0) behind a country code is the national prefix, which nobody dials from abroad.
    let text = text.trim();
    let bare = match text.starts_with('+') || text.starts_with("00") {
        true => text.replace("(0)", ""),
        false => text.to_owned(),
    };
    let kept: String = bare
        .chars()
        .filter(|c| !matches!(c, ' ' | '.' | '-' | '(' | ')' | '/'))
        .collect();
    let digits = kept.strip_prefix('+').unwrap_or(&kept);
    ((2..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()))
        .then(|| kept.as_str().into())
}

text_id!(
    /// The name an agent signs in with, and the user part of the agent's phone.
    AgentId, IdError::Name, name, "^[a-zA-Z0-9._@-]{1,64}$"
);
text_id!(
    /// The name of a queue; also the user part callers dial to reach it.
    QueueId, IdError::Name, name, "^[a-zA-Z0-9._@-]{1,64}$"
);
text_id!(
    /// The name of a menu; also the user part callers dial to reach it.
    MenuId, IdError::Name, name, "^[a-zA-Z0-9._@-]{1,64}$"
);
text_id!(
    /// A website page or segment with its entry points.
    ZoneId, IdError::Name, name, "^[a-zA-Z0-9._@-]{1,64}$"
);
text_id!(
    /// Something an agent can do.
    Skill, IdError::Name, name, "^[a-zA-Z0-9._@-]{1,64}$"
);
text_id!(
    /// A SIP peer by its configured name.
    TrunkId, IdError::Name, name, "^[a-zA-Z0-9._@-]{1,64}$"
);
text_id!(
    /// A message's id, made by its writer; repeats of it in one interaction are one message.
    Mid, IdError::Mid, mid, "^[!-~]{1,64}$"
);
text_id!(
    /// A telephone number: an optional `+` and 2 to 15 digits.
    Number, IdError::Number, number, "^[ +0-9.()/-]+$"
);

/// A place in an interaction's timeline, from 1, without gaps.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ts_rs::TS,
    utoipa::ToSchema,
)]
#[serde(transparent)]
pub struct Seq(#[ts(type = "number")] pub u64);

/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ts_rs::TS,
    utoipa::ToSchema,
)]
#[serde(transparent)]
pub struct Timestamp(#[ts(type = "number")] pub u64);

impl std::ops::Add<std::time::Duration> for Timestamp {
    type Output = Self;

    fn add(self, span: std::time::Duration) -> Self {
        Self(
            self.0
                .saturating_add(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)),
        )
    }
}

/// What a style sheet of a shared page is called: the SHA-256 of its text, in 64 lowercase hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SheetName([u8; 32]);

impl SheetName {
    /// Takes over a hash that was worked out elsewhere.
    pub fn new(hash: [u8; 32]) -> Self {
        Self(hash)
    }
}

impl fmt::Display for SheetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for SheetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for SheetName {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let digit = |b: u8| match b {
            b'0'..=b'9' => Ok(b - b'0'),
            b'a'..=b'f' => Ok(b - b'a' + 10),
            _ => Err(IdError::Sheet),
        };
        let mut hash = [0; 32];
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != hash.len() || !rest.is_empty() {
            return Err(IdError::Sheet);
        }
        for (byte, [high, low]) in hash.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Ok(Self(hash))
    }
}

text_serde!(
    SheetName,
    "The SHA-256 of a style sheet's text.",
    "^[0-9a-f]{64}$"
);

impl Timestamp {
    /// Returns the time that passed since `earlier`, zero if it lies ahead.
    pub fn since(self, earlier: Self) -> std::time::Duration {
        std::time::Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;

    #[test]
    fn a_minted_id_is_a_version_4_uuid_and_survives_text() {
        let id = InteractionId::mint(&mut StdRng::seed_from_u64(7));

        let text = id.to_string();

        assert_eq!((text.len(), &text[12..13]), (32, "4"));
        assert!("89ab".contains(&text[16..17]));
        assert_eq!(text.parse(), Ok(id));
    }

    #[test]
    fn parts_of_an_interaction_survive_text_and_refuse_each_other() {
        let leg: LegId = "0af7651916cd43dd8448eb211c80319c.3".parse().unwrap();
        let callback: CallbackId = "0af7651916cd43dd8448eb211c80319c.c1".parse().unwrap();

        assert_eq!(leg.to_string(), "0af7651916cd43dd8448eb211c80319c.3");
        assert_eq!(callback.n, 1);
        assert_eq!(
            "0af7651916cd43dd8448eb211c80319c.c1".parse::<LegId>(),
            Err(IdError::Part)
        );
        assert_eq!(
            "0af7651916cd43dd8448eb211c80319c.03".parse::<LegId>(),
            Err(IdError::Part)
        );
    }

    #[test]
    fn ids_outside_their_alphabet_are_refused() {
        for text in [
            "",
            "0AF7651916CD43DD8448EB211C80319C",
            "00000000000000000000000000000000",
            "12",
        ] {
            assert_eq!(text.parse::<InteractionId>(), Err(IdError::Hex), "{text:?}");
        }
        let name = "0123456789abcdef".repeat(4);
        assert_eq!(name.parse::<SheetName>().unwrap().to_string(), name);
        for text in [&name[1..], &name.to_uppercase(), &format!("{name}0")] {
            assert_eq!(text.parse::<SheetName>(), Err(IdError::Sheet), "{text:?}");
        }
        assert_eq!("two words".parse::<QueueId>(), Err(IdError::Name));
        assert_eq!(
            "+49 (30) 12-34".parse::<Number>().unwrap().as_str(),
            "+49301234"
        );
        assert_eq!("call me".parse::<Number>(), Err(IdError::Number));
    }
}
