//! How well speech was heard, from what was lost and how late it came: the E-model of ITU-T G.107, with all that no packet
//! tells at its default, as a mean opinion score (MOS).

use std::time::Duration;

use crate::media::{LegStats, PeerReport};
use crate::sdp::Codec;

/// What remains of the scale with everything that is not the network's at its default (G.107 §7.7).
const BEST: f64 = 93.2;
/// From this one-way delay on talking at once begins to disturb, in milliseconds.
const NOTICED: f64 = 177.3;
/// A frame before it is sent, in milliseconds.
const FRAME: f64 = 20.0;
/// Below this many people are dissatisfied (G.107 Annex B).
const POOR: Mos = Mos(360);
/// From this on most are satisfied again.
const FAIR: Mos = Mos(390);
/// A verdict needs so many packets, a second's worth.
const ENOUGH: u64 = 50;
/// So many spans in a row must be of one kind before it is told.
const SPANS: u8 = 2;

/// A mean opinion score in hundredths, from 100 (bad) to 450 (as good as narrowband gets).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mos(u16);

impl Mos {
    /// Returns it in hundredths.
    pub const fn hundredths(self) -> u16 {
        self.0
    }

    /// Estimates what a listener heard who lost `lost` of all packets (0 to 1), at this jitter and round trip.
    pub fn estimate(codec: Codec, lost: f64, jitter: Duration, round_trip: Duration) -> Self {
        let millis = |span: Duration| span.as_secs_f64() * 1000.0;
        // A jitter buffer holds about twice the jitter back.
        let delay = millis(round_trip) / 2.0 + 2.0 * millis(jitter) + FRAME;
        let late = 0.024 * delay + 0.11 * (delay - NOTICED).max(0.0);
        let percent = lost.clamp(0.0, 1.0) * 100.0;
        // G.107 §7.3, losses at random: Ie is 0 for all of these codecs.
        let gaps = 95.0 * percent / (percent + robustness(codec));
        Self::of((BEST - late - gaps).clamp(0.0, 100.0))
    }

    // G.107 Annex B.
    fn of(rating: f64) -> Self {
        let score = 1.0 + 0.035 * rating + rating * (rating - 60.0) * (100.0 - rating) * 7e-6;
        Self((score.clamp(1.0, 4.5) * 100.0).round() as u16)
    }
}

/// How well a codec bears losses: Bpl of G.113 Appendix I, where it has one; G.711 with concealment.
const fn robustness(codec: Codec) -> f64 {
    match codec {
        Codec::Pcmu | Codec::Pcma => 25.1,
        // No value is standardised on this scale; both conceal a little less well by what listeners said of them.
        Codec::G722 | Codec::Opus => 20.0,
    }
}

/// How a leg carried speech over some time, both ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quality {
    /// What was spoken.
    pub codec: Codec,
    /// What the worse of both directions is worth to who listens.
    pub mos: Mos,
    /// How unevenly the peer's packets came (RFC 3550 §A.8).
    pub jitter: Duration,
    /// The share of the peer's packets that never came, in hundredths of a percent.
    pub lost: u16,
    /// From us to the peer and back, where its reports tell.
    pub round_trip: Option<Duration>,
    /// The share of our packets that the peer says never came, in hundredths of a percent; none where it reports nothing.
    pub peer_lost: Option<u16>,
}

impl Quality {
    /// Judges a whole leg; none where nothing came of its peer.
    pub fn of(stats: &LegStats) -> Option<Self> {
        let heard = Passed {
            came: stats.packets_received,
            lost: stats.packets_lost,
        };
        let peer = stats.peer.filter(|peer| peer.sent > 0);
        let peer = peer.map(|peer| share(peer.lost, peer.sent));
        // What its last moment was like says nothing of the rest.
        let whole = LegStats {
            jitter_us: stats.mean_jitter_us,
            round_trip_us: stats.mean_round_trip_us,
            peer: stats.peer.map(|peer| PeerReport {
                jitter_us: peer.mean_jitter_us,
                ..peer
            }),
            ..*stats
        };
        Self::judge(&whole, heard.share()?, peer)
    }

    fn judge(stats: &LegStats, lost: u16, peer_lost: Option<u16>) -> Option<Self> {
        let codec = stats.codec?;
        let micros = |us: u32| Duration::from_micros(us.into());
        let round_trip = stats.round_trip_us.map(micros);
        let score = |lost: u16, jitter| {
            let lost = f64::from(lost) / 10_000.0;
            Mos::estimate(codec, lost, jitter, round_trip.unwrap_or_default())
        };
        let jitter = micros(stats.jitter_us);
        let there = peer_lost.zip(stats.peer);
        let there = there.map(|(lost, peer)| score(lost, micros(peer.jitter_us)));
        let here = score(lost, jitter);
        Some(Self {
            codec,
            mos: there.map_or(here, |there| there.min(here)),
            jitter,
            lost,
            round_trip,
            peer_lost,
        })
    }
}

// In hundredths of a percent.
fn share(lost: u64, of: u64) -> u16 {
    u16::try_from((lost * 10_000).checked_div(of).unwrap_or(0))
        .map_or(10_000, |all| all.min(10_000))
}

#[derive(Clone, Copy, Debug, Default)]
struct Passed {
    came: u64,
    lost: u64,
}

impl Passed {
    fn share(self) -> Option<u16> {
        (self.came > 0).then(|| share(self.lost, self.came + self.lost))
    }

    // What came late after all makes up for what seemed lost before.
    fn since(self, before: Self) -> Self {
        Self {
            came: self.came.saturating_sub(before.came),
            lost: self.lost.saturating_sub(before.lost),
        }
    }
}

