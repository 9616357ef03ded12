//! Calls that are made and taken in a browser. The browser offers audio (RFC 8829) and is answered; everything else about a
//! call is on the timeline and the desk, as for any other call.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::id::{InteractionId, LegId, Number, ZoneId};

/// What a visitor does about a call of this page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
#[ts(rename = "VisitorVoice")]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
#[ts(rename = "AgentVoice")]
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
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
