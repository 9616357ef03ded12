//! Whole calls between two endpoints.

#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use std::time::Duration;

use bytes::Bytes;
use net::{ANSWER, Net, OFFER, Weather, answer, arrived, dial, hang_up};
use sip::endpoint::{CallKey, Command, EndedBy, Event, SessionId, Tag, Target, Transport};
use sip::message::Message;

const OUT: CallKey = CallKey::Out(1);

/// Sets up a call from end 0 to end 1 and returns its key at end 1.
fn call(net: &mut Net) -> CallKey {
    net.tell(0, dial(OUT, "b", 0xa));
    let call = net.wait(1, arrived);
    net.tell(
        1,
        Command::Adopt {
            call,
            tag: Tag {
                session: SessionId(0xb),
                headers: Vec::new(),
            },
        },
    );
    net.tell(
        1,
        Command::Ring {
            call,
            code: 180,
            reason: None,
            sdp: None,
        },
    );
    net.wait(0, |event| {
        matches!(event, Event::Progress { code: 180, .. }).then_some(())
    });
    net.tell(1, answer(call));
    net.wait(0, |event| {
        matches!(event, Event::Answered { sdp: Some(sdp), .. } if sdp[..] == *ANSWER).then_some(())
    });
    net.wait(1, |event| {
        matches!(event, Event::Confirmed { sdp: None, .. }).then_some(())
    });
    call
}

fn ended(net: &mut Net, end: usize) -> EndedBy {
    net.wait(end, |event| match event {
        Event::Ended { by, .. } => Some(*by),
        _ => None,
    })
}

#[test]
fn a_call_is_answered_and_ended_by_either_side_and_nothing_is_left() {
    for transport in [
        Transport::Udp,
        Transport::Tcp,
        Transport::Tls,
        Transport::Ws,
    ] {
        for hangs_up in [0, 1] {
            let mut net = Net::pair(1, Weather::FAIR, transport);
            let inbound = call(&mut net);

            net.tell(hangs_up, hang_up([OUT, inbound][hangs_up]));

            assert_eq!(ended(&mut net, hangs_up), EndedBy::Us, "{transport:?}");
            assert_eq!(ended(&mut net, 1 - hangs_up), EndedBy::Far, "{transport:?}");
            net.settle();
            net.assert_empty();
        }
    }
}

fn failed(net: &mut Net) -> u16 {
    net.wait(0, |event| match event {
        Event::Failed { code, .. } => Some(*code),
        _ => None,
    })
}

#[test]
fn a_call_goes_as_many_hops_as_it_may() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    let with = |few: u8| {
        let mut dial = dial(OUT, "b", 0xa);
        if let Command::Dial { hops, .. } = &mut dial {
            *hops = few;
        }
        dial
    };

    net.tell(0, with(0));
    assert_eq!(failed(&mut net), 483);
    assert!(net.sent.is_empty(), "it did not leave");
    net.tell(0, with(12));

    let hops = net.wait(1, |event| match event {
        Event::Arrived { arrival, .. } => Some(arrival.hops),
        _ => None,
    });
    assert_eq!(hops, 12);
}

#[test]
fn every_message_of_a_call_carries_both_session_ids_as_far_as_they_are_known() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    let inbound = call(&mut net);
    net.tell(
        0,
        Command::Offer {
            call: OUT,
            sdp: Bytes::from_static(OFFER),
        },
    );
    net.wait(1, |event| {
        matches!(event, Event::Offered { .. }).then_some(())
    });
    net.tell(
        1,
        Command::AcceptOffer {
            call: inbound,
            fork: None,
            sdp: Bytes::from_static(ANSWER),
        },
    );
    net.wait(0, |event| {
        matches!(event, Event::OfferAnswered { .. }).then_some(())
    });
    net.tell(1, hang_up(inbound));
    net.settle();

    for packet in &net.sent {
        let message = Message::parse(packet.bytes.clone()).unwrap();
        let ids = message.session_id().unwrap();
        let (ours, theirs) = if packet.from == net.ends[0].address {
            (0xa, 0xb)
        } else {
            (0xb, 0xa)
        };
        let is_first = packet.first_line().starts_with("INVITE sip:100@");
        assert_eq!(ids.local, SessionId(ours), "{}", packet.text());
        assert_eq!(
            ids.remote,
            Some(SessionId(if is_first { 0 } else { theirs })),
            "{}",
            packet.text()
        );
        let tagged = message.header("X-Interaction-ID").is_some();
        assert_eq!(
            tagged,
            ours == 0xa && packet.first_line() != "SIP/2.0 100 Trying",
            "{}",
            packet.text()
        );
    }
}

