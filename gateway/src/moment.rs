//! Times as people type them.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, de};

/// A point in time, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(i64);

/// Why a text is no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "is no time; write a day like 2026-11-26, a time like 2026-11-26T09:00:00Z, or milliseconds since 1970"
)]
pub struct NoTime;

impl Moment {
    /// Returns the milliseconds.
    pub fn millis(self) -> i64 {
        self.0
    }
}

impl FromStr for Moment {
    type Err = NoTime;

    fn from_str(text: &str) -> Result<Self, NoTime> {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().map(Self).map_err(|_| NoTime);
        }
        if let Ok(time) = text.parse::<jiff::Timestamp>() {
            if !has_offset(text) {
                return Err(NoTime);
            }
            return Ok(Self(time.as_millisecond()));
        }
        // A day begins at midnight UTC, as days do in the views of the tables.
        let day: jiff::civil::Date = text.parse().map_err(|_| NoTime)?;
        let midnight = jiff::tz::TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0));
        let midnight = midnight.map_err(|_| NoTime)?;
        Ok(Self(midnight.as_millisecond()))
    }
}

// RFC 3339 §5.6: an offset has 23 hours at most; the library reads 25.
fn has_offset(text: &str) -> bool {
    let pieces = jiff::fmt::temporal::Pieces::parse(text);
    let offset = pieces.ok().and_then(|pieces| pieces.to_numeric_offset());
    offset.is_some_and(|offset| offset.seconds().abs() < 86_400)
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map_err(|error| de::Error::custom(format!("\"{text}\" {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_a_time_and_milliseconds_are_times() {
        let at = |text: &str| text.parse::<Moment>().map(Moment::millis);

        assert_eq!(at("2026-01-01"), Ok(1_767_225_600_000));
        assert_eq!(at("2026-01-01T01:00:00+01:00"), Ok(1_767_225_600_000));
        assert_eq!(at("2026-01-01T23:59:00+23:59"), Ok(1_767_225_600_000));
        assert_eq!(at("2025-12-31T00:01:00-23:59"), Ok(1_767_225_600_000));
        assert_eq!(at("1767225600000"), Ok(1_767_225_600_000));
        for text in [
            "",
            "yesterday",
            "2026-13-01",
            "12:00",
            "2026-01-01T01:00:00+24:00",
            "2026-01-01T01:00:00-25:00",
            "2026-01-01T01:00:00+01:60",
        ] {
            assert_eq!(at(text), Err(NoTime), "{text:?}");
        }
    }
}
