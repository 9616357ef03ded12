//! Phones in browsers (RFC 7118): SIP brings their calls, and the port of all browsers their sound. No trunk is one, whatever it
//! offers.

use rand::RngExt;
use sip::{
    endpoint::{Arrival, Peer, Target, Transport},
    registrar::Binding,
    sdp::{Lite, names_ice},
};

use super::Phones;

impl Phones {
    /// Where who calls finds us by ICE, if it is a phone that may be in a browser: it offers ICE, or its call came by a WebSocket
    /// without an offer.
    pub(super) fn lite_of(&mut self, arrival: &Arrival) -> Option<Lite> {
        let may_be = match (&arrival.peer, &arrival.offer) {
            (Peer::Trunk(_), _) => false,
            (Peer::Phone(_), Some(offer)) => names_ice(offer),
            (Peer::Phone(_), None) => arrival.transport == Transport::Ws,
        };
        if may_be { self.lite() } else { None }
    }

    /// Where who is called finds us by ICE, if a phone in a browser is among those it may be.
    pub(super) fn lite_to(&mut self, target: &Target) -> Option<Lite> {
        let agent = match target {
            Target::Phone { user } => user.parse().ok(),
            Target::Trunk { .. } | Target::Recorder { .. } => None,
        };
        let contacts = agent.and_then(|agent| self.registrations.get(&agent));
        let may_be = contacts?.values().any(Binding::is_in_browser);
        if may_be { self.lite() } else { None }
    }

    fn lite(&mut self) -> Option<Lite> {
        let at = self.settings.browsers.clone()?;
        let seed = self.rng.random();
        Some(Lite { at, seed })
    }
}
