//! Stretches of a day and days of a year as they are written.

use std::str::FromStr;

use jiff::civil::Date;

/// Why a text is not what hours are made of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// Not a stretch of a day.
    #[error(
        "\"{text}\" is no stretch of a day; write one like \"09:00-17:30\", at most to \"24:00\""
    )]
    Stretch {
        /// What was written.
        text: String,
    },
    /// Not a day or range of days.
    #[error(
        "\"{text}\" names no days; write a date \"2026-12-24\", a range \"2026-12-27..2026-12-31\", or the same without the year for every year"
    )]
    Days {
        /// What was written.
        text: String,
    },
    /// Not a time zone.
    #[error("there is no time zone \"{zone}\"; write one like \"Europe/Berlin\" or \"UTC\"")]
    Zone {
        /// What was written.
        zone: String,
    },
    /// Two stretches of one day have a time in common.
    #[error("\"{first}\" and \"{second}\" overlap")]
    Overlap {
        /// One.
        first: Stretch,
        /// The other.
        second: Stretch,
    },
}

/// A stretch of a day, in minutes; one that ends before it begins goes on after midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stretch {
    from: u16,
    to: u16,
}

/// When a stretch ends, in minutes after midnight.
pub(super) enum End {
    SameDay(u16),
    NextDay(u16),
}

/// The minutes of a day.
const DAY: u16 = 24 * 60;

impl Stretch {
    pub(super) fn begins(self) -> u16 {
        self.from
    }

    pub(super) fn ends(self) -> End {
        match self.to {
            DAY => End::NextDay(0),
            to if to <= self.from => End::NextDay(to),
            to => End::SameDay(to),
        }
    }

    // In minutes after the midnight it begins after.
    fn last(self) -> u16 {
        match self.ends() {
            End::SameDay(to) => to,
            End::NextDay(to) => DAY + to,
        }
    }
}

impl FromStr for Stretch {
    type Err = HoursError;

    fn from_str(text: &str) -> Result<Self, HoursError> {
        let wrong = || HoursError::Stretch {
            text: text.to_owned(),
        };
        let (from, to) = text.split_once('-').ok_or_else(wrong)?;
        let from = minutes(from.trim()).filter(|from| *from < DAY);
        let to = minutes(to.trim());
        match (from, to) {
            (Some(from), Some(to)) if from != to => Ok(Self { from, to }),
            _ => Err(wrong()),
        }
    }
}

impl std::fmt::Display for Stretch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { from, to } = self;
        let (h, m) = (from / 60, from % 60);
        write!(f, "{h:02}:{m:02}-{:02}:{:02}", to / 60, to % 60)
    }
}

fn minutes(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str| -> Option<u16> {
        let plain = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|_| plain)
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    let whole = hour * 60 + minute;
    (minute < 60 && whole <= DAY).then_some(whole)
}

/// Puts the stretches of a day in order and checks that they are apart.
pub(super) fn put_in_order(stretches: &mut [Stretch]) -> Result<(), HoursError> {
    stretches.sort_unstable();
    let overlap = stretches
        .windows(2)
        .find(|pair| pair[1].from < pair[0].last());
    match overlap {
        Some(&[first, second]) => Err(HoursError::Overlap { first, second }),
        Some(_) | None => Ok(()),
    }
}

/// One or more days, of one year or of every year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Days {
    /// A date.
    On(Date),
    /// From a date to another, both included.
    Range(Date, Date),
    /// Month and day, every year.
    Yearly(i8, i8),
    /// From a month and day to another, both included, every year; it may go over the end of the year.
    YearlyRange((i8, i8), (i8, i8)),
}

impl Days {
    // The less, the more particular.
    pub(super) fn breadth(&self) -> u8 {
        match self {
            Self::On(_) => 0,
            Self::Range(..) => 1,
            Self::Yearly(..) => 2,
            Self::YearlyRange(..) => 3,
        }
    }

    pub(super) fn hold(&self, date: Date) -> bool {
        let day = (date.month(), date.day());
        match *self {
            Self::On(on) => on == date,
            Self::Range(first, last) => (first..=last).contains(&date),
            Self::Yearly(month, on) => day == (month, on),
            Self::YearlyRange(first, last) if first <= last => (first..=last).contains(&day),
            Self::YearlyRange(first, last) => day >= first || day <= last,
        }
    }
}

impl FromStr for Days {
    type Err = HoursError;

    fn from_str(text: &str) -> Result<Self, HoursError> {
        let wrong = || HoursError::Days {
            text: text.to_owned(),
        };
        let day = |text: &str| Day::read(text.trim()).ok_or_else(wrong);
        let Some((first, last)) = text.split_once("..") else {
            return Ok(match day(text)? {
                Day::Of(date) => Self::On(date),
                Day::Every(month, day) => Self::Yearly(month, day),
            });
        };
        match (day(first)?, day(last)?) {
            (Day::Of(first), Day::Of(last)) if first <= last => Ok(Self::Range(first, last)),
            (Day::Every(month, day), Day::Every(last_month, last_day)) => {
                Ok(Self::YearlyRange((month, day), (last_month, last_day)))
            }
            (Day::Of(_), Day::Of(_) | Day::Every(..)) | (Day::Every(..), Day::Of(_)) => {
                Err(wrong())
            }
        }
    }
}

impl std::fmt::Display for Days {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::On(date) => write!(f, "{date}"),
            Self::Range(first, last) => write!(f, "{first}..{last}"),
            Self::Yearly(month, day) => write!(f, "{month:02}-{day:02}"),
            Self::YearlyRange((month, day), (last_month, last_day)) => {
                write!(f, "{month:02}-{day:02}..{last_month:02}-{last_day:02}")
            }
        }
    }
}

enum Day {
    Of(Date),
    Every(i8, i8),
}

impl Day {
    fn read(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('-').collect();
        let plain = |text: &str, len: usize| -> Option<i16> {
            let digits = text.len() == len && text.bytes().all(|b| b.is_ascii_digit());
            text.parse().ok().filter(|_| digits)
        };
        let short = |text: &str| plain(text, 2).and_then(|n| i8::try_from(n).ok());
        match parts[..] {
            [year, month, day] => {
                let date = Date::new(plain(year, 4)?, short(month)?, short(day)?);
                date.ok().map(Self::Of)
            }
            [month, day] => {
                let (month, day) = (short(month)?, short(day)?);
                // A leap year has every day there is.
                Date::new(2024, month, day).ok()?;
                Some(Self::Every(month, day))
            }
            _ => None,
        }
    }
}
