//! What is left of a fact when what is personal in it has to go: the skeleton that statistics need.

use ws::{
    cobrowse::Act,
    id::{Number, VisitorId},
    transfer::TransferTo,
};

use super::{Event, InCall, InChat, Party, Recorded};
use crate::{
    consent::Subject,
    interaction::{OUTCOMES, SERVED},
    reasons::keep_ours,
};

/// What is to go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scrub {
    /// What was written.
    pub messages: bool,
    /// What agents noted, how they say it turned out, why two contacts are one matter.
    pub notes: bool,
    /// Names, numbers, addresses, pages, other systems' ids.
    pub persons: bool,
    /// What was recorded.
    pub recordings: bool,
    /// Of whose address something was said.
    pub addresses: bool,
}

impl Scrub {
    /// Returns everything at once, but for whose address something was said of: that somebody is not to be contacted has to
    /// outlive what else is known of them.
    pub const ALL: Self = Self {
        messages: true,
        notes: true,
        persons: true,
        recordings: true,
        addresses: false,
    };

    /// Reads bits: 1 messages, 2 notes, 4 persons, 8 recordings, 16 addresses.
    pub fn from_bits(bits: u8) -> Self {
        Self {
            messages: bits & 1 != 0,
            notes: bits & 2 != 0,
            persons: bits & 4 != 0,
            recordings: bits & 8 != 0,
            addresses: bits & 16 != 0,
        }
    }
}

/// The number that stands where one was scrubbed.
pub const NOBODY: &str = "0000";

// What stands where a number or a browser stood.
fn nobody() -> Number {
    NOBODY.parse().expect("four digits are a number")
}

fn no_browser() -> VisitorId {
    VisitorId::new(1).expect("one is not nil")
}

