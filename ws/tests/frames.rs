//! Frames survive being printed, whatever people write in them.

#![allow(clippy::unwrap_used, reason = "a test may stop here")]

use proptest::{option, prelude::*};
use serde::{Serialize, de::DeserializeOwned};
use ws::{
    agent::{self, Change, Presence},
    frame::{Asked, Code, Refusal, Resume, Told},
    id::{AgentId, CallbackId, InteractionId, LegId, Mid, Number, Seq, Timestamp},
    timeline::{Author, CallState, CallbackState, Entry, What},
    visitor,
};

fn round<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(frame: &T) {
    let text = serde_json::to_string(frame).unwrap();
    let again: T = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(again, *frame, "{text}");
}

fn interaction() -> impl Strategy<Value = InteractionId> {
    (1..u128::MAX).prop_map(|n| InteractionId::new(n).expect("not nil"))
}

fn seq() -> impl Strategy<Value = Seq> {
    any::<u64>().prop_map(Seq)
}

fn time() -> impl Strategy<Value = Timestamp> {
    any::<u64>().prop_map(Timestamp)
}

fn mid() -> impl Strategy<Value = Mid> {
    "[!-~]{1,64}".prop_map(|text| text.parse().expect("of the alphabet"))
}

fn number() -> impl Strategy<Value = Number> {
    r"\+?[0-9]{2,15}".prop_map(|text| text.parse().expect("of the alphabet"))
}

fn agent_id() -> impl Strategy<Value = AgentId> {
    "[a-zA-Z0-9._@-]{1,64}".prop_map(|text| text.parse().expect("of the alphabet"))
}

fn callback() -> impl Strategy<Value = CallbackId> {
    (interaction(), 1..u16::MAX).prop_map(|(interaction, n)| CallbackId { interaction, n })
}

fn leg() -> impl Strategy<Value = LegId> {
    (interaction(), 1..u16::MAX).prop_map(|(interaction, n)| LegId { interaction, n })
}

fn author() -> impl Strategy<Value = Author> {
    prop_oneof![
        Just(Author::Customer),
        Just(Author::System),
        (agent_id(), any::<String>()).prop_map(|(agent, name)| Author::Agent { agent, name }),
        any::<String>().prop_map(|name| Author::Program { name }),
    ]
}

fn call() -> impl Strategy<Value = CallState> {
    prop_oneof![
        number().prop_map(|number| CallState::Dialling { number }),
        Just(CallState::Ringing),
        Just(CallState::Connected),
        any::<String>().prop_map(|reason| CallState::Ended { reason }),
        any::<String>().prop_map(|reason| CallState::Failed { reason }),
    ]
}

fn callback_state() -> impl Strategy<Value = CallbackState> {
    prop_oneof![
        time().prop_map(|due| CallbackState::Promised { due }),
        Just(CallbackState::Dialling),
        Just(CallbackState::Done),
        (any::<String>(), time()).prop_map(|(reason, due)| CallbackState::Retrying { reason, due }),
        any::<String>().prop_map(|reason| CallbackState::Ended { reason }),
    ]
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        (author(), mid(), any::<String>()).prop_map(|(from, mid, text)| What::Message {
            from,
            mid,
            text
        }),
        agent_id().prop_map(|agent| What::Left { agent }),
        (agent_id(), any::<String>()).prop_map(|(agent, name)| What::Joined { agent, name }),
        (option::of(leg()), call()).prop_map(|(leg, call)| What::Call { leg, call }),
        (callback(), number(), callback_state(), option::of(author())).prop_map(
            |(callback, number, state, by)| What::Callback {
                callback,
                number,
                state,
                by,
            }
        ),
        (author(), any::<String>()).prop_map(|(by, reason)| What::Ended { by, reason }),
    ]
}

fn entry() -> impl Strategy<Value = Entry> {
    (seq(), time(), what()).prop_map(|(seq, at, what)| Entry { seq, at, what })
}

fn resume() -> impl Strategy<Value = Resume> {
    (interaction(), any::<String>(), seq()).prop_map(|(interaction, epoch, seq)| Resume {
        interaction,
        epoch,
        seq,
    })
}

