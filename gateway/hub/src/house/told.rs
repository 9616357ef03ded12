//! What the house is told.

use sip::{
    endpoint::{Event as SipEvent, TrunkStanding},
    media::MediaEvent,
};
use ws::{
    agent,
    frame::{Asked, Resume},
    id::AgentId,
    visitor,
};

use super::Routes;
#[cfg(doc)]
use super::Step;
use crate::{
    edge::browser::{AgentResume, VisitorCredential},
    input::Input,
    setup::Setup,
    step::Jump,
};

/// What the house is told.
#[derive(Debug)]
pub enum Told {
    /// A visitor's socket said who it is.
    VisitorHello {
        /// The socket.
        socket: u64,
        /// The request.
        re: u64,
        /// What was proved.
        credential: VisitorCredential,
        /// What was seen already.
        resume: Option<Resume>,
    },
    /// A visitor asked for something.
    VisitorAsked {
        /// The socket.
        socket: u64,
        /// What.
        asked: Asked<visitor::Request>,
    },
    /// An agent's socket said who it is.
    AgentHello {
        /// The socket.
        socket: u64,
        /// The request.
        re: u64,
        /// Who.
        agent: AgentId,
        /// What was seen already.
        resume: Box<AgentResume>,
    },
    /// An agent asked for something.
    AgentAsked {
        /// The socket.
        socket: u64,
        /// What.
        asked: Asked<agent::Request>,
    },
    /// A socket closed.
    Closed {
        /// Which.
        socket: u64,
        /// Whether its page said that it goes.
        went: bool,
    },
    /// The SIP endpoint reports.
    Sip(SipEvent),
    /// How all trunks stand now.
    Trunks(Vec<TrunkStanding>),
    /// The media plane reports.
    Media(MediaEvent),
    /// Somebody who is no browser asks; a [`Step::Answer`] follows for the number the input's asker carries.
    Ask {
        /// The number.
        socket: u64,
        /// What.
        input: Box<Input>,
    },
    /// A program acts as an agent; a [`Step::Answer`] follows for the number.
    Act {
        /// The number.
        socket: u64,
        /// As whom.
        agent: AgentId,
        /// At which of their consoles, where it is done at one.
        console: Option<u64>,
        /// What.
        request: Box<agent::Request>,
    },
    /// The configuration changed.
    Configure(Box<Setup>, Routes),
    /// The time jumped.
    Stepped(Jump),
    /// The machine tells the hub something itself.
    Input(Box<Input>),
}

impl Told {
    /// Whether it is decided at rest: a socket that begins sees the state together with exactly the facts it rests on.
    pub(super) fn wants_rest(&self) -> bool {
        match self {
            Self::VisitorHello { .. }
            | Self::AgentHello { .. }
            | Self::Configure(..)
            | Self::Stepped(_) => true,
            Self::VisitorAsked { .. }
            | Self::AgentAsked { .. }
            | Self::Closed { .. }
            | Self::Sip(_)
            | Self::Trunks(_)
            | Self::Media(_)
            | Self::Ask { .. }
            | Self::Act { .. }
            | Self::Input(_) => false,
        }
    }
}