impl Event {
    /// Takes out what has to go; again does nothing more.
    #[allow(clippy::too_many_lines, reason = "one line a kind of fact")]
    pub fn scrub(&mut self, what: Scrub) {
        match self {
            Self::Opened {
                page,
                referrer,
                name,
                answers,
                ..
            } => {
                if what.persons {
                    (*page, *referrer, *name) = (None, None, None);
                }
                if what.persons || what.messages {
                    answers.clear();
                }
            }
            Self::CustomerKnown {
                name,
                number,
                mail,
                visitor,
                verified,
                ..
            } => {
                if what.persons {
                    (*name, *number, *mail) = (None, None, None);
                    (*visitor, *verified) = (None, None);
                }
            }
            Self::ExternalId { id, .. } | Self::CustomerLinked { id, .. } => {
                if what.persons {
                    "erased".clone_into(id);
                }
            }
            // A mail to nobody is not sent.
            Self::MailPosted { to, .. } => {
                if what.persons {
                    to.clear();
                }
            }
            Self::LookedUp { found } => {
                if what.persons {
                    **found = crate::lookup::Found::default();
                }
            }
            Self::LegStarted { party, .. } => {
                if what.persons {
                    scrub_party(party);
                }
            }
            Self::LegEnded { cause, .. }
            | Self::CallEnded { cause, .. }
            | Self::EscalationFailed { cause }
            | Self::CallbackAttemptFailed { cause, .. } => {
                if what.persons {
                    // A carrier's words may name who was called.
                    cause.text = keep_ours(&cause.text);
                }
            }
            Self::EscalationStarted { number, .. } | Self::CallbackPromised { number, .. } => {
                if what.persons {
                    *number = nobody();
                }
            }
            Self::ConsentChanged(said) => {
                if what.persons {
                    said.reason = None;
                }
                if what.addresses {
                    said.subject = Subject::Number(nobody());
                }
            }
            Self::Said { text, .. } | Self::MessageEdited { text, .. } => {
                if what.messages {
                    text.clear();
                }
            }
            Self::MemoSent(sent) => {
                if what.messages {
                    sent.text.clear();
                }
            }
            // The name goes here; what was in it goes with the row that named it.
            Self::FileShared { file, .. } => {
                if what.messages {
                    file.name.clear();
                }
            }
            Self::AssignmentEnded {
                disposition,
                note,
                reason,
                ..
            } => {
                if what.notes {
                    (*disposition, *note) = (None, None);
                }
                if what.persons {
                    *reason = keep_ours(reason);
                }
            }
            Self::Ended { reason, .. } => {
                if what.persons {
                    *reason = keep_ours(reason);
                }
            }
            Self::Rated { comment, .. } => {
                if what.messages {
                    *comment = None;
                }
            }
            Self::Sealed {
                outcome, served, ..
            } => {
                if what.notes {
                    if !OUTCOMES.contains(&outcome.as_str()) {
                        SERVED.clone_into(outcome);
                    }
                    if let Some(served) = served {
                        served.disposition = None;
                    }
                }
            }
            Self::Cobrowsed { act, .. } => {
                if what.persons {
                    scrub_act(act);
                }
            }
            Self::CustomerNoted { text, .. } | Self::Noted { text, .. } => {
                if what.notes {
                    text.clear();
                }
            }
            Self::InChat(InChat::Whispered { text, .. }) => {
                if what.notes {
                    text.clear();
                }
            }
            Self::HandedOver { note, .. } | Self::InChat(InChat::Invited { note, .. }) => {
                if what.notes {
                    *note = None;
                }
            }
            Self::CustomersMerged { reason, .. } | Self::CustomersUnmerged { reason, .. } => {
                if what.persons {
                    reason.clear();
                }
            }
            Self::InteractionsMerged { reason, .. } | Self::InteractionsUnmerged { reason, .. } => {
                if what.notes {
                    reason.clear();
                }
            }
            Self::InChat(
                InChat::SupervisionStarted { .. }
                | InChat::Supervised { .. }
                | InChat::SupervisionEnded { .. }
                | InChat::Joined { .. }
                | InChat::Left { .. }
                | InChat::TakenOver { .. }
                | InChat::InvitationEnded { .. }
                | InChat::MemberStarted { .. }
                | InChat::MemberEnded { .. },
            )
            | Self::Recording(
                Recorded::Announced { .. }
                | Recorded::Refused { .. }
                | Recorded::Wished { .. }
                | Recorded::Started { .. }
                | Recorded::Paused { .. }
                | Recorded::Resumed { .. }
                | Recorded::Stopped { .. }
                | Recorded::Failed { .. }
                | Recorded::MessageLeft { .. }
                | Recorded::RecorderOpened { .. }
                | Recorded::RecorderFailed { .. }
                | Recorded::RecorderRests { .. }
                | Recorded::RecorderClosed { .. },
            ) => {}
            Self::InCall(step) => scrub_step(step, what),
            // The store deletes the file that is named here no more.
            Self::Recording(Recorded::Kept { file, sha512, .. }) => {
                if what.recordings {
                    file.clear();
                    sha512.clear();
                }
            }
            // Ids, times, and words of ours.
            Self::RepeatOf { .. }
            | Self::RatingAsked { .. }
            | Self::RatingDeclined { .. }
            | Self::LegRinging { .. }
            | Self::LegAnswered { .. }
            | Self::LegFlowing { .. }
            | Self::MessageDeleted { .. }
            | Self::Bridged { .. }
            | Self::OneWayAudio { .. }
            | Self::LegMeasured { .. }
            | Self::Queued { .. }
            | Self::Dequeued { .. }
            | Self::Offered { .. }
            | Self::OfferEnded { .. }
            | Self::Assigned { .. }
            | Self::WrapUpStarted { .. }
            | Self::ContactRefused { .. }
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
            | Self::CallbackMoved { .. }
            | Self::CallbackWaits(_)
            | Self::CallbackReminded { .. }
            | Self::CallbackAttempted { .. }
            | Self::CallbackEnded { .. }
            | Self::CustomerValued { .. }
            | Self::CustomerErased { .. }
            | Self::PresenceSet { .. }
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

fn scrub_step(step: &mut InCall, what: Scrub) {
    match step {
        InCall::Transferred { to, note, .. } => {
            if what.persons {
                scrub_target(to);
            }
            if what.notes {
                *note = None;
            }
        }
        InCall::ConsultStarted { to, .. } => {
            if what.persons {
                scrub_target(to);
            }
        }
        InCall::HandedOut { number, .. } | InCall::Redirected { number, .. } => {
            if what.persons {
                *number = nobody();
            }
        }
        InCall::CallerShown { shown, .. } => {
            if what.persons {
                shown.diverted = None;
                shown.user_to_user = None;
            }
        }
        // A number somebody keyed may say who they are.
        InCall::MenuKeyed { keys, .. } => {
            if what.persons {
                keys.clear();
            }
        }
        // A carrier's words may name who was called.
        InCall::ConsultEnded { cause, .. }
        | InCall::ConferenceLeft { cause, .. }
        | InCall::SupervisionEnded { cause, .. }
        | InCall::TransferFailed { cause, .. }
        | InCall::ReplacementFailed { cause, .. } => {
            if what.persons {
                cause.text = keep_ours(&cause.text);
            }
        }
        // Ids and flags, and what is kept by the rule.
        InCall::Held { .. }
        | InCall::HoldRefused { .. }
        | InCall::Hears { .. }
        | InCall::Muted { .. }
        | InCall::ConsultJoined { .. }
        | InCall::ConferenceJoined { .. }
        | InCall::SupervisionStarted { .. }
        | InCall::Supervised { .. }
        | InCall::HandOutFailed { .. }
        | InCall::MenuEntered { .. }
        | InCall::MenuLeft { .. }
        | InCall::Rerouted { .. }
        | InCall::ReplacementStarted { .. }
        | InCall::Replaced { .. } => {}
    }
}

fn scrub_target(to: &mut TransferTo) {
    match to {
        TransferTo::Number(number) => *number = nobody(),
        TransferTo::Agent(_) | TransferTo::Queue(_) => {}
    }
}

// Where somebody was, and what stood there.
fn scrub_act(act: &mut Act) {
    match act {
        Act::Page { url, title, .. } | Act::Pushed { url, title } => {
            url.clear();
            *title = None;
        }
        Act::Marked { label }
        | Act::Filled { label }
        | Act::Pressed { label }
        | Act::Undone { label } => *label = None,
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

fn scrub_party(party: &mut Party) {
    match party {
        Party::CustomerPhone { number, .. } | Party::OutsidePhone { number, .. } => *number = None,
        Party::CustomerChat { visitor }
        | Party::CustomerPage { visitor, .. }
        | Party::CustomerBrowser { visitor } => {
            *visitor = no_browser();
        }
        Party::AgentPhone { .. }
        | Party::AgentBrowser { .. }
        | Party::AgentChat { .. }
        | Party::AgentPage { .. } => {}
    }
}
