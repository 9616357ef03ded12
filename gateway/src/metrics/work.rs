//! Facts of queues, offers, escalations and promised calls, folded.

use std::time::Duration;

use hub::{
    Event, Fact, Hub,
    event::{CallbackEnd, InCall, LegCause, OfferEnd, Recorded},
};
use metrics::{counter, histogram};

use super::words::{channel_word, instead_word, rule_word};

#[allow(clippy::too_many_lines, reason = "one arm a kind of fact")]
pub(super) fn fold_work(fact: &Fact, hub: &Hub) {
    match &fact.event {
        // The wait goes on, and is counted when it is over.
        Event::Dequeued { anew: true, .. } => {}
        Event::Dequeued { waited_ms, .. } => {
            let found = fact.interaction.and_then(|id| hub.state().interaction(id));
            let channel = found.map_or("unknown", |found| channel_word(found.channel));
            let waited = Duration::from_millis(*waited_ms).as_secs_f64();
            histogram!("tandem_queue_wait_seconds", "channel" => channel).record(waited);
        }
        Event::Diverted { rule, to, .. } => {
            let (rule, to) = (rule_word(*rule), instead_word(to));
            counter!("tandem_diversions_total", "rule" => rule, "to" => to).increment(1);
        }
        Event::TurnedAway { channel, rule, .. } => {
            let (channel, rule) = (channel_word(*channel), rule_word(*rule));
            counter!("tandem_turned_away_total", "channel" => channel, "rule" => rule).increment(1);
        }
        Event::Offered { channel, .. } => {
            counter!("tandem_offers_total", "channel" => channel_word(*channel)).increment(1);
        }
        Event::OfferEnded { end, .. } => {
            counter!("tandem_offer_ends_total", "end" => end_word(end)).increment(1);
        }
        Event::Assigned { offered, .. } => {
            counter!("tandem_offer_ends_total", "end" => "taken").increment(1);
            histogram!("tandem_offer_answer_seconds").record(fact.at.since(*offered).as_secs_f64());
        }
        Event::InCall(step) => {
            if let InCall::Rerouted { why: Some(why), .. } = step {
                counter!("tandem_servers_left_total", "why" => why.word()).increment(1);
            }
            if let InCall::CallerShown { shown, .. } = step
                && let Some(attestation) = shown.attestation
            {
                counter!("tandem_attestations_total", "result" => attestation.word()).increment(1);
            }
            counter!("tandem_call_steps_total", "step" => step.word()).increment(1);
        }
        Event::InChat(step) => {
            counter!("tandem_chat_steps_total", "step" => step.word()).increment(1);
        }
        Event::MemoSent { .. } => counter!("tandem_memos_total").increment(1),
        Event::Recording(step) => {
            counter!("tandem_recording_steps_total", "step" => step.word()).increment(1);
            if let Recorded::MessageLeft { queue, .. } = step {
                counter!("tandem_voicemails_total", "queue" => queue.to_string()).increment(1);
            }
        }
        Event::EscalationStarted { .. } => {
            counter!("tandem_escalations_total", "result" => "started").increment(1);
        }
        Event::Bridged { a, .. } => {
            let leg = hub
                .state()
                .interaction(a.interaction)
                .and_then(|found| found.leg(*a));
            if leg.is_some_and(|leg| leg.cause == LegCause::Escalation) {
                counter!("tandem_escalations_total", "result" => "connected").increment(1);
            }
        }
        Event::EscalationFailed { .. } => {
            counter!("tandem_escalations_total", "result" => "failed").increment(1);
        }
        other => debug_assert!(false, "{other:?} is folded elsewhere"),
    }
}

fn end_word(end: &OfferEnd) -> &'static str {
    match end {
        OfferEnd::Declined => "declined",
        OfferEnd::Expired => "expired",
        OfferEnd::AgentGone => "agent_gone",
        OfferEnd::CustomerGone => "customer_gone",
        OfferEnd::PhoneFailed => "phone_failed",
        OfferEnd::Interrupted => "interrupted",
        OfferEnd::Withdrawn => "withdrawn",
    }
}

pub(super) fn fold_promises(event: &Event) {
    match event {
        Event::CallbackPromised { .. } => counter!("tandem_callbacks_promised_total").increment(1),
        Event::CallbackAttempted { .. } => counter!("tandem_callback_attempts_total").increment(1),
        Event::CallbackAttemptFailed { cause, .. } => {
            counter!("tandem_callback_failures_total", "reason" => crate::store::project::word(&cause.kind)).increment(1);
        }
        Event::MailPosted { matter, .. } => {
            counter!("tandem_mails_posted_total", "matter" => matter.word()).increment(1);
        }
        Event::CallbackReminded { .. } => counter!("tandem_callback_reminders_total").increment(1),
        Event::CallbackEnded { end, .. } => {
            let result = match end {
                CallbackEnd::Reached => "reached",
                CallbackEnd::Voicemail => "voicemail",
                CallbackEnd::CalledIn => "called_in",
                CallbackEnd::Cancelled { .. } => "cancelled",
                CallbackEnd::GivenUp => "given_up",
                CallbackEnd::Suppressed => "suppressed",
                CallbackEnd::Denied => "denied",
                CallbackEnd::Missed => "missed",
                CallbackEnd::Moved { .. } => "moved",
            };
            counter!("tandem_callbacks_total", "result" => result).increment(1);
        }
        other => debug_assert!(false, "{other:?} is folded elsewhere"),
    }
}
