//! What browsers ask, as inputs of the hub.

use rand::rngs::StdRng;
use ws::{
    agent,
    crossing::{Carried, Pass},
    frame::{Code, Refusal},
    id::{AgentId, InteractionId},
    visitor,
};

use super::{VisitorCredential, check};
use crate::crossing::Crossing;
use crate::input::{Actor, Asker, Input, Introduction, Wish, refuse};
use crate::memo::MemoAct;

/// Returns the contact that must be on the agent's desk for this request. Offers and presence need none; a message that
/// is sent again may be of a contact that left the desk since, and the hub knows its mid.
pub(super) fn contact_of(request: &agent::Request) -> Option<InteractionId> {
    match request {
        agent::Request::Typing { interaction, .. }
        | agent::Request::Receipt { interaction, .. }
        | agent::Request::Escalate { interaction, .. }
        | agent::Request::Callback { interaction, .. }
        | agent::Request::Consent { interaction, .. }
        | agent::Request::HangUp { interaction }
        | agent::Request::Transfer { interaction, .. }
        | agent::Request::Consult { interaction, .. }
        | agent::Request::Complete { interaction, .. }
        | agent::Request::TakeBack { interaction }
        | agent::Request::Conference { interaction }
        | agent::Request::Dismiss { interaction, .. }
        | agent::Request::Hold { interaction, .. }
        | agent::Request::Mute { interaction, .. }
        | agent::Request::Digits { interaction, .. }
        | agent::Request::End { interaction }
        | agent::Request::ExtendWrapUp { interaction, .. }
        | agent::Request::Park { interaction }
        | agent::Request::Unpark { interaction }
        | agent::Request::Note { interaction, .. }
        | agent::Request::HandOver { interaction, .. }
        | agent::Request::Invite { interaction, .. }
        | agent::Request::Withdraw { interaction, .. }
        | agent::Request::WrapUp { interaction, .. } => Some(*interaction),
        agent::Request::CancelCallback { callback } => Some(callback.interaction),
        agent::Request::Hello { .. }
        | agent::Request::Presence { .. }
        | agent::Request::PresenceOf { .. }
        | agent::Request::Accept { .. }
        | agent::Request::Decline { .. }
        | agent::Request::Message { .. }
        | agent::Request::Revise { .. }
        | agent::Request::Watch { .. }
        | agent::Request::Memo { .. }
        | agent::Request::MemosRead { .. }
        // Whoever is asked about a call has it not among their contacts.
        | agent::Request::Leave { .. }
        // The hub knows who may do what on a page and in a call, supervisors included.
        | agent::Request::Record { .. }
        | agent::Request::Supervise { .. }
        | agent::Request::Whisper { .. }
        | agent::Request::Cobrowse { .. }
        | agent::Request::Voice { .. }
        | agent::Request::Pong { .. } => None,
    }
}

/// Makes an agent's request an input.
pub(super) fn of_agent(
    agent: AgentId,
    request: agent::Request,
    re: Asker,
) -> Result<Input, Refusal> {
    match request {
        agent::Request::Presence { presence } => Ok(Input::SetPresence {
            agent,
            presence,
            re,
        }),
        agent::Request::Accept { interaction } => Ok(Input::Accept {
            agent,
            interaction,
            re,
        }),
        agent::Request::Decline { interaction } => Ok(Input::Decline {
            agent,
            interaction,
            re,
        }),
        agent::Request::WrapUp {
            interaction,
            disposition,
            note,
            solved,
        } => Ok(Input::WrapUp {
            agent,
            interaction,
            disposition,
            note,
            solved,
            re,
        }),
        agent::Request::PresenceOf {
            agent: other,
            presence,
        } => Ok(Input::SetPresenceOf {
            agent: other,
            presence,
            by: Actor::Agent(agent),
            re,
        }),
        agent::Request::Memo { mid, to, text } => Ok(Input::Memo {
            agent,
            act: MemoAct::Send { mid, to, text },
            re,
        }),
        agent::Request::MemosRead { upto } => Ok(Input::Memo {
            agent,
            act: MemoAct::Read { upto },
            re,
        }),
        other => for_room(agent, other, re),
    }
}

// What is asked about time, room and colleagues.
fn for_room(agent: AgentId, request: agent::Request, re: Asker) -> Result<Input, Refusal> {
    match request {
        agent::Request::ExtendWrapUp {
            interaction,
            seconds,
        } => Ok(Input::ExtendWrapUp {
            agent,
            interaction,
            by: std::time::Duration::from_secs(seconds.into()),
            re,
        }),
        agent::Request::Park { interaction } => Ok(Input::Park {
            agent,
            interaction,
            re,
        }),
        agent::Request::Unpark { interaction } => Ok(Input::Unpark {
            agent,
            interaction,
            re,
        }),
        agent::Request::Note { interaction, text } => Ok(Input::Note {
            agent,
            interaction,
            text,
            re,
        }),
        agent::Request::HandOver {
            interaction,
            to,
            note,
        } => Ok(Input::HandOver {
            agent,
            interaction,
            to,
            note,
            re,
        }),
        within => within_contact(Actor::Agent(agent), within, re),
    }
}

