//! What a server holds at one moment: memory, open files with its ports among them, threads, and what it says itself of its
//! legs, transactions and tasks.

use std::{collections::BTreeMap, fmt};

use anyhow::{Result, ensure};

use crate::{process::Process, web::Web};

/// What Tandem says of itself in `/metrics` that must be back at its start when all calls are over.
const GAUGES: [&str; 4] = [
    "tandem_legs_live",
    "tandem_sip_calls_live",
    "tandem_sip_transactions",
    "tandem_tasks",
];

/// What there is at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Holdings {
    /// Kilobytes of memory.
    pub memory: u64,
    files: usize,
    threads: usize,
    gauges: BTreeMap<&'static str, f64>,
}

impl Holdings {
    /// Looks at all processes of a server, and where it is Tandem at its metrics.
    pub async fn of(processes: &[Process], ops: Option<&Web>) -> Result<Self> {
        let mut found = Self::default();
        for process in processes {
            found.memory += process.memory()?;
            found.files += process.files()?;
            found.threads += process.threads()?;
        }
        if let Some(ops) = ops {
            let answer = ops.ask("GET", "/metrics", None, None).await?;
            ensure!(
                answer.status == 200,
                "/metrics was answered {}",
                answer.status
            );
            found.gauges = GAUGES
                .into_iter()
                .map(|name| (name, sum(&answer.body, name)))
                .collect();
        }
        Ok(found)
    }

    /// Tells whether nothing but memory is more than it was at `start`.
    pub fn is_back_at(&self, start: &Self) -> bool {
        let more = |(name, value): (&&str, &f64)| start.gauges.get(*name) < Some(value);
        self.files <= start.files && self.threads <= start.threads && !self.gauges.iter().any(more)
    }
}

impl fmt::Display for Holdings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.1} MB, {} open files, {} threads",
            self.memory as f64 / 1024.0,
            self.files,
            self.threads
        )?;
        for (name, value) in &self.gauges {
            write!(f, ", {} {value}", name.trim_start_matches("tandem_"))?;
        }
        Ok(())
    }
}

// All series of a metric together.
fn sum(metrics: &str, name: &str) -> f64 {
    let value = |line: &str| {
        let (series, value) = line.rsplit_once(' ')?;
        let this = series.split('{').next() == Some(name);
        value.parse::<f64>().ok().filter(|_| this)
    };
    metrics.lines().filter_map(value).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const METRICS: &str = "# TYPE tandem_legs_live gauge\ntandem_legs_live{kind=\"caller\"} 2\n\
                           tandem_legs_live{kind=\"agent\"} 1\ntandem_legs_lively 9\n";

    fn holdings(files: usize, legs: f64) -> Holdings {
        Holdings {
            memory: files as u64,
            files,
            threads: 1,
            gauges: BTreeMap::from([("tandem_legs_live", legs)]),
        }
    }

    #[test]
    fn all_series_of_a_metric_count_and_no_other() {
        assert_eq!(sum(METRICS, "tandem_legs_live"), 3.0);
        assert_eq!(sum(METRICS, "tandem_tasks"), 0.0);
    }

    #[test]
    fn one_leg_or_one_port_too_many_is_not_the_start() {
        let start = holdings(10, 0.0);

        assert!(holdings(10, 0.0).is_back_at(&start));
        assert!(holdings(9, 0.0).is_back_at(&start));
        assert!(!holdings(11, 0.0).is_back_at(&start));
        assert!(!holdings(10, 1.0).is_back_at(&start));
    }
}
