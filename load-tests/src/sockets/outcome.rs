//! What came of very many sockets, in words.

use std::fmt;

use super::{Plan, Step};

/// Bounds for an idle socket in kilobytes: plain, and by TLS.
const BOUNDS: (u32, u32) = (8, 20);
/// How many faults are shown.
const SHOWN: usize = 5;

/// The server's memory in kilobytes, where its process is known.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub before: Option<u64>,
    pub idle: Option<u64>,
    pub back: Option<u64>,
    pub after: Option<u64>,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    plan: Plan,
    pub(super) memory: Memory,
    pub(super) came: Step,
    pub(super) back: Step,
    pub(super) chatted: usize,
    pub(super) resumed: usize,
    pub(super) faults: Vec<String>,
}

impl Outcome {
    pub(super) fn new(plan: Plan) -> Self {
        Self {
            plan,
            memory: Memory::default(),
            came: Step::default(),
            back: Step::default(),
            chatted: 0,
            resumed: 0,
            faults: Vec::new(),
        }
    }

    /// Tells whether everybody was welcomed both times, and nobody was lost.
    pub fn is_whole(&self) -> bool {
        let all = self.plan.count as usize;
        let chats = self.plan.chats as usize;
        self.faults.is_empty()
            && (self.came.spread.count(), self.back.spread.count()) == (all, all)
            && (self.chatted, self.resumed) == (chats, chats)
    }

    fn each(&self, memory: u64, before: u64) -> f64 {
        (memory as f64 - before as f64) / f64::from(self.plan.count)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan {
            count,
            at_once,
            chats,
            ..
        } = self.plan;
        let secured = self.plan.tls.is_some();
        writeln!(
            f,
            "sockets: {}, {}, {count}, {at_once} on their way in at a time",
            self.plan.against.name(),
            if secured { "by TLS" } else { "plain" }
        )?;
        for (what, step) in [("came", &self.came), ("came back after a cut", &self.back)] {
            writeln!(
                f,
                "  {what}: {} of {count} welcomed within {:.2} s; connect to welcome {}",
                step.spread.count(),
                step.took.as_secs_f64(),
                step.spread
            )?;
        }
        if chats > 0 {
            writeln!(
                f,
                "  chats begun {} of {chats}, taken up again {}",
                self.chatted, self.resumed
            )?;
        }
        let Memory {
            before: Some(before),
            idle: Some(idle),
            back: Some(back),
            after: Some(after),
        } = self.memory
        else {
            write!(f, "  memory of the server: give --pid to know; ")?;
            return self.tell_faults(f);
        };
        let bound = if secured { BOUNDS.1 } else { BOUNDS.0 };
        writeln!(
            f,
            "  memory: {before} kB without, {idle} kB with them: {:.2} kB a socket (bound of Tandem {bound})",
            self.each(idle, before)
        )?;
        write!(
            f,
            "  memory after they came back {back} kB ({:.2} kB a socket), after all were gone {after} kB; ",
            self.each(back, before)
        )?;
        self.tell_faults(f)
    }
}

impl Outcome {
    fn tell_faults(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "faults {}", self.faults.len())?;
        for fault in self.faults.iter().take(SHOWN) {
            write!(f, "\n    {fault}")?;
        }
        Ok(())
    }
}