fn visitor_request() -> impl Strategy<Value = visitor::Request> {
    use visitor::Request;
    prop_oneof![
        (any::<String>(), option::of(resume()))
            .prop_map(|(token, resume)| Request::Hello { token, resume }),
        (option::of(any::<String>()), mid(), any::<String>()).prop_map(|(given, mid, text)| {
            Request::Open {
                zone: "shop".parse().expect("a name"),
                name: given.clone(),
                mail: given.clone(),
                page: given.clone(),
                referrer: given,
                form: None,
                callback: None,
                mid,
                text,
            }
        }),
        (mid(), any::<String>(), option::of(interaction())).prop_map(|(mid, text, interaction)| {
            Request::Message {
                mid,
                text,
                interaction,
            }
        }),
        any::<bool>().prop_map(|on| Request::Typing { on }),
        (seq(), seq()).prop_map(|(delivered, read)| Request::Receipt { delivered, read }),
        number().prop_map(|number| Request::Call { number }),
        (number(), option::of(time()), any::<bool>()).prop_map(|(number, at, keep_place)| {
            let wish = ws::callback::Wish {
                until: at,
                keep_place,
                ..Default::default()
            };
            Request::Callback {
                number,
                at,
                wish: Some(Box::new(wish)),
            }
        }),
        callback().prop_map(|callback| Request::CancelCallback { callback }),
        Just(Request::End {}),
        seq().prop_map(|seq| Request::Pong { seq }),
    ]
}

fn agent_request() -> impl Strategy<Value = agent::Request> {
    use agent::Request;
    prop_oneof![
        prop::collection::vec(resume(), 0..3).prop_map(|timelines| Request::Hello {
            token: "t".to_owned(),
            resume: None,
            timelines,
        }),
        any::<String>().prop_map(|reason| Request::Presence {
            presence: Presence::Away { reason },
        }),
        interaction().prop_map(|interaction| Request::Accept { interaction }),
        (interaction(), mid(), any::<String>()).prop_map(|(interaction, mid, text)| {
            Request::Message {
                interaction,
                mid,
                text,
            }
        }),
        (interaction(), any::<bool>(), option::of(any::<String>())).prop_map(
            |(interaction, given, reason)| Request::Consent {
                interaction,
                channel: ws::consent::ContactChannel::Voice,
                given,
                reason,
            }
        ),
        (interaction(), number()).prop_map(|(interaction, number)| Request::Escalate {
            interaction,
            number,
        }),
        (interaction(), option::of(any::<String>())).prop_map(|(interaction, note)| {
            Request::WrapUp {
                interaction,
                disposition: note.clone(),
                note,
                solved: Some(true),
            }
        }),
    ]
}

proptest! {
    #[test]
    fn requests(id in any::<u64>(), visitor in visitor_request(), agent in agent_request()) {
        round(&Asked { id, request: visitor });
        round(&Asked { id, request: agent });
    }

    #[test]
    fn pushes_and_answers(
        re in any::<u64>(), interaction in interaction(), entry in entry(), seq in seq(), mid in mid(),
        text in any::<String>(), from in author(),
    ) {
        type Visitor = Told<visitor::Done, visitor::Push>;
        type Agent = Told<agent::Done, agent::Push>;
        round(&Visitor::Push(visitor::Push::Entry { interaction, entry: entry.clone() }));
        round(&Agent::Push(agent::Push::Entry { interaction, entry }));
        round(&Visitor::Push(visitor::Push::Typing { interaction, from, on: true }));
        round(&Visitor::Done { re, ok: visitor::Done::Written { interaction, mid, seq } });
        round(&Agent::Refused { re, error: Refusal { code: Code::Conflict, text: text.clone() } });
        let change = Box::new(Change::OfferGone { interaction, reason: text });
        round(&Agent::Push(agent::Push::Change { seq, interaction: Some(interaction), change }));
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        drop(serde_json::from_slice::<Asked<visitor::Request>>(&bytes));
        drop(serde_json::from_slice::<Asked<agent::Request>>(&bytes));
        drop(serde_json::from_slice::<Told<visitor::Done, visitor::Push>>(&bytes));
        drop(serde_json::from_slice::<Told<agent::Done, agent::Push>>(&bytes));
    }
}
