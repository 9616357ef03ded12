//! The one place where card numbers are taken out of what is kept and shown.

use ws::cobrowse::Act;

use super::{Event, InCall, InChat};
use crate::redact::clean;

impl Event {
    /// Takes card numbers out of every text that people wrote or that came with them.
    #[allow(clippy::too_many_lines, reason = "one arm a kind of fact")]
    pub(crate) fn redact(&mut self) {
        match self {
            Self::Opened {
                page,
                referrer,
                name,
                answers,
                ..
            } => {
                clean_some(page);
                clean_some(referrer);
                clean_some(name);
                for answer in answers {
                    clean(&mut answer.value);
                }
            }
            Self::CustomerKnown { name, mail, .. } => {
                clean_some(name);
                clean_some(mail);
            }
            Self::LookedUp { found } => found.redact(),
            Self::MemoSent(sent) => clean(&mut sent.text),
            Self::Said { text, .. } | Self::MessageEdited { text, .. } => clean(text),
            Self::FileShared { file, .. } => clean(&mut file.name),
            Self::Rated { comment, .. } => clean_some(comment),
            Self::AssignmentEnded {
                disposition, note, ..
            } => {
                clean_some(disposition);
                clean_some(note);
            }
            Self::CustomersMerged { reason, .. }
            | Self::CustomersUnmerged { reason, .. }
            | Self::InteractionsMerged { reason, .. }
            | Self::InteractionsUnmerged { reason, .. }
            | Self::CustomerErased { reason, .. } => clean(reason),
            Self::CustomerNoted { text, .. } | Self::Noted { text, .. } => clean(text),
            Self::HandedOver { note, .. } | Self::InCall(InCall::Transferred { note, .. }) => {
                clean_some(note);
            }
            Self::InChat(InChat::Whispered { text, .. }) => clean(text),
            Self::InChat(InChat::Invited { note, .. }) => clean_some(note),
            Self::InCall(InCall::MenuKeyed { keys, .. }) => clean(keys),
            Self::InCall(InCall::CallerShown { shown, .. }) => clean_some(&mut shown.user_to_user),
            Self::PresenceSet { presence, .. } => {
                if let ws::agent::Presence::Away { reason } = presence {
                    clean(reason);
                }
            }
            Self::Cobrowsed { act, .. } => redact_act(act),
            Self::ConsentChanged(said) => clean_some(&mut said.reason),
            Self::ExternalId { system, id } | Self::CustomerLinked { system, id, .. } => {
                clean(system);
                clean(id);
            }
            // Words of ours, of phones and of carriers; ids, numbers and times.
            Self::ContactRefused { .. }
            | Self::LegStarted { .. }
            | Self::LegRinging { .. }
            | Self::LegAnswered { .. }
            | Self::LegFlowing { .. }
            | Self::LegEnded { .. }
            | Self::Bridged { .. }
            | Self::OneWayAudio { .. }
            | Self::LegMeasured { .. }
            | Self::InCall(_)
            | Self::InChat(_)
            | Self::Recording(_)
            | Self::MessageDeleted { .. }
            | Self::CallEnded { .. }
            | Self::Queued { .. }
            | Self::Dequeued { .. }
            | Self::Diverted { .. }
            | Self::WaitPromised { .. }
            | Self::WaitEnded { .. }
            | Self::TurnedAway { .. }
            | Self::CallbackOffered { .. }
            | Self::WrapUpExtended { .. }
            | Self::ChatPaused { .. }
            | Self::ChatResumed { .. }
            | Self::Parked { .. }
            | Self::Unparked { .. }
            | Self::Offered { .. }
            | Self::OfferEnded { .. }
            | Self::Assigned { .. }
            | Self::WrapUpStarted { .. }
            | Self::EscalationStarted { .. }
            | Self::EscalationFailed { .. }
            | Self::CallbackPromised { .. }
            | Self::CallbackMoved { .. }
            | Self::CallbackWaits(_)
            | Self::CallbackReminded { .. }
            | Self::MailPosted { .. }
            | Self::CallbackAttempted { .. }
            | Self::CallbackAttemptFailed { .. }
            | Self::CallbackEnded { .. }
            | Self::Ended { .. }
            | Self::RepeatOf { .. }
            | Self::RatingAsked { .. }
            | Self::RatingDeclined { .. }
            | Self::Sealed { .. }
            | Self::CustomerValued { .. }
            | Self::PhoneRegistered { .. }
            | Self::PhoneGone { .. }
            | Self::TrunkDown { .. }
            | Self::TrunkUp { .. }
            | Self::ClockStepped(_)
            | Self::MemosRead { .. }
            | Self::Mended { .. }
            | Self::Started => {}
        }
    }
}

fn redact_act(act: &mut Act) {
    match act {
        Act::Page { url, title, .. } | Act::Pushed { url, title } => {
            clean(url);
            clean_some(title);
        }
        Act::Marked { label }
        | Act::Filled { label }
        | Act::Pressed { label }
        | Act::Undone { label } => {
            clean_some(label);
        }
        // Words of ours, ids and times.
        Act::Asked { .. }
        | Act::Unanswered
        | Act::Granted { .. }
        | Act::Declined { .. }
        | Act::Revoked { .. }
        | Act::Stopped { .. }
        | Act::Joined { .. }
        | Act::Left { .. }
        | Act::Drawn
        | Act::Paired
        | Act::Astray { .. } => {}
    }
}

fn clean_some(text: &mut Option<String>) {
    if let Some(text) = text {
        clean(text);
    }
}
