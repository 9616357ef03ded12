//! Why a leg exists, and whose it is.

use serde::{Deserialize, Serialize};
use ws::id::{AgentId, Number, TrunkId, VisitorId, ZoneId};

/// Why a leg exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegCause {
    /// The customer came to us.
    Inbound,
    /// The agent's side of a contact.
    Outbound,
    /// A chat became a call.
    Escalation,
    /// A promise to call.
    Callback,
    /// The call was given to whoever it is, at once.
    TransferBlind,
    /// It takes the place of a leg whose party asked first.
    TransferAttended,
    /// An agent asks, while the customer hears music.
    Consult,
    /// A colleague takes part as well.
    Conference,
    /// The customer's page is seen together.
    Cobrowse,
    /// A supervisor looks on, or listens.
    Monitor,
    /// A supervisor speaks to the agent alone.
    Whisper,
    /// A supervisor speaks to all.
    Barge,
    /// A code brought it in.
    Pairing,
}

impl LegCause {
    /// Tells whether the leg is beside the call until a later fact gives it a part in it.
    pub fn is_aside(self) -> bool {
        match self {
            Self::Inbound
            | Self::Outbound
            | Self::Escalation
            | Self::Callback
            | Self::Cobrowse
            | Self::Pairing => false,
            Self::TransferBlind
            | Self::TransferAttended
            | Self::Consult
            | Self::Conference
            | Self::Monitor
            | Self::Whisper
            | Self::Barge => true,
        }
    }
}

impl Party {
    /// Returns the number of a customer's telephone, if it is one that shows it.
    pub fn customer_number(&self) -> Option<&Number> {
        match self {
            Self::CustomerPhone { number, .. } => number.as_ref(),
            Self::AgentPhone { .. }
            | Self::OutsidePhone { .. }
            | Self::CustomerChat { .. }
            | Self::AgentChat { .. }
            | Self::CustomerBrowser { .. }
            | Self::AgentBrowser { .. }
            | Self::CustomerPage { .. }
            | Self::AgentPage { .. } => None,
        }
    }

    /// Returns the number of a phone outside, a customer's or another's, where it is known.
    pub(crate) fn number(&self) -> Option<&Number> {
        self.outside()?.0
    }

    /// Returns the trunk by which a phone outside is reached.
    pub(crate) fn trunk(&self) -> Option<&TrunkId> {
        self.outside()?.1
    }

    fn outside(&self) -> Option<(Option<&Number>, Option<&TrunkId>)> {
        match self {
            Self::CustomerPhone { number, trunk, .. } => Some((number.as_ref(), trunk.as_ref())),
            Self::OutsidePhone { number, trunk, .. } => Some((number.as_ref(), Some(trunk))),
            Self::AgentPhone { .. }
            | Self::CustomerChat { .. }
            | Self::AgentChat { .. }
            | Self::CustomerBrowser { .. }
            | Self::AgentBrowser { .. }
            | Self::CustomerPage { .. }
            | Self::AgentPage { .. } => None,
        }
    }

    /// Has another number be dialled in place of a phone outside.
    pub(crate) fn forward(&mut self, to: &Number, by: Option<&TrunkId>) {
        match self {
            Self::CustomerPhone { number, .. } | Self::OutsidePhone { number, .. } => {
                *number = Some(to.clone());
            }
            Self::AgentPhone { .. }
            | Self::CustomerChat { .. }
            | Self::AgentChat { .. }
            | Self::CustomerBrowser { .. }
            | Self::AgentBrowser { .. }
            | Self::CustomerPage { .. }
            | Self::AgentPage { .. } => {}
        }
        if let Some(trunk) = by {
            self.go_by(trunk);
        }
    }

    /// Has a phone outside be reached by another trunk.
    pub(crate) fn go_by(&mut self, other: &TrunkId) {
        match self {
            Self::CustomerPhone { trunk, .. } => *trunk = Some(other.clone()),
            Self::OutsidePhone { trunk, .. } => trunk.clone_from(other),
            // Where an agent's extension is, is the configuration's to say.
            Self::AgentPhone { .. }
            | Self::CustomerChat { .. }
            | Self::AgentChat { .. }
            | Self::CustomerBrowser { .. }
            | Self::AgentBrowser { .. }
            | Self::CustomerPage { .. }
            | Self::AgentPage { .. } => {}
        }
    }
}

/// Whose participation a leg is, and on what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Party {
    /// The customer's phone.
    CustomerPhone {
        /// The number, where known.
        number: Option<Number>,
        /// The trunk.
        trunk: Option<TrunkId>,
    },
    /// An agent's phone.
    AgentPhone {
        /// Whose.
        agent: AgentId,
    },
    /// The phone of somebody outside whom an agent called in.
    OutsidePhone {
        /// The number.
        number: Option<Number>,
        /// The trunk.
        trunk: TrunkId,
    },
    /// The customer's chat.
    CustomerChat {
        /// Who.
        visitor: VisitorId,
    },
    /// An agent's chat.
    AgentChat {
        /// Who.
        agent: AgentId,
    },
    /// The customer's browser, as a telephone.
    CustomerBrowser {
        /// Who.
        visitor: VisitorId,
    },
    /// A headset at an agent's console.
    AgentBrowser {
        /// Whose.
        agent: AgentId,
    },
    /// The customer's page, seen together.
    CustomerPage {
        /// Who.
        visitor: VisitorId,
        /// In which zone the page is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        zone: Option<ZoneId>,
    },
    /// Who looks at the customer's page.
    AgentPage {
        /// Who.
        agent: AgentId,
    },
}
