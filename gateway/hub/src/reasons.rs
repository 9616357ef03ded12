//! Why contacts, stays and legs ended, in words: those of the house tell of nobody, those of telephones and carriers may.

use ws::timeline::Author;

use crate::{
    event::{CallbackEnd, OfferEnd},
    gate::Closed,
    input::CauseKind,
    policy::Rule,
    q850,
    redact::forget_numbers,
};

/// Words of the house that belong to no type.
const OURS: &[&str] = &[
    "a call was promised instead",
    "a supervisor took the chat over",
    "another leg took its place",
    "forwards to somebody who has no number",
    "forwards to who was asked already",
    "forwards to …, which no rule allows",
    "it is outside the queue's hours",
    "it lasted as long as it may",
    "it lived longer than any may",
    "it was ended from outside",
    "it was hung up from outside",
    "its audio failed here",
    "no keys for its audio came of the handshake",
    "no media port could be opened",
    "no message could be recorded",
    "no recorder took it, and calls of this queue must be recorded",
    "nobody answered",
    "nobody has the chat now, or it is parked",
    "nobody looked any more",
    "nobody took the message",
    "nothing is left to be done",
    "nothing was ever heard from the caller",
    "nothing was written for too long",
    "pages are not seen together any more",
    "the agent ended it",
    "the agent hung up",
    "the agent left the contact",
    "the agent stopped it",
    "the agent took them out of the call",
    "the agent was lost",
    "the agent went back to the customer",
    "the answer was never acknowledged",
    "the browser could not be reached for audio",
    "the browser gave no sign of life for too long",
    "the call was handed out",
    "the caller ended the message",
    "the caller has answered",
    "the caller said nothing",
    "the caller said nothing more",
    "the caller was turned away",
    "the chat is over",
    "the chat is the supervisor's own now",
    "the chat is their own now",
    "the chat was handed over",
    "the colleague took the customer's call",
    "the contact is over",
    "the customer ended it",
    "the customer hung up",
    "the customer stopped it",
    "the customer wants no such calls",
    "the customer wrote again, and the agent has no room",
    "the customer's data are erased",
    "the end was never told",
    "the menu ended the call",
    "the message has its full length",
    "the message was ended",
    "the parked chat is over",
    "the phone broke the protocol",
    "the phone ended the connection of its sound",
    "the phone no longer answers",
    "the question is over",
    "the rest of the message could not be recorded",
    "the server was restarted",
    "the supervisor left",
    "the supervisor takes part as a colleague now",
    "the supervisor was lost",
    "the visitor left the page",
    "the visitor went to a website that is not shown",
    "the wrap-up is finished",
    "the wrap-up time is over",
    "they are no supervisor any more",
    "they declined the call",
    "they left the call",
    "they left the chat",
    "they look no more",
    "too many calls",
    "trunk does not answer",
    "trunk is full",
    "trunk not found in the dns",
    "was sent elsewhere again and again",
    "who asked hung up",
];

/// Why the house does not call at the moment, or never.
const CLOSED: [Closed; 16] = [
    Closed::Suppressed,
    Closed::Withdrawn,
    Closed::NoConsent,
    Closed::Listed,
    Closed::Draining,
    Closed::NoTrunk,
    Closed::NotAllowed,
    Closed::Unreadable,
    Closed::NoAddress,
    Closed::Denied,
    Closed::PrefixSpent,
    Closed::AgentSpent,
    Closed::HouseSpent,
    Closed::TrunkSpent,
    Closed::OnCall,
    Closed::NoRoom,
];

/// How words of the house begin that tell where a call went.
const LEADING: [&str; 2] = ["the call went to ", "forwards to "];

/// Returns what may stay of such words when what is personal goes: the house's, without numbers, and nothing of others.
pub fn keep_ours(text: &str) -> String {
    if is_ours(text) {
        return text.to_owned();
    }
    let text = forget_numbers(text);
    if is_ours(&text) {
        return text;
    }
    let led = LEADING.into_iter().find(|words| text.starts_with(words));
    led.map_or_else(String::new, |words| format!("{words}…"))
}

fn is_ours(text: &str) -> bool {
    let rules = Rule::ALL.into_iter().map(Rule::words);
    let causes = CauseKind::ALL.into_iter().map(CauseKind::words);
    let told = (0..=u8::MAX).filter_map(q850::read).map(|(_, words)| words);
    let mut words = rules.chain(causes).chain(told);
    OURS.contains(&text)
        || words.any(|words| words == text)
        || is_of_an_end(text)
        || CLOSED.iter().any(|closed| closed.refusal().text == text)
}

fn is_of_an_end(text: &str) -> bool {
    let offers = [
        OfferEnd::Declined,
        OfferEnd::Expired,
        OfferEnd::AgentGone,
        OfferEnd::CustomerGone,
        OfferEnd::PhoneFailed,
        OfferEnd::Interrupted,
        OfferEnd::Withdrawn,
    ];
    let by = Author::System;
    let promises = [
        CallbackEnd::Reached,
        CallbackEnd::Voicemail,
        CallbackEnd::CalledIn,
        CallbackEnd::Cancelled { by },
        CallbackEnd::GivenUp,
        CallbackEnd::Suppressed,
        CallbackEnd::Denied,
        CallbackEnd::Missed,
    ];
    let offers = offers.into_iter().map(OfferEnd::words);
    let mut words = offers.chain(promises.iter().map(CallbackEnd::words));
    words.any(|words| words == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_house_stay_without_numbers_and_nothing_of_others_does() {
        for (text, left) in [
            ("hung up", "hung up"),
            ("the network is out of order", "the network is out of order"),
            ("all attempts failed", "all attempts failed"),
            ("the wait would be too long", "the wait would be too long"),
            ("the call went to +49 170 1234567", "the call went to …"),
            (
                "forwards to +4930123, which no rule allows",
                "forwards to …, which no rule allows",
            ),
            ("forwards to +4930123: Ida hangs up", "forwards to …"),
            ("Ida Lovelace hangs up", ""),
            ("hung up, says Ida", ""),
            ("", ""),
        ] {
            assert_eq!(keep_ours(text), left);
            assert_eq!(keep_ours(left), left, "again");
        }
    }
}
