//! The places of trunks that do not answer, and since when.

use std::collections::BTreeMap;

use sip::trunk::Place;
use ws::id::{Timestamp, TrunkId};

use super::Phones;
use crate::{
    input::Input,
    trunk::{Down, Up},
};

/// So many are remembered; a house has fewer, and those whose addresses a name no longer has are never told to answer.
const MOST: usize = 1_000;

/// Those that do not answer, by trunk and place.
pub(super) type Downs = BTreeMap<(TrunkId, String), Timestamp>;

impl Phones {
    /// Takes that a place of a trunk answers no more. One without a name of ours is nobody's.
    pub(super) fn trunk_down(&mut self, trunk: &str, place: Place, status: Option<u16>) {
        let Ok(trunk) = trunk.parse::<TrunkId>() else {
            return;
        };
        let place = place_text(place);
        if self.downs.len() < MOST {
            let key = (trunk.clone(), place.clone());
            self.downs.entry(key).or_insert(self.now);
        }
        self.tell(Input::TrunkDown(Down {
            trunk,
            place,
            status,
        }));
    }

    /// Takes that it answers again.
    pub(super) fn trunk_up(&mut self, trunk: &str, place: Place) {
        let Ok(trunk) = trunk.parse::<TrunkId>() else {
            return;
        };
        let key = (trunk, place_text(place));
        let since = self.downs.remove(&key).unwrap_or(self.now);
        let (trunk, place) = key;
        self.tell(Input::TrunkUp(Up {
            trunk,
            place,
            since,
        }));
    }
}

/// A place as records name it.
pub(super) fn place_text(place: Place) -> String {
    format!("{} {}", place.transport.via_name(), place.address)
}
