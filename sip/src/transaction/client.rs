//! The client transaction of every method but INVITE and ACK (RFC 3261 §17.1.2).

use crate::Instant;
use crate::endpoint::Timing;

use super::{ClientTick, Repeat, Verdict};

/// One request of ours.
#[derive(Debug)]
pub(crate) struct Client {
    state: State,
}

#[derive(Debug)]
enum State {
    /// Not answered: timers E and F.
    Trying {
        again: Option<Repeat>,
        until: Instant,
    },
    /// Answered: timer K absorbs repeated responses.
    Completed { until: Instant },
}

impl Client {
    pub fn new(reliable: bool, timing: &Timing, now: Instant) -> Self {
        let again = (!reliable).then(|| Repeat::new(timing.t1, timing.t2, now));
        Self {
            state: State::Trying {
                again,
                until: now + timing.give_up(),
            },
        }
    }

    /// Tells whether there is no final response.
    pub fn is_trying(&self) -> bool {
        matches!(self.state, State::Trying { .. })
    }

    pub fn handle_response(
        &mut self,
        code: u16,
        reliable: bool,
        timing: &Timing,
        now: Instant,
    ) -> Verdict {
        match &mut self.state {
            State::Trying { again, .. } if code < 200 => {
                if let Some(again) = again {
                    again.slow_down();
                }
                Verdict::Pass
            }
            State::Trying { .. } => {
                let until = if reliable { now } else { now + timing.t4 };
                self.state = State::Completed { until };
                Verdict::Pass
            }
            State::Completed { .. } => Verdict::Drop,
        }
    }

    pub fn handle_timeout(&mut self, now: Instant) -> ClientTick {
        match &mut self.state {
            State::Trying { until, .. } if *until <= now => ClientTick::TimedOut,
            State::Completed { until } if *until <= now => ClientTick::Over,
            State::Trying {
                again: Some(again), ..
            } if again.is_due(now) => {
                again.fires(now);
                ClientTick::SendAgain
            }
            State::Trying { .. } | State::Completed { .. } => ClientTick::Nothing,
        }
    }

    pub fn due(&self) -> Option<Instant> {
        match &self.state {
            State::Trying {
                again: Some(again),
                until,
            } => Some(again.due().min(*until)),
            State::Trying { again: None, until } | State::Completed { until } => Some(*until),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::START;

    #[test]
    fn over_udp_the_request_is_repeated_by_timer_e_and_given_up_by_timer_f() {
        let timing = Timing::default();
        let mut machine = Client::new(false, &timing, NOW);

        let mut sent = Vec::new();
        loop {
            let due = machine.due().unwrap();
            match machine.handle_timeout(due) {
                ClientTick::SendAgain => sent.push(due.since_start().as_millis()),
                ClientTick::TimedOut => break assert_eq!(due.since_start().as_secs(), 32),
                ClientTick::Nothing | ClientTick::Over => unreachable!(),
            }
        }

        assert_eq!(sent[..6], [500, 1_500, 3_500, 7_500, 11_500, 15_500]);
    }

    #[test]
    fn a_final_response_passes_once_and_lingers_for_timer_k() {
        let timing = Timing::default();
        let mut machine = Client::new(false, &timing, NOW);

        assert_eq!(
            machine.handle_response(100, false, &timing, NOW),
            Verdict::Pass
        );
        assert_eq!(
            machine.handle_response(200, false, &timing, NOW),
            Verdict::Pass
        );

        assert_eq!(
            machine.handle_response(200, false, &timing, NOW),
            Verdict::Drop
        );
        assert_eq!(machine.due(), Some(NOW + timing.t4));
        assert_eq!(machine.handle_timeout(NOW + timing.t4), ClientTick::Over);
    }

    #[test]
    fn over_tcp_nothing_is_repeated_and_nothing_lingers() {
        let timing = Timing::default();
        let mut machine = Client::new(true, &timing, NOW);
        assert_eq!(machine.due(), Some(NOW + timing.give_up()));

        machine.handle_response(200, true, &timing, NOW);

        assert_eq!(machine.handle_timeout(NOW), ClientTick::Over);
    }
}
