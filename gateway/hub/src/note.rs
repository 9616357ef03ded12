//! What each fact makes worth another look.

use ws::{id::InteractionId, transfer::TransferTo};

use crate::{
    event::{Event, Fact, InCall, InChat},
    hub::Hub,
};

impl Hub {
    // What else is promised to a number waits while it is dialled or in a call.
    fn note_phone(&mut self, fact: &Fact) {
        let found = fact.interaction.and_then(|id| self.state.interaction(id));
        let Some(found) = found.filter(|_| self.state.has_promises()) else {
            return;
        };
        let mut number = None;
        if let Event::LegStarted { leg, .. }
        | Event::LegEnded { leg, .. }
        | Event::InCall(InCall::Redirected { leg, .. }) = &fact.event
        {
            let leg = found.leg(*leg);
            number = leg.and_then(|leg| leg.party.customer_number());
        } else if let Event::CallbackAttempted { callback, .. }
        | Event::CallbackAttemptFailed { callback, .. }
        | Event::CallbackEnded { callback, .. } = &fact.event
        {
            number = found.callback(*callback).map(|promise| &promise.number);
        }
        if let Some(number) = number.cloned() {
            self.touch_promised(&number, found.id);
        }
    }

    fn is_stirred(&self, id: InteractionId) -> bool {
        let found = self.state.interaction(id);
        let stay = found.and_then(|found| found.assignment.as_ref());
        stay.is_some_and(|stay| stay.stirred)
    }

    // Remembers whose deadlines, slots and places are to be looked at again.
    #[allow(clippy::too_many_lines, reason = "one arm a kind of fact")]
    pub(crate) fn note(&mut self, fact: &Fact) {
        // What is said moves nothing but deadlines of silence, and those only further away, unless the chat is parked.
        if let Some(id) = fact.interaction
            && (!is_only_said(&fact.event) || self.is_stirred(id))
            && self.touched.last() != Some(&id)
        {
            self.touched.push(id);
        }
        let agent = match &fact.event {
            Event::PresenceSet { agent, .. }
            | Event::PhoneRegistered { agent, .. }
            | Event::PhoneGone { agent }
            | Event::Offered { agent, .. }
            | Event::OfferEnded { agent, .. }
            | Event::Assigned { agent, .. }
            | Event::InCall(
                InCall::Transferred {
                    agent: Some(agent), ..
                }
                | InCall::ConsultStarted {
                    to: TransferTo::Agent(agent),
                    ..
                }
                | InCall::ConsultEnded {
                    consulted: Some(agent),
                    ..
                }
                | InCall::ConferenceLeft {
                    left: Some(agent), ..
                }
                | InCall::SupervisionStarted { agent, .. }
                | InCall::SupervisionEnded { agent, .. },
            )
            | Event::InChat(
                InChat::Invited { agent, .. }
                | InChat::InvitationEnded { agent, .. }
                | InChat::MemberStarted { agent, .. }
                | InChat::MemberEnded { agent, .. },
            )
            | Event::Parked { agent, .. }
            | Event::Unparked { agent, .. }
            | Event::WrapUpStarted { agent, .. }
            | Event::HandedOver { agent, .. }
            | Event::WrapUpExtended { agent, .. }
            | Event::AssignmentEnded { agent, .. }
            | Event::EscalationStarted { agent, .. }
            | Event::CallbackAttempted { agent, .. } => Some(agent.clone()),
            Event::CallEnded { .. }
            | Event::EscalationFailed { .. }
            | Event::CallbackAttemptFailed { .. }
            | Event::CallbackEnded { .. } => fact
                .interaction
                .and_then(|id| self.state.interaction(id)?.assignment.as_ref())
                .map(|stay| stay.agent.clone()),
            Event::Opened { .. }
            | Event::CustomerKnown { .. }
            | Event::ExternalId { .. }
            | Event::ConsentChanged(_)
            | Event::ContactRefused { .. }
            | Event::LookedUp { .. }
            | Event::LegStarted { .. }
            | Event::LegRinging { .. }
            | Event::LegAnswered { .. }
            | Event::LegFlowing { .. }
            | Event::LegEnded { .. }
            | Event::Bridged { .. }
            | Event::OneWayAudio { .. }
            | Event::LegMeasured { .. }
            | Event::InCall(_)
            | Event::InChat(_)
            | Event::Recording(_)
            | Event::Queued { .. }
            | Event::Dequeued { .. }
            | Event::Diverted { .. }
            | Event::WaitPromised { .. }
            | Event::WaitEnded { .. }
            | Event::TurnedAway { .. }
            | Event::CallbackOffered { .. }
            | Event::ChatPaused { .. }
            | Event::ChatResumed { .. }
            | Event::Said { .. }
            | Event::FileShared { .. }
            | Event::MessageEdited { .. }
            | Event::MessageDeleted { .. }
            | Event::Noted { .. }
            | Event::CallbackPromised { .. }
            | Event::CallbackMoved { .. }
            | Event::CallbackWaits(_)
            | Event::CallbackReminded { .. }
            | Event::MailPosted { .. }
            | Event::Ended { .. }
            | Event::Cobrowsed { .. }
            | Event::RepeatOf { .. }
            | Event::RatingAsked { .. }
            | Event::Rated { .. }
            | Event::RatingDeclined { .. }
            | Event::Sealed { .. }
            | Event::CustomersMerged { .. }
            | Event::CustomersUnmerged { .. }
            | Event::InteractionsMerged { .. }
            | Event::InteractionsUnmerged { .. }
            | Event::CustomerNoted { .. }
            | Event::CustomerLinked { .. }
            | Event::CustomerValued { .. }
            | Event::CustomerErased { .. }
            | Event::MemoSent { .. }
            | Event::MemosRead { .. }
            | Event::TrunkDown { .. }
            | Event::TrunkUp { .. }
            | Event::ClockStepped(_)
            | Event::Mended { .. }
            | Event::Started => None,
        };
        self.note_phone(fact);
        if let Some(agent) = &agent {
            self.touch_paused(agent);
            if matches!(fact.event, Event::PresenceSet { .. }) {
                self.touch_own(agent);
            }
        }
        self.touched_agents.extend(agent);
    }
}

// Words of people or of ours and figures, after which nothing more follows.
fn is_only_said(event: &Event) -> bool {
    matches!(
        event,
        Event::Said { .. }
            | Event::CallbackOffered { .. }
            | Event::WaitPromised { .. }
            | Event::CallbackWaits(_)
            | Event::LegMeasured { .. }
    )
}
