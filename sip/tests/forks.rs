//! What the ends that a call of ours rings at ask before one of them answers: offers by UPDATE in early dialogs (RFC 3311 §5.2).
//! They are played by hand.

#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use std::time::Duration;

use bytes::Bytes;
use net::peer::{PEER, SDP, heard, net, offer_text, one, request, status};
use net::{ANSWER, Net, OFFER, address, dial, hang_up};
use sip::endpoint::{CallKey, Command, Event, Fork};
use sip::message::{Header, Message, StatusCode};

const OUT: CallKey = CallKey::Out(1);
/// What we say to an offer.
const LATER: &[u8] = b"v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4002 RTP/AVP 8\r\n";

/// Answers our INVITE as the end `tag`; reliably where a number is given.
fn respond(net: &mut Net, invite: &Message, code: u16, tag: &str, rseq: Option<u32>, sdp: &[u8]) {
    let status = StatusCode::try_from(code).unwrap();
    let contact = format!("<sip:{tag}@{}>", address(PEER));
    let builder = invite
        .response_because(status, "Any", Some(tag))
        .header(Header::Contact, contact)
        .maybe(Header::Require, rseq.map(|_| "100rel"))
        .maybe(Header::RSeq, rseq);
    let body = Bytes::copy_from_slice(sdp);
    net.inject(
        0,
        address(PEER),
        builder.body("application/sdp", body).build(),
    );
}

/// Rings reliably as the end `tag`, with `sdp`, and takes our PRACK.
fn rings(net: &mut Net, invite: &Message, tag: &str, sdp: &[u8]) {
    respond(net, invite, 183, tag, Some(7), sdp);
    let prack = one(net);
    assert_eq!(prack.method().as_str(), "PRACK");
    let ok = prack.response(StatusCode::OK, None);
    net.inject(0, address(PEER), ok.build());
}

/// A request of the end `tag` in our call.
fn ask(net: &mut Net, invite: &Message, tag: &str, (method, cseq): (&str, u32), offer: &str) {
    let kind = if offer.is_empty() { "" } else { SDP };
    let ours = invite.from().tag().unwrap();
    let text = request(method, cseq, ours, kind, offer)
        .replace("Call-ID: x", &format!("Call-ID: {}", invite.call_id()))
        .replace(";tag=p", &format!(";tag={tag}"))
        .replace("branch=z9hG4bK", &format!("branch=z9hG4bK{tag}"))
        .replace("<sip:p@", &format!("<sip:{tag}@"));
    net.inject(0, address(PEER), text);
}

fn update(net: &mut Net, invite: &Message, tag: &str, cseq: u32, offer: &str) {
    ask(net, invite, tag, ("UPDATE", cseq), offer);
}

fn dialled(net: &mut Net) -> Message {
    net.tell(0, dial(OUT, "peer", 1));
    one(net)
}

fn offered(net: &mut Net) -> Option<Fork> {
    net.wait(0, |event| match event {
        Event::Offered { fork, sdp, .. } => sdp.as_ref().map(|_| *fork),
        _ => None,
    })
}

fn progressed(net: &mut Net) -> (Option<Fork>, bool) {
    net.wait(0, |event| match event {
        Event::Progress { fork, sdp, .. } => Some((*fork, sdp.is_some())),
        _ => None,
    })
}

fn answered(net: &mut Net) -> (Option<Fork>, Option<Bytes>) {
    net.wait(0, |event| match event {
        Event::Answered { fork, sdp, .. } => Some((*fork, sdp.clone())),
        _ => None,
    })
}

fn accept(net: &mut Net, fork: Option<Fork>) {
    net.tell(
        0,
        Command::AcceptOffer {
            call: OUT,
            fork,
            sdp: Bytes::from_static(LATER),
        },
    );
}

/// Ends the call from our end; nothing is left of it.
fn end(net: &mut Net) {
    net.tell(0, hang_up(OUT));
    let bye = heard(net).pop().unwrap();
    assert_eq!(bye.method().as_str(), "BYE");
    let ok = bye.response(StatusCode::OK, None);
    net.inject(0, address(PEER), ok.build());
    net.settle();
    net.assert_empty();
}

#[test]
fn each_end_s_offer_is_put_to_the_owner_by_its_name_and_answered_in_its_dialog() {
    let mut net = net();
    let invite = dialled(&mut net);
    rings(&mut net, &invite, "one", ANSWER);
    rings(&mut net, &invite, "two", ANSWER);
    let forks = [progressed(&mut net), progressed(&mut net)].map(|(fork, _)| fork);
    assert_ne!(forks[0], forks[1]);

    update(&mut net, &invite, "one", 10, offer_text());
    update(&mut net, &invite, "two", 20, offer_text());
    assert_eq!(offered(&mut net), forks[0]);
    assert_eq!(offered(&mut net), forks[1]);
    accept(&mut net, forks[1]);
    let second = one(&mut net);
    accept(&mut net, forks[0]);
    let first = one(&mut net);

    for (ok, tag, cseq) in [(&first, "one", 10), (&second, "two", 20)] {
        assert_eq!((status(ok), ok.body()), (200, Bytes::from_static(LATER)));
        assert_eq!((ok.from().tag(), ok.cseq().number), (Some(tag), cseq));
        assert_eq!(ok.header(Header::Contact), invite.header(Header::Contact));
    }
    respond(&mut net, &invite, 200, "two", None, ANSWER);
    assert_eq!(
        answered(&mut net),
        (forks[1], None),
        "what was agreed on since holds"
    );
    assert_eq!(one(&mut net).method().as_str(), "ACK");
    end(&mut net);
}