#[test]
fn busy_declined_and_silent_calls_fail_with_their_code() {
    for code in [486, 603, 404, 302, 503, 606] {
        let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
        net.tell(0, dial(OUT, "b", 0xa));
        let call = net.wait(1, arrived);

        net.tell(
            1,
            Command::Reject {
                call,
                code,
                reason: None,
                retry_after: Some(5),
                warning: None,
            },
        );

        assert_eq!(failed(&mut net), code);
        net.settle();
        net.assert_empty();
    }
}

#[test]
fn a_call_that_nobody_answers_is_cancelled_after_its_time() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    net.tell(0, dial(OUT, "b", 0xa));
    let call = net.wait(1, arrived);
    net.tell(
        1,
        Command::Ring {
            call,
            code: 180,
            reason: None,
            sdp: None,
        },
    );

    assert_eq!(failed(&mut net), 408);
    assert_eq!(net.now.since_start().as_secs(), 60);

    let cause = net.wait(1, |event| match event {
        Event::Cancelled { cause, .. } => Some(cause.clone()),
        _ => None,
    });
    assert_eq!(cause.unwrap().q850, Some(19));
    net.settle();
    net.assert_empty();
}

#[test]
fn a_peer_that_never_answers_or_cannot_be_reached_fails_the_call() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    net.drops = Some(Box::new(|_| true));
    net.tell(0, dial(OUT, "b", 0xa));
    assert_eq!(failed(&mut net), 408);
    assert_eq!(net.now.since_start().as_secs(), 32);
    net.assert_empty();

    let mut net = Net::pair(1, Weather::FAIR, Transport::Tcp);
    net.tell(0, dial(OUT, "b", 0xa));
    let (to, now) = (net.ends[1].address, net.now);
    net.ends[0]
        .endpoint
        .handle_transmit_failed(Transport::Tcp, to, now);
    net.drops = Some(Box::new(|_| true));
    net.tell(0, hang_up(CallKey::Out(9)));
    assert_eq!(failed(&mut net), 503);
    assert_eq!(net.ends[0].endpoint.counters().calls, 0);
}

#[test]
fn targets_that_are_not_there_fail_at_once() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    net.tell(0, dial(OUT, "nowhere", 0xa));
    assert_eq!(failed(&mut net), 404);

    let mut call = dial(OUT, "b", 0xa);
    if let Command::Dial { to, .. } = &mut call {
        *to = Target::Phone {
            user: "anna".into(),
        };
    }
    net.tell(0, call);
    assert_eq!(failed(&mut net), 480);
    net.assert_empty();
}

