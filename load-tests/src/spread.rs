//! How a quantity spreads: percentiles of what was measured.

use std::{fmt, time::Duration};

/// A set of measured durations.
#[derive(Clone, Debug, Default)]
pub struct Spread {
    micros: Vec<u64>,
}

impl Spread {
    /// Adds one.
    pub fn add(&mut self, took: Duration) {
        self.micros
            .push(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    /// Adds all of another.
    pub fn extend(&mut self, other: &Self) {
        self.micros.extend_from_slice(&other.micros);
    }

    /// Returns how many there are.
    pub fn count(&self) -> usize {
        self.micros.len()
    }

    /// Returns the value that a share of all, 0 to 1, does not exceed; in milliseconds.
    pub fn percentile(&self, share: f64) -> f64 {
        let mut sorted = self.micros.clone();
        sorted.sort_unstable();
        let rank = (share * sorted.len() as f64).ceil() as usize;
        sorted
            .get(rank.clamp(1, sorted.len().max(1)) - 1)
            .map_or(0.0, |&micros| micros as f64 / 1000.0)
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = |share| self.percentile(share);
        write!(
            f,
            "p50 {:.2} ms, p95 {:.2} ms, p99 {:.2} ms, max {:.2} ms",
            at(0.50),
            at(0.95),
            at(0.99),
            at(1.0)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let mut spread = Spread::default();
        for millis in (1..=100).rev() {
            spread.add(Duration::from_millis(millis));
        }

        assert_eq!(spread.percentile(0.50), 50.0);
        assert_eq!(spread.percentile(0.99), 99.0);
        assert_eq!(spread.percentile(1.0), 100.0);
        assert_eq!(Spread::default().percentile(0.99), 0.0);
    }
}
