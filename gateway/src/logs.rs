//! Log lines, for people or for programs. What people wrote, their names and numbers stay below info.

use std::io::IsTerminal;

use hub::{Event, Fact, event::Recorded, stranded::Stranded};
use tracing::field::display;
use tracing_subscriber::{EnvFilter, fmt};
use ws::id::LegId;

use crate::{
    clock::tide::Doubt,
    config::{Config, LogFormat},
    store::agents::AgentRow,
};

/// Starts logging to standard error.
pub fn start(config: &Config) {
    let filter = EnvFilter::try_new(&config.log.level).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // What cannot be logged, because the disk that standard error goes to is full, is no reason to panic.
        .log_internal_errors(false)
        .with_ansi(std::io::stderr().is_terminal());
    match config.log.format {
        LogFormat::Text => lines.with_target(false).init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
}

/// Says what is odd about the machine's clock at a start.
pub fn doubt(doubt: Doubt) {
    const DAY: u64 = 86_400;
    match doubt {
        Doubt::Behind(by) if by.as_secs() < DAY => tracing::warn!(
            seconds = by.as_secs(),
            "the newest time in the store is ahead of the machine's clock by so much; the house's time goes on from there, half as fast until the clock has caught up, and calls cannot be promised for before"
        ),
        Doubt::Behind(by) => tracing::error!(
            days = by.as_secs() / DAY,
            "the newest time in the store is ahead of the machine's clock by so much: the clock is wrong, or was when that was written. The house's time goes on from there, so that nothing is lost, and promises and opening hours go by it. Set the clock; if it is right, stop, and start with a copy of the store from before, or with a new one"
        ),
        Doubt::Leap(by) => tracing::warn!(
            days = by.as_secs() / DAY,
            "the daemon did not run for so long, and the machine's clock is taken to be right (`--clock-is-right`, or development mode)"
        ),
    }
}

/// Logs what waits in queues that are not configured.
pub fn stranded(held: &[Stranded]) {
    for Stranded {
        queue,
        waiting,
        promised,
    } in held
    {
        tracing::warn!(
            %queue,
            waiting,
            promised,
            "the configuration does not name this queue any more, and contacts wait there: nobody serves them"
        );
    }
}

/// Logs which agents cannot be called by their names, because calls to these go elsewhere.
pub fn shadowed(agents: &[AgentRow], config: &Config) {
    for AgentRow { agent, .. } in agents {
        if let Some(what) = config.called(agent.as_str()) {
            tracing::warn!(%agent, what, "calls to this agent's name go to what has the same name in the configuration");
        }
    }
}

/// Logs a fact: a contact's life at info, everything else at debug, each with its interaction and leg.
pub fn fact(fact: &Fact) {
    let (event, leg, life) = describe(&fact.event);
    let interaction = fact.interaction.map(display);
    let leg = leg.map(display);
    if let Event::Recording(Recorded::RecorderFailed { reason, .. }) = &fact.event {
        tracing::warn!(interaction, reason, event);
    } else if life {
        tracing::info!(interaction, leg, event);
    } else if let Event::Mended { what } = &fact.event {
        tracing::warn!(interaction, what, event);
    } else {
        tracing::debug!(interaction, leg, event);
    }
}

// The event's word, its leg, and whether it belongs to a contact's life.
#[expect(clippy::too_many_lines, reason = "every fact has its line")]
fn describe(event: &Event) -> (&'static str, Option<LegId>, bool) {
    match event {
        Event::Opened { .. } => ("opened", None, true),
        Event::CustomerKnown { .. } => ("customer_known", None, false),
        Event::ConsentChanged(_) => ("consent_changed", None, false),
        Event::ContactRefused { .. } => ("contact_refused", None, false),
        Event::ExternalId { .. } => ("external_id", None, false),
        Event::LookedUp { .. } => ("looked_up", None, false),
        Event::LegStarted { leg, .. } => ("leg_started", Some(*leg), true),
        Event::LegRinging { leg } => ("leg_ringing", Some(*leg), false),
        Event::LegAnswered { leg } => ("leg_answered", Some(*leg), true),
        Event::LegFlowing { leg } => ("leg_flowing", Some(*leg), false),
        Event::LegMeasured { leg, .. } => ("leg_measured", Some(*leg), false),
        Event::LegEnded { leg, .. } => ("leg_ended", Some(*leg), true),
        Event::Bridged { a, .. } => ("bridged", Some(*a), true),
        Event::OneWayAudio { leg } => ("one_way_audio", Some(*leg), true),
        Event::InCall(step) => (step.word(), step.leg(), true),
        Event::InChat(step) => (step.word(), step.leg(), true),
        Event::Recording(step) => (step.word(), step.leg(), true),
        Event::CallEnded { leg, .. } => ("call_ended", Some(*leg), true),
        Event::Queued { .. } => ("queued", None, true),
        Event::Dequeued { .. } => ("dequeued", None, false),
        Event::Diverted { .. } => ("diverted", None, true),
        Event::TurnedAway { .. } => ("turned_away", None, false),
        Event::CallbackOffered { leg, .. } => ("callback_offered", Some(*leg), false),
        Event::WaitPromised { .. } => ("wait_promised", None, false),
        Event::WaitEnded { .. } => ("wait_ended", None, false),
        Event::ChatPaused { .. } => ("chat_paused", None, false),
        Event::ChatResumed { .. } => ("chat_resumed", None, false),
        Event::Parked { .. } => ("parked", None, false),
        Event::Unparked { .. } => ("unparked", None, false),
        Event::Noted { .. } => ("noted", None, false),
        Event::HandedOver { .. } => ("handed_over", None, true),
        Event::WrapUpExtended { .. } => ("wrap_up_extended", None, false),
        Event::Offered { .. } => ("offered", None, false),
        Event::OfferEnded { .. } => ("offer_ended", None, false),
        Event::Assigned { .. } => ("assigned", None, true),
        Event::WrapUpStarted { .. } => ("wrap_up_started", None, false),
        Event::AssignmentEnded { .. } => ("assignment_ended", None, true),
        Event::Said { .. } => ("said", None, false),
        Event::FileShared { .. } => ("file_shared", None, false),
        Event::MessageEdited { .. } => ("message_edited", None, false),
        Event::MessageDeleted { .. } => ("message_deleted", None, false),
        Event::EscalationStarted { customer_leg, .. } => {
            ("escalation_started", Some(*customer_leg), true)
        }
        Event::EscalationFailed { .. } => ("escalation_failed", None, true),
        Event::CallbackPromised { .. } => ("callback_promised", None, true),
        Event::CallbackAttempted { customer_leg, .. } => {
            ("callback_attempted", Some(*customer_leg), true)
        }
        Event::CallbackAttemptFailed { .. } => ("callback_attempt_failed", None, true),
        Event::CallbackMoved { .. } => ("callback_moved", None, true),
        Event::CallbackWaits(_) => ("callback_waits", None, false),
        Event::CallbackReminded { .. } => ("callback_reminded", None, false),
        Event::MailPosted { .. } => ("mail_posted", None, true),
        Event::CallbackEnded { .. } => ("callback_ended", None, true),
        Event::Ended { .. } => ("ended", None, true),
        Event::Cobrowsed { .. } => ("cobrowsed", None, false),
        Event::RepeatOf { .. } => ("repeat_of", None, false),
        Event::RatingAsked { leg, .. } => ("rating_asked", *leg, false),
        Event::Rated { .. } => ("rated", None, true),
        Event::RatingDeclined { .. } => ("rating_declined", None, false),
        Event::Sealed { .. } => ("sealed", None, true),
        Event::CustomersMerged { .. } => ("customers_merged", None, true),
        Event::CustomersUnmerged { .. } => ("customers_unmerged", None, true),
        Event::InteractionsMerged { .. } => ("interactions_merged", None, true),
        Event::InteractionsUnmerged { .. } => ("interactions_unmerged", None, true),
        Event::MemoSent { .. } => ("memo_sent", None, false),
        Event::MemosRead { .. } => ("memos_read", None, false),
        Event::CustomerNoted { .. } => ("customer_noted", None, false),
        Event::CustomerLinked { .. } => ("customer_linked", None, false),
        Event::CustomerValued { .. } => ("customer_valued", None, false),
        Event::CustomerErased { .. } => ("customer_erased", None, true),
        Event::PresenceSet { .. } => ("presence_set", None, false),
        Event::PhoneRegistered { .. } => ("phone_registered", None, false),
        Event::PhoneGone { .. } => ("phone_gone", None, false),
        Event::TrunkDown { .. } => ("trunk_down", None, false),
        Event::TrunkUp { .. } => ("trunk_up", None, false),
        Event::ClockStepped(_) => ("clock_stepped", None, false),
        Event::Mended { .. } => ("mended", None, false),
        Event::Started => ("started", None, false),
    }
}
