//! What a customer says of how they were served.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// How well the customer found they were served, from 1 (badly) to 5 (very well).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(try_from = "u8", into = "u8")]
pub struct Score(#[ts(type = "number")] u8);

/// A score outside one to five.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a score is 1 to 5, not {score}")]
pub struct OutOfRange {
    score: u8,
}

impl TryFrom<u8> for Score {
    type Error = OutOfRange;

    fn try_from(score: u8) -> Result<Self, Self::Error> {
        if !(1..=5).contains(&score) {
            return Err(OutOfRange { score });
        }
        Ok(Self(score))
    }
}

impl From<Score> for u8 {
    fn from(score: Score) -> Self {
        score.0
    }
}

impl Score {
    /// Reads a key of a telephone; none unless it is `1` to `5`.
    pub fn from_digit(digit: char) -> Option<Self> {
        let digit = u8::try_from(digit.to_digit(10)?).ok()?;
        Self::try_from(digit).ok()
    }

    /// Returns the number, 1 to 5.
    pub fn number(self) -> u8 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_one_to_five_and_nothing_else() {
        assert_eq!(Score::from_digit('1').map(Score::number), Some(1));
        assert_eq!(Score::from_digit('5').map(Score::number), Some(5));
        for digit in ['0', '6', '9', '*', '#', 'A'] {
            assert_eq!(Score::from_digit(digit), None, "{digit}");
        }
        assert!(serde_json::from_str::<Score>("6").is_err());
        assert!(serde_json::from_str::<Score>("0").is_err());
        assert_eq!(
            serde_json::from_str::<Score>("3").ok(),
            Score::try_from(3).ok()
        );
    }
}
