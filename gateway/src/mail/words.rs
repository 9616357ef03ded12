//! What customers read: mails, and the page behind their links.

use jiff::{
    civil::DateTime,
    tz::{TimeZone, TimeZoneDatabase},
};
use serde::{Deserialize, Serialize};
use ws::id::Timestamp;

/// A language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

const DAYS: [[&str; 2]; 7] = [
    ["Monday", "Montag"],
    ["Tuesday", "Dienstag"],
    ["Wednesday", "Mittwoch"],
    ["Thursday", "Donnerstag"],
    ["Friday", "Freitag"],
    ["Saturday", "Samstag"],
    ["Sunday", "Sonntag"],
];

const MONTHS: [[&str; 2]; 12] = [
    ["January", "Januar"],
    ["February", "Februar"],
    ["March", "März"],
    ["April", "April"],
    ["May", "Mai"],
    ["June", "Juni"],
    ["July", "Juli"],
    ["August", "August"],
    ["September", "September"],
    ["October", "Oktober"],
    ["November", "November"],
    ["December", "Dezember"],
];

impl Language {
    /// Returns the one of two words that is this language's.
    pub fn of(self, [en, de]: [&str; 2]) -> &str {
        match self {
            Self::En => en,
            Self::De => de,
        }
    }

    /// Returns the code of RFC 5646.
    pub fn code(self) -> &'static str {
        self.of(["en", "de"])
    }

    /// Says a time by the clock of `zone`, an IANA name; by UTC where there is no such zone.
    pub fn time(self, at: Timestamp, zone: &str) -> String {
        let zone = zone_of(zone);
        let at = local(at, &zone);
        let word = |words: &[[&'static str; 2]], n: i8| {
            let n = usize::try_from(n - 1).unwrap_or(0);
            words.get(n).map_or("", |words| self.of(*words))
        };
        let day = word(&DAYS, at.weekday().to_monday_one_offset());
        let month = word(&MONTHS, at.month());
        let (date, year) = (at.day(), at.year());
        let (hour, minute) = (at.hour(), at.minute());
        let zone = zone.iana_name().unwrap_or("UTC");
        match self {
            Self::En => format!("{day}, {date} {month} {year}, {hour:02}:{minute:02} ({zone})"),
            Self::De => {
                format!("{day}, {date}. {month} {year}, {hour:02}:{minute:02} Uhr ({zone})")
            }
        }
    }
}

/// Returns the time zone of an IANA name, UTC where there is none of this name.
pub fn zone_of(name: &str) -> TimeZone {
    let zones = TimeZoneDatabase::bundled();
    zones.get(name).unwrap_or(TimeZone::UTC)
}

/// Returns a time by a zone's clock.
pub fn local(at: Timestamp, zone: &TimeZone) -> DateTime {
    let at = i64::try_from(at.0).unwrap_or(i64::MAX);
    let at = jiff::Timestamp::from_millisecond(at).unwrap_or(jiff::Timestamp::MAX);
    zone.to_datetime(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    // 2026-11-27, 13:30 UTC.
    const AT: Timestamp = Timestamp(1_795_786_200_000);

    #[test]
    fn a_time_is_said_by_the_customers_clock_in_their_language() {
        assert_eq!(
            Language::En.time(AT, "Europe/Berlin"),
            "Friday, 27 November 2026, 14:30 (Europe/Berlin)"
        );
        assert_eq!(
            Language::De.time(AT, "Europe/Berlin"),
            "Freitag, 27. November 2026, 14:30 Uhr (Europe/Berlin)"
        );
        assert_eq!(
            Language::En.time(AT, "Mars/Olympus"),
            "Friday, 27 November 2026, 13:30 (UTC)"
        );
    }
}
