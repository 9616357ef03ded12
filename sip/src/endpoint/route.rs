//! The list of a call that goes out: where it is sent while nobody is there, and which trunks between are passed over, and why.

use std::collections::VecDeque;

use super::Lack;
use super::ways::Way;

/// What is left of the list.
#[derive(Clone, Debug, Default)]
pub(super) struct Route(VecDeque<Stop>);

#[derive(Clone, Debug)]
enum Stop {
    Way(Box<Way>),
    Over(Over),
}

/// A trunk that a call is not tried by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Over {
    pub trunk: String,
    pub lack: Lack,
}

impl Route {
    /// Returns the list of a phone's contacts.
    pub fn to_phone(ways: impl IntoIterator<Item = Way>) -> Self {
        let mut route = Self::default();
        route.extend(ways);
        route
    }

    /// Adds places to try.
    pub fn extend(&mut self, ways: impl IntoIterator<Item = Way>) {
        let stops = ways.into_iter().map(|way| Stop::Way(Box::new(way)));
        self.0.extend(stops);
    }

    /// Adds a trunk that is passed over.
    pub fn pass(&mut self, trunk: String, lack: Lack) {
        self.0.push_back(Stop::Over(Over { trunk, lack }));
    }

    /// Tells whether there is a place to try.
    pub fn leads_on(&self) -> bool {
        self.0.iter().any(|stop| matches!(stop, Stop::Way(_)))
    }

    /// Takes the next place of a trunk that `lacks` nothing, and all that stood before it; which trunks that were is left in `over`.
    pub fn next(
        &mut self,
        over: &mut Vec<Over>,
        mut lacks: impl FnMut(&Way) -> Option<Lack>,
    ) -> Option<Way> {
        while let Some(stop) = self.0.pop_front() {
            let way = match stop {
                Stop::Way(way) => *way,
                Stop::Over(one) => {
                    over.push(one);
                    continue;
                }
            };
            let Some(lack) = lacks(&way) else {
                return Some(way);
            };
            let full = way.trunk;
            self.0
                .retain(|other| !matches!(other, Stop::Way(other) if other.trunk == full));
            over.extend(full.map(|trunk| Over { trunk, lack }));
        }
        None
    }
}
