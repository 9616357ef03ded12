//! What a webhook is told: the facts of the journal under stable public names.

use std::{fmt, str::FromStr};

use anyhow::Context;
use hub::{Event, Fact};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::spool::Lane;

macro_rules! types {
    ($($event:ident: $name:literal,)*) => {
        /// The public name of every kind of fact.
        pub const TYPES: &[&str] = &[$($name),*];

        /// Returns the public name of what happened. It is kept when the program's own name changes.
        pub fn type_of(event: &Event) -> &'static str {
            match event {
                $(Event::$event { .. } => $name,)*
            }
        }
    };
}

// One row each in PROTOCOL.md.
types! {
    Opened: "interaction.opened",
    Ended: "interaction.ended",
    Sealed: "interaction.sealed",
    RepeatOf: "interaction.repeated",
    InteractionsMerged: "interaction.merged",
    InteractionsUnmerged: "interaction.unmerged",
    ExternalId: "interaction.external_id",
    LegStarted: "leg.started",
    LegRinging: "leg.ringing",
    LegAnswered: "leg.answered",
    LegFlowing: "leg.flowing",
    LegMeasured: "leg.measured",
    LegEnded: "leg.ended",
    Bridged: "call.bridged",
    OneWayAudio: "call.one_way_audio",
    InCall: "call.step",
    InChat: "chat.step",
    Recording: "call.recording",
    CallEnded: "call.ended",
    EscalationStarted: "escalation.started",
    EscalationFailed: "escalation.failed",
    Said: "message.written",
    FileShared: "message.file",
    MessageEdited: "message.edited",
    MessageDeleted: "message.deleted",
    Queued: "queue.entered",
    Dequeued: "queue.left",
    WaitPromised: "queue.wait_promised",
    WaitEnded: "queue.wait_ended",
    Diverted: "queue.diverted",
    TurnedAway: "queue.turned_away",
    Offered: "offer.made",
    OfferEnded: "offer.ended",
    Assigned: "assignment.started",
    ChatPaused: "assignment.paused",
    ChatResumed: "assignment.resumed",
    Parked: "assignment.parked",
    Unparked: "assignment.unparked",
    Noted: "assignment.noted",
    HandedOver: "assignment.handed_over",
    WrapUpStarted: "assignment.wrap_up",
    WrapUpExtended: "assignment.wrap_up_extended",
    AssignmentEnded: "assignment.ended",
    CallbackOffered: "callback.offered",
    CallbackPromised: "callback.promised",
    CallbackMoved: "callback.moved",
    CallbackWaits: "callback.waits",
    CallbackReminded: "callback.reminded",
    MailPosted: "mail.posted",
    CallbackAttempted: "callback.attempted",
    CallbackAttemptFailed: "callback.attempt_failed",
    CallbackEnded: "callback.ended",
    RatingAsked: "rating.asked",
    Rated: "rating.given",
    RatingDeclined: "rating.declined",
    Cobrowsed: "cobrowse.done",
    ConsentChanged: "consent.changed",
    ContactRefused: "contact.refused",
    CustomerKnown: "customer.known",
    LookedUp: "customer.looked_up",
    CustomersMerged: "customer.merged",
    CustomersUnmerged: "customer.unmerged",
    CustomerNoted: "customer.noted",
    CustomerLinked: "customer.linked",
    CustomerValued: "customer.valued",
    CustomerErased: "customer.erased",
    PresenceSet: "agent.presence",
    PhoneRegistered: "agent.phone_registered",
    PhoneGone: "agent.phone_gone",
    MemoSent: "agent.memo",
    MemosRead: "agent.memos_read",
    TrunkDown: "trunk.down",
    TrunkUp: "trunk.up",
    ClockStepped: "house.clock",
    Mended: "house.mended",
    Started: "house.started",
}

/// The type of a message that only tests the way.
pub const PING: &str = "ping";

/// Which kinds of facts are wanted: all by `*`, those of one noun by `callback.*`, or one by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted(String);

/// Why a text names no kind of facts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is no kind of event; write one such as \"callback.reminded\", all of a noun as \"callback.*\", or \"*\"; PROTOCOL.md lists them"
)]
pub struct Unknown(String);

impl Wanted {
    fn includes(&self, name: &str) -> bool {
        match self.0.strip_suffix('*') {
            Some(noun) => name.starts_with(noun),
            None => self.0 == name,
        }
    }
}

