//! What the hub is told: by browsers, phones, other programs and the machine it runs on.

use ws::{
    agent::Presence,
    frame::{Code, Refusal},
    id::{
        AgentId, CallbackId, InteractionId, LegId, Mid, Number, QueueId, Seq, Timestamp, TrunkId,
        VisitorId, ZoneId,
    },
};

/// Who waits for the answer to an input; opaque to the hub, which hands it back in a [`Reply`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Asker {
    /// The socket or HTTP request.
    pub socket: u64,
    /// The request on that socket.
    pub id: u64,
}

/// The answer to an input that had an [`Asker`]; carried out after the events before it are durable.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// Whom to tell.
    pub to: Asker,
    /// What came of it.
    pub result: Result<Done, Refusal>,
}

/// What came of an accepted input.
#[derive(Clone, Debug, PartialEq)]
pub enum Done {
    /// The message stands at this place, now or since its first arrival.
    Written {
        /// Where.
        interaction: InteractionId,
        /// The writer's id.
        mid: Mid,
        /// The place.
        seq: Seq,
    },
    /// A callback was promised.
    Promised {
        /// Which.
        callback: CallbackId,
    },
    /// It was done.
    Ok,
}

/// Makes a refusal.
pub fn refuse<T>(code: Code, text: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal {
        code,
        text: text.into(),
    })
}

/// Who acts in an interaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A visitor; may act in their own interactions only.
    Visitor(VisitorId),
    /// An agent; may act in interactions assigned to them.
    Agent(AgentId),
    /// A program with an API credential.
    Api,
}

/// What a visitor tells of themselves.
#[derive(Clone, Debug, PartialEq)]
pub struct Introduction {
    /// Who.
    pub visitor: VisitorId,
    /// The zone they came by.
    pub zone: ZoneId,
    /// The name they gave.
    pub name: Option<String>,
    /// The mail address they gave.
    pub mail: Option<String>,
    /// The subject of a signed identity, proved before it came here.
    pub verified: Option<String>,
    /// The page.
    pub page: Option<String>,
}

/// An INVITE that was admitted.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrival {
    /// The id to be used if this begins a new interaction.
    pub candidate: InteractionId,
    /// Handed back in [`crate::Command::Adopt`].
    pub call: u64,
    /// The peer it came from: a trunk, or a registered agent's phone.
    pub peer: Peer,
    /// The caller's number, where it is one.
    pub from: Option<Number>,
    /// The name the caller's side shows.
    pub name: Option<String>,
    /// The user part that was called.
    pub to: String,
    /// Interactions that a trusted peer says this belongs to.
    pub claims: Vec<InteractionId>,
    /// Ids of other systems: header name and value.
    pub external: Vec<(String, String)>,
}

/// Where a call comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    /// A configured trunk.
    Trunk(TrunkId),
    /// A phone that proved to be this agent's.
    Phone(AgentId),
}

/// Why a leg failed or ended.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Cause {
    /// What it was.
    pub kind: CauseKind,
    /// The SIP status, where there was one.
    pub status: Option<u16>,
    /// In words for people.
    pub text: String,
}

/// The kinds of causes that decisions rest on.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum CauseKind {
    /// The other side hung up, or we did on its behalf.
    Normal,
    /// The caller gave up before the answer.
    Cancelled,
    /// Busy here or everywhere.
    Busy,
    /// It rang and nobody answered.
    NoAnswer,
    /// Rejected on purpose.
    Rejected,
    /// The number or phone cannot be reached or does not exist.
    Unreachable,
    /// The peer asked not to be called (RFC 8197, RFC 8688).
    Unwanted,
    /// Nothing was heard from the peer for too long.
    MediaLost,
    /// A fault of the peer, of the way to it or of ours.
    Fault,
    /// The daemon was restarted.
    Interrupted,
}

