//! What each metric means.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

/// Explains every metric to who scrapes it.
pub(super) fn describe() {
    describe_contacts();
    describe_work();
    describe_numbers();
    describe_figures();
    describe_consent();
    describe_satisfaction();
    describe_house();
    describe_bounds();
    describe_sip();
    super::quality::describe();
    super::hooks::describe();
    super::mail::describe();
}

fn describe_contacts() {
    describe_counter!(
        "tandem_interactions_total",
        "Interactions opened, by the channel they began on."
    );
    describe_counter!(
        "tandem_interactions_sealed_total",
        "Interactions sealed, by how they turned out."
    );
    describe_gauge!(
        "tandem_interactions_live",
        "Interactions that are not sealed."
    );
    describe_counter!(
        "tandem_calls_total",
        "Calls with customers begun, by cause."
    );
    describe_gauge!("tandem_calls_live", "Interactions with a call going on.");
    describe_counter!("tandem_chats_total", "Chats opened.");
    describe_gauge!("tandem_chats_live", "Interactions with an open chat.");
    describe_counter!("tandem_legs_total", "Legs begun, by kind and cause.");
    describe_counter!(
        "tandem_leg_ends_total",
        "Legs ended, by the kind of the end."
    );
    describe_gauge!("tandem_legs_live", "Legs there are, by kind.");
    describe_counter!("tandem_messages_total", "Chat messages, by who wrote them.");
    describe_counter!(
        "tandem_messages_revised_total",
        "Messages written anew or taken back, by who wrote them."
    );
    describe_counter!(
        "tandem_files_total",
        "Files shared in chats, by who sent them."
    );
    describe_counter!(
        "tandem_one_way_audio_total",
        "Bridged legs that were silent for too long."
    );
}

fn describe_figures() {
    describe_gauge!(
        "tandem_service_level_ratio",
        "Share of those answered within the queue's target, by queue and definition, over the last hour and the day."
    );
    describe_counter!(
        "tandem_waits_total",
        "Waits of customers that are over, by channel and by what came of them."
    );
    describe_histogram!(
        "tandem_wait_promise_error_seconds",
        Unit::Seconds,
        "By how much the wait of who was answered was longer or shorter than they were told first, by channel."
    );
    describe_gauge!("tandem_agents_doing", "Agents, by what they do.");
    describe_gauge!(
        "tandem_toll_limits",
        "Limits on calls that leave the house, by what is limited and whether they are near or reached."
    );
    describe_gauge!(
        "tandem_agents_today_seconds",
        Unit::Seconds,
        "What all agents together spent the day with (UTC)."
    );
}

fn describe_work() {
    describe_gauge!("tandem_queue_waiting", "Interactions that wait, by queue.");
    describe_gauge!(
        "tandem_queue_promises",
        "Promises to call that are open, by queue, those that are due and wait included."
    );
    describe_gauge!(
        "tandem_queue_longest_wait_seconds",
        Unit::Seconds,
        "How long the longest of a queue has waited who left no message."
    );
    describe_histogram!(
        "tandem_queue_wait_seconds",
        Unit::Seconds,
        "How long interactions waited, by channel."
    );
    describe_counter!("tandem_offers_total", "Offers made, by channel.");
    describe_counter!("tandem_offer_ends_total", "Offers ended, by how.");
    describe_histogram!(
        "tandem_offer_answer_seconds",
        Unit::Seconds,
        "From an offer to its acceptance."
    );
    describe_histogram!(
        "tandem_offer_latency_seconds",
        Unit::Seconds,
        "From the input that made an offer possible to its frame for the console, with the commit between."
    );
    describe_gauge!("tandem_agents", "Agents on record, by presence.");
    describe_gauge!("tandem_agents_phones", "Agents whose phone can be reached.");
    describe_counter!("tandem_callbacks_promised_total", "Calls promised.");
    describe_counter!(
        "tandem_callbacks_total",
        "Promised calls that are over, by result; one that reached a voicemail counted as reached until the agent said so, and counts as both."
    );
    describe_counter!(
        "tandem_callback_attempts_total",
        "Attempts of promised calls."
    );
    describe_gauge!("tandem_callbacks_open", "Promised calls that are not over.");
    describe_counter!(
        "tandem_diversions_total",
        "Interactions a queue could not serve, or not in time, by rule and by what was done."
    );
    describe_counter!(
        "tandem_turned_away_total",
        "Calls and chats turned away before they began, by channel and rule."
    );
    describe_gauge!(
        "tandem_chats_parked",
        "Chats that are silent and hold no slot."
    );
    describe_counter!(
        "tandem_servers_left_total",
        "Servers of carriers that a call left for the next, by why."
    );
    describe_counter!(
        "tandem_escalations_total",
        "Chats that were to become calls, by result."
    );
}

fn describe_numbers() {
    describe_counter!(
        "tandem_attestations_total",
        "Calls whose number's signature was looked for, by what came of it."
    );
    describe_counter!(
        "tandem_unvouched_calls_total",
        "Calls refused because nobody vouched for their number, by the answer."
    );
}

