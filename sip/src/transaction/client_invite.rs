//! The INVITE client transaction (RFC 3261 §17.1.1, with Accepted of RFC 6026 §7.2).

use bytes::Bytes;

use crate::Instant;
use crate::endpoint::Timing;

use super::{ClientTick, Repeat, Verdict};

/// One INVITE of ours.
#[derive(Debug)]
pub(crate) struct ClientInvite {
    state: State,
    /// Whether nobody waits for the final response any more, so that it may not take forever.
    hurried: bool,
}

#[derive(Debug)]
enum State {
    /// Nothing heard: timers A and B.
    Calling {
        again: Option<Repeat>,
        until: Instant,
    },
    /// A provisional response came. `until` is set once we have cancelled (RFC 3261 §9.1).
    Proceeding { until: Option<Instant> },
    /// Refused: timer D repeats the ACK to repeated refusals.
    Completed { ack: Bytes, until: Instant },
    /// Answered: timer M lets repeated and forked 2xx through.
    Accepted { until: Instant },
}

impl ClientInvite {
    pub fn new(reliable: bool, timing: &Timing, now: Instant) -> Self {
        let give_up = timing.give_up();
        let again = (!reliable).then(|| Repeat::new(timing.t1, give_up, now));
        Self {
            state: State::Calling {
                again,
                until: now + give_up,
            },
            hurried: false,
        }
    }

    /// Tells whether a provisional response has come, so that a CANCEL may go (RFC 3261 §9.1).
    pub fn is_proceeding(&self) -> bool {
        matches!(self.state, State::Proceeding { .. })
    }

    /// Tells whether nothing has been heard.
    pub fn is_calling(&self) -> bool {
        matches!(self.state, State::Calling { .. })
    }

    /// Tells whether a CANCEL has left, or its owner is gone.
    pub fn is_hurried(&self) -> bool {
        self.hurried
    }

    /// Notes that a CANCEL has left, or that its owner is gone: without a final response the transaction ends
    /// 64 times T1 later.
    pub fn hurry(&mut self, timing: &Timing, now: Instant) {
        self.hurried = true;
        if let State::Proceeding { until } = &mut self.state {
            *until = Some(now + timing.give_up());
        }
    }

    /// Sends the INVITE no more; what is said to those that were sent is still heard.
    pub fn rest(&mut self) {
        if let State::Calling { again, .. } = &mut self.state {
            *again = None;
        }
    }

    /// Takes a response; `ack` makes the ACK for a refusal.
    pub fn handle_response(
        &mut self,
        code: u16,
        reliable: bool,
        ack: impl FnOnce() -> Bytes,
        timing: &Timing,
        now: Instant,
    ) -> Verdict {
        match (&self.state, code) {
            (State::Calling { .. }, 100..200) => {
                let until = self.hurried.then(|| now + timing.give_up());
                self.state = State::Proceeding { until };
                Verdict::Pass
            }
            (State::Proceeding { .. }, 100..200) => Verdict::Pass,
            (State::Calling { .. } | State::Proceeding { .. }, 200..300) => {
                self.state = State::Accepted {
                    until: now + timing.give_up(),
                };
                Verdict::Pass
            }
            (State::Calling { .. } | State::Proceeding { .. }, _) => {
                let ack = ack();
                // RFC 3261 §17.1.1.2: timer D is at least 32 s over UDP and zero otherwise.
                let until = if reliable {
                    now
                } else {
                    now + timing.give_up()
                };
                self.state = State::Completed {
                    ack: ack.clone(),
                    until,
                };
                Verdict::PassAndSend(ack)
            }
            (State::Accepted { .. }, 200..300) => Verdict::Pass,
            (State::Completed { ack, .. }, 300..) => Verdict::Send(ack.clone()),
            // What comes late, out of order or twice.
            (State::Accepted { .. } | State::Completed { .. }, _) => Verdict::Drop,
        }
    }

