//! The one way out: nobody outside is dialled but through here. It knows drain, suppression and the trunk.

use ws::{
    frame::{Code, Refusal},
    id::{Number, TrunkId},
};

use crate::{hub::Hub, input::refuse};

impl Hub {
    /// Admits a dialling of `number` and tells by which trunk, or refuses it with the reason.
    pub(crate) fn admit(&self, number: &Number) -> Result<TrunkId, Refusal> {
        if self.is_suppressed(number) {
            return refuse(Code::Suppressed, "this number must not be contacted");
        }
        if self.draining {
            return refuse(
                Code::Unavailable,
                "the server is shutting down and places no new calls",
            );
        }
        match &self.setup.outbound {
            Some(trunk) => Ok(trunk.clone()),
            None => refuse(
                Code::Unavailable,
                "no trunk for outbound calls is configured",
            ),
        }
    }

    pub(crate) fn is_suppressed(&self, number: &Number) -> bool {
        self.setup.suppressed.contains(number)
    }
}