/// One thing the hub is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// An agent's console opened a socket and proved who it is.
    ConsoleOpened {
        /// Who.
        agent: AgentId,
        /// The socket.
        socket: u64,
    },
    /// A console's socket closed.
    ConsoleClosed {
        /// Who.
        agent: AgentId,
        /// The socket.
        socket: u64,
    },
    /// A visitor's socket opened and proved who it is.
    WidgetOpened {
        /// Who.
        visitor: VisitorId,
        /// The socket.
        socket: u64,
    },
    /// A visitor's socket closed.
    WidgetClosed {
        /// Who.
        visitor: VisitorId,
        /// The socket.
        socket: u64,
    },
    /// An agent wants to be ready or away.
    SetPresence {
        /// Who.
        agent: AgentId,
        /// What.
        presence: Presence,
        /// Who asked.
        re: Asker,
    },
    /// An agent takes an offer.
    Accept {
        /// Who.
        agent: AgentId,
        /// Which.
        interaction: InteractionId,
        /// Who asked.
        re: Asker,
    },
    /// An agent turns an offer down.
    Decline {
        /// Who.
        agent: AgentId,
        /// Which.
        interaction: InteractionId,
        /// Who asked.
        re: Asker,
    },
    /// A visitor opens a chat with a first message.
    OpenChat {
        /// The id to be used if this begins a new interaction.
        candidate: InteractionId,
        /// Who.
        who: Introduction,
        /// The message's id.
        mid: Mid,
        /// The message.
        text: String,
        /// Who asked.
        re: Asker,
    },
    /// Somebody writes.
    Say {
        /// Where.
        interaction: InteractionId,
        /// Who.
        by: Actor,
        /// The message's id.
        mid: Mid,
        /// The message.
        text: String,
        /// Who asked.
        re: Asker,
    },
    /// A chat is to become a call.
    Escalate {
        /// Which.
        interaction: InteractionId,
        /// Who asks.
        by: Actor,
        /// The customer's number.
        number: Number,
        /// Who asked.
        re: Asker,
    },
    /// A callback is asked for.
    AskCallback {
        /// In which interaction; a new one of this id is opened in `queue` where there is none yet.
        interaction: InteractionId,
        /// For a new interaction: where it waits.
        queue: Option<QueueId>,
        /// Who asks.
        by: Actor,
        /// The customer's number.
        number: Number,
        /// Not before; none means as soon as an agent is free.
        at: Option<Timestamp>,
        /// Who asked.
        re: Asker,
    },
    /// A callback is taken back.
    CancelCallback {
        /// Which.
        callback: CallbackId,
        /// Who asks.
        by: Actor,
        /// Who asked.
        re: Asker,
    },
    /// The call of an interaction is to end.
    HangUp {
        /// Which.
        interaction: InteractionId,
        /// Who asks.
        by: Actor,
        /// Who asked.
        re: Asker,
    },
    /// The contact is to end.
    End {
        /// Which.
        interaction: InteractionId,
        /// Who asks.
        by: Actor,
        /// Who asked.
        re: Asker,
    },
    /// An agent finishes the wrap-up.
    WrapUp {
        /// Who.
        agent: AgentId,
        /// Which.
        interaction: InteractionId,
        /// How it turned out.
        disposition: Option<String>,
        /// A note for the record.
        note: Option<String>,
        /// Who asked.
        re: Asker,
    },
    /// A call came in.
    CallArrived(Arrival),
    /// A leg we dialled rings.
    LegRinging {
        /// Which.
        leg: LegId,
    },
    /// A leg answered; for an inbound leg: our answer was confirmed.
    LegAnswered {
        /// Which.
        leg: LegId,
    },
    /// The first media of a leg arrived.
    LegFlowing {
        /// Which.
        leg: LegId,
    },
    /// A leg is over, at whatever stage; told once, also after [`crate::Command::Release`].
    LegEnded {
        /// Which.
        leg: LegId,
        /// Why.
        cause: Cause,
    },
    /// A key was pressed on a leg.
    LegDigit {
        /// Which.
        leg: LegId,
        /// `0`-`9`, `*`, `#`, `A`-`D`.
        digit: char,
    },
    /// An agent's phone registered.
    PhoneRegistered {
        /// Whose.
        agent: AgentId,
        /// What the SIP side needs to find it again after a restart.
        binding: String,
        /// Until when.
        until: Timestamp,
    },
    /// An agent's phone unregistered.
    PhoneGone {
        /// Whose.
        agent: AgentId,
    },
    /// The configuration changed.
    Configure(Box<crate::setup::Setup>),
    /// No new work is to be taken; what runs is finished.
    Drain,
}
