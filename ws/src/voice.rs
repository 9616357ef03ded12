//! Calls that are made and taken in a browser. The browser offers audio (RFC 8829) and is answered; everything else about a
//! call is on the timeline and the desk, as for any other call.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::id::{InteractionId, LegId, Number, ZoneId};

/// What a visitor does about a call of this page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
#[ts(rename = "VisitorVoice")]
#[schema(as = VisitorVoice)]
pub enum VisitorVoice {
    /// Calls: within the chat that is shown, or else as a contact of its own.
    Call {
        /// The zone the page belongs to.
        zone: ZoneId,
        /// The name to be called by, at most 100 characters.
        #[serde(default)]
        name: Option<String>,
        /// The page it was made on, at most 2,000 characters.
        #[serde(default)]
        page: Option<String>,
        /// The page that led there, at most 2,000 characters.
        #[serde(default)]
        #[ts(optional = nullable)]
        referrer: Option<String>,
        /// What the browser offers: a session description.
        sdp: String,
    },
    /// Takes the call up again: the page was loaded anew, or its network changed.
    Media {
        /// Which.
        leg: LegId,
        /// What the browser offers now.
        sdp: String,
    },
    /// Ends it.
    HangUp {},
}

/// What an agent does about calls at this console.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
#[ts(rename = "AgentVoice")]
#[schema(as = AgentVoice)]
pub enum AgentVoice {
    /// Lets calls ring here instead of at the phone, or ends that. It ends by itself when the socket closes.
    Headset {
        /// Whether they ring here.
        on: bool,
    },
    /// Takes a call that rings here, or takes it up again.
    Media {
        /// Which.
        leg: LegId,
        /// What the browser offers: a session description.
        sdp: String,
    },
}

/// Calls at an agent's consoles.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Headset {
    /// Whether calls ring at a console.
    pub on: bool,
    /// The calls that ring there or were taken there.
    pub calls: Vec<HeadsetCall>,
}

impl Headset {
    /// Tells whether there is nothing to say of it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A call at an agent's console.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct HeadsetCall {
    /// Of which interaction.
    pub interaction: InteractionId,
    /// The agent's leg.
    pub leg: LegId,
    /// Whether it was taken; else it rings.
    pub taken: bool,
    /// The name the other side gave.
    pub name: Option<String>,
    /// Its number, where there is one.
    pub number: Option<Number>,
}

/// How one line of a call carries speech.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct LineQuality {
    /// Whether it is the customer's; else it is the agent's own.
    pub customer: bool,
    /// Whether the last seconds were poor.
    pub poor: bool,
    /// Whether it is over, and this is said of all of it; else of the last seconds.
    pub ended: bool,
    /// The estimated mean opinion score in hundredths, from 100, bad, to 450.
    pub mos: u16,
    /// The share of packets that were lost in the worse direction, in hundredths of a percent.
    pub lost: u16,
}
