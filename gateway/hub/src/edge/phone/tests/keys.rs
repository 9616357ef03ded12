//! Keys that come as events or by INFO, and go on as either.

use super::*;
use sip::dtmf::Digit;

/// What both sides of a call agreed on.
#[derive(Clone, Copy, PartialEq)]
enum Has {
    Events,
    Neither,
}

fn described(has: Has, direction: &str) -> Bytes {
    let plain = text(&offer(direction)).to_owned();
    Bytes::from(match has {
        Has::Neither => plain,
        Has::Events => {
            plain.replace("RTP/AVP 8", "RTP/AVP 8 101") + "a=rtpmap:101 telephone-event/8000\r\n"
        }
    })
}

/// Bridges a caller (media leg 1) with a phone (media leg 2).
fn talking(caller: Has, phone: Has) -> Phones {
    let mut phones = phones(4000..=4099);
    let a = arrive(&mut phones, 1, Some(described(caller, "sendrecv")));
    phones.handle_media(opened(1, 4000), NOW);
    phones.handle_command(Command::Answer { leg: a }, NOW);
    let confirmed = Event::Confirmed {
        call: CallKey::In(1),
        sdp: None,
    };
    phones.handle_sip(confirmed, NOW);
    phones.handle_command(dial(2), NOW);
    phones.handle_media(opened(2, 4002), NOW);
    let answered = Event::Answered {
        call: CallKey::Out(2),
        fork: None,
        sdp: Some(described(phone, "sendrecv")),
        session: None,
        source: "192.0.2.1:5060".parse().unwrap(),
    };
    phones.handle_sip(answered, NOW);
    phones.handle_command(Command::Bridge { a, b: leg_id(2) }, NOW);
    drain(&mut phones);
    phones
}

fn info(phones: &mut Phones, digit: char, now: Timestamp) {
    let call = CallKey::In(1);
    phones.handle_sip(Event::Digit { call, digit }, now);
}

fn event(phones: &mut Phones, digit: char, now: Timestamp) {
    let (leg, digit) = (LegKey(1), key(digit));
    phones.handle_media(MediaEvent::Digit { leg, digit }, now);
}

fn key(digit: char) -> Digit {
    Digit::try_from(digit).unwrap()
}

fn after(milliseconds: u64) -> Timestamp {
    Timestamp(NOW.0 + milliseconds)
}

fn told(digit: char) -> Output {
    let leg = leg_id(1);
    Output::Hub(Input::Leg(LegNews::Digit { leg, digit }))
}

fn as_event(digit: char) -> Output {
    let (leg, digit) = (LegKey(2), key(digit));
    Output::Media(MediaCommand::Digit { leg, digit })
}

fn as_info(digit: char) -> Output {
    let (call, digit) = (CallKey::Out(2), key(digit));
    Output::Sip(SipCommand::Press { call, digit })
}

#[test]
fn a_key_by_info_reaches_the_other_side_by_the_way_it_has() {
    for (phone, pressed) in [(Has::Events, as_event('5')), (Has::Neither, as_info('5'))] {
        let mut phones = talking(Has::Neither, phone);

        info(&mut phones, '5', NOW);

        assert_eq!(drain(&mut phones), [told('5'), pressed]);
    }
}

#[test]
fn an_event_is_passed_on_by_the_media_plane_and_told_by_info_where_there_are_none() {
    for (phone, pressed) in [(Has::Events, None), (Has::Neither, Some(as_info('7')))] {
        let mut phones = talking(Has::Events, phone);

        event(&mut phones, '7', NOW);

        let expected: Vec<_> = [told('7')].into_iter().chain(pressed).collect();
        assert_eq!(drain(&mut phones), expected);
    }
}

#[test]
fn who_sends_each_key_both_ways_is_counted_once_whichever_comes_first() {
    for info_first in [false, true] {
        let mut phones = talking(Has::Events, Has::Events);
        for (n, digit) in "4711".chars().enumerate() {
            let at = 1_000 * n as u64;
            for way in [info_first, !info_first] {
                match way {
                    true => info(&mut phones, digit, after(at)),
                    false => event(&mut phones, digit, after(at + 20)),
                }
            }
        }
        phones.handle_timeout(after(60_000));

        let expected: Vec<_> = "4711".chars().map(told).collect();
        assert_eq!(drain(&mut phones), expected);
        assert_eq!(phones.poll_timeout(), None);
    }
}

#[test]
fn who_agreed_on_events_and_sends_info_alone_is_heard_in_order() {
    let mut phones = talking(Has::Events, Has::Events);

    info(&mut phones, '1', after(0));
    info(&mut phones, '2', after(300));
    let before = drain(&mut phones);
    let due = phones.poll_timeout().unwrap();
    phones.handle_timeout(due);
    info(&mut phones, '3', due);

    assert_eq!(before, []);
    assert_eq!(due, after(400));
    let all: Vec<_> = "123".chars().flat_map(|n| [told(n), as_event(n)]).collect();
    assert_eq!(drain(&mut phones), all);
}

#[test]
fn a_key_that_waits_goes_with_its_leg() {
    let mut phones = talking(Has::Events, Has::Events);
    info(&mut phones, '1', NOW);

    let ended = Event::Ended {
        call: CallKey::In(1),
        by: EndedBy::Far,
        cause: None,
    };
    phones.handle_sip(ended, NOW);
    drain(&mut phones);
    phones.handle_timeout(after(1_000));

    assert_eq!(drain(&mut phones), []);
    assert_eq!(phones.poll_timeout(), None);
}

#[test]
fn nobody_is_pressed_keys_of_a_leg_that_they_do_not_hear() {
    let mut phones = talking(Has::Neither, Has::Neither);
    let mute = Command::Mute {
        leg: leg_id(1),
        on: true,
    };
    phones.handle_command(mute, NOW);
    drain(&mut phones);

    info(&mut phones, '5', NOW);

    assert_eq!(drain(&mut phones), [told('5')]);
}

#[test]
fn keys_that_the_hub_presses_go_by_info_where_there_are_no_events() {
    for (phone, pressed) in [
        (Has::Events, [as_event('1'), as_event('#')]),
        (Has::Neither, [as_info('1'), as_info('#')]),
    ] {
        let mut phones = talking(Has::Neither, phone);

        let press = Command::Press {
            leg: leg_id(2),
            digits: "1x#".to_owned(),
        };
        phones.handle_command(press, NOW);

        assert_eq!(drain(&mut phones), pressed);
    }
}
