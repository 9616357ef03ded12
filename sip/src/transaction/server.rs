//! The server transaction of every method but INVITE and ACK (RFC 3261 §17.2.2, RFC 4320).

use bytes::Bytes;

use crate::Instant;
use crate::endpoint::Timing;

use super::Tick;

/// One request that came in.
#[derive(Debug)]
pub(crate) struct Server {
    state: State,
}

#[derive(Debug)]
enum State {
    /// Not answered. RFC 4320 §4.1: no provisional response is sent before the client's timer E has
    /// reached T2, and the core always answers before that.
    Trying,
    /// Answered: timer J repeats the response to repeated requests.
    Completed { response: Bytes, until: Instant },
}

impl Server {
    pub fn new() -> Self {
        Self {
            state: State::Trying,
        }
    }

    pub fn is_open(&self) -> bool {
        match self.state {
            State::Trying => true,
            State::Completed { .. } => false,
        }
    }

    pub fn handle_request_again(&self) -> Option<&Bytes> {
        match &self.state {
            State::Trying => None,
            State::Completed { response, .. } => Some(response),
        }
    }

    /// Takes the final response of the core; returns whether it may be sent.
    pub fn respond(
        &mut self,
        bytes: &Bytes,
        reliable: bool,
        timing: &Timing,
        now: Instant,
    ) -> bool {
        if !self.is_open() {
            return false;
        }
        let until = if reliable {
            now
        } else {
            now + timing.give_up()
        };
        self.state = State::Completed {
            response: bytes.clone(),
            until,
        };
        true
    }

    pub fn handle_timeout(&mut self, now: Instant) -> Tick {
        match self.state {
            State::Completed { until, .. } if until <= now => Tick::Over,
            State::Completed { .. } | State::Trying => Tick::Nothing,
        }
    }

    pub fn due(&self) -> Option<Instant> {
        match self.state {
            State::Trying => None,
            State::Completed { until, .. } => Some(until),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_answer_is_repeated_to_repetitions_until_timer_j() {
        let (timing, now) = (Timing::default(), Instant::START);
        let mut machine = Server::new();
        assert!(machine.handle_request_again().is_none());

        assert!(machine.respond(&Bytes::from_static(b"200"), false, &timing, now));

        assert_eq!(machine.handle_request_again().unwrap(), &b"200"[..]);
        assert!(!machine.respond(&Bytes::from_static(b"500"), false, &timing, now));
        assert_eq!(machine.due(), Some(now + Duration::from_secs(32)));
        assert_eq!(
            machine.handle_timeout(now + Duration::from_secs(32)),
            Tick::Over
        );
    }

    #[test]
    fn over_a_reliable_transport_nothing_lingers() {
        let (timing, now) = (Timing::default(), Instant::START);
        let mut machine = Server::new();

        machine.respond(&Bytes::from_static(b"200"), true, &timing, now);

        assert_eq!(machine.handle_timeout(now), Tick::Over);
    }
}
