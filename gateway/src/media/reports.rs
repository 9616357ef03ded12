//! RTCP of one leg: our reports every five seconds, and what the peer's say.

use std::time::{Duration, Instant};

use rand::RngExt;
use rand::rngs::StdRng;
use sip::media::PeerReport;
use sip::rtcp::{self, Compound, Packet, ReportBlock, SenderNumbers};
use sip::rtp::Reception;

use super::outlet::Outlet;

/// The mean time between reports (RFC 3550 §6.2).
const INTERVAL: Duration = Duration::from_secs(5);

/// Wall clock and sample clock, from one moment at which both were known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    epoch: Instant,
    ntp: u64,
}

impl Clock {
    /// `ntp` is the NTP time (seconds since 1900 in the upper half) at `epoch`.
    pub(super) const fn new(epoch: Instant, ntp: u64) -> Self {
        Self { epoch, ntp }
    }

    /// The moment in timestamp units of `rate` a second, wrapping.
    pub(super) fn units(&self, now: Instant, rate: u32) -> u32 {
        let passed = now.saturating_duration_since(self.epoch).as_micros();
        (passed * u128::from(rate) / 1_000_000) as u32
    }

    fn ntp(&self, now: Instant) -> u64 {
        let passed = now.saturating_duration_since(self.epoch);
        let fraction = (u64::from(passed.subsec_nanos()) << 32) / 1_000_000_000;
        self.ntp
            .wrapping_add(passed.as_secs() << 32)
            .wrapping_add(fraction)
    }

    /// The middle 32 bits of NTP time: units of 1/65536 s.
    fn middle(&self, now: Instant) -> u32 {
        (self.ntp(now) >> 16) as u32
    }
}

/// The mean of what is told from time to time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mean {
    sum: u64,
    count: u32,
}

impl Mean {
    /// Takes one more.
    pub(super) fn add(&mut self, value: u32) {
        self.sum += u64::from(value);
        self.count += 1;
    }

    /// The mean; none of nothing.
    pub(super) fn get(&self) -> Option<u32> {
        let mean = self.sum.checked_div(u64::from(self.count))?;
        u32::try_from(mean).ok()
    }

    /// The mean, or the one value that is known where none was taken.
    pub(super) fn with(&self, known: u32) -> u32 {
        self.get().unwrap_or(known)
    }
}

/// The reports of one leg.
#[derive(Clone, Debug)]
pub(super) struct Reports {
    due: Instant,
    /// Our packets at the last report: a sender report is for those who sent since.
    packets_told: u64,
    heard: Option<Heard>,
    peer: Option<PeerReport>,
    round_trip: Option<Duration>,
    round_trips: Mean,
    peer_jitters: Mean,
    /// See [`Self::loss`].
    loss: u8,
}

/// The peer's last sender report.
#[derive(Clone, Copy, Debug)]
struct Heard {
    middle: u32,
    at: Instant,
}

