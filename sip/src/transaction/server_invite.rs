//! The INVITE server transaction (RFC 3261 §17.2.1, with Accepted of RFC 6026 §7.1).

use bytes::Bytes;

use crate::Instant;
use crate::endpoint::Timing;

use super::{Repeat, Tick};

/// One INVITE that came in.
#[derive(Debug)]
pub(crate) struct ServerInvite {
    state: State,
}

#[derive(Debug)]
enum State {
    /// No final response yet. `trying_at` is set until anything has been sent.
    Proceeding {
        trying_at: Option<Instant>,
        last: Option<Bytes>,
    },
    /// Refused, no ACK yet: timers G and H.
    Completed {
        response: Bytes,
        again: Option<Repeat>,
        until: Instant,
    },
    /// Refused and acknowledged: timer I absorbs more ACKs.
    Confirmed { until: Instant },
    /// Answered: timer L absorbs repeated INVITEs; the core repeats the 2xx.
    Accepted { until: Instant },
}

impl ServerInvite {
    pub fn new(timing: &Timing, now: Instant) -> Self {
        Self {
            state: State::Proceeding {
                trying_at: Some(now + timing.trying),
                last: None,
            },
        }
    }

    /// Tells whether a 2xx was given, so that its ACK belongs to the dialog.
    pub fn is_accepted(&self) -> bool {
        match self.state {
            State::Accepted { .. } => true,
            State::Proceeding { .. } | State::Completed { .. } | State::Confirmed { .. } => false,
        }
    }

    /// Returns what a repeated INVITE is answered with.
    pub fn handle_request_again(&self) -> Option<&Bytes> {
        match &self.state {
            State::Proceeding { last, .. } => last.as_ref(),
            State::Completed { response, .. } => Some(response),
            // RFC 6026 §7.1: absorbed; the core repeats the 2xx by its own timer.
            State::Confirmed { .. } | State::Accepted { .. } => None,
        }
    }

    /// Takes a response of the core; returns whether it may be sent.
    pub fn respond(
        &mut self,
        code: u16,
        bytes: &Bytes,
        reliable: bool,
        timing: &Timing,
        now: Instant,
    ) -> bool {
        let State::Proceeding { .. } = self.state else {
            return false;
        };
        let until = now + timing.give_up();
        self.state = match code {
            100..200 => State::Proceeding {
                trying_at: None,
                last: Some(bytes.clone()),
            },
            200..300 => State::Accepted { until },
            _ => {
                let again = (!reliable).then(|| Repeat::new(timing.t1, timing.t2, now));
                State::Completed {
                    response: bytes.clone(),
                    again,
                    until,
                }
            }
        };
        true
    }

    /// Takes the ACK for a final response that was no 2xx; returns whether the transaction is over.
    pub fn handle_ack(&mut self, reliable: bool, timing: &Timing, now: Instant) -> bool {
        match self.state {
            State::Completed { .. } if reliable => true,
            State::Completed { .. } => {
                self.state = State::Confirmed {
                    until: now + timing.t4,
                };
                false
            }
            // An ACK before a final response is a fault of the peer, one after a 2xx goes to the dialog,
            // a repeated one is what Confirmed is there for.
            State::Proceeding { .. } | State::Accepted { .. } | State::Confirmed { .. } => false,
        }
    }

    pub fn handle_timeout(&mut self, now: Instant) -> Tick {
        match &mut self.state {
            State::Proceeding {
                trying_at: Some(at),
                ..
            } if *at <= now => {
                self.state = State::Proceeding {
                    trying_at: None,
                    last: None,
                };
                Tick::Trying
            }
            State::Completed { until, .. }
            | State::Confirmed { until }
            | State::Accepted { until }
                if *until <= now =>
            {
                Tick::Over
            }
            State::Completed {
                response,
                again: Some(again),
                ..
            } if again.is_due(now) => {
                again.fires(now);
                Tick::Send(response.clone())
            }
            State::Proceeding { .. }
            | State::Completed { .. }
            | State::Confirmed { .. }
            | State::Accepted { .. } => Tick::Nothing,
        }
    }

    pub fn due(&self) -> Option<Instant> {
        match &self.state {
            State::Proceeding { trying_at, .. } => *trying_at,
            State::Completed {
                again: Some(again),
                until,
                ..
            } => Some(again.due().min(*until)),
            State::Completed {
                again: None, until, ..
            }
            | State::Confirmed { until }
            | State::Accepted { until } => Some(*until),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: Instant = Instant::START;

    fn after(millis: u64) -> Instant {
        NOW + Duration::from_millis(millis)
    }

    #[test]
    fn trying_is_asked_for_after_200_ms_of_silence_only() {
        let timing = Timing::default();
        let mut silent = ServerInvite::new(&timing, NOW);
        let mut ringing = ServerInvite::new(&timing, NOW);
        assert!(ringing.respond(180, &Bytes::from_static(b"180"), false, &timing, NOW));

        assert_eq!(silent.due(), Some(after(200)));
        assert_eq!(silent.handle_timeout(after(199)), Tick::Nothing);
        assert_eq!(silent.handle_timeout(after(200)), Tick::Trying);
        assert_eq!(silent.due(), None);
        assert_eq!(ringing.due(), None);
        assert_eq!(ringing.handle_request_again().unwrap(), &b"180"[..]);
    }

    #[test]
    fn a_refusal_over_udp_is_repeated_by_timer_g_until_timer_h() {
        let timing = Timing::default();
        let mut machine = ServerInvite::new(&timing, NOW);
        machine.respond(486, &Bytes::from_static(b"486"), false, &timing, NOW);

        let mut sent = Vec::new();
        loop {
            let due = machine.due().unwrap();
            match machine.handle_timeout(due) {
                Tick::Send(_) => sent.push(due.since_start().as_millis()),
                Tick::Over => break assert_eq!(due, after(32_000)),
                Tick::Nothing | Tick::Trying => unreachable!(),
            }
        }

        assert_eq!(sent[..5], [500, 1_500, 3_500, 7_500, 11_500]);
    }

    #[test]
    fn an_ack_ends_a_refusal_at_once_over_tcp_and_after_t4_over_udp() {
        let timing = Timing::default();
        let mut tcp = ServerInvite::new(&timing, NOW);
        tcp.respond(486, &Bytes::new(), true, &timing, NOW);
        let mut udp = ServerInvite::new(&timing, NOW);
        udp.respond(486, &Bytes::new(), false, &timing, NOW);

        assert!(tcp.handle_ack(true, &timing, NOW));
        assert!(!udp.handle_ack(false, &timing, NOW));
        assert_eq!(udp.due(), Some(after(5_000)));
        assert_eq!(udp.handle_timeout(after(5_000)), Tick::Over);
    }

    #[test]
    fn an_accepted_invite_absorbs_repetitions_for_timer_l_and_takes_no_second_answer() {
        let timing = Timing::default();
        let mut machine = ServerInvite::new(&timing, NOW);
        assert!(machine.respond(200, &Bytes::from_static(b"200"), false, &timing, NOW));

        assert!(machine.handle_request_again().is_none());
        assert!(!machine.respond(486, &Bytes::new(), false, &timing, NOW));
        assert_eq!(machine.due(), Some(after(32_000)));
    }
}
