//! What all legs of a switchboard use.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sip::media::MediaEvent;
use sip::rtp::FRAME;

use super::reports::Clock;
use super::tally::Tally;
use crate::dscp::Dscp;

/// Frames of all legs start at multiples of this, so that one wake-up serves many legs.
const GRID: Duration = Duration::from_millis(5);

/// What an operator may choose.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long a peer may send nothing before [`MediaEvent::Stopped`] is told.
    pub patience: Duration,
    /// The same for a browser: its page may be loaded again, or its network change, and it comes back.
    pub absence: Duration,
    /// What packets of SIP legs are marked with.
    pub dscp: Dscp,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(15),
            absence: Duration::from_secs(120),
            dscp: Dscp::EF,
        }
    }
}

/// What all legs use.
pub(super) struct Shared {
    pub(super) settings: Settings,
    pub(super) clock: Clock,
    pub(super) cname: String,
    pub(super) random: StdRng,
    pub(super) events: VecDeque<MediaEvent>,
    pub(super) tally: Tally,
    /// Room for the report being written, the packet being sent, and the copy being passed on.
    pub(super) report: Vec<u8>,
    pub(super) packet: Vec<u8>,
    pub(super) copy: Vec<u8>,
    birth: Instant,
}

impl Shared {
    /// Starts with nothing told and nothing counted.
    pub(super) fn new(settings: Settings, seed: u64, ntp: u64, now: Instant) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        Self {
            settings,
            clock: Clock::new(now, ntp),
            // RFC 7022: random, and nothing about the host.
            cname: format!("{:016x}", random.random::<u64>()),
            random,
            events: VecDeque::new(),
            tally: Tally::default(),
            report: Vec::new(),
            packet: Vec::new(),
            copy: Vec::new(),
            birth: now,
        }
    }

    /// The number of a moment's 20 ms since the beginning: legs that mix at the same number share what was decoded.
    pub(super) fn tick(&self, at: Instant) -> u64 {
        let passed = at.saturating_duration_since(self.birth);
        (passed.as_nanos() / FRAME.as_nanos()) as u64
    }

    /// The next point of the grid.
    pub(super) fn grid(&self, now: Instant) -> Instant {
        let passed = now.saturating_duration_since(self.birth).as_nanos();
        let over = (passed % GRID.as_nanos()) as u64;
        now + (GRID - Duration::from_nanos(over))
    }
}