impl Reports {
    /// Starts with the first report after half an interval, as §6.2 asks.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            due: now + INTERVAL / 2,
            packets_told: 0,
            heard: None,
            peer: None,
            round_trip: None,
            round_trips: Mean::default(),
            peer_jitters: Mean::default(),
            loss: 0,
        }
    }

    /// When [`Self::write`] is next due.
    pub(super) const fn due(&self) -> Instant {
        self.due
    }

    /// What the peer last said of our packets.
    pub(super) const fn peer(&self) -> Option<PeerReport> {
        self.peer
    }

    /// The percentage of our packets that is expected to be lost, from what the peer said lately. It falls by half with each
    /// report that is better: losses come in clusters.
    pub(super) const fn loss(&self) -> u8 {
        self.loss
    }

    /// The round-trip time from the peer's last report.
    pub(super) const fn round_trip(&self) -> Option<Duration> {
        self.round_trip
    }

    /// What the round trips were on average, in microseconds.
    pub(super) fn mean_round_trip_us(&self) -> Option<u32> {
        self.round_trips.get()
    }

    /// Sets the next report half to one and a half intervals ahead, so that reports of many legs
    /// do not fall together (§6.2).
    pub(super) fn postpone(&mut self, random: &mut StdRng, now: Instant) {
        self.due = now + INTERVAL.mul_f64(random.random_range(0.5..1.5));
    }

    /// Writes a report into `out`.
    pub(super) fn write(
        &mut self,
        out: &mut Vec<u8>,
        outlet: &Outlet,
        reception: Option<&mut Reception>,
        cname: &str,
        clock: &Clock,
        now: Instant,
    ) {
        let block = reception.map(|reception| self.block(reception, now));
        let stream_clock = outlet
            .clock(now)
            .filter(|_| outlet.packets() > self.packets_told);
        let numbers = stream_clock.map(|timestamp| SenderNumbers {
            ntp: clock.ntp(now),
            timestamp,
            packets: outlet.packets() as u32,
            bytes: outlet.bytes() as u32,
        });
        self.packets_told = outlet.packets();
        rtcp::write_report(out, outlet.ssrc(), numbers.as_ref(), block.as_ref(), cname);
    }

    fn block(&self, reception: &mut Reception, now: Instant) -> ReportBlock {
        let (middle, delay) = self.heard.map_or((0, 0), |heard| {
            let passed = now.saturating_duration_since(heard.at);
            (
                heard.middle,
                (passed.as_micros() * 65_536 / 1_000_000) as u32,
            )
        });
        reception.report(middle, delay)
    }

    /// Takes the peer's report on our stream, whose timestamps count `rate` a second.
    pub(super) fn handle(
        &mut self,
        compound: &Compound<'_>,
        outlet: &Outlet,
        rate: u32,
        clock: &Clock,
        now: Instant,
    ) {
        for packet in compound.packets() {
            let mut blocks = match packet {
                Packet::SenderReport {
                    numbers, blocks, ..
                } => {
                    self.heard = Some(Heard {
                        middle: (numbers.ntp >> 16) as u32,
                        at: now,
                    });
                    blocks
                }
                Packet::ReceiverReport { blocks, .. } => blocks,
                // A leg ends by SIP; names and extensions are of no use to us.
                Packet::Goodbye { .. } | Packet::SourceDescription { .. } | Packet::Other(_) => {
                    continue;
                }
            };
            if let Some(block) = blocks.find(|block| block.ssrc == outlet.ssrc()) {
                let jitter = u64::from(block.jitter) * 1_000_000 / u64::from(rate);
                let jitter_us = u32::try_from(jitter).unwrap_or(u32::MAX);
                self.peer_jitters.add(jitter_us);
                // Duplicates make it negative.
                let lost = u64::try_from(block.packets_lost).unwrap_or(0);
                self.peer = Some(PeerReport {
                    lost: lost.saturating_sub(outlet.gaps()),
                    sent: outlet.packets(),
                    jitter_us,
                    mean_jitter_us: self.peer_jitters.with(jitter_us),
                });
                let percent = (u32::from(block.fraction_lost) * 100).div_ceil(256) as u8;
                self.loss = percent.max(self.loss / 2);
                self.time(&block, clock, now);
            }
        }
    }

    fn time(&mut self, block: &ReportBlock, clock: &Clock, now: Instant) {
        if block.last_report == 0 {
            return;
        }
        // RFC 3550 §6.4.1: A - LSR - DLSR.
        let units = clock
            .middle(now)
            .wrapping_sub(block.last_report)
            .wrapping_sub(block.delay);
        // A peer that counts badly makes this negative, which wraps to hours.
        if units < 60 << 16 {
            let micros = u64::from(units) * 1_000_000 / 65_536;
            self.round_trip = Some(Duration::from_micros(micros));
            self.round_trips
                .add(u32::try_from(micros).unwrap_or(u32::MAX));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NTP: u64 = 3_900_000_000 << 32;

    #[test]
    fn the_round_trip_is_what_the_peer_did_not_spend() {
        let start = Instant::now();
        let clock = Clock::new(start, NTP);
        let mut outlet = Outlet::new(9, 0, 0);
        outlet.play(0, 0, 160, start);
        outlet.count(160);
        let mut reports = Reports::new(start);
        let mut ours = Vec::new();
        reports.write(&mut ours, &outlet, None, "us", &clock, start);
        let Some(Packet::SenderReport { numbers, .. }) =
            Compound::parse(&ours).unwrap().packets().next()
        else {
            panic!("we sent, so we report as a sender");
        };

        let block = ReportBlock {
            ssrc: 9,
            packets_lost: 2,
            jitter: 80,
            last_report: (numbers.ntp >> 16) as u32,
            delay: 65_536 / 2,
            ..ReportBlock::default()
        };
        let mut theirs = Vec::new();
        rtcp::write_report(&mut theirs, 1, None, Some(&block), "peer");
        let now = start + Duration::from_millis(600);
        let theirs = Compound::parse(&theirs).unwrap();
        reports.handle(&theirs, &outlet, 8000, &clock, now);

        let round_trip = reports.round_trip().unwrap().as_millis();
        assert!((99..=101).contains(&round_trip), "{round_trip}");
        let said = PeerReport {
            lost: 2,
            sent: 1,
            jitter_us: 10_000,
            mean_jitter_us: 10_000,
        };
        assert_eq!(reports.peer(), Some(said));
    }

    #[test]
    fn a_loss_is_expected_for_some_reports_more() {
        let now = Instant::now();
        let clock = Clock::new(now, NTP);
        let outlet = Outlet::new(9, 0, 0);
        let mut reports = Reports::new(now);
        let mut said = |fraction_lost| {
            let block = ReportBlock {
                ssrc: 9,
                fraction_lost,
                ..ReportBlock::default()
            };
            let mut theirs = Vec::new();
            rtcp::write_report(&mut theirs, 1, None, Some(&block), "peer");
            let theirs = Compound::parse(&theirs).unwrap();
            reports.handle(&theirs, &outlet, 48_000, &clock, now);
            reports.loss()
        };

        let expected = [0, 26, 0, 0, 255, 1].map(&mut said);

        assert_eq!(expected, [0, 11, 5, 2, 100, 50]);
    }

    #[test]
    fn one_who_did_not_send_reports_as_a_receiver() {
        let now = Instant::now();
        let mut reports = Reports::new(now);
        let mut out = Vec::new();

        reports.write(
            &mut out,
            &Outlet::new(9, 0, 0),
            None,
            "us",
            &Clock::new(now, NTP),
            now,
        );

        let first = Compound::parse(&out).unwrap().packets().next();
        assert!(matches!(
            first,
            Some(Packet::ReceiverReport { ssrc: 9, .. })
        ));
    }
}