impl FromStr for Wanted {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Unknown> {
        let shaped = !text.ends_with('*') || text == "*" || text.ends_with(".*");
        let wanted = Self(text.to_owned());
        if !shaped || !TYPES.iter().any(|name| wanted.includes(name)) {
            return Err(Unknown(text.to_owned()));
        }
        Ok(wanted)
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Wanted {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Wanted {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Tells whether one of `wanted` includes what happened.
pub fn is_wanted(wanted: &[Wanted], event: &Event) -> bool {
    let name = type_of(event);
    wanted.iter().any(|wanted| wanted.includes(name))
}

/// Returns in which lane a fact is delivered: its interaction, or who it is about.
pub fn lane(fact: &Fact) -> Lane {
    if let Some(interaction) = fact.interaction {
        return interaction.to_string().into();
    }
    // A number or mail address would stand where no erasure finds it.
    if matches!(fact.event, Event::ConsentChanged(_)) {
        return "consent".into();
    }
    let data = data(&fact.event).unwrap_or_default();
    let about = ["customer", "kept", "agent", "trunk"]
        .into_iter()
        .find_map(|key| Some(format!("{key}:{}", data.get(key)?.as_str()?)));
    about.unwrap_or_else(|| "house".to_owned()).into()
}

fn data(event: &Event) -> anyhow::Result<Map<String, Value>> {
    let value = serde_json::to_value(event).context("writing a fact as JSON")?;
    let Value::Object(mut data) = value else {
        anyhow::bail!("a fact is no JSON object");
    };
    data.remove("event");
    if matches!(event, Event::PhoneRegistered { .. }) {
        // Where the phone can be reached is for the daemon alone.
        data.remove("binding");
    }
    Ok(data)
}

/// Returns what is posted about a fact.
pub fn body(id: &str, fact: &Fact) -> anyhow::Result<Vec<u8>> {
    let message = json!({
        "id": id,
        "type": type_of(&fact.event),
        "time": fact.at,
        "interaction": fact.interaction,
        "seq": fact.seq,
        "data": data(&fact.event)?,
    });
    serde_json::to_vec(&message).context("writing a message as JSON")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ws::{
        agent::Presence,
        id::{Seq, Timestamp},
        timeline::Author,
    };

    use super::*;

    fn said() -> Fact {
        Fact {
            at: Timestamp(1_795_399_000_000),
            interaction: Some("0af7651916cd43dd8448eb211c80319c".parse().unwrap()),
            seq: Some(Seq(4)),
            event: Event::Said {
                from: Author::Customer,
                mid: "m1".parse().unwrap(),
                text: "Hello?".to_owned(),
            },
        }
    }

    fn registered() -> Fact {
        Fact {
            at: Timestamp(0),
            interaction: None,
            seq: None,
            event: Event::PhoneRegistered {
                agent: "anna".parse().unwrap(),
                binding: "sip:anna@192.0.2.1:5060".to_owned(),
                until: Timestamp(1),
            },
        }
    }

    #[test]
    fn a_message_carries_the_fact_under_its_public_name() {
        let body = body("77aa-12", &said()).unwrap();

        let told: Value = serde_json::from_slice(&body).unwrap();
        let expected = json!({
            "id": "77aa-12", "type": "message.written", "time": 1_795_399_000_000_u64,
            "interaction": "0af7651916cd43dd8448eb211c80319c", "seq": 4,
            "data": { "from": { "party": "customer" }, "mid": "m1", "text": "Hello?" },
        });
        assert_eq!(told, expected);
    }

    #[test]
    fn where_a_phone_can_be_reached_is_not_told() {
        let body = String::from_utf8(body("1", &registered()).unwrap()).unwrap();

        assert!(
            body.contains("anna\"") && !body.contains("192.0.2.1"),
            "{body}"
        );
    }

    #[test]
    fn facts_of_no_interaction_are_in_order_by_whom_they_are_about() {
        let away = Fact {
            event: Event::PresenceSet {
                agent: "anna".parse().unwrap(),
                presence: Presence::Ready,
                code: None,
                by: hub::event::SetBy::Agent,
            },
            ..registered()
        };
        let started = Fact {
            event: Event::Started,
            ..registered()
        };

        assert_eq!(lane(&registered()), lane(&away));
        assert_eq!(&*lane(&started), "house");
        assert_eq!(&*lane(&said()), "0af7651916cd43dd8448eb211c80319c");
    }

    #[test]
    fn what_is_wanted_can_be_all_a_noun_or_one() {
        let wanted = |text: &str| text.parse::<Wanted>().unwrap();
        for (text, is) in [("*", true), ("message.*", true), ("call.*", false)] {
            assert_eq!(is_wanted(&[wanted(text)], &said().event), is, "{text}");
        }
        assert!(!wanted("call.*").includes("callback.moved"));
        for text in ["", "messages.*", "message", "message.writ*", "call*", "**"] {
            assert!(text.parse::<Wanted>().is_err(), "{text}");
        }
    }

    #[test]
    fn every_type_has_its_row_in_the_documentation() {
        let text = include_str!("../../../PROTOCOL.md");
        let table = text.split("<!-- webhook types -->").nth(1).unwrap();
        let table = table.split("\n#").next().unwrap();
        let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
        let documented: BTreeSet<_> = rows.filter_map(|row| row.split('`').next()).collect();

        let known: BTreeSet<_> = TYPES.iter().copied().collect();
        assert_eq!(documented, known);
        assert_eq!(known.len(), TYPES.len(), "a name stands for one type");
    }
}
