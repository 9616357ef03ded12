//! What is refused before it reaches the hub.

use ws::{
    agent::Request,
    cobrowse::AgentAct,
    frame::{Code, Refusal},
    id::{AgentId, InteractionId, Seq},
};

use super::{Receipt, Timeline, Timelines};
use crate::{Hub, input::Actor};

/// Bytes of one timeline; every resume sends all of it.
pub(super) const TIMELINE: usize = 4 * 1024 * 1024;

/// Checks that a timeline has room for one more entry. What takes something back, or ends, needs none.
pub(super) fn room(timeline: Option<&Timeline>) -> Result<(), Refusal> {
    if timeline.is_some_and(|timeline| timeline.bytes() > TIMELINE) {
        return crate::input::refuse(
            Code::Full,
            "this chat has grown too long; end it and open another",
        );
    }
    Ok(())
}

/// Checks that there is room for what an agent asks in a contact of theirs, where it writes an entry whenever it is asked.
pub(super) fn room_for(
    request: &Request,
    timelines: &Timelines,
    theirs: impl Fn(InteractionId) -> bool,
) -> Result<(), Refusal> {
    match request {
        Request::Message { interaction, .. } | Request::Callback { interaction, .. }
            if theirs(*interaction) =>
        {
            room(timelines.get(*interaction))
        }
        _ => Ok(()),
    }
}

/// Checks that there is room for what an agent does about a page, where it writes an entry. How full a contact is, is told to who
/// has it.
pub(super) fn room_on_page(
    act: &AgentAct,
    (agent, interaction): (&AgentId, InteractionId),
    hub: &Hub,
    timelines: &Timelines,
) -> Result<(), Refusal> {
    let writes = match act {
        AgentAct::Guide { guide, .. } => !guide.is_passing(),
        AgentAct::Ask { .. } | AgentAct::Page { .. } => true,
        AgentAct::Watch { .. }
        | AgentAct::Leave {}
        | AgentAct::Stop {}
        | AgentAct::Code {}
        | AgentAct::Pair { .. } => false,
    };
    if writes {
        hub.going_on(interaction, &Actor::Agent(agent.clone()))?;
        room(timelines.get(interaction))?;
    }
    Ok(())
}

/// Checks that a receipt speaks of entries that exist.
pub(super) fn receipt(receipt: Receipt, top: Seq) -> Result<(), Refusal> {
    if receipt.read > receipt.delivered || receipt.delivered > top {
        return crate::input::refuse(
            Code::OutOfRange,
            "a receipt has read <= delivered <= the highest entry",
        );
    }
    Ok(())
}

/// Returns the console at which something is to be done.
pub(super) fn console(console: Option<u64>) -> Result<u64, Refusal> {
    match console {
        Some(console) => Ok(console),
        None => crate::input::refuse(
            Code::Conflict,
            "this is done at a console: open one, and name it",
        ),
    }
}

/// Refuses what only an opened chat has.
pub(super) fn no_chat<T>() -> Result<T, Refusal> {
    crate::input::refuse(Code::Conflict, "there is no chat yet; open one first")
}

/// Refuses a message of a chat that is over.
pub(super) fn closed<T>() -> Result<T, Refusal> {
    crate::input::refuse(
        Code::Conflict,
        "the chat it was written in is over; write it anew where it is to be read",
    )
}

/// Refuses what belongs to somebody else, in the same words as what does not exist.
pub(super) fn not_yours<T>() -> Result<T, Refusal> {
    crate::input::refuse(
        Code::Forbidden,
        "it is not before you, or it does not exist",
    )
}

/// Refuses what only supervisors may see and do.
pub(super) fn not_supervisor<T>() -> Result<T, Refusal> {
    crate::input::refuse(Code::Forbidden, "only supervisors may do this")
}

/// Refuses a request of a socket that was not welcomed.
pub(super) fn stranger<T>() -> Result<T, Refusal> {
    crate::input::refuse(
        Code::Unauthorized,
        "say hello with a valid credential first",
    )
}
