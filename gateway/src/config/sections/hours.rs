//! When somebody is there: `[hours.NAME]`.

use std::collections::BTreeMap;

use hub::hours::{self, Days, HoursError, Stretch};
use serde::{Deserialize, Serialize};

use crate::config::value::Written;

/// `[hours.NAME]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// The time zone, such as `Europe/Berlin`.
    pub zone: String,
    /// Days that are closed all day.
    #[serde(default)]
    pub holidays: Vec<Written<Days>>,
    /// The openings of each day of the week.
    #[serde(default)]
    pub week: Week,
    /// Days with openings of their own.
    #[serde(default)]
    pub special: BTreeMap<Written<Days>, Vec<Written<Stretch>>>,
}

/// `week` in `[hours.NAME]`: stretches such as `09:00-17:30`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the days of the week")]
pub struct Week {
    pub mon: Vec<Written<Stretch>>,
    pub tue: Vec<Written<Stretch>>,
    pub wed: Vec<Written<Stretch>>,
    pub thu: Vec<Written<Stretch>>,
    pub fri: Vec<Written<Stretch>>,
    pub sat: Vec<Written<Stretch>>,
    pub sun: Vec<Written<Stretch>>,
}

impl Hours {
    /// Returns what it means.
    pub fn hours(&self) -> Result<hours::Hours, HoursError> {
        let Week {
            mon,
            tue,
            wed,
            thu,
            fri,
            sat,
            sun,
        } = &self.week;
        let week = [mon, tue, wed, thu, fri, sat, sun].map(|day| plain(day));
        let special = self.special.iter();
        let special = special.map(|(days, openings)| (days.0, plain(openings)));
        let holidays = self.holidays.iter().map(|days| (days.0, Vec::new()));
        hours::Hours::new(&self.zone, week, special.chain(holidays).collect())
    }
}

fn plain(stretches: &[Written<Stretch>]) -> Vec<Stretch> {
    stretches.iter().map(|stretch| stretch.0).collect()
}
