//! What has not happened yet is shown as zero, so that rates and alerts have something to begin with.

use hub::{input::CauseKind, policy::Rule};
use metrics::{counter, gauge};
use ws::agent::Channel;

use super::words::{channel_word, rule_word};
use crate::bounds::What;

/// Counters without a label.
const PLAIN: [&str; 8] = [
    "tandem_chats_total",
    "tandem_callbacks_promised_total",
    "tandem_callback_attempts_total",
    "tandem_callback_reminders_total",
    "tandem_one_way_audio_total",
    "tandem_poor_lines_total",
    "tandem_state_divergence_total",
    "tandem_clock_steps_total",
];

/// Counters with one label, and all words of it.
#[rustfmt::skip]
const LABELLED: [(&str, &str, &[&str]); 12] = [
    ("tandem_recording_steps_total", "step", &[
        "recording_announced", "recording_refused", "recording_wished", "recording_started", "recording_paused", "recording_resumed",
        "recording_stopped", "recording_kept", "recording_failed", "message_left", "recorder_opened", "recorder_failed",
        "recorder_closed", "recorder_rests", "recorder_goes_on",
    ]),
    ("tandem_mails_total", "result", &[
        "delivered", "deferred", "refused", "late", "broken", "too_late", "forbidden", "over", "erased",
    ]),
    ("tandem_lookups_total", "result", &["cached", "busy", "shut", "found", "nothing", "failed", "late"]),
    ("tandem_callbacks_total", "result", &[
        "reached", "voicemail", "called_in", "cancelled", "given_up", "suppressed", "denied", "missed", "moved",
    ]),
    ("tandem_contacts_refused_total", "reason", &[
        "suppressed", "withdrawn", "no_consent", "listed", "draining", "no_trunk", "not_allowed", "unreadable", "no_address",
        "denied", "prefix_spent", "agent_spent", "house_spent", "trunk_spent", "on_call", "no_room",
    ]),
    ("tandem_mails_posted_total", "matter", &["reminder", "transcript"]),
    ("tandem_attestations_total", "result", &["full", "partial", "gateway", "failed", "absent", "unchecked"]),
    ("tandem_unvouched_calls_total", "answer", &["403", "428", "436", "437", "438"]),
    ("tandem_servers_left_total", "why", &["refused", "silent", "broken", "redirected", "passed"]),
    ("tandem_escalations_total", "result", &["started", "connected", "failed"]),
    ("tandem_messages_total", "author", &AUTHORS),
    ("tandem_files_total", "author", &AUTHORS),
];

/// Who writes.
const AUTHORS: [&str; 4] = ["customer", "agent", "program", "system"];

/// Shows all of it.
pub(super) fn begin() {
    for name in PLAIN {
        counter!(name).absolute(0);
    }
    for (name, label, words) in LABELLED {
        for word in words {
            counter!(name, label => *word).absolute(0);
        }
    }
    for kind in CauseKind::ALL {
        let reason = crate::store::project::word(&kind);
        counter!("tandem_callback_failures_total", "reason" => reason).absolute(0);
    }
    for channel in [Channel::Voice, Channel::Chat].map(channel_word) {
        counter!("tandem_interactions_total", "channel" => channel).absolute(0);
        counter!("tandem_offers_total", "channel" => channel).absolute(0);
        for rule in Rule::ALL.map(rule_word) {
            counter!("tandem_turned_away_total", "channel" => channel, "rule" => rule).absolute(0);
        }
    }
    for author in AUTHORS {
        for how in ["edited", "deleted"] {
            counter!("tandem_messages_revised_total", "author" => author, "how" => how).absolute(0);
        }
    }
    for what in [What::Calls, What::Ports] {
        gauge!("tandem_bound_reached", "bound" => what.word()).set(0.0);
        counter!("tandem_bounds_reached_total", "bound" => what.word()).absolute(0);
    }
    for side in ["visitor", "agent"] {
        gauge!("tandem_sockets", "side" => side).set(0.0);
    }
    gauge!("tandem_sip_connections").set(0.0);
}
