//! Challenges of several realms for one request: a server, and the proxies on the way to it (RFC 3261 §22.2, §22.3).

#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use std::time::Duration;

use net::peer::{PEER, heard, one, status};
use net::{ANSWER, Net, Weather, address, config, dial, hang_up, trunk};
use sip::digest::Authorization;
use sip::endpoint::{CallKey, Event, Transport};
use sip::message::{Header, Message, Method, StatusCode};
use sip::trunk::{Reach, TrunkCredentials};

const OUT: CallKey = CallKey::Out(1);

/// Our end, number 0, with an account at the trunk `peer`.
fn house(reach: Reach) -> Net {
    let mut net = Net::new(1, Weather::FAIR);
    let mut ours = config(1);
    let mut carrier = trunk("peer", address(PEER), Transport::Udp);
    carrier.reach = reach;
    carrier.credentials = Some(TrunkCredentials {
        user: "anna".into(),
        password: "secret".into(),
    });
    ours.trunks.push(carrier);
    net.add(1, ours);
    net
}

fn server(realm: &str, nonce: &str) -> (Header, String) {
    (Header::WwwAuthenticate, asks(realm, nonce))
}

fn proxy(realm: &str, nonce: &str) -> (Header, String) {
    (Header::ProxyAuthenticate, asks(realm, nonce))
}

fn asks(realm: &str, nonce: &str) -> String {
    format!("Digest realm=\"{realm}\", nonce=\"{nonce}\", qop=\"auth\"")
}

fn says(net: &mut Net, request: &Message, code: u16, headers: &[(Header, String)]) {
    let status = StatusCode::try_from(code).unwrap();
    let builder = headers.iter().fold(
        request.response(status, Some("p")),
        |builder, (header, value)| builder.header(*header, value),
    );
    net.inject(0, address(PEER), builder.build());
}

fn answers(net: &mut Net, invite: &Message) {
    let bytes = invite
        .response(StatusCode::OK, Some("p"))
        .header(Header::Contact, format_args!("<sip:p@{}>", address(PEER)))
        .body("application/sdp", ANSWER)
        .build();
    net.inject(0, address(PEER), bytes);
}

/// Takes the request after a challenge, past the ACK of what was refused.
fn again(net: &mut Net, method: &Method) -> Message {
    let mut heard = heard(net);
    heard.retain(|message| status(message) == 0 && message.method() == method);
    assert_eq!(heard.len(), 1, "{heard:#?}");
    heard.remove(0)
}

/// The realms that a request proves itself to, and how often their nonces were used.
fn proofs(request: &Message) -> Vec<(String, Option<u32>)> {
    let of = |answer: Authorization| (answer.realm, answer.nc);
    let server = request.authorization().map(of);
    server
        .chain(request.proxy_authorization().map(of))
        .collect()
}

fn proved(realms: &[(&str, u32)]) -> Vec<(String, Option<u32>)> {
    let of = |&(realm, count): &(&str, u32)| (realm.to_owned(), Some(count));
    realms.iter().map(of).collect()
}

#[test]
fn a_proxy_and_the_server_behind_it_are_both_answered_for_the_whole_call() {
    let mut net = house(Reach::default());
    net.tell(0, dial(OUT, "peer", 5));
    let plain = one(&mut net);

    says(&mut net, &plain, 407, &[proxy("edge", "n1")]);
    let first = again(&mut net, &Method::Invite);
    says(&mut net, &first, 401, &[server("uas", "n2")]);
    let second = again(&mut net, &Method::Invite);
    answers(&mut net, &second);
    let ack = one(&mut net);
    net.tell(0, hang_up(OUT));
    let bye = one(&mut net);

    assert_eq!(proofs(&plain), []);
    assert_eq!(proofs(&first), proved(&[("edge", 1)]));
    assert_eq!(proofs(&second), proved(&[("uas", 1), ("edge", 2)]));
    assert_eq!(proofs(&ack), proved(&[("uas", 2), ("edge", 3)]));
    assert_eq!(proofs(&bye), proved(&[("uas", 3), ("edge", 4)]));
}

#[test]
fn all_challenges_of_one_response_are_answered() {
    for code in [401, 407] {
        let mut net = house(Reach::default());
        net.tell(0, dial(OUT, "peer", 5));
        let plain = one(&mut net);

        let both = [
            server("uas", "n1"),
            proxy("edge", "n2"),
            proxy("core", "n3"),
        ];
        says(&mut net, &plain, code, &both);

        let first = again(&mut net, &Method::Invite);
        let all = [("uas", 1), ("edge", 1), ("core", 1)];
        assert_eq!(proofs(&first), proved(&all), "{code}");
    }
}

#[test]
fn a_registrar_behind_a_proxy_has_both_answers_when_it_is_asked_again() {
    let mut net = house(Reach {
        register: Some(Duration::from_secs(600)),
        domain: "example.test".into(),
        ..Reach::default()
    });
    let now = net.now;
    net.ends[0].endpoint.start(now);
    let asked = |net: &mut Net| again(net, &Method::Register);
    let plain = asked(&mut net);

    says(&mut net, &plain, 401, &[server("carrier", "n1")]);
    let first = asked(&mut net);
    says(&mut net, &first, 407, &[proxy("edge", "n2")]);
    let second = asked(&mut net);
    says(&mut net, &second, 200, &[(Header::Expires, "600".into())]);
    net.run_for(Duration::from_secs(300));
    let refreshed = asked(&mut net);

    assert_eq!(proofs(&first), proved(&[("carrier", 1)]));
    assert_eq!(proofs(&second), proved(&[("carrier", 2), ("edge", 1)]));
    assert_eq!(proofs(&refreshed), proved(&[("carrier", 3), ("edge", 2)]));
}

#[test]
fn a_realm_that_refused_us_ends_the_call_whoever_else_asks() {
    let mut net = house(Reach::default());
    net.tell(0, dial(OUT, "peer", 5));
    let plain = one(&mut net);
    says(&mut net, &plain, 407, &[proxy("edge", "n1")]);
    let first = again(&mut net, &Method::Invite);

    let refused = [proxy("edge", "n2"), server("uas", "n3")];
    says(&mut net, &first, 407, &refused);

    net.wait(0, |event| {
        matches!(event, Event::Failed { code: 407, .. }).then_some(())
    });
}

#[test]
fn no_more_than_four_realms_are_answered() {
    let mut net = house(Reach::default());
    net.tell(0, dial(OUT, "peer", 5));
    let mut invite = one(&mut net);

    for realm in ["a", "b", "c", "d"] {
        says(&mut net, &invite, 407, &[proxy(realm, realm)]);
        invite = again(&mut net, &Method::Invite);
    }
    says(&mut net, &invite, 407, &[proxy("e", "e")]);

    net.wait(0, |event| {
        matches!(event, Event::Failed { code: 407, .. }).then_some(())
    });
    let all = [("a", 4), ("b", 3), ("c", 2), ("d", 1)];
    assert_eq!(proofs(&invite), proved(&all));
}
