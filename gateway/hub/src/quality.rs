//! How legs carry speech: told when that turns while a call runs, and of the whole leg as it ends.

use serde::{Deserialize, Serialize};
use sip::quality::Quality;
use ws::{
    id::{AgentId, LegId},
    voice::LineQuality,
};

use crate::{event::Event, hub::Hub, interaction::Interaction, leg::Leg};

/// Of which time something was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// The last seconds, which were poor.
    Poor,
    /// The last seconds, which were fair again.
    Fair,
    /// The whole leg, which ends.
    Ended,
}

/// How a leg carried speech, both ways.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// The encoding name of what was spoken.
    pub codec: String,
    /// The E-model's estimate of the mean opinion score of the worse direction, in hundredths, from 100 to 450.
    pub mos: u16,
    /// The inter-arrival jitter of what came, in milliseconds.
    pub jitter_ms: u32,
    /// The share of the party's packets that never came, in hundredths of a percent.
    pub lost: u16,
    /// To the party and back, in milliseconds, where its reports tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round_trip_ms: Option<u32>,
    /// The share of our packets that the party says never came, in hundredths of a percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party_lost: Option<u16>,
}

impl From<Quality> for Measured {
    fn from(found: Quality) -> Self {
        let millis =
            |span: std::time::Duration| u32::try_from(span.as_millis()).unwrap_or(u32::MAX);
        Self {
            codec: found.codec.name().to_owned(),
            mos: found.mos.hundredths(),
            jitter_ms: millis(found.jitter),
            lost: found.lost,
            round_trip_ms: found.round_trip.map(millis),
            party_lost: found.peer_lost,
        }
    }
}

impl Hub {
    /// Takes what was measured of a leg. What is poor already does not become so again, and what has ended is measured.
    pub(crate) fn leg_measured(&mut self, leg: LegId, moment: Moment, measured: Measured) {
        let found = self.state.interaction(leg.interaction);
        let found = found.and_then(|found| found.leg(leg));
        let Some(live) = found.filter(|leg| leg.is_live() && leg.is_phone()) else {
            return;
        };
        let news = match moment {
            Moment::Poor => !live.is_poor(),
            Moment::Fair => live.is_poor(),
            Moment::Ended => true,
        };
        if news {
            let event = Event::LegMeasured {
                leg,
                moment,
                measured,
            };
            self.tell(Some(leg.interaction), event);
        }
    }
}

impl Leg {
    /// Tells whether its last seconds were poor.
    pub fn is_poor(&self) -> bool {
        match self.measured {
            Some((Moment::Poor, _)) => true,
            Some((Moment::Fair | Moment::Ended, _)) | None => false,
        }
    }
}

impl Interaction {
    /// Returns how the lines of its last call are or were, as an agent in it sees them: the customer's, then their own.
    pub(crate) fn lines(&self, agent: &AgentId) -> Vec<LineQuality> {
        let last = |whose: &dyn Fn(&Leg) -> bool| {
            let mut legs = self.legs.values().rev();
            legs.find(|leg| leg.is_phone() && whose(leg))
        };
        let theirs = last(&Leg::is_customer).map(|leg| (true, leg));
        let own = last(&|leg| leg.agent() == Some(agent)).map(|leg| (false, leg));
        let lines = theirs.into_iter().chain(own);
        let lines = lines.filter_map(|(customer, leg)| {
            let (moment, measured) = leg.measured.as_ref()?;
            Some(LineQuality {
                customer,
                poor: *moment == Moment::Poor,
                ended: *moment == Moment::Ended,
                mos: measured.mos,
                lost: measured.lost.max(measured.party_lost.unwrap_or(0)),
            })
        });
        lines.collect()
    }
}