fn describe_consent() {
    describe_counter!(
        "tandem_recording_steps_total",
        "What became of recordings, by step."
    );
    describe_counter!(
        "tandem_callback_failures_total",
        "Attempts of promised calls that failed, by the kind of the cause."
    );
    describe_counter!(
        "tandem_callback_reminders_total",
        "Reminders of promised calls that fell due."
    );
    describe_counter!(
        "tandem_consent_changes_total",
        "Statements about contact, by change, channel and source."
    );
    describe_counter!(
        "tandem_contacts_refused_total",
        "Contacts with customers that the gate refused, by reason."
    );
}

fn describe_satisfaction() {
    describe_counter!(
        "tandem_ratings_asked_total",
        "Customers asked how well they were served, by queue and channel."
    );
    describe_histogram!(
        "tandem_rating_score",
        "What they answered, 1 to 5, by queue and channel; the first answer of each interaction."
    );
    describe_counter!(
        "tandem_ratings_changed_total",
        "Answers that were changed, by queue and channel."
    );
    describe_counter!(
        "tandem_ratings_declined_total",
        "Customers who did not want to answer, by queue and channel."
    );
    describe_counter!(
        "tandem_repeats_total",
        "Interactions about the matter of an earlier one, by queue."
    );
    describe_counter!(
        "tandem_solved_total",
        "Sealed interactions an agent marked as solved, by queue."
    );
    describe_gauge!(
        "tandem_first_contact_resolution_ratio",
        "Share of served interactions whose customer did not come again, by queue: settled when the window is past."
    );
}

fn describe_house() {
    describe_gauge!("tandem_build_info", "The version that runs; always 1.");
    describe_counter!(
        "tandem_state_divergence_total",
        "States that should not be, found and mended."
    );
    describe_counter!(
        "tandem_journal_facts_total",
        "Facts written to the journal."
    );
    describe_histogram!(
        "tandem_journal_commit_seconds",
        Unit::Seconds,
        "How long a group of facts took to be durable."
    );
    describe_gauge!(
        "tandem_routing_age_seconds",
        Unit::Seconds,
        "How long ago the loop last came round that offers who waits to who is free."
    );
    describe_counter!(
        "tandem_clock_steps_total",
        "How often the machine's clock was set by more than two seconds."
    );
    describe_gauge!(
        "tandem_clock_ahead_seconds",
        Unit::Seconds,
        "How far the house's time is ahead of the machine's clock, which was set back."
    );
    describe_gauge!(
        "tandem_clock_doubted",
        "1 while the machine's clock is more than thirty days from the house's time, which goes on without it."
    );
    describe_gauge!(
        "tandem_journal_well",
        "1 while journal and tables can be written, 0 while they cannot."
    );
    describe_gauge!(
        "tandem_journal_unfolded_facts",
        "Facts in the journal that are not in the tables yet."
    );
}

fn describe_bounds() {
    describe_gauge!(
        "tandem_bound_reached",
        "1 from when the calls there may be (sip.calls), or the ports for voice (rtp.ports), are used up until a tenth is free, by bound."
    );
    describe_counter!(
        "tandem_bounds_reached_total",
        "How often that began, by bound: calls, ports."
    );
    describe_gauge!("tandem_sockets", "Open WebSockets, by side.");
    describe_gauge!(
        "tandem_tasks",
        "Tasks the daemon has, each for a socket, an owner or a wait."
    );
    describe_counter!(
        "tandem_socket_closes_total",
        "WebSockets closed by us, by close code."
    );
    describe_counter!(
        "tandem_refusals_total",
        "Requests, frames and connections refused, by reason."
    );
}

fn describe_sip() {
    describe_counter!(
        "tandem_sip_requests_total",
        "SIP requests, by direction and method, repetitions not counted."
    );
    describe_counter!(
        "tandem_sip_responses_total",
        "SIP responses, by direction, method and class, repetitions not counted."
    );
    describe_counter!(
        "tandem_sip_retransmissions_total",
        "SIP messages sent again by a timer."
    );
    describe_counter!(
        "tandem_sip_malformed_total",
        "SIP messages that could not be read."
    );
    describe_counter!(
        "tandem_sip_strays_total",
        "SIP messages that nothing was waiting for."
    );
    describe_counter!(
        "tandem_sip_barred_total",
        "SIP messages dropped unanswered: of banned sources, of strangers where these are dropped, and beyond a source's rate."
    );
    describe_counter!(
        "tandem_sip_banned_total",
        "Sources that nothing was read of for a while."
    );
    describe_counter!(
        "tandem_sip_denied_total",
        "SIP requests with wrong credentials."
    );
    describe_counter!(
        "tandem_sip_challenged_total",
        "SIP requests from nobody known, told to prove who they are."
    );
    describe_counter!(
        "tandem_sip_overloaded_total",
        "SIP requests refused with 503 for being too many."
    );
    describe_gauge!("tandem_sip_calls_live", "SIP calls there are.");
    describe_gauge!(
        "tandem_sip_transactions",
        "SIP transactions there are, by side."
    );
    describe_gauge!("tandem_sip_bindings", "Registered contacts.");
    describe_gauge!(
        "tandem_trunk_up",
        "1 while any place of a trunk answers, or is not asked; 0 while none does."
    );
    describe_gauge!(
        "tandem_trunk_registered",
        "1 while we are registered at a trunk that wants it, 0 while not."
    );
    describe_gauge!("tandem_sip_connections", "Open TCP connections for SIP.");
}
