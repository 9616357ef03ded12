//! Legs whose packets are opened before the switchboard sees them: those of browsers, and those that SIP peers secure.

use std::time::Instant;

use sip::media::{BROWSER, LegKey, MediaEvent, Security};
use sip::sdp::{Protection, RemoteMedia};

use super::{Crowd, DATAGRAM, LegIndex, Worker};

/// Datagrams taken from the port of all browsers before the legs have their turn.
const BROWSER_TURN: usize = 256;

impl Worker {
    // What comes by the port of all browsers, and what is due there.
    pub(super) fn attend_browsers(&mut self, buffer: &mut [u8; DATAGRAM], now: Instant) {
        for _ in 0..BROWSER_TURN {
            if self.crowd == Crowd::Quiet {
                break;
            }
            let mut came = None;
            self.guard(None, |worker| {
                let port = worker.ports.browsers.as_mut();
                match port.and_then(|port| port.receive(buffer, now)) {
                    Some(opened) => came = opened,
                    None => worker.crowd = Crowd::Quiet,
                }
            });
            let Some((index, mut packet)) = came else {
                continue;
            };
            let leg = self.switchboard.key(index);
            self.guard(leg, |worker| {
                let (switchboard, ports) = (&mut worker.switchboard, &mut worker.ports);
                switchboard.handle_rtp(index, BROWSER, &mut packet, ports, now);
            });
        }
        self.guard(None, |worker| {
            let Some(port) = &mut worker.ports.browsers else {
                return;
            };
            if port.poll_timeout().is_some_and(|due| due <= now) {
                port.handle_timeout(now);
            }
            while let Some(event) = port.poll_event() {
                worker.switchboard.tell(event);
            }
        });
    }

    // A leg on a port of its own stays there; commands and a leg's end cross.
    pub(super) fn expect(&mut self, leg: LegKey, security: Security, now: Instant) {
        let known = self.switchboard.index(leg);
        let Some(index) = known.or_else(|| self.switchboard.open(leg)) else {
            return;
        };
        let port = self.ports.browsers.as_mut();
        let taken = match port {
            Some(port) if known.is_none() || port.knows(index) => {
                port.expect(leg, index, security, now)
            }
            Some(_) => return,
            None => false,
        };
        if !taken {
            tracing::error!(leg = leg.0, "no port or no keys for a browser's leg");
            self.switchboard.tell(MediaEvent::Failed { leg });
            self.close(leg, now);
        }
    }

    // Handshakes of SIP legs: what is due, and what came of them.
    pub(super) fn attend_seals(&mut self, now: Instant) {
        self.guard(None, |worker| {
            let seals = &mut worker.ports.seals;
            if seals.poll_timeout().is_some_and(|due| due <= now) {
                seals.handle_timeout(now);
                worker.ports.flush();
            }
            while let Some(event) = worker.ports.seals.poll_event() {
                worker.switchboard.tell(event);
            }
        });
    }

    // A SIP leg whose peer comes by ICE leaves its port for that of all browsers, and stays there. False where it cannot.
    fn meets(&mut self, leg: LegKey, index: LegIndex, media: &RemoteMedia, now: Instant) -> bool {
        let has_port = self.ports.has_pairs(index);
        let Protection::Ice(security) = &media.protection else {
            return has_port || media.address == BROWSER;
        };
        let Some(port) = &mut self.ports.browsers else {
            return false;
        };
        let met = port.expect(leg, index, (**security).clone(), now);
        self.ports.close_pairs(index);
        met
    }

    pub(super) fn agree(&mut self, leg: LegKey, media: RemoteMedia, now: Instant) {
        let Some(index) = self.switchboard.index(leg) else {
            return;
        };
        if !self.meets(leg, index, &media, now) {
            tracing::error!(
                leg = leg.0,
                "a leg's audio can be had neither by ICE nor by its port"
            );
            self.switchboard.tell(MediaEvent::Failed { leg });
            return self.close(leg, now);
        }
        if !self.ports.seals.protect(leg, index, &media, now) {
            tracing::error!(leg = leg.0, "no cryptography for a leg's audio");
            self.switchboard.tell(MediaEvent::Failed { leg });
            return self.close(leg, now);
        }
        self.ports.flush();
        self.switchboard.agree(leg, media, now);
    }
}
