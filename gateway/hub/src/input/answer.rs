//! Who waits for an answer, and the answers there are.

use ws::{
    frame::{Code, Refusal},
    id::{CallbackId, InteractionId, Mid, Seq},
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
    /// A code was given out.
    Code {
        /// Six digits.
        code: String,
        /// How long it is good.
        until: ws::id::Timestamp,
        /// Into which contact it brings a page, where an agent tells it; none where a page shows it.
        contact: Option<InteractionId>,
    },
    /// A browser's offer of audio was answered.
    Media {
        /// Its leg.
        leg: ws::id::LegId,
        /// The answer: a session description.
        sdp: String,
    },
    /// A visitor came from another website.
    Arrived(Box<crate::crossing::Crossing>),
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
