//! One address, or one of each family, as they are written.

use std::{
    fmt,
    marker::PhantomData,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeSeq};
use sip::families::{Families, Family};

/// One address in quotes, or a list of one of IPv4 and one of IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Each<T>(pub Families<T>);

/// The same, which may be left out by writing an empty text or list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaybeEach<T>(pub Option<Families<T>>);

/// What has a family.
pub trait Address: FromStr<Err: fmt::Display> + fmt::Display {
    /// Returns it.
    fn family(&self) -> Family;
}

impl Address for IpAddr {
    fn family(&self) -> Family {
        Family::of(*self)
    }
}

impl Address for SocketAddr {
    fn family(&self) -> Family {
        Family::of(self.ip())
    }
}

impl<T: Copy> MaybeEach<T> {
    /// Returns that of a family.
    pub fn get(&self, family: Family) -> Option<T> {
        self.0.as_ref()?.get(family).copied()
    }
}

impl<T: fmt::Display> Serialize for Each<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Families::V4(one) | Families::V6(one) => serializer.collect_str(one),
            Families::Both { v4, v6 } => {
                let mut list = serializer.serialize_seq(Some(2))?;
                list.serialize_element(&v4.to_string())?;
                list.serialize_element(&v6.to_string())?;
                list.end()
            }
        }
    }
}

impl<T: fmt::Display + Copy> Serialize for MaybeEach<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(families) => Each(families).serialize(serializer),
            None => serializer.serialize_str(""),
        }
    }
}

impl<'de, T: Address> Deserialize<'de> for Each<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = deserializer.deserialize_any(Listed(PhantomData))?;
        read.map(Self)
            .ok_or_else(|| de::Error::custom("must not be empty; write an address"))
    }
}

impl<'de, T: Address> Deserialize<'de> for MaybeEach<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Listed(PhantomData)).map(Self)
    }
}

struct Listed<T>(PhantomData<T>);

impl<'de, T: Address> de::Visitor<'de> for Listed<T> {
    type Value = Option<Families<T>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an address in quotes, or a list of one of IPv4 and one of IPv6")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        if text.is_empty() {
            return Ok(None);
        }
        let one: T = text.parse().map_err(E::custom)?;
        Ok(Some(Families::one(one.family(), one)))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut found: Option<Families<T>> = None;
        while let Some(text) = list.next_element::<String>()? {
            let one: T = text.parse().map_err(de::Error::custom)?;
            found = Some(match (found, one.family()) {
                (None, family) => Families::one(family, one),
                (Some(Families::V4(v4)), Family::V6) => Families::Both { v4, v6: one },
                (Some(Families::V6(v6)), Family::V4) => Families::Both { v4: one, v6 },
                (Some(Families::V4(_) | Families::V6(_) | Families::Both { .. }), _) => {
                    return Err(de::Error::custom(format!(
                        "\"{text}\" is one too many; write one address of IPv4 and one of IPv6"
                    )));
                }
            });
        }
        Ok(found)
    }
}
