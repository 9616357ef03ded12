//! Whom an interaction was put before in vain.

use ws::id::Timestamp;

/// An agent asked in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried {
    /// When that was found.
    pub at: Timestamp,
    /// What came of it.
    pub how: Vain,
}

/// What came of asking an agent in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vain {
    /// They were silent.
    Silent,
    /// They, or their phone, said no.
    Refused,
    /// They took it, and the house had no room or no way to call their phone.
    NotCalled,
}