#[test]
fn a_cancel_at_any_moment_ends_the_call_on_both_sides() {
    for seed in 0..200 {
        let mut net = Net::pair(seed, Weather::stormy(0), Transport::Udp);
        net.tell(0, dial(OUT, "b", 0xa));
        let mut answered = None;
        let hang_up_at = Duration::from_millis(seed * 3);
        let mut hung_up = false;
        while net.now.since_start() < Duration::from_secs(2) {
            net.run_for(Duration::from_millis(1));
            let now = net.now.since_start();
            if !hung_up && now >= hang_up_at {
                hung_up = true;
                net.tell(0, hang_up(OUT));
            }
            let call = net.ends[1].events.iter().find_map(arrived);
            if let (Some(call), None, true) = (call, answered, now > Duration::from_millis(300)) {
                answered = Some(call);
                net.tell(1, answer(call));
            }
        }
        net.settle();

        net.assert_empty();
        let over = |event: &Event| {
            matches!(
                event,
                Event::Failed { .. } | Event::Ended { .. } | Event::Cancelled { .. }
            )
        };
        let arrivals = net.ends[1].events.iter().filter_map(arrived).count();
        for (end, expected) in [(0, 1), (1, arrivals)] {
            let ends = net.ends[end]
                .events
                .iter()
                .filter(|event| over(event))
                .count();
            assert_eq!(
                ends, expected,
                "seed {seed}, end {end}: {:#?}",
                net.ends[end].events
            );
        }
    }
}

#[test]
fn an_answer_that_crosses_a_cancel_is_acknowledged_and_ended() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    net.tell(0, dial(OUT, "b", 0xa));
    let call = net.wait(1, arrived);
    net.tell(
        1,
        Command::Ring {
            call,
            code: 180,
            reason: None,
            sdp: None,
        },
    );
    net.wait(0, |event| {
        matches!(event, Event::Progress { .. }).then_some(())
    });

    net.tell(0, hang_up(OUT));
    net.tell(1, answer(call));

    assert_eq!(failed(&mut net), 487);
    assert_eq!(ended(&mut net, 1), EndedBy::Far);
    net.settle();
    net.assert_empty();
}

#[test]
fn byes_that_cross_both_get_200_and_both_calls_end_once() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    let inbound = call(&mut net);

    net.tell(0, hang_up(OUT));
    net.tell(1, hang_up(inbound));
    net.settle();

    net.assert_empty();
    for end in &net.ends {
        assert_eq!(end.events.len(), 1, "{:?}", end.events);
    }
    let answers = net.sent.iter().filter(|packet| {
        packet.text().contains("CSeq: 1 BYE\r\n") || packet.first_line().contains("200")
    });
    assert!(answers.count() >= 3);
}

#[test]
fn without_an_ack_the_200_is_repeated_and_then_the_call_ends_by_itself() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    net.drops = Some(Box::new(|packet| packet.first_line().starts_with("ACK")));
    net.tell(0, dial(OUT, "b", 0xa));
    let call = net.wait(1, arrived);
    net.tell(1, answer(call));

    assert_eq!(ended(&mut net, 1), EndedBy::NoAck);
    assert_eq!(ended(&mut net, 0), EndedBy::Far);

    assert_eq!(net.now.since_start().as_secs(), 32);
    let acks = net
        .sent
        .iter()
        .filter(|packet| packet.first_line().starts_with("ACK"))
        .count();
    let answers = net.sent.iter().filter(|packet| {
        packet.text().contains("INVITE\r\n") && packet.first_line() == "SIP/2.0 200 OK"
    });
    assert_eq!(
        (acks, answers.count()),
        (11, 11),
        "each repetition is acknowledged"
    );
    net.settle();
    net.assert_empty();
}

#[test]
fn who_was_called_hangs_up_only_after_the_ack() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    let mut lost = 0;
    net.drops = Some(Box::new(move |packet| {
        lost += u32::from(packet.first_line().starts_with("ACK"));
        packet.first_line().starts_with("ACK") && lost <= 2
    }));
    net.tell(0, dial(OUT, "b", 0xa));
    let call = net.wait(1, arrived);
    net.tell(1, answer(call));
    net.tell(1, hang_up(call));

    assert_eq!(ended(&mut net, 1), EndedBy::Us);
    assert_eq!(ended(&mut net, 0), EndedBy::Far);

    let line = |start: &str| {
        net.sent
            .iter()
            .rposition(|packet| packet.first_line().starts_with(start))
    };
    assert!(line("ACK") < line("BYE"));
    assert_eq!(net.now.since_start().as_millis(), 1_520);
    net.settle();
    net.assert_empty();
}

