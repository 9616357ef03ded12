//! What anybody may send to the port of all browsers: STUN, DTLS and SRTP that were bent, cut, or made up.

use proptest::prelude::*;

use super::*;

/// Whose datagram is bent.
#[derive(Clone, Debug)]
enum Base {
    Check,
    Hello,
    Voice,
    Bytes(Vec<u8>),
}

fn base() -> impl Strategy<Value = Base> {
    let first = prop_oneof![0u8..4, 20u8..64, 128u8..192, any::<u8>()];
    let bytes = (first, prop::collection::vec(any::<u8>(), 0..300));
    prop_oneof![
        Just(Base::Check),
        Just(Base::Hello),
        Just(Base::Voice),
        bytes.prop_map(|(first, rest)| Base::Bytes([vec![first], rest].concat())),
    ]
}

/// A datagram, how much of it is left, and one byte that is another.
fn datagrams() -> impl Strategy<Value = Vec<(Base, u8, u16, u8)>> {
    let one = (
        base(),
        prop_oneof![Just(100u8), 0u8..100],
        any::<u16>(),
        1u8..,
    );
    prop::collection::vec(one, 1..60)
}

fn bent((base, left, at, by): (Base, u8, u16, u8), bases: &[Vec<u8>; 3]) -> Vec<u8> {
    let mut datagram = match base {
        Base::Check => bases[0].clone(),
        Base::Hello => bases[1].clone(),
        Base::Voice => bases[2].clone(),
        Base::Bytes(bytes) => bytes,
    };
    // The last eight bytes of a check are a sum that proves nothing.
    let covered = datagram.len().saturating_sub(8).max(1);
    datagram[usize::from(at) % covered] ^= by;
    datagram.truncate((datagram.len() * usize::from(left)).div_ceil(100));
    datagram
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn strangers_are_told_nothing_and_take_nothing_from_a_call(sent in datagrams(), forges: bool) {
        let (mut browsers, mut browser, now) = connected();
        let hello = far::stray(&browser.identity, browser.identity.fingerprint(), now).poll_transmit();
        let voice = browser.association.seal_rtp(&packet(1, 0x55)).unwrap();
        let bases = [browser.check("ours", true), hello.unwrap().to_vec(), voice.to_vec()];
        let ways = browsers.by_way.len();

        for one in sent {
            let stranger = bent(one, &bases);
            prop_assert!(browsers.handle(at(6666), &stranger, now).is_none());
            prop_assert!(browsers.poll_transmit().is_none(), "{stranger:?} was answered");
            // SRTP has its proof in each packet, whoever says they sent it.
            if forges && kind(&stranger) == Kind::Srtp {
                prop_assert!(browsers.handle(browser.at, &stranger, now).is_none());
            }
        }

        prop_assert_eq!(browsers.by_way.len(), ways);
        prop_assert_eq!(browsers.poll_event(), None);
        let sealed = browser.association.seal_rtp(&packet(2, 0x66)).unwrap();
        let (index, opened) = browsers.handle(browser.at, &sealed, now).unwrap();
        prop_assert_eq!((index, &opened[..]), (LEG, &packet(2, 0x66)[..]));
    }
}