    pub fn handle_timeout(&mut self, now: Instant) -> ClientTick {
        match &mut self.state {
            State::Calling { until, .. } if *until <= now => ClientTick::TimedOut,
            State::Proceeding { until: Some(until) } if *until <= now => ClientTick::TimedOut,
            State::Completed { until, .. } | State::Accepted { until } if *until <= now => {
                ClientTick::Over
            }
            State::Calling {
                again: Some(again), ..
            } if again.is_due(now) => {
                again.fires(now);
                ClientTick::SendAgain
            }
            State::Calling { .. }
            | State::Proceeding { .. }
            | State::Completed { .. }
            | State::Accepted { .. } => ClientTick::Nothing,
        }
    }

    pub fn due(&self) -> Option<Instant> {
        match &self.state {
            State::Calling {
                again: Some(again),
                until,
            } => Some(again.due().min(*until)),
            State::Calling { again: None, until } => Some(*until),
            State::Proceeding { until } => *until,
            State::Completed { until, .. } | State::Accepted { until } => Some(*until),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::START;

    fn no_ack() -> Bytes {
        unreachable!("no ACK is due")
    }

    #[test]
    fn over_udp_the_invite_is_repeated_by_timer_a_and_given_up_by_timer_b() {
        let timing = Timing::default();
        let mut machine = ClientInvite::new(false, &timing, NOW);

        let mut sent = Vec::new();
        loop {
            let due = machine.due().unwrap();
            match machine.handle_timeout(due) {
                ClientTick::SendAgain => sent.push(due.since_start().as_millis()),
                ClientTick::TimedOut => break assert_eq!(due.since_start().as_secs(), 32),
                ClientTick::Nothing | ClientTick::Over => unreachable!(),
            }
        }

        assert_eq!(sent, [500, 1_500, 3_500, 7_500, 15_500, 31_500]);
    }

    #[test]
    fn a_provisional_response_stops_the_timers_until_a_cancel_starts_one() {
        let timing = Timing::default();
        let mut machine = ClientInvite::new(false, &timing, NOW);

        assert_eq!(
            machine.handle_response(180, false, no_ack, &timing, NOW),
            Verdict::Pass
        );

        assert_eq!(machine.due(), None);
        machine.hurry(&timing, NOW);
        assert_eq!(
            machine.handle_timeout(NOW + timing.give_up()),
            ClientTick::TimedOut
        );
    }

    #[test]
    fn once_nobody_waits_for_it_a_late_provisional_response_starts_the_timer_too() {
        let timing = Timing::default();
        let mut machine = ClientInvite::new(true, &timing, NOW);
        machine.hurry(&timing, NOW);

        machine.handle_response(100, true, no_ack, &timing, NOW);

        assert_eq!(machine.due(), Some(NOW + timing.give_up()));
    }

    #[test]
    fn a_refusal_is_acknowledged_each_time_and_reported_once() {
        let timing = Timing::default();
        let mut machine = ClientInvite::new(false, &timing, NOW);
        let ack = Bytes::from_static(b"ACK");

        let first = machine.handle_response(486, false, || ack.clone(), &timing, NOW);
        let second = machine.handle_response(486, false, no_ack, &timing, NOW);

        assert_eq!(first, Verdict::PassAndSend(ack.clone()));
        assert_eq!(second, Verdict::Send(ack));
        assert_eq!(
            machine.handle_response(200, false, no_ack, &timing, NOW),
            Verdict::Drop
        );
        assert_eq!(
            machine.handle_timeout(NOW + timing.give_up()),
            ClientTick::Over
        );
    }

    #[test]
    fn every_2xx_passes_until_timer_m() {
        let timing = Timing::default();
        let mut machine = ClientInvite::new(true, &timing, NOW);

        for _ in 0..3 {
            assert_eq!(
                machine.handle_response(200, true, no_ack, &timing, NOW),
                Verdict::Pass
            );
        }

        assert_eq!(
            machine.handle_response(486, true, no_ack, &timing, NOW),
            Verdict::Drop
        );
        assert_eq!(
            machine.handle_timeout(NOW + timing.give_up()),
            ClientTick::Over
        );
    }
}