/// Looks at a leg every few seconds and tells when it became poor, and when it is fair again: not at one bad span among good
/// ones, nor at every crossing of one bound.
#[derive(Clone, Copy, Debug, Default)]
pub struct Watch {
    before: Passed,
    peer: PeerReport,
    poor: bool,
    /// Spans in a row that speak for the other verdict.
    others: u8,
}

impl Watch {
    /// Takes the numbers of a leg so far. Returns how the last span was, where that changed the verdict, and whether it is
    /// poor now.
    pub fn look(&mut self, stats: &LegStats) -> Option<(bool, Quality)> {
        let quality = self.span(stats)?;
        let other = match self.poor {
            true => quality.mos >= FAIR,
            false => quality.mos < POOR,
        };
        self.others = if other { self.others + 1 } else { 0 };
        if self.others < SPANS {
            return None;
        }
        (self.poor, self.others) = (!self.poor, 0);
        Some((self.poor, quality))
    }

    // What passed since the last look; none where too little came to say anything.
    fn span(&mut self, stats: &LegStats) -> Option<Quality> {
        let all = Passed {
            came: stats.packets_received,
            lost: stats.packets_lost,
        };
        let heard = all.since(self.before);
        if heard.came + heard.lost < ENOUGH {
            return None;
        }
        self.before = all;
        let sent = |peer: &PeerReport| peer.sent.saturating_sub(self.peer.sent);
        let news = stats.peer.filter(|peer| sent(peer) >= ENOUGH);
        let peer = news.map(|peer| share(peer.lost.saturating_sub(self.peer.lost), sent(&peer)));
        self.peer = news.unwrap_or(self.peer);
        Quality::judge(stats, share(heard.lost, heard.came + heard.lost), peer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mos(percent: f64, jitter: u64, round_trip: u64) -> u16 {
        let (jitter, round_trip) = (
            Duration::from_millis(jitter),
            Duration::from_millis(round_trip),
        );
        Mos::estimate(Codec::Pcma, percent / 100.0, jitter, round_trip).hundredths()
    }

    #[test]
    fn the_score_falls_with_loss_jitter_and_delay() {
        let cases = [
            ((0.0, 0, 0), 438..=442),
            ((0.0, 0, 300), 425..=435),
            ((3.0, 5, 40), 405..=415),
            ((10.0, 5, 40), 330..=345),
            ((15.0, 5, 40), 280..=300),
            ((0.0, 0, 1200), 140..=180),
            ((100.0, 0, 0), 100..=150),
        ];
        for ((percent, jitter, round_trip), about) in cases {
            let found = mos(percent, jitter, round_trip);
            assert!(
                about.contains(&found),
                "{percent} %, {round_trip} ms: {found}"
            );
        }
        for percent in 0..100 {
            assert!(mos(f64::from(percent), 10, 60) >= mos(f64::from(percent + 1), 10, 60));
        }
        for millis in 0..200 {
            assert!(mos(1.0, millis, 60) >= mos(1.0, millis + 1, 60));
            assert!(mos(1.0, 5, millis * 10) >= mos(1.0, 5, millis * 10 + 10));
        }
    }

    fn stats(came: u64, lost: u64) -> LegStats {
        LegStats {
            codec: Some(Codec::Pcma),
            packets_received: came,
            packets_lost: lost,
            ..LegStats::default()
        }
    }

    #[test]
    fn a_leg_of_which_nothing_came_has_no_score() {
        assert_eq!(Quality::of(&stats(0, 0)), None);
    }

    #[test]
    fn the_worse_direction_counts() {
        let good = Quality::of(&stats(1000, 0)).unwrap();
        let bad_there = LegStats {
            peer: Some(PeerReport {
                lost: 100,
                sent: 1000,
                ..PeerReport::default()
            }),
            ..stats(1000, 0)
        };
        let there = Quality::of(&bad_there).unwrap();
        let here = Quality::of(&stats(900, 100)).unwrap();

        assert_eq!((good.lost, good.peer_lost), (0, None));
        assert_eq!((there.lost, there.peer_lost), (0, Some(1000)));
        assert_eq!((here.lost, here.peer_lost), (1000, None));
        assert_eq!(there.mos, here.mos);
        assert!(good.mos > here.mos);
    }

    #[test]
    fn two_bad_spans_are_told_once_and_so_are_two_good_ones() {
        let mut watch = Watch::default();
        let (mut came, mut lost) = (0, 0);
        let mut span = |share: u64| {
            (came, lost) = (came + 100 - share, lost + share);
            watch.look(&stats(came, lost)).map(|(poor, _)| poor)
        };

        // The shares in percent, and what is told.
        let spans = [
            (0, None),
            (20, None),
            (0, None),
            (20, None),
            (20, Some(true)),
            (20, None),
            // Between the two bounds nothing changes.
            (6, None),
            (6, None),
            (0, None),
            (20, None),
            (0, None),
            (0, Some(false)),
            (6, None),
            (6, None),
        ];
        for (n, (share, told)) in spans.into_iter().enumerate() {
            assert_eq!(span(share), told, "span {n}");
        }
    }

    #[test]
    fn too_few_packets_and_an_old_report_say_nothing() {
        let mut watch = Watch::default();
        let peer = Some(PeerReport {
            lost: 50,
            sent: 100,
            ..PeerReport::default()
        });
        let with = |came| LegStats {
            peer,
            ..stats(came, 0)
        };

        assert_eq!(watch.look(&with(10)), None);
        assert_eq!(watch.look(&with(100)), None, "the first bad span");
        assert_eq!(watch.look(&with(110)), None, "too few came");
        assert_eq!(watch.look(&with(200)), None, "the report is the old one");
        assert_eq!(watch.look(&with(300)), None);
    }
}
