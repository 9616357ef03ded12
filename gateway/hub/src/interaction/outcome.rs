//! How an interaction turned out.

use super::Interaction;

/// The words that are ours; any other outcome is an agent's disposition.
pub const OUTCOMES: [&str; 7] = [
    SERVED,
    ABANDONED,
    NOT_REACHED,
    CANCELLED,
    TURNED_AWAY,
    INFORMED,
    MERGED,
];

/// The customer and an agent met.
pub(crate) const SERVED: &str = "served";
/// They came, and met nobody.
pub(crate) const ABANDONED: &str = "abandoned";
/// A call was promised, and they and an agent never met.
pub(crate) const NOT_REACHED: &str = "not reached";
/// A promise was taken back before it was dialled.
pub(crate) const CANCELLED: &str = "cancelled";
/// A rule sent them away.
pub(crate) const TURNED_AWAY: &str = "turned away";
/// A menu told them what they wanted.
pub(crate) const INFORMED: &str = "informed";
/// It became part of another.
pub(crate) const MERGED: &str = "merged";

impl Interaction {
    /// Says how it turned out, in one word or the agent's own.
    pub(crate) fn outcome(&self) -> String {
        if let Some(disposition) = &self.disposition {
            return disposition.clone();
        }
        let unwanted = || self.callbacks.values().all(|promise| promise.unwanted);
        match (self.met, self.callbacks.is_empty()) {
            (true, _) => SERVED,
            (false, false) if unwanted() => CANCELLED,
            (false, false) => NOT_REACHED,
            (false, true) if self.turned.is_some() => TURNED_AWAY,
            (false, true) if self.informed => INFORMED,
            // So is a caller whose agent took the call and did not answer their phone.
            (false, true) => ABANDONED,
        }
        .to_owned()
    }
}