fn within_contact(by: Actor, request: agent::Request, re: Asker) -> Result<Input, Refusal> {
    Ok(match request {
        agent::Request::Message {
            interaction,
            mid,
            text,
        } => Input::Say {
            interaction,
            by,
            mid,
            text,
            re,
        },
        agent::Request::Revise {
            interaction,
            mid,
            text,
        } => Input::Revise {
            interaction,
            by,
            mid,
            text,
            re,
        },
        agent::Request::Escalate {
            interaction,
            number,
        } => Input::Escalate {
            interaction,
            by,
            number,
            re,
        },
        agent::Request::HangUp { interaction } => Input::HangUp {
            interaction,
            by,
            re,
        },
        agent::Request::End { interaction } => Input::End {
            interaction,
            by,
            re,
        },
        call => return within_call(by, call, re),
    })
}

// What is done within a running call.
fn within_call(by: Actor, request: agent::Request, re: Asker) -> Result<Input, Refusal> {
    let (interaction, wish) = match request {
        agent::Request::Transfer {
            interaction,
            to,
            note,
        } => (interaction, Wish::Transfer { to, note }),
        agent::Request::Consult { interaction, to } => (interaction, Wish::Consult { to }),
        agent::Request::Complete { interaction, note } => (interaction, Wish::Complete { note }),
        agent::Request::TakeBack { interaction } => (interaction, Wish::TakeBack),
        agent::Request::Conference { interaction } => (interaction, Wish::Conference),
        agent::Request::Dismiss { interaction, leg } => (interaction, Wish::Dismiss { leg }),
        agent::Request::Supervise {
            interaction,
            act,
            channel,
        } => (interaction, Wish::Supervise { act, channel }),
        agent::Request::Whisper { interaction, text } => (interaction, Wish::Whisper { text }),
        agent::Request::Invite {
            interaction,
            agent,
            note,
        } => (interaction, Wish::Invite { agent, note }),
        agent::Request::Withdraw { interaction, agent } => (interaction, Wish::Withdraw { agent }),
        agent::Request::Leave { interaction } => (interaction, Wish::Leave),
        agent::Request::Record { interaction, act } => (interaction, Wish::Record { act }),
        agent::Request::Hold { interaction, on } => (interaction, Wish::Hold { on }),
        agent::Request::Mute { interaction, on } => (interaction, Wish::Mute { on }),
        agent::Request::Digits {
            interaction,
            digits,
        } => (interaction, Wish::Digits { digits }),
        later => return for_later(by, later, re),
    };
    Ok(Input::InCall {
        interaction,
        by,
        wish,
        re,
    })
}

// What is promised or forbidden for the time after the contact.
#[allow(clippy::too_many_lines, reason = "one arm a request")]
fn for_later(by: Actor, request: agent::Request, re: Asker) -> Result<Input, Refusal> {
    Ok(match request {
        agent::Request::Callback {
            interaction,
            number,
            at,
            wish,
        } => Input::AskCallback {
            interaction,
            queue: None,
            by,
            number,
            at,
            wish: wish.map(|wish| *wish).unwrap_or_default(),
            re,
        },
        agent::Request::CancelCallback { callback } => Input::CancelCallback { callback, by, re },
        agent::Request::Consent {
            interaction,
            channel,
            given,
            reason,
        } => Input::TellConsent {
            interaction,
            by,
            channel,
            given,
            reason,
            re,
        },
        // Answered before they come here.
        agent::Request::Hello { .. }
        | agent::Request::Message { .. }
        | agent::Request::Revise { .. }
        | agent::Request::Escalate { .. }
        | agent::Request::HangUp { .. }
        | agent::Request::Transfer { .. }
        | agent::Request::Consult { .. }
        | agent::Request::Complete { .. }
        | agent::Request::TakeBack { .. }
        | agent::Request::Conference { .. }
        | agent::Request::Dismiss { .. }
        | agent::Request::Supervise { .. }
        | agent::Request::Whisper { .. }
        | agent::Request::Hold { .. }
        | agent::Request::Mute { .. }
        | agent::Request::Digits { .. }
        | agent::Request::Record { .. }
        | agent::Request::End { .. }
        | agent::Request::Presence { .. }
        | agent::Request::PresenceOf { .. }
        | agent::Request::ExtendWrapUp { .. }
        | agent::Request::Park { .. }
        | agent::Request::Unpark { .. }
        | agent::Request::Note { .. }
        | agent::Request::HandOver { .. }
        | agent::Request::Invite { .. }
        | agent::Request::Withdraw { .. }
        | agent::Request::Leave { .. }
        | agent::Request::Accept { .. }
        | agent::Request::Decline { .. }
        | agent::Request::WrapUp { .. }
        | agent::Request::Watch { .. }
        | agent::Request::Memo { .. }
        | agent::Request::MemosRead { .. }
        | agent::Request::Cobrowse { .. }
        | agent::Request::Typing { .. }
        | agent::Request::Receipt { .. }
        | agent::Request::Voice { .. }
        | agent::Request::Pong { .. } => return check::stranger(),
    })
}

