//! What another process uses of the machine, read from `/proc`.

use std::{fs, time::Duration};

use anyhow::{Context, Result};

/// Clock ticks a second; Linux shows user space 100 on every architecture (`USER_HZ`).
const TICKS: u32 = 100;

/// A process by its number.
#[derive(Clone, Copy, Debug)]
pub struct Process {
    pid: u32,
}

impl Process {
    /// Takes the process with this number.
    pub fn new(pid: u32) -> Self {
        Self { pid }
    }

    /// Returns the processor time it has used so far, in user and kernel mode.
    pub fn cpu(self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid))
            .with_context(|| format!("no process {}", self.pid))?;
        cpu(&stat).with_context(|| format!("/proc/{}/stat is not as expected", self.pid))
    }

    /// Returns how much memory it holds, in kilobytes.
    pub fn memory(self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid))
            .with_context(|| format!("no process {}", self.pid))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .context("no VmRSS")?;
        line.trim()
            .trim_end_matches(" kB")
            .parse()
            .context("VmRSS is no number")
    }

    /// Returns how many files it has open, sockets among them.
    pub fn files(self) -> Result<usize> {
        self.count("fd")
    }

    /// Returns how many threads it has.
    pub fn threads(self) -> Result<usize> {
        self.count("task")
    }

    fn count(self, folder: &str) -> Result<usize> {
        let entries = fs::read_dir(format!("/proc/{}/{folder}", self.pid));
        Ok(entries
            .with_context(|| format!("no process {}", self.pid))?
            .count())
    }
}

fn cpu(stat: &str) -> Option<Duration> {
    // The second field is a name in brackets and may hold anything; fields are counted from behind it.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: u32 = fields.next()?.parse().ok()?;
    let kernel: u32 = fields.next()?.parse().ok()?;
    Some(Duration::from_secs(1) * (user + kernel) / TICKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_user_and_kernel_time() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 1 0 1 1 1";

        assert_eq!(cpu(stat), Some(Duration::from_secs(3)));
        assert_eq!(cpu("nonsense"), None);
    }
}
