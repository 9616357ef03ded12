//! Why calls that go out leave places, and why trunks are not tried.

/// Why a call left a place for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// It answered with this status: 503, or 300 to 399 where it named somebody else; any where somebody else was named before.
    Said(u16),
    /// Nothing came from it in time.
    Silent,
    /// There was no way to it: no connection, or none that was secured as it has to be.
    Broken,
}

impl Left {
    /// Returns the SIP status that says as much.
    pub const fn status(self) -> u16 {
        match self {
            Self::Said(code) => code,
            Self::Silent => 408,
            Self::Broken => 503,
        }
    }
}

/// Why a trunk was passed over untried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// None of its places answers probes.
    Down,
    /// Those that answer said that they want no calls for a time (RFC 3261 §21.5.4).
    Resting,
    /// The DNS names no place of it, or there is no such trunk.
    Unlocated,
    /// It has as many calls as it may, both ways ([`crate::trunk::Trunk::max_calls`]).
    Calls,
    /// It has as many calls as it may in this direction.
    CallsOneWay,
    /// More would go to it within a second than may.
    Rate,
    /// As many went to it as may for now; its owner counts them.
    Spent,
    /// Its voice is secured otherwise than by the trunk that the offer was made for.
    Srtp,
}
