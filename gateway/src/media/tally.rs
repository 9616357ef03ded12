//! Counts of packets since they were last published.

use metrics::Counter;
use sip::media::IgnoredReason;

/// Every reason, in the order of [`Tally::ignored`].
const REASONS: [(IgnoredReason, &str); 8] = [
    (IgnoredReason::Malformed, "malformed"),
    (IgnoredReason::ForeignSource, "foreign_source"),
    (IgnoredReason::PayloadType, "payload_type"),
    (IgnoredReason::Direction, "direction"),
    (IgnoredReason::NoListener, "no_listener"),
    (IgnoredReason::Late, "late"),
    (IgnoredReason::NotReady, "not_ready"),
    (IgnoredReason::Unsecured, "unsecured"),
];

/// What passed on all legs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) received: u64,
    pub(super) bytes_received: u64,
    pub(super) sent: u64,
    pub(super) bytes_sent: u64,
    ignored: [u64; REASONS.len()],
}

impl Tally {
    /// Counts a datagram that was ignored.
    pub(super) const fn ignore(&mut self, reason: IgnoredReason) {
        self.ignored[reason as usize] += 1;
    }

    /// How many were ignored for `reason`.
    #[cfg(test)]
    pub(super) const fn ignored(&self, reason: IgnoredReason) -> u64 {
        self.ignored[reason as usize]
    }
}

/// The counters of the metrics page.
pub(super) struct Published {
    packets: [Counter; 2],
    bytes: [Counter; 2],
    ignored: [Counter; REASONS.len()],
    last: Tally,
}

impl Published {
    /// Registers the counters with the recorder installed by now.
    pub(super) fn register() -> Self {
        metrics::describe_counter!("tandem_rtp_packets_total", "RTP packets by direction.");
        metrics::describe_counter!("tandem_rtp_bytes_total", "RTP datagram bytes by direction.");
        metrics::describe_counter!(
            "tandem_rtp_ignored_packets_total",
            "Datagrams on media ports that were not taken, by reason."
        );
        let directions = ["received", "sent"];
        Self {
            packets: directions
                .map(|direction| metrics::counter!("tandem_rtp_packets_total", "direction" => direction)),
            bytes: directions
                .map(|direction| metrics::counter!("tandem_rtp_bytes_total", "direction" => direction)),
            ignored: REASONS.map(|(_, reason)| {
                metrics::counter!("tandem_rtp_ignored_packets_total", "reason" => reason)
            }),
            last: Tally::default(),
        }
    }

    /// Whether there is something to publish.
    pub(super) fn is_behind(&self, tally: &Tally) -> bool {
        self.last != *tally
    }

    /// Publishes what came since the last time, and returns how many packets that were.
    pub(super) fn publish(&mut self, tally: &Tally) -> u64 {
        self.packets[0].increment(tally.received - self.last.received);
        self.packets[1].increment(tally.sent - self.last.sent);
        self.bytes[0].increment(tally.bytes_received - self.last.bytes_received);
        self.bytes[1].increment(tally.bytes_sent - self.last.bytes_sent);
        for (index, counter) in self.ignored.iter().enumerate() {
            counter.increment(tally.ignored[index] - self.last.ignored[index]);
        }
        let packets = tally.received - self.last.received + tally.sent - self.last.sent;
        self.last = *tally;
        packets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_counts_under_its_own_label() {
        for (index, (reason, _)) in REASONS.into_iter().enumerate() {
            assert_eq!(reason as usize, index);
        }
    }
}
