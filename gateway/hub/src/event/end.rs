//! How offers and callbacks end.

use serde::{Deserialize, Serialize};
use ws::{
    id::CallbackId,
    timeline::{Author, CallbackState},
};

/// Why an offer ended without being taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferEnd {
    /// Turned down.
    Declined,
    /// Not answered in time.
    Expired,
    /// The agent was lost.
    AgentGone,
    /// The customer gave up.
    CustomerGone,
    /// Taken, but the agent's phone was not answered.
    PhoneFailed,
    /// Taken, but the house had no room or no way to call the agent's phone.
    Interrupted,
    /// Taken back by the hub: a restart, a drain, a rule against the contact.
    Withdrawn,
}

/// How a callback ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "snake_case")]
pub enum CallbackEnd {
    /// The customer was reached.
    Reached,
    /// A voicemail was reached, as the agent said afterwards; told after `Reached`, and in its place.
    Voicemail,
    /// The customer called first.
    CalledIn,
    /// Taken back.
    Cancelled {
        /// By whom.
        by: Author,
    },
    /// All attempts failed.
    GivenUp,
    /// The number must not be contacted.
    Suppressed,
    /// The house calls no such numbers any more.
    Denied,
    /// Its window passed without a call.
    Missed,
    /// It stands in another interaction: the one that this became part of, or the one in which the number's owner calls.
    Moved {
        /// As which.
        to: CallbackId,
    },
}

impl CallbackEnd {
    /// Says it in words for people.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Reached => "the customer was reached",
            Self::Voicemail => "a voicemail was reached",
            Self::CalledIn => "the customer called first",
            Self::Cancelled { .. } => "it was taken back",
            Self::GivenUp => "all attempts failed",
            Self::Suppressed => "the number must not be contacted",
            Self::Denied => "the house does not call such destinations",
            Self::Missed => "its window passed without a call",
            Self::Moved { .. } => "it stands in another contact",
        }
    }

    /// Returns how the callback stands after it.
    pub(crate) fn state(&self) -> CallbackState {
        match self {
            Self::Reached | Self::CalledIn => CallbackState::Done,
            Self::Voicemail
            | Self::Cancelled { .. }
            | Self::GivenUp
            | Self::Suppressed
            | Self::Denied
            | Self::Missed
            | Self::Moved { .. } => CallbackState::Ended {
                reason: self.words().to_owned(),
            },
        }
    }

    /// Returns who brought it about, where it was somebody.
    pub fn by(&self) -> Option<&Author> {
        match self {
            Self::Cancelled { by } => Some(by),
            Self::Reached
            | Self::Voicemail
            | Self::CalledIn
            | Self::GivenUp
            | Self::Suppressed
            | Self::Denied
            | Self::Missed
            | Self::Moved { .. } => None,
        }
    }
}

impl OfferEnd {
    /// Says it in words for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Declined => "it was turned down",
            Self::Expired => "it was not answered in time",
            Self::AgentGone => "the agent was lost",
            Self::CustomerGone => "the customer gave up",
            Self::PhoneFailed => "the agent's phone was not answered",
            Self::Interrupted => "the house could not call the agent's phone",
            Self::Withdrawn => "it was taken back",
        }
    }
}
