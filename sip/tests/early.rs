//! What a peer asks before a call is answered: offers by UPDATE and PRACK (RFC 3311 §5.2, RFC 3262 §5). It is played by hand.

#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use std::time::Duration;

use bytes::Bytes;
use net::peer::{PEER, SDP, heard, net, offer_text, one, request, status};
use net::{ANSWER, Net, address, answer, hang_up};
use sip::endpoint::{CallKey, Command, Event};
use sip::message::{Header, Message};

const IN: CallKey = CallKey::In(1);
/// What we say to an offer that is made later.
const LATER: &[u8] = b"v=0\r\no=- 2 2 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\nm=audio 5002 RTP/AVP 8\r\n";

fn ring(sdp: Option<&'static [u8]>) -> Command {
    Command::Ring {
        call: IN,
        code: 183,
        reason: None,
        sdp: sdp.map(Bytes::from_static),
    }
}

fn accept() -> Command {
    Command::AcceptOffer {
        call: IN,
        fork: None,
        sdp: Bytes::from_static(LATER),
    }
}

fn ask(net: &mut Net, request: String) {
    net.inject(0, address(PEER), request);
}

/// Has the peer call and be told a reliable 183 with `sdp`; returns it.
fn rung(net: &mut Net, sdp: Option<&'static [u8]>) -> Message {
    let kind = format!("Require: 100rel\r\n{SDP}");
    ask(net, request("INVITE", 1, "", &kind, offer_text()));
    net.tell(0, ring(sdp));
    one(net)
}

fn tag(early: &Message) -> String {
    early.to().tag().unwrap().to_owned()
}

/// The PRACK for a response, with an offer or without.
fn prack(early: &Message, cseq: u32, offer: &str) -> String {
    let kind = if offer.is_empty() { "" } else { SDP };
    let rack = format!("RAck: {} 1 INVITE\r\n{kind}", early.rseq().unwrap());
    request("PRACK", cseq, &tag(early), &rack, offer)
}

/// Has the peer call, be told our answer before the call is answered, and acknowledge it; returns our tag.
fn agreed(net: &mut Net) -> String {
    let early = rung(net, Some(ANSWER));
    ask(net, prack(&early, 2, ""));
    assert_eq!(status(&one(net)), 200);
    tag(&early)
}

fn update(net: &mut Net, cseq: u32, tag: &str, offer: &str) {
    let kind = if offer.is_empty() { "" } else { SDP };
    ask(net, request("UPDATE", cseq, tag, kind, offer));
}

fn offered(net: &mut Net) -> Option<Bytes> {
    net.wait(0, |event| match event {
        Event::Offered { call: IN, sdp, .. } => Some(sdp.clone()),
        _ => None,
    })
}

fn was_offered(net: &Net) -> bool {
    let mut events = net.ends[0].events.iter();
    events.any(|event| matches!(event, Event::Offered { .. }))
}

/// Acknowledges an answer and ends the call; nothing is left of it.
fn end(net: &mut Net, tag: &str) {
    ask(net, request("ACK", 1, tag, "", ""));
    ask(net, request("BYE", 90, tag, "", ""));
    net.settle();
    net.assert_empty();
}

#[test]
fn an_offer_by_update_is_put_to_the_owner_and_the_answer_repeats_nothing() {
    let mut net = net();
    let tag = agreed(&mut net);

    update(&mut net, 3, &tag, offer_text());
    assert_eq!(offered(&mut net).unwrap(), offer_text().as_bytes());
    net.tell(0, accept());
    let ok = one(&mut net);
    net.tell(0, answer(IN));
    let answered = one(&mut net);

    assert_eq!((status(&ok), ok.body()), (200, Bytes::from_static(LATER)));
    assert_eq!(ok.method().as_str(), "UPDATE");
    let contact = ok.header(Header::Contact).unwrap();
    assert_eq!(answered.header(Header::Contact), Some(contact));
    assert_eq!((status(&answered), answered.body()), (200, Bytes::new()));
    end(&mut net, &tag);
}

#[test]
fn an_offer_by_prack_is_answered_in_its_200_which_waits_for_the_owner() {
    let mut net = net();
    let early = rung(&mut net, Some(ANSWER));

    ask(&mut net, prack(&early, 2, offer_text()));
    assert_eq!(offered(&mut net).unwrap(), offer_text().as_bytes());
    net.tell(0, answer(IN));
    net.run_for(Duration::from_secs(1));
    assert!(
        heard(&mut net).is_empty(),
        "neither answered nor repeated while the offer is open"
    );
    net.tell(0, accept());

    let heard = heard(&mut net);
    let said: Vec<_> = heard
        .iter()
        .map(|one| (one.method().as_str(), status(one), one.body()))
        .collect();
    let later = Bytes::from_static(LATER);
    assert_eq!(said, [("PRACK", 200, later), ("INVITE", 200, Bytes::new())]);
    end(&mut net, &tag(&early));
}

