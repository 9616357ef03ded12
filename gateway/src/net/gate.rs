//! Why new calls are refused at the moment, if they are.

use std::time::{Duration, Instant};

use crate::bounds::{Limit, What};

/// Events that may wait for the hub's loop before new calls are refused, and after which they are taken again.
pub const FULL: usize = 4_096;
const RELIEVED: usize = 1_024;
/// How long new calls may wait for the endpoint without a moment in which none does.
const STANDING: Duration = Duration::from_millis(20);
/// How long one may have waited then: who waited longer is told to come again, so that those behind are served soon.
const FRESH: Duration = Duration::from_millis(3);

/// Why, and since when the endpoint knows.
#[derive(Debug)]
pub struct Gate {
    /// The daemon is leaving.
    pub leaving: bool,
    /// Since when there always were more new calls than one turn takes.
    behind: Option<Instant>,
    crowded: bool,
    closed: Option<&'static str>,
    counted: u64,
    /// Whether there are as many calls as may be.
    calls: Limit,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            leaving: false,
            behind: None,
            crowded: false,
            closed: None,
            counted: 0,
            calls: Limit::new(What::Calls),
        }
    }
}

/// What the gate looks at.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// Nothing can be written down.
    pub ill: bool,
    /// Events that wait for the hub's loop.
    pub backlog: usize,
    /// What waits for the loop is too much.
    pub overload: bool,
    /// Since when the call that is to be taken next waits, if one is.
    pub came: Option<Instant>,
}

impl Gate {
    /// Notes for how many more calls there is room, of how many.
    pub fn note_room(&mut self, room: (usize, usize)) {
        self.calls.note(room);
    }

    /// Notes whether a turn left new calls waiting.
    pub fn note_queue(&mut self, more: bool, now: Instant) {
        if more {
            self.behind.get_or_insert(now);
        } else {
            self.behind = None;
        }
    }

    /// Tells when it is to be closed or opened.
    pub fn changed(&mut self, view: View, now: Instant) -> Option<bool> {
        let most = if self.crowded { RELIEVED } else { FULL };
        self.crowded = view.backlog > most;
        let standing = self
            .behind
            .is_some_and(|since| now.duration_since(since) > STANDING);
        let late = standing
            && view
                .came
                .is_some_and(|came| now.duration_since(came) > FRESH);
        let closed = match () {
            () if self.leaving => Some("draining"),
            () if view.ill => Some("store"),
            () if self.crowded || view.overload || late => Some("overload"),
            () => None,
        };
        let before = std::mem::replace(&mut self.closed, closed);
        (before.is_some() != closed.is_some()).then_some(closed.is_some())
    }

    /// Tells how many requests were refused since the last time, given how many there were ever, and why.
    pub fn refused(&mut self, ever: u64) -> (u64, &'static str) {
        let fresh = ever - std::mem::replace(&mut self.counted, ever);
        // With the gate open it is the configured bounds of calls.
        (fresh, self.closed.unwrap_or("calls"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAIR: View = View {
        ill: false,
        backlog: 0,
        overload: false,
        came: None,
    };

    #[test]
    fn it_closes_for_the_first_reason_and_opens_when_none_is_left() {
        let (mut gate, now) = (Gate::default(), Instant::now());
        let overload = View {
            overload: true,
            ..FAIR
        };

        assert_eq!(gate.changed(FAIR, now), None);
        assert_eq!(gate.changed(overload, now), Some(true));
        assert_eq!(gate.refused(3), (3, "overload"));
        assert_eq!(
            gate.changed(
                View {
                    ill: true,
                    ..overload
                },
                now
            ),
            None
        );
        assert_eq!(gate.refused(5), (2, "store"));
        assert_eq!(gate.changed(FAIR, now), Some(false));
        assert_eq!(gate.refused(6), (1, "calls"));
        gate.leaving = true;
        assert_eq!(gate.changed(overload, now), Some(true));
        assert_eq!(gate.refused(7), (1, "draining"));
    }

    #[test]
    fn a_backlog_closes_it_until_most_of_it_is_gone() {
        let (mut gate, now) = (Gate::default(), Instant::now());
        let mut at = |backlog| gate.changed(View { backlog, ..FAIR }, now);

        assert_eq!(at(FULL), None);
        assert_eq!(at(FULL + 1), Some(true));
        assert_eq!(at(RELIEVED + 1), None);
        assert_eq!(at(RELIEVED), Some(false));
    }

    #[test]
    fn while_new_calls_never_run_out_only_those_are_taken_who_just_came() {
        let (mut gate, start) = (Gate::default(), Instant::now());
        let at = |millis| start + Duration::from_millis(millis);
        let came = |millis| View {
            came: Some(at(millis)),
            ..FAIR
        };

        gate.note_queue(true, at(0));
        gate.note_queue(true, at(19));
        assert_eq!(gate.changed(came(0), at(20)), None, "a burst");
        gate.note_queue(true, at(21));
        assert_eq!(gate.changed(came(17), at(21)), Some(true));
        assert_eq!(gate.changed(came(18), at(21)), Some(false));
        assert_eq!(gate.changed(came(0), at(21)), Some(true));
        assert_eq!(gate.changed(FAIR, at(21)), Some(false), "of a connection");
        gate.note_queue(false, at(22));
        assert_eq!(gate.changed(came(0), at(22)), None);
        gate.note_queue(true, at(10_000));
        assert_eq!(gate.changed(came(9_000), at(10_001)), None);
    }
}
