//! Business hours: a week of openings in a time zone, and the days that are otherwise. The rules of time zones are those
//! compiled in, so that the same inputs mean the same everywhere.

mod text;

use std::time::Duration;

use jiff::{
    civil::{Date, Time},
    tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase},
};
use ws::id::Timestamp;

pub use text::{Days, HoursError, Stretch};

/// When somebody is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Hours {
    zone: TimeZone,
    /// From Monday on.
    week: [Vec<Stretch>; 7],
    /// The most particular first.
    otherwise: Vec<(Days, Vec<Stretch>)>,
}

/// How it stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Open.
    Open {
        /// Until then; none where that is not within nine days.
        until: Option<Timestamp>,
    },
    /// Closed.
    Closed {
        /// When it opens next; none if it does not within 400 days.
        opens: Option<Timestamp>,
    },
}

/// How many days ahead the next opening is looked for.
const AHEAD: usize = 400;
const DAY: Duration = Duration::from_secs(86_400);
/// How many days ahead the end of an opening is looked for, in case it never closes.
const OPEN_AHEAD: usize = 9;

impl Hours {
    /// Makes hours of the days of a week from Monday on. `otherwise` are the days with openings of their own, none for a
    /// holiday; where several name a day, a date goes before a range of dates, those before a day of every year, and
    /// that before a range of days of every year.
    pub fn new(
        zone: &str,
        mut week: [Vec<Stretch>; 7],
        mut otherwise: Vec<(Days, Vec<Stretch>)>,
    ) -> Result<Self, HoursError> {
        let database = TimeZoneDatabase::bundled();
        let zone = database.get(zone).map_err(|_| HoursError::Zone {
            zone: zone.to_owned(),
        })?;
        let all = otherwise.iter_mut().map(|(_, stretches)| stretches);
        for stretches in week.iter_mut().chain(all) {
            text::put_in_order(stretches)?;
        }
        otherwise.sort_by_key(|(days, _)| days.breadth());
        Ok(Self {
            zone,
            week,
            otherwise,
        })
    }

    /// Tells whether it is open at `now`, and when that changes.
    pub fn at(&self, now: Timestamp) -> Opening {
        let mut until: Option<Timestamp> = None;
        let mut day = self.local(now).yesterday().ok();
        for n in 0..AHEAD {
            let Some(date) = day else { break };
            for (begin, end) in self.openings(date) {
                match until {
                    Some(known) if begin <= known => until = Some(known.max(end)),
                    Some(_) => return Opening::Open { until },
                    None if end <= now => {}
                    None if begin <= now => until = Some(end),
                    None => return Opening::Closed { opens: Some(begin) },
                }
            }
            if until.is_some() && n >= OPEN_AHEAD {
                // What reaches the next day may go on there.
                let until = until.filter(|until| self.local(*until) <= date);
                return Opening::Open { until };
            }
            day = date.tomorrow().ok();
        }
        match until {
            Some(_) => Opening::Open { until: None },
            None => Opening::Closed { opens: None },
        }
    }

    /// Tells whether all of these are open at `now`, and when that changes.
    pub fn all_at(all: &[&Self], now: Timestamp) -> Opening {
        let last = now + DAY * u32::try_from(AHEAD).unwrap_or(u32::MAX);
        let mut at = now;
        while at <= last {
            let (mut opens, mut until) = (None, None::<Timestamp>);
            for hours in all {
                match hours.at(at) {
                    Opening::Open { until: end } => until = until.into_iter().chain(end).min(),
                    Opening::Closed { opens: None } => return Opening::Closed { opens: None },
                    Opening::Closed { opens: next } => opens = opens.max(next),
                }
            }
            match opens {
                // The others may be closed by then.
                Some(next) => at = next,
                None if at == now => return Opening::Open { until },
                None => return Opening::Closed { opens: Some(at) },
            }
        }
        Opening::Closed { opens: None }
    }

    fn local(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(instant(at)).date()
    }

    // A day's openings as moments. What a change of the clocks takes away is not open; an hour that comes twice is.
    fn openings(&self, date: Date) -> impl Iterator<Item = (Timestamp, Timestamp)> + '_ {
        let stretches = self.of_day(date).iter();
        stretches.filter_map(move |stretch| {
            let begin = self.moment(date, stretch.begins(), Side::Begin)?;
            let (last, minute) = match stretch.ends() {
                text::End::SameDay(minute) => (date, minute),
                text::End::NextDay(minute) => (date.tomorrow().ok()?, minute),
            };
            let end = self.moment(last, minute, Side::End)?;
            (begin < end).then_some((begin, end))
        })
    }

    fn of_day(&self, date: Date) -> &[Stretch] {
        let own = self.otherwise.iter().find(|(days, _)| days.hold(date));
        let weekday = usize::from(date.weekday().to_monday_zero_offset().unsigned_abs());
        own.map_or(&self.week[weekday], |(_, stretches)| stretches)
    }

    fn moment(&self, date: Date, minute: u16, side: Side) -> Option<Timestamp> {
        let (hour, minute) = (minute / 60, minute % 60);
        let time = Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0).ok()?;
        let local = date.to_datetime(time);
        let ambiguous = self.zone.to_ambiguous_timestamp(local);
        let at = match (ambiguous.offset(), side) {
            (AmbiguousOffset::Unambiguous { offset }, _)
            // Of an hour that comes twice, an opening begins with the first and ends with the second.
            | (AmbiguousOffset::Fold { before: offset, .. }, Side::Begin)
            | (AmbiguousOffset::Fold { after: offset, .. }, Side::End) => {
                offset.to_timestamp(local).ok()?
            }
            // A time that does not come is the moment the clocks are put forward.
            (AmbiguousOffset::Gap { after, .. }, Side::Begin | Side::End) => {
                let before = after.to_timestamp(local).ok()?;
                self.zone.following(before).next()?.timestamp()
            }
        };
        u64::try_from(at.as_millisecond()).ok().map(Timestamp)
    }
}

#[derive(Clone, Copy)]
enum Side {
    Begin,
    End,
}

fn instant(at: Timestamp) -> jiff::Timestamp {
    i64::try_from(at.0)
        .ok()
        .and_then(|at| jiff::Timestamp::from_millisecond(at).ok())
        .unwrap_or(jiff::Timestamp::MAX)
}

#[cfg(test)]
mod tests;