#[test]
fn an_offer_that_is_refused_changes_nothing() {
    for by_prack in [true, false] {
        let mut net = net();
        let early = rung(&mut net, Some(ANSWER));
        if by_prack {
            ask(&mut net, prack(&early, 2, offer_text()));
        } else {
            ask(&mut net, prack(&early, 2, ""));
            one(&mut net);
            update(&mut net, 3, &tag(&early), offer_text());
        }
        offered(&mut net);

        net.tell(
            0,
            Command::RefuseOffer {
                call: IN,
                fork: None,
                code: 488,
                warning: None,
            },
        );
        let refused = one(&mut net);
        net.tell(0, answer(IN));
        let answered = one(&mut net);

        assert_eq!(status(&refused), 488, "{by_prack}");
        assert_eq!(
            (status(&answered), answered.body()),
            (200, Bytes::from_static(ANSWER))
        );
        end(&mut net, &tag(&early));
    }
}

#[test]
fn one_offer_after_the_other_is_taken_and_what_is_told_meanwhile_describes_nothing() {
    let mut net = net();
    let tag = agreed(&mut net);
    for cseq in [3, 4] {
        update(&mut net, cseq, &tag, offer_text());
        offered(&mut net);
        net.tell(0, accept());
        assert_eq!(status(&one(&mut net)), 200);
    }

    net.tell(0, ring(Some(ANSWER)));

    let early = one(&mut net);
    assert_eq!((status(&early), early.body()), (183, Bytes::new()));
    ask(&mut net, prack(&early, 5, ""));
    one(&mut net);
    net.tell(0, answer(IN));
    one(&mut net);
    end(&mut net, &tag);
}

#[test]
fn an_offer_before_our_answer_is_to_be_made_again_later() {
    let mut net = net();
    let early = rung(&mut net, None);
    ask(&mut net, prack(&early, 2, ""));
    assert_eq!(status(&one(&mut net)), 200);

    update(&mut net, 3, &tag(&early), offer_text());

    let refused = one(&mut net);
    assert_eq!(status(&refused), 500);
    let after: u32 = refused.header(Header::RetryAfter).unwrap().parse().unwrap();
    assert!(after <= 10);
    assert!(!was_offered(&net));
    net.tell(0, answer(IN));
    assert_eq!(one(&mut net).body(), ANSWER);
    end(&mut net, &tag(&early));
}

#[test]
fn a_cancel_of_what_was_refused_while_it_rings_leaves_the_call_alone() {
    let mut net = net();
    let early = rung(&mut net, None);
    ask(&mut net, prack(&early, 2, ""));
    assert_eq!(status(&one(&mut net)), 200);
    ask(
        &mut net,
        request("INVITE", 3, &tag(&early), SDP, offer_text()),
    );
    assert_eq!(status(&one(&mut net)), 500);

    ask(&mut net, request("CANCEL", 3, &tag(&early), "", ""));

    assert_eq!(status(&one(&mut net)), 200);
    let cancelled = |event: &Event| matches!(event, Event::Cancelled { .. });
    assert!(!net.ends[0].events.iter().any(cancelled));
    net.tell(0, answer(IN));
    assert_eq!(one(&mut net).body(), ANSWER);
    end(&mut net, &tag(&early));
}

#[test]
fn an_offer_by_prack_before_our_answer_is_not_acceptable_but_acknowledges() {
    let mut net = net();
    let early = rung(&mut net, None);

    ask(&mut net, prack(&early, 2, offer_text()));

    let refused = one(&mut net);
    assert_eq!(status(&refused), 488);
    let warning = refused.header(Header::Warning).unwrap();
    assert!(warning.starts_with("399 tandem \""), "{warning}");
    net.run_for(Duration::from_secs(2));
    assert!(heard(&mut net).is_empty(), "it is not repeated");
    net.tell(0, answer(IN));
    one(&mut net);
    end(&mut net, &tag(&early));
}

#[test]
fn while_one_is_open_another_is_to_be_made_again_later() {
    for offer in [offer_text(), ""] {
        let mut net = net();
        let tag = agreed(&mut net);
        update(&mut net, 3, &tag, offer_text());
        offered(&mut net);

        update(&mut net, 4, &tag, offer);

        let refused = one(&mut net);
        assert_eq!(status(&refused), 500, "{offer}");
        assert!(refused.header(Header::RetryAfter).is_some());
        assert!(!was_offered(&net));
        net.tell(0, accept());
        assert_eq!(one(&mut net).cseq().number, 3);
        net.tell(0, hang_up(IN));
        one(&mut net);
        ask(&mut net, request("ACK", 1, &tag, "", ""));
        net.settle();
        net.assert_empty();
    }
}