/// Makes a visitor's request within their current chat an input.
pub(super) fn of_visitor(
    by: Actor,
    interaction: InteractionId,
    request: visitor::Request,
    re: Asker,
) -> Result<Input, Refusal> {
    Ok(match request {
        visitor::Request::Message { mid, text, .. } => Input::Say {
            interaction,
            by,
            mid,
            text,
            re,
        },
        visitor::Request::Revise { mid, text, .. } => Input::Revise {
            interaction,
            by,
            mid,
            text,
            re,
        },
        visitor::Request::Call { number } => Input::Escalate {
            interaction,
            by,
            number,
            re,
        },
        visitor::Request::Callback { number, at, wish } => Input::AskCallback {
            interaction,
            queue: None,
            by,
            number,
            at,
            wish: wish.map(|wish| *wish).unwrap_or_default(),
            re,
        },
        visitor::Request::CancelCallback { callback } => Input::CancelCallback { callback, by, re },
        visitor::Request::End {} => Input::End {
            interaction,
            by,
            re,
        },
        // May be about an earlier one than the chat that is shown.
        visitor::Request::Rate {
            interaction,
            score,
            comment,
        } => Input::Rate {
            interaction,
            by,
            score,
            comment,
            re,
        },
        // Answered before they come here.
        visitor::Request::Hello { .. }
        | visitor::Request::Open { .. }
        | visitor::Request::Typing { .. }
        | visitor::Request::Receipt { .. }
        | visitor::Request::Cobrowse { .. }
        | visitor::Request::Voice { .. }
        | visitor::Request::Cross { .. }
        | visitor::Request::Pong { .. } => return check::stranger(),
    })
}

/// Makes a visitor's way to another website an input.
pub(super) fn of_crossing(
    credential: &VisitorCredential,
    interaction: InteractionId,
    (to, pass, carried): (String, Pass, Carried),
    re: Asker,
) -> Result<Input, Refusal> {
    let (Some(zone), Some(from)) = (credential.zone.clone(), credential.origin.clone()) else {
        return refuse(
            Code::Forbidden,
            "only a page of a zone's website leads to another",
        );
    };
    let crossing = Box::new(Crossing {
        visitor: credential.visitor,
        interaction,
        zone,
        verified: credential.verified.clone(),
        until: credential.until,
        from,
        to,
        carried,
    });
    Ok(Input::Cross { pass, crossing, re })
}

/// What comes with the opening of a chat.
pub(super) struct Opening {
    pub(super) zone: ws::id::ZoneId,
    pub(super) name: Option<String>,
    pub(super) mail: Option<String>,
    pub(super) page: Option<String>,
    pub(super) referrer: Option<String>,
    pub(super) form: Option<Box<ws::form::Filled>>,
    pub(super) callback: Option<Box<ws::callback::Wanted>>,
    pub(super) mid: ws::id::Mid,
    pub(super) text: String,
}

/// Makes the opening of a chat an input.
pub(super) fn of_opening(
    credential: &VisitorCredential,
    opening: Opening,
    re: Asker,
    rng: &mut StdRng,
) -> Result<Input, Refusal> {
    let foreign = |zone: &ws::id::ZoneId| *zone != opening.zone;
    if credential.zone.as_ref().is_some_and(foreign) {
        return refuse(
            Code::Forbidden,
            "the credential was given out for another zone",
        );
    }
    let candidate = InteractionId::mint(rng);
    let who = Introduction {
        visitor: credential.visitor,
        zone: opening.zone,
        name: opening.name,
        mail: opening.mail,
        verified: credential.verified.clone(),
        page: opening.page,
        referrer: opening.referrer,
        form: Some(opening.form.unwrap_or_default()),
    };
    let (mid, text) = (opening.mid, opening.text);
    Ok(match opening.callback {
        None => Input::OpenChat {
            candidate,
            who,
            mid,
            text,
            re,
        },
        Some(wanted) => Input::OpenCallback {
            candidate,
            who,
            mid,
            text,
            wanted,
            re,
        },
    })
}
