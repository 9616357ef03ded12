//! Which facts stand in the timeline that visitor and agent see.

use super::{Event, InChat};
use ws::agent::Channel;

use crate::{interaction::Interaction, policy::Instead};

impl Event {
    /// Tells whether it stands in the timeline of its interaction, given the interaction as it was before.
    #[allow(clippy::too_many_lines, reason = "one arm a kind of fact")]
    pub fn in_timeline(&self, before: Option<&Interaction>) -> bool {
        match self {
            Self::Bridged { .. }
            | Self::CallEnded { .. }
            | Self::Queued { .. }
            | Self::WrapUpStarted { .. }
            | Self::Said { .. }
            | Self::FileShared { .. }
            | Self::MessageEdited { .. }
            | Self::MessageDeleted { .. }
            | Self::ChatPaused { .. }
            | Self::ChatResumed { .. }
            | Self::EscalationStarted { .. }
            | Self::EscalationFailed { .. }
            | Self::CallbackPromised { .. }
            | Self::CallbackMoved { .. }
            | Self::CallbackAttempted { .. }
            | Self::CallbackEnded { .. }
            | Self::Ended { .. }
            | Self::Cobrowsed { .. }
            | Self::RatingAsked { .. }
            | Self::Rated { .. }
            | Self::RatingDeclined { .. }
            | Self::InChat(InChat::Joined { .. } | InChat::Left { .. }) => true,
            // Who was there already does not come anew.
            Self::Assigned { agent, .. } => {
                before.is_none_or(|found| found.room.member(agent).is_none())
            }
            Self::LegRinging { leg } => before
                .and_then(|found| found.leg(*leg))
                .is_some_and(|leg| leg.is_customer()),
            Self::AssignmentEnded { .. } => before
                .and_then(|found| found.assignment.as_ref())
                .is_some_and(|stay| stay.wrap_up.is_none()),
            Self::CallbackAttemptFailed { due, .. } => due.is_some(),
            Self::Diverted { channel, to, .. } => is_told(*channel, to),
            Self::Opened { .. }
            | Self::CustomerKnown { .. }
            | Self::ExternalId { .. }
            | Self::ConsentChanged(_)
            | Self::ContactRefused { .. }
            | Self::CallbackWaits(_)
            | Self::CallbackReminded { .. }
            | Self::MailPosted { .. }
            | Self::LookedUp { .. }
            | Self::LegStarted { .. }
            | Self::LegAnswered { .. }
            | Self::LegFlowing { .. }
            | Self::LegEnded { .. }
            | Self::OneWayAudio { .. }
            | Self::LegMeasured { .. }
            | Self::InCall(_)
            | Self::InChat(
                InChat::SupervisionStarted { .. }
                | InChat::Supervised { .. }
                | InChat::SupervisionEnded { .. }
                | InChat::Whispered { .. }
                | InChat::TakenOver { .. }
                | InChat::Invited { .. }
                | InChat::InvitationEnded { .. }
                | InChat::MemberStarted { .. }
                | InChat::MemberEnded { .. },
            )
            | Self::Recording(_)
            | Self::Dequeued { .. }
            | Self::TurnedAway { .. }
            | Self::WaitPromised { .. }
            | Self::WaitEnded { .. }
            | Self::CallbackOffered { .. }
            | Self::WrapUpExtended { .. }
            | Self::Parked { .. }
            | Self::Unparked { .. }
            | Self::Noted { .. }
            | Self::HandedOver { .. }
            | Self::Offered { .. }
            | Self::OfferEnded { .. }
            | Self::RepeatOf { .. }
            | Self::Sealed { .. }
            | Self::CustomersMerged { .. }
            | Self::CustomersUnmerged { .. }
            | Self::InteractionsMerged { .. }
            | Self::InteractionsUnmerged { .. }
            | Self::CustomerNoted { .. }
            | Self::CustomerLinked { .. }
            | Self::CustomerValued { .. }
            | Self::CustomerErased { .. }
            | Self::PresenceSet { .. }
            | Self::PhoneRegistered { .. }
            | Self::PhoneGone { .. }
            | Self::TrunkDown { .. }
            | Self::TrunkUp { .. }
            | Self::ClockStepped(_)
            | Self::MemoSent { .. }
            | Self::MemosRead { .. }
            | Self::Mended { .. }
            | Self::Started => false,
        }
    }
}

// What customers are told of where they are sent.
fn is_told(channel: Channel, to: &Instead) -> bool {
    match to {
        Instead::Message => channel == Channel::Chat,
        Instead::Callback => true,
        Instead::Queue { .. } | Instead::Voicemail | Instead::Busy | Instead::Wait => false,
    }
}
