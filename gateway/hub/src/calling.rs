//! When a customer may be called: certain hours of the day where the customer is. Where that is tells a time zone that
//! was given, or else the number's prefix; a country of several zones is called only while all of them allow it.

mod zones;

use std::collections::BTreeMap;

use ws::id::{Number, Timestamp};

use crate::hours::{Hours, HoursError, Opening, Stretch};

/// The hours in which customers may be called. Without any, they may be called at all times.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallingHours {
    stretch: Option<Stretch>,
    /// Zones by prefix, before those known of countries.
    own: BTreeMap<String, String>,
    /// Where numbers without a known prefix are.
    home: String,
    /// What was made already, by zone.
    made: BTreeMap<String, Hours>,
}

/// So many openings in a row are looked at to find one that all zones of a country share. Each brings the moment
/// forward, and two days of the farthest zones are enough.
const ROUNDS: usize = 64;

impl CallingHours {
    /// Makes calling hours of one stretch of each day; `own` names the zones of prefixes, such as `+1212`, that go
    /// before those known of countries, and `home` that of every other number.
    pub fn new(
        stretch: Stretch,
        own: BTreeMap<String, String>,
        home: &str,
    ) -> Result<Self, HoursError> {
        let known = zones::all().map(str::to_owned);
        let named = known.chain(own.values().cloned());
        let made = named
            .chain([home.to_owned()])
            .map(|zone| Ok((zone.clone(), every_day(&zone, stretch)?)))
            .collect::<Result<_, HoursError>>()?;
        Ok(Self {
            stretch: Some(stretch),
            own,
            home: home.to_owned(),
            made,
        })
    }

    /// Tells whether there is a time zone of this name.
    pub fn is_zone(zone: &str) -> bool {
        jiff::tz::TimeZoneDatabase::bundled().get(zone).is_ok()
    }

    /// Returns the first moment from `at` on at which `number` may be called; `zone` is where the customer is, if that
    /// was told. None if there is none within days.
    pub fn next(&self, number: &Number, zone: Option<&str>, at: Timestamp) -> Option<Timestamp> {
        let hours = self.of(number, zone);
        let mut at = at;
        for _ in 0..ROUNDS {
            let closed = hours.iter().find_map(|hours| match hours.at(at) {
                Opening::Open { .. } => None,
                Opening::Closed { opens } => Some(opens),
            });
            match closed {
                None => return Some(at),
                Some(opens) => at = opens?,
            }
        }
        None
    }

    /// Returns when `number`, who may be called at `at`, may not be called any more; none if that does not end.
    pub fn closes(&self, number: &Number, zone: Option<&str>, at: Timestamp) -> Option<Timestamp> {
        let hours = self.of(number, zone);
        let ends = hours.iter().filter_map(|hours| match hours.at(at) {
            Opening::Open { until } => until,
            Opening::Closed { .. } => None,
        });
        ends.min()
    }

    fn of(&self, number: &Number, zone: Option<&str>) -> Vec<Hours> {
        let Some(stretch) = self.stretch else {
            return Vec::new();
        };
        let made = |zone: &str| self.made.get(zone).cloned();
        if let Some(zone) = zone {
            let given = made(zone).or_else(|| every_day(zone, stretch).ok());
            if let Some(hours) = given {
                return vec![hours];
            }
        }
        let number = number.as_str();
        let own = (1..=number.len()).rev();
        let own = own.filter_map(|n| self.own.get(number.get(..n)?)).next();
        match own {
            Some(zone) => made(zone).into_iter().collect(),
            None => match zones::of(number) {
                Some(zones) => zones.iter().filter_map(|zone| made(zone)).collect(),
                None => made(&self.home).into_iter().collect(),
            },
        }
    }
}

/// Returns the time zone by whose clock the holder of `number` is told times: that of its prefix in `own`, that of its
/// country where it has only one, or `home`.
pub fn clock_of<'a>(number: &Number, own: &'a BTreeMap<String, String>, home: &'a str) -> &'a str {
    let number = number.as_str();
    let mut prefixes = (1..=number.len()).rev();
    let own = prefixes.find_map(|n| own.get(number.get(..n)?));
    match (own, zones::of(number)) {
        (Some(zone), _) => zone,
        (None, Some([zone])) => zone,
        (None, Some(_) | None) => home,
    }
}