#[test]
fn hold_and_resume_are_put_to_the_owner_of_either_side() {
    for asks in [0, 1] {
        let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
        let calls = [OUT, call(&mut net)];
        let other = 1 - asks;
        for round in 0..3 {
            net.tell(
                asks,
                Command::Offer {
                    call: calls[asks],
                    sdp: Bytes::from_static(OFFER),
                },
            );
            net.wait(other, |event| {
                matches!(event, Event::Offered { sdp: Some(_), .. }).then_some(())
            });
            if round == 1 {
                net.tell(
                    other,
                    Command::RefuseOffer {
                        call: calls[other],
                        fork: None,
                        code: 488,
                        warning: None,
                    },
                );
                net.wait(asks, |event| {
                    matches!(event, Event::OfferRefused { code: 488, .. }).then_some(())
                });
            } else {
                net.tell(
                    other,
                    Command::AcceptOffer {
                        call: calls[other],
                        fork: None,
                        sdp: Bytes::from_static(ANSWER),
                    },
                );
                net.wait(asks, |event| {
                    matches!(event, Event::OfferAnswered { .. }).then_some(())
                });
            }
        }

        net.tell(other, hang_up(calls[other]));
        assert_eq!(ended(&mut net, asks), EndedBy::Far);
        net.settle();
        net.assert_empty();
    }
}

#[test]
fn offers_that_meet_are_both_refused_with_491_and_both_pass_later() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    let calls = [OUT, call(&mut net)];
    for end in [0, 1] {
        net.tell(
            end,
            Command::Offer {
                call: calls[end],
                sdp: Bytes::from_static(OFFER),
            },
        );
    }

    // The side that was called waits less and passes first.
    for asks in [1, 0] {
        let other = 1 - asks;
        net.wait(other, |event| {
            matches!(event, Event::Offered { .. }).then_some(())
        });
        net.tell(
            other,
            Command::AcceptOffer {
                call: calls[other],
                fork: None,
                sdp: Bytes::from_static(ANSWER),
            },
        );
        net.wait(asks, |event| {
            matches!(event, Event::OfferAnswered { .. }).then_some(())
        });
    }

    let refused = net
        .sent
        .iter()
        .filter(|packet| packet.first_line().contains("491"))
        .count();
    assert_eq!(refused, 2);
    net.tell(0, hang_up(OUT));
    net.settle();
    net.assert_empty();
}

#[test]
fn an_offer_that_nobody_answers_is_refused_by_itself() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    call(&mut net);
    net.tell(
        0,
        Command::Offer {
            call: OUT,
            sdp: Bytes::from_static(OFFER),
        },
    );

    net.wait(0, |event| {
        matches!(event, Event::OfferRefused { code: 504, .. }).then_some(())
    });

    net.tell(0, hang_up(OUT));
    net.settle();
    net.assert_empty();
}

#[test]
fn calls_pass_through_loss_doubling_and_reordering() {
    for loss in [10, 20, 30] {
        for seed in 0..40 {
            println!("loss {loss} seed {seed}");
            let mut net = Net::pair(seed, Weather::stormy(loss), Transport::Udp);
            net.tell(0, dial(OUT, "b", 0xa));
            let inbound = net.wait(1, arrived);
            net.tell(1, answer(inbound));
            net.wait(0, |event| {
                matches!(event, Event::Answered { .. }).then_some(())
            });
            net.wait(1, |event| {
                matches!(event, Event::Confirmed { .. }).then_some(())
            });
            net.tell(1, hang_up(inbound));
            assert_eq!(ended(&mut net, 1), EndedBy::Us);
            assert_eq!(ended(&mut net, 0), EndedBy::Far);
            net.settle();
            net.assert_empty();
            assert_eq!(
                net.ends[1].events.len(),
                0,
                "one call arrived once: {:?}",
                net.ends[1].events
            );
        }
    }
}