#[test]
fn an_end_that_offered_nothing_is_answered_by_its_own_description() {
    let mut net = net();
    let invite = dialled(&mut net);
    rings(&mut net, &invite, "one", ANSWER);
    let (fork, described) = progressed(&mut net);
    assert!(described);

    respond(&mut net, &invite, 200, "one", None, ANSWER);

    assert_eq!(answered(&mut net), (fork, Some(Bytes::from_static(ANSWER))));
    one(&mut net);
    end(&mut net);
}

#[test]
fn what_is_described_after_an_offer_was_taken_is_passed_over() {
    let mut net = net();
    let invite = dialled(&mut net);
    rings(&mut net, &invite, "one", ANSWER);
    progressed(&mut net);
    update(&mut net, &invite, "one", 10, offer_text());
    let fork = offered(&mut net);
    accept(&mut net, fork);
    one(&mut net);

    respond(&mut net, &invite, 183, "one", Some(8), ANSWER);

    assert_eq!(progressed(&mut net), (fork, false));
    assert_eq!(one(&mut net).method().as_str(), "PRACK");
}

#[test]
fn before_our_offer_is_answered_reliably_theirs_meets_it() {
    for (reliable, sdp) in [(None, ANSWER), (Some(7), b"".as_slice())] {
        let mut net = net();
        let invite = dialled(&mut net);
        respond(&mut net, &invite, 183, "one", reliable, sdp);
        heard(&mut net);

        update(&mut net, &invite, "one", 10, offer_text());
        assert_eq!(status(&one(&mut net)), 491, "{reliable:?}");
        update(&mut net, &invite, "one", 11, "");
        assert_eq!(status(&one(&mut net)), 200);
        ask(&mut net, &invite, "one", ("INVITE", 12), offer_text());
        assert_eq!(status(&one(&mut net)), 491);
    }
}

#[test]
fn a_refused_offer_leaves_the_end_s_answer_in_force() {
    let mut net = net();
    let invite = dialled(&mut net);
    rings(&mut net, &invite, "one", ANSWER);
    update(&mut net, &invite, "one", 10, offer_text());
    let fork = offered(&mut net);

    net.tell(
        0,
        Command::RefuseOffer {
            call: OUT,
            fork,
            code: 488,
            warning: None,
        },
    );

    assert_eq!(status(&one(&mut net)), 488);
    respond(&mut net, &invite, 200, "one", None, ANSWER);
    assert_eq!(answered(&mut net).1, Some(Bytes::from_static(ANSWER)));
    one(&mut net);
    end(&mut net);
}

#[test]
fn one_that_is_open_at_the_answer_is_answered_after_it() {
    let mut net = net();
    let invite = dialled(&mut net);
    rings(&mut net, &invite, "one", ANSWER);
    update(&mut net, &invite, "one", 10, offer_text());
    let fork = offered(&mut net);

    respond(&mut net, &invite, 200, "one", None, ANSWER);
    assert_eq!(answered(&mut net), (fork, None));
    assert_eq!(one(&mut net).method().as_str(), "ACK");
    accept(&mut net, fork);

    let ok = one(&mut net);
    assert_eq!((status(&ok), ok.body()), (200, Bytes::from_static(LATER)));
    ask(&mut net, &invite, "one", ("OPTIONS", 9), "");
    assert_eq!(
        status(&one(&mut net)),
        500,
        "its numbers go on in the answered call"
    );
    end(&mut net);
}

#[test]
fn what_others_asked_ends_with_the_answer_of_one_and_with_the_call() {
    type Ends = fn(&mut Net, &Message);
    let ends: [(Ends, &[u16]); 3] = [
        (
            |net, invite| respond(net, invite, 200, "two", None, ANSWER),
            &[487, 0],
        ),
        (
            |net, invite| respond(net, invite, 486, "two", None, b""),
            &[487, 0],
        ),
        (|net, _| net.tell(0, hang_up(OUT)), &[487, 0]),
    ];
    for (ends, codes) in ends {
        let mut net = net();
        let invite = dialled(&mut net);
        rings(&mut net, &invite, "one", ANSWER);
        update(&mut net, &invite, "one", 10, offer_text());
        offered(&mut net);

        ends(&mut net, &invite);

        let said: Vec<_> = heard(&mut net).iter().map(status).collect();
        assert!(
            said.contains(&codes[0]) && said.len() == codes.len(),
            "{said:?}"
        );
    }
}

#[test]
fn nobody_answers_an_offer_and_it_is_refused_while_the_call_rings_on() {
    let mut net = net();
    let invite = dialled(&mut net);
    rings(&mut net, &invite, "one", ANSWER);
    update(&mut net, &invite, "one", 10, offer_text());
    offered(&mut net);

    net.run_for(Duration::from_secs(4));

    assert_eq!(status(&one(&mut net)), 504);
    respond(&mut net, &invite, 200, "one", None, ANSWER);
    assert_eq!(answered(&mut net).1, Some(Bytes::from_static(ANSWER)));
    one(&mut net);
    end(&mut net);
}

#[test]
fn a_call_whose_end_offered_is_refreshed_by_what_was_agreed_on_then() {
    let mut net = net();
    let invite = dialled(&mut net);
    rings(&mut net, &invite, "one", ANSWER);
    update(&mut net, &invite, "one", 10, offer_text());
    let fork = offered(&mut net);
    accept(&mut net, fork);
    one(&mut net);
    respond(&mut net, &invite, 200, "one", None, b"");
    one(&mut net);

    net.run_for(Duration::from_secs(901));

    let refresh = heard(&mut net).pop().unwrap();
    assert_eq!(refresh.method().as_str(), "INVITE");
    assert_eq!(refresh.body(), LATER);
    assert_ne!(refresh.body(), OFFER);
}