#[test]
fn an_update_without_a_body_moves_the_peer_and_is_accepted() {
    let mut net = net();
    let early = rung(&mut net, None);
    let moved = request("UPDATE", 2, &tag(&early), "", "").replace("<sip:p@", "<sip:moved@");

    ask(&mut net, moved);

    let ok = one(&mut net);
    assert_eq!((status(&ok), ok.body()), (200, Bytes::new()));
    assert!(ok.header(Header::Contact).is_some());
    ask(&mut net, prack(&early, 3, ""));
    one(&mut net);
    net.tell(0, answer(IN));
    one(&mut net);
    ask(&mut net, request("ACK", 1, &tag(&early), "", ""));
    net.tell(0, hang_up(IN));
    let bye = one(&mut net);
    let target = bye.request_uri().unwrap().as_str();
    assert!(target.starts_with("sip:moved@"), "{target}");
}

#[test]
fn an_offer_that_nobody_answers_is_refused_in_time_and_the_call_goes_on() {
    let mut net = net();
    let tag = agreed(&mut net);
    update(&mut net, 3, &tag, offer_text());
    offered(&mut net);
    net.tell(0, answer(IN));

    net.run_for(Duration::from_secs(4));

    let heard = heard(&mut net);
    let said: Vec<_> = heard.iter().take(2).map(status).collect();
    assert_eq!(said, [504, 200]);
    net.tell(0, accept());
    end(&mut net, &tag);
}

#[test]
fn what_is_open_when_the_call_ends_is_still_answered() {
    type Ends = fn(&mut Net, &str);
    let ends: [(Ends, &[u16]); 4] = [
        (|net, _| net.tell(0, hang_up(IN)), &[487, 480]),
        (
            |net, _| {
                net.tell(
                    0,
                    Command::Reject {
                        call: IN,
                        code: 486,
                        reason: None,
                        retry_after: None,
                        warning: None,
                    },
                );
            },
            &[487, 486],
        ),
        (
            |net, _| ask(net, request("CANCEL", 1, "", "", "")),
            &[200, 487, 487],
        ),
        (
            |net, tag| ask(net, request("BYE", 4, tag, "", "")),
            &[200, 487, 487],
        ),
    ];
    for (ends, codes) in ends {
        let mut net = net();
        let tag = agreed(&mut net);
        update(&mut net, 3, &tag, offer_text());
        offered(&mut net);

        ends(&mut net, &tag);

        let heard = heard(&mut net);
        let said: Vec<_> = heard.iter().map(status).collect();
        assert_eq!(said, codes);
        ask(&mut net, request("ACK", 1, &tag, "", ""));
        net.tell(0, accept());
        net.settle();
        net.assert_empty();
    }
}

#[test]
fn what_comes_out_of_order_is_refused_but_an_acknowledgement_is_taken() {
    let mut net = net();
    let early = rung(&mut net, Some(ANSWER));
    update(&mut net, 3, &tag(&early), "");
    assert_eq!(status(&one(&mut net)), 200);

    ask(&mut net, prack(&early, 2, ""));
    assert_eq!(status(&one(&mut net)), 200, "it was overtaken");
    ask(&mut net, request("OPTIONS", 3, &tag(&early), "", ""));
    assert_eq!(status(&one(&mut net)), 500);
    let foreign = request("UPDATE", 5, &tag(&early), "", "").replace(";tag=p", ";tag=q");
    ask(&mut net, foreign);
    assert_eq!(status(&one(&mut net)), 481);

    net.tell(0, answer(IN));
    one(&mut net);
    end(&mut net, &tag(&early));
}

#[test]
fn a_session_is_refreshed_by_what_was_agreed_on_last() {
    let mut net = net();
    let tag = agreed(&mut net);
    update(&mut net, 3, &tag, offer_text());
    offered(&mut net);
    net.tell(0, accept());
    one(&mut net);
    net.tell(0, answer(IN));
    one(&mut net);
    ask(&mut net, request("ACK", 1, &tag, "", ""));

    net.run_for(Duration::from_secs(901));

    let refresh = heard(&mut net).pop().unwrap();
    assert_eq!(refresh.method().as_str(), "INVITE");
    assert_eq!(refresh.body(), LATER);
}

#[test]
fn a_prack_that_our_2xx_crossed_is_taken_once() {
    for acknowledged in [false, true] {
        let mut net = net();
        let early = rung(&mut net, None);
        net.tell(0, answer(IN));
        assert_eq!(status(&one(&mut net)), 200, "ringing is not waited for");
        if acknowledged {
            ask(&mut net, request("ACK", 1, &tag(&early), "", ""));
        }

        ask(&mut net, prack(&early, 2, ""));
        assert_eq!(status(&one(&mut net)), 200, "RFC 3262, section 3");

        ask(&mut net, prack(&early, 3, ""));
        assert_eq!(status(&one(&mut net)), 481, "it was acknowledged");
    }
}
