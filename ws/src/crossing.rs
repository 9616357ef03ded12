//! How a visitor's contact follows them to another website of its zone: the page that is left makes a pass known and puts it
//! behind the `#` of the link; the page that is come to shows it, once.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::id::{LegId, Seq};

/// Brings a visitor from one website to another: 32 lowercase hexadecimal digits that the page makes by chance. It is a
/// secret for as long as it is good, so that it shows nowhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^[0-9a-f]{32}$")]
pub struct Pass(#[ts(type = "string")] u128);

/// What is no pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a pass is 32 lowercase hexadecimal digits")]
pub struct NoPass;

impl fmt::Debug for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pass(…)")
    }
}

impl TryFrom<String> for Pass {
    type Error = NoPass;

    fn try_from(text: String) -> Result<Self, NoPass> {
        let lower = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if text.len() != 32 || !text.bytes().all(lower) {
            return Err(NoPass);
        }
        let number = u128::from_str_radix(&text, 16).map_err(|_| NoPass)?;
        Ok(Self(number))
    }
}

impl From<Pass> for String {
    fn from(pass: Pass) -> Self {
        format!("{:032x}", pass.0)
    }
}

/// What a page knows by itself, and the next one goes on with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Carried {
    /// The highest entry that was on screen.
    pub read: Seq,
    /// Whether the chat stands open.
    #[serde(default)]
    pub open: bool,
    /// The leg of a call of the page.
    #[serde(default)]
    pub leg: Option<LegId>,
    /// Whether that page let nothing be heard of its microphone.
    #[serde(default)]
    pub muted: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_is_read_as_it_is_written_and_shows_nowhere() {
        let text = "00f1c5a2f3d94a0b9d5f3f0a8f1f2c11";

        let pass = Pass::try_from(text.to_owned()).unwrap();

        assert_eq!(String::from(pass), text);
        assert!(!format!("{pass:?}").contains("f1c5"));
        for wrong in [
            "",
            "00F1c5a2f3d94a0b9d5f3f0a8f1f2c11",
            "+0f1c5a2f3d94a0b9d5f3f0a8f1f2c11",
            &text[1..],
        ] {
            assert_eq!(Pass::try_from(wrong.to_owned()), Err(NoPass), "{wrong}");
        }
    }
}
