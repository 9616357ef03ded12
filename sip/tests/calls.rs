//! Whole calls between two endpoints.

mod net;

use net::{ANSWER, Net, Weather, answer, arrived, dial, hang_up};
use sip::endpoint::{CallKey, Command, EndedBy, Event, SessionId, Tag, Transport};

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