fn every_day(zone: &str, stretch: Stretch) -> Result<Hours, HoursError> {
    Hours::new(zone, std::array::from_fn(|_| vec![stretch]), Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        let at: jiff::Timestamp = text.parse().unwrap();
        Timestamp(at.as_millisecond().try_into().unwrap())
    }

    fn hours() -> CallingHours {
        let own = [("+1212".to_owned(), "America/New_York".to_owned())];
        CallingHours::new("08:00-21:00".parse().unwrap(), own.into(), "Europe/Berlin").unwrap()
    }

    fn next(number: &str, zone: Option<&str>, from: &str) -> Option<Timestamp> {
        hours().next(&number.parse().unwrap(), zone, at(from))
    }

    #[test]
    fn a_night_where_the_customer_is_is_waited_for() {
        // Summer in Berlin is two hours ahead, winter one.
        for (number, from, opens) in [
            ("+4930100", "2026-07-01T05:00:00Z", "2026-07-01T06:00:00Z"),
            ("+4930100", "2026-12-01T06:30:00Z", "2026-12-01T07:00:00Z"),
            ("+4930100", "2026-07-01T12:00:00Z", "2026-07-01T12:00:00Z"),
            ("+4930100", "2026-07-01T19:00:00Z", "2026-07-02T06:00:00Z"),
            ("+81312345", "2026-07-01T12:30:00Z", "2026-07-01T23:00:00Z"),
            ("0301234", "2026-07-01T05:00:00Z", "2026-07-01T06:00:00Z"),
        ] {
            assert_eq!(next(number, None, from), Some(at(opens)), "{number} {from}");
        }
    }

    #[test]
    fn times_are_told_by_the_clock_of_the_prefix_the_country_or_the_house() {
        let own = [("+1212".to_owned(), "America/New_York".to_owned())].into();
        for (number, zone) in [
            ("+12125550100", "America/New_York"),
            ("+15551234567", "Europe/Vienna"),
            ("+4930100", "Europe/Berlin"),
            ("0301234", "Europe/Vienna"),
        ] {
            let number = number.parse().unwrap();
            assert_eq!(clock_of(&number, &own, "Europe/Vienna"), zone);
        }
    }

    #[test]
    fn a_country_of_several_zones_is_called_while_all_of_them_allow_it() {
        // 08:00 in Honolulu is 14:00 in New York.
        let from = "2026-07-01T12:30:00Z";

        assert_eq!(
            next("+15551234567", None, from),
            Some(at("2026-07-01T18:00:00Z"))
        );
        assert_eq!(next("+12125551234", None, from), Some(at(from)));
        assert_eq!(
            next("+15551234567", Some("America/New_York"), from),
            Some(at(from))
        );
    }

    #[test]
    fn the_end_of_the_hours_is_known() {
        let closes = hours().closes(
            &"+4930100".parse().unwrap(),
            None,
            at("2026-07-01T12:00:00Z"),
        );

        assert_eq!(closes, Some(at("2026-07-01T19:00:00Z")));
    }

    #[test]
    fn without_hours_everybody_may_be_called_at_all_times() {
        let number = "+4930100".parse().unwrap();
        let at = at("2026-07-01T01:00:00Z");

        let hours = CallingHours::default();

        assert_eq!(hours.next(&number, None, at), Some(at));
        assert_eq!(hours.closes(&number, None, at), None);
    }

    #[test]
    fn every_country_has_hours_in_which_it_may_be_called() {
        let hours = hours();
        for (prefix, _) in zones::TABLE {
            let number = format!("{prefix}5551234").parse().unwrap();
            for hour in 0..24 {
                let from =
                    at("2026-03-28T00:00:00Z") + std::time::Duration::from_secs(hour * 3_600);
                let next = hours.next(&number, None, from).expect("some hour");
                assert!(next.since(from).as_secs() < 86_400, "{prefix} {hour}");
            }
        }
    }

    #[test]
    fn a_zone_that_is_none_is_refused() {
        let made = CallingHours::new("08:00-21:00".parse().unwrap(), BTreeMap::new(), "Mars");

        assert!(made.is_err());
        assert!(CallingHours::is_zone("Europe/Berlin") && !CallingHours::is_zone("Mars"));
    }
}
